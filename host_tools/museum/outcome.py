"""What counts as survived, how wrong the believed height was, and for how long the lander was blind.

Everything is measured on the truth beside the estimate, so that it means the same for every voter.
The believed height is agl once a range has been had, and before that the altitude above the site.
"""

from dataclasses import dataclass

import numpy as np

from host_tools.landing.record import Course
from host_tools.scenarios.schema import Scenario
from host_tools.scenarios.vehicle import STANDARD_GRAVITY_M_S2
from host_tools.world.moon import MU_M3_S2, RADIUS_M

FROM_AGL_M = 10_000.0  # below it the believed height is judged
BLIND_M, BLIND_SHARE = 100.0, 0.05  # wrong by more than both is blind
LASTING_S = 2.0  # an error counts as the worst when it has lasted this long
CLEAR_M = 10_000.0  # no ground of these landings is higher: a path that stays above it is an orbit
ABORT_RESERVE = 0.1  # more speed than the manoeuvre needs in the ideal
FLYING_M = 1.0  # engines cut off as if landed, this high or higher, are cut off in flight
DOWN = ("contact", "landed")  # phases in which the lander says that it stands on the ground

DEFINITION = (
    "Survived: the lander came to stand on the ground with its engines off, its touchdown within what the "
    "legs survive (the scenario's landing_limits); or it is still above the ground when the time limit ends "
    f"the flight, on a path that stays {CLEAR_M / 1e3:g} km above the site, or with propellant to get onto "
    f"one and {ABORT_RESERVE:.0%} more. Whoever hovers until the time is up has not survived."
)
ERRORS = (
    f"Judged below {FROM_AGL_M / 1e3:g} km above the ground, until the first contact. Worst error: of the "
    "believed height (above the ground once a range has been had, above the site before), the largest that "
    f"lasted {LASTING_S:g} s, worst of all seeds. Blind: "
    f"the time in which that height was wrong by more than {BLIND_M:g} m and {BLIND_SHARE:.0%}, longest of "
    "all seeds."
)


@dataclass(frozen=True)
class Outcome:
    """What the table needs of one flight."""

    survived: bool
    aborted: bool
    cut_off_in_flight: bool
    worst_error_m: float  # nan when the flight never came below FROM_AGL_M
    blind_s: float
    false_landed: bool  # it said that it stood on the ground before any foot had touched
    settled_s: float | None = None  # until agl was right again after the worst rim, inf for never
    overdue_m: float | None = None  # how high it was when a range was first said to be overdue


def judge(record: Course, scenario: Scenario) -> Outcome:
    """The outcome of one flight."""
    aborted = record.touchdown is None and safely_away(record, scenario)
    error_m, agl_m = believed_error_m(record)
    step_s = _step_s(record)
    blind = (error_m > BLIND_M) & (error_m > BLIND_SHARE * agl_m)
    return Outcome(
        survived=record.landed or aborted,
        aborted=aborted,
        cut_off_in_flight=_cut_off_in_flight(record),
        worst_error_m=_lasting(error_m, max(1, round(LASTING_S / step_s))),
        blind_s=float(np.count_nonzero(blind)) * step_s,
        false_landed=_false_landed(record),
        settled_s=record.settled_s,
        overdue_m=record.overdue_agl_m,
    )


def believed_m(record: Course) -> np.ndarray:
    """The believed height, at every sample of the trace."""
    agl_m = record.trace["estimated_agl_m"]
    return np.where(np.isfinite(agl_m), agl_m, record.trace["estimated_altitude_m"])


def believed_error_m(record: Course) -> tuple[np.ndarray, np.ndarray]:
    """(size of the believed height's error, true height), where it is judged."""
    trace = record.trace
    judged = trace["true_agl_m"] < FROM_AGL_M
    if record.touchdown is not None:
        judged &= trace["time_s"] < record.touchdown.time_s
    agl_m = trace["true_agl_m"][judged]
    return np.abs(believed_m(record)[judged] - agl_m), agl_m


def safely_away(record: Course, scenario: Scenario) -> bool:
    """Whether the end of the trace is on an orbit that clears the ground, or can be put onto one.

    The speed that this needs is the ideal one, from the present height: to the circular orbit's speed
    there, and none left up or down.
    """
    trace = record.trace
    radius_m = RADIUS_M + float(trace["true_altitude_m"][-1])
    up_m_s, along_m_s = (float(trace[f"true_{axis}_speed_m_s"][-1]) for axis in ("vertical", "horizontal"))
    if float(trace["true_agl_m"][-1]) <= 0.0:
        return False
    if perilune_m(radius_m, up_m_s, along_m_s) - RADIUS_M > CLEAR_M:
        return True
    if radius_m - RADIUS_M <= CLEAR_M:  # the way up to it costs more than this estimate knows of
        return False
    needed_m_s = float(np.hypot(up_m_s, np.sqrt(MU_M3_S2 / radius_m) - along_m_s)) * (1.0 + ABORT_RESERVE)
    mass_kg = scenario.vehicle.empty_mass_kg + record.propellant_left_kg
    exhaust_m_s = scenario.vehicle.main_engine.isp_s * STANDARD_GRAVITY_M_S2
    return exhaust_m_s * float(np.log(mass_kg / scenario.vehicle.empty_mass_kg)) >= needed_m_s


def perilune_m(radius_m: float, up_m_s: float, along_m_s: float) -> float:
    """The least distance from the Moon's centre of the path that is flown without thrust."""
    energy = 0.5 * (up_m_s**2 + along_m_s**2) - MU_M3_S2 / radius_m
    if energy >= 0.0:
        return radius_m if up_m_s >= 0.0 else 0.0
    axis_m = -0.5 * MU_M3_S2 / energy
    eccentricity = np.sqrt(max(0.0, 1.0 - (radius_m * along_m_s) ** 2 / (MU_M3_S2 * axis_m)))
    return float(axis_m * (1.0 - eccentricity))


def _cut_off_in_flight(record: Course) -> bool:
    return any(
        moment.name == "cutoff" and record.at("true_agl_m", moment.time_s) > FLYING_M
        for moment in record.moments
    )


def _false_landed(record: Course) -> bool:
    said = np.isin(record.trace["phase"], DOWN)
    if record.touchdown is not None:
        said &= record.trace["time_s"] < record.touchdown.time_s
    return bool(said.any())


def _step_s(record: Course) -> float:
    return record.flight_s / max(1, record.trace["time_s"].size - 1)


def _lasting(error_m: np.ndarray, samples: int) -> float:
    """The largest value that the error did not fall below for that many samples."""
    if error_m.size == 0:
        return float("nan")
    samples = min(samples, error_m.size)
    windows = np.lib.stride_tricks.sliding_window_view(error_m, samples)
    return float(windows.min(axis=1).max())
