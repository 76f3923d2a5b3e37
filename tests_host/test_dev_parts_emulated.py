"""The bench board on the emulated chip, in emulated time: its I2C bus held low, and what frees it.

Tier: emulated. SCL is GPIO 5, SDA GPIO 4, as in boards/bench_pico/pins.csv.
"""

import ast
from collections.abc import Iterator

import pytest

from host_tools.emulator.bench_parts import BenchParts
from host_tools.emulator.chip import Chip, Slice
from host_tools.emulator.filesystem import image
from host_tools.emulator.raw_repl import RawRepl
from host_tools.flash.board_files import board_files

BOARD = "bench_pico"
SDA, SCL = 4, 5
SET_UP = """
import time, micropython
from plumbline.ports.bus_board import Board
from plumbline.drivers.ina226 import Ina226
board = Board.from_files("bench_pico")
bus = board.i2c("i2c")
rail = Ina226(bus, 100_000)
def polls(count):
    worst = taken = 0
    for _ in range(count):
        micropython.heap_lock()
        begun = time.ticks_us()
        try:
            taken += rail.poll()
        finally:
            micropython.heap_unlock()
        worst = max(worst, time.ticks_diff(time.ticks_us(), begun))
        time.sleep_ms(10)
    return worst, taken, bus.freed, bus.held
"""


class Bench:
    """A booted board with its parts, and a hand on its wires."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.parts = BenchParts(BOARD, chip)
        self.pins: list[tuple[int, int, int]] = []
        self.edges: list[tuple[int, int, int]] = []
        self.release_after: int | None = None  # clocks on SCL until SDA is let go
        chip.watch([SDA, SCL])
        self.repl = RawRepl(chip, self.run)

    def run(self, until_ns: int, usb: bytes) -> Slice:
        """As much of the time at once as one can look away while a wire is held."""
        step_ns = 20_000 if self.release_after is not None else 2_000_000
        until_ns = min(until_ns, self.chip.now_ns + step_ns)
        serial, pins = self.parts.inputs(until_ns)
        pulled, self.pins = self.pins, []
        slice_ = self.chip.run(until_ns, usb, serial, [*pins, *pulled], break_on_usb=True)
        self.parts.outputs(slice_)
        self.edges += slice_.edges
        if self.release_after is not None and self.clocks() >= self.release_after:
            self.pull(SDA, -1)
            self.release_after = None
        return slice_

    def clocks(self) -> int:
        """Rising edges of SCL so far."""
        return sum(level for _, gpio, level in self.edges if gpio == SCL)

    def pull(self, gpio: int, level: int) -> None:
        """Hold a wire from outside; -1 lets it go."""
        self.pins.append((self.chip.now_ns, gpio, level))

    def polls(self, count: int) -> tuple[int, int, int, int]:
        """Of so many polls of the rail: worst time in us, taken, times freed, transfers on a held bus."""
        said = self.repl.exec(f"print(polls({count}))")
        assert not said.stderr, said.stderr.decode()
        return ast.literal_eval(said.stdout.decode())


@pytest.fixture(scope="module")
def bench(firmware, tmp_path_factory) -> Iterator[Bench]:
    flash = tmp_path_factory.mktemp("bench") / "flash"
    flash.write_bytes(image(firmware.uf2, board_files(BOARD)))
    with Chip(None, flash) as chip:
        bench = Bench(chip)
        bench.repl.enter()
        said = bench.repl.exec(SET_UP)
        assert not said.stderr, said.stderr.decode()
        yield bench


def test_a_rail_is_read_under_the_heap_lock(bench):
    worst_us, taken, freed, held = bench.polls(30)
    assert taken >= 6  # one every 35 ms
    assert (freed, held) == (0, 0)
    assert worst_us < 2_000


def test_a_part_that_holds_sda_in_the_middle_of_a_byte_is_clocked_free(bench):
    _, _, freed, held = bench.polls(1)
    bench.edges.clear()
    bench.release_after = 7  # bits that it still wanted to send
    bench.pull(SDA, 0)
    worst_us, taken, freed_now, held_now = bench.polls(20)
    assert bench.release_after is None, "SDA was let go"
    assert (freed_now - freed, held_now - held) == (1, 0)
    assert taken >= 4
    assert worst_us < 2_500  # with the freeing, 9 clocks of 10 us and the interpreter's own time


def test_sda_that_nothing_frees_costs_nine_clocks_a_poll_and_no_memory(bench):
    _, _, freed, held = bench.polls(1)
    bench.edges.clear()
    bench.pull(SDA, 0)
    worst_us, taken, freed_now, held_now = bench.polls(10)
    assert (taken, freed_now - freed, held_now - held) == (0, 0, 10)
    assert bench.clocks() == 10 * 9
    assert worst_us < 1_500
    bench.pull(SDA, -1)
    assert bench.polls(30)[1] >= 5


def test_a_held_scl_costs_no_time_and_no_clocks(bench):
    _, _, _, held = bench.polls(1)
    bench.edges.clear()
    bench.pull(SCL, 0)
    worst_us, taken, _, held_now = bench.polls(10)
    assert (taken, held_now - held) == (0, 10)
    assert worst_us < 500
    bench.pull(SCL, -1)
    assert bench.polls(30)[1] >= 5
