"""A kernel's text for eight landings at once: every branch becomes a mask, nothing else changes.

What stands under an `if` is done for the lanes in which it holds, and not at all when there is none;
a `while` goes on for as long as a lane wants to; who has returned is left out of the rest. Variables that no
other lane can see keep plain assignments, so that loops over altimeters or axes count in plain numbers.
The functions that the new text calls are in wholes.py; test_batch_flight.py holds the outcome against the
kernels as they stand.
"""

import ast
from collections.abc import Sequence

# slots in which all landings that fly abreast hold the same number
SHARED = ("_VOT_FITTED",)
# functions of fixed.py for which wholes.py has others: they take no mask
EXCHANGED = ("clamp", "divide", "divide_signed", "isqrt")

_Block = list[ast.stmt]


def spread(tree: ast.Module) -> ast.Module:
    """The module with each function taking the lanes for which it is done as its first argument."""
    body: list[ast.stmt] = []
    for node in tree.body:
        body.append(_Function(node).spread() if isinstance(node, ast.FunctionDef) else node)
    return ast.fix_missing_locations(ast.Module(body, []))


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _call(function: str, *args: ast.expr) -> ast.expr:
    return ast.Call(_name(function), list(args), [])


def _set(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _reads(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
        for part in ast.walk(node)
    )


def _target(statement: ast.stmt) -> str | None:
    """The variable that an assignment sets."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None


def _assigned(block: Sequence[ast.AST]) -> set[str]:
    return {name for top in block for part in ast.walk(top) if (name := _target(part)) is not None}  # type: ignore[arg-type]


def _returns(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Return) for part in ast.walk(node))


def _calls(node: ast.AST) -> bool:
    """Whether a kernel is called, which may change something."""
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id not in (*EXCHANGED, "int")
        for part in ast.walk(node)
    )


def _first_use(block: _Block, name: str) -> str | None:
    """What is done first with a variable: "read" if that may be, "set" if it surely is, None for neither."""
    for statement in block:
        if isinstance(statement, ast.Assign):
            if _reads(statement, name):
                return "read"
            if _target(statement) == name:
                return "set"
        elif isinstance(statement, ast.If):
            uses = _first_use(statement.body, name), _first_use(statement.orelse, name)
            if _reads(statement.test, name) or "read" in uses:
                return "read"
            if uses == ("set", "set"):
                return "set"
        elif isinstance(statement, ast.While):
            if _reads(statement.test, name) or _first_use(statement.body, name) == "read":
                return "read"
        elif _reads(statement, name):
            return "read"
    return None


class _Function:
    """One function on its way to its new text."""

    def __init__(self, node: ast.FunctionDef) -> None:
        self._node = node
        self._names = 0
        self._before: _Block = []  # statements without which the value at hand cannot be had
        self._blocks: list[_Block] = []  # that are done for some lanes only
        self._inside: dict[str, list[_Block]] = {}  # name -> blocks of its own, see _is_own
        self._uniform = _assigned(node.body)
        changed = True
        while changed:  # a loop is one of blocks only when its end is not the same for all
            self._blocks = []
            self._find_blocks(node.body)
            kept = {name for name in self._uniform if self._is_uniform(name)}
            changed, self._uniform = kept != self._uniform, kept
        self._returned = any(_returns(block_part) for block in self._blocks for block_part in block)

    # --- what is the same for all lanes ---

    def _find_blocks(self, block: _Block) -> None:
        for statement in block:
            if isinstance(statement, ast.If):
                self._blocks += [part for part in (statement.body, statement.orelse) if part]
                self._find_blocks(statement.body)
                self._find_blocks(statement.orelse)
            elif isinstance(statement, ast.While):
                if not self._same(statement.test):
                    self._blocks.append(statement.body)
                self._find_blocks(statement.body)

    def _same(self, value: ast.expr) -> bool:
        """Whether an expression has one value for all lanes."""
        if isinstance(value, ast.Constant):
            return True
        if isinstance(value, ast.Name):
            arguments = {argument.arg for argument in self._node.args.args}
            local = value.id in _assigned(self._node.body) or value.id in arguments
            return not local or value.id in self._uniform
        if isinstance(value, ast.BinOp):
            return self._same(value.left) and self._same(value.right)
        if isinstance(value, ast.Compare):
            return self._same(value.left) and all(self._same(other) for other in value.comparators)
        return isinstance(value, ast.Subscript) and self._is_shared(value)

    @staticmethod
    def _is_shared(value: ast.Subscript) -> bool:
        return isinstance(value.slice, ast.Name) and value.slice.id in SHARED

    def _is_uniform(self, name: str) -> bool:
        if name in {argument.arg for argument in self._node.args.args}:
            return False
        settings = [part for part in ast.walk(self._node) if _target(part) == name]  # type: ignore[arg-type]
        return all(
            self._same(setting.value) and self._is_own(name, self._innermost(setting))  # type: ignore[attr-defined]
            for setting in settings
        )

    def _innermost(self, node: ast.AST) -> _Block | None:
        """The smallest block that holds a statement; None for the function itself."""
        holding = [block for block in self._blocks if any(node in ast.walk(top) for top in block)]  # type: ignore[comparison-overlap]
        return min(holding, key=lambda block: sum(len(list(ast.walk(top))) for top in block), default=None)

    def _is_own(self, name: str, block: _Block | None) -> bool:
        """Whether what a block sets there is seen by nobody outside: it begins by setting it, and every read
        lies in it, or in another block that begins by setting it."""
        if block is None:
            return True
        if _first_use(block, name) == "read":
            return False
        inside = {id(part) for top in block for part in ast.walk(top)}
        others = [
            {id(part) for top in other for part in ast.walk(top)}
            for other in self._blocks
            if other is not block and name in _assigned(other) and _first_use(other, name) != "read"
        ]
        apart = [other for other in others if not inside <= other]
        return all(
            id(part) in inside or any(id(part) in other for other in apart)
            for part in ast.walk(self._node)
            if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
        )

    # --- the new text ---

    def spread(self) -> ast.stmt:
        node = self._node
        masked = sorted(
            name
            for name in _assigned(node.body)
            if any(
                not self._is_own(name, self._innermost(part))
                for part in ast.walk(node)
                if _target(part) == name  # type: ignore[arg-type]
            )
        )
        arguments = {argument.arg for argument in node.args.args}
        start = [
            _set(name, _call("whole_of", _name(name) if name in arguments else ast.Constant(0)))
            for name in masked
        ]
        if self._returned:
            start += [_set("result_", _call("whole_of", ast.Constant(0))), _set("gone_", _call("nobody"))]
        body = self._spread_block(node.body, "lanes_", None)
        if self._returned:
            body.append(ast.Return(_name("result_")))
        parameters = [ast.arg("lanes_"), *(ast.arg(argument.arg) for argument in node.args.args)]
        return ast.FunctionDef(
            name=node.name,
            args=ast.arguments([], parameters, None, [], [], None, []),
            body=start + body,
            decorator_list=node.decorator_list,
            returns=None,
        )

    def _new(self) -> str:
        self._names += 1
        return f"some_{self._names}_"

    def _spread_block(self, block: _Block, lanes: str, own: _Block | None, counts: bool = False) -> _Block:
        """own: the innermost block, of those that are done for some lanes only; counts: a loop's body, which
        must count on even when nobody is left in it."""
        done: _Block = []
        for place, statement in enumerate(block):
            if isinstance(statement, ast.If):
                done += self._spread_if(statement, lanes)
            elif isinstance(statement, ast.While):
                done += self._spread_while(statement, lanes, own)
            elif isinstance(statement, ast.Return):
                return done + self._spread_return(statement, lanes, own)
            else:
                simple = self._spread_simple(statement, lanes, own)
                done += [*self._before, simple]
                self._before = []
            if isinstance(statement, (ast.If, ast.While)) and _returns(statement):
                left = self._new()
                done.append(_set(left, _call("both", _name(lanes), _call("opposite", _name("gone_")))))
                rest = self._spread_block(block[place + 1 :], left, own)
                if rest and not counts:
                    rest = [ast.If(_call("some", _name(left)), rest, [])]
                return done + rest
        return done

    def _spread_return(self, statement: ast.Return, lanes: str, own: _Block | None) -> _Block:
        assert statement.value is not None, "a kernel returns a number"
        before, value = self._valued(statement.value, lanes)
        if not self._returned:
            return [*before, ast.Return(value)]
        done = [*before, _set("result_", _call("pick", _name(lanes), value, _name("result_")))]
        if own is not None:
            done.append(_set("gone_", _call("either", _name("gone_"), _name(lanes))))
        return done

    def _spread_if(self, statement: ast.If, lanes: str) -> _Block:
        holds = self._new()
        before, test = self._valued(statement.test, lanes)
        done = [*before, _set(holds, test)]
        for body, condition in (
            (statement.body, _name(holds)),
            (statement.orelse, _call("opposite", _name(holds))),
        ):
            if body:
                some = self._new()
                done.append(_set(some, _call("both", _name(lanes), condition)))
                spread_body = self._spread_block(body, some, body)
                if all(_target(part) is not None for part in body) and not any(
                    isinstance(part, ast.Call) for top in body for part in ast.walk(top)
                ):
                    done += spread_body  # a choice or two cost less than a jump
                else:
                    done.append(ast.If(_call("some", _name(some)), spread_body, []))
        return done

    def _spread_while(self, statement: ast.While, lanes: str, own: _Block | None) -> _Block:
        goes_on = self._new()
        returns = _returns(statement)

        def still(lanes: str) -> ast.expr:
            return _call("both", _name(lanes), _call("opposite", _name("gone_"))) if returns else _name(lanes)

        if self._same(statement.test):
            body = [_set(goes_on, still(lanes)), *self._spread_block(statement.body, goes_on, own, True)]
            return [ast.While(self._value(statement.test, lanes), body, [])]
        body = self._spread_block(statement.body, goes_on, statement.body)
        body.append(_set(goes_on, still(goes_on)))
        before, test = self._valued(statement.test, goes_on)
        body += [*before, _set(goes_on, _call("both", _name(goes_on), test))]
        before, test = self._valued(statement.test, lanes)
        begin = [*before, _set(goes_on, _call("both", _name(lanes), test))]
        return [*begin, ast.While(_call("some", _name(goes_on)), body, [])]

    def _spread_simple(self, statement: ast.stmt, lanes: str, own: _Block | None) -> ast.stmt:
        if isinstance(statement, ast.Expr):
            if isinstance(statement.value, ast.Constant):
                return ast.Pass()  # a docstring
            return ast.Expr(self._value(statement.value, lanes))
        assert isinstance(statement, ast.Assign), f"{ast.unparse(statement)}: unknown to spread.py"
        value = self._value(statement.value, lanes)
        target = statement.targets[0]
        if isinstance(target, ast.Subscript):
            slot = self._value(target.slice, lanes)
            return ast.Expr(_call("keep", _name(lanes), target.value, slot, value))
        assert isinstance(target, ast.Name), f"{ast.unparse(statement)}: unknown to spread.py"
        if not self._is_own(target.id, own):
            value = _call("pick", _name(lanes), value, _name(target.id))
        return _set(target.id, value)

    def _both_or_either(self, value: ast.BoolOp, lanes: str) -> ast.expr:
        """What the first conditions have decided the others are not asked, if asking is a call."""
        every = isinstance(value.op, ast.And)
        found = self._value(value.values[0], lanes)
        for other in value.values[1:]:
            if _calls(other):
                found = self._asked(found, other, lanes, every)
            else:
                found = _call("both" if every else "either", found, self._value(other, lanes))
        return found

    def _asked(self, found: ast.expr, other: ast.expr, lanes: str, every: bool) -> ast.expr:
        first, asked, second = self._new(), self._new(), self._new()
        open_ = _name(first) if every else _call("opposite", _name(first))
        before = [_set(first, found), _set(asked, _call("both", _name(lanes), open_))]
        before.append(_set(second, _call("nobody")))
        outer, self._before = self._before, []
        answer = _set(second, _call("either", _call("nobody"), self._value(other, asked)))
        body, self._before = [*self._before, answer], outer
        self._before += [*before, ast.If(_call("some", _name(asked)), body, [])]
        return _call("both" if every else "either", _name(first), _name(second))

    def _valued(self, value: ast.expr, lanes: str) -> tuple[_Block, ast.expr]:
        """What must be done before, and the value."""
        found = self._value(value, lanes)
        before, self._before = self._before, []
        return before, found

    def _value(self, value: ast.expr, lanes: str) -> ast.expr:
        if isinstance(value, (ast.Constant, ast.Name)):
            return value
        if isinstance(value, ast.UnaryOp) and isinstance(value.operand, ast.Constant):
            return value
        if isinstance(value, ast.BinOp):
            return ast.BinOp(self._value(value.left, lanes), value.op, self._value(value.right, lanes))
        if isinstance(value, ast.Compare) and len(value.ops) == 1:
            right = self._value(value.comparators[0], lanes)
            return ast.Compare(self._value(value.left, lanes), value.ops, [right])
        if isinstance(value, ast.BoolOp):
            return self._both_or_either(value, lanes)
        if isinstance(value, ast.Subscript):
            slot = self._value(value.slice, lanes)
            return _call("shared" if self._is_shared(value) else "fetch", value.value, slot)
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            args = [self._value(arg, lanes) for arg in value.args]
            if value.func.id == "int":
                return args[0]
            taken = args if value.func.id in EXCHANGED else [_name(lanes), *args]
            return ast.Call(value.func, taken, [])
        raise NotImplementedError(f"{ast.unparse(value)}: unknown to spread.py")
