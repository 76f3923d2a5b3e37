"""A stream of readings through the flight vote, compiled: what it held after every tick."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.trials.streams import FOOT_DOWN_M, Stream
from plumbline.kernels import altitude, ranging
from plumbline.kernels import slots as s

_LEVEL_ATTITUDE = 2**29 - 2


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
def _fly(vote, estimate, fit, climb_mm, velocity_q8, velocity_age_ticks, arrivals, out, heard):
    reading = np.zeros(s.ALT_SIZE, np.int32)
    reading[s.ALT_BEAM_COS_Q14] = 16384
    counts = np.zeros(4, np.int64)
    estimate[s.EST_VELOCITY_UP_Q8] = velocity_q8[0]
    estimate[s.EST_VELOCITY_DOWNRANGE_Q8] = velocity_q8[1]
    row = 0
    for tick in range(climb_mm.shape[0]):
        estimate[s.EST_CLIMB_MM] = climb_mm[tick]
        estimate[s.EST_ALTITUDE_MM] += climb_mm[tick]
        age = velocity_age_ticks
        if age > 100:
            age = min(100_000, age + tick)
        estimate[s.EST_VELOCITY_AGE_TICKS] = age
        while row < arrivals.shape[0] and arrivals[row, 0] <= tick:
            index = arrivals[row, 1]
            counts[index] += 1
            reading[s.ALT_COUNT] = counts[index]
            reading[s.ALT_STATUS] = arrivals[row, 2]
            reading[s.ALT_RANGE_MM] = arrivals[row, 3]
            reading[s.ALT_AGE_MS] = arrivals[row, 4]
            ranging.ingest(vote, estimate, reading, index, fit)
            heard[tick, index] = arrivals[row, 2] & 1
            row += 1
        altitude.step(vote, estimate)
        estimate[s.EST_VELOCITY_UP_Q8] = velocity_q8[0]
        out[tick, 0] = estimate[s.EST_AGL_MM]
        out[tick, 1] = vote[s.VOT_ACQUIRED]
        out[tick, 2] = estimate[s.EST_AGL_VALID]
        out[tick, 3] = vote[s.VOT_PROTECTION_MM]
        out[tick, 4] = vote[s.VOT_FLAGS]
        out[tick, 5] = vote[s.VOT_STEPS]
        for index in range(vote[s.VOT_FITTED]):
            out[tick, 6 + index] = vote[s.VOT_FIRST + index * s.VOT_STRIDE + s.VOT_VERDICT]


def fit_of(kinds: tuple[str, ...]) -> NDArray[np.int32]:
    """FIT_ slots of these altimeters, as a board's parameters have them; they answer without a bus here."""
    entries = {entry["name"]: entry for entry in flight_parameters(load("resilience_nominal").vehicle)["altimeters"]}
    fit = np.zeros(4 * s.FIT_STRIDE, np.int32)
    for index, kind in enumerate(kinds):
        entry = entries[kind]
        fit[index * s.FIT_STRIDE : (index + 1) * s.FIT_STRIDE] = (
            entry["floor_mm"], entry["fraction_q14"], round(FOOT_DOWN_M * 1000), 0, entry["reach_mm"],
        )  # fmt: skip
    return fit


def fly(stream: Stream) -> Votes:
    """The flight voter's answer to one trial."""
    vote, estimate = np.zeros(s.VOT_SIZE, np.int32), np.zeros(s.EST_SIZE, np.int32)
    fit = fit_of(stream.kinds)
    vote[s.VOT_FITTED] = len(stream.kinds)
    for index in range(len(stream.kinds)):
        vote[s.VOT_FIRST + index * s.VOT_STRIDE + s.VOT_REACH_MM] = fit[index * s.FIT_STRIDE + s.FIT_REACH_MM]
    estimate[s.EST_ALTITUDE_MM] = stream.altitude_mm
    estimate[s.EST_DOWNRANGE_MM] = -600_000_000
    estimate[s.EST_R00] = estimate[s.EST_R00 + 4] = estimate[s.EST_R00 + 8] = _LEVEL_ATTITUDE
    ticks = len(stream.climb_mm)
    out, heard = np.zeros((ticks, 10), np.int64), np.zeros((ticks, 4), np.bool_)
    _fly(
        vote, estimate, fit, stream.climb_mm, stream.velocity_q8, stream.velocity_age_ticks, stream.arrivals,
        out, heard,
    )  # fmt: skip
    count = len(stream.kinds)
    return Votes(
        out[:, 0] * 1e-3, out[:, 1] == 1, out[:, 2] == 1, out[:, 3] * 1e-3, out[:, 4], out[:, 6 : 6 + count],
        out[:, 5], heard[:, :count],
    )  # fmt: skip
