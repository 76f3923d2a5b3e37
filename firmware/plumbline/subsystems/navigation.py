"""The navigation board: polls the sensors, votes on the altitude, steers, and tells propulsion.

One rate group of 100 Hz. Guidance, requests to the altimeters, telemetry and housekeeping
share it at 10 Hz, each in a tick of its own. All arrays are made at start.
"""

from array import array

from micropython import const
from plumbline.drivers.doppler_radar import DopplerRadar
from plumbline.drivers.laser_altimeter import LaserAltimeter
from plumbline.drivers.stim300 import Stim300
from plumbline.kernels import altitude, attitude, fixed, guidance, radar, ranging, slots, state, thrust
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.link.telemetry import navigation_state
from plumbline.services.board_time import BoardTime
from plumbline.services.events import EventLog
from plumbline.services.health import WATCHDOG_MS, Health
from plumbline.services.parameter_store import open_parameters
from plumbline.services.rate_group import RateGroup
from plumbline.services.reset_log import ResetLog
from plumbline.services.reset_report import report
from plumbline.subsystems.altimeter_watch import AltimeterWatch
from plumbline.subsystems.inertial_watch import InertialWatch

TICK_US = const(10000)
LEGS = const(4)

_TENTH = const(10)
_REQUEST_TICK = const(0)
_MODE_TICK = const(1)
_TELEMETRY_TICK = const(3)
_WATCH_TICK = const(8)  # not 6, when the altimeters' replies come
_GUIDANCE_TICK = const(9)
_SECOND = const(100)
_SECOND_TICK = const(5)
_CONTACT_TICKS = const(3)  # a leg switch counts after 30 ms
_SILENT_IMU_TICKS = const(10)
_UNFIT_IMU_TICKS = const(200)  # before the initial state: longer than one takes to start

# tasks that check in, and their deadlines in ticks
_COMMANDS_TASK = const(0)
_ESTIMATE_TASK = const(1)
_DEMAND_TASK = const(2)
_GUIDANCE_TASK = const(3)
_REQUEST_TASK = const(4)
_TELEMETRY_TASK = const(5)
_WATCH_TASK = const(6)
_DEADLINES = (1, 1, 1, 2 * _TENTH, 2 * _TENTH, 2 * _TENTH, 2 * _TENTH)

_WAITING = const(0)
_COAST = const(1)
_BRAKING = const(2)
_CONTACT = const(5)
_LANDED = const(6)
_ABORT = const(7)


# least and most of each field of INITIAL_STATE: the declared ranges of their slots
_INITIAL_LEAST = (-10000000, -1000000000, -200000000) + 3 * (-512000000,) + 4 * (-536870911,) + (100000,)
_INITIAL_MOST = (110000000, 1000000000, 200000000) + 3 * (512000000,) + 4 * (536870911,) + (100000000,)
_INITIAL_STATE = dictionary.INITIAL_STATE.apid
_SET_PARAMETER = dictionary.SET_PARAMETER.apid
_ASK_MODE = dictionary.NAVIGATION_MODE.apid
_ALL_GOOD = const(100)
_TOO_LATE = const(-1)
_MODE_SAFE = const(-2)


def _field_out_of_range(values):
    """Index of the first field of an initial state that is out of range, or _ALL_GOOD."""
    for i in range(len(_INITIAL_LEAST)):
        if not _INITIAL_LEAST[i] <= values[i] <= _INITIAL_MOST[i]:
            return i
    return _ALL_GOOD


def keep_descent(navigation, board):
    """A DescentKeeper that has looked whether there is a descent to resume; None on a board without room."""
    block = board.kept_block()
    if block is None:
        return None
    from plumbline.subsystems.descent_keeper import DescentKeeper

    keeper = DescentKeeper(navigation, block)
    keeper.look(navigation.reset_log, board.uptime_ms)
    return keeper


def _zeros(count):
    return array("i", [0] * count)


class Navigation:
    """Built on any board that has the lines `imu`, `link`, `bus`, `laser`, `radar` and four legs; and
    `imu_2`, where the parameters say that there are two inertial units.

    parameters: a Parameters of subsystems/parameters.py; vote: the voter's step, for a
    test bed that flies another one.
    """

    def __init__(self, board, parameters, vote=altitude.step):
        pair_of = None
        if parameters.inertial_units == 2:
            # first of all: its kernels need room in one piece
            from plumbline.subsystems.inertial_pair import InertialPair

            pair_of = InertialPair
        self._board = board
        self.parameters = parameters
        self.estimate = _zeros(slots.EST_SIZE)
        self.state = _zeros(slots.STA_SIZE)
        self.vote = _zeros(slots.VOT_SIZE)
        self.guidance = _zeros(slots.GUI_SIZE)
        self.attitude = _zeros(slots.ATT_SIZE)
        self.fit = parameters.fit
        self.imu = Stim300(board.uart("imu", 921600))
        self.laser = LaserAltimeter(board.uart("laser", 115200))
        self.radar = DopplerRadar(board.uart("radar", 115200))
        parts = {"laser": self.laser.readings, "radar": self.radar.readings}
        self.readings = [parts[name] for name in parameters.altimeters]
        self.vote[slots.VOT_FITTED] = len(self.readings)
        self.link = PacketPort(board.uart("link", 460800), dictionary.NAVIGATION, ())
        self.bus = PacketPort(board.uart("bus", 460800), dictionary.NAVIGATION, ())
        self.time = BoardTime(board.clock)
        self.events = EventLog(self.bus, self.time)
        self.parameter_commands = open_parameters(board, parameters.fields(), self.events)
        self._take_reach()
        self.watch = AltimeterWatch(self.vote, self.events)
        self.rate_group = RateGroup(board.clock, TICK_US, self.tick, board.output("tick"))
        self.rate_group.wait_us = TICK_US // 4  # a start is to be short: nothing has to settle before a tick
        self.demand_packet = self.link.outgoing(dictionary.DEMAND)
        self.demand = self.demand_packet.values  # the packet's fields are the DEM_ slots
        self._time_packets = (self.link.outgoing(dictionary.TIME), self.bus.outgoing(dictionary.TIME))
        self._telemetry = self.bus.outgoing(dictionary.NAVIGATION_STATE)
        self._step_vote = vote
        self._legs = [board.input("leg.1"), board.input("leg.2"), board.input("leg.3"), board.input("leg.4")]
        self._contact_ticks = _zeros(LEGS)
        self._touches = False
        self._imu_silent_ticks = 0
        self._phase = _WAITING
        self._overruns = 0
        self._starved = 0
        kept = board.kept_words()
        self.reset_log = ResetLog(kept, board.reset_cause())
        self.health = Health(_DEADLINES, kept)
        self.pair = None if pair_of is None else pair_of(board, self.imu)
        self.inertial_watch = InertialWatch(self.imu, self.pair, self.events)
        self.events.emit(dictionary.BOOT, 0)
        report(self.reset_log, self.events, len(_DEADLINES))
        if self.parameter_commands:
            self.parameter_commands.report()
        self.keeper = keep_descent(self, board)
        self._is_resumed = self._phase != _WAITING
        self.mode = None  # a VehicleMode, from the first ticks on: a start has no time for it
        self.rate_group.behind_ticks(self._load_modes())

    def _load_modes(self):
        """In pieces, 2 to 4 ms each (emulated): the table, the conditions, and what joins them."""
        from plumbline.services import transitions  # noqa: F401

        yield
        from plumbline.services import conditions, supervisor  # noqa: F401

        yield
        from plumbline.services.vehicle_mode import VehicleMode

        self.mode = VehicleMode(self.events, self._is_resumed, self.reset_log.safe)

    def run(self):
        """For ever: the board's main loop."""
        if self.rate_group.wait_us:  # a descent that goes on waits for nothing: reading a file takes 3 ms
            self._board.ready(self.arrays())
        self.health.arm(self._board.watchdog(WATCHDOG_MS))
        self.rate_group.run()

    def arrays(self):
        """What a debugger or a test bench may watch, by name: the kernels' states and what feeds them."""
        arrays = {
            "imu": self.imu.readings,
            "imu_line": self.imu.line,
            "laser": self.laser.readings,
            "laser_line": self.laser.line.state,
            "radar": self.radar.readings,
            "radar_line": self.radar.line.state,
            "link_line": self.link.state,
            "bus_line": self.bus.state,
            "estimate": self.estimate,
            "state": self.state,
            "vote": self.vote,
            "guidance": self.guidance,
            "attitude": self.attitude,
            "demand": self.demand,
        }
        if self.pair is not None:
            arrays.update(self.pair.arrays())
        return arrays

    def tick(self):
        """One control tick of 10 ms. Allocates nothing."""
        count = self.rate_group.ticks
        tenth = count % _TENTH
        health = self.health
        self._take_commands(count)
        health.check_in(_COMMANDS_TASK)
        self._estimate(count)
        health.check_in(_ESTIMATE_TASK)
        thrust.accumulate(self.guidance, self.estimate)
        contacts = self._contacts()
        if tenth == _GUIDANCE_TICK:
            phase = guidance.step(self.guidance, self.estimate, self.parameters.values, contacts)
            if phase != self._phase:
                self._report_phase(phase, count)
            health.check_in(_GUIDANCE_TASK)
        attitude.step(self.attitude, self.demand, self.estimate, self.guidance)
        self.demand[slots.DEM_TICK] = count & 0xFFFF
        self.link.send(self.demand_packet)
        health.check_in(_DEMAND_TASK)
        if tenth == _REQUEST_TICK:
            self._request_ranges()
            health.check_in(_REQUEST_TASK)
        elif tenth == _MODE_TICK:
            self._decide_mode(count)
        elif tenth == _TELEMETRY_TICK:
            self._send_telemetry(count)
            health.check_in(_TELEMETRY_TASK)
        elif tenth == _WATCH_TICK:
            self.watch.look(count)
            self.inertial_watch.look(count)
            self._report_bad_ticks(count)
            self.link.refusals.tell(self.events, count)
            self.bus.refusals.tell(self.events, count)
            health.check_in(_WATCH_TASK)
        if count % _SECOND == _SECOND_TICK:
            self.reset_log.second()
            self._send_time()
        keeper = self.keeper
        if keeper is not None:
            keeper.keep(count)
        health.oversee()
        if keeper is not None and health.late == 0:
            keeper.mark(count)

    def _take_commands(self, count):
        apid = self.bus.poll()
        while apid >= 0:
            if apid == _INITIAL_STATE:  # other boards' telemetry comes this way too
                self._initialise(self.bus.values, count)
            elif apid == _SET_PARAMETER:
                self._set_parameter(self.bus.values, count)
            elif apid == _ASK_MODE and self.mode is not None:
                self.mode.ask(self.bus.values[0])
            apid = self.bus.poll()
        while self.link.poll() >= 0:
            self.link.refuse()  # commands come by the bus; telemetry of propulsion passes by

    def _decide_mode(self, count):
        """By the supervisor's table. Safe before the burn: nothing burns without a new initial state."""
        mode = self.mode
        phase = self.guidance[slots.GUI_PHASE]
        is_unfit = phase == _WAITING and self._imu_silent_ticks >= _UNFIT_IMU_TICKS
        if mode is None or not mode.look(count, phase, self.health.late != 0, is_unfit):
            return
        if phase == _COAST and mode.is_safe:
            self.guidance[slots.GUI_PHASE] = self._phase = _WAITING
            if self.keeper is not None:
                self.keeper.forget()

    def _set_parameter(self, values, count):
        """While nothing flies; what the vote has a copy of is taken over."""
        phase = self.guidance[slots.GUI_PHASE]
        if self.parameter_commands is None:
            self.events.emit(dictionary.PARAMETER_NOT_NOW, count, values[0])
        elif self.parameter_commands.take(values, count, phase == _WAITING or phase == _LANDED):
            self._take_reach()

    def _take_reach(self):
        """The vote's copies of how far each altimeter has to see."""
        for i in range(len(self.readings)):
            reach_mm = self.fit[i * slots.FIT_STRIDE + slots.FIT_REACH_MM]
            self.vote[slots.VOT_FIRST + i * slots.VOT_STRIDE + slots.VOT_REACH_MM] = reach_mm

    def _initialise(self, values, count):
        """State from orbit determination and star tracker; refused whole when one field is out of
        the range that the kernels are proved for, and once the burn has begun."""
        fault = _TOO_LATE if self.guidance[slots.GUI_PHASE] > _COAST else _field_out_of_range(values)
        if fault == _ALL_GOOD and self.mode is not None and self.mode.is_safe:
            fault = _MODE_SAFE
        if fault != _ALL_GOOD:
            self.events.emit(dictionary.INITIAL_STATE_REFUSED, count, fault)
            return
        estimate = self.estimate
        estimate[slots.EST_ALTITUDE_MM] = values[0]
        estimate[slots.EST_DOWNRANGE_MM] = values[1]
        estimate[slots.EST_CROSSRANGE_MM] = values[2]
        for i in range(3):
            estimate[slots.EST_VELOCITY_UP_Q8 + i] = values[3 + i]
        state.normalise(estimate, values[6], values[7], values[8], values[9])
        state.rotation_matrix(estimate)
        self.guidance[slots.GUI_MASS_G] = values[10]
        self.guidance[slots.GUI_SCALE_Q14] = 16384
        self.guidance[slots.GUI_PHASE] = _COAST
        self._phase = _COAST
        self.events.emit(dictionary.INITIALISED, count)

    def _estimate(self, count):
        """Poll, advance the inertial state, vote, take the radar's velocity."""
        estimate = self.estimate
        samples = self.imu.poll()
        increments = self.imu.readings
        if self.pair is not None:
            samples = self.pair.poll(estimate, self.guidance)
            increments = self.pair.readings
        state.step(estimate, self.state, increments)
        self._watch_imu(samples, count)
        self.laser.poll()
        if self.radar.poll():
            if self.pair is not None:
                self.pair.weigh(estimate, self.radar.readings, self.parameters.radar_delay_ms)
            radar.correct_velocity(estimate, self.radar.readings, self.parameters.radar_delay_ms)
        for i in range(len(self.readings)):
            ranging.ingest(self.vote, estimate, self.readings[i], i, self.fit)
        self._step_vote(self.vote, estimate)

    def _watch_imu(self, samples, count):
        if samples:
            self._imu_silent_ticks = 0
            return
        self._imu_silent_ticks = (self._imu_silent_ticks + 1) & 0xFFFF
        if self._imu_silent_ticks == _SILENT_IMU_TICKS and self._phase != _WAITING:
            self.events.emit(dictionary.IMU_SILENT, count)

    def _contacts(self):
        """Legs whose switch has been closed for 30 ms."""
        contacts = 0
        first, second, third, fourth = self._legs
        touches = first.value() or second.value() or third.value() or fourth.value()
        if not (touches or self._touches):
            return 0  # nearly always
        self._touches = touches
        for i in range(LEGS):
            if self._legs[i].value():
                if self._contact_ticks[i] < _CONTACT_TICKS:
                    self._contact_ticks[i] += 1
                else:
                    contacts += 1
            else:
                self._contact_ticks[i] = 0
        return contacts

    def _request_ranges(self):
        """Ask both parts for the range along the vertical, as far as their pitch plane has it.

        Body x and y of the local vertical, brought to length 1: what is missing to it is the
        tilt out of that plane, which the vote takes into account.
        """
        cosine = self.estimate[slots.EST_R00] >> 15
        sine = self.estimate[slots.EST_R00 + 1] >> 15
        length = fixed.isqrt(cosine * cosine + sine * sine)
        cosine = fixed.divide_signed(cosine, length, 14)
        sine = fixed.divide_signed(sine, length, 14)
        self.laser.request(cosine, sine)
        self.radar.request(cosine, sine)

    def said(self, phase):
        """After a reset: the descent goes on in a phase that a life before has reported."""
        self._phase = phase
        self.watch.go_on()

    def _report_phase(self, phase, count):
        self._phase = phase
        if self.keeper is not None:
            self.keeper.mark_phase(phase)
        self.events.emit(dictionary.PHASE_CHANGED, count, phase)
        if phase == _BRAKING:
            self.events.emit(dictionary.IGNITION, count)
        elif phase == _CONTACT:
            self.events.emit(dictionary.TOUCHDOWN, count)
        elif phase == _LANDED:
            self.events.emit(dictionary.ENGINE_CUTOFF, count)
        elif phase == _ABORT:
            self.events.emit(dictionary.ABORT, count)

    def _report_bad_ticks(self, count):
        overruns = self.rate_group.overruns
        if overruns != self._overruns:
            self._overruns = overruns
            self.events.emit(dictionary.TICK_OVERRUN, count, overruns)
        starved = self.rate_group.starved
        if starved != self._starved:
            self._starved = starved
            self.events.emit(dictionary.TICK_STARVED, count, starved)

    def _send_time(self):
        """Stamped as late as can be: the other boards take what comes for not older than the line is long."""
        on_link, on_bus = self._time_packets
        on_link.values[0] = on_bus.values[0] = self.time.now_ms()
        self.link.send(on_link)
        self.bus.send(on_bus)

    def _send_telemetry(self, count):
        values = self._telemetry.values
        values[0] = count & 0xFFFF
        values[1] = self._phase
        navigation_state(values, self.estimate, self.vote, self.guidance)
        values[17] = self.rate_group.overruns & 0xFFFF
        values[18] = self.inertial_watch.used()
        if self.mode is not None:
            values[19] = self.mode.supervisor.mode
        self.bus.send(self._telemetry)
