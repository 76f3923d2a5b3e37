"""Plain mid-value select: the middle of the altimeters that have spoken of late, no gate. One altitude.

Of two the middle is their mean; of none it is the last height, moved along. Source: the textbook voter, as
told for instance in the description of US patent 9,092,313 (three input voting).
Assumed: a reading counts for 0.3 s, as in our own voter.
"""

import numpy as np
from numpy.typing import NDArray

from host_tools.comparators import memory as m
from host_tools.world.compiled import compiled

FRESH_TICKS = 30

# what it remembers, and room for the heights of one tick
_ACQUIRED = m.OWN
_CHOSEN_M = m.OWN + 1


@compiled
def middle(values, first, count):
    """The middle of `count` values from `first` on, of an even number the mean of the two; sorts them."""
    for place in range(first + 1, first + count):
        value = values[place]
        while place > first and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
    return 0.5 * (values[first + (count - 1) // 2] + values[first + count // 2])


@compiled
def step(vote, estimate, memory):
    """The vote's step with the memory of one flight."""
    m.take_new(vote, estimate, memory)
    count = 0
    for index in range(m.MOST_ALTIMETERS):
        if memory[m.AGE_TICKS + index] > FRESH_TICKS:
            m.judge(vote, index, m.SILENT)
            continue
        m.judge(vote, index, m.ACCEPTED)
        memory[_CHOSEN_M + count] = memory[m.HEIGHT_M + index]
        count += 1
    height_m = m.altitude_m(estimate)
    if count > 0:
        memory[_ACQUIRED] = 1.0
        height_m = middle(memory, _CHOSEN_M, count)
    m.publish_one(vote, estimate, height_m, memory[_ACQUIRED] == 1.0)
    return count


def begin(_seed: int) -> NDArray[np.float64]:
    """The memory at the start of a flight."""
    return m.nothing_read()
