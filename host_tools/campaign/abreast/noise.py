"""numpy's random numbers, drawn inside the compiled loop: SFC64 and the ziggurat of `standard_normal`.

A generator's state is four uint64, as numpy has them; the streams are those of numpy.random.Generator bit
for bit (tests_host/test_lanes.py), the tables are numba's copy of numpy's. SFC64 needs nothing but sums,
shifts and exclusive or: a register of eight generators goes as fast as one of them.
Doty-Humphrey, PractRand, sfc64, 2010; Marsaglia and Tsang, The Ziggurat Method, 2000.
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
from host_tools.world.lanes import LANES, emitted

SIZE = 4
_A, _B, _C, _COUNTER = range(SIZE)
_UNIFORM = 1.0 / (1 << 53)

_BYTE = np.uint64(0xFF)
_ONE, _THREE, _EIGHT, _NINE, _ELEVEN = (np.uint64(n) for n in (1, 3, 8, 9, 11))
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_17, _24, _40 = np.uint64(17), np.uint64(24), np.uint64(40)


def state_of(generator: np.random.Generator) -> NDArray[np.uint64]:
    """The present state of a numpy generator on SFC64."""
    state = generator.bit_generator.state
    if state["bit_generator"] != "SFC64":
        raise ValueError(f"a generator on {state['bit_generator']}; only SFC64 is drawn here")
    return state["state"]["state"].astype(np.uint64)


@inner
def _next(states, lane):
    """64 random bits of a lane's generator."""
    a, b, c = states[_A, lane], states[_B, lane], states[_C, lane]
    bits = a + b + states[_COUNTER, lane]
    states[_COUNTER, lane] += _ONE
    states[_A, lane] = b ^ (b >> _ELEVEN)
    states[_B, lane] = c + (c << _THREE)
    states[_C, lane] = ((c << _24) | (c >> _40)) + bits
    return bits


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


@emitted
def _propose_all(_context: Any, states: Any, sizes: Any, widths: Any, bits: Any, normals: Any, i: Any) -> Any:
    """`_next` and `_proposed` of all lanes into bits[lane] and row i of normals.

    sizes, widths: ki_double and wi_double. Returns the lanes that lie outside their boxes, a bit for each.
    """

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        long, half = ir.IntType(64), ir.IntType(32)
        longs, doubles = ir.VectorType(long, LANES), ir.VectorType(ir.DoubleType(), LANES)

        def start_of(place: int) -> Any:
            return context.make_array(sig.args[place])(context, builder, args[place]).data

        def row_of(place: int, row: Any, kind: Any) -> Any:
            first = builder.gep(start_of(place), [builder.mul(row, long(LANES))])
            return builder.bitcast(first, kind.as_pointer())

        def every(number: int) -> Any:
            return ir.Constant(longs, [number] * LANES)

        def looked_up(place: int, layers: Any, empty: Any) -> Any:
            table, found = start_of(place), ir.Constant(empty, ir.Undefined)
            for lane in range(LANES):
                layer = builder.extract_element(layers, half(lane))
                found = builder.insert_element(found, builder.load(builder.gep(table, [layer])), half(lane))
            return found

        rows = [row_of(0, long(word), longs) for word in range(SIZE)]
        a, b, c, counter = (builder.load(row, align=8) for row in rows)
        drawn = builder.add(builder.add(a, b), counter)
        turned = builder.or_(builder.shl(c, every(24)), builder.lshr(c, every(40)))
        news = (
            builder.xor(b, builder.lshr(b, every(11))),
            builder.add(c, builder.shl(c, every(3))),
            builder.add(turned, drawn),
            builder.add(counter, every(1)),
        )
        for row, new in zip(rows, news, strict=True):
            builder.store(new, row, align=8)
        builder.store(drawn, row_of(3, long(0), longs), align=8)
        layers = builder.and_(drawn, every(0xFF))
        size = builder.and_(builder.lshr(drawn, every(9)), every(int(_MANTISSA)))
        x = builder.fmul(builder.sitofp(size, doubles), looked_up(2, layers, doubles))
        sign = builder.and_(builder.shl(drawn, every(55)), every(1 << 63))
        x = builder.bitcast(builder.xor(builder.bitcast(x, longs), sign), doubles)
        row = context.cast(builder, args[5], sig.args[5], types.int64)
        builder.store(x, row_of(4, row, doubles), align=8)
        outside = builder.icmp_unsigned(">=", size, looked_up(1, layers, longs))
        return builder.zext(builder.bitcast(outside, ir.IntType(LANES)), long)

    return types.int64(states, sizes, widths, bits, normals, i), generate


@emitted
def _lowest(_context: Any, bits: Any) -> Any:
    """The place of the lowest bit that is set; there is one."""
    return types.int64(bits), lambda _context, builder, _sig, args: builder.cttz(args[0], ir.IntType(1)(1))


@inner
def fill(states, normals, bits):
    """Into normals[i, k, lane] the next draws of each lane's generator, in the order of i, then k.

    bits: room for a number of each lane.
    """
    for i in range(normals.shape[0]):
        for k in range(normals.shape[1]):
            row = i * normals.shape[1] + k
            outside = _propose_all(states, ki_double, wi_double, bits, normals, row)
            while outside != 0:
                lane = _lowest(outside)
                outside &= outside - 1
                x = _decided(states, lane, bits[lane], normals[i, k, lane])
                normals[i, k, lane] = normal(states, lane) if math.isnan(x) else x
