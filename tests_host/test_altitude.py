"""kernels/altitude.py on made-up readings of a known truth: a small simulation per sentence.

The bench moves a lander over ground given as a function of time; what inertial navigation would say of
it is exact, so that every error seen is the vote's.
"""

import math
from array import array
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernels import altitude, slots

SILENT, ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT = range(5)
LASER = (100, 33, 1200, 6)  # floor mm, fraction * 2^14, mount mm, delay ms
RADAR = (300, 164, 1200, 6)
TICKS_A_READING = 10
Ground = Callable[[float], float]
Fault = Callable[[float, float], float | None]  # seconds, honest height in m -> reported height; None: silent


def sigma_m(fit, height_m: float) -> float:
    return fit[0] / 1000 + fit[1] / 16384 * max(0.0, height_m)


def honest(_seconds: float, height_m: float) -> float:
    return height_m


class Bench:
    """A lander above ground `ground(seconds)` (m above the datum) with one to four altimeters."""

    def __init__(
        self, fits, altitude_m=5000.0, sink_m_s=30.0, speed_m_s=200.0, ground: Ground = lambda _: 0.0,
        tilt_rad=0.0, noisy=True, seed=1, downrange_m=-100_000.0,
    ) -> None:  # fmt: skip
        self.fits, self.ground, self.tilt_rad, self.noisy = fits, ground, tilt_rad, noisy
        self.altitude_m, self.sink_m_s, self.speed_m_s = altitude_m, sink_m_s, speed_m_s
        self.noise = np.random.default_rng(seed)
        self.faults: list[Fault] = [honest] * len(fits)
        self.now = 0
        self.vote = array("i", [0] * slots.VOT_SIZE)
        self.estimate = array("i", [0] * slots.EST_SIZE)
        self.fit = array("i", [number for fit in fits for number in fit])
        self.readings = [array("i", [0] * slots.ALT_SIZE) for _ in fits]
        self.vote[slots.VOT_FITTED] = len(fits)
        self.estimate[slots.EST_ALTITUDE_MM] = round(altitude_m * 1000)
        self.estimate[slots.EST_DOWNRANGE_MM] = round(downrange_m * 1000)
        self.estimate[slots.EST_R00] = min(2**29 - 1, round(math.cos(tilt_rad) * 2**29))
        self.estimate[slots.EST_R00 + 1] = round(math.sin(tilt_rad) * 2**29)

    @property
    def seconds(self) -> float:
        return self.now / 100

    @property
    def truth_m(self) -> float:
        return self.altitude_m - self.ground(self.seconds)

    @property
    def agl_m(self) -> float:
        return self.estimate[slots.EST_AGL_MM] / 1000

    @property
    def error_m(self) -> float:
        return self.agl_m - self.truth_m

    def verdict(self, index: int) -> int:
        return self.vote[slots.VOT_FIRST + index * slots.VOT_STRIDE + slots.VOT_VERDICT]

    def read(self, index: int) -> None:
        """One reply: slant range from the head to the ground."""
        fit, reading = self.fits[index], self.readings[index]
        height = self.faults[index](self.seconds, self.truth_m)
        reading[slots.ALT_COUNT] += 1
        reading[slots.ALT_STATUS] = 0
        if height is None:
            return
        if self.noisy:
            height += self.noise.normal(0, sigma_m(fit, height))
        # the reading was made `delay` ago, when the lander was higher
        height += self.sink_m_s * fit[3] / 1000
        slant = (height + fit[2] / 1000) / math.cos(self.tilt_rad)
        reading[slots.ALT_STATUS] = 1
        reading[slots.ALT_RANGE_MM] = max(0, round(slant * 1000))
        reading[slots.ALT_BEAM_COS_Q14] = 16384
        reading[slots.ALT_BEAM_SIN_Q14] = 0

    def tick(self) -> int:
        before = round(self.altitude_m * 1000)
        self.altitude_m -= self.sink_m_s / 100
        self.now += 1
        climb = round(self.altitude_m * 1000) - before
        self.estimate[slots.EST_CLIMB_MM] = climb
        self.estimate[slots.EST_ALTITUDE_MM] += climb
        self.estimate[slots.EST_DOWNRANGE_MM] += round(self.speed_m_s * 10)
        self.estimate[slots.EST_VELOCITY_UP_Q8] = round(-self.sink_m_s * 256_000)
        self.estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = round(self.speed_m_s * 256_000)
        if self.now % TICKS_A_READING == 0:
            for index in range(len(self.fits)):
                self.read(index)
        for index in range(len(self.fits)):
            altitude.ingest(self.vote, self.estimate, self.readings[index], index, self.fit)
        return altitude.step(self.vote, self.estimate)

    def run(self, seconds: float, watch: Callable[[], None] | None = None) -> None:
        for _ in range(round(seconds * 100)):
            self.tick()
            if watch is not None:
                watch()


def settled(*fits, **about) -> Bench:
    """A bench that has acquired the ground and seen it for three seconds."""
    bench = Bench(fits, **about)
    bench.run(3.0)
    assert bench.estimate[slots.EST_AGL_VALID] == 1
    return bench


def worst(bench: Bench, seconds: float) -> float:
    """Largest error of agl over so many seconds, in metres."""
    errors = []
    bench.run(seconds, lambda: errors.append(abs(bench.error_m)))
    return max(errors)


# --- acquisition ---------------------------------------------------------------------------


def test_the_first_acquisition_needs_three_readings_that_fit_each_other():
    bench = Bench([LASER], noisy=False)
    bench.run(0.29)  # readings at 0.1 and 0.2 s
    assert bench.estimate[slots.EST_AGL_VALID] == 0
    bench.run(0.01)
    assert bench.estimate[slots.EST_AGL_VALID] == 1
    # two cosines of 14 bits, each rounded down: 1.2e-4 of 5 km
    assert abs(bench.error_m) < 0.62


def test_readings_that_do_not_fit_each_other_acquire_nothing():
    bench = Bench([LASER], noisy=False, speed_m_s=20.0)
    bench.faults[0] = lambda seconds, height: height + 700 * (round(seconds * 10) % 3)
    bench.run(10.0)
    assert bench.estimate[slots.EST_AGL_VALID] == 0


def test_agl_is_the_height_of_the_footpads_and_terrain_is_what_lies_between():
    bench = settled(LASER, noisy=False, ground=lambda _: 800.0)
    assert abs(bench.error_m) < 0.62
    assert bench.estimate[slots.EST_TERRAIN_MM] == pytest.approx(800_000, abs=620)


@pytest.mark.parametrize("degrees", [-40, -20, 10, 30, 44])
def test_a_slant_range_is_projected(degrees):
    # The beam along body x; the matrix is known to 2^-14, which is 0.3 m of 5 km.
    bench = settled(LASER, noisy=False, tilt_rad=math.radians(degrees))
    assert worst(bench, 2.0) < 1.0


def test_a_beam_far_off_the_vertical_is_not_believed():
    bench = Bench([LASER], noisy=False, tilt_rad=math.radians(50))
    bench.run(5.0)
    assert bench.estimate[slots.EST_AGL_VALID] == 0
    assert bench.verdict(0) == SILENT


@pytest.mark.parametrize("status", [0, 2, 8, 5])
def test_what_the_part_itself_calls_invalid_is_not_believed(status):
    # bit 0 range valid, bit 2 self-test failed
    bench = Bench([LASER])
    reading = bench.readings[0]
    for count in range(1, 10):
        reading[slots.ALT_COUNT], reading[slots.ALT_STATUS] = count, status
        reading[slots.ALT_RANGE_MM], reading[slots.ALT_BEAM_COS_Q14] = 5_000_000, 16384
        assert altitude.ingest(bench.vote, bench.estimate, reading, 0, bench.fit) == 0
        altitude.step(bench.vote, bench.estimate)
    assert bench.estimate[slots.EST_AGL_VALID] == 0


def test_without_readings_agl_moves_with_the_vehicle_and_is_invalid_after_5_s():
    bench = settled(LASER, noisy=False)
    bench.faults[0] = lambda _seconds, _height: None
    bench.run(4.8)
    assert bench.estimate[slots.EST_AGL_VALID] == 1
    assert abs(bench.error_m) < 1.0
    bench.run(0.5)
    assert bench.estimate[slots.EST_AGL_VALID] == 0
    bench.faults[0] = honest
    bench.run(0.7)
    assert bench.estimate[slots.EST_AGL_VALID] == 1


@pytest.mark.parametrize("fits", [(LASER,), (RADAR,), (LASER, RADAR), (LASER, RADAR, LASER)])
@pytest.mark.parametrize(("height", "sink"), [(10_000, 60), (1000, 30), (60, 6)])
def test_over_flat_ground_the_error_stays_within_three_sigma(fits, height, sink):
    best = min(sigma_m(fit, height) for fit in fits)
    bench = settled(*fits, altitude_m=float(height), sink_m_s=float(sink))
    assert worst(bench, 5.0) < 3 * best


def test_a_slope_is_followed_without_a_lasting_lag():
    # ground that rises 10 % under 300 m/s: 30 m/s
    bench = settled(LASER, speed_m_s=300.0, ground=lambda s: 30.0 * s, noisy=False)
    bench.run(5.0)
    assert worst(bench, 3.0) < 3 * sigma_m(LASER, 5000.0)


# --- spikes and steps ------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(size=st.floats(-5000, 20_000), height=st.sampled_from([12_000.0, 3000.0, 200.0]))
def test_one_spike_never_moves_agl_by_more_than_the_gate(size, height):
    bench = settled(LASER, altitude_m=height, sink_m_s=20.0, speed_m_s=100.0, noisy=False)
    start = bench.seconds
    bench.faults[0] = lambda seconds, h: h + size if seconds < start + 0.105 else h
    # 4 sigma, half of the 10 m flown over since the last reading, 3 m, and 2 m/s of drift
    gate = 4 * sigma_m(LASER, max(0.0, height + size)) + 5.0 + 3.0 + 0.2
    assert worst(bench, 2.0) <= gate
    bench.run(3.0)
    assert abs(bench.error_m) < 3 * sigma_m(LASER, height) + 1


RIMS = [-5000.0, -3000.0, -1000.0, -300.0, 300.0, 1000.0, 3000.0, 5000.0]


@pytest.mark.parametrize("rim", RIMS)
@pytest.mark.parametrize("altimeter", [LASER, RADAR])
@pytest.mark.parametrize("speed", [50.0, 700.0])
def test_a_single_altimeter_on_a_new_level_is_taken_for_terrain_within_a_second(rim, altimeter, speed):
    bench = Bench([altimeter], altitude_m=9000.0, speed_m_s=speed, ground=lambda s: rim if s > 4.0 else 0.0)
    bench.run(4.0)
    altitude_before = bench.estimate[slots.EST_ALTITUDE_MM]
    bench.run(1.0)
    bound = 3 * sigma_m(altimeter, 9000.0 - rim)
    assert abs(bench.error_m) < bound
    assert worst(bench, 3.0) < bound
    # 4 s at 30 m/s: the inertial altitude knows nothing of the rim
    assert bench.estimate[slots.EST_ALTITUDE_MM] == altitude_before - 120_000
    assert bench.vote[slots.VOT_STEPS] == 1 or abs(rim) < 500


@pytest.mark.parametrize("rim", RIMS)
@pytest.mark.parametrize("speed", [50.0, 700.0])
def test_two_altimeters_on_a_new_level_are_taken_for_terrain_within_0_4_s(rim, speed):
    bench = Bench(
        [LASER, RADAR], altitude_m=9000.0, speed_m_s=speed, ground=lambda s: rim if s > 4.0 else 0.0
    )
    bench.run(4.4)
    # whose turn it was to be taken may be the radar's; the laser then pulls agl to itself
    assert abs(bench.error_m) < 3 * sigma_m(RADAR, 9000.0 - rim)
    bench.run(0.6)
    assert worst(bench, 3.0) < 3 * sigma_m(LASER, 9000.0 - rim) + 3


@pytest.mark.parametrize("count", [3, 4])
def test_every_altimeter_of_three_or_four_may_step_at_once(count):
    bench = Bench([RADAR] * count, altitude_m=9000.0, ground=lambda s: 3000.0 if s > 4.0 else 0.0)
    bench.run(4.4)
    assert abs(bench.error_m) < 3 * sigma_m(RADAR, 6000.0)


# --- faults --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [-3000.0, -400.0, 400.0, 3000.0])
@pytest.mark.parametrize("faulty", [0, 1])
def test_one_of_two_that_steps_alone_is_put_out_and_taken_back_within_a_second(size, faulty):
    bench = settled(LASER, RADAR, altitude_m=4000.0, speed_m_s=50.0)
    start = bench.seconds
    bench.faults[faulty] = lambda seconds, height: height + size if seconds < start + 10 else height
    other = (RADAR, LASER)[faulty]
    bench.run(0.1)
    errors, verdicts = [], []

    def watch():
        errors.append(abs(bench.error_m))
        verdicts.append(bench.verdict(faulty))

    bench.run(9.8, watch)
    assert max(errors) < 3 * sigma_m(other, 4000.0)
    assert set(verdicts[40:]) == {PUT_OUT}
    bench.run(1.1)
    assert bench.verdict(faulty) == ACCEPTED


@pytest.mark.parametrize("faulty", [0, 1])
def test_a_wrong_altimeter_is_not_taken_for_terrain_in_a_short_gap_of_the_other(faulty):
    # Two altimeters 2 km apart; the one that fits inertial navigation is silent for half a second.
    bench = settled(LASER, RADAR, altitude_m=6000.0, speed_m_s=50.0)
    start = bench.seconds
    good = 1 - faulty
    bench.faults[faulty] = lambda _seconds, height: height + 2000.0
    bench.faults[good] = lambda seconds, height: None if start + 5 < seconds < start + 5.5 else height
    bench.run(8.0)
    assert abs(bench.error_m) < 3 * sigma_m(bench.fits[good], 6000.0)
    assert bench.verdict(good) == ACCEPTED


def test_two_of_three_that_step_together_are_the_ground_and_the_third_is_put_out():
    # The rim is real; the third altimeter goes on as if there were none.
    bench = Bench(
        [LASER, RADAR, RADAR], altitude_m=9000.0, speed_m_s=50.0, ground=lambda s: 3000.0 if s > 4.0 else 0.0
    )
    bench.faults[2] = lambda seconds, height: height + 3000.0 if seconds > 4.0 else height
    bench.run(6.0)
    assert abs(bench.error_m) < 3 * sigma_m(RADAR, 6000.0)
    assert bench.verdict(2) == PUT_OUT


def test_a_stuck_reading_is_put_out_while_the_lander_moves():
    bench = settled(LASER, RADAR, altitude_m=3000.0, sink_m_s=40.0, noisy=False)
    stuck, start = bench.readings[0][slots.ALT_RANGE_MM], bench.seconds
    bench.faults[0] = lambda seconds, height: height if seconds > start + 5 else stuck / 1000 - 1.2 - 0.24
    bench.run(2.0)
    assert bench.readings[0][slots.ALT_RANGE_MM] == stuck
    assert bench.verdict(0) == PUT_OUT
    # the radar is right; before the verdict the laser was 20 m wrong at most
    assert abs(bench.error_m) < 3 * sigma_m(RADAR, 3000.0)
    bench.run(4.0)
    assert bench.verdict(0) == ACCEPTED


def test_a_single_stuck_altimeter_does_not_stop_the_descent():
    # Mission 1 in reverse: a range that stays at 900 m while the lander sinks at 40 m/s.
    bench = settled(LASER, altitude_m=1020.0, sink_m_s=40.0, noisy=False)
    stuck = bench.readings[0][slots.ALT_RANGE_MM]
    bench.faults[0] = lambda _seconds, _height: stuck / 1000 - 1.2 - 0.24
    bench.run(3.0)
    assert bench.verdict(0) == PUT_OUT
    # Until the fifth repetition half of the difference is believed: at most 0.6 s * 40 m/s
    assert abs(bench.error_m) < 24.0


def test_a_constant_range_at_rest_is_not_called_stuck():
    bench = settled(LASER, altitude_m=30.0, sink_m_s=0.0, speed_m_s=0.0, noisy=False)
    bench.run(5.0)
    assert bench.verdict(0) == ACCEPTED


@settings(max_examples=40, deadline=None)
@given(
    faulty=st.integers(0, 2),
    lie=st.lists(st.one_of(st.floats(-6000, 60_000), st.none()), min_size=1, max_size=12),
)
def test_the_median_of_three_ignores_an_arbitrary_outlier(faulty, lie):
    bench = settled(LASER, LASER, LASER, altitude_m=6000.0, speed_m_s=50.0)

    def fault(seconds: float, height: float) -> float | None:
        offset = lie[round(seconds * 10) % len(lie)]
        return None if offset is None else max(0.0, height + offset)

    bench.faults[faulty] = fault
    # one sigma of the honest two, three times
    assert worst(bench, 3.0) < 3 * sigma_m(LASER, 6000.0)


@settings(max_examples=200, deadline=None)
@given(heights=st.lists(st.integers(0, 10_000), min_size=1, max_size=4), agl=st.integers(0, 10_000))
def test_mid_value_select_is_the_median_with_agl_as_one_more_of_an_even_number(heights, agl):
    vote = array("i", [0] * slots.VOT_SIZE)
    vote[slots.VOT_FITTED] = len(heights)
    for index, height in enumerate(heights):
        base = slots.VOT_FIRST + index * slots.VOT_STRIDE
        vote[base], vote[base + slots.VOT_VERDICT] = height, ACCEPTED
    values = heights if len(heights) % 2 else [*heights, agl]
    assert altitude.mid_value(vote, agl, len(heights)) == sorted(values)[len(values) // 2]


# --- the other altitude ------------------------------------------------------------------------


def test_the_inertial_altitude_is_not_touched_by_terrain_far_from_the_site():
    bench = settled(LASER, altitude_m=9000.0, ground=lambda s: 500.0 * math.sin(s), downrange_m=-50_000.0)
    before, moved = bench.estimate[slots.EST_ALTITUDE_MM], 0
    for _ in range(2000):
        bench.tick()
        moved += bench.estimate[slots.EST_CLIMB_MM]
    assert bench.estimate[slots.EST_ALTITUDE_MM] == before + moved


@pytest.mark.parametrize(("where", "speed"), [(-10_000.0, 20.0), (-1000.0, 70.0)])
def test_nor_near_the_site_while_it_is_fast_nor_slow_while_it_is_far(where, speed):
    bench = settled(LASER, altitude_m=2000.0, ground=lambda _: 150.0, speed_m_s=speed, downrange_m=where)
    before, moved = bench.estimate[slots.EST_ALTITUDE_MM], 0
    for _ in range(1000):
        bench.tick()
        moved += bench.estimate[slots.EST_CLIMB_MM]
    assert bench.estimate[slots.EST_ALTITUDE_MM] == before + moved


def test_slowly_over_the_site_the_inertial_altitude_follows_agl():
    # Navigation is 150 m too high; a 64th of the rest at each reading: 150 m * (63/64)^300 = 1.3 m.
    bench = settled(LASER, altitude_m=1500.0, sink_m_s=10.0, speed_m_s=10.0, downrange_m=-500.0, noisy=False)
    bench.estimate[slots.EST_ALTITUDE_MM] += 150_000
    bench.run(30.0)
    assert abs(bench.estimate[slots.EST_ALTITUDE_MM] / 1000 - bench.altitude_m) < 2.0


def test_without_a_radar_velocity_the_range_rate_corrects_the_sink_rate_over_slow_ground():
    bench = settled(LASER, altitude_m=500.0, sink_m_s=10.0, speed_m_s=5.0)
    believed = -8.0
    for _ in range(1000):
        bench.estimate[slots.EST_VELOCITY_AGE_TICKS] = 500
        bench.tick()
        # the bench writes the true speed: carry the kernel's change over to the believed one
        change = bench.estimate[slots.EST_VELOCITY_UP_Q8] - round(-bench.sink_m_s * 256_000)
        believed += change / 256_000
        bench.estimate[slots.EST_AGL_MM] += round((believed + bench.sink_m_s) * 10)
    assert abs(believed + 10.0) < 0.5
