"""Rows as Parquet: one table per part, zstd, and all parts as one data set."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from host_tools.campaign.tasks import Flown

_STORE_KEY = b"plumbline_store"
_WHOLE = ("index", "seed")  # all other numbers are float64: a part's values must not decide its types


class PartError(Exception):
    """A part that cannot be read; one line, the file first."""


def encoded(flown: Flown, version: int) -> bytes:
    """One part's file: the same rows give the same bytes."""
    columns = {name: _array(name, values) for name, values in flown.columns.items()}
    table = pa.table(columns).replace_schema_metadata({_STORE_KEY: str(version).encode()})
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    return content.getvalue()


def _array(name: str, values: Sequence[Any]) -> pa.Array:
    """Text, truth values, else numbers; nan becomes null, as SQL has it."""
    if name in _WHOLE:
        return pa.array(values, pa.int64())
    if all(isinstance(value, str) for value in values):
        return pa.array(values, pa.string())
    if all(isinstance(value, bool) for value in values):
        return pa.array(values, pa.bool_())
    return pa.array([None if math.isnan(value) else float(value) for value in values], pa.float64())


def dataset(paths: Sequence[Path], version: int) -> "pyarrow.dataset.Dataset":
    """All parts as one. Raises PartError for one that is damaged or of another version."""
    schema = None
    for path in paths:
        try:
            found = pq.read_schema(path)
        except (OSError, pa.ArrowException) as error:
            raise PartError(f"{path}: cannot be read ({_short(error)}): remove it and fly it again") from None
        store = (found.metadata or {}).get(_STORE_KEY, b"?").decode(errors="replace")
        if store != str(version):
            raise PartError(
                f"{path}: a part of a store of version {store}; this program reads version {version}"
            )
        schema = schema or found
    return pyarrow.dataset.dataset([str(path) for path in paths], schema=schema, format="parquet")


def counts(paths: Sequence[Path], version: int) -> tuple[int, int]:
    """(runs, those that landed) in these parts. Raises PartError."""
    if not paths:
        return 0, 0
    rows = dataset(paths, version)
    return rows.count_rows(), rows.count_rows(filter=pyarrow.dataset.field("landed"))


def table(paths: Sequence[Path], version: int) -> pa.Table:
    """All runs, by index."""
    return dataset(paths, version).to_table().sort_by("index")


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:80]
