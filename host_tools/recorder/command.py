"""`plumbline recorder PORT|IMAGE --out FILE`: a board's flight recorder as a table, CSV or Parquet."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from host_tools.recorder import source, table
from host_tools.recorder.decode import Ring, decode
from host_tools.replay.files import BadInput, check_file, write_file

_FORMATS = {".csv": table.as_csv, ".parquet": table.as_parquet}


def recorder(board_or_image: str, out: Path) -> str:
    """Read out, decode, write; returns what is to be said. Raises BadInput, RemoteError."""
    form = _FORMATS.get(out.suffix)
    if form is None:
        raise BadInput(f"--out {out}: ends in neither {' nor '.join(_FORMATS)}")
    check_file(out, "--out")
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"reading {board_or_image}", total=1.0)
        ring = decode(source.ring_from(board_or_image, lambda share: progress.update(task, completed=share)))
    if not ring.begins:
        raise BadInput(f"{board_or_image}: holds no recorder: no sector has its head")
    try:
        content = form(ring.records)
    except ImportError:
        raise BadInput(f"--out {out}: needs pyarrow (extra `campaign`): install it, or write CSV") from None
    write_file(out, content, "--out")
    return _said(ring, out)


def _said(ring: Ring, out: Path) -> str:
    damaged = f", {ring.damaged} pages with something else in them" if ring.damaged else ""
    return f"{out}: {len(ring.records):,} records of {len(ring.begins)} sectors{damaged}"
