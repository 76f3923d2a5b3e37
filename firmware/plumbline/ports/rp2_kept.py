"""Four words that outlive a reset of the RP2040, but neither power-on nor the RUN pin: the watchdog's.

RP2040 datasheet 4.7.6: SCRATCH0 to 3 are the program's, 4 to 7 the boot ROM's. They take whole words only,
so they are one array of words here: reading and writing 30 bits allocates nothing.
"""

import uctypes

from machine import mem32
from micropython import const
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG

# machine.reset_cause() says WDT_RESET for both of these
_REASON = const(0x40058008)
_REASON_TIMER = const(1)
_REASON_FORCE = const(2)
_SCRATCH0 = const(0x4005800C)
_WORDS = const(4)


def kept_words():
    """The words, by index."""
    return uctypes.struct(_SCRATCH0, {"words": (uctypes.ARRAY, uctypes.UINT32 | _WORDS)}).words


def reset_cause():
    """A cause of services/reset_log.py: POWER, which they do not outlive, WATCHDOG or ASKED."""
    reason = mem32[_REASON]
    if reason & _REASON_TIMER:
        return WATCHDOG
    return ASKED if reason & _REASON_FORCE else POWER
