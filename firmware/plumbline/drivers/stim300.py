"""Sensonor STIM300 inertial unit over UART (RS-422), 921,600 baud, 500 datagrams a second.

Datagram 0x91 of the data sheet TS1524, 28 bytes, all big-endian: identifier, gyro x y z
(int24, incremental angle, 2^-21 degree), status, accelerometer x y z (int24, incremental
velocity, 2^-22 m/s, 10 g part), status, counter, latency_us (u16), CRC-32.
The counter counts internal samples, 2,000 a second, so at 500 Hz it advances by 4.
"""

from array import array

import micropython
from micropython import const
from plumbline.link.crc import FORWARD, crc_forward_matches

_IDENTIFIER = const(0x91)  # rate and acceleration, without CR LF
_SIZE = const(28)
_CHECKED_SIZE = const(24)
_GYRO = const(1)
_GYRO_STATUS = const(10)
_ACCELEROMETER = const(11)
_ACCELEROMETER_STATUS = const(20)
_COUNTER = const(21)
_COUNTER_SHIFT = const(2)  # log2 of the internal samples in a datagram
_COUNTER_STEP = const(4)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits

_READ_AT = const(28)  # the read area; what a poll leaves over stands right before it
_READ_SIZE = const(1024)  # a tick brings 140 bytes; a stall of 100 ms is made up in two polls

# slots of the line's state; the first one of every line is the running count of bytes taken
_RECEIVED = const(0)
_LEFTOVER = const(1)
_LAST_COUNTER = const(2)  # -1 before the first datagram
_HUNTING = const(3)  # 1 while it is not known where a datagram begins
_STATE_SIZE = const(4)

# slots of the readings, as kernels/slots.py has them
_IMU_SAMPLES = const(0)
_IMU_ANGLE_X = const(1)
_IMU_VELOCITY_X = const(4)
_IMU_FAULTS = const(7)
_IMU_REJECTED = const(8)
_IMU_LOST = const(9)
_IMU_SIZE = const(10)


@micropython.viper
def _add_axes(buffer: ptr8, at: int, readings: ptr32, slot: int) -> int:
    """Add three int24 from index `at` to three readings from `slot`."""
    end = at + 9
    while at < end:
        value = (((buffer[at] ^ 128) - 128) * 256 + buffer[at + 1]) * 256 + buffer[at + 2]
        readings[slot] = readings[slot] + value
        slot = slot + 1
        at = at + 3
    return 0


@micropython.viper
def _take_datagram(buffer: ptr8, at: int, state: ptr32, readings: ptr32) -> int:
    """Account for one good datagram; add its increments unless a status byte reports a fault."""
    counter = buffer[at + _COUNTER] & 255
    if state[_LAST_COUNTER] >= 0:
        gap = (counter - state[_LAST_COUNTER] - _COUNTER_STEP) & 255
        readings[_IMU_LOST] = (readings[_IMU_LOST] + (gap >> _COUNTER_SHIFT)) & _COUNT_MASK
    state[_LAST_COUNTER] = counter
    if buffer[at + _GYRO_STATUS] | buffer[at + _ACCELEROMETER_STATUS]:
        readings[_IMU_FAULTS] = (readings[_IMU_FAULTS] + 1) & _COUNT_MASK
        return 0
    _add_axes(buffer, at + _GYRO, readings, _IMU_ANGLE_X)
    _add_axes(buffer, at + _ACCELEROMETER, readings, _IMU_VELOCITY_X)
    readings[_IMU_SAMPLES] = readings[_IMU_SAMPLES] + 1
    return 1


@micropython.viper
def take_datagrams(buffer: ptr8, count: int, state: ptr32, readings: ptr32, table: ptr16) -> int:
    """The sums of the good datagrams among `count` bytes in the read area, and what was left before them.

    Where a datagram should begin and no good one does, that counts once as rejected, and
    the search goes on byte by byte until the next good one. The tail is kept for the
    next call. Returns the number of datagrams with a right CRC. At most 37 x 2^23 in a
    sum, so below 2^30. Allocates nothing.
    """
    slot = _IMU_SAMPLES
    while slot < _IMU_FAULTS:
        readings[slot] = 0
        slot = slot + 1
    state[_RECEIVED] = (state[_RECEIVED] + count) & _COUNT_MASK
    end = _READ_AT + count
    at = _READ_AT - state[_LEFTOVER]
    datagrams = 0
    while end - at >= _SIZE:
        good = 0
        if buffer[at] == _IDENTIFIER:
            good = int(crc_forward_matches(buffer, at, _CHECKED_SIZE, table))
        if good:
            _take_datagram(buffer, at, state, readings)
            state[_HUNTING] = 0
            datagrams = datagrams + 1
            at = at + _SIZE
        else:
            if state[_HUNTING] == 0:
                readings[_IMU_REJECTED] = (readings[_IMU_REJECTED] + 1) & _COUNT_MASK
            state[_HUNTING] = 1
            at = at + 1
    left = end - at
    target = _READ_AT - left
    state[_LEFTOVER] = left
    while left > 0:
        buffer[target] = buffer[at]
        target = target + 1
        at = at + 1
        left = left - 1
    return datagrams


class Stim300:
    """Increments of angle and velocity, summed over each poll.

    `readings` has the imu slots of kernels/slots.py: samples and increments of the last
    poll, and running counts of datagrams with a fault status (not used), of rejected and
    of lost ones; `line` is the serial line's state. The UART is opened with timeout=0 and a
    receive buffer of 2,048 bytes.
    """

    def __init__(self, uart):
        self.readings = array("i", [0] * _IMU_SIZE)
        self._uart = uart
        self._buffer = bytearray(_READ_AT + _READ_SIZE)
        self._read_area = memoryview(self._buffer)[_READ_AT:]
        self.line = array("i", [0] * _STATE_SIZE)
        self.line[_LAST_COUNTER] = -1
        self.line[_HUNTING] = 1  # power-on may fall into a datagram: not the line's fault

    def skip(self):
        """Drop what has come; nothing of it is taken for lost. Allocates nothing."""
        while self._uart.readinto(self._read_area):
            pass
        self.line[_LEFTOVER] = 0
        self.line[_LAST_COUNTER] = -1
        self.line[_HUNTING] = 1

    def poll(self):
        """Read what has come, once, and sum it into `readings`; returns the datagrams received.

        Allocates nothing.
        """
        count = self._uart.readinto(self._read_area) or 0
        return take_datagrams(self._buffer, count, self.line, self.readings, FORWARD)
