"""Two emulated Picos land a vehicle: the same states as the host board's at every tick, and again."""

import json
from array import array

import numpy as np
import pytest

from host_tools.emulator import budget
from host_tools.emulator.budget_tables import README, markdown
from host_tools.emulator.flying_board import FlyingBoard, FlyingBoardError
from host_tools.emulator.lander import EmulatedLander, ValvePins
from host_tools.emulator.shadow import Shadow, ShadowMismatch
from host_tools.host_board.lander import propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.landing.loop import fly
from host_tools.scenarios.faults import Fault
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.dynamics import VALVES
from host_tools.world.world import World
from plumbline.kernels import modulation, slots

LOW = budget.low_descent()
ISOLATED_TICKS = 300  # armed from the first tick, judged after 1.5 s, cut 0.3 s later


@pytest.fixture(scope="module")
def landing(firmware):
    return fly(LOW, seed=1, board="emulated", uf2=firmware.uf2)


def flown(firmware, ticks):
    """The first ticks of a landing: each chip's arrays and the length of each tick."""
    world = World(LOW, 3)
    with EmulatedLander(world, flight_parameters(LOW.vehicle), firmware.uf2) as lander:
        for _ in range(ticks):
            lander.step()
        return vars(lander.navigation), vars(lander.propulsion), lander.tick_ns, list(world.truth)


def test_it_lands_within_the_requirement_without_an_overrun(landing):
    at, need = landing.touchdown, landing.requirement
    assert landing.landed
    assert at.vertical_speed_m_s <= need.vertical_speed_m_s
    assert at.horizontal_speed_m_s <= need.horizontal_speed_m_s
    assert landing.board == "emulated"
    assert landing.trace["navigation_overruns"][-1] == landing.trace["propulsion_overruns"][-1] == 0
    # a tick of each board in each tick of the world, and each of them compared with the host board's
    assert len(landing.tick_ns["navigation"]) == len(landing.tick_ns["propulsion"]) == landing.ticks
    assert not [event for event in landing.events if event.severity == "fault"]


def test_it_lands_where_the_host_board_does(landing):
    host = fly(LOW, seed=1)
    assert host.touchdown is not None
    # the emulated valves open a tick's computing time later, 0.4 to 1.6 ms: decimetres after a minute
    assert abs(host.touchdown.miss_distance_m - landing.touchdown.miss_distance_m) < 10.0
    assert abs(host.touchdown.time_s - landing.touchdown.time_s) < 2.0


def test_the_same_seed_gives_the_same_bits_and_the_same_nanoseconds(firmware):
    assert flown(firmware, 150) == flown(firmware, 150)


def test_no_figure_of_the_cycle_budget_has_worsened(firmware, landing):
    rows = budget.measure(firmware, landing)
    assert [row for row in rows if row.get("allocated_bytes")] == []
    assert [row for row in rows if row.get("starved_ticks")] == []
    assert budget.worsened(rows, json.loads(budget.RECORDED.read_text())) == []


def test_the_readme_has_the_recorded_budget():
    assert markdown(json.loads(budget.RECORDED.read_text())) in README.read_text()


def test_a_figure_that_worsens_by_more_than_five_percent_is_named():
    recorded = json.loads(budget.RECORDED.read_text())
    worse = json.loads(budget.RECORDED.read_text())
    worse[0]["worst_cycles"] = round(worse[0]["worst_cycles"] * 1.06)
    worse[2]["memory"]["heap_free_bytes"] = round(worse[2]["memory"]["heap_free_bytes"] * 0.94)
    named = [line.split(" is ")[0] for line in budget.worsened(worse, recorded)]
    assert named == ["navigation_pico worst_cycles", "navigation_pico heap_free_bytes"]
    assert budget.worsened(recorded, recorded) == []
    assert "no longer measured" in budget.worsened(recorded[1:], recorded)[0]


def test_a_host_board_that_computes_otherwise_is_found_out(firmware, monkeypatch):
    def step(memory, pulses_us, demand):
        mask = original(memory, pulses_us, demand)
        pulses_us[0] += pulses_us[0] > 0  # the main engine's pulse, a microsecond longer
        return mask

    original = modulation.step
    monkeypatch.setattr(modulation, "step", step)
    with pytest.raises(
        ShadowMismatch, match=r"propulsion, tick \d+: pulses_us\[0\] is 100000 on the emulated"
    ):
        flown(firmware, 400)


def test_a_shadow_names_the_tick_the_array_and_the_slot():
    shadow = Shadow(
        "propulsion",
        {"link": 460_800, "bus": 460_800},
        lambda clock, serial: propulsion_board(clock, serial, Outlets(VALVES)),
    )
    shadow.idle_ticks(2)
    same = {name: array("i", own) for name, own in shadow._program.arrays().items()}
    same["modulation"][0] = 3  # as after the third tick
    same["demand"][4] = 17
    with pytest.raises(ShadowMismatch, match=r"tick 2: demand\[4\] is 17 on the emulated board and 0 on"):
        shadow.follow(same)


def test_bytes_that_were_never_sent_are_found_out():
    shadow = Shadow(
        "propulsion",
        {"link": 460_800, "bus": 460_800},
        lambda clock, serial: propulsion_board(clock, serial, Outlets(VALVES)),
    )
    shadow.feed("link", [(0, b"abc")])
    taken = {name: array("i", own) for name, own in shadow._program.arrays().items()}
    taken["link_line"][0] = 4
    with pytest.raises(ShadowMismatch, match="took more from link than was sent"):
        shadow.follow(taken)


def test_a_program_that_ends_is_reported_with_its_last_line(firmware):
    broken = {"main.py": b"raise ValueError('no valves today')\n"}
    with pytest.raises(FlyingBoardError, match=r"propulsion_pico has left its program: .*no valves today"):
        FlyingBoard("propulsion_pico", firmware.uf2, {}, broken)


def test_valves_are_open_for_as_long_as_their_pins_are_high():
    valves, out = ValvePins(2), np.zeros((5, 2))
    # ns, valve, level: the first from 1 to 5 ms, the second from 9 ms on
    valves.add([(1_000_000, 0, 1), (5_000_000, 0, 0), (9_000_000, 1, 1), (12_000_000, 1, 0)])
    valves.shares(0, 2_000, out)
    assert list(out[:, 0]) == [0.5, 1.0, 0.5, 0.0, 0.0]
    assert list(out[:, 1]) == [0.0, 0.0, 0.0, 0.0, 0.5]
    valves.shares(10_000, 2_000, out)
    assert list(out[:, 0]) == [0.0] * 5
    assert list(out[:, 1]) == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_an_emulated_board_isolates_a_valve_that_stays_open_as_the_host_board_does(firmware):
    fault = {"target": "assist_thrusters", "kind": "stuck_open", "numbers": [5], "time_s": 0.5}
    specs = [Fault.model_validate(fault | {"source": "assumed"})]
    world = World(LOW.model_copy(update={"faults": specs}), 3)
    with EmulatedLander(world, flight_parameters(LOW.vehicle), firmware.uf2) as lander:
        for _ in range(ISOLATED_TICKS):
            lander.step()
        health = vars(lander.propulsion)["health"]
    assert health[slots.HEA_ISOLATED] == 0b100
    assert np.flatnonzero(world.isolated).tolist() == [2, 5]
