"""A campaign cut into tasks: a stretch of indices each, flown anywhere, with the same rows everywhere."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from host_tools.campaign import flight
from host_tools.campaign.draw import Run, draw
from host_tools.campaign.program import fingerprint
from host_tools.campaign.spec import Campaign
from host_tools.scenarios.schema import Scenario

Fly: TypeAlias = Callable[[Sequence[Run]], list[dict[str, Any]]]
Stretch: TypeAlias = tuple[int, int]  # first index, number of runs

_PARTS = 64  # at least so many tasks, for the progress and for all workers to have some
_MOST_RUNS = 250


class OtherProgram(Exception):
    """A worker has other sources than the one who asks; the message is one line."""


@dataclass(frozen=True)
class Task:
    """Runs `first` to `first + count - 1`."""

    first: int
    count: int
    campaign: Campaign
    scenario: Scenario
    program: str
    fly: Fly = flight.fly


@dataclass(frozen=True)
class Flown:
    """What comes back: a list of values per column, and the processor's time for them."""

    first: int
    count: int
    columns: dict[str, list[Any]]
    cpu_s: float


def do(task: Task) -> Flown:
    """Fly one task. Raises OtherProgram, and DrawError for draws that make no landing."""
    if fingerprint() != task.program:
        raise OtherProgram(
            "a worker has other sources or libraries than this program: install the same there"
        )
    began_s = time.process_time()
    runs = [draw(task.campaign, task.scenario, task.first + i) for i in range(task.count)]
    rows = [
        {"index": run.index, "seed": run.seed} | row | run.drawn
        for run, row in zip(runs, task.fly(runs), strict=True)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return Flown(task.first, task.count, columns, time.process_time() - began_s)


def prepare(task: Task) -> None:
    """Have everything compiled that the tasks call: workers that do it at the same time spoil the cache."""
    if task.fly is flight.fly:
        flight.prepare([draw(task.campaign, task.scenario, task.first)])


def missing(runs: int, stored: Iterable[Stretch]) -> list[Stretch]:
    """What is still to be flown of `runs`, cut at places that depend on `runs` only."""
    size = min(_MOST_RUNS, -(-runs // _PARTS))
    gaps: list[Stretch] = []
    at = 0
    for first, count in [*sorted(stored), (runs, 0)]:
        while at < first:
            end = min(first, (at // size + 1) * size)
            gaps.append((at, end - at))
            at = end
        at = max(at, first + count)
    return gaps


def in_this_process(tasks: Iterable[Task]) -> Iterator[Flown]:
    """One task after the other, here."""
    return map(do, tasks)
