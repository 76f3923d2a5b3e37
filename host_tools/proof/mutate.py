"""Takes the guards of the kernels away, one at a time: does the prover notice?

`python -m host_tools.proof.mutate` proves every mutant. A guard is a clamp (replaced by what it
clamps) or an `if` (never taken). A mutant that is still proved is a survivor, and survivors.toml
says why its guard has nothing to do with ranges.
"""

import ast
import copy
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from host_tools.proof.interpreter import Memory
from host_tools.proof.program import Module, called_from_outside, entries, kernel_files
from host_tools.proof.prove import prove_module

SURVIVORS = Path(__file__).with_name("survivors.toml")
_LEAF = "fixed"  # the module that the others import: a mutant of it is judged in all of them


@dataclass(frozen=True)
class Mutant:
    """One kernel file less one guard; `name` says which, without line numbers."""

    name: str
    module: Module


def mutants(path: Path) -> Iterator[Mutant]:
    """Every guard of a file taken away, in order."""
    original = ast.parse(path.read_text())
    seen: Counter[str] = Counter()
    for number, (function, text) in enumerate(_guards(original)):
        name = f"{path.stem}.{function}: {text}"
        seen[name] += 1
        if seen[name] > 1:
            name += f" ({seen[name]})"
        tree = copy.deepcopy(original)
        _Remover(number).visit(tree)
        yield Mutant(name, Module(path, ast.fix_missing_locations(tree)))


def _guards(tree: ast.Module) -> list[tuple[str, str]]:
    """Function and text of each guard."""
    finder = _Remover(-1)
    finder.visit(tree)
    return finder.found


class _Remover(ast.NodeTransformer):
    """Counts guards in the order of the file, and takes away the one with the wanted number."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.found: list[tuple[str, str]] = []
        self._function = ""

    def _is_wanted(self, text: str) -> bool:
        self.found.append((self._function, text))
        return len(self.found) - 1 == self.wanted

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._function = node.name
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if self._is_wanted(f"if {ast.unparse(node.test)}"):
            node.test = ast.copy_location(ast.Constant(0), node.test)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        clamps = isinstance(node.func, ast.Name) and node.func.id == "clamp"
        wanted = clamps and self._is_wanted(ast.unparse(node))
        self.generic_visit(node)
        return node.args[0] if wanted else node


class Judge:
    """Proves mutants; what fixed.py's functions give is worked out once."""

    def __init__(self) -> None:
        outside = called_from_outside()
        self._names = {path: entries(Module(path), outside) for path in kernel_files()}
        self._known: Memory = {}
        for path, names in self._names.items():
            prove_module(Module(path), names, self._known)
        self._known = {key: known for key, known in self._known.items() if key[0].startswith(_LEAF + ".")}

    def survives(self, mutant: Mutant) -> bool:
        """Are the mutant's numbers proved in range, as if nothing had been taken away?"""
        module = mutant.module
        if module.name != _LEAF:
            return self._proved(module, dict(self._known))
        memory: Memory = {}
        others = [Module(path) for path in self._names if path != module.path]
        return all(self._proved(each, memory, module) for each in (module, *others))

    def _proved(self, module: Module, memory: Memory, *replaced: Module) -> bool:
        """By the entries of the file as it is: a mutant must not make new ones."""
        return prove_module(module, self._names[module.path], memory, *replaced).in_range


def listed() -> dict[str, str]:
    """The survivors that are known, each with its reason."""
    table = tomllib.loads(SURVIVORS.read_text())
    return {name: group["reason"] for group in table["group"] for name in group["guards"]}


def differences(survivors: Iterable[str], mutants_made: Iterable[str]) -> list[str]:
    """What the list of survivors says otherwise than the prover, in words."""
    known, found = set(listed()), set(survivors)
    made = set(mutants_made)
    return (
        [f"survives and is not listed: {name}" for name in sorted(found - known)]
        + [f"listed and caught: {name}" for name in sorted((known & made) - found)]
        + [f"listed and not there: {name}" for name in sorted(known - made)]
    )


def main() -> int:
    judge = Judge()
    made, survivors = [], []
    for path in kernel_files():
        before = len(survivors), len(made)
        for mutant in mutants(path):
            made.append(mutant.name)
            if judge.survives(mutant):
                survivors.append(mutant.name)
        guards = len(made) - before[1]
        print(f"{path.stem:12} {guards:4} guards, {len(survivors) - before[0]:4} not of ranges")
    wrong = differences(survivors, made)
    print("\n".join([f"{len(made)} mutants, {len(made) - len(survivors)} caught", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
