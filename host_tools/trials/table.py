"""The answers as a table on a terminal: a row for each question, a column for each of several voters."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from host_tools.trials.run import Row

_COLOURS = {True: "green", False: "red", None: "dim"}


def verdict(row: Row) -> str:
    """yes, no, or - where no share is demanded."""
    return "-" if row.kept is None else "yes" if row.kept else "no"


def accepted(row: Row) -> str:
    """The largest share of no."""
    return "open" if row.accepted is None else f"{row.accepted:.1%}"


def rich_table(table: Sequence[Row]) -> Table:
    """Of one voter with everything; of several the shares beside each other. Tier host."""
    voters = list(dict.fromkeys(row.voter for row in table))
    return _of_one(table) if len(voters) == 1 else _of_several(table, voters)


def _empty() -> Table:
    shown = Table(
        box=None, padding=(0, 2, 0, 0), header_style="bold", caption="tier: host", caption_justify="left"
    )
    shown.add_column("question", overflow="fold")
    return shown


def _of_one(table: Sequence[Row]) -> Table:
    shown = _empty()
    for heading in ("seeds", "asked", "no", "share", "accepted", "kept"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for row in table:
        cells = (
            row.question,
            str(row.seeds),
            str(row.asked),
            str(row.failures),
            f"{row.share:.2%}",
            accepted(row),
        )
        shown.add_row(*(Text(cell) for cell in cells), Text(verdict(row), style=_COLOURS[row.kept]))
    return shown


def _of_several(table: Sequence[Row], voters: Sequence[str]) -> Table:
    shown = _empty()
    for heading in ("accepted", *voters):
        shown.add_column(heading, justify="right", no_wrap=True)
    cells = {(row.question, row.voter): row for row in table}
    for question in dict.fromkeys(row.question for row in table):
        rows = [cells.get((question, voter)) for voter in voters]
        first = next(row for row in rows if row is not None)
        shown.add_row(Text(question), Text(accepted(first)), *(_share(row) for row in rows))
    return shown


def _share(row: Row | None) -> Text:
    return Text("") if row is None else Text(f"{row.share:.2%}", style=_COLOURS[row.kept])
