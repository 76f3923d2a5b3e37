"""What is known at one point of a program: which value each name and slot holds, and facts about values.

A value is a node of the expression that made it, so that two names with one value share
everything that is learnt about it. Facts: a narrowed range, and `value <= a * other + b`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from host_tools.proof.intervals import Range, exactly, meet, union, without

Bound = tuple[int, int]  # (a, b): at most a * other + b


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One integer of the run: the range it was born with and how it was made."""

    range: Range
    operation: str = ""
    operands: tuple["Value", ...] = ()


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a parameter of type ptr8, ptr16 or ptr32 holds: the name of an array."""

    array: str


UNSET = Value(exactly(0), "unset")  # a local that some path leaves without a value


@cache
def constant(number: int) -> Value:
    """One value for each number, so that two paths with the same number agree."""
    return Value(exactly(number), "constant")


@dataclass(slots=True)
class State:
    """One path, or several that have met."""

    names: dict[str, Value | Pointer] = field(default_factory=dict)
    arrays: dict[str, dict[int, Value]] = field(default_factory=dict)
    narrowed: dict[Value, Range] = field(default_factory=dict)
    bounds: dict[Value, dict[Value, Bound]] = field(default_factory=dict)

    def copy(self) -> "State":
        arrays = {name: dict(cells) for name, cells in self.arrays.items()}
        return State(dict(self.names), arrays, dict(self.narrowed), dict(self.bounds))

    def range_of(self, value: Value) -> Range:
        return self.narrowed.get(value, value.range)

    # --- facts ------------------------------------------------------------------------

    def narrow(self, value: Value, wanted: Range | None) -> bool:
        """Learn that a value lies in a range; False when it cannot, so that nobody comes here."""
        left = meet(self.range_of(value), wanted) if wanted else None
        if left is None:
            return False
        self.narrowed[value] = left
        return True

    def exclude(self, value: Value, number: int) -> bool:
        return self.narrow(value, without(self.range_of(value), number))

    def at_most(self, value: Value, other: Value, bound: Bound) -> None:
        """Learn that value <= a * other + b."""
        if other.operation != "constant" and value.operation != "constant":
            self.bounds[value] = {**self.bounds.get(value, {}), other: bound}

    def offset(self, value: Value, other: Value, slope: int) -> int:
        """The least known b of value <= slope * other + b, for a slope of 0 or more."""
        known = self.bounds.get(value, {}).get(other)
        by_range = self.range_of(value).high - slope * self.range_of(other).low
        if known and known[0] == slope:
            return min(known[1], by_range)
        return by_range


def join(one: State | None, other: State | None) -> State | None:
    """What is known where two paths meet; None is a path that nobody takes."""
    if one is None or other is None:
        return one or other
    return _Join(one, other).result()


class _Join:
    """Makes one value of each pair that differs, the same one wherever the same pair stands."""

    def __init__(self, one: State, other: State) -> None:
        self.one, self.other = one, other
        self.joined = State()
        self.made: dict[tuple[Value, Value], Value] = {}

    def result(self) -> State:
        joined = self.joined
        joined.names = dict(self._names())
        for array, cells in self.one.arrays.items():
            others = self.other.arrays[array]
            joined.arrays[array] = {
                slot: value if value is others[slot] else self._value(value, others[slot])
                for slot, value in cells.items()
            }
        for value, narrowed in self.one.narrowed.items():
            if value in self.other.narrowed:
                joined.narrowed[value] = union(narrowed, self.other.narrowed[value])
        for value, bounds in self.one.bounds.items():
            kept = self._common(bounds, self.other.bounds.get(value, {}))
            if kept:
                joined.bounds[value] = kept
        for pair, value in self.made.items():
            self._bound(pair, value)
        return joined

    def _names(self) -> Iterator[tuple[str, Value | Pointer]]:
        for name in {**self.one.names, **self.other.names}:
            first, second = self.one.names.get(name, UNSET), self.other.names.get(name, UNSET)
            if first is second or isinstance(first, Pointer) or isinstance(second, Pointer):
                yield name, first
            else:
                yield name, UNSET if UNSET in (first, second) else self._value(first, second)

    def _value(self, first: Value, second: Value) -> Value:
        if (first, second) not in self.made:
            possible = union(self.one.range_of(first), self.other.range_of(second))
            same = first.operation == second.operation == "constant" and possible.is_one
            self.made[first, second] = first if same else Value(possible, "either")
        return self.made[first, second]

    @staticmethod
    def _common(first: dict[Value, Bound], second: dict[Value, Bound]) -> dict[Value, Bound]:
        return {
            other: (slope, max(offset, second[other][1]))
            for other, (slope, offset) in first.items()
            if other in second and second[other][0] == slope
        }

    def _bound(self, pair: tuple[Value, Value], value: Value) -> None:
        """A bound that one path knows and the other one's ranges give holds for both."""
        first, second = pair
        known = {**self.one.bounds.get(first, {}), **self.other.bounds.get(second, {})}
        for limit, (slope, _) in known.items():
            offset = max(self.one.offset(first, limit, slope), self.other.offset(second, limit, slope))
            self.joined.at_most(value, limit, (slope, offset))
