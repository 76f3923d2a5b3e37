"""The altitude vote as a specification in integers: decisions are exact, so are their limits.

An altimeter's slots stand side by side as (4, vectors); a rank is a sort, a choice a mask. Rounding
is part of the specification: thirds and quarters of a millimetre go down.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Block = NDArray[np.int64]  # (4, vectors), one row an altimeter

HEIGHT, AGE, VERDICT, TRIAL, SEEN, REPEATS, LAST_RANGE, SIGMA, FRESH, OUTSIDE = range(10)
SILENT, ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT = range(5)
HIGHEST_MM = 200_000_000
NOBODY = 2**40  # sorts behind every height


def block(vote: Memory, item: int) -> Block:
    """One item of all four altimeters, as a view."""
    return vote[s.VOT_FIRST + item :: s.VOT_STRIDE]


def fitted(vote: Memory) -> NDArray[np.bool_]:
    """(4, vectors): which altimeters there are."""
    return np.arange(4)[:, None] < vote[s.VOT_FITTED]


def on(rows: NDArray[np.bool_], change: Callable[..., Answer], *memories: Memory) -> Answer:
    """Apply a change to the vectors in `rows` alone."""
    parts = [memory[:, rows] for memory in memories]
    answer = change(*parts)
    for memory, part in zip(memories, parts, strict=True):
        memory[:, rows] = part
    return answer


# --- one reading --------------------------------------------------------------------------


def ingest(vote: Memory, estimate: Memory, reading: Memory, index: Column, fit: Memory) -> Answer:
    """A new, valid, nearly vertical range becomes a height, moved on by its age."""
    at = np.arange(index.size)
    base = s.VOT_FIRST + index * s.VOT_STRIDE
    new = reading[s.ALT_COUNT] != vote[base + SEEN, at]
    vote[base + SEEN, at] = reading[s.ALT_COUNT]
    status = reading[s.ALT_STATUS]
    # cosine between the beam and down, from the body's axes, all in q14
    beam = [np.clip(reading[slot], -16_384, 16_384) for slot in (s.ALT_BEAM_COS_Q14, s.ALT_BEAM_SIN_Q14)]
    axes = [estimate[s.EST_R00 + i] // 2**15 for i in (0, 1)]
    cosine = (axes[0] * beam[0] + axes[1] * beam[1]) // 2**14
    usable = new & (status % 2 == 1) & (status // 4 % 2 == 0) & (cosine >= 11_585)
    slant = np.clip(reading[s.ALT_RANGE_MM], 0, HIGHEST_MM)
    same = slant == vote[base + LAST_RANGE, at]
    repeats = np.where(same, np.minimum(vote[base + REPEATS, at] + 1, 1000), 0)
    mount, floor_mm, part = (
        fit[index * s.FIT_STRIDE + slot, at] for slot in (s.FIT_MOUNT_MM, s.FIT_FLOOR_MM, s.FIT_FRACTION_Q14)
    )
    delay = np.minimum(
        np.clip(reading[s.ALT_AGE_MS], 0, 500) + fit[index * s.FIT_STRIDE + s.FIT_DELAY_MS, at], 500
    )
    climbed = (estimate[s.EST_VELOCITY_UP_Q8] // 256) * delay // 1000
    height = slant * np.minimum(cosine, 16_384) // 2**14 - mount + climbed

    def take(votes: Memory, columns: Memory) -> Answer:
        put = np.arange(columns.shape[1])
        votes[columns[0] + REPEATS, put] = columns[1]
        votes[columns[0] + LAST_RANGE, put] = columns[2]
        return take_height(votes, columns[0], columns[3], columns[4], columns[5])

    on(usable, take, vote, np.array([base, repeats, slant, height, floor_mm, part]))
    return Answer(usable.astype(np.int64))


def take_height(vote: Memory, base: Column, height: Column, floor_mm: Column, fraction_q14: Column) -> Answer:
    """Within 6 sigma, twice the ground flown over, and 2 m of the last height: one more in a row."""
    at = np.arange(base.size)
    sigma = np.clip(floor_mm + np.clip(height, 0, HIGHEST_MM) * fraction_q14 // 2**14, 1, 50_000_000)
    ground = passed(vote, vote[base + AGE, at])
    continues = np.abs(height - vote[base + HEIGHT, at]) <= 6 * sigma + 2 * ground + 2000
    vote[base + TRIAL, at] = np.where(continues, np.minimum(vote[base + TRIAL, at] + 1, 1000), 1)
    for item, value in ((HEIGHT, height), (SIGMA, sigma), (AGE, 0), (FRESH, 1)):
        vote[base + item, at] = value
    return Answer(sigma)


def passed(vote: Memory, ticks: Column) -> Column:
    """Ground flown over: whole millimetres a tick, 5 s and 20 km at most."""
    return np.minimum(vote[s.VOT_GROUND_SPEED_MM_S] // 100 * np.clip(ticks, 0, 500), 20_000_000)


def ground_passed(vote: Memory, ticks: Column) -> Answer:
    """As `passed`."""
    return Answer(passed(vote, ticks))


# --- a tick -------------------------------------------------------------------------------


def move_along(vote: Memory, estimate: Memory) -> Answer:
    """Heights change by the climb, agl also by the slope of the ground; ages grow by 1."""
    climb = estimate[s.EST_CLIMB_MM].copy()
    vote[s.VOT_GROUND_RATE_MM_S][vote[s.VOT_AGE_TICKS] > 30] = 0
    agl = estimate[s.EST_AGL_MM] + climb + vote[s.VOT_GROUND_RATE_MM_S] // 100
    estimate[s.EST_AGL_MM] = np.clip(agl, -HIGHEST_MM, HIGHEST_MM)
    vote[s.VOT_AGE_TICKS] = np.minimum(vote[s.VOT_AGE_TICKS] + 1, 100_000)
    vote[s.VOT_GROUND_SPEED_MM_S] = ground_speed(estimate)
    there = fitted(vote)
    heights, ages = block(vote, HEIGHT), block(vote, AGE)
    heights[there] = np.clip(heights + climb, -HIGHEST_MM, HIGHEST_MM)[there]
    ages[there] = np.minimum(ages + 1, 100_000)[there]
    return Answer(climb)


def ground_speed(estimate: Memory) -> Column:
    """Horizontal speed in steps of 128 mm/s, each component of at most 2 km/s rounded down first."""
    parts = [
        np.clip(estimate[slot] // 256, -2_000_000, 2_000_000) // 128
        for slot in (s.EST_VELOCITY_DOWNRANGE_Q8, s.EST_VELOCITY_CROSSRANGE_Q8)
    ]
    return 128 * np.floor(np.hypot(parts[0].astype(np.longdouble), parts[1])).astype(np.int64)


def acquire(vote: Memory, estimate: Memory) -> Answer:
    """The first with a new reading that is its third in a row."""
    ready = fitted(vote) & (block(vote, FRESH) == 1) & (block(vote, TRIAL) >= 3)
    who, found = np.argmax(ready, axis=0), ready.any(axis=0)
    height = np.take_along_axis(block(vote, HEIGHT), who[None], 0)[0]
    vote[s.VOT_ACQUIRED][found] = 1
    begin_anew(vote, estimate, height, found)
    return Answer(found.astype(np.int64))


def begin_anew(vote: Memory, estimate: Memory, height: Column, rows: NDArray[np.bool_]) -> None:
    """agl at that height, and nothing known of the ground's slope."""
    estimate[s.EST_AGL_MM][rows] = height[rows]
    for slot in (s.VOT_AGE_TICKS, s.VOT_GROUND_RATE_MM_S, s.VOT_LAG):
        vote[slot][rows] = 0


def restart(vote: Memory, estimate: Memory, height: Column) -> Answer:
    """As `begin_anew`, for all."""
    begin_anew(vote, estimate, height, np.ones(height.size, bool))
    return Answer(height)


def gate_mm(vote: Memory, base: Column) -> Answer:
    """4 sigma, half the ground flown over, 2 m/s of drift for at most 300 s, and 3 m."""
    return Answer(gate(vote, vote[base + SIGMA, np.arange(base.size)]))


def gate(vote: Memory, sigma: NDArray[np.int64]) -> NDArray[np.int64]:
    """As `gate_mm`, for any shape of sigma."""
    age = vote[s.VOT_AGE_TICKS]
    return 4 * sigma + passed(vote, age) // 2 + 20 * np.minimum(age, 30_000) + 3000


def judge_all(vote: Memory, estimate: Memory) -> Answer:
    """Older than 0.3 s: silent. Stuck: out. In the gate of an acquired agl: accepted."""
    there, age, fresh = fitted(vote), block(vote, AGE), block(vote, FRESH)
    inside = np.abs(block(vote, HEIGHT) - estimate[s.EST_AGL_MM]) <= gate(vote, block(vote, SIGMA))
    moving = np.abs(estimate[s.EST_VELOCITY_UP_Q8]) >= 256_000
    stuck = moving & (block(vote, REPEATS) >= 5)
    heard = age <= 30
    verdict = np.where(inside & (vote[s.VOT_ACQUIRED] == 1), ACCEPTED, ON_TRIAL)
    verdict = np.where(heard, np.where(stuck, PUT_OUT, verdict), SILENT)
    outside = block(vote, OUTSIDE)
    counted = np.where(verdict == ACCEPTED, 0, np.where(fresh == 1, np.minimum(outside + 1, 1000), outside))
    outside[there & heard] = counted[there & heard]
    block(vote, VERDICT)[there] = verdict[there]
    return Answer((there & (verdict == ACCEPTED)).sum(axis=0))


def is_stuck(vote: Memory, base: Column, speed_up_q8: Column) -> Answer:
    """Five identical ranges although it moves at 1 m/s."""
    repeats = vote[base + REPEATS, np.arange(base.size)]
    return Answer(((np.abs(speed_up_q8) >= 256_000) & (repeats >= 5)).astype(np.int64))


def publish(vote: Memory, estimate: Memory) -> Answer:
    """agl is valid for 5 s; over the site it pulls the altitude by 1/64; new readings grow old."""
    valid = (vote[s.VOT_ACQUIRED] == 1) & (vote[s.VOT_AGE_TICKS] < 500)
    estimate[s.EST_AGL_VALID] = valid
    apart = estimate[s.EST_AGL_MM] - estimate[s.EST_ALTITUDE_MM]
    over_site = (np.abs(estimate[s.EST_DOWNRANGE_MM]) < 3_000_000) & (vote[s.VOT_GROUND_SPEED_MM_S] < 60_000)
    pulled = valid & over_site & (vote[s.VOT_AGE_TICKS] == 0) & (np.abs(apart) < 1_000_000)
    altitude = np.clip(estimate[s.EST_ALTITUDE_MM] + apart // 64, -10_000_000, 110_000_000)
    estimate[s.EST_ALTITUDE_MM][pulled] = altitude[pulled]
    estimate[s.EST_TERRAIN_MM] = estimate[s.EST_ALTITUDE_MM] - estimate[s.EST_AGL_MM]
    clear_fresh(vote)
    return Answer(valid.astype(np.int64))


def clear_fresh(vote: Memory) -> Answer:
    """No reading of a fitted altimeter is new any more."""
    block(vote, FRESH)[fitted(vote)] = 0
    return Answer(None)
