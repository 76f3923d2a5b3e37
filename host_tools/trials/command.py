"""`plumbline trials`: the questions to the altitude vote over seeds, a table, a page with what went wrong."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host_tools.comparators.registry import FLIGHT, VOTERS

if TYPE_CHECKING:  # what these need takes a second to import: `plumbline --help` does not wait for it
    from host_tools.trials.question import Question
    from host_tools.trials.run import Answers, Row

DONE, NOT_KEPT, BAD_INPUT = 0, 1, 2
EVERY_VOTER = "all"


class InputError(Exception):
    """What was asked for cannot be done; one line."""


def trials(
    seeds: Annotated[int, typer.Option(min=1, max=1_000_000, help="Trials of each question.")] = 200,
    only: Annotated[str, typer.Option(help="Questions whose name has this text  [default: all]")] = "",
    voter: Annotated[str, typer.Option(help=f"{', '.join(VOTERS)} or {EVERY_VOTER}.")] = FLIGHT,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Processes  [default: one for each processor]")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for trials.html and trials.json.")] = Path("trials"),
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a share is not kept.")] = False,
    show: Annotated[str | None, typer.Option(help="Print and draw one trial of this question.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The trial that is shown.")] = 0,
) -> int:
    """Put the altitude vote on trial: short flights with a known truth, by the thousand."""
    from host_tools.landing.atomic import refusal

    try:
        voters = _voters(voter)
        reason = refusal(out)
        if reason is not None:
            raise InputError(f"--out {out}: {reason}")
        if show is not None:
            return _show(show, seed, voters[0], out)
        chosen = _chosen(only, "--only")
        table = _flown(chosen, voters, seeds, workers)
        _write(table, out)
    except InputError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return BAD_INPUT
    _tell(table, out)
    return NOT_KEPT if strict and any(row.kept is False for row in table) else DONE


def _voters(name: str) -> tuple[str, ...]:
    if name == EVERY_VOTER:
        return tuple(VOTERS)
    if name not in VOTERS:
        raise InputError(f"--voter {name}: no such voter (there is {', '.join(VOTERS)}, or {EVERY_VOTER})")
    return (name,)


def _chosen(text: str, option: str) -> "Sequence[Question]":
    """The questions with that text in their names; one only when it is a whole name."""
    from host_tools.trials.questions import questions

    exact = [question for question in questions() if question.name == text]
    found = exact or [question for question in questions() if text in question.name]
    if not found:
        raise InputError(f"{option} {text}: no question has this in its name")
    return found


def _flown(
    chosen: "Sequence[Question]", voters: Sequence[str], seeds: int, workers: int | None
) -> "list[Row]":
    from host_tools.landing.progress import counting
    from host_tools.trials.run import run, tasks

    todo = tasks(chosen, voters, range(seeds))
    if not todo:
        raise InputError(f"--voter {voters[0]}: has no protection level to ask for")
    total = sum(len(task.seeds) for task in todo)
    with counting(total, "trials", "preparing (the first run compiles)") as count:

        def report(answers: "Answers") -> None:
            count(len(answers.task.seeds), answers.task.flown[:40])

        return run(chosen, voters, range(seeds), workers, report)


def _write(table: "Sequence[Row]", out: Path) -> None:
    from host_tools.trials.page import trials_html, trials_json

    _publish(out, {"trials.html": trials_html(table), "trials.json": trials_json(table)})


def _publish(out: Path, files: dict[str, bytes]) -> None:
    from host_tools.landing.atomic import publish

    try:
        publish(out, files)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written: {error.strerror or error}") from None


def _show(text: str, seed: int, voter: str, out: Path) -> int:
    from host_tools.trials.picture import draw
    from host_tools.trials.trace import told

    found = _chosen(text, "--show")
    if len(found) > 1:
        names = "; ".join(question.name for question in found[:3])
        raise InputError(f"--show {text}: {len(found)} questions have this in their names, as {names}")
    print(told(found[0], seed, voter))
    picture = f"{''.join(c if c.isalnum() else '_' for c in found[0].name)}-{seed}.png"
    _publish(out, {picture: draw(found[0], seed, voter)})
    print(out / picture)
    return DONE


def _tell(table: "Sequence[Row]", out: Path) -> None:
    """The table, and what is said of all of it."""
    from rich.console import Console

    from host_tools.trials.table import rich_table

    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(rich_table(table))
    judged = [row for row in table if row.voter == FLIGHT and row.kept is not None]
    if judged:
        kept = sum(bool(row.kept) for row in judged)
        console.print(f"{FLIGHT}: {kept} of {len(judged)} questions kept, host tier")
    print(f"{out}: trials.html, trials.json")
