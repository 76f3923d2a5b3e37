"""Inertial navigation: what each function of state.py computes, as real numbers with error bounds.

Counting (samples, remainders, whole millimetres) is exact. A bound is the sum of what the
roundings, and the series and constants that a docstring names, can amount to.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references import inertial as sphere
from host_tools.proof.references.inertial import Real, real
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Q29, Q40 = 2.0**29, 2.0**40
SPEED_LIMIT_Q8 = 512_000_000
ALTITUDES_MM = (-10_000_000, 110_000_000)
OVER_GROUND_MM = (0, 110_000_000)  # below the datum the radius counts as that of the datum


def missing(state: Memory, imu: Memory) -> Column:
    """Lost on the wire and with a fault since the last samples, at most 50; after a coast, 50."""
    lost = np.clip(imu[s.IMU_LOST] - state[s.STA_LOST], 0, 50)
    faults = np.clip(imu[s.IMU_FAULTS] - state[s.STA_FAULTS], 0, 50)
    return np.asarray(np.where(state[s.STA_SILENT_TICKS] > 10, 50, np.minimum(lost + faults, 50)))


def unseen(state: Memory, imu: Memory) -> Answer:
    """As `missing`; the counts are then those that were seen last."""
    lost = missing(state, imu)
    state[s.STA_LOST], state[s.STA_FAULTS] = imu[s.IMU_LOST], imu[s.IMU_FAULTS]
    return Answer(lost)


def hide(estimate: Memory, ticks: Column) -> Answer:
    """A tick of 10 ms: 2 ticks of age, 4 m/s2 of climb, 0.1 rad/s of attitude."""
    age, climb, turn = s.EST_VELOCITY_AGE_TICKS, s.EST_CLIMB_DOUBT_Q8, s.EST_ATTITUDE_DOUBT_MRAD
    estimate[age] = np.clip(estimate[age] + 2 * ticks, 0, 100_000)
    estimate[climb] = np.clip(estimate[climb] + 4_000 * 256 // 100 * ticks, 0, 200_000 * 256)
    estimate[turn] = np.clip(estimate[turn] + ticks, 0, 1000)
    return Answer(estimate[turn].copy())


def calm(state: Memory) -> Answer:
    """The mean moves by a 32nd of what the tick's increment differs from it; 15 m/s2 at most."""
    for axis in range(3):
        kick = np.clip(state[s.STA_KICK_X + axis], -10_000_000, 10_000_000)
        mean = state[s.STA_CALM_X + axis]
        state[s.STA_CALM_X + axis] = mean + (kick - mean) // 32
    return Answer(np.zeros(state.shape[1], np.int64))


def coast(state: Memory) -> Answer:
    """Five samples of the mean force, without a turn."""
    for axis in range(3):
        state[s.STA_ANGLE_X + axis] = 0
        state[s.STA_KICK_X + axis] = state[s.STA_CALM_X + axis]
    state[s.STA_SAMPLES] = 5
    return Answer(np.full(state.shape[1], 5))


def take_increments(estimate: Memory, state: Memory, imu: Memory) -> Answer:
    """Increments to half angles and velocity; k missing of n datagrams: the sum times (n + k) / n."""
    some = imu[s.IMU_SAMPLES] > 0
    n = np.clip(imu[s.IMU_SAMPLES], 1, 50)
    blurred = ~some | (imu[s.IMU_FAULTS] != state[s.STA_FAULTS])
    ticks_left = np.clip(estimate[s.EST_BLURRED_TICKS] - 1, 0, 30)
    estimate[s.EST_BLURRED_TICKS] = np.where(blurred, 30, ticks_left)
    lost = np.where(some, missing(state, imu), 0)
    hidden = np.where(state[s.STA_SILENT_TICKS] == 0, (lost + 4) * 13 // 64, 0)
    hide(estimate, hidden)
    for seen, now in ((s.STA_LOST, imu[s.IMU_LOST]), (s.STA_FAULTS, imu[s.IMU_FAULTS])):
        state[seen][some] = now[some]
    state[s.STA_SILENT_TICKS][some] = 0
    state[s.STA_SAMPLES] = np.where(some, n + lost, 0)
    few = some & (n + lost <= 6)
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
            0.7 + 2.3 * lost + np.abs(half) * 2e-9,
        )
        speed = filled(kick, n, lost, 8e6, 8e5) * sphere.VELOCITY_LSB_MM_S * 2**16
        near["state", s.STA_KICK_X + axis] = (
            np.where(some, speed, state[s.STA_KICK_X + axis]),
            1 + 15.7 * lost,
        )
        mean = real(state[s.STA_CALM_X + axis])
        near["state", s.STA_CALM_X + axis] = (
            np.where(few, mean + (np.clip(speed, -1e7, 1e7) - mean) / 32, mean),
            np.where(few, 1.1 + 0.5 * lost, 0),
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
    # halves of a unit until the samples are counted; the series of 1 / (1 + x) ends after x^3
    part = 1e-8 + 1.1 * lift(estimate) ** 4
    rounding = 1.1 + state[s.STA_SAMPLES] * 0.6
    return Answer(
        None,
        {
            ("state", s.STA_SHRINK_Q29): shrink(estimate).near[RESULT, 0],
            ("state", s.STA_TURN_CROSSRANGE): (down, rounding + np.abs(down) * part),
            ("state", s.STA_TURN_DOWNRANGE): (-cross, rounding + np.abs(cross) * part),
        },
    )


def frame_turn(speed_q8: Any, estimate: Any, samples: Any) -> Real:
    """Angle, rad * 2^40, that a great circle subtends in that time."""
    radius = sphere.RADIUS_MM + np.clip(estimate[s.EST_ALTITUDE_MM], *OVER_GROUND_MM)
    return speed_q8 / 256 / radius * sphere.SAMPLE_S * samples * Q40


def shrink(estimate: Memory) -> Answer:
    """radius / (radius + altitude), * 2^29; a cosine's range."""
    x = lift(estimate)
    value = np.clip(Q29 / (1 + x), 0, Q29 - 1)
    return Answer(None, {(RESULT, 0): (value, 2.5 + Q29 * 1.1 * x**4)})


def lift(estimate: Any) -> Real:
    """Altitude as a part of the radius."""
    return np.clip(estimate[s.EST_ALTITUDE_MM], *OVER_GROUND_MM) / sphere.RADIUS_MM


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
    near: dict[tuple[str, int], tuple[Any, Any]] = {(RESULT, 0): (excess / 2 * Q29, 2.0)}
    near |= {("estimate", s.EST_Q0 + part): (new[part] * Q29, allowed) for part in range(4)}
    return Answer(None, near)


def rotation_matrix(estimate: Memory) -> Answer:
    """The matrix of the quaternion as it is, held within a cosine's range."""
    q = [real(estimate[s.EST_Q0 + part]) / Q29 for part in range(4)]
    entries = [np.clip(entry * Q29, 2 - 2**29, 2**29 - 2) for entry in sphere.matrix(q)]
    return Answer(None, {("estimate", s.EST_R00 + i): (entry, 2.0) for i, entry in enumerate(entries)})


def double_q29(x: Column) -> Answer:
    """Twice x, but no more than twice 2^28 - 1."""
    return Answer(np.sign(x) * np.minimum(2 * np.abs(x), 2**29 - 2))


def without_samples(estimate: Memory, state: Memory) -> Answer:
    """A silent unit: rates halve, nothing was gained; where an attitude is known, a tick was not seen."""
    for axis in range(3):
        estimate[s.EST_RATE_X_URAD_S + axis] //= 2
        estimate[s.EST_STEP_UP_Q8 + axis] = 0
    known = np.any(estimate[s.EST_Q0 : s.EST_Q3 + 1] != 0, axis=0)
    told = count_silent(estimate, state, known).result
    assert told is not None
    return Answer(told)


def count_silent(estimate: Memory, state: Memory, known: Column | None = None) -> Answer:
    """A tick was not seen; from the eleventh in a row on it is time to coast."""
    one = np.ones(state.shape[1], np.int64) if known is None else known.astype(np.int64)
    hide(estimate, one)
    silent = np.minimum(state[s.STA_SILENT_TICKS] + one, 1000)
    state[s.STA_SILENT_TICKS] = silent
    return Answer(one * (silent > 10))
