"""Benewake TFmini and TF03 laser range finders over UART, 115,200 baud, 100 frames a second unasked.

Frame, 9 bytes: 59 59, distance u16 and strength u16 little-endian in cm, two bytes of no interest,
and the low eight bits of the sum of the first eight. TFmini product manual SJ-PM-TFmini-T-01,
5.3 and 5.4; TF03 product manual V0.4, 4.1, whose strength is reserved.
"""

from array import array

import micropython
from micropython import const

_HEADER = const(0x59)
_SIZE = const(9)
_UNIT_Q14 = const(16384)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits
_READ_AT = const(16)  # the read area; what a poll leaves over stands right before it
_READ_SIZE = const(256)  # a tick of 10 ms brings 115 bytes at most

# slots of the line's state; the first one of every line is the running count of bytes taken
_RECEIVED = const(0)
_LEFTOVER = const(1)
_LONGEST_CM = const(2)
_WEAKEST = const(3)
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

# TFmini, 5.4: 0 to 12 m, FFFF without a target; strengths of 20 and more are reliable, FFFF is none.
_TFMINI_LONGEST_CM = const(1199)
_TFMINI_WEAKEST = const(20)
# TF03: 180 m; without a target it reports its over-range threshold or 0.
_TF03_LONGEST_CM = const(17999)
_BLINDED = const(0xFFFF)


@micropython.viper
def _take_frame(buffer: ptr8, at: int, state: ptr32, readings: ptr32) -> int:
    """The good frame at an index into `readings`."""
    range_cm = buffer[at + 2] + 256 * buffer[at + 3]
    strength = buffer[at + 4] + 256 * buffer[at + 5]
    status = _VALID
    if state[_WEAKEST] > 0 and (strength < state[_WEAKEST] or strength == _BLINDED):
        status = _WEAK
    if range_cm == 0 or range_cm > state[_LONGEST_CM]:
        status = status & _WEAK
    if status != _VALID:
        range_cm = 0
    readings[_ALT_COUNT] = (readings[_ALT_COUNT] + 1) & _COUNT_MASK
    readings[_ALT_STATUS] = status
    readings[_ALT_RANGE_MM] = 10 * range_cm
    return 0


@micropython.viper
def take_frames(buffer: ptr8, count: int, state: ptr32, readings: ptr32) -> int:
    """The good frames among `count` bytes in the read area and what was left before them; returns how many.

    Two bytes 59 with a wrong sum behind them count as rejected, and the search goes on with the next
    byte. The tail that may begin a frame is kept for the next call. Allocates nothing.
    """
    state[_RECEIVED] = (state[_RECEIVED] + count) & _COUNT_MASK
    end = _READ_AT + count
    at = _READ_AT - state[_LEFTOVER]
    frames = 0
    while end - at >= _SIZE:
        step = 1
        if buffer[at] == _HEADER and buffer[at + 1] == _HEADER:
            total = 0
            place = at
            while place < at + _SIZE - 1:
                total = total + buffer[place]
                place = place + 1
            if (total & 255) == buffer[place]:
                _take_frame(buffer, at, state, readings)
                frames = frames + 1
                step = _SIZE
            else:
                readings[_ALT_REJECTED] = (readings[_ALT_REJECTED] + 1) & _COUNT_MASK
        at = at + step
    left = end - at
    target = _READ_AT - left
    state[_LEFTOVER] = left
    while left > 0:
        buffer[target] = buffer[at]
        target = target + 1
        at = at + 1
        left = left - 1
    return frames


class _RangeFinder:
    """Range along a fixed beam, straight down if the part is mounted so; `readings` has the altimeter slots.

    They keep their last values until the next frame. The part does not say how old a range is.
    """

    def __init__(self, uart, longest_cm, weakest):
        self.readings = array("i", [0] * _ALT_SIZE)
        self.readings[_ALT_BEAM_COS_Q14] = _UNIT_Q14
        self.line = array("i", [0] * _STATE_SIZE)
        self.line[_LONGEST_CM] = longest_cm
        self.line[_WEAKEST] = weakest
        self._uart = uart
        self._buffer = bytearray(_READ_AT + _READ_SIZE)
        self._read_area = memoryview(self._buffer)[_READ_AT:]

    def poll(self):
        """Take the frames that have come, the last one stays; returns how many. Allocates nothing."""
        count = self._uart.readinto(self._read_area)
        if not count:
            return 0
        return take_frames(self._buffer, count, self.line, self.readings)


class Tfmini(_RangeFinder):
    """0.3 to 12 m. The UART is opened with timeout=0."""

    def __init__(self, uart):
        super().__init__(uart, _TFMINI_LONGEST_CM, _TFMINI_WEAKEST)


class Tf03(_RangeFinder):
    """0.1 to 180 m. The UART is opened with timeout=0."""

    def __init__(self, uart):
        super().__init__(uart, _TF03_LONGEST_CM, 0)
