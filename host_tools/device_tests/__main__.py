"""The command behind `make test-device`: device tests on a real board, or on emulated ones without a port.

Exit codes: 0 every test passed and there was one, 1 not so, 2 bad input (one line on standard error).
"""

import argparse
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT
from host_tools.device_tests import replays, safe_outputs
from host_tools.device_tests.bench import Order, on_emulated, on_real, parts
from host_tools.device_tests.files import device_files
from host_tools.device_tests.results import (
    FAILED,
    PASSED,
    FileResults,
    Result,
    print_table,
    succeeded,
    write_junit,
)
from host_tools.device_tests.vectors import VectorError, vectors
from host_tools.emulator.chip import ChipError
from host_tools.emulator.filesystem import FlashImageError
from host_tools.flash.announcement import AnnouncementError
from host_tools.flash.board_files import BoardError, description
from host_tools.flash.deployment import DeployError
from host_tools.flash.firmware import FirmwareError, firmware
from host_tools.flash.ports import PortError
from host_tools.flash.remote import RemoteError

EMULATED = ("navigation_pico", "propulsion_pico", "structure_pico", "bench_pico")
# What depends on the chip only is done once, on the first board that is tested.
_ONCE = (*replays.REPLAYING, "test_clock", "test_watchdog")
_MARKS = {PASSED: "ok", FAILED: "FAILED"}
_JUNIT = ROOT / "build" / "junit-device.xml"


class InputError(Exception):
    """What was asked for cannot be done; one line."""


def main(arguments: list[str] | None = None) -> int:
    """The command; see --help."""
    parser = argparse.ArgumentParser(prog="device_tests", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", help="of a real board, or of one that is emulated elsewhere")
    parser.add_argument("--board", help="a folder of boards/; needed with a port")
    parser.add_argument(
        "--wired", default="", help="lines behind which something answers, as in imu,laser,radar,link,bus"
    )
    parser.add_argument("--files", default="", help="only these, as in test_clock,test_valves")
    parser.add_argument("--junit", type=Path, default=_JUNIT, help="the XML file to write")
    given = parser.parse_args(arguments)
    given.junit.unlink(missing_ok=True)  # the last run's: nobody shall take it for this one's
    try:
        files = run(given.port or None, given.board or None, _words(given.wired), _words(given.files))
    except (InputError, BoardError, PortError, FirmwareError, VectorError) as error:
        return _complain(error, 2)
    except (AnnouncementError, ChipError, DeployError, FlashImageError, RemoteError) as error:
        return _complain(error, 1)
    replays.report(replays.rows(files))
    print_table(files)
    write_junit(files, given.junit)
    return 0 if succeeded(files) else 1


def run(
    port: str | None = None,
    board: str | None = None,
    wired: list[str] | None = None,
    only: list[str] | None = None,
) -> list[FileResults]:
    """Results of each file on each board. Raises what is the caller's or the bench's fault."""
    known = [*(file.module for file in device_files()), safe_outputs.MODULE]
    unknown = [name for name in only or () if name not in known]
    if unknown:
        raise InputError(f"there is no {unknown[0]}: choose of {', '.join(known)}")
    chosen = [file for file in device_files() if not only or file.module in only]
    made = vectors() if any(file.module in replays.REPLAYING for file in chosen) else None
    progress = Progress()
    if port is not None:
        if board is None:
            raise InputError("name the board at that port, as in BOARD=navigation_pico")
        return on_real(Order(description(board), chosen, made, progress), port, wired or [])
    boards = [description(name) for name in ([board] if board else EMULATED)]
    if any(each.chip.name != "rp2040" for each in boards):
        raise InputError(f"{board} cannot be emulated: name its port")
    dying = not only or safe_outputs.MODULE in only
    orders = []
    for index, each in enumerate(boards):
        own = [file for file in chosen if not (index and file.module in _ONCE)]
        orders += parts(Order(each, own, made, progress, dying))
    uf2 = firmware().uf2
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        ended = pool.map(lambda order: on_emulated(order, uf2), orders)
        return [results for files in ended for results in files]


class Progress:
    """A line for each test that ends; several boards share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, file: FileResults, result: Result) -> None:
        with self._lock:
            mark = _MARKS.get(result.outcome, result.outcome)
            print(
                f"{file.board} {file.module}: {result.sentence} ... {mark} ({result.seconds:.1f} s)",
                flush=True,
            )


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _complain(error: Exception, code: int) -> int:
    print(f"device tests: {' '.join(str(error).split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
