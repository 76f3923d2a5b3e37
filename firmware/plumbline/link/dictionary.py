"""The one dictionary: every packet and every event that crosses a link, declared once, as data.

A packet's fields are (name, type) in the order of their bytes and of `values`; units are
in the names. Host codecs and documents are made from these tables.
"""

from micropython import const
from plumbline.link.packet import ANY_BOARD, COMMAND, I16, I32, TELEMETRY, U8, U16, PacketType

NAVIGATION = const(1)  # board ids, 3 bits; 7 stays free, CCSDS idle packets use it
PROPULSION = const(2)
POWER = const(3)
STRUCTURE = const(4)
ROVER = const(5)
SPACECRAFT = const(6)
BOARDS = (
    (NAVIGATION, "navigation"),
    (PROPULSION, "propulsion"),
    (POWER, "power"),
    (STRUCTURE, "structure"),
    (ROVER, "rover"),
    (SPACECRAFT, "spacecraft"),
)

# navigation -> propulsion, 100 Hz. Duties of the assist thrusters 0 to 2^14, of the RCS
# torques and the assist differences -2^14 to 2^14.
DEMAND = PacketType(
    "demand",
    0x01,
    COMMAND,
    PROPULSION,
    (
        ("tick", U16),
        ("flags", U8),  # DEMAND_ARMED, _MAIN_ENGINE, _NEAR_GROUND, _BLURRED
        ("throttle_q14", I16),
        ("torque_x_q14", I16),
        ("torque_y_q14", I16),
        ("torque_z_q14", I16),
        ("trim_y_q14", I16),
        ("trim_z_q14", I16),
        ("force_x_mm_s2", I16),  # what navigation measures, for the health of the valves
        ("rate_x_q", I16),  # 32 urad/s
        ("rate_y_q", I16),
        ("rate_z_q", I16),
        ("mass_kg", I16),
    ),
)
DEMAND_ARMED = const(1)
DEMAND_MAIN_ENGINE = const(2)
DEMAND_NEAR_GROUND = const(4)
DEMAND_BLURRED = const(8)

# propulsion -> navigation, 10 Hz.
PROPULSION_STATUS = PacketType(
    "propulsion_status",
    0x02,
    TELEMETRY,
    PROPULSION,
    (
        ("demands", U16),  # accepted so far
        ("rejected", U16),
        ("valves", U16),  # bit mask of the valves commanded open
        ("flags", U8),  # PROPULSION_ARMED, PROPULSION_DEMAND_STALE
        ("overruns", U16),
        ("tick", U16),
    ),
)
PROPULSION_ARMED = const(1)
PROPULSION_DEMAND_STALE = const(2)

# spacecraft -> navigation, before the burn, from orbit determination and the star tracker.
INITIAL_STATE = PacketType(
    "initial_state",
    0x03,
    COMMAND,
    NAVIGATION,
    (
        ("altitude_mm", I32),
        ("downrange_mm", I32),
        ("crossrange_mm", I32),
        ("velocity_up_q8", I32),  # mm/s * 2^8
        ("velocity_downrange_q8", I32),
        ("velocity_crossrange_q8", I32),
        ("q0", I32),  # body to local, scalar first, * 2^29
        ("q1", I32),
        ("q2", I32),
        ("q3", I32),
        ("mass_g", I32),
    ),
)

# navigation -> spacecraft, 10 Hz.
NAVIGATION_STATE = PacketType(
    "navigation_state",
    0x04,
    TELEMETRY,
    NAVIGATION,
    (
        ("tick", U16),
        ("phase", U8),
        ("altitude_mm", I32),
        ("agl_mm", I32),
        ("downrange_mm", I32),
        ("crossrange_mm", I32),
        ("velocity_up_mm_s", I32),
        ("velocity_downrange_mm_s", I32),
        ("velocity_crossrange_mm_s", I32),
        ("agl_valid", U8),
        ("verdict_0", U8),  # one for each altimeter
        ("verdict_1", U8),
        ("verdict_2", U8),
        ("verdict_3", U8),
        ("throttle_q14", I16),
        ("protection_mm", I32),  # agl is wrong by less, or a flag is up
        ("agl_flags", U8),  # bit 0 no range, 1 disputed, 2 above the alert limit, 3 range overdue, 4 coasting
        ("overruns", U16),
        ("imu_used", U8),  # bit 0 the first inertial unit, 1 the second, 2 they differ and nobody knows why
        ("mode", U8),  # of services/modes.py
    ),
)

# any board -> spacecraft, when it happens.
EVENT = PacketType(
    "event",
    0x05,
    TELEMETRY,
    ANY_BOARD,
    (
        ("id", U16),
        ("severity", U8),
        ("tick", U16),
        ("argument", I32),
        ("value", I32),  # what was measured, where the event is about a limit
        ("time_ms", I32),  # navigation's time, as far as the board knows it
    ),
)

# spacecraft -> navigation, on the ground or before the first initial state.
SET_PARAMETER = PacketType(
    "set_parameter",
    0x06,
    COMMAND,
    NAVIGATION,
    (
        ("number", U8),  # its place in the fields of subsystems/parameters.py
        ("keep", U8),  # 1: store all parameters as they are then
        ("value", I32),
    ),
)

# spacecraft -> navigation: a mode of services/modes.py, safe, cruise or surface.
NAVIGATION_MODE = PacketType("navigation_mode", 0x0B, COMMAND, NAVIGATION, (("mode", U8),))

# navigation -> all boards, 1 Hz, on every line.
TIME = PacketType("time", 0x07, TELEMETRY, NAVIGATION, (("time_ms", I32),))

# propulsion -> spacecraft, 2 Hz.
VALVE_STATUS = PacketType(
    "valve_status",
    0x08,
    TELEMETRY,
    PROPULSION,
    (
        ("tick", U16),
        ("out", U16),  # bit mask of the valves out of service
        ("isolated", U8),  # bit mask of the branches
        ("weak", U16),  # bit mask, as HEA_WEAK
        ("torque_x_q10", I16),  # that nobody commanded, as HEA_TORQUE_Q10
        ("torque_y_q10", I16),
        ("torque_z_q10", I16),
    ),
)

# propulsion -> spacecraft, 1 Hz.
FEED_STATUS = PacketType(
    "feed_status",
    0x09,
    TELEMETRY,
    PROPULSION,
    (
        ("tick", U16),
        ("flags", U8),  # valid transducers of fuel, oxidiser and pressurant, analogue inputs, drivers' supply
        ("fuel_kpa", I16),
        ("oxidiser_kpa", I16),
        ("pressurant_kpa", I32),
        ("arm_mv", U16),
        ("coils_dead", U16),  # bit mask of valves
        ("coils_driven", U8),  # bit mask of branches
        ("flow", U8),  # as DRA_VERDICT
        ("unexplained_kpa", I16),
        ("expected_kpa", I16),
        ("branch_1_ma", U16),
        ("branch_2_ma", U16),
        ("branch_3_ma", U16),
        ("branch_4_ma", U16),
        ("branch_5_ma", U16),
        ("branch_6_ma", U16),
        ("branch_7_ma", U16),
        ("branch_8_ma", U16),
    ),
)
# spacecraft -> propulsion: a row of its limits.json.
PROPULSION_PARAMETER = PacketType(
    "propulsion_parameter", 0x0A, COMMAND, PROPULSION, (("number", U8), ("keep", U8), ("value", I32))
)

# spacecraft -> power: a switched load, and the supply of propulsion's valves.
LOAD_SWITCH = PacketType(
    "load_switch",
    0x20,
    COMMAND,
    POWER,
    (
        ("load", U8),
        ("on", U8),
        ("seconds", U16),  # after which it goes off by itself; no matter where it is switched off
    ),
)
ARM_SUPPLY = PacketType("arm_supply", 0x21, COMMAND, POWER, (("on", U8), ("seconds", U16)))
POWER_PARAMETER = PacketType(
    "power_parameter", 0x23, COMMAND, POWER, (("number", U8), ("keep", U8), ("value", I32))
)

# power -> spacecraft, 5 Hz. Positive currents go into the battery, out of the solar array, into the rails.
POWER_STATUS = PacketType(
    "power_status",
    0x22,
    TELEMETRY,
    POWER,
    (
        ("tick", U16),
        ("level", U8),
        ("flags", U8),  # POWER_ARM_ON, ...
        ("arm_state", U8),
        ("arm_drops", U16),
        ("loads", U8),  # bit mask of the loads that are on
        ("battery_mv", U16),
        ("battery_ma", I32),
        ("solar_mv", U16),
        ("solar_ma", I32),
        ("bus_mv", U16),
        ("bus_ma", I32),
        ("arm_mv", U16),
        ("arm_ma", I32),
        ("charge_as", I32),  # A s
        ("rejected", U16),
        ("overruns", U16),
        ("time_ms", I32),
    ),
)
POWER_ARM_ON = const(1)
POWER_HEARTBEAT = const(2)
POWER_BATTERY_KNOWN = const(4)  # a monitor answers: battery, solar array, bus, arm supply
POWER_SOLAR_KNOWN = const(8)
POWER_BUS_KNOWN = const(16)
POWER_ARM_KNOWN = const(32)

# spacecraft -> rover. A field out of range is refused by an event; the last field of a motion is its speed.
ROVER_DEPLOY = PacketType("rover_deploy", 0x40, COMMAND, ROVER, (("way_mm", U16),))
ROVER_DRIVE = PacketType("rover_drive", 0x41, COMMAND, ROVER, (("distance_mm", I16), ("speed_mm_s", U8)))
ROVER_TURN = PacketType("rover_turn", 0x42, COMMAND, ROVER, (("angle_mrad", I16), ("speed_mm_s", U8)))
ROVER_SCOOP = PacketType("rover_scoop", 0x43, COMMAND, ROVER, (("deepest_mrad", U16),))
ROVER_STOP = PacketType("rover_stop", 0x44, COMMAND, ROVER, (("spare", U8),))
ROVER_RECOVER = PacketType("rover_recover", 0x45, COMMAND, ROVER, (("spare", U8),))
ROVER_LIST = PacketType("rover_list", 0x46, COMMAND, ROVER, (("spare", U8),))
ROVER_SEND = PacketType("rover_send", 0x47, COMMAND, ROVER, (("image", U16), ("first", U8), ("count", U8)))
ROVER_PARAMETER = PacketType(
    "rover_parameter", 0x4B, COMMAND, ROVER, (("number", U8), ("keep", U8), ("value", I32))
)

# rover -> spacecraft, 2 Hz.
ROVER_STATUS = PacketType(
    "rover_status",
    0x48,
    TELEMETRY,
    ROVER,
    (
        ("tick", U16),
        ("mode", U8),
        ("conditions", U16),
        ("motion", U8),
        ("motion_end", U8),
        ("way", U16),  # mm or mrad
        ("odometer_mm", I32),
        ("yaw_mrad", I16),  # since the motion began
        ("tilt_q14", U16),
        ("battery_mv", U16),
        ("battery_ma", I16),
        ("wheel_1_ma", U16),  # front left, front right, rear left, rear right
        ("wheel_2_ma", U16),
        ("wheel_3_ma", U16),
        ("wheel_4_ma", U16),
        ("wheel_verdicts", U8),  # two bits a wheel
        ("scoop_phase", U8),
        ("scoop_station", U8),
        ("scoop_mrad", I16),
        ("images", U8),
        ("camera_failures", U16),
        ("accepted", U16),
        ("rejected", U16),
        ("overruns", U16),
        ("time_ms", I32),
    ),
)
# rover -> spacecraft: what there is of an image, when it is stored, listed or sent to its end.
ROVER_IMAGE = PacketType(
    "rover_image",
    0x49,
    TELEMETRY,
    ROVER,
    (
        ("image", U16),
        ("tick", U16),  # of the trigger
        ("station", U8),
        ("scoop_mrad", I16),  # at the trigger
        ("size", U16),  # bytes
        ("crc_high", U16),  # zlib's CRC-32 of them
        ("crc_low", U16),
    ),
)
ROVER_IMAGE_WORDS = const(64)
# rover -> spacecraft: 128 bytes of an image, each word with its first byte high.
ROVER_IMAGE_DATA = PacketType(
    "rover_image_data",
    0x4A,
    TELEMETRY,
    ROVER,
    (("image", U16), ("packet", U8)) + tuple(("word_%02d" % i, U16) for i in range(64)),
)

# structure -> spacecraft, 2 Hz.
STRUCTURE_STATUS = PacketType(
    "structure_status",
    0x30,
    TELEMETRY,
    STRUCTURE,
    (
        ("tick", U16),
        ("mode", U8),  # MODE_SAFE to MODE_SURFACE
        ("fuel_mc", I32),
        ("oxidiser_mc", I32),
        ("structure_mc", I32),
        ("thermistors_failed", U8),  # bit masks of heaters: fuel, oxidiser, structure
        ("heaters_on", U8),
        ("heaters_resting", U8),
        ("heaters_disabled", U8),
        ("legs_closed", U8),  # bit masks of legs
        ("legs_stuck", U8),
        ("contact", U8),  # 0 no, 1 yes, 2 too few good switches to tell
        ("arming", U8),  # 0 safe, 1 armed, 2 firing
        ("actuator", U8),  # armed last
        ("fired", U8),  # bit mask of actuators fired since the start
        ("accepted", U16),  # packets from the bus
        ("rejected", U16),
        ("overruns", U16),
        ("time_ms", I32),
    ),
)
# structure -> spacecraft: the acknowledgement of STRUCTURE_ARM.
STRUCTURE_ARMED = PacketType(
    "structure_armed",
    0x31,
    TELEMETRY,
    STRUCTURE,
    (("actuator", U8), ("nonce", U16), ("good_for_ms", U16), ("tick", U16)),
)
# spacecraft -> structure. Fields out of range are refused by an event.
STRUCTURE_MODE = PacketType("structure_mode", 0x38, COMMAND, STRUCTURE, (("mode", U8),))
STRUCTURE_HEATING = PacketType(
    "structure_heating",
    0x39,
    COMMAND,
    STRUCTURE,
    (("heater", U8), ("enabled", U8), ("on_mc", I32), ("off_mc", I32)),
)
STRUCTURE_ARM = PacketType("structure_arm", 0x3A, COMMAND, STRUCTURE, (("actuator", U8),))
STRUCTURE_FIRE = PacketType("structure_fire", 0x3B, COMMAND, STRUCTURE, (("actuator", U8), ("nonce", U16)))
STRUCTURE_DISARM = PacketType("structure_disarm", 0x3C, COMMAND, STRUCTURE, (("spare", U8),))
STRUCTURE_PARAMETER = PacketType(
    "structure_parameter", 0x3D, COMMAND, STRUCTURE, (("number", U8), ("keep", U8), ("value", I32))
)
MODE_SAFE = const(0)  # modes of the structure board
MODE_CRUISE = const(1)
MODE_DESCENT = const(2)
MODE_SURFACE = const(3)
# Argument of STRUCTURE_REFUSED; the first eight are what kernels/arming.py returns.
REFUSED_ACTUATOR = const(1)
REFUSED_MODE_WRONG = const(2)
REFUSED_NO_CONTACT = const(3)
REFUSED_BUSY = const(4)
REFUSED_NOT_ARMED = const(5)
REFUSED_EXPIRED = const(6)
REFUSED_OTHER_ACTUATOR = const(7)
REFUSED_NONCE = const(8)
REFUSED_MODE_UNKNOWN = const(9)
REFUSED_HEATER = const(10)
REFUSED_ENABLED = const(11)
REFUSED_TEMPERATURES = const(12)
# Argument of ACTUATOR_DISARMED
DISARMED_BY_COMMAND = const(1)
DISARMED_EXPIRED = const(2)
DISARMED_BY_MODE = const(3)

PACKETS = (
    DEMAND,
    PROPULSION_STATUS,
    INITIAL_STATE,
    NAVIGATION_STATE,
    EVENT,
    SET_PARAMETER,
    NAVIGATION_MODE,
    TIME,
    VALVE_STATUS,
    FEED_STATUS,
    PROPULSION_PARAMETER,
    LOAD_SWITCH,
    ARM_SUPPLY,
    POWER_PARAMETER,
    POWER_STATUS,
    STRUCTURE_STATUS,
    STRUCTURE_ARMED,
    STRUCTURE_MODE,
    STRUCTURE_HEATING,
    STRUCTURE_ARM,
    STRUCTURE_FIRE,
    STRUCTURE_DISARM,
    STRUCTURE_PARAMETER,
    ROVER_DEPLOY,
    ROVER_DRIVE,
    ROVER_TURN,
    ROVER_SCOOP,
    ROVER_STOP,
    ROVER_RECOVER,
    ROVER_LIST,
    ROVER_SEND,
    ROVER_PARAMETER,
    ROVER_STATUS,
    ROVER_IMAGE,
    ROVER_IMAGE_DATA,
)

DIAGNOSTIC = const(0)  # severities, least to worst
ACTIVITY = const(1)
WARNING = const(2)
FAULT = const(3)
SEVERITIES = ((DIAGNOSTIC, "diagnostic"), (ACTIVITY, "activity"), (WARNING, "warning"), (FAULT, "fault"))

BOOT = const(1)
INITIALISED = const(2)
IGNITION = const(3)
PHASE_CHANGED = const(4)  # argument: the new phase
ALTIMETER_ACQUIRED = const(5)  # argument: index of the altimeter
ALTIMETER_REJECTED = const(6)  # argument: index of the altimeter
ALTIMETER_READMITTED = const(7)  # argument: index of the altimeter
TERRAIN_STEP = const(8)  # argument: metres, positive where the ground rises
TOUCHDOWN = const(9)
ENGINE_CUTOFF = const(10)
DEMAND_STALE = const(11)
TICK_OVERRUN = const(12)
IMU_SILENT = const(13)
INITIAL_STATE_REFUSED = const(14)  # argument: index of the field out of range, -1: too late, -2: mode safe
TICK_STARVED = const(15)  # argument: ticks so far that wanted memory and were ended there
RANGE_OVERDUE = const(16)  # argument: index of the altimeter
AGL_ALERT = const(17)  # argument: protection level in metres, above the limit for this height
AGL_GOOD = const(18)  # argument: protection level in metres, below the limit again
AGL_IMPOSSIBLE = const(19)  # argument: heights dropped so far because they cannot be
AGL_CORRECTED = const(20)  # argument: times so far that agl was wrong and an altimeter that stood still right
ABORT = const(21)  # back to orbit: no range, and no propellant to feel for the ground
# The argument of the next three names the command: type bit and APID * 2^14 + sequence count.
COMMAND_UNKNOWN = const(22)
COMMAND_ELSEWHERE = const(23)  # it is for another board
COMMAND_MALFORMED = const(24)  # known, but of another length
COMMANDS_UNTOLD = const(25)  # argument: commands refused so far for which there was no event of their own
RESTARTED = const(26)  # argument: a cause of services/reset_log.py: 1 watchdog, 2 asked, 3 program ended
TASK_MISSED = const(27)  # said after the reset; argument: number of the task, -1: nobody knows
SAFE_MODE = const(28)  # argument: resets within a minute
PARAMETERS_FELL_BACK = const(29)
PARAMETERS_LOST = const(30)
RECORDER_FULL = const(31)  # argument: records dropped so far
MODE_CHANGED = const(32)  # argument: the new mode of services/modes.py
RESUMED = const(33)  # argument: age of the checkpoint in ms
PARAMETER_SET = const(34)  # argument of these four: its number
PARAMETER_UNKNOWN = const(35)
PARAMETER_OUT_OF_RANGE = const(36)
PARAMETER_NOT_NOW = const(37)
PARAMETERS_STORED = const(38)
PARAMETERS_NOT_STORED = const(39)
POWER_LEVEL = const(40)  # argument: the new level
LOAD_ON = const(41)  # argument of these: the load
LOAD_OFF = const(42)  # by a command, or its time is over
LOAD_SHED = const(43)
POWER_FIELD_REFUSED = const(44)  # argument: APID function * 256 + index of the field out of range
POWER_TOO_LOW = const(45)  # argument: the load that was refused, -1 for the arm supply
ARM_ON = const(46)
ARM_OFF = const(47)  # argument: its new state
ARM_STUCK = const(48)  # argument: mV that it has though it is off
MONITOR_LOST = const(49)  # argument: 0 battery, 1 solar array, 2 bus, 3 arm supply
ROVER_MODE = const(60)  # argument: the new mode of kernels/rover_mode.py
ROVER_TAKEN = const(61)  # argument: function of the command's APID
ROVER_REFUSED = const(62)  # argument: function of the command's APID * 256 + ROVER_NOT_ and why
ROVER_DONE = const(63)  # argument: mm or mrad of a motion, images of a scoop
ROVER_BROKEN_OFF = const(64)  # argument: how, as kernels/slots.py has it of DRV_END
ROVER_WHEEL = const(65)  # argument: index of the wheel, + 16 where its encoder is silent
ROVER_FREE = const(66)  # argument: mean current of the wheels in mA
ROVER_SAFE = const(67)  # argument: the conditions of kernels/rover_mode.py
ROVER_IMAGE_STORED = const(68)  # argument: number of the image
ROVER_IMAGE_LOST = const(69)  # argument: 0 the camera failed, 1 no room, 2 it took too long
# why a command to the rover is refused; below 100: the index of a field that is out of range
ROVER_NOT_IN_MODE = const(100)
ROVER_NOT_WHILE_BUSY = const(101)
ROVER_NOT_IN_DANGER = const(102)  # tilted, battery low, deaf or numb
ROVER_NOT_THERE = const(103)  # no such image, or no such part of it
LEG_CONTACT = const(50)  # argument: bit mask of the legs
LEG_CONTACT_LOST = const(51)  # argument: bit mask of the legs that are left
LEG_SWITCH_STUCK = const(52)  # argument: bit mask of all that are stuck
HEATER_LIMITED = const(53)  # argument: index of the heater, + 16 where it was the longest time on
THERMISTOR_FAILED = const(54)  # argument: index of the heater
THERMISTOR_GOOD = const(55)  # argument: index of the heater
ACTUATOR_ARMED = const(56)  # argument: index of the actuator
ACTUATOR_DISARMED = const(57)  # argument: DISARMED_ and why
ACTUATOR_FIRED = const(58)  # argument: index of the actuator
STRUCTURE_REFUSED = const(59)  # argument: REFUSED_ and why
VALVES_OUT = const(70)  # argument: bit mask of the valves out of service
THRUST_WEAK = const(71)  # argument: bit mask of assist pairs and groups of jets, as HEA_WEAK
BRANCHES_ISOLATED = const(72)  # argument: bit mask of the branches
COILS_DEAD = const(73)  # argument: bit mask of valves that draw no current when they are commanded
COILS_DRIVEN = const(74)  # argument: bit mask of branches that draw more than is commanded
TRANSDUCERS_BROKEN = const(75)  # argument: bit mask: fuel, oxidiser, pressurant
ANALOG_LOST = const(76)  # argument: 1 lost, 0 again there
FLOW_EXCESS = const(77)  # argument: kPa that have gone unexplained within a window, 0 it is over
FLOW_MISSING = const(78)  # argument: kPa that have not gone though commanded, 0 it is over
IMU_SWITCHED = const(80)  # argument: what is flown by: 0 none, 1 the first, 2 the second, 3 the mean of both
IMU_PUT_OUT = const(81)  # argument: index of the unit
IMU_READMITTED = const(82)  # argument: index of the unit
IMU_DISPUTED = const(83)  # argument: as IMU_SWITCHED
IMU_OVERLOADED = const(84)  # argument: index of the unit
TIME_TAKEN = const(85)  # argument: what was added to the board's own time, ms; first, and when it jumps
RESUME_GAP = const(86)  # argument: ms from the last fed watchdog to the resumption
RESUME_REFUSED = const(87)  # argument: a reason of subsystems/resumption.py
MODE_REFUSED = const(88)  # argument: the mode that was asked for * 16 + the mode
LIMIT_YELLOW = const(90)  # argument of these three: row of the board's limits.json; value: what was measured
LIMIT_RED = const(91)
LIMIT_CLEARED = const(92)
LIMIT_RESPONSE = const(93)  # argument of these two: LIMIT_ and what the board does while a row is red
LIMIT_RESPONSE_OVER = const(94)
LIMIT_NOTHING = const(0)
LIMIT_SAFE = const(1)
LIMIT_SHED = const(2)
LIMIT_FUEL_HEATER = const(3)
LIMIT_OXIDISER_HEATER = const(4)
LIMIT_STRUCTURE_HEATER = const(5)
EVENTS = (
    (BOOT, "boot", ACTIVITY),
    (INITIALISED, "initialised", ACTIVITY),
    (IGNITION, "ignition", ACTIVITY),
    (PHASE_CHANGED, "phase_changed", ACTIVITY),
    (ALTIMETER_ACQUIRED, "altimeter_acquired", ACTIVITY),
    (ALTIMETER_REJECTED, "altimeter_rejected", WARNING),
    (ALTIMETER_READMITTED, "altimeter_readmitted", ACTIVITY),
    (TERRAIN_STEP, "terrain_step", ACTIVITY),
    (TOUCHDOWN, "touchdown", ACTIVITY),
    (ENGINE_CUTOFF, "engine_cutoff", ACTIVITY),
    (DEMAND_STALE, "demand_stale", FAULT),
    (TICK_OVERRUN, "tick_overrun", WARNING),
    (IMU_SILENT, "imu_silent", FAULT),
    (INITIAL_STATE_REFUSED, "initial_state_refused", WARNING),
    (TICK_STARVED, "tick_starved", FAULT),
    (RANGE_OVERDUE, "range_overdue", WARNING),
    (AGL_ALERT, "agl_alert", WARNING),
    (AGL_GOOD, "agl_good", ACTIVITY),
    (AGL_IMPOSSIBLE, "agl_impossible", FAULT),
    (AGL_CORRECTED, "agl_corrected", WARNING),
    (ABORT, "abort", FAULT),
    (COMMAND_UNKNOWN, "command_unknown", WARNING),
    (COMMAND_ELSEWHERE, "command_elsewhere", WARNING),
    (COMMAND_MALFORMED, "command_malformed", WARNING),
    (COMMANDS_UNTOLD, "commands_untold", WARNING),
    (RESTARTED, "restarted", WARNING),
    (TASK_MISSED, "task_missed", FAULT),
    (SAFE_MODE, "safe_mode", FAULT),
    (PARAMETERS_FELL_BACK, "parameters_fell_back", WARNING),
    (PARAMETERS_LOST, "parameters_lost", FAULT),
    (RECORDER_FULL, "recorder_full", WARNING),
    (MODE_CHANGED, "mode_changed", ACTIVITY),
    (RESUMED, "resumed", WARNING),
    (PARAMETER_SET, "parameter_set", ACTIVITY),
    (PARAMETER_UNKNOWN, "parameter_unknown", WARNING),
    (PARAMETER_OUT_OF_RANGE, "parameter_out_of_range", WARNING),
    (PARAMETER_NOT_NOW, "parameter_not_now", WARNING),
    (PARAMETERS_STORED, "parameters_stored", ACTIVITY),
    (PARAMETERS_NOT_STORED, "parameters_not_stored", FAULT),
    (POWER_LEVEL, "power_level", WARNING),
    (LOAD_ON, "load_on", ACTIVITY),
    (LOAD_OFF, "load_off", ACTIVITY),
    (LOAD_SHED, "load_shed", WARNING),
    (POWER_FIELD_REFUSED, "power_field_refused", WARNING),
    (POWER_TOO_LOW, "power_too_low", WARNING),
    (ARM_ON, "arm_on", ACTIVITY),
    (ARM_OFF, "arm_off", WARNING),
    (ARM_STUCK, "arm_stuck", FAULT),
    (MONITOR_LOST, "monitor_lost", WARNING),
    (LEG_CONTACT, "leg_contact", ACTIVITY),
    (LEG_CONTACT_LOST, "leg_contact_lost", WARNING),
    (LEG_SWITCH_STUCK, "leg_switch_stuck", WARNING),
    (HEATER_LIMITED, "heater_limited", WARNING),
    (THERMISTOR_FAILED, "thermistor_failed", WARNING),
    (THERMISTOR_GOOD, "thermistor_good", ACTIVITY),
    (ACTUATOR_ARMED, "actuator_armed", ACTIVITY),
    (ACTUATOR_DISARMED, "actuator_disarmed", ACTIVITY),
    (ACTUATOR_FIRED, "actuator_fired", ACTIVITY),
    (STRUCTURE_REFUSED, "structure_refused", WARNING),
    (ROVER_MODE, "rover_mode", ACTIVITY),
    (ROVER_TAKEN, "rover_taken", ACTIVITY),
    (ROVER_REFUSED, "rover_refused", WARNING),
    (ROVER_DONE, "rover_done", ACTIVITY),
    (ROVER_BROKEN_OFF, "rover_broken_off", WARNING),
    (ROVER_WHEEL, "rover_wheel", WARNING),
    (ROVER_FREE, "rover_free", ACTIVITY),
    (ROVER_SAFE, "rover_safe", FAULT),
    (ROVER_IMAGE_STORED, "rover_image_stored", ACTIVITY),
    (ROVER_IMAGE_LOST, "rover_image_lost", WARNING),
    (VALVES_OUT, "valves_out", WARNING),
    (THRUST_WEAK, "thrust_weak", WARNING),
    (BRANCHES_ISOLATED, "branches_isolated", ACTIVITY),
    (COILS_DEAD, "coils_dead", WARNING),
    (COILS_DRIVEN, "coils_driven", WARNING),
    (TRANSDUCERS_BROKEN, "transducers_broken", WARNING),
    (ANALOG_LOST, "analog_lost", WARNING),
    (FLOW_EXCESS, "flow_excess", WARNING),
    (FLOW_MISSING, "flow_missing", WARNING),
    (IMU_SWITCHED, "imu_switched", ACTIVITY),
    (IMU_PUT_OUT, "imu_put_out", WARNING),
    (IMU_READMITTED, "imu_readmitted", ACTIVITY),
    (IMU_DISPUTED, "imu_disputed", WARNING),
    (IMU_OVERLOADED, "imu_overloaded", WARNING),
    (TIME_TAKEN, "time_taken", ACTIVITY),
    (RESUME_GAP, "resume_gap", WARNING),
    (RESUME_REFUSED, "resume_refused", FAULT),
    (MODE_REFUSED, "mode_refused", WARNING),
    (LIMIT_YELLOW, "limit_yellow", WARNING),
    (LIMIT_RED, "limit_red", FAULT),
    (LIMIT_CLEARED, "limit_cleared", ACTIVITY),
    (LIMIT_RESPONSE, "limit_response", WARNING),
    (LIMIT_RESPONSE_OVER, "limit_response_over", ACTIVITY),
)
EVENT_SEVERITY = {event: severity for event, _, severity in EVENTS}
