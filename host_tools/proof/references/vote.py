"""Choosing among altimeters: who agrees with whom, the mid-value, how fast to follow it."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altitude import (
    ACCEPTED,
    FRESH,
    HEIGHT,
    NOBODY,
    ON_TRIAL,
    OUTSIDE,
    PUT_OUT,
    SIGMA,
    TERRAIN,
    TRIAL,
    VERDICT,
    Block,
    Column,
    Memory,
    acquire,
    begin_anew,
    block,
    fitted,
    judge_all,
    move_along,
    on,
    passed,
    publish,
)
from plumbline.kernels import slots as s


def pick(values: Block, who: Column) -> Column:
    """Of each vector, the value of one altimeter."""
    return np.take_along_axis(values, who[None], 0)[0]


def near_each_other(vote: Memory, index: Column) -> NDArray[np.bool_]:
    """(4, vectors): within 4 (sigma + sigma), a fifth of a second's ground, and 2 m of altimeter `index`."""
    heights, sigmas = block(vote, HEIGHT), block(vote, SIGMA)
    room = 4 * (sigmas + pick(sigmas, index)) + 2 * passed(vote, np.full(index.size, 10)) + 2000
    return np.abs(heights - pick(heights, index)) <= room


def agree(vote: Memory, index: Column, other: Column) -> Answer:
    """1 when those two are near each other."""
    return Answer(pick(near_each_other(vote, index).astype(np.int64), other))


def supporters(vote: Memory, index: Column) -> Answer:
    """Others on trial that agree, and have done so three times in a row."""
    return Answer(support(vote, index))


def support(vote: Memory, index: Column) -> Column:
    """As `supporters`."""
    tried = (block(vote, VERDICT) == ON_TRIAL) & (block(vote, TRIAL) >= 3)
    others = fitted(vote) & (np.arange(4)[:, None] != index) & tried
    return (others & near_each_other(vote, index)).sum(axis=0)


def earned(vote: Memory, index: Column, voters: Column) -> NDArray[np.bool_]:
    """More see this level than see agl; three in a row together, or four alone and outside the gate."""
    others = support(vote, index)
    trial, outside = pick(block(vote, TRIAL), index), pick(block(vote, OUTSIDE), index)
    return (others >= voters) & (((others > 0) & (trial >= 3)) | (np.minimum(trial, outside) >= 4))


def is_ground(vote: Memory, index: Column, voters: Column) -> Answer:
    """As `earned`."""
    return Answer(earned(vote, index, voters).astype(np.int64))


def admit_step(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """agl goes to the level of the first on trial whose new reading has earned it."""
    ready = np.array([earned(vote, np.full(voters.size, i), voters) for i in range(4)])
    ready &= fitted(vote) & (block(vote, FRESH) == 1) & (block(vote, VERDICT) == ON_TRIAL)
    ready &= vote[s.VOT_ACQUIRED] == 1
    who, found = np.argmax(ready, axis=0), ready.any(axis=0)
    height = pick(block(vote, HEIGHT), who)
    vote[s.VOT_STEP_MM][found] = (height - estimate[s.EST_AGL_MM])[found]
    vote[s.VOT_STEPS][found] = np.minimum(vote[s.VOT_STEPS] + 1, 1_000_000)[found]
    block(vote, VERDICT)[who[found], np.flatnonzero(found)] = TERRAIN
    begin_anew(vote, estimate, height, found)
    return Answer(found.astype(np.int64))


def voting(vote: Memory) -> NDArray[np.bool_]:
    """(4, vectors): fitted and accepted."""
    return fitted(vote) & (block(vote, VERDICT) == ACCEPTED)


def keenest(vote: Memory) -> Column:
    """The accepted one with the least sigma, the first of equals; 0 when there is none."""
    return np.argmin(np.where(voting(vote), block(vote, SIGMA), NOBODY), axis=0)


def sharpest(vote: Memory) -> Answer:
    """As `keenest`."""
    return Answer(keenest(vote))


def middle(vote: Memory, agl: Column, voters: Column) -> Column:
    """Median of the accepted heights, and of agl too when they are even in number."""
    values = np.where(voting(vote), block(vote, HEIGHT), NOBODY)
    fifth = np.where(voters % 2 == 0, agl, NOBODY)
    ordered = np.sort(np.concatenate([values, fifth[None]]), axis=0)
    return pick(ordered, (voters + 1 - voters % 2) // 2)


def mid_value(vote: Memory, agl: Column, voters: Column) -> Answer:
    """As `middle`."""
    return Answer(middle(vote, agl, voters))


def chosen(vote: Memory, agl: Column, voters: Column) -> Column:
    """One: its height. Two that agree: the sharper one's. Else the middle."""
    best = keenest(vote)
    others = voting(vote) & (np.arange(4)[:, None] != best)
    agreed = (others & near_each_other(vote, best)).any(axis=0)
    single = (voters == 1) | ((voters == 2) & agreed)
    return np.where(single, pick(block(vote, HEIGHT), best), middle(vote, agl, voters))


def voted_height(vote: Memory, agl: Column, voters: Column) -> Answer:
    """As `chosen`."""
    return Answer(chosen(vote, agl, voters))


def rank(vote: Memory, agl: Column, voters: Column, height: Column, index: Column) -> Answer:
    """How many sort before it: by height, then by index, agl behind its equals."""
    numbers = np.arange(4)[:, None]
    heights = block(vote, HEIGHT)
    before = (heights < height) | ((heights == height) & (numbers < index))
    count = (voting(vote) & (numbers != index) & before).sum(axis=0)
    return Answer(count + ((voters % 2 == 0) & (agl < height)))


def blend(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """Put out who is contradicted; when a voter is new, follow the voted height and its slope."""
    there, verdict = fitted(vote), block(vote, VERDICT)
    contradicted = there & (verdict == ON_TRIAL) & (block(vote, TRIAL) >= 3)
    verdict[contradicted] = PUT_OUT
    block(vote, OUTSIDE)[contradicted] = -30
    rows = (voting(vote) & (block(vote, FRESH) == 1)).any(axis=0)
    part, estimates = vote[:, rows], estimate[:, rows]
    agl = estimates[s.EST_AGL_MM].copy()
    apart = chosen(part, agl, voters[rows]) - agl
    part[s.VOT_AGE_TICKS] = 0
    shift = followed(part, apart)
    estimates[s.EST_AGL_MM] = agl + apart // 2**shift
    slope(part, apart, shift)
    correct_sink(part, estimates, apart)
    vote[:, rows], estimate[:, rows] = part, estimates
    result = np.zeros(rows.size, np.int64)
    result[rows] = apart
    return Answer(result)


def correct_sink(vote: Memory, estimate: Memory, apart: Column) -> None:
    """Over slow ground and 1 s without a radar: 1/8 of the difference a second, within 5 m."""
    rows = (vote[s.VOT_GROUND_SPEED_MM_S] < 20_000) & (estimate[s.EST_VELOCITY_AGE_TICKS] > 100)
    speed = estimate[s.EST_VELOCITY_UP_Q8] + 32 * np.clip(apart, -5000, 5000)
    held = np.clip(speed, -512_000_000, 512_000_000)
    estimate[s.EST_VELOCITY_UP_Q8][rows] = held[rows]


def followed(vote: Memory, apart: Column) -> Column:
    """The shift: 1, one more for each halving of sigma that brings it to the ground's unrest, up to 3.

    Three differences in a row beyond 1.5 sigma on one side make it 1.
    """
    noise = pick(block(vote, SIGMA), keenest(vote))
    side = np.where(np.abs(apart) > noise + noise // 2, np.sign(apart), 0)
    lag = vote[s.VOT_LAG]
    lag = np.clip(np.where(lag * side < 0, 0, lag) + side, -3, 3) * np.abs(side)
    vote[s.VOT_LAG] = lag
    ground = passed(vote, np.full(apart.size, 10)) // 4 + 300
    shift = 1 + (noise > ground) + (noise // 2 > ground)
    return np.where(np.abs(lag) == 3, 1, shift)


def blend_shift(vote: Memory, apart: Column) -> Answer:
    """As `followed`."""
    return Answer(followed(vote, apart))


def slope(vote: Memory, apart: Column, shift: Column) -> Column:
    """Ground rate: alpha^2 / 8 of the difference (within 2 sigma) a tenth of a second, 14 degrees at most."""
    most = 2 * pick(block(vote, SIGMA), keenest(vote))
    # (2^-shift)^2 / 8 * 10 a second = 10 / 2^(2 shift + 3)
    pull = 10 * np.clip(apart, -most, most) // 2 ** (2 * shift + 3)
    steepest = vote[s.VOT_GROUND_SPEED_MM_S] // 4
    vote[s.VOT_GROUND_RATE_MM_S] = np.clip(vote[s.VOT_GROUND_RATE_MM_S] + pull, -steepest, steepest)
    return vote[s.VOT_GROUND_RATE_MM_S]


def follow_slope(vote: Memory, apart: Column, shift: Column) -> Answer:
    """As `slope`."""
    return Answer(slope(vote, apart, shift))


def count_outside(vote: Memory, base: Column, verdict: Column) -> Answer:
    """In a row outside: accepted ends it, a new reading adds 1."""
    at = np.arange(base.size)
    old, fresh = vote[base + OUTSIDE, at], vote[base + FRESH, at] == 1
    new = np.where(verdict == ACCEPTED, 0, np.where(fresh, np.minimum(old + 1, 1000), old))
    vote[base + OUTSIDE, at] = new
    return Answer(new)


def step(vote: Memory, estimate: Memory) -> Answer:
    """Move, acquire, judge, then a step or a blend, then publish."""
    move_along(vote, estimate)
    on(vote[s.VOT_ACQUIRED] == 0, acquire, vote, estimate)
    voters = judge_all(vote, estimate).result
    assert voters is not None
    stepped = admit_step(vote, estimate, voters).result
    on((stepped == 0) & (voters > 0), lambda v, e, n: blend(v, e, n[0]), vote, estimate, voters[None])
    publish(vote, estimate)
    return Answer(voters)
