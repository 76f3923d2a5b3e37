"""One value in two sectors of flash: a power cut leaves the old one or the new one, whole.

    slots = TwoSlots(flash.part(0, 2), capacity=200)
    if slots.load():
        use(slots.image, slots.BEGIN, slots.length)

A slot is magic, generation, identity, length, the bytes, and zlib's CRC-32 of all before it. A new
value goes into the slot that is not in use, with its first page last. load and store allocate nothing.
"""

from micropython import const
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append, crc_matches
from plumbline.services.raw_flash import PAGE, PAGES, wipe

BLANK = const(0)  # nothing was ever there
BAD = const(1)  # torn, rotten, or of another identity
GOOD = const(2)

BEGIN = const(14)  # of the bytes in `image`
_CRC_SIZE = const(4)
_MAGIC = b"PLS1"
_GENERATION = const(4)
_IDENTITY = const(8)
_LENGTH = const(12)
_LAST_GENERATION = const(0x3FFFFFFE)
_NONE = const(-1)


class TwoSlots:
    """flash: a RawFlash of two sectors; identity: four bytes, which a slot must have to be read.

    `image` is the slot in RAM: a value's bytes stand in image[BEGIN : BEGIN + length]. `states` has
    BLANK, BAD or GOOD for each slot as `load` found them. Raises ValueError when `capacity` is too large.
    """

    def __init__(self, flash, capacity, identity):
        pages = (BEGIN + capacity + _CRC_SIZE + PAGE - 1) // PAGE
        if flash.sectors != 2 or pages > PAGES or len(identity) != 4:
            raise ValueError("two slots need two sectors, at most 4078 bytes and an identity of four")
        self.states = bytearray(2)
        self.length = 0
        self.capacity = capacity
        self.image = bytearray(pages * PAGE)
        self._flash = flash
        self._identity = identity
        self._pages = [bytearray(PAGE) for _ in range(pages)]
        self._current = _NONE
        self._generation = 0

    def load(self):
        """Read both slots; the newer good one is in `image`. False if there is none."""
        self._current = _NONE
        self._generation = 0
        for slot in range(2):
            self.states[slot] = self._read(slot)
            if self.states[slot] == GOOD and self._stated(_GENERATION) >= self._generation:
                self._generation = self._stated(_GENERATION)
                self._current = slot
        if self._current == _NONE:
            self.length = 0
            return False
        self._read(self._current)
        return True

    def refuse(self):
        """The value that was loaded is of no use: take the other slot's. False if there is none."""
        if self._current == _NONE:
            return False
        self.states[self._current] = BAD
        other = 1 - self._current
        if self.states[other] != GOOD:
            self._current = _NONE
            self.length = 0
            return False
        self._read(other)  # the generation stays: what is stored next must be newer than both
        self._current = other
        return True

    def store(self, length):
        """Write image[BEGIN : BEGIN + length] as the newest value; True when it stands in flash.

        One erase and a program for each page: not in a descent. The value before stays until then.
        """
        if not 0 <= length <= self.capacity or self._generation >= _LAST_GENERATION:
            return False
        target = 0 if self._current == _NONE else 1 - self._current
        self._seal(length)
        self.states[target] = BAD
        self._flash.erase(target)
        for index in range(len(self._pages) - 1, -1, -1):
            page = self._pages[index]
            at = index * PAGE
            for i in range(PAGE):
                page[i] = self.image[at + i]
            if not self._flash.program(target * PAGES + index, page):
                return False
        self.states[target] = GOOD
        self._current = target
        self._generation += 1
        self.length = length
        return True

    def _seal(self, length):
        """Head and CRC around the bytes; what is behind them stays blank."""
        image = self.image
        for i in range(4):
            image[i] = _MAGIC[i]
            image[_GENERATION + i] = ((self._generation + 1) >> (24 - 8 * i)) & 255
            image[_IDENTITY + i] = self._identity[i]
        image[_LENGTH] = length >> 8
        image[_LENGTH + 1] = length & 255
        end = crc_append(image, 0, BEGIN + length, REFLECTED, BIG_ENDIAN)
        wipe(image, end, len(image))

    def _read(self, slot):
        """A slot into `image`; BLANK, BAD or GOOD."""
        self._flash.read(slot * PAGES, self.image)
        blank = True
        for i in range(BEGIN):
            blank = blank and self.image[i] == 255
        if blank:
            return BLANK
        for i in range(4):
            if self.image[i] != _MAGIC[i] or self.image[_IDENTITY + i] != self._identity[i]:
                return BAD
        length = self.image[_LENGTH] * 256 + self.image[_LENGTH + 1]
        if length > self.capacity or self.image[_GENERATION] > 63:
            return BAD
        if not crc_matches(self.image, 0, BEGIN + length, REFLECTED, BIG_ENDIAN):
            return BAD
        self.length = length
        return GOOD

    def _stated(self, at):
        value = 0
        for i in range(4):
            value = value << 8 | self.image[at + i]
        return value
