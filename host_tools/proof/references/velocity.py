"""Velocity and position of state.py: force into the local frame, gravity, the way over ground.

The remainders of a sum are exact in add_kick and travel; where a real number is added to them
they are not judged.
"""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references import inertial as sphere
from host_tools.proof.references.inertial import Real, real
from host_tools.proof.references.state import ALTITUDES_MM, Q29, Q40, Column, Memory
from plumbline.kernels import slots as s

SPEED_LIMIT_Q8 = 512_000_000
Near = dict[tuple[str, int], tuple[Any, Any]]


def rotate_row(estimate: Memory, row: Column, x: Column, y: Column, z: Column) -> Answer:
    """Scalar product of one row of the matrix (0, 3 or 6) with a vector."""
    at = np.arange(row.size)
    terms = [real(estimate[s.EST_R00 + row + i, at]) * value for i, value in enumerate((x, y, z))]
    total = terms[0] + terms[1] + terms[2]
    return Answer(None, {(RESULT, 0): (total / Q29, 1.5)})


def gravity(smaller: Column) -> Answer:
    """Inverse square law over 2 ms, 2^-19 mm/s, at a distance of radius / smaller."""
    value = sphere.gravity_mm_s2(0 * smaller) * sphere.SAMPLE_S * 2**19 * (smaller / Q29) ** 2
    return Answer(None, {(RESULT, 0): (value, 1.7)})


def add_velocity(estimate: Memory, state: Memory) -> Answer:
    """Velocity after force, gravity and the turn of the axes. The remainders are add_kick's matter."""
    velocity = [real(estimate[s.EST_VELOCITY_UP_Q8 + axis]) for axis in range(3)]
    rests = [real(state[s.STA_REST_UP + axis]) / 256 for axis in range(3)]
    half = [real(state[s.STA_ANGLE_X + axis]) / Q29 for axis in range(3)]
    force = [real(state[s.STA_KICK_X + axis]) for axis in range(3)]
    # the increments came while the body turned: seen from the middle of the turn
    kick = sphere.seen_from(force, [-angle / 2 for angle in half])
    turn = [
        real(np.clip(state[slot], -5e8, 5e8)) / Q40 for slot in (s.STA_TURN_DOWNRANGE, s.STA_TURN_CROSSRANGE)
    ]
    rows = [real(estimate[s.EST_R00 + i]) / Q29 for i in range(9)]
    samples = state[s.STA_SAMPLES]
    g0_mm_s2 = sphere.gravity_mm_s2(0 * samples)
    fall = g0_mm_s2 * (state[s.STA_SHRINK_Q29] / Q29) ** 2 * sphere.SAMPLE_S * samples * 256
    gain = gained(rows, kick, velocity, turn, bent(velocity, turn, estimate), fall)
    # three products a row, two of the body's turn and two of the frame's; gravity by the sample
    bend = np.abs(bent(velocity, turn, estimate))
    rough = [samples * 1.7 / 2048, 0.0, bend * 4.2e-5]
    second_order = sum(push * push for push in force) ** 0.5 * sum(angle * angle for angle in half) / 256
    allowed = [1 + 11 / 256 + second_order + rough[axis] for axis in range(3)]
    near: Near = {}
    for axis in range(3):
        speed = np.clip(velocity[axis] + gain[axis] + rests[axis], -SPEED_LIMIT_Q8, SPEED_LIMIT_Q8)
        near["estimate", s.EST_VELOCITY_UP_Q8 + axis] = (speed, allowed[axis])
        near["estimate", s.EST_STEP_UP_Q8 + axis] = (gain[axis] + rests[axis], allowed[axis])
        near["state", s.STA_REST_UP + axis] = (np.full(samples.size, np.nan), 0)
    along = force_mm_s2(force[0], samples)
    near["estimate", s.EST_FORCE_X_MM_S2] = (along, 1 + np.abs(along) * 5.6e-4)
    return Answer(None, near)


def force_mm_s2(kick: Real, samples: Any) -> Real:
    """Specific force that gives that much speed (2^-16 mm/s) in that many samples."""
    return kick / 2**16 / (np.maximum(samples, 1) * sphere.SAMPLE_S)


def gained(
    rows: list[Real], kick: list[Real], velocity_q8: list[Real], turn: list[Real], bend: Real, fall: Real
) -> list[Real]:
    """What the three velocities gain in a step, mm/s * 256, as `bend` and `fall` are."""
    frame = sphere.turning_frame(velocity_q8, turn)
    force = [sum(rows[3 * axis + i] * kick[i] for i in range(3)) / 256 for axis in range(3)]
    return [force[0] + frame[0] - fall, force[1] + frame[1], force[2] + frame[2] - bend]


def bent(velocity_q8: list[Real], turn: list[Real], estimate: Any) -> Real:
    """The great circle bends away from a parallel: downrange speed, turned, times crossrange / radius."""
    offset = np.clip(estimate[s.EST_CROSSRANGE_MM], -2e8, 2e8) / sphere.RADIUS_MM
    return velocity_q8[1] * turn[1] * offset


def add_kick(estimate: Memory, state: Memory, axis: Column, kick: Column) -> Answer:
    """speed * 256 + remainder grows by the kick and by nothing else."""
    at = np.arange(axis.size)
    total = state[s.STA_REST_UP + axis, at] + np.clip(kick, -500_000_000, 500_000_000)
    state[s.STA_REST_UP + axis, at] = total % 256
    speed = estimate[s.EST_VELOCITY_UP_Q8 + axis, at] + total // 256
    estimate[s.EST_VELOCITY_UP_Q8 + axis, at] = np.clip(speed, -SPEED_LIMIT_Q8, SPEED_LIMIT_Q8)
    estimate[s.EST_STEP_UP_Q8 + axis, at] = total // 256
    return Answer(total // 256)


def travel(estimate: Memory, state: Memory, axis: Column, samples: Column) -> Answer:
    """way * 128,000 + remainder grows by the middle speed times the samples."""
    at = np.arange(axis.size)
    middle = estimate[s.EST_VELOCITY_UP_Q8 + axis, at] - estimate[s.EST_STEP_UP_Q8 + axis, at] // 2
    total = state[s.STA_REST_ALTITUDE + axis, at] + middle * samples
    state[s.STA_REST_ALTITUDE + axis, at] = total % 128_000
    return Answer(total // 128_000)


def add_position(estimate: Memory, state: Memory) -> Answer:
    """Altitude by the way flown; both ways over ground by their part on the datum sphere."""
    axis = np.zeros_like(state[s.STA_SAMPLES])
    climb, along, across = (travel(estimate, state, axis + i, state[s.STA_SAMPLES]).result for i in range(3))
    assert climb is not None and along is not None and across is not None
    estimate[s.EST_CLIMB_MM] = climb
    estimate[s.EST_ALTITUDE_MM] = np.clip(estimate[s.EST_ALTITUDE_MM] + climb, *ALTITUDES_MM)
    smaller = state[s.STA_SHRINK_Q29] / Q29
    near: Near = {}
    for way, slot, rest, most in (
        (along, s.EST_DOWNRANGE_MM, s.STA_REST_SHORT, 1e9),
        (across, s.EST_CROSSRANGE_MM, s.STA_REST_SHORT_ACROSS, 2e8),
    ):
        place = estimate[slot] + way * smaller - state[rest] / 256
        near["estimate", slot] = (np.clip(place, -most, most), 1.01)
        near["state", rest] = (np.full(way.size, np.nan), 0)
    return Answer(None, near)
