"""An emulated board to run device tests on: the flight files and the tests in its flash, parts on its lines.

It is reached through mpremote as a real one is. What a real one could not tell is kept: every edge of
its valves' pins, against which the pulses that the tests report are held.
"""

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from host_tools.device_tests.results import PASSED, FileResults, Result
from host_tools.emulator.bench_parts import BenchParts
from host_tools.emulator.chip import Chip, ChipError, Slice
from host_tools.emulator.filesystem import image
from host_tools.emulator.flying_board import outputs_of
from host_tools.emulator.terminal import Terminal
from host_tools.host_board.lander import pin_table

MOST_ERROR_US = 2.0


class Witness(BenchParts):
    """The parts on the lines, and the edges of the valves' pins."""

    def __init__(self, board: str, chip: Chip) -> None:
        super().__init__(board, chip, partners=True)
        pins = pin_table(board)
        of_parts = (".rx", ".tx", ".sda", ".sck")
        self.lines = sorted({name.partition(".")[0] for name in pins.signals if name.endswith(of_parts)})
        self.edges: list[tuple[int, int, int]] = []
        chip.watch([pins.gpio(signal) for signal in outputs_of(pins)])

    def outputs(self, slice_: Slice) -> None:
        """What the board has sent and done."""
        super().outputs(slice_)
        self.edges += slice_.edges


class EmulatedBoard:
    """A board behind a PTY, served by a thread of its own; `port` is its name. A context manager."""

    def __init__(self, board: str, uf2: Path, files: Mapping[str, bytes]) -> None:
        self.error = ""
        self._stop = threading.Event()
        with tempfile.TemporaryDirectory() as folder:
            flash = Path(folder) / "flash"
            flash.write_bytes(image(uf2, files))
            self._chip = Chip(None, flash)
        try:
            self.witness = Witness(board, self._chip)
            self._terminal = Terminal(self._chip, None, self.witness)
        except BaseException:
            self._chip.close()
            raise
        self.port = self._terminal.port
        self._thread = threading.Thread(target=self._serve, name=board)

    def __enter__(self) -> "EmulatedBoard":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._terminal.close()
        self._chip.close()

    def _serve(self) -> None:
        try:
            self._terminal.serve(self._stop.is_set)
        except ChipError as error:
            self.error = str(error)
            self._terminal.close()


def judge_pulses(results: FileResults, edges: list[tuple[int, int, int]]) -> None:
    """Hold each pulse that the tests report against the edges of its pin; adds a result of its own.

    Every pulse that was reported must be there, in order, and no other one.
    """
    reported = [about for about in results.said if about["what"] == "pulse"]
    if not reported:
        return
    worst_us, complaints = 0.0, []
    for gpio in sorted({about["gpio"] for about in reported}):
        asked = [about["width_us"] for about in reported if about["gpio"] == gpio]
        widths = widths_us(edges, gpio)
        if len(widths) != len(asked):
            complaints.append(f"GPIO {gpio}: {len(widths)} pulses instead of {len(asked)}")
            continue
        errors = [width - wanted for width, wanted in zip(widths, asked, strict=True)]
        worst_us = max([worst_us, *errors], key=abs)
        complaints += [
            f"GPIO {gpio}: {width:.3f} us instead of {wanted}"
            for width, wanted in zip(widths, asked, strict=True)
            if abs(width - wanted) >= MOST_ERROR_US
        ]
    name = f"test_the_edges_of_the_pins_show_{len(reported)}_pulses_of_the_right_width"
    if complaints:
        results.fail(name, "; ".join(complaints[:5]))
    else:
        results.results.append(Result(name, PASSED))
    results.add_figure("worst error by the edges", worst_us, "us")


def widths_us(edges: list[tuple[int, int, int]], gpio: int) -> list[float]:
    """How long a pin was high, each time."""
    widths, since_ns = [], None
    for at_ns, pin, level in edges:
        if pin != gpio:
            continue
        if level:
            since_ns = at_ns
        elif since_ns is not None:
            widths.append((at_ns - since_ns) / 1000)
            since_ns = None
    return widths
