"""Which mode the board is in: the table of modes.py, applied to the conditions of conditions.py, 10 Hz.

supervisor.step(conditions.take(), tick)
if supervisor.allows(modes.ERASE): ...
"""

from array import array

import micropython
from micropython import const
from plumbline.link import dictionary
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


class Supervisor:
    """`mode` is one of modes.py; each change is said once."""

    def __init__(self, events):
        self.mode = modes.BOOT
        self._events = events

    def step(self, conditions, tick):
        """Decide by a mask of conditions; True when the mode has changed. Allocates nothing."""
        mode = next_mode(TABLE, ROWS, self.mode, conditions)
        if mode == self.mode:
            return False
        self.mode = mode
        self._events.emit(dictionary.MODE_CHANGED, tick, mode)
        return True

    def allows(self, permission):
        """Whether the mode allows it."""
        return bool(modes.ALLOWED[self.mode] & permission)
