"""Run a kernel over many vectors: compiled in one loop, or row by row as plain Python.

A memory has shape (slots, vectors) outside; the loop hands the kernel one vector's slots.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numba
import numpy as np
from numba.core.dispatcher import Dispatcher
from numpy.typing import NDArray

Arguments = Mapping[str, NDArray[np.int32]]
Kernel = Callable[..., int]


def parameters_of(kernel: Kernel) -> list[str]:
    """Names of a kernel's parameters, in order."""
    return list(inspect.signature(getattr(kernel, "py_func", kernel)).parameters)


def run(kernel: Kernel, arguments: Arguments) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int32]]]:
    """Results of all vectors, and the memories as the kernel left them. The arguments stay as they are."""
    ordered = [arguments[name] for name in parameters_of(kernel)]
    rows = [np.ascontiguousarray(value.T) if value.ndim == 2 else value for value in ordered]
    rows = [
        row.copy() if row is value and row.ndim == 2 else row
        for row, value in zip(rows, ordered, strict=True)
    ]
    results = np.empty(ordered[0].shape[-1], np.int64)
    if isinstance(kernel, Dispatcher):
        compiled_loop(kernel)(results, *rows)
    else:
        _plain_loop(kernel, results, rows)
    after = {
        name: row.T
        for name, row, value in zip(parameters_of(kernel), rows, ordered, strict=True)
        if value.ndim == 2
    }
    return results, after


@cache
def compiled_loop(kernel: Dispatcher) -> Callable[..., None]:
    """`for i in range(n): results[i] = kernel(a[i], b[i])`, compiled around the compiled kernel."""
    names = parameters_of(kernel)
    calls = ", ".join(f"{name}[i]" for name in names)
    source = f"def loop(results, {', '.join(names)}):\n"
    source += f"    for i in range(results.size):\n        results[i] = kernel({calls})\n"
    space: dict[str, Any] = {"kernel": kernel}
    exec(source, space)
    return numba.njit(nogil=True)(space["loop"])


def _plain_loop(kernel: Kernel, results: NDArray[np.int64], rows: list[NDArray[np.int32]]) -> None:
    """Python integers and lists: as a board computes, without numpy's own widths."""
    for i in range(results.size):
        values = [row[i].tolist() for row in rows]
        results[i] = kernel(*values)
        for row, value in zip(rows, values, strict=True):
            if isinstance(value, list):
                row[i] = value
