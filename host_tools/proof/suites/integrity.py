"""integrity.py: protection level, flags and overdue altimeters exactly."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import integrity
from host_tools.proof.references.altimeters import passed
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import HEIGHTS, check, reaches, replace
from plumbline.kernels import integrity as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, integrity)


def _impossible(noise: Noise, found: dict[str, Words]) -> None:
    """Heights about as far below the ground as protection allows, or about what the alert limit allows."""
    reaches(noise, found)
    vote = found["vote"].astype(np.int64)
    level = vote[s.VOT_BOUND_MM] + passed(vote, vote[s.VOT_AGE_TICKS] + 8) // 2
    level += integrity.doubt(found["estimate"].astype(np.int64), vote[s.VOT_AGE_TICKS])
    beside = noise.choice((-1, 0, 1), level.size)
    replace(noise, found["agl"], np.clip(-level - 20_000 + beside, *HEIGHTS), 0.3)
    replace(noise, found["agl"], np.clip(8 * (level - 5000 + beside), *HEIGHTS), 0.3)
    replace(noise, found["vote"][s.VOT_DISPUTED_MM], np.clip(level + beside, 0, 200_000_000), 0.2)


def _excessive(noise: Noise, found: dict[str, Words]) -> None:
    """Protection levels about at their limit."""
    allowed = integrity.limit(found["agl"].astype(np.int64))
    replace(noise, found["level"], allowed + noise.choice((-1, 0, 1, 5000), allowed.size), 0.5)


def _overdue(noise: Noise, found: dict[str, Words]) -> None:
    """Heights that vehicles have, about 20 m too."""
    n = found["agl"].size
    replace(noise, found["agl"], noise.word(-100, 20_000_000, n), 0.6)
    replace(noise, found["agl"], noise.uniform(19_900, 20_100, n), 0.2)
    reaches(noise, found)


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("speed_over_ground"),
    _check("doubt_mm", ticks=(0, 100_000)),
    _check("protect", tune=_impossible, agl=HEIGHTS, valid=(0, 1)),
    _check("tell", tune=_excessive, agl=HEIGHTS, level=(0, 200_000_000), flags=(0, 31)),
    ROOM.check("alert_limit_mm", "heights -200 to 200 km", agl=HEIGHTS),
    _check("overdue", tune=_overdue, agl=HEIGHTS, valid=(0, 1)),
]
