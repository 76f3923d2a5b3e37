"""Coils as sets of valves: who is commanded, who should draw, and who has been doubted three times."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
VALVES, BRANCHES, BELIEVED = 15, 8, 3
BEHIND = ((0,), (1, 4), (2, 5), (3, 6), (7, 8), (9, 10), (11, 14), (12, 13))
MASKS = np.array([sum(1 << valve for valve in behind) for behind in BEHIND])
SUPPLY_LEAST = 32_500


def _mask(flags: NDArray[np.bool_]) -> Column:
    return (flags * (1 << np.arange(VALVES))[:, None]).sum(axis=0)


def _bits(mask: Column) -> NDArray[np.bool_]:
    return (mask[None, :] >> np.arange(VALVES)[:, None] & 1) == 1


def _open(motion: Memory) -> NDArray[np.bool_]:
    on, left = motion[s.MOT_ON_US : s.MOT_ON_US + VALVES], motion[s.MOT_LEFT_US : s.MOT_LEFT_US + VALVES]
    return (on == 10_000) & (left >= 1_000)


def valves_of(branch: Column) -> Answer:
    """By the table of branches."""
    return Answer(MASKS[branch])


def held_open(motion: Memory) -> Answer:
    """The whole tick, and a millisecond more."""
    return Answer(_mask(_open(motion)))


def held_shut(motion: Memory) -> Answer:
    """No microsecond of the tick."""
    return Answer(_mask(motion[s.MOT_ON_US : s.MOT_ON_US + VALVES] == 0))


def open_next(motion: Memory) -> Answer:
    """Eleven milliseconds are left."""
    return Answer(_opening(motion))


def _opening(motion: Memory) -> Column:
    return _mask(motion[s.MOT_LEFT_US : s.MOT_LEFT_US + VALVES] >= 11_000)


def take_supply(coils: Memory, level: Column) -> Answer:
    """Without a supply no doubt is kept."""
    coils[s.COI_ARM] = level
    dark = level < SUPPLY_LEAST
    coils[s.COI_DOUBT : s.COI_SEEN, dark] = 0
    return Answer((~dark).astype(np.int64))


def take(coils: Memory, motion: Memory, branch: Column, level: Column) -> Answer:
    """Half a coil more or less than commanded is too much or too little, thrice in a row."""
    every = np.arange(branch.size)
    coils[s.COI_SEEN + branch, every] = np.maximum(coils[s.COI_SEEN + branch, every], level)
    behind = _bits(MASKS[branch])
    is_open = _open(motion) & behind
    shut = (motion[s.MOT_ON_US : s.MOT_ON_US + VALVES] == 0) & behind
    judged = ((is_open | shut) == behind).all(axis=0) & (coils[s.COI_ARM] >= SUPPLY_LEAST)
    count = is_open.sum(axis=0)
    half = coils[s.COI_ARM] * coils[s.COI_SHARE_Q10] // 2048
    low, high = level < (2 * count - 1) * half, level > (2 * count + 1) * half
    _doubt(coils, is_open & judged, low)
    excess = np.where(high, np.minimum(coils[s.COI_EXCESS + branch, every] + 1, BELIEVED), 0)
    coils[s.COI_EXCESS + branch, every] = np.where(judged, excess, coils[s.COI_EXCESS + branch, every])
    coils[s.COI_DRIVEN] |= np.where(judged & (excess == BELIEVED), 1 << branch, 0)
    return Answer(np.where(judged, count, -1))


def _doubt(coils: Memory, concerned: NDArray[np.bool_], low: NDArray[np.bool_]) -> None:
    doubts = coils[s.COI_DOUBT : s.COI_DOUBT + VALVES]
    after = np.where(concerned, np.where(low, np.minimum(doubts + 1, BELIEVED), 0), doubts)
    coils[s.COI_DOUBT : s.COI_DOUBT + VALVES] = after
    coils[s.COI_DEAD] |= _mask(concerned & (after == BELIEVED))


def doubt(coils: Memory, is_open: Column, low: Column) -> Answer:
    """Those that are commanded are doubted once more, or no longer."""
    _doubt(coils, _bits(is_open), low == 1)
    return Answer(coils[s.COI_DEAD].copy())


def _doubted(coils: Memory, branch: int, opening: Column) -> NDArray[np.bool_]:
    excess = (coils[s.COI_EXCESS + branch] > 0) & (coils[s.COI_DRIVEN] >> branch & 1 == 0)
    named = [
        (coils[s.COI_DOUBT + valve] > 0) & (opening >> valve & 1 == 1) & (coils[s.COI_DEAD] >> valve & 1 == 0)
        for valve in BEHIND[branch]
    ]
    return excess | np.any(named, axis=0)


def is_doubted(coils: Memory, branch: Column, opening: Column) -> Answer:
    """Half way to a verdict that has not been given yet."""
    table = np.stack([_doubted(coils, each, opening) for each in range(BRANCHES)])
    return Answer(table[branch, np.arange(branch.size)].astype(np.int64))


def pick(coils: Memory, motion: Memory) -> Answer:
    """The nearest behind the last one that is doubted; else that opens, but for every fourth turn."""
    opening = _opening(motion)
    turn = (coils[s.COI_TURN] + 1) % 4
    coils[s.COI_TURN] = turn
    last = coils[s.COI_BRANCH].copy()
    chosen = (coils[s.COI_PATROL] + 1) % BRANCHES
    doubted = np.stack([_doubted(coils, each, opening) for each in range(BRANCHES)])
    opens = np.stack([(opening & MASKS[each]) != 0 for each in range(BRANCHES)])
    every = np.arange(last.size)
    for wanted in (opens & (turn > 0), doubted):  # what is written last counts most
        for step in range(BRANCHES, 0, -1):
            branch = (last + step) % BRANCHES
            chosen = np.where(wanted[branch, every], branch, chosen)
    patrols = ~np.any(doubted | (opens & (turn > 0)), axis=0)
    coils[s.COI_PATROL] = np.where(patrols, chosen, coils[s.COI_PATROL])
    coils[s.COI_BRANCH] = chosen
    return Answer(chosen)
