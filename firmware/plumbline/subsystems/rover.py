"""The micro rover's board: leaves the lander, drives, scoops while its camera looks on, looks after itself.

One rate group of 100 Hz. Senses are polled, commands taken, the mode decided by a pure transition table, then
wheels and arm get what the mode allows: bursts of 50 ms that end by themselves. See rover.md.
"""

from array import array

from micropython import const
from plumbline.drivers.vc0706 import Vc0706
from plumbline.drivers.wheel_motors import WheelMotors
from plumbline.kernels import rover_drive, rover_mode, scoop, slots
from plumbline.link import dictionary
from plumbline.link.port import PacketPort
from plumbline.services.board_time import BoardTime
from plumbline.services.events import EventLog
from plumbline.services.health import WATCHDOG_MS, Health
from plumbline.services.limits import Limits
from plumbline.services.rate_group import RateGroup
from plumbline.services.recording import Recording
from plumbline.services.reset_log import POWER, ResetLog
from plumbline.services.reset_report import report
from plumbline.subsystems.image_sender import ImageSender
from plumbline.subsystems.image_store import ROOM, ImageStore
from plumbline.subsystems.rover_orders import objection, order_of
from plumbline.subsystems.rover_senses import WHEELS, RoverSenses

TICK_US = const(10000)
SERVO_PERIOD_US = const(20000)
SERVO_PERIODS = const(2)

_HALF_SECOND = const(50)
_STATUS_TICK = const(7)
_REFUSAL_TICK = const(17)
_SECOND = const(100)
_SECOND_TICK = const(27)
_LEAVING_SPEED_MM_S = const(30)
_CLEAR_TICKS = const(100)  # after the way off the lander, for a new look at the tilt
_STRAIGHT = const(1)
_TURN = const(2)
_REACHED = const(1)
_STOPPED = const(2)
_SAFE_END = const(7)
_CAMERA_FAILED = const(0)
_NO_ROOM = const(1)
_TOO_LATE = const(2)
_ODOMETER_MASK = const(0x1FFFFFFF)

# tasks that check in, and their deadlines in ticks
_SENSES_TASK = const(0)
_COMMANDS_TASK = const(1)
_MOTION_TASK = const(2)
_IMAGES_TASK = const(3)
_STATUS_TASK = const(4)
_DEADLINES = (1, 1, 1, 1, 2 * _HALF_SECOND)
RESPONSES = (dictionary.LIMIT_SAFE,)

_DEPLOY = dictionary.ROVER_DEPLOY.apid
_DRIVE = dictionary.ROVER_DRIVE.apid
_TURN_APID = dictionary.ROVER_TURN.apid
_SCOOP = dictionary.ROVER_SCOOP.apid
_STOP = dictionary.ROVER_STOP.apid
_RECOVER = dictionary.ROVER_RECOVER.apid
_LIST = dictionary.ROVER_LIST.apid
_PARAMETER = dictionary.ROVER_PARAMETER.apid
_TIME = dictionary.TIME.apid


class Rover:
    """Built on any board with the lines `bus` and `camera`, the bus `i2c`, encoders, bursts and the dock.

    watched: a LimitTable over ROVER_STATUS; camera: another one than the VC0706 on `camera`, with its
    methods.
    """

    def __init__(self, board, watched, camera=None):
        self._board = board
        self.motors = WheelMotors(board)
        self.servo = board.burst("scoop.servo", SERVO_PERIOD_US, SERVO_PERIODS)
        self.bus = PacketPort(board.uart("bus", 460800), dictionary.ROVER)
        self.camera = Vc0706(board.uart("camera", 38400)) if camera is None else camera
        self.senses = RoverSenses(board)
        self.time = BoardTime(board.clock)
        self.events = EventLog(self.bus, self.time)
        self.images = ImageStore()
        self.sender = ImageSender(self.images, self.bus)
        self.drive = array("i", [0] * slots.DRV_SIZE)
        self.scoop = array("i", [0] * slots.SCP_SIZE)
        self.rate_group = RateGroup(board.clock, TICK_US, self.tick, board.output("tick"))
        kept = board.kept_words()
        self.reset_log = ResetLog(kept, board.reset_cause())
        self.health = Health(_DEADLINES, kept)
        self.mode = rover_mode.SAFE if self.reset_log.safe else rover_mode.STOWED
        self.conditions = 0
        self.odometer_mm = 0
        self._status = self.bus.outgoing(dictionary.ROVER_STATUS)
        self.watch = Limits(board, watched, self._status.values, RESPONSES, self.events)
        self.recording = Recording(board, self.events, self._status, self.reset_log.cause == POWER)
        self._deploy_mm = 0
        self._is_recovering = False
        self._is_free = False
        self._is_straight = False
        self._since_leaving = 0
        self._image_slot = -1
        self._image_station = 0
        self._image_mrad = 0
        self._image_tick = 0
        self._said_verdicts = 0
        self.events.emit(dictionary.BOOT, 0)
        report(self.reset_log, self.events, len(_DEADLINES))
        self.watch.report()

    def run(self):
        """For ever: the board's main loop; whatever ends it turns the motors off."""
        try:
            self._board.ready(self.arrays())
            self.health.arm(self._board.watchdog(WATCHDOG_MS))
            self.rate_group.run()
        finally:
            self.motors.off()

    def arrays(self):
        """What a debugger or a test bench may watch, by name."""
        return {
            "bus_line": self.bus.state,
            "imu": self.senses.imu.readings,
            "battery": self.senses.battery,
            "wheels": self.senses.wheels,
            "tilt": self.senses.tilt,
            "drive": self.drive,
            "scoop": self.scoop,
        }

    def tick(self):
        """One control tick of 10 ms. Allocates nothing."""
        count = self.rate_group.ticks
        health = self.health
        self.senses.poll(self.drive[slots.DRV_MOTION] == 0)
        health.check_in(_SENSES_TASK)
        self._take_commands(count)
        health.check_in(_COMMANDS_TASK)
        self._decide(count)
        self._step_wheels(count)
        self._step_camera(count)
        self._step_scoop(count)
        self._act()
        health.check_in(_MOTION_TASK)
        self.sender.step(count)
        health.check_in(_IMAGES_TASK)
        place = count % _HALF_SECOND
        if place == _STATUS_TICK:
            self._send_status(count)
            self.watch.look(self.mode, count)
            health.check_in(_STATUS_TASK)
        elif place == _REFUSAL_TICK:
            self.bus.refusals.tell(self.events, count)
        if count % _SECOND == _SECOND_TICK:
            self.reset_log.second()
            self.time.tell(self.events, count)
            self.recording.second(count)
        health.oversee()

    # --- commands ---

    def _take_commands(self, count):
        apid = self.bus.poll()
        while apid >= 0:
            self.senses.heard()
            order = order_of(apid)
            if order is not None:  # telemetry of the others comes this way too
                self._obey(order, self.bus.values, count)
            elif apid == _PARAMETER:
                self.watch.set(self.bus.values, count, self._is_at_rest())
            elif apid == _TIME:
                self.time.take(self.bus.values[0])
            apid = self.bus.poll()

    def _obey(self, order, values, count):
        apid = order[0]
        reason = objection(order, values, self.mode, self._all_conditions())
        if reason < 0 and not self._begin(apid, values):
            reason = dictionary.ROVER_NOT_THERE
        if reason < 0:
            self.events.emit(dictionary.ROVER_TAKEN, count, apid & 0xFF)
        else:
            self.events.emit(dictionary.ROVER_REFUSED, count, (apid & 0xFF) * 256 + reason)

    def _begin(self, apid, values):
        """Do what a good command says. False where there is no such image."""
        if apid == _DEPLOY:
            self._deploy_mm = values[0]
        elif apid == _DRIVE:
            self._move(_STRAIGHT, values[0], values[1])
        elif apid == _TURN_APID:
            self._move(_TURN, values[0], values[1])
        elif apid == _SCOOP:
            scoop.begin(self.scoop, self.senses.arm_mrad, values[0])
        elif apid == _STOP:
            self._stop_all(_STOPPED)
        elif apid == _RECOVER:
            self._is_recovering = True
        elif apid == _LIST:
            self.sender.list_all()
        else:
            return self.sender.begin(values[0], values[1], values[2])
        return True

    def _is_at_rest(self):
        """Whether this is a time for 50 ms without a tick."""
        return self.drive[slots.DRV_MOTION] == 0 and self.scoop[slots.SCP_PHASE] == 0

    def _move(self, motion, goal, speed_mm_s):
        rover_drive.begin(self.drive, motion, -1 if goal < 0 else 1, abs(goal), speed_mm_s)
        self._is_straight = motion == _STRAIGHT
        self._said_verdicts = 0

    def _stop_all(self, end):
        """No motion, no scooping, no transmission; a deployment that waits for its release waits no more."""
        if self.drive[slots.DRV_MOTION]:
            self._add_way()
            rover_drive.stop(self.drive, end)
        if self.scoop[slots.SCP_PHASE]:
            scoop.stop(self.scoop, end)
        self.sender.stop()
        if self.mode == rover_mode.STOWED:
            self._deploy_mm = 0

    # --- modes ---

    def _all_conditions(self):
        """What the senses say, and what the rover itself knows."""
        conditions = self.senses.conditions
        if self._deploy_mm:
            conditions |= rover_mode.DEPLOY
        if self.drive[slots.DRV_MOTION]:
            conditions |= rover_mode.DRIVE
        if self.scoop[slots.SCP_PHASE]:
            conditions |= rover_mode.SCOOP
        if self._is_free:
            conditions |= rover_mode.FREE
        if self._is_recovering:
            conditions |= rover_mode.RECOVER
        if self.watch.holds(dictionary.LIMIT_SAFE):
            conditions |= rover_mode.LIMIT
        if self.mode == rover_mode.LEAVING and not self.drive[slots.DRV_MOTION]:
            conditions |= self._departure()
        return conditions

    def _departure(self):
        """The way off the lander is over: is the rover clear of it?"""
        if self.drive[slots.DRV_END] != _REACHED:
            return rover_mode.STRANDED
        if self._since_leaving < _CLEAR_TICKS:
            return 0
        is_clear = self.senses.is_level() and self.senses.loaded_wheels(self.drive) >= WHEELS - 1
        return rover_mode.CLEAR if is_clear else rover_mode.STRANDED

    def _decide(self, count):
        self.conditions = self._all_conditions()
        self._is_recovering = False
        mode = rover_mode.next_mode(self.mode, self.conditions)
        if mode == self.mode:
            return
        if self.mode == rover_mode.LEAVING and mode == rover_mode.READY:
            self._is_free = True
            self.events.emit(dictionary.ROVER_FREE, count, self._mean_load_ma())
        self.mode = mode
        self.events.emit(dictionary.ROVER_MODE, count, mode)
        if mode == rover_mode.SETTLING:
            self.senses.tilt[slots.TLT_QUIET] = 0  # it was quiet as long as the lander held it
        elif mode == rover_mode.LEAVING:
            self._since_leaving = 0
            self._move(_STRAIGHT, self._deploy_mm, _LEAVING_SPEED_MM_S)
        elif mode == rover_mode.SAFE:
            self._stop_all(_SAFE_END)
            self.events.emit(dictionary.ROVER_SAFE, count, self.conditions)

    # --- wheels, scoop, camera ---

    def _step_wheels(self, count):
        if not self.drive[slots.DRV_MOTION]:
            self._since_leaving = min(self._since_leaving + 1, _CLEAR_TICKS)
            return
        end = rover_drive.step(self.drive, self.senses.wheels, self.senses.yaw)
        self._tell_wheels(count)
        if end:
            self._add_way()
            self._tell_end(end, self.drive[slots.DRV_WAY], count)

    def _add_way(self):
        """A turn on the spot is no way."""
        if self._is_straight:
            self.odometer_mm = (self.odometer_mm + self.drive[slots.DRV_WAY]) & _ODOMETER_MASK

    def _tell_wheels(self, count):
        """Each wheel once in a motion."""
        for wheel in range(WHEELS):
            verdict = self.drive[slots.DRV_VERDICT + wheel]
            if verdict and not self._said_verdicts >> wheel & 1:
                self._said_verdicts |= 1 << wheel
                self.events.emit(dictionary.ROVER_WHEEL, count, wheel + (16 if verdict == 1 else 0))

    def _tell_end(self, end, reached, count):
        if end == _REACHED:
            self.events.emit(dictionary.ROVER_DONE, count, reached)
        else:
            self.events.emit(dictionary.ROVER_BROKEN_OFF, count, end)

    def _step_scoop(self, count):
        if not self.scoop[slots.SCP_PHASE]:
            return
        bits = scoop.step(self.scoop, self.senses.arm_mrad, 1 if self.camera.busy else 0)
        if bits & scoop.TRIGGER:
            self._trigger(count)
        if bits & scoop.IMAGE_LOST:
            self.events.emit(dictionary.ROVER_IMAGE_LOST, count, _TOO_LATE)
        if not self.scoop[slots.SCP_PHASE]:
            images = self.scoop[slots.SCP_STATION] - self.scoop[slots.SCP_LOST]
            self._tell_end(self.scoop[slots.SCP_END], images, count)

    def _trigger(self, count):
        self._image_slot = self.images.reserve()
        if self._image_slot < 0:
            self.events.emit(dictionary.ROVER_IMAGE_LOST, count, _NO_ROOM)
            return
        self._image_station = self.scoop[slots.SCP_STATION]
        self._image_mrad = self.senses.arm_mrad
        self._image_tick = count
        self.camera.trigger(self.images.image(self._image_slot), ROOM)

    def _step_camera(self, count):
        done = self.camera.poll()
        if done > 0:
            slot = self._image_slot
            number = self.images.keep(
                slot, self.camera.size, self._image_station, self._image_mrad, self._image_tick
            )
            self.sender.tell(slot)
            self.events.emit(dictionary.ROVER_IMAGE_STORED, count, number)
        elif done < 0:
            self.events.emit(dictionary.ROVER_IMAGE_LOST, count, _CAMERA_FAILED)

    def _act(self):
        """The outputs, renewed each tick: what is not renewed ends by itself."""
        self.motors.drive(self.drive[slots.DRV_LEFT_Q10], self.drive[slots.DRV_RIGHT_Q10])
        if self.scoop[slots.SCP_PHASE]:
            # 600 us at 0, 2,400 us at 1,500 mrad
            self.servo.play(600 + self.scoop[slots.SCP_SETPOINT_MRAD] * 6 // 5)

    # --- telemetry ---

    def _mean_load_ma(self):
        drive = self.drive
        first = slots.DRV_LOAD_Q6
        return (drive[first] + drive[first + 1] + drive[first + 2] + drive[first + 3]) >> 8

    def _send_status(self, count):
        values = self._status.values
        drive, senses = self.drive, self.senses
        values[0] = count & 0xFFFF
        values[1] = self.mode
        values[2] = self.conditions
        values[3] = drive[slots.DRV_MOTION]
        values[4] = drive[slots.DRV_END]
        values[5] = drive[slots.DRV_WAY]
        values[6] = self.odometer_mm
        values[7] = drive[slots.DRV_YAW] // 120158
        values[8] = senses.tilt[slots.TLT_SINE_Q14]
        values[9] = senses.battery[slots.PWR_BUS_MV]
        values[10] = senses.battery[slots.PWR_CURRENT_MA]
        verdicts = 0
        for wheel in range(WHEELS):
            values[11 + wheel] = senses.wheels[slots.WHL_CURRENT_MA + wheel]
            verdicts |= drive[slots.DRV_VERDICT + wheel] << (2 * wheel)
        values[15] = verdicts
        values[16] = self.scoop[slots.SCP_PHASE]
        values[17] = self.scoop[slots.SCP_STATION]
        values[18] = senses.arm_mrad
        values[19] = self.images.count
        values[20] = self.camera.rejected & 0xFFFF
        values[21] = self.bus.accepted & 0xFFFF
        values[22] = self.bus.rejected & 0xFFFF
        values[23] = self.rate_group.overruns & 0xFFFF
        values[24] = self.time.common_ms()
        self.bus.send(self._status)
