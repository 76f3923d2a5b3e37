"""The recorder's ring of sectors: which of them are ready, where the next page goes, found again at boot.

A sector's first page is its head: magic, the sector's sequence, zlib's CRC-32, programmed right after the
erase; so a sector with a good head was erased to the end. Sequence s always lies in sector s modulo the
ring's size. The fifteen pages behind the head take records, one after the other.
"""

from array import array

from micropython import const
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append, crc_matches
from plumbline.services.raw_flash import PAGE, PAGES

HEAD_SIZE = const(12)
MAGIC = b"PLR1"
_CRC_AT = const(8)
_NO_SECTOR = const(-1)
_LAST_PAGE = const(15)


class RecorderRing:
    """flash: a RawFlash of at least three sectors; ValueError if there are fewer.

    `newest` is the sequence of the sector erased last, -1 when none was; `ready` counts the sectors behind
    the one in use that are still blank.
    """

    def __init__(self, flash):
        if flash.sectors < 3:
            raise ValueError("a ring needs at least three sectors")
        self.newest = _NO_SECTOR
        self.ready = 0
        self._flash = flash
        self._sequences = array("i", [_NO_SECTOR] * flash.sectors)
        self._page = 1  # the next one of the sector in use; PAGES when that is full
        self._head = bytearray(b"\xff" * PAGE)
        self._seen = bytearray(HEAD_SIZE)

    @property
    def pages_left(self):
        """Pages that can be programmed without an erase."""
        left = self.ready * _LAST_PAGE
        return left if self.newest == _NO_SECTOR else left + PAGES - self._page

    def mount(self):
        """Find the place behind the last page: reads each page once at most."""
        flash = self._flash
        self.newest = _NO_SECTOR
        for sector in range(flash.sectors):
            self._sequences[sector] = sequence = self._sequence_of(sector)
            if sequence > self.newest:
                self.newest = sequence
        self.ready = 0
        self._page = PAGES
        if self.newest == _NO_SECTOR:
            return
        using = self.newest
        while self._has(using - 1) and self._is_unused(using):
            self.ready += 1
            using -= 1
        page = PAGES
        while page > 1 and flash.is_blank(self._first_page(using) + page - 1):
            page -= 1
        self._page = page

    def program_next(self, page):
        """Program `page` into the next one; False when flash has not kept it, and that place is passed by."""
        if self._page == PAGES:
            self.ready -= 1
            self._page = 1
        at = self._first_page(self.newest - self.ready) + self._page
        self._page += 1
        return self._flash.program(at, page)

    def erase_ahead(self, wanted):
        """Erase the next sector of the ring unless `wanted` are ready; True when it erased one."""
        flash = self._flash
        if self.ready >= wanted or self.ready >= flash.sectors - 2:
            return False
        sequence = self.newest + 1
        sector = sequence % flash.sectors
        self._sequences[sector] = _NO_SECTOR
        flash.erase(sector)
        if not flash.program(sector * PAGES, self._sealed(sequence)):
            return False  # the next call erases it again
        self._sequences[sector] = sequence
        if self.newest != _NO_SECTOR:
            self.ready += 1
        else:
            self._page = 1
        self.newest = sequence
        return True

    def read_back(self, back, page):
        """Fill `page` with the one `back` pages before the next, in this sector or the one before it.

        False when there is none.
        """
        using = self.newest - self.ready
        at = self._page - back
        if self.newest == _NO_SECTOR:
            return False
        if at < 1:
            at += _LAST_PAGE
            using -= 1
            if at < 1 or not self._has(using):
                return False
        self._flash.read(self._first_page(using) + at, page)
        return True

    def _has(self, sequence):
        return sequence >= 0 and self._sequences[sequence % self._flash.sectors] == sequence

    def _is_unused(self, sequence):
        """Whether no page behind the head was programmed."""
        first = self._first_page(sequence)
        for page in range(1, PAGES):
            if not self._flash.is_blank(first + page):
                return False
        return True

    def _first_page(self, sequence):
        return sequence % self._flash.sectors * PAGES

    def _sealed(self, sequence):
        """A head's page."""
        head = self._head
        for i in range(4):
            head[i] = MAGIC[i]
            head[4 + i] = (sequence >> (24 - 8 * i)) & 255
        crc_append(head, 0, _CRC_AT, REFLECTED, BIG_ENDIAN)
        return head

    def _sequence_of(self, sector):
        """A sector's sequence, -1 if its head is not good."""
        head = self._seen
        self._flash.read(sector * PAGES, head)
        for i in range(4):
            if head[i] != MAGIC[i]:
                return _NO_SECTOR
        if not crc_matches(head, 0, _CRC_AT, REFLECTED, BIG_ENDIAN):
            return _NO_SECTOR
        sequence = ((head[4] * 256 + head[5]) * 256 + head[6]) * 256 + head[7]
        return sequence if sequence % self._flash.sectors == sector else _NO_SECTOR
