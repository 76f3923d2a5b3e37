"""Garmin LIDAR-Lite v3 laser range finder over I2C, address 62; LIDAR-Lite v3 Operation Manual and
Technical Specifications, "I2C Protocol Information" and "Control Register List".

One measurement after the other: command 04 into register 00, wait until bit 0 of register 01 is low, read
two bytes from 8F, where bit 7 asks for the next register by itself. The part knows no repeated
start: each pointer is followed by a stop.
"""

from array import array

from micropython import const
from plumbline.drivers.registers import I2cRegisters

_ADDRESS = const(0x62)
_REG_ACQ_COMMAND = const(0x00)
_REG_STATUS = const(0x01)
_REG_FULL_DELAY = const(0x8F)
_MEASURE_CORRECTED = const(0x04)  # with receiver bias correction
_BUSY = const(0x01)
_INVALID_SIGNAL = const(0x08)
_HEALTHY = const(0x20)  # reference and receiver bias are working
_PROCESS_ERROR = const(0x40)

_PATIENCE_POLLS = const(10)  # a measurement takes 20 ms at most
_LONGEST_CM = const(4000)  # "Specifications": 40 m
_UNIT_Q14 = const(16384)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits

# slots of the readings, as kernels/slots.py has them
_ALT_COUNT = const(0)
_ALT_STATUS = const(1)
_ALT_RANGE_MM = const(2)
_ALT_BEAM_COS_Q14 = const(4)
_ALT_REJECTED = const(9)
_ALT_SIZE = const(10)
_VALID = const(1)
_SELF_TEST_FAILED = const(4)


class LidarLite:
    """Range along a fixed beam, up to 40 m; `readings` has the altimeter slots.

    They keep their last values until the next measurement. A poll makes three transfers at most.
    """

    def __init__(self, i2c, address=_ADDRESS):
        self.readings = array("i", [0] * _ALT_SIZE)
        self.readings[_ALT_BEAM_COS_Q14] = _UNIT_Q14
        self._part = I2cRegisters(i2c, address)
        self._status = bytearray(1)
        self._delay = bytearray(2)
        self._measuring = False
        self._waited = 0

    def poll(self):
        """Take the range if it is there and start the next measurement; returns 1 or 0. Allocates nothing."""
        ranges = 0
        if self._measuring:
            ranges = self._look()
        if not self._measuring:
            self._measuring = self._part.write(_REG_ACQ_COMMAND, _MEASURE_CORRECTED) or self._reject()
            self._waited = 0
        return ranges

    def _look(self):
        self._waited += 1
        if not self._part.read_after_stop(_REG_STATUS, self._status):
            return self._give_up()
        if self._status[0] & _BUSY:
            return 0 if self._waited < _PATIENCE_POLLS else self._give_up()
        if not self._part.read_after_stop(_REG_FULL_DELAY, self._delay):
            return self._give_up()
        self._measuring = False
        self._take(self._status[0], self._delay[0] * 256 + self._delay[1])
        return 1

    def _take(self, part, range_cm):
        status = 0
        if part & _PROCESS_ERROR or not part & _HEALTHY:
            status = _SELF_TEST_FAILED
        elif not part & _INVALID_SIGNAL and 0 < range_cm <= _LONGEST_CM:
            status = _VALID
        readings = self.readings
        readings[_ALT_COUNT] = (readings[_ALT_COUNT] + 1) & _COUNT_MASK
        readings[_ALT_STATUS] = status
        readings[_ALT_RANGE_MM] = 10 * range_cm if status == _VALID else 0

    def _give_up(self):
        """This measurement is lost; the next one is started in the same poll."""
        self._measuring = False
        self._reject()
        return 0

    def _reject(self):
        readings = self.readings
        readings[_ALT_REJECTED] = (readings[_ALT_REJECTED] + 1) & _COUNT_MASK
        return False
