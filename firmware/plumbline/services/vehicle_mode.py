"""The mode of the vehicle, as navigation knows it: by guidance, health and what the ground asks for.

mode = VehicleMode(events, is_resumed, reset_log.safe)
mode.ask(modes.SAFE)                              # a command
mode.look(tick, phase, is_late, is_unfit)         # 10 Hz

A mode that was asked for and is not the one of the next look is refused, by an event.
"""

from micropython import const
from plumbline.link import dictionary
from plumbline.services import modes
from plumbline.services.conditions import Conditions
from plumbline.services.supervisor import Supervisor

_READY_LOOKS = const(3)  # by then every task's deadline has passed once
_BOOT_LOOKS = const(20)
_NOBODY = const(-1)
_MODE_BITS = const(4)


class VehicleMode:
    """is_resumed: a descent goes on from its checkpoint; too_many_resets: as the reset log has it.

    Only `VehicleMode()` allocates.
    """

    def __init__(self, events, is_resumed, too_many_resets):
        self.supervisor = Supervisor(events)
        self.conditions = Conditions()
        self.conditions.hold(modes.RESUMABLE, is_resumed)
        self.conditions.hold(modes.TOO_MANY_RESETS, too_many_resets)
        self._events = events
        self._looks = 0
        self._asked = _NOBODY
        self._seen = _NOBODY  # what the last look saw, if it changed nothing

    @property
    def is_safe(self):
        """Whether nothing may burn until the ground says so."""
        return self.supervisor.mode == modes.SAFE

    def ask(self, mode):
        """The ground wants this mode; the next look decides."""
        self._asked = mode
        self._seen = _NOBODY
        if mode == modes.SAFE:
            self.conditions.command(modes.GO_SAFE)
        elif mode == modes.CRUISE:
            self.conditions.command(modes.GO_CRUISE)
        elif mode == modes.SURFACE:
            self.conditions.command(modes.GO_SURFACE)

    def look(self, tick, phase, is_late, is_unfit):
        """True when the mode has changed. Where nothing has, little is done. Allocates nothing."""
        seen = phase << 2 | is_late << 1 | is_unfit
        if seen == self._seen:
            return False
        if self._looks < _BOOT_LOOKS:
            self._looks += 1
        conditions = self.conditions
        conditions.guidance(phase)
        conditions.hold(modes.READY, self._looks >= _READY_LOOKS and not is_late)
        conditions.hold(modes.OVERDUE, self.supervisor.mode == modes.BOOT and self._looks == _BOOT_LOOKS)
        conditions.hold(modes.UNFIT, is_unfit)
        changed = self.supervisor.step(conditions.take(), tick)
        if self._asked != _NOBODY:
            mode = self.supervisor.mode
            if mode != self._asked:
                self._events.emit(dictionary.MODE_REFUSED, tick, self._asked << _MODE_BITS | mode)
            elif not changed:
                self._events.emit(dictionary.MODE_CHANGED, tick, mode)  # the answer to who asks again
            self._asked = _NOBODY
        if not changed and self.supervisor.mode != modes.BOOT:
            self._seen = seen
        return changed
