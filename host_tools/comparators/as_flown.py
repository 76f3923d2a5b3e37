"""Gate and latch: a voter that behaves as HAKUTO-R Mission 1's was reported to (ispace, 26 May 2023).

One altitude. A reading further from the estimate than a gate is abnormal; after a few of them
in a row the altimeter is filtered out for the rest of the flight, and the estimate goes on by
inertial navigation alone. Gate and count are not public: the gate is drawn anew for each seed.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

import host_tools.host_board  # noqa: F401  makes the firmware importable
from plumbline.kernels import altitude
from plumbline.kernels import slots as s

GATE_LOW_M, GATE_HIGH_M = 500.0, 1200.0  # assumed, swept: the threshold is not public
LATCH_READINGS = 3  # assumed
BLEND = 16  # assumed: an abnormal jump shows because the filter follows slowly

_HEIGHT, _VERDICT, _TRIAL, _FRESH = 0, 2, 3, 8
_ACCEPTED, _ON_TRIAL, _PUT_OUT = 1, 2, 4
_STRIKES, _LATCHED = 10, 11  # spare slots of an altimeter's twelve


@njit(cache=True)
def _step(vote, estimate, gate_mm):
    altitude.move_along(vote, estimate)
    if vote[s.VOT_ACQUIRED] == 0 and altitude.acquire(vote, estimate) == 1:
        estimate[s.EST_ALTITUDE_MM] = estimate[s.EST_AGL_MM]
    voters = 0
    for index in range(vote[s.VOT_FITTED]):
        base = s.VOT_FIRST + index * s.VOT_STRIDE
        if vote[base + _LATCHED] == 1:
            vote[base + _VERDICT] = _PUT_OUT
            continue
        if vote[base + _FRESH] == 0 or vote[s.VOT_ACQUIRED] == 0:
            continue
        apart = vote[base + _HEIGHT] - estimate[s.EST_AGL_MM]
        if abs(apart) > gate_mm:
            vote[base + _VERDICT] = _ON_TRIAL
            vote[base + _STRIKES] += 1
            if vote[base + _STRIKES] >= LATCH_READINGS:
                vote[base + _LATCHED] = 1
        else:
            vote[base + _VERDICT] = _ACCEPTED
            vote[base + _STRIKES] = 0
            estimate[s.EST_AGL_MM] += apart // BLEND
            voters += 1
    if vote[s.VOT_ACQUIRED] == 1:
        # one altitude for everything: what the altimeter says, or inertial navigation from there
        estimate[s.EST_ALTITUDE_MM] = estimate[s.EST_AGL_MM]
        estimate[s.EST_AGL_VALID] = 1
    estimate[s.EST_TERRAIN_MM] = 0
    altitude.clear_fresh(vote)
    return voters


def voter(seed: int) -> Callable[[Any, Any], int]:
    """The vote's step for one seed, with the same signature as plumbline.kernels.altitude.step."""
    rng = np.random.default_rng([seed, 2023])
    gate_mm = math.floor(1000.0 * rng.uniform(GATE_LOW_M, GATE_HIGH_M))

    def step(vote, estimate):
        return _step(vote, estimate, gate_mm)

    return step
