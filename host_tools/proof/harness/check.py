"""One check: a kernel, the vectors of a domain, a reference, a bound. And what came of running it.

The error of a vector is its largest distance from the reference, in LSB. Where the reference is
an integer the kernel must be equal to it; where it is real it says how far away is allowed.
An error beyond what is allowed is reported on top of the bound, so it always exceeds it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness import drivers
from host_tools.proof.harness.noise import Noise

Memories = dict[str, NDArray[np.int64]]
RESULT = "result"


@dataclass
class Answer:
    """`result`: what the kernel returns, None when its documentation does not say.

    `near`: (memory, slot), or (RESULT, 0), to (real values, distance allowed); a NaN is not judged,
    because a rounding within the bound may decide it either way.
    """

    result: NDArray[Any] | None = None
    near: dict[tuple[str, int], tuple[NDArray[Any], Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """`axes`: the range of each number, when the kernel takes numbers alone; with one axis and
    `whole`, every value of it is tried. `share` scales the number of random vectors."""

    kernel: str
    function: Callable[..., int]
    domain: str
    vectors: Callable[[Noise, int], drivers.Arguments]
    reference: Callable[..., Answer]
    bound_lsb: float = 0.0
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    whole: bool = False
    share: float = 1.0
    witness: Callable[..., list[int]] | None = None
    against: tuple[str, int] = ("", 0)  # what the error plot is drawn over


@dataclass
class Judgement:
    """Errors of one batch: by vector, and which slot was worst. `bad` counts those not allowed."""

    error: NDArray[np.float64]
    place: NDArray[np.int64]
    places: list[str]
    bad: int

    def worst(self) -> tuple[float, int, str]:
        """Largest error, the vector that has it, and the slot."""
        row = int(np.argmax(self.error))
        return float(self.error[row]), row, self.places[int(self.place[row])]


def judge(
    check: Check, arguments: drivers.Arguments, function: Callable[..., int] | None = None
) -> Judgement:
    """Kernel (or a stand-in for it) and reference over the same vectors."""
    expected = {name: value.astype(np.int64) for name, value in arguments.items()}
    results, after = drivers.run(function or check.function, arguments)
    answer = check.reference(**expected)
    return _Comparison(check, results.size).of(results, after, expected, answer)


class _Comparison:
    def __init__(self, check: Check, n: int) -> None:
        self.bound = check.bound_lsb
        self.judgement = Judgement(np.zeros(n), np.zeros(n, np.int64), [""], 0)
        self.broken = np.zeros(n, bool)

    def of(
        self, results: NDArray[np.int64], after: Mapping[str, Any], expected: Memories, answer: Answer
    ) -> Judgement:
        """Compare the result and every slot of every memory."""
        if answer.result is not None:
            self._exact(RESULT, results, answer.result)
        for name, memory in after.items():
            for slot in np.flatnonzero((memory != expected[name]).any(axis=1)):
                if (name, slot) not in answer.near:
                    self._exact(f"{name}[{slot}]", memory[slot], expected[name][slot])
        for (name, slot), (value, allowed) in answer.near.items():
            actual = results if name == RESULT else after[name][slot]
            self._near(name if name == RESULT else f"{name}[{slot}]", actual, value, allowed)
        self.judgement.bad = int(self.broken.sum())
        return self.judgement

    def _exact(self, place: str, actual: NDArray[Any], value: NDArray[Any]) -> None:
        self._near(place, actual, value, 0)

    def _near(self, place: str, actual: NDArray[Any], value: NDArray[Any], allowed: Any) -> None:
        allowed = np.minimum(allowed, self.bound)
        distance = np.nan_to_num(np.abs(actual - value).astype(np.float64))
        broken = distance > allowed
        error = np.where(broken, self.bound + distance - allowed, distance)
        larger = error > self.judgement.error
        self.judgement.places.append(place)
        self.judgement.place[larger] = len(self.judgement.places) - 1
        self.judgement.error[larger] = error[larger]
        self.broken |= broken
