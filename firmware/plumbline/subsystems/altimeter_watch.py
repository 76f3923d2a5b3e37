"""Tells the spacecraft what the vote did with each altimeter: acquired, put out, readmitted, terrain."""

from array import array

from micropython import const
from plumbline.kernels import slots
from plumbline.link import dictionary

_ACCEPTED = const(1)
_ON_TRIAL = const(2)
_TERRAIN = const(3)
_PUT_OUT = const(4)


class AltimeterWatch:
    """Compares the vote's verdicts with what was last said of them, at 10 Hz."""

    def __init__(self, vote, events):
        self._vote = vote
        self._events = events
        self._said = array("i", [0] * 4)  # per altimeter: 0 nothing yet, else the verdict last said
        self._steps = 0

    def look(self, tick):
        """Emit an event for each change. Allocates nothing."""
        vote = self._vote
        for i in range(vote[slots.VOT_FITTED]):
            verdict = vote[slots.VOT_FIRST + i * slots.VOT_STRIDE + slots.VOT_VERDICT]
            if verdict == _PUT_OUT and self._said[i] != _PUT_OUT:
                self._said[i] = _PUT_OUT
                self._events.emit(dictionary.ALTIMETER_REJECTED, tick, i)
            elif verdict == _ACCEPTED and self._said[i] != _ACCEPTED:
                event = dictionary.ALTIMETER_READMITTED if self._said[i] else dictionary.ALTIMETER_ACQUIRED
                self._said[i] = _ACCEPTED
                self._events.emit(event, tick, i)
        steps = vote[slots.VOT_STEPS]
        if steps != self._steps:
            self._steps = steps
            # agl that grows is ground that falls away
            self._events.emit(dictionary.TERRAIN_STEP, tick, (0 - vote[slots.VOT_STEP_MM]) // 1000)
