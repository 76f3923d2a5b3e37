"""Tells the spacecraft what the vote did with each altimeter, and whether the height can be trusted."""

from array import array

from micropython import const
from plumbline.kernels import slots
from plumbline.link import dictionary

_ACCEPTED = const(1)
_PUT_OUT = const(4)
_OVERDUE = const(5)

_ABOVE_LIMIT = const(4)
_ALERT_LOOKS = const(3)  # 0.3 s: a flag that is up for one reading is not worth a packet


class AltimeterWatch:
    """Compares the vote's verdicts with what was last said of them, at 10 Hz.

    `said`: the verdict that was last said of each altimeter; 0: none yet.
    """

    def __init__(self, vote, events):
        self._vote = vote
        self._events = events
        self.said = array("i", [0] * 4)
        self._steps = 0
        self._corrections = 0
        self._impossible = 0
        self._alert = False
        self._alert_looks = 0

    def go_on(self):
        """`said` and the vote are those of a life before: what had been said stays so."""
        vote = self._vote
        self._steps = vote[slots.VOT_STEPS]
        self._corrections = vote[slots.VOT_CORRECTIONS]
        self._impossible = vote[slots.VOT_IMPOSSIBLE]
        self._alert = vote[slots.VOT_ACQUIRED] == 1 and vote[slots.VOT_FLAGS] & _ABOVE_LIMIT != 0

    def look(self, tick):
        """Emit an event for each change. Allocates nothing."""
        vote = self._vote
        for i in range(vote[slots.VOT_FITTED]):
            verdict = vote[slots.VOT_FIRST + i * slots.VOT_STRIDE + slots.VOT_VERDICT]
            if verdict == _PUT_OUT and self.said[i] != _PUT_OUT:
                self.said[i] = _PUT_OUT
                self._events.emit(dictionary.ALTIMETER_REJECTED, tick, i)
            elif verdict == _ACCEPTED and self.said[i] != _ACCEPTED:
                event = dictionary.ALTIMETER_READMITTED if self.said[i] else dictionary.ALTIMETER_ACQUIRED
                self.said[i] = _ACCEPTED
                self._events.emit(event, tick, i)
            elif verdict == _OVERDUE and self.said[i] != _OVERDUE:
                self.said[i] = _OVERDUE
                self._events.emit(dictionary.RANGE_OVERDUE, tick, i)
        self._look_at_height(tick)
        steps = vote[slots.VOT_STEPS]
        if steps != self._steps:
            self._steps = steps
            # agl that grows is ground that falls away
            self._events.emit(dictionary.TERRAIN_STEP, tick, (0 - vote[slots.VOT_STEP_MM]) // 1000)
        if vote[slots.VOT_CORRECTIONS] != self._corrections:
            self._corrections = vote[slots.VOT_CORRECTIONS]
            self._events.emit(dictionary.AGL_CORRECTED, tick, self._corrections)
        if vote[slots.VOT_IMPOSSIBLE] != self._impossible:
            self._impossible = vote[slots.VOT_IMPOSSIBLE]
            self._events.emit(dictionary.AGL_IMPOSSIBLE, tick, self._impossible)

    def _look_at_height(self, tick):
        """An alert when the protection level has been above its limit for 0.3 s, and when it is no more."""
        vote = self._vote
        alert = vote[slots.VOT_ACQUIRED] == 1 and vote[slots.VOT_FLAGS] & _ABOVE_LIMIT != 0
        if alert == self._alert:
            self._alert_looks = 0
            return
        self._alert_looks += 1
        if self._alert_looks == _ALERT_LOOKS:
            self._alert = alert
            self._alert_looks = 0
            event = dictionary.AGL_ALERT if alert else dictionary.AGL_GOOD
            self._events.emit(event, tick, vote[slots.VOT_PROTECTION_MM] // 1000)
