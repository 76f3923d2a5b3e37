"""Integer arithmetic on eight landings at once: a numba type `whole` that is eight int32 in one register.

32 bits are enough, because no intermediate of a kernel leaves 31 (`make prove`). The words at the end are
those that spread.py writes a kernel's branches, loads and stores with.
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
_operator(operator.or_, whole, lambda builder, a, b: builder.or_(a, b))
_operator(operator.xor, whole, lambda builder, a, b: builder.xor(a, b))
_operator(operator.rshift, whole, lambda builder, a, b: builder.ashr(a, b))
_operator(operator.lshift, whole, lambda builder, a, b: builder.shl(a, b))
_operator(operator.floordiv, whole, _floor_divide)
for _function, _symbol in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
    (operator.ne, "!="),
):
    _operator(_function, mask, _comparison(_symbol))


# --- a kernel's array -----------------------------------------------------------------------------------


def _place(builder: Any, start: Any, slot: Any) -> Any:
    """Where a slot's numbers begin."""
    return builder.gep(start, [builder.mul(slot, _LONG(LANES))])


def _row(builder: Any, start: Any, slot: Any) -> Any:
    return builder.bitcast(_place(builder, start, slot), _INTS.as_pointer())


def _own_place(builder: Any, start: Any, slots: Any, lane: int) -> Any:
    """Where a lane's number is in the slot that the lane itself names."""
    slot = builder.sext(builder.extract_element(slots, _INT(lane)), _LONG)
    return builder.gep(_place(builder, start, slot), [_LONG(lane)])


@emitted
def fetch(_context: Any, column: Any, slot: Any) -> Any:
    """column[slot] of all lanes; each lane may have a slot of its own."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if sig.args[1] != whole:
            slot = context.cast(builder, args[1], sig.args[1], types.int64)
            return builder.load(_row(builder, args[0], slot), align=4)
        found = ir.Constant(_INTS, ir.Undefined)
        for lane in range(LANES):
            one = builder.load(_own_place(builder, args[0], args[1], lane))
            found = builder.insert_element(found, one, _INT(lane))
        return found

    return whole(column, slot), generate


@emitted
def shared(_context: Any, column: Any, slot: Any) -> Any:
    """column[slot], which is the same in all lanes, as a plain number."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        slot = context.cast(builder, args[1], sig.args[1], types.int64)
        return builder.sext(builder.load(_place(builder, args[0], slot)), _LONG)

    return types.int64(column, slot), generate


@emitted
def keep(_context: Any, lanes: Any, column: Any, slot: Any, value: Any) -> Any:
    """column[slot] = value for some lanes; each may have a slot of its own."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        lanes, start = args[:2]
        value = _spread(context, builder, args[3], sig.args[3])
        if sig.args[2] != whole:
            row = _row(builder, start, context.cast(builder, args[2], sig.args[2], types.int64))
            builder.store(builder.select(lanes, value, builder.load(row, align=4)), row, align=4)
            return context.get_dummy_value()
        for lane in range(LANES):
            place = _own_place(builder, start, args[2], lane)
            new = builder.extract_element(value, _INT(lane))
            chosen = builder.select(builder.extract_element(lanes, _INT(lane)), new, builder.load(place))
            builder.store(chosen, place)
        return context.get_dummy_value()

    return types.void(lanes, column, slot, value), generate


# --- lanes ----------------------------------------------------------------------------------------------


def _lanes_of(builder: Any, value: Any, kind: Any) -> Any:
    return value if kind == mask else each(builder, value, ir.VectorType(ir.IntType(1), LANES))


def _joined(emit: Any) -> Any:
    """A function of two conditions, of which each is one of all lanes or a mask."""

    @emitted
    def join(_context: Any, a: Any, b: Any) -> Any:
        result = mask if mask in (a, b) else types.boolean

        def generate(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
            if result == mask:
                args = [_lanes_of(builder, v, k) for v, k in zip(args, sig.args, strict=True)]
            return emit(builder, *args)

        return result(a, b), generate

    return join


both = _joined(lambda builder, a, b: builder.and_(a, b))
either = _joined(lambda builder, a, b: builder.or_(a, b))


@emitted
def opposite(_context: Any, a: Any) -> Any:
    """Where the condition does not hold."""
    return a(a), lambda _context, builder, _sig, args: builder.not_(args[0])


@emitted
def some(_context: Any, lanes: Any) -> Any:
    """Whether there is a lane in which it holds."""

    def generate(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if sig.args[0] != mask:
            return args[0]
        return builder.icmp_unsigned("!=", builder.bitcast(args[0], ir.IntType(LANES)), ir.IntType(LANES)(0))

    return types.boolean(lanes), generate


@emitted
def pick(_context: Any, lanes: Any, a: Any, b: Any) -> Any:
    """`a` in those lanes, `b` in the others."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [_spread(context, builder, v, k) for v, k in zip(args[1:], sig.args[1:], strict=True)]
        return builder.select(args[0], *values)

    return whole(lanes, a, b), generate


@emitted
def whole_of(_context: Any, x: Any) -> Any:
    """x in every lane."""
    return whole(x), lambda context, builder, sig, args: _spread(context, builder, args[0], sig.args[0])


@emitted
def lanes_of(_context: Any, bits: Any) -> Any:
    """The lanes whose bits are set."""

    def generate(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.bitcast(builder.trunc(args[0], ir.IntType(LANES)), ir.VectorType(ir.IntType(1), LANES))

    return mask(types.int64), generate


def _always(holds: bool) -> Any:
    @emitted
    def lanes(_context: Any) -> Any:
        kind = ir.VectorType(ir.IntType(1), LANES)
        return mask(), lambda _context, _builder, _sig, _args: ir.Constant(kind, [holds] * LANES)

    return lanes


everybody, nobody = _always(True), _always(False)


@emitted
def bits_of(_context: Any, x: Any) -> Any:
    """The bits that are set in some lane's number."""

    def generate(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(_INT, [_INTS])
        name = f"llvm.vector.reduce.or.v{LANES}i32"
        reduce = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.zext(builder.call(reduce, args), _LONG)

    return types.int64(whole), generate


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
def isqrt(_context: Any, x: Any) -> Any:
    """fixed.isqrt by the root of a double, which is exact below 2^52."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        (x,) = _values(context, builder, sig, args)
        several = sig.return_type == whole
        double = ir.VectorType(ir.DoubleType(), LANES) if several else ir.DoubleType()
        none = ir.Constant(x.type, None) if several else x.type(0)
        x = builder.select(builder.icmp_signed("<", x, none), none, x)
        name = f"llvm.sqrt.v{LANES}f64" if several else "llvm.sqrt.f64"
        root = cgutils.get_or_insert_function(builder.module, ir.FunctionType(double, [double]), name)
        return builder.fptosi(builder.call(root, [builder.sitofp(x, double)]), x.type)

    return _kind(x)(x), generate


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
