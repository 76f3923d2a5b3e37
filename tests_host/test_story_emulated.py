"""The story's beginning with three emulated Picos on the bus of five boards: pyros, arm supply, ignition.

`plumbline story resilience_to_regolith --board emulated` tells the whole; here is what there is time for.
"""

from itertools import pairwise

import pytest

from host_tools.flash.flight_image import flight_image
from host_tools.host_board.clock import Clock
from host_tools.host_board.shared_bus import HubEnd, SharedBus
from host_tools.scenarios.parameters import flight_parameters
from host_tools.story.beside import beside
from host_tools.story.play import play, scenario_of
from host_tools.story.script import Step, load_script
from host_tools.story.spacecraft import Spacecraft
from host_tools.world import dynamics as dyn
from host_tools.world.world import World
from plumbline.subsystems.structure import OUTPUTS

NAME = "resilience_to_regolith"
SEED = 2
BAUD = 460_800


def beginning():
    """The script up to ignition and a few seconds more."""
    script = load_script(NAME)
    end = [step.name for step in script.steps].index("ignition") + 1
    burns = Step(name="burns", title="It burns", after_s=3.0)
    return script.model_copy(update={"steps": [*script.steps[:end], burns]})


class Beginning:
    """What is true of the beginning of a story, on either tier."""

    def __init__(self, uf2=None):
        script = beginning()
        world = World(scenario_of(script, late=True), SEED)
        self.supplied_us = None
        with Spacecraft(world, flight_parameters(world.scenario.vehicle), script, SEED, uf2) as craft:
            while not craft.ground.is_done:
                craft.step()
                if craft.power.arm_is_on and self.supplied_us is None:
                    self.supplied_us = world.now_us
        self.craft, self.ground, self.world = craft, craft.ground, world
        self.told = [(e.board, e.name, e.argument) for e in craft.ground.events if e.name not in UNHEARD]


STATUS_S = 0.5  # of the slowest status, 2 Hz
UNHEARD = ("boot", "time_taken")  # a chip boots before the bus is there; whose clock leads is chance


def steps_s(beginning):
    """How long each step took."""
    times = [mark.time_s for mark in beginning.ground.marks]
    return [later - earlier for earlier, later in pairwise([0.0, *times])]


@pytest.fixture(scope="module")
def host():
    return Beginning()


@pytest.fixture(scope="module")
def emulated(firmware):
    return Beginning(flight_image())


def test_the_chips_reach_ignition_as_the_host_boards_do(host, emulated):
    assert not emulated.ground.failure
    assert [mark.name for mark in emulated.ground.marks] == [mark.name for mark in host.ground.marks]
    # the boards' first ticks are another time apart: who waits for a status may wait half a second more
    for mine, theirs in zip(steps_s(emulated), steps_s(host), strict=True):
        assert mine == pytest.approx(theirs, abs=STATUS_S)


def test_all_five_boards_tell_the_same_and_none_complains_of_a_command_for_another(host, emulated):
    assert sorted(emulated.told) == sorted(host.told)
    assert ("structure", "actuator_fired", 0) in emulated.told
    assert "command_elsewhere" not in {name for _, name, _ in emulated.told}


def test_after_every_tick_each_chip_s_states_were_the_host_board_s(emulated):
    figures = emulated.craft.figures()
    ticks = emulated.world.now_us // 10_000
    assert figures["ticks"]["navigation"] == figures["ticks"]["propulsion"] == ticks
    assert figures["ticks"]["structure"] >= ticks - 1  # its last one ends after the clock has stopped
    assert set(figures["overruns"].values()) == {0}


def test_the_heart_of_the_emulated_propulsion_holds_the_arm_supply_and_its_pins_open_the_valves(emulated):
    assert emulated.supplied_us is not None
    assert emulated.craft.power.arm_is_on
    assert emulated.craft.unsupplied_ticks == 0
    assert emulated.world.open_shares[:, 0].any()
    # three seconds of burning use propellant
    assert emulated.world.propellant_kg < World(emulated.world.scenario, SEED).propellant_kg - 0.2


def test_the_pyros_were_fired_by_the_chip_s_pins(emulated):
    body = emulated.craft.picos.structure
    assert body.body.done_us.keys() == {"legs", "pressurant"}
    fired = {OUTPUTS[output] for _, output, level in body.edges if level}
    assert {"actuator.legs", "actuator.pressurant"} <= fired
    assert not fired & {"actuator.ramp", "actuator.rover"}


def test_a_descent_parts_little_from_the_host_tier_s(host, emulated):
    for view in (dyn.ALTITUDE_M, dyn.DOWNRANGE_M):
        assert emulated.world.view[view] == pytest.approx(host.world.view[view], abs=5.0)


def test_a_hub_hands_on_whole_frames_when_the_bus_is_free():
    bus = SharedBus(Clock(), BAUD, ("chip", "ground"), hubs=("chip",))
    chip, ground = bus.ends["chip"], bus.ends["ground"]
    assert isinstance(chip, HubEnd)
    # seven bytes, of which the frame is six: its last one's stop bit ends 150 us after the start
    chip.give([(25_000 * n, byte) for n, byte in enumerate(b"hello\0x", start=1)])
    assert bus.busy_us == pytest.approx(6 * 1e7 / BAUD)
    bus.clock.now_us = 150 + 130
    assert ground.read() == b"hello"  # its sixth byte is still on its way
    bus.clock.now_us = 150 + 131
    assert ground.read() == b"\0"
    chip.give([(300_000, 0)])
    bus.clock.now_us = 10_000
    assert ground.read() == b"x\0"
    ground.write(b"to you\0")
    assert chip.take() == [(10_000_000, b"to you\0")]
    assert chip.take() == []


def test_what_one_tier_alone_has_told_is_named():
    told = play(beginning(), SEED, late=True)
    other = play(beginning(), SEED, late=True)
    assert beside(told, other)["events_not_on_host_tier"] == {}
    other.events.pop(next(i for i, e in enumerate(other.events) if e.name == "ignition"))
    figures = beside(told, other)
    assert figures["events_not_on_host_tier"] == {"navigation.ignition": 1}
    assert figures["events_only_on_host_tier"] == {}
