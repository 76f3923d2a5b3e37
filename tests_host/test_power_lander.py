"""Propulsion's heart and the power board together, in flight: valves without their supply are shut."""

from collections.abc import Callable

import numpy as np
import pytest

from host_tools.host_board.power import MONOSTABLE_US
from host_tools.host_board.powered_lander import PoweredLander
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
from plumbline.kernels import slots
from plumbline.services.reset_log import POWER

MAIN = 0
BRAKING = 2
TICK_US = 10_000


class Flight:
    """A powered lander; `edges_us`: times of the heartbeat's edges; `open_us`: when any valve was open."""

    def __init__(self) -> None:
        scenario = load("resilience_nominal")
        self.events: list[tuple[str, str, int]] = []
        self.world = World(scenario, seed=3)
        self.lander = PoweredLander(
            self.world,
            flight_parameters(scenario.vehicle),
            on_event=lambda _s, board, name, _severity, argument: self.events.append((board, name, argument)),
        )
        self.edges_us: list[int] = []
        self.open_us: list[int] = []

    def run(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(round(seconds * 100)):
            edges = self.lander.heartbeat.edges
            self.lander.step()
            each()
            if self.lander.heartbeat.edges != edges:
                assert self.lander.heartbeat.edge_us is not None
                self.edges_us.append(self.lander.heartbeat.edge_us)
            if np.any(self.world.open_shares > 0):
                self.open_us.append(self.world.now_us)


@pytest.fixture
def burning() -> Flight:
    flight = Flight()
    flight.run(1.0)
    flight.lander.ask_for_arm_supply(1000)
    flight.run(13.0)
    assert flight.lander.navigation.guidance[slots.GUI_PHASE] == BRAKING
    assert flight.open_us[-1] == flight.world.now_us
    return flight


def test_the_heart_beats_each_20_ms_and_the_supply_holds_while_the_lander_burns(burning):
    burning.edges_us.clear()
    burning.run(20.0)
    assert set(np.diff(burning.edges_us)) == {20_000}
    assert burning.lander.power.arm_is_on
    assert [event for event in burning.events if event[0] == "power"] == [
        ("power", "boot", 0),
        ("power", "arm_on", 0),
    ]
    supply = burning.lander.power.power.supply
    assert supply[slots.SUP_ARM_DROPS] == 0


def test_without_the_supply_no_valve_opens_and_the_lander_falls():
    flight = Flight()
    flight.run(15.0)
    assert flight.lander.navigation.guidance[slots.GUI_PHASE] == BRAKING
    assert flight.open_us == []


def hang(burning: Flight) -> None:
    burning.lander.propulsion.rate_group.poll = lambda: False


def starve(burning: Flight) -> None:
    def tick():
        raise MemoryError

    burning.lander.propulsion.rate_group._tick = tick


@pytest.mark.parametrize("way", [hang, starve])
@pytest.mark.parametrize("ticks_before", range(4))
def test_a_propulsion_that_is_gone_has_no_valve_open_after_100_ms_whatever_its_pins_do(
    burning, way, ticks_before
):
    burning.run(ticks_before / 100)
    way(burning)
    gone_us = burning.world.now_us

    def gates_stay_high():
        burning.lander.outlets.open(MAIN, burning.lander.clock.now_us, 100_000)

    burning.run(2.0, gates_stay_high)
    assert burning.open_us[-1] - gone_us <= 100_000
    assert not burning.lander.power.arm_is_on
    assert burning.events[-1] == ("power", "arm_off", 4)


def test_a_propulsion_that_resumes_after_300_ms_burns_on_half_a_second_after_it_went(burning):
    poll = burning.lander.propulsion.rate_group.poll
    hang(burning)
    burning.run(0.3)
    gone_us = burning.world.now_us
    assert not burning.lander.power.arm_is_on
    burning.lander.propulsion.rate_group.poll = poll
    burning.run(0.2)
    assert burning.lander.power.arm_is_on
    assert burning.open_us[-1] > gone_us


def test_a_power_board_that_loses_its_power_in_descent_is_asked_again_and_the_lander_burns_on(burning):
    burning.lander.power.reset(POWER, 400_000)
    burning.run(0.1)
    assert not burning.lander.power.arm_is_on
    burning.run(1.5)
    # a power-on tells no restart: nobody asks, and the lander falls
    assert not burning.lander.power.arm_is_on
    burning.lander.ask_for_arm_supply(600)
    burning.run(0.2)
    assert burning.lander.power.arm_is_on


def test_a_power_board_that_the_watchdog_resets_in_descent_leaves_no_gap_in_the_burn(burning):
    burning.lander.power.hang()
    gaps = []
    burning.run(1.0, lambda: gaps.append(burning.lander.power.arm_is_on))
    assert all(gaps)
    assert burning.lander.power.chip.resets == 1
    assert burning.lander.power.arm_is_on
    told = [event for event in burning.events if event[0] == "power"][2:]
    assert [name for _, name, _ in told] == [
        "boot",
        "restarted",
        "task_missed",
        "arm_on",
        "arm_on",
    ]  # the second: asked again
    assert burning.open_us[-1] == burning.world.now_us


def test_a_power_board_that_hangs_for_good_leaves_no_valve_open_after_two_seconds(burning):
    burning.lander.power.is_running = False
    gone_us = burning.world.now_us
    burning.run(3.0)
    assert burning.open_us[-1] - gone_us <= MONOSTABLE_US + 20_000
