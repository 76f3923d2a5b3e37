"""Luminary 099: the landing radar's altitude as the Apollo LM's computer took it in. One altitude.

Every 2 s the state takes the share 0.35 (1 - h / 15,240 m) of its difference to the radar. After high gate a
difference beyond 61 m + h/8 is thrown away, before it nothing is tested. Each sample is judged afresh.
Sources: MIT R-567, Guidance System Operations Plan for Luminary, section 5.3: weight, reasonableness test,
navigation cycle; high gate of Apollo 11 at 7,600 ft as commonly told; shared facts on landings for 61 m.
Assumed: the crew lets the radar in; of several altimeters each is taken in turn as the one radar was.
"""

import numpy as np
from numpy.typing import NDArray

from host_tools.comparators import memory as m
from host_tools.world.compiled import compiled

CYCLE_TICKS = 200
LARGEST_WEIGHT = 0.35
WEIGHTLESS_FROM_M = 15_240.0
REASONABLE_M = 61.0
REASONABLE_SHARE = 0.125
HIGH_GATE_M = 2_316.0

# what it remembers
_NEXT_CYCLE, _PAST_HIGH_GATE, _ACQUIRED = range(m.OWN, m.OWN + 3)


@compiled
def weight(height_m):
    """The share of the difference that is taken; none at 15,240 m and above."""
    return LARGEST_WEIGHT * min(1.0, max(0.0, 1.0 - height_m / WEIGHTLESS_FROM_M))


@compiled
def largest_reasonable_m(height_m):
    """How far the radar may lie from the estimated height: less and less on the way down."""
    return REASONABLE_M + REASONABLE_SHARE * max(0.0, height_m)


@compiled
def step(vote, estimate, memory):
    """The vote's step with the memory of one flight."""
    m.take_new(vote, estimate, memory)
    height_m = m.altitude_m(estimate)
    memory[_NEXT_CYCLE] -= 1.0
    taken = 0
    if memory[_NEXT_CYCLE] <= 0.0:
        memory[_NEXT_CYCLE] = CYCLE_TICKS
        for index in range(m.MOST_ALTIMETERS):
            if memory[m.AGE_TICKS + index] > CYCLE_TICKS:
                m.judge(vote, index, m.SILENT)
                continue
            if height_m < HIGH_GATE_M:
                memory[_PAST_HIGH_GATE] = 1.0
            apart_m = memory[m.HEIGHT_M + index] - height_m
            if memory[_PAST_HIGH_GATE] == 1.0 and abs(apart_m) > largest_reasonable_m(height_m):
                m.judge(vote, index, m.ON_TRIAL)
                continue
            m.judge(vote, index, m.ACCEPTED)
            height_m += weight(height_m) * apart_m
            memory[_ACQUIRED] = 1.0
            taken += 1
    m.publish_one(vote, estimate, height_m, memory[_ACQUIRED] == 1.0)
    return taken


def begin(_seed: int) -> NDArray[np.float64]:
    """The memory at the start of a flight."""
    return m.nothing_read()
