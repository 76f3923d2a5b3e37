"""The power board: monitors battery, solar array and rails, switches loads, owns propulsion's arm supply.

One rate group of 100 Hz. Safe is: every output low. Each output has a longest time, after which it goes
off by itself; the arm output is no level but an edge in each tick, so that a board that stays frozen holds
nothing. After the watchdog's reset it goes on with what it had switched on (power.md).
"""

from array import array

from micropython import const
from plumbline.drivers.ina226 import Ina226
from plumbline.kernels import arm_supply, power, slots
from plumbline.kernels import heartbeat as heart
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.board_time import BoardTime
from plumbline.services.checkpoint import Checkpoint
from plumbline.services.events import EventLog
from plumbline.services.health import WATCHDOG_MS, Health
from plumbline.services.limits import Limits
from plumbline.services.rate_group import RateGroup
from plumbline.services.recording import Recording
from plumbline.services.reset_log import POWER, WATCHDOG, ResetLog
from plumbline.services.reset_report import report

TICK_US = const(10000)
BATTERY = const(0)
SOLAR = const(1)
BUS = const(2)
ARM = const(3)
MONITORS = ((0x40, 2000), (0x41, 5000), (0x44, 2000), (0x45, 5000))  # address, shunt in microohm

_TICK_MS = const(10)
_STATUS_TICKS = const(20)
_STATUS_TICK = const(5)
_SECOND_TICKS = const(100)
_REFUSALS_TICKS = const(10)
_REFUSALS_TICK = const(7)
_KEEP_TICKS = const(10)
_KEEP_TICK = const(8)
_LOAD_COMMAND = dictionary.LOAD_SWITCH.apid
_SUPPLY_COMMAND = dictionary.ARM_SUPPLY.apid
_PARAMETER = dictionary.POWER_PARAMETER.apid
_TIME = dictionary.TIME.apid
_TOO_LOW = const(4)  # of power.switch; arm_supply.ask answers with one less, having one field less
_SUPPLY_TOO_LOW = const(3)
_LONGEST_MS = const(1000)
_OFF_BY_HEART = (4, 5)  # of SUP_ARM_STATE: slow and fast take turns on a noisy line, which is told once
_FIRST_RAIL = const(6)  # of POWER_STATUS
_LOW = const(1)  # of SUP_LEVEL
RESPONSES = (dictionary.LIMIT_SHED,)

# tasks that check in, and their deadlines in ticks
_TASK_MONITOR = const(0)
_TASK_COMMANDS = const(1)
_TASK_LOADS = const(2)
_TASK_ARM = const(3)
_TASK_STATUS = const(4)
_DEADLINES = (1, 1, 1, 1, 2 * _STATUS_TICKS)


class Power:
    """Built on any board that has I2C with four monitors, the line `bus`, an edge counter and outputs.

    limits: a PowerLimits; watched: a LimitTable over POWER_STATUS.
    """

    def __init__(self, board, limits, watched):
        self._board = board
        self.arm = board.output("arm")
        self._hold = board.held_output("hold")
        self.switches = [board.held_output("load." + name) for name in limits.names]
        self.limits = limits.values
        self.loads = array("i", limits.loads)
        self.supply = array("i", [0] * slots.SUP_SIZE)
        self.supply[slots.SUP_CHARGE_MAS] = limits.start_mas
        self.heartbeat = array("i", [0] * slots.HBT_SIZE)
        self._edges = board.edges("heartbeat")
        i2c = board.i2c("i2c")
        self.monitors = [Ina226(i2c, shunt_uohm, address) for address, shunt_uohm in MONITORS]
        self._known = array("i", [0] * len(MONITORS))
        self.bus = PacketPort(board.uart("bus", 460800), dictionary.POWER)
        self.time = BoardTime(board.clock)
        self.events = EventLog(self.bus, self.time)
        self.rate_group = RateGroup(board.clock, TICK_US, self.tick, board.output("tick"))
        self._status = self.bus.outgoing(dictionary.POWER_STATUS)
        self.watch = Limits(board, watched, self._status.values, RESPONSES, self.events)
        kept = board.kept_words()
        self.reset_log = ResetLog(kept, board.reset_cause())
        self.recording = Recording(board, self.events, self._status, self.reset_log.cause == POWER)
        self._charged_ms = 0  # since the last conversion that was counted
        self._arm_level = 0
        self._armed = 0
        self._stuck = 0
        self.health = Health(_DEADLINES, kept)
        self.events.emit(dictionary.BOOT, 0)
        report(self.reset_log, self.events, len(_DEADLINES))
        self.watch.report()
        self._left = array("i", [0] * len(self.switches))
        self._changed = True
        self._checkpoint = Checkpoint(board.kept_block(), (self.supply, self.heartbeat, self._left))
        was_hanging = self.reset_log.cause == WATCHDOG and not self.reset_log.safe
        if was_hanging and self._checkpoint.find():
            self._checkpoint.load()
            self._resume()
        else:
            self._checkpoint.clear()
            self.all_off()

    def run(self):
        """For ever: the board's main loop; whatever ends it switches everything off."""
        try:
            self._board.ready(self.arrays())
            self.health.arm(self._board.watchdog(WATCHDOG_MS))
            self.rate_group.run()
        finally:
            self.all_off()

    def all_off(self):
        """Every output low."""
        self.arm(0)
        self._hold(0)
        for switch in self.switches:
            switch(0)

    def arrays(self):
        """What a debugger or a test bench may watch, by name."""
        return {
            "bus_line": self.bus.state,
            "supply": self.supply,
            "loads": self.loads,
            "heartbeat": self.heartbeat,
        }

    def tick(self):
        """One control tick of 10 ms. Allocates nothing."""
        count = self.rate_group.ticks
        health = self.health
        heart.hear(self.heartbeat, self._edges.take())
        self._monitor(count)
        health.check_in(_TASK_MONITOR)
        self._take_commands(count)
        health.check_in(_TASK_COMMANDS)
        self._switch_loads(count)
        health.check_in(_TASK_LOADS)
        self._hold_arm(count)
        health.check_in(_TASK_ARM)
        if count % _STATUS_TICKS == _STATUS_TICK:
            self._send_status(count)
            health.check_in(_TASK_STATUS)
        if count % _REFUSALS_TICKS == _REFUSALS_TICK:
            self.bus.refusals.tell(self.events, count)
        if count % _SECOND_TICKS == _STATUS_TICK + 1:
            self.reset_log.second()
            self.time.tell(self.events, count)
            self.recording.second(count)
        if self._changed or count % _KEEP_TICKS == _KEEP_TICK:
            self._keep(count)
        health.oversee()

    def _resume(self):
        """After the watchdog's reset: loads and arm supply as they were, for as long as they still may be.

        The heart is believed to beat until its edges say otherwise, as they do within 50 ms.
        """
        load = 0
        while load < len(self.switches):
            left = self._left[load]
            if left:
                self.loads[load * slots.LOD_STRIDE + slots.LOD_ON] = 1
                self.loads[load * slots.LOD_STRIDE + slots.LOD_LEFT_TICKS] = left
                self.events.emit(dictionary.LOAD_ON, 0, load)
            self.switches[load](1 if left else 0)
            load += 1

    def _keep(self, count):
        """What _resume needs; when something has changed, nothing older is left: what is off stays off."""
        if self._changed:
            self._checkpoint.clear()
        self._changed = False
        load = 0
        while load < len(self.switches):
            on = self.loads[load * slots.LOD_STRIDE + slots.LOD_ON]
            self._left[load] = self.loads[load * slots.LOD_STRIDE + slots.LOD_LEFT_TICKS] if on else 0
            load += 1
        self._checkpoint.save(count)
        self._checkpoint.mark(count, 0)
        self._board.keep_block()

    def _monitor(self, count):
        """One monitor in each tick: each converts anew every 35 ms."""
        index = count % len(MONITORS)
        taken = self.monitors[index].poll()
        known = self.monitors[index].readings[slots.PWR_STATUS]
        if self._known[index] and not known:
            self.events.emit(dictionary.MONITOR_LOST, count, index)
        self._known[index] = known
        battery = self.monitors[BATTERY].readings
        if self._charged_ms < _LONGEST_MS:
            self._charged_ms += _TICK_MS
        if index == BATTERY and taken:
            power.count_charge(self.supply, self.limits, battery, self._charged_ms)
            self._charged_ms = 0
        if not battery[slots.PWR_STATUS]:
            battery = self.monitors[BUS].readings  # behind a diode of the same battery
        before = self.supply[slots.SUP_LEVEL]
        level = power.judge(self.supply, self.limits, battery[slots.PWR_BUS_MV], battery[slots.PWR_STATUS])
        if level <= _LOW and self.watch.holds(dictionary.LIMIT_SHED):
            # as a battery that is low: loads are shed one by one, and it does not get better meanwhile
            level = self.supply[slots.SUP_LEVEL] = _LOW
            self.supply[slots.SUP_RISING_TICKS] = 0
        if level != before:
            self._changed = True
            self.events.emit(dictionary.POWER_LEVEL, count, level)

    def _take_commands(self, count):
        apid = self.bus.poll()
        while apid >= 0:
            values = self.bus.values
            if apid == _LOAD_COMMAND:
                self._changed = True
                self._command_load(count, values[0], values[1], values[2])
            elif apid == _SUPPLY_COMMAND:
                self._changed = True
                self._command_arm(count, values[0], values[1])
            elif apid == _PARAMETER:  # storing takes 50 ms, in which the arm supply gets no edge
                self.watch.set(values, count, not self._armed)
            elif apid == _TIME:
                self.time.take(values[0])
            apid = self.bus.poll()

    def _command_load(self, count, load, on, seconds):
        answer = power.switch(self.supply, self.limits, self.loads, load, on, seconds)
        if answer == 0:
            self.events.emit(dictionary.LOAD_ON if on else dictionary.LOAD_OFF, count, load)
        elif answer == _TOO_LOW:
            self.events.emit(dictionary.POWER_TOO_LOW, count, load)
        else:
            self._refuse(count, _LOAD_COMMAND, answer)

    def _command_arm(self, count, on, seconds):
        answer = arm_supply.ask(self.supply, self.limits, on, seconds)
        if answer == _SUPPLY_TOO_LOW:
            self.events.emit(dictionary.POWER_TOO_LOW, count, -1)
        elif answer:
            self._refuse(count, _SUPPLY_COMMAND, answer)
        elif on and self._armed:  # what changes something is told by this tick's _hold_arm
            self.events.emit(dictionary.ARM_ON, count)
        elif not on and not self._armed:
            self.events.emit(dictionary.ARM_OFF, count, self.supply[slots.SUP_ARM_STATE])

    def _refuse(self, count, apid, answer):
        """answer: number of the field that is out of range, from 1 on."""
        self.events.emit(dictionary.POWER_FIELD_REFUSED, count, (apid & 255) * 256 + answer - 1)

    def _switch_loads(self, count):
        over = power.expire(self.loads)
        dropped = power.shed(self.supply, self.limits, self.loads)
        if over or dropped >= 0:
            self._changed = True
        if dropped >= 0:
            self.events.emit(dictionary.LOAD_SHED, count, dropped)
        load = 0
        while load < len(self.switches):
            if over & (1 << load):
                self.events.emit(dictionary.LOAD_OFF, count, load)
            self.switches[load](self.loads[load * slots.LOD_STRIDE + slots.LOD_ON])
            load += 1

    def _hold_arm(self, count):
        supply = self.supply
        before = supply[slots.SUP_ARM_STATE]
        on = arm_supply.hold(supply, self.heartbeat)
        state = supply[slots.SUP_ARM_STATE]
        if on != self._armed:
            self._changed = True
        self._hold(on)  # low: the arm driver lets go at once
        self._arm_level = self._arm_level ^ 1 if on else 0
        self.arm(self._arm_level)
        if on and not self._armed:
            self.events.emit(dictionary.ARM_ON, count)
        elif (self._armed and not on) or (state != before and before not in _OFF_BY_HEART):
            self.events.emit(dictionary.ARM_OFF, count, state)
        self._armed = on
        readings = self.monitors[ARM].readings
        stuck = arm_supply.is_stuck(supply, readings)
        if stuck and not self._stuck:
            self.events.emit(dictionary.ARM_STUCK, count, readings[slots.PWR_BUS_MV])
        self._stuck = stuck

    def _send_status(self, count):
        supply = self.supply
        values = self._status.values
        values[0] = count & 0xFFFF
        values[1] = supply[slots.SUP_LEVEL]
        flags = dictionary.POWER_ARM_ON if self._armed else 0
        if self.heartbeat[slots.HBT_ALIVE]:
            flags |= dictionary.POWER_HEARTBEAT
        index = 0
        while index < len(MONITORS):
            if self._known[index]:
                flags |= dictionary.POWER_BATTERY_KNOWN << index
            readings = self.monitors[index].readings
            values[_FIRST_RAIL + 2 * index] = readings[slots.PWR_BUS_MV]
            values[_FIRST_RAIL + 1 + 2 * index] = readings[slots.PWR_CURRENT_MA]
            index += 1
        values[2] = flags
        values[3] = supply[slots.SUP_ARM_STATE]
        values[4] = supply[slots.SUP_ARM_DROPS] & 0xFFFF
        on = 0
        load = 0
        while load < len(self.switches):
            on |= self.loads[load * slots.LOD_STRIDE + slots.LOD_ON] << load
            load += 1
        values[5] = on
        values[14] = supply[slots.SUP_CHARGE_MAS] // 1000
        values[15] = self.bus.rejected & 0xFFFF
        values[16] = self.rate_group.overruns & 0xFFFF
        values[17] = self.time.common_ms()
        self.bus.send(self._status)
        self.watch.look(supply[slots.SUP_LEVEL], count)
