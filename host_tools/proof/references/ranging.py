"""One reading as a specification in integers: from a slant range to the level of the ground."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    EXCESS,
    FRESH,
    FURTHEST_LEVEL_MM,
    HEARD,
    HELD_FROM,
    HIGHEST_MM,
    LAST_RANGE,
    LEVEL,
    NEW,
    QUICK,
    REPEATS,
    SEEN,
    SIGMA,
    SLOW,
    TICKS,
    TRIAL,
    Block,
    Column,
    Mask,
    Memory,
    base_of,
    block,
    get,
    on,
    passed,
    put,
)
from plumbline.kernels import slots as s


def ingest(vote: Memory, estimate: Memory, reading: Memory, index: Column, fit: Memory) -> Answer:
    """A new, valid, nearly vertical range says how deep the ground lay when it was measured."""
    at, base = np.arange(index.size), base_of(index)
    new = reading[s.ALT_COUNT] != get(vote, base, SEEN)
    put(vote, base, SEEN, reading[s.ALT_COUNT])
    status = reading[s.ALT_STATUS]
    floor_mm, fraction, mount, delay, _reach = fit[index * s.FIT_STRIDE + np.arange(5)[:, None], at]
    ticks, rest_ms = np.divmod(np.minimum(np.clip(reading[s.ALT_AGE_MS], 0, 500) + delay, 500), 10)
    odometer, up = _as_it_was(vote, estimate, ticks)
    # before that tick the vehicle was lower by what it climbed in the rest; a thousandth is 33 / 2^15
    odometer = odometer - (estimate[s.EST_VELOCITY_UP_Q8] // 256) * rest_ms * 33 // 2**15
    beam = np.clip(reading[[s.ALT_BEAM_COS_Q14, s.ALT_BEAM_SIN_Q14]], -16_384, 16_384)
    cosine = (up * beam).sum(axis=0) // 2**14
    usable = new & (status % 2 == 1) & (status // 4 % 2 == 0) & (cosine >= 11_585)
    slant = np.clip(reading[s.ALT_RANGE_MM], 0, HIGHEST_MM)
    height = slant * np.clip(cosine, 0, 16_384) // 2**14 - mount
    sigma = np.clip(floor_mm + np.clip(height, 0, HIGHEST_MM) * fraction // 2**14, 1, 50_000_000)
    level = np.clip(odometer - height, -FURTHEST_LEVEL_MM, FURTHEST_LEVEL_MM)

    def take(votes: Memory, columns: Memory) -> Answer:
        take_level(votes, columns[0], columns[1], columns[2])
        return count_repeats(votes, columns[0], columns[3])

    on(usable, take, vote, np.array([base, level, sigma, slant]))
    return Answer(usable.astype(np.int64))


def _as_it_was(vote: Memory, estimate: Memory, ticks: Column) -> tuple[Column, Block]:
    """Odometer, and (2, vectors) the vertical in the body's pitch plane, that many ticks ago."""
    at, then = np.arange(ticks.size), (vote[s.VOT_TICK] + 1 - ticks) % 64
    now = [
        vote[s.VOT_ODOMETER_MM] + estimate[s.EST_CLIMB_MM],
        *(estimate[s.EST_R00 : s.EST_R00 + 2] // 2**15),
    ]
    histories = (s.VOT_PAST_ODOMETER_MM, s.VOT_PAST_UP_X_Q14, s.VOT_PAST_UP_Y_Q14)
    past = [vote[history + then, at] for history in histories]
    odometer, up_x, up_y = (np.where(ticks == 0, *pair) for pair in zip(now, past, strict=True))
    return odometer, np.array([up_x, up_y])


def take_level(vote: Memory, base: Column, level: Column, sigma: Column) -> Answer:
    """Within 6 sigma, twice the ground flown over, and 2 m of the last level: one more in a row.

    After 5 s, or for the first time, everything begins anew; a jump ends the mean of the last second.
    What is beyond 3 sigma, the ground flown over, and 2 m (1 km at most) is excess, a mean over sixteen; it
    counts as none when more than eight in a row had continued before.
    """
    heard = get(vote, base, HEARD)
    ticks = (vote[s.VOT_TICK] + 1 - heard) % TICKS
    apart = np.abs(level - get(vote, base, LEVEL))
    anew = (heard == 0) | (ticks > 500)
    ground = passed(vote, ticks)
    beyond = np.clip(apart - 3 * sigma - ground - 2000, 0, 1_000_000)
    beyond[get(vote, base, TRIAL) > 8] = 0
    excess = get(vote, base, EXCESS)
    put(vote, base, EXCESS, np.where(anew, 0, excess + (beyond - excess) // 16))
    jumps = anew | (apart > 6 * sigma + 2 * ground + 2000)
    put(vote, base, TRIAL, np.where(jumps, 1, np.minimum(get(vote, base, TRIAL) + 1, 1000)))
    quick = np.where(jumps, level, get(vote, base, QUICK))
    slow = np.where(anew, level, get(vote, base, SLOW))
    put(vote, base, QUICK, quick + (level - quick) // 8)
    put(vote, base, SLOW, slow + (level - slow) // 512)
    now = (vote[s.VOT_TICK] + 1) % TICKS
    for item, value in ((LEVEL, level), (SIGMA, sigma), (HEARD, now)):
        put(vote, base, item, value)
    put(vote, base, FRESH, np.full(base.size, NEW))
    vote[s.VOT_NEWS] = 1
    return Answer(apart)


def count_repeats(vote: Memory, base: Column, slant: Column) -> Answer:
    """Another range: the count begins, and the odometer is noted. Stuck: no trial."""
    same = slant == get(vote, base, LAST_RANGE)
    repeats = np.where(same, np.minimum(get(vote, base, REPEATS) + 1, 1000), 0)
    put(vote, base, LAST_RANGE, slant)
    put(vote, base, HELD_FROM, vote[s.VOT_ODOMETER_MM], ~same)
    put(vote, base, REPEATS, repeats)
    put(vote, base, TRIAL, np.zeros_like(repeats), same & (is_stuck(vote, base).result == 1))
    return Answer(repeats)


def stuck(vote: Memory) -> Mask:
    """(4, vectors): six times the same range, over more than 0.3 m of climb or descent."""
    travelled = np.abs(vote[s.VOT_ODOMETER_MM] - block(vote, HELD_FROM))
    return (block(vote, REPEATS) + 1 >= 6) & (travelled > 300)


def is_stuck(vote: Memory, base: Column) -> Answer:
    """As `stuck`."""
    rows = stuck(vote)[(base - s.VOT_FIRST) // s.VOT_STRIDE, np.arange(base.size)]
    return Answer(rows.astype(np.int64))


def stand(vote: Memory, base: Column, level: Column) -> Answer:
    """Both means there."""
    put(vote, base, QUICK, level)
    put(vote, base, SLOW, level)
    return Answer(level)


def remember(vote: Memory, estimate: Memory) -> Answer:
    """This tick's place in the history of 64."""
    at, now = np.arange(vote.shape[1]), vote[s.VOT_TICK] % 64
    vote[s.VOT_PAST_ODOMETER_MM + now, at] = vote[s.VOT_ODOMETER_MM]
    vote[s.VOT_PAST_UP_X_Q14 + now, at] = estimate[s.EST_R00] // 2**15
    vote[s.VOT_PAST_UP_Y_Q14 + now, at] = estimate[s.EST_R00 + 1] // 2**15
    return Answer(now)


def ground_passed(vote: Memory, ticks: Column) -> Answer:
    """As `passed`."""
    return Answer(passed(vote, ticks))
