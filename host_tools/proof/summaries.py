"""Postconditions of the arithmetic in kernels/fixed.py that intervals alone are too coarse for.

A summary narrows what the interpreter finds; it never replaces the check of the intermediates.
Each belongs to one text of its function: `digest` changes with the code, and the summary is then no
longer believed. Proofs are in the docstrings; tests_host/test_summaries.py runs each against its
function, over the whole domain where there is one argument.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

from host_tools.proof.intervals import Range, between, hull, union
from host_tools.proof.program import Function

_SATURATED = (1 << 29) - 1


def _mul_q14(arguments: list[Range], _same: bool) -> Range:
    """floor(x k / 2^14): with x = 2^14 h + l, x k / 2^14 = h k + l k / 2^14, and h k is whole.

    The product grows or falls with each factor, so its extremes are at the corners.
    """
    x, k = arguments
    return hull((a * b) >> 14 for a in (x.low, x.high) for b in (k.low, k.high))


def _mul_q29(arguments: list[Range], same: bool) -> Range:
    """floor((x y + 2^28) / 2^29): with x = 2^15 a + b and y = 2^15 c + d the product over 2^29 is
    2 a c + (a d + b c) / 2^14 + b d / 2^29. `>> 14` of each cross product and of the sum of what they
    leave loses nothing; b d's bits below 2^15 cannot carry, being less than one unit of that sum.
    """
    x, y = arguments
    corners = [a * b for a in (x.low, x.high) for b in (y.low, y.high)]
    least = min(corners)
    if same:
        least = 0 if x.low <= 0 <= x.high else min(x.low**2, x.high**2)
    return between((least + (1 << 28)) >> 29, (max(corners) + (1 << 28)) >> 29)


def _divide(arguments: list[Range], _same: bool) -> Range:
    """min(floor(n 2^bits / d), 2^29 - 1), or 2^29 - 1 where n < 0 or d <= 0.

    Before each turn n 2^k = quotient d + remainder over the bits taken so far, and 0 <= remainder < d.
    A quotient above 2^28 - 1 with a turn to come would reach 2^29 - 1 or more, or just saturates early:
    the quotient doubles, so it is at least 2^29. The quotient grows with n and bits and falls with d.
    """
    n, d, bits = arguments
    saturated = between(_SATURATED, _SATURATED)
    if n.high < 0 or d.high <= 0:
        return saturated
    least = (max(n.low, 0) << max(bits.low, 0)) // d.high
    most = (n.high << max(bits.high, 0)) // max(d.low, 1)
    result = between(min(least, _SATURATED), min(most, _SATURATED))
    return union(result, saturated) if n.low < 0 or d.low <= 0 else result


def _isqrt(arguments: list[Range], _same: bool) -> Range:
    """floor(sqrt(x)), 0 for a negative x; it grows with x."""
    (x,) = arguments
    return between(math.isqrt(max(x.low, 0)), math.isqrt(max(x.high, 0)))


@dataclass(frozen=True)
class Summary:
    """A postcondition, and the text that it was proved for."""

    digest: str
    postcondition: Callable[[list[Range], bool], Range]


SUMMARIES = {
    "fixed.mul_q14": Summary("48e5cb5aa815", _mul_q14),
    "fixed.mul_q29": Summary("8c05625dc312", _mul_q29),
    "fixed.divide": Summary("0b62cf641819", _divide),
    "fixed.isqrt": Summary("b8679d9c1ac3", _isqrt),
}


def digest(function: Function) -> str:
    return hashlib.sha256(function.text.encode()).hexdigest()[:12]


def summary_of(function: Function) -> Summary | None:
    """The summary of a function whose text is still the one that was proved."""
    summary = SUMMARIES.get(function.name)
    return summary if summary and summary.digest == digest(function) else None
