"""What one flight leaves behind: the outcome, the moments that matter and the trace at 10 Hz.

Altitude is above the site's datum, agl above the ground below. Vertical speed is positive up in the
trace; at touchdown it is given as the speed of sinking.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

AGL_SETTLED_M = 100.0  # an agl error below this counts as right again after a rim
SETTLED_S = 5.0  # and this soon after it: the project's own requirement
_STAYS_S = 3.0
_ESTIMATE_AT_ZERO_M = 5.0  # the estimate says "on the ground" ...
_STILL_FLYING_M = 100.0  # ... while the truth is at least this high
_RANGE_OVERDUE = 8  # of agl_flags

TRACE_NUMBERS = (
    "time_s",
    "downrange_m",
    "crossrange_m",
    "true_altitude_m",
    "true_agl_m",
    "estimated_altitude_m",
    "estimated_agl_m",
    "protection_m",  # estimated_agl_m is wrong by less, or agl_flags is not 0
    "agl_flags",
    "true_vertical_speed_m_s",
    "estimated_vertical_speed_m_s",
    "true_horizontal_speed_m_s",
    "estimated_horizontal_speed_m_s",
    "throttle",  # 0 to 1 of full thrust
    "tilt_deg",
    "propellant_kg",
    "navigation_overruns",
    "propulsion_overruns",
    "rims_passed",
)
TRACE_TEXTS = ("phase",)
COURSE_COLUMNS = (
    "time_s",
    "true_altitude_m",
    "true_agl_m",
    "estimated_altitude_m",
    "estimated_agl_m",
    "true_vertical_speed_m_s",
    "true_horizontal_speed_m_s",
    "propellant_kg",
    "agl_flags",
    "rims_passed",
    "phase",
)


class Event(NamedTuple):
    """One event as a board reported it."""

    time_s: float
    board: str
    name: str
    severity: str
    argument: int


class Moment(NamedTuple):
    """A moment worth a mark: ignition, first_range, high_gate, rim, terminal, touchdown or another."""

    name: str
    time_s: float


@dataclass(frozen=True)
class Touchdown:
    """First contact with the ground, or the impact; speeds are positive numbers."""

    time_s: float
    vertical_speed_m_s: float
    horizontal_speed_m_s: float
    tilt_deg: float
    miss_distance_m: float


@dataclass(frozen=True)
class Limits:
    """Most that is allowed at touchdown, and least that is to be left."""

    vertical_speed_m_s: float
    horizontal_speed_m_s: float
    tilt_deg: float
    propellant_left_fraction: float


class FalseGround(NamedTuple):
    """The estimate said ground while the lander was still up."""

    time_s: float
    true_agl_m: float


class RimPassage(NamedTuple):
    """A rim, and how long after it the agl estimate was right again for 3 s; nan when it never was."""

    time_s: float
    true_agl_m: float
    settled_after_s: float


@dataclass(kw_only=True)
class Course:
    """What a flight is judged by. `trace` has at least the columns COURSE_COLUMNS, `moments` at least
    those of phases, faults and the touchdown."""

    landed: bool
    outcome: str  # what happened, as in "stands on the Moon with its engines off"
    touchdown: Touchdown | None  # None when time ran out
    propellant_left_kg: float
    trace: dict[str, np.ndarray]
    moments: list[Moment] = field(default_factory=list)

    @property
    def headline(self) -> str:
        """The outcome as a sentence of its own."""
        ending = "Landed" if self.landed else "Did not land" if self.touchdown is None else "Crashed"
        return f"{ending}: {self.outcome}."

    def at(self, column: str, time_s: float) -> float:
        """A column of numbers at a time, between its samples."""
        return float(np.interp(time_s, self.trace["time_s"], self.trace[column]))

    @property
    def flight_s(self) -> float:
        """Simulated time from the first to the last sample."""
        time_s = self.trace["time_s"]
        return float(time_s[-1] - time_s[0])

    @property
    def false_ground(self) -> FalseGround | None:
        """When the agl estimate first said ground high above it; None in a healthy flight."""
        fooled = (self.trace["estimated_agl_m"] <= _ESTIMATE_AT_ZERO_M) & (
            self.trace["true_agl_m"] >= _STILL_FLYING_M
        )
        if not fooled.any():
            return None
        first = int(np.argmax(fooled))
        return FalseGround(float(self.trace["time_s"][first]), float(self.trace["true_agl_m"][first]))

    @property
    def rims(self) -> list[RimPassage]:
        """Every rim that was passed, each judged until the next one or the ground."""
        time_s = self.trace["time_s"]
        error_m = np.abs(self.trace["estimated_agl_m"] - self.trace["true_agl_m"])
        # from the last sample before it: up to 0.1 s too early
        changes = np.flatnonzero(np.diff(self.trace["rims_passed"]) > 0)
        starts = [float(time_s[at]) for at in changes]
        passages = []
        for start_s, end_s in zip(starts, [*starts[1:], math.inf], strict=False):
            during = (time_s >= start_s) & (time_s < end_s)
            settled_s = _settled_after(time_s[during], error_m[during], start_s)
            passages.append(RimPassage(start_s, self.at("true_agl_m", start_s), settled_s))
        return passages

    @property
    def settled_s(self) -> float | None:
        """Until agl was right again after the worst rim, inf for never; None when there was no rim."""
        after_s = [rim.settled_after_s for rim in self.rims]
        return max((math.inf if math.isnan(each) else each for each in after_s), default=None)

    @property
    def overdue_agl_m(self) -> float | None:
        """How high it was when it was first told that no range has come in time."""
        told = (self.trace["agl_flags"].astype(np.int64) & _RANGE_OVERDUE) != 0
        return float(self.trace["true_agl_m"][np.argmax(told)]) if told.any() else None


@dataclass(kw_only=True)
class FlightRecord(Course):
    """One flight. `trace` has the columns TRACE_NUMBERS and TRACE_TEXTS, and per altimeter
    NAME_range_m (nan where there is no reading) and NAME_verdict (text, "none" where there is no reading).
    """

    scenario: str
    title: str
    seed: int
    voter: str
    propellant_left_fraction: float  # of the propellant at ignition
    max_agl_error_m: float  # after the first accepted range; nan when there was none
    max_altitude_error_m: float
    requirement: Limits
    altimeters: list[str]
    terrain_downrange_m: np.ndarray
    terrain_height_m: np.ndarray
    events: list[Event] = field(default_factory=list)
    ticks: int = 0
    wall_s: float = math.nan
    board: str = "host"
    kernels: str = "numba"
    tick_ns: dict[str, list[int]] = field(default_factory=dict)  # by board, where a chip's time is known


def _settled_after(time_s: np.ndarray, error_m: np.ndarray, start_s: float) -> float:
    """Seconds from `start_s` until the error has come below AGL_SETTLED_M to stay for _STAYS_S.

    nan when it never did, and when it was wrong in the end.
    """
    wrong_s = time_s[~(error_m < AGL_SETTLED_M)]
    if wrong_s.size and wrong_s[-1] == time_s[-1]:
        return math.nan
    # right again after the last wrong sample that a quiet stretch follows
    for last_s, next_s in zip([start_s, *wrong_s], [*wrong_s, math.inf], strict=True):
        right_s = time_s[time_s > last_s] if last_s in wrong_s else time_s
        if right_s.size and min(next_s, time_s[-1] + 1.0) - right_s[0] >= _STAYS_S:
            return max(0.0, float(right_s[0] - start_s))
    return math.nan
