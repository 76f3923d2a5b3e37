"""A board of the host that can be reset: it dies, is away for a while, comes back with what outlives that.

    def boot(memory):           # a host Board, memory.lend_to(board), and the program built on it
        ...
    board = ResettableBoard(clock, boot, [bus_end], ready_us=190_000, when_dead=outlets_off)
    board.poll()                            # its tick, when one is due; its next life, when the time has come
    board.reset(POWER)                      # now, between two of its ticks; cause: one of reset_log.py

`program` is what runs; while the board is away, what ran last. Tier: host.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.clock import Clock
from host_tools.host_board.wires import SerialEnd
from host_tools.world.faults import Faults
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.health import WATCHDOG_MS
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG

WORDS = 4
BLOCK_BYTES = 4_000  # as ports/rp2_kept_block.py
WATCHDOG_US = 1000 * WATCHDOG_MS  # from the last tick of a program that hangs to its reset
# From a reset until the program has been built, a period before its first tick. Measured on emulated
# boards with the code in the firmware (tests_host/test_flight_image.py); the ESP32s' is assumed.
READY_US = {
    "navigation": 190_000,
    "propulsion": 165_000,
    "structure": 190_000,
    "power": 400_000,
    "rover": 400_000,
}

Program = TypeVar("Program")


def _nothing() -> None:
    """For a board without outputs."""


@dataclass
class Memory:
    """What of a host board outlives a reset; power-on leaves only the flash. `cause`: why this life began."""

    kept: list[int] = field(default_factory=lambda: [0] * WORDS)
    block: bytearray = field(default_factory=lambda: bytearray(BLOCK_BYTES))
    flash: SimulatedFlash = field(default_factory=lambda: SimulatedFlash(SECTORS))
    cause: int = POWER
    ready_us: int = 0  # since the reset, when this life's program is built

    def lend_to(self, board: Any) -> None:
        """To a Board of ports/simulated.py, before the program is built on it."""
        board.kept = self.kept
        board.block = self.block
        board.cause = self.cause
        board.since_reset_us = self.ready_us
        board.flash = self.flash

    def lose_power(self) -> None:
        """Words and block are gone; the program keeps no reference to them beyond its life."""
        self.kept[:] = [0] * len(self.kept)
        self.block[:] = bytes(len(self.block))


class ResettableBoard(Generic[Program]):
    """`program`: what boot(memory) has built, at once for the first life; `memory`: what outlives a reset.

    lines: the board's ends of its serial lines, whose bytes are lost while it is away. ready_us: from a
    reset until the program has been built. when_dead() is called at a reset: the chip's outputs go off.
    `is_away`: reset and not back yet; `hangs`: the program stands still until the watchdog's reset.
    """

    def __init__(
        self,
        clock: Clock,
        boot: Callable[[Memory], Program],
        lines: Iterable[SerialEnd] = (),
        ready_us: int = READY_US["navigation"],
        when_dead: Callable[[], None] = _nothing,
    ) -> None:
        self.clock = clock
        self.memory = Memory()
        self.resets = 0
        self._boot = boot
        self._lines = list(lines)
        self._ready_us = ready_us
        self._when_dead = when_dead
        self._reset_at_us: int | None = None  # by the watchdog
        self._hung_ready_us: int | None = None
        self._back_at_us: int | None = None
        self.program: Program = boot(self.memory)

    @property
    def is_away(self) -> bool:
        """Whether nothing of the program runs, because the chip has been reset."""
        return self._back_at_us is not None

    @property
    def hangs(self) -> bool:
        """Whether the program stands still and its outputs with it."""
        return self._reset_at_us is not None

    def reset(self, cause: int = ASKED, ready_us: int | None = None) -> None:
        """Now. ASKED: the program does it itself; POWER: it has lost its power. ready_us: another time away.

        A board that is away has no program that could: only its power can be taken then.
        """
        if self.is_away and cause != POWER:
            return
        self._when_dead()
        self._reset_at_us = None
        self.resets += 1
        self.memory.cause = cause
        if cause == POWER:
            self.memory.lose_power()
        self.memory.ready_us = self._ready_us if ready_us is None else ready_us
        self._back_at_us = self.clock.now_us + self.memory.ready_us

    def hang(self, ready_us: int | None = None) -> None:
        """The program stands still from now on; the watchdog resets the board 80 ms later."""
        if not self.is_away and not self.hangs:
            self._reset_at_us = self.clock.now_us + WATCHDOG_US
            self._hung_ready_us = ready_us

    def poll(self) -> bool:
        """A tick if one is due and the board lives; True when it ran. To be called in every tick's phase."""
        now_us = self.clock.now_us
        if self._reset_at_us is not None:
            if now_us < self._reset_at_us:
                return False
            self.reset(WATCHDOG, self._hung_ready_us)
        if self._back_at_us is not None:
            if now_us < self._back_at_us:
                return False
            self._back_at_us = None
            for line in self._lines:
                line.read()  # what has come meanwhile, nobody has heard
            self.program = self._boot(self.memory)
        program: Any = self.program
        return bool(program.rate_group.poll())


def strike_boards(faults: Faults | None, boards: Mapping[str, ResettableBoard[Any]]) -> None:
    """Whatever of a scenario's faults of boards begins now; to be called once in each tick of the world.

    boards: by name, as in "navigation" for the target `navigation_board`.
    """
    for fault in () if faults is None else faults.begun_of_boards():
        board = boards[fault.spec.target.removesuffix("_board")]
        ready_us = None if fault.spec.away_s is None else round(1e6 * fault.spec.away_s)
        if fault.spec.kind == "hang":
            board.hang(ready_us)
        else:
            board.reset(POWER if fault.spec.kind == "power_loss" else ASKED, ready_us)
