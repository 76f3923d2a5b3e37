"""Our loop of the bench, behind one function: whatever flies landings fastest goes here."""

from collections.abc import Callable

from host_tools.campaign import batch
from host_tools.scenarios.schema import Scenario
from host_tools.world.lanes import LANES

CONTAINS = (
    "closed loop, 100 Hz: rigid body at 500 Hz, 15 thrusters with rise and fall, mass flow, point-mass Moon, "
    "terrain, legs; inertial unit, laser and radar with errors; both boards' flight code without "
    "drivers and packets, which change nothing (host tier, eight landings abreast, one core)"
)


def ready(scenario: Scenario, seed: int) -> Callable[[], float]:
    """What is timed: whole landings, set-up of their worlds included; it gives the seconds that they flew."""
    batch.prepare(scenario)
    return lambda: float(batch.fly(scenario, range(seed, seed + LANES))["flight_s"].sum())
