"""The numbers that a kernel's file names: where its comparisons may be off by one."""

import ast
import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

_SMALLER_ONES_COME_OFTEN = 64  # and slots' numbers lie below


def thresholds(function: Callable[..., Any]) -> tuple[int, ...]:
    """Every whole number above 64 in the file of a kernel, with both signs, in order; none for a function
    that is no kernel."""
    plain = getattr(function, "py_func", None)
    return () if plain is None else _numbers(inspect.getsourcefile(plain) or "")


@cache
def _numbers(file: str) -> tuple[int, ...]:
    found = {
        node.value
        for node in ast.walk(ast.parse(Path(file).read_text()))
        if isinstance(node, ast.Constant) and type(node.value) is int
    }
    large = {value for value in found if value > _SMALLER_ONES_COME_OFTEN}
    return tuple(sorted(large | {-value for value in large}))
