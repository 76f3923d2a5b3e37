"""Limits on what a board measures: each row of a table finds its value good, yellow or red.

A change is believed when it has been there in so many checks in a row, each as far off or farther: what
swings between yellow and red is yellow. A row that its mode does not ask for is good at once; a value
that its flags do not vouch for leaves the level as it is.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_LMR_INDEX = const(0)
_LMR_LOW_RED = const(1)
_LMR_LOW_YELLOW = const(2)
_LMR_HIGH_YELLOW = const(3)
_LMR_HIGH_RED = const(4)
_LMR_CHECKS = const(5)
_LMR_MODES = const(6)
_LMR_GATE = const(7)
_LMR_GATE_MASK = const(8)
_LMR_GATE_WANTED = const(9)
_LMR_STRIDE = const(11)

_LMS_LEVEL = const(0)
_LMS_NEXT = const(1)
_LMS_CHECKS = const(2)
_LMS_STRIDE = const(3)

_GOOD = const(0)
_YELLOW = const(1)
_RED = const(2)
_MOST_CHECKS = const(1000)


@micropython.viper
def step(watched: ptr32, limit_rows: ptr32, limit_states: ptr32, rows: int, mode: int) -> int:
    """Look at the first `rows` rows once; the mask of those whose level has changed. Allocates nothing.

    Ranges: rows 0..16, mode 0..15.
    """
    news = 0
    row = 0
    while row < rows:
        if int(look(watched, limit_rows, limit_states, row, mode)) == 1:
            news = news | (1 << row)
        row = row + 1
    return news


@micropython.viper
def look(watched: ptr32, limit_rows: ptr32, limit_states: ptr32, row: int, mode: int) -> int:
    """1 when the level of a row has changed.

    Ranges: row each of 0..15, mode 0..15.
    """
    base = row * _LMR_STRIDE
    if ((limit_rows[base + _LMR_MODES] >> mode) & 1) == 0:
        limit_states[row * _LMS_STRIDE + _LMS_CHECKS] = 0
        return int(settle(limit_states, row, _GOOD, 1))
    flags = watched[limit_rows[base + _LMR_GATE]]
    if (flags & limit_rows[base + _LMR_GATE_MASK]) != limit_rows[base + _LMR_GATE_WANTED]:
        limit_states[row * _LMS_STRIDE + _LMS_CHECKS] = 0
        return 0
    found = int(grade(limit_rows, row, watched[limit_rows[base + _LMR_INDEX]]))
    return int(settle(limit_states, row, found, limit_rows[base + _LMR_CHECKS]))


@micropython.viper
def grade(limit_rows: ptr32, row: int, value: int) -> int:
    """0 good, 1 yellow, 2 red. A value that equals a limit is within it; red goes before yellow.

    Ranges: row each of 0..15, value int31.
    """
    base = row * _LMR_STRIDE
    if value < limit_rows[base + _LMR_LOW_RED] or value > limit_rows[base + _LMR_HIGH_RED]:
        return _RED
    if value < limit_rows[base + _LMR_LOW_YELLOW] or value > limit_rows[base + _LMR_HIGH_YELLOW]:
        return _YELLOW
    return _GOOD


@micropython.viper
def settle(limit_states: ptr32, row: int, found: int, needed: int) -> int:
    """Take a check's finding; 1 when it makes the level another one.

    Ranges: row each of 0..15, found 0..2, needed 1..1_000.
    """
    at = row * _LMS_STRIDE
    level = limit_states[at + _LMS_LEVEL]
    if found == level:
        limit_states[at + _LMS_CHECKS] = 0
        return 0
    checks = limit_states[at + _LMS_CHECKS]
    seemed = limit_states[at + _LMS_NEXT]
    if (seemed > level and found < level) or (seemed < level and found > level):
        checks = 0  # on the other side of the level
    if checks > 0 and ((seemed > level and seemed < found) or (seemed < level and seemed > found)):
        found = seemed  # the check before was not as far off
    checks = int(clamp(checks + 1, 0, _MOST_CHECKS))
    if checks < needed:
        limit_states[at + _LMS_NEXT] = found
        limit_states[at + _LMS_CHECKS] = checks
        return 0
    limit_states[at + _LMS_LEVEL] = found
    limit_states[at + _LMS_CHECKS] = 0
    return 1
