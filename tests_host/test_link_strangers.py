"""Good packets that are not for whoever hears them: telemetry on the wrong line, commands for others."""

import pytest

from host_tools.host_board.lander import Lander
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
from plumbline.link import dictionary
from plumbline.link.packet import OutgoingPacket


class Flight:
    """A lander that waits, with the events that reached the spacecraft."""

    def __init__(self) -> None:
        scenario = load("resilience_nominal")
        self.events: list[tuple[str, str, int]] = []
        self.lander = Lander(
            World(scenario, seed=3),
            flight_parameters(scenario.vehicle),
            on_event=lambda _s, board, name, _severity, argument: self.events.append((board, name, argument)),
        )
        self.run(1.1)  # the first time of navigation has been taken over

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            self.lander.step()


@pytest.fixture
def flight() -> Flight:
    return Flight()


@pytest.mark.parametrize("packet", [dictionary.EVENT, dictionary.NAVIGATION_STATE], ids=["event", "state"])
def test_telemetry_on_the_link_is_no_demand(flight, packet):
    propulsion, line = flight.lander.propulsion, flight.lander.lines["link"]
    stray = OutgoingPacket(packet, dictionary.NAVIGATION)
    for index in range(len(packet.fields)):
        stray.values[index] = 3  # armed and main engine, if it were a demand
    line.corrupt = lambda _chunk: b""  # no demand in between
    flight.run(0.03)
    demand, passed_by = list(propulsion.demand), propulsion.link.passed_by
    line.corrupt = None
    line.a.write(stray.encode())
    line.corrupt = lambda _chunk: b""
    flight.run(0.03)
    assert propulsion.link.passed_by == passed_by + 1
    assert list(propulsion.demand) == demand


@pytest.mark.parametrize("packet", [dictionary.EVENT, dictionary.PROPULSION_STATUS], ids=["event", "status"])
def test_telemetry_on_the_bus_is_no_initial_state(flight, packet):
    stray = OutgoingPacket(packet, dictionary.PROPULSION)
    count = len(flight.events)
    flight.lander.surroundings.spacecraft[0][1].send(stray)
    flight.run(0.05)
    assert flight.events[count:] == []


def test_refused_commands_are_told_by_both_boards(flight):
    for board, port in flight.lander.surroundings.spacecraft:
        other = dictionary.DEMAND if board == "navigation" else dictionary.INITIAL_STATE
        port.send(OutgoingPacket(other, dictionary.SPACECRAFT))
    flight.run(0.3)
    told = [event for event in flight.events if event[1] == "command_elsewhere"]
    assert sorted(told) == [
        ("navigation", "command_elsewhere", 0x1201 * 2**14),
        ("propulsion", "command_elsewhere", 0x1103 * 2**14),
    ]
