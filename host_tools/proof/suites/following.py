"""following.py: every pull exactly, from differences and noises about where it changes."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import following
from host_tools.proof.references.altimeters import EXCESS, SIGMA
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import BASES, LIMITS_MM, SIGMAS, at_their_counts, check, replace
from plumbline.kernels import following as kernels

ROOM = Room(kernels, following)
APART = (-600_000_000, 600_000_000)


def _lagging(noise: Noise, found: dict[str, Words]) -> None:
    """Differences about one and a half times the noise."""
    size = found["apart"].size
    close = found["noise"].astype(np.int64) * 3 // 2 + noise.choice(LIMITS_MM, size)
    replace(noise, found["apart"], close * noise.choice((-1, 1), size), 0.6)


def _scattered(noise: Noise, found: dict[str, Words]) -> None:
    """Excess about at what counts as scatter."""
    at_their_counts(noise, found)
    vote = found["vote"]
    for base in BASES:
        limit = 4 * vote[base + SIGMA].astype(np.int64) + 2000 + noise.choice(LIMITS_MM, vote.shape[1])
        replace(noise, vote[base + EXCESS], np.clip(limit, 0, 1_000_000), 0.3)


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("blend", tune=_scattered),
    _check("leader"),
    _check("bound", apart=APART, noise=SIGMAS, spread=(0, 620_000_000)),
    _check("follow_slope", tune=_lagging, apart=APART, shift=(1, 8), noise=SIGMAS),
    _check("blend_shift", tune=_lagging, apart=APART, noise=SIGMAS),
]
