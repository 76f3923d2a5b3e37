"""Guidance: transitions, profiles, limits, and a descent against gravity alone."""

import itertools
import math
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernels import abort, braking, descent, guidance, slots, thrust

WAITING, COAST, BRAKING, APPROACH, TERMINAL, CONTACT, LANDED, ABORT, ORBIT = range(9)
RADIUS_M, MU = 1_737_400.0, 4.902800066e12
FULL_N, MAIN_N, EXHAUST_M_S, EMPTY_KG = 1600, 400, 3138, 370
GATE_ALTITUDE_MM, GATE_SPEED_MM_S, GATE_DOWNRANGE_MM, GROWTH_MM_S = 3_000_000, 48_000, -1_700_000, 4_500_000
PARAMS = array(
    "i",
    [
        FULL_N * 1000,
        MAIN_N * 1000,
        EXHAUST_M_S,
        GATE_ALTITUDE_MM,
        65_000,
        GATE_SPEED_MM_S,
        GATE_DOWNRANGE_MM,
        GROWTH_MM_S,
        15_565,  # 95 % of full thrust
        EMPTY_KG * 1000,
    ],
)


class Guide:
    """Guidance with its memory, and an estimate that a test sets."""

    def __init__(self, phase: int, mass_kg=430.0) -> None:
        self.memory = array("i", [0] * slots.GUI_SIZE)
        self.estimate = array("i", [0] * slots.EST_SIZE)
        self.memory[slots.GUI_PHASE] = phase
        self.memory[slots.GUI_MASS_G] = round(mass_kg * 1000)
        self.memory[slots.GUI_SCALE_Q14] = 16384
        self.at()

    def at(self, altitude_m=20_000.0, agl_m=None, downrange_m=-600_000.0, crossrange_m=0.0) -> "Guide":
        self.estimate[slots.EST_ALTITUDE_MM] = round(altitude_m * 1000)
        self.estimate[slots.EST_AGL_VALID] = int(agl_m is not None)
        self.estimate[slots.EST_AGL_MM] = round((agl_m or 0.0) * 1000)
        self.estimate[slots.EST_HEIGHT_MM] = round((altitude_m if agl_m is None else agl_m) * 1000)
        self.estimate[slots.EST_DOWNRANGE_MM] = round(downrange_m * 1000)
        self.estimate[slots.EST_CROSSRANGE_MM] = round(crossrange_m * 1000)
        return self

    def moving(self, up=0.0, downrange=0.0, crossrange=0.0) -> "Guide":
        for axis, speed in enumerate((up, downrange, crossrange)):
            self.estimate[slots.EST_VELOCITY_UP_Q8 + axis] = round(speed * 256_000)
        return self

    def doubting(self, doubt_m=0.0, overdue=False) -> "Guide":
        self.estimate[slots.EST_HEIGHT_DOUBT_MM] = round(doubt_m * 1000)
        self.estimate[slots.EST_RANGE_OVERDUE] = int(overdue)
        return self

    def step(self, contacts=0, force_m_s2=0.0) -> int:
        """A tenth of a second: ten ticks of measured force, one step."""
        self.estimate[slots.EST_FORCE_X_MM_S2] = round(force_m_s2 * 1000)
        for _ in range(10):
            thrust.accumulate(self.memory, self.estimate)
        return guidance.step(self.memory, self.estimate, PARAMS, contacts)

    def __getattr__(self, name: str) -> int:
        return self.memory[getattr(slots, "GUI_" + name.upper())]


# --- phases --------------------------------------------------------------------------------


TRANSITIONS = {
    # name: (phase, where, speeds, contacts, next phase)
    "waits for its initial state": (WAITING, {}, {"downrange": 1688.8}, 0, WAITING),
    "coasts while the site is far": (COAST, {"downrange_m": -660_000}, {"downrange": 1688.8}, 0, COAST),
    "brakes when it must": (COAST, {"downrange_m": -300_000}, {"downrange": 1688.8}, 0, BRAKING),
    "brakes on": (BRAKING, {"altitude_m": 5000, "downrange_m": -5000}, {"downrange": 90.0}, 0, BRAKING),
    "is slow enough": (BRAKING, {"altitude_m": 3000, "downrange_m": -1700}, {"downrange": 49.0}, 0, APPROACH),
    "is high": (APPROACH, {"altitude_m": 900, "agl_m": 900.0}, {"up": -20.0}, 0, APPROACH),
    "is low": (APPROACH, {"altitude_m": 49, "agl_m": 49.0}, {"up": -5.0}, 0, TERMINAL),
    "is low without a range": (APPROACH, {"altitude_m": 49}, {"up": -5.0}, 0, APPROACH),
    "sees the ground fall away": (TERMINAL, {"altitude_m": 49, "agl_m": 120.0}, {"up": -5.0}, 0, APPROACH),
    "stands": (TERMINAL, {"altitude_m": 0, "agl_m": 0.2}, {"up": -0.1}, 2, CONTACT),
    "has two switches closed and still sinks": (TERMINAL, {"agl_m": 0.2}, {"up": -1.0}, 2, TERMINAL),
    "touches with one leg": (TERMINAL, {"altitude_m": 0, "agl_m": 0.2}, {"up": -0.1}, 1, TERMINAL),
    "touches in the air": (TERMINAL, {"altitude_m": 20, "agl_m": 20.0}, {"up": -4.0}, 4, TERMINAL),
    "stands without a range": (TERMINAL, {"altitude_m": 0}, {"up": -0.1}, 2, CONTACT),
    "stands without ever a range": (APPROACH, {"altitude_m": 90}, {"up": -0.1}, 2, CONTACT),
    "sinks without a range, its switches closed": (APPROACH, {"altitude_m": 90}, {"up": -2.0}, 4, APPROACH),
    "touches with one leg without a range": (APPROACH, {"altitude_m": 0}, {"up": -0.1}, 1, APPROACH),
    "never touches high up": (APPROACH, {"altitude_m": 900, "agl_m": 900.0}, {"up": -20.0}, 4, APPROACH),
    "never touches while braking": (BRAKING, {"agl_m": 5000.0}, {"downrange": 900.0}, 4, BRAKING),
    "climbs back": (ABORT, {"altitude_m": 12_000}, {"up": 40.0, "downrange": 1500.0}, 0, ABORT),
    "has the speed but not the height": (ABORT, {"altitude_m": 12_000}, {"downrange": 1699.0}, 0, ABORT),
    "is back in orbit": (ABORT, {"altitude_m": 14_500}, {"up": 5.0, "downrange": 1698.5}, 0, ORBIT),
    "stays in orbit": (ORBIT, {"altitude_m": 9000}, {"up": -5.0, "downrange": 1500.0}, 0, ORBIT),
    "stays landed": (LANDED, {"altitude_m": 500, "agl_m": 500.0}, {"up": -20.0}, 0, LANDED),
}


@pytest.mark.parametrize("name", TRANSITIONS)
def test_the_next_phase_of_a_lander_that(name):
    phase, where, speeds, contacts, expected = TRANSITIONS[name]
    mass = 800.0 if phase < APPROACH else 430.0
    guide = Guide(phase, mass).at(**where).moving(**speeds)
    assert guide.step(contacts) == expected
    assert guide.phase_steps == (0 if expected != phase else 1)


WEIGHT = 1.62
STANDING = {"contacts": 4, "agl_m": 0.1, "force": WEIGHT}
MAIN_ALONE = MAIN_N / 430.0  # 0.93 m/s2: what the engine gives in free flight


def phases_near_ground(seconds: float, contacts: int, agl_m: float | None, force: float) -> list[int]:
    guide = Guide(TERMINAL).at(altitude_m=agl_m or 0.0, agl_m=agl_m).moving(up=0.0)
    return [guide.step(contacts, force) for _ in range(round(seconds * 10))]


def test_contacts_support_and_agl_together_are_a_landing_within_half_a_second():
    phases = phases_near_ground(0.5, 4, 0.1, WEIGHT)
    assert phases[-1] == LANDED
    assert phases[0] == CONTACT


@pytest.mark.parametrize(
    "missing",
    [
        {"contacts": 0}, {"contacts": 1}, {"force": MAIN_ALONE}, {"force": MAIN_ALONE + 0.3}, {"force": 0.0},
        {"agl_m": 8.1}, {"agl_m": 3000.0},
    ],
)  # fmt: skip
def test_without_one_of_the_three_there_is_no_landing(missing):
    phases = phases_near_ground(20.0, **(STANDING | missing))
    assert LANDED not in phases
    assert phases[-1] != CONTACT or TERMINAL in phases


def test_legs_support_and_standstill_are_a_landing_without_a_range():
    assert phases_near_ground(0.5, 4, None, WEIGHT)[-1] == LANDED


@pytest.mark.parametrize("missing", [{"contacts": 1}, {"force": MAIN_ALONE}, {"force": MAIN_ALONE + 0.3}])
def test_without_a_range_legs_or_support_alone_are_no_landing(missing):
    assert LANDED not in phases_near_ground(20.0, **(STANDING | {"agl_m": None} | missing))


def test_without_a_range_contact_needs_a_standstill():
    guide = Guide(APPROACH).at(altitude_m=0.0).moving(up=-0.7)
    assert [guide.step(4, WEIGHT) for _ in range(20)] == [APPROACH] * 20
    assert guide.moving(up=-0.5).step(4, WEIGHT) == CONTACT


@pytest.mark.parametrize(("doubt_m", "expected"), [(0.0, APPROACH), (20.0, APPROACH), (60.0, CONTACT)])
def test_who_stands_believes_the_legs_when_agl_may_be_wrong_by_as_much(doubt_m, expected):
    # agl says 60 m: only with 60 m of doubt can that be the ground
    guide = Guide(APPROACH).at(altitude_m=60.0, agl_m=60.0).moving(up=0.0).doubting(doubt_m)
    assert guide.step(4, WEIGHT) == expected


def test_contact_that_ends_is_descended_on_from():
    guide = Guide(CONTACT).at(agl_m=0.5)
    assert [guide.step(0, WEIGHT) for _ in range(12)][-1] == TERMINAL


def test_engines_are_off_when_landed_and_only_the_main_one_burns_in_contact():
    guide = Guide(CONTACT).at(agl_m=0.1)
    guide.step(4, WEIGHT)
    assert (guide.main_on, guide.throttle_q14) == (1, 0)
    for _ in range(5):
        guide.step(4, WEIGHT)
    assert (guide.phase, guide.main_on, guide.throttle_q14) == (LANDED, 0, 0)


@pytest.mark.parametrize("mass", [430.0, 700.0])
@pytest.mark.parametrize("speed", [60.0, 200.0, 1000.0])
def test_a_lander_that_is_already_too_near_begins_to_brake_at_once(speed, mass):
    # Well inside its stopping way (v^2 / 2a = 460 m to 130 km), 5 km up: gravity takes 0.8 of the
    # thrust's 3.7 m/s2 or all of 2.3, so that slowing can never be 95 % of full thrust.
    guide = Guide(COAST, mass).at(altitude_m=5000, agl_m=5000.0, downrange_m=-1000.0).moving(downrange=speed)
    assert BRAKING in [guide.step() for _ in range(5)]


# --- profiles --------------------------------------------------------------------------------

STRONG = 3700  # mm/s2: 5/8 of what it has over 1.7 is more than the 0.55 and 0.9 of the profile


@pytest.mark.parametrize(
    ("agl_m", "speed_m_s"),
    [
        (1000, math.sqrt(2 * 0.55 * 996)),
        (20, math.sqrt(2 * 0.55 * 16)),
        (5, 1.05),
        (4, 1.0),
        (0, 1.0),
        (-5, 1.0),
    ],
)
def test_the_sink_profile_over_height(agl_m, speed_m_s):
    # The flare ends 4 m up: 33.1 m/s at 1 km, 4.2 m/s at 20 m, 1 m/s from 4 m down.
    assert descent.sink_profile(round(agl_m * 1000) - 4000, STRONG) / 1000 == pytest.approx(
        speed_m_s, abs=0.03
    )


def test_the_sink_profile_never_grows_on_the_way_down():
    speeds = [descent.sink_profile(height, STRONG) for height in range(0, 30_000_000, 9973)]
    assert all(low <= high for low, high in itertools.pairwise(speeds))
    # 0.55 m/s2 on the first kilometre, 0.9 above: v^2 = 1,100 + 1.8 * 29,000
    assert descent.sink_profile(30_000_000, STRONG) / 1000 == pytest.approx(
        math.sqrt(1100 + 1.8 * 29_000), rel=1e-3
    )


def planned(guide: Guide) -> tuple[float, float]:
    """Deceleration now (m/s2) and time to go (s), straight from the closed form."""
    guide.memory[slots.GUI_FULL_MM_S2] = 30_000  # no limit
    slowing = braking.time_to_gate(guide.memory, guide.estimate, PARAMS)
    return slowing / 1000, guide.time_to_go_q6 / 64


@pytest.mark.parametrize("speed", [1688.8, 1200.0, 700.0, 300.0])
@pytest.mark.parametrize("distance_km", [600.0, 250.0, 60.0])
def test_the_time_to_gate_covers_the_way_to_it(speed, distance_km):
    guide = Guide(BRAKING).at(altitude_m=0.0, downrange_m=GATE_DOWNRANGE_MM / 1000 - distance_km * 1000)
    first, time = planned(guide.moving(downrange=speed))
    # integrate a deceleration that grows linearly from `first` by the factor r
    growth = 1 + (speed - GATE_SPEED_MM_S / 1000) * 1000 / GROWTH_MM_S
    steps, v, way = 20_000, speed, 0.0
    dt = time / steps
    for i in range(steps):
        slowing = first * (1 + (growth - 1) * (i + 0.5) / steps)
        way += (v - 0.5 * slowing * dt) * dt
        v -= slowing * dt
    # one LSB of deceleration is 1 mm/s2
    tolerance = 2e-3 / first + 1e-3
    assert way == pytest.approx(distance_km * 1000, rel=tolerance)
    assert v == pytest.approx(GATE_SPEED_MM_S / 1000, abs=speed * tolerance)


@pytest.mark.parametrize("altitude_m", [0, 3000, 20_000, 100_000])
@pytest.mark.parametrize("speed", [-1688.8, 0.0, 600.0, 1688.8])
def test_what_is_left_of_gravity_at_speed(altitude_m, speed):
    guide = Guide(BRAKING).at(altitude_m=altitude_m).moving(downrange=speed)
    r = RADIUS_M + altitude_m
    exact = MU / r**2 - speed**2 / r
    # gravity linear in height (3 x^2 is 16 mm/s2 at 100 km, 0.7 at 20 km), whole mm/s2
    error = descent.effective_gravity(guide.estimate) / 1000 - exact
    assert abs(error) < 0.003 + 1.624 * 3 * (altitude_m / RADIUS_M) ** 2


def test_propellant_burns_at_the_rate_of_full_thrust():
    guide = Guide(BRAKING, 800.0).at(agl_m=None, downrange_m=-10_000.0).moving(downrange=1688.8)
    for _ in range(1000):
        guide.memory[slots.GUI_PHASE_STEPS] = 0  # no comparison with a measured force
        guide.step()
    # 100 s of 1.6 kN at 3,138 m/s; the first step knows no thrust yet. Thrust is counted in whole mm/s2
    # of some 2,000, rounded down twice: up to 0.1 %.
    assert 800.0 - guide.mass_g / 1000 == pytest.approx(99.9 * FULL_N / EXHAUST_M_S, rel=1.5e-3)
    assert guide.full_mm_s2 / 1000 == pytest.approx(FULL_N / (guide.mass_g / 1000), rel=1e-3)


@pytest.mark.parametrize("stronger", [0.95, 1.0, 1.04])
def test_engines_that_differ_from_their_data_sheet_are_noticed_while_braking(stronger):
    guide = Guide(BRAKING, 800.0).at(downrange_m=-10_000.0).moving(downrange=1688.8)
    for _ in range(600):
        guide.step(force_m_s2=stronger * FULL_N / 760.0 * guide.expected_mm_s2 / max(1, guide.full_mm_s2))
        guide.memory[slots.GUI_MASS_G] = 760_000
    # full thrust is corrected by what was found: the scale settles where both agree
    assert guide.full_mm_s2 / 1000 == pytest.approx(stronger * FULL_N / 760.0, rel=0.03)


def fly_with_lost_engines(phase: int, lost: int, seconds: float) -> tuple[Guide, list[int]]:
    """Level at 2 km for 6 s, then with so many of the six assist thrusters gone. The scale of each step."""
    guide, scales, force = Guide(phase).at(altitude_m=2000, agl_m=2000.0, downrange_m=0.0), [], 0.0
    guide.moving(up=-60.0)  # faster than the profile: full throttle
    for step in range(60 + round(seconds * 10)):
        guide.step(force_m_s2=force)
        guide.memory[slots.GUI_MASS_G] = 430_000
        left = 6 if step < 60 else 6 - lost
        thrust_n = MAIN_N * guide.main_on + 200 * left * guide.throttle_q14 / 16384
        force = thrust_n / 430.0
        scales.append(guide.scale_q14)
    return guide, scales[60:]


def test_a_lost_engine_shows_in_the_scale_within_two_seconds_and_the_sink_profile_slows():
    # Three of six: 1,600 N become 1,000, five eighths. What is within an eighth of the data sheet stays so.
    sound, scales = fly_with_lost_engines(APPROACH, 0, 2.0)
    assert set(scales) == {16384}
    lame, scales = fly_with_lost_engines(APPROACH, 3, 2.0)
    assert scales[-1] < 16384 * 7 // 8
    for height_mm in (200_000, 1_000_000, 3_000_000):
        slower = descent.sink_profile(height_mm, lame.full_mm_s2)
        assert slower < descent.sink_profile(height_mm, sound.full_mm_s2)


def test_the_scale_settles_within_an_eighth_of_what_is_left():
    lame, _ = fly_with_lost_engines(APPROACH, 3, 20.0)
    thrust_n = MAIN_N * lame.main_on + 100 * 6 * lame.throttle_q14 / 16384
    assert thrust_n / 430.0 * 1000 >= lame.expected_mm_s2 * 7 / 8 - 10


def test_a_scale_that_has_followed_a_loss_too_far_comes_back():
    """It hovered until the propellant was gone: engines gave more than it asked of them."""
    guide, _ = fly_with_lost_engines(APPROACH, 0, 1.0)
    guide.memory[slots.GUI_SCALE_Q14] = 9000
    for _ in range(100):
        thrust_n = MAIN_N * guide.main_on + 200 * 6 * guide.throttle_q14 / 16384
        guide.step(force_m_s2=thrust_n / 430.0)
        guide.memory[slots.GUI_MASS_G] = 430_000
    assert 16384 / 1.16 < guide.scale_q14 <= 16384


def test_legs_that_carry_weight_do_not_look_like_thrust():
    guide, _ = fly_with_lost_engines(TERMINAL, 0, 1.0)
    for _ in range(50):
        guide.step(contacts=1, force_m_s2=0.1)
        assert guide.scale_q14 == 16384


@pytest.mark.parametrize(
    ("mass_kg", "seconds"),
    # 3,138 m/s of 45.6 in 423 kg last 338 m/s or 208 s; a fiftieth of 370 kg, 7.4 kg, does not count
    [(423.0, 3138 * (423 - 377.4) / 423 / 1.624), (377.0, 0.0), (370.0, 0.0)],
)
def test_how_long_the_propellant_lasts_to_hover(mass_kg, seconds):
    guide = Guide(APPROACH, mass_kg)
    thrust.hover_seconds(guide.memory, PARAMS)
    assert guide.hover_s == pytest.approx(seconds, abs=2.0)


# --- limits ----------------------------------------------------------------------------------

speeds = st.floats(-1900, 1900)


@settings(max_examples=300, deadline=None)
@given(
    phase=st.sampled_from([COAST, BRAKING, APPROACH, TERMINAL]),
    mass=st.floats(370, 900),
    altitude=st.floats(-2000, 30_000),
    agl=st.one_of(st.none(), st.floats(-100, 30_000)),
    way=st.floats(-900_000, 50_000),
    across=st.floats(-5000, 5000),
    up=st.floats(-200, 100),
    down=speeds,
    cross=st.floats(-100, 100),
)
def test_no_command_is_beyond_full_thrust_and_directions_are_unit_vectors(
    phase, mass, altitude, agl, way, across, up, down, cross
):
    guide = Guide(phase, mass).at(altitude, agl, way, across).moving(up, down, cross)
    guide.step()
    assert 0 <= guide.throttle_q14 <= 16384
    assert 0 <= guide.expected_mm_s2 <= guide.full_mm_s2
    wanted = [guide.force_up, guide.force_downrange, guide.force_crossrange]
    direction = [guide.direction_up_q14, guide.direction_downrange_q14, guide.direction_crossrange_q14]
    size = math.hypot(*wanted)
    # The length is divided by as a whole number of mm/s2, rounded down; then 2 LSB of three quotients.
    assert 16384 - 2 <= math.hypot(*direction) <= 16384 * (1 + 1 / max(1.0, size - 1)) + 2
    for unit, force in zip(direction, wanted, strict=True):
        assert abs(unit / 16384 * size - force) <= 2 + size * 2 / 16384


def test_the_duty_gives_the_force_that_is_demanded():
    guide = Guide(APPROACH).at(altitude_m=500, agl_m=500.0, downrange_m=0).moving(up=-25.0)
    guide.step()
    thrust = MAIN_N + (FULL_N - MAIN_N) * guide.throttle_q14 / 16384
    assert thrust / 430.0 * 1000 == pytest.approx(guide.force_up, rel=2e-3)
    assert guide.main_on == 1


def test_the_guard_pulls_up_over_ground_that_is_near():
    # Sinking with 20 m/s 510 m above a rim: at most sqrt(2 * 0.9 * 10) = 4 m/s can be stopped 500 m up.
    there, speeds = {"altitude_m": 6000, "downrange_m": -14_000}, {"up": -20.0, "downrange": 400.0}
    free = Guide(BRAKING).at(**there).moving(**speeds)
    warned = Guide(BRAKING).at(agl_m=510.0, **there).moving(**speeds)
    free.step()
    warned.step()
    assert warned.force_up > free.force_up
    assert warned.force_up == warned.full_mm_s2 * 17 // 20


def test_the_guard_leaves_a_slow_or_high_lander_alone():
    for agl, sink in ((20_000.0, -60.0), (3000.0, -50.0), (700.0, -10.0)):
        there = {"altitude_m": 6000, "downrange_m": -30_000}
        free = Guide(BRAKING).at(**there).moving(up=sink, downrange=400.0)
        seen = Guide(BRAKING).at(agl_m=agl, **there).moving(up=sink, downrange=400.0)
        free.step()
        seen.step()
        assert seen.force_up == free.force_up


def test_the_guard_counts_a_doubtful_height_only_as_far_as_it_is_certain():
    there, speeds = {"altitude_m": 6000, "downrange_m": -14_000}, {"up": -20.0, "downrange": 400.0}
    certain = Guide(BRAKING).at(agl_m=1500.0, **there).moving(**speeds)
    doubtful = Guide(BRAKING).at(agl_m=1500.0, **there).moving(**speeds).doubting(1000.0)
    certain.step()
    doubtful.step()
    assert doubtful.force_up > certain.force_up


def test_without_a_range_the_guard_acts_only_when_one_is_overdue_and_leaves_10_m_s():
    # 3 km up and 2.5 km of doubt: nothing is certain
    there = {"altitude_m": 3000}
    for sink, overdue, climb in (
        (9.0, True, 0),
        (40.0, False, 0),
        (40.0, True, 900 + (40_000 - 10_000) // 2),
    ):
        guide = Guide(BRAKING).at(**there).moving(up=-sink).doubting(2500.0, overdue)
        assert descent.guard(guide.estimate, 0) == climb


@pytest.mark.parametrize("axis", ["downrange", "crossrange"])
def test_sideways_force_is_toward_the_site_and_against_the_speed(axis):
    for offset, speed, sign in ((200.0, 0.0, -1), (-200.0, 0.0, 1), (0.0, 5.0, -1), (0.0, -5.0, 1)):
        guide = Guide(APPROACH).at(altitude_m=1500, agl_m=1500.0, downrange_m=0)
        guide.at(1500, 1500.0, **{"downrange_m": 0.0, f"{axis}_m": offset}).moving(up=-30.0, **{axis: speed})
        guide.step()
        force = guide.force_downrange if axis == "downrange" else guide.force_crossrange
        assert force * sign > 0
        assert abs(force) <= guide.force_up * 45 // 100


# --- the flight to a far site ------------------------------------------------------------------

FAR = {"altitude_m": 3000, "agl_m": 3000.0, "downrange_m": 6000}


def flying(mass_kg=450.0, phase=APPROACH, doubt_m=0.0, speed=50.0, **where) -> Guide:
    """Past the site and flying on, with propellant for five minutes of hovering."""
    guide = Guide(phase, mass_kg).at(**FAR | where).moving(up=-40.0, downrange=speed).doubting(doubt_m)
    guide.step()
    return guide


def wanted_sink(guide: Guide) -> int:
    return descent.descend(guide.memory, guide.estimate)


@pytest.mark.parametrize("side", [1, -1], ids=["past it", "before it"])
def test_who_has_the_propellant_sinks_no_faster_than_it_can_fly_to_a_far_site(side):
    guide = flying(downrange_m=6000 * side, speed=50.0 * side)
    seconds = descent.seconds_to_site(guide.memory, guide.estimate)
    # 50 m/s to take off, then 6.9 km: the best that 1.4 and 0.6 m/s2 can do, and not twice as long
    best = 50 / 1.4 + math.sqrt(2 * 6893 * (1 / 1.4 + 1 / 0.6))
    assert best < seconds < 1.35 * best
    assert (3000 - 300) / 1.35 / best < wanted_sink(guide) / 1000 < (3000 - 300) / best
    assert guide.force_downrange == -side * guide.force_up
    returning = flying(downrange_m=6000 * side, speed=-50.0 * side)
    assert seconds - descent.seconds_to_site(returning.memory, returning.estimate) == 100


@pytest.mark.parametrize(
    "what",
    [
        {"downrange_m": 1990}, {"mass_kg": 410.0}, {"agl_m": 149.0}, {"doubt_m": 1.0}, {"agl_m": None},
    ],
    ids=["near", "poor", "low", "in doubt", "without a range"],
)  # fmt: skip
def test_otherwise_the_sink_rate_is_that_of_the_site_below(what):
    far, here = flying(**what), flying(**what | {"downrange_m": 0})
    assert wanted_sink(far) == wanted_sink(here)
    assert abs(far.force_downrange) <= far.force_up * 45 // 100


def test_it_flies_at_300_m_and_steeply_only_above_1_km():
    low = flying(agl_m=300.0, speed=-40.0)
    assert wanted_sink(low) == 0
    assert abs(low.force_downrange) <= low.force_up * 45 // 100


# --- a descent along the vertical --------------------------------------------------------------


class Falling:
    """One dimension, engines that obey while there is propellant; navigation believes itself `too_high`."""

    def __init__(self, height_m: float, sink_m_s: float, mass=430.0, too_high=0.0) -> None:
        self.guide, self.mass, self.force = Guide(APPROACH), mass, 0.0
        self.height, self.sink, self.too_high = height_m, sink_m_s, too_high
        self.touched_m_s: float | None = None
        self.trace: list[tuple[float, float, int]] = []  # height, sink rate, phase

    def tell(self) -> None:
        """A range that is right."""
        self.guide.at(self.height + self.too_high, self.height, downrange_m=0.0)

    def fly(self, seconds: float, false_contacts=0) -> "Falling":
        for _ in range(round(seconds * 10)):
            self.tell()
            self.guide.moving(up=-self.sink).memory[slots.GUI_MASS_G] = round(self.mass * 1000)
            self._step(4 if self.height <= 0 else false_contacts)
        return self

    def _step(self, touching: int) -> None:
        guide = self.guide
        phase = guide.step(touching, self.force if self.height > 0 else max(self.force, WEIGHT))
        self.trace.append((self.height, self.sink, phase))
        thrust_n = MAIN_N * guide.main_on + (FULL_N - MAIN_N) * guide.throttle_q14 / 16384
        if self.mass <= EMPTY_KG:
            thrust_n = 0.0
        self.force = thrust_n / self.mass
        self.mass -= 0.1 * thrust_n / EXHAUST_M_S
        if self.height > 0:
            self.height -= 0.1 * self.sink
            self.sink -= 0.1 * (self.force - WEIGHT)
        elif self.touched_m_s is None:
            self.touched_m_s, self.sink = self.sink, 0.0

    def below(self, height_m: float) -> list[float]:
        """Sink rates from that height above the ground down to it."""
        return [sink for height, sink, _ in self.trace if 0 < height < height_m]


class Blind(Falling):
    """There is no range, and every altimeter should have spoken."""

    def tell(self) -> None:
        self.guide.at(self.height + self.too_high, downrange_m=0.0).doubting(2500.0, overdue=True)


class Doubtful(Falling):
    """A range that is right, and is not believed by as much as `doubt_m`."""

    doubt_m = 0.0

    def tell(self) -> None:
        self.guide.at(self.height, self.height, downrange_m=0.0).doubting(self.doubt_m)


@pytest.mark.parametrize(("height", "sink"), [(3000.0, 65.0), (1000.0, 33.0), (300.0, 10.0), (100.0, 15.0)])
def test_a_vertical_descent_ends_softly_and_landed(height, sink):
    falling = Falling(height, sink).fly(250.0)
    assert falling.touched_m_s is not None
    assert 0.5 < falling.touched_m_s < 1.5
    assert falling.guide.phase == LANDED


def test_leg_switches_that_stick_closed_do_not_drop_the_lander():
    # Two switches closed all the way: 8 m of agl alone must not turn the assist thrusters off for long.
    falling = Falling(100.0, 10.0).fly(120.0, false_contacts=2)
    assert falling.touched_m_s is not None
    assert falling.touched_m_s < 2.0


@pytest.mark.parametrize("too_high", [-200.0, 0.0, 200.0])
def test_without_a_range_the_lander_slows_down_before_the_ground_may_come_and_lands_in_the_end(too_high):
    # From 300 m above where the ground should be: 2.6 m/s, half a metre of it for the way there.
    falling = Blind(3000.0, 65.0, mass=450.0, too_high=too_high).fly(420.0)
    felt = [sink for height, sink, _ in falling.trace if 0 < height + too_high < 250 and height > 0]
    assert max(felt) < 3.0
    assert falling.touched_m_s is not None
    assert falling.touched_m_s < 3.0
    assert falling.guide.phase == LANDED


def test_who_has_propellant_feels_for_the_ground_more_slowly():
    # 300 m below the site in 400 s would be 1 m/s: never under 1.5; in 200 s 2 m/s; below the site no waiting
    for hover_s, height_m, expected in ((400, 100, 1.5), (200, 100, 2.0), (100, 50, 2.6), (400, -1, 2.6)):
        guide = Guide(APPROACH).at(altitude_m=height_m)
        guide.memory[slots.GUI_HOVER_S] = hover_s
        assert descent.blind_sink(guide.memory, guide.estimate) / 1000 == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("hover_s", "begin_m"), [(300, 300.0), (200, 280.0), (100, 140.0), (10, 50.0)])
def test_who_is_poor_spends_half_of_its_search_above_the_site_and_half_below(hover_s, begin_m):
    # 2.8 m/s for all the time, half of the way above; 40 m higher also what 0.55 m/s2 take away there
    for height_m, more in ((begin_m - 1.0, 0.0), (begin_m + 40.0, math.sqrt(2 * 0.55 * 40.0))):
        guide = Guide(APPROACH).at(altitude_m=height_m).doubting(2500.0, overdue=True)
        guide.memory[slots.GUI_HOVER_S] = hover_s
        slow = min(max((height_m + 300.0) / hover_s, 1.5), 2.6)
        wanted = descent.blind_sink(guide.memory, guide.estimate) / 1000
        assert wanted == pytest.approx(slow + more, abs=0.05)


@pytest.mark.parametrize(
    ("height_m", "doubt_m", "sink_m_s", "hover_s", "goes_on"),
    [
        (340.0, 900.0, 2.65, 140, True),  # a range that rustles says 340 m all at once
        (340.0, 900.0, 3.2, 140, False),  # who has not come to feel yet
        (340.0, 330.0, 2.65, 140, False),  # 10 m of it are certain
        (340.0, 900.0, 2.65, 130, False),  # 338 m are what the propellant lasts for
        (299.0, 0.0, 20.0, 140, True),
    ],
)
def test_who_feels_for_the_ground_is_not_called_away_by_noise_while_the_propellant_lasts(
    height_m, doubt_m, sink_m_s, hover_s, goes_on
):
    guide = (
        Guide(APPROACH).at(altitude_m=height_m, agl_m=height_m).moving(up=-sink_m_s).doubting(doubt_m, False)
    )
    guide.memory[slots.GUI_HOVER_S] = hover_s
    wanted = descent.blind_sink(guide.memory, guide.estimate) / 1000
    assert wanted == pytest.approx(2.6 + (0.0 if goes_on else math.sqrt(2 * 0.55 * 40.0)), abs=0.05)


def test_without_a_range_the_propellant_is_spent_at_a_speed_that_legs_take():
    # 12 kg over the empty mass, 7.4 of them a reserve: 57 s of hover, and 38 s to a ground 60 m too deep
    falling = Blind(100.0, 2.6, mass=382.0, too_high=-60.0).fly(100.0)
    assert falling.touched_m_s is not None
    assert falling.mass > EMPTY_KG
    assert falling.touched_m_s < 3.0


def test_without_a_range_the_way_to_the_site_ends_before_the_ground_may_come():
    def aside(height_m: float) -> int:
        guide = Guide(APPROACH).at(altitude_m=height_m, downrange_m=-300.0).moving(up=-5.0)
        guide.memory[slots.GUI_HOVER_S], guide.memory[slots.GUI_FULL_MM_S2] = 200, 3700
        descent.descend(guide.memory, guide.estimate)
        return guide.memory[slots.GUI_FORCE_DOWNRANGE]

    assert aside(900.0) > 100
    assert aside(310.0) == aside(100.0) == 0


@pytest.mark.parametrize(
    ("height_m", "sliding_m_s", "percent"),
    [(150, 0, 45), (50, 0, 20), (50, 4, 45), (10, 0, 7), (10, 4, 20)],
)
def test_who_slides_near_the_ground_may_tilt_further(height_m, sliding_m_s, percent):
    assert descent.sideways_limit(height_m * 1000, 2000, sliding_m_s * 1000) == 20 * percent


def test_high_up_without_a_range_it_falls_no_faster_than_can_be_stopped_in_what_is_certain():
    guide = Guide(APPROACH).at(altitude_m=10_000.0).doubting(2500.0, overdue=True)
    guide.memory[slots.GUI_HOVER_S] = 300
    # v^2 / (2 * 0.55) = 7,500 m, beside the 2.6 m/s
    wanted = descent.blind_sink(guide.memory, guide.estimate) / 1000
    assert wanted == pytest.approx(math.sqrt(2 * 0.55 * 7500) + 2.6, abs=0.1)


def test_false_leg_switches_without_a_range_do_not_cut_the_engine():
    falling = Blind(200.0, 2.6, mass=450.0, too_high=50.0).fly(240.0, false_contacts=4)
    in_flight = [phase for height, _, phase in falling.trace if height > 0]
    assert set(in_flight) <= {APPROACH, TERMINAL}
    assert falling.touched_m_s is not None
    assert falling.touched_m_s < 3.0
    assert falling.guide.phase == LANDED


@pytest.mark.parametrize("doubt_m", [0.0, 60.0])
def test_a_doubtful_height_is_not_hovered_over(doubt_m):
    # Of 80 m with 60 in doubt only 20 are certain: the profile would creep from there on, for 60 m at 1 m/s.
    falling = Doubtful(120.0, 4.0)
    falling.doubt_m = doubt_m
    falling.fly(120.0)
    assert falling.touched_m_s is not None
    assert falling.touched_m_s < 3.0
    assert falling.guide.phase == LANDED
    assert min(falling.below(60.0)) > (1.4 if doubt_m else 0.9)


# --- the way back to orbit ---------------------------------------------------------------------


def deciding(mass_kg: float, speed_m_s: float, time_to_go_s: float, overdue=True, agl_m=None) -> int:
    guide = Guide(BRAKING, mass_kg).at(altitude_m=13_000, agl_m=agl_m).moving(downrange=speed_m_s)
    guide.doubting(2500.0, overdue)
    guide.memory[slots.GUI_TIME_TO_GO_Q6] = round(time_to_go_s * 64)
    return abort.must_abort(guide.memory, guide.estimate, PARAMS)


@pytest.mark.parametrize(
    ("what", "expected"),
    # 826 m/s with 290 s to go count as 1,188 m/s or 31.5 % of the mass. 550 kg are 32.7 % propellant: 24 s of
    # hovering are left. Back are 981 + 150 m/s, 30.3 %. 600 kg are 38.3 %: 130 s. 520 kg are 28.8 %.
    [
        ({"mass_kg": 550.0}, 1),
        ({"mass_kg": 550.0, "overdue": False}, 0),
        ({"mass_kg": 550.0, "agl_m": 13_000.0}, 0),
        ({"mass_kg": 600.0}, 0),
        ({"mass_kg": 520.0}, 0),
    ],
    ids=["blind and poor", "not overdue", "with a range", "rich enough to land", "too poor to go back"],
)
def test_it_goes_back_only_when_overdue_and_when_landing_is_not_affordable_and_orbit_is(what, expected):
    assert deciding(**({"speed_m_s": 826.0, "time_to_go_s": 290.0} | what)) == expected


@pytest.mark.parametrize("speed_m_s", [0, 100, 500, 1000, 2000])
def test_the_share_of_the_mass_that_a_speed_burns_is_that_of_the_rocket_equation(speed_m_s):
    x = speed_m_s / EXHAUST_M_S
    share = abort.burnt_share(speed_m_s, PARAMS) / 16384
    # the fourth order is left out: it burns at most that much less
    assert 1 - math.exp(-x) - 3e-4 <= share <= 1 - math.exp(-x) + x**4 / 24 + 3e-4


def test_the_way_back_climbs_first_and_levels_off_above_14_km():
    low = Guide(ABORT, 550.0).at(altitude_m=9000).moving(up=-20.0, downrange=900.0)
    high = Guide(ABORT, 550.0).at(altitude_m=14_500).moving(up=40.0, downrange=900.0)
    low.step()
    high.step()
    gravity = 1624 * (1 - 900**2 / 1678**2)
    assert low.force_up > gravity + 3500 or low.force_up == low.full_mm_s2 * 17 // 20
    assert high.force_up < gravity
    for guide in (low, high):
        assert guide.force_downrange > 0
        assert math.hypot(guide.force_up, guide.force_downrange) == pytest.approx(guide.full_mm_s2, rel=1e-2)
        assert (guide.main_on, guide.throttle_q14) == (1, pytest.approx(16384, abs=150))


def test_in_orbit_the_engines_are_off():
    guide = Guide(ABORT, 420.0).at(altitude_m=15_000).moving(up=3.0, downrange=1699.0)
    guide.step()
    assert (guide.phase, guide.main_on, guide.throttle_q14) == (ORBIT, 0, 0)
