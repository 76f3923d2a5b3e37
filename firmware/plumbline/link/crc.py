"""CRC-32 as two 16-bit halves, because a viper integer holds 31 bits only.

Two variants: `crc_matches` and `crc_append` are zlib's (IEEE 802.3, reflected, table
REFLECTED); `crc_forward_matches` is the Sensonor STIM300's (polynomial 0x04C11DB7, most
significant bit first, seed all ones, no final XOR, table FORWARD).
A table holds 256 entries of two halves, low half first: 1 kB, made once at import.
"""

from array import array

import micropython
from micropython import const

LITTLE_ENDIAN = const(0)  # a byte order is the mask on the index of a CRC's byte
BIG_ENDIAN = const(3)

_POLYNOMIAL_LOW = const(0x1DB7)  # 0x04C11DB7, IEEE 802.3-2018, 3.2.9
_POLYNOMIAL_HIGH = const(0x04C1)
_REVERSED_LOW = const(0x8320)  # the same with its bits in reverse: 0xEDB88320
_REVERSED_HIGH = const(0xEDB8)


@micropython.viper
def _fill_reflected(table: ptr16) -> int:
    """The table for bytes that enter with their least significant bit first."""
    byte = 0
    while byte < 256:
        low = byte
        high = 0
        bit = 0
        while bit < 8:
            out = low & 1
            low = (low >> 1) | ((high & 1) << 15)
            high = high >> 1
            if out:
                low = low ^ _REVERSED_LOW
                high = high ^ _REVERSED_HIGH
            bit = bit + 1
        table[2 * byte] = low
        table[2 * byte + 1] = high
        byte = byte + 1
    return 0


@micropython.viper
def _fill_forward(table: ptr16) -> int:
    """The table for bytes that enter with their most significant bit first."""
    byte = 0
    while byte < 256:
        low = 0
        high = byte << 8
        bit = 0
        while bit < 8:
            out = high & 0x8000
            high = ((high << 1) & 0xFFFF) | (low >> 15)
            low = (low << 1) & 0xFFFF
            if out:
                low = low ^ _POLYNOMIAL_LOW
                high = high ^ _POLYNOMIAL_HIGH
            bit = bit + 1
        table[2 * byte] = low
        table[2 * byte + 1] = high
        byte = byte + 1
    return 0


REFLECTED = array("H", bytes(1024))
FORWARD = array("H", bytes(1024))
_fill_reflected(REFLECTED)
_fill_forward(FORWARD)


@micropython.viper
def crc_append(buf: ptr8, start: int, count: int, table: ptr16, order: int) -> int:
    """Write zlib's CRC-32 of buf[start : start + count] into the four bytes after it.

    `table` is REFLECTED, `order` LITTLE_ENDIAN or BIG_ENDIAN. Returns the index after
    the CRC. Allocates nothing.
    """
    low = 0xFFFF
    high = 0xFFFF
    end = start + count
    at = start
    while at < end:
        entry = ((low ^ buf[at]) & 255) * 2
        low = ((low >> 8) | ((high & 255) << 8)) ^ table[entry]
        high = (high >> 8) ^ table[entry + 1]
        at = at + 1
    low = low ^ 0xFFFF
    high = high ^ 0xFFFF
    buf[end + (0 ^ order)] = low & 255
    buf[end + (1 ^ order)] = low >> 8
    buf[end + (2 ^ order)] = high & 255
    buf[end + (3 ^ order)] = high >> 8
    return end + 4


@micropython.viper
def crc_matches(buf: ptr8, start: int, count: int, table: ptr16, order: int) -> int:
    """1 if the four bytes after buf[start : start + count] are its zlib CRC-32, else 0.

    `table` is REFLECTED, `order` LITTLE_ENDIAN or BIG_ENDIAN. Allocates nothing.
    """
    low = 0xFFFF
    high = 0xFFFF
    end = start + count
    at = start
    while at < end:
        entry = ((low ^ buf[at]) & 255) * 2
        low = ((low >> 8) | ((high & 255) << 8)) ^ table[entry]
        high = (high >> 8) ^ table[entry + 1]
        at = at + 1
    low = low ^ 0xFFFF ^ (buf[end + (0 ^ order)] + buf[end + (1 ^ order)] * 256)
    high = high ^ 0xFFFF ^ (buf[end + (2 ^ order)] + buf[end + (3 ^ order)] * 256)
    if low | high:
        return 0
    return 1


@micropython.viper
def crc_forward_matches(buf: ptr8, start: int, count: int, table: ptr16) -> int:
    """1 if the four bytes after buf[start : start + count] are its STIM300 CRC-32, else 0.

    The part pads a datagram with zero bytes to a multiple of four for the calculation
    only, and sends the CRC with its most significant byte first (data sheet TS1524,
    "Cyclic redundancy check"). `table` is FORWARD. Allocates nothing.
    """
    low = 0xFFFF
    high = 0xFFFF
    end = start + count
    padded_end = start + ((count + 3) & 0x3FFFFFFC)
    at = start
    while at < end:
        entry = ((high >> 8) ^ buf[at]) * 2
        high = (((high & 255) << 8) | (low >> 8)) ^ table[entry + 1]
        low = ((low & 255) << 8) ^ table[entry]
        at = at + 1
    while at < padded_end:
        entry = (high >> 8) * 2
        high = (((high & 255) << 8) | (low >> 8)) ^ table[entry + 1]
        low = ((low & 255) << 8) ^ table[entry]
        at = at + 1
    high = high ^ (buf[end] * 256 + buf[end + 1])
    low = low ^ (buf[end + 2] * 256 + buf[end + 3])
    if low | high:
        return 0
    return 1
