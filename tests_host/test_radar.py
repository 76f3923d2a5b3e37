"""kernels/radar.py: what the radar's velocity corrects, and how much of it, beside a vehicle that knows."""

import math
from array import array

import numpy as np
import pytest
from estimator import MU, RADIUS_M, SAMPLE_S, SAMPLES, VELOCITY_LSB, Estimator, about, product

from plumbline.kernels import slots
from plumbline.kernels.radar import correct_velocity

# --- the radar's velocity ----------------------------------------------------------------


def radar(velocity_m_s, status=8, age_ms=0) -> array:
    reading = array("i", [0] * slots.ALT_SIZE)
    reading[slots.ALT_STATUS], reading[slots.ALT_AGE_MS] = status, age_ms
    for axis in range(3):
        reading[slots.ALT_VELOCITY_X_MM_S + axis] = round(velocity_m_s[axis] * 1000)
    return reading


def test_an_eighth_of_the_difference_is_taken_on_every_axis():
    estimator = Estimator(velocity=(-50.0, 100.0, 1.0))
    estimator.estimate[slots.EST_VELOCITY_AGE_TICKS] = 7
    assert correct_velocity(estimator.estimate, radar((-49.2, 99.2, 1.4)), 0) == 1
    # 0.8 / 8 = 0.1, -0.8 / 8 = -0.1, 0.4 / 8 = 0.05
    assert estimator.velocity == pytest.approx([-49.9, 99.9, 1.05], abs=1e-4)
    assert estimator.estimate[slots.EST_VELOCITY_AGE_TICKS] == 0


def test_the_radar_speaks_in_body_axes():
    # Body turned by pitch -60 degrees about crossrange: what points up has body x = cos, y = -sin(-60).
    half = math.radians(-60) / 2
    estimator = Estimator((math.cos(half), 0, 0, math.sin(half)), velocity=(-30.0, 80.0, 5.0))
    body = estimator.matrix.T @ np.array([-30.0, 80.0, 5.0])
    assert body[0] == pytest.approx(-30 * 0.5 - 80 * math.sqrt(0.75))
    assert correct_velocity(estimator.estimate, radar(body), 0) == 1
    assert estimator.velocity == pytest.approx([-30.0, 80.0, 5.0], abs=1e-3)


def test_without_the_valid_bit_nothing_is_taken():
    estimator = Estimator(velocity=(-50.0, 100.0, 1.0))
    before = list(estimator.estimate)
    assert correct_velocity(estimator.estimate, radar((-49.5, 99.5, 1.0), status=0xF7), 0) == 0
    assert list(estimator.estimate) == before


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("sign", [1, -1])
def test_the_gate_widens_by_two_metres_a_second_for_each_second(axis, sign):
    # 1.5 m/s off: 1 + 0.02 * ticks reaches it at tick 25. 1.501 because speeds round down.
    seen = [0.0, 0.0, 0.0]
    seen[axis] = sign * 1.49
    for age, taken in ((0, 0), (24, 0), (25, 1), (3000, 1)):
        estimator = Estimator()
        estimator.estimate[slots.EST_VELOCITY_AGE_TICKS] = age
        assert correct_velocity(estimator.estimate, radar(seen), 0) == taken
        assert (estimator.velocity[axis] != 0) == bool(taken)


def hovering_kick(extra_m_s2: float) -> list[int]:
    """Kicks of a tick that hold 20 km against gravity, and accelerate up by so much."""
    gravity = MU / (RADIUS_M + 20_000) ** 2
    return [round((gravity + extra_m_s2) * SAMPLES * SAMPLE_S / VELOCITY_LSB), 0, 0]


def test_no_disagreement_lasts_for_ever():
    # 20 m/s off: taken once 1 + 2 s reaches 20, after 9.5 s; then an eighth a reading, and the gate that
    # each one closes opens again: v' = v * 7/8 with one wait of (v - 1) / 2 s before each.
    estimator = Estimator(velocity=(-20.0, 0.0, 0.0))
    first = None
    for tick in range(12_000):
        estimator.tick((0, 0, 0), hovering_kick(0.0))
        taken = tick % 10 == 0 and correct_velocity(estimator.estimate, radar((0, 0, 0)), 0)
        if taken and first is None:
            first = tick
    assert first is not None and 930 <= first <= 960
    assert abs(estimator.velocity[0]) < 0.02


@pytest.mark.parametrize("delay_ms", [20, 60, 120])
def test_an_old_measurement_is_moved_to_now(delay_ms):
    # Braking with 3 m/s2, seen 60 ms late, is 0.18 m/s too fast without compensation.
    truth, estimator = Estimator(velocity=(-80.0, 0, 0)), Estimator(velocity=(-79.5, 0, 0))
    seen = []
    for tick in range(2000):
        for one in (truth, estimator):
            one.tick((0, 0, 0), hovering_kick(3.0))
        seen.append(truth.velocity)
        if tick % 10 == 9 and tick > delay_ms:
            late = seen[-1 - delay_ms // 10]
            assert correct_velocity(estimator.estimate, radar(late, age_ms=delay_ms - 6), 6) == 1
    assert abs(estimator.velocity[0] - truth.velocity[0]) < 0.003


def off_by(axis: int, degrees: float, pitch_deg: float, velocity) -> tuple[Estimator, Estimator]:
    """Truth, pitched so far from upright, and an estimate that is turned about a local axis and knows it."""
    right = about(2, np.array([math.radians(pitch_deg)]))
    turned = product(about(axis, np.array([math.radians(degrees)])), right)
    truth, estimator = Estimator(right[0], velocity=velocity), Estimator(turned[0], velocity=velocity)
    estimator.estimate[slots.EST_ATTITUDE_DOUBT_MRAD] = 100
    return truth, estimator


def thrust_is_off_deg(truth: Estimator, estimator: Estimator) -> float:
    return math.degrees(math.acos(min(1.0, float(truth.matrix[:, 0] @ estimator.matrix[:, 0]))))


def seen_by_radar(truth: Estimator, estimator: Estimator, seconds: int) -> list[float]:
    """Both under 3 m/s2 of thrust, with the radar's velocity ten times a second; how far off it points."""
    kick = [round(3.0 * SAMPLES * SAMPLE_S / VELOCITY_LSB), 0, 0]
    off = []
    for tick in range(100 * seconds):
        for one in (truth, estimator):
            one.tick((0, 0, 0), kick)
        if tick % 10 == 9:
            body = truth.matrix.T @ np.array(truth.velocity)
            correct_velocity(estimator.estimate, radar(body), 0)
            off.append(thrust_is_off_deg(truth, estimator))
    return off


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("degrees", [-12.0, 6.0])
@pytest.mark.parametrize(
    ("pitch_deg", "velocity"),
    [
        (0.0, (0.0, 0.0, 0.0)),
        (0.0, (-66.0, 0.0, 0.0)),
        (0.0, (60.0, 0.0, 0.0)),  # climbing away
        (-45.0, (-20.0, 20.0, 0.0)),
        (-80.0, (-30.0, 170.0, 0.0)),
    ],
)  # fmt: skip
def test_an_attitude_in_doubt_is_found_again_from_what_the_radar_sees(axis, degrees, pitch_deg, velocity):
    truth, estimator = off_by(axis, degrees, pitch_deg, velocity)
    off = seen_by_radar(truth, estimator, 20)
    assert off[-1] < 0.4 * abs(degrees)
    assert max(off) <= abs(degrees) + 0.1  # it never swings further out


def test_without_doubt_the_radar_turns_nothing():
    _, estimator = off_by(2, 6.0, 0.0, (-20.0, 0.0, 0.0))
    estimator.estimate[slots.EST_ATTITUDE_DOUBT_MRAD] = 4
    before = list(estimator.estimate[slots.EST_Q0 : slots.EST_Q3 + 1])
    assert correct_velocity(estimator.estimate, radar(estimator.matrix.T @ [-19.5, 0.4, 0.1]), 0) == 1
    assert list(estimator.estimate[slots.EST_Q0 : slots.EST_Q3 + 1]) == before


def test_a_turn_about_the_thrust_is_found_where_the_speed_shows_it():
    truth, estimator = off_by(0, 12.0, 0.0, (0.0, 30.0, 0.0))
    off = seen_by_radar(truth, estimator, 10)
    assert abs(float(truth.matrix[:, 1] @ np.cross(estimator.matrix[:, 1], [1, 0, 0]))) < 0.1
    assert max(off) < 4.0


def test_from_a_standstill_nothing_is_turned_about_the_thrust():
    truth, estimator = off_by(0, 20.0, 0.0, (0.0, 0.0, 0.0))
    before = estimator.matrix
    seen_by_radar(truth, estimator, 5)
    assert estimator.matrix == pytest.approx(before, abs=1e-3)


# --- a velocity after a long silence -------------------------------------------------------


def silent_for(seconds: float, velocity=(0.0, 0.0, 0.0)) -> Estimator:
    estimator = Estimator(velocity=velocity)
    estimator.estimate[slots.EST_VELOCITY_AGE_TICKS] = round(seconds * 100)
    return estimator


def regained(estimator: Estimator, velocity, readings: int = 64) -> Estimator:
    """From the second reading on 4 s apart, for which the gate is 9 m/s wide; that is no long silence."""
    for reading in range(readings):
        if reading > 0:
            estimator.estimate[slots.EST_VELOCITY_AGE_TICKS] = 400
        assert correct_velocity(estimator.estimate, radar(velocity), 0) == 1
    return estimator


def places_m(estimator: Estimator) -> np.ndarray:
    names = (slots.EST_ALTITUDE_MM, slots.EST_DOWNRANGE_MM, slots.EST_CROSSRANGE_MM)
    return np.array([estimator.estimate[slot] / 1000 for slot in names])


def test_of_the_first_velocities_after_a_long_silence_more_is_taken():
    # of three a half, of five a quarter, then an eighth; within 5 s nothing is special
    left = []
    for readings in (1, 3, 8, 9):
        left.append(1.0 - regained(silent_for(5.1), (1.0, 0.0, 0.0), readings).velocity[0])
    assert left == pytest.approx([0.5, 0.5**3, 0.5**3 * 0.75**5, 0.5**3 * 0.75**5 * 0.875], abs=1e-3)
    assert regained(silent_for(4.9), (1.0, 0.0, 0.0), 1).velocity[0] == pytest.approx(0.125, abs=1e-3)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("sign", [1, -1])
def test_the_place_is_corrected_by_what_the_drift_of_the_speeds_has_moved_it(axis, sign):
    # A speed that goes wrong with the square of time, to 3 m/s after 600 s: 3 * 600 / 3 = 600 m.
    seen = [0.0, 0.0, 0.0]
    seen[axis] = 3.0 * sign
    estimator = silent_for(600.0)
    before = places_m(estimator)
    moved = places_m(regained(estimator, seen)) - before
    expected = np.zeros(3)
    expected[axis] = 600.0 * sign
    # each of 64 gains is taken in whole mm/s, rounded down: up to 64 mm/s * 600 s / 3 = 12.8 m too low
    assert moved == pytest.approx(expected, abs=13.0)
    settled = places_m(regained(estimator, seen, 1))
    assert places_m(regained(estimator, np.array(seen) + 0.5)) == pytest.approx(settled, abs=1e-9)


def test_while_it_is_fast_over_ground_less_is_made_up():
    # 500 m/s are 200 s of braking at 2.5 m/s2: (600 / 800)^2 of 600 m
    estimator = silent_for(600.0, (0.0, 500.0, 0.0))
    before = places_m(estimator)
    moved = places_m(regained(estimator, (3.0, 500.0, 0.0))) - before
    assert moved == pytest.approx([337.5, 0.0, 0.0], abs=8.0)


@pytest.mark.parametrize(("range_age_s", "share"), [(900, 1.0), (600, 1.0), (300, 1 - 0.5**3)])
def test_the_odometer_is_corrected_by_what_has_come_after_the_last_range(range_age_s, share):
    estimator = silent_for(600.0)
    estimator.estimate[slots.EST_RANGE_AGE_TICKS] = range_age_s * 100
    regained(estimator, (3.0, 0.0, 0.0))
    # nobody has taken the climb up meanwhile: it is all there
    assert estimator.estimate[slots.EST_CLIMB_MM] / 1000 == pytest.approx(600.0 * share, abs=13.0)


@pytest.mark.parametrize(("seen", "hidden_m_s", "valid"), [(9.7, 0.0, 0), (3.0, 1.1, 0), (3.0, 0.0, 1)])
def test_what_is_no_drift_moves_no_place_and_with_agl_nothing_does(seen, hidden_m_s, valid):
    # 2 m/s and 1.25 mg for 600 s are 9.5 m/s; with increments missing nobody knows since when it was wrong
    estimator = silent_for(600.0)
    estimator.estimate[slots.EST_CLIMB_DOUBT_Q8] = round(hidden_m_s * 256000)
    estimator.estimate[slots.EST_AGL_VALID] = valid
    before = places_m(estimator)
    regained(estimator, (seen, 0.0, 0.0), 1)
    assert estimator.velocity[0] == pytest.approx(seen / 8, abs=1e-3)
    assert list(places_m(estimator)) == list(before)


def test_a_gap_while_the_speeds_are_being_regained_leaves_the_drift_what_it_was():
    # The 4 m/s that are left are no more than the drift of the long silence, but more than that of the gap
    estimator = regained(silent_for(600.0), (8.0, 0.0, 0.0), 1)
    estimator.estimate[slots.EST_VELOCITY_AGE_TICKS] = 400
    regained(estimator, (8.0, 0.0, 0.0), 1)
    assert estimator.velocity[0] == pytest.approx(6.0, abs=0.01)
    assert estimator.estimate[slots.EST_DRIFT_TICKS] == 60_000
