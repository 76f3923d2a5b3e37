"""`plumbline emulate BOARD`: a board without the board, until Ctrl-C or the end of a command.

Its flash is kept in build/emulator/BOARD.flash, so that what was copied onto it is there next time.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from host_tools.emulator.bench_parts import parts
from host_tools.emulator.chip import Chip, ChipError
from host_tools.emulator.node import BUILD
from host_tools.emulator.status import Status
from host_tools.emulator.terminal import Terminal
from host_tools.flash.board_files import BoardError, description

STOPPED, BAD_INPUT = 1, 2
EMULATED_MCU = "rp2040"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_S = 2.0  # for a command that is told to end


class EmulationError(Exception):
    """What was asked for cannot be emulated; the message is one line that says what to do."""


def emulate(
    board: str,
    uf2: Path | None,
    flash: Path | None,
    empty: bool,
    command: Sequence[str] = (),
    folder: Path | None = None,
) -> int:
    """Serve an emulated board on a PTY; returns the exit code, after one line when it cannot be done.

    With a `command`, which runs in `folder` and finds the PTY's name in $PORT, until that ends, and
    with its exit code.
    """
    from host_tools.flash.firmware import FirmwareError, firmware

    flash = flash or BUILD / f"{board}.flash"
    try:
        _check(board)
        with owned(flash):
            uf2 = uf2 or firmware().uf2
            with Chip(uf2, None if empty else flash) as chip:
                return _serve(board, chip, flash, command, folder)
    except (EmulationError, BoardError, FirmwareError, OSError) as error:
        return _complain(error, BAD_INPUT)
    except ChipError as error:
        return _complain(error, STOPPED)


def _complain(error: Exception, code: int) -> int:
    print(f"plumbline: {error}", file=sys.stderr)
    return code


def _check(board: str) -> None:
    mcu = description(board).chip.name
    if mcu != EMULATED_MCU:
        raise EmulationError(f"{board} is a board with {mcu}: only {EMULATED_MCU} can be emulated")


@contextlib.contextmanager
def owned(flash: Path) -> Iterator[None]:
    """Keep a second emulator off the same flash file. Raises EmulationError."""
    if flash.is_dir():
        raise EmulationError(f"{flash} is a folder: name a file for the flash")
    flash.parent.mkdir(parents=True, exist_ok=True)
    with open(flash.with_name(f"{flash.name}.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmulationError(
                f"{flash} is in use by an emulated board: use that board, or name another file by --flash"
            ) from None
        yield


def _serve(board: str, chip: Chip, flash: Path, command: Sequence[str], folder: Path | None) -> int:
    with Terminal(chip, flash, parts(board, chip)) as terminal, _stopping() as stopped:
        if command:
            return _during(command, folder, terminal, stopped)
        with Status(board, terminal, flash) as status:
            terminal.serve(lambda: status.tick() or bool(stopped))
        return 0


@contextlib.contextmanager
def _stopping() -> Iterator[list[int]]:
    """A list that gets the number of a signal that is to end us."""
    stopped: list[int] = []
    before = {number: signal.signal(number, lambda got, _: stopped.append(got)) for number in _SIGNALS}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _during(command: Sequence[str], folder: Path | None, terminal: Terminal, stopped: list[int]) -> int:
    """Serve while a command runs; its exit code, or 128 + signal."""
    words = [word.replace("${PORT}", terminal.port).replace("$PORT", terminal.port) for word in command]
    tools = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    environment = {**os.environ, "PORT": terminal.port, "PATH": tools}
    try:
        process = subprocess.Popen(words, cwd=folder, env=environment)
    except OSError as error:
        raise EmulationError(f"{words[0]} cannot be started: {error.strerror}") from error
    try:
        terminal.serve(lambda: bool(stopped) or process.poll() is not None)
    finally:
        terminal.close()
        code = _ended(process)
    return 128 + stopped[0] if stopped else code if code >= 0 else 128 - code


def _ended(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a command, which is told to end if it has not."""
    deadline_s = time.monotonic() + _GRACE_S
    if process.poll() is None:
        process.terminate()
    while process.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.01)
    if process.poll() is None:
        process.kill()
    return process.wait()
