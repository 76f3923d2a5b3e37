"""A watchdog that nobody feeds resets the board; the cause and a reason word outlive the reset.

The runner waits for the board to come back and then runs the method that the test names. The board's own
program stands aside until then: it would take the reason word for its own.
"""

import os
import time
import unittest

import machine
from machine import mem32

NEEDS = ()
# RP2040 datasheet 4.7.6: SCRATCH0 to 3 are the program's, 4 to 7 the boot ROM's
SCRATCH0 = 0x4005800C
REASON = 0x1234ABCD & 0x3FFFFFFF
TIMEOUT_MS = 200
PROGRAM = "/main.py"
ASIDE = "/main.aside"


def move(there, here):
    try:
        os.rename(there, here)
    except OSError:  # a board without a program
        pass


class Watchdog(unittest.TestCase):
    def setUp(self):
        move(ASIDE, PROGRAM)  # also after a run that was cut off

    def test_a_watchdog_that_is_fed_does_not_bite_and_one_that_is_not_resets_the_board(self):
        mem32[SCRATCH0] = REASON
        watchdog = machine.WDT(timeout=TIMEOUT_MS)
        for _ in range(10):
            time.sleep_ms(TIMEOUT_MS // 4)
            watchdog.feed()
        move(PROGRAM, ASIDE)
        unittest.say("reset follows", within_ms=TIMEOUT_MS + 50, then="after_the_watchdog")
        while True:  # starves it
            pass

    def after_the_watchdog(self):
        self.assertEqual(machine.reset_cause(), machine.WDT_RESET)
        self.assertEqual(mem32[SCRATCH0], REASON)

    def test_reset_by_the_program_keeps_its_reason_word_too(self):
        mem32[SCRATCH0] = REASON + 1
        move(PROGRAM, ASIDE)
        unittest.say("reset follows", within_ms=100, then="after_reset_by_the_program")
        time.sleep_ms(20)  # until the line above has left
        machine.reset()

    def after_reset_by_the_program(self):
        # both causes read alike on this chip, which is why flight code needs the reason word
        self.assertEqual(machine.reset_cause(), machine.WDT_RESET)
        self.assertEqual(mem32[SCRATCH0], REASON + 1)
