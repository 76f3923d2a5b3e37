"""Vectors of the five-runtime run for a board, with what plain CPython makes of them.

Made as those of host_tools/proof/runtimes are, so that a board is one more runtime there.
A board gets a checksum for each step; what CPython wrote stays here, for the first step that differs.
"""

import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT
from host_tools.proof.runtimes.compare import Layout, step_bytes

SEED = 1
STEPS = {
    "flight": 600,
    "kernels_navigation_pico": 28,
    "kernels_propulsion_pico": 28,
    "kernels_structure_pico": 28,
    "link": 120,
    "drivers": 120,
    "ports": 500,
}
_PACKAGE = "host_tools.proof.runtimes"
_REFERENCE = "plain"
_CHECK = struct.Struct("<I")


class VectorError(Exception):
    """The vectors cannot be made; the message is one line."""


@dataclass(frozen=True)
class Program:
    """One program of the run: what CPython wrote, all steps one after the other, and its hash."""

    steps: int
    layout: Layout
    trace: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the trace, hexadecimal."""
        return hashlib.sha256(self.trace).hexdigest()

    def step(self, index: int) -> bytes:
        """What is written in one step."""
        size = step_bytes(self.layout)
        return self.trace[index * size : (index + 1) * size]

    @property
    def checks(self) -> bytes:
        """For each step the CRC-32 of what is written in it, four bytes, little-endian."""
        return b"".join(_CHECK.pack(zlib.crc32(self.step(index))) for index in range(self.steps))


@dataclass(frozen=True)
class Vectors:
    """Files by name, as the programs read them on a board, and the programs by name."""

    files: dict[str, bytes]
    programs: dict[str, Program]

    @property
    def expected(self) -> dict[str, tuple[int, str]]:
        """By program the number of steps and the hash that is to come out."""
        return {name: (program.steps, program.hash) for name, program in self.programs.items()}


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
        programs = {name: _program(folder, name, count) for name, count in steps.items()}
    files |= {f"{name}.checks": program.checks for name, program in programs.items()}
    return Vectors(files, programs)


def _program(folder: Path, name: str, steps: int) -> Program:
    layout = [tuple(part) for part in json.loads((folder / f"{name}.layout").read_text())]
    program = Program(steps, layout, (folder / f"{name}.{_REFERENCE}").read_bytes())
    if len(program.trace) != steps * step_bytes(layout):
        raise VectorError(
            f"{name} writes {len(program.trace)} bytes in {steps} steps: not what its layout says"
        )
    return program


def _run(module: str, *arguments: str) -> str:
    environment = {**os.environ, "PLUMBLINE_KERNELS": _REFERENCE}
    command = [sys.executable, "-m", f"{_PACKAGE}.{module}", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["without a word"])[-1]
        raise VectorError(f"{_PACKAGE}.{module} failed: {last}")
    return ended.stdout
