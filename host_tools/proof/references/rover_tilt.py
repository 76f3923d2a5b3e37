"""Tilt and yaw of the rover in real numbers, and how far sums that are cut to 14 bits may be off."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
UPRIGHT, WINDOW, REST = 16_384, 64, 450
LEAST_GRAVITY = 900  # of sums / 2^10
STEADY = 300
AXES = slice(s.TLT_SUM_X, s.TLT_SUM_Z + 1)


def step(tilt: Memory, imu: Memory, resting: Column) -> Answer:
    """Silence is counted; else bias, sums, and the tilt when 64 samples are there."""
    samples = np.clip(imu[s.IMU_SAMPLES], 0, 36)
    heard = samples > 0
    tilt[s.TLT_SILENT_TICKS] = np.where(heard, 0, np.minimum(tilt[s.TLT_SILENT_TICKS] + 1, 1000))
    turned = np.clip(imu[s.IMU_ANGLE_Z], -2_000_000, 2_000_000)
    part = tilt[:, heard]
    _bias(part, samples[heard], turned[heard], resting[heard])
    kicks = np.clip(imu[s.IMU_VELOCITY_X : s.IMU_VELOCITY_X + 3, heard], -12_000_000, 12_000_000)
    part[AXES] = np.clip(part[AXES] + kicks, -900_000_000, 900_000_000)
    part[s.TLT_SAMPLES] = np.minimum(part[s.TLT_SAMPLES] + samples[heard], 100)
    full = part[s.TLT_SAMPLES] >= WINDOW
    window = part[:, full]
    near = _level(window)
    part[:, full] = window
    tilt[:, heard] = part
    rows = np.flatnonzero(heard)[full]
    answer = Answer(np.where(heard, turned - tilt[s.TLT_BIAS] * samples, 0))
    _spread(answer, tilt, rows, near)
    return answer


def learn_bias(tilt: Memory, samples: Column, turned: Column, resting: Column) -> Answer:
    """As `_bias`."""
    _bias(tilt, samples, turned, resting)
    return Answer(None)


def _bias(tilt: Memory, samples: Column, turned: Column, resting: Column) -> None:
    """The mean of 450 samples, cut towards zero, held at 50,000; motion begins anew."""
    count = np.where(resting == 1, tilt[s.TLT_REST_SAMPLES] + samples, 0)
    total = np.where(resting == 1, np.clip(tilt[s.TLT_REST_YAW] + turned, -(10**9), 10**9), 0)
    full = count >= REST
    mean = np.sign(total) * (np.abs(total) // np.maximum(count, 1))
    tilt[s.TLT_BIAS] = np.where(full, np.clip(mean, -50_000, 50_000), tilt[s.TLT_BIAS])
    tilt[s.TLT_REST_SAMPLES] = np.where(full, 0, count)
    tilt[s.TLT_REST_YAW] = np.where(full, 0, total)


def level(tilt: Memory) -> Answer:
    """As `_level`."""
    near = _level(tilt)
    answer = Answer(None, {(RESULT, 0): (tilt[s.TLT_VALID].astype(float), 0)})
    _spread(answer, tilt, np.arange(tilt.shape[1]), near)
    answer.near[RESULT, 0] = answer.near["tilt", s.TLT_VALID]
    return answer


def _level(tilt: Memory) -> dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Sine of the angle between z and gravity, of components up to 16 g; NaN where rounding decides."""
    sums = np.clip(tilt[AXES] >> 10, -18_000, 18_000).astype(np.float64)
    across, total = np.hypot(sums[0], sums[1]), np.sqrt((sums**2).sum(axis=0))
    there = np.floor(total + 1e-9) >= LEAST_GRAVITY
    sine = np.minimum(across / np.maximum(total, 1) * UPRIGHT, UPRIGHT)
    # two roots cut to whole numbers: relative errors of 1/across and 1/total, and the quotient's
    allowed = 2 + 2 * UPRIGHT / np.maximum(total, 1)
    sine = np.where(sums[2] < 0, 2 * UPRIGHT - sine, sine)
    change = np.abs(sine - tilt[s.TLT_SINE_Q14])
    was_valid = tilt[s.TLT_VALID] == 1
    quiet = np.where(there & was_valid & (change <= STEADY), np.minimum(tilt[s.TLT_QUIET] + 1, 100), 0.0)
    quiet[there & was_valid & (np.abs(change - STEADY) <= allowed + 1)] = np.nan
    old = tilt[s.TLT_SINE_Q14].astype(np.float64)
    tilt[s.TLT_SUM_X : s.TLT_SUM_Z + 1] = 0
    tilt[s.TLT_SAMPLES] = 0
    tilt[s.TLT_VALID] = there
    exactly = np.zeros(total.size)
    return {
        s.TLT_VALID: (there.astype(float), exactly),
        s.TLT_SINE_Q14: (np.where(there, sine, old), np.where(there, allowed, 0)),
        s.TLT_QUIET: (quiet, exactly),
    }


def _spread(answer: Answer, tilt: Memory, rows: Column, near: dict[int, tuple]) -> None:
    """The windows' answers among the rows that had none."""
    for slot, (value, allowed) in near.items():
        values, bounds = tilt[slot].astype(np.float64), np.zeros(tilt.shape[1])
        values[rows], bounds[rows] = value, allowed
        answer.near["tilt", slot] = (values, bounds)
