"""`python -m host_tools.power_cuts`: every cut on the host's flash, a sample of them on an emulated board.

Prints how many cuts there were; exit code 0 when nothing but unsynchronised tails was lost, 1 else, 2 for
bad input.
"""

import argparse
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.progress import track
from rich.table import Table

from host_tools.power_cuts import parameter_cuts, recorder_cuts
from host_tools.power_cuts.recorder_cuts import Flight

_Row = tuple[str, str, int | str, int, int, int]  # the last: violations


def main(arguments: list[str] | None = None) -> int:
    """The command; see --help."""
    parser = argparse.ArgumentParser(prog="power_cuts", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--seconds", type=int, default=6, help="operations of the next life that are cut, too"
    )
    parser.add_argument("--emulated", type=int, default=0, help="cuts on an emulated board, at random times")
    given = parser.parse_args(arguments)
    if given.seconds < 0 or given.emulated < 0:
        print("power_cuts: --seconds and --emulated count from 0", file=sys.stderr)
        return 2
    console = Console(stderr=True)
    flight, changes = Flight(), 4
    rows = [
        _row(
            "recorder",
            recorder_cuts.operations_of(flight),
            recorder_cuts.cuts(flight, Flight(2, 24, 2), given.seconds),
            console,
        ),
        _row("parameters", parameter_cuts.operations_of(changes), parameter_cuts.cuts(changes), console),
    ]
    if given.emulated:
        from host_tools.power_cuts import emulated

        rows.append(
            _row(
                "recorder and parameters",
                "at random times",
                emulated.cuts(given.emulated),
                console,
                "emulated",
            )
        )
    _print(rows)
    return 1 if any(row[5] for row in rows) else 0


def _row(
    what: str,
    operations: int | str,
    cuts: Iterable[tuple[int, int, str]],
    console: Console,
    tier: str = "host",
) -> _Row:
    """Tier, operations, first cuts, second cuts, failures; the first failure is told as it comes."""
    firsts = seconds = wrong = 0
    for first, again, complaint in track(cuts, what, console=console, disable=not console.is_terminal):
        firsts += again == 0
        seconds += again > 0
        if complaint:
            wrong += 1
            if wrong == 1:
                print(f"{what}, cut {first}, then {again}: {complaint}", file=sys.stderr)
    return what, tier, operations, firsts, seconds, wrong


def _print(rows: list[_Row]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("what", "tier", "operations", "cuts", "second cuts", "violations"):
        table.add_column(heading, justify="left" if heading in ("what", "tier") else "right")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
