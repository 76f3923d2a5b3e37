"""How a flight ends after a foot has touched: one rule, for a single landing and for thousands at once."""

import math
from collections.abc import Mapping

from host_tools.scenarios.schema import LandingLimits
from host_tools.world import dynamics as dyn
from host_tools.world.compiled import compiled

(OPEN, LANDED, HIT, SLID, TILTED, TIPPED, UNRECOGNISED, TIME_OUT) = range(8)
NAMES = ("open", "landed", "hit", "slid", "tilted", "tipped", "unrecognised", "time_out")
_TEXTS = {
    LANDED: "stands on the Moon with its engines off",
    HIT: "hit the ground at {sinking:.1f} m/s; the legs survive {sinking_limit:g}",
    SLID: "slid in at {sliding:.1f} m/s; the legs survive {sliding_limit:g}",
    TILTED: "touched down tilted by {tilt:.1f} degrees; the legs survive {tilt_limit:g}",
    TIPPED: "touched down and tipped over",
    UNRECOGNISED: "touched down but did not recognise the ground",
    TIME_OUT: "was still flying when the scenario's time ran out",
}

_PHASE_LANDED = 6
_REST_S = 3.0
_RECOGNISE_S = 20.0  # after contact, for the flight code to see that it stands
_TIPPED_RAD = math.radians(45.0)
_BURIED_M = -1.0


def limits_of(limits: LandingLimits) -> tuple[float, float, float]:
    """Most that the legs survive, as `after_contact` takes it: sinking, sliding (m/s), tilt (degrees)."""
    return limits.vertical_speed_m_s, limits.horizontal_speed_m_s, limits.tilt_deg


@compiled
def after_contact(contact, view, now_us, phase, limits):
    """How it has ended once a foot has touched, or OPEN while that is still open.

    contact, view: as World has them; phase: guidance's; limits: of `limits_of`.
    """
    if -contact[1 + dyn.SPEED_UP] > limits[0]:
        return HIT
    if math.hypot(contact[1 + dyn.SPEED_DOWNRANGE], contact[1 + dyn.SPEED_CROSSRANGE]) > limits[1]:
        return SLID
    if math.degrees(contact[1 + dyn.TILT_RAD]) > limits[2]:
        return TILTED
    if view[dyn.TILT_RAD] > _TIPPED_RAD or view[dyn.AGL_M] < _BURIED_M:
        return TIPPED
    since_s = (now_us - contact[0]) * 1e-6
    if phase == _PHASE_LANDED and since_s > _REST_S:
        return LANDED
    if since_s > _RECOGNISE_S:
        return UNRECOGNISED
    return OPEN


def said(ending: int, sinking_m_s: float, sliding_m_s: float, tilt_deg: float, limits: LandingLimits) -> str:
    """What happened, in words, from the ending and the touchdown's figures."""
    numbers: Mapping[str, float] = {
        "sinking": sinking_m_s,
        "sliding": sliding_m_s,
        "tilt": tilt_deg,
        "sinking_limit": limits.vertical_speed_m_s,
        "sliding_limit": limits.horizontal_speed_m_s,
        "tilt_limit": limits.tilt_deg,
    }
    return _TEXTS[ending].format(**numbers)
