"""Integer arithmetic on eight landings at once: a numba type `whole` that is eight int32 in one register.

A kernel without branches of its own on data runs on it as it stands: 32 bits are enough, because no
intermediate of a kernel leaves 31 (`make prove`). A branch is taken if its condition holds for all; whoever
calls such a kernel has seen to it that the landings agree (flight.py says where).
"""

import operator
from typing import Any, ClassVar

from llvmlite import ir
from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numba.core import cgutils
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import lower_builtin, lower_cast, models, register_model

from host_tools.world.lanes import LANES, each, emitted, mask

_INT, _LONG = ir.IntType(32), ir.IntType(64)
_INTS, _LONGS = ir.VectorType(_INT, LANES), ir.VectorType(_LONG, LANES)
_LARGEST = (1 << 29) - 1
_offer: Any = infer_global


class _Whole(types.Type):
    def __init__(self) -> None:
        super().__init__("whole")

    def can_convert_from(self, typingctx: Any, other: Any) -> Any:
        return Conversion.safe if isinstance(other, types.Integer) else None

    def unify(self, typingctx: Any, other: Any) -> Any:
        return self if isinstance(other, types.Integer) else None


class _Column(types.Type):
    """A kernel's array, each slot of which holds one number for each landing."""

    def __init__(self) -> None:
        super().__init__("column")


whole, column = _Whole(), _Column()


@register_model(_Whole)
class _WholeModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _INTS)


@register_model(_Column)
class _ColumnModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _INT.as_pointer())


def _spread(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    """`value` of type `kind` as a whole one."""
    if kind == whole:
        return value
    return each(builder, builder.trunc(context.cast(builder, value, kind, types.int64), _INT), _INTS)


@lower_cast(types.Integer, _Whole)
def _from_integer(context: Any, builder: Any, kind: Any, _whole: Any, value: Any) -> Any:
    return _spread(context, builder, value, kind)


# --- operators ------------------------------------------------------------------------------------------

_PAIRS = [(whole, whole), (whole, types.int64), (types.int64, whole)]


def _floor_divide(builder: Any, a: Any, b: Any) -> Any:
    quotient = builder.sdiv(a, b)
    rest = builder.sub(a, builder.mul(quotient, b))
    none = ir.Constant(_INTS, None)
    below = builder.icmp_signed("<", builder.xor(rest, b), none)
    lower = builder.and_(builder.icmp_signed("!=", rest, none), below)
    return builder.sub(quotient, builder.zext(lower, _INTS))


def _operator(function: Any, result: Any, emit: Any) -> None:
    """`function` of two operands, of which one at least is whole."""

    class Template(ConcreteTemplate):
        cases: ClassVar[list[Any]] = [signature(result, *pair) for pair in _PAIRS]

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return emit(builder, *(_spread(context, builder, v, k) for v, k in zip(args, sig.args, strict=True)))

    _offer(function)(Template)
    for pair in _PAIRS:
        lower_builtin(function, *pair)(lower)


def _comparison(symbol: str) -> Any:
    return lambda builder, a, b: builder.icmp_signed(symbol, a, b)


_operator(operator.add, whole, lambda builder, a, b: builder.add(a, b))
_operator(operator.sub, whole, lambda builder, a, b: builder.sub(a, b))
_operator(operator.mul, whole, lambda builder, a, b: builder.mul(a, b))
_operator(operator.and_, whole, lambda builder, a, b: builder.and_(a, b))
_operator(operator.rshift, whole, lambda builder, a, b: builder.ashr(a, b))
_operator(operator.lshift, whole, lambda builder, a, b: builder.shl(a, b))
_operator(operator.floordiv, whole, _floor_divide)
for _function, _symbol in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
):
    _operator(_function, mask, _comparison(_symbol))


@_offer(bool)
class _Truth(ConcreteTemplate):
    cases: ClassVar[list[Any]] = [signature(types.boolean, mask)]


@lower_builtin(bool, mask)
def _all(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    bits = builder.bitcast(args[0], ir.IntType(LANES))
    return builder.icmp_unsigned("==", bits, ir.IntType(LANES)((1 << LANES) - 1))


# --- a kernel's array -----------------------------------------------------------------------------------


@_offer(operator.getitem)
class _GetItem(ConcreteTemplate):
    cases: ClassVar[list[Any]] = [signature(whole, column, types.int64)]


@_offer(operator.setitem)
class _SetItem(ConcreteTemplate):
    cases: ClassVar[list[Any]] = [
        signature(types.void, column, types.int64, whole),
        signature(types.void, column, types.int64, types.int64),
    ]


def _place(builder: Any, start: Any, slot: Any) -> Any:
    first = builder.gep(start, [builder.mul(slot, _LONG(LANES))])
    return builder.bitcast(first, _INTS.as_pointer())


@lower_builtin(operator.getitem, column, types.int64)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.load(_place(builder, *args), align=4)


@lower_builtin(operator.setitem, column, types.int64, whole)
@lower_builtin(operator.setitem, column, types.int64, types.int64)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    value = _spread(context, builder, args[2], sig.args[2])
    builder.store(value, _place(builder, *args[:2]), align=4)
    return context.get_dummy_value()


# --- functions of fixed.py, for one landing's numbers and for whole ones ----------------------------------


def _kind(*arguments: Any) -> Any:
    return whole if whole in arguments else types.int64


def _values(context: Any, builder: Any, sig: Any, args: Any) -> list[Any]:
    """The arguments as the result's type has them."""
    if sig.return_type == whole:
        return [_spread(context, builder, v, k) for v, k in zip(args, sig.args, strict=True)]
    return [context.cast(builder, v, k, types.int64) for v, k in zip(args, sig.args, strict=True)]


@emitted
def as_int(_context: Any, x: Any) -> Any:
    """int(x)."""
    return _kind(x)(x), lambda context, builder, sig, args: _values(context, builder, sig, args)[0]


@emitted
def clamp(_context: Any, x: Any, low: Any, high: Any) -> Any:
    """fixed.clamp."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, low, high = _values(context, builder, sig, args)
        held = builder.select(builder.icmp_signed(">", x, high), high, x)
        return builder.select(builder.icmp_signed("<", x, low), low, held)

    return _kind(x, low, high)(x, low, high), generate


@emitted
def divide(_context: Any, n: Any, d: Any, bits: Any) -> Any:
    """fixed.divide by one division.

    The kernel's loop doubles floor(n / d) `bits` times and gives up at 2^28 or more before a doubling,
    which is so exactly when floor(n 2^bits / d) comes to 2^29 or more.
    """

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        n, d, bits = _values(context, builder, sig, args)
        kind = _LONGS if sig.return_type == whole else _LONG
        if sig.return_type == whole:
            n, d, bits = (builder.sext(value, kind) for value in (n, d, bits))

        def constant(number: int) -> Any:
            return ir.Constant(kind, [number] * LANES) if kind == _LONGS else kind(number)

        bad = builder.or_(builder.icmp_signed("<=", d, constant(0)), builder.icmp_signed("<", n, constant(0)))
        divisor = builder.select(bad, constant(1), d)
        quotient = builder.udiv(builder.shl(builder.select(bad, constant(0), n), bits), divisor)
        most = constant(_LARGEST)
        too_large = builder.or_(bad, builder.icmp_unsigned(">", quotient, most))
        result = builder.select(too_large, most, quotient)
        return builder.trunc(result, _INTS) if kind == _LONGS else result

    return _kind(n, d, bits)(n, d, bits), generate


@emitted
def _signed(_context: Any, n: Any, size: Any) -> Any:
    """`size` with the sign of n."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        n, size = _values(context, builder, sig, args)
        none = ir.Constant(n.type, None)
        return builder.select(builder.icmp_signed("<", n, none), builder.sub(none, size), size)

    return _kind(n, size)(n, size), generate


def divide_signed(n, d, bits):
    """fixed.divide_signed."""
    return _signed(n, divide(_signed(n, n), d, bits))


@emitted
def column_of(_context: Any, memory: Any, first: Any) -> Any:
    """The part of a memory of shape (slots, LANES) from slot `first` on."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        slot = context.cast(builder, args[1], sig.args[1], types.int64)
        return cgutils.gep(builder, array.data, builder.mul(slot, _LONG(LANES)))

    return column(memory, first), generate
