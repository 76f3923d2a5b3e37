"""A test bench: every part that the board's pin table names is polled each 10 ms and reported as text.

The owner of a bus's signals in pins.csv says which parts sit there, as in "lidar_lite ina226". Lines
on the console, one about each part five times a second:

    part NAME LINE FIELD:UNIT ...               what the values of a part are; again every five seconds
    bench NAME TAKEN REJECTED VALUE ...         since the start: readings, failures; the last values
    bench-tick TICKS OVERRUNS STARVED
"""

from array import array

from micropython import const
from plumbline.drivers.icm20948 import Icm20948
from plumbline.drivers.ina226 import Ina226
from plumbline.drivers.lidar_lite import LidarLite
from plumbline.drivers.lw20 import Lw20
from plumbline.drivers.registers import I2cRegisters, SpiRegisters
from plumbline.drivers.tfmini import Tf03, Tfmini
from plumbline.drivers.thermistor import Thermistor
from plumbline.drivers.vl53l1x import Vl53l1x
from plumbline.kernels import slots
from plumbline.services.pins import PinTableError
from plumbline.services.rate_group import RateGroup

_PERIOD_US = const(10000)
_REPORT_TICKS = const(20)
_HEADER_REPORTS = const(25)
_COUNT_MASK = const(0x1FFFFFFF)
_BAUD = const(115200)
_SHUNT_UOHM = const(100000)  # of the usual INA226 module
_ICM_20948_ADDRESS = const(0x68)

_SAMPLES_S = const(225)  # of the inertial unit
_AXES = const(6)
_MOST_SAMPLES = const(48)

# slot of the rejected, then (field, unit, slot)
_RANGES = (slots.ALT_REJECTED, ("range", "mm", slots.ALT_RANGE_MM), ("status", "-", slots.ALT_STATUS))
_RAIL = (
    slots.PWR_REJECTED,
    ("bus", "mV", slots.PWR_BUS_MV),
    ("current", "mA", slots.PWR_CURRENT_MA),
    ("power", "mW", slots.PWR_POWER_MW),
    ("status", "-", slots.PWR_STATUS),
)
_TEMPERATURE = (slots.TMP_REJECTED, ("temperature", "mdegC", slots.TMP_MC), ("status", "-", slots.TMP_STATUS))
_INERTIAL = (
    slots.IMU_REJECTED,
    ("ax", "mm/s2", 3),
    ("ay", "mm/s2", 4),
    ("az", "mm/s2", 5),
    ("gx", "mdeg/s", 0),
    ("gy", "mdeg/s", 1),
    ("gz", "mdeg/s", 2),
)
_ON_UART = {"tfmini": Tfmini, "tf03": Tf03, "lw20": Lw20}
_ON_I2C = {"lidar_lite": LidarLite, "vl53l1x": Vl53l1x}
_OTHERS = ("ina226", "icm20948", "thermistor")
_NO_PARTS = ("board",)  # owners of tick, strap and led


class _Polled:
    """A part that is polled: where it sits, its driver, what is reported, and how much has come."""

    def __init__(self, name, line, driver, report):
        self.name = name
        self.line = line
        self.driver = driver
        self.taken = 0
        self._report = report
        self._sums = array("i", [0] * (_AXES + 1))  # of an inertial unit, since the last report

    @property
    def rejected(self):
        """Running count of what was not believed, and of transfers that failed."""
        return self.driver.readings[self._report[0]]

    def poll(self):
        """Allocates nothing."""
        self.taken = (self.taken + self.driver.poll()) & _COUNT_MASK
        if self._report is _INERTIAL:
            self._add(self._sums, self.driver.readings)

    def _add(self, sums, readings):
        """A fifth of a second at full scale fits into 31 bits; what a late report leaves is not added."""
        if sums[_AXES] > _MOST_SAMPLES:
            return
        axis = 0
        while axis < _AXES:
            sums[axis] += readings[slots.IMU_ANGLE_X + axis]
            axis += 1
        sums[_AXES] += readings[slots.IMU_SAMPLES]

    def header(self):
        """The line that says what the values are."""
        fields = " ".join(name + ":" + unit for name, unit, _ in self._report[1:])
        return "part {} {} {}".format(self.name, self.line, fields)

    def values(self):
        """The line about the last values."""
        readings = self.driver.readings
        if self._report is not _INERTIAL:
            values = [readings[slot] for _, _, slot in self._report[1:]]
        else:
            values = [self._mean(slot) for _, _, slot in self._report[1:]]
            for slot in range(_AXES + 1):
                self._sums[slot] = 0
        said = " ".join(str(value) for value in values)
        return "bench {} {} {} {}".format(self.name, self.taken, self.rejected, said)

    def _mean(self, slot):
        """Rate in mdeg/s or acceleration in mm/s2 since the last report, from increments."""
        samples = self._sums[_AXES]
        if samples == 0:
            return 0
        return self._sums[slot] * _SAMPLES_S * 1000 // (samples << (21 if slot < 3 else 22))


class Bench:
    """board: a ports.bus_board.Board; say: what takes the lines.

    Raises PinTableError for a part that it does not know.
    """

    def __init__(self, board, say=print):
        self.parts = []
        self._board = board
        self._say = say
        self._buses = {}
        for line, names in parts_of(board.pins()):
            for name in names:
                self.parts.append(self._part(name, line))
        self.rate_group = RateGroup(board.clock, _PERIOD_US, self._tick, board.output("tick"))
        self._pending = len(self.parts) + 1  # lines of this report that have been said; all of them
        self._reports = 0

    def run(self):
        """For ever."""
        self._board.ready({part.name: part.driver.readings for part in self.parts})
        while True:
            self.step()

    def step(self):
        """The tick if it is due, else the next line of a report, else a little sleep."""
        if self.rate_group.poll():
            if self.rate_group.ticks % _REPORT_TICKS == 0:
                self._pending = 0
        elif self._pending <= len(self.parts):
            self._report(self._pending)
            self._pending += 1
        else:
            self._board.clock.sleep_ms(1)

    def _tick(self):
        """Every part once. Allocates nothing."""
        index = 0
        while index < len(self.parts):
            self.parts[index].poll()
            index += 1

    def _report(self, index):
        if index == len(self.parts):
            group = self.rate_group
            self._say("bench-tick {} {} {}".format(group.ticks, group.overruns, group.starved))
            self._reports += 1
            return
        part = self.parts[index]
        if self._reports % _HEADER_REPORTS == 0:
            self._say(part.header())
        self._say(part.values())

    def _part(self, name, line):
        board = self._board
        if name in _ON_UART:
            return _Polled(name, line, _ON_UART[name](board.uart(line, _BAUD)), _RANGES)
        if name in _ON_I2C:
            return _Polled(name, line, _ON_I2C[name](self._i2c(line)), _RANGES)
        if name == "ina226":
            return _Polled(name, line, Ina226(self._i2c(line), _SHUNT_UOHM), _RAIL)
        if name == "icm20948":
            return _Polled(name, line, self._inertial(line), _INERTIAL)
        return _Polled(name, line, Thermistor(board.adc(line)), _TEMPERATURE)

    def _i2c(self, line):
        """The bus of several parts, opened once."""
        if line not in self._buses:
            self._buses[line] = self._board.i2c(line)
        return self._buses[line]

    def _inertial(self, line):
        if line + ".sck" in self._board.pins().signals:
            spi, select = self._board.spi(line)
            return Icm20948(SpiRegisters(spi, select), is_spi=True)
        return Icm20948(I2cRegisters(self._i2c(line), _ICM_20948_ADDRESS))


def parts_of(pins):
    """(line, names of the parts on it) in the order of the table. PinTableError for an unknown part."""
    found = []
    lines = set()
    for signal in pins.signals:
        line = signal.split(".")[0]
        owner = pins.owner(signal)
        if line in lines or owner in _NO_PARTS:
            continue
        lines.add(line)
        names = owner.split()
        for name in names:
            if name not in _ON_UART and name not in _ON_I2C and name not in _OTHERS:
                raise PinTableError("{}: {} is no part that the bench knows".format(signal, name))
        found.append((line, names))
    return found
