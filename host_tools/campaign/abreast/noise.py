"""numpy's random numbers, drawn inside the compiled loop: PCG64 and the ziggurat of `standard_normal`.

A generator's state is four uint64: state high and low, increment high and low. The streams are those of
numpy.random.Generator bit for bit (tests_host/test_lanes.py); the tables are numba's copy of numpy's.
O'Neill, PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms, 2014;
Marsaglia and Tsang, The Ziggurat Method for Generating Random Variables, 2000.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numba.np.random._constants import (
    fi_double,
    ki_double,
    wi_double,
    ziggurat_nor_inv_r,
    ziggurat_nor_r,
)
from numpy.typing import NDArray

from host_tools.campaign.abreast.kernels import inner
from host_tools.world.lanes import emitted

SIZE = 4
_HIGH, _LOW, _INCREMENT_HIGH, _INCREMENT_LOW = range(SIZE)
_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_MASK_64 = (1 << 64) - 1
_UNIFORM = 1.0 / (1 << 53)

_BYTE = np.uint64(0xFF)
_ONE, _EIGHT, _NINE, _ELEVEN = np.uint64(1), np.uint64(8), np.uint64(9), np.uint64(11)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_17, _58, _63 = np.uint64(17), np.uint64(58), np.uint64(63)


def state_of(generator: np.random.Generator) -> NDArray[np.uint64]:
    """The present state of a numpy generator on PCG64, as this module has it."""
    state = generator.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise ValueError(f"a generator on {state['bit_generator']}; only PCG64 is drawn here")
    words = []
    for number in (state["state"]["state"], state["state"]["inc"]):
        words += [number >> 64, number & _MASK_64]
    return np.array(words, np.uint64)


@emitted
def _advanced(_context: Any, high: Any, low: Any, increment_high: Any, increment_low: Any) -> Any:
    """state * multiplier + increment, 128 bits, as (high, low)."""
    signature = types.UniTuple(types.uint64, 2)(high, low, increment_high, increment_low)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)

        def joined(high: Any, low: Any) -> Any:
            return builder.or_(builder.shl(builder.zext(high, wide), wide(64)), builder.zext(low, wide))

        product = builder.mul(joined(*args[:2]), wide(_MULTIPLIER))
        state = builder.add(product, joined(*args[2:]))
        parts = builder.trunc(builder.lshr(state, wide(64)), word), builder.trunc(state, word)
        return context.make_tuple(builder, signature.return_type, parts)

    return signature, generate


@inner
def _output(high, low):
    """XSL-RR: the 64 random bits of a state."""
    mixed, turn = high ^ low, high >> _58
    return (mixed >> turn) | (mixed << ((np.uint64(64) - turn) & _63))


@inner
def _next(states, lane):
    """64 random bits of a lane's generator."""
    high, low = _advanced(
        states[lane, _HIGH], states[lane, _LOW], states[lane, _INCREMENT_HIGH], states[lane, _INCREMENT_LOW]
    )
    states[lane, _HIGH] = high
    states[lane, _LOW] = low
    return _output(high, low)


@inner
def uniform(states, lane):
    """Generator.random() of a lane's generator."""
    return (_next(states, lane) >> _ELEVEN) * _UNIFORM


@inner
def _proposed(bits):
    """(normal number, whether it lies within its layer's box) of 64 random bits: nearly always the result."""
    layer = np.int64(bits & _BYTE)
    size = (bits >> _NINE) & _MANTISSA
    x = np.float64(np.int64(size)) * wi_double[layer]
    return -x if (bits >> _EIGHT) & _ONE else x, size < ki_double[layer]


@inner
def _decided(states, lane, bits, x):
    """What becomes of one proposal in ninety, that lies outside its box; nan: draw again."""
    layer = np.int64(bits & _BYTE)
    if layer == 0:
        while True:
            beyond = -ziggurat_nor_inv_r * math.log1p(-uniform(states, lane))
            height = -math.log1p(-uniform(states, lane))
            if height + height > beyond * beyond:
                far = ziggurat_nor_r + beyond
                return -far if (bits >> _17) & _ONE else far
    below = fi_double[layer]
    if (fi_double[layer - 1] - below) * uniform(states, lane) + below < math.exp(-0.5 * x * x):
        return x
    return math.nan


@inner
def normal(states, lane):
    """Generator.standard_normal() of a lane's generator."""
    while True:
        bits = _next(states, lane)
        x, inside = _proposed(bits)
        if inside:
            return x
        x = _decided(states, lane, bits, x)
        if not math.isnan(x):
            return x


@inner
def fill(states, normals):
    """Into normals[i, k, lane] the next draws of each lane's generator, in the order of i, then k."""
    for lane in range(normals.shape[2]):
        high, low = states[lane, _HIGH], states[lane, _LOW]
        increment_high, increment_low = states[lane, _INCREMENT_HIGH], states[lane, _INCREMENT_LOW]
        for i in range(normals.shape[0]):
            for k in range(normals.shape[1]):
                high, low = _advanced(high, low, increment_high, increment_low)
                bits = _output(high, low)
                x, inside = _proposed(bits)
                if not inside:
                    states[lane, _HIGH] = high
                    states[lane, _LOW] = low
                    x = _decided(states, lane, bits, x)
                    if math.isnan(x):
                        x = normal(states, lane)
                    high, low = states[lane, _HIGH], states[lane, _LOW]
                normals[i, k, lane] = x
        states[lane, _HIGH] = high
        states[lane, _LOW] = low
