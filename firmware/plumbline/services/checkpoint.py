"""The descent's state in memory that a reset leaves alone: written 20 times a second, found again at boot.

    checkpoint = Checkpoint(board.kept_block(), (estimate, vote, guidance))
    if checkpoint.find(): checkpoint.load()     # at boot: the arrays are those of the last save
    checkpoint.begin(tick)                      # in flight: the words, at once
    checkpoint.go_on()                          # in the next PIECES ticks, each a piece of the checksum
    checkpoint.mark(tick, phase)                # in every tick: alive until here, and this has been said

Two copies by turns, so that a reset in the middle of one leaves the other: magic, count, tick, the arrays'
words, zlib's CRC-32. Behind them two marks by turns. Little-endian. Only `Checkpoint()` allocates.
"""

from array import array

import micropython
from micropython import const
from plumbline.link.crc import LITTLE_ENDIAN, REFLECTED, crc_matches

PIECES = const(4)  # of the checksum

_MAGIC = const(0x104C4351)
_HEAD = const(12)
_CRC_SIZE = const(4)
_MARK_SIZE = const(12)  # sequence and phase, tick, their check
_COUNT_MASK = const(0x1FFFFFFF)
_SEQUENCE_MASK = const(0xFFFF)
_MARK_CHECK = const(0x15A5A5A5)
_NONE = const(-1)


@micropython.viper
def put_words(words: ptr32, count: int, block: ptr8, at: int) -> int:
    """`count` words into a block's bytes from index `at` on; the index behind them. Allocates nothing."""
    i = 0
    while i < count:
        word = 0 + words[i]
        block[at] = word & 255
        block[at + 1] = (word >> 8) & 255
        block[at + 2] = (word >> 16) & 255
        block[at + 3] = (word >> 24) & 255
        at = at + 4
        i = i + 1
    return at


@micropython.viper
def take_words(words: ptr32, count: int, block: ptr8, at: int) -> int:
    """The reverse of put_words, for words that fit 31 bits. Allocates nothing."""
    i = 0
    while i < count:
        high = (block[at + 3] ^ 128) - 128
        words[i] = high * 16777216 + block[at + 2] * 65536 + block[at + 1] * 256 + block[at]
        at = at + 4
        i = i + 1
    return at


@micropython.viper
def crc_go_on(block: ptr8, at: int, end: int, table: ptr16, halves: ptr32) -> int:
    """The CRC of block[at : end] after what `halves` stands for, low and high; all ones at first."""
    low = 0 + halves[0]
    high = 0 + halves[1]
    while at < end:
        entry = ((low ^ block[at]) & 255) * 2
        low = ((low >> 8) | ((high & 255) << 8)) ^ table[entry]
        high = (high >> 8) ^ table[entry + 1]
        at = at + 1
    halves[0] = low
    halves[1] = high
    return at


@micropython.viper
def put_crc(block: ptr8, at: int, halves: ptr32) -> int:
    """zlib's CRC-32 that ends with these halves, into four bytes."""
    low = halves[0] ^ 0xFFFF
    high = halves[1] ^ 0xFFFF
    block[at] = low & 255
    block[at + 1] = low >> 8
    block[at + 2] = high & 255
    block[at + 3] = high >> 8
    return at + 4


class Checkpoint:
    """block: bytes that outlive a reset, `needed(counts)` of them; arrays: int32 arrays of fixed lengths.

    counts: how many words of each array are kept, all by default. After `find`: `tick` of the checkpoint
    that was found, `alive_tick` and `phase` of the last mark; `is_spoiled`: there was one, and it is not
    whole. Raises ValueError for a block that is too small.
    """

    def __init__(self, block, arrays, counts=None):
        self._counts = [len(words) for words in arrays] if counts is None else counts
        if len(block) < needed(self._counts):
            raise ValueError("checkpoint: {} bytes of {}".format(len(block), needed(self._counts)))
        self.tick = 0
        self.alive_tick = 0
        self.phase = 0
        self.is_spoiled = False
        self._block = block
        self._arrays = arrays
        self._size = _copy_size(self._counts)
        self._piece = self._size // PIECES + 1
        self._count = 0
        self._head = array("i", [0] * 3)
        self._halves = array("i", [0] * 2)
        self._at = _NONE  # how far the checksum is
        self._end = 0
        self._sequence = 0
        self._found = _NONE

    def begin(self, tick):
        """Write the arrays over the older copy, which is whole when go_on has said so. Allocates nothing."""
        block = self._block
        count = (self._count + 1) & _COUNT_MASK
        begin = count % 2 * self._size
        head = self._head
        head[0] = _MAGIC
        head[1] = count
        head[2] = tick
        at = put_words(head, 3, block, begin)
        for i in range(len(self._arrays)):
            at = put_words(self._arrays[i], self._counts[i], block, at)
        self._halves[0] = self._halves[1] = 0xFFFF
        self._at = begin
        self._end = at

    def go_on(self):
        """The next piece of the checksum; True when it was the last one. Allocates nothing."""
        if self._at < 0:
            return False
        end = self._at + self._piece
        if end < self._end:
            self._at = crc_go_on(self._block, self._at, end, REFLECTED, self._halves)
            return False
        crc_go_on(self._block, self._at, self._end, REFLECTED, self._halves)
        put_crc(self._block, self._end, self._halves)
        self._at = _NONE
        self._count = (self._count + 1) & _COUNT_MASK
        return True

    def save(self, tick):
        """All of it at once."""
        self.begin(tick)
        while not self.go_on():
            pass

    def mark(self, tick, phase):
        """The program was well at the end of that tick, and has said this phase. Allocates nothing."""
        self._sequence = (self._sequence + 1) & _SEQUENCE_MASK
        head = self._head
        head[0] = self._sequence << 4 | phase
        head[1] = tick
        head[2] = head[0] ^ tick ^ _MARK_CHECK
        put_words(head, 3, self._block, 2 * self._size + self._sequence % 2 * _MARK_SIZE)

    def find(self):
        """Whether there is a whole copy and a mark; looks without taking anything."""
        newest = self._newer()
        if not self._is_whole(newest * self._size):
            newest = 1 - newest
            if not self._is_whole(newest * self._size):
                return False
        self._count = self._head[1]
        self.tick = self._head[2]
        self._found = newest * self._size
        self.is_spoiled = not self._find_mark()
        return not self.is_spoiled

    def _newer(self):
        """The copy with the higher count, whole or not."""
        counts = [0, 0]
        for copy in range(2):
            take_words(self._head, 3, self._block, copy * self._size)
            counts[copy] = self._head[1] if self._head[0] == _MAGIC else _NONE
        return 0 if counts[0] > counts[1] else 1

    def load(self):
        """What `find` has found into the arrays, once: both copies are void then."""
        at = self._found + _HEAD
        for i in range(len(self._arrays)):
            at = take_words(self._arrays[i], self._counts[i], self._block, at)
        self.clear()

    def clear(self):
        """Nothing can be resumed from here: when the descent is over, or has not begun."""
        for copy in range(2):
            for i in range(4):
                self._block[copy * self._size + i] = 0

    def _is_whole(self, begin):
        """Whether a good copy begins there; its head is in `_head` then."""
        take_words(self._head, 3, self._block, begin)
        if self._head[0] != _MAGIC:
            return False
        self.is_spoiled = True  # until it is found to be whole
        if not 0 <= self._head[1] <= _COUNT_MASK:
            return False
        return bool(crc_matches(self._block, begin, self._size - _CRC_SIZE, REFLECTED, LITTLE_ENDIAN))

    def _find_mark(self):
        """The later one of those that are whole; False if there is none."""
        head = self._head
        found = _NONE
        for slot in range(2):
            take_words(head, 3, self._block, 2 * self._size + slot * _MARK_SIZE)
            if head[0] < 0 or head[1] < 0 or head[2] != head[0] ^ head[1] ^ _MARK_CHECK:
                continue
            sequence = head[0] >> 4
            if found == _NONE or (sequence - found) & _SEQUENCE_MASK == 1:
                found = sequence
                self.alive_tick = head[1]
                self.phase = head[0] & 15
        if found == _NONE:
            return False
        self._sequence = found
        return True


def _copy_size(counts):
    return _HEAD + 4 * sum(counts) + _CRC_SIZE


def needed(counts):
    """Bytes that a block must have for so many words of each array."""
    return 2 * (_copy_size(counts) + _MARK_SIZE)
