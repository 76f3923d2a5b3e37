"""The lander's main body on the host: the structure board, its tanks, legs and actuators, on a given bus.

    body = MainBody(clock, line.a)
    body.touch((True, True, True, True))
    clock.now_us += 10_000
    body.step()

Whoever runs the simulation moves the clock and calls `step` once in 10 ms.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import host_tools.host_board  # noqa: F401  makes the firmware importable
import machine
from host_tools.host_board.buses import BusHarness, SimulatedAdc
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS, pin_table
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.parts import thermistor
from host_tools.host_board.thermal import Thermal
from host_tools.host_board.wires import Wire
from plumbline.ports.simulated_buses import Board
from plumbline.subsystems.structure import LEGS, OUTPUTS, Structure
from plumbline.subsystems.structure_parameters import ACTUATORS, HEATERS, StructureParameters

NAME = "structure_pico"
# Current that an actuator needs without a gap until it has done its work (assumed).
WORKS_US = {"legs": 20_000, "pressurant": 10_000, "ramp": 2_000_000, "rover": 50_000}


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
) -> Structure:
    """The structure board's program on the host: lines and converters by signal, wires of the four legs."""
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
        return Structure(Board(NAME, pins, harness), StructureParameters(parameters))


class MainBody:
    """The structure board and what it is wired to; `bus` is its end of the spacecraft's bus.

    `done_us`: when each actuator has done its work, by name. `broken`: what the converter of a thermistor
    reads instead, 0 to 4,095, by name.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Any,
        parameters: dict[str, Any] | None = None,
        thermal: Thermal | None = None,
    ) -> None:
        self.clock = clock
        self.thermal = thermal or Thermal()
        self.outlets = Outlets(len(OUTPUTS))
        self.legs = [Wire() for _ in range(LEGS)]
        self.broken: dict[str, int] = {}
        self.done_us: dict[str, int] = {}
        self._bus = bus
        self._parameters = parameters or default_parameters()
        self._since_us = clock.now_us
        self._shares = np.zeros((1, len(OUTPUTS)))
        self._current_us = dict.fromkeys(ACTUATORS, 0.0)
        self.structure = self._boot()

    def touch(self, touching: Sequence[bool]) -> None:
        """Which legs stand on something, from now on."""
        for wire, is_touching in zip(self.legs, touching, strict=True):
            wire.level = int(is_touching)

    def reset(self) -> None:
        """The board restarts: what the hardware was playing ends, the program begins anew."""
        self.outlets.close_all(self.clock.now_us)
        self.structure = self._boot()

    def step(self) -> None:
        """The world up to the clock's time, then the board's tick if it is due."""
        self.advance()
        self.structure.rate_group.poll()

    def advance(self) -> None:
        """The world alone: heat and actuators since the last step. A board that is dead does no more."""
        now_us, since_us = self.clock.now_us, self._since_us
        if now_us <= since_us:
            return
        self._since_us = now_us
        self.outlets.shares(since_us, now_us - since_us, self._shares)
        shares = self._shares[0]
        self.thermal.advance((now_us - since_us) * 1e-6, shares[: len(HEATERS)].tolist())
        for name, share in zip(ACTUATORS, shares[len(HEATERS) :].tolist(), strict=True):
            current_us = self._current_us[name] + share * (now_us - since_us) if share else 0.0
            self._current_us[name] = current_us
            if current_us >= WORKS_US[name]:
                self.done_us.setdefault(name, now_us)

    def celsius(self, name: str) -> float:
        """The temperature of a node."""
        return self.thermal.celsius[HEATERS.index(name)]

    def is_on(self, output: str) -> bool:
        """Whether an output is on now, by its signal, as in "heater.fuel"."""
        return bool(self.outlets.ends_us[OUTPUTS.index(output)] > self.clock.now_us)

    def _boot(self) -> Structure:
        converters = {
            f"thermistor.{name}": SimulatedAdc(lambda name=name: self._counts(name)) for name in HEATERS
        }
        return structure_board(
            self.clock, {"bus": self._bus}, self.outlets, self.legs, converters, self._parameters
        )

    def _counts(self, name: str) -> int:
        if name in self.broken:
            return self.broken[name]
        return thermistor.counts(self.celsius(name))
