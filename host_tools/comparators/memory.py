"""What the comparators share: readings in, heights moved along, an altitude out, in metres and seconds.

They stand where altitude.step stands: `ranging.ingest` has made a level of the ground of each slant range
and left it in the altimeter's slots of `vote`. What a comparator remembers of a flight is one array of
doubles, so that landings by the thousand (campaign/abreast) step it as a single lander does.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.world.compiled import compiled
from plumbline.kernels import altitude, ranging
from plumbline.kernels import slots as s

CompiledStep = Callable[[Any, Any, Any], int]

TICK_S = 0.01
MOST_ALTIMETERS = 4
SILENT, ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT = range(5)  # verdicts, as verdicts.py has them

# a memory begins with what is known of each altimeter's last reading; then a comparator's own places
HEIGHT_M, AGE_TICKS = 0, MOST_ALTIMETERS
OWN = 2 * MOST_ALTIMETERS
ROOM = 40  # places that are enough for any of them
NEVER_TICKS = 1e9

# the kernel names an altimeter's slots for itself only: follow it when they move
_LEVEL = ranging._LEVEL_MM
_SIGMA = ranging._SIGMA_MM
_TRIAL = ranging._TRIAL
_VERDICT = s.VOT_VERDICT
_FRESH = ranging._FRESH
# the proved ranges of the estimate's altitude and agl (slots.py)
_LEAST_ALTITUDE_MM, _MOST_ALTITUDE_MM, _MOST_AGL_MM = -10_000_000, 110_000_000, 200_000_000


def nothing_read() -> NDArray[np.float64]:
    """A memory of ROOM places before the first reading; a comparator's own ones are 0."""
    memory = np.zeros(ROOM)
    memory[AGE_TICKS : AGE_TICKS + MOST_ALTIMETERS] = NEVER_TICKS
    return memory


class Voter:
    """A comparator's step and its memory of one flight; called as plumbline.kernels.altitude.step is."""

    def __init__(self, step: CompiledStep, memory: NDArray[np.float64]) -> None:
        self._step, self.memory = step, memory

    def __call__(self, vote: Any, estimate: Any) -> int:
        return self._step(vote, estimate, self.memory)


@compiled
def climb_m(estimate):
    """Altitude gained in this tick."""
    return estimate[s.EST_CLIMB_MM] * 1e-3


@compiled
def take_new(vote, estimate, memory):
    """Move every height with the vehicle, take the new ones; returns them as bits, altimeter 0 lowest."""
    altitude.advance(vote, estimate)
    climb = climb_m(estimate)
    vote[s.VOT_NEWS] = 0  # taken: the next reading may come
    new = 0
    for index in range(vote[s.VOT_FITTED]):
        base = s.VOT_FIRST + index * s.VOT_STRIDE
        memory[HEIGHT_M + index] += climb
        memory[AGE_TICKS + index] += 1.0
        if vote[base + _FRESH] == 1:
            vote[base + _FRESH] = 0
            memory[HEIGHT_M + index] = (vote[s.VOT_ODOMETER_MM] - vote[base + _LEVEL]) * 1e-3
            memory[AGE_TICKS + index] = 0.0
            new |= 1 << index
    return new


@compiled
def sigma_m(vote, index):
    """The part's own standard deviation at the height that it read last."""
    return vote[s.VOT_FIRST + index * s.VOT_STRIDE + _SIGMA] * 1e-3


@compiled
def readings_in_a_row(vote, index):
    """How many readings of an altimeter in a row fit each other and the inertial rate."""
    return vote[s.VOT_FIRST + index * s.VOT_STRIDE + _TRIAL]


@compiled
def judge(vote, index, verdict):
    """Write down an altimeter's verdict."""
    vote[s.VOT_FIRST + index * s.VOT_STRIDE + _VERDICT] = verdict


@compiled
def note_step(vote, step_m):
    """Count a jump of the height that was taken on purpose."""
    vote[s.VOT_STEPS] = min(vote[s.VOT_STEPS] + 1, 1_000_000)
    vote[s.VOT_STEP_MM] = _held(step_m, -2.0 * _MOST_AGL_MM, 2.0 * _MOST_AGL_MM)


@compiled
def ground_speed_m_s(estimate):
    """Horizontal speed."""
    downrange = estimate[s.EST_VELOCITY_DOWNRANGE_Q8] / 256e3
    crossrange = estimate[s.EST_VELOCITY_CROSSRANGE_Q8] / 256e3
    return math.sqrt(downrange * downrange + crossrange * crossrange)


@compiled
def sinking_m_s(estimate):
    """Vertical speed, positive down."""
    return -estimate[s.EST_VELOCITY_UP_Q8] / 256e3


@compiled
def cos_tilt(estimate):
    """Cosine of the angle between thrust axis and vertical."""
    return estimate[s.EST_R00] / 2.0**29


@compiled
def altitude_m(estimate):
    """The altitude that inertial navigation has just moved on."""
    return estimate[s.EST_ALTITUDE_MM] * 1e-3


@compiled
def publish_one(vote, estimate, height_m, known):
    """One altitude for everything: the height above the ground is the altitude above the site."""
    if known:
        vote[s.VOT_ACQUIRED] = 1
        estimate[s.EST_ALTITUDE_MM] = _held(height_m, _LEAST_ALTITUDE_MM, _MOST_ALTITUDE_MM)
    estimate[s.EST_AGL_MM] = estimate[s.EST_ALTITUDE_MM]
    estimate[s.EST_AGL_VALID] = 1 if known else 0
    estimate[s.EST_TERRAIN_MM] = 0
    _tell_guidance(estimate, known)


@compiled
def publish_two(vote, estimate, agl_m, known, valid):
    """Height above the ground beside the inertial altitude, with the terrain between them."""
    if known:
        vote[s.VOT_ACQUIRED] = 1
        estimate[s.EST_AGL_MM] = _held(agl_m, -_MOST_AGL_MM, _MOST_AGL_MM)
        estimate[s.EST_TERRAIN_MM] = estimate[s.EST_ALTITUDE_MM] - estimate[s.EST_AGL_MM]
    estimate[s.EST_AGL_VALID] = 1 if valid else 0
    _tell_guidance(estimate, known)


@compiled
def _tell_guidance(estimate, known):
    """Nobody but the flight voter knows how wrong it may be: the whole height counts."""
    estimate[s.EST_HEIGHT_MM] = estimate[s.EST_AGL_MM] if known else estimate[s.EST_ALTITUDE_MM]
    estimate[s.EST_HEIGHT_DOUBT_MM] = 0
    estimate[s.EST_RANGE_OVERDUE] = 0


@compiled
def _held(metres, least_mm, most_mm):
    """Whole millimetres within a slot's range."""
    return math.floor(min(max(metres * 1e3, least_mm), most_mm) + 0.5)
