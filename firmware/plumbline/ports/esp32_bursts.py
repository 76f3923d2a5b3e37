"""An ESP32's Board with outputs that play a few pulses by themselves, by its RMT. Not run on the chip.

ESP32 technical reference manual, 15: what is written to a channel's memory is sent once, whatever becomes of
the processor. With a divider of 80 the unit of esp32.RMT is a microsecond; a level lasts 32,767 at most.
"""

from esp32 import RMT

from machine import Pin
from micropython import const
from plumbline.ports.esp32 import Board as _Board
from plumbline.services.pins import PinTableError

_MICROSECOND = const(80)  # of the source clock of 80 MHz
_CHANNELS = const(8)
_RMT = "rmt"  # peripheral of outputs that are low unless a burst is played
_ENABLES = ".enable"


class Burst:
    """`periods` pulses of one width at a fixed period."""

    def __init__(self, channel, gpio, period_us, periods):
        self._rmt = RMT(channel, pin=Pin(gpio, Pin.OUT, value=0), clock_div=_MICROSECOND, idle_level=False)
        self._period_us = period_us
        self._durations = [1] * (2 * periods)  # high, low, high, low ...

    def play(self, width_us):
        """Begin to play pulses of this width, unless the last ones are under way. Allocates nothing."""
        if width_us <= 0 or not self._rmt.wait_done():
            return
        width_us = min(width_us, self._period_us - 1)
        durations = self._durations
        for i in range(0, len(durations), 2):
            durations[i] = width_us
            durations[i + 1] = self._period_us - width_us
        self._rmt.write_pulses(durations, True)


class Board(_Board):
    """ports/esp32.py's Board with bursts."""

    def __init__(self, name, pin_lines):
        super().__init__(name, pin_lines)
        for signal in self._pins.signals:
            if self._pins.peripheral(signal) == _RMT or signal.endswith(_ENABLES):
                Pin(self._pins.gpio(signal), Pin.OUT, value=0)
        self._channel = 0

    def burst(self, signal, period_us, periods):
        """An output, low, that plays `periods` pulses at a time; eight of them at most."""
        gpio = self._pins.claim(signal, "burst " + signal)
        if self._channel >= _CHANNELS:
            raise PinTableError("{}: more than eight bursts".format(self.name))
        self._channel += 1
        return Burst(self._channel - 1, gpio, period_us, periods)
