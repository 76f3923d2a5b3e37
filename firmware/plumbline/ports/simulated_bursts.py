"""The host board's port with outputs that play a few pulses by themselves. Host only."""

from plumbline.ports.simulated_buses import Board as _Board


class Burst:
    """What ports/esp32_bursts.py has, into a burst.BurstOutlet of the harness."""

    def __init__(self, outlet, period_us, periods):
        self._outlet = outlet
        self._period_us = period_us
        self._periods = periods

    def play(self, width_us):
        """Begin to play pulses of this width, unless the last ones are still being played."""
        if width_us > 0 and not self._outlet.is_playing:
            self._outlet.play(min(width_us, self._period_us - 1), self._period_us, self._periods)


class Board(_Board):
    """ports/simulated_buses.py's Board with bursts."""

    def burst(self, signal, period_us, periods):
        """The outlet plugged in under that name."""
        self._pins.claim(signal, "burst " + signal)
        return Burst(self._harness.buses[signal], period_us, periods)
