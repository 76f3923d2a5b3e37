"""A limit table as rules over whole columns: how far off, for how long, and whether it is to be looked at."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
GOOD, YELLOW, RED = range(3)


def _cells(memory: Memory, stride: int, row: Column) -> Memory:
    """The slots of each vector's own row, as a copy: (stride, vectors)."""
    return memory.reshape(-1, stride, memory.shape[1])[row, :, np.arange(row.size)].T.copy()


def _put(memory: Memory, stride: int, row: Column, cells: Memory) -> None:
    memory.reshape(-1, stride, memory.shape[1])[row, :, np.arange(row.size)] = cells.T


def grade(limit_rows: Memory, row: Column, value: Column) -> Answer:
    """As `_grade`."""
    return Answer(_grade(limit_rows, row, value))


def _grade(limit_rows: Memory, row: Column, value: Column) -> Column:
    """Red outside of the red limits, else yellow outside of the yellow ones."""
    limits = _cells(limit_rows, s.LMR_STRIDE, row)
    is_red = (value < limits[s.LMR_LOW_RED]) | (value > limits[s.LMR_HIGH_RED])
    is_yellow = (value < limits[s.LMR_LOW_YELLOW]) | (value > limits[s.LMR_HIGH_YELLOW])
    return np.where(is_red, RED, np.where(is_yellow, YELLOW, GOOD))


def settle(limit_states: Memory, row: Column, found: Column, needed: Column) -> Answer:
    """As `_settle`."""
    return Answer(_settle(limit_states, row, found, needed))


def _settle(limit_states: Memory, row: Column, found: Column, needed: Column) -> Column:
    """A run of findings on one side of the level; it becomes their nearest when that is long enough."""
    state = _cells(limit_states, s.LMS_STRIDE, row)
    level, seemed, checks = state
    off, was_off = np.sign(found - level), np.sign(seemed - level)
    goes_on = (checks > 0) & (off * was_off >= 0)
    nearest = level + np.minimum(np.abs(found - level), np.abs(seemed - level)) * off
    found = np.where(goes_on & (was_off != 0), nearest, found)
    run = np.minimum(np.where(off * was_off < 0, 0, checks) + 1, 1000)
    changes = (off != 0) & (run >= needed)
    waits = (off != 0) & ~changes
    state[s.LMS_NEXT] = np.where(waits, found, seemed)
    state[s.LMS_CHECKS] = np.where(waits, run, 0)
    state[s.LMS_LEVEL] = np.where(changes, found, level)
    _put(limit_states, s.LMS_STRIDE, row, state)
    return changes.astype(np.int64)


def look(watched: Memory, limit_rows: Memory, limit_states: Memory, row: Column, mode: Column) -> Answer:
    """As `_look`."""
    return Answer(_look(watched, limit_rows, limit_states, row, mode))


def _look(watched: Memory, limit_rows: Memory, limit_states: Memory, row: Column, mode: Column) -> Column:
    """Good where the mode does not ask; nothing new where the flags do not vouch; else what it is."""
    column = np.arange(row.size)
    limits = _cells(limit_rows, s.LMR_STRIDE, row)
    asked = limits[s.LMR_MODES] // 2**mode % 2 == 1
    flags = watched[limits[s.LMR_GATE], column]
    vouched = (flags & limits[s.LMR_GATE_MASK]) == limits[s.LMR_GATE_WANTED]
    fresh = _cells(limit_states, s.LMS_STRIDE, row)
    fresh[s.LMS_CHECKS] = np.where(asked & vouched, fresh[s.LMS_CHECKS], 0)
    _put(limit_states, s.LMS_STRIDE, row, fresh)
    before = limit_states.copy()
    value = watched[limits[s.LMR_INDEX], column]
    found = np.where(asked, _grade(limit_rows, row, value), GOOD)
    changed = _settle(limit_states, row, found, np.where(asked, limits[s.LMR_CHECKS], 1))
    held = asked & ~vouched
    limit_states[:, held] = before[:, held]
    return np.where(held, 0, changed)


def step(watched: Memory, limit_rows: Memory, limit_states: Memory, rows: Column, mode: Column) -> Answer:
    """Each of the first rows on its own; the bits of those that have changed."""
    news = np.zeros(rows.size, np.int64)
    for row in range(16):
        there = np.flatnonzero(rows > row)
        states = limit_states[:, there].copy()
        index = np.full(there.size, row)
        changed = _look(watched[:, there], limit_rows[:, there], states, index, mode[there])
        limit_states[:, there] = states
        news[there] += changed * 2**row
    return Answer(news)
