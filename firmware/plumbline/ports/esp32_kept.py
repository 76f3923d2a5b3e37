"""What outlives a reset of an ESP32, but not power: words, a block, and levels of pads. Not run on the chip.

MicroPython keeps RTC memory through a watchdog's reset since 1.18 (ports/esp32/machine_rtc.c:
RTC_NOINIT_ATTR). A pad that is held (`Pin(hold=True)`, ESP-IDF's gpio_hold_en) keeps its level through a
reset of the digital core, as the task watchdog's and machine.reset() are.
"""

import machine
from machine import RTC, Pin
from micropython import const
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG

_WORD_BYTES = const(16)
_BLOCK_BYTES = const(512)


class KeptMemory:
    """`words`: 16 bytes; `block`: 512 bytes; `keep` copies both to where a reset leaves them."""

    def __init__(self):
        self._rtc = RTC()
        self._bytes = bytearray(_WORD_BYTES + _BLOCK_BYTES)
        before = self._rtc.memory()
        if len(before) == len(self._bytes):
            self._bytes[:] = before
        view = memoryview(self._bytes)
        self.words = view[:_WORD_BYTES]
        self.block = view[_WORD_BYTES:]

    def keep(self):
        """Allocates nothing."""
        self._rtc.memory(self._bytes)


class KeptWords:
    """Reads and writes words of 30 bits; setting one allocates nothing."""

    def __init__(self, memory):
        self._memory = memory

    def __getitem__(self, index):
        at = 4 * index
        text = self._memory.words
        return text[at] << 24 | text[at + 1] << 16 | text[at + 2] << 8 | text[at + 3]

    def __setitem__(self, index, word):
        for i in range(4):
            self._memory.words[4 * index + i] = (word >> (24 - 8 * i)) & 255
        self._memory.keep()


class HeldOutput:
    """An output pad that is held at each level that it is given; before the first one it is left alone."""

    def __init__(self, gpio):
        self._gpio = gpio
        self._level = -1
        self._pin = None

    def __call__(self, level):
        """Allocates nothing while the level stays."""
        if level != self._level:
            self._level = level
            # with `hold` given, which the stubs lack, the port lets the pad go, sets it and holds it again
            self._pin = Pin(self._gpio, Pin.OUT, value=level, hold=True)  # pyright: ignore[reportCallIssue]


def reset_cause():
    """A cause of services/reset_log.py. A brown-out reads as POWER, a panic and machine.reset() as ASKED."""
    cause = machine.reset_cause()
    if cause == machine.PWRON_RESET:
        return POWER
    return WATCHDOG if cause == machine.WDT_RESET else ASKED
