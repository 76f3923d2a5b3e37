"""How altimeters' levels stand to each other: who agrees, who has moved, who is sharpest."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    ACCEPTED,
    EXCESS,
    HIGHEST_MM,
    LEVEL,
    NOBODY,
    ON_TRIAL,
    PUT_OUT,
    QUICK,
    SIGMA,
    SLOW,
    VERDICT,
    WARY,
    Block,
    Column,
    Mask,
    Memory,
    accepted,
    believed,
    block,
    fitted,
    get,
    passed_between_readings,
)
from plumbline.kernels import slots as s


def near_to(vote: Memory, levels: Block, sigmas: Block, level: Column, sigma: Column) -> Mask:
    """Within 4 (sigma + sigma), the ground of a fifth of a second, and 2 m."""
    room = 4 * (sigmas + sigma) + 2 * passed_between_readings(vote) + 2000
    return np.abs(levels - level) <= room


def near(vote: Memory, base: Column, level: Column, sigma: Column) -> Answer:
    """As `near_to`, for one altimeter."""
    rows = near_to(vote, get(vote, base, LEVEL), get(vote, base, SIGMA), level, sigma)
    return Answer(rows.astype(np.int64))


def restart(vote: Memory, level: Column, sigma: Column) -> Answer:
    """Ground there, no slope. Who is near has not moved and is believed again; who is not is on trial."""
    vote[s.VOT_GROUND_MM], vote[s.VOT_NOISE_MM] = level, sigma
    for slot in (s.VOT_AGE_TICKS, s.VOT_GROUND_RATE_MM_S, s.VOT_LAG, s.VOT_FOLLOWED):
        vote[slot] = 0
    vote[s.VOT_BOUND_MM] = np.clip(4 * sigma + 2000, 0, HIGHEST_MM)
    levels, verdict, there = block(vote, LEVEL), block(vote, VERDICT), fitted(vote)
    close = near_to(vote, levels, block(vote, SIGMA), level, sigma)
    for item in (QUICK, SLOW):
        block(vote, item)[there & close] = levels[there & close]
    readmitted = there & close & np.isin(verdict, (ON_TRIAL, PUT_OUT))
    left = there & ~close & (verdict == ACCEPTED)
    verdict[readmitted] = ACCEPTED
    verdict[left] = ON_TRIAL
    return Answer(level)


def agreeing(vote: Memory, base: Column) -> Mask:
    """(4, vectors): 3 sigma, half of theirs, the ground of 0.1 s, and 2 m around what they saw of late.

    Or around what they see now, when what both saw of late lies that near with one sigma.
    """
    sigma, level = get(vote, base, SIGMA), get(vote, base, LEVEL)
    room = block(vote, SIGMA) // 2 + passed_between_readings(vote) + 2000
    of_late = np.abs(get(vote, base, QUICK) - block(vote, QUICK)) <= room + sigma
    there, here = (np.abs(level - block(vote, item)) <= room + 3 * sigma for item in (QUICK, LEVEL))
    return there | (here & of_late)


def stood_near(vote: Memory, base: Column, theirs: Column) -> Mask:
    """In the last minute no further apart than half of what they were in the last second."""
    late, long = (np.abs(get(vote, base, item) - get(vote, theirs, item)) for item in (QUICK, SLOW))
    return 2 * long <= late


def stood_together(vote: Memory, base: Column, theirs: Column) -> Answer:
    """As `stood_near`."""
    return Answer(stood_near(vote, base, theirs).astype(np.int64))


def agrees(vote: Memory, base: Column, theirs: Column) -> Answer:
    """As `agreeing`, for two."""
    rows = agreeing(vote, base)[(theirs - s.VOT_FIRST) // s.VOT_STRIDE, np.arange(base.size)]
    return Answer(rows.astype(np.int64))


def gone(vote: Memory, base: Column) -> Column:
    """Between the last minute's level and the last second's, 200 km at most."""
    return np.minimum(np.abs(get(vote, base, QUICK) - get(vote, base, SLOW)), HIGHEST_MM)


def moved(vote: Memory, base: Column) -> Answer:
    """As `gone`."""
    return Answer(gone(vote, base))


def moved_alone(vote: Memory, base: Column, theirs: Column) -> Mask:
    """Further than one and a half times the other one, by both noises' mean and 3 m."""
    still = gone(vote, theirs)
    noise = (get(vote, base, SIGMA) + get(vote, theirs, SIGMA)) // 2
    return gone(vote, base) > still + still // 2 + noise + 3000


def has_moved_alone(vote: Memory, base: Column, theirs: Column) -> Answer:
    """As `moved_alone`."""
    return Answer(moved_alone(vote, base, theirs).astype(np.int64))


def led_astray(vote: Memory, base: Column, theirs: Column) -> Mask:
    """It has moved alone, and that is why they differ.

    Not so when it moved by no more than a quarter of what lies between them, and no more than four times
    what the other one moved and both noises.
    """
    way = gone(vote, base)
    between = np.abs(get(vote, base, QUICK) - get(vote, theirs, QUICK))
    ordinary = 4 * (gone(vote, theirs) + get(vote, base, SIGMA) + get(vote, theirs, SIGMA))
    return moved_alone(vote, base, theirs) & (way > np.minimum(between // 4, ordinary))


def explains(vote: Memory, base: Column, theirs: Column) -> Answer:
    """As `led_astray`."""
    return Answer(led_astray(vote, base, theirs).astype(np.int64))


def keenest(vote: Memory) -> Column:
    """The voter with the least sigma and excess, the first of equals; 0 when there is none."""
    noise = block(vote, SIGMA) + block(vote, EXCESS)
    return np.argmin(np.where(believed(vote), noise, NOBODY), axis=0)


def sharpest(vote: Memory) -> Answer:
    """As `keenest`."""
    return Answer(keenest(vote))


def middle(vote: Memory) -> Column:
    """Whose level has the least sum of distances (200 km each at most) to where the others saw it.

    A distance to one that is wary counts a quarter.
    """
    voting = accepted(vote)
    ways = np.abs(block(vote, LEVEL)[:, None] - block(vote, QUICK)[None])
    pairs = voting[None] & ~np.eye(4, dtype=bool)[:, :, None]
    ways = np.where(block(vote, WARY)[None] > 0, ways // 4, ways)
    total = np.where(pairs, np.minimum(ways, HIGHEST_MM), 0).sum(axis=1)
    return np.argmin(np.where(voting, total, NOBODY), axis=0)


def central(vote: Memory) -> Answer:
    """As `middle`."""
    return Answer(middle(vote))
