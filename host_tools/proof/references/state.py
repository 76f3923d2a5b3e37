"""Inertial navigation: what each function of state.py computes, as real numbers with error bounds.

Counting (samples, remainders, whole millimetres) is exact. A bound is the sum of what the
roundings, and the series and constants that a docstring names, can amount to.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from plumbline.kernels import slots as s

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references import inertial as sphere
from host_tools.proof.references.inertial import Real, real

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Q29, Q40 = 2.0**29, 2.0**40
SPEED_LIMIT_Q8 = 512_000_000
ALTITUDES_MM = (-10_000_000, 110_000_000)


def take_increments(estimate: Memory, state: Memory, imu: Memory) -> Answer:
    """Increments to half angles and velocity; k lost of n datagrams: the sum times (n + k) / n."""
    some = imu[s.IMU_SAMPLES] > 0
    n = np.clip(imu[s.IMU_SAMPLES], 1, 50)
    lost = np.where(some, np.clip(imu[s.IMU_LOST] - state[s.STA_LOST], 0, 50), 0)
    state[s.STA_LOST][some] = imu[s.IMU_LOST][some]
    state[s.STA_SAMPLES] = np.where(some, n + lost, 0)
    near: dict[tuple[str, int], tuple[Any, Any]] = {}
    for axis in range(3):
        angle, kick = imu[s.IMU_ANGLE_X + axis], imu[s.IMU_VELOCITY_X + axis]
        rate = np.clip(angle, -4e6, 4e6) / n * sphere.ANGLE_LSB_RAD / sphere.SAMPLE_S * 1e6
        old = estimate[s.EST_RATE_X_URAD_S + axis]
        # the mean of old and new; the constant's last bit is 1.4e-5 of it
        near["estimate", s.EST_RATE_X_URAD_S + axis] = (
            np.where(some, (old + rate) / 2, old),
            3 + np.abs(rate) * 1.4e-5,
        )
        half = filled(angle, n, lost, 4e6, 4e5) * sphere.ANGLE_LSB_RAD / 2 * Q29
        near["state", s.STA_ANGLE_X + axis] = (
            np.where(some, half, state[s.STA_ANGLE_X + axis]),
            1 + 2.3 * lost + np.abs(half) * 6e-6,
        )
        speed = filled(kick, n, lost, 8e6, 8e5) * sphere.VELOCITY_LSB_MM_S * 2**16
        near["state", s.STA_KICK_X + axis] = (
            np.where(some, speed, state[s.STA_KICK_X + axis]),
            1 + 15.7 * lost,
        )
    return Answer(state[s.STA_SAMPLES], near)


def filled(total: Column, n: Column, lost: Column, most: float, most_mean: float) -> Real:
    """The sum with the mean of the good ones for each lost one, held within the part's range."""
    held = np.clip(total, -most, most)
    return np.clip(held + np.clip(held / n, -most_mean, most_mean) * lost, -most, most)


def turn_of_frame(estimate: Memory, state: Memory) -> Answer:
    """Speed / (radius + altitude) * time; + about crossrange when it flies downrange."""
    down = frame_turn(estimate[s.EST_VELOCITY_DOWNRANGE_Q8], estimate, state[s.STA_SAMPLES])
    cross = frame_turn(estimate[s.EST_VELOCITY_CROSSRANGE_Q8], estimate, state[s.STA_SAMPLES])
    x = lift(estimate)
    # speed is taken in whole mm/s, the constant lies 3.9e-5 high, the series ends after x^2
    part = 4.0e-5 + np.abs(x) ** 3 + np.abs(x) * 1.4e-4
    rounding = state[s.STA_SAMPLES] * 4.0
    return Answer(
        None,
        {
            ("state", s.STA_TURN_CROSSRANGE): (down, rounding + np.abs(down) * part),
            ("state", s.STA_TURN_DOWNRANGE): (-cross, rounding + np.abs(cross) * part),
        },
    )


def frame_turn(speed_q8: Any, estimate: Any, samples: Any) -> Real:
    """Angle, rad * 2^40, that a great circle subtends in that time."""
    radius = sphere.RADIUS_MM + np.clip(estimate[s.EST_ALTITUDE_MM], *ALTITUDES_MM)
    return speed_q8 / 256 / radius * sphere.SAMPLE_S * samples * Q40


def lift(estimate: Any) -> Real:
    """Altitude as a part of the radius."""
    return np.clip(estimate[s.EST_ALTITUDE_MM], *ALTITUDES_MM) / sphere.RADIUS_MM


def turn_attitude(estimate: Memory, state: Memory) -> Answer:
    """q' = (frame's turn)^-1 q (body's turn), with true rotations instead of first-order ones."""
    half = [real(np.clip(state[s.STA_ANGLE_X + axis], -16e6, 16e6)) / Q29 for axis in range(3)]
    total_down = state[s.STA_REST_TURN_DOWNRANGE] - state[s.STA_TURN_DOWNRANGE]
    total_cross = state[s.STA_REST_TURN_CROSSRANGE] - state[s.STA_TURN_CROSSRANGE]
    state[s.STA_REST_TURN_DOWNRANGE] = total_down % 4096
    state[s.STA_REST_TURN_CROSSRANGE] = total_cross % 4096
    back = [real(total // 4096) / Q29 for total in (total_down, total_cross)]
    old = [real(estimate[s.EST_Q0 + part]) / Q29 for part in range(4)]
    new = turned(old, half, back)
    allowed = attitude_bound(half, back)
    return Answer(None, {("estimate", s.EST_Q0 + part): (new[part] * Q29, allowed) for part in range(4)})


def turned(q: list[Real], half: list[Real], back: list[Real]) -> list[Real]:
    """Attitude after the body turned by twice `half` and the frame by twice minus `back`."""
    frame = sphere.rotation(0 * back[0], back[0], back[1])
    return sphere.unit(sphere.product(sphere.product(frame, q), sphere.rotation(*half)))


def attitude_bound(half: list[Real], back: list[Real]) -> Real:
    """12 products and their sums: 6 LSB; first order only: b^3/3, b^4/2, and frame times body."""
    b = np.sqrt(sum(angle * angle for angle in half))
    turn = np.hypot(np.abs(back[0]), np.abs(back[1]))
    return 6 + Q29 * (b**3 / 3 + b**4 / 2 + turn * b + turn * turn)


def normalise(estimate: Memory, n0: Column, n1: Column, n2: Column, n3: Column) -> Answer:
    """Length 1; one step of Newton leaves 3/8 of the square of the excess."""
    parts = [real(np.clip(part, 1 - 2**29, 2**29 - 1)) / Q29 for part in (n0, n1, n2, n3)]
    excess = sum(part * part for part in parts) - 1
    allowed = 3 + Q29 * (0.5 * excess * excess)
    new = sphere.unit(parts)
    near = {("estimate", s.EST_Q0 + part): (new[part] * Q29, allowed) for part in range(4)}
    return Answer(None, {**near, (RESULT, 0): (excess / 2 * Q29, 2.0)})


def rotation_matrix(estimate: Memory) -> Answer:
    """The matrix of the quaternion as it is, held within a cosine's range."""
    q = [real(estimate[s.EST_Q0 + part]) / Q29 for part in range(4)]
    entries = [np.clip(entry * Q29, 2 - 2**29, 2**29 - 2) for entry in sphere.matrix(q)]
    return Answer(None, {("estimate", s.EST_R00 + i): (entry, 2.0) for i, entry in enumerate(entries)})


def double_q29(x: Column) -> Answer:
    """Twice x, but no more than twice 2^28 - 1."""
    return Answer(np.sign(x) * np.minimum(2 * np.abs(x), 2**29 - 2))


def rotate_row(estimate: Memory, row: Column, x: Column, y: Column, z: Column) -> Answer:
    """Scalar product of one row of the matrix (0, 3 or 6) with a vector."""
    at = np.arange(row.size)
    total = sum(real(estimate[s.EST_R00 + row + i, at]) * value for i, value in enumerate((x, y, z)))
    return Answer(None, {(RESULT, 0): (total / Q29, 1.5)})


def gravity(estimate: Memory) -> Answer:
    """Inverse square law over 2 ms, 2^-16 mm/s."""
    altitude = np.clip(estimate[s.EST_ALTITUDE_MM], *ALTITUDES_MM)
    value = sphere.gravity_mm_s2(altitude) * sphere.SAMPLE_S * 2**16
    return Answer(None, {(RESULT, 0): (value, gravity_bound(estimate))})


def gravity_bound(estimate: Any) -> Real:
    """g0 stands 5 LSB low; 1 - 2x + 3x^2 leaves 4x^3; x is rounded to 2^-14 before it is squared."""
    x = np.abs(lift(estimate))
    return 7 + 212_900 * (4 * x**3 + 5 * x**4 + 4e-4 * x)


def add_velocity(estimate: Memory, state: Memory) -> Answer:
    """Velocity after force, gravity and the turn of the axes. The remainders are add_kick's matter."""
    velocity = [real(estimate[s.EST_VELOCITY_UP_Q8 + axis]) for axis in range(3)]
    rests = [real(state[s.STA_REST_UP + axis]) / 256 for axis in range(3)]
    kick = [real(state[s.STA_KICK_X + axis]) for axis in range(3)]
    turn = [
        real(np.clip(state[slot], -5e8, 5e8)) / Q40 for slot in (s.STA_TURN_DOWNRANGE, s.STA_TURN_CROSSRANGE)
    ]
    rows = [real(estimate[s.EST_R00 + i]) / Q29 for i in range(9)]
    samples = state[s.STA_SAMPLES]
    gain = gained(rows, kick, velocity, turn, estimate, samples)
    # three products a row and two of the turning frame, 1.2 units each; gravity by the sample
    bend = np.abs(bent(velocity, turn, estimate))
    rough = [samples * gravity_bound(estimate) / 256, 0.0, bend * 4.2e-5]
    allowed = [1 + 7 / 256 + rough[axis] for axis in range(3)]
    near: dict[tuple[str, int], tuple[Any, Any]] = {}
    for axis in range(3):
        speed = np.clip(velocity[axis] + gain[axis] + rests[axis], -SPEED_LIMIT_Q8, SPEED_LIMIT_Q8)
        near["estimate", s.EST_VELOCITY_UP_Q8 + axis] = (speed, allowed[axis])
        near["estimate", s.EST_STEP_UP_Q8 + axis] = (gain[axis] + rests[axis], allowed[axis])
        near["state", s.STA_REST_UP + axis] = (np.full(samples.size, np.nan), 0)
    force = force_mm_s2(kick[0], samples)
    near["estimate", s.EST_FORCE_X_MM_S2] = (force, 1 + np.abs(force) * 5.6e-4)
    return Answer(None, near)


def force_mm_s2(kick: Real, samples: Any) -> Real:
    """Specific force that gives that much speed (2^-16 mm/s) in that many samples."""
    return kick / 2**16 / (np.maximum(samples, 1) * sphere.SAMPLE_S)


def gained(
    rows: list[Real], kick: list[Real], velocity_q8: list[Real], turn: list[Real], estimate: Any, samples: Any
) -> list[Real]:
    """What the three velocities gain in a step, mm/s * 256."""
    frame = sphere.turning_frame(velocity_q8, turn)
    force = [sum(rows[3 * axis + i] * kick[i] for i in range(3)) / 256 for axis in range(3)]
    altitude = np.clip(estimate[s.EST_ALTITUDE_MM], *ALTITUDES_MM)
    fall = sphere.gravity_mm_s2(altitude) * sphere.SAMPLE_S * samples * 256
    across = force[2] + frame[2] - bent(velocity_q8, turn, estimate)
    return [force[0] + frame[0] - fall, force[1] + frame[1], across]


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
    """Altitude and crossrange by the way flown; downrange by its part on the datum sphere."""
    axis = np.zeros_like(state[s.STA_SAMPLES])
    climb, along, across = (travel(estimate, state, axis + i, state[s.STA_SAMPLES]).result for i in range(3))
    assert climb is not None and along is not None and across is not None
    estimate[s.EST_CLIMB_MM] = climb
    estimate[s.EST_ALTITUDE_MM] = np.clip(estimate[s.EST_ALTITUDE_MM] + climb, *ALTITUDES_MM)
    crossrange = estimate[s.EST_CROSSRANGE_MM] + across
    estimate[s.EST_CROSSRANGE_MM] = np.clip(crossrange, -200_000_000, 200_000_000)
    x = lift(estimate)
    downrange = estimate[s.EST_DOWNRANGE_MM] + along / (1 + x) - state[s.STA_REST_SHORT] / 256
    allowed = 1.01 + np.abs(along) * (np.abs(x) ** 3 + np.abs(x) * 2e-5)
    return Answer(
        None,
        {
            ("estimate", s.EST_DOWNRANGE_MM): (np.clip(downrange, -1e9, 1e9), allowed),
            ("state", s.STA_REST_SHORT): (np.full(x.size, np.nan), 0),
        },
    )
