"""The radar's velocity: seen from the local frame, gated, blended by an eighth.

After a silence of more than 5 s by more at first, and then the place is corrected, too.
"""

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
PLACES = (  # by axis, with how far it may lie
    (s.EST_ALTITUDE_MM, -10_000_000, 110_000_000),
    (s.EST_DOWNRANGE_MM, -1_000_000_000, 1_000_000_000),
    (s.EST_CROSSRANGE_MM, -200_000_000, 200_000_000),
)
MOST_CLIMB_MM = 7_500_000


def velocity_innovation(
    estimate: Memory, axis: Column, delay_ms: Column, x: Column, y: Column, z: Column
) -> Answer:
    """Measured, moved on by the last tick's change, less estimated; mm/s * 256."""
    value = np.choose(axis, innovations(estimate, matrix_of(estimate), delay_ms, [x, y, z]))
    return Answer(None, {(RESULT, 0): (value, 3.0)})


def regain(estimate: Memory, drifted: Column) -> Answer:
    """A silence of more than 5 s is remembered until 64 more velocities were taken, unless what is missing to
    the speeds was no drift, or there is agl. Of the first three a half is taken, of five more a quarter, then
    an eighth."""
    age, left = estimate[s.EST_VELOCITY_AGE_TICKS], estimate[s.EST_TO_REGAIN]
    long = age > 500
    left = np.where(long, 64, np.maximum(left - 1, 0))
    lost = (drifted == 1) & (estimate[s.EST_CLIMB_DOUBT_Q8] <= 256_000) & (estimate[s.EST_AGL_VALID] != 1)
    left = np.where(lost, left, 0)
    drift = np.where(long, age, estimate[s.EST_DRIFT_TICKS])
    estimate[s.EST_DRIFT_TICKS] = np.where(left > 0, drift, 0)
    estimate[s.EST_TO_REGAIN] = left
    return Answer(np.where(left >= 62, 1, np.where(left >= 57, 2, 3)))


def displaced(estimate: Memory, gain: Any, speed_q8: Any) -> tuple[Real, Real]:
    """A third of speed times time, in mm, and that less by the square of the part of the way to the end of
    braking, at 2.5 m/s2, that has passed; the time is counted in 0.32 s."""
    held = np.clip(gain, -20_000, 20_000)
    time_s = np.clip(estimate[s.EST_DRIFT_TICKS], 1, 100_000) / 100
    braking_s = np.abs(speed_q8) / 256 / 2500
    value = held * time_s / 3 * (time_s / (time_s + braking_s)) ** 2
    return value, np.abs(held) * 0.32 / 3 + np.abs(held * time_s) / 2**14 + 2


def since_the_range(estimate: Memory) -> Real:
    """The share of a displacement that grows with the cube of time which came after the last range."""
    ticks = np.clip(estimate[s.EST_DRIFT_TICKS], 1, 100_000)
    return 1 - (np.clip(ticks - estimate[s.EST_RANGE_AGE_TICKS], 0, None) / ticks) ** 3


def moved_places(estimate: Memory, gains: list[Any], speeds_q8: list[Any], error_mm_s: Any) -> Near:
    """The three places, and the odometer's climb, after speeds that have grown by so much; speeds_q8: that
    over ground, when each is moved."""
    near: Near = {}
    for (slot, low, high), gain, speed_q8 in zip(PLACES, gains, speeds_q8, strict=True):
        moved, rough = displaced(estimate, gain, speed_q8)
        rough = rough + error_mm_s * np.clip(estimate[s.EST_DRIFT_TICKS], 1, 100_000) / 300
        rough = np.where((gain == 0) & (error_mm_s == 0), 0, rough)
        near["estimate", slot] = (np.clip(estimate[slot] + moved, low, high), rough)
        if slot == s.EST_ALTITUDE_MM:
            share = since_the_range(estimate)
            climb = np.clip(estimate[s.EST_CLIMB_MM] + moved * share, -MOST_CLIMB_MM, MOST_CLIMB_MM)
            coarse = np.where(gain == 0, 0, rough + np.abs(moved) * 5 / 2**14 + 2)
            near["estimate", s.EST_CLIMB_MM] = (climb, coarse)
    return near


def make_up(estimate: Memory, axis: Column, gain: Column) -> Answer:
    """One of the places, as `moved_places`."""
    speed_q8 = estimate[s.EST_VELOCITY_DOWNRANGE_Q8]
    near = moved_places(estimate, [np.where(axis == i, gain, 0) for i in range(3)], [speed_q8] * 3, 0.0)
    moved, rough = displaced(estimate, gain, speed_q8)
    near[RESULT, 0] = (moved, rough)
    return Answer(None, near)


def correct_velocity(estimate: Memory, reading: Memory, delay_ms: Column) -> Answer:
    """Taken when all three axes lie within 1 m/s and 2 m/s more a second; a drift when they lie within 2 m/s
    and 1.25 mg more. Closer to either than 2 mm/s roundings decide, so that is not judged. With an
    attitude that is 5 mrad and more in doubt, twice that times the speed is allowed, and it is aligned."""
    body = [np.clip(reading[s.ALT_VELOCITY_X_MM_S + i], -2_000_000, 2_000_000) * 256 for i in range(3)]
    delay = np.minimum(reading[s.ALT_AGE_MS] + delay_ms, 500)
    apart = innovations(estimate, matrix_of(estimate), delay, body)
    largest = np.max(np.abs(apart), axis=0) / 256
    age = estimate[s.EST_VELOCITY_AGE_TICKS]
    in_doubt = estimate[s.EST_ATTITUDE_DOUBT_MRAD] >= 5
    turned = np.where(in_doubt, 2 * estimate[s.EST_ATTITUDE_DOUBT_MRAD] * fastest(estimate), 0)
    margin = 1000 + 20 * np.clip(age, 0, 20_000) + turned - largest
    drift = 2000 + np.minimum(age + estimate[s.EST_DRIFT_TICKS], 100_000) // 8 - largest
    valid = (reading[s.ALT_STATUS] & 8) != 0
    taken = valid & (margin > 0)
    unsure = valid & ((np.abs(margin) < 2) | (np.abs(drift) < 2))
    after = estimate.copy()
    shift = regain(after, (drift > 0).astype(np.int64)).result
    assert shift is not None
    near: Near = {}

    def expect(place: tuple[str, int], value: Any, before: Any, allowed: Any) -> None:
        value = np.where(taken, value, np.asarray(before, np.float64))
        near[place] = (np.where(unsure, np.nan, value), np.where(taken, allowed, 0))

    matrix = matrix_of(estimate)
    for place, (value, rough) in aligned(estimate, apart).items():
        before = real(estimate[place[1]])
        expect(place, np.where(in_doubt, value, before), before, np.where(in_doubt, rough, 0))
        if place[1] >= s.EST_R00:
            matrix[place[1] - s.EST_R00] = np.where(in_doubt, value, before)
    apart = innovations(estimate, matrix, delay, body)
    # the matrix may be off by its allowance, of a speed of up to 2 km/s on each axis
    rough = 3 * 5.12e8 / 2**29 * near["estimate", s.EST_R00][1] / 2**shift
    gains = [each / 2**shift for each in apart]
    for axis in range(3):
        slot = s.EST_VELOCITY_UP_Q8 + axis
        speed = np.clip(estimate[slot] + gains[axis], -SPEED_LIMIT_Q8, SPEED_LIMIT_Q8)
        expect(("estimate", slot), speed, estimate[slot], 3.0 + rough)
    drifts = after[s.EST_DRIFT_TICKS] > 0
    slower = np.clip(estimate[s.EST_VELOCITY_DOWNRANGE_Q8] + gains[1], -SPEED_LIMIT_Q8, SPEED_LIMIT_Q8)
    speeds_q8 = [estimate[s.EST_VELOCITY_DOWNRANGE_Q8], slower, slower]
    places = moved_places(after, [each / 256 for each in gains], speeds_q8, 1.02 + rough / 256)
    for place, (value, allowed) in places.items():
        before = estimate[place[1]]
        expect(place, np.where(drifts, value, before), before, np.where(drifts, allowed, 0))
    climb, turn = estimate[s.EST_CLIMB_DOUBT_Q8], estimate[s.EST_ATTITUDE_DOUBT_MRAD]
    for slot, value in (
        (s.EST_VELOCITY_AGE_TICKS, 0),
        (s.EST_DRIFT_TICKS, after[s.EST_DRIFT_TICKS]),
        (s.EST_TO_REGAIN, after[s.EST_TO_REGAIN]),
        (s.EST_CLIMB_DOUBT_Q8, climb * 7 // 8),
        (s.EST_ATTITUDE_DOUBT_MRAD, turn * 63 // 64),
    ):
        expect(("estimate", slot), value, estimate[slot], 0)
    near[RESULT, 0] = (np.where(np.abs(margin) < 2, np.nan, np.where(taken, 1.0, 0.0)), 0)
    return Answer(None, near)
