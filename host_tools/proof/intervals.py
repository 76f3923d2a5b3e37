"""Sets of integers that a value may be one of: an interval, or up to sixteen single points.

Every function of this module is exact on points and never too small on intervals: what the
operation can give for members of its operands is a member of the result.

    add(between(0, 9), exactly(1))  ->  1..10
"""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

MOST_POINTS = 16
_MOST_PAIRS = 64  # above this many combinations the corners of the interval must do


@dataclass(frozen=True, slots=True)
class Range:
    """low..high; `points` lists the members where they are few."""

    low: int
    high: int
    points: tuple[int, ...] = ()

    def __contains__(self, value: int) -> bool:
        return value in self.points if self.points else self.low <= value <= self.high

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}..{self.high}"

    @property
    def is_one(self) -> bool:
        return self.low == self.high

    @property
    def bits(self) -> int:
        """Bits of the smallest signed integer that holds every member."""
        return max(self.high.bit_length(), (self.low ^ -1 if self.low < 0 else 0).bit_length()) + 1

    def within(self, other: "Range") -> bool:
        return other.low <= self.low and self.high <= other.high


def between(low: int, high: int) -> Range:
    """The interval, as points when it is short."""
    if high - low < MOST_POINTS // 2:
        return Range(low, high, tuple(range(low, high + 1)))
    return Range(low, high)


def exactly(*values: int) -> Range:
    """These values; an interval when they are many."""
    points = tuple(sorted(set(values)))
    return Range(points[0], points[-1], points if len(points) <= MOST_POINTS else ())


INT31 = between(-(1 << 30), (1 << 30) - 1)


def union(one: Range, other: Range) -> Range:
    """What is in one or the other, and for intervals what lies in between."""
    if one.points and other.points:
        return exactly(*one.points, *other.points)
    return Range(min(one.low, other.low), max(one.high, other.high))


def meet(one: Range, other: Range) -> Range | None:
    """What is in both, or None when nothing is."""
    if one.points or other.points:
        points = [value for value in one.points or other.points if value in one and value in other]
        return exactly(*points) if points else None
    low, high = max(one.low, other.low), min(one.high, other.high)
    return between(low, high) if low <= high else None


def without(one: Range, value: int) -> Range | None:
    """One range less one value, where that shortens it."""
    if one.points:
        points = [point for point in one.points if point != value]
        return exactly(*points) if points else None
    return between(one.low + (one.low == value), one.high - (one.high == value))


# --- operators ------------------------------------------------------------------------


def _corners(function: Callable[[int, int], int], one: Range, other: Range) -> Range:
    """For functions that are monotone in each operand."""
    results = [function(x, y) for x in (one.low, one.high) for y in (other.low, other.high)]
    return between(min(results), max(results))


def _pair(function: Callable[[int, int], int], one: Range, other: Range) -> Range | None:
    if one.points and other.points and len(one.points) * len(other.points) <= _MOST_PAIRS:
        return exactly(*(function(x, y) for x, y in product(one.points, other.points)))
    return None


def _monotone(function: Callable[[int, int], int]) -> Callable[[Range, Range], Range]:
    return lambda one, other: _pair(function, one, other) or _corners(function, one, other)


add = _monotone(operator.add)
subtract = _monotone(operator.sub)
multiply = _monotone(operator.mul)
shift_left = _monotone(operator.lshift)
shift_right = _monotone(operator.rshift)
floor_divide = _monotone(operator.floordiv)  # by a constant other than 0


def modulo(one: Range, other: Range) -> Range:
    """Python's remainder, by a constant other than 0."""
    divisor = other.low
    if one.low // divisor == one.high // divisor:
        return between(one.low % divisor, one.high % divisor)
    return between(0, divisor - 1) if divisor > 0 else between(divisor + 1, 0)


def _all_bits(one: Range, other: Range) -> int:
    """Everything of both lies in -n - 1..n, and so does what any bit operation makes of them."""
    return (1 << (max(one.bits, other.bits) - 1)) - 1


def bit_and(one: Range, other: Range) -> Range:
    exact = _pair(operator.and_, one, other)
    if exact:
        return exact
    if other.low < 0:
        one, other = other, one
    if other.low < 0:
        return between(-_all_bits(one, other) - 1, max(one.high, other.high, 0))
    mask = other.high
    is_mask = other.is_one and mask & (mask + 1) == 0
    if is_mask and one.low // (mask + 1) == one.high // (mask + 1):
        return between(one.low & mask, one.high & mask)
    return between(0, mask if one.low < 0 else min(mask, one.high))


def bit_or(one: Range, other: Range) -> Range:
    exact = _pair(operator.or_, one, other)
    if exact:
        return exact
    most = _all_bits(one, other)
    if one.low >= 0 and other.low >= 0:
        return between(max(one.low, other.low), min(most, one.high + other.high))
    return between(-most - 1, most)


def bit_xor(one: Range, other: Range) -> Range:
    exact = _pair(operator.xor, one, other)
    if exact:
        return exact
    most = _all_bits(one, other)
    return between(0 if one.low >= 0 and other.low >= 0 else -most - 1, most)


def square(one: Range) -> Range:
    """x * x, which is not what two independent values of that range may give."""
    if one.points:
        return exactly(*(x * x for x in one.points))
    largest = max(one.low * one.low, one.high * one.high)
    smallest = 0 if one.low <= 0 <= one.high else min(one.low * one.low, one.high * one.high)
    return between(smallest, largest)


def hull(values: Iterable[int]) -> Range:
    """The interval from the least to the largest."""
    listed = list(values)
    return between(min(listed), max(listed))
