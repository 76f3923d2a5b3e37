"""The flight kernels once more, compiled for landings by the thousand: the same files, word for word.

Beside other options for the compiler, four functions of fixed.py are exchanged for what the host's
processor does in an instruction or two: `divide` and `isqrt` go bit by bit on a Cortex-M0+, which has
neither. They give the same results for every argument (tests_host/test_lanes.py).
Nothing here is cached on its own: whoever calls these functions is, with all of them inside.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

from host_tools.campaign.abreast import wholes
from host_tools.campaign.abreast.spread import spread as spread_text
from host_tools.host_board import ROOT
from host_tools.world.compiled import without_references

_FOLDER = ROOT / "firmware" / "plumbline" / "kernels"
_PACKAGE = "plumbline.kernels"


def inner(function: Callable[..., Any]) -> Any:
    """As the host's `micropython.viper`, but without a cache of its own, without checks for a zero divisor,
    without counting references (world/compiled.py), and unfolded into its caller: handing on dozens of
    arrays took longer than many a function."""
    return without_references(forceinline=True)(function)


divide_signed = inner(wholes.divide_signed)
_FIXED = {
    "divide": wholes.divide, "divide_signed": divide_signed, "clamp": wholes.clamp, "isqrt": wholes.isqrt,
}  # fmt: skip
_WORDS = ("fetch", "shared", "keep", "both", "either", "opposite", "some", "pick", "whole_of", "nobody")
_loaded: dict[tuple[str, bool], ModuleType] = {}

_micropython = ModuleType("micropython")
_micropython.viper = _micropython.native = inner  # type: ignore[attr-defined]
_micropython.const = lambda value: value  # type: ignore[attr-defined]


def _importing(spread: bool) -> Callable[..., Any]:
    """What `import` means in a kernel's file: micropython as it is here, and other kernels loaded here."""

    def imported(
        name: str, _globals: Any = None, _locals: Any = None, wanted: Sequence[str] | None = None, _l: int = 0
    ) -> ModuleType | SimpleNamespace:
        if name == "micropython":
            return _micropython
        if name == _PACKAGE:
            return SimpleNamespace(**{kernel: _load(kernel, spread) for kernel in wanted or ()})
        if name.startswith(_PACKAGE + ".") and wanted:
            return _load(name.removeprefix(_PACKAGE + "."), spread)
        raise ImportError(f"a kernel imports {name!r}; it may import micropython and other kernels")

    return imported


def load(name: str) -> ModuleType:
    """The kernels of one file of firmware/plumbline/kernels, for one landing."""
    return _load(name, spread=False)


def load_spread(name: str) -> ModuleType:
    """The same for all lanes at once; each kernel's first argument is a mask of those it is done for."""
    return _load(name, spread=True)


def _load(name: str, spread: bool) -> ModuleType:
    if (name, spread) not in _loaded:
        path = _FOLDER / f"{name}.py"
        module = ModuleType(f"{__name__}.{'spread.' if spread else ''}{name}")
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": _importing(spread)}
        module.__dict__["int"] = wholes.as_int
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        if spread:
            tree = spread_text(tree)
            module.__dict__.update({word: getattr(wholes, word) for word in _WORDS})
        exec(compile(tree, str(path), "exec"), module.__dict__)
        module.__dict__.update(_FIXED if name == "fixed" else {})
        _loaded[name, spread] = sys.modules[module.__name__] = module  # numba's cache asks for it by its name
    return _loaded[name, spread]
