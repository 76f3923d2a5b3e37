"""`plumbline bench BOARD`: the parts on a test bench's board, live, with rates, failures and a small plot.

With a port the board's program is brought up to date first, as `make flash` does. Exit codes: 0 every
part delivered, 1 one did not or the board failed, 2 bad input.
"""

import contextlib
import json
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.live import Live

from host_tools.bench.lines import Bench
from host_tools.bench.screen import plain, table
from host_tools.bench.sources import Source, SourceError, at_port, emulated
from host_tools.emulator.chip import ChipError
from host_tools.emulator.filesystem import FlashImageError
from host_tools.flash import ports
from host_tools.flash.announcement import AnnouncementError
from host_tools.flash.board_files import BoardError, description
from host_tools.flash.deployment import DeployError, deploy
from host_tools.flash.firmware import FirmwareError, firmware
from host_tools.flash.ports import PortError
from host_tools.flash.remote import Remote, RemoteError
from host_tools.host_board.lander import pin_table
from plumbline.subsystems.bench import parts_of

DELIVERED, FAILED, BAD_INPUT = 0, 1, 2
_SUBSYSTEM = "bench"
_SILENT_S = 10.0  # without a line, until a first report
_PATIENCE_S = 60.0  # with lines of something else


class InputError(Exception):
    """What was asked for cannot be done; one line."""


def bench(board: str, port: str | None, is_emulated: bool, seconds: float | None, is_plain: bool) -> int:
    """Show the parts for so long, or until Ctrl-C; returns the exit code."""
    try:
        source = _source(board, port, is_emulated)
    except (InputError, BoardError, PortError, FirmwareError) as error:
        return _complain(error, BAD_INPUT)
    except (AnnouncementError, DeployError, RemoteError) as error:
        return _complain(error, FAILED)
    shown = Bench()
    try:
        with contextlib.closing(source):
            (_print_lines if is_plain else _live)(shown, source, seconds)
    except (SourceError, ChipError, FlashImageError, BoardError) as error:
        return _complain(error, FAILED)
    except KeyboardInterrupt:
        pass  # it is how one ends it
    return _verdict(shown, board)


def _source(board: str, port: str | None, is_emulated: bool) -> Source:
    described = description(board)
    if json.loads((described.folder / "board.json").read_text()).get("subsystem") != _SUBSYSTEM:
        raise InputError(
            f"{board} is no test bench: its board.json names another subsystem than {_SUBSYSTEM}"
        )
    if is_emulated == (port is not None):
        raise InputError("say either --emulated or --port, as in --port /dev/ttyACM0")
    if is_emulated:
        if described.chip.name != "rp2040":
            raise InputError(f"{board} cannot be emulated: name its port")
        return emulated(board, firmware().uf2)
    device = ports.find(str(port), described.chip)
    deploy(described, Remote(device))
    return at_port(device)


def _heard(shown: Bench, source: Source, seconds: float | None) -> Iterator[tuple[float, str | None]]:
    """(time, name of the part that has changed); ends by itself after `seconds` of reports."""
    until_s = None
    heard_s = 0.0
    for now_s, line in source:
        part = None
        if line is not None:
            heard_s = now_s
            part = shown.take(line, now_s)
        if until_s is None and seconds is not None and shown.reports:
            until_s = now_s + seconds
        patience_s = min(heard_s + _SILENT_S, _PATIENCE_S)
        if not shown.reports and now_s > patience_s:
            raise SourceError(shown.complaint or f"the board has reported nothing in {patience_s:.0f} s")
        yield now_s, part.name if part is not None else None
        if until_s is not None and now_s >= until_s:
            return


def _print_lines(shown: Bench, source: Source, seconds: float | None) -> None:
    for now_s, name in _heard(shown, source, seconds):
        if name is not None:
            print(plain(shown.parts[name], now_s), flush=True)


def _live(shown: Bench, source: Source, seconds: float | None) -> None:
    reports = 0
    with Live(table(shown, 0.0), console=Console(), auto_refresh=False) as live:
        for now_s, _ in _heard(shown, source, seconds):
            if shown.reports != reports:
                reports = shown.reports
                live.update(table(shown, now_s), refresh=True)


def _verdict(shown: Bench, board: str) -> int:
    named = [name for _, names in parts_of(pin_table(board)) for name in names]
    missing = [name for name in named if name not in shown.parts or shown.parts[name].taken == 0]
    if missing:
        return _complain(f"{board}: nothing from {', '.join(missing)}", FAILED)
    return DELIVERED


def _complain(reason: object, code: int) -> int:
    print(f"plumbline bench: {reason}", file=sys.stderr)
    return code
