"""The structure board as an emulated Pico in the lander's main body, on a given bus.

Used as host_board.structure.MainBody is: whoever runs the simulation moves the clock and calls `step`
once in 10 ms. The bus is a FarEnd, or a shared bus's HubEnd, that keeps the same clock.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from host_tools.emulator.dev_parts import FIRST_ADC_GPIO
from host_tools.emulator.flying_board import FlyingBoard, main_on_a_shared_bus
from host_tools.emulator.lander import ValvePins
from host_tools.emulator.pair import FarSide
from host_tools.emulator.shadow import Shadow
from host_tools.host_board.body import NAME, Body
from host_tools.host_board.buses import SimulatedAdc
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import pin_table
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.structure import default_parameters, structure_board
from plumbline.kernels.slots import ARM_EXPIRED_NONCE, ARM_NONCE
from plumbline.subsystems.structure import OUTPUTS
from plumbline.subsystems.structure_parameters import HEATERS

BAUD = 460_800
_LINES = {"bus": BAUD}
_UNFORESEEN = {"arming": (ARM_NONCE, ARM_EXPIRED_NONCE)}
PHASE_US = 5_000  # into a tick of the world: when the board's ticks begin


class EmulatedBody:
    """The chip as `board`, its world as `body`.

    `tick_ns`: each tick's length; `edges` of the outputs: (ns of the world, index in OUTPUTS, level);
    `compared`: ticks whose states, but for the nonces that the chip draws, were those of the host board
    beside it. is_bus_shared: other boards hang at the bus.

    The clock must be at 0: the board has booted by then. A context manager. Raises FlyingBoardError and
    ChipError.
    """

    def __init__(
        self,
        clock: Clock,
        bus: FarSide,
        uf2: Path,
        parameters: dict[str, Any] | None = None,
        body: Body | None = None,
        is_bus_shared: bool = False,
    ) -> None:
        self.clock = clock
        self.body = body or Body()
        self.tick_ns: list[int] = []
        self.edges: list[tuple[int, int, int]] = []
        self._bus = bus
        self._pins = ValvePins(len(OUTPUTS))
        self._shares = np.zeros((1, len(OUTPUTS)))
        table = pin_table(NAME)
        self._channels = {name: table.gpio(f"thermistor.{name}") - FIRST_ADC_GPIO for name in HEATERS}
        self._counts: dict[str, int] = {}
        self._levels = [0] * len(self.body.legs)
        used = parameters or default_parameters()
        self.compared = 0
        self.arrays: dict[str, Any] = {}
        self._shadow = Shadow(NAME, _LINES, partial(self._beside, used), is_bus_shared, _UNFORESEEN)
        files = {"parameters.json": json.dumps(used).encode()}
        if is_bus_shared:
            files["main.py"] = main_on_a_shared_bus(NAME)
        self.board = FlyingBoard(NAME, uf2, _LINES, files)
        try:
            self._measure()
            self._shadow.idle_ticks(self.board.align(PHASE_US))
        except BaseException:
            self.board.chip.close()
            raise

    def __enter__(self) -> "EmulatedBody":
        return self

    def __exit__(self, *_: object) -> None:
        self.board.chip.close()

    def step(self) -> None:
        """The board up to the clock's time, then its world."""
        now_us, since_us = self.clock.now_us, self.body.since_us
        heard = self._bus.take()
        window = self.board.run(1000 * now_us, {"bus": heard}, self._changed_legs())
        self._bus.give(window.serial.get("bus", []))
        self._shadow.feed("bus", heard)
        self.arrays = self.board.arrays()
        for _ in window.ticks:
            self._shadow.follow(self.arrays)
        self.compared += len(window.ticks)
        self.tick_ns += [end - begin for begin, end in window.ticks]
        self.edges += window.valve_edges
        self._pins.add(window.valve_edges)
        self._pins.shares(since_us, now_us - since_us, self._shares)
        self.body.advance(now_us, self._shares[0].tolist())
        self._measure()

    def _beside(self, parameters: dict[str, Any], clock: Clock, serial: Any) -> Any:
        """The same program on the host board; it reads what the chip's converters are set to."""
        converters = {
            f"thermistor.{name}": SimulatedAdc(lambda name=name: self._counts[name]) for name in HEATERS
        }
        return structure_board(clock, serial, Outlets(len(OUTPUTS)), self.body.legs, converters, parameters)

    def _measure(self) -> None:
        for name, channel in self._channels.items():
            counts = self.body.counts(name)
            if self._counts.get(name) != counts:
                self._counts[name] = counts
                self.board.chip.analog(channel, counts)

    def _changed_legs(self) -> list[tuple[str, int]]:
        changed = []
        for index, wire in enumerate(self.body.legs):
            if wire.level != self._levels[index]:
                self._levels[index] = wire.level
                changed.append((f"leg.{index + 1}", wire.level))
        return changed
