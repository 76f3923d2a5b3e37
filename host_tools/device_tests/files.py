"""The tests' own files on a board, under /test, and which of them a board can run at all.

Compiled like the flight code beside them. A test file says in NEEDS which signals it needs of pins.csv.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT, is_host_only
from host_tools.device_tests.vectors import Vectors
from host_tools.flash import inliner
from host_tools.flash.board_files import FIRMWARE, PARSING, BoardDescription, compiled

TESTS = ROOT / "tests_device"
REPLAYED = ROOT / "host_tools" / "proof" / "runtimes" / "replayed"
FOLDER = "test"
WHOLE = f"{FOLDER}/whole"  # all flight code, for tests that call what this board has no use for
_VECTORS = "test_kernels"


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


def files_for_tests(board: BoardDescription, modules: list[str], vectors: Vectors | None) -> dict[str, bytes]:
    """Path and content of what the test files `modules` need on the board. Raises BoardError."""
    arch = board.chip.arch
    helpers = [path for path in sorted(TESTS.glob("*.py")) if not path.name.startswith("test_")]
    sources = {f"{FOLDER}/{path.name}": path for path in helpers}
    sources |= {f"{FOLDER}/{module}.py": TESTS / f"{module}.py" for module in modules}
    replayed = vectors if _VECTORS in modules else None
    if replayed is not None:
        sources |= {f"{FOLDER}/replayed/{path.name}": path for path in sorted(REPLAYED.glob("*.py"))}
    files: dict[str, bytes] = {}
    for target, path in sources.items():
        shown = path.relative_to(ROOT).as_posix()
        files[target.removesuffix(".py") + ".mpy"] = compiled(shown, path.read_text(), arch)
    if replayed is not None:
        files |= _whole(arch)
        files |= {f"{FOLDER}/vectors/{name}": content for name, content in replayed.files.items()}
    return files


def _whole(arch: str) -> dict[str, bytes]:
    """All flight code, unfolded as in a deployment, but nothing left out."""
    paths = [path for path in sorted(FIRMWARE.rglob("*.py")) if not is_host_only(path)]
    texts = {path.relative_to(FIRMWARE).as_posix(): path.read_text() for path in paths}
    with PARSING:
        library = inliner.Library(texts)
        unfolded = {path: inliner.inlined(path, library) for path in texts}
    return {
        f"{WHOLE}/{path.removesuffix('.py')}.mpy": compiled(f"firmware/{path}", text, arch)
        for path, text in unfolded.items()
    }
