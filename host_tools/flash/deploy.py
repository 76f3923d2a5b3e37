"""The command behind `make flash BOARD=navigation_pico PORT=/dev/ttyACM0`, for real and emulated boards.

Exit codes: 0 done, 1 refused or failed (one line on standard error), 2 bad input (one line), 130 interrupted.
"""

import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn
from rich.progress import Progress as Bar

from host_tools.flash import board_files, esp32, ports
from host_tools.flash.announcement import AnnouncementError
from host_tools.flash.board_files import BoardError
from host_tools.flash.deployment import DeployError, Progress, deploy
from host_tools.flash.esp32 import Esp32Error
from host_tools.flash.plan import Plan
from host_tools.flash.ports import PortError
from host_tools.flash.remote import Remote, RemoteError

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
_AGAIN = "the same command again brings the board to the right state"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
# click's UsageError, which newer typers carry inside themselves
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])


def main() -> None:
    """Entry point of `python -m host_tools.flash.deploy`."""
    signal.signal(signal.SIGTERM, _interrupt)  # mpremote is to end with us
    try:
        code = app(standalone_mode=False)
    except _UsageError as error:
        code = _complain(cast(Any, error).format_message(), BAD_INPUT)
    sys.exit(code)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


@app.command()
def flash(
    board: Annotated[str | None, typer.Argument(help="A folder of boards/, as in navigation_pico.")] = None,
    port: Annotated[
        str | None,
        typer.Option(
            envvar="PORT",
            help="/dev/ttyACM0, an emulated board's /dev/pts/3, a0, u0, id:SERIAL; without: the only board.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be copied; the board is reset.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Copy every file, also those that are there.")
    ] = False,
    firmware: Annotated[
        Path | None,
        typer.Option(help="ESP32: write this image of MicroPython first (erases the board; needs esptool)."),
    ] = None,
) -> int:
    """Put the flight program onto a board, verify it there and wait until the board announces it.

    The board needs the pinned MicroPython. Only what differs is copied; files of your own are left alone.
    If anything cuts it off, run it again.
    """
    try:
        if board is None:
            raise BoardError(
                f"name the board, as in BOARD=navigation_pico: {', '.join(board_files.board_names())}"
            )
        described = board_files.description(board)
        device = ports.find(port, described.chip)
    except (BoardError, PortError) as error:
        return _complain(error, BAD_INPUT)
    try:
        if firmware is not None:
            print(f"Writing {firmware.name} with esptool (not yet tried on hardware)", file=sys.stderr)
            esp32.write(described, device, firmware)
        with _watching(f"{board} on {device}") as progress:
            todo, ready_s = deploy(described, Remote(device), force=force, dry_run=dry_run, progress=progress)
    except (BoardError, DeployError, RemoteError, AnnouncementError, Esp32Error) as error:
        return _complain(error, FAILED)
    except KeyboardInterrupt:
        return _complain(f"interrupted; {_AGAIN}", INTERRUPTED)
    if dry_run:
        _list(todo)
    else:
        _tell(board, device, todo, ready_s)
    return DONE


def _complain(reason: object, code: int) -> int:
    print(f"flash: {' '.join(str(reason).split())}", file=sys.stderr)
    return code


@contextlib.contextmanager
def _watching(title: str) -> Iterator[Progress]:
    """A bar on a terminal; elsewhere nothing, because a copy takes some seconds only."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[path]}"),
    )
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None, path="looking at what is there")

        def report(path: str, before: int, total: int) -> None:
            bar.update(task, completed=before, total=total, path=path)

        yield report


def _list(todo: Plan) -> None:
    for path in todo.copied:
        print(f"copy   {len(todo.files[path]):7,} B  {path}")
    for path in [*todo.stale, *todo.removed_folders]:
        print(f"remove            {path}")
    if todo.nothing_to_do:
        print("nothing to copy: the board holds these files already")


def _tell(board: str, device: str, todo: Plan, ready_s: float) -> None:
    size = sum(len(todo.files[path]) for path in todo.copied)
    copied = (
        f"{len(todo.copied)} of {len(todo.files)} files copied ({size:,} B)"
        if todo.copied
        else "nothing to copy"
    )
    removed = f", {len(todo.stale)} removed" if todo.stale else ""
    hash8 = board_files.manifest_hash(todo.files)[:8]
    print(f"{board} on {device}: {copied}{removed}, verified; {hash8} ready after {ready_s:.1f} s")


if __name__ == "__main__":
    main()
