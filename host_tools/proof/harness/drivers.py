"""Run a kernel over many vectors: compiled in one loop, or row by row as plain Python.

A memory has shape (slots, vectors) outside; the loop hands the kernel one vector's slots.
"""

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numba.core.dispatcher import Dispatcher
from numpy.typing import NDArray

Arguments = Mapping[str, NDArray[np.int32]]
Kernel = Callable[..., int]
LOOPS = Path(__file__).resolve().parents[3] / "build" / "crosscheck" / "loops"


@cache
def parameters_of(kernel: Kernel) -> list[str]:
    """Names of a kernel's parameters, in order."""
    return list(inspect.signature(getattr(kernel, "py_func", kernel)).parameters)


def run(kernel: Kernel, arguments: Arguments) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int32]]]:
    """Results of all vectors, and the memories as the kernel left them. The arguments stay as they are."""
    ordered = [arguments[name] for name in parameters_of(kernel)]
    rows = [np.array(value.T, order="C") if value.ndim == 2 else value for value in ordered]  # copies
    results = np.empty(ordered[0].shape[-1], np.int64)
    if isinstance(kernel, Dispatcher):
        memories = frozenset(name for name, value in arguments.items() if value.ndim == 2)
        compiled_loop(kernel, memories)(results, *rows)
    else:
        _plain_loop(kernel, results, rows)
    after = {
        name: row.T
        for name, row, value in zip(parameters_of(kernel), rows, ordered, strict=True)
        if value.ndim == 2
    }
    return results, after


@cache
def compiled_loop(kernel: Dispatcher, memories: frozenset[str]) -> Callable[..., None]:
    """`for i in range(n): results[i] = kernel(a[i], b[i])`, compiled around the compiled kernel.

    The loop is written into a file, because numba keeps the machine code of files alone.
    """
    function = kernel.py_func
    module = importlib.import_module(function.__module__)
    if getattr(module, function.__name__, None) is not kernel:
        raise ValueError(f"{function.__name__} is not what {function.__module__} holds under that name")
    path = LOOPS / f"loop_{function.__module__.replace('.', '_')}_{function.__name__}.py"
    _write(path, _loop_source(kernel, memories))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    loops = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = loops  # numba looks for a function's module there
    spec.loader.exec_module(loops)
    return loops.loop


def _loop_source(kernel: Dispatcher, memories: frozenset[str]) -> str:
    """Numbers go in as int64, as in flight; a memory as one vector's row."""
    function, names = kernel.py_func, parameters_of(kernel)
    calls = ", ".join(f"{name}[i]" if name in memories else f"int({name}[i])" for name in names)
    return (
        f"import numba\nfrom {function.__module__} import {function.__name__} as kernel\n\n\n"
        f"@numba.njit(cache=True)\ndef loop(results, {', '.join(names)}):\n"
        f"    for i in range(results.size):\n        results[i] = kernel({calls})\n"
    )


def _write(path: Path, source: str) -> None:
    """Two processes may write it at once; a file that is the same stays, and with it its machine code."""
    if path.exists() and path.read_text() == source:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(f".{os.getpid()}")
    staged.write_text(source)
    os.replace(staged, path)


def _plain_loop(kernel: Kernel, results: NDArray[np.int64], rows: list[NDArray[np.int32]]) -> None:
    """Python integers and lists: as a board computes, without numpy's own widths."""
    for i in range(results.size):
        values = [row[i].tolist() for row in rows]
        results[i] = kernel(*values)
        for row, value in zip(rows, values, strict=True):
            if isinstance(value, list):
                row[i] = value
