"""Gate and latch: a voter that behaves as HAKUTO-R Mission 1's was reported to (ispace, 26 May 2023).

One altitude. A reading further from the estimate than a gate is abnormal; after a few of them
in a row the altimeter is filtered out for the rest of the flight, and the estimate goes on by
inertial navigation alone. Gate and count are not public: the gate is drawn anew for each seed.
"""

import numpy as np
from numba import njit

from host_tools.comparators import memory as m

GATE_LOW_M, GATE_HIGH_M = 500.0, 1200.0  # assumed, swept: the threshold is not public
LATCH_READINGS = 3  # assumed
BLEND = 16  # assumed: an abnormal jump shows because the filter follows slowly

ACQUIRED_AFTER = 3  # readings in a row that fit each other, as in our own voter

# what it remembers: of each altimeter its strikes, then whether a height is known
_STRIKES = 0
_KNOWN = m.MOST_ALTIMETERS
_HEIGHT_M = m.MOST_ALTIMETERS + 1
_SIZE = m.MOST_ALTIMETERS + 2


@njit(cache=True)
def _step(vote, estimate, latest, memory, gate_m):
    new = m.take_new(vote, estimate, latest)
    memory[_HEIGHT_M] += m.climb_m(estimate)
    voters = 0
    for index in range(m.MOST_ALTIMETERS):
        if new & (1 << index) == 0:
            continue
        if memory[_KNOWN] == 0.0:
            if m.readings_in_a_row(vote, index) < ACQUIRED_AFTER:
                continue
            memory[_KNOWN] = 1.0
            memory[_HEIGHT_M] = latest[m.HEIGHT_M, index]
        if memory[_STRIKES + index] >= LATCH_READINGS:
            m.judge(vote, index, m.PUT_OUT)
            continue
        apart_m = latest[m.HEIGHT_M, index] - memory[_HEIGHT_M]
        if abs(apart_m) > gate_m:
            m.judge(vote, index, m.ON_TRIAL)
            memory[_STRIKES + index] += 1.0
        else:
            m.judge(vote, index, m.ACCEPTED)
            memory[_STRIKES + index] = 0.0
            memory[_HEIGHT_M] += apart_m / BLEND
            voters += 1
    m.publish_one(vote, estimate, memory[_HEIGHT_M], memory[_KNOWN] == 1.0)
    return voters


def voter(seed: int) -> m.Step:
    """The vote's step for one seed, with the same signature as plumbline.kernels.altitude.step."""
    rng = np.random.default_rng([seed, 2023])
    gate_m = rng.uniform(GATE_LOW_M, GATE_HIGH_M)
    latest, memory = m.nothing_read(), np.zeros(_SIZE)

    def step(vote, estimate):
        return _step(vote, estimate, latest, memory, gate_m)

    return step
