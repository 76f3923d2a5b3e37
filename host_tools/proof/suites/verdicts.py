"""verdicts.py: every verdict and every count exactly, from levels about at their gates."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import verdicts
from host_tools.proof.references.altimeters import EXCESS, LEVEL, SIGMA
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import (
    BASES,
    LEVELS,
    LIMITS_MM,
    at_the_gate,
    at_their_counts,
    check,
    items,
    replace,
    set_items,
)
from plumbline.kernels import slots as s
from plumbline.kernels import verdicts as kernels

ROOM = Room(kernels, verdicts)


def _allowed(noise: Noise, found: dict[str, Words]) -> None:
    """A level about as far from the ground as it is allowed, with or without its excess."""
    at_their_counts(noise, found)
    replace(noise, found["allowed"], noise.word(3000, 60_000, found["allowed"].size))
    excess = items(found, EXCESS) * noise.choice((0, 4), found["allowed"].size)
    gate = found["allowed"].astype(np.int64) + 4 * items(found, SIGMA) + excess
    gate += noise.choice(LIMITS_MM, gate.size)
    level = found["vote"][s.VOT_GROUND_MM] + gate * noise.choice((-1, 1), gate.size)
    set_items(noise, found, LEVEL, np.clip(level, *LEVELS))


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("acquire"),
    _check("judge_all", tune=at_the_gate),
    _check("judge", tune=_allowed, base=BASES, allowed=(3000, 500_000_000), before=(0, 4)),
    _check("count_outside", tune=at_their_counts, base=BASES, inside=(0, 1), contradicted=(0, 4)),
]
