"""What an expression may be: constants, names, slots of arrays, operations, and calls that are followed.

Whatever cannot be shown to be right is a finding, and the value goes on as what would have been right.
"""

import ast
from collections.abc import Sequence
from typing import Protocol

from host_tools.proof import arithmetic, report
from host_tools.proof.constants import fold
from host_tools.proof.declared import Array
from host_tools.proof.facts import UNSET, Pointer, State, Value, constant
from host_tools.proof.intervals import INT31, Range, between, meet, union
from host_tools.proof.program import Function, Program
from host_tools.proof.report import Finding, Report

_SHIFTS = between(0, 30)


class Caller(Protocol):
    """What follows a call: see interpreter.py."""

    program: Program
    arrays: dict[str, Array]
    report: Report

    def call(self, function: Function, arguments: Sequence[Value | Pointer], state: State) -> Value: ...


class Expressions:
    """The expressions of one call of one function."""

    def __init__(self, interpreter: Caller, function: Function) -> None:
        self.interpreter = interpreter
        self.function = function
        self.report = interpreter.report
        self.constants = function.module.constants

    def refuse(self, node: ast.stmt | ast.expr, rule: str, reach: Range | None) -> None:
        expression = ast.unparse(node) if isinstance(node, ast.expr) else self.function.tree.name
        place = (node.lineno, node.col_offset)
        self.report.add(
            Finding(self.function.module.path, *place, self.function.name, expression, rule, reach)
        )

    # --- arrays -----------------------------------------------------------------------

    def _slots(self, node: ast.Subscript, state: State) -> tuple[Array, Sequence[int]] | None:
        """The array, and the indices that the subscript may be."""
        pointer = state.names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if not isinstance(pointer, Pointer) or pointer.array not in self.interpreter.arrays:
            self.refuse(node, "an array without declared slots", None)
            return None
        array = self.interpreter.arrays[pointer.array]
        index = state.range_of(self.value(node.slice, state))
        inside = meet(index, between(0, len(array.slots) - 1))
        if not inside or inside != index:
            self.refuse(node.slice, report.leaves_array(array.name, len(array.slots)), index)
        if not inside:
            return None
        return array, inside.points or range(inside.low, inside.high + 1)

    def _load_slot(self, node: ast.Subscript, state: State) -> Value:
        found = self._slots(node, state)
        if found is None:
            return Value(INT31, "unknown")
        array, indices = found
        cells = [state.arrays[array.name][index] for index in indices]
        if len(cells) == 1:
            return cells[0]
        reach = state.range_of(cells[0])
        for cell in cells[1:]:
            reach = union(reach, state.range_of(cell))
        return Value(reach, "slot")

    def _store_slot(self, node: ast.Subscript, value: Value, state: State) -> None:
        found = self._slots(node, state)
        if found is None:
            return
        array, indices = found
        cells = state.arrays[array.name]
        reach = state.range_of(value)
        for index in indices:
            slot = array.slots[index]
            new = value
            if not reach.within(slot.range):
                self.refuse(node, report.declared_as(slot.name, slot.range), reach)
                new = Value(meet(reach, slot.range) or slot.range, "held")
            if len(indices) > 1:
                new = Value(union(state.range_of(cells[index]), state.range_of(new)), "either")
            cells[index] = new

    # --- expressions ------------------------------------------------------------------

    def value(self, node: ast.expr, state: State) -> Value:
        match node:
            case ast.Constant(value=int(number)):
                return constant(number)
            case ast.Name(id=name):
                return self._name(node, name, state)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(node, left, op, right, state)
            case ast.UnaryOp(op=ast.USub()) if (number := fold(node, self.constants)) is not None:
                return constant(number)
            case ast.Subscript():
                return self._load_slot(node, state)
            case ast.Call(func=ast.Name(id="int"), args=[argument]):
                return self.value(argument, state)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(node, name, state)
        self.refuse(node, f"an expression that the prover does not know: {type(node).__name__}", None)
        return Value(INT31, "unknown")

    def _name(self, node: ast.Name, name: str, state: State) -> Value:
        found = state.names.get(name)
        if found is None and name in self.constants:
            return constant(self.constants[name])
        if isinstance(found, Value) and found is not UNSET:
            return found
        rule = "an array where an integer is wanted" if isinstance(found, Pointer) else report.UNSET
        self.refuse(node, rule, None)
        return Value(INT31, "unknown")

    def _operation(
        self, node: ast.BinOp, left: ast.expr, op: ast.operator, right: ast.expr, state: State
    ) -> Value:
        operation = arithmetic.name_of(op)
        one, other = self.value(left, state), self.value(right, state)
        operand = state.range_of(other)
        if operation not in arithmetic.FUNCTIONS:
            self.refuse(node, "an operator that viper does not have", None)
            return Value(INT31, "unknown")
        if operation in ("LShift", "RShift") and not operand.within(_SHIFTS):
            self.refuse(right, report.SHIFT, operand)
            other = Value(meet(operand, _SHIFTS) or _SHIFTS, "held")
        if operation in ("FloorDiv", "Mod") and (not operand.is_one or operand.low == 0):
            self.refuse(right, report.DIVISOR, operand)
            other = constant(1)
        result = arithmetic.operate(state, operation, one, other)
        reach = state.range_of(result)
        self.report.seen(self.function.name, reach.bits)
        if not reach.within(INT31):
            self.refuse(node, report.LEAVES, reach)
            return Value(meet(reach, INT31) or INT31, "held")
        return result

    def _call(self, node: ast.Call, name: str, state: State) -> Value:
        called = self.interpreter.program.called(self.function.module, name)
        if called is None:
            self.refuse(node, "a call that the prover cannot follow", None)
            return Value(INT31, "unknown")
        if len(called.parameters) != len(node.args):
            self.refuse(node, f"{name} takes {len(called.parameters)} arguments", None)
            return Value(INT31, "unknown")
        arguments: list[Value | Pointer] = []
        for (_, kind), argument in zip(called.parameters, node.args, strict=True):
            held = state.names.get(argument.id) if isinstance(argument, ast.Name) else None
            if kind != "int" and not isinstance(held, Pointer):
                self.refuse(argument, "an integer where an array is wanted", None)
                return Value(INT31, "unknown")
            arguments.append(held if kind != "int" and held else self.value(argument, state))
        return self.interpreter.call(called, arguments, state)
