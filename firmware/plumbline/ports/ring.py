"""Copies between a buffer and a ring of 2^n bytes, whose other end belongs to a DMA channel."""

import micropython


@micropython.viper
def take(ring: ptr8, mask: int, at: int, target: ptr8, count: int) -> int:
    """Copy `count` bytes of the ring from index `at` into `target`; returns the index after them.

    mask: the ring's size - 1. Allocates nothing.
    """
    i = 0
    while i < count:
        target[i] = ring[at]
        at = (at + 1) & mask
        i = i + 1
    return at


@micropython.viper
def put(ring: ptr8, mask: int, at: int, source: ptr8, count: int) -> int:
    """Copy `count` bytes of `source` into the ring from index `at`; returns the index after them.

    mask: the ring's size - 1. Allocates nothing.
    """
    i = 0
    while i < count:
        ring[at] = source[i]
        at = (at + 1) & mask
        i = i + 1
    return at
