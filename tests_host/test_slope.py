"""Steep ground under a drifting lander: when it is left, when not, and where that lets a landing stand."""

import math
from array import array

import pytest

from host_tools.landing.loop import fly
from host_tools.scenarios.library import load
from plumbline.kernels import descent, slope, slots

APPROACH, TERMINAL = 3, 4


class Drifting:
    """A lander over ground that a test shapes; heights in m, hovering time in s."""

    def __init__(self, hover_s: int = 200) -> None:
        self.guidance = array("i", [0] * slots.GUI_SIZE)
        self.estimate = array("i", [0] * slots.EST_SIZE)
        self.guidance[slots.GUI_PHASE] = TERMINAL
        self.guidance[slots.GUI_HOVER_S] = hover_s
        self.guidance[slots.GUI_FULL_MM_S2] = 3700
        self.estimate[slots.EST_AGL_VALID] = 1

    def over(self, place_m: float, ground_m: float, agl_m: float = 40.0) -> "Drifting":
        self.estimate[slots.EST_DOWNRANGE_MM] = round(place_m * 1000)
        self.estimate[slots.EST_ALTITUDE_MM] = round((ground_m + agl_m) * 1000)
        self.estimate[slots.EST_AGL_MM] = self.estimate[slots.EST_HEIGHT_MM] = round(agl_m * 1000)
        return self

    def leaves(self) -> bool:
        return slope.must_leave(self.guidance, self.estimate) == 1

    def along(self, ground, to_m: float, agl_m: float = 40.0, step_m: float = 0.25) -> list[bool]:
        """What it says at each step of the way from 5,000 m before the site on."""
        steps = range(round(to_m / step_m))
        return [self.over(-5000 + k * step_m, ground(k * step_m), agl_m).leaves() for k in steps]


def ramp(degrees: float):
    return lambda way_m: way_m * math.tan(math.radians(degrees))


@pytest.mark.parametrize(("degrees", "leaves"), [(10.8, False), (11.9, True), (-10.8, False), (-35.0, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_ground_steeper_than_1_in_5_is_left(degrees, leaves, sign):
    said = Drifting().along(ramp(sign * degrees), 20.0)
    assert any(said) is leaves
    assert not any(said[:24])  # 6 m must have passed first


def test_it_drifts_on_until_12_m_of_level_ground_have_passed():
    said = Drifting().along(lambda way_m: min(way_m, 30.0) * 0.5, 60.0)
    assert all(said[30:160])
    gone_m = said.index(False, 30) / 4
    assert 42.0 <= gone_m <= 48.0
    assert not any(said[round(gone_m * 4) :])


@pytest.mark.parametrize(
    ("hover_s", "agl_m", "leaves"),
    [(80, 40.0, False), (81, 40.0, True), (200, 11.9, False), (200, 12.0, True), (200, 120.1, False)],
)
def test_only_above_12_and_below_120_m_and_while_the_propellant_lasts(hover_s, agl_m, leaves):
    assert any(Drifting(hover_s).along(ramp(30.0), 20.0, agl_m)) is leaves


@pytest.mark.parametrize("slot", [slots.EST_AGL_VALID, slots.EST_HEIGHT_DOUBT_MM])
def test_a_range_that_is_lost_or_in_doubt_begins_anew(slot):
    drifting = Drifting()
    assert drifting.along(ramp(30.0), 20.0)[-1]
    sound = drifting.estimate[slot]
    drifting.estimate[slot] = 1 - sound
    assert not drifting.leaves()
    # 30 m less ground than before is no slope
    drifting.estimate[slot] = sound
    assert not any(drifting.over(-4980 + k / 4, -30.0).leaves() for k in range(80))


def test_who_was_elsewhere_begins_anew():
    drifting = Drifting()
    drifting.over(0.0, 0.0).leaves()
    assert not drifting.over(24.0, 20.0).leaves()
    drifting.over(0.0, 0.0).leaves()
    assert drifting.over(23.9, 20.0).leaves()


@pytest.mark.parametrize("way", [1, -1])
def test_it_looks_from_40_m_and_drifts_the_way_that_it_moves(way):
    def demanded(agl_m: float) -> tuple[float, int, int]:
        drifting = Drifting()
        assert drifting.along(ramp(30.0), 20.0, agl_m)[-1]
        drifting.estimate[slots.EST_VELOCITY_DOWNRANGE_Q8] = way * 256_000
        wanted = descent.descend(drifting.guidance, drifting.estimate)
        return wanted, drifting.guidance[slots.GUI_FORCE_DOWNRANGE], drifting.guidance[slots.GUI_FORCE_UP]

    # an eighth a second of the height over 40 m, and 3 m/s upward at most
    assert [demanded(agl_m)[0] for agl_m in (48.0, 40.0, 24.0, 12.5)] == [1000, 0, -2000, -3000]
    _, aside, up = demanded(40.0)
    assert aside == way * (up // 5)  # 2.5 m/s are not reached, and 11 degrees are what it may tilt
    assert slope.drift_on(way * 2300, 2000) == way * 100
    assert slope.drift_on(way * 3000, 2000) == way * -250


def test_a_lander_over_the_wall_of_a_crater_drifts_on_and_stands():
    """It came down on 38 degrees 11 km past its site, with 51 kg of propellant left, and tipped over."""
    record = fly(load("beresheet"), 909)
    assert record.landed, record.outcome
    assert record.touchdown is not None
    assert record.touchdown.miss_distance_m > 8000  # far beyond the smooth ground
    assert record.touchdown.vertical_speed_m_s < 1.5
