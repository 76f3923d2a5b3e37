"""One operation on values: its range, and the identities that intervals alone do not see.

Each identity is exact algebra over the integers, named where it is used; the result is what
the interval and every identity allow together.
"""

import ast
from collections.abc import Callable, Iterator

from host_tools.proof import intervals
from host_tools.proof.facts import Bound, State, Value
from host_tools.proof.intervals import Range, meet

FUNCTIONS: dict[str, Callable[[Range, Range], Range]] = {
    "Add": intervals.add,
    "Sub": intervals.subtract,
    "Mult": intervals.multiply,
    "FloorDiv": intervals.floor_divide,
    "Mod": intervals.modulo,
    "LShift": intervals.shift_left,
    "RShift": intervals.shift_right,
    "BitAnd": intervals.bit_and,
    "BitOr": intervals.bit_or,
    "BitXor": intervals.bit_xor,
}


def name_of(operator: ast.operator) -> str:
    return type(operator).__name__


def operate(state: State, operation: str, left: Value, right: Value) -> Value:
    """The value of `left operation right`; its bounds are noted in the state."""
    result = FUNCTIONS[operation](state.range_of(left), state.range_of(right))
    for identity in _IDENTITIES.get(operation, ()):
        narrower = identity(state, left, right)
        if narrower:
            result = meet(result, narrower) or result
    bounds = dict(_bounds(state, operation, left, right))
    for other, (slope, offset) in bounds.items():
        result = _not_above(result, slope * state.range_of(other).high + offset)
    if operation == "Sub":
        result = _difference_of_ordered(state, left, right, result)
    value = Value(result, operation, (left, right))
    if bounds:
        state.bounds[value] = bounds
    return value


def _not_above(result: Range, high: int) -> Range:
    return result if high >= result.high else meet(result, Range(min(result.low, high), high)) or result


# --- bounds: value <= a * other + b, carried through an operation ------------------------


def _bounds(state: State, operation: str, left: Value, right: Value) -> Iterator[tuple[Value, Bound]]:
    of_left, of_right = state.bounds.get(left, {}), state.bounds.get(right, {})
    if not of_left and not of_right:
        return
    one, other = state.range_of(left), state.range_of(right)
    adds = operation == "Add" or (operation == "BitOr" and one.low >= 0 and other.low >= 0)
    if adds:  # x | y <= x + y where neither is negative
        for limit, (slope, offset) in of_left.items():
            yield limit, (slope, offset + other.high)
        for limit, (slope, offset) in of_right.items():
            yield limit, (slope, offset + one.high)
    elif operation == "Sub":
        for limit, (slope, offset) in of_left.items():
            if limit is right and slope > 0:
                yield limit, (slope - 1, offset)
            else:
                yield limit, (slope, offset - other.low)
    elif operation == "LShift" and other.is_one:
        for limit, (slope, offset) in of_left.items():
            yield limit, (slope << other.low, offset << other.low)


def _difference_of_ordered(state: State, left: Value, right: Value, result: Range) -> Range:
    """right <= left + b, so left - right >= -b."""
    slope, offset = state.bounds.get(right, {}).get(left, (0, 0))
    if slope == 1 and -offset > result.low:
        return meet(result, Range(-offset, max(result.high, -offset))) or result
    return result


# --- identities -----------------------------------------------------------------------


def _square(state: State, left: Value, right: Value) -> Range | None:
    """x * x is not negative."""
    return intervals.square(state.range_of(left)) if left is right else None


def _difference_of_squares(state: State, left: Value, right: Value) -> Range | None:
    """(a - b) * (a + b) = a * a - b * b."""
    if left.operation == "Add":
        left, right = right, left
    if (left.operation, right.operation) != ("Sub", "Add"):
        return None
    a, b = left.operands
    if right.operands not in ((a, b), (b, a)):
        return None
    return intervals.subtract(intervals.square(state.range_of(a)), intervals.square(state.range_of(b)))


def _remainder(state: State, left: Value, right: Value) -> Range | None:
    """x - x // c * c = x % c."""
    if right.operation != "Mult":
        return None
    quotient, factor = right.operands
    if quotient.operation != "FloorDiv" or quotient.operands[0] is not left:
        return None
    divisor = state.range_of(quotient.operands[1])
    if not divisor.is_one or divisor != state.range_of(factor):
        return None
    return intervals.modulo(state.range_of(left), divisor)


def _blend(state: State, left: Value, right: Value) -> Range | None:
    """a + ((t - a) >> k) = floor(((2^k - 1) a + t) / 2^k): it grows with a and t, and lies between them."""
    for a, step in ((left, right), (right, left)):
        if step.operation == "RShift" and step.operands[0].operation == "Sub":
            target, old = step.operands[0].operands
            if old is a:
                base, goal, shift = (state.range_of(value) for value in (a, target, step.operands[1]))
                return intervals.hull(
                    x + ((t - x) >> k)
                    for x in (base.low, base.high)
                    for t in (goal.low, goal.high)
                    for k in (shift.low, shift.high)
                )
    return None


_IDENTITIES: dict[str, tuple[Callable[[State, Value, Value], Range | None], ...]] = {
    "Mult": (_square, _difference_of_squares),
    "Sub": (_remainder,),
    "Add": (_blend,),
}

# --- comparisons ----------------------------------------------------------------------

_OPPOSITE = {"Lt": "GtE", "GtE": "Lt", "Gt": "LtE", "LtE": "Gt", "Eq": "NotEq", "NotEq": "Eq"}
_MIRRORED = {"Gt": "Lt", "GtE": "LtE"}
_FAR = 1 << 62


def opposite(comparison: str) -> str:
    return _OPPOSITE[comparison]


def possible(state: State, comparison: str, left: Value, right: Value) -> bool:
    """Can the comparison be true, as far as ranges tell?"""
    if comparison in _MIRRORED:
        comparison, left, right = _MIRRORED[comparison], right, left
    one, other = state.range_of(left), state.range_of(right)
    if comparison == "Lt":
        return left is not right and one.low < other.high
    if comparison == "LtE":
        return one.low <= other.high
    if comparison == "Eq":
        return meet(one, other) is not None
    return left is not right and not (one.is_one and one == other)


def assume(state: State, comparison: str, left: Value, right: Value) -> bool:
    """Learn that the comparison is true; False when it cannot be."""
    if comparison in _MIRRORED:
        comparison, left, right = _MIRRORED[comparison], right, left
    one, other = state.range_of(left), state.range_of(right)
    if comparison == "Eq":
        return state.narrow(left, other) and state.narrow(right, one)
    if comparison == "NotEq":
        fits = not other.is_one or state.exclude(left, other.low)
        return fits and (not one.is_one or state.exclude(right, one.low))
    gap = 1 if comparison == "Lt" else 0
    state.at_most(left, right, (1, -gap))
    return state.narrow(left, Range(-_FAR, other.high - gap)) and state.narrow(
        right, Range(one.low + gap, _FAR)
    )
