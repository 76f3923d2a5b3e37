"""The propulsion board: turns navigation's demand into bounded pulses, and closes all valves on silence.

One rate group of 100 Hz. A demand is good for 100 ms: the safe default is closed valves.
"""

from array import array

from micropython import const
from plumbline.kernels import modulation, slots, valve_motion
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.board_time import OFFSET_MS, BoardTime
from plumbline.services.events import EventLog
from plumbline.services.health import WATCHDOG_MS, Health
from plumbline.services.rate_group import RateGroup
from plumbline.services.reset_log import ResetLog
from plumbline.services.reset_report import report
from plumbline.subsystems.feed_watch import FeedWatch
from plumbline.subsystems.valve_watch import ValveWatch

TICK_US = const(10000)
VALVES = const(15)
_STALE_TICKS = const(8)  # at the latest 90 ms after the last demand has come, all valves are closed
_TENTH = const(10)
_STATUS_TICK = const(5)
_WATCH_TICK = const(2)
_FEED_TICK = const(3)
_TANKS = ("fuel", "oxidiser", "pressurant")
RESPONSES = ()  # what the board does while a value is red: nothing, it tells
_DEMAND = dictionary.DEMAND.apid
_TIME = dictionary.TIME.apid
_PARAMETER = dictionary.PROPULSION_PARAMETER.apid
_HALF_SECOND = const(50)
_SECOND = const(100)

# tasks that check in, and their deadlines in ticks
_DEMAND_TASK = const(0)
_VALVES_TASK = const(1)
_STATUS_TASK = const(2)
_DEADLINES = (1, 1, 2 * _TENTH)


class Propulsion:
    """Built on any board that has the lines `link` and `bus`, fifteen valves and isolation valves.

    parameters: a PropulsionParameters; limits_file: path of the limit table over FEED_STATUS.
    """

    def __init__(self, board, parameters, limits_file):
        self._board = board
        self.modulation = array("i", [0] * slots.MOD_SIZE)
        self.modulation[slots.MOD_JET_IN_TRIM_Q14] = parameters.jet_in_trim_q14
        self.pulses_us = array("i", [0] * VALVES)
        self.valves = board.valves()
        self.link = PacketPort(board.uart("link", 460800), dictionary.PROPULSION, (dictionary.TIME,))
        self.demand = self.link.latest(dictionary.DEMAND)  # the packet's fields are the DEM_ slots
        self.bus = PacketPort(board.uart("bus", 460800), dictionary.PROPULSION, ())
        self.time = BoardTime(board.clock)
        self.events = EventLog(self.bus, self.time)
        self._time_jumped = False
        self._demands = 0
        self.rate_group = RateGroup(board.clock, TICK_US, self.tick, board.output("tick"))
        self.rate_group.wait_us = TICK_US // 4  # a start is to be short: nothing has to settle before a tick
        self._heartbeat = board.output("heartbeat")
        self._status = self.link.outgoing(dictionary.PROPULSION_STATUS)
        self._valve_status = self.bus.outgoing(dictionary.VALVE_STATUS)
        self._feed_status = self.bus.outgoing(dictionary.FEED_STATUS)
        self._age_ticks = _STALE_TICKS
        self._armed = False
        self._mask = 0
        kept = board.kept_words()
        self.reset_log = ResetLog(kept, board.reset_cause())
        self.health = Health(_DEADLINES, kept)
        self.events.emit(dictionary.BOOT, 0)
        report(self.reset_log, self.events, len(_DEADLINES))
        lines = board.feed_lines()
        self.watch = ValveWatch(board, lines, self.events, parameters.turning)
        self.modulation[slots.MOD_OUT] = self.watch.health[slots.HEA_OUT]
        self.feed = FeedWatch(lines, self.events, self.watch.motion, parameters.feed)
        self.limits = None  # Limits, from the first ticks on: a start has no time for them
        self.rate_group.behind_ticks(self._load_limits(limits_file))

    def _load_limits(self, path):
        """In pieces of 6.5 ms at most (emulated)."""
        from plumbline.services import limit_table

        yield
        from plumbline.services.limits import Limits

        yield
        if self._board.roomy:
            from plumbline.services import parameter_commands, stored_parameters  # noqa: F401

            yield
            self._board.raw_flash()
            yield
        rows = limit_table.rows_in(path)
        yield
        table = limit_table.LimitTable([], path)
        for row in rows:
            table.add(row)
            yield
        self.limits = Limits(self._board, table, self._feed_status.values, RESPONSES, self.events)
        self.limits.report()

    def run(self):
        """For ever: the board's main loop; whatever ends it closes the valves."""
        try:
            self._board.ready(self.arrays())
            self.health.arm(self._board.watchdog(WATCHDOG_MS))
            self.rate_group.run()
        finally:
            self.valves.close_all()

    def arrays(self):
        """What a debugger or a test bench may watch, by name."""
        named = {
            "link_line": self.link.state,
            "bus_line": self.bus.state,
            "demand": self.demand,
            "modulation": self.modulation,
            "pulses_us": self.pulses_us,
            "motion": self.watch.motion,
            "health": self.watch.health,
            "coils": self.feed.coils,
            "drawdown": self.feed.drawdown,
        }
        for tank in range(len(_TANKS)):
            named["pressure_" + _TANKS[tank]] = self.feed.transducers[tank].readings
        return named

    def tick(self):
        """One control tick of 10 ms. Allocates nothing."""
        count = self.rate_group.ticks
        health = self.health
        self._take_demand(count)
        health.check_in(_DEMAND_TASK)
        watch = self.watch
        valve_motion.step(watch.motion, self.demand)
        feed = self.feed
        feed.poll()
        if count % _TENTH == _FEED_TICK:
            self._look_at_feed(count)
        if count % _TENTH == _WATCH_TICK:
            watch.heed(feed.coils[slots.COI_DEAD], feed.coils[slots.COI_DRIVEN], self.demand)
            watch.look(self.demand, count)
            if count % _HALF_SECOND == _WATCH_TICK:
                watch.fill(self._valve_status.values, count)
                self.bus.send(self._valve_status)
            self.modulation[slots.MOD_OUT] = watch.health[slots.HEA_OUT]
        self._mask = modulation.step(self.modulation, self.pulses_us, self.demand)
        valve_motion.begin(watch.motion, self.pulses_us)
        feed.choose()
        self._drive_valves()
        health.check_in(_VALVES_TASK)
        if count % _TENTH == _STATUS_TICK:
            self._send_status(count)
            self.link.refusals.tell(self.events, count)
            self.bus.refusals.tell(self.events, count)
            health.check_in(_STATUS_TASK)
        if count % _SECOND == _STATUS_TICK + 1:
            self.reset_log.second()
            if self._time_jumped:
                self._time_jumped = False
                self.events.emit(dictionary.TIME_TAKEN, count, self.time.state[OFFSET_MS])
        health.oversee()
        if health.late == 0:  # last: a tick that does not get here is no heartbeat
            self._heartbeat((count >> 1) & 1)

    def _take_demand(self, count):
        """The newest demand replaces the last one; 100 ms without any disarms."""
        if self._age_ticks < _STALE_TICKS:
            self._age_ticks += 1
            if self._age_ticks == _STALE_TICKS:
                self.demand[slots.DEM_FLAGS] = 0
                self.events.emit(dictionary.DEMAND_STALE, count)
        apid = self.link.poll()
        while apid >= 0:
            if apid == _DEMAND:  # telemetry on this line is no demand
                self._age_ticks = 0
                self._demands = (self._demands + 1) & 0xFFFF
            elif apid == _TIME:
                self._time_jumped |= self.time.take(self.link.values[0])
            apid = self.link.poll()
        apid = self.bus.poll()
        while apid >= 0:
            if apid == _PARAMETER:
                if self.limits is None:
                    self.events.emit(dictionary.PARAMETER_NOT_NOW, count, self.bus.values[0])
                else:
                    self.limits.set(self.bus.values, count, not self._armed)
            else:
                self.bus.refuse()  # a demand comes by the link alone; others are refused by the port
            apid = self.bus.poll()

    def _look_at_feed(self, count):
        """Ten times a second what is new; once a second all of it, and its limits."""
        self.feed.look(count)
        if count % _SECOND == _FEED_TICK:
            self.feed.fill(self._feed_status.values, count)
            self.bus.send(self._feed_status)
            if self.limits is not None:
                self.limits.look(0, count)

    def _drive_valves(self):
        armed = bool(self.demand[slots.DEM_FLAGS] & dictionary.DEMAND_ARMED)
        if self._armed and not armed:
            self.valves.close_all()
            self.feed.valves_closed()
        self._armed = armed
        if self._mask:
            self.valves.start(self.pulses_us)
        self.valves.commit()

    def _send_status(self, count):
        values = self._status.values
        values[0] = self._demands & 0xFFFF
        values[1] = self.link.rejected & 0xFFFF
        values[2] = self._mask
        flags = dictionary.PROPULSION_ARMED if self._armed else 0
        if self._age_ticks >= _STALE_TICKS:
            flags |= dictionary.PROPULSION_DEMAND_STALE
        values[3] = flags
        values[4] = self.rate_group.overruns & 0xFFFF
        values[5] = count & 0xFFFF
        self.link.send(self._status)
