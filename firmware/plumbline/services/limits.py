"""Watches a board's telemetry by its limit table: says what leaves its limits, and what has to be done.

    limits = Limits(board, table, packet.values, (dictionary.LIMIT_SHED,), events)
    limits.look(mode, tick)                     # when the packet's values are new
    if limits.holds(dictionary.LIMIT_SHED): ... # as long as a row is red that asks for it

What is done is the subsystem's own affair. Only `Limits()` allocates.
"""

from array import array

from micropython import const
from plumbline.kernels import limits as kernel
from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.services.limit_table import MOST_ROWS
from plumbline.services.parameter_store import open_parameters

_RED = const(2)
_EVENTS = (dictionary.LIMIT_CLEARED, dictionary.LIMIT_YELLOW, dictionary.LIMIT_RED)


class Limits:
    """table: a LimitTable; watched: the array it speaks of; responses: LIMIT_ of those that the board has.

    `states`: LMS_ slots of each row; `commands`: a ParameterCommands, None without room for it; what
    was stored goes before the table. Raises ValueError for a row that this board cannot watch.
    """

    def __init__(self, board, table, watched, responses, events):
        self.table = table
        self.states = array("i", [0] * (MOST_ROWS * slots.LMS_STRIDE))
        self._watched = watched
        self._events = events
        self._held = 0
        for row in range(len(table.names)):
            base = row * slots.LMR_STRIDE
            response = table.rows[base + slots.LMR_RESPONSE]
            if response != dictionary.LIMIT_NOTHING and response not in responses:
                raise ValueError("{}: response {} is not this board's".format(table.where(row), response))
            for slot in (slots.LMR_INDEX, slots.LMR_GATE):
                if table.rows[base + slot] >= len(watched):
                    what = "{}: there is no value {}".format(table.where(row), table.rows[base + slot])
                    raise ValueError(what)
        self.commands = open_parameters(board, table.fields(), events, table.is_ordered)

    def report(self):
        """At start, behind the event that the board has booted: what was found in flash."""
        if self.commands is not None:
            self.commands.report()

    def set(self, values, tick, allowed):
        """A command's fields; each is answered by an event. allowed: whether this is a time for it."""
        if self.commands is None:
            self._events.emit(dictionary.PARAMETER_NOT_NOW, tick, values[0])
        else:
            self.commands.take(values, tick, allowed)

    def holds(self, response):
        """Whether a row is red that asks for this response."""
        return self._held >> response & 1 == 1

    def look(self, mode, tick):
        """All rows once, in this mode, 0 to 15. Allocates nothing."""
        news = kernel.step(self._watched, self.table.rows, self.states, len(self.table.names), mode)
        if not news:
            return
        held = 0
        for row in range(len(self.table.names)):
            base = row * slots.LMR_STRIDE
            level = self.states[row * slots.LMS_STRIDE + slots.LMS_LEVEL]
            if news >> row & 1:
                value = self._watched[self.table.rows[base + slots.LMR_INDEX]]
                self._events.emit(_EVENTS[level], tick, row, value)
            if level == _RED:
                held |= 1 << self.table.rows[base + slots.LMR_RESPONSE]
        self._tell(held & ~1, tick)

    def _tell(self, held, tick):
        """What begins to be held, and what no longer is."""
        for response in range(1, 16):
            bit = 1 << response
            if held & bit and not self._held & bit:
                self._events.emit(dictionary.LIMIT_RESPONSE, tick, response)
            elif self._held & bit and not held & bit:
                self._events.emit(dictionary.LIMIT_RESPONSE_OVER, tick, response)
        self._held = held
