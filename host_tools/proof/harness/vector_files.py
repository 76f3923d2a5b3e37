"""Vectors from a file: .npy or .csv, one row a vector, the kernel's arguments side by side."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments, parameters_of
from host_tools.proof.harness.noise import WORD, Noise


class VectorFileError(ValueError):
    """One line: the file, where in it, and why."""


def columns_of(check: Check) -> list[tuple[str, int | None]]:
    """What each column is: an argument, or one slot of it."""
    sample = check.vectors(Noise(0), 1)
    found: list[tuple[str, int | None]] = []
    for name in parameters_of(check.function):
        slots = sample[name].shape[0] if sample[name].ndim == 2 else None
        found += [(name, None)] if slots is None else [(name, slot) for slot in range(slots)]
    return found


def read(path: Path, check: Check) -> Arguments:
    """The file as arguments; anything that is not a 31-bit integer in its place is refused."""
    table = _csv(path) if path.suffix == ".csv" else _npy(path)
    columns = columns_of(check)
    if table.ndim != 2 or table.shape[1] != len(columns):
        shape = " x ".join(str(length) for length in table.shape) or "a single number"
        raise VectorFileError(f"{path}: shape {shape}; {check.kernel} takes rows of {len(columns)} columns")
    if table.shape[0] == 0:
        raise VectorFileError(f"{path}: no rows")
    _refuse_values(path, table, check, columns)
    made: dict[str, Any] = {}
    whole = table.astype(np.int64).T.astype(np.int32)
    for name in parameters_of(check.function):
        rows = [i for i, (owner, _) in enumerate(columns) if owner == name]
        made[name] = whole[rows] if columns[rows[0]][1] is not None else whole[rows[0]]
    return made


def _npy(path: Path) -> NDArray[Any]:
    if path.suffix != ".npy":
        raise VectorFileError(f"{path}: the name ends neither in .npy nor in .csv")
    try:
        table = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise VectorFileError(f"{path}: cannot be read as .npy: {_reason(error)}") from None
    if not isinstance(table, np.ndarray) or table.dtype.kind not in "iuf":
        raise VectorFileError(
            f"{path}: dtype {getattr(table, 'dtype', 'of an archive')}; integers are wanted"
        )
    return table


def _csv(path: Path) -> NDArray[Any]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise VectorFileError(f"{path}: cannot be read: {_reason(error)}") from None
    rows = [(number, line.split(",")) for number, line in enumerate(lines, 1) if line.strip()]
    values: list[list[float]] = []
    for number, cells in rows:
        if len(cells) != len(rows[0][1]):
            raise VectorFileError(
                f"{path}: row {number}: {len(cells)} columns, the first has {len(rows[0][1])}"
            )
        values.append([_cell(path, number, place, cell) for place, cell in enumerate(cells, 1)])
    if not values:
        raise VectorFileError(f"{path}: no rows")
    return np.array(values, np.float64)


def _cell(path: Path, row: int, column: int, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise VectorFileError(f"{path}: row {row}, column {column}: {cell.strip()!r} is no number") from None


def _refuse_values(
    path: Path, table: NDArray[Any], check: Check, columns: list[tuple[str, int | None]]
) -> None:
    """The first value that is not finite, not whole, or outside of what its column may hold."""
    for place, (name, slot) in enumerate(columns):
        span = check.axes.get(name, WORD) if slot is None else WORD
        low, high = min(span), max(span)
        column = table[:, place]
        ok = np.isfinite(column) & (column == np.floor(column)) & (column >= low) & (column <= high)
        if not ok.all():
            row = int(np.argmin(ok))
            value = column[row]
            what = name if slot is None else f"{name}[{slot}]"
            if not np.isfinite(value):
                why = f"is {value}"
            elif value != np.floor(value):
                why = f"is {value}, no integer"
            else:
                why = f"is {int(value)}, outside {low}..{high}"
            raise VectorFileError(f"{path}: row {row + 1}, column {place + 1}: {what} {why}")


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).splitlines()[0]
