"""Fly the trials of some questions over seeds, in worker processes; the table out of the answers.

    rows = run(questions(), ("flight",), range(200), workers=2)

A trial depends on what is flown and its seed alone: neither on the voter nor on the number of workers.
"""

import multiprocessing
import os
import signal
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from host_tools.comparators.registry import FLIGHT
from host_tools.trials.flight import Votes, fly
from host_tools.trials.question import Question
from host_tools.trials.questions import questions
from host_tools.trials.streams import Plan, Stream, stream

SEEDS_A_TASK = 25
SHOWN_FAILURES = 20


@dataclass(frozen=True)
class Task:
    """Some seeds of what is flown, by one voter, with the names of the questions asked about them."""

    flown: str
    asked: tuple[str, ...]
    voter: str
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Answers:
    """One task's: by question, the seeds asked and those whose answer was no."""

    task: Task
    asked: dict[str, int]
    failing: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Row:
    """One question by one voter. `accepted` and `kept` are None where nobody could do it."""

    question: str
    voter: str
    seeds: int
    asked: int
    failures: int
    share: float
    accepted: float | None
    kept: bool | None
    failing: tuple[int, ...]
    why_not: str
    tier: str = "host"


def trial(flown: str, question: Question, seed: int, voter: str = FLIGHT) -> tuple[Plan, Stream, Votes]:
    """One trial of what is flown."""
    key = zlib.crc32(flown.encode())
    plan = question.plan(np.random.default_rng([seed, key]))
    readings = stream(plan, [seed, key])
    return plan, readings, fly(readings, voter, seed)


def tasks(chosen: Sequence[Question], voters: Sequence[str], seeds: Sequence[int]) -> list[Task]:
    """Everything to fly: questions about the same flights share them."""
    asked: dict[tuple[str, str], list[str]] = {}
    for voter in voters:
        for question in chosen:
            if voter == FLIGHT or not question.of_protection:
                asked.setdefault((voter, question.flown), []).append(question.name)
    return [
        Task(flown, tuple(names), voter, tuple(seeds[i : i + SEEDS_A_TASK]))
        for (voter, flown), names in asked.items()
        for i in range(0, len(seeds), SEEDS_A_TASK)
    ]


def answer(task: Task) -> Answers:
    """Fly one task's trials and ask its questions of each."""
    every = {question.name: question for question in questions()}
    mine = [every[name] for name in task.asked]
    asked, failing = dict.fromkeys(task.asked, 0), {name: [] for name in task.asked}
    for seed in task.seeds:
        plan, readings, votes = trial(task.flown, mine[0], seed, task.voter)
        for question in mine:
            good = question.good(readings, votes, plan)
            if good is not None:
                asked[question.name] += 1
                if not good:
                    failing[question.name].append(seed)
    return Answers(task, asked, {name: tuple(seeds) for name, seeds in failing.items()})


def run(
    chosen: Sequence[Question],
    voters: Sequence[str],
    seeds: Sequence[int],
    workers: int | None = None,
    progress: Callable[[Answers], Any] | None = None,
) -> list[Row]:
    """Every question by every voter that can be asked it; progress(answers) after each task, in any order."""
    todo = tasks(chosen, voters, seeds)
    count = min(workers or os.cpu_count() or 1, len(todo))
    if count <= 1:
        return _rows(chosen, voters, len(seeds), _collected(map(answer, todo), todo, progress))
    _compile(todo)
    with multiprocessing.get_context("spawn").Pool(count, _leave_interrupts_to_the_parent) as pool:
        return _rows(
            chosen, voters, len(seeds), _collected(pool.imap_unordered(answer, todo), todo, progress)
        )


def _collected(
    answers: Iterable[Answers], todo: Sequence[Task], progress: Callable[[Answers], Any] | None
) -> list[Answers]:
    done = {}
    for one in answers:
        done[one.task] = one
        if progress is not None:
            progress(one)
    return [done[task] for task in todo]


def _compile(todo: Sequence[Task]) -> None:
    """Have everything compiled once: workers that compile the same at the same time spoil the cache."""
    for voter in dict.fromkeys(task.voter for task in todo):
        first = next(task for task in todo if task.voter == voter)
        answer(Task(first.flown, first.asked, voter, first.seeds[:1]))


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _rows(
    chosen: Sequence[Question], voters: Sequence[str], seeds: int, answers: Sequence[Answers]
) -> list[Row]:
    asked: dict[tuple[str, str], int] = {}
    failing: dict[tuple[str, str], list[int]] = {}
    for one in answers:
        for name, count in one.asked.items():
            asked[name, one.task.voter] = asked.get((name, one.task.voter), 0) + count
            failing.setdefault((name, one.task.voter), []).extend(one.failing[name])
    return [
        _row(question, voter, seeds, asked[question.name, voter], failing[question.name, voter])
        for question in chosen
        for voter in voters
        if (question.name, voter) in asked
    ]


def _row(question: Question, voter: str, seeds: int, asked: int, failing: list[int]) -> Row:
    share = len(failing) / asked if asked else 0.0
    kept = None if question.accepted is None or asked == 0 else share <= question.accepted
    return Row(
        question.name,
        voter,
        seeds,
        asked,
        len(failing),
        share,
        question.accepted,
        kept,
        tuple(failing[:SHOWN_FAILURES]),
        question.why_not,
    )
