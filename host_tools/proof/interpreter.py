"""Runs a viper function over ranges instead of numbers, along all of its paths at once.

Calls are followed with the ranges of their very arguments; loops are run turn by turn, so that an
index is a number; a condition narrows what it names on each of its two sides. Whatever cannot be
shown to be right is a finding, and the run goes on with what would have been right.
"""

import ast
from collections.abc import Sequence

from host_tools.proof import arithmetic, report
from host_tools.proof.constants import fold
from host_tools.proof.declared import Array
from host_tools.proof.facts import UNSET, Pointer, State, Value, constant, join
from host_tools.proof.intervals import INT31, Range, between, meet, union
from host_tools.proof.program import Function, Program
from host_tools.proof.report import Finding, Report
from host_tools.proof.summaries import summary_of

_SHIFTS = between(0, 30)
_MOST_TURNS = 300
_RESULT = "<result>"

Memory = dict[tuple[str, str, tuple[Range, ...], tuple[int, ...]], tuple[Range, Report]]


class Interpreter:
    """One run; `memory` keeps what functions of integers alone gave, for this run and the next ones."""

    def __init__(self, program: Program, arrays: dict[str, Array], found: Report, memory: Memory) -> None:
        self.program = program
        self.arrays = arrays
        self.report = found
        self.memory = memory

    def call(self, function: Function, arguments: Sequence[Value | Pointer], state: State) -> Value:
        """The function's result; `state` is afterwards what the function leaves."""
        if function.takes_arrays:
            return self._follow(function, arguments, state)
        values = [argument for argument in arguments if isinstance(argument, Value)]
        ranges = tuple(state.range_of(value) for value in values)
        same = tuple(values.index(value) for value in values)
        key = (function.name, function.text, ranges, same)
        if key not in self.memory:
            self.memory[key] = self._summed_up(function, ranges, same)
        result, found = self.memory[key]
        self.report.merge(found)
        return constant(result.low) if result.is_one else Value(result, "call")

    def _summed_up(
        self, function: Function, ranges: tuple[Range, ...], same: tuple[int, ...]
    ) -> tuple[Range, Report]:
        """Result and findings of a function of integers alone."""
        inner = Interpreter(self.program, self.arrays, Report(), self.memory)
        fresh = [Value(narrow, "argument") for narrow in ranges]
        state = State()
        result = state.range_of(inner._follow(function, [fresh[index] for index in same], state))
        summary = summary_of(function)
        if summary:
            result = meet(result, summary.postcondition(list(ranges), len(set(same)) < len(same))) or result
        return result, inner.report

    def _follow(self, function: Function, arguments: Sequence[Value | Pointer], state: State) -> Value:
        inside = State({}, state.arrays, state.narrowed, state.bounds)
        for (name, _), argument in zip(function.parameters, arguments, strict=True):
            inside.names[name] = argument
        frame = _Frame(self, function)
        end = frame.run(function.tree.body, inside)
        if end is not None:
            frame.refuse(function.tree, "ends without a result", None)
        if frame.returned is None:
            return Value(INT31, "call")
        state.arrays, state.narrowed = frame.returned.arrays, frame.returned.narrowed
        state.bounds = frame.returned.bounds
        result = frame.returned.names[_RESULT]
        return result if isinstance(result, Value) else Value(INT31, "call")


class _Frame:
    """One call of one function. A state of None is a path that nobody takes."""

    def __init__(self, interpreter: Interpreter, function: Function) -> None:
        self.interpreter = interpreter
        self.function = function
        self.report = interpreter.report
        self.constants = function.module.constants
        self.returned: State | None = None

    def refuse(self, node: ast.stmt | ast.expr, rule: str, reach: Range | None) -> None:
        expression = ast.unparse(node) if isinstance(node, ast.expr) else self.function.tree.name
        place = (node.lineno, node.col_offset)
        self.report.add(
            Finding(self.function.module.path, *place, self.function.name, expression, rule, reach)
        )

    # --- statements -------------------------------------------------------------------

    def run(self, statements: Sequence[ast.stmt], state: State | None) -> State | None:
        for statement in statements:
            if state is None:
                return None
            state = self._statement(statement, state)
        return state

    def _statement(self, node: ast.stmt, state: State) -> State | None:
        match node:
            case ast.Return(value=ast.expr() as value):
                result = self.value(value, state)
                self.report.seen(self.function.name, state.range_of(result).bits)
                state.names = {_RESULT: result}
                self.returned = join(self.returned, state)
                return None
            case ast.Assign(targets=[target], value=value):
                self._store(target, self.value(value, state), state)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._store(target, self.value(value, state), state)
            case ast.AugAssign(target=target, op=op, value=value):
                read = ast.parse(ast.unparse(target), mode="eval").body
                both = ast.copy_location(ast.BinOp(read, op, value), node)
                self._store(target, self.value(ast.fix_missing_locations(both), state), state)
            case ast.If(test=test, body=body, orelse=otherwise):
                yes, no = self.branch(test, state)
                return join(self.run(body, yes), self.run(otherwise, no))
            case ast.While():
                return self._loop(node, state)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(value=value):
                self.value(value, state)
            case _:
                self.refuse(node, f"a statement that the prover does not know: {type(node).__name__}", None)
        return state

    def _loop(self, node: ast.While, state: State) -> State | None:
        """Turn by turn, until nobody goes round once more."""
        done: State | None = None
        going: State | None = state
        for _ in range(_MOST_TURNS):
            if going is None:
                return done
            going, left = self.branch(node.test, going)
            done = join(done, left)
            going = self.run(node.body, going)
        self.refuse(node.test, f"the loop may go round more than {_MOST_TURNS} times", None)
        return done

    def _store(self, target: ast.expr, value: Value, state: State) -> None:
        match target:
            case ast.Name(id=name):
                state.names[name] = value
            case ast.Subscript():
                self._store_slot(target, value, state)
            case _:
                self.refuse(target, "a target that the prover does not know", None)

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

    # --- conditions -------------------------------------------------------------------

    def branch(self, test: ast.expr, state: State) -> tuple[State | None, State | None]:
        """The state where the test is true, and the one where it is false."""
        match test:
            case ast.BoolOp(op=op, values=[first, *rest]):
                following = rest[0] if len(rest) == 1 else ast.copy_location(ast.BoolOp(op, rest), test)
                return self._both(first, isinstance(op, ast.And), following, state)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yes, no = self.branch(operand, state)
                return no, yes
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                comparison = type(op).__name__
                return _split(state, comparison, self.value(left, state), self.value(right, state))
            case ast.Compare():
                self.refuse(test, "a chain of comparisons", None)
                return state.copy(), state
        return _split(state, "NotEq", self.value(test, state), constant(0))

    def _both(
        self, first: ast.expr, is_and: bool, following: ast.expr, state: State
    ) -> tuple[State | None, State | None]:
        yes, no = self.branch(first, state)
        going = yes if is_and else no
        if going is None:
            return yes, no
        later_yes, later_no = self.branch(following, going)
        return (later_yes, join(no, later_no)) if is_and else (join(yes, later_yes), later_no)


def _split(state: State, comparison: str, left: Value, right: Value) -> tuple[State | None, State | None]:
    against = arithmetic.opposite(comparison)
    if not arithmetic.possible(state, against, left, right):
        return state, None
    if not arithmetic.possible(state, comparison, left, right):
        return None, state
    yes, no = state.copy(), state
    if not arithmetic.assume(yes, comparison, left, right):
        return None, no
    return (yes, no) if arithmetic.assume(no, against, left, right) else (yes, None)
