"""Run the vectors through the five runtimes and judge what they wrote.

    outcome = Run(folder, unix_port().program).outcome({"flight": 2000})

Plain CPython is the reference. Every array that a kernel may have changed is compared after every call.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.runtimes.compare import Difference, Layout, first_difference, kernel_at, step_bytes
from host_tools.proof.runtimes.variants import ROOT, RUNTIMES, Copies, Plant, Runtime

PACKAGE = "host_tools.proof.runtimes"
Ended = subprocess.CompletedProcess[str]
_HEAP = ("-X", "heapsize=8m")


class RunError(Exception):
    """The run itself failed, before there was anything to compare; the message is one line."""


@dataclass
class Row:
    """What one runtime made of one program."""

    runtime: str
    program: str
    steps: int
    hash: str
    seconds: float
    agree: bool


@dataclass
class Outcome:
    """Rows by program and runtime, and the first difference of each that does not agree."""

    rows: list[Row] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def agree(self) -> bool:
        return bool(self.rows) and not self.differences


@dataclass
class Run:
    """One set of vectors, made from `seed`, in `folder`; `micropython` is the 32-bit unix port."""

    folder: Path
    micropython: Path
    seed: int = 1
    plants: tuple[Plant, ...] = ()
    runtimes: tuple[Runtime, ...] = RUNTIMES

    def outcome(self, steps: Mapping[str, int]) -> Outcome:
        """Replay `steps` of each program everywhere, two runtimes at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        orders = [f"{name}={count}" for name, count in steps.items()]
        self._make_vectors(orders)
        copies = Copies(self.folder / "firmware", self.plants)
        folders = [copies.of(runtime) for runtime in self.runtimes]
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            ended = list(pool.map(self._replay, self.runtimes, folders, [orders] * len(folders)))
        outcome = Outcome()
        for name, count in steps.items():
            self._judge(outcome, name, count, self._layout(name), ended)
        return outcome

    def _make_vectors(self, orders: list[str]) -> None:
        command = [sys.executable, "-m", f"{PACKAGE}.vectors", str(self.folder), str(self.seed), *orders]
        made = subprocess.run(command, cwd=ROOT, env=_environment("plain"), capture_output=True, text=True)
        if made.returncode:
            raise RunError(f"the vectors cannot be made: {_last_line(made.stderr)}")

    def _replay(self, runtime: Runtime, firmware: Path, orders: list[str]) -> Ended:
        for order in orders:
            (self.folder / f"{order.split('=')[0]}.{runtime.name}").write_bytes(b"")
        environment = _environment("numba" if runtime.name == "numba" else "plain")
        arguments = [str(firmware), str(self.folder), runtime.name, *orders]
        if runtime.decorator is None:
            command = [sys.executable, "-m", f"{PACKAGE}.replayed.main", *arguments]
        else:
            code = f"from replayed.main import main\nmain({arguments!r})"
            command = [str(self.micropython), *_HEAP, "-c", code]
            environment["MICROPYPATH"] = str(Path(__file__).resolve().parent)
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    def _layout(self, name: str) -> Layout:
        return [tuple(part) for part in json.loads((self.folder / f"{name}.layout").read_text())]

    def _judge(self, outcome: Outcome, name: str, count: int, layout: Layout, ended: list[Ended]) -> None:
        """Add one program's rows and differences."""
        expected = self._trace(name, self.runtimes[0])
        complete = expected.size == count * step_bytes(layout)
        for runtime, process in zip(self.runtimes, ended, strict=True):
            got = self._trace(name, runtime)
            found = first_difference(expected, got if complete else got[: expected.size], layout)
            if runtime is self.runtimes[0] and not complete:
                step, within = divmod(got.size, step_bytes(layout))
                found = step, kernel_at(layout, within), "", 0, None
            seconds, said = _report_of(process, name)
            if found is not None:
                outcome.differences.append(Difference(runtime.name, name, *found, said))
            digest = hashlib.sha256(got.tobytes()).hexdigest()
            outcome.rows.append(Row(runtime.name, name, count, digest, seconds, found is None))

    def _trace(self, name: str, runtime: Runtime) -> NDArray[np.uint8]:
        return np.fromfile(self.folder / f"{name}.{runtime.name}", dtype=np.uint8)


def _report_of(process: Ended, name: str) -> tuple[float, str]:
    """A program's seconds, and what was said when it stopped."""
    for line in process.stdout.splitlines():
        words = line.split(maxsplit=2)
        if words[0] == name:
            return float(words[1]), words[2] if len(words) > 2 else ""
    ending = f"exit code {process.returncode}" if process.returncode else ""
    return float("nan"), _last_line(process.stderr) or ending


def _environment(kernels: str) -> dict[str, str]:
    return {**os.environ, "PLUMBLINE_KERNELS": kernels}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
