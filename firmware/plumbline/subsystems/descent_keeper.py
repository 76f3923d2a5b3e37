"""Keeps the descent where a reset does not reach it, and looks at boot whether there is one to be resumed.

    keeper = DescentKeeper(navigation, board.kept_block())
    keeper.look(reset_log, uptime_ms)  # at start, once
    keeper.keep(tick)                  # late in every tick
    keeper.mark(tick)                  # last in every tick in which the watchdog was fed

What is kept is from one moment: estimate, vote, guidance and the rest are copied in one tick, the checksum
follows in the next ones. The altimeters' history is not: no reading that old comes after a reset.
"""

from array import array

from micropython import const
from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.services.checkpoint import Checkpoint
from plumbline.services.reset_log import POWER

_PERIOD_TICKS = const(5)  # one for the words, four for the checksum's pieces

_WAITING = const(0)
_VOTE_WORDS = const(96)  # without the history


class DescentKeeper:
    """navigation: subsystems/navigation.py's, complete but for its first tick; block: kept bytes.

    Only `DescentKeeper()` and `look` allocate.
    """

    def __init__(self, navigation, block):
        self._navigation = navigation
        self._guidance = navigation.guidance
        self._alive_tick = 0
        self._to_tell = None  # age and gap of a resumption, after its first demand
        self._mission_ms = array("i", [0])
        arrays = [
            navigation.estimate,
            navigation.state,
            navigation.vote,
            navigation.guidance,
            navigation.attitude,
            navigation.watch.said,
            self._mission_ms,
        ]
        counts = [len(words) for words in arrays]
        counts[2] = _VOTE_WORDS
        if navigation.pair is not None:
            arrays.append(navigation.pair.memory)
            counts.append(slots.INS_SIZE)
        self.checkpoint = Checkpoint(block, arrays, counts)

    def forget(self):
        """There is no descent any more that could go on."""
        self.checkpoint.clear()

    def look(self, reset_log, uptime_ms):
        """After a reset by watchdog or program, the descent that was kept goes on; else it is refused.

        uptime_ms(): since the reset.
        """
        checkpoint = self.checkpoint
        if reset_log.cause == POWER:
            checkpoint.clear()  # the block is whatever the memory holds at power-on
            return
        if not checkpoint.find() and not checkpoint.is_spoiled:
            return
        # only now: it takes time that a board without a descent does not need
        from plumbline.subsystems import resumption

        self._to_tell = resumption.look(self._navigation, checkpoint, self._mission_ms, reset_log, uptime_ms)

    def keep(self, tick):
        """A share of the work in each tick, from the initial state on. Allocates nothing."""
        if self._guidance[slots.GUI_PHASE] == _WAITING:
            return
        if self._to_tell is not None:
            events = self._navigation.events
            events.emit(dictionary.RESUMED, tick, self._to_tell[0])
            events.emit(dictionary.RESUME_GAP, tick, self._to_tell[1])
            self._to_tell = None
        if tick % _PERIOD_TICKS == 0:
            self._mission_ms[0] = self._navigation.time.now_ms()
            self.checkpoint.begin(tick)
        else:
            self.checkpoint.go_on()

    def mark(self, tick):
        """The watchdog has been fed in this tick. Allocates nothing."""
        phase = self._guidance[slots.GUI_PHASE]
        self._alive_tick = tick
        if phase != _WAITING:
            self.checkpoint.mark(tick, phase)

    def mark_phase(self, phase):
        """Just before a phase is said: nothing is said twice. Allocates nothing."""
        self.checkpoint.mark(self._alive_tick, phase)
