"""One-shot pulses of the valves as the pins have them: less than 2 us off at 125 MHz, never over 100 ms.

Needs nothing wired: a free state machine watches the pins. On an emulated board the runner also holds
every pulse said here against the exact edges of the pins.
"""

import time
import unittest

import bench
from stopwatch import COUNT, Stopwatch

from plumbline.ports import Board
from plumbline.services.pins import PinTable

NEEDS = ("valve.main", "valve.rcs.1")
TICK_US = 10_000
GRACE_US = 2_000
LONGEST_US = 100_000
MOST_ERROR_US = 2.0


class Bench:
    """The valves of this file, opened once, and where they are."""

    valves = None
    gpios = ()

    @classmethod
    def open(cls):
        if cls.valves is None:
            cls.valves = Board.from_files(bench.given["board"]).valves()
            with open("/pins.csv") as lines:
                table = PinTable(lines)
            cls.gpios = [table.gpio(signal) for signal in table.signals if signal.startswith("valve.")]
        return cls.valves


class Pulses(unittest.TestCase):
    def setUp(self):
        self.valves = Bench.open()
        self.valves.close_all()
        time.sleep_ms(30)
        self.worst_us = 0.0

    def tearDown(self):
        self.valves.close_all()

    def test_a_pulse_within_a_tick_has_its_width(self):
        for width_us in (12, 13, 25, 100, 333, 1_000, 4_999, 9_999, 10_000):
            self._one(0, width_us, width_us)
            self._one(7, width_us, width_us)
        bench.figure("worst error of pulses up to 10 ms", self.worst_us, "us")

    def test_a_longer_pulse_has_its_width_while_commits_come(self):
        for width_us in (10_001, 10_004, 12_345, 25_000, 50_000, 99_999, LONGEST_US):
            self._one(0, width_us, width_us)
        bench.figure("worst error of pulses up to 100 ms", self.worst_us, "us")

    def test_a_pulse_longer_than_100_ms_is_cut(self):
        self._one(0, 150_000, LONGEST_US)
        self._one(8, 1_000_000, LONGEST_US)

    def test_a_pulse_ends_by_itself_when_no_commit_follows(self):
        self._one(0, LONGEST_US, TICK_US + GRACE_US, commits=1)

    def test_all_fifteen_valves_open_at_once_and_each_closes_in_its_time(self):
        widths_us = [500 + 613 * valve for valve in range(15)]
        watched = (0, 6, 7, 14)
        watches = [Stopwatch(index, Bench.gpios[watched[index]]) for index in range(COUNT)]
        for valve in range(15):
            self.valves.pulse(valve, widths_us[valve])
        self.valves.commit()
        time.sleep_ms(20)
        for valve in range(15):
            unittest.say("pulse", gpio=Bench.gpios[valve], width_us=widths_us[valve])
        for index in range(COUNT):
            self._holds(watches[index], widths_us[watched[index]])

    def _one(self, valve, asked_us, expected_us, commits=0):
        """One pulse, by as many commits as it needs."""
        time.sleep_ms(5)  # until USB has taken what was said: in flight nobody talks to it
        watch = Stopwatch(0, Bench.gpios[valve])
        self.valves.pulse(valve, asked_us)
        due = time.ticks_us()
        for _ in range(commits or expected_us // TICK_US + 2):
            self.valves.commit()
            due = time.ticks_add(due, TICK_US)
            while time.ticks_diff(due, time.ticks_us()) > 0:
                pass
        time.sleep_ms(3)
        unittest.say("pulse", gpio=Bench.gpios[valve], width_us=expected_us)
        self._holds(watch, expected_us)

    def _holds(self, watch, expected_us):
        watch.stop()
        self.assertEqual(watch.pulses(), 1, "pulses of %d us" % expected_us)
        error_us = watch.width_us() - expected_us
        if abs(error_us) > abs(self.worst_us):
            self.worst_us = error_us
        self.assertLess(abs(error_us), MOST_ERROR_US, "a pulse of %d us" % expected_us)
