"""Which modules of the firmware a board needs: the imports of its main.py, followed to the end.

What a chip never runs is left out: branches under TYPE_CHECKING or FOR_ESP32, and those that ask
sys.platform for another chip. An import that cannot be followed is refused, because the board would
miss it in flight.
"""

import ast
from pathlib import Path

PACKAGE = "plumbline"


class ImportGraphError(Exception):
    """A module cannot be found or followed; the message is one line."""


def modules_of(main: Path, firmware: Path, platform: str) -> dict[str, Path]:
    """Name and file of every module below `firmware`/plumbline that `main` needs on `platform`, sorted.

    Raises ImportGraphError.
    """
    found: dict[str, Path] = {}
    waiting = [(main, "")]
    while waiting:
        source, package = waiting.pop()
        for name in _imported(source, package, firmware, platform):
            if name not in found:
                found[name] = _file(firmware, name) or _missing(source, name)
                is_package = found[name].name == "__init__.py"
                waiting.append((found[name], name if is_package else name.rpartition(".")[0]))
    return dict(sorted(found.items()))


def _missing(source: Path, name: str) -> Path:
    raise ImportGraphError(f"{_shown(source)} imports {name}, which is not in firmware/")


def _shown(source: Path) -> str:
    return "/".join(source.parts[-2:])


def _file(firmware: Path, name: str) -> Path | None:
    path = firmware.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _imported(source: Path, package: str, firmware: Path, platform: str) -> list[str]:
    """The firmware's modules that one file imports, their packages included."""
    try:
        tree = ast.parse(source.read_text(), str(source))
    except (OSError, SyntaxError) as error:
        raise ImportGraphError(f"{_shown(source)} cannot be read: {error}") from error
    walk = _Walk(source, package, platform)
    walk.visit(tree)
    names: list[str] = []
    for name in walk.modules:
        names += _with_packages(name)
    for module, attribute in walk.attributes:
        names += _with_packages(module)
        if _file(firmware, f"{module}.{attribute}"):  # else it is something that the module defines
            names.append(f"{module}.{attribute}")
    return [name for name in names if name.split(".")[0] == PACKAGE]


def _with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


class _Walk(ast.NodeVisitor):
    """Collects imports, and follows of each `if` only what the platform can reach."""

    def __init__(self, source: Path, package: str, platform: str) -> None:
        self.modules: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self._source = source
        self._package = package
        self._platform = platform

    def visit_Import(self, node: ast.Import) -> None:
        self.modules += [alias.name for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level:
            above = self._package.split(".")
            kept = above[: len(above) - node.level + 1]
            module = ".".join([*kept, module] if module else kept)
        self.attributes += [(module, alias.name) for alias in node.names]

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "__import__":
            name = node.args[0] if node.args else None
            if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
                raise ImportGraphError(
                    f"{_shown(self._source)}, line {node.lineno}: write the imported module's name out,"
                    " or it will not be copied onto the board"
                )
            self.modules.append(name.value)
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        truth = self._truth(node.test)
        if truth is not False:
            for statement in node.body:
                self.visit(statement)
        if truth is not True:
            for statement in node.orelse:
                self.visit(statement)

    def _truth(self, test: ast.expr) -> bool | None:
        """What a condition is on the board; None when only the board can know."""
        match test:
            case ast.Constant():
                return bool(test.value)
            case ast.Name(id="TYPE_CHECKING" | "FOR_ESP32"):  # both are True for a type checker alone
                return False
            case ast.UnaryOp(op=ast.Not()):
                inner = self._truth(test.operand)
                return None if inner is None else not inner
            case ast.BoolOp():
                decisive = isinstance(test.op, ast.Or)
                truths = [self._truth(value) for value in test.values]
                if decisive in truths:
                    return decisive
                return None if None in truths else not decisive
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id="sys"), attr="platform"),
                ops=[ast.Eq() | ast.NotEq() as operator],
                comparators=[ast.Constant(value=str() as named)],
            ):
                return (named == self._platform) == isinstance(operator, ast.Eq)
        return None
