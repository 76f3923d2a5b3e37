"""altitude.py: every decision exactly, from memories in which decisions are close."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import altitude, following, levels, vote
from host_tools.proof.references.altimeters import LEVEL, SIGMA, passed, passed_between_readings
from host_tools.proof.references.integrity import doubt
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import BASES, LEVELS, SIGMAS, check, items, reaches, replace
from plumbline.kernels import altitude as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, altitude, levels, vote, following)
APART = (-600_000_000, 600_000_000)
_LIMITS_MM = (-2, -1, 0, 1, 2)


def _beside(noise: Noise, found: dict[str, Words]) -> None:
    """Levels about as far from an altimeter's as `near` allows."""
    memory = found["vote"].astype(np.int64)
    replace(noise, found["sigma"], noise.word(0, 30_000, found["sigma"].size))
    sigmas = items(found, SIGMA) + found["sigma"]
    limit = 4 * sigmas + 2 * passed_between_readings(memory) + 2000 + noise.choice(_LIMITS_MM, sigmas.size)
    away = limit * noise.choice((-1, 1), sigmas.size)
    replace(noise, found["level"], np.clip(items(found, LEVEL) + away, *LEVELS))


def _at_the_gate(noise: Noise, found: dict[str, Words]) -> None:
    """Each level about as far from the ground as its gate allows, in half of the vectors."""
    memory = found["vote"].astype(np.int64)
    age = memory[s.VOT_AGE_TICKS]
    for base in BASES:
        gate = 4 * memory[base + SIGMA] + 2 * memory[s.VOT_NOISE_MM] + passed(memory, age) // 2 + 3000
        gate += doubt(found["estimate"].astype(np.int64), age) + noise.choice(_LIMITS_MM, age.size)
        level = memory[s.VOT_GROUND_MM] + gate * noise.choice((-1, 1), age.size)
        replace(noise, found["vote"][base + LEVEL], np.clip(level, *LEVELS), 0.3)
    reaches(noise, found)


def _lagging(noise: Noise, found: dict[str, Words]) -> None:
    """Differences about one and a half times the noise."""
    size = found["apart"].size
    close = found["noise"].astype(np.int64) * 3 // 2 + noise.choice(_LIMITS_MM, size)
    replace(noise, found["apart"], close * noise.choice((-1, 1), size), 0.6)


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("step", tune=_at_the_gate),
    _check("advance"),
    _check("decide"),
    _check("acquire"),
    _check("restart", level=LEVELS, sigma=SIGMAS),
    _check("judge_all", tune=_at_the_gate),
    _check("count_outside", base=BASES, inside=(0, 1), contradicted=(0, 4)),
    _check("near", tune=_beside, base=BASES, level=LEVELS, sigma=SIGMAS),
    _check("challenge"),
    _check("moved", base=BASES),
    _check("is_ground", base=BASES),
    _check("is_confirmed", base=BASES),
    _check("is_righter", base=BASES),
    _check("blend"),
    _check("leader"),
    _check("central"),
    _check("agrees", base=BASES, theirs=BASES),
    _check("has_moved_alone", base=BASES, theirs=BASES),
    _check("bound", apart=APART, noise=SIGMAS, spread=(0, 600_000_000)),
    _check("follow_slope", tune=_lagging, apart=APART, shift=(1, 8), noise=SIGMAS),
    _check("blend_shift", tune=_lagging, apart=APART, noise=SIGMAS),
    _check("sharpest"),
    _check("publish", tune=reaches, busy=(0, 1)),
]
