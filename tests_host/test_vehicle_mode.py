"""Navigation's mode: what leads to it, what ground may ask for, and that nothing burns out of safe."""

import json

import numpy as np
import pytest

from host_tools.ground import packets
from host_tools.ground.codec import Received
from host_tools.ground.frames import FrameReader, frame
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS, navigation_board
from host_tools.host_board.parts.stim300 import SimulatedStim300
from host_tools.host_board.wires import SerialLine, Wire
from plumbline.kernels import slots
from plumbline.link import dictionary as d
from plumbline.services import modes, rate_group
from plumbline.services.rate_group import RateGroup
from plumbline.services.vehicle_mode import VehicleMode

LINES = {"imu": 921_600, "laser": 115_200, "radar": 115_200, "link": 460_800}
TABLE = json.loads((BOARDS / "navigation_pico" / "parameters.json").read_text())
STATE = (20_000_000, -900_000_000, 0, 0, 432_332_800, 0, 376_297_796, 0, 0, -382_923_419, 800_000)


class Ground:
    """A navigation board, perhaps with an inertial unit, and ground at the other end of its bus."""

    def __init__(self, has_imu=True):
        self.clock = Clock()
        self.bus = SerialLine(self.clock, 460_800)
        lines = {name: SerialLine(self.clock, baud) for name, baud in LINES.items()}
        self.imu = SimulatedStim300(lines["imu"].a) if has_imu else None
        near = {name: line.b for name, line in lines.items()}
        self.board = navigation_board(
            self.clock, {**near, "bus": self.bus.b}, [Wire() for _ in range(4)], TABLE
        )
        self._reader = FrameReader()
        self.modes = []

    def pass_by(self, ticks):
        """Events (name, argument) of so many ticks; `modes` gets each that telemetry tells anew."""
        events = []
        for _ in range(ticks):
            self.clock.now_us += 10_000
            if self.imu is not None:
                self.imu.emit(np.zeros((5, 6), np.int64))
            self.board.rate_group.poll()
            for item in self._reader.feed(self.bus.a.read()):
                if not isinstance(item, Received):
                    continue
                if isinstance(item.packet, packets.Event):
                    events.append((packets.EVENTS[item.packet.id].name, item.packet.argument))
                elif (
                    isinstance(item.packet, packets.NavigationState)
                    and item.packet.mode not in self.modes[-1:]
                ):
                    self.modes.append(item.packet.mode)
        return events

    def ask(self, mode, ticks=12):
        self.bus.a.write(frame(packets.NavigationMode(mode).encode()))
        return self.pass_by(ticks)

    def initialise(self, ticks=3):
        self.bus.a.write(frame(packets.InitialState(*STATE).encode()))
        return self.pass_by(ticks)


@pytest.fixture
def ground():
    made = Ground()
    made.pass_by(40)
    return made


def test_a_board_whose_tasks_have_checked_in_is_in_cruise_and_coasts_once_it_knows_where_it_is(ground):
    assert ground.modes == [modes.BOOT, modes.CRUISE]
    ground.initialise(15)
    assert ground.modes == [modes.BOOT, modes.CRUISE, modes.COAST]


def test_safe_before_the_burn_takes_the_state_away_and_no_new_one_until_cruise(ground):
    ground.initialise(12)
    assert ("mode_changed", modes.SAFE) in ground.ask(modes.SAFE)
    assert ground.board.guidance[slots.GUI_PHASE] == 0
    assert ("initial_state_refused", -2) in ground.initialise()
    assert ("mode_changed", modes.CRUISE) in ground.ask(modes.CRUISE)
    assert ("initialised", 0) in ground.initialise()
    ground.pass_by(12)
    assert ground.modes[-1] == modes.COAST


def test_in_the_burn_nothing_that_ground_says_makes_it_safe(ground):
    ground.initialise(12)
    ground.board.guidance[slots.GUI_PHASE] = 2
    ground.pass_by(25)
    assert ground.modes[-1] == modes.BRAKING
    assert ("mode_refused", modes.SAFE << 4 | modes.BRAKING) in ground.ask(modes.SAFE)
    assert ground.board.guidance[slots.GUI_PHASE] == 2


def test_what_cannot_be_is_refused_once_and_what_is_so_already_is_answered(ground):
    assert ground.ask(modes.SURFACE) == [("mode_refused", modes.SURFACE << 4 | modes.CRUISE)]
    assert ground.ask(200) == [("mode_refused", 200 << 4 | modes.CRUISE)]
    assert ground.ask(modes.CRUISE) == [("mode_changed", modes.CRUISE)]
    assert ground.pass_by(50) == []


def test_without_an_inertial_unit_it_is_safe_after_two_seconds_and_stays_so():
    ground = Ground(has_imu=False)
    assert ("mode_changed", modes.SAFE) in ground.pass_by(230)
    assert ("mode_refused", modes.CRUISE << 4 | modes.SAFE) in ground.ask(modes.CRUISE)
    assert ("initial_state_refused", -2) in ground.initialise()


class Events:
    def __init__(self):
        self.said = []

    def emit(self, event, tick, argument=0):
        self.said.append((event, argument))


@pytest.mark.parametrize(("phase", "mode"), [(2, modes.BRAKING), (4, modes.TERMINAL), (6, modes.LANDED)])
def test_a_descent_that_goes_on_begins_in_its_mode_after_any_number_of_resets(phase, mode):
    events = Events()
    assert VehicleMode(events, True, True).look(1, phase, False, False)
    assert events.said == [(d.MODE_CHANGED, mode)]


def test_too_many_resets_before_the_burn_are_safe():
    events = Events()
    made = VehicleMode(events, False, True)
    made.look(1, 0, False, False)
    assert made.is_safe


def test_a_board_that_is_late_is_not_ready_and_safe_when_that_lasts():
    events = Events()
    made = VehicleMode(events, False, False)
    for tick in range(19):
        assert not made.look(tick, 0, True, False)
    assert made.look(19, 0, True, False)
    assert events.said == [(d.MODE_CHANGED, modes.SAFE)]


class Clock30:
    """A clock whose time passes when somebody looks, and that ends the run."""

    def __init__(self, ticks):
        self.now_us = 0
        self._end_us = ticks * 10_000 + 5_000

    def ticks_us(self):
        self.now_us += 1_000
        if self.now_us > self._end_us:
            raise KeyboardInterrupt
        return self.now_us

    def ticks_add(self, a, b):
        return a + b

    def ticks_diff(self, a, b):
        return a - b

    def sleep_ms(self, ms):
        self.now_us += ms * 1000


@pytest.fixture
def frozen(monkeypatch):
    """As in the flight image."""
    monkeypatch.setattr(rate_group, "is_frozen", lambda: True)


def pieces_of(said):
    said.append("first")
    yield
    said.append("second")


def test_from_files_everything_is_done_at_the_start():
    said = []
    RateGroup(Clock30(5), 10_000, lambda: None, lambda _level: None).behind_ticks(pieces_of(said))
    assert said == ["first", "second"]


def test_what_a_start_has_no_time_for_is_done_behind_the_first_ticks_one_piece_each(frozen):
    said = []
    group = RateGroup(Clock30(5), 10_000, lambda: said.append("tick"), lambda _level: None)

    group.behind_ticks(pieces_of(said))
    with pytest.raises(KeyboardInterrupt):
        group.run()
    assert said[:5] == ["tick", "first", "tick", "second", "tick"]
    assert said.count("first") == said.count("second") == 1
