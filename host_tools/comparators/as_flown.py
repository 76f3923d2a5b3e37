"""Gate and latch: a voter that behaves as HAKUTO-R Mission 1's was reported to (ispace, 26 May 2023).

One altitude. A reading further from the estimate than a gate is abnormal; after a few of them
in a row the altimeter is filtered out for the rest of the flight, and the estimate goes on by
inertial navigation alone. Gate and count are not public: the gate is drawn anew for each seed.
"""

import numpy as np
from numpy.typing import NDArray

from host_tools.comparators import memory as m
from host_tools.world.compiled import compiled

GATE_LOW_M, GATE_HIGH_M = 500.0, 1200.0  # assumed, swept: the threshold is not public
LATCH_READINGS = 3  # assumed
BLEND = 16  # assumed: an abnormal jump shows because the filter follows slowly

ACQUIRED_AFTER = 3  # readings in a row that fit each other, as in our own voter

# what it remembers: of each altimeter its strikes, then whether a height is known, which, and the gate
_STRIKES = m.OWN
_KNOWN, _HEIGHT_M, _GATE_M = range(m.OWN + m.MOST_ALTIMETERS, m.OWN + m.MOST_ALTIMETERS + 3)


@compiled
def step(vote, estimate, memory):
    """The vote's step with the memory of one flight."""
    new = m.take_new(vote, estimate, memory)
    memory[_HEIGHT_M] += m.climb_m(estimate)
    voters = 0
    for index in range(m.MOST_ALTIMETERS):
        if new & (1 << index) == 0:
            continue
        if memory[_KNOWN] == 0.0:
            if m.readings_in_a_row(vote, index) < ACQUIRED_AFTER:
                continue
            memory[_KNOWN] = 1.0
            memory[_HEIGHT_M] = memory[m.HEIGHT_M + index]
        if memory[_STRIKES + index] >= LATCH_READINGS:
            m.judge(vote, index, m.PUT_OUT)
            continue
        apart_m = memory[m.HEIGHT_M + index] - memory[_HEIGHT_M]
        if abs(apart_m) > memory[_GATE_M]:
            m.judge(vote, index, m.ON_TRIAL)
            memory[_STRIKES + index] += 1.0
        else:
            m.judge(vote, index, m.ACCEPTED)
            memory[_STRIKES + index] = 0.0
            memory[_HEIGHT_M] += apart_m / BLEND
            voters += 1
    m.publish_one(vote, estimate, memory[_HEIGHT_M], memory[_KNOWN] == 1.0)
    return voters


def begin(seed: int) -> NDArray[np.float64]:
    """The memory at the start of a flight with this seed, which draws the gate."""
    memory = m.nothing_read()
    memory[_GATE_M] = np.random.default_rng([seed, 2023]).uniform(GATE_LOW_M, GATE_HIGH_M)
    return memory
