"""Is a heartbeat the square wave that it should be? Judged by how many edges there were in each tick.

An edge each 20 ms, in ticks of 10 ms: in six ticks there are three, and two or four while either
side is late. Alive for certain with edges each 15 to 30 ms; never with edges each 12.5 ms or faster, or each
35 ms or slower, and not with a level that is frozen: 50 ms after the last edge at the latest.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_HBT_PLACE = const(0)
_HBT_GAP_TICKS = const(1)
_HBT_GOOD_TICKS = const(2)
_HBT_WHY = const(3)
_HBT_ALIVE = const(4)
_HBT_COUNTS = const(5)

_WINDOW_TICKS = const(6)
_MOST_EDGES = const(15)  # more need not be told apart
_LEAST_IN_WINDOW = const(2)
_MOST_IN_WINDOW = const(4)
_LONGEST_GAP_TICKS = const(4)
_LONG_AGO_TICKS = const(1000)
_GOOD_TICKS = const(6)  # before it is believed: a window

_GOOD = const(0)
_SLOW = const(1)
_FAST = const(2)


@micropython.viper
def hear(heartbeat: ptr32, edges: int) -> int:
    """One tick in which there were so many edges; returns 1 while the heart beats.

    Ranges: edges int31.
    """
    edges = int(clamp(edges, 0, _MOST_EDGES))
    place = heartbeat[_HBT_PLACE] + 1
    if place >= _WINDOW_TICKS:
        place = 0
    heartbeat[_HBT_PLACE] = place
    heartbeat[_HBT_COUNTS + place] = edges
    gap = 0
    if edges == 0:
        gap = int(clamp(heartbeat[_HBT_GAP_TICKS] + 1, 0, _LONG_AGO_TICKS))
    heartbeat[_HBT_GAP_TICKS] = gap
    why = int(judge_window(heartbeat, gap))
    heartbeat[_HBT_WHY] = why
    good = 0
    alive = 0
    if why == _GOOD:
        good = int(clamp(heartbeat[_HBT_GOOD_TICKS] + 1, 0, _GOOD_TICKS))
        if good == _GOOD_TICKS:
            alive = 1
    heartbeat[_HBT_GOOD_TICKS] = good
    heartbeat[_HBT_ALIVE] = alive
    return alive


@micropython.viper
def judge_window(heartbeat: ptr32, gap: int) -> int:
    """0 when the last six ticks are those of the wave, else 1 for too slow or frozen, 2 for too fast."""
    total = 0
    i = 0
    while i < _WINDOW_TICKS:
        total = total + heartbeat[_HBT_COUNTS + i]
        i = i + 1
    if total > _MOST_IN_WINDOW:
        return _FAST
    if total < _LEAST_IN_WINDOW or gap > _LONGEST_GAP_TICKS:
        return _SLOW
    return _GOOD
