"""What propulsion's converter sees of tanks and valves, as boards/propulsion_pico/README.md wires it.

    sensors = FeedSensors(world, open_now)
    sensors.counts(PRESSURANT)

Transducers of 5 V behind dividers of 0.6, a shunt of 1 ohm below the coils of each branch, and the drivers'
supply behind a divider of 1/11.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from host_tools.host_board.isolation import BRANCHES
from host_tools.host_board.parts.rp2040_adc import REFERENCE_V, code
from host_tools.world.world import World

FUEL, OXIDISER, PRESSURANT, SUPPLY, GROUND, ARM = range(8, 14)  # channels behind those of the branches
FULL_SCALES_KPA = (2_500.0, 2_500.0, 35_000.0)  # of the transducers (assumed)
SUPPLY_V, DIVIDER = 5.0, 0.6
ARM_DIVIDER = 11.0
COIL_OHM, SHUNT_OHM = 56.0, 1.0  # a coil of 0.5 A at 28 V (assumed)
ARM_V = 28.0


class FeedSensors:
    """Transducers and shunts around a world. open_now: whether each valve's gate is high.

    `arm_v`: the drivers' supply; `broken`: volts that a channel has instead.
    """

    def __init__(self, world: World, open_now: Callable[[], Sequence[bool] | NDArray[np.bool_]]) -> None:
        self.arm_v = ARM_V
        self.broken: dict[int, float] = {}
        self._world = world
        self._open_now = open_now

    def counts(self, channel: int) -> int:
        """What the converter reads at this channel now."""
        return code(self.volts(channel), float(self._world.feed_rng.standard_normal()))

    def volts(self, channel: int) -> float:
        """At the converter; it clamps what is above its reference."""
        if channel in self.broken:
            return self.broken[channel]
        if channel < FUEL:
            return min(REFERENCE_V, self._drawing(channel) * SHUNT_OHM * self.arm_v / COIL_OHM)
        if channel <= PRESSURANT:
            world, tank = self._world, channel - FUEL
            share = world.tanks.pressures_kpa(world.mass_kg)[tank] / FULL_SCALES_KPA[tank]
            return SUPPLY_V * DIVIDER * (0.1 + 0.8 * min(share, 1.0))
        return {SUPPLY: SUPPLY_V * DIVIDER, ARM: min(REFERENCE_V, self.arm_v / ARM_DIVIDER)}.get(channel, 0.0)

    def _drawing(self, branch: int) -> int:
        """How many coils of a branch draw current."""
        faults, gates = self._world.faults, self._open_now()
        dead = faults.valves_with("coil_open") if faults is not None else ()
        driven = faults.valves_with("driver_closed") if faults is not None else ()
        return sum(
            valve in driven or (bool(gates[valve]) and valve not in dead) for valve in BRANCHES[branch]
        )
