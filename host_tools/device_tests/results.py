"""What device tests came to: results by board and file, as a table, as JUnit XML, as one number.

Nothing that was not seen to pass has passed: a file without its last line and a run without a test are
failures.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Result:
    """One test; `why` of a failure or of a skip."""

    name: str
    outcome: str
    why: str = ""
    trace: str = ""
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """The name as it is read."""
        return self.name.removeprefix("test_").replace("_", " ")


@dataclass
class Figure:
    """A measured value."""

    name: str
    value: float
    unit: str


@dataclass
class FileResults:
    """One file of tests on one board."""

    board: str
    module: str
    tier: str  # "emulated" or "board"
    results: list[Result] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    said: list[dict] = field(default_factory=list)  # what else the file reported

    def count(self, outcome: str) -> int:
        """How many tests came to that."""
        return sum(result.outcome == outcome for result in self.results)

    def add_figure(self, name: str, value: float, unit: str) -> None:
        """A value that was not measured by the board itself."""
        self.figures.append(Figure(name, value, unit))

    def fail(self, name: str, why: str, trace: str = "") -> None:
        """A failure that the board did not report itself."""
        self.results.append(Result(name, FAILED, why, trace))


def succeeded(files: Iterable[FileResults]) -> bool:
    """Whether at least one test passed and none failed."""
    files = list(files)
    return any(file.count(PASSED) for file in files) and not any(file.count(FAILED) for file in files)


def print_table(files: list[FileResults]) -> None:
    """Files with their counts, then what was measured, then what was left out and what failed."""
    width = max([len(file.module) for file in files], default=0)
    print(f"\n{'board':<16} {'file':<{width}} {'tier':<9}{'passed':>7}{'failed':>7}{'skipped':>8}{'s':>7}")
    for file in files:
        passed, failed, skipped = (file.count(outcome) for outcome in (PASSED, FAILED, SKIPPED))
        seconds = sum(result.seconds for result in file.results)
        print(
            f"{file.board:<16} {file.module:<{width}} {file.tier:<9}"
            f"{passed:>7}{failed:>7}{skipped:>8}{seconds:>7.1f}"
        )
    for file in files:
        for figure in file.figures:
            print(f"{file.board} ({file.tier}): {figure.name}: {figure.value:.6g} {figure.unit}".rstrip())
    for outcome in (SKIPPED, FAILED):
        for file in files:
            for result in file.results:
                if result.outcome == outcome:
                    print(f"{outcome}: {file.board} {file.module}: {result.sentence}: {result.why}")
                    if result.trace:
                        print("  " + result.trace.strip().replace("\n", "\n  "))
    total = {outcome: sum(file.count(outcome) for file in files) for outcome in (PASSED, FAILED, SKIPPED)}
    print(f"{total[PASSED]} passed, {total[FAILED]} failed, {total[SKIPPED]} skipped")
    if not total[PASSED] and not total[FAILED]:
        print("no test was run: that is a failure")


def write_junit(files: list[FileResults], path: Path) -> None:
    """JUnit XML, one suite a file."""
    root = ElementTree.Element("testsuites", name="device tests")
    for file in files:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"{file.board}.{file.module}",
            tests=str(len(file.results)),
            failures=str(file.count(FAILED)),
            skipped=str(file.count(SKIPPED)),
            time=f"{sum(result.seconds for result in file.results):.3f}",
        )
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in [("tier", file.tier), *((f.name, f"{f.value} {f.unit}") for f in file.figures)]:
            ElementTree.SubElement(properties, "property", name=name, value=value)
        for result in file.results:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=f"{file.board}.{file.module}",
                name=result.name,
                time=f"{result.seconds:.3f}",
            )
            if result.outcome == FAILED:
                ElementTree.SubElement(case, "failure", message=result.why).text = result.trace
            elif result.outcome == SKIPPED:
                ElementTree.SubElement(case, "skipped", message=result.why)
    if not any(file.results for file in files):
        case = ElementTree.SubElement(
            ElementTree.SubElement(root, "testsuite", name="device tests", tests="1", failures="1"),
            "testcase",
            name="at_least_one_test_is_run",
        )
        ElementTree.SubElement(case, "failure", message="no test was run")
    ElementTree.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
