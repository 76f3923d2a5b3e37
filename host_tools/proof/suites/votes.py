"""Memories of the altitude vote in which decisions are close, for the suites of its kernels.

Levels that are drawn alone hardly ever agree: in half of the vectors the four of them and the ground
stand within a few gates of each other, in a quarter within a hand's breadth of a limit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from host_tools.proof import declared
from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments, parameters_of
from host_tools.proof.harness.memories import estimate, memory
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references.altimeters import (
    BLAMED,
    EXCESS,
    FRESH,
    HEARD,
    HELD_FROM,
    LEVEL,
    OUTSIDE,
    QUICK,
    REACH,
    REPEATS,
    SIGMA,
    SLOW,
    TRIAL,
    VERDICT,
    WARY,
    believed,
    passed,
)
from host_tools.proof.references.integrity import doubt
from host_tools.proof.suites.rooms import Choice, Room, number
from plumbline.kernels import slots as s

BASES: Choice = tuple(s.VOT_FIRST + i * s.VOT_STRIDE for i in range(4))
LEVELS = (-420_000_000, 420_000_000)
HEIGHTS = (-200_000_000, 200_000_000)
SIGMAS = (0, 22_000_000)
LIMITS_MM = (-2, -1, 0, 1, 2)  # beside a limit
Spans = dict[str, Choice]
Rows = Any  # a mask of vectors
Tune = Callable[[Noise, dict[str, Words]], None]
_SMALL = {OUTSIDE: (-3, 20), TRIAL: (0, 60), REPEATS: (0, 8), BLAMED: (0, 7), WARY: (0, 8)}


def votes(noise: Noise, n: int) -> Words:
    """Memories of the vote: counters near where they decide, levels near each other in three quarters."""
    names = range(s.VOT_FIRST, s.VOT_PAST_ODOMETER_MM, s.VOT_STRIDE)
    narrower = {base + item: span for base in names for item, span in _SMALL.items()}
    filled = _without_history(noise, n, narrower)
    filled[s.VOT_FITTED] = noise.choice((0, 1, 2, 2, 3, 3, 4, 4, 4), n)
    filled[s.VOT_ACQUIRED] = noise.choice((0, 1, 1, 1), n)
    filled[s.VOT_QUIET_TICKS] = noise.choice((29, 30, 30, 31, 999, 1000, 5), n)
    for base in BASES:
        filled[base + VERDICT] = noise.choice((0, 1, 1, 1, 2, 2, 2, 3, 4, 4, 5), n)
        filled[base + FRESH] = noise.choice((0, 1, 2, 2), n)
        filled[base + TRIAL][:] = np.where(
            noise.random.random(n) < 0.5, noise.uniform(0, 21, n), filled[base + TRIAL]
        )
        ago = np.where(noise.random.random(n) < 0.6, noise.uniform(0, 40, n), noise.uniform(495, 505, n))
        heard = (filled[s.VOT_TICK].astype(np.int64) - ago) % 2**29
        filled[base + HEARD] = np.where(noise.random.random(n) < 0.06, 0, heard)
    kind = noise.random.random(n)
    _near(noise, filled, kind < 0.5, sigma=30_000, apart=100_000)
    _near(noise, filled, kind > 0.75, sigma=3, apart=0)
    return filled


def _without_history(noise: Noise, n: int, narrower: dict[int, tuple[int, int]]) -> Words:
    """As memory(), but the 64 ticks of history are drawn alike, at once."""
    ranges = [slot.range for slot in declared.arrays()["vote"].slots]
    spans = {i: (int(r.low), int(r.high)) for i, r in enumerate(ranges[: s.VOT_PAST_ODOMETER_MM])}
    filled = np.empty((s.VOT_SIZE, n), np.int32)
    filled[: s.VOT_PAST_ODOMETER_MM] = noise.memory(s.VOT_PAST_ODOMETER_MM, {**spans, **narrower}, n)
    for first in (s.VOT_PAST_ODOMETER_MM, s.VOT_PAST_UP_X_Q14, s.VOT_PAST_UP_Y_Q14):
        low, high = int(ranges[first].low), int(ranges[first].high)
        filled[first : first + 64] = noise.random.integers(low, high, (64, n), dtype=np.int32, endpoint=True)
    return filled


def _near(noise: Noise, filled: Words, rows: Rows, sigma: int, apart: int) -> None:
    """Levels, means and the ground together; `apart` 0: on the limits of 2, 3 and 3.5 m, give or take."""
    n = filled.shape[1]
    ground = noise.word(-30_000_000, 30_000_000, n)

    def beside(level: Any) -> Any:
        if apart:
            return level + noise.word(-apart, apart, n)
        size = noise.choice((0, 0, 2000, 2000, 3000, 3000, 3500, 4500), n) + noise.uniform(-8, 30, n)
        return level + size * noise.choice((-1, 1), n)

    def put(slot: int, value: Any) -> None:
        filled[slot][rows] = value[rows]

    put(s.VOT_GROUND_MM, ground)
    put(s.VOT_ODOMETER_MM, ground + noise.word(-100_000, 20_000_000, n))
    put(s.VOT_NOISE_MM, noise.word(0, sigma, n))
    put(s.VOT_GROUND_SPEED_MM_S, noise.word(0, 70_000 if apart else 200, n))
    put(s.VOT_GROUND_RATE_MM_S, noise.word(-3000, 3000, n))
    put(s.VOT_AGE_TICKS, noise.choice((0, 0, 1, 5, 10, 29, 30, 31, 59, 60, 61, 499, 500, 600), n))
    put(s.VOT_BOUND_MM, noise.word(0, 4 * sigma + 3000, n))
    put(s.VOT_DISPUTED_MM, noise.choice((0, 0, 1, 1000, 3000), n))
    for base in BASES:
        put(base + SIGMA, noise.word(0, sigma, n))
        put(base + EXCESS, noise.word(0, sigma, n))
        level = beside(ground)
        put(base + LEVEL, level)
        put(base + QUICK, beside(level))
        still = noise.random.random(n) < 0.5
        put(base + SLOW, np.where(still, filled[base + QUICK] + noise.word(-20, 20, n), beside(level)))
        moved = noise.choice((-301, -300, 0, 299, 300, 301), n)
        put(base + HELD_FROM, filled[s.VOT_ODOMETER_MM] + moved)


def estimates(noise: Noise, vote: Words) -> Words:
    """Estimates at the height and speed that the vote's memory is about, in three quarters of them."""
    n = vote.shape[1]
    filled = estimate(noise, n)
    near = noise.random.random(n) < 0.75
    agl = vote[s.VOT_ODOMETER_MM].astype(np.int64) - vote[s.VOT_GROUND_MM]
    over_datum = noise.choice((0, 0, 1), n) * noise.word(-2_000_000, 2_000_000, n)
    altitude = agl + over_datum + noise.word(-1_010_000, 1_010_000, n)
    for slot, value in (
        (s.EST_ALTITUDE_MM, np.clip(altitude, -10_000_000, 110_000_000)),
        (s.EST_CLIMB_MM, noise.word(-2000, 2000, n)),
        (s.EST_DOWNRANGE_MM, noise.word(-4_000_000, 4_000_000, n)),
        (s.EST_VELOCITY_DOWNRANGE_Q8, noise.word(-18_000_000, 18_000_000, n)),
        (s.EST_VELOCITY_CROSSRANGE_Q8, noise.word(-18_000_000, 18_000_000, n)),
        (s.EST_VELOCITY_AGE_TICKS, noise.choice((0, 99, 100, 101, 102, 5000), n)),
    ):
        filled[slot][near] = value[near]
    return filled


def vectors(names: list[str], spans: Spans, tune: Tune | None) -> Callable[[Noise, int], Arguments]:
    """Memories that belong together, numbers from their ranges; then `tune` brings them closer."""

    def made(noise: Noise, n: int) -> Arguments:
        memories = votes(noise, n)
        found: dict[str, Words] = {}
        for name in names:
            if name in ("vote", "estimate"):
                found[name] = memories if name == "vote" else estimates(noise, memories)
            elif name in spans:
                found[name] = number(noise, spans[name], n)
            elif name == "voters":
                some = noise.random.random(n) < 0.5
                voting = believed(memories.astype(np.int64)).sum(axis=0)
                found[name] = np.where(some, voting, noise.uniform(0, 4, n)).astype(np.int32)
            else:
                found[name] = memory(name, noise, n)
        if tune is not None:
            tune(noise, found)
        return found

    return made


def check(room: Room, name: str, domain: str = "", tune: Tune | None = None, **spans: Any) -> Check:
    """A check of the vote's rooms; `spans` as in Room.check."""
    names = parameters_of(getattr(room.kernels, name))
    domain = domain or "declared ranges, three quarters of them close calls"
    return room.check(name, domain, vectors=vectors(names, spans, tune), **spans)


def replace(noise: Noise, values: Words, close: Any, share: float = 0.75) -> None:
    """Write close values over a share of the vectors, within 31 bits."""
    rows = noise.random.random(values.size) < share
    values[rows] = np.clip(close, -(2**30), 2**30 - 1)[rows]


def items(found: dict[str, Words], item: int, who: str = "base") -> Any:
    """Of the altimeter that `base`, or another number, names: one item as int64."""
    base = found[who]
    return found["vote"][base + item, np.arange(base.size)].astype(np.int64)


def set_items(noise: Noise, found: dict[str, Words], item: int, close: Any, share: float = 0.75) -> None:
    """Write close values to that item of the altimeter that `base` names, over a share of the vectors."""
    base, at = found["base"], np.arange(found["base"].size)
    values = found["vote"][base + item, at]
    replace(noise, values, close, share)
    found["vote"][base + item, at] = values


def at_the_gate(noise: Noise, found: dict[str, Words]) -> None:
    """Each level about as far from the ground as its gate allows, in half of the vectors."""
    memory = found["vote"].astype(np.int64)
    age = memory[s.VOT_AGE_TICKS]
    for base in BASES:
        gate = 4 * memory[base + SIGMA] + 2 * memory[s.VOT_NOISE_MM] + passed(memory, age) // 2 + 3000
        gate += doubt(found["estimate"].astype(np.int64), age) + noise.choice(LIMITS_MM, age.size)
        level = memory[s.VOT_GROUND_MM] + gate * noise.choice((-1, 1), age.size)
        replace(noise, found["vote"][base + LEVEL], np.clip(level, *LEVELS), 0.3)
    reaches(noise, found)


def at_their_counts(noise: Noise, found: dict[str, Words]) -> None:
    """Readings in a row about at the numbers that are asked for, in half of the altimeters."""
    vote = found["vote"]
    for base in BASES:
        n = vote.shape[1]
        needed = noise.choice((0, 1, 3, 3, 4, 4, 6, 9, 10, 16, 20, 32, 50, 50, 999), n)
        needed = needed + noise.choice((0, 1, 2), n) * vote[base + WARY] // 2
        for item, least in ((TRIAL, 0), (OUTSIDE, -1)):
            count = np.clip(needed + noise.choice((-1, 0, 0, 1), n), least, 1000)
            replace(noise, vote[base + item], count, 0.5)


def reaches(noise: Noise, found: dict[str, Words]) -> None:
    """Altimeters whose reach is such that agl, or the altitude, lies about 11/16 of it."""
    vote = found["vote"]
    height = found["agl"] if "agl" in found else vote[s.VOT_ODOMETER_MM] - vote[s.VOT_GROUND_MM]
    for base in BASES:
        told = np.where(noise.random.random(height.size) < 0.7, height, found["estimate"][s.EST_ALTITUDE_MM])
        reach = told.astype(np.int64) * 16 // 11 + noise.uniform(-70, 70, height.size)
        replace(noise, vote[base + REACH], np.clip(reach, 0, 200_000_000))
