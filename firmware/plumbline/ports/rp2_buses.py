"""An RP2040 board with I2C, SPI and converters beside the UARTs. Not yet run on hardware.

board = Board.from_files("bench_pico")
rail = Ina226(board.i2c("i2c"), 100_000)
"""

from machine import ADC, SPI, Pin
from micropython import const
from plumbline.ports.guarded_i2c import GuardedI2c
from plumbline.ports.rp2 import Board as _Board
from plumbline.services.pins import PinTableError

_SPI_HZ = const(4000000)


class Board(_Board):
    """ports/rp2.py's Board; buses are named by the prefix of their signals in pins.csv."""

    def pins(self):
        """The board's pin table: which part sits where."""
        return self._pins

    def i2c(self, prefix):
        """The bus on `prefix`.sda and `prefix`.scl, 400 kHz."""
        sda, scl = self._claim(prefix, "sda", "i2c"), self._claim(prefix, "scl", "i2c")
        return GuardedI2c(self._unit(prefix + ".sda"), sda, scl)

    def spi(self, prefix):
        """(bus, select pin) on `prefix`.sck, .mosi, .miso and .select; mode 0, 4 MHz."""
        sck, mosi = self._claim(prefix, "sck", "spi"), self._claim(prefix, "mosi", "spi")
        miso = self._claim(prefix, "miso", "spi")
        select = Pin(self._pins.claim(prefix + ".select", "spi " + prefix), Pin.OUT, value=1)
        unit = self._unit(prefix + ".sck")
        bus = SPI(unit, baudrate=_SPI_HZ, polarity=0, phase=0, sck=Pin(sck), mosi=Pin(mosi), miso=Pin(miso))
        return bus, select

    def adc(self, signal):
        """The converter at `signal`: read_u16() is 0 to 65,535."""
        if self._pins.peripheral(signal) != "adc":
            raise PinTableError("{}: {} needs adc for peripheral".format(self.name, signal))
        return ADC(Pin(self._pins.claim(signal, "adc " + signal)))

    def _claim(self, prefix, line, kind):
        signal = prefix + "." + line
        if not self._pins.peripheral(signal).startswith(kind):
            raise PinTableError("{}: {} needs {} for peripheral".format(self.name, signal, kind))
        return self._pins.claim(signal, kind + " " + prefix)

    def _unit(self, signal):
        """The last digit of a peripheral's name."""
        return int(self._pins.peripheral(signal)[-1])
