"""Valves that are stuck, weak or leak: what the world does, what the kernels find, what the lander does."""

from array import array

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from host_tools.host_board.clock import Clock
from host_tools.host_board.feed import FeedLines
from host_tools.host_board.isolation import BRANCHES, IsolationValves
from host_tools.host_board.lander import BOARDS, propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.reset import Memory
from host_tools.host_board.wires import SerialLine
from host_tools.landing.loop import fly
from host_tools.landing.valve_faults import (
    KINDS,
    MOMENTS,
    NOTHING,
    Case,
    Flown,
    cases,
    fly_cases,
    main,
    table_of,
)
from host_tools.scenarios.faults import Fault
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import propulsion_parameters
from host_tools.world.world import World
from plumbline.kernels import slots, valve_health, valve_motion
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

MASS_KG = 640.0
TURNING = PropulsionParameters(propulsion_parameters(load("resilience_nominal").vehicle)).turning
ARMED_MAIN, NEAR_GROUND, BLURRED = 3, 4, 8
MAIN_WEAK = 512
SAYS = ("valves_out", "thrust_weak", "branches_isolated")
FAIL_S = 40.0  # all engines burn


def low(faults=(), mass_kg=460.0, seconds=240.0):
    """The end of a descent, 3 km up, as light as the lander then is."""
    scenario = load("resilience_nominal")
    start = {"altitude_m": 3000.0, "horizontal_speed_m_s": 50.0, "range_to_site_m": 3000.0}
    vehicle = scenario.vehicle
    filled = (mass_kg - vehicle.empty_mass_kg) / vehicle.propellant_at_ignition_kg
    empty, full = vehicle.inertia_empty_kg_m2, vehicle.inertia_at_ignition_kg_m2
    inertia = tuple(low + filled * (high - low) for low, high in zip(empty, full, strict=True))
    vehicle = vehicle.model_copy(update={"ignition_mass_kg": mass_kg, "inertia_at_ignition_kg_m2": inertia})
    changes = {"start": scenario.start.model_copy(update=start), "vehicle": vehicle}
    return scenario.model_copy(update=changes | {"faults": list(faults), "time_limit_s": seconds})


class Body:
    """A rigid body that turns as pulses say, but for the valves that do not."""

    def __init__(self, share=None) -> None:
        self.motion = array("i", [0] * slots.MOT_SIZE)
        self.health = array("i", [0] * slots.HEA_SIZE)
        self.demand = array("i", [0] * slots.DEM_SIZE)
        self.turning = array("i", TURNING)
        self.pulses = array("i", [0] * 15)
        self.share = share or {}  # valve: what it gives of what it should
        self.rates = np.zeros(3)
        self.demand[slots.DEM_FLAGS] = ARMED_MAIN
        self.demand[slots.DEM_THROTTLE_Q14] = 8000
        self.demand[slots.DEM_MASS_KG] = round(MASS_KG)
        self.ticks = 0
        self._coming = [np.zeros(3), np.zeros(3)]

    def run(self, ticks, duty=0.5, jet=None) -> None:
        """All assist thrusters with this duty, and a jet 20 ms in each 500 ms."""
        for _ in range(ticks):
            for axis in range(3):
                self.demand[slots.DEM_RATE_X_Q + axis] = round(self.rates[axis])
            valve_motion.step(self.motion, self.demand)
            if self.ticks % 10 == 2:
                valve_motion.take_mass(self.motion, self.demand, self.turning)
                valve_health.step(self.health, self.motion, self.demand, self.turning)
            for valve in range(15):
                assist = 1 <= valve <= 6 and self.ticks % 10 == 0
                self.pulses[valve] = round(1e5 * duty) if assist else 0
            self.pulses[0] = 100_000 if self.ticks % 5 == 0 else 0
            if jet is not None and self.ticks % 50 == 25:
                self.pulses[jet] = 20_000
            for valve in range(15):
                if self.health[slots.HEA_OUT] >> valve & 1:
                    self.pulses[valve] = 0
            valve_motion.begin(self.motion, self.pulses)
            self._turn()
            self.ticks += 1

    def _turn(self) -> None:
        left = np.array(self.motion[:15])
        open_s = np.minimum(left, 10_000) * 1e-6 * np.array([self.share.get(v, 1.0) for v in range(15)])
        angles = np.radians(60.0 * np.arange(6))
        one, jet, roll = (100.0 * constant / 16 / MASS_KG for constant in TURNING[:3])
        gain = np.zeros(3)
        gain[1] = one * (np.sin(angles) * open_s[1:7]).sum() + jet * (open_s[7] - open_s[8])
        gain[2] = -one * (np.cos(angles) * open_s[1:7]).sum() + jet * (open_s[9] - open_s[10])
        gain[0] = roll * (open_s[11] + open_s[12] - open_s[13] - open_s[14])
        push = 1000.0 * (400.0 * open_s[0] + 200.0 * open_s[1:7].sum()) / 0.01 / MASS_KG
        self.demand[slots.DEM_FORCE_X_MM_S2] = round(push)
        self._coming.append(gain)
        self.rates += self._coming.pop(0)


def test_a_body_that_does_as_it_is_told_has_healthy_valves():
    body = Body()
    body.run(1500, jet=7)
    assert list(body.health[: slots.HEA_TORQUE_Q10]) == [0, 0, 0]
    assert max(abs(value) for value in body.health[slots.HEA_TORQUE_Q10 : slots.HEA_STEADY_Q10]) < 30


@pytest.mark.parametrize("number", range(1, 7))
def test_an_assist_thruster_that_gives_nothing_takes_its_pair_out_of_service(number):
    body = Body()
    body.run(300)
    body.share = {number: 0.0}
    body.run(100, duty=0.9)
    pair = (number - 1) % 3
    assert body.health[slots.HEA_OUT] == 0b1001 << (pair + 1)
    assert body.health[slots.HEA_ISOLATED] == 2 << pair


@pytest.mark.parametrize("jet", [7, 8, 9, 10])
def test_a_jet_that_does_not_turn_the_body_is_put_out_by_what_it_owes(jet):
    body = Body({jet: 0.0})
    body.run(3500, jet=jet)
    assert body.health[slots.HEA_OUT] == 1 << jet
    assert body.health[slots.HEA_ISOLATED] == 0


@pytest.mark.parametrize(("share", "is_weak"), [(1.0, False), (0.8, False), (0.5, True), (0.0, True)])
def test_thrust_that_is_missing_without_a_torque_is_the_main_engines(share, is_weak):
    body = Body()
    body.run(200)
    body.share = {0: share}
    body.run(240)
    assert body.health[slots.HEA_WEAK] == (MAIN_WEAK if is_weak else 0)
    assert body.health[slots.HEA_OUT] == 0


def test_a_pair_that_is_cut_is_no_thrust_that_is_missing():
    body = Body()
    body.run(300)
    body.share = {2: 0.0}
    body.run(500, duty=0.9)
    assert body.health[slots.HEA_OUT] == 0b100100
    assert body.health[slots.HEA_WEAK] & MAIN_WEAK == 0
    # 400 N and four of 200 N at nine tenths of the time, as it should be
    assert abs(body.motion[slots.MOT_LACK_Q10]) < 10


@pytest.mark.parametrize("flags", [0, ARMED_MAIN | NEAR_GROUND, ARMED_MAIN | BLURRED])
def test_nothing_is_judged_disarmed_close_to_the_ground_or_by_rates_that_may_not_be_true(flags):
    body = Body({1: 0.0})
    body.demand[slots.DEM_FLAGS] = flags
    body.run(600, duty=0.9)
    assert body.health[slots.HEA_OUT] == 0


def test_an_isolation_valve_closes_the_way_to_its_branch_and_opens_it_again():
    valves = IsolationValves()
    for branch, behind in enumerate(BRANCHES):
        valves.write(1 << branch)
        assert tuple(np.flatnonzero(valves.isolated)) == behind
    valves.write(0)
    assert not valves.isolated.any()
    assert sorted(valve for behind in BRANCHES for valve in behind) == list(range(15))


def propulsion_in_its_next_life(memory, isolation):
    line = SerialLine(Clock(), 460_800)
    serial = {"link": line.a, "bus": line.b}
    return propulsion_board(line.clock, serial, Outlets(15), None, memory, FeedLines(isolation.isolated))


@pytest.mark.parametrize(("cause", "out"), [(WATCHDOG, 0b100100), (ASKED, 0b100100), (POWER, 0)])
def test_a_valve_that_was_cut_off_stays_so_after_a_reset_but_not_after_power_on(cause, out):
    memory, isolation = Memory(), IsolationValves()
    before = propulsion_in_its_next_life(memory, isolation)
    valve_health.cut(before.watch.health, 2, 0)
    before.watch.look(before.demand, 7)
    assert np.flatnonzero(isolation.isolated).tolist() == [2, 5]
    memory.cause = cause
    after = propulsion_in_its_next_life(memory, isolation)
    assert after.watch.health[slots.HEA_OUT] == after.modulation[slots.MOD_OUT] == out
    assert np.flatnonzero(isolation.isolated).tolist() == ([2, 5] if out else [])
    memory.block[20] ^= 1  # in the first copy, which is the one that counts or not
    memory.block[200] ^= 1
    memory.cause = WATCHDOG
    assert propulsion_in_its_next_life(memory, isolation).watch.health[slots.HEA_OUT] == 0


@pytest.mark.parametrize(("kind", "share"), [("stuck_open", 1.0), ("stuck_closed", 0.0), ("leak", 0.5)])
def test_the_world_holds_a_valve_whatever_is_commanded(kind, share):
    fault = {"target": "assist_thrusters", "kind": kind, "numbers": [2], "time_s": 0.0, "source": "assumed"}
    if kind == "leak":
        fault["fraction"] = share
    world = World(low([Fault.model_validate(fault)]), 1)
    world.open_shares[:, 3] = 0.3
    world.open_shares[:, 2] = 0.3 if kind == "stuck_closed" else 0.0
    world.advance()
    assert (world.open_shares[:, 2] == share).all()
    assert (world.open_shares[:, 3] == 0.3).all()
    world.isolated[2] = True
    world.advance()
    assert (world.open_shares[:, 2] == 0.0).all()


def test_the_boards_own_constants_are_those_of_the_resilience_profile():
    flown = PropulsionParameters.from_file(BOARDS / "propulsion_pico" / "parameters.json")
    assert flown.turning == TURNING
    assert flown.jet_in_trim_q14 == int(2 * 22 * 1.2 / (3 * 200 * 0.8) * 16_384)


def test_a_landing_without_faults_says_nothing_of_its_valves_until_it_has_landed():
    record = fly(low(), 3)
    said = [event.argument for event in record.events if event.name in SAYS]
    assert record.landed
    assert said == [255]  # all branches closed, after the engines' cut-off


FAILING = [  # group, number, kind, within how many seconds it is found, and put out
    ("assist thrusters", 1, "stuck_closed", 1.0, 1.0),
    ("assist thrusters", 5, "stuck_open", 1.5, 1.5),
    ("jets about y, z", 2, "stuck_open", 30.0, 30.0),
    ("jets about x", 5, "stuck_open", 3.0, 3.0),
    ("main engine", 1, "weak", 3.0, None),
    ("jets about y, z", 1, "stuck_closed", None, None),
]


def test_valves_that_fail_are_found_and_cut_off_and_the_lander_lands(monkeypatch):
    monkeypatch.setitem(MOMENTS, "burning", {"time_s": FAIL_S})
    failing = [Case(group, number, kind, "burning") for group, number, kind, _, _ in FAILING]
    flights = fly_cases(low(), [(case, 3) for case in (*failing, NOTHING)])
    for (_, _, _, found_s, cut_s), flown in zip(FAILING, flights, strict=False):
        assert flown.landed and not flown.early, flown
        if found_s is not None:
            assert flown.found_s is not None and flown.found_s < found_s, flown
        if cut_s is not None:
            assert flown.cut_s is not None and flown.cut_s < cut_s, flown
            assert flown.out >> flown.case.valve & 1, flown
    assert flights[4].weak & MAIN_WEAK
    healthy = Flown(NOTHING, 3, None, None, False, 0, 0, True, flights[-1].outcome)
    assert flights[-1] == healthy


def test_every_valve_kind_of_fault_and_moment_has_its_turn_in_the_table():
    all_cases = list(cases())
    assert len(set(all_cases)) == len(all_cases) == 15 * len(KINDS) * len(MOMENTS)
    assert {case.valve for case in all_cases} == set(range(15))
    case = Case("main engine", 1, "weak", "after 600 s")
    flights = [
        Flown(case, 1, None, None, False, 0, 0, False, "hit the ground"),
        Flown(case, 2, 3.0, 4.0, True, 1, 0, True, "stands"),
    ]
    cells = [next(iter(column.cells)) for column in table_of(flights).columns]
    assert cells == ["main engine", "weak", "after 600 s", "2", "1", "3.0", "3.0", "1", "1", "1"]


@pytest.mark.parametrize("words", [["--only", "legs"], ["no_such_landing"]])
def test_what_is_not_there_is_refused_in_one_line(words):
    ended = CliRunner().invoke(app(), words)
    assert ended.exit_code == 2
    assert len(ended.stderr.splitlines()) == 1


def app():
    command = typer.Typer()
    command.command()(main)
    return command
