"""SET_PARAMETER: one parameter is set, now or for good, and each command is answered by an event.

commands = ParameterCommands(stored, events)
commands.report()                             # at start: what was found in flash
if commands.take(values, tick, allowed): ...  # values of the packet; True when a parameter has changed
"""

from micropython import const
from plumbline.link import dictionary
from plumbline.services.stored_parameters import FELL_BACK, LOST, OK, OUT_OF_RANGE

_NUMBER = const(0)
_KEEP = const(1)
_VALUE = const(2)


class ParameterCommands:
    """stored: a StoredParameters, which is loaded here; events: an EventLog."""

    def __init__(self, stored, events):
        self._stored = stored
        self._events = events
        self._found = stored.load()

    def report(self):
        """At start, behind the event that the board has booted."""
        if self._found == FELL_BACK:
            self._events.emit(dictionary.PARAMETERS_FELL_BACK, 0)
        elif self._found == LOST:
            self._events.emit(dictionary.PARAMETERS_LOST, 0)

    def take(self, values, tick, allowed):
        """Carry a command out, or not; True when a parameter has changed. Allocates nothing.

        allowed: whether this is a time for it. Storing takes 50 ms as a rule, 0.4 s at most: what is cut
        off leaves the set that was stored before.
        """
        number = values[_NUMBER]
        events = self._events
        if not allowed:
            events.emit(dictionary.PARAMETER_NOT_NOW, tick, number)
            return False
        answer = self._stored.change(number, values[_VALUE])
        if answer != OK:
            refused = (
                dictionary.PARAMETER_OUT_OF_RANGE if answer == OUT_OF_RANGE else dictionary.PARAMETER_UNKNOWN
            )
            events.emit(refused, tick, number)
            return False
        events.emit(dictionary.PARAMETER_SET, tick, number)
        if values[_KEEP]:
            kept = self._stored.save()
            events.emit(dictionary.PARAMETERS_STORED if kept else dictionary.PARAMETERS_NOT_STORED, tick)
        return True
