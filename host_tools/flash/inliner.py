"""Flight code for a board with its small functions unfolded: the same arithmetic, without the calls.

A call between viper functions costs some 350 instructions on a Cortex-M0+, often more than what it calls.
Kernels stay written as named functions, which is what is proved and flown on the host; for the
board `inlined` puts the body of each small viper function in place of its call. Python source in,
Python source out. Whatever cannot be unfolded without changing its meaning stays a call.
"""

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_CALLEE = "plumbline_callee"  # on a call node: module and name of what it calls
LARGEST = 9000  # nodes of a function with everything unfolded: beyond it jumps and stack get too long


@dataclass(frozen=True)
class Viper:
    """One viper function with its module's constants written out."""

    node: ast.FunctionDef
    module: str

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
        trees = {_module(path): ast.parse(text) for path, text in texts.items()}
        for name, tree in trees.items():
            constants = _constants(tree)
            own = {node.name: Viper(_spelled_out(node, constants), name) for node in _vipers(tree)}
            self.functions[name] = own
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
                for call in _named_calls(viper.node):
                    callee = self.visible[name].get(call.func.id)
                    if callee is not None:
                        setattr(call, _CALLEE, (callee.module, callee.node.name))

    def callee(self, call: ast.AST) -> "Viper | None":
        """The viper function that a node calls, or None; copies of a call know it too."""
        key = getattr(call, _CALLEE, None)
        return None if key is None else self.functions[key[0]][key[1]]


def unfolded(texts: Mapping[str, str]) -> dict[str, str]:
    """Sources of a board's whole program, unfolded, without the viper functions that nobody calls any more.

    texts: by path below firmware/, as in "plumbline/kernels/fixed.py".
    """
    library = Library(texts)
    trees = {_module(path): ast.parse(inlined(path, library)) for path in texts}
    uncalled = dict(zip(trees, _uncalled(list(trees.values())), strict=True))
    gone = {module: {node.name for node in nodes} for module, nodes in uncalled.items()}
    for module, tree in trees.items():
        tree.body = [node for node in tree.body if node not in uncalled[module]]
        for node in [node for node in tree.body if isinstance(node, ast.ImportFrom)]:
            node.names = [alias for alias in node.names if alias.name not in gone.get(node.module or "", ())]
            if not node.names:
                tree.body.remove(node)
    return {
        path: ast.unparse(trees[_module(path)]) + "\n" if library.functions[_module(path)] else texts[path]
        for path in texts
    }


def _uncalled(trees: list[ast.Module]) -> list[list[ast.FunctionDef]]:
    """Of each module the viper functions whose names occur in no other code that is called.

    Names are compared without their modules: one that is kept too many does no harm.
    """
    vipers = [list(_vipers(tree)) for tree in trees]
    wanted: set[str] = set()
    for tree, own in zip(trees, vipers, strict=True):
        for node in tree.body:
            if node not in own:
                wanted |= _names(node)
    grown = True
    while grown:
        called = {name for own in vipers for node in own if node.name in wanted for name in _names(node)}
        grown = not called <= wanted
        wanted |= called
    return [[node for node in own if node.name not in wanted] for own in vipers]


def _names(node: ast.AST) -> set[str]:
    """The names that a piece of code uses; what it only imports is not used yet, but under another name."""
    names = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            names.add(each.id)
        elif isinstance(each, ast.Attribute):
            names.add(each.attr)
        elif isinstance(each, ast.alias) and each.asname is not None:
            names.add(each.name)
    return names


def inlined(path: str, library: Library) -> str:
    """One of the library's sources with its viper functions unfolded; all else is left as it is."""
    own = library.functions[_module(path)]
    if not own:
        return library.texts[path]
    tree = ast.parse(library.texts[path])
    imports: dict[str, ast.stmt] = {}
    for i, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name in own:
            unfolded = _Unfolding(library).function(own[node.name])
            unfolded.decorator_list = node.decorator_list
            tree.body[i] = unfolded
            _import_callees(unfolded, _module(path), library, imports)
    first = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef))
    tree.body[first:first] = imports.values()
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _import_callees(
    node: ast.FunctionDef, module: str, library: Library, imports: dict[str, ast.stmt]
) -> None:
    """What is still called from unfolded bodies of other modules gets a name here."""
    for call in _named_calls(node):
        callee = library.callee(call)
        if callee is None or library.visible[module].get(call.func.id) is callee:
            continue
        alias = f"{callee.module.rsplit('.', 1)[1]}_{callee.node.name}"
        call.func.id = alias
        imports[alias] = ast.ImportFrom(callee.module, [ast.alias(callee.node.name, alias)], 0)


def _named_calls(node: ast.AST) -> Iterator[Any]:
    """Calls of a plain name, as ast.Call whose func is an ast.Name."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            yield each


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _vipers(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any(
            ast.unparse(decorator) == "micropython.viper" for decorator in node.decorator_list
        ):
            yield node


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


class _Unfolding:
    """Unfolds one function; names of unfolded locals go by depth, so that neighbours share their stack."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._size = 0

    def function(self, viper: Viper) -> ast.FunctionDef:
        node = copy.deepcopy(viper.node)
        self._size = _size(node)
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
        return [each for each in _in_order(node) if isinstance(each, ast.Call) and self._library.callee(each)]

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
        callee = self._library.callee(call)
        if callee is None or self._calls_inside(call):
            return None
        body = _single_exit(copy.deepcopy(callee.node.body), result)
        size = _size(callee.node)
        if body is None or self._size + size > LARGEST:
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
