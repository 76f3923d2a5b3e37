"""A stream of readings through a vote, the flight code's or a comparator's, and what it held each tick."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.comparators.registry import FLIGHT, VOTERS, Step
from host_tools.scenarios.parameters import flight_parameters
from host_tools.trials.readings import FOOT_DOWN_M
from host_tools.trials.streams import Stream, vehicle
from plumbline.kernels import altitude, ranging
from plumbline.kernels import slots as s

_LEVEL_ATTITUDE = 2**29 - 2
_FAR_DOWNRANGE_MM = -600_000_000  # from the site: the ground below is not known to be the datum
_COLUMNS = 6 + 4  # of `out`, the last four verdicts


@dataclass
class Votes:
    """After each of n ticks."""

    agl_m: NDArray[np.float64]  # (n,)
    acquired: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    protection_m: NDArray[np.float64]
    flags: NDArray[np.int64]
    verdicts: NDArray[np.int64]  # (n, altimeters)
    steps: NDArray[np.int64]
    heard: NDArray[np.bool_]  # (n, altimeters): a valid reading came in this tick


@njit(cache=True)
def _begin_tick(estimate, tick, climb_mm, velocity_q8, velocity_age_ticks, pull):
    """Navigation's part: what the vote has added to the sink rate climbs along, as it does on a board.

    pull: what it has added so far (mm/s * 256), and the climb of it that is no whole mm yet (mm * 25,600).
    """
    pull[1] += pull[0]
    extra = pull[1] // 25_600
    pull[1] -= extra * 25_600
    climb = climb_mm[tick] + extra
    estimate[s.EST_CLIMB_MM] = climb
    estimate[s.EST_ALTITUDE_MM] += climb
    age = velocity_age_ticks
    if age > 100:
        age = min(100_000, age + tick)
    estimate[s.EST_VELOCITY_AGE_TICKS] = age
    estimate[s.EST_VELOCITY_UP_Q8] = velocity_q8[tick, 0] + pull[0]
    estimate[s.EST_VELOCITY_DOWNRANGE_Q8] = velocity_q8[tick, 1]


@njit(cache=True)
def _hear(vote, estimate, readings, arrivals, row, tick, fit, heard):
    """Take in what has arrived by this tick, as navigation does in every tick; the next row."""
    while row < arrivals.shape[0] and arrivals[row, 0] <= tick:
        index = arrivals[row, 1]
        readings[index, s.ALT_COUNT] += 1
        readings[index, s.ALT_STATUS] = arrivals[row, 2]
        readings[index, s.ALT_RANGE_MM] = arrivals[row, 3]
        readings[index, s.ALT_AGE_MS] = arrivals[row, 4]
        if arrivals[row, 2] & 1:
            heard[tick, index] = True
        row += 1
    for index in range(vote[s.VOT_FITTED]):
        ranging.ingest(vote, estimate, readings[index], index, fit)
    return row


@njit(cache=True)
def _end_tick(vote, estimate, tick, velocity_q8, pull, out):
    """Write down what the vote holds, and what it has added to the sink rate."""
    pull[0] = estimate[s.EST_VELOCITY_UP_Q8] - velocity_q8[tick, 0]
    out[tick, 0] = estimate[s.EST_AGL_MM]
    out[tick, 1] = vote[s.VOT_ACQUIRED]
    out[tick, 2] = estimate[s.EST_AGL_VALID]
    out[tick, 3] = vote[s.VOT_PROTECTION_MM]
    out[tick, 4] = vote[s.VOT_FLAGS]
    out[tick, 5] = vote[s.VOT_STEPS]
    for index in range(vote[s.VOT_FITTED]):
        out[tick, 6 + index] = vote[s.VOT_FIRST + index * s.VOT_STRIDE + s.VOT_VERDICT]


@njit(cache=True)
def _fly(vote, estimate, readings, fit, climb_mm, velocity_q8, velocity_age_ticks, arrivals, out, heard):
    pull = np.zeros(2, np.int64)
    row = 0
    for tick in range(climb_mm.shape[0]):
        _begin_tick(estimate, tick, climb_mm, velocity_q8, velocity_age_ticks, pull)
        row = _hear(vote, estimate, readings, arrivals, row, tick, fit, heard)
        altitude.step(vote, estimate)
        _end_tick(vote, estimate, tick, velocity_q8, pull, out)


def _fly_step(
    step: Step,
    vote: Any,
    estimate: Any,
    readings: Any,
    fit: Any,
    climb_mm: Any,
    velocity_q8: Any,
    velocity_age_ticks: int,
    arrivals: Any,
    out: Any,
    heard: Any,
) -> None:
    """The same with any step, also one that numba does not know."""
    pull = np.zeros(2, np.int64)
    row = 0
    for tick in range(climb_mm.shape[0]):
        _begin_tick(estimate, tick, climb_mm, velocity_q8, velocity_age_ticks, pull)
        row = _hear(vote, estimate, readings, arrivals, row, tick, fit, heard)
        step(vote, estimate)
        _end_tick(vote, estimate, tick, velocity_q8, pull, out)


@lru_cache(maxsize=16)
def fit_of(kinds: tuple[str, ...]) -> NDArray[np.int32]:
    """FIT_ slots of these altimeters, as a board's parameters have them; they answer without a bus here."""
    entries = {entry["name"]: entry for entry in flight_parameters(vehicle())["altimeters"]}
    fit = np.zeros(4 * s.FIT_STRIDE, np.int32)
    for index, kind in enumerate(kinds):
        entry = entries[kind]
        fit[index * s.FIT_STRIDE : (index + 1) * s.FIT_STRIDE] = (
            entry["floor_mm"],
            entry["fraction_q14"],
            round(FOOT_DOWN_M * 1000),
            0,
            entry["reach_mm"],
        )
    return fit


def fly(stream: Stream, voter: str = FLIGHT, seed: int = 0) -> Votes:
    """A voter's answer to one trial; seed: of what the voter itself draws."""
    step = VOTERS[voter](seed)
    return fly_step(stream, None if voter == FLIGHT else step)


def fly_step(stream: Stream, step: Step | None) -> Votes:
    """The answer of any step with the signature of altitude.step; None for the flight code's own."""
    vote, estimate = np.zeros(s.VOT_SIZE, np.int32), np.zeros(s.EST_SIZE, np.int32)
    readings = np.zeros((4, s.ALT_SIZE), np.int32)
    readings[:, s.ALT_BEAM_COS_Q14] = 16384
    fit = fit_of(stream.kinds)
    vote[s.VOT_FITTED] = len(stream.kinds)
    for index in range(len(stream.kinds)):
        vote[s.VOT_FIRST + index * s.VOT_STRIDE + s.VOT_REACH_MM] = fit[index * s.FIT_STRIDE + s.FIT_REACH_MM]
    estimate[s.EST_ALTITUDE_MM] = stream.altitude_mm
    estimate[s.EST_DOWNRANGE_MM] = _FAR_DOWNRANGE_MM
    estimate[s.EST_R00] = estimate[s.EST_R00 + 4] = estimate[s.EST_R00 + 8] = _LEVEL_ATTITUDE
    ticks = len(stream.climb_mm)
    out, heard = np.zeros((ticks, _COLUMNS), np.int64), np.zeros((ticks, 4), np.bool_)
    flown = (
        vote,
        estimate,
        readings,
        fit,
        stream.climb_mm,
        stream.velocity_q8,
        stream.velocity_age_ticks,
        stream.arrivals,
        out,
        heard,
    )
    if step is None:
        _fly(*flown)
    else:
        _fly_step(step, *flown)
    count = len(stream.kinds)
    return Votes(
        out[:, 0].astype(np.float64) / 1e3,
        out[:, 1] == 1,
        out[:, 2] == 1,
        out[:, 3].astype(np.float64) / 1e3,
        out[:, 4],
        out[:, 6 : 6 + count],
        out[:, 5],
        heard[:, :count],
    )
