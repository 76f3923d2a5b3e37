"""`python -m host_tools.proof.prove [FILES]`: prove the kernels' integers in range, and print a table.

Exit code 0 when everything is proved, 1 when something is not, 2 when a file cannot be read.
"""

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.proof import declared
from host_tools.proof.declared import Array, DeclarationError
from host_tools.proof.facts import Pointer, State, Value
from host_tools.proof.interpreter import Interpreter, Memory
from host_tools.proof.program import Function, Module, Program, called_from_outside, entries, kernel_files
from host_tools.proof.report import Finding, Report
from host_tools.proof.viper_rules import check_source


@dataclass
class Row:
    """One function of the table."""

    function: str
    proved: bool
    bits: int
    seconds: float | None = None  # None: proved in the calls that others make
    within: set[str] = field(default_factory=set)


@dataclass
class Proof:
    """Everything that was found about some files."""

    rows: list[Row]
    findings: list[Finding]

    @property
    def proved(self) -> bool:
        return not self.findings


def prove_entry(program: Program, arrays: dict[str, Array], function: Function, memory: Memory) -> Report:
    """Run one function over everything that its declared ranges allow."""
    report = Report()
    for case in declared.parameters(function):
        state = State(
            arrays={
                name: {index: Value(slot.range, "slot") for index, slot in enumerate(arrays[name].slots)}
                for name, kind in function.parameters
                if kind != "int" and name in arrays
            }
        )
        arguments = [
            Value(case[name], "argument") if kind == "int" else Pointer(name)
            for name, kind in function.parameters
        ]
        Interpreter(program, arrays, report, memory).call(function, arguments, state)
    return report


def prove_module(module: Module, outside: set[str], memory: Memory | None = None) -> Proof:
    """Prove every viper function of one file."""
    program, arrays = Program(module), declared.arrays()
    memory = {} if memory is None else memory
    rows = {name: Row(function.name, False, 0) for name, function in module.functions.items()}
    total = Report()
    _refuse_banned(module, total)
    for function in entries(module, outside):
        start = time.perf_counter()
        report = _report_or_refusal(program, arrays, function, memory)
        rows[function.tree.name].seconds = time.perf_counter() - start
        for name in report.bits:
            owner, _, local = name.partition(".")
            if owner == module.name and local != function.tree.name:
                rows[local].within.add(function.tree.name)
        total.merge(report)
    for name, row in rows.items():
        row.bits = total.bits.get(row.function, 0)
        row.proved = not total.of([row.function])
        if row.seconds is None and not row.within:
            row.within.add("-")
    return Proof(list(rows.values()), list(total.findings.values()))


def _refuse_banned(module: Module, report: Report) -> None:
    """What viper must not even be asked."""
    for broken in check_source(module.path.read_text()):
        report.add(
            Finding(module.path, broken.line, 0, f"{module.name}.{broken.function}", "", broken.rule)
        )


def _report_or_refusal(
    program: Program, arrays: dict[str, Array], function: Function, memory: Memory
) -> Report:
    """The proof's report, or what of the declaration is missing."""
    try:
        return prove_entry(program, arrays, function, memory)
    except DeclarationError as error:
        report = Report()
        line = function.tree.lineno
        report.add(Finding(function.module.path, line, 0, function.name, function.tree.name, str(error)))
        return report


def _print(proof: Proof) -> None:
    for row in proof.rows:
        seconds = "" if row.seconds is None else f"{row.seconds:.2f} s"
        where = "in " + ", ".join(sorted(row.within)) if row.within else ""
        verdict = "proved" if row.proved else "NOT PROVED"
        print(f"{row.function:34} {verdict:10} {row.bits:3} bits {seconds:>8}  {where}")
    for finding in proof.findings:
        print(finding)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="prove", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILES", help="default: every kernel")
    files = [path.resolve() for path in parser.parse_args(arguments).files] or kernel_files()
    outside, memory, proved = called_from_outside(), {}, True
    for path in files:
        proof = prove_module(Module(path), outside, memory)
        _print(proof)
        proved = proved and proof.proved
    return 0 if proved else 1


if __name__ == "__main__":
    sys.exit(main())
