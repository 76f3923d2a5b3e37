"""LightWare LW20 and SF20 laser range finders over UART, 115,200 baud, by their binary protocol.

Packet: AA, flags u16 (payload length << 6, bit 0 for a write), payload (command, data), CRC-16 with
polynomial 1021 from 0 over all before it; little-endian. LW20 protocol documentation, "Serial" and
"Detailed command descriptions". After power-on the part waits for a first command to know which of
its interfaces is used, and leaves it unanswered: every request is repeated until it is answered.
"""

from array import array

import micropython
from micropython import const

_START = const(0xAA)
_HEADER_SIZE = const(3)
_OVERHEAD = const(5)  # start, flags, CRC
_WRITE = const(1)
_DISTANCE_OUTPUT = const(27)  # what a reply to 44 holds, a bit for each value
_DISTANCE_DATA = const(44)
_MEDIAN_AND_STRENGTH = const(0x14)  # bits 2 and 4: first return's median in cm, its strength in %
_DATA_PAYLOAD = const(5)
_OUTPUT_PAYLOAD = const(5)

_REPEAT_POLLS = const(5)  # an unanswered request goes out again: 50 ms in a tick of 10 ms
_SILENT_REQUESTS = const(4)  # then the part may have been switched off and on: what it sends is set anew
_LONGEST_CM = const(10000)  # LW20 product manual, specifications: 100 m
_WEAK_PERCENT = const(5)

_UNIT_Q14 = const(16384)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits
_READ_AT = const(16)  # the read area; what a poll leaves over stands right before it
_READ_SIZE = const(256)

# slots of the line's state; the first one of every line is the running count of bytes taken
_RECEIVED = const(0)
_LEFTOVER = const(1)
_END = const(2)
_REJECTED = const(3)
_STATE_SIZE = const(4)

# slots of the readings, as kernels/slots.py has them
_ALT_COUNT = const(0)
_ALT_STATUS = const(1)
_ALT_RANGE_MM = const(2)
_ALT_BEAM_COS_Q14 = const(4)
_ALT_REJECTED = const(9)
_ALT_SIZE = const(10)
_VALID = const(1)
_WEAK = const(2)


@micropython.viper
def crc16(buffer: ptr8, start: int, length: int) -> int:
    """CRC-16, polynomial 1021, from 0, most significant bit first. Allocates nothing."""
    crc = 0
    at = start
    while at < start + length:
        crc = crc ^ (buffer[at] << 8)
        bit = 0
        while bit < 8:
            crc = crc << 1
            if crc & 65536:
                crc = crc ^ 69665  # 0x11021
            bit = bit + 1
        at = at + 1
    return crc


@micropython.viper
def next_packet(buffer: ptr8, state: ptr32) -> int:
    """Index of the command byte of the next good reply, or 0 when all that was read is used up.

    Only replies of a length that its command can have are waited for, so that a broken length
    holds nothing up. What begins like a packet and is none counts as rejected, and the search goes on
    with the next byte. Allocates nothing.
    """
    end = 0 + state[_END]
    at = _READ_AT - state[_LEFTOVER]
    found = 0
    waiting = 0
    while found == 0 and waiting == 0 and at < end:
        if buffer[at] != _START:
            at = at + 1
        elif end - at <= _HEADER_SIZE:
            waiting = 1
        else:
            length = (buffer[at + 1] >> 6) + 4 * buffer[at + 2]
            command = 0 + buffer[at + 3]
            fits = 0
            if command == _DISTANCE_DATA and length == _DATA_PAYLOAD:
                fits = 1
            if command == _DISTANCE_OUTPUT and (length == 1 or length == _OUTPUT_PAYLOAD):
                fits = 1
            if fits and end - at < length + _OVERHEAD:
                waiting = 1
            else:
                if fits:
                    crc = int(crc16(buffer, at, length + _HEADER_SIZE))
                    sum_at = at + _HEADER_SIZE + length
                    if buffer[sum_at] + 256 * buffer[sum_at + 1] != crc:
                        fits = 0
                if fits:
                    found = at + _HEADER_SIZE
                    at = at + length + _OVERHEAD
                else:
                    state[_REJECTED] = (state[_REJECTED] + 1) & _COUNT_MASK
                    at = at + 1
    left = end - at
    if found:
        state[_LEFTOVER] = _READ_AT - at
        return found
    target = _READ_AT - left
    state[_LEFTOVER] = left
    while left > 0:
        buffer[target] = buffer[at]
        target = target + 1
        at = at + 1
        left = left - 1
    return 0


@micropython.viper
def take_distance(buffer: ptr8, at: int, readings: ptr32) -> int:
    """Median distance and strength behind the command byte into `readings`; a lost signal is negative."""
    range_cm = ((buffer[at + 2] ^ 128) - 128) * 256 + buffer[at + 1]
    percent = ((buffer[at + 4] ^ 128) - 128) * 256 + buffer[at + 3]
    status = 0
    if range_cm > 0 and range_cm <= _LONGEST_CM:
        status = _VALID
        if percent < _WEAK_PERCENT:
            status = _VALID | _WEAK
    else:
        range_cm = 0
    readings[_ALT_COUNT] = (readings[_ALT_COUNT] + 1) & _COUNT_MASK
    readings[_ALT_STATUS] = status
    readings[_ALT_RANGE_MM] = 10 * range_cm
    return status


def _request(flags, payload):
    packet = bytearray(bytes((_START, (len(payload) << 6 | flags) & 255, len(payload) >> 2)) + payload)
    crc = crc16(packet, 0, len(packet))
    return bytes(packet) + bytes((crc & 255, crc >> 8))


class Lw20:
    """0.2 to 100 m, along a fixed beam; asks again as soon as it has an answer.

    `readings` has the altimeter slots and keeps its last values until the next answer. The
    UART is opened with timeout=0.
    """

    def __init__(self, uart):
        self.readings = array("i", [0] * _ALT_SIZE)
        self.readings[_ALT_BEAM_COS_Q14] = _UNIT_Q14
        self.line = array("i", [0] * _STATE_SIZE)
        self.requests = 0  # sent so far
        self._uart = uart
        self._buffer = bytearray(_READ_AT + _READ_SIZE)
        self._read_area = memoryview(self._buffer)[_READ_AT:]
        self._set_output = _request(_WRITE, bytes((_DISTANCE_OUTPUT, _MEDIAN_AND_STRENGTH, 0, 0, 0)))
        self._ask_distance = _request(0, bytes((_DISTANCE_DATA,)))
        self._is_set = False  # the part has confirmed what it is to send
        self._waited = _REPEAT_POLLS  # polls since the last request
        self._silent = 0  # requests in a row without an answer

    def poll(self):
        """Take the answers that have come and ask on; returns the number of ranges. Allocates nothing."""
        ranges = 0
        count = self._uart.readinto(self._read_area)
        if count:
            ranges = self._take(count)
        self._waited += 1
        if self._waited > _REPEAT_POLLS:
            self._silent += 1
            if self._silent > _SILENT_REQUESTS:
                self._is_set = False
            self._ask()
        return ranges

    def _take(self, count):
        line = self.line
        line[_RECEIVED] = (line[_RECEIVED] + count) & _COUNT_MASK
        line[_END] = _READ_AT + count
        ranges = 0
        at = next_packet(self._buffer, line)
        while at:
            if self._buffer[at] == _DISTANCE_OUTPUT:
                self._is_set = True
            elif self._is_set:  # before, the values behind the command may be others
                take_distance(self._buffer, at, self.readings)
                ranges += 1
            self._silent = 0
            self._waited = _REPEAT_POLLS  # ask on in this poll
            at = next_packet(self._buffer, line)
        self.readings[_ALT_REJECTED] = line[_REJECTED]
        return ranges

    def _ask(self):
        self.requests = (self.requests + 1) & _COUNT_MASK
        self._waited = 0
        self._uart.write(self._ask_distance if self._is_set else self._set_output)
