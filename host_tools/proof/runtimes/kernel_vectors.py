"""Vectors for replayed/kernels.py: anything that the declared ranges of arrays and integers allow."""

from dataclasses import dataclass

import numpy as np

from host_tools.flash.board_files import BOARDS, FIRMWARE, description
from host_tools.flash.import_graph import modules_of
from host_tools.proof import declared
from host_tools.proof.harness.noise import Noise
from host_tools.proof.intervals import Range
from host_tools.proof.program import Function, Module, called_from_outside, entries, kernel_files

_REFILLED = 0.25  # how often an array holds something else than what the kernels before left in it


@dataclass(frozen=True)
class Entry:
    """A kernel that is called from outside: its arrays by parameter, and the cases of its integers."""

    function: Function
    arrays: dict[str, declared.Array]
    cases: list[dict[str, Range]]

    @property
    def line(self) -> str:
        """The line of the file that replayed/kernels.py reads."""
        words = [
            f"{name}:{len(self.arrays[name].slots)}" if name in self.arrays else name
            for name, _ in self.function.parameters
        ]
        return " ".join([self.function.module.name, self.function.tree.name, *words])


def flown_on(board: str) -> set[str]:
    """Names of the kernel files that a board has on it."""
    modules = modules_of(BOARDS / board / "main.py", FIRMWARE, description(board).chip.platform)
    return {name.rpartition(".")[2] for name in modules if name.startswith("plumbline.kernels.")}


def kernel_entries(board: str = "") -> list[Entry]:
    """Every entry of every kernel file; for a board, what flight code calls of those that fly on it.

    There the other entries stand unfolded in these.

    DeclarationError where a range or an array is not declared.
    """
    arrays = declared.arrays()
    outside = called_from_outside()
    flown = flown_on(board) if board else None
    found = []
    for module in map(Module, kernel_files()):
        if flown is not None and module.name not in flown:
            continue
        for function in (module.functions[name] for name in entries(module, outside)):
            if board and function.name not in outside:
                continue
            for name, kind in function.parameters:
                if kind != "int" and name not in arrays:
                    raise declared.DeclarationError(
                        f"{module.label}:{function.tree.lineno}: {name} is no array of slots.py"
                    )
            taken = {name: arrays[name] for name, kind in function.parameters if kind != "int"}
            found.append(Entry(function, taken, declared.parameters(function)))
    return found


def kernel_vectors(found: list[Entry], steps: int, seed: int) -> bytes:
    """`steps` passes over all entries. The first pass fills every array."""
    noise = Noise(seed, 1)
    columns = [_columns(entry, steps, noise) for entry in found]
    parts: list[bytes] = []
    for step in range(steps):
        for entry, (head, memories) in zip(found, columns, strict=True):
            parts.append(head[step].tobytes())
            for position, (name, _) in enumerate(entry.function.parameters):
                if name in memories and head[step, position]:
                    parts.append(memories[name][step].tobytes())
    return b"".join(parts)


def _columns(entry: Entry, steps: int, noise: Noise) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The head of each step's call, shape (steps, parameters), and what its arrays may be filled with."""
    head = np.empty((steps, len(entry.function.parameters)), np.int32)
    case = noise.random.integers(0, len(entry.cases), steps)
    memories = {}
    for position, (name, _) in enumerate(entry.function.parameters):
        if name in entry.arrays:
            ranges = {
                index: (slot.range.low, slot.range.high)
                for index, slot in enumerate(entry.arrays[name].slots)
            }
            memories[name] = np.ascontiguousarray(noise.memory(len(ranges), ranges, steps).T)
            head[:, position] = noise.random.random(steps) < _REFILLED
            head[0, position] = 1
        else:
            for index, integers in enumerate(entry.cases):
                chosen = case == index
                low, high = integers[name].low, integers[name].high
                head[chosen, position] = noise.word(low, high, int(chosen.sum()))
    return head, memories
