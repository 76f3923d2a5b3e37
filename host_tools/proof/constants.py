"""What the board's compiler folds: integer expressions of literals and of `NAME = const(...)`."""

import ast
import operator
from collections.abc import Callable, Mapping

_OPERATIONS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}


def fold(node: ast.expr, constants: Mapping[str, int]) -> int | None:
    """The integer that an expression of constants comes to, or None where it is no constant."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        value = fold(node.operand, constants)
        if value is None:
            return None
        return {ast.USub: -value, ast.UAdd: value, ast.Invert: ~value}[type(node.op)]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = fold(node.left, constants), fold(node.right, constants)
        if left is None or right is None:
            return None
        try:
            return _OPERATIONS[type(node.op)](left, right)
        except (ZeroDivisionError, ValueError):  # division by zero, negative shift: no constant
            return None
    return None


def module_constants(tree: ast.Module) -> dict[str, int]:
    """The integers that a module declares by `NAME = const(...)`, by name."""
    constants: dict[str, int] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(
                    func=ast.Name(id="const") | ast.Attribute(attr="const"), args=[expression], keywords=[]
                ),
            ):
                value = fold(expression, constants)
                if value is not None:
                    constants[name] = value
    return constants
