"""The two boards as wholes: what they do when the other one, a sensor or the spacecraft falls silent."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from host_tools.host_board.lander import Lander
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.subsystems.parameters import Parameters

ROOT = Path(__file__).resolve().parents[1]
MAIN = 0
BRAKING = 2


class Flight:
    """A lander in its braking burn, with the events that reached the spacecraft."""

    def __init__(self) -> None:
        scenario = load("resilience_nominal")
        self.events: list[tuple[str, str, int]] = []
        self.world = World(scenario, seed=3)
        self.lander = Lander(
            self.world,
            flight_parameters(scenario.vehicle),
            on_event=lambda _s, board, name, _severity, argument: self.events.append((board, name, argument)),
        )

    def run(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(round(seconds * 100)):
            self.lander.step()
            each()

    def open_valves(self) -> list[int]:
        ends_us = self.lander.outlets.ends_us
        return [i for i, end_us in enumerate(ends_us) if end_us > self.lander.clock.now_us]


@pytest.fixture
def burning() -> Flight:
    flight = Flight()
    flight.run(14.0)
    assert flight.lander.navigation.guidance[slots.GUI_PHASE] == BRAKING
    assert MAIN in flight.open_valves()
    return flight


def test_every_pulse_ends_within_100_ms_of_the_last_command(burning):
    def check():
        assert max(burning.lander.outlets.ends_us) <= burning.lander.clock.now_us + 100_000

    burning.run(5.0, check)


def test_propulsion_closes_all_valves_100_ms_after_navigation_falls_silent(burning):
    burning.lander.lines["link"].corrupt = lambda _chunk: b""
    # the last demand is good for 100 ms, and what it opened for at most 100 ms more
    burning.run(0.1)
    burning.run(0.02)
    assert burning.open_valves() == []
    burning.run(3.0)
    assert burning.open_valves() == []
    assert [e for e in burning.events if e[1] == "demand_stale"] == [("propulsion", "demand_stale", 0)]


def test_propulsion_takes_up_again_when_navigation_is_back(burning):
    line = burning.lander.lines["link"]
    line.corrupt = lambda _chunk: b""
    burning.run(1.0)
    line.corrupt = None
    burning.run(0.3)
    assert MAIN in burning.open_valves()


def test_disarming_closes_every_valve_in_the_same_tick(burning):
    burning.lander.navigation.guidance[slots.GUI_PHASE] = 6  # landed: not armed
    burning.run(0.03)
    assert burning.open_valves() == []


def test_a_link_that_flips_a_bit_in_every_frame_opens_nothing(burning):
    def flip(chunk: bytes) -> bytes:
        return chunk[:5] + bytes([chunk[5] ^ 4]) + chunk[6:]

    burning.lander.lines["link"].corrupt = flip
    burning.run(1.0)
    accepted = burning.lander.propulsion.link.accepted
    burning.run(1.0)
    assert burning.lander.propulsion.link.accepted == accepted
    assert burning.lander.propulsion.link.rejected >= 190
    assert burning.open_valves() == []


def test_whatever_ends_the_main_loop_closes_the_valves(burning):
    propulsion = burning.lander.propulsion

    class Cut(Exception):
        pass

    def fail():
        raise Cut

    propulsion.rate_group.poll = fail
    with pytest.raises(Cut):
        propulsion.run()
    assert burning.open_valves() == []


def test_a_silent_inertial_unit_is_reported_once(burning):
    burning.lander.lines["imu"].corrupt = lambda _chunk: b""
    burning.run(1.0)
    assert [e for e in burning.events if e[1] == "imu_silent"] == [("navigation", "imu_silent", 0)]


def test_a_new_initial_state_is_refused_once_the_burn_has_begun(burning):
    before = burning.lander.navigation.estimate[slots.EST_ALTITUDE_MM]
    burning.lander.surroundings.send_initial_state()
    burning.run(0.05)
    # sinking at less than 2 m/s for 50 ms: 100 mm at most, where a new state would jump by metres
    after = burning.lander.navigation.estimate[slots.EST_ALTITUDE_MM]
    assert abs(after - before) < 200
    assert [e[1] for e in burning.events].count("initialised") == 1
    assert burning.events[-1] == ("navigation", "initial_state_refused", -1)


@pytest.mark.parametrize(("field", "value"), [(0, 2**30 - 1), (1, -(2**30)), (5, 600_000_000), (10, 0)])
def test_an_initial_state_that_the_kernels_are_not_proved_for_is_refused_whole(field, value):
    flight = Flight()
    navigation = flight.lander.navigation
    flight.run(0.05)
    before = list(navigation.estimate)
    packet = flight.lander.surroundings.spacecraft[0][1].outgoing(dictionary.INITIAL_STATE)
    for i, good in enumerate([20_000_000, -600_000_000, 0, 0, 400_000_000, 0, 2**29 - 1, 0, 0, 0, 800_000]):
        packet.values[i] = good
    packet.values[field] = value
    flight.lander.surroundings.spacecraft[0][1].send(packet)
    flight.run(0.02)
    # 20 ms of coasting at 1,689 m/s: nothing has jumped
    assert abs(navigation.estimate[slots.EST_DOWNRANGE_MM] - before[slots.EST_DOWNRANGE_MM]) < 40_000
    assert abs(navigation.estimate[slots.EST_ALTITUDE_MM] - before[slots.EST_ALTITUDE_MM]) < 1000
    said = [event for event in flight.events if event[0] == "navigation"]
    assert said[-1] == ("navigation", "initial_state_refused", field)


def test_status_of_propulsion_and_state_of_navigation_arrive_ten_times_a_second():
    flight = Flight()
    flight.run(2.0)
    # 2 s: 20 status packets to navigation, which are good and none of its business
    assert flight.lander.navigation.link.passed_by in (19, 20)
    assert flight.lander.navigation.link.rejected == 0
    assert flight.lander.propulsion.link.accepted in (201, 202)  # two are navigation's time


def test_no_tick_overruns_in_a_flight_without_faults(burning):
    assert burning.lander.navigation.rate_group.overruns == 0
    assert burning.lander.propulsion.rate_group.overruns == 0


def test_parameters_refuse_unknown_missing_and_too_many():
    good = flight_parameters(load("resilience_nominal").vehicle)
    assert Parameters(good).altimeters == ["laser", "radar"]
    with pytest.raises(ValueError, match="unknown parameter thrust"):
        Parameters(good | {"thrust": 1})
    with pytest.raises(ValueError, match="missing parameter ignition_q14"):
        Parameters({k: v for k, v in good.items() if k != "ignition_q14"})
    with pytest.raises(ValueError, match="ignition_q14: 20000 is not between 1000 and 16384"):
        Parameters(good | {"ignition_q14": 20000})
    with pytest.raises(ValueError, match=r"exhaust_m_s: 3138\.1 is not between"):
        Parameters(good | {"exhaust_m_s": 3138.1})
    with pytest.raises(ValueError, match="one to four, not 5"):
        Parameters(good | {"altimeters": good["altimeters"][:1] * 5})


def test_the_board_s_parameter_file_is_that_of_the_resilience_profile():
    path = ROOT / "boards" / "navigation_pico" / "parameters.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    assert table == flight_parameters(load("resilience_nominal").vehicle)
    assert list(Parameters.from_file(path).values) == list(Parameters(table).values)


def test_the_demand_packet_has_the_fields_of_the_demand_slots():
    names = [name for name, _ in dictionary.DEMAND.fields]
    slots_in_order = [name for name in vars(slots) if name.startswith("DEM_") and name != "DEM_SIZE"]
    assert [f"DEM_{name.upper()}" for name in names] == slots_in_order


@pytest.mark.parametrize(("up_x", "up_y"), [(0.9659, 0.0), (0.6, 0.6), (-0.2, 0.9), (0.9999, 0.0001)])
def test_the_beam_that_is_asked_for_has_length_1_whatever_the_tilt_out_of_the_pitch_plane(up_x, up_y):
    navigation = Flight().lander.navigation
    navigation.estimate[slots.EST_R00] = round(up_x * 2**29)
    navigation.estimate[slots.EST_R00 + 1] = round(up_y * 2**29)
    navigation._request_ranges()
    request = bytes(navigation.laser.line._request)
    cosine, sine = (int.from_bytes(request[at : at + 2], "little", signed=True) / 2**14 for at in (6, 8))
    assert cosine**2 + sine**2 == pytest.approx(1.0, abs=4e-4)  # two roundings of 2^-14 each
    assert cosine * up_y == pytest.approx(sine * up_x, abs=2e-4)  # the same direction
