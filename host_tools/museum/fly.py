"""Fly every landing with every voter over seeds, in worker processes; the table out of the flights."""

import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from host_tools.landing.record import SETTLED_S, Course, FlightRecord
from host_tools.museum.outcome import Outcome

GROUP = 8  # flights of a task: as many as fly abreast (world/lanes.py)
MOST_NAMED = 10  # of the flights that a row has lost
_FAR_M = 1000.0  # from the site: worth telling of a flight that was lost


@dataclass(frozen=True)
class Task:
    """Flights of one landing by one voter, with `count` seeds from `first_seed` on.

    show: the first one's course is kept for the picture; record: so is its whole record.
    """

    landing: str
    voter: str
    first_seed: int
    count: int = 1
    show: bool = False
    record: bool = False


@dataclass(frozen=True)
class Flown:
    """One flight as it comes back from a worker; the course of a shown one, and its record if asked for.

    lost: how it ended, where it did not survive.
    """

    landing: str
    voter: str
    seed: int
    outcome: Outcome
    impossible: str | None
    course: Course | None = None
    lost: str | None = None


@dataclass(frozen=True)
class Row:
    """One landing by one voter; `impossible` of the flights no thrust could have saved, for `reason`.

    settled: flights that knew their height to 100 m within 5 s of every rim, of those that passed any;
    settled_s: the longest of them, None where there is no rim, or where agl never was right again.
    overdue_least_m: the lowest height at which a range was first said to be overdue.
    lost: the first of those that did not survive, each with its seed.
    """

    landing: str
    voter: str
    seeds: int
    survived: int
    worst_error_m: float | None
    blind_s: float
    aborted: int
    cut_off_in_flight: int
    false_landed: int
    impossible: int
    reason: str | None
    rims_passed: int
    settled: int
    settled_s: float | None
    overdue: int
    overdue_least_m: float | None
    lost: tuple[str, ...]


def tasks(landings: Sequence[str], voters: Sequence[str], seeds: int, first_seed: int = 1) -> list[Task]:
    """Every flight, in groups; the first seed is shown, by the first voter with its record."""
    return [
        Task(
            landing,
            voter,
            first_seed + i,
            min(GROUP, seeds - i),
            show=i == 0,
            record=i == 0 and voter == voters[0],
        )
        for i in range(0, seeds, GROUP)
        for landing in landings
        for voter in voters
    ]


def fly_group(task: Task) -> list[Flown]:
    """The flights of a task: abreast, but where a scenario cannot; a record is of a flight of its own."""
    from host_tools.campaign.batch import flies_abreast
    from host_tools.campaign.courses import fly_courses
    from host_tools.landing.loop import fly
    from host_tools.museum.outcome import judge
    from host_tools.museum.physics import impossible
    from host_tools.scenarios.library import load

    scenario = load(task.landing)
    seeds = range(task.first_seed, task.first_seed + task.count)
    courses: list[Course]
    if flies_abreast(scenario):
        courses = fly_courses(scenario, seeds, task.voter)
    else:
        courses = [fly(scenario, seed, task.voter) for seed in seeds]
    if task.record and not isinstance(courses[0], FlightRecord):
        courses[0] = fly(scenario, task.first_seed, task.voter)
    flights = []
    for seed, course in zip(seeds, courses, strict=True):
        outcome = judge(course, scenario)
        reason = None if outcome.survived else impossible(course, scenario)
        shown = course if task.show and seed == task.first_seed else None
        lost = None if outcome.survived else _ended(course)
        flights.append(Flown(task.landing, task.voter, seed, outcome, reason, shown, lost))
    return flights


def _ended(course: Course) -> str:
    """How a flight ended; where, if that was far from its site."""
    at = course.touchdown
    if at is None or at.miss_distance_m < _FAR_M:
        return course.outcome
    return f"{course.outcome}, {at.miss_distance_m / 1000.0:.1f} km from its site"


def fly_all(
    todo: Sequence[Task], workers: int | None = None, progress: Callable[[Sequence[Flown]], Any] | None = None
) -> list[Flown]:
    """Every flight, in the order of `todo`; progress(flights) after each task, in any order."""
    count = min(workers or os.cpu_count() or 1, len(todo))
    if count <= 1:
        return _counted(map(fly_group, todo), todo, progress)
    _compile(todo)
    with multiprocessing.get_context("spawn").Pool(count, _leave_interrupts_to_the_parent) as pool:
        return _counted(pool.imap_unordered(fly_group, todo), todo, progress)


def _counted(
    groups: Iterable[list[Flown]],
    todo: Sequence[Task],
    progress: Callable[[Sequence[Flown]], Any] | None,
) -> list[Flown]:
    done = {}
    for flights in groups:
        done[flights[0].landing, flights[0].voter, flights[0].seed] = flights
        if progress is not None:
            progress(flights)
    return [flight for task in todo for flight in done[task.landing, task.voter, task.first_seed]]


def _compile(todo: Sequence[Task]) -> None:
    """Have everything compiled once: workers that compile the same at the same time spoil the cache."""
    from host_tools.campaign import batch
    from host_tools.landing.loop import prepare
    from host_tools.scenarios.library import load

    alone = {task for task in todo if not batch.flies_abreast(load(task.landing))}
    if len(alone) < len(todo):
        batch.prepare(load(next(task for task in todo if task not in alone).landing))
    for voter in sorted({task.voter for task in todo if task.record or task in alone}):
        prepare(load(todo[0].landing), voter)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def rows(flights: Sequence[Flown]) -> list[Row]:
    """The table, in the order of the flights."""
    groups: dict[tuple[str, str], list[Flown]] = {}
    for flight in flights:
        groups.setdefault((flight.landing, flight.voter), []).append(flight)
    return [_row(landing, voter, mine) for (landing, voter), mine in groups.items()]


def _row(landing: str, voter: str, mine: list[Flown]) -> Row:
    errors_m = [f.outcome.worst_error_m for f in mine if math.isfinite(f.outcome.worst_error_m)]
    settled_s = [f.outcome.settled_s for f in mine if f.outcome.settled_s is not None]
    overdue_m = [f.outcome.overdue_m for f in mine if f.outcome.overdue_m is not None]
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
        false_landed=sum(flight.outcome.false_landed for flight in mine),
        impossible=len(reasons),
        reason=reasons[0] if reasons else None,
        rims_passed=len(settled_s),
        settled=sum(each <= SETTLED_S for each in settled_s),
        settled_s=round(max(settled_s), 1) if settled_s and math.isfinite(max(settled_s)) else None,
        overdue=len(overdue_m),
        overdue_least_m=round(min(overdue_m), 1) if overdue_m else None,
        lost=tuple(f"seed {flight.seed}: {flight.lost}" for flight in mine if flight.lost)[:MOST_NAMED],
    )
