"""Texas Instruments INA226 monitor of a rail's current and voltage over I2C, addresses 40 to 4F.

Data sheet SBOS547, 7.1 Register Maps: 16 bits, high byte first; shunt voltage in 2.5 uV, signed, bus
voltage in 1.25 mV. The current is worked out here from the shunt (6.5.3, no calibration needed).
"""

from array import array

from micropython import const
from plumbline.drivers.registers import I2cRegisters

_ADDRESS = const(0x40)
_REG_CONFIG = const(0x00)
_REG_SHUNT = const(0x01)
_REG_BUS = const(0x02)
_REG_MASK_ENABLE = const(0x06)
_REG_MANUFACTURER = const(0xFE)
_REG_DIE = const(0xFF)
_MANUFACTURER = const(0x5449)
_DIE = const(0x226)  # the last four bits are its revision
_REVISION_BITS = const(4)
_CONVERSION_READY = const(0x08)  # of the low byte; reading the register clears it
# 16 conversions of 1.1 ms each of shunt and bus averaged, for ever: a new one every 35 ms (7.1.1)
_CONFIG = const(0x4527)

_STALE_POLLS = const(10)  # without a new conversion: the part has been reset, or is somebody else
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits
_LEAST_SHUNT_UOHM = const(100)

# slots of the readings, as kernels/slots.py has them
_PWR_COUNT = const(0)
_PWR_STATUS = const(1)
_PWR_BUS_MV = const(2)
_PWR_CURRENT_MA = const(3)
_PWR_POWER_MW = const(4)
_PWR_SHUNT_UV = const(5)
_PWR_REJECTED = const(6)
_PWR_SIZE = const(7)


class Ina226:
    """A rail behind a shunt of `shunt_uohm`; `readings` has the power slots.

    They keep their last values until the next conversion; the valid bit goes when the part does.
    A poll makes four transfers at most. Raises ValueError for a shunt below 100 microohm.
    """

    def __init__(self, i2c, shunt_uohm, address=_ADDRESS):
        if shunt_uohm < _LEAST_SHUNT_UOHM:
            raise ValueError("a shunt has 100 microohm or more")
        self.readings = array("i", [0] * _PWR_SIZE)
        self._part = I2cRegisters(i2c, address)
        self._shunt_uohm = shunt_uohm
        self._word = bytearray(2)
        self._config = bytes((_REG_CONFIG, _CONFIG >> 8, _CONFIG & 255))
        self._is_set = False
        self._waited = 0

    def poll(self):
        """Take the conversion that has come into `readings`; returns 1 or 0. Allocates nothing."""
        if not self._is_set:
            self._is_set = self._set_up()
            self._waited = 0
            return 0
        flags = self._read(_REG_MASK_ENABLE)
        self._waited += 1
        if flags >= 0 and not flags & _CONVERSION_READY and self._waited < _STALE_POLLS:
            return 0
        shunt = self._read(_REG_SHUNT) if flags >= 0 and flags & _CONVERSION_READY else -1
        bus = self._read(_REG_BUS) if shunt >= 0 else -1
        if bus < 0 or bus >= 0x8000 or self._read(_REG_CONFIG) != _CONFIG:
            return self._lose()
        self._waited = 0
        self._take((shunt ^ 0x8000) - 0x8000, bus)
        return 1

    def _set_up(self):
        """Is it the part? Then let it convert."""
        if self._read(_REG_MANUFACTURER) != _MANUFACTURER or self._read(_REG_DIE) >> _REVISION_BITS != _DIE:
            return self._lose()
        return self._part.write_all(self._config) or self._lose()

    def _take(self, shunt, bus):
        """shunt in 2.5 uV, bus in 1.25 mV. Every product stays below 2^30."""
        bus_mv = bus * 5 // 4
        current_ma = shunt * 2500 // self._shunt_uohm
        readings = self.readings
        readings[_PWR_COUNT] = (readings[_PWR_COUNT] + 1) & _COUNT_MASK
        readings[_PWR_STATUS] = 1
        readings[_PWR_BUS_MV] = bus_mv
        readings[_PWR_CURRENT_MA] = current_ma
        # in two parts: 40,960 mV times 819,200 mA would need 35 bits
        whole_a = current_ma // 1000
        readings[_PWR_POWER_MW] = bus_mv * whole_a + bus_mv * (current_ma - 1000 * whole_a) // 1000
        readings[_PWR_SHUNT_UV] = shunt * 5 // 2

    def _read(self, register):
        """The register, or -1."""
        if not self._part.read(register, self._word):
            return -1
        return self._word[0] * 256 + self._word[1]

    def _lose(self):
        """The part did not answer, answered wrongly or was reset: begin anew."""
        self._is_set = False
        readings = self.readings
        readings[_PWR_STATUS] = 0
        readings[_PWR_REJECTED] = (readings[_PWR_REJECTED] + 1) & _COUNT_MASK
        return 0
