"""A kernel run on numbers, one at a time, with every operation checked: how a finding gets its example.

The same syntax tree that the prover reads is compiled with integers and memory that refuse to leave
31 bits, a shift count, an array or a slot's declared range.
"""

import ast
import copy
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

from host_tools.proof import report
from host_tools.proof.declared import Array
from host_tools.proof.intervals import INT31, Range
from host_tools.proof.program import Function, Module, Program


class Escape(Exception):
    """A value that left its range: where, the rule in the words of a finding, and what happened."""

    def __init__(self, path: str, line: int, rule: str, what: str) -> None:
        super().__init__(what)
        self.place = (path, line, rule)


class Watch:
    """The largest magnitude that was seen on one line: what a search climbs."""

    def __init__(self, path: str = "", line: int = 0) -> None:
        self.path, self.line, self.largest = path, line, 0

    def look(self, value: int, allowed: Range, rule: str, what: str) -> None:
        """Called by what a kernel's line called."""
        frame = sys._getframe(2)
        path, line = frame.f_code.co_filename, frame.f_lineno
        if not allowed.low <= value <= allowed.high:
            raise Escape(path, line, rule, f"{what} is {value}")
        if line == self.line and path == self.path:
            self.largest = max(self.largest, abs(value))


watch = Watch()  # of the search that runs now
_SHIFTS = Range(0, 30)


class Checked(int):
    """An integer whose operations are looked at."""

    def __neg__(self) -> "Checked":
        return Checked(-int(self))


def _checked(operation: Callable[[int, int], int], shifts: bool) -> Callable[[int, int], Checked]:
    def method(self: int, other: int) -> Checked:
        left, right = int(self), int(other)
        if shifts:
            watch.look(right, _SHIFTS, report.SHIFT, "the shift count")
        result = operation(left, right)
        watch.look(result, INT31, report.LEAVES, f"{operation.__name__}({left}, {right})")
        return Checked(result)

    return method


for _name in ("add", "sub", "mul", "floordiv", "mod", "and_", "or_", "xor", "lshift", "rshift"):
    setattr(Checked, f"__{_name.rstrip('_')}__", _checked(getattr(operator, _name), "shift" in _name))


class CheckedMemory:
    """One array: indices stay inside, values in the slots' ranges."""

    def __init__(self, array: Array, values: Sequence[int]) -> None:
        self._array = array
        self._inside = Range(0, len(array.slots) - 1)
        self._rule = report.leaves_array(array.name, len(array.slots))
        self.values = [Checked(value) for value in values]

    def __getitem__(self, index: int) -> Checked:
        watch.look(index, self._inside, self._rule, "the index")
        return self.values[index]

    def __setitem__(self, index: int, value: int) -> None:
        watch.look(index, self._inside, self._rule, "the index")
        slot = self._array.slots[index]
        watch.look(value, slot.range, report.declared_as(slot.name, slot.range), slot.name)
        self.values[index] = Checked(value)


class _Literals(ast.NodeTransformer):
    """Every integer literal becomes a name that holds a checked one; types and decorators go."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if type(node.value) is not int:
            return node
        name = f"_literal_{node.value}"
        self._names[name] = Checked(node.value)
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.decorator_list, node.returns = [], None
        for argument in node.args.args:
            argument.annotation = None
        self.generic_visit(node)
        return node


class CheckedProgram:
    """The modules of a program, compiled when they are needed."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._names: dict[Module, dict[str, Any]] = {}

    def function(self, function: Function) -> Callable[..., int]:
        return self._compiled(function.module)[function.tree.name]

    def _compiled(self, module: Module) -> dict[str, Any]:
        if module in self._names:
            return self._names[module]
        names: dict[str, Any] = {name: Checked(value) for name, value in module.constants.items()}
        self._names[module] = names
        names["int"] = Checked
        for local in module.imports:
            called = self._program.called(module, local)
            if called:
                names[local] = self.function(called)
        trees = [copy.deepcopy(function.tree) for function in module.functions.values()]
        tree = ast.Module([_Literals(names).visit(tree) for tree in trees], [])
        exec(compile(ast.fix_missing_locations(tree), str(module.path), "exec"), names)
        return names
