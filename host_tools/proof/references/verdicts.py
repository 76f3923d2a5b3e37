"""Every altimeter's verdict as a specification in integers: decisions are exact, so are their limits."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    ACCEPTED,
    BLAMED,
    CONVICTED,
    CREPT,
    EXCESS,
    FRESH,
    HEARD,
    JUDGED,
    LEVEL,
    NEW,
    ON_TRIAL,
    OUTSIDE,
    OVERDUE,
    PUT_OUT,
    SIGMA,
    SILENT,
    TRIAL,
    VERDICT,
    WARY,
    Block,
    Column,
    Mask,
    Memory,
    believed,
    block,
    first_of,
    fitted,
    get,
    on,
    passed,
    pick,
    put,
    since,
    tried,
)
from host_tools.proof.references.integrity import doubt
from host_tools.proof.references.levels import restart
from host_tools.proof.references.ranging import is_stuck
from plumbline.kernels import slots as s


def acquire(vote: Memory) -> Answer:
    """The first with a new reading that is its third in a row."""
    who, found = first_of(fitted(vote) & (block(vote, FRESH) == NEW) & (block(vote, TRIAL) >= 3))
    vote[s.VOT_ACQUIRED][found] = 1
    columns = np.array([pick(block(vote, LEVEL), who), pick(block(vote, SIGMA), who)])
    on(found, lambda v, c: restart(v, c[0], c[1]), vote, columns)
    return Answer(found.astype(np.int64))


def judge_all(vote: Memory, estimate: Memory) -> Answer:
    """New: a verdict. Else heard 0.3 s ago: silent. Nobody outside: no dispute; one on trial: at least 1 mm.

    The gate: 4 sigma of its own (in `judge`), 2 of who leads, half the ground passed, inertial doubt, 3 m.
    """
    age, before = vote[s.VOT_AGE_TICKS], vote[s.VOT_VOTERS].copy()
    gate = 2 * vote[s.VOT_NOISE_MM] + passed(vote, age) // 2 + doubt(estimate, age) + 3000
    verdict = block(vote, VERDICT)
    new = fitted(vote) & (block(vote, FRESH) == NEW)
    speaks = fitted(vote) & ~np.isin(verdict, (SILENT, OVERDUE))
    verdict[~new & speaks & (since(vote, block(vote, HEARD)) > 30)] = SILENT
    for index in range(4):
        base = np.full_like(gate, s.VOT_FIRST + index * s.VOT_STRIDE)
        columns = np.array([base, gate, before])
        rows = new[index]
        verdict[index][rows] = on(rows, lambda v, c: judge(v, c[0], c[1], c[2]), vote, columns).result
    on_trial = (fitted(vote) & (verdict == ON_TRIAL)).any(axis=0)
    disputed = np.where(tried(vote).any(axis=0), vote[s.VOT_DISPUTED_MM], 0)
    vote[s.VOT_DISPUTED_MM] = np.maximum(disputed, on_trial)
    vote[s.VOT_VOTERS] = believed(vote).sum(axis=0)
    return Answer(vote[s.VOT_VOTERS].copy())


def judge(vote: Memory, base: Column, allowed: Column, before: Column) -> Answer:
    """Within the gate: accepted; else on trial, or put out, and how wide the dispute is begins anew.

    Where nobody else has been accepted four times its own excess is allowed too. A level that is stuck is
    never within. Before there is a gate nobody counts. Put out while more than half of all are accepted:
    that is kept.
    """
    vote[s.VOT_QUIET_TICKS] = 0
    put(vote, base, FRESH, np.full_like(base, JUDGED))
    apart = np.abs(get(vote, base, LEVEL) - vote[s.VOT_GROUND_MM])
    nobody_better = (before == 0) | ((before == 1) & (get(vote, base, VERDICT) == ACCEPTED))
    scattered = np.clip(apart - 4 * get(vote, base, EXCESS), 0, 900_000_000)
    way = np.where(nobody_better, scattered, apart)
    stuck, acquired = is_stuck(vote, base).result == 1, vote[s.VOT_ACQUIRED] == 1
    inside = acquired & ~stuck & (way <= allowed + 4 * get(vote, base, SIGMA))
    on(acquired, lambda v, c: count_outside(v, *c), vote, np.array([base, inside, before]))
    vote[s.VOT_DISPUTED_MM][~inside] = 0
    put_out = get(vote, base, OUTSIDE) < 0
    by_most = ~inside & put_out & (2 * before > vote[s.VOT_FITTED])
    put(vote, base, BLAMED, get(vote, base, BLAMED) | CONVICTED, by_most)
    doubted = np.where(stuck | put_out, PUT_OUT, ON_TRIAL)
    return Answer(np.where(inside, ACCEPTED, doubted))


def count_outside(vote: Memory, base: Column, inside: Column, contradicted: Column) -> Answer:
    """As `_counted`, for one; the first of an excursion that goes on from the last reading has crept out."""
    outside, wary, trial = (get(vote, base, item) for item in (OUTSIDE, WARY, TRIAL))
    crept = (inside == 0) & (outside == 0) & (trial > 1)
    put(vote, base, BLAMED, get(vote, base, BLAMED) | CREPT, crept)
    outside, wary = _counted(outside, wary, trial, inside == 1, contradicted > 0)
    put(vote, base, OUTSIDE, outside)
    put(vote, base, WARY, wary)
    return Answer(outside)


def _counted(
    outside: Block, wary: Block, trial: Block, inside: Mask, contradicted: Mask
) -> tuple[Block, Block]:
    """Readings in a row outside, and how wary of it one has become.

    Inside ends the count. After an excursion 4 warier, 8 at most; each 16th reading in a row 1 less.
    Outside for the 11th time, or put out already, while another one is inside: 30 to go, this one of them.
    """
    back = np.minimum(wary + 4, 8)
    calm = wary - ((trial % 16 == 15) & (wary > 0))
    put_out = ((outside >= 10) | (outside < 0)) & contradicted
    more = np.where(put_out, -29, np.minimum(outside + 1, 1000))
    return np.where(inside, 0, more), np.where(inside, np.where(outside > 0, back, calm), wary)
