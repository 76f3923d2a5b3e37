"""Four words that outlive a reset of an ESP32, but not power: RTC memory. Not run on the chip.

MicroPython keeps it through a watchdog's reset since 1.18 (ports/esp32/machine_rtc.c: RTC_NOINIT_ATTR).
"""

import machine
from machine import RTC
from micropython import const
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG

_WORDS = const(4)


class KeptWords:
    """Reads and writes words of 30 bits; setting one allocates nothing."""

    def __init__(self):
        self._rtc = RTC()
        self._bytes = bytearray(4 * _WORDS)
        before = self._rtc.memory()
        if len(before) == len(self._bytes):
            self._bytes[:] = before

    def __getitem__(self, index):
        at = 4 * index
        text = self._bytes
        return text[at] << 24 | text[at + 1] << 16 | text[at + 2] << 8 | text[at + 3]

    def __setitem__(self, index, word):
        for i in range(4):
            self._bytes[4 * index + i] = (word >> (24 - 8 * i)) & 255
        self._rtc.memory(self._bytes)


def reset_cause():
    """A cause of services/reset_log.py. A brown-out reads as POWER, a panic and machine.reset() as ASKED."""
    cause = machine.reset_cause()
    if cause == machine.PWRON_RESET:
        return POWER
    return WATCHDOG if cause == machine.WDT_RESET else ASKED
