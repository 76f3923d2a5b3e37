"""Levels, charge and loads of the power board as rules over whole columns, in exact integers."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
LOADS, NORMAL, CRITICAL = 8, 0, 2
DONE, WRONG_LOAD, WRONG_ON, WRONG_SECONDS, TOO_LOW = range(5)


def judge(supply: Memory, limits: Memory, mv: Column, valid: Column) -> Answer:
    """A run of ticks below this level's limit makes it worse, one above the better one's makes it better."""
    heard, level = valid == 1, supply[s.SUP_LEVEL].copy()
    mv = np.clip(mv, 0, 40_960)
    floor = np.choose(level, [limits[s.LIM_LOW_MV], limits[s.LIM_CRITICAL_MV], np.full_like(mv, -1)])
    never = np.full_like(mv, 2**40)
    ceiling = np.choose(level, [never, limits[s.LIM_LOW_MV], limits[s.LIM_CRITICAL_MV]])
    ceiling = ceiling + limits[s.LIM_HYSTERESIS_MV]
    below = np.where(heard & (mv < floor), np.minimum(supply[s.SUP_SINKING_TICKS] + 1, 1_000), 0)
    above = np.where(heard & (mv >= ceiling), np.minimum(supply[s.SUP_RISING_TICKS] + 1, 10_000), 0)
    worse = heard & (below >= limits[s.LIM_SINK_TICKS])
    better = heard & ~worse & (above >= limits[s.LIM_RISE_TICKS])
    level = np.clip(level + worse - better, NORMAL, CRITICAL)
    supply[s.SUP_SINKING_TICKS] = np.where(worse, 0, below)
    supply[s.SUP_RISING_TICKS] = np.where(worse | better, 0, above)
    supply[s.SUP_BATTERY_MV] = np.where(heard, mv, supply[s.SUP_BATTERY_MV])
    supply[s.SUP_KNOWN_TICKS] = np.where(heard, 100, np.maximum(supply[s.SUP_KNOWN_TICKS] - 1, 0))
    supply[s.SUP_LEVEL] = level
    return Answer(level)


def count_charge(supply: Memory, limits: Memory, power: Memory, elapsed_ms: Column) -> Answer:
    """Charge in mA ms is what it was and current times time; full where voltage and current say so."""
    current = power[s.PWR_CURRENT_MA]
    exact = 1000 * supply[s.SUP_CHARGE_MAS] + supply[s.SUP_CHARGE_REST]
    exact = exact + current * np.clip(elapsed_ms, 0, 1000)
    full = (current >= 0) & (current <= limits[s.LIM_TAIL_MA])
    full &= power[s.PWR_BUS_MV] >= limits[s.LIM_FULL_MV]
    capacity = limits[s.LIM_CAPACITY_MAS]
    charge = np.where(full, capacity, np.clip(exact // 1000, 0, capacity))
    supply[s.SUP_CHARGE_MAS] = charge
    supply[s.SUP_CHARGE_REST] = exact % 1000
    return Answer(charge)


def allowed(supply: Memory, limits: Memory) -> Column:
    """Everything at the normal level with a voltage that is known; else what the level keeps."""
    low, critical = limits[s.LIM_KEPT_LOW], limits[s.LIM_KEPT_CRITICAL]
    normal = np.where(supply[s.SUP_KNOWN_TICKS] > 0, 7, low)
    return np.choose(supply[s.SUP_LEVEL], [normal, low, critical])


def last_priority(supply: Memory, limits: Memory) -> Answer:
    """As `allowed`."""
    return Answer(allowed(supply, limits))


def switch(
    supply: Memory, limits: Memory, loads: Memory, load: Column, on: Column, seconds: Column
) -> Answer:
    """The first field that is wrong is the answer; then the battery; else it is done."""
    column = np.arange(load.size)
    there = (load >= 0) & (load < LOADS)
    base = np.where(there, load, 0) * s.LOD_STRIDE
    most = loads[base + s.LOD_MOST_S, column]
    no_time = (on == 1) & ((seconds < 1) | (seconds > most))
    too_low = (on == 1) & (loads[base + s.LOD_PRIORITY, column] > allowed(supply, limits))
    result = np.select(
        [~there | (most == 0), (on != 0) & (on != 1), no_time, too_low],
        [WRONG_LOAD, WRONG_ON, WRONG_SECONDS, TOO_LOW],
        DONE,
    )
    done = result == DONE
    loads[(base + s.LOD_ON)[done], column[done]] = on[done]
    loads[(base + s.LOD_LEFT_TICKS)[done], column[done]] = (100 * seconds * on)[done]
    return Answer(result)


def expire(loads: Memory) -> Answer:
    """Each load that is on loses a tick; with its last one it goes off, and its bit is in the answer."""
    answer = np.zeros(loads.shape[1], np.int64)
    for load in range(LOADS):
        on, left = loads[load * s.LOD_STRIDE + s.LOD_ON], loads[load * s.LOD_STRIDE + s.LOD_LEFT_TICKS]
        over = (on == 1) & (left <= 1)
        left[:] = np.where(on == 1, np.maximum(left - 1, 0), left)
        on[over] = 0
        answer += over * 2**load
    return Answer(answer)


def shed(supply: Memory, limits: Memory, loads: Memory) -> Answer:
    """Of the loads that are on and that the level does not keep, the first of the largest number goes."""
    level, column = supply[s.SUP_LEVEL], np.arange(loads.shape[1])
    left = np.maximum(supply[s.SUP_SHED_TICKS] - 1, 0)
    kept = np.choose(level, [np.full_like(level, 7), limits[s.LIM_KEPT_LOW], limits[s.LIM_KEPT_CRITICAL]])
    on, priority = loads[s.LOD_ON :: s.LOD_STRIDE], loads[s.LOD_PRIORITY :: s.LOD_STRIDE]
    rank = np.where((on == 1) & (priority > kept), priority, -1)
    chosen = rank.argmax(axis=0)  # the first one of several
    goes = (left == 0) & (level != NORMAL) & (rank.max(axis=0) >= 0)
    on[chosen[goes], column[goes]] = 0
    loads[s.LOD_LEFT_TICKS :: s.LOD_STRIDE][chosen[goes], column[goes]] = 0
    supply[s.SUP_SHED_TICKS] = np.where(goes, limits[s.LIM_SHED_TICKS], left)
    return Answer(np.where(goes, chosen, -1))
