"""The viper functions of the firmware as syntax trees, and what each module can see of them."""

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

STAYS_A_CALL = "Stays a call"
WITHOUT_SMALL_ONES = STAYS_A_CALL + "; small ones in it do not"
LARGEST = 9000  # nodes of a function with everything unfolded: beyond it jumps and stack get too long
SMALL = 42  # nodes of a body not much larger than a call
_CALLEE = "plumbline_callee"  # on a call node: module and name of what it calls


@dataclass(frozen=True)
class Viper:
    """One viper function with its module's constants written out.

    stays_a_call: its docstring says so, and nothing is unfolded in it either, or small bodies only. Bodies in
    each place cost a board's memory, calls its time: most that say so are seldom needed.
    """

    node: ast.FunctionDef
    module: str
    stays_a_call: bool
    most: int  # nodes of a body that is unfolded in it

    @property
    def parameters(self) -> list[str]:
        return [argument.arg for argument in self.node.args.args]


class Library:
    """Every viper function of the firmware, and what each module can see of them.

    texts: the sources by path below firmware/, as in "plumbline/kernels/fixed.py".
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.functions: dict[str, dict[str, Viper]] = {}  # by module, then by name
        self.visible: dict[str, dict[str, Viper]] = {}  # the same, with what the module imports
        trees = {module_of(path): ast.parse(text) for path, text in texts.items()}
        for name, tree in trees.items():
            constants = _constants(tree)
            self.functions[name] = {node.name: _viper(node, constants, name) for node in vipers(tree)}
        for name, tree in trees.items():
            self.visible[name] = dict(self.functions[name])
            for node in tree.body:
                if isinstance(node, ast.ImportFrom) and node.module in self.functions:
                    for alias in node.names:
                        if alias.name in self.functions[node.module]:
                            seen = self.functions[node.module][alias.name]
                            self.visible[name][alias.asname or alias.name] = seen
        for name, own in self.functions.items():
            for viper in own.values():
                for call in named_calls(viper.node):
                    callee = self.visible[name].get(call.func.id)
                    if callee is not None:
                        setattr(call, _CALLEE, (callee.module, callee.node.name))

    def callee(self, call: ast.AST) -> "Viper | None":
        """The viper function that a node calls, or None; copies of a call know it too."""
        key = getattr(call, _CALLEE, None)
        return None if key is None else self.functions[key[0]][key[1]]

    def unfoldable(self, call: ast.AST) -> "Viper | None":
        """As `callee`, but None for one that stays a call."""
        found = self.callee(call)
        return None if found is None or found.stays_a_call else found


def named_calls(node: ast.AST) -> Iterator[Any]:
    """Calls of a plain name, as ast.Call whose func is an ast.Name."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            yield each


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def vipers(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any(
            ast.unparse(decorator) == "micropython.viper" for decorator in node.decorator_list
        ):
            yield node


def _viper(node: ast.FunctionDef, constants: Mapping[str, int], module: str) -> Viper:
    said = " ".join((ast.get_docstring(node) or "").split())
    stays = STAYS_A_CALL in said
    most = LARGEST if not stays else SMALL if WITHOUT_SMALL_ONES in said else 0
    return Viper(_spelled_out(node, constants), module, stays, most)


def _constants(tree: ast.Module) -> dict[str, int]:
    """Module-level NAME = const(integer expression)."""
    values: dict[str, int] = {}
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
            and node.value.func.id == "const"
        ):
            value = _evaluated(node.value.args[0], values)
            if value is not None:
                values[node.targets[0].id] = value
    return values


def _evaluated(node: ast.expr, values: Mapping[str, int]) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = _evaluated(node.operand, values)
        return None if operand is None else -operand
    return None


class _SpellOut(ast.NodeTransformer):
    def __init__(self, constants: Mapping[str, int]) -> None:
        self._constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._constants:
            return _number(self._constants[node.id])
        return node


def _number(value: int) -> ast.expr:
    constant = ast.Constant(abs(value))
    return ast.UnaryOp(ast.USub(), constant) if value < 0 else constant


def _spelled_out(node: ast.FunctionDef, constants: Mapping[str, int]) -> ast.FunctionDef:
    node = copy.deepcopy(node)
    node.body = [statement for statement in node.body if not _is_docstring(statement)]
    node.body = [_SpellOut(constants).visit(statement) for statement in node.body]
    return node


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
