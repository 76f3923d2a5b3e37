"""The files under proof: their viper functions, constants and imports, and who calls in from outside."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from host_tools.proof.constants import module_constants
from host_tools.proof.viper_rules import POINTERS, viper_functions

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
KERNELS = FIRMWARE / "plumbline" / "kernels"


@dataclass(frozen=True, eq=False)
class Function:
    """One viper function: its tree, and the module that its names belong to."""

    module: "Module"
    tree: ast.FunctionDef

    @property
    def name(self) -> str:
        return f"{self.module.name}.{self.tree.name}"

    @cached_property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Name and type of each."""
        return tuple(
            (argument.arg, ast.unparse(argument.annotation or ast.Name("object")))
            for argument in self.tree.args.args
        )

    @cached_property
    def array_names(self) -> tuple[str, ...]:
        """The parameters that are arrays. An integer may be named like somebody else's array."""
        return tuple(name for name, kind in self.parameters if kind in POINTERS)

    @property
    def text(self) -> str:
        """What the function does, without its documentation and where it stands."""
        return _text(self.tree)


@cache
def _text(tree: ast.FunctionDef) -> str:
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    return "\n".join([ast.unparse(tree.args), *map(ast.unparse, body)])


class Module:
    """One file."""

    def __init__(self, path: Path, tree: ast.Module | None = None) -> None:
        self.path = path
        self.name = path.stem
        self.tree = tree or ast.parse(path.read_text(), str(path))
        self.constants = module_constants(self.tree)
        self.functions = {node.name: Function(self, node) for node in viper_functions(self.tree)}
        self.imports = dict(_imports(self.tree))

    def with_function(self, tree: ast.FunctionDef) -> "Module":
        """The same file but for one function."""
        other = copy.copy(self)
        other.functions = {name: Function(other, old.tree) for name, old in self.functions.items()}
        other.functions[tree.name] = Function(other, tree)
        return other

    @property
    def label(self) -> str:
        return self.path.relative_to(ROOT).as_posix() if self.path.is_relative_to(ROOT) else str(self.path)


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    """Local name -> (module, name there), of `from plumbline.x import y`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, (node.module, alias.name)


class Program:
    """Modules by path, read when they are needed; `replaced` stands in for files on the disk."""

    def __init__(self, *replaced: Module) -> None:
        self._modules = {module.path: module for module in replaced}

    def module(self, path: Path) -> Module:
        if path not in self._modules:
            self._modules[path] = Module(path)
        return self._modules[path]

    def called(self, caller: Module, name: str) -> Function | None:
        """The viper function that a name means in a module."""
        if name in caller.functions:
            return caller.functions[name]
        source, there = caller.imports.get(name, ("", ""))
        path = FIRMWARE / (source.replace(".", "/") + ".py")
        return self.module(path).functions.get(there) if source and path.exists() else None


def kernel_files() -> list[Path]:
    """Every file of the kernels' room that has viper functions."""
    return [path for path in sorted(KERNELS.glob("*.py")) if Module(path).functions]


def called_from_outside() -> set[str]:
    """`module.function` of each kernel function that flight code outside of the kernels names."""
    found: set[str] = set()
    for path in sorted(FIRMWARE.rglob("*.py")):
        if path.parent == KERNELS:
            continue
        tree = ast.parse(path.read_text())
        kernels = set()
        for local, (source, name) in _imports(tree):
            if source == "plumbline.kernels":
                kernels.add((local, name))
            elif source.startswith("plumbline.kernels."):
                found.add(f"{source.rsplit('.', 1)[1]}.{name}")
        names = dict(kernels)
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=local), attr=function) if local in names:
                    found.add(f"{names[local]}.{function}")
    return found


def entries(module: Module, outside: set[str]) -> list[str]:
    """Names of the functions to be proved by themselves; every other one is proved in each of its calls.

    Those that flight code outside of the kernels names, those whose docstring declares ranges
    for its integers, and those that nobody in the file calls.
    """
    called = {
        node.func.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return [
        function.tree.name
        for function in module.functions.values()
        if function.name in outside
        or "Ranges:" in (ast.get_docstring(function.tree) or "")
        or function.tree.name not in called
    ]
