"""The descent's state in memory that a reset leaves alone: written ten times a second, found again at boot.

    checkpoint = Checkpoint(board.kept_block(SIZE), (estimate, vote, guidance))
    if checkpoint.restore(): ...          # at boot: the arrays are those of the last save
    checkpoint.save(tick)                 # in flight, 10 Hz

Two copies by turns, so that a reset in the middle of one leaves the other: magic, count, tick, the arrays'
words, zlib's CRC-32. Little-endian. Only `Checkpoint()` allocates.
"""

from array import array

import micropython
from micropython import const
from plumbline.link.crc import LITTLE_ENDIAN, REFLECTED, crc_append, crc_matches

PERIOD_MS = const(100)  # between two saves

_MAGIC = const(0x104C4350)
_HEAD = const(12)
_CRC_SIZE = const(4)
_COUNT_MASK = const(0x1FFFFFFF)
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


class Checkpoint:
    """block: bytes that outlive a reset, `needed(arrays)` of them; arrays: int32 arrays of fixed lengths.

    `tick` is that of the checkpoint which `restore` found. Raises ValueError for a block that is too small.
    """

    def __init__(self, block, arrays):
        if len(block) < needed(arrays):
            raise ValueError("checkpoint: {} bytes of {}".format(len(block), needed(arrays)))
        self.tick = 0
        self._block = block
        self._arrays = arrays
        self._size = needed(arrays) // 2
        self._count = 0
        self._head = array("i", [0] * 3)

    def save(self, tick):
        """Write the arrays over the older copy. Allocates nothing."""
        self._count = (self._count + 1) & _COUNT_MASK
        block = self._block
        begin = self._count % 2 * self._size
        head = self._head
        head[0] = _MAGIC
        head[1] = self._count
        head[2] = tick
        at = put_words(head, 3, block, begin)
        for i in range(len(self._arrays)):
            at = put_words(self._arrays[i], len(self._arrays[i]), block, at)
        crc_append(block, begin, at - begin, REFLECTED, LITTLE_ENDIAN)

    def restore(self):
        """The newer whole copy into the arrays, once: both copies are void then. False if there is none."""
        newest = _NONE
        for copy in range(2):
            begin = copy * self._size
            if self._is_whole(begin) and self._head[1] >= self._count:
                self._count = self._head[1]
                self.tick = self._head[2]
                newest = begin
        if newest == _NONE:
            return False
        at = newest + _HEAD
        for i in range(len(self._arrays)):
            at = take_words(self._arrays[i], len(self._arrays[i]), self._block, at)
        self.clear()
        return True

    def clear(self):
        """Nothing can be resumed from here: when the descent is over, or has not begun."""
        for copy in range(2):
            for i in range(4):
                self._block[copy * self._size + i] = 0

    def _is_whole(self, begin):
        """Whether a good copy begins there; its head is in `_head` then."""
        take_words(self._head, 3, self._block, begin)
        if self._head[0] != _MAGIC or not 0 <= self._head[1] <= _COUNT_MASK:
            return False
        return bool(crc_matches(self._block, begin, self._size - _CRC_SIZE, REFLECTED, LITTLE_ENDIAN))


def needed(arrays):
    """Bytes that a block must have for these arrays."""
    return 2 * (_HEAD + 4 * sum([len(words) for words in arrays]) + _CRC_SIZE)


def is_fresh(cause_is_watchdog, watchdog_ms, uptime_ms, limit_ms):
    """Whether what `restore` finds can be flown: not older than `limit_ms`, by what is known of its age.

    The chip's clock begins at the reset, so the age is at most a save's period, the time for which the
    watchdog was not fed, and the time since. After any other reset nothing is known.
    """
    return cause_is_watchdog and PERIOD_MS + watchdog_ms + uptime_ms <= limit_ms
