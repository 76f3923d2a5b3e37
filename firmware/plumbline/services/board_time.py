"""Time since start in milliseconds, and what has to be added to make it navigation's.

    time = BoardTime(board.clock)
    time.take(port.values[0])      # of each TIME packet, which navigation sends once a second
    time.common_ms()
    time.tell(events, tick)        # once a second: the offset's first value and its jumps are events

Times start again at 2^29 ms, six days. Nothing here allocates after start.
"""

from array import array

from micropython import const
from plumbline.link import dictionary

OFFSET_MS = const(0)  # slots of `state`
HEARD = const(1)  # TIME packets so far
_STATE_SIZE = const(2)

_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)
_COUNT_MASK = const(0x1FFFFFFF)
_JUMP_MS = const(50)  # more, and more than clocks part, is no delay of a line: navigation has started anew
_SINK_MS = const(4000)  # for each 1 ms: it follows clocks that differ by 250 ppm


class BoardTime:
    """clock: the board's, with ticks_us and ticks_diff. `now_ms` has to be called every 8 minutes at least.

    A packet arrives late, never early: of the offsets that are heard the largest is kept, and it sinks
    slowly, because clocks drift; by the time that has gone by, because packets are lost.
    """

    def __init__(self, clock):
        self.state = array("i", [0] * _STATE_SIZE)
        self._clock = clock
        self._last = clock.ticks_us()
        self._rest_us = 0
        self._ms = 0
        self._sunk_ms = 0
        self._jumped = False

    def now_ms(self):
        """Since start."""
        now = self._clock.ticks_us()
        elapsed_us = self._rest_us + self._clock.ticks_diff(now, self._last)
        self._last = now
        self._rest_us = elapsed_us % 1000
        self._ms = (self._ms + elapsed_us // 1000) & _MASK
        return self._ms

    def go_on_from(self, ms):
        """The time is that now, because this is another life of the same board."""
        self.now_ms()
        self._ms = ms & _MASK

    def common_ms(self):
        """Navigation's time, as far as is known; the board's own before the first TIME packet."""
        return (self.now_ms() + self.state[OFFSET_MS]) & _MASK

    def take(self, time_ms):
        """Navigation's time as a packet has it that has just come. True when the offset has jumped."""
        state = self.state
        now_ms = self.now_ms()
        offset = ((time_ms - now_ms + _HALF) & _MASK) - _HALF
        before = state[OFFSET_MS]
        ahead = ((offset - before + _HALF) & _MASK) - _HALF
        first = state[HEARD] == 0
        state[HEARD] = (state[HEARD] + 1) & _COUNT_MASK
        due_ms = ((now_ms - self._sunk_ms) & _MASK) // _SINK_MS
        jump_ms = _JUMP_MS + due_ms
        if first or ahead > 0 or ahead < 0 - jump_ms:
            state[OFFSET_MS] = offset
            self._sunk_ms = now_ms
        elif due_ms:
            state[OFFSET_MS] = before - min(due_ms, 0 - ahead)
            self._sunk_ms = (self._sunk_ms + due_ms * _SINK_MS) & _MASK
        jumped = first or not 0 - jump_ms <= ahead <= jump_ms
        self._jumped |= jumped
        return jumped

    def tell(self, events, tick):
        """An event, if the offset has jumped since the last call."""
        if self._jumped:
            self._jumped = False
            events.emit(dictionary.TIME_TAKEN, tick, self.state[OFFSET_MS])
