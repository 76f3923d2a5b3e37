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
    function: str
    module: Module


def mutants(path: Path) -> Iterator[Mutant]:
    """Every guard of a file taken away, in order."""
    module = Module(path)
    for function in module.functions.values():
        seen: Counter[str] = Counter()
        for number, text in enumerate(guards(function.tree)):
            seen[text] += 1
            copies = f" ({seen[text]})" if seen[text] > 1 else ""
            tree = without_guard(function.tree, number)
            yield Mutant(f"{function.name}: {text}{copies}", function.tree.name, module.with_function(tree))


def guards(function: ast.FunctionDef) -> list[str]:
    """The text of each guard."""
    finder = _Remover(-1)
    finder.visit(copy.deepcopy(function))
    return finder.found


def without_guard(function: ast.FunctionDef, number: int) -> ast.FunctionDef:
    """A copy of the function less one guard."""
    return ast.fix_missing_locations(_Remover(number).visit(copy.deepcopy(function)))


class _Remover(ast.NodeTransformer):
    """Counts guards in the order of the file, and takes away the one with the wanted number."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.found: list[str] = []

    def _is_wanted(self, text: str) -> bool:
        self.found.append(text)
        return len(self.found) - 1 == self.wanted

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
    """Proves mutants; every file is read once, and what fixed.py's functions give is worked out once."""

    def __init__(self) -> None:
        outside = called_from_outside()
        self._modules = {path: Module(path) for path in kernel_files()}
        self._names = {path: entries(module, outside) for path, module in self._modules.items()}
        self._known: Memory = {}
        self._entries_of: dict[str, list[str]] = {}
        for path, names in self._names.items():
            module = self._modules[path]
            proof = prove_module(module, names, self._known, *self._beside(module))
            if proof.findings:
                raise ValueError(f"{path.name} is not proved as it is: run host_tools.proof.prove first")
            for row in proof.rows:
                own = [row.function.split(".")[1]] if row.seconds is not None else []
                self._entries_of[row.function] = [*own, *sorted(row.within)]
        self._known = {key: known for key, known in self._known.items() if key[0].startswith(_LEAF + ".")}

    def entries_of(self, mutant: Mutant) -> list[str]:
        """The entries whose proofs come to the mutated function."""
        return self._entries_of[f"{mutant.module.name}.{mutant.function}"]

    def _beside(self, *given: Module) -> list[Module]:
        """The other files, as they are."""
        paths = {module.path for module in given}
        return [module for path, module in self._modules.items() if path not in paths]

    def _importers_of(self, mutant: Mutant) -> list[Module]:
        wanted = (f"plumbline.kernels.{mutant.module.name}", mutant.function)
        return [module for module in self._modules.values() if wanted in module.imports.values()]

    def survives(self, mutant: Mutant) -> bool:
        """Are the mutant's numbers proved in range, as if nothing had been taken away?

        By the entries of the file as it is, as a mutant must not make new ones, and of these by
        those whose proofs come to the mutated function; then by the files that import it.
        """
        module = mutant.module
        if module.name != _LEAF:
            known = dict(self._known)
            if not prove_module(module, self.entries_of(mutant), known, *self._beside(module)).in_range:
                return False
            return all(
                self._is_in_range(each, module, dict(self._known)) for each in self._importers_of(mutant)
            )
        memory: Memory = {}
        return all(self._is_in_range(each, module, memory) for each in (module, *self._beside(module)))

    def _is_in_range(self, each: Module, mutated: Module, memory: Memory) -> bool:
        """One file's proofs, with the mutated one in its place."""
        replaced = (mutated, *self._beside(each, mutated))
        return prove_module(each, self._names[each.path], memory, *replaced).in_range


def listed() -> dict[str, str]:
    """The survivors that are known, each with its reason."""
    table = tomllib.loads(SURVIVORS.read_text())
    return {name: group["reason"] for group in table["group"] for name in group["guards"]}


def differences(survivors: Iterable[str], made: Iterable[str], kernel: str = "") -> list[str]:
    """What the list of survivors says otherwise than the prover, in words; of one kernel or of all."""
    known = {name for name in listed() if name.startswith(kernel)}
    found, there = set(survivors), set(made)
    return (
        [f"survives and is not listed: {name}" for name in sorted(found - known)]
        + [f"listed and caught: {name}" for name in sorted((known & there) - found)]
        + [f"listed and not there: {name}" for name in sorted(known - there)]
    )


def main() -> int:
    """Prove every mutant; 1 when survivors.toml is not what comes of it."""
    try:
        judge = Judge()
    except ValueError as error:
        print(error)
        return 1
    wrong: list[str] = []
    caught = total = 0
    for path in kernel_files():
        made = list(mutants(path))
        survivors = [mutant.name for mutant in made if judge.survives(mutant)]
        print(f"{path.stem:12} {len(made):4} guards, {len(made) - len(survivors):4} caught")
        wrong += differences(survivors, [mutant.name for mutant in made], f"{path.stem}.")
        total, caught = total + len(made), caught + len(made) - len(survivors)
    print("\n".join([f"{caught} of {total} mutants caught; the others are in {SURVIVORS.name}", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
