"""A block of RAM that outlives a reset of the RP2040: the last 4 kB of MicroPython's heap.

    block = KeptBlock()          # first thing in main.py, while the heap is empty
    block.before                 # the bytes as the last life left them

A reset leaves the RAM's content alone, and what MicroPython does on its way to main.py fills the heap from
below. So the bytes are read where the last life left them, and then the same place is allocated: whatever
lies below it is taken for a moment. Not yet run on hardware.
"""

import gc

import uctypes

from micropython import const

ADDRESS = const(0x2003F000)
SIZE = const(4000)  # of 4096 up to the end of the heap, 0x20040000: the rest is the allocator's own
_BLOCK = const(16)  # bytes that MicroPython allocates together
_TRIES = const(32)


class KeptBlockError(MemoryError):
    """The heap is not laid out as expected, or no longer empty there; the message is one line."""


class KeptBlock:
    """`memory`: the block, a bytearray; `before`: a copy of what it held. Raises KeptBlockError."""

    def __init__(self):
        self.before = bytes(uctypes.bytearray_at(ADDRESS, SIZE))
        self.memory = _allocated()
        self.memory[:] = self.before


def _allocated():
    """A bytearray of SIZE bytes at ADDRESS, the heap below it filled meanwhile."""
    gc.collect()
    fillers = []
    filled_to = 0
    size = gc.mem_free() * 3 // 4 // _BLOCK * _BLOCK
    for _ in range(_TRIES):
        try:
            filler = bytearray(size)
        except MemoryError:
            size = size * 7 // 8 // _BLOCK * _BLOCK
            continue
        end = uctypes.addressof(filler) + size
        if end > ADDRESS:
            size -= end - ADDRESS
            filler = None
            gc.collect()
            continue
        fillers.append(filler)  # at its place, or in a hole further below
        filled_to = max(filled_to, end)
        size = ADDRESS - filled_to
        while size == 0 and len(fillers) < 2 * _TRIES:
            fillers.append(bytearray(SIZE))
            if uctypes.addressof(fillers[-1]) == ADDRESS:
                return fillers[-1]
        if size <= 0:
            break
    raise KeptBlockError("kept block: the end of the heap is not free")
