"""The lander's main body around a structure board of any kind: heat in tanks, legs, work done by actuators.

    body.touch((True, True, True, False))
    body.advance(now_us, shares)        # of the time since the last call that each output was on
    body.done_us["rover"]               # when the hold-down let the rover go

The board reads `counts(name)` at its converters and `legs` at its inputs.
"""

from collections.abc import Sequence

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.host_board.parts import thermistor
from host_tools.host_board.thermal import Thermal
from host_tools.host_board.wires import Wire
from plumbline.subsystems.structure import LEGS, OUTPUTS
from plumbline.subsystems.structure_parameters import ACTUATORS, HEATERS

NAME = "structure_pico"
# Current that an actuator needs without a gap until it has done its work (assumed).
WORKS_US = {"legs": 20_000, "pressurant": 10_000, "ramp": 2_000_000, "rover": 50_000}


class Body:
    """`broken`: what the converter of a thermistor reads instead, 0 to 4,095, by the heater's name."""

    def __init__(self, thermal: Thermal | None = None, now_us: int = 0) -> None:
        self.thermal = thermal or Thermal()
        self.legs = [Wire() for _ in range(LEGS)]
        self.broken: dict[str, int] = {}
        self.done_us: dict[str, int] = {}
        self.since_us = now_us
        self._current_us = dict.fromkeys(ACTUATORS, 0.0)

    def touch(self, touching: Sequence[bool]) -> None:
        """Which legs stand on something, from now on."""
        for wire, is_touching in zip(self.legs, touching, strict=True):
            wire.level = int(is_touching)

    def advance(self, now_us: int, shares: Sequence[float]) -> None:
        """shares: in the order of the board's OUTPUTS, of the time since the last call."""
        assert len(shares) == len(OUTPUTS)
        span_us, self.since_us = now_us - self.since_us, now_us
        self.thermal.advance(span_us * 1e-6, shares[: len(HEATERS)])
        for name, share in zip(ACTUATORS, shares[len(HEATERS) :], strict=True):
            current_us = self._current_us[name] + share * span_us if share else 0.0
            self._current_us[name] = current_us
            if current_us >= WORKS_US[name]:
                self.done_us.setdefault(name, now_us)

    def celsius(self, name: str) -> float:
        """The temperature where a heater sits."""
        return self.thermal.celsius[HEATERS.index(name)]

    def counts(self, name: str) -> int:
        """What a 12-bit converter reads at a thermistor."""
        if name in self.broken:
            return self.broken[name]
        return thermistor.counts(self.celsius(name))
