"""A flight that costs nothing, for the tests of campaigns: numbers out of the seed, some of them crashes.

It is imported by worker processes too, so what a test asks of it stands in the environment.
"""

import hashlib
import math
import os
import signal
from pathlib import Path

DIES = "PLUMBLINE_TEST_DIES"  # a file: the first worker to reach _FATAL makes it, and dies
KILLS = "PLUMBLINE_TEST_KILLS"  # a process that whoever reaches _FATAL kills instead
_FATAL = 37


def fly(runs):
    """Rows as flight.fly gives them."""
    return [row(run) for run in runs]


def fly_and_die(runs):
    """The same, but somebody dies of it once."""
    if any(run.index == _FATAL for run in runs):
        if KILLS in os.environ:
            os.kill(int(os.environ[KILLS]), signal.SIGKILL)
        elif DIES in os.environ and not Path(os.environ[DIES]).exists():
            Path(os.environ[DIES]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return fly(runs)


def row(run):
    """About one in twenty crashes; the vertical speed comes from the mass, the rest is noise."""
    u = [byte / 255.0 for byte in hashlib.sha256(str(run.seed).encode()).digest()]
    landed = u[0] > 0.05
    down = 1.0 + 0.4 * u[1] if landed else 5.0
    place = (400.0 * (u[2] - 0.5), 100.0 * (u[3] - 0.5))
    return {
        "landed": landed,
        "ending": "landed" if landed else "hit_the_ground",
        "what": "stands on the Moon with its engines off" if landed else "hit the ground at 5.0 m/s",
        "touchdown_s": 830.0 + u[4],
        "vertical_speed_m_s": down,
        "horizontal_speed_m_s": 0.3 * u[5],
        "tilt_deg": 2.0 * u[6],
        "miss_m": math.hypot(*place),
        "downrange_m": place[0],
        "crossrange_m": place[1],
        "propellant_left_kg": 45.0 + 5.0 * u[7],
        "max_agl_error_m": math.nan if u[8] < 0.1 else 50.0 * u[8],
        "max_altitude_error_m": 200.0 * u[9],
        "drawn_mass_off_kg": 4.0 * (u[1] - 0.5),
        "drawn_nothing": u[10],
    }
