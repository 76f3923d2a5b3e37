"""A board's end of a packet link: what arrives is checked here, what leaves is framed here.

Example: port = PacketPort(uart, dictionary.PROPULSION), then in each tick
`while port.poll() >= 0:` look at port.values. The UART is opened with timeout=0.
"""

from array import array

import micropython
from micropython import const
from plumbline.link import dictionary
from plumbline.link.cobs import cobs_decode
from plumbline.link.crc import REFLECTED
from plumbline.link.packet import (
    ANY_BOARD,
    COMMAND,
    LARGEST_PACKET,
    IncomingPacket,
    OutgoingPacket,
    check_packet,
    unpack_fields,
)
from plumbline.link.refusals import Refusals

# slots of a port's state; the first one of every line is the running count of bytes taken
_RECEIVED = const(0)
_NEXT = const(1)  # first byte of the inbox not yet looked at
_END = const(2)
_FILL = const(3)  # bytes of the frame under way
_OVERLONG = const(4)
_STATE_SIZE = const(5)

_INBOX_SIZE = const(512)  # more than a line at 460,800 baud brings in a tick of 10 ms
_FRAME_ROOM = const(254)  # the largest frame without its delimiters
_HEADER_SIZE = const(6)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits
_COMMAND_BIT = const(0x1000)  # of the 13 bits of type and APID
_BOARD_MASK = const(7)


@micropython.viper
def next_frame(inbox: ptr8, frame: ptr8, state: ptr32) -> int:
    """Move bytes from the inbox into `frame` up to the next delimiter.

    Returns the frame's length without delimiters, or 0 when the inbox is used up. A
    frame longer than _FRAME_ROOM is counted and dropped. Allocates nothing.
    """
    at = 0 + state[_NEXT]
    end = state[_END]
    fill = 0 + state[_FILL]
    while at < end:
        byte = inbox[at]
        at = at + 1
        if byte:
            if fill < _FRAME_ROOM:
                frame[fill] = byte
                fill = fill + 1
            elif fill == _FRAME_ROOM:
                fill = fill + 1  # stays here until a delimiter comes, so it counts once
                state[_OVERLONG] = (state[_OVERLONG] + 1) & _COUNT_MASK
        else:
            size = fill
            fill = 0
            if size > 0 and size <= _FRAME_ROOM:
                state[_NEXT] = at
                state[_FILL] = 0
                return size
    state[_NEXT] = at
    state[_FILL] = fill
    return 0


class PacketPort:
    """Packets of the dictionary over `uart`, seen from `board` (an id of the dictionary).

    Accepts the commands for this board and the telemetry of the others; everything else
    is counted in `rejected`. Counters: `accepted`, `rejected` (checksum, length, header,
    unknown or not for this board), `overlong`, `unsent` (the UART took less than a frame).
    A command among the rejected whose checksum is right waits in `refusals` to be told; with `is_shared`, on
    a line at which other boards hang too, one for another board is that board's affair and counted only.
    telemetry: the packets that the board listens to; all, if it does not say. Room is made for no others;
    what is sent all the same and is good is counted in `passed_by`.
    """

    def __init__(self, uart, board, telemetry=None):
        self.board = board
        self.accepted = 0
        self.rejected = 0
        self.unsent = 0
        self.passed_by = 0
        self._listens_to_all = telemetry is None
        self.refusals = Refusals(board)
        self.is_shared = False
        self._uart = uart
        self._inbox = bytearray(_INBOX_SIZE)
        self._frame = bytearray(_FRAME_ROOM)
        self._packet = bytearray(LARGEST_PACKET)
        self.state = array("i", [0] * _STATE_SIZE)
        self._incoming = _incoming_of(board, telemetry)
        self.values = array("i", [0])

    @property
    def overlong(self):
        """Frames dropped because they were longer than any packet."""
        return self.state[_OVERLONG]

    def latest(self, packet_type):
        """The values of the last packet of a type that `board` is sent: the array that `poll` fills."""
        return self._incoming[packet_type.identification(self.board)].values

    def outgoing(self, packet_type):
        """A new packet of this type for `send`, from this board."""
        return OutgoingPacket(packet_type, self.board)

    def poll(self):
        """APID of the next accepted packet, its fields in `values`; or -1 if there is none.

        Reads the UART at most once, so that a talker who never stops cannot hold the tick.
        Two packets of one type share their `values`. Allocates nothing.
        """
        state = self.state
        if state[_NEXT] >= state[_END]:
            count = self._uart.readinto(self._inbox)
            if not count:
                return -1
            state[_RECEIVED] = (state[_RECEIVED] + count) & _COUNT_MASK
            state[_NEXT] = 0
            state[_END] = count
        while True:
            size = next_frame(self._inbox, self._frame, state)
            if size == 0:
                return -1
            size = cobs_decode(self._frame, size, self._packet, LARGEST_PACKET)
            identification = check_packet(self._packet, size, REFLECTED)
            packet = self._incoming.get(identification)
            if packet is None or packet.type.size != size:
                if packet is None and 0 <= identification < _COMMAND_BIT and not self._listens_to_all:
                    self.passed_by = (self.passed_by + 1) & _COUNT_MASK
                    continue
                self.rejected += 1
                if identification >= _COMMAND_BIT and not self._is_for_another(identification):
                    sequence = (self._packet[2] & 63) * 256 + self._packet[3]
                    self.refusals.add(identification, sequence, packet is not None)
                continue
            layout = packet.type.layout
            unpack_fields(packet.values, layout, len(layout), self._packet, _HEADER_SIZE)
            self.values = packet.values
            self.accepted += 1
            return identification & 0x7FF

    def refuse(self):
        """The command that was taken last is none for this line: it is told as one that there is not."""
        packet = self._packet
        self.refusals.add((packet[0] & 31) * 256 + packet[1], (packet[2] & 63) * 256 + packet[3], False)

    def _is_for_another(self, identification):
        """On a shared line, whether this command has been heard by the board that it is for."""
        return self.is_shared and (identification >> 8) & _BOARD_MASK != self.board

    def send(self, packet):
        """Frame the packet's values and hand them to the UART. Allocates nothing."""
        frame = packet.encode()
        if self._uart.write(frame) != len(frame):
            self.unsent += 1


def _incoming_of(board, telemetry=None):
    """The packets that `board` may receive, by type bit and APID."""
    incoming = {}
    for packet_type in dictionary.PACKETS:
        if packet_type.kind == COMMAND:
            if packet_type.board != board:
                continue
        elif telemetry is not None and packet_type not in telemetry:
            continue
        packet = IncomingPacket(packet_type)
        if packet_type.kind == COMMAND:
            senders = (board,)
        elif packet_type.board == ANY_BOARD:
            senders = [sender for sender, _ in dictionary.BOARDS if sender != board]
        else:
            senders = (packet_type.board,) if packet_type.board != board else ()
        for sender in senders:
            incoming[packet_type.identification(sender)] = packet
    return incoming
