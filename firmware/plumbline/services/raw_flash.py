"""Raw flash as sectors and pages: a window of a block device that no file system knows of.

The device is MicroPython's extended block device (readblocks and writeblocks with an offset, ioctl 6):
rp2.Flash, esp32.Partition, or the host's. A program is read back, because the device says nothing of
one that has failed; whoever wrote decides what to do then. Nothing here allocates after start.
"""

import micropython
from micropython import const

SECTOR = const(4096)  # bytes that are erased together
PAGE = const(256)  # bytes that are programmed together
PAGES = const(16)  # in a sector

_IOCTL_ERASE = const(6)  # MicroPython's extmod/vfs.h, MP_BLOCKDEV_IOCTL_BLOCK_ERASE
_BLANK = b"\xff" * 256


@micropython.viper
def wipe(buffer: ptr8, start: int, end: int) -> int:
    """Fill buffer[start:end] with ones, as erased flash has them. Allocates nothing."""
    at = start
    while at < end:
        buffer[at] = 255
        at = at + 1
    return at


class RawFlash:
    """`sectors` sectors from the device's block `first` on, numbered from 0; pages too, 16 to a sector."""

    def __init__(self, device, first, sectors):
        self.sectors = sectors
        self._device = device
        self._first = first
        self._seen = bytearray(PAGE)

    def part(self, first, sectors):
        """A window of this window. Raises ValueError where it would look out of it."""
        if first < 0 or sectors < 1 or first + sectors > self.sectors:
            raise ValueError("no sectors {} to {} of {}".format(first, first + sectors, self.sectors))
        return RawFlash(self._device, self._first + first, sectors)

    def read(self, page, buffer):
        """Fill `buffer` from the beginning of a page on."""
        self._device.readblocks(self._block(page // PAGES), buffer, page % PAGES * PAGE)

    def program(self, page, buffer):
        """Program the PAGE bytes of `buffer`, a bytearray; True if the page has them then.

        On the RP2040 interrupts are off meanwhile: 0.4 ms as a rule, 3 ms at most (W25Q16JV, 9.6).
        """
        self._device.writeblocks(self._block(page // PAGES), buffer, page % PAGES * PAGE)
        self.read(page, self._seen)
        return self._seen == buffer

    def erase(self, sector):
        """Erase a sector: 45 ms with interrupts off as a rule, 400 ms at most. Never in a descent."""
        self._device.ioctl(_IOCTL_ERASE, self._block(sector))

    def is_blank(self, page):
        """Whether every bit of a page is 1."""
        self.read(page, self._seen)
        return self._seen == _BLANK

    def _block(self, sector):
        if not 0 <= sector < self.sectors:
            raise ValueError("raw flash: there is no such sector")
        return self._first + sector
