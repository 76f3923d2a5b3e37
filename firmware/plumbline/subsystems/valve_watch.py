"""The health of the valves: what two kernels find, told as events, and the isolation valves that follow.

Isolation valves are latching; after two seconds without being armed, once it has been, all of them close.
What is out of service is kept where a reset leaves it alone, if the board has such a place: a valve that was
cut off stays so. After power-on all are good until they are found otherwise.
"""

from array import array

from micropython import const
from plumbline.kernels import slots, valve_health, valve_motion
from plumbline.link import dictionary
from plumbline.services.reset_log import POWER

_ARMED = const(1)
_ALL = const(255)
_SHUT_STEPS = const(20)


class ValveWatch:
    """`motion` and `health` are the kernels' arrays; turning: TRN_ slots of the vehicle."""

    def __init__(self, board, events, turning):
        self.motion = array("i", [0] * slots.MOT_SIZE)
        self.health = array("i", [0] * slots.HEA_SIZE)
        self.turning = turning
        for slot in (slots.MOT_ASSIST_Q4, slots.MOT_JET_Q4, slots.MOT_ROLL_Q4):
            self.motion[slot] = 1
        self._events = events
        self._kept = _kept_copy(board, self.health)
        self._isolation = board.isolation()
        self.isolated = self.health[slots.HEA_ISOLATED]
        self._isolation.write(self.isolated)
        self._out = self.health[slots.HEA_OUT]
        self._weak = self.health[slots.HEA_WEAK]
        self._disarmed_steps = _SHUT_STEPS + 1  # it has never been armed
        if self._out:
            events.emit(dictionary.VALVES_OUT, 0, self._out)

    def look(self, demand, count):
        """Every 100 ms. Allocates nothing."""
        health = self.health
        if demand[slots.DEM_FLAGS] & _ARMED:
            self._disarmed_steps = 0
            valve_motion.take_mass(self.motion, demand, self.turning)
            valve_health.step(health, self.motion, demand, self.turning)
        elif self._disarmed_steps < _SHUT_STEPS:
            self._disarmed_steps += 1
        isolated = _ALL if self._disarmed_steps == _SHUT_STEPS else health[slots.HEA_ISOLATED]
        if self._tell(count) or isolated != self.isolated:
            self._keep(count)
        if isolated != self.isolated:
            self._events.emit(dictionary.BRANCHES_ISOLATED, count, isolated)
            self.isolated = isolated
            self._isolation.write(isolated)

    def _tell(self, count):
        """Whether there was something to tell."""
        out = self.health[slots.HEA_OUT]
        weak = self.health[slots.HEA_WEAK]
        told = False
        if out != self._out:
            self._out = out
            self._events.emit(dictionary.VALVES_OUT, count, out)
            told = True
        if weak != self._weak:
            self._weak = weak
            self._events.emit(dictionary.THRUST_WEAK, count, weak)
            told = True
        return told

    def _keep(self, count):
        """For the next life, if this one ends in a reset."""
        if self._kept is not None:
            self._kept.save(count)
            self._kept.mark(count, 0)

    def fill(self, values, count):
        """The fields of VALVE_STATUS. Allocates nothing."""
        health = self.health
        values[0] = count & 0xFFFF
        values[1] = health[slots.HEA_OUT]
        values[2] = self.isolated
        values[3] = health[slots.HEA_WEAK]
        for axis in range(3):
            values[4 + axis] = health[slots.HEA_TORQUE_Q10 + axis]


def _kept_copy(board, health):
    """The checkpoint of `health`, which is as the last life left it; None where the board keeps nothing."""
    block = board.kept_block()
    if block is None:
        return None
    from plumbline.services.checkpoint import Checkpoint

    kept = Checkpoint(block, (health,))
    if board.reset_cause() == POWER:
        kept.clear()
    elif kept.find():
        kept.load()
        kept.save(0)
        kept.mark(0, 0)
    return kept
