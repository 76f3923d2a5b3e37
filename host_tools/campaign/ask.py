"""A question in SQL to a campaign's runs: read only, of nothing but the table `runs`."""

import math
from dataclasses import dataclass
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from host_tools.campaign import parquet
from host_tools.campaign.store import VERSION, Store, StoreError

_ROWS_SHOWN = 1000
_WIDE = 10_000  # where there is no terminal, nothing is cut


class BadQuestion(Exception):
    """SQL that is wrong or asks for more than an answer; one line."""


@dataclass(frozen=True)
class Answer:
    """Rows of the question, the first _ROWS_SHOWN; `more` says that there are others."""

    names: list[str]
    rows: list[tuple[Any, ...]]
    more: bool


def answer(store: Store, sql: str) -> Answer:
    """Raises BadQuestion, StoreError and PartError."""
    parts = store.parts
    if not parts:
        raise StoreError(f"{store.folder}: no run has been stored yet")
    connection = duckdb.connect(":memory:")
    try:
        connection.register("runs", parquet.dataset(parts, VERSION))
        # nothing but `runs`: no file is read or written, whatever the question says
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        _only_a_question(connection, sql)
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or []]
        rows = cursor.fetchmany(_ROWS_SHOWN + 1)
    except duckdb.Error as error:
        raise BadQuestion(f"SQL: {_one_line(str(error))}") from None
    finally:
        connection.close()
    return Answer(names, rows[:_ROWS_SHOWN], len(rows) > _ROWS_SHOWN)


def _only_a_question(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise BadQuestion(f"one question at a time (got {len(statements)})")
    if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        kind = statements[0].type.name.lower()
        raise BadQuestion(f"only questions are answered, as in SELECT ... FROM runs (got {kind})")


def _one_line(message: str) -> str:
    """The error without the picture of where it is."""
    return " ".join(message.split("\n\nLINE ")[0].split())


def show(found: Answer) -> None:
    """The answer as a table on standard output."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    numeric = [_is_number(value) for value in found.rows[0]] if found.rows else [False] * len(found.names)
    for name, right in zip(found.names, numeric, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in found.rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(table)
    if found.more:
        console.print(f"and more: the first {_ROWS_SHOWN} rows are shown", style="dim")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.6g}"
    return str(value)
