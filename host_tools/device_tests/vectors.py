"""Vectors of the five-runtime run for a board, with the hash of what plain CPython makes of them.

The same seed gives the vectors of host_tools/proof/runtimes, so that a board is one more runtime there.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT

SEED = 1
STEPS = {"flight": 1000, "kernels": 250, "link": 200, "drivers": 200, "ports": 800}
_PACKAGE = "host_tools.proof.runtimes"
_REFERENCE = "plain"


class VectorError(Exception):
    """The vectors cannot be made; the message is one line."""


@dataclass(frozen=True)
class Vectors:
    """Files by name, and by program the number of steps and the hash that is to come out."""

    files: dict[str, bytes]
    expected: dict[str, tuple[int, str]]


def vectors(steps: dict[str, int] | None = None) -> Vectors:
    """The vectors of each program, made and replayed by plain kernels. Raises VectorError."""
    steps = STEPS if steps is None else steps
    orders = [f"{program}={count}" for program, count in steps.items()]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _run("vectors", made, str(SEED), *orders)
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".layout"}
        said = _run("replayed.main", str(ROOT / "firmware"), made, _REFERENCE, *orders)
        if any(" nan " in line for line in said.splitlines()):
            raise VectorError(f"the vectors cannot be replayed on the host: {said.strip().splitlines()[-1]}")
        expected = {
            program: (count, hashlib.sha256((folder / f"{program}.{_REFERENCE}").read_bytes()).hexdigest())
            for program, count in steps.items()
        }
    return Vectors(files, expected)


def _run(module: str, *arguments: str) -> str:
    environment = {**os.environ, "PLUMBLINE_KERNELS": _REFERENCE}
    command = [sys.executable, "-m", f"{_PACKAGE}.{module}", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["without a word"])[-1]
        raise VectorError(f"{_PACKAGE}.{module} failed: {last}")
    return ended.stdout
