"""Plain mid-value select: the middle of the altimeters that have spoken of late, no gate. One altitude.

Of two the middle is their mean; of none it is the last height, moved along. Source: the textbook voter, as
told for instance in the description of US patent 9,092,313 (three input voting).
Assumed: a reading counts for 0.3 s, as in our own voter.
"""

import numpy as np
from numba import njit

from host_tools.comparators import memory as m

FRESH_TICKS = 30

_ACQUIRED = 0
_SIZE = 1


@njit(cache=True)
def middle(values, count):
    """The middle of the first `count` values, of an even number the mean of the two; sorts them."""
    chosen = values[:count]
    chosen.sort()
    return 0.5 * (chosen[(count - 1) // 2] + chosen[count // 2])


@njit(cache=True)
def _step(vote, estimate, latest, memory, values):
    m.take_new(vote, estimate, latest)
    count = 0
    for index in range(m.MOST_ALTIMETERS):
        if latest[m.AGE_TICKS, index] > FRESH_TICKS:
            m.judge(vote, index, m.SILENT)
            continue
        m.judge(vote, index, m.ACCEPTED)
        values[count] = latest[m.HEIGHT_M, index]
        count += 1
    height_m = m.altitude_m(estimate)
    if count > 0:
        memory[_ACQUIRED] = 1.0
        height_m = middle(values, count)
    m.publish_one(vote, estimate, height_m, memory[_ACQUIRED] == 1.0)
    return count


def voter(_seed: int) -> m.Step:
    """The vote's step, with the same signature as plumbline.kernels.altitude.step."""
    latest, memory, values = m.nothing_read(), np.zeros(_SIZE), np.zeros(m.MOST_ALTIMETERS)

    def step(vote, estimate):
        return _step(vote, estimate, latest, memory, values)

    return step
