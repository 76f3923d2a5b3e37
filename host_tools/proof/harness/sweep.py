"""Run one check over edges, a grid, its whole domain or random vectors, in batches, and sum up."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any
from zlib import crc32

import numpy as np

from host_tools.proof.harness.check import Check, judge
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.noise import Noise, edges
from host_tools.proof.harness.thresholds import thresholds
from plumbline.kernels import slots

BATCH = 1 << 14  # larger arrays leave the processor's cache, and malloc asks the system for each
WITNESSED = 2000
POINTS = 10_000  # of an error plot
PREFIXES = {
    "estimate": "EST_",
    "state": "STA_",
    "imu": "IMU_",
    "reading": "ALT_",
    "guidance": "GUI_",
    "params": "PAR_",
}


@dataclass(frozen=True)
class Effort:
    """How far a run goes: random vectors of a check of share 1, combinations of edges, domain size."""

    random: int
    combinations: int
    whole: int


QUICK = Effort(random=10_000, combinations=20_000, whole=0)
USUAL = Effort(random=100_000, combinations=500_000, whole=2**30)
FULL = Effort(random=10_000_000, combinations=10_000_000, whole=2**31)


@dataclass
class Outcome:
    """One row of the table, and points for its plot."""

    kernel: str
    domain: str
    vectors: int = 0
    exhaustive: bool = False
    worst_error_lsb: float = 0.0
    bound_lsb: float = 0.0
    proved: bool = False
    seconds: float = 0.0
    bad: int = 0
    where: str = ""
    against: str = ""  # what the points' first numbers are
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """No vector lies further away than its own allowance."""
        return self.bad == 0

    def row(self) -> dict[str, Any]:
        """What build/crosscheck.json holds."""
        wanted = (
            "kernel",
            "domain",
            "vectors",
            "exhaustive",
            "worst_error_lsb",
            "bound_lsb",
            "proved",
            "seconds",
        )
        every = asdict(self)
        return {name: every[name] for name in wanted}


def sweep(check: Check, effort: Effort) -> Outcome:
    """Everything that this effort asks of a check."""
    began = time.perf_counter()
    outcome = Outcome(check.kernel, check.domain, bound_lsb=check.bound_lsb, against=_named(check))
    outcome.exhaustive = check.whole and _size(check) <= effort.whole
    vectors = _size(check) if outcome.exhaustive else effort.random * check.share
    stride = max(1, int(vectors / POINTS))
    for arguments in batches(check, effort, outcome.exhaustive):
        _add(outcome, check, arguments, stride)
    outcome.seconds = round(time.perf_counter() - began, 3)
    return outcome


def batches(check: Check, effort: Effort, exhaustive: bool) -> Iterator[Arguments]:
    """The vectors in the order: whole domain, or edges and grid, then random ones."""
    if exhaustive:
        ((name, (low, high)),) = check.axes.items()
        for start in range(low, high + 1, BATCH):
            yield {name: np.arange(start, min(start + BATCH, high + 1), dtype=np.int64).astype(np.int32)}
        return
    if check.axes:
        yield from _combinations(check, effort.combinations)
    left = max(1, int(effort.random * check.share))
    seed = crc32(f"{check.kernel} {check.domain}".encode())
    named = thresholds(check.function)
    for number in count():
        n = min(BATCH, left)
        yield check.vectors(Noise(seed, number, thresholds=named), n)
        left -= n
        if left <= 0:
            return


def grid(low: int, high: int) -> list[int]:
    """Edges of a range and 33 evenly spaced values."""
    return sorted({*edges(low, high), *np.linspace(low, high, 33).astype(np.int64).tolist()})


def _combinations(check: Check, most: int) -> Iterator[Arguments]:
    """Every edge with every edge; where these are too many, every k-th of them."""
    axes = {name: grid(*span) if len(span) == 2 else list(span) for name, span in check.axes.items()}
    shape = tuple(len(values) for values in axes.values())
    total = int(np.prod(shape))
    stride = max(1, -(-total // most))
    while stride > 1 and any(length % stride == 0 or np.gcd(length, stride) > 1 for length in shape):
        stride += 1  # without a common divisor it walks through every axis
    for start in range(0, total, BATCH * stride):
        flat = np.arange(start, min(start + BATCH * stride, total), stride)
        columns = np.unravel_index(flat, shape)
        yield {
            name: np.array(values, np.int32)[column]
            for (name, values), column in zip(axes.items(), columns, strict=True)
        }


def _add(outcome: Outcome, check: Check, arguments: Arguments, stride: int) -> None:
    if check.witness is not None and outcome.vectors < WITNESSED:
        _hear_witness(check, arguments)
    judgement = judge(check, arguments)
    error, row, place = judgement.worst()
    if error > outcome.worst_error_lsb or (judgement.bad and not outcome.bad):
        outcome.worst_error_lsb = max(error, outcome.worst_error_lsb)
        outcome.where = f"{place} at {_vector(arguments, row)}"
    outcome.vectors += judgement.error.size
    outcome.bad += judgement.bad
    if check.bound_lsb:
        # every stride-th vector, and the worst of the batch
        rows = np.append(
            np.arange(outcome.vectors % stride % judgement.error.size, judgement.error.size, stride), row
        )
        over = _over(check, arguments)[rows]
        outcome.points += list(zip(over.tolist(), judgement.error[rows].tolist(), strict=True))


def _hear_witness(check: Check, arguments: Arguments) -> None:
    """The reference itself against another library, over the first vectors."""
    assert check.witness is not None
    few = {name: value[:WITNESSED].astype(np.int64) for name, value in arguments.items()}
    told = np.array(check.witness(*few.values()), np.int64)
    believed = check.reference(**few).result
    if believed is None or not np.array_equal(told, believed):
        raise ArithmeticError(f"{check.kernel}: the reference and its witness disagree")


def _named(check: Check) -> str:
    """What the error is drawn over: the slot's name in slots.py, or the argument's."""
    name, slot = check.against
    if name in PREFIXES:
        return next(
            key for key, value in vars(slots).items() if key.startswith(PREFIXES[name]) and value == slot
        )
    return name or next(iter(check.axes), "")


def _over(check: Check, arguments: Arguments) -> np.ndarray:
    name, slot = check.against
    value = arguments[name or next(iter(arguments))]
    return value[slot] if value.ndim == 2 else value


def _vector(arguments: Arguments, row: int) -> str:
    parts = [
        f"{name}={value[row] if value.ndim == 1 else value[:, row].tolist()}"
        for name, value in arguments.items()
    ]
    return ", ".join(parts)


def _size(check: Check) -> int:
    spans = list(check.axes.values())
    return spans[0][1] - spans[0][0] + 1 if len(spans) == 1 else 2**62
