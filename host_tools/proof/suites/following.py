"""following.py: every pull exactly, from differences and noises about where it changes."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import following
from host_tools.proof.references.altimeters import EXCESS, QUICK, SIGMA, VERDICT, passed_between_readings
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import BASES, LIMITS_MM, SIGMAS, at_their_counts, check, replace
from plumbline.kernels import following as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, following)
APART = (-600_000_000, 600_000_000)


def _lagging(noise: Noise, found: dict[str, Words]) -> None:
    """Differences about one and a half times the noise."""
    size = found["apart"].size
    close = found["noise"].astype(np.int64) * 3 // 2 + noise.choice(LIMITS_MM, size)
    replace(noise, found["apart"], close * noise.choice((-1, 1), size), 0.6)


def _unrestful(noise: Noise, found: dict[str, Words]) -> None:
    """Noises about a power of two times the ground's unrest."""
    unrest = passed_between_readings(found["vote"].astype(np.int64)) // 4 + 300
    doubled = unrest << noise.choice((0, 0, 1, 2, 3, 7), unrest.size)
    replace(noise, found["noise"], np.clip(doubled + noise.choice((-1, 0, 1), unrest.size), *SIGMAS), 0.4)
    _lagging(noise, found)


def _scattered(noise: Noise, found: dict[str, Words]) -> None:
    """Excess about at what counts as scatter."""
    at_their_counts(noise, found)
    vote = found["vote"]
    for base in BASES:
        limit = 4 * vote[base + SIGMA].astype(np.int64) + 2000 + noise.choice(LIMITS_MM, vote.shape[1])
        replace(noise, vote[base + EXCESS], np.clip(limit, 0, 1_000_000), 0.3)
    replace(noise, vote[s.VOT_GROUND_SPEED_MM_S], noise.choice((19_999, 20_000), vote.shape[1]), 0.2)
    _beginning(noise, found)


def _beginning(noise: Noise, found: dict[str, Words]) -> None:
    """Counts about a power of two."""
    count = found["vote"][s.VOT_FOLLOWED]
    near = 2 ** noise.choice(tuple(range(7)), count.size) + noise.choice((-2, -1, 0), count.size)
    replace(noise, count, np.clip(near, 0, 64))


def _seen_of_late(noise: Noise, found: dict[str, Words]) -> None:
    """Means about four sigma from the ground."""
    vote = found["vote"]
    for base in BASES:
        away = 4 * vote[base + SIGMA].astype(np.int64) + noise.choice(LIMITS_MM, vote.shape[1])
        away = away * noise.choice((-1, 1), vote.shape[1])
        quick = np.clip(vote[s.VOT_GROUND_MM] + away, -420_000_000, 420_000_000)
        replace(noise, vote[base + QUICK], quick, 0.4)


def _nearly_together(noise: Noise, found: dict[str, Words]) -> None:
    """All accepted, often; some about twice as wide as the first."""
    vote = found["vote"]
    own = vote[BASES[0] + SIGMA].astype(np.int64)
    for base in BASES:
        replace(noise, vote[base + VERDICT], np.ones(own.size, np.int32), 0.6)
        if base != BASES[0]:
            wide = np.clip(2 * own + noise.choice((-1, 0, 1, 2), own.size), 0, 20_200_000)
            replace(noise, vote[base + SIGMA], wide, 0.4)


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("blend", tune=_scattered),
    _check("hear_accepted", tune=_seen_of_late),
    _check("leader", tune=_nearly_together),
    _check("bound", apart=APART, noise=SIGMAS, spread=(0, 620_000_000)),
    _check("follow_slope", tune=_lagging, apart=APART, shift=(1, 6), noise=SIGMAS),
    _check("blend_shift", tune=_unrestful, apart=APART, noise=SIGMAS),
]
