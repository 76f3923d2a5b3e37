"""A tick of the altitude vote as a specification in integers: its turn, how all moves, what is told."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    FRESH,
    FURTHEST_LEVEL_MM,
    HIGHEST_MM,
    JUDGED,
    JUST_NOW,
    TICKS,
    TO_DISPUTE,
    TO_FOLLOW,
    TO_GUARD,
    TO_HEAR,
    TO_TAKE,
    WAITING,
    Column,
    Memory,
    block,
    fitted,
    hundredth,
    on,
)
from host_tools.proof.references.dispute import challenge, take
from host_tools.proof.references.following import blend
from host_tools.proof.references.integrity import protect, speed
from host_tools.proof.references.ranging import remember
from host_tools.proof.references.verdicts import acquire, judge_all
from plumbline.kernels import slots as s


def step(vote: Memory, estimate: Memory) -> Answer:
    """Move; do what the tick's turn is, which also says what the next one's is; publish.

    To hear: judge what came in an earlier tick, or that nothing came for 0.31 s; with nothing to judge,
    guard every fourth tick. To dispute: one challenger; then one takes, or all that are accepted pull; then
    guard.
    """
    advance(vote, estimate)
    turn, news = vote[s.VOT_STAGE].copy(), vote[s.VOT_NEWS].copy()
    hears = turn == TO_HEAR
    judges = hears & ((news == WAITING) | (vote[s.VOT_QUIET_TICKS] == 31))
    idles = hears & ~judges & (news != JUST_NOW)
    vote[s.VOT_NEWS][hears & ~judges & (news == JUST_NOW)] = WAITING
    on(judges, _judge, vote, estimate)
    on(turn == TO_DISPUTE, _dispute, vote, estimate)
    on(turn == TO_TAKE, lambda v, e: take(v, e, v[s.VOT_VOTERS]), vote, estimate)
    follows = (turn == TO_FOLLOW) & (vote[s.VOT_VOTERS] > 0)
    on(follows, lambda v, e: blend(v, e, v[s.VOT_VOTERS]), vote, estimate)
    vote[s.VOT_STAGE][(turn == TO_TAKE) | (turn == TO_FOLLOW)] = TO_GUARD
    on(turn == TO_GUARD, _end, vote)
    guards = (turn == TO_GUARD) | (idles & (vote[s.VOT_TICK] % 4 == 0))
    publish(vote, estimate, guards.astype(np.int64))
    return Answer(vote[s.VOT_VOTERS].copy())


def _judge(vote: Memory, estimate: Memory) -> Answer:
    """The first level when there is none, then verdicts; nobody has been asked yet."""
    vote[s.VOT_NEWS], vote[s.VOT_ASKED] = 0, 0
    on(vote[s.VOT_ACQUIRED] == 0, acquire, vote)
    vote[s.VOT_STAGE] = TO_DISPUTE
    return judge_all(vote, estimate)


def _dispute(vote: Memory, estimate: Memory) -> Answer:
    """The next one's turn again, or agl goes there, or it follows."""
    won = challenge(vote, estimate, vote[s.VOT_VOTERS]).result
    assert won is not None
    vote[s.VOT_STAGE] = np.choose(won, (TO_DISPUTE, TO_TAKE, TO_FOLLOW))
    return Answer(None)


def _end(vote: Memory) -> Answer:
    """Nothing is left to be done with what was judged."""
    put_away(vote)
    vote[s.VOT_STAGE] = TO_HEAR
    return Answer(None)


def put_away(vote: Memory) -> Answer:
    """No reading is a judged one any more."""
    fresh = block(vote, FRESH)
    fresh[fitted(vote) & (fresh == JUDGED)] = 0
    return Answer(vote[s.VOT_FITTED].copy())


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


def publish(vote: Memory, estimate: Memory, guard: Column) -> Answer:
    """agl is valid for 5 s, and protected where that is due.

    Right after a reading, over the site and slow, it pulls the altitude by 1/64, unless 1 km away.
    """
    agl = np.clip(vote[s.VOT_ODOMETER_MM] - vote[s.VOT_GROUND_MM], -HIGHEST_MM, HIGHEST_MM)
    estimate[s.EST_AGL_MM] = agl
    valid = ((vote[s.VOT_ACQUIRED] == 1) & (vote[s.VOT_AGE_TICKS] < 500)).astype(np.int64)
    due = guard == 1
    valid[due] = on(due, lambda v, e, c: protect(v, e, *c), vote, estimate, np.array([agl, valid])).result
    estimate[s.EST_AGL_VALID] = valid
    estimate[s.EST_RANGE_AGE_TICKS] = vote[s.VOT_AGE_TICKS]
    acquired = vote[s.VOT_ACQUIRED] == 1
    estimate[s.EST_HEIGHT_MM] = np.where(acquired, agl, estimate[s.EST_ALTITUDE_MM])
    apart = agl - estimate[s.EST_ALTITUDE_MM]
    over_site = (np.abs(estimate[s.EST_DOWNRANGE_MM]) < 3_000_000) & (vote[s.VOT_GROUND_SPEED_MM_S] < 60_000)
    pulled = (valid == 1) & over_site & (vote[s.VOT_AGE_TICKS] == 0) & (np.abs(apart) < 1_000_000)
    altitude = np.clip(estimate[s.EST_ALTITUDE_MM] + apart // 64, -10_000_000, 110_000_000)
    estimate[s.EST_ALTITUDE_MM][pulled] = altitude[pulled]
    estimate[s.EST_TERRAIN_MM] = estimate[s.EST_ALTITUDE_MM] - agl
    return Answer(valid)
