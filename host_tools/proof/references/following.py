"""How agl follows who is believed: alpha-beta on the ground's level and slope, and how wrong it may be."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    BLAMED,
    CONVICTED,
    EXCESS,
    FRESH,
    FURTHEST_LEVEL_MM,
    HIGHEST_MM,
    JUDGED,
    LEVEL,
    QUICK,
    SIGMA,
    TRIAL,
    Column,
    Mask,
    Memory,
    accepted,
    base_of,
    block,
    convicted,
    first_of,
    get,
    on,
    passed_between_readings,
    put,
)
from host_tools.proof.references.levels import agreeing, keenest, middle, moved_alone, restart
from plumbline.kernels import slots as s


def blend(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """When one that is accepted has been judged, the leader is followed.


    A leader that scattered (more than four sigma and 2 m) and has fitted itself six times in a row has found
    a level: the ground begins anew there, in as much doubt as before.
    """
    spread = _heard(vote)
    new, best = spread >= 0, base_of(followed(vote, voters))
    vote[s.VOT_AGE_TICKS][new] = 0
    found = (
        new & (get(vote, best, EXCESS) > 4 * get(vote, best, SIGMA) + 2000) & (get(vote, best, TRIAL) >= 6)
    )
    columns = np.array([best, spread, np.zeros_like(best)])
    on(found, lambda v, c: _begin_there(v, c[0]), vote, columns)
    on(new & ~found, _follow, vote, estimate, columns)
    return Answer(columns[2])


def hear_accepted(vote: Memory) -> Answer:
    """As `_heard`."""
    return Answer(_heard(vote))


def _heard(vote: Memory) -> Column:
    """Who is accepted is no longer to blame, and how far off they are; -1 when none of them has been judged.

    Who was put out by more than half of all is until it has seen agl's ground of late, within four sigma.
    """
    voting = accepted(vote)
    passing = convicted(vote) & (np.abs(block(vote, QUICK) - vote[s.VOT_GROUND_MM]) > 4 * block(vote, SIGMA))
    block(vote, BLAMED)[voting] = np.where(passing, CONVICTED, 0)[voting]
    new = (voting & (block(vote, FRESH) == JUDGED)).any(axis=0)
    return np.where(new, _spread(vote, voting), -1)


def _spread(vote: Memory, voting: Mask) -> Column:
    """How far off the accepted ones have seen the ground of late; beyond half a sigma, by a sigma more."""
    away = np.abs(block(vote, QUICK) - vote[s.VOT_GROUND_MM])
    away = away + np.where(away > block(vote, SIGMA) // 2, block(vote, SIGMA), 0)
    return np.where(voting, away, 0).max(axis=0)


def _begin_there(vote: Memory, base: Column) -> Answer:
    """At its level, and it scatters no more."""
    doubt = vote[s.VOT_BOUND_MM].copy()
    put(vote, base, EXCESS, np.zeros_like(base))
    restart(vote, get(vote, base, LEVEL), get(vote, base, SIGMA))
    vote[s.VOT_BOUND_MM] = doubt
    return Answer(None)


def _follow(vote: Memory, estimate: Memory, columns: Memory) -> Answer:
    """One reading of the leader; what the gate allows of noise falls by no more than a quarter."""
    base, spread, _ = columns
    sigma = get(vote, base, SIGMA)
    noise = sigma + get(vote, base, EXCESS)
    vote[s.VOT_NOISE_MM] = np.maximum(noise, vote[s.VOT_NOISE_MM] - vote[s.VOT_NOISE_MM] // 4)
    apart = vote[s.VOT_GROUND_MM] - get(vote, base, LEVEL)
    shift = _shift(vote, apart, noise)
    ground = vote[s.VOT_GROUND_MM] - apart // 2 ** _shift_of_a_beginning(vote, shift)
    vote[s.VOT_GROUND_MM] = np.clip(ground, -FURTHEST_LEVEL_MM, FURTHEST_LEVEL_MM)
    follow_slope(vote, apart, shift, noise)
    bound(vote, apart, noise // 2 ** (shift // 2) + sigma // 2, spread)
    _correct_sink(vote, estimate, apart)
    columns[2] = apart
    return Answer(None)


def _correct_sink(vote: Memory, estimate: Memory, apart: Column) -> None:
    """Over slow ground and 1 s without a radar: 1/8 of the difference a second, within 5 m."""
    rows = (vote[s.VOT_GROUND_SPEED_MM_S] < 20_000) & (estimate[s.EST_VELOCITY_AGE_TICKS] > 100)
    speed = estimate[s.EST_VELOCITY_UP_Q8] + 32 * np.clip(apart, -5000, 5000)
    held = np.clip(speed, -512_000_000, 512_000_000)
    estimate[s.EST_VELOCITY_UP_Q8][rows] = held[rows]


def followed(vote: Memory, voters: Column) -> Column:
    """The sharpest; of three that differ the middle one; of two the one that has not moved alone."""
    best = keenest(vote)
    numbers = np.arange(4)[:, None]
    against = accepted(vote) & (numbers != best) & ~agreeing(vote, base_of(best))
    fled = np.array([moved_alone(vote, base_of(best), base_of(np.full(best.size, i))) for i in range(4)])
    other, found = first_of(against & fled)
    of_two = np.where(found, other, best)
    return np.where(against.any(axis=0) & (voters > 2), middle(vote), of_two)


def leader(vote: Memory, voters: Column) -> Answer:
    """As `followed`."""
    return Answer(followed(vote, voters))


def _shift(vote: Memory, apart: Column, noise: Column) -> Column:
    """1, two more for every three halvings that bring the noise to the ground's unrest, seven at most.

    Three differences in a row beyond 1.5 sigma on one side halve it.
    """
    side = np.where(np.abs(apart) > noise + noise // 2, np.sign(apart), 0)
    lag = vote[s.VOT_LAG]
    lag = np.clip(np.where(lag * side < 0, 0, lag) + side, -3, 3) * np.abs(side)
    vote[s.VOT_LAG] = lag
    ground = passed_between_readings(vote) // 4 + 300
    halvings = (noise // 2 ** np.arange(7)[:, None] > ground).sum(axis=0)
    shift = 1 + np.round(halvings * 2 / 3).astype(np.int64)
    return np.where(np.abs(lag) == 3, np.maximum(shift // 2, 1), shift)


def blend_shift(vote: Memory, apart: Column, noise: Column) -> Answer:
    """As `_shift`."""
    return Answer(_shift(vote, apart, noise))


def _shift_of_a_beginning(vote: Memory, shift: Column) -> Column:
    """Of n readings since the ground began anew the last one counts 1/n, rounded up to a power of two."""
    count = np.minimum(vote[s.VOT_FOLLOWED] + 1, 64)
    vote[s.VOT_FOLLOWED] = count
    return np.clip(np.log2(count).astype(np.int64), 1, shift)


def follow_slope(vote: Memory, apart: Column, shift: Column, noise: Column) -> Answer:
    """Ground rate: alpha^3 / 8 of the difference (within 2 sigma) a tenth of a second, 14 degrees at most.

    Where half the shift is no whole number it is rounded down.
    """
    # 2^-(2 (shift + shift // 2)) / 8 * 10 a second
    pull = 10 * np.clip(apart, -2 * noise, 2 * noise) // 2 ** (2 * (shift + shift // 2) + 3)
    steepest = vote[s.VOT_GROUND_SPEED_MM_S] // 4
    vote[s.VOT_GROUND_RATE_MM_S] = np.clip(vote[s.VOT_GROUND_RATE_MM_S] + pull, -steepest, steepest)
    return Answer(vote[s.VOT_GROUND_RATE_MM_S])


def bound(vote: Memory, apart: Column, noise: Column, spread: Column) -> Answer:
    """4 sigma, the largest difference (less the noise, or another one's), half a metre.

    It falls by no more than a 16th.
    """
    old = vote[s.VOT_BOUND_MM]
    beyond = np.clip(np.abs(apart) - noise, 0, 900_000_000)
    new = np.maximum(old - old // 16, 4 * noise + np.maximum(beyond, spread) + 500)
    vote[s.VOT_BOUND_MM] = np.clip(new, 0, HIGHEST_MM)
    return Answer(new)
