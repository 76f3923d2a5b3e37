"""Every summary that the prover believes holds for its function, as its text was when it was proved."""

import ast
import math
import random

import numba
import numpy as np
import pytest

from host_tools.proof.intervals import Range, between
from host_tools.proof.program import KERNELS, Module
from host_tools.proof.summaries import SUMMARIES, digest, summary_of
from plumbline.kernels import fixed

FUNCTIONS = {f"fixed.{name}": getattr(fixed, name) for name in ("mul_q14", "mul_q29", "divide", "isqrt")}
DOMAINS = {
    "fixed.mul_q14": [(1 - 2**29, 2**29 - 1), (-(2**14), 2**14)],
    "fixed.mul_q29": [(1 - 2**29, 2**29 - 1), (-(2**29), 2**29)],
    "fixed.divide": [(-(2**30), 2**30 - 1), (-(2**30), 2**29 - 1), (0, 29)],
    "fixed.isqrt": [(-(2**30), 2**30 - 1)],
}


def some_interval(noise: random.Random, low: int, high: int) -> Range:
    size = 1 << noise.randrange(31)
    start = noise.choice((low, high, 0, noise.randint(low, high), noise.randint(-size, size)))
    start = max(low, min(high, start))
    return between(start, min(high, start + noise.randrange(1 << noise.randrange(1, 31))))


@pytest.mark.parametrize("name", SUMMARIES)
def test_results_are_within_the_summary(name):
    noise = random.Random(name)
    function, summary = FUNCTIONS[name], SUMMARIES[name]
    for _ in range(5000):
        ranges = [some_interval(noise, *domain) for domain in DOMAINS[name]]
        allowed = summary.postcondition(ranges, False)
        for _ in range(8):
            arguments = [noise.choice((r.low, r.high, noise.randint(r.low, r.high))) for r in ranges]
            assert int(function(*arguments)) in allowed, (arguments, ranges, allowed)


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_is_exact_at_single_arguments(name):
    noise = random.Random(name)
    for _ in range(5000):
        arguments = [some_interval(noise, *domain).low for domain in DOMAINS[name]]
        allowed = SUMMARIES[name].postcondition([between(x, x) for x in arguments], False)
        result = int(FUNCTIONS[name](*arguments))
        if name == "fixed.divide" and (arguments[0] < 0 or arguments[1] <= 0):
            assert result == allowed.high  # the summary also allows what a valid divisor would give
        else:
            assert (allowed.low, allowed.high) == (result, result), arguments


def test_the_summary_of_a_square_is_not_negative():
    noise = random.Random(5)
    for _ in range(5000):
        one = some_interval(noise, 1 - 2**29, 2**29 - 1)
        x = noise.choice((one.low, one.high, noise.randint(one.low, one.high)))
        assert int(fixed.mul_q29(x, x)) in SUMMARIES["fixed.mul_q29"].postcondition([one, one], True)
    assert SUMMARIES["fixed.mul_q29"].postcondition([between(-5, 5)] * 2, True).low == 0


@numba.njit
def _roots_up_to(end: int, isqrt) -> int:
    """The first x below `end` whose root is wrong, or -1."""
    root = 0
    for x in range(end):
        if x == (root + 1) * (root + 1):
            root += 1
        if isqrt(x) != root:
            return x
    return -1


def test_roots_are_right_and_grow_over_four_million_inputs_and_around_every_square():
    # All 2^30 inputs are run by the cross-check.
    assert _roots_up_to(1 << 22, fixed.isqrt) == -1
    for root in np.arange(1, 32768).tolist():
        square = root * root
        assert (fixed.isqrt(square - 1), fixed.isqrt(square)) == (root - 1, root)
    assert fixed.isqrt(2**30 - 1) == math.isqrt(2**30 - 1)


def test_a_changed_function_loses_its_summary():
    path = KERNELS / "fixed.py"
    for name, summary in SUMMARIES.items():
        assert digest(Module(path).functions[name.split(".")[1]]) == summary.digest
    changed = Module(path, ast.parse(path.read_text().replace("bit >> 2", "bit >> 1")))
    assert summary_of(changed.functions["isqrt"]) is None
    documented = path.read_text().replace("floor(sqrt(x))", "The root")
    assert summary_of(Module(path, ast.parse(documented)).functions["isqrt"]) is not None
