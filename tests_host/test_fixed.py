"""kernels/fixed.py against exact integers and rationals, over the domains that it promises."""

import math
from fractions import Fraction

import pytest
from checked_int import plain_copies
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plumbline.kernels import fixed

BIG = 2**29
LARGEST = 2**29 - 1  # what a quotient saturates to
MODES = {"compiled": fixed, "plain": plain_copies(fixed)[0]}


@pytest.fixture(scope="module", params=MODES)
def kernel(request):
    return MODES[request.param]


def around(low: int, high: int):
    """Integers of a range; its edges, powers of two and their neighbours often."""
    edges = {low, low + 1, high - 1, high, 0, 1, -1}
    edges |= {sign * 2**n + d for n in range(31) for sign in (1, -1) for d in (-1, 0, 1)}
    near = sorted(edge for edge in edges if low <= edge <= high)
    return st.one_of(st.sampled_from(near), st.integers(low, high))


quick = settings(max_examples=300, deadline=None)


@quick
@given(x=around(-BIG + 1, BIG - 1), k=around(-(2**14), 2**14))
def test_a_gain_is_the_floor_of_the_exact_product(kernel, x, k):
    assert kernel.mul_q14(x, k) == math.floor(Fraction(x * k, 2**14))


@quick
@given(x=around(-BIG + 1, BIG - 1), y=around(-BIG, BIG))
@example(x=BIG - 1, y=BIG)
@example(x=1, y=BIG // 2)  # exactly one half, which goes up
@example(x=-1, y=BIG // 2)  # and minus one half goes to 0
def test_a_cosine_product_is_the_nearest_integer_halves_up(kernel, x, y):
    assert kernel.mul_q29(x, y) == math.floor(Fraction(x * y, 2**29) + Fraction(1, 2))


@quick
@given(n=around(0, 2**30 - 1), d=around(1, BIG - 1), bits=st.integers(0, 29))
@example(n=2**30 - 1, d=1, bits=0)
@example(n=2**28, d=1, bits=1)  # 2^29: one more than there is room for
@example(n=2**28 - 1, d=1, bits=1)
def test_a_quotient_is_the_floor_or_the_largest(kernel, n, d, bits):
    assert kernel.divide(n, d, bits) == min(math.floor(Fraction(n * 2**bits, d)), LARGEST)


@quick
@given(n=around(-(2**30) + 1, 2**30 - 1), d=around(1, BIG - 1), bits=st.integers(0, 29))
def test_a_signed_quotient_goes_toward_zero_and_never_beyond_the_largest(kernel, n, d, bits):
    exact = math.trunc(Fraction(n * 2**bits, d))
    assert kernel.divide_signed(n, d, bits) == max(-LARGEST, min(LARGEST, exact))


@pytest.mark.parametrize("d", [0, -1, -BIG])
def test_division_by_what_is_not_positive_saturates(kernel, d):
    assert kernel.divide(5, d, 0) == LARGEST
    assert kernel.divide_signed(-5, d, 14) == -LARGEST


@quick
@given(x=around(-(2**30), 2**30 - 1))
def test_a_root_is_the_floor_of_the_exact_root(kernel, x):
    assert kernel.isqrt(x) == math.isqrt(max(0, x))


@quick
@given(root=around(0, 32767), d=st.sampled_from((-1, 0, 1)))
def test_roots_change_exactly_at_squares(kernel, root, d):
    x = max(0, root * root + d)
    assert kernel.isqrt(x) == math.isqrt(x)


@quick
@given(x=around(-(2**30), 2**30 - 1), a=around(-(2**30), 2**30 - 1), b=around(-(2**30), 2**30 - 1))
def test_a_clamped_value_is_the_median_of_it_and_its_limits(kernel, x, a, b):
    low, high = min(a, b), max(a, b)
    assert kernel.clamp(x, low, high) == sorted((low, x, high))[1]


component = st.one_of(around(-18000, 18000), around(-(2**30), 2**30 - 1))


@quick
@given(x=component, y=component, z=component)
def test_a_length_is_the_floor_of_the_exact_length_of_held_components(kernel, x, y, z):
    held = [max(-18000, min(18000, value)) for value in (x, y, z)]
    # 3 * 18,000^2 = 972,000,000 < 2^30
    assert kernel.magnitude(x, y, z) == math.isqrt(sum(value * value for value in held))


def test_both_modes_give_the_same_bits_on_random_words():
    # Plain against compiled beyond the hand-picked edges: 2,000 pairs from a fixed generator.
    word, compiled, slow = 1, MODES["compiled"], MODES["plain"]
    for _ in range(2000):
        word = (word * 6364136223846793005 + 1442695040888963407) % 2**64
        x, y = (word >> 34) - BIG, (word >> 4) % 2**30 - BIG
        x = max(x, 1 - BIG)
        assert compiled.mul_q29(x, y) == slow.mul_q29(x, y)
        assert compiled.divide_signed(x, abs(y) // 2 + 1, 7) == slow.divide_signed(x, abs(y) // 2 + 1, 7)
