"""ArduPilot-like: EKF3 with range finders as its height; vertical channel only, one altitude.

The source is the first altimeter whose last three samples are all younger than 500 ms; their median counts.
Every change of source resets the height to it. Noise: the part's, and ground of a gradient of 0.1 where a
tilted beam meets it. Beyond five sigma a sample is rejected; after 5 s of that the height is reset.
Sources: EK3_SRC1_POSZ, _RNG_M_NSE, _TERR_GRAD, _HGT_I_GATE as documented; ArduPilot 4508, 7119, 14375.
Assumed: the noise is tuned to the part, vertical velocity is known to 0.3 m/s, no barometer to fall back on.
"""

import math

import numpy as np
from numba import njit

from host_tools.comparators import memory as m

SAMPLES = 3
FRESH_TICKS = 50
GATE_SIGMAS = 5.0
LEAST_NOISE_M = 0.5
TERRAIN_GRADIENT = 0.1
VELOCITY_SIGMA_M_S = 0.3
RETRY_TICKS = 500
NO_SOURCE = -1

# rows of `samples`, three a row: of each altimeter its last heights and their ages
_ROWS = 2

# what else it remembers
_SOURCE, _SIGMA_M, _SINCE_FUSED_TICKS, _ACQUIRED = range(4)
_SIZE = 4


def no_samples() -> np.ndarray:
    """The `samples` of four altimeters, all too old."""
    samples = np.zeros((m.MOST_ALTIMETERS, _ROWS, SAMPLES))
    samples[:, m.AGE_TICKS] = m.NEVER_TICKS
    return samples


@njit(cache=True)
def keep_sample(samples, index, height_m):
    """Put a height in front of the altimeter's three; the oldest one goes."""
    for row, value in ((m.HEIGHT_M, height_m), (m.AGE_TICKS, 0.0)):
        samples[index, row, 2] = samples[index, row, 1]
        samples[index, row, 1] = samples[index, row, 0]
        samples[index, row, 0] = value


@njit(cache=True)
def is_fresh(samples, index):
    """All three samples are younger than 500 ms."""
    return samples[index, m.AGE_TICKS, SAMPLES - 1] <= FRESH_TICKS


@njit(cache=True)
def median_m(samples, index):
    """The middle one of the three heights."""
    low = min(samples[index, m.HEIGHT_M, 0], samples[index, m.HEIGHT_M, 1])
    high = max(samples[index, m.HEIGHT_M, 0], samples[index, m.HEIGHT_M, 1])
    return max(low, min(high, samples[index, m.HEIGHT_M, 2]))


@njit(cache=True)
def noise_m(part_sigma_m, height_m, cosine):
    """The part's noise, and what the gradient may add: tilted, the beam meets the ground off the nadir."""
    sideways_m = abs(height_m) * math.sqrt(max(0.0, 1.0 - cosine * cosine))
    return math.hypot(max(LEAST_NOISE_M, part_sigma_m), TERRAIN_GRADIENT * sideways_m)


@njit(cache=True)
def first_fresh(vote, samples):
    """The height's source: the first altimeter with a fresh median, or NO_SOURCE."""
    source = NO_SOURCE
    for index in range(m.MOST_ALTIMETERS - 1, -1, -1):
        fresh = is_fresh(samples, index)
        m.judge(vote, index, m.ACCEPTED if fresh else m.SILENT)
        if fresh:
            source = index
    return source


@njit(cache=True)
def _step(vote, estimate, latest, samples, memory):
    samples[:, m.HEIGHT_M] += m.climb_m(estimate)
    samples[:, m.AGE_TICKS] += 1.0
    new = m.take_new(vote, estimate, latest)
    for index in range(m.MOST_ALTIMETERS):
        if new & (1 << index):
            keep_sample(samples, index, latest[m.HEIGHT_M, index])
    memory[_SIGMA_M] += VELOCITY_SIGMA_M_S * m.TICK_S
    memory[_SINCE_FUSED_TICKS] += 1.0
    height_m = m.altitude_m(estimate)
    source = first_fresh(vote, samples)
    changed = source != int(memory[_SOURCE])
    memory[_SOURCE] = source
    taken = 0
    if source != NO_SOURCE and (changed or new & (1 << source)):
        seen_m = median_m(samples, source)
        sigma_m = noise_m(m.sigma_m(vote, source), seen_m, m.cos_tilt(estimate))
        apart_m = seen_m - height_m
        spread_m = math.hypot(sigma_m, memory[_SIGMA_M])
        if changed or memory[_SINCE_FUSED_TICKS] > RETRY_TICKS:
            height_m = seen_m
            m.judge(vote, source, m.TERRAIN)
            m.note_step(vote, apart_m)
            taken = _fused(memory, sigma_m)
        elif abs(apart_m) <= GATE_SIGMAS * spread_m:
            height_m += (memory[_SIGMA_M] / spread_m) ** 2 * apart_m
            taken = _fused(memory, memory[_SIGMA_M] * sigma_m / spread_m)
        else:
            m.judge(vote, source, m.ON_TRIAL)
    m.publish_one(vote, estimate, height_m, memory[_ACQUIRED] == 1.0)
    return taken


@njit(cache=True)
def _fused(memory, sigma_m):
    """The height is known to `sigma_m` now."""
    memory[_SIGMA_M] = sigma_m
    memory[_SINCE_FUSED_TICKS] = 0.0
    memory[_ACQUIRED] = 1.0
    return 1


def voter(_seed: int) -> m.Step:
    """The vote's step, with the same signature as plumbline.kernels.altitude.step."""
    latest, samples, memory = m.nothing_read(), no_samples(), np.zeros(_SIZE)
    memory[_SOURCE] = NO_SOURCE

    def step(vote, estimate):
        return _step(vote, estimate, latest, samples, memory)

    return step
