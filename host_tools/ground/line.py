"""A serial line bit by bit, as the wire has it: what a UART makes of bits that were disturbed.

A byte is a start bit (0), eight data bits from the least significant one on, a stop bit (1); idle is 1. A
disturbed start bit shifts what follows, which a model of whole bytes would not show.
"""

import numba
import numpy as np
from numpy.typing import NDArray

BITS_PER_BYTE = 10

Bits = NDArray[np.uint8]


def wire(data: bytes) -> Bits:
    """The levels of the line while `data` is sent without a pause, one for each bit time."""
    values = np.frombuffer(data, np.uint8)
    levels = np.empty((values.size, BITS_PER_BYTE), np.uint8)
    levels[:, 0] = 0
    levels[:, 1:9] = np.unpackbits(values, bitorder="little").reshape(-1, 8)
    levels[:, 9] = 1
    return levels.ravel()


def heard(levels: Bits) -> bytes:
    """The bytes that a UART makes of the levels, sampled in the middle of each bit.

    A wrong stop bit does not keep it from handing the byte over, as the RP2040's PL011 and MicroPython
    do; it then waits for the line to be idle before it takes the next start bit (RP2040 datasheet, 4.2).
    """
    found = np.empty(levels.size // BITS_PER_BYTE + 1, np.uint8)
    return found[: _sample(levels, found)].tobytes()


@numba.njit(cache=True)
def _sample(levels: Bits, found: NDArray[np.uint8]) -> int:
    count = 0
    at = 0
    while at + BITS_PER_BYTE <= levels.size:
        if levels[at]:
            at += 1
            continue
        value = 0
        for bit in range(8):
            value |= levels[at + 1 + bit] << bit
        found[count] = value
        count += 1
        at += BITS_PER_BYTE - 1
        while at < levels.size and not levels[at]:
            at += 1
    return count
