"""Arithmetic on several landings at once, and what kernels have exchanged: the bits that one landing gets."""

import math

import numpy as np
import pytest

from host_tools.campaign.abreast import kernels, noise, wholes
from host_tools.campaign.abreast.kernels import inner
from host_tools.world import lanes
from host_tools.world.compiled import compiled
from host_tools.world.lanes import ALL_LANES, LANES, at, choose, everywhere, put
from host_tools.world.normals import standard_normals
from plumbline.kernels import fixed

random = np.random.default_rng(1)


# --- doubles ---


@compiled
def everything(numbers, lane):
    """One of each operation on rows 0 and 1 of `numbers`, into the others."""
    a, b = at(numbers, 0, lane), at(numbers, 1, lane)
    put(numbers, 2, lane, a + b * 3.0 - 1.0 / (2.0 + b * b))
    put(numbers, 3, lane, choose((a < b) & (b >= 0.0), math.sqrt(abs(a)), -b))
    put(numbers, 4, lane, np.floor(a / b))
    put(numbers, 5, lane, lanes.sine(a) + lanes.cosine(b))
    put(numbers, 6, lane, lanes.divided(a, b, 1.0 / b))
    if everywhere((a > b) | (a <= b)):
        put(numbers, 7, lane, 1.0)


@compiled
def everything_at_once(numbers):
    everything(numbers, ALL_LANES)


def test_every_operation_gives_each_lane_what_it_gets_alone():
    for _ in range(2_000):
        together = np.zeros((8, LANES))
        together[:2] = random.normal(0.0, 1.0, (2, LANES)) * 10.0 ** random.integers(-6, 7, (2, LANES))
        alone = [together[:, lane].copy() for lane in range(LANES)]
        everything_at_once(together)
        for lane, numbers in enumerate(alone):
            everything(numbers, 0)
            assert numbers.tobytes() == together[:, lane].tobytes()


def test_division_by_a_known_inverse_is_division_to_the_last_bit():
    a = random.normal(0.0, 1.0, 200_000) * 10.0 ** random.integers(-9, 10, 200_000)
    for b in (0.002, 9.80665 * 320.0, math.radians(1.0) / 2**21, math.pi, 1.0 / 3.0):
        for x in a[:40_000]:
            assert lanes.divided(x, b, 1.0 / b) == x / b


# --- integers ---


@inner
def row(numbers, place):
    return wholes.fetch(wholes.column_of(numbers, place), 0)


@inner
def tell(out, place, value):
    wholes.keep(wholes.everybody(), wholes.column_of(out, 0), place, value)


@inner
def whole_operations(numbers, out):
    """Rows 0 and 1 of `numbers`, all lanes at once, into the rows of `out`."""
    a, b = row(numbers, 0), row(numbers, 1)
    tell(out, 0, a + b)
    tell(out, 1, a - b)
    tell(out, 2, (a >> 15) * (b >> 16))
    tell(out, 3, a // 128000)
    tell(out, 4, b // (0 - 7))
    tell(out, 5, (a & 16383) << 3)
    tell(out, 6, wholes.clamp(a, 0 - 5000, b))
    tell(out, 7, wholes.as_int(a))
    tell(out, 8, (a | 1) ^ b)
    tell(out, 9, wholes.pick(wholes.both(a != b, wholes.either(a < 0, b == 0)), a, b))
    tell(out, 10, wholes.bits_of(a & 1023))


@inner
def quotients(numbers, out):
    n, d, bits = row(numbers, 0), row(numbers, 1), row(numbers, 2)
    tell(out, 0, wholes.divide(n, d, bits))
    tell(out, 1, kernels.divide_signed(n, d, bits))


@inner
def quotient(n, d, bits):
    return wholes.divide(n, d, bits)


@inner
def root(x):
    return wholes.isqrt(x)


@inner
def roots_of_all_lanes(numbers, out):
    """The roots of row 0."""
    tell(out, 0, wholes.isqrt(row(numbers, 0)))


@inner
def held(x, low, high):
    return wholes.clamp(x, low, high)


def test_whole_numbers_of_all_lanes_go_as_pythons():
    for _ in range(2_000):
        numbers = random.integers(-(1 << 28), 1 << 28, (2, LANES)).astype(np.int32)
        out = np.zeros((11, LANES), np.int32)
        whole_operations(numbers, out)
        bits = int(np.bitwise_or.reduce(numbers[0] & 1023))
        for lane in range(LANES):
            a, b = (int(x) for x in numbers[:, lane])
            held_a = -5000 if a < -5000 else min(a, b)  # the lower limit is looked at first
            expected = [
                a + b,
                a - b,
                (a >> 15) * (b >> 16),
                a // 128000,
                b // -7,
                (a & 16383) << 3,
                held_a,
                a,
                (a | 1) ^ b,
                a if a != b and (a < 0 or b == 0) else b,
                bits,
            ]
            assert list(out[:, lane]) == expected


def division_cases() -> list[tuple[int, int, int]]:
    """Edges of saturation, and all sizes alike, so that small and too large quotients are met as often."""
    edges = [0, 1, 2, 3, (1 << 28) - 1, 1 << 28, (1 << 29) - 1, (1 << 30) - 1]
    cases = [(n, d, bits) for n in [*edges, -1, -7] for d in [*edges[:-1], -1] for bits in range(30)]
    for _ in range(50_000):
        n, d = (int(x) for x in random.integers(0, 1 << random.integers(1, 31), 2))
        cases.append((n, min(d, (1 << 29) - 1), int(random.integers(0, 30))))
    return cases


def test_the_exchanged_quotient_is_the_kernels():
    for case in division_cases():
        assert quotient(*case) == fixed.divide(*case), case


def test_the_exchanged_quotients_of_all_lanes_are_the_kernels():
    cases = division_cases()
    for first in range(0, len(cases) - LANES, LANES):
        some = cases[first : first + LANES]
        out = np.zeros((2, LANES), np.int32)
        quotients(np.array(some, np.int32).T.copy(), out)
        assert list(out[0]) == [fixed.divide(*case) for case in some]
        assert list(out[1]) == [fixed.divide_signed(*case) for case in some]


def test_the_exchanged_clamp_is_the_kernels_also_where_the_limits_cross():
    for x in range(-4, 5):
        for low in range(-3, 4):
            for high in range(-3, 4):
                assert held(x, low, high) == fixed.clamp(x, low, high)


def test_the_exchanged_square_root_is_the_kernels_for_every_argument():
    # both are step functions: equal at each square and right before it, they are equal everywhere
    roots = np.arange(1, 1 << 15, dtype=np.int64)
    for x in np.concatenate((roots**2 - 1, roots**2, [-5, -1, 0, (1 << 30) - 1])):
        assert root(int(x)) == fixed.isqrt(int(x)) == math.isqrt(max(int(x), 0))


def test_the_exchanged_square_root_of_all_lanes_is_the_kernels():
    for x in range(-1, 1 << 30, 3_000_017):
        numbers, out = np.full((1, LANES), x, np.int32), np.zeros((1, LANES), np.int32)
        numbers[0] += np.arange(LANES)
        roots_of_all_lanes(numbers, out)
        assert out[0].tolist() == [fixed.isqrt(int(each)) for each in numbers[0]]


# --- numpy's random numbers ---


def test_noise_is_numpys_stream_number_by_number():
    generators = [np.random.Generator(np.random.SFC64(seed)) for seed in range(LANES)]
    states = np.stack([noise.state_of(generator) for generator in generators], axis=-1)
    drawn, room = np.zeros((5, 6, LANES)), np.zeros(LANES, np.uint64)
    for _ in range(4_000):  # a million numbers, of which one in ninety leaves its layer's box
        noise.fill(states, drawn, room)
        for lane, generator in enumerate(generators):
            assert np.array_equal(drawn[:, :, lane], generator.standard_normal((5, 6)))
    for lane, generator in enumerate(generators):
        one = noise.uniform(states, lane), noise.normal(states, lane), noise.uniform(states, lane)
        assert one == (generator.random(), generator.standard_normal(), generator.random())


def test_a_generator_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="MT19937"):
        noise.state_of(np.random.Generator(np.random.MT19937(1)))


def test_normals_for_the_ground_are_numpys_and_leave_the_generator_where_numpy_does():
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    assert np.array_equal(standard_normals(ours, 200_001), theirs.standard_normal(200_001))
    assert ours.random() == theirs.random()
