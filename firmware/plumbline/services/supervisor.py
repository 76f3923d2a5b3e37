"""Which mode the board is in: the table of modes.py, applied to the conditions of conditions.py, 10 Hz.

supervisor.step(conditions.take(), tick)
if supervisor.allows(modes.ERASE): ...
"""

from plumbline.link import dictionary
from plumbline.services import modes
from plumbline.services.transitions import ROWS, TABLE, next_mode


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
