"""CCSDS Space Packets (133.0-B-2, section 4.1) and their frames on a serial line.

A frame is 00, the packet in COBS, 00. A packet is a header of 6 bytes, big-endian fields
and the zlib CRC-32 of all before it, big-endian. The 11 bits of an APID are board (3) and
function (8); as usual in CCSDS it names the addressee of a command, the sender of telemetry.
A field is clamped to the range of its type; I32 carries -2^30 to 2^30 - 1 both ways,
because no integer on a board may leave 31 bits.
"""

from array import array

import micropython
from micropython import const
from plumbline.link.cobs import cobs_encode
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append, crc_matches

U8 = const(0x01)  # a field's type: its size in bytes, and bit 4 if it is signed
I8 = const(0x11)
U16 = const(0x02)
I16 = const(0x12)
I32 = const(0x14)

TELEMETRY = const(0)  # the packet type bit, 133.0-B-2, 4.1.3.3.2
COMMAND = const(1)
ANY_BOARD = const(0)

LARGEST_FRAME = const(256)
LARGEST_PACKET = const(253)  # so that COBS adds exactly one byte; two more are delimiters

_SIGNED = const(0x10)
_SIZE_MASK = const(0x0F)
_HEADER_SIZE = const(6)
_CRC_SIZE = const(4)
_UNSEGMENTED = const(0xC0)  # both sequence flags set, 4.1.3.4.2
_SMALLEST_PACKET = const(11)  # header, one byte, CRC
_BIG_ENDIAN = const(3)
_I32_LARGEST = const(0x3FFFFFFF)
_SEQUENCE_MASK = const(0x3FFF)


@micropython.viper
def pack_fields(values: ptr32, layout: ptr8, count: int, buf: ptr8, at: int) -> int:
    """Write `count` values into buf from index `at` as `layout` says, clamped to each type.

    Returns the index after the last byte. Allocates nothing.
    """
    field = 0
    while field < count:
        kind = layout[field]
        size = kind & _SIZE_MASK
        largest = _I32_LARGEST
        if size == 1:
            largest = 255
        if size == 2:
            largest = 65535
        smallest = 0
        if kind & _SIGNED:
            if size < 4:
                largest = largest >> 1
            smallest = 0 - largest - 1
        value = 0 + values[field]
        if value > largest:
            value = largest
        if value < smallest:
            value = smallest
        shift = 8 * size - 8
        while shift >= 0:
            buf[at] = (value >> shift) & 255
            at = at + 1
            shift = shift - 8
        field = field + 1
    return at


@micropython.viper
def unpack_fields(values: ptr32, layout: ptr8, count: int, buf: ptr8, at: int) -> int:
    """Read `count` values from buf from index `at` as `layout` says; clamps I32 to 31 bits.

    Returns the index after the last byte. Allocates nothing.
    """
    field = 0
    while field < count:
        kind = layout[field]
        size = kind & _SIZE_MASK
        value = buf[at] & 255
        if kind & _SIGNED:
            value = (value ^ 128) - 128
        if size > 1:
            value = value * 256 + buf[at + 1]
        if size == 4:  # the high half first: it alone tells whether the whole leaves 31 bits
            if value > 16383:
                value = _I32_LARGEST
            elif value < -16384:
                value = 0 - _I32_LARGEST - 1
            else:
                value = value * 65536 + buf[at + 2] * 256 + buf[at + 3]
        values[field] = value
        at = at + size
        field = field + 1
    return at


@micropython.viper
def check_packet(buf: ptr8, size: int, table: ptr16) -> int:
    """Type bit and APID (13 bits) of the packet in buf[:size], or -1 if it is not a good one.

    Good: version 0, no secondary header, unsegmented, a length field that matches `size`
    exactly, and a right CRC. Allocates nothing.
    """
    if size < _SMALLEST_PACKET:
        return -1
    if (buf[0] & 0xE8) != 0 or (buf[2] & _UNSEGMENTED) != _UNSEGMENTED:
        return -1
    if buf[4] * 256 + buf[5] != size - _HEADER_SIZE - 1:
        return -1
    if int(crc_matches(buf, 0, size - _CRC_SIZE, table, _BIG_ENDIAN)) == 0:
        return -1
    return (buf[0] & 0x1F) * 256 + buf[1]


class PacketType:
    """One packet of the dictionary: who it belongs to and what its fields are.

    `fields` is a tuple of (name, type). `board` is the addressee of a COMMAND and the
    sender of TELEMETRY, which may be ANY_BOARD. ValueError if the packet is too long.
    A board's dictionary says layout and size instead: to find them takes 0.3 ms a packet at its start.
    """

    def __init__(self, name, function, kind, board, fields, layout=None, size=0):
        self.name = name
        self.function = function
        self.kind = kind
        self.board = board
        self.fields = fields
        self.layout = layout or bytes([field_type for _, field_type in fields])
        self.size = size or _HEADER_SIZE + sum([code & _SIZE_MASK for code in self.layout]) + _CRC_SIZE
        if self.size > LARGEST_PACKET:
            raise ValueError("packet %s has %d bytes of at most %d" % (name, self.size, LARGEST_PACKET))

    @property
    def apid(self):
        """The APID; for a type that any board may send, with board 0."""
        return (self.board << 8) | self.function

    def identification(self, board):
        """Type bit and APID of this packet when `board` sends it: 13 bits."""
        owner = board if self.board == ANY_BOARD else self.board
        return (self.kind << 12) | (owner << 8) | self.function

    def index(self, field_name):
        """Where a field's value stands in `values`; KeyError if there is no such field."""
        for index, (name, _) in enumerate(self.fields):
            if name == field_name:
                return index
        raise KeyError(field_name)


class IncomingPacket:
    """The last packet of one type that a port accepted: `values` in the order of its fields."""

    def __init__(self, packet_type):
        self.type = packet_type
        self.values = array("i", [0] * len(packet_type.layout))


class OutgoingPacket:
    """A packet to be sent: fill `values` in the order of its fields, then send it."""

    def __init__(self, packet_type, board):
        self.type = packet_type
        self.values = array("i", [0] * len(packet_type.layout))
        self.apid = packet_type.identification(board) & 0x7FF
        self._sequence = 0
        self._packet = bytearray(packet_type.size)
        self._frame = bytearray(packet_type.size + 3)
        identification = packet_type.identification(board)
        length = packet_type.size - _HEADER_SIZE - 1
        self._packet[0] = identification >> 8
        self._packet[1] = identification & 255
        self._packet[4] = length >> 8
        self._packet[5] = length & 255

    def encode(self):
        """The frame of the present values, with the next sequence count; clobbered by the next call.

        Allocates nothing.
        """
        packet = self._packet
        packet[2] = _UNSEGMENTED | (self._sequence >> 8)
        packet[3] = self._sequence & 255
        self._sequence = (self._sequence + 1) & _SEQUENCE_MASK
        layout = self.type.layout
        end = pack_fields(self.values, layout, len(layout), packet, _HEADER_SIZE)
        end = crc_append(packet, 0, end, REFLECTED, BIG_ENDIAN)
        cobs_encode(packet, 0, end, self._frame, 1)
        return self._frame
