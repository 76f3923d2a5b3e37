"""Raw flash of an RP2040 board: sectors between firmware and file system. Not yet run on hardware.

rp2.Flash begins where the file system does and takes block numbers before it, too: its offsets are added
as 32 bits and nothing checks them (ports/rp2/rp2_flash.c, 1.25). So interrupts, cache and the other core
are seen to by MicroPython's own code. How far the firmware reaches is read from its binary information;
nothing is ever written there.
"""

import rp2

from machine import mem8, mem32
from micropython import const
from plumbline.services.flash_layout import SECTORS
from plumbline.services.raw_flash import SECTOR, RawFlash

# pico-sdk, src/common/pico_binary_info: defs.h and structure.h
_INFO_FROM = const(0x10000100)  # the header lies in the 256 bytes behind the second stage
_INFO_TO = const(0x10000200)
_INFO_START = const(0x7188EBF2)
_INFO_END = const(0xE71AA390)
_UNSIGNED = const(0xFFFFFFFF)  # mem32 reads words with their sign
_KIND_ID_AND_INT = const(5)
_KIND_BLOCK_DEVICE = const(7)
_ID_BINARY_END = const(0x68F465DE)


class RawFlashError(OSError):
    """This firmware leaves no room for raw flash, or does not say what it leaves; the message is one line."""


def raw_flash():
    """The board's raw flash. Raises RawFlashError. At start only: it allocates."""
    end, storage = _bounds()
    first = storage - SECTORS * SECTOR
    if not 0 < end <= first:
        raise RawFlashError("firmware up to {:#x}, no room for raw flash from {:#x}".format(end, first))
    return RawFlash(rp2.Flash(), -SECTORS, SECTORS)


def _bounds():
    """Where the firmware ends and its file system begins; zeros where it does not say."""
    end = storage = 0
    for header in range(_INFO_FROM, _INFO_TO, 4):
        if mem32[header] == _INFO_START and mem32[header + 16] & _UNSIGNED == _INFO_END:
            for entry in range(mem32[header + 4], mem32[header + 8], 4):
                at = mem32[entry]
                kind = mem8[at] | mem8[at + 1] << 8
                if kind == _KIND_BLOCK_DEVICE:
                    storage = mem32[at + 8]
                elif kind == _KIND_ID_AND_INT and mem32[at + 4] == _ID_BINARY_END:
                    end = mem32[at + 8]
            break
    return end, storage
