"""ArduPilot-like: EKF3 with range finders as its height; vertical channel only, one altitude.

The source is the first altimeter whose last three samples are all younger than 500 ms; their median counts.
Every change of source resets the height to it. Noise: the part's, and ground of a gradient of 0.1 where a
tilted beam meets it. Beyond five sigma a sample is rejected; after 5 s of that the height is reset.
Sources: EK3_SRC1_POSZ, _RNG_M_NSE, _TERR_GRAD, _HGT_I_GATE as documented; ArduPilot 4508, 7119, 14375.
Assumed: the noise is tuned to the part, vertical velocity is known to 0.3 m/s, no barometer to fall back on.
"""

import math

import numpy as np
from numpy.typing import NDArray

from host_tools.comparators import memory as m
from host_tools.world.compiled import compiled

SAMPLES = 3
FRESH_TICKS = 50
GATE_SIGMAS = 5.0
LEAST_NOISE_M = 0.5
TERRAIN_GRADIENT = 0.1
VELOCITY_SIGMA_M_S = 0.3
RETRY_TICKS = 500
NO_SOURCE = -1

# what it remembers: four numbers, then of each altimeter the last three heights, newest first, and their ages
_SOURCE, _SIGMA_M, _SINCE_FUSED_TICKS, _ACQUIRED = range(m.OWN, m.OWN + 4)
_HEIGHTS_M = m.OWN + 4
_AGES_TICKS = _HEIGHTS_M + m.MOST_ALTIMETERS * SAMPLES
_END = _AGES_TICKS + m.MOST_ALTIMETERS * SAMPLES


@compiled
def keep_sample(memory, index, height_m):
    """Put a height in front of the altimeter's three; the oldest one goes."""
    for first, value in ((_HEIGHTS_M + SAMPLES * index, height_m), (_AGES_TICKS + SAMPLES * index, 0.0)):
        memory[first + 2] = memory[first + 1]
        memory[first + 1] = memory[first]
        memory[first] = value


@compiled
def is_fresh(memory, index):
    """All three samples are younger than 500 ms."""
    return memory[_AGES_TICKS + SAMPLES * index + SAMPLES - 1] <= FRESH_TICKS


@compiled
def median_m(memory, index):
    """The middle one of the three heights."""
    first = _HEIGHTS_M + SAMPLES * index
    low = min(memory[first], memory[first + 1])
    high = max(memory[first], memory[first + 1])
    return max(low, min(high, memory[first + 2]))


@compiled
def noise_m(part_sigma_m, height_m, cosine):
    """The part's noise, and what the gradient may add: tilted, the beam meets the ground off the nadir."""
    sideways_m = abs(height_m) * math.sqrt(max(0.0, 1.0 - cosine * cosine))
    return math.hypot(max(LEAST_NOISE_M, part_sigma_m), TERRAIN_GRADIENT * sideways_m)


@compiled
def first_fresh(vote, memory):
    """The height's source: the first altimeter with a fresh median, or NO_SOURCE."""
    source = NO_SOURCE
    for index in range(m.MOST_ALTIMETERS - 1, -1, -1):
        fresh = is_fresh(memory, index)
        m.judge(vote, index, m.ACCEPTED if fresh else m.SILENT)
        if fresh:
            source = index
    return source


@compiled
def step(vote, estimate, memory):
    """The vote's step with the memory of one flight."""
    climb_m = m.climb_m(estimate)
    for sample in range(m.MOST_ALTIMETERS * SAMPLES):
        memory[_HEIGHTS_M + sample] += climb_m
        memory[_AGES_TICKS + sample] += 1.0
    new = m.take_new(vote, estimate, memory)
    for index in range(m.MOST_ALTIMETERS):
        if new & (1 << index):
            keep_sample(memory, index, memory[m.HEIGHT_M + index])
    memory[_SIGMA_M] += VELOCITY_SIGMA_M_S * m.TICK_S
    memory[_SINCE_FUSED_TICKS] += 1.0
    height_m = m.altitude_m(estimate)
    source = first_fresh(vote, memory)
    changed = source != int(memory[_SOURCE])
    memory[_SOURCE] = source
    taken = 0
    if source != NO_SOURCE and (changed or new & (1 << source)):
        seen_m = median_m(memory, source)
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


@compiled
def _fused(memory, sigma_m):
    """The height is known to `sigma_m` now."""
    memory[_SIGMA_M] = sigma_m
    memory[_SINCE_FUSED_TICKS] = 0.0
    memory[_ACQUIRED] = 1.0
    return 1


def begin(_seed: int) -> NDArray[np.float64]:
    """The memory at the start of a flight: all samples are too old."""
    memory = m.nothing_read()
    memory[_AGES_TICKS:_END] = m.NEVER_TICKS
    memory[_SOURCE] = NO_SOURCE
    return memory
