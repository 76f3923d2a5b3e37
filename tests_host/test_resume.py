"""A descent goes on after a reset of navigation or propulsion in every phase, or is safe by the table."""

import itertools
import re

import numpy as np
import pytest

from host_tools.host_board.lander import Lander
from host_tools.landing import resets
from host_tools.landing.resets import BOARDS, LANDED, MOMENTS, SAFE, Strike, fly_struck
from host_tools.scenarios.faults import Fault
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world import dynamics as dyn
from host_tools.world.world import World
from plumbline.kernels import slots as s
from plumbline.services import modes
from plumbline.services.reset_log import POWER
from plumbline.subsystems.resumption import LONGEST_GAP_MS, SPOILED, TOO_MANY_RESETS, TOO_OLD, mode_after

LATE = [moment for moment in MOMENTS if moment not in ("coast", "braking")]
APPROACH, LANDED_PHASE = 3, 6


class Low:
    """A lander late in its burn, with what it says."""

    def __init__(self, seed=1, scenario=None):
        self.world = World(scenario or resets.scenario_for("approach"), seed)
        self.said = []
        parameters = flight_parameters(self.world.scenario.vehicle)
        self.lander = Lander(self.world, parameters, on_event=self.hear)

    def hear(self, _time_s, board, name, _severity, argument):
        self.said.append((board, name, argument))

    def run(self, seconds):
        for _ in range(round(100 * seconds)):
            self.lander.step()

    def until(self, phase):
        while self.lander.navigation.guidance[s.GUI_PHASE] < phase:
            self.lander.step()

    def arguments(self, name):
        return [argument for _, said, argument in self.said if said == name]


# --- it lands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("board", "moment"), list(itertools.product(BOARDS, LATE)))
def test_a_board_that_dies_lands_all_the_same_and_says_nothing_twice(board, moment):
    for kind, seed, twice in (("reset", 11, False), ("hang", 12, False), ("hang", 13, True)):
        told = fly_struck(Strike(board, kind, moment, seed, twice))
        assert (told.ending, told.resets) == (LANDED, 2 if twice else 1), told
        assert told.as_announced, told
        assert told.vertical_m_s < 2.5


@pytest.mark.parametrize("moment", ["coast", "braking"])
def test_a_navigation_board_that_hangs_twice_before_or_in_the_burn_lands(moment):
    told = fly_struck(Strike("navigation", "hang", moment, 21, twice=True))
    assert (told.ending, told.resets, told.said_twice) == (LANDED, 2, [])


def test_at_times_drawn_at_random_nothing_is_lost_that_the_table_does_not_announce():
    rng = np.random.default_rng(5)
    for seed in range(100, 112):
        moment = str(rng.choice(LATE))
        kind = str(rng.choice(["reset", "hang"]))
        told = fly_struck(Strike(str(rng.choice(BOARDS)), kind, moment, seed, bool(rng.random() < 0.5)))
        assert told.as_announced, told


# --- what it knows after the gap ------------------------------------------------------------------------


def test_gap_and_age_are_those_of_the_clock_and_the_estimate_has_not_lost_its_way():
    low = Low()
    low.until(APPROACH)
    low.run(10.0)
    died_us = low.world.now_us
    before = low.lander.navigation
    age_before = before.estimate[s.EST_VELOCITY_AGE_TICKS]
    low.lander.boards["navigation"].hang()
    while low.lander.navigation is before:
        low.lander.step()
    navigation, view = low.lander.navigation, low.world.view
    # the next tick would have been the first to hang; 80 ms until the watchdog, 190 ms of start
    assert low.world.now_us - died_us == 280_000
    estimate = navigation.estimate
    assert abs(estimate[s.EST_ALTITUDE_MM] * 1e-3 - view[dyn.ALTITUDE_M]) < 5.0
    assert abs(estimate[s.EST_VELOCITY_UP_Q8] / 256e3 - view[dyn.SPEED_UP]) < 0.3
    # nobody has seen 0.28 s of flight: three ticks of age for each
    assert estimate[s.EST_VELOCITY_AGE_TICKS] > age_before + 80
    assert estimate[s.EST_CLIMB_DOUBT_Q8] > before.estimate[s.EST_CLIMB_DOUBT_Q8]
    assert navigation.vote[s.VOT_AGE_TICKS] >= 27
    low.run(0.1)
    assert abs(estimate[s.EST_AGL_MM] * 1e-3 - view[dyn.AGL_M]) < 5.0
    assert low.arguments("resume_gap") == [270]
    # saved at most nine ticks before it died
    assert low.arguments("resumed")[0] - 290 in range(10, 100, 10)


def test_the_mission_time_and_the_count_of_ticks_go_on():
    low = Low()
    low.until(APPROACH)
    before = low.lander.navigation
    low.lander.boards["navigation"].reset()
    ticks, ms = before.rate_group.ticks, before.time.now_ms()
    while low.lander.navigation is before:
        low.lander.step()
    after = low.lander.navigation
    assert after.rate_group.ticks - ticks in (18, 19, 20)
    assert abs(after.time.now_ms() - ms - 200) <= 20
    low.run(3.0)
    # the first time, and no jump
    assert [board for board, name, _ in low.said if name == "time_taken"] == ["propulsion"]


def test_valves_are_off_100_ms_after_navigation_has_died_and_open_again_when_it_is_back():
    low = Low()
    low.until(APPROACH)
    low.run(5.0)
    low.lander.boards["navigation"].hang()
    began_us = low.world.now_us
    open_us = []
    for _ in range(60):
        low.lander.step()
        if low.world.open_shares.any():
            open_us.append(low.world.now_us - began_us)
    assert not [at for at in open_us if 110_000 < at < 290_000]
    assert [at for at in open_us if at > 300_000]


def test_with_two_inertial_units_what_was_known_of_them_goes_on():
    scenario = resets.scenario_for("approach")
    vehicle = scenario.vehicle.model_copy(update={"imu_2": scenario.vehicle.imu})
    stuck = Fault.model_validate({"target": "imu_2", "kind": "stuck", "time_s": 20.0, "source": "assumed"})
    low = Low(scenario=scenario.model_copy(update={"vehicle": vehicle, "faults": [stuck]}))
    low.until(APPROACH)
    assert low.arguments("imu_put_out") == [1]
    low.lander.boards["navigation"].reset()
    low.run(0.4)
    pair = low.lander.navigation.pair
    assert pair is not None
    assert pair.memory[s.INS_USED] == 1  # the first one alone
    low.until(LANDED_PHASE)
    assert low.arguments("resumed")
    assert -low.world.contact[1:][dyn.SPEED_UP] < 2.5


# --- it is refused ---------------------------------------------------------------------------------------


def resumed_after(low, **how):
    """Reset like that; (whether it goes on, why not)."""
    low.lander.boards["navigation"].reset(**how)
    low.run(3.5)
    return bool(low.arguments("resumed")), low.arguments("resume_refused")


def test_power_on_resumes_nothing():
    low = Low()
    low.until(APPROACH)
    assert resumed_after(low, cause=POWER) == (False, [])
    assert low.lander.navigation.guidance[s.GUI_PHASE] == 0


def test_what_lies_in_the_block_at_power_on_is_not_looked_at():
    low = Low()
    low.until(APPROACH)
    block = bytes(low.lander.boards["navigation"].memory.block)
    low.lander.boards["navigation"].reset(POWER)
    low.lander.boards["navigation"].memory.block[:] = block  # as RAM that was hardly without power
    low.run(1.0)
    assert low.arguments("resumed") == []
    # and a reset after that does not find it either
    assert resumed_after(low) == (False, [])


def test_a_checkpoint_whose_copies_are_both_spoiled_is_refused():
    low = Low()
    low.until(APPROACH)
    memory = low.lander.boards["navigation"].memory
    for at in range(40, len(memory.block), 100):
        memory.block[at] ^= 4
    assert resumed_after(low) == (False, [SPOILED])


def test_a_checkpoint_that_is_too_old_is_refused():
    low = Low()
    low.until(APPROACH)
    assert resumed_after(low, ready_us=1000 * LONGEST_GAP_MS) == (False, [TOO_OLD])


def test_the_longest_gap_is_survived():
    low = Low()
    low.until(APPROACH)
    low.run(5.0)
    assert resumed_after(low, ready_us=1000 * (LONGEST_GAP_MS - 100)) == (True, [])
    low.until(LANDED_PHASE)
    assert -low.world.contact[1:][dyn.SPEED_UP] < 2.5


def test_before_the_initial_state_there_is_nothing_to_resume():
    low = Low()
    low.lander.boards["navigation"].reset()
    assert resumed_after(low) == (False, [])


def test_three_resets_within_a_minute_are_safe_before_the_burn_and_fly_on_in_it():
    coasting = Low(scenario=load("resilience_nominal"))
    coasting.run(1.0)
    for _ in range(3):
        coasting.lander.boards["navigation"].reset()
        coasting.run(1.0)
    assert coasting.arguments("resume_refused") == [TOO_MANY_RESETS]
    assert coasting.arguments("safe_mode") == [3]
    assert coasting.lander.navigation.guidance[s.GUI_PHASE] == 0
    burning = Low()
    burning.until(APPROACH)
    for _ in range(4):
        burning.lander.boards["navigation"].reset()
        burning.run(1.0)
    assert len(burning.arguments("resumed")) == 4
    burning.until(LANDED_PHASE)
    assert -burning.world.contact[1:][dyn.SPEED_UP] < 2.5


def test_the_supervisors_table_decides_in_which_mode_a_board_begins():
    expected = ("cruise", "cruise", "braking", "approach", "terminal", "contact", "landed", "abort", "orbit")
    assert tuple(modes.MODES[mode_after(phase, False)] for phase in range(9)) == expected
    assert [phase for phase in range(9) if mode_after(phase, True) == modes.SAFE] == [0, 1]


# --- once is once -----------------------------------------------------------------------------------------


def test_a_phase_that_was_said_is_not_said_again_whenever_the_reset_comes():
    for ticks in range(1, 14):
        low = Low()
        low.until(APPROACH)
        phases = low.arguments("phase_changed")
        for _ in range(ticks):
            low.lander.step()
        low.lander.boards["navigation"].reset()
        low.run(1.0)
        assert low.arguments("resumed")
        assert low.arguments("phase_changed") in (phases, [*phases, APPROACH]), ticks
        assert len(low.arguments("ignition")) == 1


def test_a_cutoff_that_was_said_stays_one():
    for ticks in range(1, 8):
        low = Low()
        low.until(LANDED_PHASE)
        for _ in range(ticks):
            low.lander.step()
        low.lander.boards["navigation"].reset()
        open_after = []
        for _ in range(100):
            low.lander.step()
            open_after.append(bool(low.world.open_shares.any()))
        assert not any(open_after[2:]), ticks
        assert len(low.arguments("engine_cutoff")) == 1


# --- the table ---------------------------------------------------------------------------------------------


def test_the_table_counts_endings_and_a_loss_is_told(capsys, monkeypatch, tmp_path):
    flown = []

    def invented(strike):
        told = resets.Told(strike, SAFE if strike.moment == "coast" else LANDED, "x", 1, 1, 1.25)
        if strike.moment == "contact":
            told.ending = resets.LOST
        flown.append(told)
        return told

    told = [invented(strike) for strike in resets.strikes((1, 2))]
    table = resets.table(told)
    assert (
        "| navigation, coast | cruise, then coast | 2 of 2 safe | 2 of 2 safe | 2 of 2 safe | 1.25 | 0 |"
        in table
    )
    assert "| propulsion, contact | goes on | 2 of 2 lost | 2 of 2 lost | 2 of 2 lost | 1.25 | 0 |" in table
    assert sum(not one.as_announced for one in told) == 2 * 2 * 2 * 3


def test_the_page_has_the_table_of_this_command():
    page = resets.PAGE.read_text()
    begin, end = resets.MARKS
    rows = page[page.index(begin) : page.index(end)].splitlines()[3:]
    assert [row.split(" |")[0] for row in rows if row] == [f"| {b}, {m}" for b in BOARDS for m in MOMENTS]
    assert not re.search(r"\d lost", "".join(rows))
