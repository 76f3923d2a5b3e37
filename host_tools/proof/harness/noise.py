"""Vectors: uniform, of every magnitude, and on the edges; the same seed gives the same ones."""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int32]
SMALLEST, LARGEST = -(2**30), 2**30 - 1
WORD = (SMALLEST, LARGEST)


@cache
def edges(low: int, high: int, thresholds: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The ends of a range, 0, the powers of two and a kernel's own thresholds, each with its neighbours."""
    centres = {low, high, 0, *thresholds} | {sign << bit for bit in range(31) for sign in (1, -1)}
    near = {centre + beside for centre in centres for beside in (-1, 0, 1)}
    return tuple(sorted(value for value in near if low <= value <= high))


class Noise:
    """A generator of int32 arrays, shape (vectors,) or (slots, vectors).

    thresholds: numbers that count as edges wherever they lie in a range.
    """

    def __init__(self, *seed: int, thresholds: tuple[int, ...] = ()) -> None:
        self.random = np.random.Generator(np.random.SFC64(seed))
        self.thresholds = thresholds

    def uniform(self, low: int, high: int, n: int) -> Words:
        """Every integer of the range alike."""
        return self.random.integers(low, high, n, dtype=np.int32, endpoint=True)

    def word(self, low: int, high: int, n: int) -> Words:
        """Half uniform, three eighths of every magnitude, one eighth on the edges."""
        even, scaled = n - n // 2, n // 2 - n // 8
        exponent = self.random.random(scaled, dtype=np.float32) * 30
        magnitude = np.exp2(exponent) * self.random.choice(np.array([-1, 1], np.float32), scaled)
        near = np.array(edges(low, high, self.thresholds), np.int32)
        parts = (
            self.uniform(low, high, even),
            np.clip(magnitude, low, high).astype(np.int64).clip(low, high).astype(np.int32),
            near[self.random.integers(0, near.size, n // 8)],
        )
        # turned by a random amount, so that the kinds meet in every combination across arguments
        return np.roll(np.concatenate(parts), int(self.random.integers(0, max(n, 1))))

    def choice(self, values: tuple[int, ...], n: int) -> Words:
        """One of a few values."""
        return np.array(values, np.int32)[self.random.integers(0, len(values), n)]

    def memory(self, size: int, ranges: Mapping[int, tuple[int, int]], n: int) -> Words:
        """Slots filled from their ranges; a slot without a range holds anything at all."""
        filled = np.empty((size, n), np.int32)
        for slot in range(size):
            filled[slot] = self.word(*ranges.get(slot, WORD), n)
        return filled
