"""Whole polls of inertial navigation in real numbers, one and many in a row, nothing rounded between."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from host_tools.proof.references import inertial as sphere
from host_tools.proof.references import state as parts
from host_tools.proof.references import velocity
from host_tools.proof.references.inertial import Real, real
from plumbline.kernels import slots as s

Memory = NDArray[np.int64]
POLLS = 500  # of fly(): 5 s of flight
Q29 = 2.0**29


@dataclass
class Motion:
    """Attitude; velocities in mm/s * 256; altitude, downrange and crossrange in mm."""

    q: list[Real]
    velocity: list[Real]
    place: list[Real]
    gain: list[Real]


def motion_of(estimate: Memory, state: Memory) -> Motion:
    """What the integers of a memory stand for, their remainders included."""
    places = (s.EST_ALTITUDE_MM, s.EST_DOWNRANGE_MM, s.EST_CROSSRANGE_MM)
    rests = [real(state[s.STA_REST_ALTITUDE + axis]) / 128_000 for axis in range(3)]
    for axis, slot in ((1, s.STA_REST_SHORT), (2, s.STA_REST_SHORT_ACROSS)):
        rests[axis] = rests[axis] - real(state[slot]) / 256
    return Motion(
        q=[real(estimate[s.EST_Q0 + part]) / Q29 for part in range(4)],
        velocity=[
            real(estimate[s.EST_VELOCITY_UP_Q8 + i]) + real(state[s.STA_REST_UP + i]) / 256 for i in range(3)
        ],
        place=[real(estimate[slot]) + rests[axis] for axis, slot in enumerate(places)],
        gain=[],
    )


def advance(motion: Motion, half: list[Real], kick: list[Real], samples: Any) -> Motion:
    """The motion after that many samples: frame, attitude, velocity, way at the middle speed."""
    height = {s.EST_ALTITUDE_MM: motion.place[0], s.EST_CROSSRANGE_MM: motion.place[2]}
    down = parts.frame_turn(motion.velocity[1], height, samples) / parts.Q40
    cross = -parts.frame_turn(motion.velocity[2], height, samples) / parts.Q40
    q = parts.turned(motion.q, half, [-cross / 2, -down / 2])
    middle = sphere.product(q, sphere.rotation(*(-angle / 2 for angle in half)))
    fall = sphere.gravity_mm_s2(motion.place[0]) * sphere.SAMPLE_S * samples * 256
    bend = velocity.bent(motion.velocity, [cross, down], height)
    gain = velocity.gained(sphere.matrix(middle), kick, motion.velocity, [cross, down], bend, fall)
    speeds = [old + new for old, new in zip(motion.velocity, gain, strict=True)]
    way = [(new - more / 2) / 256 * sphere.SAMPLE_S * samples for new, more in zip(speeds, gain, strict=True)]
    altitude = motion.place[0] + way[0]
    below = sphere.RADIUS_MM / (sphere.RADIUS_MM + altitude)
    place = [altitude, motion.place[1] + way[1] * below, motion.place[2] + way[2] * below]
    return Motion(q, speeds, place, gain)


def increments(imu: Memory, state: Memory) -> tuple[list[Real], list[Real], Any, Any]:
    """Half angles (rad), kicks (2^-16 mm/s), samples with the lost ones, and how many those are."""
    n = np.clip(imu[s.IMU_SAMPLES], 1, 50)
    lost = parts.missing(state, imu)
    angles = [parts.filled(imu[s.IMU_ANGLE_X + i], n, lost, 4e6, 4e5) for i in range(3)]
    kicks = [parts.filled(imu[s.IMU_VELOCITY_X + i], n, lost, 8e6, 8e5) for i in range(3)]
    half = [real(angle) * sphere.ANGLE_LSB_RAD / 2 for angle in angles]
    return half, [real(kick) * sphere.VELOCITY_LSB_MM_S * 2**16 for kick in kicks], n + lost, lost


def aged(estimate: Memory) -> None:
    """A tick older; 4 m/s2 of thrust in a direction that is in doubt, over 10 ms."""
    estimate[s.EST_VELOCITY_AGE_TICKS] = np.minimum(estimate[s.EST_VELOCITY_AGE_TICKS] + 1, 100_000)
    carried = estimate[s.EST_CLIMB_DOUBT_Q8] + 10 * estimate[s.EST_ATTITUDE_DOUBT_MRAD]
    estimate[s.EST_CLIMB_DOUBT_Q8] = np.minimum(carried, 200_000 * 256)


def step(estimate: Memory, state: Memory, imu: Memory) -> Answer:
    """One poll. The private memory is judged by the parts' own checks."""
    before = motion_of(estimate, state)
    half, kick, samples, lost = increments(imu, state)
    if np.all(imu[s.IMU_SAMPLES] == 0):
        return coasted(estimate, state, before)
    after = advance(before, half, kick, samples)
    aged(estimate)
    scratch = parts.take_increments(estimate, state, imu)
    return Answer(samples, _bounds(before, after, half, kick, samples, lost, scratch))


def coasted(estimate: Memory, state: Memory, before: Motion) -> Answer:
    """A poll of a unit that has long been silent: the mean force, no turn, and more doubt."""
    aged(estimate)
    estimate[s.EST_BLURRED_TICKS] = 30
    parts.without_samples(estimate, state)
    none = np.zeros(state.shape[1])
    half, kick = [real(none)] * 3, [real(state[s.STA_CALM_X + axis]) for axis in range(3)]
    samples = none.astype(np.int64) + 5
    after = advance(before, half, kick, samples)
    return Answer(none.astype(np.int64), _bounds(before, after, half, kick, samples, 0, Answer(None, {})))


def _bounds(
    before: Motion,
    after: Motion,
    half: list[Real],
    kick: list[Real],
    samples: Any,
    lost: Any,
    scratch: Answer,
) -> dict[tuple[str, int], tuple[Any, Any]]:
    """Every slot that a poll writes, with its real value and what roundings may amount to."""
    size = np.sqrt(sum(force * force for force in kick))
    b = np.sqrt(sum(angle * angle for angle in half))
    attitude = 20 + 4 * lost + Q29 * (b**3 / 3 + b**4 / 2 + b * 1.3e-5)
    # an attitude that is off turns the kick; 16 units a lost sample; gravity by the sample
    x = np.abs(parts.lift({s.EST_ALTITUDE_MM: before.place[0]}))
    turning = np.abs(before.velocity[1]) + np.abs(before.velocity[2])
    # the ground's part is that of the height before the climb
    climb = np.abs(after.velocity[0]) / 256 * samples * sphere.SAMPLE_S / sphere.RADIUS_MM
    way = 2.1 + turning / 256 * samples * sphere.SAMPLE_S * (1.1 * x**4 + 1e-8 + climb)
    speed = 1.2 + (11 + 30 * lost + size * (attitude / Q29 + b * b) + samples * (0.3 + 460_000 * x**4)) / 256
    speed = speed + turning * samples * 2.4e-6 * (1e-6 + 1.1 * x**4)
    near = {place: value for place, value in scratch.near.items() if place[0] == "estimate"}
    for part in range(4):
        near["estimate", s.EST_Q0 + part] = (after.q[part] * Q29, attitude)
    for i, entry in enumerate(sphere.matrix(after.q)):
        near["estimate", s.EST_R00 + i] = (entry * Q29, 4 * attitude)
    for axis in range(3):
        near["estimate", s.EST_VELOCITY_UP_Q8 + axis] = (after.velocity[axis], speed)
        near["estimate", s.EST_STEP_UP_Q8 + axis] = (after.gain[axis], speed + 1)
    for axis, slot in enumerate((s.EST_ALTITUDE_MM, s.EST_DOWNRANGE_MM, s.EST_CROSSRANGE_MM)):
        near["estimate", slot] = (after.place[axis], way)
    force = velocity.force_mm_s2(kick[0], samples)
    near["estimate", s.EST_FORCE_X_MM_S2] = (force, 60 + np.abs(force) * 5.6e-4)
    unknown = (np.full(way.size, np.nan), 0)
    near["estimate", s.EST_CLIMB_MM] = unknown
    return {**near, **{("state", slot): unknown for slot in range(s.STA_SIZE)}}


def fly(estimate: Memory, state: Memory, imu: Memory) -> Answer:
    """Many polls of the same increments in a row; bounds are what 5 s may add up to."""
    motion = motion_of(estimate, state)
    half, kick, samples, _ = increments(imu, state)
    for _poll in range(POLLS):
        motion = advance(motion, half, kick, samples)
    # every poll rounds, and leaves out the third order of its turn
    b = np.sqrt(sum(angle * angle for angle in half))
    attitude = POLLS * (3 + Q29 * (b**3 / 3 + b * 1.3e-5))
    size = np.sqrt(sum(force * force for force in kick))
    turning = np.abs(motion.velocity[1]) + np.abs(motion.velocity[2])
    speed = 3 + POLLS * (3 + size * (attitude / Q29 + b * b) + samples) / 256
    time_s = POLLS * samples * sphere.SAMPLE_S
    x = np.abs(motion.place[0]) / sphere.RADIUS_MM
    way = 3 + time_s * (speed / 256 + turning / 256 * (1.1 * x**4 + 1e-6))
    near: dict[tuple[str, int], tuple[Any, Any]] = {}
    for slot in range(s.EST_SIZE):
        near["estimate", slot] = (np.full(b.size, np.nan), 0)
    for slot in range(s.STA_SIZE):
        near["state", slot] = (np.full(b.size, np.nan), 0)
    for part in range(4):
        near["estimate", s.EST_Q0 + part] = (motion.q[part] * Q29, attitude)
    for axis, slot in enumerate((s.EST_ALTITUDE_MM, s.EST_DOWNRANGE_MM, s.EST_CROSSRANGE_MM)):
        near["estimate", s.EST_VELOCITY_UP_Q8 + axis] = (motion.velocity[axis], speed)
        near["estimate", slot] = (motion.place[axis], way)
    return Answer(None, near)
