"""How a suite declares its checks: a function of a kernel module beside the reference of its name."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments, parameters_of
from host_tools.proof.harness.memories import estimate, memory
from host_tools.proof.harness.noise import Noise, Words

Span = tuple[int, int]
Choice = tuple[int, ...]  # two: lowest and highest; more: one of these
Narrower = Mapping[str, Mapping[int, Span]]
Maker = Callable[[Noise, int], Arguments]


class Room:
    """The checks of one kernel module."""

    def __init__(self, kernels: ModuleType, *references: ModuleType) -> None:
        self.kernels, self.references = kernels, references

    def check(
        self,
        name: str,
        domain: str,
        bound_lsb: float = 0.0,
        slots: Narrower | None = None,
        vectors: Maker | None = None,
        **numbers: Any,
    ) -> Check:
        """`numbers`: the range of each integer parameter, or another field of Check."""
        function = getattr(self.kernels, name)
        names = parameters_of(function)
        spans = {key: numbers.pop(key) for key in names if key in numbers}
        numbers.setdefault(
            "reference",
            next((getattr(module, name) for module in self.references if hasattr(module, name)), None),
        )
        return Check(
            kernel=f"{self.kernels.__name__.rpartition('.')[2]}.{name}",
            function=function,
            domain=domain,
            vectors=vectors or _filled(names, spans, slots or {}),
            bound_lsb=bound_lsb,
            axes=spans if len(spans) == len(names) else {},
            **numbers,
        )


def _filled(names: list[str], spans: Mapping[str, Choice], slots: Narrower) -> Maker:
    """Numbers from their ranges, memories from slots.py; a rotation where there is an attitude."""

    def vectors(noise: Noise, n: int) -> Arguments:
        made: dict[str, Any] = {}
        for name in names:
            if name in spans:
                made[name] = number(noise, spans[name], n)
            elif name == "estimate":
                made[name] = estimate(noise, n, slots.get(name))
            else:
                made[name] = memory(name, noise, n, slots.get(name))
        return made

    return vectors


def number(noise: Noise, span: Choice, n: int) -> Words:
    """Any of a range, or one of a few."""
    return noise.word(span[0], span[1], n) if len(span) == 2 else noise.choice(span, n)
