"""A 74HC595 at three pins: eight outputs that hold what they were last told. Not yet run on hardware."""

from micropython import const

_BITS = const(8)


class ShiftRegister:
    """data, clock, latch: output pins, to be called with a level."""

    def __init__(self, data, clock, latch):
        self._data = data
        self._clock = clock
        self._latch = latch

    def write(self, word):
        """The eight outputs, bit 0 on QA: shifted in, then shown all at once. Allocates nothing."""
        bit = _BITS
        while bit > 0:
            bit -= 1
            self._data((word >> bit) & 1)
            self._clock(1)
            self._clock(0)
        self._latch(1)
        self._latch(0)
