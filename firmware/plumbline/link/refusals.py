"""Commands that came whole and were not taken: who sent what is told by an event, one for each command.

The argument of the event is the first four bytes of the command's header without its version and
sequence flags: type bit and APID * 2^14 + sequence count. That names the very packet, so the event
is also the sender's reply. In a subsystem's tick: `self.bus.refusals.tell(self.events, count)`.
"""

from array import array

from micropython import const
from plumbline.link import dictionary

_ROOM = const(8)
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits
_BOARD_MASK = const(7)


class Refusals:
    """What a port has refused and nobody has told yet: the first eight, and a count of the others.

    `count`: all commands refused so far; `untold`: those for which there was no room.
    """

    def __init__(self, board):
        self.count = 0
        self.untold = 0
        self._board = board
        self._untold_said = 0
        self._held = 0
        self._first = 0
        self._events = array("i", [0] * _ROOM)
        self._arguments = array("i", [0] * _ROOM)

    def add(self, identification, sequence, known):
        """A good command that is not taken. Allocates nothing.

        identification: its type bit and APID, 13 bits; known: this board has it, in another length.
        """
        self.count = (self.count + 1) & _COUNT_MASK
        if self._held == _ROOM:
            self.untold = (self.untold + 1) & _COUNT_MASK
            return
        if known:
            event = dictionary.COMMAND_MALFORMED
        elif (identification >> 8) & _BOARD_MASK == self._board:
            event = dictionary.COMMAND_UNKNOWN
        else:
            event = dictionary.COMMAND_ELSEWHERE
        at = (self._first + self._held) % _ROOM
        self._events[at] = event
        self._arguments[at] = identification * 16384 + sequence
        self._held += 1

    def tell(self, events, tick):
        """Emit at most one event, so that a flood of commands is none of events. Allocates nothing.

        events: an EventLog; tick: the caller's count of ticks.
        """
        if self._held:
            at = self._first
            self._first = (at + 1) % _ROOM
            self._held -= 1
            events.emit(self._events[at], tick, self._arguments[at])
        elif self.untold != self._untold_said:
            self._untold_said = self.untold
            events.emit(dictionary.COMMANDS_UNTOLD, tick, self.untold)
