"""What the flight code's receiver does on a bad line: no wrong frame taken, and how soon it hears again.

    .venv/bin/python -m host_tools.ground.noise --readme host_tools/ground/README.md     # host tier; a minute

Frames of the firmware's own packer go over a line without pauses between them, are disturbed bit by bit, and
are read by the firmware's own port in pieces of random size. Exit code 1: a wrong frame was taken, or more
than one undisturbed frame in a row was lost.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from host_tools.ground.disturbances import CASES, FLOOD
from host_tools.ground.traffic import Tally, sent
from host_tools.landing.page_table import put_between

_MOST_LOST_IN_A_ROW = 1  # undisturbed frames, until the receiver hears again
_WIDTH = 130  # of the table, where there is no terminal
_MARKS = ("<!-- noise: begin -->", "<!-- noise: end -->")
_HEADINGS = ("sent", "disturbed", "right", "wrong", "lost of these", "lost intact", "in a row", "rejected")


def run(frames: int, seed: int, done: Callable[[], object] = lambda: None) -> dict[str, Tally]:
    """Every case over the same frames, by its name; `done` is called after each."""
    given = sent(frames, np.random.default_rng([seed, 0]))
    tallies = {}
    for i, (name, case) in enumerate(CASES.items()):
        tallies[name] = case(given, np.random.default_rng([seed, 1 + i]))
        done()
    return tallies


def is_good(tally: Tally) -> bool:
    """No wrong frame, and heard again after at most one undisturbed frame."""
    return tally.wrong == 0 and tally.lost_run <= _MOST_LOST_IN_A_ROW


def table(tallies: dict[str, Tally]) -> Table:
    """The cases for a terminal."""
    made = Table(title="host tier, the flight code's own receiver", header_style="bold")
    made.add_column("disturbance", no_wrap=True)
    for heading in _HEADINGS:
        made.add_column(heading, justify="right")
    for name, tally in tallies.items():
        made.add_row(name, *_cells(tally), style="" if is_good(tally) else "red")
    return made


def _cells(t: Tally) -> list[str]:
    counts = (t.sent, t.disturbed, t.right, t.wrong, t.lost_disturbed, t.lost_intact, t.lost_run, t.rejected)
    return [f"{count:,}" for count in counts]


def verdict(tallies: dict[str, Tally]) -> str:
    """How many wrong frames among how many damaged ones, and what that says."""
    wrong = sum(tally.wrong for tally in tallies.values())
    damaged = sum(tally.rejected for name, tally in tallies.items() if name != FLOOD)
    text = f"{wrong} wrong frames taken; {damaged:,} damaged ones rejected."
    if wrong == 0 and damaged:
        text += f" None in so many means, with 95 % confidence, less than {3 / damaged:.1e} of them."
    return text


def page(tallies: dict[str, Tally]) -> str:
    """The same for a README."""
    rows = [["disturbance", *_HEADINGS], ["---"] * (1 + len(_HEADINGS))]
    rows += [[name, *_cells(tally)] for name, tally in tallies.items()]
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"{lines}\n{verdict(tallies)}\n"


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="noise", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000, help="in each row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--readme", type=Path, help="a page with marks between which the table goes")
    given = parser.parse_args(arguments)
    if not 1 <= given.frames <= 1_000_000 or given.seed < 0:
        print("noise: --frames is 1 to 1000000, --seed is not negative", file=sys.stderr)
        return 2
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("cases", total=len(CASES))
        tallies = run(given.frames, given.seed, lambda: progress.advance(bar))
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    console.print(table(tallies))
    print(verdict(tallies))
    if given.readme is not None:
        try:
            put_between(given.readme, _MARKS, page(tallies))
        except ValueError as error:
            print(f"--readme {error}", file=sys.stderr)
            return 2
    return 0 if all(map(is_good, tallies.values())) else 1


if __name__ == "__main__":
    sys.exit(main())
