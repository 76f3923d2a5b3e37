"""What a function does: statements in order, both sides of a condition, loops turn by turn.

A state of None is a path that nobody takes.
"""

import ast
from collections.abc import Sequence

from host_tools.proof import arithmetic
from host_tools.proof.expressions import Caller, Expressions
from host_tools.proof.facts import State, Value, constant, join
from host_tools.proof.program import Function

RESULT = "<result>"  # the name under which a path keeps what it returns
_MOST_TURNS = 300


class Frame(Expressions):
    """One call of one function; `returned` is what all its paths leave."""

    def __init__(self, interpreter: Caller, function: Function) -> None:
        super().__init__(interpreter, function)
        self.returned: State | None = None

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
                state.names = {RESULT: result}
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
