"""ranging.py: every reading's level and count exactly, from memories that the reading may continue."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import ranging
from host_tools.proof.references.altimeters import (
    FRESH,
    HEARD,
    LAST_RANGE,
    LEVEL,
    QUICK,
    SEEN,
    SLOW,
    WAITED,
    passed,
)
from host_tools.proof.suites.rooms import Room
from host_tools.proof.suites.votes import BASES, LEVELS, at_their_counts, check, items, replace, set_items
from plumbline.kernels import ranging as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, ranging)
_LIMITS_MM = (-3, -2, -1, 0, 1, 2, 3)


def _readings(noise: Noise, found: dict[str, Words]) -> None:
    """A beam nearly straight down in three quarters; counts and ranges that repeat, levels that continue."""
    n = found["index"].size
    reading, vote, estimate, at = found["reading"], found["vote"], found["estimate"], np.arange(n)
    found["base"] = base = s.VOT_FIRST + found["index"] * s.VOT_STRIDE
    down = noise.random.random(n) < 0.75
    lean, turned = noise.random.uniform(-np.pi, np.pi, n), noise.random.uniform(-0.9, 0.9, n)
    turning = noise.random.uniform(-0.005, 0.005, n) * np.arange(64)[:, None]
    for slot, axis, part in ((s.ALT_BEAM_COS_Q14, 0, np.cos), (s.ALT_BEAM_SIN_Q14, 1, np.sin)):
        reading[slot][down] = np.round(16384 * part(lean))[down]
        estimate[s.EST_R00 + axis][down] = np.round(part(lean + turned) * (2**29 - 2))[down]
        past = (s.VOT_PAST_UP_X_Q14, s.VOT_PAST_UP_Y_Q14)[axis]
        vote[past : past + 64, down] = np.round(part(lean + turned + turning) * 16384)[:, down]
    climbed = noise.uniform(-6000, 6000, 64 * n).reshape(64, n)
    odometers = np.clip(vote[s.VOT_ODOMETER_MM] + climbed, -200_000_000, 200_000_000)
    vote[s.VOT_PAST_ODOMETER_MM : s.VOT_PAST_ODOMETER_MM + 64, down] = odometers[:, down]
    reading[s.ALT_STATUS] = noise.choice((0, 1, 1, 1, 1, 3, 5, 9), n)
    reading[s.ALT_AGE_MS] = np.where(noise.random.random(n) < 0.1, 500, noise.word(0, 700, n))
    _slanting(noise, found, noise.random.random(n) < 0.1)
    again = noise.random.random(n) < 0.5
    reading[s.ALT_COUNT][again] = vote[base + SEEN, at][again]
    _its_turn(noise, vote, base)
    height = vote[s.VOT_ODOMETER_MM].astype(np.int64) - items(found, LEVEL) + noise.word(-20_000, 20_000, n)
    replace(noise, reading[s.ALT_RANGE_MM], np.clip(height / np.cos(turned), 0, 2**29), 0.5)
    replace(noise, reading[s.ALT_RANGE_MM], vote[base + LAST_RANGE, at], 0.25)
    del found["base"]


def _slanting(noise: Noise, found: dict[str, Words], rows: Any) -> None:
    """A beam along body x, that stands or stood about 45 degrees off the vertical."""
    reading, vote, n = found["reading"], found["vote"], rows.size
    cosine = 11_585 + noise.choice((-1, 0, 1), n)
    reading[s.ALT_BEAM_COS_Q14][rows], reading[s.ALT_BEAM_SIN_Q14][rows] = 16_384, 0
    found["estimate"][s.EST_R00][rows] = (cosine * 2**15 + noise.choice((0, 1, 2**15 - 1), n))[rows]
    vote[s.VOT_PAST_UP_X_Q14 : s.VOT_PAST_UP_X_Q14 + 64, rows] = cosine[rows]


def _its_turn(noise: Noise, vote: Words, base: Words) -> None:
    """Readings that have waited, or not; in half of the vectors nothing keeps them waiting longer."""
    n = base.size
    vote[base + WAITED, np.arange(n)] = noise.choice((0, 0, 1, 2, 5, 9, 10, 11), n)
    free = noise.random.random(n) < 0.5
    vote[s.VOT_STAGE][free] = 0
    vote[s.VOT_NEWS][free] = noise.choice((0, 1), n)[free]
    vote[base + FRESH, np.arange(n)] = np.where(free, 0, noise.choice((0, 1, 2), n))


def _continuing(noise: Noise, found: dict[str, Words]) -> None:
    """Levels about as far away as one may be that continues the last."""
    at_their_counts(noise, found)
    vote = found["vote"].astype(np.int64)
    ticks = (vote[s.VOT_TICK] + 1 - found["waited"] - items(found, HEARD)) % 2**29
    limit = 6 * found["sigma"].astype(np.int64) + 2 * passed(vote, ticks) + 2000
    away = (limit + noise.choice(_LIMITS_MM, ticks.size)) * noise.choice((-1, 1), ticks.size)
    replace(noise, found["level"], np.clip(items(found, LEVEL) + away, *LEVELS))
    set_items(noise, found, SLOW, items(found, QUICK), 0.4)


def _repeating(noise: Noise, found: dict[str, Words]) -> None:
    """The last range again, often; stuck or about to be."""
    vote, base = found["vote"], found["base"]
    replace(noise, found["slant"], vote[base + LAST_RANGE, np.arange(base.size)])


def _check(name: str, domain: str = "", **more: Any) -> Check:
    return check(ROOM, name, domain, **more)


CHECKS: list[Check] = [
    _check("ingest", "any reading, beams down to 52 degrees off", tune=_readings, index=(0, 3)),
    _check("take_level", tune=_continuing, base=BASES, level=LEVELS, sigma=(1, 100_000), waited=(0, 10)),
    _check("count_repeats", tune=_repeating, base=BASES, slant=(0, 200_000_000)),
    _check("is_stuck", base=BASES),
    _check("compare_from_now"),
    _check("stand", base=BASES, level=LEVELS),
    _check("remember"),
    _check("ground_passed", ticks=(0, 100_000)),
]
