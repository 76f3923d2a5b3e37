"""kernels/ranging.py: from a slant range to the level of the ground, and how well it keeps."""

import math
from array import array
from dataclasses import replace

import pytest
from vote_bench import ACCEPTED, LASER, PUT_OUT, RADAR, SILENT, Bench, settled

from plumbline.kernels import altitude, ranging, slots

# two cosines of 14 bits, each rounded down: 1.2e-4 of 5 km
COSINES_M = 0.62


def taken(*ranges_mm: int, climb_mm: int = 0, age_ms: int = 0) -> array:
    """The vote's memory after these ranges straight down from one altimeter, one every 0.1 s."""
    vote, estimate = array("i", [0] * slots.VOT_SIZE), array("i", [0] * slots.EST_SIZE)
    reading, fit = array("i", [0] * slots.ALT_SIZE), array("i", [100, 33, 0, 0, 15_000_000])
    vote[slots.VOT_FITTED] = 1
    estimate[slots.EST_R00], estimate[slots.EST_CLIMB_MM] = 2**29 - 2, climb_mm
    reading[slots.ALT_STATUS], reading[slots.ALT_BEAM_COS_Q14], reading[slots.ALT_AGE_MS] = 1, 16384, age_ms
    for range_mm in ranges_mm:
        reading[slots.ALT_COUNT] += 1
        reading[slots.ALT_RANGE_MM] = range_mm
        ranging.ingest(vote, estimate, reading, 0, fit)
        for _ in range(10):
            altitude.step(vote, estimate)
    return vote


def item(vote: array, name: str) -> int:
    return vote[slots.VOT_FIRST + getattr(ranging, f"_{name}")]


# --- a range ---------------------------------------------------------------------------------


def test_agl_is_the_height_of_the_footpads_and_terrain_is_what_lies_between():
    bench = settled(LASER, noisy=False, ground=lambda _: 800.0)
    assert abs(bench.error_m) < COSINES_M
    assert bench.estimate[slots.EST_TERRAIN_MM] == pytest.approx(800_000, abs=1000 * COSINES_M)


@pytest.mark.parametrize("degrees", [-40, -20, 10, 30, 44])
def test_a_slant_range_is_projected(degrees):
    # The beam along body x; the matrix is known to 2^-14, which is 0.3 m of 5 km.
    bench = settled(LASER, noisy=False, tilt_rad=math.radians(degrees))
    assert bench.worst_m(2.0) < 1.0


def test_a_beam_far_off_the_vertical_is_not_believed():
    bench = Bench((LASER,), noisy=False, tilt_rad=math.radians(50))
    bench.run(4.0)
    assert not bench.valid
    assert bench.verdict(0) == SILENT


@pytest.mark.parametrize("status", [0, 2, 8, 5])
def test_what_the_part_itself_calls_invalid_is_not_believed(status):
    # bit 0 range valid, bit 2 self-test failed
    bench = Bench((LASER,))
    reading = bench.readings[0]
    bench.estimate[slots.EST_R00] = 2**29 - 2
    for count in range(1, 10):
        reading[slots.ALT_COUNT], reading[slots.ALT_STATUS] = count, status
        reading[slots.ALT_RANGE_MM], reading[slots.ALT_BEAM_COS_Q14] = 5_000_000, 16384
        assert ranging.ingest(bench.vote, bench.estimate, reading, 0, bench.fit) == 0
        altitude.step(bench.vote, bench.estimate)
    assert not bench.valid


def test_a_reading_counts_once():
    vote = taken(5_000_000, 5_000_000)
    estimate, reading = array("i", [0] * slots.EST_SIZE), array("i", [0] * slots.ALT_SIZE)
    reading[slots.ALT_COUNT] = 2
    assert ranging.ingest(vote, estimate, reading, 0, array("i", [0] * 5)) == 0
    assert item(vote, "TRIAL") == 2


# --- how old it is ---------------------------------------------------------------------------


@pytest.mark.parametrize("age_ms", [0, 20, 94, 294, 494])
def test_a_range_counts_from_where_the_lander_was_when_it_was_measured(age_ms):
    # 100 m/s down: a reading of half a second ago would be 50 m off
    bench = settled(replace(LASER, age_ms=age_ms), sink_m_s=100.0, altitude_m=6000.0, noisy=False)
    # a millisecond is known to 1 %: 9 ms of 100 m/s
    assert bench.worst_m(2.0) < COSINES_M * 6 / 5 + 0.01


def test_and_from_how_it_stood():
    # Turning at 0.1 rad/s, 0.3 s ago: 5 km * tan(20 degrees) * 0.03 rad is 55 m.
    bench = settled(replace(LASER, age_ms=294), noisy=False, sink_m_s=0.0, tilt_rad=math.radians(20))
    errors = []

    def turn():
        bench.tilt_rad += 0.001
        errors.append(abs(bench.error_m))

    bench.run(2.0, turn)
    # the tilt of a whole tick, 1 mrad: 1.8 m
    assert max(errors) < 1.8 + 1.0


def test_a_lander_that_brakes_hard_does_not_spoil_readings_that_are_on_their_way():
    # 30 m/s2 over 0.3 s: moving the range on by the present speed would be 1.35 m wrong
    bench = settled(replace(LASER, age_ms=294), noisy=False, sink_m_s=80.0)
    errors = []

    def brake():
        bench.sink_m_s -= 0.3
        errors.append(abs(bench.error_m))

    bench.run(2.5, brake)
    assert max(errors) < 0.8


def test_and_so_does_one_that_has_waited_until_the_others_were_judged():
    # Four in one tick; three of them elsewhere, so that a judgement takes until the next ones have come. At
    # 100 m/s a tick is a metre; the ground is flat, so the honest one's level stays.
    bench = settled(*[LASER] * 4, sink_m_s=100.0, altitude_m=6000.0, noisy=False, speed_m_s=0.0)
    for index in range(3):
        bench.faults[index] = lambda _seconds, height, away=700.0 * (index + 1): height + away
    levels, waited = [], []

    def watch():
        levels.append(bench.slot(3, "LEVEL_MM"))
        waited.append(bench.slot(3, "WAITED") - 1)

    bench.run(4.0, watch)
    assert max(waited) >= 9
    assert max(levels) - min(levels) < 1000 * COSINES_M * 6 / 5


def test_a_reading_waits_while_another_one_comes_in_and_while_any_is_judged():
    bench = Bench((LASER, RADAR), noisy=False)
    bench.run(0.09)
    turns = []
    for _ in range(7):
        bench.tick()
        turns.append(tuple(bench.slot(index, "FRESH") for index in range(2)))
    # one, the other, a judgement, a dispute, what follows, put away
    assert turns == [(1, 0), (1, 1), (2, 2), (2, 2), (2, 2), (0, 0), (0, 0)]
    assert bench.slot(0, "HEARD_TICK") == bench.slot(1, "HEARD_TICK")


# --- does it continue? --------------------------------------------------------------------------


def test_readings_in_a_row_that_fit_each_other_are_counted_and_a_jump_begins_anew():
    assert item(taken(5_000_000, 5_001_000, 5_000_000), "TRIAL") == 3
    # 6 sigma of 5 km are 61 m, and 2 m
    assert item(taken(5_000_000, 5_001_000, 5_066_000), "TRIAL") == 1
    assert item(taken(5_000_000, 5_001_000, 5_062_000), "TRIAL") == 3


def test_a_vehicle_that_sinks_does_not_move_a_level():
    # 1 m lower in each tick, 1 m before the first reading, so 10 m less at each
    vote = taken(5_000_000, 4_990_000, 4_980_000, 4_970_000, climb_mm=-1000)
    assert item(vote, "LEVEL_MM") == pytest.approx(-5_001_000, abs=1000 * COSINES_M)
    assert item(vote, "TRIAL") == 4


def test_after_a_jump_the_mean_of_the_last_second_stands_at_the_new_level_and_that_of_the_minute_stays():
    vote = taken(5_000_000, 5_000_000, 5_512_000)
    assert item(vote, "QUICK_MM") == item(vote, "LEVEL_MM")
    # a jump is no place where it has stood
    assert item(vote, "SLOW_MM") == item(taken(5_000_000, 5_000_000), "SLOW_MM")


def test_the_mean_of_the_last_minute_is_of_what_was_believed():
    # of 2 m a 512th is 4 mm; nothing of it while the level is outside of the gate
    vote = taken(*[5_000_000] * (ranging._YOUNG + 1))
    before, level = item(vote, "SLOW_MM"), item(vote, "LEVEL_MM")
    for outside, moved in ((3, 0), (0, (level - 2048 - before) >> 9)):
        vote[slots.VOT_FIRST + ranging._OUTSIDE] = outside
        ranging.take_level(vote, slots.VOT_FIRST, level - 2048, 1000, 0)
        assert item(vote, "SLOW_MM") == before + moved
    assert moved == -4


# --- stuck ---------------------------------------------------------------------------------------


def stuck(vote: array) -> bool:
    return ranging.is_stuck(vote, slots.VOT_FIRST) == 1


def test_the_same_range_six_times_is_stuck_once_the_lander_has_moved():
    # ten ticks between readings: 0.4 m of climb from the first to the sixth, then 0.2 m
    assert stuck(taken(*[5_000_000] * 6, climb_mm=8))
    assert not stuck(taken(*[5_000_000] * 5, climb_mm=8))
    assert not stuck(taken(*[5_000_000] * 6, climb_mm=4))


def test_a_stuck_level_is_never_on_trial():
    assert item(taken(*[5_000_000] * 9, climb_mm=8), "TRIAL") == 0
    assert item(taken(*[5_000_000] * 9, 5_000_001, climb_mm=8), "TRIAL") == 1


def test_a_stuck_reading_is_put_out_while_the_lander_moves():
    radar = replace(LASER, floor_mm=300, fraction_q14=164)
    bench = settled(LASER, radar, altitude_m=3000.0, sink_m_s=40.0, noisy=False)
    held, start = bench.agl_m, bench.seconds
    bench.faults[0] = lambda seconds, height: height if seconds > start + 5 else held
    bench.run(2.0)
    assert bench.verdict(0) == PUT_OUT
    assert abs(bench.error_m) < 3 * radar.sigma_m(3000.0)
    bench.run(4.0)
    assert bench.verdict(0) == ACCEPTED


def test_a_single_stuck_altimeter_does_not_stop_the_descent():
    # Mission 1 in reverse: a range that stays at 900 m while the lander sinks at 40 m/s.
    bench = settled(LASER, altitude_m=1020.0, sink_m_s=40.0, noisy=False)
    held = bench.agl_m
    bench.faults[0] = lambda _seconds, _height: held
    bench.run(3.0)
    assert bench.verdict(0) == PUT_OUT
    # Until the sixth time half of the difference is believed: at most 0.7 s * 40 m/s
    assert abs(bench.error_m) < 28.0


def test_a_constant_range_at_rest_is_not_called_stuck():
    bench = settled(LASER, altitude_m=30.0, sink_m_s=0.0, speed_m_s=0.0, noisy=False)
    bench.run(5.0)
    assert bench.verdict(0) == ACCEPTED


# --- roundings that the kernels call a tenth, a hundredth and a thousandth -------------------------


def test_a_tenth_is_exact_where_it_is_used_and_the_others_are_as_near_as_they_say():
    assert all((delay * 205) >> 11 == delay // 10 for delay in range(501))
    hundredth, thousandth = 41 / 4096, 33 / 2**15
    assert hundredth == pytest.approx(1 / 100, rel=1e-3)
    assert thousandth == pytest.approx(1 / 1000, rel=1e-2)
