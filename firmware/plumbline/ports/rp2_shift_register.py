"""Two 74HC595 in a row at three pins, and the converter behind a multiplexer. Not yet run on hardware.

The first register's QA to QD choose the multiplexer's channel, the second one's outputs are those of `write`.
Both words go out each time: what the registers hold is always what their outputs show, so that a latch pulse
that nobody sent changes nothing.
"""

import uctypes

import micropython
from machine import ADC, Pin
from micropython import const

_SIO_OUT = const(0xD0000010)  # RP2040 datasheet 2.3.1.7: GPIO_OUT, then GPIO_OUT_SET, GPIO_OUT_CLR
_SET = const(1)
_CLEAR = const(2)
_BITS = const(16)


@micropython.viper
def shift_out(sio: ptr32, word: int, data: int, clock: int, latch: int) -> int:
    """16 bits, the highest first, then the latch; data, clock, latch: bit masks of their GPIOs.

    A level holds for two instructions, 32 ns at 125 MHz: a 74HC595 wants 20 ns at 3.3 V, so each edge of the
    clock is written twice. Allocates nothing.
    """
    bit = _BITS
    while bit > 0:
        bit = bit - 1
        sio[_CLEAR] = clock
        if (word >> bit) & 1 == 1:
            sio[_SET] = data
        else:
            sio[_CLEAR] = data
        sio[_CLEAR] = clock
        sio[_SET] = clock
        sio[_SET] = clock
    sio[_CLEAR] = clock
    sio[_SET] = latch
    sio[_SET] = latch
    sio[_CLEAR] = latch
    return bit


class ShiftRegisters:
    """data, clock, latch: GPIO numbers; adc: that of the multiplexer's output."""

    def __init__(self, data, clock, latch, adc):
        for gpio in (data, clock, latch):
            Pin(gpio, Pin.OUT, value=0)
        self._masks = (1 << data, 1 << clock, 1 << latch)
        self._sio = uctypes.bytearray_at(_SIO_OUT, 12)
        self._adc = ADC(Pin(adc))
        self._word = 0
        self._channel = 0

    def write(self, word):
        """The eight outputs of the second register, bit 0 on QA. Allocates nothing."""
        self._word = word
        self._show()

    def select(self, channel):
        """The channel that `read` finds from now on, 0 to 15, after 1 ms to settle. Allocates nothing."""
        self._channel = channel
        self._show()

    def read(self):
        """The converter's reading, 0 to 65,535. Allocates nothing."""
        return self._adc.read_u16()

    def _show(self):
        data, clock, latch = self._masks
        shift_out(self._sio, self._word << 8 | self._channel, data, clock, latch)
