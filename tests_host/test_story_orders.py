"""Commands of the ground: sent again until the reply has come, boundedly, and what a reply is."""

import numpy as np
import pytest

from host_tools.host_board.surroundings import initial_state
from host_tools.scenarios.library import load
from host_tools.story.determination import Determination
from host_tools.story.heard import Heard
from host_tools.story.orders import AGAIN_S, FIRST_AGAIN_S, MOST_TIMES, Orders
from host_tools.world import dynamics as dyn
from host_tools.world.world import World
from plumbline.link import dictionary as d

POWER, STRUCTURE, NAVIGATION, ROVER = d.POWER, d.STRUCTURE, d.NAVIGATION, d.ROVER


class Desk:
    """Orders, and the time at which each frame went out."""

    def __init__(self):
        self.heard = Heard()
        self.sent = []
        self.now_s = 10.0
        self.orders = Orders(self.heard, lambda packet, values: self.sent.append((packet.name, list(values))))

    def send(self, packet, *values):
        self.orders.send(packet, values, self.now_s)

    def wait(self, seconds):
        for _ in range(round(seconds * 100)):
            self.now_s += 0.01
            self.orders.tick(self.now_s)

    def event(self, board, number, argument=0):
        self.heard.note_event(board, [number, 1, 0, argument, 0, 0], self.now_s)

    def telemetry(self, packet, **fields):
        self.heard.note_telemetry(packet, [fields.get(name, 0) for name, _ in packet.fields], self.now_s)


@pytest.fixture
def desk():
    return Desk()


def test_without_a_reply_a_command_is_sent_again_and_after_a_minute_given_up(desk):
    desk.send(d.LOAD_SWITCH, 0, 1, 60)
    desk.wait(FIRST_AGAIN_S + 0.02)
    assert len(desk.sent) == 2
    desk.wait((AGAIN_S + 0.01) * MOST_TIMES + 1)  # due at a tick, or just behind it
    assert len(desk.sent) == MOST_TIMES == 1 + desk.orders.repeated
    assert desk.orders.unanswered == 1 and not desk.orders.are_open


def test_what_was_said_before_the_command_is_no_reply(desk):
    desk.event(POWER, d.LOAD_ON, 0)
    desk.telemetry(d.STRUCTURE_STATUS, mode=2)
    desk.send(d.LOAD_SWITCH, 0, 1, 60)
    desk.send(d.STRUCTURE_MODE, 2)
    desk.wait(0.1)
    assert desk.orders.are_open


@pytest.mark.parametrize(
    ("packet", "values", "event"),
    [
        (d.LOAD_SWITCH, (2, 1, 60), (POWER, d.LOAD_ON, 2)),
        (d.LOAD_SWITCH, (2, 0, 0), (POWER, d.LOAD_OFF, 2)),
        (d.LOAD_SWITCH, (2, 1, 60), (POWER, d.POWER_TOO_LOW, 2)),
        (d.ARM_SUPPLY, (1, 60), (POWER, d.ARM_ON, 0)),
        (d.ARM_SUPPLY, (0, 0), (POWER, d.ARM_OFF, 0)),
        (d.STRUCTURE_FIRE, (1, 77), (STRUCTURE, d.ACTUATOR_FIRED, 1)),
        (d.STRUCTURE_FIRE, (1, 77), (STRUCTURE, d.STRUCTURE_REFUSED, d.REFUSED_NONCE)),
        (d.INITIAL_STATE, (0,) * 11, (NAVIGATION, d.INITIALISED, 0)),
        (d.NAVIGATION_MODE, (9,), (NAVIGATION, d.MODE_REFUSED, 9 << 4 | 4)),
        (d.ROVER_DRIVE, (500, 40), (ROVER, d.ROVER_TAKEN, d.ROVER_DRIVE.function)),
        (d.ROVER_SCOOP, (1000,), (ROVER, d.ROVER_REFUSED, d.ROVER_SCOOP.function * 256 + 101)),
    ],
)
def test_an_event_that_names_it_is_the_reply(desk, packet, values, event):
    desk.send(packet, *values)
    desk.wait(0.05)
    desk.event(*event)
    desk.wait(2)
    assert len(desk.sent) == 1 and not desk.orders.are_open


@pytest.mark.parametrize(
    ("packet", "values", "event"),
    [
        (d.LOAD_SWITCH, (2, 1, 60), (POWER, d.LOAD_ON, 1)),
        (d.STRUCTURE_FIRE, (1, 77), (STRUCTURE, d.ACTUATOR_FIRED, 0)),
        (d.ROVER_DRIVE, (500, 40), (ROVER, d.ROVER_TAKEN, d.ROVER_TURN.function)),
    ],
)
def test_an_event_about_something_else_is_none(desk, packet, values, event):
    desk.send(packet, *values)
    desk.wait(0.05)
    desk.event(*event)
    desk.wait(1)
    assert desk.orders.are_open and len(desk.sent) > 1


@pytest.mark.parametrize(
    ("packet", "values", "telemetry", "right", "wrong"),
    [
        (d.STRUCTURE_MODE, (2,), d.STRUCTURE_STATUS, {"mode": 2}, {"mode": 1}),
        (d.STRUCTURE_ARM, (3,), d.STRUCTURE_ARMED, {"actuator": 3, "nonce": 9}, {"actuator": 1, "nonce": 9}),
        (d.STRUCTURE_FIRE, (2, 9), d.STRUCTURE_STATUS, {"fired": 4}, {"fired": 3}),
        (d.ARM_SUPPLY, (1, 60), d.POWER_STATUS, {"arm_state": 1}, {"arm_state": 4}),
        (d.ARM_SUPPLY, (0, 0), d.POWER_STATUS, {"arm_state": 0}, {"arm_state": 1}),
        (d.LOAD_SWITCH, (2, 0, 0), d.POWER_STATUS, {"loads": 3}, {"loads": 7}),
        (d.INITIAL_STATE, (0,) * 11, d.NAVIGATION_STATE, {"phase": 1}, {"phase": 0}),
        (d.NAVIGATION_MODE, (9,), d.NAVIGATION_STATE, {"mode": 9}, {"mode": 8}),
    ],
)
def test_telemetry_that_has_what_was_ordered_is_a_reply(desk, packet, values, telemetry, right, wrong):
    desk.send(packet, *values)
    desk.wait(0.05)
    desk.telemetry(telemetry, **wrong)
    desk.wait(0.05)
    assert desk.orders.are_open
    desk.telemetry(telemetry, **right)
    desk.wait(0.05)
    assert not desk.orders.are_open


def test_that_a_load_is_on_is_no_reply_because_it_may_have_been_on_for_another_time(desk):
    desk.send(d.LOAD_SWITCH, 2, 1, 60)
    desk.wait(0.05)
    desk.telemetry(d.POWER_STATUS, loads=4)
    desk.wait(0.05)
    assert desk.orders.are_open


def test_a_newer_command_to_the_same_thing_takes_the_older_one_s_place(desk):
    desk.send(d.LOAD_SWITCH, 2, 1, 60)
    desk.send(d.LOAD_SWITCH, 3, 1, 60)
    desk.send(d.LOAD_SWITCH, 2, 0, 0)
    desk.send(d.STRUCTURE_FIRE, 1, 77)  # a nonce that a new arming makes worthless: it would disarm
    desk.send(d.STRUCTURE_ARM, 1)
    del desk.sent[:]
    desk.wait(FIRST_AGAIN_S + 0.02)
    again = sorted(desk.sent)
    assert again == [("load_switch", [2, 0, 0]), ("load_switch", [3, 1, 60]), ("structure_arm", [1])]


def test_a_state_is_sent_again_as_it_is_by_then(desk):
    states = iter(range(100, 200))
    desk.orders.send(d.INITIAL_STATE, lambda: [next(states)] * 11, desk.now_s)
    desk.wait(FIRST_AGAIN_S + AGAIN_S + 0.02)
    assert [values[0] for _, values in desk.sent] == [100, 101, 102]


def test_orbit_determination_s_errors_stay_what_they_were_while_the_lander_flies_on():
    world = World(load("resilience_nominal"), 3)
    determination = Determination(world)
    at_start = determination.fields()
    assert at_start == pytest.approx(initial_state(world), abs=1)

    def off():
        """Believed less true: m, m/s, and the angle between the two attitudes in rad."""
        said = determination.fields()
        world.look()
        view = world.view
        place = np.array(said[:3]) * 1e-3 - view[[dyn.ALTITUDE_M, dyn.DOWNRANGE_M, dyn.CROSSRANGE_M]]
        speed = np.array(said[3:6]) / 256e3 - view[[dyn.SPEED_UP, dyn.SPEED_DOWNRANGE, dyn.SPEED_CROSSRANGE]]
        q = np.array(said[6:10]) / 2**29
        believed = np.array([dyn.rotated(*q, *axis) for axis in np.eye(3)]).T
        true = np.array([view[first : first + 3] for first in (dyn.UP_X, dyn.DOWN_X, dyn.CROSS_X)])
        angle = np.arccos(min(1.0, (np.trace(believed.T @ true) - 1) / 2))
        return place, speed, angle

    place, speed, angle = off()
    for _ in range(500):
        world.advance()
    later_place, later_speed, later_angle = off()
    assert determination.fields()[1] - at_start[1] > 8_000_000  # 1.7 km/s for 5 s, in mm
    np.testing.assert_allclose(later_speed, speed, atol=0.01)
    np.testing.assert_allclose(later_place, place + 5 * speed, atol=0.05)
    assert later_angle == pytest.approx(angle, abs=1e-4) and angle > 0
