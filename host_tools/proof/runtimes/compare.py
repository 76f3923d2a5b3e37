"""What two runtimes wrote, compared slot by slot; the first difference with a name on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host_tools.proof import declared

Layout = list[tuple[str, str, int, int]]  # kernel, array, slots, bytes a slot: in the order of writing


@dataclass(frozen=True)
class Difference:
    """Where two runtimes part: the first slot, in the order of writing, of the first step."""

    runtime: str
    program: str
    step: int
    kernel: str
    slot: str
    expected: int
    got: int | None  # None: the runtime stopped before it wrote this
    said: str = ""

    def __str__(self) -> str:
        place = f"{self.program}, step {self.step}, kernel {self.kernel}"
        if self.got is None:
            return f"{self.runtime} stopped at {place}: {self.said or 'without a word'}"
        return (
            f"{self.runtime} differs at {place}: {self.slot} is {self.got}, on plain CPython {self.expected}"
        )


def step_bytes(layout: Layout) -> int:
    """What a step writes."""
    return sum(size * width for _, _, size, width in layout)


def first_difference(
    expected: NDArray[np.uint8], got: NDArray[np.uint8], layout: Layout
) -> tuple[int, str, str, int, int | None] | None:
    """(step, kernel, slot, expected value, value or None), or None where both are the same.

    `got` may end early: then it differs at the first slot that is missing in it.
    """
    length = min(expected.size, got.size)
    differing = np.flatnonzero(expected[:length] != got[:length])
    if not differing.size and expected.size == got.size:
        return None
    at = int(differing[0]) if differing.size else length
    step, within = divmod(at, step_bytes(layout))
    begin = step * step_bytes(layout)
    for kernel, array, size, width in layout:
        if within < size * width:
            slot = within // width
            word = slice(begin + slot * width, begin + (slot + 1) * width)
            kind = np.uint8 if width == 1 else np.dtype("<i4")
            wanted = int(expected[word].view(kind)[0])
            value = int(got[word].view(kind)[0]) if got[word].size == width else None
            return step, kernel, slot_name(array, slot), wanted, value
        begin += size * width
        within -= size * width
    raise ValueError("the layout is shorter than a step")


def kernel_at(layout: Layout, within: int) -> str:
    """Whose array the byte at this place of a step belongs to."""
    for kernel, _, size, width in layout:
        if within < size * width:
            return kernel
        within -= size * width
    raise ValueError("the layout is shorter than a step")


def slot_name(array: str, slot: int) -> str:
    """As slots.py calls it, with the array and the index that a kernel sees."""
    known = declared.arrays()
    if array == "result":
        return "the result"
    if array in known and slot < len(known[array].slots):
        return f"{known[array].slots[slot].name} ({array}[{slot}])"
    return f"{array}[{slot}]"
