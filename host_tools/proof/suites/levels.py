"""levels.py: every comparison of levels exactly, from levels about as far apart as it allows."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import levels
from host_tools.proof.references.altimeters import LEVEL, QUICK, SIGMA, SLOW, passed_between_readings
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import (
    BASES,
    LEVELS,
    LIMITS_MM,
    SIGMAS,
    check,
    items,
    replace,
    set_items,
)
from plumbline.kernels import levels as kernels

ROOM = Room(kernels, levels)


def _beside(noise: Noise, found: dict[str, Words]) -> None:
    """Levels about as far from an altimeter's as `near` allows."""
    memory = found["vote"].astype(np.int64)
    replace(noise, found["sigma"], noise.word(0, 30_000, found["sigma"].size))
    sigmas = items(found, SIGMA) + found["sigma"]
    limit = 4 * sigmas + 2 * passed_between_readings(memory) + 2000 + noise.choice(LIMITS_MM, sigmas.size)
    away = limit * noise.choice((-1, 1), sigmas.size)
    replace(noise, found["level"], np.clip(items(found, LEVEL) + away, *LEVELS))


def _agreeing(noise: Noise, found: dict[str, Words]) -> None:
    """A level, and a mean, about as far from where another one saw the ground as `agrees` allows."""
    memory = found["vote"].astype(np.int64)
    room = items(found, SIGMA, "theirs") // 2 + passed_between_readings(memory) + 2000
    for item, sigmas in ((LEVEL, 3), (QUICK, 1)):
        limit = sigmas * items(found, SIGMA) + room + noise.choice(LIMITS_MM, room.size)
        away = limit * noise.choice((-1, 1), limit.size)
        theirs = items(found, QUICK if item == QUICK else noise.choice((LEVEL, QUICK), 1)[0], "theirs")
        set_items(noise, found, item, np.clip(theirs + away, *LEVELS), 0.5)


def _moving(noise: Noise, found: dict[str, Words]) -> None:
    """One that has moved about as far as alone it may, or a quarter of what lies between, or ordinarily."""
    quick, slow, sigma = (items(found, item, "theirs") for item in (QUICK, SLOW, SIGMA))
    still, both = np.abs(quick - slow), sigma + items(found, SIGMA)
    n = still.size
    between = noise.choice((-1, 1), n) * noise.word(0, 400_000, n)
    set_items(noise, found, QUICK, np.clip(quick + between, *LEVELS))
    alone, ordinary = still + still // 2 + both // 2 + 3000, 4 * (still + both)
    apart = np.abs(items(found, QUICK) - quick)
    way = np.choose(noise.choice((0, 1, 2), n), (alone, ordinary, apart // 4)) + noise.choice(LIMITS_MM, n)
    moved = items(found, QUICK) + way * noise.choice((-1, 1), n)
    set_items(noise, found, SLOW, np.clip(moved, *LEVELS))


def _apart_before(noise: Noise, found: dict[str, Words]) -> None:
    """One whose last minute stands about half as far from the other's as its last second does."""
    apart = np.abs(items(found, QUICK) - items(found, QUICK, "theirs"))
    away = apart // 2 + noise.choice(LIMITS_MM, apart.size)
    slow = items(found, SLOW, "theirs") + away * noise.choice((-1, 1), apart.size)
    set_items(noise, found, SLOW, np.clip(slow, *LEVELS))


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("near", tune=_beside, base=BASES, level=LEVELS, sigma=SIGMAS),
    _check("restart", level=LEVELS, sigma=SIGMAS),
    _check("moved", base=BASES),
    _check("has_moved_alone", tune=_moving, base=BASES, theirs=BASES),
    _check("explains", tune=_moving, base=BASES, theirs=BASES),
    _check("stood_together", tune=_apart_before, base=BASES, theirs=BASES),
    _check("agrees", tune=_agreeing, base=BASES, theirs=BASES),
    _check("sharpest"),
    _check("central"),
]
