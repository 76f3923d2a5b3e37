"""The arm supply as a table of reasons, the strongest first."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
NOT_ASKED, ON, TIME_OVER, BATTERY, SLOW, FAST = range(6)
CRITICAL = 2


def ask(supply: Memory, limits: Memory, on: Column, seconds: Column) -> Answer:
    """The first field that is wrong is the answer; then the battery; else it is done."""
    wants = on == 1
    no_time = wants & ((seconds < 1) | (seconds > limits[s.LIM_ARM_MOST_S]))
    bad = wants & ((supply[s.SUP_LEVEL] == CRITICAL) | (supply[s.SUP_KNOWN_TICKS] == 0))
    result = np.select([(on != 0) & (on != 1), no_time, bad], [1, 2, 3], 0)
    starts, ends = (result == 0) & wants, (result == 0) & ~wants
    ticks = supply[s.SUP_ARM_TICKS]
    supply[s.SUP_ARM_TICKS] = np.select([starts, ends], [100 * seconds, 0 * ticks], ticks)
    supply[s.SUP_ARM_LOST_TICKS][starts] = 0
    supply[s.SUP_ARM_STATE][ends | (starts & (supply[s.SUP_ARM_STATE] != ON))] = NOT_ASKED
    return Answer(result)


def hold(supply: Memory, heartbeat: Memory) -> Answer:
    """Battery, then the heart that stays away, then time, then the heart of this tick; else it is on."""
    was, asked = supply[s.SUP_ARM_STATE].copy(), supply[s.SUP_ARM_TICKS] > 0
    left = np.maximum(supply[s.SUP_ARM_TICKS] - 1, 0)
    dead = heartbeat[s.HBT_ALIVE] == 0
    lost = np.where(asked & dead, np.minimum(supply[s.SUP_ARM_LOST_TICKS] + 1, 200), 0)
    heart = np.where(heartbeat[s.HBT_WHY] == 2, FAST, SLOW)
    empty = supply[s.SUP_LEVEL] == CRITICAL
    never, over, flat = (np.full_like(was, state) for state in (NOT_ASKED, TIME_OVER, BATTERY))
    state = np.select(
        [~asked & (was == ON), ~asked, empty, lost == 200, left == 0, dead],
        [never, was, flat, heart, over, heart],
        ON,
    )
    drops = supply[s.SUP_ARM_DROPS]
    supply[s.SUP_ARM_DROPS] = np.where((was == ON) & (state != ON), (drops + 1) % 2**29, drops)
    supply[s.SUP_ARM_LOST_TICKS] = lost
    supply[s.SUP_ARM_TICKS] = np.where(asked & (empty | (lost == 200)), 0, left)
    supply[s.SUP_ARM_STATE] = state
    return Answer((state == ON).astype(np.int64))


def is_stuck(supply: Memory, power: Memory) -> Answer:
    """More than 50 ticks in a row with more than 2 V on a supply that is off."""
    live = (power[s.PWR_STATUS] == 1) & (power[s.PWR_BUS_MV] > 2000) & (supply[s.SUP_ARM_STATE] != ON)
    ticks = np.where(live, np.minimum(supply[s.SUP_STUCK_TICKS] + 1, 100), 0)
    supply[s.SUP_STUCK_TICKS] = ticks
    return Answer((ticks > 50).astype(np.int64))
