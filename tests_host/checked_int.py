"""Integers and memory that check every operation: 31 bits, shift counts, indices, cell sizes.

`kernels()` also gives every kernel function in two exact forms beside the compiled one: plain
CPython, and a copy whose every integer, literals and constants included, is a checking one.
"""

import ast
import inspect
import operator
from types import FunctionType, ModuleType, SimpleNamespace

SMALLEST, LARGEST = -(2**30), 2**30 - 1


class Small(int):
    """An integer of at most 31 bits; an operation whose result is larger is an error."""

    def __neg__(self):
        return Small(0) - self


def _checked(operation, swapped):
    def method(self, other):
        left, right = (int(other), int(self)) if swapped else (int(self), int(other))
        if operation in (operator.lshift, operator.rshift):
            assert 0 <= right <= 30, f"shift by {right}"
        result = operation(left, right)
        assert SMALLEST <= result <= LARGEST, f"{operation.__name__}({left}, {right}) leaves 31 bits"
        return Small(result)

    return method


for _name in ("add", "sub", "mul", "floordiv", "mod", "and_", "or_", "xor", "lshift", "rshift"):
    _slot = _name.rstrip("_")
    setattr(Small, f"__{_slot}__", _checked(getattr(operator, _name), swapped=False))
    setattr(Small, f"__r{_slot}__", _checked(getattr(operator, _name), swapped=True))


class Memory(list):
    """A buffer of Smalls that refuses what a cell cannot hold, and indices outside."""

    def __init__(self, values, smallest: int, largest: int) -> None:
        super().__init__(Small(value) for value in values)
        self.smallest, self.largest = smallest, largest

    def __getitem__(self, index):
        assert 0 <= index < len(self)
        return super().__getitem__(index)

    def __setitem__(self, index, value):
        assert 0 <= index < len(self)
        assert self.smallest <= value <= self.largest, f"{value} does not fit its cell"
        super().__setitem__(index, Small(value))


def memory8(values) -> Memory:
    return Memory(values, 0, 255)


def memory32(values) -> Memory:
    return Memory(values, SMALLEST, LARGEST)


def plain(function):
    """The function as CPython runs it; what it calls is still compiled."""
    return getattr(function, "py_func", function)


class _SmallLiterals(ast.NodeTransformer):
    """Every integer literal becomes a name that holds a Small."""

    def __init__(self, names: dict) -> None:
        self.names = names

    def visit_Constant(self, node):
        if type(node.value) is not int:
            return node
        name = f"_literal_{node.value}"
        self.names[name] = Small(node.value)
        return ast.copy_location(ast.Name(name, ast.Load()), node)


def checked_copies(*modules: ModuleType) -> list[SimpleNamespace]:
    """The modules' functions over Smalls alone. A module comes after those that it imports from."""
    copies, made = [], {}
    for module in modules:
        names = {
            name: Small(value) if type(value) is int else value
            for name, value in vars(module).items()
            if not name.startswith("__")
        }
        names.update({name: made[plain(value)] for name, value in names.items() if plain(value) in made})
        names["int"] = Small
        tree = ast.parse(inspect.getsource(module))
        own = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        for function in own:
            function.decorator_list = []
            for argument in function.args.args:
                argument.annotation = None
            function.returns = None
        new = ast.fix_missing_locations(_SmallLiterals(names).visit(ast.Module([*own], [])))
        exec(compile(new, inspect.getfile(module), "exec"), names)
        copy = {node.name: names[node.name] for node in own}
        made.update({plain(vars(module)[name]): function for name, function in copy.items()})
        copies.append(SimpleNamespace(**copy))
    return copies


def plain_copies(*modules: ModuleType) -> list[SimpleNamespace]:
    """The modules' functions as plain CPython all the way down."""
    copies, made = [], {}
    for module in modules:
        names = dict(vars(module))
        for name, value in vars(module).items():
            function = plain(value)
            if isinstance(function, FunctionType):
                if function not in made:
                    made[function] = FunctionType(function.__code__, names, function.__name__)
                names[name] = made[function]
        copies.append(SimpleNamespace(**names))
    return copies
