"""Every voter by its name: ours, under "flight", and those that it is compared with.

    step = VOTERS["luminary-099"](seed)

A factory makes a step with a memory of its own, for one flight. Importing this imports no voter.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

Step = Callable[[Any, Any], int]
Factory = Callable[[int], Step]

FLIGHT = "flight"


def _flight(_seed: int) -> Step:
    import host_tools.host_board  # noqa: F401  makes the firmware importable
    from plumbline.kernels import altitude

    return altitude.step


def _comparator(name: str) -> Factory:
    """A module with `step`, of the vote, the estimate and a memory, and `begin`: that memory for a seed."""

    def factory(seed: int) -> Step:
        from host_tools.comparators.memory import Voter

        module = import_module(f"{__package__}.{name}")
        return Voter(module.step, module.begin(seed))

    return factory


VOTERS: dict[str, Factory] = {
    FLIGHT: _flight,
    "as-flown": _comparator("as_flown"),
    "luminary-099": _comparator("luminary_099"),
    "px4-like": _comparator("px4_like"),
    "ardupilot-like": _comparator("ardupilot_like"),
    "mid-value": _comparator("mid_value"),
}
