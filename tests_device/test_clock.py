"""The wrap of ticks_us, which comes every 17.9 minutes: the rate groups and the valves do not notice."""

import time
import unittest
from array import array

import bench

from plumbline.services.rate_group import RateGroup

NEEDS = ()
PERIOD = 1 << 30
PERIOD_US = 1_000


class WrappingClock:
    """The board's clock, moved so that ticks_us wraps `before_us` from now."""

    ticks_diff = staticmethod(time.ticks_diff)
    ticks_add = staticmethod(time.ticks_add)
    sleep_ms = staticmethod(time.sleep_ms)

    def __init__(self, before_us):
        self._offset = PERIOD - before_us - time.ticks_us()

    def ticks_us(self):
        return (time.ticks_us() + self._offset) & (PERIOD - 1)


class Wrap(unittest.TestCase):
    def test_the_boards_own_period_is_two_to_the_thirty(self):
        self.assertEqual(time.ticks_add(PERIOD - 1, 1), 0)
        self.assertEqual(time.ticks_diff(5, PERIOD - 5), 10)

    def test_a_rate_group_ticks_through_the_wrap_without_gap_burst_or_overrun(self):
        clock = WrappingClock(20 * PERIOD_US)
        at_us = array("i", [0] * 40)

        def note():
            at_us[group.ticks] = time.ticks_us()  # not the other clock, which allocates: the heap is locked

        group = RateGroup(clock, PERIOD_US, note, lambda _level: None)
        begun = clock.ticks_us()
        while group.ticks < 40:
            group.poll()
        self.assertLess(clock.ticks_us(), begun, "the clock has wrapped")
        self.assertEqual(group.overruns, 0)
        gaps = [time.ticks_diff(at_us[i + 1], at_us[i]) for i in range(39)]
        bench.figure("gap between ticks of 1 ms, least", min(gaps), "us")
        bench.figure("gap between ticks of 1 ms, most", max(gaps), "us")
        self.assertLess(max(gaps), 2 * PERIOD_US)
        self.assertGreater(min(gaps), 0)

    def test_a_rate_group_that_is_late_at_the_wrap_counts_the_overruns_and_goes_on(self):
        period_us = 10 * PERIOD_US
        clock = WrappingClock(3 * period_us)
        group = RateGroup(clock, period_us, lambda: None, lambda _level: None)
        time.sleep_us(6 * period_us + PERIOD_US)  # six ticks are due; one runs, the others are overruns
        group.poll()
        self.assertEqual(group.ticks, 1)
        self.assertEqual(group.overruns, 5)
        self.assertFalse(group.poll(), "nothing is due until the next period")
