"""The host's frames and codecs: what they refuse, and that a board takes and refuses the same."""

import binascii
import random
import re
import subprocess
import sys
from dataclasses import fields, replace

import pytest
from ground_fixture import firmware_frame, firmware_packet, values_of
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.ground import packets
from host_tools.ground.codec import PacketError, Received
from host_tools.ground.dictionary import load
from host_tools.ground.frames import FrameReader, frame
from plumbline.link import dictionary as flight
from plumbline.link.port import PacketPort

DICTIONARY = load()
PACKETS = {packet.name: packet for packet in DICTIONARY.packets}
DEMAND = packets.Demand(
    tick=258, flags=3, throttle_q14=16384, torque_x_q14=-1, torque_y_q14=2,
    torque_z_q14=-16384, trim_y_q14=0, trim_z_q14=5,
    force_x_mm_s2=2100, rate_x_q=-3, rate_y_q=4, rate_z_q=0, mass_kg=975,
)  # fmt: skip


class Pipe:
    """A UART whose bytes are all there."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def readinto(self, buffer: bytearray) -> int | None:
        chunk, self.data = self.data[: len(buffer)], self.data[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk) or None


def taken_by_board(data: bytes, board: int) -> list[tuple[int, list[int]]]:
    """APID and values of every packet that the board's port takes."""
    pipe = Pipe(data)
    port = PacketPort(pipe, board)
    taken = []
    while True:
        apid = port.poll()
        if apid >= 0:
            taken.append((apid, list(port.values)))
        elif not pipe.data:
            return taken


def taken_by_host(data: bytes, board: int) -> list[tuple[int, list[int]]]:
    """The same of the host's reader, as far as it concerns that board."""
    taken = []
    for item in FrameReader().feed(data):
        if isinstance(item, Received) and (item.board == board) == item.packet.IS_COMMAND:
            values = [getattr(item.packet, field.name) for field in fields(item.packet)]
            taken.append((item.board << 8 | item.packet.FUNCTION, values))
    return taken


def test_a_demand_is_the_frame_that_the_standard_describes():
    # Version 0, command (bit 12), board 2, function 1; 25 bytes of fields and 4 of CRC: length 29 - 1.
    fields_hex = "0102 03 4000 ffff 0002 c000 0000 0005 0834 fffd 0004 0000 03cf"
    expected = bytes.fromhex("1201 c005 001c" + fields_hex)
    data = DEMAND.encode(sequence=5)
    assert data[:-4] == expected
    assert packets.decode(data) == Received(flight.PROPULSION, 5, DEMAND)


def test_a_value_that_does_not_fit_its_bytes_is_an_error_and_not_clamped():
    for change in ({"throttle_q14": 32_768}, {"tick": -1}, {"flags": 256}):
        with pytest.raises(PacketError, match="demand"):
            replace(DEMAND, **change).encode()
    event = packets.Event(id=1, severity=0, tick=0, argument=2**30, value=0, time_ms=0)
    with pytest.raises(PacketError, match=re.escape("event.argument: 1073741824 leaves 31 bits")):
        event.encode(board=1)
    assert replace(event, argument=-(2**30)).encode(board=1)


def test_a_value_out_of_its_declared_range_is_named():
    assert DEMAND.outside() == []
    assert replace(DEMAND, throttle_q14=-1, trim_z_q14=16_385).outside() == ["throttle_q14", "trim_z_q14"]


def test_whose_packet_it_is_must_be_said_where_any_board_may_send_it_and_only_there():
    event = packets.Event(id=1, severity=1, tick=0, argument=0, value=0, time_ms=0)
    assert packets.decode(event.encode(board=5)).board == 5
    for board in (None, 0, 8):
        with pytest.raises(PacketError, match="cannot be the board"):
            event.encode(board=board)
    with pytest.raises(PacketError, match="cannot be the board"):
        DEMAND.encode(board=flight.NAVIGATION)
    for sequence in (-1, 2**14):
        with pytest.raises(PacketError, match="sequence count"):
            DEMAND.encode(sequence=sequence)


def kinds(items: list[Received | PacketError]) -> list[str]:
    """What was wrong with each frame; "" of a good one."""
    return [item.kind if isinstance(item, PacketError) else "" for item in items]


def with_crc(body: bytes) -> bytes:
    return body + binascii.crc32(body).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "short"),
        (bytes(10), "short"),
        (with_crc(bytes.fromhex("3201 c000 0012") + bytes(15)), "header"),  # version 1
        (with_crc(bytes.fromhex("1a01 c000 0012") + bytes(15)), "header"),  # secondary header
        (with_crc(bytes.fromhex("1201 4000 0012") + bytes(15)), "header"),  # first segment
        (with_crc(bytes.fromhex("1201 c000 0013") + bytes(15)), "length"),
        (with_crc(bytes.fromhex("1201 c000 0012") + bytes(15))[:-1] + b"\x99", "crc"),
        (with_crc(bytes.fromhex("1277 c000 0012") + bytes(15)), "unknown"),  # no such function
        (with_crc(bytes.fromhex("0201 c000 0012") + bytes(15)), "unknown"),  # no such telemetry
        (with_crc(bytes.fromhex("1101 c000 0012") + bytes(15)), "unknown"),  # for another board
        (with_crc(bytes.fromhex("0705 c000 0014") + bytes(17)), "unknown"),  # board 7 is none
        (with_crc(bytes.fromhex("1201 c000 0011") + bytes(14)), "size"),
        (with_crc(bytes.fromhex("0205 c000 0014") + bytes(13) + b"\x40\0\0\0"), "range"),  # 2^30
    ],
)
def test_what_is_wrong_with_a_packet_is_told(data, kind):
    with pytest.raises(PacketError) as caught:
        packets.decode(data)
    assert caught.value.kind == kind
    assert kinds(FrameReader().feed(frame(data))) == [kind]


def test_a_frame_of_254_bytes_is_looked_at_and_one_of_255_is_overlong_and_said_once():
    reader = FrameReader()
    assert kinds(reader.feed(b"\0" + b"\x01" * 254 + b"\0")) == ["header"]
    assert kinds(reader.feed(b"\x01" * 200)) == []
    assert kinds(reader.feed(b"\x01" * 900)) == ["overlong"]
    good = frame(DEMAND.encode())
    assert reader.feed(b"\x01\0" + good) == [Received(flight.PROPULSION, 0, DEMAND)]
    assert (reader.accepted, dict(reader.rejected)) == (1, {"header": 1, "overlong": 1})


@given(chunks=st.lists(st.integers(1, 90), min_size=1))
@settings(max_examples=40, deadline=None)
def test_packets_come_out_whole_however_the_bytes_are_cut(chunks):
    sent = [replace(DEMAND, tick=tick) for tick in range(5)]
    stream = b"".join(frame(demand.encode(sequence=demand.tick)) for demand in sent)
    reader, found, at = FrameReader(), [], 0
    for size in chunks * (len(stream) // sum(chunks) + 1):
        found += reader.feed(stream[at : at + size])
        at += size
    assert found == [Received(flight.PROPULSION, demand.tick, demand) for demand in sent]


def test_the_host_and_every_board_take_the_same_frames_out_of_damaged_ones():
    noise = random.Random(7)
    pool = []
    for packet in DICTIONARY.packets:
        for sender, _ in DICTIONARY.boards:
            pool += [firmware_frame(packet, values, sender) for values in list(values_of(packet))[::9]]
    seen = 0
    for _ in range(60):
        stream = b""
        for _ in range(40):
            good = bytearray(noise.choice(pool))
            for _ in range(noise.choice((0, 0, 0, 1, 2, 9))):
                good[noise.randrange(len(good))] ^= 1 << noise.randrange(8)
            stream += bytes(good[noise.choice((0, 0, 0, 5)) :]) + noise.randbytes(
                noise.choice((0, 0, 3, 300))
            )
        for board, _ in DICTIONARY.boards:
            expected = taken_by_board(stream, board)
            assert taken_by_host(stream, board) == expected
            seen += len(expected)
    assert seen > 1_000


def test_the_classes_are_the_dictionarys_packets_field_by_field():
    assert {kind.NAME for kind in packets.KINDS.values()} == set(PACKETS)
    for (is_command, function), kind in packets.KINDS.items():
        packet = PACKETS[kind.NAME]
        assert (is_command, function, kind.BOARD) == (packet.is_command, packet.function, packet.board)
        assert [field.name for field in fields(kind)] == [field.name for field in packet.fields]
        for info, field in zip(kind.FIELDS, packet.fields, strict=True):
            assert (info.text, info.unit, info.q) == (field.text, field.unit, field.q)
            assert (info.least, info.most) == (field.least, field.most)
            assert info.flags == field.flags
            assert (info.labels or {}) == {value: name for name, value in field.labels}


def test_values_are_shown_with_their_names_flags_scale_and_unit():
    state = packets.KINDS[False, 4]
    shown = {info.name: info for info in state.FIELDS}
    assert shown["phase"].shown(2) == "braking"
    assert shown["phase"].shown(9) == "? 9"
    assert shown["agl_mm"].shown(-5) == "-5 mm"
    assert shown["throttle_q14"].shown(8192) == "0.5000"
    flags = packets.PropulsionStatus.FIELDS[3]
    assert [flags.shown(value) for value in (0, 1, 3, 6)] == [
        "-",
        "armed",
        "armed demand_stale",
        "demand_stale ? 0x4",
    ]


def test_the_codecs_need_neither_the_flight_code_nor_its_stand_ins():
    program = (
        "import sys\n"
        "from host_tools.ground import frames, packets\n"
        "event = packets.Event(id=1, severity=1, tick=2, argument=3, value=4, time_ms=5)\n"
        "item, = frames.FrameReader().feed(frames.frame(event.encode(board=1)))\n"
        "assert item.packet == event\n"
        "unwanted = ('plumbline', 'micropython', 'numba')\n"
        "print([name for name in sys.modules if name.split('.')[0] in unwanted])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_packet_of_the_firmware_is_the_same_object_whichever_way_it_came():
    packet = PACKETS["navigation_state"]
    values = {field.name: 3 for field in packet.fields} | {"phase": 2, "agl_mm": -70_000}
    data = firmware_packet(packet, list(values.values()), flight.NAVIGATION, sequence=9)
    state = packets.NavigationState(**values)
    assert packets.decode(data) == Received(flight.NAVIGATION, 9, state)
    assert state.encode(sequence=9) == data
    assert packets.Phase(state.phase) is packets.Phase.BRAKING
