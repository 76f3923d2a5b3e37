"""kernels/state.py against an independent reference: float64, Moon-centred, inertial Cartesian axes.

The reference knows neither the kernel's curvilinear equations nor its steps: body attitude is a
closed form of time, the increments come from its quaternions, and position from velocity Verlet at 2 ms.
"""

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from estimator import (
    MU,
    RADIUS_M,
    SAMPLE_S,
    SAMPLES,
    START_DOWNRANGE_MM,
    VELOCITY_LSB,
    Estimator,
    about,
    product,
)

from plumbline.kernels import slots, state
from plumbline.kernels.radar import correct_velocity

ANGLE_LSB = math.radians(1.0) / 2**21  # STIM300, TS1524: incremental angle
SECONDS = 700
Law = Callable[[np.ndarray], np.ndarray]


# --- the reference -----------------------------------------------------------------------


def rotated(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    t = 2 * np.cross(q[:, 1:], v)
    return v + q[:, :1] * t + np.cross(q[:, 1:], t)


@dataclass
class Flight:
    """Angles (rad; pitch, yaw, roll in that order, inertial) and specific force (m/s2, body) over time."""

    pitch: Law
    yaw: Law
    roll: Law
    force: Law
    velocity: Sequence[float]  # m/s, up, downrange, crossrange at the start
    altitude_m: float = 20_000.0
    seconds: int = SECONDS

    def attitude(self, t: np.ndarray) -> np.ndarray:
        return product(product(about(2, self.pitch(t)), about(1, self.yaw(t))), about(0, self.roll(t)))


@dataclass
class Truth:
    """Per tick: what the inertial unit counts, and what is, in local terms."""

    angles: np.ndarray
    kicks: np.ndarray
    altitude_m: np.ndarray
    downrange_m: np.ndarray
    crossrange_m: np.ndarray
    velocity: np.ndarray  # columns up, downrange, crossrange
    matrix: np.ndarray  # body to local
    quaternion: np.ndarray  # body to local at the start


def whole(increments: np.ndarray, lsb: float) -> np.ndarray:
    """Counts of LSB, a tick's samples summed; the part keeps what is below an LSB."""
    counts = np.diff(np.round(np.cumsum(increments, 0) / lsb), axis=0, prepend=0)
    return counts.reshape(-1, SAMPLES, 3).sum(1).astype(int)


def rotation_vectors(q: np.ndarray) -> np.ndarray:
    """Body rotation from each quaternion to the next: twice the logarithm of q* q'."""
    d = product(q[:-1] * [1, -1, -1, -1], q[1:])
    d *= np.sign(d[:, :1])
    length = np.maximum(np.linalg.norm(d[:, 1:], axis=1), 1e-30)
    return d[:, 1:] * (2 * np.arctan2(length, d[:, 0]) / length)[:, None]


def fall(force: np.ndarray, position: Sequence[float], velocity: Sequence[float]) -> np.ndarray:
    """Position and velocity at each tick's end; force: inertial, one row a sample."""
    x, y, z = position
    u, v, w = velocity
    dt, rows = SAMPLE_S, []
    for i, (ax, ay, az) in enumerate(force.tolist()):
        hx, hy, hz = x + 0.5 * dt * u, y + 0.5 * dt * v, z + 0.5 * dt * w
        pull = -MU / (hx * hx + hy * hy + hz * hz) ** 1.5
        ax, ay, az = ax + pull * hx, ay + pull * hy, az + pull * hz
        x, y, z = x + dt * (u + 0.5 * dt * ax), y + dt * (v + 0.5 * dt * ay), z + dt * (w + 0.5 * dt * az)
        u, v, w = u + dt * ax, v + dt * ay, w + dt * az
        if i % SAMPLES == SAMPLES - 1:
            rows.append((x, y, z, u, v, w))
    return np.array(rows)


def fly(flight: Flight) -> Truth:
    t = np.arange(round(flight.seconds / SAMPLE_S) + 1) * SAMPLE_S
    middle = t[:-1] + SAMPLE_S / 2
    q, force = flight.attitude(t), flight.force(middle)
    # inertial x through the start, so that the local frame there is the inertial one
    path = fall(
        rotated(flight.attitude(middle), force), (RADIUS_M + flight.altitude_m, 0, 0), flight.velocity
    )
    r = np.linalg.norm(path[:, :3], axis=1)
    longitude, latitude = np.arctan2(path[:, 1], path[:, 0]), np.arcsin(path[:, 2] / r)
    up = path[:, :3] / r[:, None]
    down = np.column_stack([-np.sin(longitude), np.cos(longitude), 0 * longitude])
    local = np.stack([up, down, np.cross(up, down)], 1)
    ends = q[SAMPLES::SAMPLES]
    body = np.stack([rotated(ends, np.tile(axis, (len(ends), 1))) for axis in np.eye(3)], 2)
    return Truth(
        whole(rotation_vectors(q), ANGLE_LSB),
        whole(force * SAMPLE_S, VELOCITY_LSB),
        r - RADIUS_M,
        RADIUS_M * longitude,
        RADIUS_M * latitude,
        np.einsum("nij,nj->ni", local, path[:, 3:]),
        local @ body,
        q[0],
    )


# --- the kernel's side -------------------------------------------------------------------


@dataclass
class Errors:
    """Largest ones of a flight."""

    altitude_m: float
    downrange_m: float
    crossrange_m: float
    velocity_m_s: np.ndarray
    attitude_rad: np.ndarray  # about up, downrange, crossrange


def navigate(flight: Flight) -> Errors:
    truth = fly(flight)
    estimator = Estimator(truth.quaternion, flight.altitude_m, flight.velocity)
    rows = np.zeros((len(truth.angles), slots.EST_SIZE))
    for i, (angles, kicks) in enumerate(zip(truth.angles.tolist(), truth.kicks.tolist(), strict=True)):
        assert estimator.tick(angles, kicks) == SAMPLES
        rows[i] = estimator.estimate
    matrix = rows[:, slots.EST_R00 : slots.EST_R00 + 9].reshape(-1, 3, 3) / 2**29
    # estimated times transposed true matrix is 1 + [error x]
    error = matrix @ truth.matrix.transpose(0, 2, 1)
    twice = [
        error[:, 2, 1] - error[:, 1, 2],
        error[:, 0, 2] - error[:, 2, 0],
        error[:, 1, 0] - error[:, 0, 1],
    ]
    speeds = rows[:, slots.EST_VELOCITY_UP_Q8 : slots.EST_VELOCITY_UP_Q8 + 3] / 256_000
    downrange = (rows[:, slots.EST_DOWNRANGE_MM] - START_DOWNRANGE_MM) / 1000
    return Errors(
        np.abs(rows[:, slots.EST_ALTITUDE_MM] / 1000 - truth.altitude_m).max(),
        np.abs(downrange - truth.downrange_m).max(),
        np.abs(rows[:, slots.EST_CROSSRANGE_MM] / 1000 - truth.crossrange_m).max(),
        np.abs(speeds - truth.velocity).max(0),
        np.abs(np.column_stack(twice)).max(0) / 2,
    )


def constant(value: float) -> Law:
    return lambda t: np.full(len(t), value)


def coasting(t: np.ndarray) -> np.ndarray:
    return np.zeros((len(t), 3))


def engine(t: np.ndarray) -> np.ndarray:
    """1.6 kN on 800 to 460 kg."""
    return np.column_stack([1.95 + 1.55 * t / SECONDS, 0 * t, 0 * t])


def pitch_over(t: np.ndarray) -> np.ndarray:
    """From thrust against the flight, 1.5 rad in 700 s: the lander stays between 3.5 and 20 km."""
    return math.radians(-91.0) + 1.25 * (t / SECONDS) + 0.28 * (t / SECONDS) ** 2


# Bounds. Velocities are 4 um/s and positions 1 mm an LSB; attitude is 2e-9 rad an LSB, and twelve
# products a tick, rounded to the nearest, walk by 12^0.5 * 70,000^0.5 * 0.3 LSB = 5e-7 rad. What is
# left is method: constants to 1e-6 (g to 1e-6 is 0.4 m in 700 s), forces taken at the start of
# a 10 ms step (speed lags by 15 mm/s: 3e-5 m/s2 of centrifugal force, 3 m), gravity's series.
ALTITUDE_M, DOWNRANGE_M, ATTITUDE_RAD, SPEED_M_S = 3.0, 5.0, 2e-5, 0.02


@pytest.mark.parametrize("angles", [(-1.5, 0.1, 0.2), (0.0, 0.0, 0.0), (2.5, -0.7, 3.0)])
def test_a_ballistic_arc_of_an_inertially_fixed_body_is_followed(angles):
    # 1,688.8 m/s at 20 km is the periapsis of a 100 x 20 km orbit: 1,180 km of way, 28.3 km high.
    pitch, yaw, roll = (constant(angle) for angle in angles)
    errors = navigate(Flight(pitch, yaw, roll, coasting, velocity=(0.0, 1688.8, 0.0)))
    assert errors.altitude_m < ALTITUDE_M
    assert errors.downrange_m < DOWNRANGE_M
    assert errors.crossrange_m == 0
    assert errors.velocity_m_s.max() < SPEED_M_S
    assert errors.attitude_rad.max() < ATTITUDE_RAD


def test_a_braking_profile_in_the_plane_is_followed():
    errors = navigate(Flight(pitch_over, constant(0), constant(0), engine, velocity=(0.0, 1688.8, 0.0)))
    assert errors.altitude_m < ALTITUDE_M
    assert errors.downrange_m < DOWNRANGE_M
    assert errors.velocity_m_s.max() < SPEED_M_S
    assert errors.attitude_rad.max() < ATTITUDE_RAD


def test_a_braking_profile_with_a_body_that_turns_on_all_axes_is_followed():
    def sideways(t):
        return np.column_stack([1.95 + 1.55 * t / SECONDS, 0.02 * np.sin(t / 7), 0 * t])

    flight = Flight(
        lambda t: pitch_over(t) + 0.02 * np.sin(t / 5),
        lambda t: 0.01 * np.sin(t / 11),
        lambda t: 0.02 * np.sin(t / 3),
        sideways,
        velocity=(0.0, 1688.8, 0.0),
    )
    errors = navigate(flight)
    assert errors.altitude_m < ALTITUDE_M
    assert errors.downrange_m < DOWNRANGE_M
    # Off the plane the frame also turns about up, by speed * latitude / radius, which the kernel leaves
    # out: 100 m of crossrange over 20 degrees of flight are 2e-5 rad of heading.
    assert errors.crossrange_m < 10.0
    assert errors.attitude_rad[2] < ATTITUDE_RAD
    assert errors.attitude_rad.max() < 1e-4


def test_crossrange_is_measured_on_the_datum_sphere_like_downrange():
    # 3 m/s for 700 s are 2.1 km; at 20 km and more the ground moves less by 1.2 % or 25 m.
    # The heading that the kernel leaves out (see above) costs up to 1 m here.
    errors = navigate(Flight(constant(-1.5), constant(0), constant(0), coasting, velocity=(0.0, 1688.8, 3.0)))
    assert errors.crossrange_m < 3.0


# --- rounding ----------------------------------------------------------------------------


def test_gyro_noise_that_sums_to_zero_turns_nothing():
    # 0.15 degrees per root hour is 524 LSB a tick: 70,000 ticks whose sum is exactly 0. A scale
    # factor that rounds down loses half an LSB (0.93e-9 rad) of half angle a tick: 1.3e-4 rad.
    noise = np.random.default_rng(1).normal(0, 524, 35_000).round()
    angles = np.concatenate([noise, -noise])
    for axis in range(3):
        estimator = Estimator(velocity=(0, 0, 0))
        for angle in angles.astype(int).tolist():
            turn = [0, 0, 0]
            turn[axis] = angle
            estimator.tick(turn, (0, 0, 0))
        assert np.abs(estimator.matrix - np.eye(3)).max() < 5e-6


def test_a_full_turn_of_the_body_returns_to_its_attitude():
    # 360 degrees are 360 * 2^21 LSB, at 6 degrees a second; scale errors of 1e-6 would be 6e-6 rad.
    estimator = Estimator()
    ticks = 6000
    total = 360 * 2**21
    done = 0
    for i in range(1, ticks + 1):
        estimator.tick((0, 0, total * i // ticks - done), (0, 0, 0))
        done = total * i // ticks
    assert np.abs(estimator.matrix - np.eye(3)).max() < 1e-5


def test_kicks_below_the_last_bit_of_velocity_are_not_lost():
    # 256 kicks of 2^-16 mm/s are one LSB of 2^-8 mm/s.
    for kick in (1, -1, 255, -3):
        estimator = Estimator()
        for _ in range(2560):
            state.add_kick(estimator.estimate, estimator.state, 1, kick)
        assert estimator.estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] == kick * 10


def test_way_below_a_millimetre_is_not_lost():
    # 7 / 256 mm/s for 10 ms * 25,600 is 7 mm.
    for speed in (7, -7, 1, -12_345):
        estimator = Estimator()
        estimator.estimate[slots.EST_VELOCITY_UP_Q8] = speed
        total = 0
        for _ in range(25_600):
            total += state.travel(estimator.estimate, estimator.state, 0, SAMPLES)
        assert total == speed


def test_the_matrix_stays_a_rotation_for_70000_turning_ticks():
    estimator = Estimator((0.5, 0.5, 0.5, 0.5))
    for i in range(70_000):
        estimator.tick((i % 1777 - 888, 5000, -3000 + i % 97), (0, 0, 0))
    rotation = estimator.matrix
    assert np.abs(rotation @ rotation.T - np.eye(3)).max() < 2e-8


# --- what the wire loses -----------------------------------------------------------------

STEADY_ANGLES, STEADY_KICKS = (500, -300, 200), (14_000, 300, -800)  # a sample of a turning burn


def steady(samples: int) -> tuple[list[int], list[int]]:
    return [samples * angle for angle in STEADY_ANGLES], [samples * kick for kick in STEADY_KICKS]


def test_lost_datagrams_are_filled_with_the_mean_of_the_others():
    whole_stream, torn = Estimator(), Estimator()
    for i in range(2000):
        lost = (0, 0, 1, 0, 3)[i % 5]
        whole_stream.tick(*steady(5))
        assert torn.tick(*steady(5 - lost), samples=5 - lost, lost=lost) == 5
    assert torn.estimate[slots.EST_VELOCITY_UP_Q8] != 0
    for slot in range(slots.EST_ALTITUDE_MM, slots.EST_R00 + 9):
        assert torn.estimate[slot] == whole_stream.estimate[slot]


def test_after_a_silence_the_next_poll_fills_what_the_counter_says_is_missing():
    # 8 silent ticks are 40 datagrams: one step of 45 samples. Constant force along one axis: speed is
    # exact but for gravity's change over 90 ms, and the middle of the step gives the way.
    through, silent = Estimator(), Estimator()
    kicks = [14_000 * 5, 0, 0]
    for i in range(20):
        through.tick((0, 0, 0), kicks)
        if 5 <= i < 13:
            before = list(silent.estimate)
            assert silent.tick((0, 0, 0), (9, 9, 9), samples=0) == 0
            # position, speed and attitude stay; what is per tick (rates, force, steps) may be cleared
            kept = range(slots.EST_ALTITUDE_MM, slots.EST_R00 + 9)
            assert [silent.estimate[slot] for slot in kept] == [before[slot] for slot in kept]
            assert silent.estimate[slots.EST_CLIMB_MM] == 0
        else:
            silent.tick((0, 0, 0), kicks, lost=40 if i == 13 else 0)
    assert abs(silent.estimate[slots.EST_VELOCITY_UP_Q8] - through.estimate[slots.EST_VELOCITY_UP_Q8]) <= 8
    assert abs(silent.estimate[slots.EST_ALTITUDE_MM] - through.estimate[slots.EST_ALTITUDE_MM]) <= 2


def test_no_more_than_100_ms_are_filled():
    estimator = Estimator()
    assert estimator.tick(*steady(5), lost=1000) == 55
    assert estimator.tick(*steady(5)) == 5  # and what was not filled is not filled later


def test_a_running_count_that_begins_again_at_zero_fills_nothing():
    estimator = Estimator()
    estimator.state[slots.STA_LOST] = 2**29 - 1
    assert estimator.tick(*steady(5)) == 5


# --- a silent or overloaded unit ---------------------------------------------------------


def poll(force_mm_s2: float, samples: int = SAMPLES) -> tuple[int, int]:
    """Samples, and the velocity increment along x of a tick under that force."""
    return samples, round(force_mm_s2 * 1e-3 * SAMPLE_S * samples / VELOCITY_LSB)


def flown(vehicle: Estimator, ticks: int, force_mm_s2: float, silent: bool = False, faults: int = 0) -> None:
    """So many ticks under a steady force along x (up, in the upright attitude)."""
    for _ in range(ticks):
        samples, kick = (0, 0) if silent else poll(force_mm_s2, SAMPLES - faults)
        vehicle.imu[slots.IMU_SAMPLES] = samples
        vehicle.imu[slots.IMU_VELOCITY_X] = kick
        vehicle.imu[slots.IMU_FAULTS] += SAMPLES if silent else faults
        state.step(vehicle.estimate, vehicle.state, vehicle.imu)


@pytest.mark.parametrize("ticks", [1, 5, 10, 11, 50, 100, 300])
def test_an_overload_under_a_steady_force_costs_neither_height_nor_speed(ticks):
    seeing, blind = Estimator(velocity=(-60.0, 0.0, 0.0)), Estimator(velocity=(-60.0, 0.0, 0.0))
    for vehicle, silent in ((seeing, False), (blind, True)):
        flown(vehicle, 300, 2500.0)
        flown(vehicle, ticks, 2500.0, silent)
        flown(vehicle, 1, 2500.0)
    # 0.88 m/s2 up: after 4 s of it the two differ by what the mean force of the last 0.3 s has not seen
    apart_mm = blind.estimate[slots.EST_ALTITUDE_MM] - seeing.estimate[slots.EST_ALTITUDE_MM]
    apart_mm_s = (blind.estimate[slots.EST_VELOCITY_UP_Q8] - seeing.estimate[slots.EST_VELOCITY_UP_Q8]) / 256
    # a tick of 0.6 m may stand on the other side of the end
    assert abs(apart_mm) < 2 + 0.2 * ticks and abs(apart_mm_s) < 0.5 + 0.01 * ticks


def test_samples_with_a_fault_are_filled_like_those_that_are_lost():
    sound, faulty = Estimator(), Estimator()
    flown(sound, 200, 3000.0)
    flown(faulty, 200, 3000.0, faults=2)
    for slot in (slots.EST_ALTITUDE_MM, slots.EST_VELOCITY_UP_Q8):
        assert abs(sound.estimate[slot] - faulty.estimate[slot]) <= 60
    assert faulty.state[slots.STA_SAMPLES] == SAMPLES


def blurred(vehicle: Estimator) -> int:
    return vehicle.estimate[slots.EST_BLURRED_TICKS]


@pytest.mark.parametrize("what", [{"silent": True}, {"faults": 1}])
def test_rates_are_blurred_from_a_fault_or_silence_on_until_0_3_s_after_it(what):
    vehicle = Estimator()
    flown(vehicle, 50, 1622.0)
    assert blurred(vehicle) == 0
    flown(vehicle, 5, 1622.0, **what)
    assert blurred(vehicle) == 30
    flown(vehicle, 29, 1622.0)
    assert blurred(vehicle) > 0
    flown(vehicle, 2, 1622.0)
    assert blurred(vehicle) == 0


def test_what_is_lost_on_the_wire_blurs_nothing():
    vehicle = Estimator()
    vehicle.tick((0, 0, 0), (0, 0, 0), samples=SAMPLES - 1, lost=1)
    assert blurred(vehicle) == 0


def doubts(vehicle: Estimator) -> tuple[int, int, int]:
    """mm/s of climb, mrad of attitude, ticks since a radar velocity."""
    estimate = vehicle.estimate
    return (
        estimate[slots.EST_CLIMB_DOUBT_Q8] // 256,
        estimate[slots.EST_ATTITUDE_DOUBT_MRAD],
        estimate[slots.EST_VELOCITY_AGE_TICKS],
    )


def test_what_is_not_seen_is_doubted_and_a_radar_velocity_brings_the_doubt_down():
    vehicle = Estimator()
    flown(vehicle, 50, 1622.0)
    assert doubts(vehicle) == (0, 0, 50)
    flown(vehicle, 100, 0.0, silent=True)
    # 4 m/s2 for a second, and 0.1 rad/s: the turn carries off another 4 m/s2 * 50 mrad on average
    climb, turn, age = doubts(vehicle)
    assert turn == 100 and age == 50 + 3 * 100
    assert 4000 < climb < 4000 + 210
    flown(vehicle, 1, 1622.0)
    reading = array("i", [0] * slots.ALT_SIZE)
    reading[slots.ALT_STATUS] = 8
    seen = []
    for _ in range(300):
        assert correct_velocity(vehicle.estimate, reading, 0) == 1
        seen.append(doubts(vehicle)[:2])
    assert seen[0] == (pytest.approx(climb * 7 / 8, abs=5), 98)
    assert seen == sorted(seen, reverse=True) and seen[-1] == (0, 0)


def test_the_radars_gate_widens_by_four_more_metres_a_second_for_each_second_that_was_not_seen():
    vehicle = Estimator()
    flown(vehicle, 100, 0.0, silent=True)
    reading = array("i", [0] * slots.ALT_SIZE)
    reading[slots.ALT_STATUS] = 8
    # coasting without a force of before it falls: 90 ticks of 16 mm/s, which the radar must see
    fallen = vehicle.estimate[slots.EST_VELOCITY_UP_Q8] // 256
    # 1 m/s, 20 mm/s a tick of age, of which there are three for each tick, and 0.1 rad, twice, of 1 m/s
    for beyond, taken in ((7_300, 0), (7_100, 1)):
        reading[slots.ALT_VELOCITY_X_MM_S] = fallen + beyond
        assert correct_velocity(vehicle.estimate, reading, 0) == taken


def test_before_anybody_has_said_where_we_are_nothing_is_doubted_and_nothing_falls():
    vehicle = Estimator(quaternion=(0.0, 0.0, 0.0, 0.0))
    for slot in range(slots.EST_R00, slots.EST_R00 + 9):
        vehicle.estimate[slot] = 0
    vehicle.estimate[slots.EST_Q0] = 0
    before = vehicle.estimate[slots.EST_ALTITUDE_MM]
    flown(vehicle, 100, 0.0, silent=True)
    assert doubts(vehicle)[:2] == (0, 0) and vehicle.state[slots.STA_SILENT_TICKS] == 0
    assert vehicle.estimate[slots.EST_ALTITUDE_MM] == before
