"""What a `@micropython.viper` function may not say, found in its syntax tree.

Each rule is a pitfall that was reproduced: a compile error on the board, another value than on
the host, or an object call of a thousand instructions. Ranges of variables are not judged here.

    check_source("...")  ->  [Finding(line=12, function="step", rule="unary minus on a variable")]
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from host_tools.proof.constants import fold, module_constants

# A small integer has 31 bits; the compiler makes an object of any other constant.
SMALL = range(-(1 << 30), 1 << 30)
SHIFTS = range(31)

POINTERS = ("ptr8", "ptr16", "ptr32")
PARAMETER_TYPES = (*POINTERS, "int", "uint", "bool")
# These the emitter knows; every other call hands over objects and must be taken back with int(...).
NATIVE_CALLS = (*POINTERS, "int", "uint", "bool", "range")
OBJECT_CALLS = ("abs", "min", "max", "float", "divmod", "pow", "round", "sum")


@dataclass(frozen=True)
class Finding:
    """One broken rule: the line in the file, the viper function, and the rule in words."""

    line: int
    function: str
    rule: str


def viper_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Every function with a decorator whose last name is `viper`, however it is spelled."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            getattr(decorator, "attr", getattr(decorator, "id", None)) == "viper"
            for decorator in node.decorator_list
        ):
            yield node


def check_source(source: str) -> list[Finding]:
    """All broken rules in the viper functions of one file, by line."""
    tree = ast.parse(source)
    constants = module_constants(tree)
    findings: list[Finding] = []
    for function in viper_functions(tree):
        findings += _Checker(function, constants).findings
    return sorted(findings, key=lambda finding: finding.line)


class _Checker(ast.NodeVisitor):
    """Walks one function; `_tests` holds the expressions of which only the truth is asked."""

    def __init__(self, function: ast.FunctionDef, constants: Mapping[str, int]) -> None:
        self.findings: list[Finding] = []
        self._function = function
        stored = {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        hidden = stored | {argument.arg for argument in function.args.args}
        self._constants = {name: value for name, value in constants.items() if name not in hidden}
        self._tests: set[ast.expr] = set()
        self._taken_back: set[ast.expr] = set()
        self._check_signature()
        for statement in function.body:
            self.visit(statement)

    def _report(self, node: ast.AST, rule: str) -> None:
        line = getattr(node, "lineno", self._function.lineno)
        self.findings.append(Finding(line, self._function.name, rule))

    def _value(self, node: ast.expr) -> int | None:
        return fold(node, self._constants)

    def _check_signature(self) -> None:
        for decorator in self._function.decorator_list:
            if ast.unparse(decorator) != "micropython.viper":
                self._report(decorator, "the decorator must be written @micropython.viper")
        arguments = self._function.args
        if arguments.defaults or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
            self._report(self._function, "viper takes positional parameters without defaults only")
        for argument in arguments.args:
            if not _names_one_of(argument.annotation, PARAMETER_TYPES):
                self._report(argument, f"parameter {argument.arg} is an object without a viper type")
        if not _names_one_of(self._function.returns, PARAMETER_TYPES):
            self._report(self._function, "the result is an object without a viper type")

    # --- operators --------------------------------------------------------------------

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            if node not in self._tests:
                self._report(node, "`not` as a value does not compile")
            self._tests.add(node.operand)
        elif isinstance(node.op, ast.Invert):
            self._report(node, "`~` spoils its operand on older compilers: write x ^ -1")
        elif isinstance(node.op, ast.USub):
            value = self._value(node)
            if value is None:
                self._report(node, "unary minus spoils its operand on older compilers: write 0 - x")
            elif value in SMALL:
                return  # -1073741824 is small, though its digits alone are not
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._check_operator(node, node.op, node.right)
        self._check_size(node, self._value(node))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._check_operator(node, node.op, node.value)
        self.generic_visit(node)

    def _check_operator(self, node: ast.AST, op: ast.operator, right: ast.expr) -> None:
        value = self._value(right)
        if isinstance(op, ast.Div | ast.Pow | ast.MatMult):
            self._report(node, "`/`, `**` and `@` do not compile")
        elif isinstance(op, ast.FloorDiv | ast.Mod) and (value is None or value == 0):
            self._report(node, "`//` and `%` only by a constant other than 0: boards differ at 0")
        elif isinstance(op, ast.LShift | ast.RShift) and value is not None and value not in SHIFTS:
            self._report(node, f"shift count {value} is outside of 0..30: processors differ")

    # --- literals and names -----------------------------------------------------------

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, float | complex):
            self._report(node, f"literal {node.value}: no floats")
        elif type(node.value) is int:
            self._check_size(node, node.value)

    def visit_Name(self, node: ast.Name) -> None:
        self._check_size(node, self._constants.get(node.id))

    def _check_size(self, node: ast.expr, value: int | None) -> None:
        if value is not None and value not in SMALL:
            self._report(node, f"{ast.unparse(node)} is {value}, which leaves 31 bits: an object")

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        # The annotation is a type; only the target and the value are arithmetic.
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    # --- calls ------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in OBJECT_CALLS:
            self._report(node, f"{name}() is a call on objects: write it out with if")
        elif name not in NATIVE_CALLS and node not in self._taken_back:
            self._report(node, f"{ast.unparse(node.func)}() returns an object: wrap the call in int(...)")
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            self._report(node, "keyword and starred arguments are object calls")
        if name in ("int", "uint", "bool"):
            self._taken_back.update(node.args)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        self._taken_back.add(node.value)  # a call whose result nobody takes
        self.generic_visit(node)

    # --- where only the truth of an expression is asked ---------------------------------

    def _visit_test(self, node: ast.If | ast.While | ast.IfExp | ast.Assert) -> None:
        self._tests.add(node.test)
        self.generic_visit(node)

    visit_If = visit_While = visit_IfExp = visit_Assert = _visit_test

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        if node in self._tests:
            self._tests.update(node.values)
        self.generic_visit(node)


def _names_one_of(annotation: ast.expr | None, names: tuple[str, ...]) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id in names
