"""The tests' own files on a board, under /test, and which of them a board can run at all.

Compiled like the flight code beside them. A test file says in NEEDS which signals it needs of pins.csv.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT
from host_tools.device_tests.replays import REPLAYING
from host_tools.device_tests.vectors import Vectors
from host_tools.flash.board_files import FIRMWARE, PARSING, BoardDescription, compiled
from host_tools.flash.import_graph import modules_of
from host_tools.proof.runtimes.variants import Plant, Runtime, as_run_by

TESTS = ROOT / "tests_device"
REPLAYED = ROOT / "host_tools" / "proof" / "runtimes" / "replayed"
FOLDER = "test"
_PROGRAMS = [path for path in sorted(REPLAYED.glob("*.py")) if path.stem != "kernels"]


@dataclass(frozen=True)
class DeviceFile:
    """One file of tests."""

    module: str
    needs: tuple[str, ...]

    def missing(self, signals: set[str]) -> str:
        """The first signal that a board lacks for it, or nothing."""
        return next((signal for signal in self.needs if signal not in signals), "")


def device_files() -> list[DeviceFile]:
    """Every tests_device/test_*.py."""
    return [DeviceFile(path.stem, _needs(path)) for path in sorted(TESTS.glob("test_*.py"))]


def _needs(path: Path) -> tuple[str, ...]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NEEDS":
            return tuple(ast.literal_eval(node.value))
    raise ValueError(f"{path} says no NEEDS")


def files_for_tests(
    board: BoardDescription,
    modules: list[str],
    vectors: Vectors | None,
    plants: Sequence[Plant] = (),
) -> dict[str, bytes]:
    """Path and content of what the test files `modules` need on the board. Raises BoardError.

    vectors: for the files that replay. plants: changes in the flight code of one runtime, for a test.
    """
    arch = board.chip.arch
    helpers = [path for path in sorted(TESTS.glob("*.py")) if not path.name.startswith("test_")]
    sources = {f"{FOLDER}/{path.name}": path for path in helpers}
    sources |= {f"{FOLDER}/{module}.py": TESTS / f"{module}.py" for module in modules}
    replaying = [REPLAYING[module] for module in modules if module in REPLAYING and vectors is not None]
    named = vectors.files.items() if vectors is not None else ()
    calls = b"".join(content for name, content in named if name.endswith(".calls")).decode()
    if replaying:
        sources |= {f"{FOLDER}/replayed/{path.name}": path for path in sorted(REPLAYED.glob("*.py"))}
    files: dict[str, bytes] = {}
    for target, path in sources.items():
        shown = path.relative_to(ROOT).as_posix()
        files[target.removesuffix(".py") + ".mpy"] = compiled(shown, path.read_text(), arch)
    for runtime in replaying:
        files |= _flight_code(runtime, board, plants, calls)
    if vectors is not None and replaying:
        files |= {f"{FOLDER}/vectors/{name}": content for name, content in vectors.files.items()}
    return files


def _flight_code(
    runtime: Runtime, board: BoardDescription, plants: Sequence[Plant], calls: str
) -> dict[str, bytes]:
    """The flight code that is replayed, as one runtime gets it, also what this board's program leaves out.

    calls: the kernels that replayed/kernels.py calls, a line `module function ...` each.
    """
    chip = board.chip
    callers = {f"replayed/{program.name}": program.read_text() for program in _PROGRAMS}
    callers["replayed/calls.py"] = "".join(line.split()[1] + "\n" for line in calls.splitlines())
    with PARSING:
        paths = {
            path for program in _PROGRAMS for path in modules_of(program, FIRMWARE, chip.platform).values()
        }
        paths |= set((FIRMWARE / "plumbline" / "kernels").glob("*.py"))
        texts = {path.relative_to(FIRMWARE).as_posix(): path.read_text() for path in sorted(paths)}
        texts = as_run_by(runtime, texts, plants, callers)
    return {
        f"{FOLDER}/{runtime.name}/{path.removesuffix('.py')}.mpy": compiled(
            f"firmware/{path}", text, chip.arch
        )
        for path, text in texts.items()
    }
