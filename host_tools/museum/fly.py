"""Fly every landing with every voter over seeds, in worker processes; the table out of the flights."""

import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from host_tools.landing.record import FlightRecord
from host_tools.museum.outcome import Outcome


@dataclass(frozen=True)
class Task:
    """One flight; `keep` asks for its record, for the picture."""

    landing: str
    voter: str
    seed: int
    keep: bool = False


@dataclass(frozen=True)
class Flown:
    """One flight as it comes back from a worker."""

    task: Task
    outcome: Outcome
    impossible: str | None
    record: FlightRecord | None


@dataclass(frozen=True)
class Row:
    """One landing by one voter; `impossible` of the flights no thrust could have saved, for `reason`."""

    landing: str
    voter: str
    seeds: int
    survived: int
    worst_error_m: float | None
    blind_s: float
    aborted: int
    cut_off_in_flight: int
    impossible: int
    reason: str | None


def tasks(landings: Sequence[str], voters: Sequence[str], seeds: int, first_seed: int = 1) -> list[Task]:
    """Every flight, the first seed of each kept for its picture."""
    return [
        Task(landing, voter, first_seed + i, keep=i == 0)
        for i in range(seeds)
        for landing in landings
        for voter in voters
    ]


def fly_one(task: Task) -> Flown:
    """One flight."""
    from host_tools.landing.loop import fly
    from host_tools.museum.outcome import judge
    from host_tools.museum.physics import impossible
    from host_tools.scenarios.library import load

    scenario = load(task.landing)
    record = fly(scenario, task.seed, task.voter)
    outcome = judge(record, scenario)
    reason = None if outcome.survived else impossible(record, scenario)
    return Flown(task, outcome, reason, record if task.keep else None)


def fly_all(
    todo: Sequence[Task], workers: int | None = None, progress: Callable[[Flown], Any] | None = None
) -> list[Flown]:
    """Every flight, in the order of `todo`; progress(flight) after each, in any order."""
    count = min(workers or os.cpu_count() or 1, len(todo))
    if count <= 1:
        return _counted(map(fly_one, todo), todo, progress)
    _compile(todo)
    with multiprocessing.get_context("spawn").Pool(count, _leave_interrupts_to_the_parent) as pool:
        return _counted(pool.imap_unordered(fly_one, todo), todo, progress)


def _counted(
    flights: Iterable[Flown], todo: Sequence[Task], progress: Callable[[Flown], Any] | None
) -> list[Flown]:
    done = {}
    for flight in flights:
        done[flight.task] = flight
        if progress is not None:
            progress(flight)
    return [done[task] for task in todo]


def _compile(todo: Sequence[Task]) -> None:
    """Have everything compiled once: workers that compile the same at the same time spoil the cache."""
    from host_tools.landing.loop import prepare
    from host_tools.scenarios.library import load

    for voter in sorted({task.voter for task in todo}):
        prepare(load(todo[0].landing), voter)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def rows(flights: Sequence[Flown]) -> list[Row]:
    """The table, in the order of the flights."""
    groups: dict[tuple[str, str], list[Flown]] = {}
    for flight in flights:
        groups.setdefault((flight.task.landing, flight.task.voter), []).append(flight)
    return [_row(landing, voter, mine) for (landing, voter), mine in groups.items()]


def _row(landing: str, voter: str, mine: list[Flown]) -> Row:
    errors_m = [f.outcome.worst_error_m for f in mine if math.isfinite(f.outcome.worst_error_m)]
    reasons = [flight.impossible for flight in mine if flight.impossible is not None]
    return Row(
        landing=landing,
        voter=voter,
        seeds=len(mine),
        survived=sum(flight.outcome.survived for flight in mine),
        worst_error_m=round(max(errors_m), 1) if errors_m else None,
        blind_s=round(max(flight.outcome.blind_s for flight in mine), 1),
        aborted=sum(flight.outcome.aborted for flight in mine),
        cut_off_in_flight=sum(flight.outcome.cut_off_in_flight for flight in mine),
        impossible=len(reasons),
        reason=reasons[0] if reasons else None,
    )
