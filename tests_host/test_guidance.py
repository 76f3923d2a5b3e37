"""kernels/guidance.py: transitions, profiles, limits, and a descent against gravity alone."""

import itertools
import math
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernels import guidance, slots

WAITING, COAST, BRAKING, APPROACH, TERMINAL, CONTACT, LANDED = range(7)
RADIUS_M, MU = 1_737_400.0, 4.902800066e12
FULL_N, MAIN_N, EXHAUST_M_S = 1600, 400, 3138
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
        self.estimate[slots.EST_DOWNRANGE_MM] = round(downrange_m * 1000)
        self.estimate[slots.EST_CROSSRANGE_MM] = round(crossrange_m * 1000)
        return self

    def moving(self, up=0.0, downrange=0.0, crossrange=0.0) -> "Guide":
        for axis, speed in enumerate((up, downrange, crossrange)):
            self.estimate[slots.EST_VELOCITY_UP_Q8 + axis] = round(speed * 256_000)
        return self

    def step(self, contacts=0, force_m_s2=0.0) -> int:
        """A tenth of a second: ten ticks of measured force, one step."""
        self.estimate[slots.EST_FORCE_X_MM_S2] = round(force_m_s2 * 1000)
        for _ in range(10):
            guidance.accumulate(self.memory, self.estimate)
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
    "touches without a range": (TERMINAL, {"altitude_m": 0}, {"up": -0.1}, 4, TERMINAL),
    "never touches high up": (APPROACH, {"altitude_m": 900, "agl_m": 900.0}, {"up": -20.0}, 4, APPROACH),
    "never touches while braking": (BRAKING, {"agl_m": 5000.0}, {"downrange": 900.0}, 4, BRAKING),
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
        {"agl_m": None}, {"agl_m": 8.1}, {"agl_m": 3000.0},
    ],
)  # fmt: skip
def test_without_one_of_the_three_there_is_no_landing(missing):
    phases = phases_near_ground(20.0, **(STANDING | missing))
    assert LANDED not in phases
    assert phases[-1] != CONTACT or TERMINAL in phases


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
    assert guidance.sink_profile(round(agl_m * 1000) - 4000) / 1000 == pytest.approx(speed_m_s, abs=0.03)


def test_the_sink_profile_never_grows_on_the_way_down():
    speeds = [guidance.sink_profile(height) for height in range(0, 30_000_000, 9973)]
    assert all(low <= high for low, high in itertools.pairwise(speeds))
    # 0.55 m/s2 on the first kilometre, 0.9 above: v^2 = 1,100 + 1.8 * 29,000
    assert guidance.sink_profile(30_000_000) / 1000 == pytest.approx(math.sqrt(1100 + 1.8 * 29_000), rel=1e-3)


def planned(guide: Guide) -> tuple[float, float]:
    """Deceleration now (m/s2) and time to go (s), straight from the closed form."""
    guide.memory[slots.GUI_FULL_MM_S2] = 30_000  # no limit
    slowing = guidance.time_to_gate(guide.memory, guide.estimate, PARAMS)
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
    error = guidance.effective_gravity(guide.estimate) / 1000 - exact
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


@pytest.mark.parametrize("axis", ["downrange", "crossrange"])
def test_sideways_force_is_toward_the_site_and_against_the_speed(axis):
    for offset, speed, sign in ((200.0, 0.0, -1), (-200.0, 0.0, 1), (0.0, 5.0, -1), (0.0, -5.0, 1)):
        guide = Guide(APPROACH).at(altitude_m=1500, agl_m=1500.0, downrange_m=0)
        guide.at(1500, 1500.0, **{"downrange_m": 0.0, f"{axis}_m": offset}).moving(up=-30.0, **{axis: speed})
        guide.step()
        force = guide.force_downrange if axis == "downrange" else guide.force_crossrange
        assert force * sign > 0
        assert abs(force) <= guide.force_up * 45 // 100


# --- a descent along the vertical --------------------------------------------------------------


def descend(height_m: float, sink_m_s: float, seconds: float, false_contacts=0) -> tuple[float, int]:
    """One dimension, perfect knowledge, engines that obey. Returns speed at the ground and last phase."""
    guide, mass, sink, down = Guide(APPROACH), 430.0, sink_m_s, None
    force = 0.0
    for _ in range(round(seconds * 10)):
        guide.at(height_m, height_m, downrange_m=0.0).moving(up=-sink)
        guide.memory[slots.GUI_MASS_G] = round(mass * 1000)
        touching = 4 if height_m <= 0 else false_contacts
        guide.step(touching, force if height_m > 0 else max(force, WEIGHT))
        thrust = MAIN_N * guide.main_on + (FULL_N - MAIN_N) * guide.throttle_q14 / 16384
        force = thrust / mass
        if height_m > 0:
            height_m -= 0.1 * sink
            sink -= 0.1 * (force - WEIGHT)
        elif down is None:
            down, sink = sink, 0.0
        mass -= 0.1 * thrust / EXHAUST_M_S
    assert down is not None
    return down, guide.phase


@pytest.mark.parametrize(("height", "sink"), [(3000.0, 65.0), (1000.0, 33.0), (300.0, 10.0), (100.0, 15.0)])
def test_a_vertical_descent_ends_softly_and_landed(height, sink):
    speed, phase = descend(height, sink, 250.0)
    assert 0.5 < speed < 1.5
    assert phase == LANDED


def test_leg_switches_that_stick_closed_do_not_drop_the_lander():
    # Two switches closed all the way: 8 m of agl alone must not turn the assist thrusters off for long.
    speed, _ = descend(100.0, 10.0, 120.0, false_contacts=2)
    assert speed < 2.0
