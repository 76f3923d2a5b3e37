"""What each of the five boards says to bad commands and to flash that is spoiled: an event that names it."""

import binascii
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from host_tools.ground import packets
from host_tools.ground.codec import Received
from host_tools.ground.frames import FrameReader, frame
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS, navigation_board, propulsion_board
from host_tools.host_board.outlets import Outlets
from host_tools.host_board.power import PowerBoard
from host_tools.host_board.rover import MicroRover
from host_tools.host_board.structure import MainBody
from host_tools.host_board.wires import SerialLine, Wire
from host_tools.recorder.decode import decode
from plumbline.link import dictionary as d
from plumbline.link.packet import COMMAND
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import RECORDER_FIRST, SECTORS
from plumbline.services.raw_flash import SECTOR
from plumbline.services.recorder import RecordKind

NAMES = {board: name for board, name in d.BOARDS if board != d.SPACECRAFT}
KEEPERS = [board for board in NAMES if board != d.PROPULSION]  # propulsion has no parameters
TICK_US = 10_000
BUS_BAUD = 460_800
PARAMETERS = 2 * SECTOR  # bytes of flash


@dataclass
class Desk:
    """A board in one life, with ground at its bus; `program` is the subsystem."""

    program: Any
    clock: Clock
    line: SerialLine
    step: Callable[[], object]
    flash: SimulatedFlash
    body: Any = None  # what the board sits in
    reader: FrameReader = field(default_factory=FrameReader)

    def said(self, ticks: int = 60) -> list[tuple[str, int]]:
        """Name and argument of the events of so many ticks; each was said once."""
        events = []
        for _ in range(ticks):
            self.clock.now_us += TICK_US
            self.step()
            for item in self.reader.feed(self.line.a.read()):
                if isinstance(item, Received) and isinstance(item.packet, packets.Event):
                    events.append((packets.EVENTS[item.packet.id].name, item.packet.argument))
        return events

    def reset(self) -> None:
        """The watchdog's."""
        self.body.reset()

    def answers(self, *frames: bytes) -> list[tuple[str, int]]:
        """The events that come of these frames."""
        for data in frames:
            self.line.a.write(data)
        return self.said()


def navigation(clock: Clock, line: SerialLine, flash: SimulatedFlash) -> tuple[Any, Callable[[], object]]:
    bauds = {"imu": 921_600, "laser": 115_200, "radar": 115_200, "link": BUS_BAUD}
    lines = {name: SerialLine(clock, baud).b for name, baud in bauds.items()} | {"bus": line.b}
    table = json.loads((BOARDS / "navigation_pico" / "parameters.json").read_text())
    program = navigation_board(clock, lines, [Wire() for _ in range(4)], table, flash=flash)
    return program, program.rate_group.poll


def propulsion(clock: Clock, line: SerialLine, _flash: SimulatedFlash) -> tuple[Any, Callable[[], object]]:
    lines = {"link": SerialLine(clock, BUS_BAUD).b, "bus": line.b}
    program = propulsion_board(clock, lines, Outlets(15))
    return program, program.rate_group.poll


def power(clock: Clock, line: SerialLine, flash: SimulatedFlash) -> tuple[Any, Callable[[], object]]:
    board = PowerBoard(clock, line.b, flash=flash)
    return board.power, board.step


def structure(clock: Clock, line: SerialLine, flash: SimulatedFlash) -> tuple[Any, Callable[[], object]]:
    main = MainBody(clock, line.b, flash=flash)
    return main.structure, main.step


def rover(clock: Clock, line: SerialLine, flash: SimulatedFlash) -> tuple[Any, Callable[[], object]]:
    body = MicroRover(clock, line.b, flash=flash)
    return body.rover, body.step


BUILDERS = {
    d.NAVIGATION: navigation,
    d.PROPULSION: propulsion,
    d.POWER: power,
    d.STRUCTURE: structure,
    d.ROVER: rover,
}


def desk(board: int, flash: SimulatedFlash | None = None) -> Desk:
    """A board that has just booted, and has said so and nothing else but what its flash deserves."""
    clock = Clock()
    line = SerialLine(clock, BUS_BAUD)
    flash = flash or SimulatedFlash(SECTORS)
    program, step = BUILDERS[board](clock, line, flash)
    return Desk(program, clock, line, step, flash, getattr(step, "__self__", None))


def booted(board: int) -> Desk:
    made = desk(board)
    # a battery and a thermistor that have not spoken yet are no news within 1.5 s; propulsion has no demand,
    # and navigation, without an inertial unit, goes from boot to cruise and after 2 s to safe
    said = made.said(250 if board == d.NAVIGATION else 150)
    assert said[0] == ("boot", 0)
    usual = {d.NAVIGATION: {"boot", "mode_changed"}, d.PROPULSION: {"boot", "demand_stale"}}
    assert {name for name, _ in said} <= usual.get(board, {"boot"})
    return made


def command(board: int, function: int, payload: bytes, sequence: int = 0) -> bytes:
    header = [0x1000 | board << 8 | function, 0xC000 | sequence, len(payload) + 4 - 1]
    body = b"".join(part.to_bytes(2, "big") for part in header) + payload
    return frame(body + binascii.crc32(body).to_bytes(4, "big"))


def named(board: int, function: int, sequence: int) -> int:
    """The argument that names a very packet."""
    return (0x1000 | board << 8 | function) * 2**14 + sequence


boards = pytest.mark.parametrize("board", NAMES, ids=NAMES.get)
keepers = pytest.mark.parametrize("board", KEEPERS, ids=NAMES.get)


@boards
def test_an_unknown_command_is_told_by_its_very_packet(board):
    told = booted(board).answers(command(board, 0x77, bytes(4), sequence=0x1ABC))
    assert told == [("command_unknown", named(board, 0x77, 0x1ABC))]


@boards
def test_a_command_for_another_board_is_told_by_its_very_packet(board):
    made = booted(board)
    other = next(each for each in d.PACKETS if each.kind == COMMAND and each.board != board)
    told = made.answers(command(other.board, other.function, bytes(other.size - 10), sequence=7))
    assert told == [("command_elsewhere", named(other.board, other.function, 7))]


@boards
def test_each_of_its_commands_in_another_length_is_told_by_its_very_packet(board):
    own = [packet for packet in d.PACKETS if packet.kind == COMMAND and packet.board == board]
    made = booted(board)
    for sequence, packet in enumerate(own):
        told = made.answers(command(board, packet.function, bytes(packet.size - 10 + 1), sequence))
        assert told == [("command_malformed", named(board, packet.function, sequence))]


DEMAND = packets.Demand(0, 3, 32_767, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
OUT_OF_RANGE = [
    (
        d.NAVIGATION,
        packets.InitialState(0, 0, 0, 0, 0, 0, 2**29 - 1, 0, 0, 0, 99_999),
        ("initial_state_refused", 10),
    ),
    (d.NAVIGATION, packets.SetParameter(2, 1, 6_001), ("parameter_out_of_range", 2)),
    (d.NAVIGATION, packets.SetParameter(200, 1, 0), ("parameter_unknown", 200)),
    # ground has no demands to make: the spacecraft's bus takes none, whatever is in it
    (d.PROPULSION, DEMAND, ("command_unknown", named(d.PROPULSION, d.DEMAND.function, 0))),
    (d.POWER, packets.LoadSwitch(6, 1, 60), ("power_field_refused", 0x20 * 256 + 0)),
    (d.POWER, packets.LoadSwitch(0, 2, 60), ("power_field_refused", 0x20 * 256 + 1)),
    (d.POWER, packets.LoadSwitch(0, 1, 0), ("power_field_refused", 0x20 * 256 + 2)),
    (d.POWER, packets.ArmSupply(1, 3_601), ("power_field_refused", 0x21 * 256 + 1)),
    (d.POWER, packets.PowerParameter(0, 1, 17_999), ("parameter_out_of_range", 0)),
    (d.POWER, packets.PowerParameter(0, 1, 23_000), ("parameter_out_of_range", 0)),  # above its yellow one
    (d.POWER, packets.PowerParameter(35, 1, 0), ("parameter_unknown", 35)),
    (d.STRUCTURE, packets.StructureMode(4), ("structure_refused", d.REFUSED_MODE_UNKNOWN)),
    (d.STRUCTURE, packets.StructureHeating(3, 1, 0, 1), ("structure_refused", d.REFUSED_HEATER)),
    (d.STRUCTURE, packets.StructureHeating(0, 1, 1, 0), ("structure_refused", d.REFUSED_TEMPERATURES)),
    (d.STRUCTURE, packets.StructureArm(4), ("structure_refused", d.REFUSED_ACTUATOR)),
    (d.STRUCTURE, packets.StructureParameter(3, 1, 80_001), ("parameter_out_of_range", 3)),
    (d.STRUCTURE, packets.StructureParameter(15, 1, 0), ("parameter_unknown", 15)),
    (d.ROVER, packets.RoverDeploy(299), ("rover_refused", 0x40 * 256 + 0)),
    (d.ROVER, packets.RoverDrive(100, 61), ("rover_refused", 0x41 * 256 + 1)),
    (d.ROVER, packets.RoverScoop(1_501), ("rover_refused", 0x43 * 256 + 0)),
    (d.ROVER, packets.RoverParameter(7, 1, 12_001), ("parameter_out_of_range", 7)),
    (d.ROVER, packets.RoverParameter(35, 1, 0), ("parameter_unknown", 35)),
]


@pytest.mark.parametrize(("board", "packet", "answer"), OUT_OF_RANGE)
def test_a_field_out_of_range_is_answered_and_nothing_is_stored(board, packet, answer):
    made = booted(board)
    content = bytes(made.flash.content[:PARAMETERS])
    assert made.answers(frame(packet.encode())) == [answer]
    assert made.flash.content[:PARAMETERS] == content


@boards
def test_more_refused_commands_than_can_be_told_are_counted_and_the_good_one_between_them_is_taken(board):
    made = booted(board)
    accepted = made.program.bus.accepted
    flood = [command(board, 0x77, bytes(1), sequence) for sequence in range(12)]
    for data in (*flood[:6], frame(packets.Time(5_000).encode()), *flood[6:]):
        made.line.a.write(data)
    told = made.said(700)
    names = [name for name, _ in told]
    assert names.count("command_unknown") + made.program.bus.refusals.untold == 12
    assert ("commands_untold" in names) == (made.program.bus.refusals.untold > 0)
    assert names.count("command_unknown") >= 8
    if board in (d.POWER, d.STRUCTURE, d.ROVER):
        assert made.program.bus.accepted == accepted + 1


def setting(board: int, keep: int, step: int) -> bytes:
    """A parameter that this board has and takes."""
    of = {
        d.NAVIGATION: packets.SetParameter(2, keep, 3_200 + step),
        d.POWER: packets.PowerParameter(2, keep, 29_700 + step),
        d.STRUCTURE: packets.StructureParameter(2, keep, 36_000 + step),
        d.ROVER: packets.RoverParameter(7, keep, 3_600 + step),
    }
    return frame(of[board].encode())


def flown(made: Desk, board: int) -> int:
    """The value of that parameter."""
    program = made.program
    commands = program.parameter_commands if board == d.NAVIGATION else program.watch.commands
    number = 7 if board == d.ROVER else 2
    values = commands.stored.fields[number]
    return values[1][values[2]]


@keepers
def test_a_spoiled_parameter_slot_is_told_and_the_other_one_is_flown(board):
    made = booted(board)
    default = flown(made, board)
    number = 7 if board == d.ROVER else 2
    for step in (0, 1):
        answers = made.answers(setting(board, 1, step))
        assert answers == [("parameter_set", number), ("parameters_stored", 0)]
    newest = flown(made, board)
    whole = bytes(made.flash.content)
    again = desk(board, SimulatedFlash(SECTORS, bytearray(whole)))
    assert flown(again, board) == newest
    assert [event for event in again.said(5) if event[0].startswith("param")] == []
    one = bytearray(whole)
    one[SECTOR + 20] ^= 4
    older = desk(board, SimulatedFlash(SECTORS, one))
    assert flown(older, board) == newest - 1
    assert older.said(5)[:2] == [("boot", 0), ("parameters_fell_back", 0)]
    one[20] ^= 4
    none = desk(board, SimulatedFlash(SECTORS, one))
    assert flown(none, board) == default
    assert none.said(5)[:2] == [("boot", 0), ("parameters_lost", 0)]


@keepers
def test_flash_that_takes_nothing_is_told_and_what_was_stored_stays(board, monkeypatch):
    made = booted(board)
    made.answers(setting(board, 1, 0))
    kept = flown(made, board)
    monkeypatch.setattr(made.flash, "program", lambda _at, _page: None)
    assert ("parameters_not_stored", 0) in made.answers(setting(board, 1, 1))
    again = desk(board, SimulatedFlash(SECTORS, bytearray(made.flash.content)))
    assert flown(again, board) == kept


# --- the recorder ------------------------------------------------------------------------------


RING = RECORDER_FIRST * SECTOR
RECORDING = {d.POWER: d.POWER_STATUS, d.ROVER: d.ROVER_STATUS}
recording = pytest.mark.parametrize("board", RECORDING, ids=NAMES.get)


def test_the_other_boards_do_not_record():
    # a page that is programmed costs them bytes of a line that comes by interrupt (services.md)
    for board in NAMES.keys() - RECORDING.keys():
        assert not hasattr(desk(board).program, "recording")


@recording
def test_its_recorder_is_read_out_as_a_table_of_its_events_and_statuses(board, run, tmp_path):
    made = booted(board)
    unknown = command(board, 0x77, bytes(4), sequence=9)
    assert made.answers(unknown) == [("command_unknown", named(board, 0x77, 9))]
    made.said(6_000)
    made.program.recording.recorder.sync()
    (tmp_path / "ring.bin").write_bytes(bytes(made.flash.content[RING:]))
    out = tmp_path / "flight.csv"
    code, said, complaints = run("recorder", str(tmp_path / "ring.bin"), "--out", str(out))
    assert (code, complaints) == (0, "")
    assert "records of 41 sectors" in said
    rows = list(csv.DictReader(out.open()))
    sequence = [int(row["sequence"]) for row in rows]
    assert sequence == list(range(len(rows)))
    events = [row for row in rows if row["record"] == "event"]
    statuses = [row for row in rows if row["record"] == RECORDING[board].name]
    assert len(events) + len(statuses) == len(rows)
    assert int(events[0]["event.id"]) == d.BOOT
    assert [int(row["event.argument"]) for row in events if int(row["event.id"]) == d.COMMAND_UNKNOWN] == [
        named(board, 0x77, 9)
    ]
    ticks = [int(row["tick"]) for row in statuses]
    assert ticks == list(range(ticks[0], 150 + 60 + 6_000, 100))  # one a second since it booted
    assert ticks[0] < 100


@recording
def test_a_full_recorder_is_told_once_and_what_it_holds_stays(board):
    made = booted(board)
    recorder = made.program.recording.recorder
    while recorder.ring.pages_left > 2:  # hours go by
        recorder.append(RecordKind(99, [1] * 200), 1, bytes(200))
        recorder.close_page()
        recorder.write()
    told = made.said(6_000)
    held = bytes(made.flash.content[RING:])
    [full] = [argument for name, argument in told if name == "recorder_full"]
    assert full >= 1
    before = decode(held).records
    after = made.said(3_000)
    assert "recorder_full" not in [name for name, _ in after]
    assert made.flash.content[RING:] == held
    assert recorder.full
    assert len(before) > 600
    assert made.answers(command(board, 0x77, bytes(4))) == [("command_unknown", named(board, 0x77, 0))]


@recording
def test_after_a_reset_the_recorder_goes_on_behind_its_last_record_and_erases_nothing(board, monkeypatch):
    made = booted(board)
    made.said(1_000)
    made.program.recording.recorder.sync()
    records = decode(bytes(made.flash.content[RING:])).records
    monkeypatch.setattr(made.flash, "erase", lambda _at: pytest.fail("erased after a reset"))
    made.reset()
    made.said(1_000)
    recorder = made.body.power.recording.recorder if board == d.POWER else made.body.rover.recording.recorder
    recorder.sync()
    more = decode(bytes(made.flash.content[RING:])).records
    assert more[: len(records)] == records
    assert [record.sequence for record in more] == list(range(len(more)))
    names = [d.EVENTS[[e for e, _, _ in d.EVENTS].index(int.from_bytes(r.fields[:2], "big"))][1]
             for r in more[len(records) :] if r.kind == d.EVENT.function]  # fmt: skip
    assert names[:2] == ["boot", "restarted"]
