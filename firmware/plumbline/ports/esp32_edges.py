"""Edges at a pin, counted by an ESP32's pulse counter: none is missed while the processor is busy.

Not run on the chip. The counter starts again at 0 when it reaches _MOST (esp32.PCNT, `max`).
"""

from esp32 import PCNT

from machine import Pin
from micropython import const

_MOST = const(30000)
_FILTER = const(1023)  # in ticks of 80 MHz: what is shorter than 12.8 us is no level


class EdgeCounter:
    """Counter `unit` at `gpio`, which is pulled down: both edges count."""

    def __init__(self, unit, gpio):
        self._counter = PCNT(
            unit,
            pin=Pin(gpio, Pin.IN),
            rising=PCNT.INCREMENT,
            falling=PCNT.INCREMENT,
            filter=_FILTER,
            max=_MOST,
        )
        Pin(gpio, Pin.IN, Pin.PULL_DOWN)  # after the counter, whose driver may pull it up
        self._counter.start()
        self._taken = self._counter.value()

    def take(self):
        """Edges since the last call, of at most _MOST between two calls. Allocates nothing."""
        value = self._counter.value()
        edges = (value - self._taken) % _MOST
        self._taken = value
        return edges
