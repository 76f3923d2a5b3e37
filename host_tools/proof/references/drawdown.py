"""The ledger of the pressurant: whole numbers, floors where the kernel's divisions floor."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
UNIT = 2**14
READINGS, TOLD = 10, 3


def spend(drawdown: Memory, feed: Memory, motion: Memory) -> Answer:
    """Each kind of valve by what it was open for, in 625ths of a tick."""
    ticks = motion[s.MOT_ON_US : s.MOT_ON_US + 15] // 16
    spent = drawdown[s.DRA_REST].copy()
    for first, last, price in ((0, 1, s.FEE_MAIN), (1, 7, s.FEE_ASSIST), (7, 15, s.FEE_JET)):
        spent += ticks[first:last].sum(axis=0) * feed[price] // 625
    drawdown[s.DRA_REST] = spent % UNIT
    drawdown[s.DRA_EXPECTED] = np.minimum(drawdown[s.DRA_EXPECTED] + spent // UNIT, 8_000_000)
    return Answer(drawdown[s.DRA_EXPECTED].copy())


def take(drawdown: Memory, feed: Memory, level: Column) -> Answer:
    """Sums of a window; the tenth reading ends it."""
    expected = drawdown[s.DRA_EXPECTED]
    total = drawdown[s.DRA_SUM] + np.clip(level, -200_000, 1_300_000) + expected
    drawdown[s.DRA_SUM] = np.clip(total, -10_000_000, 100_000_000)
    drawdown[s.DRA_EXPECTED_SUM] = np.clip(drawdown[s.DRA_EXPECTED_SUM] + expected, 0, 80_000_000)
    drawdown[s.DRA_READINGS] += 1
    ends = drawdown[s.DRA_READINGS] == READINGS
    judged = drawdown.copy()
    judge(judged, feed)
    compared = ends & (drawdown[s.DRA_WINDOWS] == 1)
    drawdown[:] = np.where(compared, judged, drawdown)
    for last, now in ((s.DRA_LAST_SUM, s.DRA_SUM), (s.DRA_LAST_EXPECTED_SUM, s.DRA_EXPECTED_SUM)):
        drawdown[last] = np.where(ends, drawdown[now], drawdown[last])
        drawdown[now] = np.where(ends, 0, drawdown[now])
    drawdown[s.DRA_WINDOWS] = np.where(ends, 1, drawdown[s.DRA_WINDOWS])
    drawdown[s.DRA_READINGS] = np.where(ends, 0, drawdown[s.DRA_READINGS])
    return Answer(drawdown[s.DRA_VERDICT].copy())


def forget(drawdown: Memory) -> Answer:
    """What a window to come would be compared with."""
    kept = (s.DRA_REST, s.DRA_EXPECTED, s.DRA_LAST_SUM, s.DRA_LAST_EXPECTED_SUM, s.DRA_UNEXPLAINED)
    for slot in set(range(s.DRA_SIZE)) - {*kept, s.DRA_WINDOW_EXPECTED}:
        drawdown[slot] = 0
    return Answer(np.zeros_like(drawdown[0]))


def _mean(total: Column) -> Column:
    """Of ten, toward zero."""
    return np.sign(total) * (np.abs(total) // READINGS)


def judge(drawdown: Memory, feed: Memory) -> Answer:
    """Beyond a floor and a share of what was commanded, three windows in a row."""
    gone = np.clip(_mean(drawdown[s.DRA_LAST_SUM] - drawdown[s.DRA_SUM]), -500_000, 500_000)
    asked = _mean(drawdown[s.DRA_EXPECTED_SUM] - drawdown[s.DRA_LAST_EXPECTED_SUM])
    asked = np.clip(asked, 0, 500_000)
    drawdown[s.DRA_UNEXPLAINED], drawdown[s.DRA_WINDOW_EXPECTED] = gone, asked
    limit = feed[s.FEE_FLOOR] + asked * feed[s.FEE_SHARE_Q10] // 1024
    much = gone > limit
    little = (gone < -limit) & (asked > 4 * feed[s.FEE_FLOOR])
    for slot, met in ((s.DRA_EXCESS_WINDOWS, much), (s.DRA_MISSING_WINDOWS, little)):
        drawdown[slot] = np.where(met, np.minimum(drawdown[slot] + 1, TOLD), 0)
    told = [drawdown[s.DRA_EXCESS_WINDOWS] == TOLD, drawdown[s.DRA_MISSING_WINDOWS] == TOLD]
    drawdown[s.DRA_VERDICT] = np.select(told, [1, 2], 0)
    return Answer(drawdown[s.DRA_VERDICT].copy())
