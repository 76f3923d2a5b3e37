"""How the world's inner functions are compiled: by numba, IEEE arithmetic as written, no references counted.

A numba function counts references of every array that it is handed, up and down, atomically: that took
longer than all of the physics. Functions that allocate nothing need none; so here they may not
allocate, and take whole arrays and an index instead of rows.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

_njit: Any = njit


def without_references(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that compiles; options are numba's."""
    return _njit(error_model="numpy", _nrt=False, **options)


def compiled(function: Callable[..., Any]) -> Any:
    """The function compiled, cached on disk; its caller owns all arrays."""
    return without_references(cache=True)(function)
