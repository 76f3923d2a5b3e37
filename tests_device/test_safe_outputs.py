"""A program that dies closes its valves: as far as the board itself can measure that.

What ends the program that would measure (resets, watchdog, Ctrl-C from outside) is measured on an
emulated board only, by the edges of its pins: host_tools/device_tests/safe_outputs.py.
"""

import time
import unittest

import bench
import dying
import dying_propulsion

from machine import mem32
from plumbline.ports import Board
from plumbline.services.pins import PinTable

NEEDS = ("valve.main", "valve.rcs.1")
MOST_US = 100_000
GPIO_IN = 0xD0000004  # RP2040 datasheet 2.3.1.7: the levels of all pins, whatever drives them
_RESET = "the program that would measure ends with it; see an emulated board"


class StillAlive(Exception):
    """The end of an endless loop that a test may come back from."""


_STILL_ALIVE = StillAlive()  # made here: a tick runs with the heap locked


class Bench:
    """One program for all tests of this file."""

    dying = None
    mask = 0

    @classmethod
    def open(cls):
        if cls.dying is None:
            board = Board.from_files(bench.given["board"])
            cls.dying = dying.Dying(board, dying_propulsion.busy(board), None)
            with open("/pins.csv") as lines:
                table = PinTable(lines)
            for signal in table.signals:
                if signal.startswith("valve."):
                    cls.mask |= 1 << table.gpio(signal)
        return cls.dying


def valves_open():
    """Bit n is set while the valve on GPIO n is open."""
    return mem32[GPIO_IN] & Bench.mask


def wait_until_closed():
    """Polls until every valve has been closed for 5 ms; the time of the last moment that one was open."""
    last = begun = time.ticks_us()
    while time.ticks_diff(time.ticks_us(), last) < 5_000:
        if valves_open():
            last = time.ticks_us()
        if time.ticks_diff(time.ticks_us(), begun) > 5 * MOST_US:
            raise AssertionError("valves %x stay open" % valves_open())
    return last


class SafeOutputs(unittest.TestCase):
    def setUp(self):
        self.opened = 0
        self.closed_us = None

    def test_an_uncaught_exception_closes_the_valves(self):
        self._dies(dying.uncaught_exception, ValueError)

    def test_ticks_that_find_no_memory_close_the_valves(self):
        calls = []

        def starve_and_look():
            if not calls:
                calls.append(1)
                dying.out_of_memory()
            self.closed_us = wait_until_closed()
            raise _STILL_ALIVE

        calls.append(1)  # the heap is locked later: make room now
        calls.pop()
        self._dies(starve_and_look, StillAlive)

    def test_ctrl_c_closes_the_valves(self):
        def interrupt():
            raise KeyboardInterrupt

        self._dies(interrupt, KeyboardInterrupt)

    def test_the_end_of_the_program_closes_the_valves(self):
        self._dies(dying.end_of_the_program, dying.End)

    def test_an_endless_loop_closes_the_valves(self):
        def loop():
            self.closed_us = wait_until_closed()
            raise _STILL_ALIVE

        self._dies(loop, StillAlive)

    def test_a_soft_reset_closes_the_valves(self):
        self.skipTest(_RESET)

    def test_a_reset_closes_the_valves(self):
        self.skipTest(_RESET)

    def test_a_watchdog_that_expires_closes_the_valves(self):
        self.skipTest(_RESET)

    def _dies(self, way, kind):
        program = Bench.open()
        program.program.rate_group.ticks = 0
        program.died_us = None

        def last():
            if not self.opened:
                self.opened = valves_open()
            way()

        program._way = last
        with self.assertRaises(kind):
            program.program.run()
        if self.closed_us is None:
            self.closed_us = wait_until_closed()
        self.assertTrue(self.opened, "valves were open at the end")
        took_us = time.ticks_diff(self.closed_us, program.died_us)
        bench.figure("last valve closed after", took_us / 1000, "ms")
        self.assertLess(took_us, MOST_US)
