"""The declared ranges of a command are those that the board holds it to, and its refusal names the field."""

import pytest

from host_tools.ground.dictionary import load
from host_tools.host_board.lander import Lander
from host_tools.scenarios.library import load as load_scenario
from host_tools.scenarios.parameters import flight_parameters
from host_tools.world.world import World
from plumbline.kernels import slots
from plumbline.link import dictionary

WAITING = 0
GOOD = [20_000_000, -600_000_000, 0, 0, 400_000_000, 0, 2**29 - 1, 0, 0, 0, 800_000]


@pytest.fixture(scope="module")
def answer():
    """Sends an initial state to a lander that waits for one; gives what navigation answers."""
    scenario = load_scenario("resilience_nominal")
    events: list[tuple[str, int]] = []
    lander = Lander(
        World(scenario, seed=3),
        flight_parameters(scenario.vehicle),
        on_event=lambda _s, _board, name, _severity, argument: events.append((name, argument)),
    )
    for _ in range(3):
        lander.step()  # the spacecraft sends one of its own at the start
    port = lander.surroundings.spacecraft[0][1]
    packet = port.outgoing(dictionary.INITIAL_STATE)

    def send(values: list[int]) -> list[tuple[str, int]]:
        lander.navigation.guidance[slots.GUI_PHASE] = WAITING  # what was taken before may have begun a burn
        events.clear()
        for index, value in enumerate(values):
            packet.values[index] = value
        port.send(packet)
        for _ in range(3):
            lander.step()
        return [event for event in events if event[0].startswith("initial")]

    return send


def test_navigation_takes_just_the_declared_range_of_each_field_of_an_initial_state(answer):
    described = next(packet for packet in load().packets if packet.name == "initial_state")
    assert answer(GOOD) == [("initialised", 0)]
    for index, field in enumerate(described.fields):
        for value, is_taken in (
            (field.least, True),
            (field.most, True),
            (field.least - 1, False),
            (field.most + 1, False),
        ):
            values = list(GOOD)
            values[index] = value
            if field.name.startswith("q") and is_taken:
                values[6:10] = [value if i == index else 0 for i in range(6, 10)]
            expected = ("initialised", 0) if is_taken else ("initial_state_refused", index)
            assert answer(values) == [expected], (field.name, value)
