"""Our loop of the bench, behind one function: whatever flies landings fastest goes here."""

from collections.abc import Callable

from host_tools.landing.loop import fly
from host_tools.scenarios.schema import Scenario

CONTAINS = (
    "closed loop, 100 Hz: rigid body at 500 Hz, 15 thrusters with rise and fall, mass flow, point-mass Moon, "
    "terrain, legs; inertial unit, laser and radar with errors; both boards' flight code with "
    "drivers and packets (host tier, one landing after another)"
)


def ready(scenario: Scenario, seed: int) -> Callable[[], float]:
    """What is timed: whole landings, set-up of their worlds included; it gives the seconds that it flew."""
    return lambda: fly(scenario, seed).flight_s
