"""Commands that came whole and are not taken: an event for each, which names the very packet."""

import binascii

import pytest

from host_tools.ground import packets
from host_tools.ground.codec import Received
from host_tools.ground.frames import FrameReader, frame
from host_tools.host_board.clock import Clock
from host_tools.host_board.wires import SerialLine
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.events import EventLog

TICK = 77


class Bus:
    """A spacecraft's end and a board's end of a bus; what the board says is decoded as ground does."""

    def __init__(self, board: int = dictionary.NAVIGATION) -> None:
        self.clock = Clock()
        self.line = SerialLine(self.clock, 460_800)
        self.port = PacketPort(self.line.b, board)
        self.events = EventLog(self.port)
        self.ground = FrameReader()

    def send(self, *frames: bytes) -> list[int]:
        """APIDs that the board takes of them."""
        taken = []
        for data in frames:
            self.line.a.write(data)
            self.clock.now_us += 10_000
            while (apid := self.port.poll()) >= 0:
                taken.append(apid)
        return taken

    def told(self, calls: int = 20) -> list[tuple[str, int]]:
        """Name and argument of the events of so many ticks."""
        for _ in range(calls):
            self.port.refusals.tell(self.events, TICK)
        self.clock.now_us += 100_000
        said = []
        for item in self.ground.feed(self.line.a.read()):
            assert isinstance(item, Received)
            assert isinstance(item.packet, packets.Event)
            assert (item.board, item.packet.tick) == (self.port.board, TICK)
            known = packets.EVENTS[item.packet.id]
            assert known.severity == packets.SEVERITIES[item.packet.severity] == "warning"
            said.append((known.name, item.packet.argument))
        return said


def command(identification: int, payload: bytes, sequence: int = 0) -> bytes:
    """A frame with a right checksum, whatever it says."""
    header = [identification, 0xC000 | sequence, len(payload) + 4 - 1]
    body = b"".join(part.to_bytes(2, "big") for part in header) + payload
    return frame(body + binascii.crc32(body).to_bytes(4, "big"))


def named(identification: int, sequence: int) -> int:
    return identification * 2**14 + sequence


INITIAL_STATE = command(0x1103, bytes(44))


def test_an_unknown_command_is_told_and_named_by_its_apid_and_sequence_count():
    bus = Bus()
    assert bus.send(command(0x1177, bytes(4), sequence=0x2ABC)) == []
    assert bus.told() == [("command_unknown", named(0x1177, 0x2ABC))]
    assert (bus.port.refusals.count, bus.port.rejected) == (1, 1)


@pytest.mark.parametrize("identification", [0x1201, 0x1277, 0x1003, 0x1703])
def test_a_command_for_another_board_is_told_as_that(identification):
    bus = Bus()
    assert bus.send(command(identification, bytes(15), sequence=3)) == []
    assert bus.told() == [("command_elsewhere", named(identification, 3))]


def test_a_known_command_of_another_length_is_told_as_malformed():
    bus = Bus()
    assert bus.send(command(0x1103, bytes(43)), command(0x1103, bytes(45), sequence=0x3FFF)) == []
    assert bus.told() == [
        ("command_malformed", named(0x1103, 0)),
        ("command_malformed", named(0x1103, 0x3FFF)),
    ]


def test_a_good_command_between_refused_ones_is_taken():
    bus = Bus()
    assert bus.send(command(0x1177, b"\1"), INITIAL_STATE, command(0x1201, bytes(15)), INITIAL_STATE) == [
        0x103,
        0x103,
    ]
    assert [name for name, _ in bus.told()] == ["command_unknown", "command_elsewhere"]


def test_damage_and_telemetry_are_no_commands_and_are_only_counted():
    bus = Bus()
    broken = bytearray(command(0x1177, bytes(4)))
    broken[5] ^= 4
    stranger = command(0x0277, bytes(4))  # telemetry that the dictionary does not have
    assert bus.send(bytes(broken), stranger, b"\0\x05\x01\x01\x01\x01\0") == []
    assert bus.told() == []
    assert (bus.port.refusals.count, bus.port.rejected) == (0, 3)


def test_one_call_tells_one_refusal():
    bus = Bus()
    bus.send(*(command(0x1177, b"\1", sequence) for sequence in range(3)))
    assert [bus.told(calls=1) for _ in range(4)] == [
        [("command_unknown", named(0x1177, 0))],
        [("command_unknown", named(0x1177, 1))],
        [("command_unknown", named(0x1177, 2))],
        [],
    ]


def test_a_flood_fills_eight_places_and_the_others_are_counted_and_told_as_a_number():
    bus = Bus()
    bus.send(*(command(0x1177, b"\1", sequence) for sequence in range(50)))
    told = bus.told()
    assert told[:8] == [("command_unknown", named(0x1177, sequence)) for sequence in range(8)]
    assert told[8:] == [("commands_untold", 42)]
    assert (bus.port.refusals.count, bus.port.refusals.untold) == (50, 42)
    # Afterwards every refusal has its own event again, in order, round the ring.
    bus.send(*(command(0x1178, b"\1", sequence) for sequence in range(5)))
    assert bus.told() == [("command_unknown", named(0x1178, sequence)) for sequence in range(5)]


def test_refusals_are_told_in_their_order_wherever_in_the_ring_they_begin():
    bus = Bus()
    sent = 0
    for count in (3, 8, 1, 5, 7, 2):
        bus.send(*(command(0x1177, b"\1", sequence) for sequence in range(sent, sent + count)))
        told = [argument for _, argument in bus.told()]
        assert told == [named(0x1177, sequence) for sequence in range(sent, sent + count)]
        sent += count
    assert bus.port.refusals.untold == 0


def test_events_of_refusals_fit_their_31_bits():
    assert named(0x1FFF, 0x3FFF) < 2**30
