"""A heater: its thresholds, its limits whatever the thermistor says, and a thermistor that fails."""

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.host_board.thermal import Node, Thermal
from plumbline.kernels import heater as kernel
from plumbline.kernels import slots as s

ON_MC, OFF_MC = 8_000, 12_000
IN_CONTROL, DISABLED, THERMISTOR, DUTY, DURATION = range(5)
BELIEVED = 10


class Heater:
    """A heater whose thermistor has been good for a second, with as much credit as it may save."""

    def __init__(self, duty_q10=1024, saved=36_000, most_on=36_000, rest=5, on_mc=ON_MC, off_mc=OFF_MC):
        self.memory = array("i", [0] * s.HTR_SIZE)
        self.limits = array("i", [on_mc, off_mc, duty_q10, saved, most_on, rest])
        self.memory[s.HTR_ENABLED] = 1
        self.memory[s.HTR_GOOD_STEPS] = BELIEVED
        self.memory[s.HTR_CREDIT_Q10] = 1024 * saved

    def step(self, mc, status=1):
        return kernel.step(np.asarray(self.memory), np.asarray(self.limits), status, mc)

    @property
    def why(self):
        return self.memory[s.HTR_WHY]


def test_it_goes_on_below_the_lower_threshold_and_off_at_the_upper_one():
    heater = Heater()
    # between the two it stays as it is: off at first and at the lower one, on from below it to the upper one
    off, on = [(10_000, 0), (ON_MC, 0)], [(ON_MC - 1, 1), (10_000, 1), (OFF_MC - 1, 1)]
    readings = [*off, *on, (OFF_MC, 0), (10_000, 0)]
    assert [heater.step(mc) for mc, _ in readings] == [on for _, on in readings]


def test_thresholds_that_are_the_wrong_way_round_mean_off():
    heater = Heater(on_mc=OFF_MC, off_mc=ON_MC)
    assert [heater.step(mc) for mc in (10_000, 12_000, 8_000)] == [0, 0, 0]


def test_a_disabled_heater_is_off_however_cold_it_is():
    heater = Heater()
    heater.memory[s.HTR_ENABLED] = 0
    assert heater.step(-100_000) == 0
    assert heater.why == DISABLED


@pytest.mark.parametrize(("mc", "status"), [(0, 0), (0, 2), (0, 3), (-130_001, 1), (130_001, 1)])
def test_a_failed_thermistor_puts_it_off_in_the_same_step_and_is_believed_again_after_a_second(mc, status):
    heater = Heater()
    assert heater.step(0) == 1
    assert heater.step(mc, status) == 0
    assert heater.why == THERMISTOR
    # nine good readings are not enough, the tenth is
    assert [heater.step(0) for _ in range(BELIEVED)] == [0] * 9 + [1]


@pytest.mark.parametrize("mc", [-130_000, 5_000])
def test_the_coldest_temperature_that_is_believed_heats(mc):
    assert Heater().step(mc) == 1


def test_the_longest_time_on_is_followed_by_the_rest():
    heater = Heater(most_on=7, rest=5)
    found = [heater.step(0) for _ in range(25)]
    # the step that meets the limit is the first of the rest
    assert found == ([1] * 7 + [0] * 5) * 2 + [1]
    heater = Heater(most_on=7, rest=5)
    whys = []
    for _ in range(13):
        heater.step(0)
        whys.append(heater.why)
    assert whys == [IN_CONTROL] * 7 + [DURATION] * 5 + [IN_CONTROL]


def test_out_of_credit_it_rests_and_then_has_what_the_rest_has_earned():
    # a quarter: each step earns 256; the 8 steps of a rest earn 2,048
    heater = Heater(duty_q10=256, saved=100, rest=8)
    heater.memory[s.HTR_CREDIT_Q10] = 0
    found = [heater.step(0) for _ in range(4_000)]
    assert found[:3] == [0, 0, 0]
    # earn, then pay: never more than a quarter, and the last rest may have been cut off
    assert sum(found) <= 1_000
    assert sum(found) > 950
    assert DUTY in {heater.why for _ in range(12) if heater.step(0) == 0}


READING = st.tuples(st.sampled_from((1, 1, 1, 1, 1, 1, 1, 1, 2)), st.integers(-140_000, 140_000))


@st.composite
def _runs(draw):
    """Readings that hold for a while, so that heaters do come on."""
    readings = []
    for _ in range(draw(st.integers(1, 12))):
        readings += [draw(READING)] * draw(st.integers(1, 60))
    return readings


@given(
    readings=_runs(),
    duty_q10=st.integers(0, 1024),
    saved=st.integers(0, 40),
    most_on=st.integers(1, 40),
    rest=st.integers(1, 30),
)
@settings(max_examples=150, deadline=None)
def test_whatever_the_thermistor_says_the_limits_hold(readings, duty_q10, saved, most_on, rest):
    heater = Heater(duty_q10, saved, most_on, rest)
    found = [heater.step(mc, status) for status, mc in readings]
    spent = np.concatenate([[0], np.cumsum(found)]) * 1024 - np.arange(len(found) + 1) * duty_q10
    # in every window: what was spent beyond the share is at most what could be saved
    assert int((spent - np.minimum.accumulate(spent)).max()) <= 1024 * saved
    runs = "".join(map(str, found)).split("0")
    assert max(map(len, runs)) <= most_on
    for (status, mc), on in zip(readings, found, strict=True):
        assert not on or (status == 1 and mc < OFF_MC and mc >= -130_000)


@given(_runs(), st.integers(1, 40), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_after_a_limit_it_is_off_for_the_whole_rest(readings, most_on, rest):
    heater = Heater(most_on=most_on, rest=rest)
    since = rest
    for status, mc in readings:
        on = heater.step(mc, status)
        met = not on and heater.memory[s.HTR_REST_STEPS] == rest
        assert not on or since >= rest
        since = 1 if met else since + 1


def test_a_heated_node_comes_to_the_temperature_at_which_it_loses_what_it_is_given():
    node = Node("tank", 0.0, 1_000.0, 0.5, 0.0, 10.0)
    thermal = Thermal([node], surroundings=-20.0)
    for _ in range(40_000):
        thermal.advance(1.0, [1.0])
    # 10 W = 0.5 W/K * 20 K
    assert thermal.celsius[0] == pytest.approx(0.0, abs=1e-6)
    thermal.advance(1.0, [0.0])
    assert thermal.celsius[0] == pytest.approx(-0.01)


def test_heat_that_leaves_a_tank_for_the_frame_arrives_there():
    tank, frame = Node("tank", 20.0, 500.0, 0.0, 2.0, 0.0), Node("frame", 0.0, 1_500.0, 0.0, 0.0, 0.0)
    thermal = Thermal([tank, frame], surroundings=-100.0)
    for _ in range(20_000):
        thermal.advance(0.5, [0.0, 0.0])
    # 500 J/K * 20 K over 2,000 J/K
    assert thermal.celsius == pytest.approx([5.0, 5.0])
