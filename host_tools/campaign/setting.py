"""What landings of one scenario share: the navigation board's memory at the start, altimeters, limits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.abreast import memory
from host_tools.campaign.abreast.flight import Rules
from host_tools.campaign.abreast.trouble import flies_abreast
from host_tools.campaign.abreast.voters import NUMBERS
from host_tools.comparators.registry import FLIGHT
from host_tools.host_board.lander import Lander
from host_tools.host_board.surroundings import initial_state
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world import ending
from host_tools.world.world import World
from plumbline.kernels import slots as s

KINDS = ("laser", "radar")  # rows LASER and RADAR of sensors.py
_TICKS_A_SECOND = 100


@dataclass(frozen=True)
class Setting:
    """What landings of one scenario share. `ints` is copied for each landing.

    Landings fly abreast when `shared` is the same: they follow the same rules.
    """

    ints: NDArray[np.int32]
    rules: Rules
    rims: int

    @property
    def shared(self) -> tuple[object, ...]:
        """What landings that fly abreast have in common."""
        rules = self.rules
        lists = rules.order.tolist(), rules.fitted.tolist(), rules.latency_us.tolist()
        return str(lists), rules.delay_ms, rules.limits, rules.last_tick, rules.voter, self.rims

    @classmethod
    def of(cls, world: World, voter: str = FLIGHT) -> "Setting":
        """From any world of the scenario; the navigation board itself makes its memory.

        Raises ValueError in one line for a scenario that cannot be flown in batches.
        """
        scenario = world.scenario
        if scenario.vehicle.imu_2 is not None:
            raise ValueError(
                f"{scenario.name}: vehicle.imu_2: a batch flies vehicles with one inertial unit; "
                "`plumbline land` flies this one"
            )
        if not flies_abreast(scenario):
            raise ValueError(
                f"{scenario.name}: faults: a batch flies no board that fails; `plumbline land` flies this one"
            )
        lander = Lander(world, flight_parameters(scenario.vehicle))
        navigation, parts = lander.navigation, lander.surroundings
        navigation._initialise(initial_state(world), 0)
        if navigation.guidance[s.GUI_PHASE] == 0:
            raise ValueError(f"{scenario.name}: start: the navigation board refuses this initial state")
        ints = np.zeros(memory.SIZE, np.int32)
        arrays = navigation.arrays()
        for name in ("estimate", "state", "vote", "guidance", "attitude", "demand"):
            ints[memory.PLACES[name]] = arrays[name]
        ints[memory.PLACES["params"]] = navigation.parameters.values
        ints[memory.PLACES["fit"]] = navigation.parameters.fit
        kinds = [part.kind for part in scenario.vehicle.altimeters]
        rules = Rules(
            order=np.array([KINDS.index(name) for name in navigation.parameters.altimeters]),
            fitted=np.array([kind in kinds for kind in KINDS]),
            latency_us=np.array([parts.laser.latency_us, parts.radar.latency_us]),
            delay_ms=navigation.parameters.radar_delay_ms,
            limits=ending.limits_of(scenario.landing_limits),
            last_tick=int(scenario.time_limit_s * _TICKS_A_SECOND),
            voter=NUMBERS[voter],
        )
        return cls(ints, rules, len(scenario.terrain.rims))
