"""A chip's I2C behind a look at its lines: no transfer begins on a bus that somebody holds.

RP2040 and ESP32 share it: `machine.I2C` and `machine.Pin` are all that it needs.
"""

import time

from machine import I2C, Pin
from micropython import const

_I2C_HZ = const(400000)
_I2C_TIMEOUT_US = const(2000)  # of one whole transfer: up to 80 bytes at 400 kHz
_HALF_CLOCK_US = const(5)  # of the clocks that free a bus: 100 kHz, which every part can follow
_FREEING_CLOCKS = const(9)  # I2C-bus specification UM10204, 3.1.16
_ETIMEDOUT = const(110)
_COUNT_MASK = const(0x1FFFFFFF)


class GuardedI2c:
    """machine.I2C's transfers, none of which begins on a bus whose lines are held low.

    A part that was cut off in the middle of a byte may hold SDA: nine clocks, START and STOP
    free it, in 0.2 ms. A held SCL ends the transfer at once, as nobody but its holder can let it go.
    `freed` and `held` are running counts. Raises OSError as machine.I2C does. Nothing here allocates.
    """

    def __init__(self, bus, sda, scl):
        self.freed = 0
        self.held = 0
        self._bus = bus
        self._sda = Pin(sda)
        self._scl = Pin(scl)
        self._open()

    def readfrom_mem_into(self, address, register, buffer, addrsize=8):
        """Fill `buffer` from a register on, after a repeated start."""
        self._check()
        self._i2c.readfrom_mem_into(address, register, buffer, addrsize=addrsize)

    def readfrom_into(self, address, buffer):
        """Fill `buffer`."""
        self._check()
        self._i2c.readfrom_into(address, buffer)

    def writeto(self, address, data):
        """Write `data`, then a stop."""
        self._check()
        return self._i2c.writeto(address, data)

    def _open(self):
        self._i2c = I2C(self._bus, sda=self._sda, scl=self._scl, freq=_I2C_HZ, timeout=_I2C_TIMEOUT_US)

    def _check(self):
        if self._sda.value() and self._scl.value():
            return
        if self._scl.value():
            self._free()
            if self._sda.value():
                self.freed = (self.freed + 1) & _COUNT_MASK
                return
        self.held = (self.held + 1) & _COUNT_MASK
        raise OSError(_ETIMEDOUT)

    def _free(self):
        """Clock the rest of a byte out of whoever holds SDA; then START and STOP, which end its transfer."""
        sda = self._sda  # one at a time: a pair would be a tuple, and that an allocation
        scl = self._scl
        sda.init(Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        scl.init(Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        clocks = 0
        while clocks < _FREEING_CLOCKS and not sda.value():
            scl(0)
            time.sleep_us(_HALF_CLOCK_US)
            scl(1)
            time.sleep_us(_HALF_CLOCK_US)
            clocks += 1
        sda(0)
        time.sleep_us(_HALF_CLOCK_US)
        sda(1)
        time.sleep_us(_HALF_CLOCK_US)
        self._open()
