"""What the vote makes of a wrong sink rate, of scatter that ends, of ties, edges and a fresh start."""

from itertools import pairwise

import pytest
from vote_bench import ACCEPTED, LASER, PUT_OUT, RADAR, Bench, settled

from plumbline.kernels import slots


def believing(bench: Bench, seconds: float) -> float:
    """Fly on with what the vote corrects the sink rate by; returns what it is still wrong by."""
    for _ in range(round(seconds * 100)):
        bench.tick()
        told = round((bench.climb_error_m_s - bench.sink_m_s) * 256_000)
        bench.climb_error_m_s += (bench.estimate[slots.EST_VELOCITY_UP_Q8] - told) / 256_000
    return bench.climb_error_m_s


# --- the sink rate ---------------------------------------------------------------------------------------


def losing(speed_m_s: float, lost_m_s: float, velocity_age_ticks: int = 500) -> Bench:
    """One laser; navigation loses so many m/s of its sink rate at once."""
    bench = settled(LASER, altitude_m=2000.0, sink_m_s=20.0, speed_m_s=speed_m_s, noisy=False)
    bench.velocity_age_ticks = velocity_age_ticks
    bench.climb_error_m_s = lost_m_s
    return bench


@pytest.mark.parametrize("lost", [-250.0, 250.0])
def test_an_only_altimeter_that_walks_out_of_the_gate_twice_corrects_the_sink_rate(lost):
    # 250 m/s leave a gate of some 40 m in two readings. Alone for 0.6 s it is the ground; when it walks
    # away again, the sink rate takes what it went, 200 m/s at most
    bench = losing(5.0, lost)
    believing(bench, 1.2)
    assert bench.steps == 1
    assert abs(bench.climb_error_m_s) == pytest.approx(250.0, abs=2.0)
    believing(bench, 0.8)
    assert bench.steps == 2
    assert abs(bench.climb_error_m_s) == pytest.approx(50.0, abs=3.0)
    # the rest goes by an eighth of 5 m a reading; of ground of 14 degrees, 1.25 m/s, it is never told
    assert abs(believing(bench, 20.0)) < 1.25 + 0.1


@pytest.mark.parametrize(("speed", "age"), [(25.0, 500), (5.0, 10)])
def test_nor_over_fast_ground_nor_while_a_radar_says_the_sink_rate(speed, age):
    bench = losing(speed, -250.0, age)
    assert believing(bench, 2.5) == -250.0
    assert bench.steps >= 2


def test_one_that_jumps_out_of_the_gate_says_nothing_of_the_sink_rate():
    # two rims of 400 m over slow ground: each is one jump
    bench = losing(5.0, 0.0)
    start = bench.seconds
    bench.ground = lambda s: -400.0 * ((s > start + 2) + (s > start + 5))
    assert abs(believing(bench, 9.0)) < 0.5
    assert bench.steps == 2


# --- scatter ---------------------------------------------------------------------------------------------


def scattering(size_m: float, off_m: float = 0.0):
    """Readings that lie that far above and below the truth, in an order that never repeats soon."""
    return lambda seconds, height: height + off_m + size_m * ((round(seconds * 10) * 7) % 11 - 5) / 5


def test_one_that_scatters_is_no_rival_to_one_that_does_not():
    # The laser speaks first, 2.5 km off and 600 m up and down; the radar stands still.
    bench = Bench((LASER, RADAR), altitude_m=4000.0, speed_m_s=20.0, noisy=False)
    bench.faults[0] = lambda seconds, height: (
        height + 2500.0 if seconds < 1 else scattering(600, 2500)(seconds, height)
    )
    bench.faults[1] = lambda seconds, height: height if seconds > 6.0 else None
    bench.run(6.0)
    assert bench.error_m > 2000.0
    assert bench.slot(0, "EXCESS_MM") > 4 * 1000 * RADAR.sigma_m(4000.0)
    bench.run(0.6)
    assert abs(bench.error_m) < 3 * RADAR.sigma_m(4000.0)
    assert bench.verdict(1) != PUT_OUT


def test_but_one_that_is_quiet_is_a_rival_however_far_it_stands():
    bench = Bench((LASER, RADAR), altitude_m=4000.0, speed_m_s=20.0, noisy=False)
    bench.faults[0] = lambda _seconds, height: height + 900.0
    bench.faults[1] = lambda seconds, height: height if seconds > 6.0 else None
    bench.run(6.6)
    assert bench.error_m == pytest.approx(900.0, abs=3 * LASER.sigma_m(4900.0))


def test_what_was_only_scatter_and_has_become_a_level_is_the_ground():
    # 400 m up and down for 6 s, then still: six readings that fit each other
    bench = Bench((LASER,), altitude_m=4000.0, speed_m_s=20.0, noisy=False)
    bench.faults[0] = lambda seconds, height: (
        height if seconds < 1 or seconds > 7 else scattering(400.0, 120.0)(seconds, height)
    )
    bench.run(7.0)
    assert bench.slot(0, "EXCESS_MM") > 4000 * LASER.sigma_m(4000.0) + 2000
    doubt = bench.protection_m
    bench.run(0.8)
    assert bench.slot(0, "TRIAL") <= 8
    assert abs(bench.error_m) < 3 * LASER.sigma_m(4000.0)
    assert bench.verdict(0) == ACCEPTED
    # what was doubted dies away, by a 16th a reading
    assert bench.protection_m > 0.5 * doubt


# --- ties ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spotless", [True, False])
def test_as_many_against_as_many_those_win_who_have_never_been_elsewhere(spotless):
    # Two of four leave together for 3 s and come back; then all drift apart by 600 m within a reading.
    bench = settled(*(LASER,) * 4, altitude_m=6000.0, speed_m_s=20.0, noisy=False)
    start = bench.seconds

    def strays(seconds: float, height: float) -> float:
        return height + 900.0 if start < seconds < start + 3.0 else height

    bench.faults[0] = strays
    bench.faults[1] = lambda seconds, height: strays(seconds, height + 40.0 * (start < seconds < start + 3.0))
    if not spotless:
        for index in (2, 3):
            bench.faults[index] = lambda seconds, height, off=1000.0 * index: (
                height + off if start + 3.5 < seconds < start + 3.8 else height
            )
    bench.run(4.2)
    assert [bench.verdict(index) for index in range(4)] == [ACCEPTED] * 4
    # now agl goes along with the two that have strayed: the other two miss some readings
    for index in (0, 1):
        bench.faults[index] = lambda _seconds, height: height + 600.0
    bench.faults[2] = bench.faults[3] = lambda _seconds, _height: None
    bench.run(2.5)
    assert bench.error_m == pytest.approx(600.0, abs=30.0)
    bench.faults[2] = bench.faults[3] = lambda _seconds, height: height
    bench.run(0.6)
    if spotless:
        assert abs(bench.error_m) < 3 * LASER.sigma_m(6000.0)
    else:
        assert bench.error_m == pytest.approx(600.0, abs=30.0)


# --- edges -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("falls_m_s", "leaves"), [(250.0, True), (0.0, False)])
def test_a_wide_beam_that_leaves_the_edge_downward_confirms_the_floor_that_a_narrow_one_sees(
    falls_m_s, leaves
):
    # Behind the rim the floor lies 1,500 m lower. The radar's echo follows the wall down, within its gate.
    bench = Bench(
        (LASER, RADAR), altitude_m=6000.0, speed_m_s=60.0, ground=lambda s: -1500.0 if s > 8.0 else 0.0
    )
    bench.sees[1] = lambda s: -falls_m_s * max(0.0, s - 8.0)
    bench.run(10.2)
    if leaves:
        assert abs(bench.error_m) < 3 * RADAR.sigma_m(6000.0)
        assert bench.verdict(0) == ACCEPTED
    else:
        assert bench.error_m < -1300.0


# --- a fresh start ---------------------------------------------------------------------------------------


def test_the_first_readings_after_a_step_are_averaged_alike():
    # A radar's sigma at 8 km is 80 m; the step is taken at one reading, and 16 bring it to 20 m.
    errors = []
    for seed in range(12):
        bench = Bench(
            (RADAR,),
            altitude_m=11_000.0,
            speed_m_s=100.0,
            ground=lambda s: 3000.0 if s > 5.0 else 0.0,
            seed=seed,
        )
        bench.run(5.0)
        while not bench.steps:
            bench.tick()
        bench.run(2.0)
        errors.append(bench.error_m)
    mean_square = sum(error * error for error in errors) / len(errors)
    assert mean_square**0.5 < 0.45 * RADAR.sigma_m(8000.0)


def test_from_then_on_each_counts_less_than_the_one_before_until_they_count_alike():
    # agl follows an offset of one sigma by what each reading counts: a half, a quarter, an eighth
    bench = Bench((RADAR,), altitude_m=8000.0, sink_m_s=0.0, speed_m_s=1.0, noisy=False)
    bench.run(0.35)
    followed, shares = [], []
    offset = RADAR.sigma_m(8000.0)
    bench.faults[0] = lambda _seconds, height: height + offset
    for _ in range(40):
        before = bench.error_m
        bench.run(0.1)
        followed.append(bench.vote[slots.VOT_FOLLOWED])
        if abs(offset - before) > 1.0:
            shares.append((bench.error_m - before) / (offset - before))
    assert followed == sorted(followed)
    assert shares[0] == pytest.approx(0.5, abs=0.1)
    assert all(late < early + 0.05 for early, late in pairwise(shares))
