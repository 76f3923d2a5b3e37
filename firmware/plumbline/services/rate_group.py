"""A rate group: one function at a fixed period, late ticks counted and never caught up in a burst.

The heap is locked while a tick runs. That keeps the promise that a tick allocates nothing; and
MicroPython, which takes the frame of a call with many locals from the heap and gives it back, takes
it from the stack then: a search for room costs up to 1.6 ms, the collection that it leads to 13 ms.
"""

from micropython import const, heap_lock, heap_unlock
from plumbline.services.start import is_frozen

_AWAKE_US = const(2000)  # before a tick: a sleep takes whole milliseconds and ends up to one late


class RateGroup:
    """Calls `tick()` every `period_us` of the board's clock.

    `ticks`, `overruns` and `starved` are running counts: an overrun is a tick whose successor
    was due before it had ended, a starved tick wanted memory and was ended there. `wait_us`: from `run` to
    the first tick, a period. Only the
    clock's own `ticks_diff` compares times, so the 30-bit wrap of `ticks_us` passes unseen.
    `mark`, an output pin, is high while a tick runs: for an oscilloscope, and for whoever
    counts an emulated board's cycles.
    """

    def __init__(self, clock, period_us, tick, mark):
        self.ticks = 0
        self.overruns = 0
        self.starved = 0
        self.wait_us = period_us
        self._clock = clock
        self._period_us = period_us
        self._tick = tick
        self._mark = mark
        self._pieces = None
        self._next = clock.ticks_add(clock.ticks_us(), period_us)

    def run(self):
        """For ever: sleep until a tick is due, run it. The first one is due in `wait_us`."""
        clock = self._clock
        self._next = clock.ticks_add(clock.ticks_us(), self.wait_us)
        heap_lock()
        try:
            while True:
                left_us = clock.ticks_diff(self._next, clock.ticks_us())
                if left_us > _AWAKE_US:
                    clock.sleep_ms((left_us - _AWAKE_US) // 1000 + 1)
                while not self.poll():
                    pass
                pieces = self._pieces
                if pieces is not None:
                    self._go_on(pieces)
        finally:
            heap_unlock()

    def behind_ticks(self, pieces):
        """Go on with a generator behind each tick, where memory may be taken, until it ends: what a start has
        no time for, in pieces of 6.5 ms at most. From files, where pieces take longer than that, all at once.
        """
        if is_frozen():
            self._pieces = pieces
        else:
            for _ in pieces:
                pass

    def _go_on(self, pieces):
        heap_unlock()
        try:
            next(pieces)
        except StopIteration:
            self._pieces = None
        finally:
            heap_lock()

    def poll(self):
        """Run the tick when it is due; True when it ran. Allocates nothing."""
        clock = self._clock
        if clock.ticks_diff(clock.ticks_us(), self._next) < 0:
            return False
        mark = self._mark
        mark(1)
        heap_lock()
        try:
            self._tick()
        except MemoryError:
            self.starved = (self.starved + 1) & 0x1FFFFFFF
        finally:
            heap_unlock()
        mark(0)
        self.ticks = (self.ticks + 1) & 0x1FFFFFFF
        self._next = clock.ticks_add(self._next, self._period_us)
        while clock.ticks_diff(clock.ticks_us(), self._next) >= 0:
            self.overruns = (self.overruns + 1) & 0x1FFFFFFF
            self._next = clock.ticks_add(self._next, self._period_us)
        return True
