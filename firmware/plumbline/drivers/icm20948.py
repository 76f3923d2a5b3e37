"""TDK ICM-20948 inertial unit over I2C (68 or 69) or SPI mode 0 up to 7 MHz; data sheet DS-000189.

    imu = Icm20948(I2cRegisters(i2c, 0x68))    or    Icm20948(SpiRegisters(spi, select), is_spi=True)

225 samples a second through the part's FIFO, 2,000 degrees a second and 16 g full scale, 51 Hz and
50 Hz filters. Increments come in the units of the STIM300's driver. The axes are the part's own.
"""

from array import array

import micropython
from micropython import const

# bank 0 (7.1 and 8)
_REG_WHO_AM_I = const(0x00)
_REG_USER_CTRL = const(0x03)
_REG_PWR_MGMT_1 = const(0x06)
_REG_PWR_MGMT_2 = const(0x07)
_REG_FIFO_EN_2 = const(0x67)
_REG_FIFO_RST = const(0x68)
_REG_FIFO_MODE = const(0x69)
_REG_FIFO_COUNT = const(0x70)
_REG_FIFO = const(0x72)
_REG_BANK = const(0x7F)
# bank 2 (7.3 and 10)
_REG_GYRO_DIVIDER = const(0x00)
_REG_GYRO_CONFIG = const(0x01)
_REG_ALIGN = const(0x09)
_REG_ACCEL_DIVIDER_HIGH = const(0x10)
_REG_ACCEL_DIVIDER = const(0x11)
_REG_ACCEL_CONFIG = const(0x14)

_ICM_20948 = const(0xEA)
_BANK_2 = const(0x20)
_RESET = const(0x80)
_BEST_CLOCK = const(0x01)
_DIVIDER = const(4)  # 1,125 Hz / (1 + 4)
_FULL_SCALE_FILTERED = const(0x1F)  # filter 3, full scale 3, filter on; the same in both registers
_FIFO_ON = const(0x40)
_I2C_OFF = const(0x10)
_ALL_FIFOS = const(0x1F)
_SNAPSHOT = const(0x1F)  # a full FIFO keeps what it has
_ACCEL_AND_GYRO = const(0x1E)

_SAMPLE_SIZE = const(12)  # acceleration x y z, rate x y z, big-endian
_FIFO_SIZE = const(512)
_OVERFLOWING = const(480)  # bytes in it: the next poll could find it full, and samples missing
_MOST_SAMPLES = const(4)  # in a poll: 48 bytes, 1.2 ms at 400 kHz, within the bus's time-out
_RESET_POLLS = const(10)  # 100 ms from reset to register access, table 1
_WAKE_POLLS = const(5)  # 35 ms until the gyro measures, table 1
_SILENT_POLLS = const(5)  # without a sample, of which a tick of 10 ms brings two
_CHECK_POLLS = const(50)  # so often it is asked who it is and whether its FIFO is on
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits

# 2^21 / (16.4 LSB per degree a second * 225 Hz) and 2^22 * 9.80665 / (2,048 LSB per g * 225 Hz)
_ANGLE_WHOLE = const(568)
_ANGLE_Q14 = const(5470)
_VELOCITY_WHOLE = const(89)
_VELOCITY_Q14 = const(4298)
_HALF_Q14 = const(8192)
_SATURATED = const(32767)

# slots of the readings, as kernels/slots.py has them
_IMU_SAMPLES = const(0)
_IMU_ANGLE_X = const(1)
_IMU_VELOCITY_X = const(4)
_IMU_FAULTS = const(7)
_IMU_REJECTED = const(8)
_IMU_LOST = const(9)
_IMU_SIZE = const(10)


@micropython.viper
def take_samples(buffer: ptr8, count: int, readings: ptr32) -> int:
    """Add `count` samples to the sums in `readings`; one with a saturated axis is a fault and not used.

    At most 4 * 32,768 * 568.4 in a sum, so below 2^27. Allocates nothing.
    """
    at = 0
    while count > 0:
        saturated = 0
        place = at
        while place < at + _SAMPLE_SIZE:
            value = ((buffer[place] ^ 128) - 128) * 256 + buffer[place + 1]
            if value >= _SATURATED or value <= 0 - _SATURATED:
                saturated = 1
            place = place + 2
        if saturated:
            readings[_IMU_FAULTS] = (readings[_IMU_FAULTS] + 1) & _COUNT_MASK
        else:
            axis = 0
            while axis < 3:
                place = at + 2 * axis
                value = ((buffer[place] ^ 128) - 128) * 256 + buffer[place + 1]
                step = value * _VELOCITY_WHOLE + ((value * _VELOCITY_Q14 + _HALF_Q14) >> 14)
                readings[_IMU_VELOCITY_X + axis] = readings[_IMU_VELOCITY_X + axis] + step
                place = place + 6
                value = ((buffer[place] ^ 128) - 128) * 256 + buffer[place + 1]
                step = value * _ANGLE_WHOLE + ((value * _ANGLE_Q14 + _HALF_Q14) >> 14)
                readings[_IMU_ANGLE_X + axis] = readings[_IMU_ANGLE_X + axis] + step
                axis = axis + 1
            readings[_IMU_SAMPLES] = readings[_IMU_SAMPLES] + 1
        at = at + _SAMPLE_SIZE
        count = count - 1
    return 0


class Icm20948:
    """Increments of angle and velocity, summed over each poll; `registers` is how the part is spoken to.

    `readings` has the imu slots: samples and increments of the last poll, and running counts of
    saturated samples, of failures (wrong or no answers), and of samples lost with an overflowing FIFO.
    The part is set up one step a poll, and again when it fails.
    """

    def __init__(self, registers, is_spi=False):
        self.readings = array("i", [0] * _IMU_SIZE)
        self._part = registers
        self._user_ctrl = _FIFO_ON | (_I2C_OFF if is_spi else 0)
        self._byte = bytearray(1)
        self._word = bytearray(2)
        self._buffer = bytearray(_MOST_SAMPLES * _SAMPLE_SIZE)
        whole = memoryview(self._buffer)
        self._areas = tuple(whole[: n * _SAMPLE_SIZE] for n in range(_MOST_SAMPLES + 1))
        self._steps = (
            self._identify,
            self._after_reset,
            self._wake,
            self._awake,
            self._rates,
            self._fifo,
        )
        self._step = 0
        self._waited = 0
        self._checked = 0  # polls since it was asked who it is

    def poll(self):
        """One step of the set-up, or the samples that have come; returns how many. Allocates nothing."""
        readings = self.readings
        slot = _IMU_SAMPLES
        while slot < _IMU_FAULTS:
            readings[slot] = 0
            slot += 1
        if self._step == len(self._steps):
            return self._take()
        if self._steps[self._step]():
            self._step += 1
            self._waited = self._checked = 0
        return 0

    # --- set-up: each step True when it is done ---

    def _identify(self):
        part = self._part
        if part.write(_REG_BANK, 0) and part.read(_REG_WHO_AM_I, self._byte) and self._byte[0] == _ICM_20948:
            return part.write(_REG_PWR_MGMT_1, _RESET) or self._lose()
        return self._lose()

    def _after_reset(self):
        return self._wait(_RESET_POLLS)

    def _wake(self):
        part = self._part
        if part.write(_REG_PWR_MGMT_1, _BEST_CLOCK) and part.write(_REG_PWR_MGMT_2, 0):
            return part.write(_REG_USER_CTRL, self._user_ctrl & ~_FIFO_ON) or self._lose()
        return self._lose()

    def _awake(self):
        return self._wait(_WAKE_POLLS)

    def _rates(self):
        part = self._part
        done = (
            part.write(_REG_BANK, _BANK_2)
            and part.write(_REG_GYRO_DIVIDER, _DIVIDER)
            and part.write(_REG_GYRO_CONFIG, _FULL_SCALE_FILTERED)
            and part.write(_REG_ALIGN, 1)
            and part.write(_REG_ACCEL_DIVIDER_HIGH, 0)
            and part.write(_REG_ACCEL_DIVIDER, _DIVIDER)
            and part.write(_REG_ACCEL_CONFIG, _FULL_SCALE_FILTERED)
            and part.write(_REG_BANK, 0)
        )
        return done or self._lose()

    def _fifo(self):
        part = self._part
        done = (
            part.write(_REG_FIFO_MODE, _SNAPSHOT)
            and part.write(_REG_FIFO_EN_2, _ACCEL_AND_GYRO)
            and part.write(_REG_USER_CTRL, self._user_ctrl)
            and self._empty()
        )
        return done or self._lose()

    def _empty(self):
        """Forget what is in the FIFO, so that the next byte begins a sample."""
        return self._part.write(_REG_FIFO_RST, _ALL_FIFOS) and self._part.write(_REG_FIFO_RST, 0)

    # --- sampling ---

    def _take(self):
        self._checked += 1
        if self._checked >= _CHECK_POLLS and not self._is_itself():
            return self._lose()
        if not self._part.read(_REG_FIFO_COUNT, self._word):
            return self._lose()
        count = self._word[0] * 256 + self._word[1]
        if count > _FIFO_SIZE:
            return self._lose()
        if count >= _OVERFLOWING:
            readings = self.readings
            readings[_IMU_LOST] = (readings[_IMU_LOST] + count // _SAMPLE_SIZE) & _COUNT_MASK
            return 0 if self._empty() else self._lose()
        samples = min(count // _SAMPLE_SIZE, _MOST_SAMPLES)
        if samples == 0:
            self._wait(0)
            return self._lose() if self._waited >= _SILENT_POLLS else 0
        self._waited = 0
        if not self._part.read(_REG_FIFO, self._areas[samples]):
            return self._lose()
        take_samples(self._buffer, samples, self.readings)
        return samples

    def _is_itself(self):
        """A part that has been reset is asleep and its FIFO off; one that is gone is not there."""
        self._checked = 0
        part = self._part
        byte = self._byte
        if not part.read(_REG_WHO_AM_I, byte) or byte[0] != _ICM_20948:
            return False
        return part.read(_REG_USER_CTRL, byte) and byte[0] == self._user_ctrl

    def _wait(self, polls):
        self._waited += 1
        return self._waited >= polls

    def _lose(self):
        """Not there, not answering, or reset: begin anew."""
        self._step = 0
        self._waited = 0
        readings = self.readings
        readings[_IMU_REJECTED] = (readings[_IMU_REJECTED] + 1) & _COUNT_MASK
        return 0
