"""ST VL53L1X time-of-flight range finder over I2C, address 29, 16-bit register addresses, up to 4 m.

Register names and the order of the steps are those of ST's ultra lite driver (STSW-IMG009, UM2510);
the data sheet DS12385 names few registers. Long distance mode, 33 ms for a range, one every 40 ms.
"""

from array import array

from micropython import const
from plumbline.drivers.registers import I2cRegisters

_ADDRESS = const(0x29)
_REG_VHV_TIMEOUT = const(0x0008)
_REG_VHV_INIT = const(0x000B)
_REG_TIO_HV_STATUS = const(0x0031)
_REG_INTERRUPT_CLEAR = const(0x0086)
_REG_MODE_START = const(0x0087)
_REG_RESULT = const(0x0089)
_REG_OSC_CALIBRATE = const(0x00DE)
_REG_SYSTEM_STATUS = const(0x00E5)
_REG_MODEL = const(0x010F)
_MODEL = const(0xEACC)
_BOOTED = const(0x01)
_RANGING = const(0x40)
_STOPPED = const(0x00)
_READY = const(0x01)
_VHV_LOOPS = const(0x09)

# A register's address, and what is written from there on. ST's settings of the registers from 2D on come in
# two pieces; differing from ST's, 2E and 2F have bit 0, for lines that are pulled up to 2.8 V or
# 3.3 V, as on every carrier board. 5E to 62 and 6C to 6F are overwritten.
_SETTINGS_FIRST = bytes.fromhex(
    "00 2d 00 01 01 01 02 00 02 08 00 08 10 01 01 00 00 00 00 ff 00 0f 00 00 00 00 00 20 0b 00 00 02 0a"
    "21 00 00 05 00 00 00 00 c8 00 00 38 ff 01 00"
)
_SETTINGS_SECOND = bytes.fromhex(
    "00 5b 08 00 00 01 cc 0f 01 f1 0d 01 68 00 80 08 b8 00 00 00 00 0f 89 00 00 00 00 00 00 00 01 0f 0d"
    "0e 0e 00 00 02 c7 ff 9b 00 00 00 01 00 00"
)
_TIMEOUT_A = bytes.fromhex("00 5e 00 60")  # 33 ms in long distance mode
_TIMEOUT_B = bytes.fromhex("00 61 00 6e")
_REG_PERIOD = const(0x6C)
_PERIOD_MS = const(40)
_OSC_MASK = const(0x3FF)

_RESULT_SIZE = const(15)
_STATUS_MASK = const(0x1F)
_RANGE_COMPLETE = const(9)
_SIGMA_FAIL = const(6)
_SIGNAL_FAIL = const(4)
_RANGE_AT = const(13)  # in the result: final crosstalk corrected range in mm
_LONGEST_MM = const(4000)

_PATIENCE_POLLS = const(15)  # 150 ms in a tick of 10 ms, for the boot (1.2 ms) as for a range
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
_WEAK = const(2)


class Vl53l1x:
    """Range along a fixed beam; `readings` has the altimeter slots and keeps its last values.

    The part is set up one step a poll, and again when it has not spoken for 15 polls. The
    longest poll writes 46 bytes: 1.2 ms at 400 kHz.
    """

    def __init__(self, i2c, address=_ADDRESS):
        self.readings = array("i", [0] * _ALT_SIZE)
        self.readings[_ALT_BEAM_COS_Q14] = _UNIT_Q14
        self._part = I2cRegisters(i2c, address, address_bits=16)
        self._byte = bytearray(1)
        self._word = bytearray(2)
        self._period = bytearray((0, _REG_PERIOD, 0, 0, 0, 0))
        self._result = bytearray(_RESULT_SIZE)
        self._steps = (
            self._identify,
            self._settings_first,
            self._settings_second,
            self._timing,
            self._start,
            self._first_range,
            self._restart,
        )
        self._step = 0
        self._waited = 0

    def poll(self):
        """One step of the set-up, or the range that has come; returns 1 or 0. Allocates nothing."""
        if self._step == len(self._steps):
            return self._range()
        if self._steps[self._step]():
            self._step += 1
            self._waited = 0
        return 0

    # --- set-up: each step True when it is done ---

    def _identify(self):
        part = self._part
        if not part.read(_REG_MODEL, self._word) or self._word[0] * 256 + self._word[1] != _MODEL:
            return self._lose()
        if not part.read(_REG_SYSTEM_STATUS, self._byte):
            return self._lose()
        return self._byte[0] & _BOOTED or self._wait()

    def _settings_first(self):
        return self._part.write_all(_SETTINGS_FIRST) or self._lose()

    def _settings_second(self):
        return self._part.write_all(_SETTINGS_SECOND) or self._lose()

    def _timing(self):
        part = self._part
        if not part.read(_REG_OSC_CALIBRATE, self._word):
            return self._lose()
        # ST: period in ms, times the oscillator's calibration, times 1.075
        period = ((self._word[0] * 256 + self._word[1]) & _OSC_MASK) * _PERIOD_MS * 1075 // 1000
        self._period[3] = period >> 16
        self._period[4] = (period >> 8) & 255
        self._period[5] = period & 255
        if part.write_all(_TIMEOUT_A) and part.write_all(_TIMEOUT_B):
            return part.write_all(self._period) or self._lose()
        return self._lose()

    def _start(self):
        return self._part.write(_REG_MODE_START, _RANGING) or self._lose()

    def _first_range(self):
        """A range is made for the part's own calibration, and thrown away."""
        if not self._is_ready():
            return False
        part = self._part
        if part.write(_REG_INTERRUPT_CLEAR, 1) and part.write(_REG_MODE_START, _STOPPED):
            return True
        return self._lose()

    def _restart(self):
        """From here on the calibration found then is kept."""
        part = self._part
        if part.write(_REG_VHV_TIMEOUT, _VHV_LOOPS) and part.write(_REG_VHV_INIT, 0):
            return part.write(_REG_MODE_START, _RANGING) or self._lose()
        return self._lose()

    # --- ranging ---

    def _range(self):
        if not self._is_ready():
            return 0
        part = self._part
        if not part.read(_REG_RESULT, self._result) or not part.write(_REG_INTERRUPT_CLEAR, 1):
            self._lose()
            return 0
        self._waited = 0
        range_mm = self._result[_RANGE_AT] * 256 + self._result[_RANGE_AT + 1]
        self._take(self._result[0] & _STATUS_MASK, range_mm)
        return 1

    def _take(self, part, range_mm):
        status = 0
        if part == _RANGE_COMPLETE and 0 < range_mm <= _LONGEST_MM:
            status = _VALID
        elif part == _SIGMA_FAIL or part == _SIGNAL_FAIL:
            status = _WEAK
        readings = self.readings
        readings[_ALT_COUNT] = (readings[_ALT_COUNT] + 1) & _COUNT_MASK
        readings[_ALT_STATUS] = status
        readings[_ALT_RANGE_MM] = range_mm if status == _VALID else 0

    def _is_ready(self):
        """Whether a range is there. The line is active high, so the bit is 1 when it is."""
        if not self._part.read(_REG_TIO_HV_STATUS, self._byte):
            return self._lose()
        return self._byte[0] & _READY or self._wait()

    def _wait(self):
        self._waited += 1
        return self._lose() if self._waited >= _PATIENCE_POLLS else False

    def _lose(self):
        """Not there, not answering, or reset: begin anew."""
        self._step = 0
        self._waited = 0
        readings = self.readings
        readings[_ALT_REJECTED] = (readings[_ALT_REJECTED] + 1) & _COUNT_MASK
        return False
