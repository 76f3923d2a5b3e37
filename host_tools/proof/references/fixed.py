"""Products, quotient and root as exact integers; witnesses of another origin for the same.

int64 holds every exact product and shifted dividend here (at most 2^59). The witnesses are
apytypes (its own C++), Fraction, math.isqrt and mpmath.
"""

import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from apytypes import APyFixedArray, OverflowMode, QuantizationMode
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer

Column = NDArray[np.int64]
SATURATED = 2**29 - 1


def mul_q14(x: Column, k: Column) -> Answer:
    """The greatest integer that is not above x k / 2^14."""
    return Answer((x * k) // 2**14)


def mul_q29(x: Column, y: Column) -> Answer:
    """The integer nearest to x y / 2^29; a half goes up."""
    return Answer((2 * x * y + 2**29) // 2**30)


def divide(n: Column, d: Column, bits: Column) -> Answer:
    """floor(n 2^bits / d), saturated; also for what is no divisor."""
    return Answer(_quotient(n, d, bits))


def divide_signed(n: Column, d: Column, bits: Column) -> Answer:
    """Toward zero: sign and size apart."""
    size = _quotient(np.abs(n), d, bits)
    return Answer(np.where(n < 0, -size, size))


def _quotient(n: Column, d: Column, bits: Column) -> Column:
    exact = (n * 2**bits) // np.maximum(d, 1)
    return np.where(d > 0, np.minimum(exact, SATURATED), SATURATED)


def isqrt(x: Column) -> Answer:
    """The r with r^2 <= x < (r + 1)^2; the guess of the floating-point unit is held against that."""
    square = np.maximum(x, 0)
    root = np.sqrt(square.astype(np.float64)).astype(np.int64)
    if not ((root * root <= square) & (square < (root + 1) * (root + 1))).all():
        raise ArithmeticError("the reference's own root is wrong")
    return Answer(root)


def clamp(x: Column, low: Column, high: Column) -> Answer:
    """The middle one of the three."""
    return Answer(np.sort([x, low, high], axis=0)[1])


def magnitude(x: Column, y: Column, z: Column) -> Answer:
    """Length of the vector whose components are held within 18,000."""
    x, y, z = (np.clip(value, -18_000, 18_000) for value in (x, y, z))
    return isqrt(x * x + y * y + z * z)


# --- witnesses: the same by other means, for as many vectors as their speed allows ----------


def _product(x: Column, y: Column, bits: int, rounding: QuantizationMode) -> list[int]:
    left = APyFixedArray([int(v) for v in x], int_bits=31, frac_bits=0)
    right = APyFixedArray([int(v) for v in y], int_bits=31 - bits, frac_bits=bits)
    product = (left * right).cast(int_bits=34, frac_bits=0, quantization=rounding, overflow=OverflowMode.WRAP)
    words = np.array(product.to_bits(), np.int64)
    return [int(word) for word in np.where(words >= 2**33, words - 2**34, words)]


def mul_q14_witness(x: Column, k: Column) -> list[int]:
    """apytypes, truncated toward minus infinity."""
    return _product(x, k, 14, QuantizationMode.TRN)


def mul_q29_witness(x: Column, y: Column) -> list[int]:
    """apytypes, rounded to the nearest, halves up."""
    return _product(x, y, 29, QuantizationMode.RND)


def divide_witness(n: Column, d: Column, bits: Column) -> list[int]:
    """Exact rationals."""
    rows = zip(n.tolist(), d.tolist(), bits.tolist(), strict=True)
    return [min(SATURATED, math.floor(Fraction(a * 2**c, b))) if b > 0 else SATURATED for a, b, c in rows]


def divide_signed_witness(n: Column, d: Column, bits: Column) -> list[int]:
    """Exact rationals, truncated."""
    sizes = divide_witness(abs(n), d, bits)
    return [-size if a < 0 else size for a, size in zip(n.tolist(), sizes, strict=True)]


def isqrt_witness(x: Column) -> list[int]:
    """math.isqrt."""
    return [math.isqrt(max(0, value)) for value in x.tolist()]


def clamp_witness(x: Column, low: Column, high: Column) -> list[int]:
    """Python's own sorting."""
    return [sorted(row)[1] for row in zip(x.tolist(), low.tolist(), high.tolist(), strict=True)]


def magnitude_witness(*components: Column) -> list[int]:
    """math.isqrt over Python integers."""
    held = [[max(-18_000, min(18_000, value)) for value in column.tolist()] for column in components]
    return [math.isqrt(sum(value * value for value in row)) for row in zip(*held, strict=True)]


def worst_root_error() -> tuple[float, int]:
    """How far the integer root lies below the real one, over all 2^30 values, and for which.

    Between two squares the gap grows, so it is largest just before the next square; mpmath with
    30 digits tells those 32,768 apart.
    """
    worst: tuple[Any, int] = (mpmath.mpf(0), 0)
    with mpmath.workdps(30):
        for root in range(2**15):
            x = min((root + 1) ** 2 - 1, 2**30 - 1)
            worst = max(worst, (mpmath.sqrt(x) - root, x))
    return float(worst[0]), worst[1]
