"""The flight kernels once more, compiled for landings by the thousand: the same files, word for word.

Beside other options for the compiler, four functions of fixed.py are exchanged for what the host's
processor does in an instruction or two: `divide` and `isqrt` go bit by bit on a Cortex-M0+, which has
neither. They give the same results for every argument (tests_host/test_lanes.py).
Nothing here is cached on its own: whoever calls these functions is, with all of them inside.
"""

import builtins
import math
import sys
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

from host_tools.campaign.abreast import wholes
from host_tools.host_board import ROOT
from host_tools.world.compiled import without_references

_FOLDER = ROOT / "firmware" / "plumbline" / "kernels"
_PACKAGE = "plumbline.kernels"


def inner(function: Callable[..., Any]) -> Any:
    """As the host's `micropython.viper`, but without a cache of its own, without checks for a zero divisor,
    without counting references (world/compiled.py), and unfolded into its caller: handing on dozens of
    arrays took longer than many a function."""
    return without_references(forceinline=True)(function)


@inner
def isqrt(x: int) -> int:
    """fixed.isqrt by the root of a double, which is exact below 2^52."""
    if x < 0:
        return 0
    return int(math.sqrt(float(x)))


divide_signed = inner(wholes.divide_signed)
_FIXED = {"divide": wholes.divide, "divide_signed": divide_signed, "clamp": wholes.clamp, "isqrt": isqrt}
_loaded: dict[str, ModuleType] = {}

_micropython = ModuleType("micropython")
_micropython.viper = _micropython.native = inner  # type: ignore[attr-defined]
_micropython.const = lambda value: value  # type: ignore[attr-defined]


def _import(
    name: str, _globals: Any = None, _locals: Any = None, wanted: Sequence[str] | None = None, _level: int = 0
) -> ModuleType | SimpleNamespace:
    """What `import` means in a kernel's file: micropython as it is here, and other kernels loaded here."""
    if name == "micropython":
        return _micropython
    if name == _PACKAGE:
        return SimpleNamespace(**{kernel: load(kernel) for kernel in wanted or ()})
    if name.startswith(_PACKAGE + ".") and wanted:
        return load(name.removeprefix(_PACKAGE + "."))
    raise ImportError(f"a kernel imports {name!r}; it may import micropython and other kernels")


def load(name: str) -> ModuleType:
    """The kernels of one file of firmware/plumbline/kernels."""
    if name not in _loaded:
        path = _FOLDER / f"{name}.py"
        module = ModuleType(f"{__name__}.{name}")
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _import}
        module.__dict__["int"] = wholes.as_int
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
        module.__dict__.update(_FIXED if name == "fixed" else {})
        _loaded[name] = sys.modules[module.__name__] = module  # numba's cache asks for it by its name
    return _loaded[name]
