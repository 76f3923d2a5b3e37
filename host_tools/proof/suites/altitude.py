"""altitude.py: every decision exactly, from memories in which decisions are close.

Heights that are drawn alone hardly ever agree: in half of the vectors the four of them and agl
stand within a few gates of each other.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments, parameters_of
from host_tools.proof.harness.memories import estimate, memory
from host_tools.proof.harness.noise import Noise, Words
from host_tools.proof.references import altitude, vote
from host_tools.proof.references.altitude import (
    AGE,
    HEIGHT,
    LAST_RANGE,
    OUTSIDE,
    REPEATS,
    SEEN,
    SIGMA,
    TRIAL,
    VERDICT,
)
from host_tools.proof.suites.rooms import Choice, Room, number
from plumbline.kernels import altitude as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, altitude, vote)
BASES: Choice = tuple(s.VOT_FIRST + i * s.VOT_STRIDE for i in range(4))
HEIGHTS = (-200_000_000, 200_000_000)
Spans = dict[str, Choice]


def votes(noise: Noise, n: int) -> Words:
    """Memories of the vote; counters near where they decide, heights near each other in half of them."""
    small = {OUTSIDE: (-2, 6), TRIAL: (0, 6), REPEATS: (0, 8), AGE: (0, 45)}
    narrower = {s.VOT_FIRST + i * s.VOT_STRIDE + item: span for i in range(4) for item, span in small.items()}
    filled = memory("vote", noise, n, {**narrower, s.VOT_FITTED: (0, 4)})
    filled[s.VOT_FITTED] = noise.choice((0, 1, 2, 3, 3, 4, 4, 4), n)
    filled[s.VOT_ACQUIRED] = noise.choice((0, 1, 1, 1), n)
    near = noise.random.random(n) < 0.5
    middle = noise.word(-1_000_000, 30_000_000, n)
    for i in range(4):
        base = s.VOT_FIRST + i * s.VOT_STRIDE
        filled[base + SIGMA][near] = noise.word(0, 30_000, n)[near]
        filled[base + HEIGHT][near] = (middle + noise.word(-100_000, 100_000, n))[near]
        filled[base + VERDICT] = noise.choice((0, 1, 1, 1, 2, 2, 3, 4), n)
    filled[s.VOT_GROUND_SPEED_MM_S][near] = noise.word(0, 70_000, n)[near]
    filled[s.VOT_AGE_TICKS][near] = noise.word(0, 600, n)[near]
    return filled


def estimates(noise: Noise, vote_memory: Words) -> Words:
    """Estimates whose agl and ground speed are those that the vote's memory is about, in half of them."""
    n = vote_memory.shape[1]
    filled = estimate(noise, n)
    near = noise.random.random(n) < 0.5
    first = vote_memory[s.VOT_FIRST + HEIGHT].astype(np.int64)
    filled[s.EST_AGL_MM][near] = np.clip(first + noise.word(-200_000, 200_000, n), *HEIGHTS)[near]
    filled[s.EST_CLIMB_MM][near] = noise.word(-2000, 2000, n)[near]
    filled[s.EST_DOWNRANGE_MM][near] = noise.word(-4_000_000, 4_000_000, n)[near]
    for slot in (s.EST_VELOCITY_DOWNRANGE_Q8, s.EST_VELOCITY_CROSSRANGE_Q8):
        filled[slot][near] = noise.word(-18_000_000, 18_000_000, n)[near]
    beside = np.clip(
        filled[s.EST_AGL_MM].astype(np.int64) + noise.word(-1_100_000, 1_100_000, n), -10_000_000, 110_000_000
    )
    filled[s.EST_ALTITUDE_MM][near] = beside[near]
    return filled


def vectors(names: list[str], spans: Spans) -> Callable[[Noise, int], Arguments]:
    """Memories that belong together, numbers from their ranges; `voters` is how many are accepted."""

    def made(noise: Noise, n: int) -> Arguments:
        memories = votes(noise, n)
        found: dict[str, Words] = {}
        for name in names:
            if name == "vote":
                found[name] = memories
            elif name == "estimate":
                found[name] = estimates(noise, memories)
            elif name in spans:
                found[name] = number(noise, spans[name], n)
            elif name == "voters":
                found[name] = vote.voting(memories.astype(np.int64)).sum(axis=0).astype(np.int32)
            elif name == "agl":
                found[name] = estimates(noise, memories)[s.EST_AGL_MM]
            else:
                found[name] = memory(name, noise, n)
        if "reading" in found:
            _near_reading(noise, found)
        return found

    return made


def _near_reading(noise: Noise, found: dict[str, Words]) -> None:
    """A beam nearly straight down in three quarters of the readings; counts and ranges that repeat."""
    n = found["index"].size
    reading, votes_, at = found["reading"], found["vote"], np.arange(n)
    base = s.VOT_FIRST + found["index"] * s.VOT_STRIDE
    down = noise.random.random(n) < 0.75
    angle = noise.random.uniform(-0.9, 0.9, n)
    lean = noise.random.uniform(-np.pi, np.pi, n)
    for slot, axis, part in ((s.ALT_BEAM_COS_Q14, 0, np.cos), (s.ALT_BEAM_SIN_Q14, 1, np.sin)):
        reading[slot][down] = np.round(16384 * part(lean))[down]
        found["estimate"][s.EST_R00 + axis][down] = np.round(part(lean + angle) * (2**29 - 2))[down]
    reading[s.ALT_STATUS] = noise.choice((0, 1, 1, 1, 1, 3, 5, 9), n)
    again = noise.random.random(n) < 0.25
    reading[s.ALT_COUNT][again] = votes_[base + SEEN, at][again]
    stuck = noise.random.random(n) < 0.25
    reading[s.ALT_RANGE_MM][stuck] = votes_[base + LAST_RANGE, at][stuck]
    close = noise.random.random(n) < 0.5
    reading[s.ALT_RANGE_MM][close] = np.abs(votes_[base + HEIGHT, at])[close]
    reading[s.ALT_AGE_MS] = noise.word(0, 700, n)


def _check(name: str, domain: str = "declared ranges, half of them close calls", **spans: Any) -> Check:
    return ROOM.check(name, domain, vectors=vectors(parameters_of(getattr(kernels, name)), spans), **spans)


CHECKS: list[Check] = [
    _check("ingest", "any reading, beams down to 52 degrees off", index=(0, 3)),
    _check("take_height", base=BASES, height=HEIGHTS, floor_mm=(0, 100_000), fraction_q14=(0, 1638)),
    _check("ground_passed", ticks=(0, 100_000)),
    _check("step"),
    _check("move_along"),
    _check("acquire"),
    _check("restart", height=HEIGHTS),
    _check("gate_mm", base=BASES),
    _check("judge_all"),
    _check("count_outside", base=BASES, verdict=(0, 4)),
    _check("is_stuck", base=BASES, speed_up_q8=(-512_000, 512_000)),
    _check("admit_step"),
    _check("is_ground", index=(0, 3)),
    _check("agree", index=(0, 3), other=(0, 3)),
    _check("supporters", index=(0, 3)),
    _check("blend"),
    _check("follow_slope", apart=(-400_000_000, 400_000_000), shift=(1, 3)),
    _check("blend_shift", apart=(-400_000_000, 400_000_000)),
    _check("sharpest"),
    _check("voted_height"),
    _check("mid_value"),
    _check("rank", height=HEIGHTS, index=(0, 3)),
    _check("publish"),
    _check("clear_fresh"),
]
