"""What a proof found: what is not proved, and how large the numbers of each function get."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from host_tools.proof.intervals import Range, union
from host_tools.proof.program import ROOT

# What may be wrong, in the words of a finding and of the example that shows it.
LEAVES = "leaves 31 bits"
SHIFT = "a shift count has to stay in 0..30"
DIVISOR = "a divisor has to be a constant other than 0"
UNSET = "may be unset here"
UNREACHED = "no proof comes here: nobody calls it"


def leaves_array(array: str, size: int) -> str:
    return f"the index leaves {array}[0..{size - 1}]"


def declared_as(slot: str, declared: Range) -> str:
    return f"{slot} is declared as {declared}"


@dataclass(frozen=True)
class Finding:
    """One thing that is not proved: where, what, and the range that it can reach."""

    path: Path
    line: int
    column: int
    function: str
    expression: str
    rule: str
    reach: Range | None = None

    @property
    def of_a_value(self) -> bool:
        """Would some input show it, if it is true?"""
        return self.reach is not None or self.rule == UNSET

    def __str__(self) -> str:
        reach = f" can reach {self.reach}:" if self.reach else ":"
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{path}:{self.line}: {self.function}: `{self.expression}`{reach} {self.rule}"


@dataclass
class Report:
    """Findings, and the bits of the largest intermediate, by function."""

    findings: dict[tuple[Path, int, int, str], Finding] = field(default_factory=dict)
    bits: dict[str, int] = field(default_factory=dict)
    quiet: int = 0  # above 0 while a loop's invariant is only being tried

    def add(self, finding: Finding) -> None:
        if self.quiet:
            return
        key = (finding.path, finding.line, finding.column, finding.rule)
        known = self.findings.get(key)
        if known and known.reach and finding.reach:
            finding = replace(finding, reach=union(known.reach, finding.reach))
        self.findings[key] = finding

    def seen(self, function: str, bits: int) -> None:
        if bits > self.bits.get(function, 0):
            self.bits[function] = bits

    def merge(self, other: "Report") -> None:
        for finding in other.findings.values():
            self.add(finding)
        for function, bits in other.bits.items():
            self.seen(function, bits)

    def of(self, functions: Iterable[str]) -> list[Finding]:
        wanted = set(functions)
        return [finding for finding in self.findings.values() if finding.function in wanted]
