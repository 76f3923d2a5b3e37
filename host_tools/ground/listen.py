"""`plumbline listen`: what is on a line, from a serial port or from a file of its bytes.

Exit codes: 0 at least one packet was heard, 1 none was or the port failed, 2 bad input.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import serial
from rich.console import Console
from rich.live import Live
from rich.progress import Progress, TaskID

from host_tools.flash import ports
from host_tools.flash.chips import CHIPS
from host_tools.flash.ports import PortError
from host_tools.ground.codec import Received
from host_tools.ground.ledger import Ledger, line
from host_tools.ground.screen import caption, table
from host_tools.replay.files import BadInput, check_file

HEARD, FAILED, BAD_INPUT = 0, 1, 2
_CHUNK_BYTES = 1 << 16
_READ_TIMEOUT_S = 0.1
_REDRAWN_EVERY_S = 0.25

Pieces = Iterator[tuple[bytes, float | None]]  # bytes, and when they came if that is known


def listen(source: str, baud: int, seconds: float | None, record: Path | None, is_plain: bool) -> int:
    """Show what is heard until the file's end, for `seconds`, or until Ctrl-C; returns the exit code."""
    ledger = Ledger()
    try:
        with contextlib.ExitStack() as stack:
            if Path(source).is_file():
                if record is not None:
                    raise BadInput("--record: what comes out of a file is in a file already")
                pieces = stack.enter_context(_file(Path(source), is_plain))
            else:
                pieces = _port(stack, source, baud, seconds, record)
            with contextlib.suppress(KeyboardInterrupt):  # it is how one ends it
                (_print_lines if is_plain else _live)(ledger, pieces, source)
    except (BadInput, PortError) as error:
        return _complain(error, BAD_INPUT)
    except (OSError, serial.SerialException) as error:
        return _complain(f"{source}: {getattr(error, 'strerror', None) or error}", FAILED)
    if is_plain:
        print(caption(ledger), file=sys.stderr)
    if not ledger.reader.accepted:
        return _complain(f"{source}: no packet among {ledger.reader.bytes:,} bytes", FAILED)
    return HEARD


@contextlib.contextmanager
def _file(path: Path, is_plain: bool) -> Iterator[Pieces]:
    """The bytes of a file, with a bar on a terminal."""
    console = Console(stderr=True)
    with path.open("rb") as file:
        if is_plain or not console.is_terminal:
            yield ((chunk, None) for chunk in iter(lambda: file.read(_CHUNK_BYTES), b""))
            return
        with Progress(console=console, transient=True) as progress:
            bar = progress.add_task(path.name, total=path.stat().st_size)
            yield _counted(file, progress, bar)


def _counted(file: BinaryIO, progress: Progress, bar: TaskID) -> Pieces:
    while chunk := file.read(_CHUNK_BYTES):
        progress.advance(bar, len(chunk))
        yield chunk, None


def _port(
    stack: contextlib.ExitStack, named: str, baud: int, seconds: float | None, record: Path | None
) -> Pieces:
    """What comes in at a port, and a copy of it in the file `record`."""
    device = ports.find(named, CHIPS["rp2040"])
    if record is not None:
        check_file(record, "--record")
    opened = stack.enter_context(serial.serial_for_url(device, baud, timeout=_READ_TIMEOUT_S))
    copy = stack.enter_context(_recording(record)) if record is not None else None
    return _coming(opened, seconds, copy)


def _coming(opened: Any, seconds: float | None, copy: BinaryIO | None) -> Pieces:
    """Bytes as they come; nothing now and then, so that the screen stays alive."""
    began_s = time.monotonic()
    while True:
        data = opened.read(max(1, opened.in_waiting))
        now_s = time.monotonic() - began_s
        if copy is not None:
            copy.write(data)
        yield data, now_s
        if seconds is not None and now_s >= seconds:
            return


@contextlib.contextmanager
def _recording(path: Path) -> Iterator[BinaryIO]:
    """A file that has its name only at the end; what was heard before a port failed is kept too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with staged.open("wb") as file:
        try:
            yield file
        finally:
            file.flush()
            os.replace(staged, path)


def _print_lines(ledger: Ledger, pieces: Pieces, _source: str) -> None:
    for data, now_s in pieces:
        for item in ledger.feed(data, now_s):
            print(line(item) if isinstance(item, Received) else f"rejected {item.kind}: {item}", flush=True)


def _live(ledger: Ledger, pieces: Pieces, source: str) -> None:
    """A table that is drawn again and again; where there is no terminal, once at the end."""
    drawn_s = -_REDRAWN_EVERY_S
    console = Console()
    is_file = Path(source).is_file()
    screen = Live(console=console, auto_refresh=False) if console.is_terminal and not is_file else None
    with screen or contextlib.nullcontext():
        try:
            for data, now_s in pieces:
                ledger.feed(data, now_s)
                if screen is not None and now_s is not None and now_s - drawn_s >= _REDRAWN_EVERY_S:
                    drawn_s = now_s
                    screen.update(table(ledger, f"{source}  {now_s:.0f} s"), refresh=True)
        finally:
            if screen is not None:
                screen.update(table(ledger, source), refresh=True)
    if screen is None:
        console.print(table(ledger, source))


def _complain(reason: object, code: int) -> int:
    print(f"plumbline listen: {reason}", file=sys.stderr)
    return code
