"""The table of modes.py as an array, and the search in it: the supervisor's sums, without its events."""

from array import array

import micropython
from micropython import const
from plumbline.services import modes

_COLUMNS = const(4)


@micropython.viper
def next_mode(table: ptr32, rows: int, mode: int, conditions: int) -> int:
    """The mode after `mode`: the next mode of its first row that fits, else itself. Allocates nothing."""
    row = 0
    at = 0
    while row < rows:
        if table[at] == mode:
            needs = 0 + table[at + 1]
            if (conditions & needs) == needs and (conditions & table[at + 2]) == 0:
                return table[at + 3]
        at = at + _COLUMNS
        row = row + 1
    return mode


TABLE = array("i", [number for row in modes.TRANSITIONS for number in row])
ROWS = len(modes.TRANSITIONS)
