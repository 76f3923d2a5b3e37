"""The structure board: temperatures and heaters, leg contact, pyros, releases and the ramp.

One rate group of 100 Hz. Heaters are decided at 10 Hz, each in a tick of its own; status goes out at
2 Hz. Every output is a pulse of at most 100 ms that the hardware ends by itself.
"""

from array import array

from micropython import const
from plumbline.kernels import contact, slots
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.board_time import BoardTime
from plumbline.services.events import EventLog
from plumbline.services.health import WATCHDOG_MS, Health
from plumbline.services.limits import Limits
from plumbline.services.rate_group import RateGroup
from plumbline.services.reset_log import ResetLog
from plumbline.services.reset_report import report
from plumbline.subsystems.heaters import Heaters
from plumbline.subsystems.releases import Releases
from plumbline.subsystems.structure_parameters import ACTUATORS, HEATERS

TICK_US = const(10000)
LEGS = const(4)

_TENTH = const(10)
_HEATER_TICKS = const(3)  # heater n is decided in tick 3 n of ten
_RENEWED_TICKS = const(5)  # and its pulse renewed five ticks later
_WATCH_TICK = const(8)
_STATUS_TICKS = const(50)
_STATUS_TICK = const(4)
_LOST_TICKS = const(50)  # a bounce of the lander is no lost contact
_CONTACT = const(1)
_SECOND = const(100)

# tasks that check in, and their deadlines in ticks
_BUS_TASK = const(0)
_OUTPUTS_TASK = const(1)
_STATUS_TASK = const(2)
_DEADLINES = (1, 1, 2 * _STATUS_TICKS)

_MODE = dictionary.STRUCTURE_MODE.apid
_HEATER = dictionary.STRUCTURE_HEATING.apid
_ARM = dictionary.STRUCTURE_ARM.apid
_FIRE = dictionary.STRUCTURE_FIRE.apid
_DISARM = dictionary.STRUCTURE_DISARM.apid
_PARAMETER = dictionary.STRUCTURE_PARAMETER.apid
_TIME = dictionary.TIME.apid
_SAFE_ARMING = const(0)  # of ARM_STATE
_HEATER_RESPONSES = (
    dictionary.LIMIT_FUEL_HEATER,
    dictionary.LIMIT_OXIDISER_HEATER,
    dictionary.LIMIT_STRUCTURE_HEATER,
)
RESPONSES = (dictionary.LIMIT_SAFE,) + _HEATER_RESPONSES

OUTPUTS = tuple(["heater." + name for name in HEATERS] + ["actuator." + name for name in ACTUATORS])


class Structure:
    """Built on any board that has the line `bus`, four legs, and a converter and outputs for each name.

    parameters: a StructureParameters; watched: a LimitTable over STRUCTURE_STATUS.
    """

    def __init__(self, board, parameters, watched):
        self._board = board
        self.outputs = board.one_shots(OUTPUTS)
        self.pulses_us = array("i", [0] * len(OUTPUTS))
        self.bus = PacketPort(board.uart("bus", 460800), dictionary.STRUCTURE)
        self.time = BoardTime(board.clock)
        self.events = EventLog(self.bus, self.time)
        self.heaters = Heaters(board, HEATERS, parameters.limits, self.events)
        self.releases = Releases(
            self.bus, self.events, self.outputs, len(HEATERS), parameters.releases, board.seed()
        )
        self.legs = array("i", [0] * slots.LEG_SIZE)
        self.mode = dictionary.MODE_SAFE
        self.rate_group = RateGroup(board.clock, TICK_US, self.tick, board.output("tick"))
        self._switches = [board.input("leg." + str(leg + 1)) for leg in range(LEGS)]
        self._status = self.bus.outgoing(dictionary.STRUCTURE_STATUS)
        self.watch = Limits(board, watched, self._status.values, RESPONSES, self.events)
        self._contact_said = False
        self._lost_ticks = 0
        self._stuck_said = 0
        self._overruns = 0
        self._starved = 0
        kept = board.kept_words()
        self.reset_log = ResetLog(kept, board.reset_cause())
        self.health = Health(_DEADLINES, kept)
        self.events.emit(dictionary.BOOT, 0)
        report(self.reset_log, self.events, len(_DEADLINES))
        self.watch.report()

    def run(self):
        """For ever: the board's main loop; whatever ends it switches every output off."""
        try:
            self._board.ready(self.arrays())
            self.health.arm(self._board.watchdog(WATCHDOG_MS))
            self.rate_group.run()
        finally:
            self.outputs.close_all()

    def arrays(self):
        """What a debugger or a test bench may watch, by name."""
        named = {
            "bus_line": self.bus.state,
            "legs": self.legs,
            "arming": self.releases.memory,
            "pulses_us": self.pulses_us,
        }
        for index in range(len(HEATERS)):
            named["heater_" + HEATERS[index]] = self.heaters.memories[index]
            named["temperature_" + HEATERS[index]] = self.heaters.thermistors[index].readings
        return named

    def tick(self):
        """One control tick of 10 ms. Allocates nothing."""
        count = self.rate_group.ticks
        tenth = count % _TENTH
        health = self.health
        pulses_us = self.pulses_us
        for index in range(len(OUTPUTS)):
            pulses_us[index] = 0
        self._watch_legs(count)
        self._take_commands(count)
        health.check_in(_BUS_TASK)
        self.heaters.poll(count)
        for index in range(len(HEATERS)):
            due = _HEATER_TICKS * index
            if tenth == due:
                pulses_us[index] = self.heaters.step(index, count)
            elif tenth == (due + _RENEWED_TICKS) % _TENTH:
                pulses_us[index] = self.heaters.renew(index)
        self.releases.tick(pulses_us, count)
        self.outputs.start(pulses_us)
        self.outputs.commit()
        health.check_in(_OUTPUTS_TASK)
        if tenth == _WATCH_TICK:
            self._report_bad_ticks(count)
            self.bus.refusals.tell(self.events, count)
        if count % _STATUS_TICKS == _STATUS_TICK:
            self._send_status(count)
            health.check_in(_STATUS_TASK)
        if count % _SECOND == _STATUS_TICK + 1:
            self.reset_log.second()
            self.time.tell(self.events, count)
        health.oversee()

    def set_mode(self, mode, tick):
        """Another mode; whatever is armed or fires is disarmed. Unknown modes are refused."""
        if not dictionary.MODE_SAFE <= mode <= dictionary.MODE_SURFACE:
            self.events.emit(dictionary.STRUCTURE_REFUSED, tick, dictionary.REFUSED_MODE_UNKNOWN)
            return
        if mode != self.mode:
            self.releases.disarm(dictionary.DISARMED_BY_MODE, tick)
        self.mode = mode

    def _watch_legs(self, count):
        pressed = 0
        for leg in range(LEGS):
            if self._switches[leg].value():
                pressed |= 1 << leg
        legs = self.legs
        vote = contact.step(legs, pressed)
        if vote == _CONTACT:
            self._lost_ticks = 0
            if not self._contact_said:
                self._contact_said = True
                self.events.emit(dictionary.LEG_CONTACT, count, legs[slots.LEG_CLOSED])
        elif self._contact_said:
            self._lost_ticks += 1
            if self._lost_ticks == _LOST_TICKS:
                self._contact_said = False
                self.events.emit(dictionary.LEG_CONTACT_LOST, count, legs[slots.LEG_CLOSED])
        stuck = legs[slots.LEG_STUCK]
        if stuck & (self._stuck_said ^ 15):
            self.events.emit(dictionary.LEG_SWITCH_STUCK, count, stuck)
        self._stuck_said = stuck

    def _take_commands(self, count):
        bus = self.bus
        apid = bus.poll()
        while apid >= 0:  # the other boards' telemetry comes this way too
            values = bus.values
            if apid == _MODE:
                self.set_mode(values[0], count)
            elif apid == _HEATER:
                self.heaters.configure(values, count)
            elif apid == _ARM:
                stir = self._board.clock.ticks_us()
                self.releases.arm(values[0], self.mode, self.legs[slots.LEG_VOTE], stir, count)
            elif apid == _FIRE:
                self.releases.fire(values[0], values[1], self.mode, self.legs[slots.LEG_VOTE], count)
            elif apid == _DISARM:
                self.releases.disarm(dictionary.DISARMED_BY_COMMAND, count)
            elif apid == _PARAMETER:
                self.watch.set(values, count, self._may_store())
            elif apid == _TIME:
                self.time.take(values[0])
            apid = bus.poll()

    def _may_store(self):
        """Whether this is a time for 50 ms without a tick."""
        return self.mode != dictionary.MODE_DESCENT and self.releases.memory[slots.ARM_STATE] == _SAFE_ARMING

    def _respond(self, count):
        """What red limits ask for."""
        if self.watch.holds(dictionary.LIMIT_SAFE) and self.mode != dictionary.MODE_SAFE:
            self.set_mode(dictionary.MODE_SAFE, count)
        for index in range(len(HEATERS)):
            self.heaters.hold_off(index, self.watch.holds(_HEATER_RESPONSES[index]))

    def _report_bad_ticks(self, count):
        overruns = self.rate_group.overruns
        if overruns != self._overruns:
            self._overruns = overruns
            self.events.emit(dictionary.TICK_OVERRUN, count, overruns)
        starved = self.rate_group.starved
        if starved != self._starved:
            self._starved = starved
            self.events.emit(dictionary.TICK_STARVED, count, starved)

    def _send_status(self, count):
        values = self._status.values
        values[0] = count & 0xFFFF
        values[1] = self.mode
        self.heaters.report(values, 2)
        values[9] = self.legs[slots.LEG_CLOSED]
        values[10] = self.legs[slots.LEG_STUCK]
        values[11] = self.legs[slots.LEG_VOTE]
        values[12] = self.releases.memory[slots.ARM_STATE]
        values[13] = self.releases.memory[slots.ARM_ACTUATOR]
        values[14] = self.releases.memory[slots.ARM_FIRED]
        values[15] = self.bus.accepted & 0xFFFF
        values[16] = self.bus.rejected & 0xFFFF
        values[17] = self.rate_group.overruns & 0xFFFF
        values[18] = self.time.common_ms()
        self.bus.send(self._status)
        self.watch.look(self.mode, count)
        self._respond(count)
