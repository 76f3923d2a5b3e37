"""What the prover's arithmetic says of ranges holds for every number in them."""

import operator
import random

import pytest

from host_tools.proof import arithmetic, intervals
from host_tools.proof.facts import State, Value
from host_tools.proof.intervals import Range, between, exactly, meet, union, without

OPERATORS = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "BitXor": operator.xor,
}


def some_range(noise: random.Random, low: int, high: int) -> Range:
    """An interval or a few points within low..high, of any size."""
    if noise.random() < 0.3:
        return exactly(*(noise.randint(low, high) for _ in range(noise.randint(1, 6))))
    start = noise.randint(low, high)
    return between(start, min(high, start + noise.randrange(1 << noise.randrange(1, 31))))


def members(noise: random.Random, one: Range) -> list[int]:
    inner = one.points or [noise.randint(one.low, one.high) for _ in range(6)]
    return [one.low, one.high, *inner]


@pytest.mark.parametrize("name", OPERATORS)
def test_every_result_is_a_member_of_the_result(name):
    noise = random.Random(name)
    for _ in range(1500):
        one = some_range(noise, -(2**30), 2**30 - 1)
        other = some_range(noise, -(2**30), 2**30 - 1)
        if name in ("LShift", "RShift"):
            other = some_range(noise, 0, 30)
        if name in ("FloorDiv", "Mod"):
            other = exactly(noise.choice((1, -1, 7, -9, 1000, 128_000)))
        result = arithmetic.FUNCTIONS[name](one, other)
        for x in members(noise, one):
            for y in members(noise, other):
                assert OPERATORS[name](x, y) in result, f"{name} of {x} in {one}, {y} in {other}"


def test_few_points_stay_exact():
    # {1, 4} * {10, 100} has four products, not the interval from 10 to 400.
    assert intervals.multiply(exactly(1, 4), exactly(10, 100)).points == (10, 40, 100, 400)
    assert 20 not in intervals.multiply(exactly(1, 4), exactly(10, 100))


def test_sets_behave_as_sets():
    assert union(between(0, 100), exactly(200)) == between(0, 200)
    assert union(exactly(1), exactly(5)).points == (1, 5)
    assert meet(between(0, 100), between(50, 200)) == between(50, 100)
    assert meet(between(0, 100), exactly(7, 300)) == exactly(7)
    assert meet(between(0, 10), between(11, 20)) is None
    assert without(exactly(0, 1), 0) == exactly(1)
    assert without(exactly(0), 0) is None
    assert without(between(0, 100), 100) == between(0, 99)


def test_bits_are_those_of_the_smallest_signed_integer():
    assert [between(0, n).bits for n in (0, 1, 255, 2**30 - 1)] == [1, 2, 9, 31]
    assert [between(-n, 0).bits for n in (1, 128, 129, 2**30)] == [1, 8, 9, 31]


def ranged(state: State, operation: str, left: Value, right: Value) -> Value:
    return arithmetic.operate(state, operation, left, right)


def a_value(low: int, high: int) -> Value:
    return Value(between(low, high), "argument")


def number(value: int) -> Value:
    return Value(exactly(value), "argument")


def test_a_square_is_not_negative():
    state, x = State(), a_value(-100, 50)
    assert ranged(state, "Mult", x, x).range == between(0, 10_000)
    assert ranged(state, "Mult", x, a_value(-100, 50)).range == between(-5_000, 10_000)


def test_a_difference_of_squares_is_one_of_squares():
    state, a, b = State(), a_value(0, 100), a_value(-50, 100)
    product = ranged(state, "Mult", ranged(state, "Sub", a, b), ranged(state, "Add", a, b))
    # 100^2 at most and -100^2 at least; (100 + 50) * (100 + 100) = 30,000 cannot be.
    assert product.range == between(-10_000, 10_000)


def test_what_whole_parts_leave_is_a_remainder():
    state, x = State(), a_value(-1000, 1000)
    whole = ranged(state, "Mult", ranged(state, "FloorDiv", x, number(60)), number(60))
    assert ranged(state, "Sub", x, whole).range == between(0, 59)
    other = ranged(state, "Mult", ranged(state, "FloorDiv", x, number(60)), number(61))
    assert not ranged(state, "Sub", x, other).range.within(between(0, 59))


def test_a_step_toward_a_target_stays_between():
    state, old, target = State(), a_value(-160, 160), a_value(0, 100)
    step = ranged(state, "RShift", ranged(state, "Sub", target, old), number(5))
    # floor((31 * -160 + 0) / 32) = -155 and floor((31 * 160 + 100) / 32) = 158
    assert ranged(state, "Add", old, step).range == between(-155, 158)


def test_a_bound_between_two_values_outlives_doubling_and_subtraction():
    state, r, d = State(), a_value(0, 500), a_value(1, 500)
    assert arithmetic.assume(state, "Lt", r, d)
    bit = a_value(0, 1)
    doubled = ranged(state, "BitOr", ranged(state, "LShift", r, number(1)), bit)
    assert arithmetic.assume(state, "GtE", doubled, d)
    left = ranged(state, "Sub", doubled, d)
    # r <= d - 1, so 2 r + 1 - d <= d - 1 <= 499; and not negative, as it was not below d
    assert state.range_of(left) == between(0, 499)
