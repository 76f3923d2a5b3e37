"""Fixed-point arithmetic that every kernel shares: products, quotient, square root.

Every intermediate stays in 31 bits (-2^30 to 2^30 - 1), so that CPython, numba,
bytecode and viper give the same bits. On a board these functions are unfolded into
their callers, because a call costs about 350 instructions on a Cortex-M0+.
"""

import micropython
from micropython import const

_LARGEST = const(536870911)  # 2^29 - 1: what a quotient saturates to


@micropython.viper
def mul_q14(x: int, k: int) -> int:
    """floor(x * k / 2^14) for |x| < 2^29 and |k| <= 2^14.

    Ranges: x -536_870_911..536_870_911, k -16_384..16_384.
    """
    return (x >> 14) * k + (((x & 16383) * k) >> 14)


@micropython.viper
def mul_q29(x: int, y: int) -> int:
    """x * y / 2^29 to the nearest integer (halves up), for |x| < 2^29 and |y| <= 2^29.

    To the nearest, because attitude adds 12 products a tick for 80,000 ticks: half a bit
    too low each time would turn the lander by 1e-4 rad. Both factors are split into a
    signed high part and 15 low bits; the two cross products can reach 2^29 each, so their
    sum is formed from shifted halves.
    Ranges: x -536_870_911..536_870_911, y -536_870_912..536_870_912.
    """
    x_high = x >> 15
    x_low = x & 32767
    y_high = y >> 15
    y_low = y & 32767
    cross_a = x_high * y_low
    cross_b = x_low * y_high
    carry = (cross_a & 16383) + (cross_b & 16383) + ((x_low * y_low) >> 15) + 8192
    return ((x_high * y_high) << 1) + (cross_a >> 14) + (cross_b >> 14) + (carry >> 14)


@micropython.viper
def divide(n: int, d: int, bits: int) -> int:
    """floor(n * 2^bits / d) for 0 <= n < 2^30, 0 < d < 2^29 and 0 <= bits <= 29.

    Restoring division, because `//` by a variable differs between processors when
    it goes wrong. Too large a quotient, or d <= 0, gives 2^29 - 1.
    Ranges: n int31, d -1_073_741_824..536_870_911, bits 0..29.
    """
    if d <= 0 or n < 0:
        return _LARGEST
    quotient = 0
    remainder = 0
    position = 29
    while position >= 0:
        remainder = (remainder << 1) | ((n >> position) & 1)
        quotient = quotient << 1
        if remainder >= d:
            remainder = remainder - d
            quotient = quotient | 1
        position = position - 1
    while bits > 0:
        if quotient > 268435455:  # 2^28 - 1: the next doubling could leave 2^29
            return _LARGEST
        remainder = remainder << 1
        quotient = quotient << 1
        if remainder >= d:
            remainder = remainder - d
            quotient = quotient | 1
        bits = bits - 1
    if quotient > _LARGEST:
        return _LARGEST
    return quotient


@micropython.viper
def divide_signed(n: int, d: int, bits: int) -> int:
    """n * 2^bits / d truncated toward zero, for |n| < 2^30 and 0 < d < 2^29.

    Ranges: n -1_073_741_823..1_073_741_823, d -1_073_741_824..536_870_911, bits 0..29.
    """
    if n < 0:
        return 0 - int(divide(0 - n, d, bits))
    return int(divide(n, d, bits))


@micropython.viper
def isqrt(x: int) -> int:
    """floor(sqrt(x)) for 0 <= x < 2^30; 0 for a negative x.

    Ranges: x int31.
    """
    if x < 0:
        return 0
    root = 0
    bit = 268435456  # 4^14
    while bit > 0:
        trial = root + bit
        root = root >> 1
        if x >= trial:
            x = x - trial
            root = root + bit
        bit = bit >> 2
    return root


@micropython.viper
def clamp(x: int, low: int, high: int) -> int:
    """x held between low and high.

    Ranges: x int31, low int31, high int31.
    """
    if x < low:
        return low
    if x > high:
        return high
    return x


@micropython.viper
def magnitude(x: int, y: int, z: int) -> int:
    """Length of (x, y, z) for components within +-18,000; larger ones are held there.

    Ranges: x int31, y int31, z int31.
    """
    x = int(clamp(x, -18000, 18000))
    y = int(clamp(y, -18000, 18000))
    z = int(clamp(z, -18000, 18000))
    return int(isqrt(x * x + y * y + z * z))
