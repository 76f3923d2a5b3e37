"""kernels/integrity.py: the truth lies within the protection level, or a flag is up; overdue ranges."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_bench import (
    ABOVE_LIMIT,
    ACCEPTED,
    COASTING,
    DISPUTED,
    LASER,
    NO_RANGE,
    OVERDUE,
    RADAR,
    RANGE_OVERDUE,
    SILENT,
    Bench,
    settled,
)

from plumbline.kernels import integrity, slots


def silent(_seconds: float, _height: float) -> None:
    return None


def unprotected_s(bench: Bench, seconds: float) -> float:
    """The longest time on end that the truth was outside and no flag up."""
    longest = now = 0

    def watch():
        nonlocal longest, now
        now = now + 1 if abs(bench.error_m) > bench.protection_m and bench.flags == 0 else 0
        longest = max(longest, now)

    bench.run(seconds, watch)
    return longest / 100


# --- the protection level ----------------------------------------------------------------------


@pytest.mark.parametrize("altimeters", [(LASER,), (RADAR,), (LASER, RADAR), (RADAR, LASER, RADAR, LASER)])
@pytest.mark.parametrize("height", [10_000.0, 1000.0, 60.0])
def test_over_flat_ground_the_truth_is_always_within_a_protection_level_that_no_flag_calls_too_large(
    altimeters, height
):
    bench = settled(*altimeters, altitude_m=height, sink_m_s=height / 200, speed_m_s=height / 60)
    flags = set()
    bench.run(
        10.0, lambda: flags.add(bench.flags) if abs(bench.error_m) <= bench.protection_m else flags.add(-1)
    )
    assert flags == {0}


@settings(max_examples=30, deadline=None)
@given(
    kinds=st.lists(st.sampled_from([LASER, RADAR]), min_size=1, max_size=4),
    apart=st.integers(0, 3),
    rim=st.floats(-4000, 3000),
    slope=st.floats(-0.3, 0.3),
    faulty=st.integers(0, 3),
    size=st.floats(-2000, 4000),
    drift=st.floats(-50, 50),
    seed=st.integers(0, 1000),
)
def test_over_rims_and_slopes_and_with_one_of_several_wrong_a_flag_is_up_within_0_3_s(
    kinds, apart, rim, slope, faulty, size, drift, seed
):
    parts = tuple(replace(part, tick=(index * apart) % 10) for index, part in enumerate(kinds))
    bench = Bench(
        parts, altitude_m=6000.0, speed_m_s=100.0, seed=seed,
        ground=lambda s: (rim if s > 8.0 else 0.0) + 100.0 * slope * s,
    )  # fmt: skip
    if len(parts) > 2:
        # one of several that goes wrong in the middle of it
        bench.faults[faulty % len(parts)] = lambda seconds, height: (
            height + size + drift * (seconds - 5.0) if seconds > 5.0 else height
        )
    bench.run(3.0)
    assert unprotected_s(bench, 10.0) <= 0.3


def test_without_readings_it_grows_by_half_the_ground_passed_and_2_m_s():
    bench = settled(LASER, sink_m_s=0.0, speed_m_s=100.0)
    bench.run(0.5)
    bench.faults[0] = silent
    bench.run(0.2)
    before = bench.protection_m
    bench.run(3.0)
    # both of them as whole millimetres a tick, which is 0.1 % off
    assert bench.protection_m - before == pytest.approx(3.0 * (50.0 + 2.0), rel=0.02)


def test_an_inertial_unit_that_no_radar_corrects_is_doubted_the_longer_the_more():
    # 2 m/s, and 12.5 mm/s for each of 100 s: 32 whole millimetres a tick, for 10 s
    estimate = np.zeros(slots.EST_SIZE, np.int32)
    estimate[slots.EST_VELOCITY_AGE_TICKS] = 10_000
    assert integrity.doubt_mm(estimate, 1000) == 32_000


def test_the_alert_limit_is_5_m_on_the_ground_and_an_eighth_of_the_height_up_to_1_km():
    assert [integrity.alert_limit_mm(1000 * agl) for agl in (-50, 0, 80, 4000, 20_000)] == [
        5000, 5000, 15_000, 505_000, 1_000_000,
    ]  # fmt: skip


# --- flags -----------------------------------------------------------------------------------------


def test_before_the_first_range_a_flag_says_so_and_2500_m_of_the_height_are_not_to_be_counted_on():
    bench = Bench((LASER,))
    bench.faults[0] = silent
    bench.run(1.0)
    assert bench.flags & NO_RANGE
    assert bench.estimate[slots.EST_HEIGHT_MM] == bench.estimate[slots.EST_ALTITUDE_MM]
    assert bench.estimate[slots.EST_HEIGHT_DOUBT_MM] == 2_500_000


def test_of_a_sound_agl_all_may_be_counted_on():
    bench = settled(LASER)
    assert bench.estimate[slots.EST_HEIGHT_MM] == bench.estimate[slots.EST_AGL_MM]
    assert bench.estimate[slots.EST_HEIGHT_DOUBT_MM] == 0


def test_0_3_s_without_an_accepted_reading_is_coasting():
    bench = settled(LASER)
    assert bench.flags == 0
    bench.faults[0] = silent
    # 0.3 s, then up to 40 ms until the flags are looked at
    bench.run(0.25)
    assert bench.flags == 0
    bench.run(0.1)
    assert bench.flags == COASTING
    bench.faults[0] = lambda _seconds, height: height
    bench.run(0.2)
    assert bench.flags == 0


def test_a_protection_level_above_the_limit_for_that_height_raises_a_flag():
    # at 100 m one may be 17.5 m wrong: with 20 m/s over unknown ground that is soon
    bench = settled(LASER, altitude_m=100.0, sink_m_s=0.0, speed_m_s=20.0)
    bench.faults[0] = silent
    bench.run(0.9)
    assert not bench.flags & ABOVE_LIMIT
    bench.run(0.8)
    assert bench.flags & ABOVE_LIMIT
    assert bench.estimate[slots.EST_HEIGHT_DOUBT_MM] / 1000 == pytest.approx(
        bench.protection_m - 17.5, abs=0.5
    )


def test_two_that_differ_are_a_dispute_and_the_protection_level_reaches_to_both():
    # one of two was off from the beginning: neither has moved, and nobody can know
    bench = Bench((LASER, RADAR), altitude_m=5000.0, speed_m_s=20.0, noisy=False)
    bench.faults[1] = lambda _seconds, height: height + 600.0
    bench.run(5.0)
    flags = set()
    bench.run(5.0, lambda: flags.add(bench.flags & DISPUTED))
    assert flags == {DISPUTED}
    assert bench.protection_m > 550.0


# --- overdue -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("height", "overdue"), [(11_000.0, False), (10_000.0, True), (500.0, True)])
def test_an_altimeter_is_overdue_after_5_s_below_11_16_of_its_reach(height, overdue):
    # 11/16 of 15 km are 10.3 km
    bench = Bench((LASER,), altitude_m=height, sink_m_s=0.0)
    bench.faults[0] = silent
    bench.run(4.9)
    assert not bench.flags & RANGE_OVERDUE
    bench.run(0.3)
    assert (bench.flags & RANGE_OVERDUE != 0) is overdue
    assert bench.verdict(0) == (OVERDUE if overdue else SILENT)
    assert bench.estimate[slots.EST_RANGE_OVERDUE] == overdue


def test_it_is_no_longer_overdue_as_soon_as_it_speaks():
    bench = Bench((LASER,), altitude_m=5000.0)
    bench.faults[0] = lambda seconds, height: height if seconds > 6.0 else None
    bench.run(6.0)
    assert bench.flags & RANGE_OVERDUE
    bench.run(0.7)
    assert bench.verdict(0) == ACCEPTED
    assert bench.flags == 0


def test_one_that_is_overdue_is_told_while_another_one_keeps_the_height():
    bench = settled(LASER, RADAR)
    bench.faults[0] = silent
    bench.run(6.0)
    assert bench.flags == RANGE_OVERDUE
    assert (bench.verdict(0), bench.verdict(1)) == (OVERDUE, ACCEPTED)
    assert bench.estimate[slots.EST_RANGE_OVERDUE] == 0


def test_below_20_m_nobody_is_overdue():
    bench = settled(LASER, altitude_m=15.0, sink_m_s=0.0, speed_m_s=0.0)
    bench.faults[0] = silent
    bench.run(10.0)
    # then the altitude counts, which says 15 m as well
    assert not bench.flags & RANGE_OVERDUE
    assert bench.verdict(0) == SILENT


# --- heights that cannot be -----------------------------------------------------------------------------


def test_a_height_below_the_ground_by_more_than_it_can_be_wrong_is_dropped():
    # Coasting at 30 m/s past the ground: at -20 m less the protection level, agl is none.
    bench = settled(LASER, altitude_m=200.0, sink_m_s=30.0, speed_m_s=0.0)
    bench.faults[0] = silent
    dropped_at = []

    def watch():
        if bench.vote[slots.VOT_IMPOSSIBLE] and not dropped_at:
            dropped_at.append((bench.agl_m, bench.protection_m))

    bench.run(6.0, watch)
    assert bench.vote[slots.VOT_IMPOSSIBLE] == 1
    ((agl_m, protection_m),) = dropped_at
    # looked at every 40 ms at least, in which it sinks by 1.2 m
    assert -20.0 - protection_m - 1.3 < agl_m < -20.0 - protection_m
    assert not bench.valid
    assert bench.flags & NO_RANGE
    assert bench.estimate[slots.EST_HEIGHT_MM] == bench.estimate[slots.EST_ALTITUDE_MM]


def test_what_was_dropped_is_acquired_anew_from_three_readings():
    bench = settled(
        LASER, altitude_m=200.0, sink_m_s=30.0, speed_m_s=0.0, ground=lambda s: -800.0 * (s > 4.0)
    )
    bench.faults[0] = lambda seconds, height: height if seconds < 3.0 or seconds > 8.0 else None
    bench.run(8.0)
    assert bench.vote[slots.VOT_IMPOSSIBLE] == 1
    bench.run(0.35)
    assert bench.valid
    assert bench.vote[slots.VOT_STEPS] == 0
    assert abs(bench.error_m) < 3 * LASER.sigma_m(800.0)


# --- what a look costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("apart", [0, 1, 2, 3])
def test_flags_are_looked_at_at_least_every_0_2_s_however_many_readings_come(apart):
    parts = tuple(replace(RADAR, tick=(index * apart) % 10) for index in range(4))
    bench = settled(*parts)
    waits, waited = [], 0

    def watch():
        # a look writes the protection level anew
        nonlocal waited
        waited = waited + 1 if bench.vote[slots.VOT_PROTECTION_MM] == -1 else 0
        waits.append(waited)
        bench.vote[slots.VOT_PROTECTION_MM] = -1

    bench.run(3.0, watch)
    assert 0 < max(waits) < 20
