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
_NEAR_GROUND = const(4)
_ALL = const(255)
_PAIR = const(0x12)  # valves of the first pair of assist thrusters
_JETS = const(0x7F80)
_SHUT_STEPS = const(20)


class ValveWatch:
    """lines: has write(word), a bit for each isolation valve; turning: TRN_ slots of the vehicle.

    `motion` and `health` are the kernels' arrays.
    """

    def __init__(self, board, lines, events, turning):
        self.motion = array("i", [0] * slots.MOT_SIZE)
        self.health = array("i", [0] * slots.HEA_SIZE)
        self.turning = turning
        for slot in (slots.MOT_ASSIST_Q4, slots.MOT_JET_Q4, slots.MOT_ROLL_Q4):
            self.motion[slot] = 1
        self._events = events
        self._kept = _kept_copy(board, self.health)
        self._isolation = lines
        self.isolated = self.health[slots.HEA_ISOLATED]
        self._isolation.write(self.isolated)
        self._out = self.health[slots.HEA_OUT]
        self._weak = self.health[slots.HEA_WEAK]
        self._dead = 0
        self._driven = 0
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

    def heed(self, dead, driven, demand):
        """What the coils' currents say: valves that draw nothing, branches that draw without a command.

        A pair of assist thrusters is cut for one of them, a jet put out for itself; a branch that is driven
        is isolated, whether armed or not. The main engine's is told only: without it nothing lands. In the
        last metre above the ground nothing is done. Allocates nothing.
        """
        if demand[slots.DEM_FLAGS] & _NEAR_GROUND:
            return
        health = self.health
        if dead != self._dead:
            self._dead = dead
            health[slots.HEA_OUT] |= dead & _JETS
            for pair in range(3):
                if dead & (_PAIR << pair):
                    valve_health.cut(health, pair + 1, 0)
        if driven != self._driven:
            for branch in range(1, 8):
                if (driven ^ self._driven) >> branch & 1:
                    valve_health.cut(health, branch, 0)
            self._driven = driven

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
