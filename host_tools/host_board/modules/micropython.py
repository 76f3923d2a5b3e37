"""MicroPython's `micropython` module for CPython: what the files in firmware/ import.

`viper` and `native` return the function plain, or compiled by numba when the
environment says PLUMBLINE_KERNELS=numba (the default is set by host_tools.host_board).
"""

import builtins
import os
from collections.abc import Callable
from typing import Any

KERNEL_MODE = os.environ.get("PLUMBLINE_KERNELS", "numba")
if KERNEL_MODE not in ("numba", "plain"):
    raise ImportError(f"PLUMBLINE_KERNELS is {KERNEL_MODE!r}; it may be 'numba' or 'plain'")

# On a board these names exist for the compiler only; CPython evaluates annotations,
# so they must mean something. Their width matters to viper alone.
for _name in ("ptr", "ptr8", "ptr16", "ptr32", "uint"):
    if not hasattr(builtins, _name):
        setattr(builtins, _name, int)

if KERNEL_MODE == "numba":
    import numba

    def viper(function: Callable[..., Any]) -> Callable[..., Any]:
        """The kernel compiled by numba: int64 arithmetic, no bounds check, cached on disk."""
        return numba.njit(cache=True)(function)
else:

    def viper(function: Callable[..., Any]) -> Callable[..., Any]:
        """The kernel as plain CPython: slow, with Python's own bounds checks."""
        return function


native = viper


def const(value: Any) -> Any:
    """A constant; on a board the compiler folds it."""
    return value


def heap_lock() -> None:
    """CPython's heap has no lock."""


def heap_unlock() -> None:
    """CPython's heap has no lock."""


def kbd_intr(_character: int) -> None:
    """Ctrl-C stays as it is: the host's terminal is not a flight link."""


def alloc_emergency_exception_buf(_size: int) -> None:
    """CPython reserves nothing for exceptions."""
