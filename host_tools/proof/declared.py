"""Declared ranges, read from where they are written: kernels/slots.py and docstrings.

slots.py: a heading `# --- estimate: ...` names the parameter that is such an array; each slot's
comment begins with its range, which holds up to the next named slot; lines `# +2 0..4; ...` stand
for the slots of one stride; named slots may follow them. A docstring's line `Ranges: x -5..5,
index each of 0..3, base each stride of vote.` declares integers; `each` has every value proved apart,
where a stride's is the slot that it begins at.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from host_tools.proof.constants import module_constants
from host_tools.proof.intervals import INT31, Range, between, exactly
from host_tools.proof.program import KERNELS, Function

SLOTS = KERNELS / "slots.py"
_RANGE = r"(-?\d[\d_]*)\.\.(-?\d[\d_]*)"
_HEADING = re.compile(r"# --- (\w+): ")
_SLOT = re.compile(rf"(\w+) = const\((\d+)\)(?:  # (?:{_RANGE}(?:;|$))?)?")
_STRIDED = re.compile(rf"# \+(\d+) {_RANGE}; (\w+)")
_COUNTED = re.compile(r"\w+_STRIDE = const\((\d+)\)  # (\d+) of them")
_UNNAMED = re.compile(rf"# (\d+) slots {_RANGE};")
_PARAMETER = re.compile(rf"(\w+) (?:(each of )?(?:{_RANGE}|(int31))|each stride of (\w+))")


class DeclarationError(ValueError):
    """A range that is missing or cannot be read; the message says where."""


@dataclass(frozen=True)
class Slot:
    """One slot's name, for messages, and what may be stored there."""

    name: str
    range: Range


@dataclass(frozen=True)
class Array:
    """An array that a kernel is handed: its slots in order, and where its strides begin."""

    name: str
    slots: tuple[Slot, ...]
    strides: tuple[int, ...] = ()


@cache
def arrays(path: Path = SLOTS) -> dict[str, Array]:
    """All arrays of slots.py by the parameter's name."""
    made: dict[str, Array] = {}
    for name, lines in _sections(path):
        slots, strides = _slots(name, lines)
        made[name] = Array(name, tuple(slots), tuple(strides))
    return made


def _sections(path: Path) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", []
    for line in path.read_text().splitlines():
        heading = _HEADING.match(line)
        if heading:
            if name:
                yield name, lines
            name, lines = heading[1], []
        else:
            lines.append(line)
    if name:
        yield name, lines


def _slots(array: str, lines: list[str]) -> tuple[list[Slot], range]:
    """The slots of one section, those of a stride repeated; and where the strides begin."""
    named: dict[int, Slot] = {}
    strided: dict[int, Slot] = {}
    sizes = module_constants(ast.parse("\n".join(lines)))
    size = next((value for name, value in sizes.items() if name.endswith("_SIZE")), 0)
    first = next((value for name, value in sizes.items() if name.endswith("_FIRST")), 0)
    stride = copies = 0
    for line in lines:
        if unnamed := _UNNAMED.match(line):
            return [Slot(array, _between(array, unnamed[2], unnamed[3]))] * int(unnamed[1]), range(0)
        if counted := _COUNTED.match(line):
            stride, copies = int(counted[1]), int(counted[2])
        elif row := _STRIDED.match(line):
            strided[int(row[1])] = Slot(f"{array} {row[4]}", _between(line, row[2], row[3]))
        elif (slot := _SLOT.match(line)) and not re.search(r"_(SIZE|STRIDE|FIRST)$", slot[1]):
            if slot[3] is None and int(slot[2]) not in strided:
                raise DeclarationError(f"slots.py: {slot[1]} has no range: `{line}`")
            if slot[3] is not None:
                named[int(slot[2])] = Slot(slot[1], _between(line, slot[3], slot[4]))
    if not stride:
        return _filled(array, named, size), range(0)
    if not strided:  # the whole array is strides
        strided, named = named, {}
    behind = first + stride * copies
    tail = {index - behind: slot for index, slot in named.items() if index >= behind}
    slots = _filled(array, named, first) + _filled(array, strided, stride) * copies
    return slots + (_filled(array, tail, size - behind) if tail else []), range(first, behind, stride)


def _filled(array: str, named: dict[int, Slot], size: int) -> list[Slot]:
    """Slots in order; one without a name of its own has what the last named one has."""
    slots: list[Slot] = []
    for index in range(size):
        if index in named:
            slots.append(named[index])
        elif slots:
            slots.append(slots[-1])
        else:
            raise DeclarationError(f"slots.py: {array} has no slot 0")
    return slots


def _between(where: str, low: str, high: str) -> Range:
    if int(low) > int(high):
        raise DeclarationError(f"{where}: {low}..{high} is empty")
    return between(int(low), int(high))


def parameters(function: Function) -> list[dict[str, Range]]:
    """The ranges of a function's integers, one dictionary for each case to be proved apart."""
    wanted = [name for name, kind in function.parameters if kind == "int"]
    ranges: dict[str, Range] = {}
    apart: dict[str, Iterable[int]] = {}
    for name, each, low, high, int31, strided in _PARAMETER.findall(_ranges_line(function)):
        if strided:
            apart[name] = _strides(function, strided)
            ranges[name] = between(min(apart[name]), max(apart[name]))
            continue
        ranges[name] = INT31 if int31 else _between(function.name, low, high)
        if each:
            apart[name] = range(ranges[name].low, ranges[name].high + 1)
    missing = [name for name in wanted if name not in ranges]
    if missing:
        raise DeclarationError(
            f"{function.module.label}:{function.tree.lineno}: {function.tree.name} declares no range for"
            f" {', '.join(missing)}: add `Ranges: {missing[0]} low..high.` to its docstring"
        )
    cases = product(*apart.values())
    return [{**ranges, **{n: exactly(v) for n, v in zip(apart, case, strict=True)}} for case in cases]


def _strides(function: Function, array: str) -> tuple[int, ...]:
    known = arrays().get(array)
    if known is None or not known.strides:
        raise DeclarationError(f"{function.name}: {array} is no array of strides in slots.py")
    return known.strides


def is_complete(function: Function) -> bool:
    """Does the function declare a range for each of its integers?"""
    try:
        return bool(parameters(function))
    except DeclarationError:
        return False


def _ranges_line(function: Function) -> str:
    documentation = ast.get_docstring(function.tree) or ""
    _, _, line = documentation.partition("Ranges:")
    return line.split("\n\n")[0]
