"""Memories filled from the ranges that kernels/slots.py declares; attitudes that are rotations."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from host_tools.proof import declared
from host_tools.proof.harness.noise import Noise, Words
from plumbline.kernels import slots

ONE_Q29 = 2**29


def memory(name: str, noise: Noise, n: int, narrower: Mapping[int, tuple[int, int]] | None = None) -> Words:
    """(slots, n) of the array of that name; `narrower` replaces the declared range of single slots."""
    array = declared.arrays()[name]
    ranges = {slot: (int(entry.range.low), int(entry.range.high)) for slot, entry in enumerate(array.slots)}
    return noise.memory(len(array.slots), {**ranges, **(narrower or {})}, n)


def estimate(noise: Noise, n: int, narrower: Mapping[int, tuple[int, int]] | None = None) -> Words:
    """EST_ slots whose quaternion has length 1 and whose matrix is the quaternion's."""
    filled = memory("estimate", noise, n, narrower)
    quaternion = unit_quaternions(noise, n)
    filled[slots.EST_Q0 : slots.EST_Q3 + 1] = to_q29(quaternion)
    filled[slots.EST_R00 : slots.EST_R00 + 9] = to_q29(matrix_of(quaternion))
    return filled


def to_q29(values: NDArray[np.float64]) -> Words:
    """Real numbers of at most 1 as words * 2^29."""
    return np.clip(np.round(values * ONE_Q29), 2 - ONE_Q29, ONE_Q29 - 2).astype(np.int32)


def unit_quaternions(noise: Noise, n: int) -> NDArray[np.float64]:
    """(4, n) rotations, all alike; every eighth one along the axes or their diagonals."""
    parts = noise.random.standard_normal((4, n))
    special = noise.random.integers(-1, 2, (4, n // 8)).astype(np.float64)
    special[0, (special == 0).all(axis=0)] = 1
    parts[:, : n // 8] = special
    return parts / np.sqrt((parts * parts).sum(axis=0))


def matrix_of(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(9, n) rows of the rotation: the textbook's, by 2 (v v^T) and 2 w [v]x."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    ).reshape(9, -1)
