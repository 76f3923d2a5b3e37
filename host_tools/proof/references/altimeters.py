"""The vote's memory as the references see it: four altimeters side by side, one row each.

A choice is a mask, a rank a sort. Rounding is part of the specification: everything goes down, and a
hundredth is 41 / 4096, which is 0.1 % too much.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Block = NDArray[np.int64]  # (4, vectors), one row an altimeter
Mask = NDArray[np.bool_]

LEVEL, HEARD, VERDICT, TRIAL, SEEN, REPEATS, LAST_RANGE, SIGMA = range(8)
FRESH, OUTSIDE, HELD_FROM, QUICK, SLOW, WARY, REACH, BLAMED, EXCESS, WAITED = range(8, 18)
SILENT, ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT, OVERDUE = range(6)
NEW, JUDGED = 1, 2  # what FRESH may be
WAITING, JUST_NOW = 1, 2  # what NEWS may be
TO_HEAR, TO_DISPUTE, TO_TAKE, TO_FOLLOW, TO_GUARD = range(5)  # what STAGE may be
MOVED, CREPT, CONVICTED = 1, 2, 4  # bits of BLAMED
HIGHEST_MM = 200_000_000
FURTHEST_LEVEL_MM = 420_000_000
TICKS = 2**29  # the tick's number wraps there
NOBODY = 2**40  # sorts behind everything


def block(vote: Memory, item: int) -> Block:
    """One item of all four altimeters, as a view."""
    return vote[s.VOT_FIRST + item : s.VOT_PAST_ODOMETER_MM : s.VOT_STRIDE]


def fitted(vote: Memory) -> Mask:
    """(4, vectors): which altimeters there are."""
    return np.arange(4)[:, None] < vote[s.VOT_FITTED]


def accepted(vote: Memory) -> Mask:
    """(4, vectors): who may pull agl."""
    return fitted(vote) & (block(vote, VERDICT) == ACCEPTED)


def believed(vote: Memory) -> Mask:
    """(4, vectors): who votes, those whose level was just taken for terrain too."""
    return fitted(vote) & np.isin(block(vote, VERDICT), (ACCEPTED, TERRAIN))


def convicted(vote: Memory) -> Mask:
    """(4, vectors): who was put out by more than half of all."""
    return block(vote, BLAMED) >= CONVICTED


def tried(vote: Memory) -> Mask:
    """(4, vectors): who stands outside the gate, and speaks."""
    return fitted(vote) & np.isin(block(vote, VERDICT), (ON_TRIAL, PUT_OUT))


def bases() -> Block:
    """(4, 1): where each altimeter's slots begin."""
    return s.VOT_FIRST + np.arange(4)[:, None] * s.VOT_STRIDE


def base_of(index: Column) -> Column:
    """Where an altimeter's slots begin."""
    return s.VOT_FIRST + index * s.VOT_STRIDE


def get(vote: Memory, base: Column, item: int) -> Column:
    """Of each vector, one altimeter's item."""
    return vote[base + item, np.arange(base.size)]


def put(vote: Memory, base: Column, item: int, value: Column, rows: Mask | None = None) -> None:
    """Write it, where `rows` says so."""
    at = np.arange(base.size)
    vote[base + item, at] = value if rows is None else np.where(rows, value, vote[base + item, at])


def pick(values: Block, who: Column) -> Column:
    """Of each vector, the value of one altimeter."""
    return np.take_along_axis(values, who[None], 0)[0]


def first_of(rows: Mask) -> tuple[Column, Mask]:
    """The first altimeter for which it holds, and whether there is one."""
    return np.argmax(rows, axis=0), np.any(rows, axis=0, keepdims=True)[0]


def on(rows: Mask, change: Callable[..., Answer], *memories: Memory) -> Answer:
    """Apply a change to the vectors in `rows` alone."""
    parts = [memory[:, rows] for memory in memories]
    answer = change(*parts)
    for memory, part in zip(memories, parts, strict=True):
        memory[:, rows] = part
    return answer


def hundredth(x: Column) -> Column:
    """Of a speed: what it comes to in a tick of 10 ms."""
    return x * 41 // 4096


def since(vote: Memory, tick: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ticks from that one to this one."""
    return (vote[s.VOT_TICK] - tick) % TICKS


def passed(vote: Memory, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ground flown over: whole millimetres a tick, 5 s and 20 km at most."""
    return np.minimum(hundredth(vote[s.VOT_GROUND_SPEED_MM_S]) * np.clip(ticks, 0, 500), 20_000_000)


def passed_between_readings(vote: Memory) -> Column:
    """In 0.1 s."""
    return passed(vote, np.full(vote.shape[1], 10))
