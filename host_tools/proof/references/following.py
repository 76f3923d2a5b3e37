"""How agl follows who is believed: alpha-beta on the ground's level and slope, and how wrong it may be."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    BLAMED,
    EXCESS,
    FRESH,
    FURTHEST_LEVEL_MM,
    HIGHEST_MM,
    JUDGED,
    LEVEL,
    QUICK,
    SIGMA,
    Column,
    Memory,
    accepted,
    base_of,
    block,
    get,
    passed_between_readings,
)
from host_tools.proof.references.levels import followed
from plumbline.kernels import slots as s


def blend(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """Who is accepted is no longer to blame; when one of them has been judged, follow the leader."""
    voting = accepted(vote)
    block(vote, BLAMED)[voting] = 0
    rows = (voting & (block(vote, FRESH) == JUDGED)).any(axis=0)
    part, estimates = vote[:, rows], estimate[:, rows]
    away = np.abs(block(part, QUICK) - part[s.VOT_GROUND_MM])
    spread = np.where(voting[:, rows], away, 0).max(axis=0, initial=0)
    best = base_of(followed(part, voters[rows]))
    part[s.VOT_AGE_TICKS] = 0
    noise = get(part, best, SIGMA) + get(part, best, EXCESS)
    part[s.VOT_NOISE_MM] = noise
    apart = part[s.VOT_GROUND_MM] - get(part, best, LEVEL)
    shift = _shift(part, apart, noise)
    ground = part[s.VOT_GROUND_MM] - apart // 2**shift
    part[s.VOT_GROUND_MM] = np.clip(ground, -FURTHEST_LEVEL_MM, FURTHEST_LEVEL_MM)
    follow_slope(part, apart, shift, noise)
    bound(part, apart, noise // 2 ** (shift // 2), spread)
    _correct_sink(part, estimates, apart)
    vote[:, rows], estimate[:, rows] = part, estimates
    result = np.zeros(rows.size, np.int64)
    result[rows] = apart
    return Answer(result)


def _correct_sink(vote: Memory, estimate: Memory, apart: Column) -> None:
    """Over slow ground and 1 s without a radar: 1/8 of the difference a second, within 5 m."""
    rows = (vote[s.VOT_GROUND_SPEED_MM_S] < 20_000) & (estimate[s.EST_VELOCITY_AGE_TICKS] > 100)
    speed = estimate[s.EST_VELOCITY_UP_Q8] + 32 * np.clip(apart, -5000, 5000)
    held = np.clip(speed, -512_000_000, 512_000_000)
    estimate[s.EST_VELOCITY_UP_Q8][rows] = held[rows]


def _shift(vote: Memory, apart: Column, noise: Column) -> Column:
    """1, one more for each halving of the noise that brings it to the ground's unrest, up to 8.

    Three differences in a row beyond 1.5 sigma on one side halve it.
    """
    side = np.where(np.abs(apart) > noise + noise // 2, np.sign(apart), 0)
    lag = vote[s.VOT_LAG]
    lag = np.clip(np.where(lag * side < 0, 0, lag) + side, -3, 3) * np.abs(side)
    vote[s.VOT_LAG] = lag
    ground = passed_between_readings(vote) // 4 + 300
    shift = 1 + (noise // 2 ** np.arange(7)[:, None] > ground).sum(axis=0)
    return np.where(np.abs(lag) == 3, np.maximum(shift // 2, 1), shift)


def blend_shift(vote: Memory, apart: Column, noise: Column) -> Answer:
    """As `_shift`."""
    return Answer(_shift(vote, apart, noise))


def follow_slope(vote: Memory, apart: Column, shift: Column, noise: Column) -> Answer:
    """Ground rate: alpha^2 / 8 of the difference (within 2 sigma) a tenth of a second, 14 degrees at most."""
    # (2^-shift)^2 / 8 * 10 a second = 10 / 2^(2 shift + 3)
    pull = 10 * np.clip(apart, -2 * noise, 2 * noise) // 2 ** (2 * shift + 3)
    steepest = vote[s.VOT_GROUND_SPEED_MM_S] // 4
    vote[s.VOT_GROUND_RATE_MM_S] = np.clip(vote[s.VOT_GROUND_RATE_MM_S] + pull, -steepest, steepest)
    return Answer(vote[s.VOT_GROUND_RATE_MM_S])


def bound(vote: Memory, apart: Column, noise: Column, spread: Column) -> Answer:
    """4 sigma, the largest difference (less the noise, or another one's), half a metre.

    It falls by no more than a 16th.
    """
    old = vote[s.VOT_BOUND_MM]
    beyond = np.clip(np.abs(apart) - vote[s.VOT_NOISE_MM], 0, 900_000_000)
    new = np.maximum(old - old // 16, 4 * noise + np.maximum(beyond, spread) + 500)
    vote[s.VOT_BOUND_MM] = np.clip(new, 0, HIGHEST_MM)
    return Answer(new)
