"""The structure board as an emulated Pico in the lander's main body, on a given bus.

Used as host_board.structure.MainBody is: whoever runs the simulation moves the clock and calls `step`
once in 10 ms. The bus is a FarEnd that keeps the same clock.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from host_tools.emulator.dev_parts import FIRST_ADC_GPIO
from host_tools.emulator.far_end import FarEnd
from host_tools.emulator.flying_board import FlyingBoard
from host_tools.emulator.lander import ValvePins
from host_tools.host_board.body import NAME, Body
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import pin_table
from host_tools.host_board.structure import default_parameters
from plumbline.subsystems.structure import OUTPUTS
from plumbline.subsystems.structure_parameters import HEATERS

BAUD = 460_800
PHASE_US = 5_000  # into a tick of the world: when the board's ticks begin


class EmulatedBody:
    """The chip as `board`, its world as `body`.

    `tick_ns`: each tick's length; `edges` of the outputs: (ns of the world, index in OUTPUTS, level).

    The clock must be at 0: the board has booted by then. A context manager. Raises FlyingBoardError and
    ChipError.
    """

    def __init__(
        self,
        clock: Clock,
        bus: FarEnd,
        uf2: Path,
        parameters: dict[str, Any] | None = None,
        body: Body | None = None,
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
        content = json.dumps(parameters or default_parameters()).encode()
        self.board = FlyingBoard(NAME, uf2, {"bus": BAUD}, {"parameters.json": content})
        try:
            self._measure()
            self.board.align(PHASE_US)
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
        window = self.board.run(1000 * now_us, {"bus": self._bus.take()}, self._changed_legs())
        self._bus.give(window.serial.get("bus", []))
        self.tick_ns += [end - begin for begin, end in window.ticks]
        self.edges += window.valve_edges
        self._pins.add(window.valve_edges)
        self._pins.shares(since_us, now_us - since_us, self._shares)
        self.body.advance(now_us, self._shares[0].tolist())
        self._measure()

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
