"""What the supervisor decides by, collected in one place as a mask; the decision is made elsewhere.

conditions.hold(modes.POWER_LOW, bus_mv < 24000)     # as long as it is so
conditions.command(modes.GO_SAFE)                    # for one step
conditions.guidance(phase)
supervisor.step(conditions.take(), tick)
"""

from micropython import const
from plumbline.services import modes

_COAST = const(1)  # of the guidance's phases, GUI_PHASE
_LANDED = const(6)
_PHASES = const(0x1FC0)  # all bits PHASE_...
_COMMANDS = const(0x38000)  # all bits GO_...


class Conditions:
    """`mask` has the bits of modes.py. Nothing here allocates."""

    def __init__(self):
        self.mask = 0

    def hold(self, condition, holds):
        """A condition holds, or no longer."""
        if holds:
            self.mask |= condition
        else:
            self.mask &= ~condition

    def command(self, condition):
        """A command has come; the next step sees it, no later one does."""
        self.mask |= condition & _COMMANDS

    def guidance(self, phase):
        """What guidance is in, 0 to 8; landed is landed for good."""
        self.mask &= ~_PHASES
        if phase >= _COAST:
            self.mask |= modes.INITIALISED
        if phase > _COAST:
            self.mask |= modes.PHASE_BRAKING << (phase - 2)
        if phase == _LANDED:
            self.mask |= modes.ON_GROUND

    def take(self):
        """The mask for one step."""
        mask = self.mask
        self.mask = mask & ~_COMMANDS
        return mask
