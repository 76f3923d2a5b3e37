"""A heartbeat's window as a sum over whole columns."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
WINDOW = 6
GOOD, SLOW, FAST = 0, 1, 2


def verdict(counts: Memory, gap: Column) -> Column:
    """Two to four edges in the window and never more than four ticks without one, or what is wrong."""
    total = counts.sum(axis=0)
    slow = (total < 2) | (gap > 4)
    return np.select([total > 4, slow], [FAST, SLOW], GOOD)


def judge_window(heartbeat: Memory, gap: Column) -> Answer:
    """As `verdict`."""
    return Answer(verdict(heartbeat[s.HBT_COUNTS :], gap))


def hear(heartbeat: Memory, edges: Column) -> Answer:
    """The oldest count gives way to the newest; alive after six good ticks in a row."""
    edges = np.clip(edges, 0, 15)
    place = (heartbeat[s.HBT_PLACE] + 1) % WINDOW
    heartbeat[s.HBT_PLACE] = place
    heartbeat[s.HBT_COUNTS + place, np.arange(edges.size)] = edges
    gap = np.where(edges > 0, 0, np.minimum(heartbeat[s.HBT_GAP_TICKS] + 1, 1000))
    why = verdict(heartbeat[s.HBT_COUNTS :], gap)
    good = np.where(why == GOOD, np.minimum(heartbeat[s.HBT_GOOD_TICKS] + 1, WINDOW), 0)
    heartbeat[s.HBT_GAP_TICKS] = gap
    heartbeat[s.HBT_WHY] = why
    heartbeat[s.HBT_GOOD_TICKS] = good
    heartbeat[s.HBT_ALIVE] = good == WINDOW
    return Answer((good == WINDOW).astype(np.int64))
