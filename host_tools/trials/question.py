"""What a question is: a plan for each seed, and a yes or no for the votes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from host_tools.trials.flight import Votes
from host_tools.trials.streams import MIXES, Plan, Stream

Draw = Callable[[np.random.Generator], Plan]
Judge = Callable[[Stream, Votes, Plan], bool | None]

FITTED = {"laser": ("laser",), "radar": ("radar",), "two": MIXES[2], "three": MIXES[3], "four": MIXES[4]}
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True)
class Question:
    """`good` says yes, no, or None where this seed's trial does not come to it.

    Questions of the same `flown` are asked about the same trials. `accepted` is the largest share of no among
    the seeds asked; None where nobody could do it, for the reason `why_not`: then the share is only told.
    """

    name: str
    flown: str
    accepted: float | None
    plan: Draw
    good: Judge
    why_not: str = ""
    of_protection: bool = False  # asks for a protection level, which only the flight code's voter has


def height_m(rng: np.random.Generator, low_m: float, high_m: float) -> float:
    """As many heights between 1 and 2 km as between 2 and 4 km."""
    return float(np.exp(rng.uniform(np.log(low_m), np.log(high_m))))


def ground(rng: np.random.Generator) -> str:
    return str(rng.choice(["mare", "highlands"]))
