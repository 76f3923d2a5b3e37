"""Arithmetic on eight landings at once: a numba type `wide` that is eight doubles in one register.

A function of the world that is written with `at`, `put`, `choose` and operators serves both kinds of
flight: with numbers it flies one lander, with `wide` eight. There is one text, and IEEE arithmetic gives
each lane the bits that it would get alone.
"""

import math
import operator
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from llvmlite import ir
from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, overload_attribute, register_model
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from host_tools.world.compiled import compiled

LANES = 8
ALL_LANES = None  # as a lane: every one of them at once


_offer: Any = infer_global
_LINE = 64  # bytes of a cache line, which a register of eight doubles fills


def aligned(numbers: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins where a cache line does: a register that straddles two costs twice as much."""
    room = np.zeros(numbers.nbytes + _LINE, np.uint8)
    first = -room.ctypes.data % _LINE
    copy = room[first : first + numbers.nbytes].view(numbers.dtype).reshape(numbers.shape)
    copy[...] = numbers
    return copy


def emitted(function: Callable[..., Any]) -> Any:
    """numba's intrinsic: a function from the types of its arguments to its signature and its code."""
    return intrinsic(function)


class _Wide(types.Type):
    def __init__(self) -> None:
        super().__init__("wide")


class _Mask(types.Type):
    def __init__(self) -> None:
        super().__init__("mask")


wide, mask = _Wide(), _Mask()
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
_BITS = ir.VectorType(ir.IntType(1), LANES)


@register_model(_Wide)
class _WideModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _DOUBLES)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _BITS)


def each(builder: Any, scalar: Any, vector: Any) -> Any:
    """A vector with `scalar` in each lane."""
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.IntType(32)(0))
    order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), order)


def _spread(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    """`value` of type `kind` as a wide one."""
    if kind == wide:
        return value
    return each(builder, context.cast(builder, value, kind, types.float64), _DOUBLES)


# --- operators ------------------------------------------------------------------------------------------

_PAIRS = [(wide, wide)]
for _number in (types.float64, types.int64):
    _PAIRS += [(wide, _number), (_number, wide)]


def _operator(function: Any, result: Any, emit: Any, pairs: Any = _PAIRS) -> None:
    """`function` of two operands, of which one at least is wide."""

    class Template(ConcreteTemplate):
        cases: ClassVar[list[Any]] = [signature(result, *pair) for pair in pairs]

    _offer(function)(Template)
    for pair in pairs:

        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            spread = _spread if result == wide or pairs is _PAIRS else lambda _c, _b, value, _k: value
            return emit(
                builder, *(spread(context, builder, v, k) for v, k in zip(args, sig.args, strict=True))
            )

        lower_builtin(function, *pair)(lower)


def _compare(symbol: str) -> Any:
    return lambda builder, a, b: builder.fcmp_ordered(symbol, a, b)


_operator(operator.add, wide, lambda builder, a, b: builder.fadd(a, b))
_operator(operator.sub, wide, lambda builder, a, b: builder.fsub(a, b))
_operator(operator.mul, wide, lambda builder, a, b: builder.fmul(a, b))
_operator(operator.truediv, wide, lambda builder, a, b: builder.fdiv(a, b))
_operator(operator.iadd, wide, lambda builder, a, b: builder.fadd(a, b))
for _function, _symbol in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
):
    _operator(_function, mask, _compare(_symbol))
_operator(operator.and_, mask, lambda builder, a, b: builder.and_(a, b), [(mask, mask)])
_operator(operator.or_, mask, lambda builder, a, b: builder.or_(a, b), [(mask, mask)])


def _of_one(function: Any, emit: Any) -> None:
    """`function` of one wide operand."""

    class Template(ConcreteTemplate):
        cases: ClassVar[list[Any]] = [signature(wide, wide)]

    _offer(function)(Template)
    lower_builtin(function, wide)(lambda context, builder, sig, args: emit(builder, args[0]))


def _llvm(name: str) -> Any:
    kind = ir.FunctionType(_DOUBLES, [_DOUBLES])
    name = f"{name}.v{LANES}f64"
    return lambda builder, a: builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a])


_of_one(operator.neg, lambda builder, a: builder.fneg(a))
_of_one(math.sqrt, _llvm("llvm.sqrt"))
_of_one(np.floor, _llvm("llvm.floor"))
_of_one(abs, _llvm("llvm.fabs"))


@emitted
def fused(_context: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, rounded once."""
    result = wide if wide in (a, b, c) else types.float64

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = _DOUBLES if result == wide else ir.DoubleType()
        name = f"llvm.fma.v{LANES}f64" if result == wide else "llvm.fma.f64"
        if result == wide:
            args = [_spread(context, builder, v, k) for v, k in zip(args, sig.args, strict=True)]
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), name)
        return builder.call(function, args)

    return result(a, b, c), generate


@compiled
def divided(a, b, inverse):
    """a / b to the last bit, in a third of the time; inverse: 1.0 / b.

    A quotient that is right to its last place but one is made right to the last by its remainder, which a
    fused product gives exactly: Markstein, Computation of elementary functions on the IBM RISC System/6000
    processor, IBM J. Res. Dev. 34 (1990). Nothing may overflow or underflow.
    """
    quotient = a * inverse
    return fused(fused(-b, quotient, a), inverse, quotient)


def _libm(function: Any) -> Any:
    """`function` of the mathematics library, one lane after the other."""

    @emitted
    def each(_context: Any, x: Any) -> Any:
        sig = signature(types.float64, types.float64)

        def generate(context: Any, builder: Any, outer: Any, args: Any) -> Any:
            call = context.get_function(function, sig)
            if outer.args[0] != wide:
                return call(builder, [context.cast(builder, args[0], outer.args[0], types.float64)])
            found = ir.Constant(_DOUBLES, ir.Undefined)
            for lane in range(LANES):
                place = ir.IntType(32)(lane)
                one = call(builder, [builder.extract_element(args[0], place)])
                found = builder.insert_element(found, one, place)
            return found

        return (wide if x == wide else types.float64)(x), generate

    return each


sine, cosine = _libm(math.sin), _libm(math.cos)


# --- choices --------------------------------------------------------------------------------------------


@emitted
def choose(_context: Any, condition: Any, a: Any, b: Any) -> Any:
    """`a` where the condition holds, else `b`; both are worked out."""
    result = wide if condition == mask else types.float64

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kinds = sig.args[1:]
        if result == wide:
            x, y = (_spread(context, builder, v, k) for v, k in zip(args[1:], kinds, strict=True))
        else:
            x, y = (context.cast(builder, v, k, result) for v, k in zip(args[1:], kinds, strict=True))
        return builder.select(args[0], x, y)

    return result(condition, a, b), generate


@emitted
def everywhere(_context: Any, condition: Any) -> Any:
    """Whether the condition holds for all landings at hand."""

    def generate(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if sig.args[0] != mask:
            return args[0]
        bits = builder.bitcast(args[0], ir.IntType(LANES))
        return builder.icmp_unsigned("==", bits, ir.IntType(LANES)((1 << LANES) - 1))

    return types.boolean(condition), generate


# --- arrays: an index (one number, or two) and a lane, the last index of arrays that hold many landings ---


class _Board(types.Type):
    """An array of LANES landings whose shape the compiler knows: a pointer without strides."""

    def __init__(self, dtype: Any, shape: tuple[int, ...]) -> None:
        super().__init__(f"board({dtype}, {shape})")
        self.dtype, self.sizes, self.ndim = dtype, shape, len(shape)


@register_model(_Board)
class _BoardModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(kind.dtype.bitwidth).as_pointer())


@overload_attribute(_Board, "shape")
def _shape(board):
    sizes = board.sizes
    return lambda board: sizes


def board_of(*sizes: int) -> Any:
    """A compiled function from an array of shape (*sizes, LANES) to the same as a _Board."""

    @emitted
    def board(_context: Any, array: Any) -> Any:
        result = _Board(array.dtype, (*sizes, LANES))

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            array = context.make_array(sig.args[0])(context, builder, args[0])
            return builder.bitcast(array.data, ir.IntType(result.dtype.bitwidth).as_pointer())

        return result(array), generate

    return board


def _address(context: Any, builder: Any, array: Any, value: Any, index: Any, places: Any, lane: Any) -> Any:
    """Pointer to the element; `lane` is the value of a number, or None for the first of all lanes."""
    several = isinstance(index, types.BaseTuple)
    kinds = getattr(index, "types", [index])
    values = cgutils.unpack_tuple(builder, places) if several else [places]
    items = [context.cast(builder, v, k, types.intp) for v, k in zip(values, kinds, strict=True)]
    if array.ndim > len(items):
        items.append(context.get_constant(types.intp, 0) if lane is None else lane)
    if isinstance(array, _Board):
        place = items[0]
        for size, item in zip(array.sizes[1:], items[1:], strict=True):
            place = builder.add(builder.mul(place, place.type(size)), item)
        pointer = builder.bitcast(value, context.get_data_type(array.dtype).as_pointer())
        return builder.gep(pointer, [place])
    struct = context.make_array(array)(context, builder, value)
    return cgutils.get_item_pointer(context, builder, array, struct, items)


def _reaches_all(array: Any, index: Any, lane: Any) -> bool:
    """Whether all lanes at once are meant."""
    places = len(index) if isinstance(index, types.BaseTuple) else 1
    return isinstance(lane, types.NoneType) and array.ndim > places


def _vector_of(array: Any) -> Any:
    return (
        _DOUBLES if array.dtype == types.float64 else ir.VectorType(ir.IntType(array.dtype.bitwidth), LANES)
    )


def _lane(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    return None if isinstance(kind, types.NoneType) else context.cast(builder, value, kind, types.intp)


@emitted
def at(_context: Any, array: Any, index: Any, lane: Any) -> Any:
    """array[index] of a lane; an array of a single landing has no lanes, and the lane is not looked at."""
    every = _reaches_all(array, index, lane)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array, index, lane = sig.args
        place = _address(
            context, builder, array, args[0], index, args[1], _lane(context, builder, lane, args[2])
        )
        if not every:
            return context.unpack_value(builder, array.dtype, place)
        vector = _vector_of(array)
        found = builder.load(builder.bitcast(place, vector.as_pointer()), align=8)
        return found if vector == _DOUBLES else builder.sitofp(found, _DOUBLES)

    return (wide if every else array.dtype)(array, index, lane), generate


@emitted
def put(_context: Any, array: Any, index: Any, lane: Any, value: Any) -> Any:
    """Sets array[index] of a lane, as `at`; a whole number held in a double goes into an integer array."""
    every = _reaches_all(array, index, lane)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array, index, lane, kind = sig.args
        place = _address(
            context, builder, array, args[0], index, args[1], _lane(context, builder, lane, args[2])
        )
        if every:
            vector = _vector_of(array)
            values = _spread(context, builder, args[3], kind)
            if vector != _DOUBLES:
                values = builder.fptosi(values, vector)
            builder.store(values, builder.bitcast(place, vector.as_pointer()), align=8)
        else:
            context.pack_value(builder, array.dtype, context.cast(builder, args[3], kind, array.dtype), place)
        return context.get_dummy_value()

    return types.void(array, index, lane, value), generate


@emitted
def count(_context: Any, arrays: Any) -> Any:
    """How many landings there are, by an array that has a row of its own for each of several."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if sig.args[0].ndim == 1:
            return context.get_constant(types.intp, 1)
        array = context.make_array(sig.args[0])(context, builder, args[0])
        return builder.extract_value(array.shape, 0)

    return types.intp(arrays), generate


def _own(dimensions: int) -> Any:
    """A function from arrays and a lane to the landing's own array, which has so many dimensions."""

    @emitted
    def own(_context: Any, arrays: Any, lane: Any) -> Any:
        result = arrays if arrays.ndim == dimensions else types.Array(arrays.dtype, dimensions, "C")

        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            if sig.args[0].ndim == dimensions:
                return args[0]
            whole = context.make_array(sig.args[0])(context, builder, args[0])
            one = context.make_array(result)(context, builder)
            shape = cgutils.unpack_tuple(builder, whole.shape)
            strides = cgutils.unpack_tuple(builder, whole.strides)
            row = context.cast(builder, args[1], sig.args[1], types.intp)
            populate_array(
                one,
                data=cgutils.pointer_add(builder, whole.data, builder.mul(row, strides[0])),
                shape=shape[1:],
                strides=strides[1:],
                itemsize=whole.itemsize,
                meminfo=None,
            )
            return one._getvalue()

        return result(arrays, lane), generate

    return own


own_list, own_table, own_box = _own(1), _own(2), _own(3)
