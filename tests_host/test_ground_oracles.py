"""What boards send, read by other people's tools through the generated XTCE; every warning is an error.

The bytes come from the firmware's own packer. spacepackets reads and builds the headers, fastcrc the
checksum, cobs the frame, space_packet_parser everything through the XML, which lxml holds against OMG's
schema. None of them shares a line with this project.
"""

import random
import xml.etree.ElementTree as ET
from dataclasses import astuple
from pathlib import Path

import pytest
import space_packet_parser.xtce.validation
from cobs import cobs
from fastcrc import crc32
from ground_fixture import firmware_frame, firmware_packet, values_of
from space_packet_parser.exceptions import UnrecognizedPacketTypeError
from space_packet_parser.xtce.definitions import XtcePacketDefinition
from spacepackets.ccsds.spacepacket import PacketType, SequenceFlags, SpacePacketHeader

from host_tools.ground import packets
from host_tools.ground.dictionary import load
from host_tools.ground.frames import frame
from host_tools.ground.model import Dictionary, Event, Packet
from host_tools.ground.xtce import xtce
from host_tools.ground.xtce_types import NAMESPACE
from plumbline.link import dictionary as flight
from plumbline.link.crc import REFLECTED
from plumbline.link.packet import check_packet

pytestmark = pytest.mark.filterwarnings("error")

DICTIONARY: Dictionary = load()
PACKETS = pytest.mark.parametrize("packet", DICTIONARY.packets, ids=lambda packet: packet.name)
EVENTS = pytest.mark.parametrize("event", DICTIONARY.events, ids=lambda event: event.name)
EVENT: Packet = next(packet for packet in DICTIONARY.packets if packet.name == "event")
ARGUMENTS = (-(2**30), -1, 0, 1, 2**30 - 1)
SCHEMA = Path(space_packet_parser.xtce.validation.__file__).parent / "schemas" / "SpaceSystem.xsd"


@pytest.fixture(scope="module")
def definition(tmp_path_factory):
    file = tmp_path_factory.mktemp("xtce") / "plumbline.xml"
    file.write_bytes(xtce(DICTIONARY))
    return XtcePacketDefinition.from_xtce(file)


def senders(packet: Packet) -> list[int]:
    """Boards that send this packet."""
    if packet.is_command:
        return [board for board, name in DICTIONARY.boards if name == packet.peer]
    return DICTIONARY.senders(packet)


def apid(packet: Packet, sender: int) -> int:
    return (packet.board or sender) << 8 | packet.function


def raw(value) -> int:
    """The integer behind a calibrated or named value."""
    return int(value.raw_value if value.raw_value is not None else value)


def fields_of(packet: Packet, parsed) -> list[int]:
    """The fields' integers out of what the XML makes of them: masks are put together from their bits."""
    values = []
    for field in packet.fields:
        name = f"{packet.name}_{field.name}"
        if not field.flags:
            values.append(raw(parsed[name]))
            continue
        mask = raw(parsed[f"{name}_spare"]) << len(field.flags) if f"{name}_spare" in parsed else 0
        for bit, flag in enumerate(field.flags):
            mask |= raw(parsed[f"{name}_{flag}"]) << bit
        values.append(mask)
    return values


# --- the XML itself -------------------------------------------------------------------


def validated(xml: bytes, folder: Path, level: str):
    """What space_packet_parser says of the XML, with its own copy of the schema."""
    file = folder / "plumbline.xml"
    file.write_bytes(xml)
    return space_packet_parser.xtce.validation.validate_xtce(
        file, level=level, local_xsd=SCHEMA, allow_schema_download=False,
        print_results=False, raise_on_error=False,
    )  # fmt: skip


def test_the_xml_is_valid_by_the_schema_of_its_standard(tmp_path):
    result = validated(xtce(DICTIONARY), tmp_path, "schema")
    assert result.valid, str(result)


def test_every_reference_in_the_xml_leads_somewhere_and_only_the_boards_constants_are_in_no_packet(tmp_path):
    errors = validated(xtce(DICTIONARY), tmp_path, "structure").errors
    assert {error.error_code for error in errors} == {"UNUSED_PARAMETER"}
    unused = {error.message.split("'")[1] for error in errors}
    assert unused == {f"{p.owner}_{p.name.replace('.', '_')}" for p in DICTIONARY.parameters}


def test_the_schema_refuses_xml_that_is_not_xtce(tmp_path):
    broken = xtce(DICTIONARY).replace(b"EntryList>", b"EntreeList>")
    assert not validated(broken, tmp_path, "schema").valid


def test_the_same_dictionary_makes_the_same_bytes():
    assert xtce(load()) == xtce(DICTIONARY)


# --- packets --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "packet", [packet for packet in DICTIONARY.packets if packet is not EVENT], ids=lambda packet: packet.name
)
def test_every_field_of_a_packet_comes_back_through_the_xml(definition, packet):
    for sender in senders(packet):
        for values in values_of(packet):
            data = firmware_packet(packet, values, sender)
            parsed = definition.parse_bytes(data)
            assert fields_of(packet, parsed) == values
            assert parsed["PKT_APID"] == apid(packet, sender)
            assert parsed["TYPE"] == packet.is_command
            for field, value in zip(packet.fields, values, strict=True):
                if field.q:
                    assert parsed[f"{packet.name}_{field.name}"] == value / 2**field.q
                elif field.labels:
                    assert (parsed[f"{packet.name}_{field.name}"], value) in field.labels


@PACKETS
def test_the_hosts_codec_agrees_with_the_board_both_ways(packet):
    for sender in senders(packet):
        for values in values_of(packet):
            data = firmware_packet(packet, values, sender, sequence=0x2A55)
            received = packets.decode(data)
            assert type(received.packet) is packets.KINDS[packet.is_command, packet.function]
            assert packet.name == received.packet.NAME
            assert astuple(received.packet) == tuple(values)
            assert (received.board, received.sequence) == (packet.board or sender, 0x2A55)
            board = sender if packet.board == 0 else None
            assert received.packet.encode(sequence=0x2A55, board=board) == data
            assert check_packet(bytearray(data), len(data), REFLECTED) == int.from_bytes(data[:2], "big")


@PACKETS
def test_headers_are_those_that_spacepackets_builds(packet):
    kind = PacketType.TC if packet.is_command else PacketType.TM
    noise = random.Random(4)
    for sender in senders(packet):
        for sequence in (0, 1, 0x3FFF, *(noise.randrange(0x4000) for _ in range(20))):
            values = next(values_of(packet))
            data = firmware_packet(packet, values, sender, sequence)
            built = SpacePacketHeader(
                packet_type=kind,
                apid=apid(packet, sender),
                seq_count=sequence,
                data_len=len(data) - 6 - 1,
                sec_header_flag=False,
                seq_flags=SequenceFlags.UNSEGMENTED,
                ccsds_version=0,
            )
            assert data[:6] == built.pack()
            read = SpacePacketHeader.unpack(data)
            assert read == built
            assert read.packet_len == len(data) == packet.size
            # No packet has a secondary header: time is the field `tick`.
            assert not read.sec_header_flag


@PACKETS
def test_checksum_and_frame_are_those_of_independent_libraries(definition, packet):
    for sender in senders(packet):
        for values in values_of(packet, seed=2):
            data = firmware_packet(packet, values, sender)
            # CRC-32/ISO-HDLC is zlib's in the catalogue of CRCs.
            assert int.from_bytes(data[-4:], "big") == crc32.iso_hdlc(data[:-4])
            framed = firmware_frame(packet, values, sender)
            assert framed == b"\0" + cobs.encode(data) + b"\0" == frame(data)
            assert cobs.decode(framed[1:-1]) == data


# --- events ---------------------------------------------------------------------------


def event_arguments(event: Event) -> list[int]:
    """Least, most and random arguments; the named ones, where they have names."""
    if event.argument is not None and event.argument.labels:
        return [value for _, value in event.argument.labels]
    noise = random.Random(event.number)
    return [*ARGUMENTS, *(noise.randint(-(2**30), 2**30 - 1) for _ in range(20))]


@EVENTS
def test_every_event_of_every_board_comes_back_through_the_xml(definition, event):
    severities = {name: number for number, name in flight.SEVERITIES}
    for board, _ in DICTIONARY.boards:
        for argument in event_arguments(event):
            for tick in (0, 0x1234, 0xFFFF):
                severity = severities[event.severity]
                data = firmware_packet(EVENT, [event.number, severity, tick, argument, ~argument, 77], board)
                parsed = definition.parse_bytes(data)
                assert (parsed["event_id"], parsed["event_id"].raw_value) == (event.name, event.number)
                assert parsed["event_severity"] == event.severity
                assert parsed["event_tick"] == tick
                assert (raw(parsed["event_value"]), raw(parsed["event_time_ms"])) == (~argument, 77)
                assert raw(parsed[f"event_{event.name}_argument"]) == argument
                assert parsed["PKT_APID"] == board << 8 | 5
                assert packets.EVENTS[event.number].name == event.name
                assert packets.EventId[event.name.upper()] == event.number


# --- what is not in the dictionary ----------------------------------------------------


def test_an_unknown_packet_event_or_name_of_a_value_is_an_error_to_the_oracle(definition):
    state = next(packet for packet in DICTIONARY.packets if packet.name == "navigation_state")
    good = firmware_packet(state, next(values_of(state)), flight.NAVIGATION)
    unknown = bytearray(good)
    unknown[1] = 0x77  # a function that nobody has
    with pytest.raises(UnrecognizedPacketTypeError):
        definition.parse_bytes(bytes(unknown))
    command = bytearray(good)
    command[0] |= 0x10  # telemetry's APID with the type bit of a command
    with pytest.raises(UnrecognizedPacketTypeError):
        definition.parse_bytes(bytes(command))
    with pytest.raises(ValueError, match="999"):
        definition.parse_bytes(firmware_packet(EVENT, [999, 0, 0, 0, 0, 0], flight.ROVER))
    with pytest.raises(ValueError, match="200"):
        definition.parse_bytes(firmware_packet(state, [0, 200, *[0] * 14], flight.NAVIGATION))


def test_a_truncated_or_a_longer_packet_is_an_error_to_the_oracle(definition):
    state = next(packet for packet in DICTIONARY.packets if packet.name == "navigation_state")
    good = firmware_packet(state, next(values_of(state)), flight.NAVIGATION)
    with pytest.raises(UserWarning):
        definition.parse_bytes(good + b"\0")
    with pytest.raises(ValueError, match="beyond the end"):
        definition.parse_bytes(good[:-1])


# --- commands, as a ground system would build them from the XML -----------------------


def built_from_xml(name: str, arguments: dict[str, int]) -> bytes:
    """A MetaCommand's bytes, its container read entry by entry."""
    root = ET.fromstring(xtce(DICTIONARY))
    space = {"x": NAMESPACE}
    meta = root.find(f"x:CommandMetaData/x:MetaCommandSet/x:MetaCommand[@name='{name}']", space)
    assert meta is not None
    types = {}
    for argument in meta.iterfind("x:ArgumentList/x:Argument", space):
        path = f"x:CommandMetaData/x:ArgumentTypeSet/*[@name='{argument.get('argumentTypeRef')}']"
        encoding = root.find(f"{path}/x:IntegerDataEncoding", space)
        assert encoding is not None
        types[argument.get("name")] = (int(encoding.get("sizeInBits", "0")), encoding.get("encoding"))
    bits = ""
    for entry in meta.iterfind("x:CommandContainer/x:EntryList/*", space):
        if entry.tag.endswith("FixedValueEntry"):
            size, value = int(entry.get("sizeInBits", "0")), int(entry.get("binaryValue", ""), 16)
        else:
            size, encoding = types[entry.get("argumentRef")]
            value = arguments[str(entry.get("argumentRef"))]
            assert (encoding == "twosComplement") or value >= 0
            value %= 2**size
        bits += f"{value:0{size}b}"
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


@pytest.mark.parametrize(
    "packet", [packet for packet in DICTIONARY.packets if packet.is_command], ids=lambda packet: packet.name
)
def test_a_command_built_from_the_xml_is_what_a_board_would_send_but_for_its_checksum(packet):
    for values in values_of(packet, seed=3):
        names = [field.name for field in packet.fields]
        built = built_from_xml(packet.name, dict(zip(names, values, strict=True)))
        data = firmware_packet(packet, values, senders(packet)[0])
        assert built[:-4] == data[:-4]
        assert built[-4:] == b"\0\0\0\0"


def test_only_commands_can_be_sent():
    root = ET.fromstring(xtce(DICTIONARY))
    names = [command.get("name") for command in root.iter(f"{{{NAMESPACE}}}MetaCommand")]
    assert names == [packet.name for packet in DICTIONARY.packets if packet.is_command]
