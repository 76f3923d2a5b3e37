"""The radar's velocity in state.py: seen from the local frame, gated, blended by an eighth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.alignment import Near, aligned, fastest, innovations, matrix_of
from host_tools.proof.references.inertial import Real, real
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
SPEED_LIMIT_Q8 = 512_000_000


def velocity_innovation(
    estimate: Memory, axis: Column, delay_ms: Column, x: Column, y: Column, z: Column
) -> Answer:
    """Measured, moved on by the last tick's change, less estimated; mm/s * 256."""
    value = np.choose(axis, innovations(estimate, matrix_of(estimate), delay_ms, [x, y, z]))
    return Answer(None, {(RESULT, 0): (value, 3.0)})


def correct_velocity(estimate: Memory, reading: Memory, delay_ms: Column) -> Answer:
    """Taken when all three axes lie within 1 m/s and 2 m/s more a second; closer to the gate than
    2 mm/s roundings decide, so that is not judged. With an attitude that is 5 mrad and more in doubt, twice
    that times the speed is allowed as well, and it is aligned first."""
    body = [np.clip(reading[s.ALT_VELOCITY_X_MM_S + i], -2_000_000, 2_000_000) * 256 for i in range(3)]
    delay = np.minimum(reading[s.ALT_AGE_MS] + delay_ms, 500)
    apart = innovations(estimate, matrix_of(estimate), delay, body)
    in_doubt = estimate[s.EST_ATTITUDE_DOUBT_MRAD] >= 5
    gate = 1000 + 20 * np.clip(estimate[s.EST_VELOCITY_AGE_TICKS], 0, 20_000)
    gate = gate + np.where(in_doubt, 2 * estimate[s.EST_ATTITUDE_DOUBT_MRAD] * fastest(estimate), 0)
    margin = gate - np.max(np.abs(apart), axis=0) / 256
    valid = (reading[s.ALT_STATUS] & 8) != 0
    taken = valid & (margin > 0)
    unsure = valid & (np.abs(margin) < 2)
    near: Near = {}

    def expect(place: tuple[str, int], value: Real, allowed: Any) -> None:
        near[place] = (np.where(unsure, np.nan, value), allowed)

    turns = taken & in_doubt
    matrix = matrix_of(estimate)
    for place, (value, rough) in aligned(estimate, apart).items():
        before = real(estimate[place[1]])
        expect(place, np.where(turns, value, before), np.where(turns, rough, 0))
        if place[1] >= s.EST_R00:
            matrix[place[1] - s.EST_R00] = np.where(turns, value, before)
    apart = innovations(estimate, matrix, delay, body)
    # the matrix may be off by its allowance, of a speed of up to 2 km/s on each axis
    rough = np.where(turns, 3 * 5.12e8 / 2**29 * near["estimate", s.EST_R00][1] / 8, 0)
    for axis in range(3):
        slot = s.EST_VELOCITY_UP_Q8 + axis
        speed = np.where(taken, estimate[slot] + apart[axis] / 8, estimate[slot])
        expect(("estimate", slot), np.clip(speed, -SPEED_LIMIT_Q8, SPEED_LIMIT_Q8), 1.5 + rough)
    age = estimate[s.EST_VELOCITY_AGE_TICKS]
    expect(("estimate", s.EST_VELOCITY_AGE_TICKS), np.where(taken, 0.0, age), 0)
    climb, turn = estimate[s.EST_CLIMB_DOUBT_Q8], estimate[s.EST_ATTITUDE_DOUBT_MRAD]
    fewer = climb * 7 // 8, turn * 63 // 64
    expect(("estimate", s.EST_CLIMB_DOUBT_Q8), np.where(taken, fewer[0], climb), 0)
    expect(("estimate", s.EST_ATTITUDE_DOUBT_MRAD), np.where(taken, fewer[1], turn), 0)
    expect((RESULT, 0), np.where(taken, 1.0, 0.0), 0)
    return Answer(None, near)
