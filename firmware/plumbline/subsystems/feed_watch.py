"""Tanks and coils: one reading of the multiplexer in each tick, three kernels, and what is said of them.

    watch = FeedWatch(board.feed_lines(), events, motion, parameters.feed)
    watch.poll()        # each tick, before the valves' commands go out
    watch.choose()      # and after
    watch.look(tick)    # ten times a second

Every second tick is a branch's turn, every fourth the drivers' supply's, the rest are shared by the
transducers, their supply and ground. As long as ground or the transducers' supply do not read as they must,
nothing is believed.
"""

from array import array

from micropython import const
from plumbline.drivers.transducer import Transducer
from plumbline.kernels import coil, drawdown, slots
from plumbline.link import dictionary

COIL_SHARE_Q10 = const(201)  # 1 ohm behind a coil of 56 ohm, beside 10 of 110 kilohm: 11 / 56
FULL_SCALES = (2500, 2500, 560000)  # fuel and oxidiser in kPa, pressurant in 1/16 kPa
UNIT_BITS = const(4)  # of the last one

# channels of the multiplexer; the first eight are the branches'
_FIRST_TANK = const(8)
_SUPPLY = const(11)
_GROUND = const(12)
_DRIVERS = const(13)
_SLOW = const(5)  # from the first tank on
_PRESSURANT = const(2)
_GROUND_MOST = const(1300)  # 65 mV
_SUPPLY_LEAST = const(53600)  # as kernels/pressure.py has them
_SUPPLY_MOST = const(64300)
_READINGS_BITS = const(3)
_LONGEST_TICKS = const(12)  # of a pulse
_SILENT_STEPS = const(30)  # after the start, until everything has been read often enough
_BROKEN = const(2)
_EXCESS = const(1)  # of DRA_VERDICT
_MISSING = const(2)

# of FEED_STATUS: three bits of valid transducers, then
_ANALOG_GOOD = const(8)
_DRIVERS_GOOD = const(16)
_DRIVERS_LEAST = const(32500)  # as kernels/coil.py has it


class FeedWatch:
    """lines: what `feed_lines` of a board gives; motion: MOT_ slots; feed: FEE_ slots of the vehicle.

    `coils` and `drawdown`: the kernels' arrays; `transducers`: of fuel, oxidiser and pressurant.
    """

    def __init__(self, lines, events, motion, feed):
        self.coils = array("i", [0] * slots.COI_SIZE)
        self.coils[slots.COI_SHARE_Q10] = COIL_SHARE_Q10
        self.drawdown = array("i", [0] * slots.DRA_SIZE)
        self.feed = feed
        self.transducers = [Transducer(full_scale) for full_scale in FULL_SCALES]
        self.is_good = False
        self._lines = lines
        self._events = events
        self._motion = motion
        self._channel = _GROUND
        self._turn = 0
        self._slow = 0
        self._supply = self._supply_sum = self._supply_taken = 0
        self._supply_good = self._ground_good = False
        self._steps = 0
        self._closed_ticks = 0
        self._said = array("i", [0] * 6)  # the last argument of each event

    def poll(self):
        """The channel that was chosen a tick ago. Allocates nothing."""
        level = self._lines.read()
        channel = self._channel
        if self._closed_ticks:
            self._closed_ticks -= 1
        if channel < _FIRST_TANK:
            if self._closed_ticks == 0:
                coil.take(self.coils, self._motion, channel, level)
        elif channel == _DRIVERS:
            coil.take_supply(self.coils, level if self.is_good else 0)
        elif channel < _SUPPLY:
            self._take_pressure(channel - _FIRST_TANK, level)
        else:
            self._take_reference(channel, level)
        drawdown.spend(self.drawdown, self.feed, self._motion)

    def choose(self):
        """The channel for the next tick. Allocates nothing."""
        self._turn = turn = (self._turn + 1) & 3
        if turn & 1 == 0:
            channel = coil.pick(self.coils, self._motion)
        elif turn == 1:
            channel = _DRIVERS
        else:
            channel = _FIRST_TANK + self._slow
            self._slow = (self._slow + 1) % _SLOW
        self._channel = channel
        self._lines.select(channel)

    def valves_closed(self):
        """All valves were closed before their pulses were over: no coil is judged until those would be."""
        self._closed_ticks = _LONGEST_TICKS

    def _take_pressure(self, tank, level):
        is_new = self.transducers[tank].take(level, self._supply if self.is_good else 0)
        if tank == _PRESSURANT:
            readings = self.transducers[tank].readings
            if is_new:
                drawdown.take(self.drawdown, self.feed, readings[slots.PRS_VALUE])
            elif readings[slots.PRS_STATUS] != 1:
                drawdown.forget(self.drawdown)

    def _take_reference(self, channel, level):
        """The transducers' supply, of which a mean of eight counts, and ground."""
        if channel == _GROUND:
            self._ground_good = level <= _GROUND_MOST
        else:
            self._supply_good = _SUPPLY_LEAST <= level <= _SUPPLY_MOST
            self._supply_sum += level
            self._supply_taken += 1
            if self._supply_taken >> _READINGS_BITS:
                self._supply = self._supply_sum >> _READINGS_BITS
                self._supply_sum = self._supply_taken = 0
        self.is_good = self._supply_good and self._ground_good

    def look(self, tick):
        """Every 100 ms: what is new is said. Allocates nothing."""
        if self._steps < _SILENT_STEPS:
            self._steps += 1
            return
        coils = self.coils
        self._tell(0, dictionary.ANALOG_LOST, 0 if self.is_good else 1, tick)
        self._tell(1, dictionary.TRANSDUCERS_BROKEN, self._broken(), tick)
        self._tell(2, dictionary.COILS_DEAD, coils[slots.COI_DEAD], tick)
        self._tell(3, dictionary.COILS_DRIVEN, coils[slots.COI_DRIVEN], tick)
        verdict = self.drawdown[slots.DRA_VERDICT]
        unexplained = self.drawdown[slots.DRA_UNEXPLAINED] >> UNIT_BITS
        self._tell(4, dictionary.FLOW_EXCESS, unexplained if verdict == _EXCESS else 0, tick, False)
        self._tell(5, dictionary.FLOW_MISSING, -unexplained if verdict == _MISSING else 0, tick, False)

    def _tell(self, which, event, argument, tick, by_value=True):
        """What is another than it was, or with by_value False what is no longer 0, or 0 again."""
        before = self._said[which]
        if before != argument if by_value else (before == 0) != (argument == 0):
            self._events.emit(event, tick, argument)
            self._said[which] = argument

    def _broken(self):
        """A bit for each transducer that is open or short."""
        mask = 0
        for tank in range(len(self.transducers)):
            if self.transducers[tank].readings[slots.PRS_STATUS] == _BROKEN:
                mask |= 1 << tank
        return mask

    def fill(self, values, tick):
        """The fields of FEED_STATUS; the next ones' highest currents begin anew. Allocates nothing."""
        values[0] = tick & 0xFFFF
        flags = 0
        for tank in range(len(self.transducers)):
            readings = self.transducers[tank].readings
            if readings[slots.PRS_STATUS] == 1:
                flags |= 1 << tank
            level = readings[slots.PRS_VALUE]
            values[2 + tank] = level >> UNIT_BITS if tank == _PRESSURANT else level
        coils = self.coils
        if self.is_good:
            flags |= _ANALOG_GOOD
        if coils[slots.COI_ARM] >= _DRIVERS_LEAST:
            flags |= _DRIVERS_GOOD
        values[1] = flags
        values[5] = coils[slots.COI_ARM] * 363 // 655  # mV: 36.3 V at 65,535
        values[6] = coils[slots.COI_DEAD]
        values[7] = coils[slots.COI_DRIVEN]
        values[8] = self.drawdown[slots.DRA_VERDICT]
        values[9] = self.drawdown[slots.DRA_UNEXPLAINED] >> UNIT_BITS
        values[10] = self.drawdown[slots.DRA_WINDOW_EXPECTED] >> UNIT_BITS
        for branch in range(_FIRST_TANK):
            values[11 + branch] = coils[slots.COI_SEEN + branch] * 33 // 655  # mA: 1 ohm, 3.3 V at 65,535
            coils[slots.COI_SEEN + branch] = 0
