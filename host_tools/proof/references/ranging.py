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
    JUST_NOW,
    LAST_RANGE,
    LEVEL,
    NEW,
    OUTSIDE,
    QUICK,
    REPEATS,
    SEEN,
    SIGMA,
    SLOW,
    TICKS,
    TO_HEAR,
    TRIAL,
    WAITED,
    Block,
    Column,
    Mask,
    Memory,
    base_of,
    block,
    fitted,
    get,
    on,
    passed,
    put,
)
from plumbline.kernels import slots as s


def ingest(vote: Memory, estimate: Memory, reading: Memory, index: Column, fit: Memory) -> Answer:
    """A new, valid, nearly vertical range says how deep the ground lay when it was measured.

    It waits while another one has come in this tick or while any is being judged, and is that much older.
    """
    at, base = np.arange(index.size), base_of(index)
    waited, turn = _waiting(vote, base, reading[s.ALT_COUNT])
    status = reading[s.ALT_STATUS]
    floor_mm, fraction, mount, delay, _reach = fit[index * s.FIT_STRIDE + np.arange(5)[:, None], at]
    ticks, rest_ms = np.divmod(np.minimum(np.clip(reading[s.ALT_AGE_MS], 0, 500) + delay, 500), 10)
    odometer, up = _as_it_was(vote, estimate, ticks + waited)
    # before that tick the vehicle was lower by what it climbed in the rest; a thousandth is 33 / 2^15
    odometer = odometer - (estimate[s.EST_VELOCITY_UP_Q8] // 256) * rest_ms * 33 // 2**15
    beam = np.clip(reading[[s.ALT_BEAM_COS_Q14, s.ALT_BEAM_SIN_Q14]], -16_384, 16_384)
    cosine = (up * beam).sum(axis=0) // 2**14
    usable = turn & (status % 2 == 1) & (status // 4 % 2 == 0) & (cosine >= 11_585)
    slant = np.clip(reading[s.ALT_RANGE_MM], 0, HIGHEST_MM)
    height = slant * np.clip(cosine, 0, 16_384) // 2**14 - mount
    sigma = np.clip(floor_mm + np.clip(height, 0, HIGHEST_MM) * fraction // 2**14, 1, 50_000_000)
    level = np.clip(odometer - height, -FURTHEST_LEVEL_MM, FURTHEST_LEVEL_MM)

    def take(votes: Memory, columns: Memory) -> Answer:
        base, level, sigma, waited, slant = columns
        take_level(votes, base, level, sigma, waited)
        return count_repeats(votes, base, slant)

    on(usable, take, vote, np.array([base, level, sigma, waited, slant]))
    return Answer(usable.astype(np.int64))


def _waiting(vote: Memory, base: Column, count: Column) -> tuple[Column, Mask]:
    """Ticks that a reading has waited, ten at most, and whether it is its turn now."""
    queue = get(vote, base, WAITED)  # one more than it has waited; 0: there is none
    queue = np.where(queue == 0, 0, np.minimum(queue + 1, 11))
    queue[count != get(vote, base, SEEN)] = 1
    put(vote, base, SEEN, count)
    idle = (vote[s.VOT_STAGE] == TO_HEAR) & (vote[s.VOT_NEWS] != JUST_NOW) & (get(vote, base, FRESH) == 0)
    turn = idle & (queue > 0)
    put(vote, base, WAITED, np.where(turn, 0, queue))
    return np.maximum(queue - 1, 0), turn


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


def take_level(vote: Memory, base: Column, level: Column, sigma: Column, waited: Column) -> Answer:
    """Within 6 sigma, twice the ground flown over, and 2 m of the last level: one more in a row.

    After 5 s, or for the first time, everything begins anew, and the last minute of all; a jump ends the mean
    of the last second. That of the last minute is of those inside the gate that continued; while it is the
    same, for sixteen readings in a row, it stays the same.
    """
    now = (vote[s.VOT_TICK] + 1 - waited) % TICKS
    heard, trial = get(vote, base, HEARD), get(vote, base, TRIAL)
    ticks = (now - heard) % TICKS
    apart = np.abs(level - get(vote, base, LEVEL))
    anew = (heard == 0) | (ticks > 500)
    ground = passed(vote, ticks)
    excess = _scatter(get(vote, base, EXCESS), apart - 3 * sigma - ground - 2000, trial)
    put(vote, base, EXCESS, np.where(anew, 0, excess))
    jumps = anew | (apart > 6 * sigma + 2 * ground + 2000)
    row = np.where(jumps, 1, np.minimum(trial + 1, 1000))
    quick = np.where(jumps, level, get(vote, base, QUICK))
    on(anew, compare_from_now, vote)
    slow = np.where(anew, level, get(vote, base, SLOW))
    inside = (get(vote, base, OUTSIDE) == 0) & (row > 1)
    put(vote, base, TRIAL, row)
    put(vote, base, QUICK, quick + (level - quick) // 8)
    kept = slow + np.where(inside, (level - slow) // 512, 0)
    put(vote, base, SLOW, np.where((quick == slow) & (row <= 16), get(vote, base, QUICK), kept))
    for item, value in ((LEVEL, level), (SIGMA, sigma), (HEARD, now)):
        put(vote, base, item, value)
    put(vote, base, FRESH, np.full(base.size, NEW))
    vote[s.VOT_NEWS] = JUST_NOW
    return Answer(apart)


def _scatter(excess: Column, beyond: Column, trial: Column) -> Column:
    """A mean over sixteen of what goes beyond 3 sigma, the ground flown over, and 2 m; 1 km at most.

    None beyond when more than eight in a row had continued before; from eight on a quarter less each time.
    """
    beyond = np.where(trial > 8, 0, np.clip(beyond, 0, 1_000_000))
    mean = excess + (beyond - excess) // 16
    return np.clip(np.where(trial >= 8, mean - mean // 4, mean), 0, 1_000_000)


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


def compare_from_now(vote: Memory) -> Answer:
    """The last minute of all who are there is their last second."""
    there = fitted(vote)
    block(vote, SLOW)[there] = block(vote, QUICK)[there]
    return Answer(vote[s.VOT_FITTED].copy())


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
