"""A rate group: one function at a fixed period, late ticks counted and never caught up in a burst."""


class RateGroup:
    """Calls `tick()` every `period_us` of the board's clock.

    `ticks` and `overruns` are running counts; an overrun is a tick whose successor was due
    before it had ended. Only the clock's own `ticks_diff` compares times, so the 30-bit wrap
    of `ticks_us` passes unseen.
    """

    def __init__(self, clock, period_us, tick):
        self.ticks = 0
        self.overruns = 0
        self._clock = clock
        self._period_us = period_us
        self._tick = tick
        self._next = clock.ticks_add(clock.ticks_us(), period_us)

    def poll(self):
        """Run the tick when it is due; True when it ran. Allocates nothing."""
        clock = self._clock
        if clock.ticks_diff(clock.ticks_us(), self._next) < 0:
            return False
        self._tick()
        self.ticks = (self.ticks + 1) & 0x1FFFFFFF
        self._next = clock.ticks_add(self._next, self._period_us)
        while clock.ticks_diff(clock.ticks_us(), self._next) >= 0:
            self.overruns = (self.overruns + 1) & 0x1FFFFFFF
            self._next = clock.ticks_add(self._next, self._period_us)
        return True
