"""Valve pulses, cut into words that a pulse bank plays without the processor.

A word says which valves are open and for how long. Once a tick a batch of
them takes over from the last one: fixed words, one for each closing within the tick, then
one that holds the longer pulses until the next batch comes, at most for the rest of
10 ms + 2 ms. After its last word the bank closes everything. No hardware here.
"""

from array import array

import micropython
from micropython import const

# slots of a bank's timing
_WAIT_US = const(0)  # from the last commit to the start of its batch
_AHEAD_US = const(1)  # from the last commit to the end of its fixed words
_HELD = const(2)  # 1 if the last batch ended with a holding word
_TIMING_SIZE = const(3)

# a word: valves in bits 0 to 7, the rest as here; what the bank's program adds to a count is _LEAST_US
_HOLD = const(0x100)
_COUNT_SHIFT = const(9)
_HOLD_SHIFT = const(11)  # a holding word counts quarters of a microsecond
_LEAST_US = const(3)

_TICK_US = const(10000)
# Closings up to here are fixed. What ends just behind the tick would otherwise end whenever the next
# commit comes; so it is exact, and the next batch begins up to 0.2 ms later.
_FIXED_US = const(10200)
# What a tick may come late without chopping a long pulse: a collection takes 1.8 ms on a slow
# chip. It is also what a valve may stay open beyond its pulse.
GRACE_US = const(2000)
LONGEST_US = const(100000)
_FORGOTTEN_US = const(200000)  # after a pause of this length every pulse is over
_NOTHING_ASKED = const(-1)


@micropython.viper
def begin_batch(left_us: ptr32, asked_us: ptr32, timing: ptr32, valves: int, elapsed_us: int) -> int:
    """Move `left_us` on to the start of the next batch and take in what was asked for.

    The batch starts now, or when the fixed words of the last one have been played, should
    this commit be early. Returns 0, or -1 with nothing changed when that would be more
    than a tick from now. elapsed_us: since the last commit, any value. Allocates nothing.
    """
    elapsed = _FORGOTTEN_US
    if elapsed_us >= 0 and elapsed_us < _FORGOTTEN_US:
        elapsed = elapsed_us
    wait = timing[_AHEAD_US] - elapsed
    if wait < 0:
        wait = 0
    if wait > _TICK_US:
        return -1
    played = elapsed + wait - timing[_WAIT_US]
    timing[_WAIT_US] = wait
    valve = 0
    while valve < valves:
        left = left_us[valve] - played
        if left < 0:
            left = 0
        if asked_us[valve] >= 0:
            left = asked_us[valve]
            asked_us[valve] = _NOTHING_ASKED
        left_us[valve] = left
        valve = valve + 1
    return 0


@micropython.viper
def ask(asked_us: ptr32, pulses_us: ptr32, first: int, valves: int) -> int:
    """Ask for a bank's pulses, which stand from `first` on: 0 asks for nothing, the most is 100 ms."""
    valve = 0
    while valve < valves:
        width = pulses_us[first + valve]
        if width > LONGEST_US:
            width = LONGEST_US
        if width > 0:
            asked_us[valve] = width
        valve = valve + 1
    return valves


@micropython.viper
def next_closing(left_us: ptr32, valves: int, least_us: int) -> int:
    """The first closing from `least_us` on that is to be fixed, or 0 if there is none."""
    closing = 0
    valve = 0
    while valve < valves:
        left = left_us[valve]
        if left >= least_us and left <= _FIXED_US and (closing == 0 or left < closing):
            closing = left
        valve = valve + 1
    return closing


@micropython.viper
def open_until(left_us: ptr32, valves: int, time_us: int) -> int:
    """Bit n is set if valve n is open up to `time_us` at least."""
    mask = 0
    valve = 0
    while valve < valves:
        if left_us[valve] >= time_us:
            mask = mask | (1 << valve)
        valve = valve + 1
    return mask


@micropython.viper
def write_batch(left_us: ptr32, timing: ptr32, valves: int, words: ptr32) -> int:
    """The words of the batch that begins now; returns how many, at most one for each valve.

    Closings less than 3 us apart fall together on the first. Allocates nothing.
    """
    count = 0
    at_us = 0
    closing = int(next_closing(left_us, valves, _LEAST_US))
    while closing > 0:
        is_open = int(open_until(left_us, valves, closing))
        words[count] = is_open | ((closing - at_us - _LEAST_US) << _COUNT_SHIFT)
        count = count + 1
        at_us = closing
        closing = int(next_closing(left_us, valves, at_us + _LEAST_US))
    held = int(open_until(left_us, valves, _FIXED_US + 1))
    if held > 0:
        words[count] = held | _HOLD | ((_TICK_US + GRACE_US - at_us - _LEAST_US) << _HOLD_SHIFT)
        count = count + 1
        timing[_HELD] = 1
    else:
        if count == 0 and timing[_HELD] == 1:
            words[0] = 0  # ends the hold, for a pulse that was over or taken back meanwhile
            count = 1
            at_us = _LEAST_US
        timing[_HELD] = 0
    timing[_AHEAD_US] = timing[_WAIT_US] + at_us
    return count


class ValveSchedule:
    """The pulses of one bank of up to eight valves.

    `words` (array 'I') is what the last `commit` returned the number of; the next one clobbers
    it. With commits every 10 ms a pulse is open for its width exactly; a commit that comes
    late by j us lets a pulse that ends in that time end up to min(j, GRACE_US) late.
    """

    def __init__(self, valves):
        self.words = array("I", [0] * valves)
        self._valves = valves
        self._left_us = array("i", [0] * valves)  # from the start of the last batch
        self._asked_us = array("i", [_NOTHING_ASKED] * valves)
        self._timing = array("i", [0] * _TIMING_SIZE)

    def pulse(self, valve, width_us):
        """From the next batch on, open valve `valve` of the bank for `width_us`, at most 100 ms.

        It replaces what is left of the valve's last pulse; 0 closes. Raises ValueError for
        a negative width. Allocates nothing.
        """
        if width_us < 0:
            raise ValueError("a pulse cannot last less than nothing")
        self._asked_us[valve] = width_us if width_us < LONGEST_US else LONGEST_US

    def start(self, pulses_us, first):
        """From the next batch on, the pulses of this bank, which stand from `first` on in `pulses_us`.

        0 leaves a valve as it is. Allocates nothing.
        """
        ask(self._asked_us, pulses_us, first, self._valves)

    def commit(self, elapsed_us):
        """Write the next batch into `words`; returns their number, or -1 if it is too early.

        elapsed_us: since the last commit that was not too early. Allocates nothing.
        """
        if begin_batch(self._left_us, self._asked_us, self._timing, self._valves, elapsed_us) < 0:
            return -1
        return write_batch(self._left_us, self._timing, self._valves, self.words)

    def holds(self):
        """Whether the last batch ends with pulses that the next one is to carry on."""
        return self._timing[_HELD] == 1

    def forget(self):
        """Drop all pulses; the bank's own queue is the caller's to clear. Allocates nothing."""
        for valve in range(self._valves):
            self._left_us[valve] = 0
            self._asked_us[valve] = _NOTHING_ASKED
        for slot in range(_TIMING_SIZE):
            self._timing[slot] = 0
