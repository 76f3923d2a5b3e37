"""The flight recorder: packets' fields as records in a ring of raw flash that was erased ahead.

A tick appends to pages in RAM. Who has 4 ms to spare calls `write`, which programs one page; sectors are
erased by `erase_ahead` only, never in a descent: when those that are ready are used up the recorder is
full, and what it holds stays. Its pages are as in recorder_ring.py, its records are

    length of the whole (1 byte), kind (1), sequence (2), tick (4), the fields, zlib's CRC-32 of all before

big-endian, as many as fit into a page, the rest of which is blank. Only `Recorder()` and `mount` allocate.
"""

from micropython import const
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append, crc_matches
from plumbline.link.packet import pack_fields
from plumbline.services.raw_flash import PAGE, wipe
from plumbline.services.recorder_ring import RecorderRing

HEAD = const(8)  # bytes of a record before its fields
TAIL = const(4)

_LARGEST = const(252)  # bytes of a record: a length is never 255, which is blank
_SIZE_MASK = const(0x0F)
_COUNT_MASK = const(0x1FFFFFFF)
_SEQUENCE_MASK = const(0xFFFF)


class RecordKind:
    """What one kind of record is: number 0 to 255 and the types of its fields, as link/packet.py has them.

    For a packet of the dictionary: RecordKind(packet.function, packet.layout). ValueError if it is too large.
    """

    def __init__(self, number, layout):
        self.number = number
        self.layout = bytearray(layout)
        self.count = len(layout)
        self.size = HEAD + sum([field & _SIZE_MASK for field in layout]) + TAIL
        if self.size > _LARGEST:
            raise ValueError("record kind {}: {} bytes of at most {}".format(number, self.size, _LARGEST))


class Recorder:
    """flash: a RawFlash of at least three sectors; `pages`: how many wait in RAM at most.

    Running counts: `recorded`, `dropped` (no room in RAM), `bad_pages` (did not keep what was programmed).
    """

    def __init__(self, flash, pages=4):
        self.recorded = 0
        self.dropped = 0
        self.bad_pages = 0
        self.ring = RecorderRing(flash)
        self._pages = [bytearray(b"\xff" * PAGE) for _ in range(pages)]
        self._first = 0  # the oldest page that waits to be programmed
        self._waiting = 0  # how many of them, besides the one that is being filled
        self._fill = 0  # bytes in that one
        self._sequence = 0

    def mount(self):
        """At start: find the place after the last record. It reads, and writes nothing."""
        ring = self.ring
        ring.mount()
        page = self._pages[0]
        back = 1
        while ring.read_back(back, page):
            last = last_sequence(page)
            if last >= 0:
                self._sequence = (last + 1) & _SEQUENCE_MASK
                break
            back += 1
        wipe(page, 0, PAGE)

    @property
    def full(self):
        """Whether everything that was erased ahead is used up."""
        return self.ring.pages_left == 0

    def append(self, kind, tick, values):
        """A record of a RecordKind with `values` as its fields; False if there is no room for it in RAM.

        A record that is dropped leaves a gap in the sequence. Allocates nothing.
        """
        size = kind.size
        sequence = self._sequence
        self._sequence = (sequence + 1) & _SEQUENCE_MASK
        if self._fill + size > PAGE:
            self.close_page()
        if self._waiting == len(self._pages):
            self.dropped = (self.dropped + 1) & _COUNT_MASK
            return False
        page = self._pages[(self._first + self._waiting) % len(self._pages)]
        at = self._fill
        page[at] = size
        page[at + 1] = kind.number
        page[at + 2] = sequence >> 8
        page[at + 3] = sequence & 255
        page[at + 4] = (tick >> 24) & 255
        page[at + 5] = (tick >> 16) & 255
        page[at + 6] = (tick >> 8) & 255
        page[at + 7] = tick & 255
        end = pack_fields(values, kind.layout, kind.count, page, at + HEAD)
        self._fill = crc_append(page, at, end - at, REFLECTED, BIG_ENDIAN)
        self.recorded = (self.recorded + 1) & _COUNT_MASK
        return True

    def close_page(self):
        """No more records into the page that is being filled, so that `write` will take it."""
        if self._fill and self._waiting < len(self._pages):
            self._waiting += 1
            self._fill = 0

    def write(self):
        """Program the oldest page that waits: at most one, 0.4 ms as a rule and 3 ms at most.

        True when it stands in flash. Allocates nothing.
        """
        if not self._waiting or self.ring.pages_left == 0:
            return False
        page = self._pages[self._first]
        if not self.ring.program_next(page):
            self.bad_pages = (self.bad_pages + 1) & _COUNT_MASK
            return False  # it stays in RAM, and gets the next page of flash
        wipe(page, 0, PAGE)
        self._first = (self._first + 1) % len(self._pages)
        self._waiting -= 1
        return True

    def sync(self):
        """Everything appended so far into flash, as after touchdown; False when there is no room for it."""
        self.close_page()
        while self._waiting and self.ring.pages_left:
            self.write()
        return self._waiting == 0

    def erase_ahead(self, wanted):
        """Erase one sector, the oldest, unless `wanted` are ready: 45 ms with interrupts off, 400 at most.

        True when it erased one. Before a descent: until it says False.
        """
        return self.ring.erase_ahead(wanted)


def last_sequence(page):
    """The sequence of the last good record in a page's bytes, -1 if there is none."""
    at = 0
    last = -1
    while at <= PAGE - HEAD - TAIL:
        size = page[at]
        if size < HEAD + TAIL or at + size > PAGE:
            break
        if crc_matches(page, at, size - TAIL, REFLECTED, BIG_ENDIAN):
            last = page[at + 2] * 256 + page[at + 3]
        at += size
    return last
