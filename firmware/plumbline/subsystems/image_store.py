"""Images in memory, each with its checksum behind it; one that has been sent makes room for the next.

slot = store.reserve()              -1 when everything is held that nobody has fetched yet
store.image(slot), store.ROOM       where the camera puts it
store.keep(slot, size, ...)         it is there: its number
"""

from array import array

from micropython import const
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append

IMAGES = const(10)
ROOM = const(4096)
_CRC_SIZE = const(4)
_NUMBER_MASK = const(0xFFFF)


class ImageStore:
    """Known of an image, at its slot: number (0: none), size, station, angle, tick, whether sent."""

    def __init__(self):
        self.numbers = array("i", [0] * IMAGES)
        self.sizes = array("i", [0] * IMAGES)
        self.stations = array("i", [0] * IMAGES)
        self.angles_mrad = array("i", [0] * IMAGES)
        self.ticks = array("i", [0] * IMAGES)
        self.count = 0
        self._sent = array("i", [0] * IMAGES)
        self._images = tuple([bytearray(ROOM + _CRC_SIZE) for _ in range(IMAGES)])
        self._last = 0

    def image(self, slot):
        """The bytes of a slot, ROOM of them."""
        return self._images[slot]

    def reserve(self):
        """An empty slot, else that of the oldest image sent, now forgotten; else -1. Allocates nothing."""
        oldest = -1
        for slot in range(IMAGES):
            if self.numbers[slot] == 0:
                return slot
            if self._sent[slot] and (oldest < 0 or self.numbers[slot] < self.numbers[oldest]):
                oldest = slot
        if oldest >= 0:
            self.numbers[oldest] = 0
            self.count -= 1
        return oldest

    def keep(self, slot, size, station, angle_mrad, tick):
        """The image in `slot` is whole; returns its number, 1 to 65,535. Allocates nothing."""
        crc_append(self._images[slot], 0, size, REFLECTED, BIG_ENDIAN)
        self._last = self._last % _NUMBER_MASK + 1
        self.numbers[slot] = self._last
        self.sizes[slot] = size
        self.stations[slot] = station
        self.angles_mrad[slot] = angle_mrad
        self.ticks[slot] = tick
        self._sent[slot] = 0
        self.count += 1
        return self._last

    def find(self, number):
        """The slot of an image, -1 if there is none. Allocates nothing."""
        if number > 0:
            for slot in range(IMAGES):
                if self.numbers[slot] == number:
                    return slot
        return -1

    def mark_sent(self, slot):
        """Its last byte has left: it may be forgotten."""
        self._sent[slot] = 1

    def checksum(self, slot, half):
        """16 bits of zlib's CRC-32: half 0 the high ones, 1 the low ones. Allocates nothing."""
        at = self.sizes[slot] + 2 * half
        image = self._images[slot]
        return image[at] * 256 + image[at + 1]

    def word(self, slot, at):
        """The bytes `at` and `at` + 1, zeros behind the image's end. Allocates nothing."""
        size = self.sizes[slot]
        image = self._images[slot]
        high = image[at] if at < size else 0
        low = image[at + 1] if at + 1 < size else 0
        return high * 256 + low
