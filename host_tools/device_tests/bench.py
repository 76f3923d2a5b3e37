"""A bench for device tests: a real board at a port, or an emulated one with everything plugged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from host_tools.device_tests import replays, safe_outputs
from host_tools.device_tests.copy import copy_tests
from host_tools.device_tests.emulated import EmulatedBoard, Witness, judge_pulses
from host_tools.device_tests.files import DeviceFile, files_for_tests
from host_tools.device_tests.results import SKIPPED, FileResults, Result
from host_tools.device_tests.run import SILENCE_S, FileRun, OnResult
from host_tools.device_tests.vectors import Vectors
from host_tools.emulator.bench_parts import Scene
from host_tools.emulator.flying_board import outputs_of
from host_tools.flash import ports
from host_tools.flash.board_files import BoardDescription, board_files
from host_tools.flash.deployment import deploy
from host_tools.flash.remote import Remote
from host_tools.host_board.lander import pin_table
from host_tools.proof.runtimes.variants import Plant

_PTYS = "/dev/pts/"  # where emulated boards are


@dataclass(frozen=True)
class Order:
    """What is to be tested on one board."""

    board: BoardDescription
    files: list[DeviceFile]
    vectors: Vectors | None
    on_result: OnResult
    dying: bool = False  # also measure, on an emulated board, how valves close when the program dies
    plants: tuple[Plant, ...] = ()  # changes in one runtime's flight code, which its test is to find


def parts(order: Order) -> list[Order]:
    """The order with a part of its own for each file that replays: its vectors and code fill the flash."""
    alone = [file for file in order.files if file.module in replays.REPLAYING]
    together = [file for file in order.files if file not in alone]
    divided = [replace(order, files=[file], dying=False) for file in alone]
    # what the others are told of no vectors is room in the heap of a board that has little
    rest = [replace(order, files=together, vectors=None)] if together or order.dying else []
    return [*rest, *divided]


def on_real(order: Order, port: str, wired: list[str]) -> list[FileResults]:
    """The board keeps its flight program; the tests are copied beside it, a part of the order at a time.

    Raises PortError, RemoteError, DeployError, BoardError, AnnouncementError.
    """
    board = order.board
    device = ports.find(port, board.chip)
    tier = "emulated" if device.startswith(_PTYS) else "board"
    remote = Remote(device, stall_s=SILENCE_S)
    deploy(board, remote)
    results = []
    for part in parts(order):
        able, left_out = _able(board, tier, part.files)
        results += left_out
        if able:
            copy_tests(
                remote, files_for_tests(board, [file.module for file in able], part.vectors, part.plants)
            )
        results += [
            _run(part, file, remote, FileResults(board.name, file.module, tier), wired) for file in able
        ]
    return results


def on_emulated(order: Order, uf2: Path) -> list[FileResults]:
    """A board with the order's files in its flash. Raises ChipError, BoardError, FlashImageError."""
    board = order.board
    results = _tests_on_emulated(order, uf2) if order.files else []
    if order.dying and outputs_of(pin_table(board.name)):
        measured = safe_outputs.measure(
            board.name, uf2, {**board_files(board.name), **files_for_tests(board, [], None)}
        )
        safe_outputs.write(measured, safe_outputs.table_of(board.name))
        results.append(safe_outputs.results(board.name, measured))
        for result in results[-1].results:
            order.on_result(results[-1], result)
    return results


def _tests_on_emulated(order: Order, uf2: Path) -> list[FileResults]:
    board = order.board
    able, results = _able(board, "emulated", order.files)
    files = {
        **board_files(board.name),
        **files_for_tests(board, [file.module for file in able], order.vectors, order.plants),
    }
    with EmulatedBoard(board.name, uf2, files) as emulated:
        remote = Remote(emulated.port, stall_s=SILENCE_S)
        for file in able:
            with _witnessed(emulated.witness) as edges:
                one = FileResults(board.name, file.module, "emulated")
                _run(order, file, remote, one, emulated.witness.lines)
            judge_pulses(one, edges)
            results.append(one)
            if emulated.error:
                one.fail("test_the_chip_does_not_fault", emulated.error)
                break
    return results


def _run(
    order: Order, file: DeviceFile, remote: Remote, results: FileResults, wired: list[str]
) -> FileResults:
    """One file's tests, and what the host has to say of what they reported."""
    FileRun(remote, results, _given(order, wired), order.on_result).run()
    replays.judge(results, order.vectors)
    return results


@contextmanager
def _witnessed(witness: Witness) -> Iterator[list[tuple[int, int, int]]]:
    """The edges of the valves' pins meanwhile."""
    witness.edges = []
    yield witness.edges


def _able(
    board: BoardDescription, tier: str, chosen: list[DeviceFile]
) -> tuple[list[DeviceFile], list[FileResults]]:
    """What this board can run; for each other file a skip that says why."""
    signals: set[str] = set(pin_table(board.name).signals)
    able, left_out = [], []
    for file in chosen:
        missing = file.missing(signals)
        if missing:
            skip = Result("the_whole_file", SKIPPED, f"{board.name} has no {missing}")
            left_out.append(FileResults(board.name, file.module, tier, [skip]))
        else:
            able.append(file)
    return able, left_out


def _given(order: Order, wired: list[str]) -> dict[str, Any]:
    """What tests_device/bench.py tells the tests."""
    return {
        "board": order.board.name,
        "wired": wired,
        "scene": asdict(Scene()),
        "vectors": order.vectors.expected if order.vectors is not None else {},
    }
