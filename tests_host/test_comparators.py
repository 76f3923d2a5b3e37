"""Voters of others, each held to what is written about it: made-up readings of a known truth, then landings.

The bench moves a lander whose inertial navigation is exact over ground given as a function of time.
"""

import math
import re
import subprocess
import sys
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from host_tools.cli import Voter
from host_tools.comparators import ardupilot_like, as_flown, luminary_099, mid_value, px4_like
from host_tools.comparators.memory import Voter as Voting
from host_tools.comparators.registry import FLIGHT, VOTERS
from host_tools.landing.loop import fly
from host_tools.scenarios.library import load
from plumbline.kernels import altitude, ranging, slots

ROOT = Path(__file__).resolve().parents[1]
SILENT, ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT = range(5)
LASER = (100, 33, 1200, 6, 15_000_000)  # floor mm, fraction * 2^14, mount mm, delay ms, reach mm
RADAR = (300, 164, 1200, 6, 15_000_000)
OTHERS = sorted(set(VOTERS) - {FLIGHT})
NEW = ["luminary-099", "px4-like", "ardupilot-like", "mid-value"]
Step = Callable[[array, array], int]
luminary, ardupilot, mid = (partial(VOTERS[name], 1) for name in NEW if name != "px4-like")
Readings = Callable[[float, float], float | None]  # seconds, true height in m -> height read; None: no echo


def px4() -> Voting:
    return Voting(px4_like.step, px4_like.begin(1))


def honest(_seconds: float, height_m: float) -> float:
    return height_m


class Bench:
    """A lander that `step` votes for; `error_m` of its height above `ground(seconds)`."""

    def __init__(
        self, step, altitude_m, sink_m_s=30.0, speed_m_s=0.0, fits=(LASER,),
        readings: tuple[Readings, ...] = (), ground: Callable[[float], float] = lambda _: 0.0,
        believed_m=None, tilt_rad=0.0,
    ) -> None:  # fmt: skip
        self.step, self.ground, self.fits = step, ground, fits
        self.readings = readings or (honest,) * len(fits)
        self.altitude_m, self.sink_m_s, self.speed_m_s, self.tilt_rad = (
            altitude_m,
            sink_m_s,
            speed_m_s,
            tilt_rad,
        )
        self.now = 0
        self.vote, self.estimate = array("i", [0] * slots.VOT_SIZE), array("i", [0] * slots.EST_SIZE)
        self.fit = array("i", [number for fit in fits for number in fit])
        self.replies = [array("i", [0] * slots.ALT_SIZE) for _ in fits]
        self.vote[slots.VOT_FITTED] = len(fits)
        self.estimate[slots.EST_ALTITUDE_MM] = round(1e3 * (altitude_m if believed_m is None else believed_m))
        self.estimate[slots.EST_R00] = min(2**29 - 1, round(math.cos(tilt_rad) * 2**29))
        self.estimate[slots.EST_R00 + 1] = round(math.sin(tilt_rad) * 2**29)

    @property
    def seconds(self) -> float:
        return self.now / 100

    @property
    def truth_m(self) -> float:
        return self.altitude_m - self.ground(self.seconds)

    @property
    def error_m(self) -> float:
        return self.estimate[slots.EST_AGL_MM] / 1e3 - self.truth_m

    @property
    def valid(self) -> bool:
        return self.estimate[slots.EST_AGL_VALID] == 1

    def verdict(self, index: int = 0) -> int:
        return self.vote[slots.VOT_FIRST + index * slots.VOT_STRIDE + slots.VOT_VERDICT]

    def tick(self) -> int:
        """10 ms; a reading of every altimeter each 0.1 s."""
        estimate = self.estimate
        before_mm = round(self.altitude_m * 1e3)
        self.altitude_m -= self.sink_m_s / 100
        self.now += 1
        climb_mm = round(self.altitude_m * 1e3) - before_mm
        estimate[slots.EST_CLIMB_MM] = climb_mm
        estimate[slots.EST_ALTITUDE_MM] += climb_mm
        estimate[slots.EST_VELOCITY_UP_Q8] = round(-self.sink_m_s * 256e3)
        estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = round(self.speed_m_s * 256e3)
        for index, reply in enumerate(self.replies):
            if self.now % 10 == 0:
                self._read(index, reply)
            ranging.ingest(self.vote, estimate, reply, index, self.fit)
        return self.step(self.vote, estimate)

    def _read(self, index: int, reply: array) -> None:
        height_m = self.readings[index](self.seconds, self.truth_m)
        reply[slots.ALT_COUNT] += 1
        reply[slots.ALT_STATUS] = 0 if height_m is None else 1
        if height_m is not None:
            # the reading was made `delay` ago, when the lander was higher
            height_m += self.sink_m_s * self.fits[index][3] / 1e3
            slant_m = (height_m + self.fits[index][2] / 1e3) / math.cos(self.tilt_rad)
            reply[slots.ALT_RANGE_MM] = max(0, round(slant_m * 1e3))
            reply[slots.ALT_BEAM_COS_Q14] = 16384

    def run(self, seconds: float) -> "Bench":
        for _ in range(round(seconds * 100)):
            self.tick()
        return self


# --- the registry ------------------------------------------------------------------------------


def test_the_flight_voter_in_the_registry_is_the_flight_codes_own():
    assert VOTERS[FLIGHT](1) is altitude.step


def test_the_command_offers_every_voter_of_the_registry_and_no_other():
    assert [voter.value for voter in Voter] == list(VOTERS)


def test_asking_for_the_registry_imports_no_voter():
    script = "import sys; from host_tools.comparators.registry import VOTERS; print('numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", OTHERS)
def test_two_voters_of_one_kind_share_no_memory(name):
    # the second one begins on the ground of the first one's memory, if there is a common one
    first, second = VOTERS[name](1), VOTERS[name](1)
    Bench(first, 9000.0).run(5.0)
    fresh, later = Bench(VOTERS[name](1), 900.0), Bench(second, 900.0)
    fresh.run(3.0)
    later.run(3.0)
    assert later.estimate == fresh.estimate
    assert later.vote == fresh.vote


@pytest.mark.parametrize("module", [ardupilot_like, as_flown, luminary_099, mid_value, px4_like])
def test_every_comparator_says_what_it_is_made_from_and_what_is_assumed(module):
    assert re.search(r"(?i)sources?: .{20}|\(ispace, 26 May 2023\)", module.__doc__)
    assert re.search(r"^Assumed: .{20}|are not public", module.__doc__, re.MULTILINE)


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("height_m", [40.0, 4000.0])
def test_on_flat_ground_every_voter_follows_honest_readings(name, height_m):
    # 0.062 m: two cosines of 14 bits, each rounded down, 1.2e-4 of the height
    bench = Bench(VOTERS[name](1), height_m, sink_m_s=1.0, fits=(LASER, RADAR)).run(20.0)
    assert bench.valid
    assert abs(bench.error_m) < 0.05 + 1.3e-4 * height_m
    assert bench.verdict(0) == ACCEPTED


@pytest.mark.parametrize("name", NEW)
def test_without_readings_the_height_moves_with_the_vehicle_and_is_not_called_known_before_the_first(name):
    silent = Bench(VOTERS[name](1), 4000.0, readings=(lambda _seconds, _height: None,)).run(2.0)
    assert not silent.valid and silent.verdict() == SILENT
    bench = Bench(
        VOTERS[name](1), 4000.0, readings=(lambda seconds, height: height if seconds < 3.0 else None,)
    ).run(3.0)
    known_m = bench.estimate[slots.EST_AGL_MM] / 1e3
    bench.run(2.0)
    assert bench.estimate[slots.EST_AGL_MM] / 1e3 == pytest.approx(known_m - 60.0, abs=0.1)
    assert bench.verdict() in (SILENT, ACCEPTED)  # Luminary looks only every 2 s


@pytest.mark.parametrize("name", ["luminary-099", "ardupilot-like", "mid-value"])
def test_voters_of_one_altitude_take_the_ground_below_for_the_sites_datum(name):
    bench = Bench(VOTERS[name](1), 3000.0, sink_m_s=1.0, ground=lambda _: 800.0).run(60.0)
    assert bench.estimate[slots.EST_ALTITUDE_MM] == bench.estimate[slots.EST_AGL_MM]
    assert bench.estimate[slots.EST_TERRAIN_MM] == 0
    assert abs(bench.error_m) < 1.0


# --- Luminary 099 ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("height_m", "wanted"), [(20_000.0, 0.0), (15_240.0, 0.0), (7_620.0, 0.175), (0.0, 0.35), (-50.0, 0.35)]
)
def test_luminarys_weight_grows_from_nothing_at_15_km_to_0_35_on_the_ground(height_m, wanted):
    assert luminary_099.weight(height_m) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("height_m", "wanted"), [(8000.0, 1061.0), (800.0, 161.0), (0.0, 61.0), (-900.0, 61.0)]
)
def test_luminarys_gate_shrinks_with_the_estimate(height_m, wanted):
    assert luminary_099.largest_reasonable_m(height_m) == pytest.approx(wanted)


def test_luminary_takes_its_share_of_a_difference_every_two_seconds():
    # 1,000 m of difference at 7,620 m of estimate: 0.35 * (1 - 7620/15240) = 0.175 of it is taken
    bench = Bench(luminary(), 8620.0, sink_m_s=0.0, believed_m=7620.0).run(2.02)
    assert bench.error_m == pytest.approx(-825.0, abs=2.0)
    before = bench.estimate[slots.EST_AGL_MM]
    bench.run(1.9)
    assert bench.estimate[slots.EST_AGL_MM] == before
    bench.run(0.2)
    assert bench.estimate[slots.EST_AGL_MM] > before + 100_000


def test_before_high_gate_luminary_tests_nothing():
    # 3 km of rim at 7 km: largest reasonable difference would be 61 + 7000/8 = 936 m
    rim = Bench(luminary(), 7000.0, ground=lambda s: 0.0 if s < 10.0 else -3000.0).run(10.0)
    rim.run(2.0)
    assert rim.verdict() == ACCEPTED
    rim.run(60.0)
    # twenty to thirty shares of 0.15 to 0.25 each
    assert abs(rim.error_m) < 30.0


def test_after_high_gate_luminary_throws_a_rim_away_for_as_long_as_it_flies():
    # below 2,316 m; the ground falls away by 3 km, 61 + 2000/8 = 311 m would be reasonable
    bench = Bench(luminary(), 2200.0, ground=lambda s: 0.0 if s < 10.0 else -3000.0).run(10.0)
    assert bench.verdict() == ACCEPTED
    for _ in range(30):
        bench.run(2.0)
        assert bench.verdict() == ON_TRIAL
        assert bench.error_m == pytest.approx(-3000.0, abs=20.0)
    assert bench.valid  # it does not know


def test_luminary_judges_each_sample_afresh_and_latches_nothing():
    # 20 s of nonsense after high gate; the first honest cycle is taken again
    bench = Bench(
        luminary(),
        2200.0,
        sink_m_s=5.0,
        readings=(lambda s, h: h if not 10 < s < 30 else 5000.0,),
    ).run(29.9)
    assert bench.verdict() == ON_TRIAL
    bench.run(2.2)
    assert bench.verdict() == ACCEPTED
    assert abs(bench.error_m) < 1.0


# --- PX4-like ----------------------------------------------------------------------------------


def rim(at_s: float, height_m: float) -> Callable[[float], float]:
    return lambda seconds: 0.0 if seconds < at_s else height_m


def test_px4_fuses_into_the_terrain_and_leaves_the_altitude_alone():
    bench = Bench(px4(), 1000.0, sink_m_s=2.0, ground=lambda s: 5.0 * math.sin(s / 10)).run(40.0)
    assert bench.estimate[slots.EST_ALTITUDE_MM] == 1_000_000 - 80_000
    assert abs(bench.error_m) < 3.0


def test_px4s_noise_is_5_cm_and_1_percent():
    assert math.sqrt(px4_like.variance_m2(0.0)) == pytest.approx(0.05)
    assert math.sqrt(px4_like.variance_m2(1000.0)) == pytest.approx(10.0, abs=1e-3)


@pytest.mark.parametrize(("step_m", "taken"), [(40.0, True), (80.0, False)])
def test_px4s_gate_is_five_sigma(step_m, taken):
    # at 1,000 m a range has 10 m, the settled terrain under 2: between 50 and 53 m
    bench = Bench(px4(), 1001.0, sink_m_s=1.0).run(10.0)
    bench.ground = lambda _: -step_m
    bench.run(0.1)
    assert (bench.verdict() == ACCEPTED) is taken


def test_a_px4_vehicle_over_one_place_is_reset_to_a_new_level_after_five_seconds():
    # 300 m down at once, while sinking at 2 m/s and not moving sideways
    step = px4()
    bench = Bench(step, 1000.0, sink_m_s=2.0, ground=rim(10.0, -300.0)).run(9.9)
    assert step.memory[px4_like.VERDICT] == px4_like.CONSISTENT
    bench.run(4.8)
    assert bench.error_m == pytest.approx(-300.0, abs=5.0)
    assert bench.verdict() != ACCEPTED
    bench.run(0.6)
    assert abs(bench.error_m) < 1.0
    assert bench.vote[slots.VOT_STEPS] == 1
    assert bench.vote[slots.VOT_STEP_MM] == pytest.approx(300_000, abs=2000)


def test_a_px4_vehicle_that_moves_sideways_keeps_its_inconsistent_verdict_and_its_wrong_height():
    # the same step at 50 m/s of ground speed, over ground as flat as before
    step = px4()
    bench = Bench(step, 4000.0, sink_m_s=20.0, speed_m_s=50.0, ground=rim(10.0, -3000.0)).run(20.0)
    for _ in range(100):
        bench.run(1.0)
        assert step.memory[px4_like.VERDICT] == px4_like.INCONSISTENT
        assert bench.verdict() == PUT_OUT
        assert bench.error_m == pytest.approx(-3000.0, abs=20.0)
        assert not bench.valid
    bench.speed_m_s = 0.0
    bench.run(3.0)
    assert step.memory[px4_like.VERDICT] == px4_like.CONSISTENT
    assert bench.valid and abs(bench.error_m) < 1.0


def test_px4_does_not_take_an_altimeter_back_that_fits_while_it_hovers():
    # fitting readings are no proof where nothing moves: a stuck range would fit, too
    step = px4()
    bench = Bench(step, 500.0, sink_m_s=2.0, ground=rim(10.0, -300.0)).run(11.0)
    assert step.memory[px4_like.VERDICT] == px4_like.INCONSISTENT
    bench.sink_m_s = 0.0
    bench.run(20.0)
    assert step.memory[px4_like.VERDICT] == px4_like.INCONSISTENT
    bench.sink_m_s = 2.0
    bench.run(2.0)
    assert step.memory[px4_like.VERDICT] == px4_like.CONSISTENT


def test_px4_uses_the_first_altimeter_that_speaks_and_another_one_after_a_second_of_silence():
    bench = Bench(
        px4(), 1000.0, sink_m_s=1.0, fits=(LASER, RADAR),
        readings=(lambda s, h: h if s < 5.0 else None, honest),
    ).run(5.0)  # fmt: skip
    assert (bench.verdict(0), bench.verdict(1)) == (ACCEPTED, SILENT)
    bench.run(1.2)
    assert (bench.verdict(0), bench.verdict(1)) == (SILENT, ACCEPTED)


# --- ArduPilot-like ----------------------------------------------------------------------------


def test_ardupilots_median_of_three_ignores_a_single_spike():
    spiky = lambda s, h: h + 500.0 if round(s * 10) % 3 == 0 else h  # noqa: E731
    bench = Bench(ardupilot(), 300.0, sink_m_s=1.0, readings=(spiky,)).run(1.0)
    errors = []
    for _ in range(1000):
        bench.tick()
        errors.append(abs(bench.error_m))
    assert max(errors) < 0.2


def test_ardupilot_uses_an_altimeter_only_while_three_samples_are_younger_than_half_a_second():
    # at 0.1 s a reading, two lost ones in a row leave samples of 0, 0.3 and 0.4 s; three, of 0, 0.4 and 0.5 s
    def lossy(lost):
        return lambda s, h: None if round(s * 10) % (lost + 1) else h

    assert Bench(ardupilot(), 300.0, readings=(honest,)).run(0.25).verdict() == SILENT
    assert Bench(ardupilot(), 300.0, readings=(honest,)).run(0.35).verdict() == ACCEPTED
    assert Bench(ardupilot(), 300.0, readings=(lossy(1),)).run(5.0).verdict() != SILENT
    assert Bench(ardupilot(), 300.0, readings=(lossy(3),)).run(5.0).verdict() == SILENT


def test_ardupilot_resets_its_height_when_the_source_changes():
    # the radar reads 80 m too much; the laser falls silent at 5 s: 0.5 s later the radar is the source
    bench = Bench(
        ardupilot(), 900.0, sink_m_s=1.0, fits=(LASER, RADAR),
        readings=(lambda s, h: None if 5.0 < s < 8.0 else h, lambda _, h: h + 80.0),
    ).run(5.2)  # fmt: skip
    assert abs(bench.error_m) < 0.2
    steps = bench.vote[slots.VOT_STEPS]
    bench.run(0.5)
    assert bench.error_m == pytest.approx(80.0, abs=0.2)
    assert bench.vote[slots.VOT_STEPS] == steps + 1
    bench.run(3.0)
    assert abs(bench.error_m) < 0.2
    assert bench.vote[slots.VOT_STEPS] == steps + 2


def test_ardupilot_rejects_a_new_level_for_five_seconds_and_then_resets():
    bench = Bench(ardupilot(), 900.0, sink_m_s=1.0, ground=rim(10.0, -300.0)).run(14.8)
    assert bench.verdict() == ON_TRIAL
    assert bench.error_m == pytest.approx(-300.0, abs=1.0)
    bench.run(0.8)
    assert abs(bench.error_m) < 0.5


def test_tilted_ground_may_differ_by_a_tenth_of_the_way_between_beam_and_nadir():
    # 30 degrees off at 1,000 m: 500 m sideways, 50 m of ground beside 2 m of the part's own noise
    assert ardupilot_like.noise_m(2.0, 1000.0, math.cos(math.radians(30))) == pytest.approx(50.04, abs=0.01)
    assert ardupilot_like.noise_m(0.1, 1000.0, 1.0) == 0.5


def test_tilt_makes_ardupilot_slower_to_believe_a_range():
    def error_after_a_second(tilt_rad):
        bench = Bench(ardupilot(), 1000.0, sink_m_s=1.0, tilt_rad=tilt_rad).run(5.0)
        bench.ground = lambda _: -4.0
        return bench.run(1.0).error_m

    assert error_after_a_second(0.0) > -2.0
    assert error_after_a_second(math.radians(30)) < -3.2


# --- mid-value select --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "wanted"),
    [((5.0,), 5.0), ((5.0, 1.0), 3.0), ((5.0, 1.0, 2.0), 2.0), ((9.0, 1.0, 2.0, 3.0), 2.5)],
)
def test_the_middle_is_the_median_and_of_an_even_number_the_mean_of_two(values, wanted):
    assert mid_value.middle(np.array([99.0, *values, -99.0]), 1, len(values)) == wanted


def test_mid_value_select_ignores_one_of_three_and_believes_any_single_one():
    wild = lambda s, h: 5000.0 - h  # noqa: E731
    three = Bench(mid(), 900.0, fits=(LASER, RADAR, RADAR), readings=(wild, honest, honest)).run(5.0)
    assert abs(three.error_m) < 0.2
    one = Bench(mid(), 900.0, readings=(wild,)).run(5.0)
    assert one.error_m == pytest.approx(5000.0 - 2 * 750.0, abs=1.0)
    assert one.verdict() == ACCEPTED


def test_mid_value_select_follows_a_rim_at_once_and_forgets_a_reading_after_0_3_s():
    bench = Bench(mid(), 2000.0, ground=rim(4.95, -3000.0)).run(5.0)
    assert abs(bench.error_m) < 1.0
    bench.readings = (lambda _seconds, _height: None,)
    bench.run(0.25)
    assert bench.verdict() == ACCEPTED
    bench.run(0.1)
    assert bench.verdict() == SILENT


# --- whole landings ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OTHERS)
def test_every_comparator_lands_resilience_when_nothing_fails(name):
    record = fly(load("resilience_nominal"), 1, voter=name)
    assert record.landed, record.outcome
    assert record.voter == name
    assert record.max_agl_error_m < 1000.0


def test_past_the_rim_px4_keeps_rejecting_a_healthy_altimeter_until_it_hovers():
    record = fly(load("hakuto_r_mission_1"), 1, voter="px4-like")
    trace = record.trace
    passed = next(moment.time_s for moment in record.moments if moment.name == "rim")
    late = trace["time_s"] > passed + 10.0
    hovers = trace["time_s"][late & (trace["true_horizontal_speed_m_s"] < 1.0)][0]
    fast = late & (trace["time_s"] < hovers)
    assert "accepted" not in set(trace["laser_verdict"][fast]) | set(trace["radar_verdict"][fast])
    # rim of 3 km and wall of 1.8 km
    assert 4000 < record.max_agl_error_m < 6000
