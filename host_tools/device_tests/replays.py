"""A board's part of "five runtimes, one hash": which test file replays in which runtime, and what came of it.

Viper as it is deployed, native code and bytecode: the same steps of the same vectors, and a test file each,
so that one's code does not fill the other's heap and flash.
"""

import binascii
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from host_tools.checks.mpy_compile import ROOT
from host_tools.device_tests.results import FileResults
from host_tools.device_tests.vectors import Vectors
from host_tools.proof.runtimes.compare import Difference, first_difference
from host_tools.proof.runtimes.variants import RUNTIMES, Runtime

OUT = ROOT / "build" / "device_runtimes.json"
_BY_NAME = {runtime.name: runtime for runtime in RUNTIMES}
REPLAYING: dict[str, Runtime] = {
    "test_kernels": _BY_NAME["unfolded"],
    "test_kernels_native": _BY_NAME["native"],
    "test_kernels_bytecode": _BY_NAME["bytecode"],
}


@dataclass(frozen=True)
class Row:
    """What one runtime on one board made of one program; steps are those that agree, the hash is theirs."""

    runtime: str
    tier: str
    board: str
    program: str
    steps: int
    hash: str
    took_ms: int
    agree: bool
    difference: str = ""


def judge(results: FileResults, vectors: Vectors | None) -> None:
    """Say of each program that was replayed whether it agrees; a difference, by its slot, is a failure."""
    if vectors is None:
        return
    for about in results.said:
        if about["what"] == "replayed":
            about["agree"] = about["hash"] == vectors.programs[about["program"]].hash
        if about["what"] == "differs":
            about["difference"] = _difference(REPLAYING[results.module], about, vectors)
            results.fail(f"the_first_difference_in_{about['program']}", about["difference"])


def _difference(runtime: Runtime, about: dict[str, Any], vectors: Vectors) -> str:
    """The sentence that the unix port's run would print."""
    name, step = about["program"], about["step"]
    program = vectors.programs[name]
    expected = np.frombuffer(program.step(step), np.uint8)
    got = np.frombuffer(binascii.a2b_base64(about["written"]), np.uint8)
    found = first_difference(expected, got[: expected.size], program.layout)
    if found is None:
        return (
            f"{runtime.name} ends at {name}, step {step}, which agrees: {about['said'] or 'without a word'}"
        )
    return str(Difference(runtime.name, name, step, *found[1:], about["said"]))


def rows(files: Sequence[FileResults]) -> list[Row]:
    """A row for each program that a board has replayed, also where it differs."""
    return [
        Row(
            REPLAYING[file.module].name,
            file.tier,
            file.board,
            about["program"],
            about["steps"],
            about["hash"],
            about["took_ms"],
            about.get("agree", False),
            about.get("difference", ""),
        )
        for file in files
        if file.module in REPLAYING
        for about in file.said
    ]


def report(found: Sequence[Row], out: Path = OUT) -> None:
    """Print the rows and write them, all or nothing; without a row the last run's stay."""
    if not found:
        return
    print(f"{'runtime':<22}{'tier':<10}{'program':<9}{'steps':>6}{'s':>7}  {'hash':<15} agrees with CPython")
    for row in found:
        agree = "at every step" if row.agree else "NO"
        print(
            f"{_BY_NAME[row.runtime].title:<22}{row.tier:<10}{row.program:<9}{row.steps:>6,}"
            f"{row.took_ms / 1000:>7.1f}  {row.hash[:14]:<15} {agree}"
        )
    for row in found:
        if row.difference:
            print(f"{row.board}: {row.difference}")
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(out.name + ".part")
    draft.write_text(json.dumps([asdict(row) for row in found], indent=1) + "\n")
    os.replace(draft, out)
