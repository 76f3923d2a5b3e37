"""The serial frame of the long-range altimeters: a documented stand-in, as flight units' are not public.

Frame: A5 5A | type u8 | length u8 | payload | zlib CRC-32 of type to payload; little-endian.
Request 01 (laser), 02 (radar): sequence u8, reserved u8, beam cos i16, beam sin i16 (Q14).
Reply 11 (laser): sequence u8, status u8, age_ms u16, range_mm u32, beam cos i16, beam sin i16.
Reply 12 (radar): the same, then velocity over the ground x, y, z i32 in mm/s, body axes.
A reply repeats its request's sequence number; bits of `status` are in kernels/slots.py.
"""

from array import array

import micropython
from micropython import const
from plumbline.link.crc import LITTLE_ENDIAN, REFLECTED, crc_append, crc_matches

# slots of a line's state; the first one of every line is the running count of bytes taken
_RECEIVED = const(0)
_LEFTOVER = const(1)  # bytes before the read area that are not yet used up
_END = const(2)  # end of what was read; 0 before a read
_KIND = const(3)
_LENGTH = const(4)
_REJECTED = const(5)
_STATE_SIZE = const(6)

_SYNC_0 = const(0xA5)
_SYNC_1 = const(0x5A)
_HEADER_SIZE = const(4)
_OVERHEAD = const(8)  # header and CRC
_REQUEST_SIZE = const(14)
_LITTLE_ENDIAN = const(0)
_UNIT_Q14 = const(16384)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits

_READ_AT = const(32)  # the read area; what a poll leaves over stands right before it
_READ_SIZE = const(256)  # more than a line at 115,200 baud brings in a tick of 10 ms

# slots of an altimeter's readings, as kernels/slots.py has them
_ALT_COUNT = const(0)
_ALT_STATUS = const(1)
_ALT_RANGE_MM = const(2)
_ALT_AGE_MS = const(3)
_ALT_BEAM_COS_Q14 = const(4)
_ALT_BEAM_SIN_Q14 = const(5)
_ALT_REJECTED = const(9)
_ALT_SIZE = const(10)

_RANGE_VALID = const(1)
_RANGE_INVALID_MASK = const(0xFE)
_VELOCITY_INVALID_MASK = const(0xF7)


@micropython.viper
def next_reply(buffer: ptr8, state: ptr32, table: ptr16) -> int:
    """Index of the payload of the next good frame of the wanted type and length, or 0.

    At 0 everything read is used up, and the tail that may begin a frame has been moved to
    right before the read area. Bytes that begin like a frame and are none count as
    rejected, and the search goes on with the byte after. Allocates nothing.
    """
    end = 0 + state[_END]
    at = _READ_AT - state[_LEFTOVER]
    length = 0 + state[_LENGTH]
    size = length + _OVERHEAD
    while end - at >= size:
        if buffer[at] == _SYNC_0 and buffer[at + 1] == _SYNC_1:
            if buffer[at + 2] == state[_KIND] and buffer[at + 3] == length:
                if int(crc_matches(buffer, at + 2, length + 2, table, _LITTLE_ENDIAN)):
                    state[_LEFTOVER] = _READ_AT - at - size
                    return at + _HEADER_SIZE
            state[_REJECTED] = (state[_REJECTED] + 1) & _COUNT_MASK
        at = at + 1
    left = end - at
    target = _READ_AT - left
    state[_LEFTOVER] = left
    while left > 0:
        buffer[target] = buffer[at]
        target = target + 1
        at = at + 1
        left = left - 1
    return 0


@micropython.viper
def take_reading(buffer: ptr8, at: int, readings: ptr32) -> int:
    """The payload's status, age, range and beam into `readings`; returns the status as stored.

    A range of 2^29 mm and more is stored as 0 with its valid bit cleared, and so is a range
    along a beam with a component beyond 1. The velocity's valid bit is cleared in any case: the
    radar's driver sets it when it has looked at the velocity. Allocates nothing.
    """
    status = buffer[at + 1] & _VELOCITY_INVALID_MASK
    range_mm = 0
    if buffer[at + 7] < 32:
        range_mm = ((buffer[at + 7] * 256 + buffer[at + 6]) * 256 + buffer[at + 5]) * 256 + buffer[at + 4]
    else:
        status = status & _RANGE_INVALID_MASK
    cos = ((buffer[at + 9] ^ 128) - 128) * 256 + buffer[at + 8]
    sin = ((buffer[at + 11] ^ 128) - 128) * 256 + buffer[at + 10]
    if cos > _UNIT_Q14 or cos < -_UNIT_Q14 or sin > _UNIT_Q14 or sin < -_UNIT_Q14:
        status = status & _RANGE_INVALID_MASK
        cos = 0
        sin = 0
    if (status & _RANGE_VALID) == 0:
        range_mm = 0
    readings[_ALT_COUNT] = (readings[_ALT_COUNT] + 1) & _COUNT_MASK
    readings[_ALT_STATUS] = status
    readings[_ALT_RANGE_MM] = range_mm
    readings[_ALT_AGE_MS] = buffer[at + 3] * 256 + buffer[at + 2]
    readings[_ALT_BEAM_COS_Q14] = cos
    readings[_ALT_BEAM_SIN_Q14] = sin
    return status


class SensorLine:
    """One altimeter's serial line: sends requests of one type, finds replies of one type.

    `state` has the line's counters. `buffer` is the receive buffer that the index of
    `next_payload` points into; the next `read` clobbers it. The UART is opened with timeout=0.
    """

    def __init__(self, uart, request_type, reply_type, reply_length):
        self.buffer = bytearray(_READ_AT + _READ_SIZE)
        self.sequence = 0  # of the last request
        self.duplicates = 0  # replies with the sequence number of the reply before
        self._uart = uart
        self._read_area = memoryview(self.buffer)[_READ_AT:]
        self._request = bytearray(_REQUEST_SIZE)
        self._request[0] = _SYNC_0
        self._request[1] = _SYNC_1
        self._request[2] = request_type
        self._request[3] = _REQUEST_SIZE - _OVERHEAD
        self._taken = -1  # sequence number of the last reply taken
        self.state = array("i", [0] * _STATE_SIZE)
        self.state[_KIND] = reply_type
        self.state[_LENGTH] = reply_length

    @property
    def rejected(self):
        """Bytes that began like a frame and had a wrong type, length or CRC."""
        return self.state[_REJECTED]

    def request(self, cos_q14, sin_q14):
        """Ask for a reading along (-cos, -sin, 0) in body axes. Allocates nothing."""
        frame = self._request
        self.sequence = (self.sequence + 1) & 255
        frame[4] = self.sequence
        frame[6] = cos_q14 & 255
        frame[7] = (cos_q14 >> 8) & 255
        frame[8] = sin_q14 & 255
        frame[9] = (sin_q14 >> 8) & 255
        crc_append(frame, 2, _REQUEST_SIZE - 6, REFLECTED, LITTLE_ENDIAN)
        self._uart.write(frame)

    def read(self):
        """Read what has come, once; True if there is something for `next_payload`. Allocates nothing."""
        count = self._uart.readinto(self._read_area)
        if not count:
            return False
        state = self.state
        state[_RECEIVED] = (state[_RECEIVED] + count) & _COUNT_MASK
        state[_END] = _READ_AT + count
        return True

    def next_payload(self):
        """Index in `buffer` of the next new reply's payload, or 0. Allocates nothing."""
        while True:
            at = next_reply(self.buffer, self.state, REFLECTED)
            if at == 0:
                return 0
            if self.buffer[at] != self._taken:
                self._taken = self.buffer[at]
                return at
            self.duplicates += 1


class Altimeter:
    """What all altimeters on this frame share; a part says in `take` what it reads of a payload.

    `readings` has the altimeter slots of kernels/slots.py and keeps its last values until
    the next reply.
    """

    def __init__(self, uart, request_type, reply_type, reply_length):
        self.readings = array("i", [0] * _ALT_SIZE)
        self.line = SensorLine(uart, request_type, reply_type, reply_length)

    def request(self, cos_q14, sin_q14):
        """Ask for a range along (-cos, -sin, 0) in body axes. Allocates nothing."""
        self.line.request(cos_q14, sin_q14)

    def take(self, at):
        """The payload at that index of the line's buffer into `readings`: its range. Allocates nothing."""
        take_reading(self.line.buffer, at, self.readings)

    def poll(self):
        """Take the replies that have come into `readings`; returns how many. Allocates nothing."""
        line = self.line
        if not line.read():
            return 0
        replies = 0
        at = line.next_payload()
        while at:
            self.take(at)
            replies += 1
            at = line.next_payload()
        self.readings[_ALT_REJECTED] = line.rejected
        return replies
