"""The structure board on the host, in the lander's main body and on a given bus.

    structure = MainBody(clock, line.a)
    structure.body.touch((True, True, True, True))
    clock.now_us += 10_000
    structure.step()

Whoever runs the simulation moves the clock and calls `step` once in 10 ms.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import host_tools.host_board  # noqa: F401  makes the firmware importable
import machine
from host_tools.host_board.body import NAME, Body
from host_tools.host_board.buses import BusHarness, SimulatedAdc
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS, pin_table
from host_tools.host_board.lives import flown_limits
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.reset import READY_US, Memory, ResettableBoard
from host_tools.host_board.wires import Wire
from plumbline.ports.simulated_buses import Board
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.structure import OUTPUTS, Structure
from plumbline.subsystems.structure_parameters import HEATERS, StructureParameters


def default_parameters() -> dict[str, Any]:
    """The board's own parameters.json."""
    return json.loads((BOARDS / NAME / "parameters.json").read_text(encoding="utf-8"))


def structure_board(
    clock: Clock,
    serial: Mapping[str, Any],
    outlets: Outlets,
    legs: Sequence[Wire],
    converters: Mapping[str, Any],
    parameters: dict[str, Any],
    limits: list[dict[str, Any]] | None = None,
    flash: SimulatedFlash | None = None,
    memory: Memory | None = None,
) -> Structure:
    """The structure board's program on the host: lines and converters by signal, wires of the four legs.

    memory: what outlives a reset.
    """
    pins = pin_table(NAME)
    wires = {pins.gpio(f"leg.{i + 1}"): wire for i, wire in enumerate(legs)}
    harness = BusHarness(
        clock=clock,
        valves=outlets,
        serial=serial,
        wires={pins.gpio("tick"): Wire(), **wires},
        buses=dict(converters),
    )
    with machine.current_board(harness):
        board = Board(NAME, pins, harness)
        if memory is not None:
            memory.lend_to(board)
        board.flash = flash
        return Structure(board, StructureParameters(parameters), LimitTable(limits or flown_limits(NAME)))


class MainBody:
    """The board's program as `structure`, what it is wired to as `body`; `bus` is its end of the bus.

    `flash` outlives a reset. is_shared: other boards hang at the bus.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Any,
        parameters: dict[str, Any] | None = None,
        body: Body | None = None,
        limits: list[dict[str, Any]] | None = None,
        flash: SimulatedFlash | None = None,
        is_shared: bool = False,
    ) -> None:
        self.clock = clock
        self.body = body or Body(now_us=clock.now_us)
        self.outlets = Outlets(len(OUTPUTS))
        self._bus = bus
        self._parameters = parameters or default_parameters()
        self._limits = limits
        self.flash = flash or SimulatedFlash(SECTORS)
        self._is_shared = is_shared
        self._shares = np.zeros((1, len(OUTPUTS)))
        self.chip = self._power_on()

    @property
    def structure(self) -> Structure:
        """The program; while the chip is away, the last one."""
        return self.chip.program

    def step(self) -> None:
        """The world up to the clock's time, then the board's tick if it is due."""
        self.advance()
        self.chip.poll()

    def advance(self) -> None:
        """The world alone, as it goes on around a board that is dead."""
        since_us = self.body.since_us
        span_us = self.clock.now_us - since_us
        if span_us > 0:
            self.outlets.shares(since_us, span_us, self._shares)
            self.body.advance(self.clock.now_us, self._shares[0].tolist())

    def reset(self) -> None:
        """Power is away for a moment: what the hardware was playing ends, the program begins anew."""
        self._let_go()
        self.chip = self._power_on()

    def hang(self) -> None:
        """The program stands still; the watchdog resets the chip 80 ms later."""
        self.chip.hang()

    def is_on(self, output: str) -> bool:
        """Whether an output is on now, by its signal, as in "heater.fuel"."""
        return bool(self.outlets.ends_us[OUTPUTS.index(output)] > self.clock.now_us)

    def _let_go(self) -> None:
        self.outlets.close_all(self.clock.now_us)

    def _power_on(self) -> ResettableBoard[Structure]:
        return ResettableBoard(self.clock, self._boot, [self._bus], READY_US["structure"], self._let_go)

    def _boot(self, memory: Memory) -> Structure:
        converters = {
            f"thermistor.{name}": SimulatedAdc(lambda name=name: self.body.counts(name)) for name in HEATERS
        }
        structure = structure_board(
            self.clock,
            {"bus": self._bus},
            self.outlets,
            self.body.legs,
            converters,
            self._parameters,
            self._limits,
            self.flash,
            memory,
        )
        structure.bus.is_shared = self._is_shared
        return structure
