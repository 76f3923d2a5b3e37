"""Parameters set over the bus: taken, kept or refused, each with an event that says which."""

import json

import pytest

from host_tools.ground import packets
from host_tools.ground.codec import Received
from host_tools.ground.frames import FrameReader, frame
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS, navigation_board
from host_tools.host_board.wires import SerialLine, Wire
from plumbline.kernels import slots
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services import modes
from plumbline.services.flash_layout import SECTORS
from plumbline.services.raw_flash import SECTOR

LINES = {"imu": 921_600, "laser": 115_200, "radar": 115_200, "link": 460_800}
TABLE = json.loads((BOARDS / "navigation_pico" / "parameters.json").read_text())
EXHAUST = 2  # its number, and that of the first altimeter's reach
REACH = 15


class Navigation:
    """A board in one of its lives, with ground at the other end of its bus."""

    def __init__(self, flash: SimulatedFlash | None = None) -> None:
        self.clock = Clock()
        self.bus = SerialLine(self.clock, 460_800)
        lines = {name: SerialLine(self.clock, baud).b for name, baud in LINES.items()}
        self.flash = flash or SimulatedFlash(SECTORS)
        self.board = navigation_board(
            self.clock,
            {**lines, "bus": self.bus.b},
            [Wire() for _ in range(4)],
            TABLE,
            flash=self.flash,
        )
        self._ground = FrameReader()

    def said(self, ticks: int = 15) -> list[tuple[str, int]]:
        """Name and argument of the events of so many ticks."""
        events = []
        for _ in range(ticks):
            self.clock.now_us += 10_000
            self.board.rate_group.poll()
            for item in self._ground.feed(self.bus.a.read()):
                if isinstance(item, Received) and isinstance(item.packet, packets.Event):
                    events.append((packets.EVENTS[item.packet.id].name, item.packet.argument))
        return events

    def set(self, number: int, value: int, keep: int = 0) -> list[tuple[str, int]]:
        """What the board says to a command."""
        self.bus.a.write(frame(packets.SetParameter(number, keep, value).encode()))
        return self.said()

    def value(self, number: int) -> int:
        assert self.board.parameter_commands is not None
        field = self.board.parameter_commands.stored.fields[number]
        return field[1][field[2]]


@pytest.fixture
def board() -> Navigation:
    """Alone, without an inertial unit: it goes to cruise, and after 2 s to safe."""
    navigation = Navigation()
    cruise, safe = ("mode_changed", modes.CRUISE), ("mode_changed", modes.SAFE)
    assert navigation.said(250) == [("boot", 0), cruise, safe]
    return navigation


def test_a_parameter_is_set_at_once_and_gone_with_the_next_start_unless_it_is_kept(board):
    assert board.set(EXHAUST, 3_200) == [("parameter_set", EXHAUST)]
    assert board.board.parameters.values[slots.PAR_EXHAUST_M_S] == 3_200
    assert Navigation(board.flash).value(EXHAUST) == TABLE["exhaust_m_s"]


def test_a_kept_parameter_outlives_the_power_with_those_that_were_set_before(board):
    board.set(REACH, 9_000_000)
    assert board.set(EXHAUST, 3_210, keep=1) == [("parameter_set", EXHAUST), ("parameters_stored", 0)]
    again = Navigation(board.flash)
    assert (again.value(EXHAUST), again.value(REACH)) == (3_210, 9_000_000)
    assert again.said() == [("boot", 0)]


def test_the_vote_takes_a_new_reach_over(board):
    slot = slots.VOT_FIRST + slots.VOT_REACH_MM
    assert board.board.vote[slot] == TABLE["altimeters"][0]["reach_mm"]
    board.set(REACH, 9_000_000)
    assert board.board.vote[slot] == 9_000_000


@pytest.mark.parametrize(
    ("number", "value", "event"),
    [
        (EXHAUST, 499, "parameter_out_of_range"),
        (EXHAUST, 6_001, "parameter_out_of_range"),
        (EXHAUST, -(2**30), "parameter_out_of_range"),
        (21, 1, "parameter_unknown"),
        (255, 1, "parameter_unknown"),
    ],
)
def test_what_is_refused_is_said_and_changes_nothing(board, number, value, event):
    before = [board.value(i) for i in range(21)]
    content = bytes(board.flash.content)
    assert board.set(number, value, keep=1) == [(event, number)]
    assert [board.value(i) for i in range(21)] == before
    assert board.flash.content == content


def test_no_parameter_is_set_in_flight(board):
    for phase in range(1, 9):
        board.board.guidance[slots.GUI_PHASE] = phase
        answered = ("parameter_set" if phase == 6 else "parameter_not_now", EXHAUST)
        assert answered in board.set(EXHAUST, 3_000 + phase)
    assert board.value(EXHAUST) == 3_006  # on the ground


def test_a_spoiled_slot_is_said_after_the_boot_and_the_other_one_is_flown(board):
    board.set(EXHAUST, 3_111, keep=1)  # into the first slot
    board.set(EXHAUST, 3_222, keep=1)
    board.flash.content[SECTOR + 20] ^= 1
    older = Navigation(board.flash)
    assert older.value(EXHAUST) == 3_111
    assert older.said() == [("boot", 0), ("parameters_fell_back", 0)]
    board.flash.content[20] ^= 1
    neither = Navigation(board.flash)
    assert neither.value(EXHAUST) == TABLE["exhaust_m_s"]
    assert neither.said() == [("boot", 0), ("parameters_lost", 0)]


def test_flash_that_takes_nothing_is_said(board, monkeypatch):
    monkeypatch.setattr(board.flash, "program", lambda _at, _page: None)
    assert board.set(EXHAUST, 3_333, keep=1) == [("parameter_set", EXHAUST), ("parameters_not_stored", 0)]
