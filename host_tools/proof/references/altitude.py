"""A tick of the altitude vote as a specification in integers: decisions are exact, so are their limits."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    ACCEPTED,
    EXCESS,
    FRESH,
    FURTHEST_LEVEL_MM,
    HEARD,
    HIGHEST_MM,
    JUDGED,
    LEVEL,
    NEW,
    ON_TRIAL,
    OUTSIDE,
    OVERDUE,
    PUT_OUT,
    SIGMA,
    SILENT,
    TERRAIN,
    TICKS,
    TRIAL,
    VERDICT,
    WARY,
    Block,
    Column,
    Mask,
    Memory,
    block,
    first_of,
    fitted,
    get,
    hundredth,
    on,
    passed,
    pick,
    put,
    since,
)
from host_tools.proof.references.integrity import doubt, protect, speed
from host_tools.proof.references.levels import restart
from host_tools.proof.references.ranging import remember, stuck
from host_tools.proof.references.vote import decide
from plumbline.kernels import slots as s


def step(vote: Memory, estimate: Memory) -> Answer:
    """Move; decide what was judged in the tick before, or else judge what came; publish."""
    advance(vote, estimate)
    judged = vote[s.VOT_JUDGED] == 1
    asked = ~judged & ((vote[s.VOT_NEWS] == 1) | (vote[s.VOT_QUIET_TICKS] == 31))
    on(judged, decide, vote, estimate)
    on(asked, _judge, vote, estimate)
    publish(vote, estimate, (judged | asked).astype(np.int64))
    return Answer(vote[s.VOT_VOTERS].copy())


def _judge(vote: Memory, estimate: Memory) -> Answer:
    """The first level when there is none, then verdicts."""
    vote[s.VOT_NEWS], vote[s.VOT_DISPUTED_MM] = 0, 0
    on(vote[s.VOT_ACQUIRED] == 0, acquire, vote)
    vote[s.VOT_JUDGED] = 1
    return judge_all(vote, estimate)


def advance(vote: Memory, estimate: Memory) -> Answer:
    """The odometer by the climb, the ground by its slope, forgotten after 0.3 s; speed every 80 ms."""
    vote[s.VOT_TICK] = (vote[s.VOT_TICK] + 1) % TICKS
    odometer = vote[s.VOT_ODOMETER_MM] + estimate[s.EST_CLIMB_MM]
    vote[s.VOT_ODOMETER_MM] = np.clip(odometer, -HIGHEST_MM, HIGHEST_MM)
    vote[s.VOT_GROUND_RATE_MM_S][vote[s.VOT_AGE_TICKS] >= 30] = 0
    ground = vote[s.VOT_GROUND_MM] - hundredth(vote[s.VOT_GROUND_RATE_MM_S])
    vote[s.VOT_GROUND_MM] = np.clip(ground, -FURTHEST_LEVEL_MM, FURTHEST_LEVEL_MM)
    for slot, most in ((s.VOT_AGE_TICKS, 100_000), (s.VOT_QUIET_TICKS, 1000)):
        vote[slot] = np.minimum(vote[slot] + 1, most)
    fresh = vote[s.VOT_TICK] % 8 == 0
    vote[s.VOT_GROUND_SPEED_MM_S][fresh] = speed(estimate)[fresh]
    remember(vote, estimate)
    return Answer(vote[s.VOT_ODOMETER_MM].copy())


def acquire(vote: Memory) -> Answer:
    """The first with a new reading that is its third in a row."""
    who, found = first_of(fitted(vote) & (block(vote, FRESH) == NEW) & (block(vote, TRIAL) >= 3))
    vote[s.VOT_ACQUIRED][found] = 1
    columns = np.array([pick(block(vote, LEVEL), who), pick(block(vote, SIGMA), who)])
    on(found, lambda v, c: restart(v, c[0], c[1]), vote, columns)
    return Answer(found.astype(np.int64))


def judge_all(vote: Memory, estimate: Memory) -> Answer:
    """New and within the gate: accepted; else on trial, or put out; heard 0.3 s ago: silent.

    The gate: 4 sigma of its own, 2 of who leads, half the ground passed, the inertial doubt, 3 m; of its
    own excess 4 too where nobody else has been accepted.
    """
    age, verdict, fresh = vote[s.VOT_AGE_TICKS], block(vote, VERDICT), block(vote, FRESH)
    gate = 4 * block(vote, SIGMA) + 2 * vote[s.VOT_NOISE_MM] + passed(vote, age) // 2 + doubt(estimate, age)
    apart = np.abs(block(vote, LEVEL) - vote[s.VOT_GROUND_MM])
    before = vote[s.VOT_VOTERS]
    nobody_better = (before == 0) | ((before == 1) & (verdict == ACCEPTED))
    apart = np.where(nobody_better, np.clip(apart - 4 * block(vote, EXCESS), 0, 900_000_000), apart)
    within = apart <= gate + 3000
    fixed = stuck(vote)
    inside = within & (vote[s.VOT_ACQUIRED] == 1) & ~fixed
    new = fitted(vote) & (fresh == NEW)
    outside, wary = _counted(block(vote, OUTSIDE), block(vote, WARY), block(vote, TRIAL), inside, before > 0)
    told = np.where(inside, ACCEPTED, np.where((outside < 0) | fixed, PUT_OUT, ON_TRIAL))
    speaks = (verdict != SILENT) & (verdict != OVERDUE)
    gone = fitted(vote) & ~new & speaks & (since(vote, block(vote, HEARD)) > 30)
    for item, value in ((OUTSIDE, outside), (WARY, wary), (VERDICT, told)):
        block(vote, item)[new] = value[new]
    fresh[new], verdict[gone] = JUDGED, SILENT
    vote[s.VOT_QUIET_TICKS][new.any(axis=0)] = 0
    vote[s.VOT_DISPUTED_MM][(fitted(vote) & (verdict == ON_TRIAL)).any(axis=0)] = 1
    vote[s.VOT_VOTERS] = (fitted(vote) & np.isin(verdict, (ACCEPTED, TERRAIN))).sum(axis=0)
    return Answer(vote[s.VOT_VOTERS].copy())


def _counted(
    outside: Block, wary: Block, trial: Block, inside: Mask, contradicted: Mask
) -> tuple[Block, Block]:
    """Readings in a row outside, and how wary of it one has become.

    Inside ends the count. After an excursion 4 warier, 12 at most; each 16th reading in a row 1 less.
    Outside for the 11th time, or put out already, while another one is inside: 30 to go, this one of them.
    """
    back = np.minimum(wary + 4, 12)
    calm = wary - ((trial % 16 == 15) & (wary > 0))
    put_out = ((outside >= 10) | (outside < 0)) & contradicted
    more = np.where(put_out, -29, np.minimum(outside + 1, 1000))
    return np.where(inside, 0, more), np.where(inside, np.where(outside > 0, back, calm), wary)


def count_outside(vote: Memory, base: Column, inside: Column, contradicted: Column) -> Answer:
    """As `_counted`, for one."""
    before, wary, trial = (get(vote, base, item) for item in (OUTSIDE, WARY, TRIAL))
    outside, wary = _counted(before, wary, trial, inside == 1, contradicted > 0)
    put(vote, base, OUTSIDE, outside)
    put(vote, base, WARY, wary)
    return Answer(outside)


def publish(vote: Memory, estimate: Memory, busy: Column) -> Answer:
    """agl is valid for 5 s, and protected in every fourth idle tick, the twentieth at the latest.

    Right after a reading, over the site and slow, it pulls the altitude by 1/64, unless 1 km away.
    """
    agl = np.clip(vote[s.VOT_ODOMETER_MM] - vote[s.VOT_GROUND_MM], -HIGHEST_MM, HIGHEST_MM)
    estimate[s.EST_AGL_MM] = agl
    valid = ((vote[s.VOT_ACQUIRED] == 1) & (vote[s.VOT_AGE_TICKS] < 500)).astype(np.int64)
    unchecked = vote[s.VOT_UNCHECKED_TICKS] + 1
    due = ((unchecked >= 4) & (busy == 0)) | (unchecked >= 20)
    columns = np.array([agl, valid])

    def check(votes: Memory, estimates: Memory, part: Memory) -> Answer:
        answer = protect(votes, estimates, part[0], part[1])
        assert answer.result is not None
        part[1] = answer.result
        return answer

    on(due, check, vote, estimate, columns)
    vote[s.VOT_UNCHECKED_TICKS] = np.where(due, 0, unchecked)
    estimate[s.EST_AGL_VALID] = columns[1]
    acquired = vote[s.VOT_ACQUIRED] == 1
    estimate[s.EST_HEIGHT_MM] = np.where(acquired, agl, estimate[s.EST_ALTITUDE_MM])
    apart = agl - estimate[s.EST_ALTITUDE_MM]
    over_site = (np.abs(estimate[s.EST_DOWNRANGE_MM]) < 3_000_000) & (vote[s.VOT_GROUND_SPEED_MM_S] < 60_000)
    pulled = (columns[1] == 1) & over_site & (vote[s.VOT_AGE_TICKS] == 0) & (np.abs(apart) < 1_000_000)
    altitude = np.clip(estimate[s.EST_ALTITUDE_MM] + apart // 64, -10_000_000, 110_000_000)
    estimate[s.EST_ALTITUDE_MM][pulled] = altitude[pulled]
    estimate[s.EST_TERRAIN_MM] = estimate[s.EST_ALTITUDE_MM] - agl
    return Answer(columns[1])
