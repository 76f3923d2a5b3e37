"""`python -m host_tools.proof.prove [FILES]`: prove the kernels' integers in range, and print a table.

For every function: proved or not, the bits of its largest number (31 are allowed), and how long it
took, or in whose proof its calls were followed. What is not proved is named with the range that it
can reach, and with an input that reaches it where a short search finds one.
Exit code 0 when everything is proved, 1 when something is not, 2 when a file cannot be read.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from host_tools.proof import declared, report
from host_tools.proof.declared import Array, DeclarationError
from host_tools.proof.facts import Pointer, State, Value
from host_tools.proof.interpreter import Interpreter, Memory
from host_tools.proof.program import Function, Module, Program, called_from_outside, entries, kernel_files
from host_tools.proof.report import Finding, Report
from host_tools.proof.viper_rules import check_source
from host_tools.proof.witness import Search

_SEARCH_S = 1.0  # for one finding
_MOST_SEARCHES = 10


@dataclass
class Row:
    """One function of the table."""

    function: str
    proved: bool = False
    bits: int = 0
    seconds: float | None = None  # None: proved in the calls that others make
    within: set[str] = field(default_factory=set)


@dataclass
class Proof:
    """Everything that was found about one file."""

    rows: list[Row]
    findings: list[Finding]

    @property
    def in_range(self) -> bool:
        """Is every number that a proof comes to where it may be?"""
        return all(finding.rule == report.UNREACHED for finding in self.findings)


def prove_module(module: Module, names: list[str], memory: Memory, *replaced: Module) -> Proof:
    """Prove the named functions of one file and all that they call.

    `replaced` stands in for files that it imports.
    """
    program, arrays = Program(module, *replaced), declared.arrays()
    rows = {name: Row(function.name) for name, function in module.functions.items()}
    total = Report()
    for function in (module.functions[name] for name in names):
        start = time.perf_counter()
        found = prove_entry(program, arrays, function, memory)
        rows[function.tree.name].seconds = time.perf_counter() - start
        for name in found.bits:
            owner, _, local = name.partition(".")
            if owner == module.name and local != function.tree.name:
                rows[local].within.add(function.tree.name)
        total.merge(found)
    _finish(module, rows, total)
    return Proof(list(rows.values()), list(total.findings.values()))


def prove_entry(program: Program, arrays: dict[str, Array], function: Function, memory: Memory) -> Report:
    """Run one function over everything that its declared ranges allow."""
    found = Report()
    try:
        cases = declared.parameters(function)
    except DeclarationError as error:
        found.add(_finding_of(function, str(error)))
        return found
    for case in cases:
        state = State(
            arrays={
                name: {index: Value(slot.range, "slot") for index, slot in enumerate(arrays[name].slots)}
                for name in function.array_names
                if name in arrays
            }
        )
        arguments = [
            Value(case[name], "argument") if kind == "int" else Pointer(name)
            for name, kind in function.parameters
        ]
        Interpreter(program, arrays, found, memory).call(function, arguments, state)
    return found


def _finish(module: Module, rows: dict[str, Row], total: Report) -> None:
    """What concerns the file as a whole, and the rows' verdicts."""
    for broken in _banned(module.path.read_text()):
        name = f"{module.name}.{broken.function}"
        total.add(Finding(module.path, broken.line, 0, name, broken.function, broken.rule))
    for name, row in rows.items():
        row.bits = total.bits.get(row.function, 0)
        if row.seconds is None and not row.within:
            total.add(_finding_of(module.functions[name], report.UNREACHED))
        row.proved = not total.of([row.function])


_banned = cache(check_source)  # the same text is asked of for every mutant


def _finding_of(function: Function, rule: str) -> Finding:
    tree = function.tree
    return Finding(function.module.path, tree.lineno, tree.col_offset, function.name, tree.name, rule)


# --- the command ----------------------------------------------------------------------


def _table(proof: Proof) -> Iterator[str]:
    for row in proof.rows:
        where = f"{row.seconds:5.2f} s" if row.seconds is not None else f"in {', '.join(sorted(row.within))}"
        yield f"{row.function:32} {'proved' if row.proved else 'NOT PROVED':10} {row.bits:3} bits  {where}"


def examples(module: Module, names: list[str], findings: list[Finding]) -> Iterator[str]:
    """Each finding in words, with an input that shows it where one is found."""
    program, arrays = Program(module), declared.arrays()
    declaring = [name for name in names if declared.is_complete(module.functions[name])]
    for count, finding in enumerate(findings):
        yield str(finding)
        if count >= _MOST_SEARCHES or not finding.of_a_value:
            continue
        searches = (Search(program, arrays, module.functions[name]) for name in declaring)
        found = (search.find(finding, _SEARCH_S / len(declaring)) for search in searches)
        witness = next((one for one in found if one), None)
        if witness:
            yield f"    {witness.describe()}"
        else:
            yield "    no input found that does it: the ranges may be too coarse, a clamp would settle it"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="prove", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILES", help="default: every kernel")
    files = [path.resolve() for path in parser.parse_args(arguments).files] or kernel_files()
    outside, functions, unproved = called_from_outside(), 0, 0
    memory: Memory = {}
    for path in files:
        try:
            module = Module(path)
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            print(f"{path}: cannot be read: {error}", file=sys.stderr)
            return 2
        names = entries(module, outside)
        proof = prove_module(module, names, memory)
        print("\n".join([*_table(proof), *examples(module, names, proof.findings)]))
        functions += len(proof.rows)
        unproved += sum(not row.proved for row in proof.rows)
    print(f"{functions - unproved} of {functions} functions proved")
    return 1 if unproved else 0


if __name__ == "__main__":
    sys.exit(main())
