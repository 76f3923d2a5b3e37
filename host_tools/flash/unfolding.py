"""One viper function with the bodies of those that it calls in place of the calls.

What cannot be done without changing its meaning is not done: a call stays where its callee returns out of a
loop, where it stands in a loop's condition or behind `or`, and where it writes to an array that the rest of
the same expression may read. Arguments are evaluated once and in order.
"""

import ast
import copy
from collections.abc import Iterator, Mapping

from host_tools.flash.viper_library import LARGEST, Library, Viper


class Unfolding:
    """Unfolds one function; names of unfolded locals go by depth, so that neighbours share their stack."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._size = 0
        self._most = 0

    def function(self, viper: Viper) -> ast.FunctionDef:
        node = copy.deepcopy(viper.node)
        self._size = _size(node)
        self._most = viper.most
        node.body = self._block(node.body, 0)
        return node

    def _block(self, statements: list[ast.stmt], depth: int) -> list[ast.stmt]:
        return [new for statement in statements for new in self._statement(statement, depth)]

    def _statement(self, statement: ast.stmt, depth: int) -> list[ast.stmt]:
        if isinstance(statement, ast.While):
            statement.body = self._block(statement.body, depth)
            return [statement]
        if isinstance(statement, ast.If):
            return self._if(statement, depth)
        if isinstance(statement, ast.Expr):
            call = statement.value
            if isinstance(call, ast.Call):
                body = self._body_of(call, depth, f"r{depth}_0")
                if body is not None:
                    return body
            return [statement]
        if isinstance(statement, (ast.Assign, ast.Return)) and statement.value is not None:
            before, statement.value = self._hoist(statement.value, depth)
            return [*before, statement]
        return [statement]

    def _if(self, statement: ast.If, depth: int) -> list[ast.stmt]:
        test = statement.test
        statement.body = self._block(statement.body, depth)
        statement.orelse = self._block(statement.orelse, depth)
        if not isinstance(test, ast.BoolOp):
            before, statement.test = self._hoist(test, depth)
            return [*before, statement]
        if not isinstance(test.op, ast.And) or not any(self._calls(value) for value in test.values[1:]):
            if any(self._calls(value) for value in test.values[:1]):
                before, test.values[0] = self._hoist(test.values[0], depth)
                return [*before, statement]
            return [statement]
        # a and f(b): f is not called unless a
        flag = f"c{depth}"
        inner: list[ast.stmt] = [_assign(flag, ast.Constant(1))]
        for value in reversed(test.values):
            before, value = self._hoist(value, depth)
            inner = [*before, ast.If(value, inner, [])]
        statement.test = ast.Compare(ast.Name(flag, ast.Load()), [ast.Eq()], [ast.Constant(1)])
        return [_assign(flag, ast.Constant(0)), *inner, statement]

    def _calls(self, node: ast.expr) -> list[ast.Call]:
        """The viper calls in an expression, in the order in which they are evaluated."""
        return [
            each for each in _in_order(node) if isinstance(each, ast.Call) and self._library.unfoldable(each)
        ]

    def _hoist(self, value: ast.expr, depth: int) -> tuple[list[ast.stmt], ast.expr]:
        """Bodies of the calls in `value` that may go before it, and what is left of it."""
        calls = self._calls(value)
        whole = _stripped(value)
        writers = [call for call in calls if call is not whole and self._writes(call)]
        before: list[ast.stmt] = []
        for n, call in enumerate(calls):
            if writers and (call in writers or self._reads(call)):
                continue
            # a call within the arguments of another stays there unless it can go first
            result = f"r{depth}_{n}"
            body = self._body_of(call, depth, result)
            if body is not None:
                before += body
                value = _replaced(value, call, ast.Name(result, ast.Load()))
        return before, value

    def _writes(self, call: ast.Call) -> bool:
        return self._touches(self._library.callee(call), ast.Store)

    def _reads(self, call: ast.Call) -> bool:
        return self._touches(self._library.callee(call), ast.Load)

    def _touches(self, viper: Viper | None, how: type) -> bool:
        """Whether a function, or one that it calls, loads from or stores to an array."""
        if viper is None:
            return False
        for node in ast.walk(viper.node):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, how):
                return True
            if self._touches(self._library.callee(node), how):
                return True
        return False

    def _body_of(self, call: ast.Call, depth: int, result: str) -> list[ast.stmt] | None:
        """What the call does, with its value in the local `result`; None if it has to stay a call."""
        callee = self._library.unfoldable(call)
        if callee is None or self._calls_inside(call):
            return None
        body = _single_exit(copy.deepcopy(callee.node.body), result)
        size = _size(callee.node)
        if body is None or size > self._most or self._size + size > LARGEST:
            return None
        self._size += size
        # what is unfolded in an expression at this depth may be wanted until its statement: go deeper
        inner = depth + 1
        names: dict[str, ast.expr] = {}
        before: list[ast.stmt] = []
        assigned = _assigned(callee.node)
        for parameter, argument in zip(callee.parameters, call.args, strict=True):
            if parameter not in assigned and _is_simple(argument):
                names[parameter] = argument
            else:
                names[parameter] = ast.Name(f"{parameter}_{result}", ast.Load())
                before.append(_assign(f"{parameter}_{result}", argument))
        for local in assigned - set(names):
            names[local] = ast.Name(f"{local}_{inner}", ast.Load())
        renamed = [_Rename(names, result).visit(statement) for statement in body]
        return before + self._block(renamed, inner)

    def _calls_inside(self, call: ast.Call) -> bool:
        """Whether an argument still has a viper call: then this call has to wait for it."""
        return any(self._calls(argument) for argument in call.args)


class _Rename(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr], result: str) -> None:
        self._names = names
        self._result = result

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == self._result or node.id not in self._names:
            return node
        new = copy.deepcopy(self._names[node.id])
        if isinstance(new, ast.Name):
            new.ctx = node.ctx
        return new

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(argument) for argument in node.args]  # not the function's name
        return node


def _is_simple(argument: ast.expr) -> bool:
    if isinstance(argument, ast.UnaryOp):
        return isinstance(argument.operand, ast.Constant)
    return isinstance(argument, (ast.Name, ast.Constant))


def _single_exit(statements: list[ast.stmt], result: str) -> list[ast.stmt] | None:
    """The same statements with `result = value` for each return, or None where a loop returns."""
    done: list[ast.stmt] = []
    for i, statement in enumerate(statements):
        rest = statements[i + 1 :]
        if isinstance(statement, ast.Return):
            done.append(_assign(result, statement.value or ast.Constant(0)))
            return done
        if not _returns(statement):
            done.append(statement)
            continue
        if not isinstance(statement, ast.If):
            return None
        if _always_returns(statement.body):
            body = _single_exit(statement.body, result)
            orelse = _single_exit(statement.orelse + rest, result)
        elif _always_returns(statement.orelse):
            body = _single_exit(statement.body + rest, result)
            orelse = _single_exit(statement.orelse, result)
        else:
            return None
        if body is None or orelse is None:
            return None
        done.append(ast.If(statement.test, body, orelse))
        return done
    return done


def _returns(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))


def _always_returns(statements: list[ast.stmt]) -> bool:
    if not statements:
        return False
    last = statements[-1]
    if isinstance(last, ast.If):
        return _always_returns(last.body) and _always_returns(last.orelse)
    return isinstance(last, ast.Return)


def _assigned(node: ast.FunctionDef) -> set[str]:
    return {
        each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _stripped(value: ast.expr) -> ast.expr:
    """f(x) of int(f(x))."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "int":
        return value.args[0]
    return value


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes in the order in which their values are there: operands before what uses them."""
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)
    yield node


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old, self._new = old, new

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if node is self._old or _stripped(node) is self._old:
            return self._new
        node.args = [self.visit(argument) for argument in node.args]
        return node


def _replaced(value: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """`value` with int(old), or old, as the new expression; calls around it see it in their arguments."""
    return _Replace(old, new).visit(value)


def _size(node: ast.AST) -> int:
    return sum(1 for _ in ast.walk(node))
