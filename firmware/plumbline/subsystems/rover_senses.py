"""What the rover feels: tilt, wheels, arm, battery, the lander's hold, and whether anybody speaks to it.

Everything is polled once a tick or in turn, and turned into conditions of kernels/rover_mode.py in one place;
nothing is decided here.
"""

from array import array

from micropython import const
from plumbline.drivers.icm20948 import Icm20948
from plumbline.drivers.ina226 import Ina226
from plumbline.drivers.registers import I2cRegisters
from plumbline.kernels import rover_mode, rover_tilt, slots

WHEELS = const(4)
_INERTIAL_ADDRESS = const(0x68)
_BATTERY = const(0)
_MONITORS = const(5)  # battery, then the four wheels
_SHUNT_UOHM = const(20000)
_BATTERY_SHUNT_UOHM = const(10000)

_RELEASED_TICKS = const(50)
_DEAF_TICKS = const(500)
_NUMB_TICKS = const(50)
_TILTED_TICKS = const(50)
_BATTERY_TICKS = const(100)
_UNKNOWN_TICKS = const(500)
_LONG = const(10000)
_QUIET_WINDOWS = const(7)  # two seconds
# assumed; sines of angles * 2^14
_TILT_LIMIT_Q14 = const(8192)  # 30 degrees: it would tip over sideways at about 40
_TILT_OVER_Q14 = const(7500)  # 27 degrees: tilted until below this
_DEPLOY_LIMIT_Q14 = const(6924)  # 25 degrees: the lander's ramp, on a lander that leans
_LEVEL_Q14 = const(4240)  # 15 degrees: no ramp any more
_LOADED_MA = const(90)  # twice what a wheel draws that turns in the air
_BATTERY_LOW_MV = const(9900)  # three lithium cells with a fifth of their charge
_BATTERY_GOOD_MV = const(10500)
# potentiometer of the arm: 0 mrad at 10,000 of 65,536, 1,500 mrad at 50,000
_UP_COUNTS = const(10000)
_LEAST_MRAD = const(-375)


class RoverSenses:
    """`wheels`, `tilt`: arrays for the kernels; `yaw`, `arm_mrad`: of this tick; `conditions`: a mask."""

    def __init__(self, board):
        i2c = board.i2c("i2c")
        self.imu = Icm20948(I2cRegisters(i2c, _INERTIAL_ADDRESS))
        shunts = (_BATTERY_SHUNT_UOHM,) + (_SHUNT_UOHM,) * WHEELS
        addresses = (0x40, 0x41, 0x44, 0x45, 0x48)
        self.monitors = tuple([Ina226(i2c, shunts[i], addresses[i]) for i in range(_MONITORS)])
        self.battery = self.monitors[_BATTERY].readings
        self.wheels = array("i", [0] * slots.WHL_SIZE)
        self.tilt = array("i", [0] * slots.TLT_SIZE)
        self.yaw = 0
        self.arm_mrad = 0
        self.conditions = 0
        names = ("encoder.1", "encoder.2", "encoder.3", "encoder.4")
        self._encoders = tuple([board.edges(name) for name in names])
        self._arm = board.adc("scoop.angle")
        self._dock = board.input("dock")
        self._turn = 0
        self._released_ticks = 0
        self._deaf_ticks = 0
        self._tilted_ticks = 0
        self._battery_ticks = 0
        self._unknown_ticks = 0

    def heard(self):
        """A packet has come over the bus."""
        self._deaf_ticks = 0
        self.conditions &= ~rover_mode.DEAF

    def poll(self, is_resting):
        """Everything once; is_resting: no motor turns. Allocates nothing."""
        self.imu.poll()
        self.yaw = rover_tilt.step(self.tilt, self.imu.readings, 1 if is_resting else 0)
        self.monitors[self._turn].poll()
        self._turn = (self._turn + 1) % _MONITORS
        self._count_pulses()
        self.arm_mrad = max((self._arm.read_u16() - _UP_COUNTS) * 3 // 80, _LEAST_MRAD)
        self.conditions = (
            self._hold() | self._attitude() | self._charge() | self._company() | self._numbness()
        )

    def is_level(self):
        """Whether it stands on ground that is no ramp."""
        tilt = self.tilt
        return tilt[slots.TLT_VALID] == 1 and tilt[slots.TLT_SINE_Q14] <= _LEVEL_Q14

    def loaded_wheels(self, drive):
        """How many wheels have drawn the current of one that carries its load, by the DRV_ slots."""
        count = 0
        for wheel in range(WHEELS):
            if drive[slots.DRV_LOAD_Q6 + wheel] >= _LOADED_MA << 6:
                count += 1
        return count

    def _count_pulses(self):
        wheels = self.wheels
        for wheel in range(WHEELS):
            wheels[slots.WHL_PULSES + wheel] = min(self._encoders[wheel].take(), 1000)
            readings = self.monitors[1 + wheel].readings
            current_ma = abs(readings[slots.PWR_CURRENT_MA]) if readings[slots.PWR_STATUS] else 0
            wheels[slots.WHL_CURRENT_MA + wheel] = min(current_ma, 20000)

    def _hold(self):
        """The dock's switch is closed while the lander holds the rover."""
        self._released_ticks = 0 if self._dock.value() else min(self._released_ticks + 1, _LONG)
        return rover_mode.RELEASED if self._released_ticks >= _RELEASED_TICKS else 0

    def _attitude(self):
        tilt = self.tilt
        sine = tilt[slots.TLT_SINE_Q14]
        was_tilted = self.conditions & rover_mode.TILTED
        limit = _TILT_OVER_Q14 if was_tilted else _TILT_LIMIT_Q14
        is_over = tilt[slots.TLT_VALID] == 1 and sine > limit
        self._tilted_ticks = min(self._tilted_ticks + 1, _LONG) if is_over else 0
        if is_over and (was_tilted or self._tilted_ticks >= _TILTED_TICKS):
            return rover_mode.TILTED
        if (
            tilt[slots.TLT_VALID] == 1
            and tilt[slots.TLT_QUIET] >= _QUIET_WINDOWS
            and sine <= _DEPLOY_LIMIT_Q14
        ):
            return rover_mode.QUIET
        return 0

    def _charge(self):
        """Low for a second, until it is good for a second; not known for five seconds counts as low."""
        was_low = self.conditions & rover_mode.BATTERY_LOW
        if not self.battery[slots.PWR_STATUS]:
            self._unknown_ticks = min(self._unknown_ticks + 1, _LONG)
            return rover_mode.BATTERY_LOW if was_low or self._unknown_ticks >= _UNKNOWN_TICKS else 0
        self._unknown_ticks = 0
        mv = self.battery[slots.PWR_BUS_MV]
        differs = mv >= _BATTERY_GOOD_MV if was_low else mv < _BATTERY_LOW_MV
        self._battery_ticks = self._battery_ticks + 1 if differs else 0
        if self._battery_ticks >= _BATTERY_TICKS:
            self._battery_ticks = 0
            return 0 if was_low else rover_mode.BATTERY_LOW
        return was_low

    def _company(self):
        self._deaf_ticks = min(self._deaf_ticks + 1, _LONG)
        return rover_mode.DEAF if self._deaf_ticks >= _DEAF_TICKS else 0

    def _numbness(self):
        return rover_mode.NUMB if self.tilt[slots.TLT_SILENT_TICKS] >= _NUMB_TICKS else 0
