"""Every packet and event of the dictionary. Made by `make dictionary`; whoever edits this loses it."""

# fmt: off
# ruff: noqa: E501
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import ClassVar

from host_tools.ground import codec
from host_tools.ground.codec import EventInfo, FieldInfo, Packet, Received

BOARDS = {1: 'navigation', 2: 'propulsion', 3: 'power', 4: 'structure', 5: 'rover', 6: 'spacecraft'}
SEVERITIES = ('diagnostic', 'activity', 'warning', 'fault')


class Phase(IntEnum):
    """Values of phase."""

    WAITING = 0
    COAST = 1
    BRAKING = 2
    APPROACH = 3
    TERMINAL = 4
    CONTACT = 5
    LANDED = 6
    ABORT = 7
    ORBIT = 8


class Mode(IntEnum):
    """Values of mode."""

    BOOT = 0
    SAFE = 1
    CRUISE = 2
    COAST = 3
    BRAKING = 4
    APPROACH = 5
    TERMINAL = 6
    CONTACT = 7
    LANDED = 8
    SURFACE = 9
    ABORT = 10
    ORBIT = 11


class Reset(IntEnum):
    """Values of reset."""

    POWER = 0
    WATCHDOG = 1
    ASKED = 2
    PROGRAM_ENDED = 3


class NoResumption(IntEnum):
    """Values of no resumption."""

    NOTHING = 0
    SPOILED = 1
    TOO_OLD = 2
    TOO_MANY_RESETS = 3


class Verdict(IntEnum):
    """Values of verdict."""

    NONE = 0
    ACCEPTED = 1
    ON_TRIAL = 2
    TERRAIN = 3
    PUT_OUT = 4
    OVERDUE = 5


class Flow(IntEnum):
    """Values of flow."""

    AS_COMMANDED = 0
    EXCESS = 1
    MISSING = 2


class PowerLevel(IntEnum):
    """Values of power level."""

    NORMAL = 0
    LOW = 1
    CRITICAL = 2


class ArmState(IntEnum):
    """Values of arm state."""

    NOT_ASKED = 0
    ON = 1
    TIME_OVER = 2
    BATTERY = 3
    HEARTBEAT_SLOW = 4
    HEARTBEAT_FAST = 5


class Load(IntEnum):
    """Values of load."""

    SENSORS = 0
    HEATERS = 1
    TRANSMITTER = 2
    ROVER = 3
    CAMERA = 4
    PAYLOAD = 5


class Monitor(IntEnum):
    """Values of monitor."""

    BATTERY = 0
    SOLAR = 1
    BUS = 2
    ARM = 3


class RoverMode(IntEnum):
    """Values of rover mode."""

    STOWED = 0
    SETTLING = 1
    LEAVING = 2
    READY = 3
    DRIVING = 4
    SCOOPING = 5
    SAFE = 6


class Motion(IntEnum):
    """Values of motion."""

    NONE = 0
    STRAIGHT = 1
    TURN = 2


class MotionEnd(IntEnum):
    """Values of motion end."""

    UNDER_WAY = 0
    REACHED = 1
    STOPPED = 2
    STALLED = 3
    ENCODERS_SILENT = 4
    TOO_LONG = 5
    JAMMED = 6
    SAFE_MODE = 7


class ScoopPhase(IntEnum):
    """Values of scoop phase."""

    REST = 0
    SCOOPING = 1
    DRAWING_BACK = 2


class ImageLost(IntEnum):
    """Values of image lost."""

    CAMERA = 0
    NO_ROOM = 1
    TOO_LONG = 2


class BodyMode(IntEnum):
    """Values of body mode."""

    SAFE = 0
    CRUISE = 1
    DESCENT = 2
    SURFACE = 3


class Contact(IntEnum):
    """Values of contact."""

    NO = 0
    YES = 1
    BLIND = 2


class Arming(IntEnum):
    """Values of arming."""

    SAFE = 0
    ARMED = 1
    FIRING = 2


class StructureRefusal(IntEnum):
    """Values of structure refusal."""

    NONE = 0
    ACTUATOR_OUT_OF_RANGE = 1
    WRONG_MODE = 2
    NO_CONTACT = 3
    BUSY = 4
    NOT_ARMED = 5
    EXPIRED = 6
    OTHER_ACTUATOR = 7
    WRONG_NONCE = 8
    MODE_OUT_OF_RANGE = 9
    HEATER_OUT_OF_RANGE = 10
    ENABLED_OUT_OF_RANGE = 11
    TEMPERATURES_OUT_OF_RANGE = 12


class Disarmed(IntEnum):
    """Values of disarmed."""

    NONE = 0
    BY_COMMAND = 1
    EXPIRED = 2
    BY_MODE = 3


class Actuator(IntEnum):
    """Values of actuator."""

    LEGS = 0
    PRESSURANT = 1
    RAMP = 2
    ROVER = 3


class Heater(IntEnum):
    """Values of heater."""

    FUEL = 0
    OXIDISER = 1
    STRUCTURE = 2


class LimitResponse(IntEnum):
    """Values of limit response."""

    NOTHING = 0
    SAFE = 1
    SHED = 2
    FUEL_HEATER_OFF = 3
    OXIDISER_HEATER_OFF = 4
    STRUCTURE_HEATER_OFF = 5


class EventId(IntEnum):
    """Values of event id."""

    BOOT = 1
    INITIALISED = 2
    IGNITION = 3
    PHASE_CHANGED = 4
    ALTIMETER_ACQUIRED = 5
    ALTIMETER_REJECTED = 6
    ALTIMETER_READMITTED = 7
    TERRAIN_STEP = 8
    TOUCHDOWN = 9
    ENGINE_CUTOFF = 10
    DEMAND_STALE = 11
    TICK_OVERRUN = 12
    IMU_SILENT = 13
    INITIAL_STATE_REFUSED = 14
    TICK_STARVED = 15
    RANGE_OVERDUE = 16
    AGL_ALERT = 17
    AGL_GOOD = 18
    AGL_IMPOSSIBLE = 19
    AGL_CORRECTED = 20
    ABORT = 21
    COMMAND_UNKNOWN = 22
    COMMAND_ELSEWHERE = 23
    COMMAND_MALFORMED = 24
    COMMANDS_UNTOLD = 25
    RESTARTED = 26
    TASK_MISSED = 27
    SAFE_MODE = 28
    PARAMETERS_FELL_BACK = 29
    PARAMETERS_LOST = 30
    RECORDER_FULL = 31
    MODE_CHANGED = 32
    RESUMED = 33
    PARAMETER_SET = 34
    PARAMETER_UNKNOWN = 35
    PARAMETER_OUT_OF_RANGE = 36
    PARAMETER_NOT_NOW = 37
    PARAMETERS_STORED = 38
    PARAMETERS_NOT_STORED = 39
    POWER_LEVEL = 40
    LOAD_ON = 41
    LOAD_OFF = 42
    LOAD_SHED = 43
    POWER_FIELD_REFUSED = 44
    POWER_TOO_LOW = 45
    ARM_ON = 46
    ARM_OFF = 47
    ARM_STUCK = 48
    MONITOR_LOST = 49
    LEG_CONTACT = 50
    LEG_CONTACT_LOST = 51
    LEG_SWITCH_STUCK = 52
    HEATER_LIMITED = 53
    THERMISTOR_FAILED = 54
    THERMISTOR_GOOD = 55
    ACTUATOR_ARMED = 56
    ACTUATOR_DISARMED = 57
    ACTUATOR_FIRED = 58
    STRUCTURE_REFUSED = 59
    ROVER_MODE = 60
    ROVER_TAKEN = 61
    ROVER_REFUSED = 62
    ROVER_DONE = 63
    ROVER_BROKEN_OFF = 64
    ROVER_WHEEL = 65
    ROVER_FREE = 66
    ROVER_SAFE = 67
    ROVER_IMAGE_STORED = 68
    ROVER_IMAGE_LOST = 69
    VALVES_OUT = 70
    THRUST_WEAK = 71
    BRANCHES_ISOLATED = 72
    COILS_DEAD = 73
    COILS_DRIVEN = 74
    TRANSDUCERS_BROKEN = 75
    ANALOG_LOST = 76
    FLOW_EXCESS = 77
    FLOW_MISSING = 78
    IMU_SWITCHED = 80
    IMU_PUT_OUT = 81
    IMU_READMITTED = 82
    IMU_DISPUTED = 83
    IMU_OVERLOADED = 84
    TIME_TAKEN = 85
    RESUME_GAP = 86
    RESUME_REFUSED = 87
    MODE_REFUSED = 88
    LIMIT_YELLOW = 90
    LIMIT_RED = 91
    LIMIT_CLEARED = 92
    LIMIT_RESPONSE = 93
    LIMIT_RESPONSE_OVER = 94


EVENTS = {
    1: EventInfo("boot", "activity", "The board has started"),
    2: EventInfo("initialised", "activity", "An initial state was taken over"),
    3: EventInfo("ignition", "activity", "The braking burn begins"),
    4: EventInfo("phase_changed", "activity", "Another phase of the descent", FieldInfo("argument", "the new phase", 0, 8, labels={0: "waiting", 1: "coast", 2: "braking", 3: "approach", 4: "terminal", 5: "contact", 6: "landed", 7: "abort", 8: "orbit"})),
    5: EventInfo("altimeter_acquired", "activity", "An altimeter votes for the first time", FieldInfo("argument", "index of the altimeter", -1073741824, 1073741823)),
    6: EventInfo("altimeter_rejected", "warning", "An altimeter was put out of the vote", FieldInfo("argument", "index of the altimeter", -1073741824, 1073741823)),
    7: EventInfo("altimeter_readmitted", "activity", "An altimeter votes again", FieldInfo("argument", "index of the altimeter", -1073741824, 1073741823)),
    8: EventInfo("terrain_step", "activity", "A step of the ground was taken for what it is", FieldInfo("argument", "positive where the ground rises", -1073741824, 1073741823, unit="m")),
    9: EventInfo("touchdown", "activity", "The legs have touched"),
    10: EventInfo("engine_cutoff", "activity", "The legs carry the weight; the engine is off"),
    11: EventInfo("demand_stale", "fault", "100 ms without a demand: the valves are closed"),
    12: EventInfo("tick_overrun", "warning", "Ticks came late", FieldInfo("argument", "late ticks so far", -1073741824, 1073741823)),
    13: EventInfo("imu_silent", "fault", "100 ms without an inertial datagram"),
    14: EventInfo("initial_state_refused", "warning", "An initial state was not taken over", FieldInfo("argument", "index of the field out of range; -1: too late", -1073741824, 1073741823)),
    15: EventInfo("tick_starved", "fault", "A tick wanted memory and was ended there", FieldInfo("argument", "such ticks so far", -1073741824, 1073741823)),
    16: EventInfo("range_overdue", "warning", "An altimeter is in reach of the ground and silent", FieldInfo("argument", "index of the altimeter", -1073741824, 1073741823)),
    17: EventInfo("agl_alert", "warning", "agl may be wrong by more than its height allows", FieldInfo("argument", "protection level", -1073741824, 1073741823, unit="m")),
    18: EventInfo("agl_good", "activity", "agl is good enough for its height again", FieldInfo("argument", "protection level", -1073741824, 1073741823, unit="m")),
    19: EventInfo("agl_impossible", "fault", "A height was dropped because it cannot be", FieldInfo("argument", "such heights so far", -1073741824, 1073741823)),
    20: EventInfo("agl_corrected", "warning", "agl was wrong, and an altimeter that stood still was right", FieldInfo("argument", "such times so far", -1073741824, 1073741823)),
    21: EventInfo("abort", "fault", "Back to orbit: no range, and no propellant to feel for the ground"),
    22: EventInfo("command_unknown", "warning", "Refused: this board has no such command", FieldInfo("argument", "type bit and APID * 2^14 + sequence count", -1073741824, 1073741823)),
    23: EventInfo("command_elsewhere", "warning", "Refused: the command is for another board", FieldInfo("argument", "type bit and APID * 2^14 + sequence count", -1073741824, 1073741823)),
    24: EventInfo("command_malformed", "warning", "Refused: the command has another length", FieldInfo("argument", "type bit and APID * 2^14 + sequence count", -1073741824, 1073741823)),
    25: EventInfo("commands_untold", "warning", "Commands were refused faster than can be told", FieldInfo("argument", "those without an event so far", -1073741824, 1073741823)),
    26: EventInfo("restarted", "warning", "The board was reset, and not by its power", FieldInfo("argument", "what it was", 0, 3, labels={0: "power", 1: "watchdog", 2: "asked", 3: "program_ended"})),
    27: EventInfo("task_missed", "fault", "Who kept the watchdog from being fed; said after the reset", FieldInfo("argument", "number of the task; -1: nobody knows", -1073741824, 1073741823)),
    28: EventInfo("safe_mode", "fault", "Too many resets: the board stays safe", FieldInfo("argument", "resets within a minute", -1073741824, 1073741823)),
    29: EventInfo("parameters_fell_back", "warning", "The newer stored parameters are spoiled: the older ones are flown"),
    30: EventInfo("parameters_lost", "fault", "Stored parameters cannot be used: the default set is flown"),
    31: EventInfo("recorder_full", "warning", "The recorder drops what comes", FieldInfo("argument", "records dropped so far", -1073741824, 1073741823)),
    32: EventInfo("mode_changed", "activity", "Another mode of the supervisor", FieldInfo("argument", "the new mode", 0, 11, labels={0: "boot", 1: "safe", 2: "cruise", 3: "coast", 4: "braking", 5: "approach", 6: "terminal", 7: "contact", 8: "landed", 9: "surface", 10: "abort", 11: "orbit"})),
    33: EventInfo("resumed", "warning", "A descent goes on from its checkpoint", FieldInfo("argument", "age of the checkpoint", -1073741824, 1073741823, unit="ms")),
    34: EventInfo("parameter_set", "activity", "A parameter was set", FieldInfo("argument", "its number", -1073741824, 1073741823)),
    35: EventInfo("parameter_unknown", "warning", "Refused: there is no parameter of that number", FieldInfo("argument", "the number", -1073741824, 1073741823)),
    36: EventInfo("parameter_out_of_range", "warning", "Refused: the value is out of the parameter's range", FieldInfo("argument", "its number", -1073741824, 1073741823)),
    37: EventInfo("parameter_not_now", "warning", "Refused: no parameter is set in this phase", FieldInfo("argument", "its number", -1073741824, 1073741823)),
    38: EventInfo("parameters_stored", "activity", "The parameters stand in flash as they are"),
    39: EventInfo("parameters_not_stored", "fault", "Flash did not take the parameters; those stored before are whole"),
    40: EventInfo("power_level", "warning", "The battery's level has changed", FieldInfo("argument", "the new level", 0, 2, labels={0: "normal", 1: "low", 2: "critical"})),
    41: EventInfo("load_on", "activity", "A load was switched on", FieldInfo("argument", "the load", 0, 5, labels={0: "sensors", 1: "heaters", 2: "transmitter", 3: "rover", 4: "camera", 5: "payload"})),
    42: EventInfo("load_off", "activity", "A load was switched off, or its time was over", FieldInfo("argument", "the load", 0, 5, labels={0: "sensors", 1: "heaters", 2: "transmitter", 3: "rover", 4: "camera", 5: "payload"})),
    43: EventInfo("load_shed", "warning", "A load was dropped for the battery's sake", FieldInfo("argument", "the load", 0, 5, labels={0: "sensors", 1: "heaters", 2: "transmitter", 3: "rover", 4: "camera", 5: "payload"})),
    44: EventInfo("power_field_refused", "warning", "A command to power was refused", FieldInfo("argument", "function of its APID * 256 + index of the field out of range", -1073741824, 1073741823)),
    45: EventInfo("power_too_low", "warning", "Refused: the battery is too low, or unknown", FieldInfo("argument", "the load; -1: the arm supply", -1073741824, 1073741823)),
    46: EventInfo("arm_on", "activity", "The arm supply is on"),
    47: EventInfo("arm_off", "warning", "The arm supply went off", FieldInfo("argument", "why", 0, 5, labels={0: "not_asked", 1: "on", 2: "time_over", 3: "battery", 4: "heartbeat_slow", 5: "heartbeat_fast"})),
    48: EventInfo("arm_stuck", "fault", "The arm supply is off and has voltage all the same", FieldInfo("argument", "its voltage", -1073741824, 1073741823, unit="mV")),
    49: EventInfo("monitor_lost", "warning", "A monitor answers no longer", FieldInfo("argument", "which one", 0, 3, labels={0: "battery", 1: "solar", 2: "bus", 3: "arm"})),
    50: EventInfo("leg_contact", "activity", "Two legs or more have contact", FieldInfo("argument", "bit mask of the legs, leg 1 in bit 0", -1073741824, 1073741823)),
    51: EventInfo("leg_contact_lost", "warning", "The legs have had no contact for 0.5 s", FieldInfo("argument", "bit mask of the legs that still have", -1073741824, 1073741823)),
    52: EventInfo("leg_switch_stuck", "warning", "A contact switch is closed and alone: it does not vote", FieldInfo("argument", "bit mask of all that are stuck", -1073741824, 1073741823)),
    53: EventInfo("heater_limited", "warning", "A heater has met a limit and rests", FieldInfo("argument", "index of the heater; + 16 for its longest time on, else its share of time", -1073741824, 1073741823)),
    54: EventInfo("thermistor_failed", "warning", "A thermistor is not believed; its heater is off", FieldInfo("argument", "which", 0, 2, labels={0: "fuel", 1: "oxidiser", 2: "structure"})),
    55: EventInfo("thermistor_good", "activity", "A thermistor is believed again", FieldInfo("argument", "which", 0, 2, labels={0: "fuel", 1: "oxidiser", 2: "structure"})),
    56: EventInfo("actuator_armed", "activity", "An actuator is armed for 5 s", FieldInfo("argument", "which", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"})),
    57: EventInfo("actuator_disarmed", "activity", "An actuator that was armed or fired is safe again without having finished", FieldInfo("argument", "why", 0, 3, labels={0: "none", 1: "by_command", 2: "expired", 3: "by_mode"})),
    58: EventInfo("actuator_fired", "activity", "An actuator's pulse has begun", FieldInfo("argument", "which", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"})),
    59: EventInfo("structure_refused", "warning", "The structure board refused a command", FieldInfo("argument", "why", 0, 12, labels={0: "none", 1: "actuator_out_of_range", 2: "wrong_mode", 3: "no_contact", 4: "busy", 5: "not_armed", 6: "expired", 7: "other_actuator", 8: "wrong_nonce", 9: "mode_out_of_range", 10: "heater_out_of_range", 11: "enabled_out_of_range", 12: "temperatures_out_of_range"})),
    60: EventInfo("rover_mode", "activity", "Another mode of the rover", FieldInfo("argument", "the new mode", 0, 6, labels={0: "stowed", 1: "settling", 2: "leaving", 3: "ready", 4: "driving", 5: "scooping", 6: "safe"})),
    61: EventInfo("rover_taken", "activity", "The rover does what it was told", FieldInfo("argument", "function of the command's APID", -1073741824, 1073741823)),
    62: EventInfo("rover_refused", "warning", "The rover refuses a command", FieldInfo("argument", "function of its APID * 256 + why: index of a field out of range, 100 not in this mode, 101 busy, 102 in danger, 103 no such image", -1073741824, 1073741823)),
    63: EventInfo("rover_done", "activity", "A motion or the scoop has reached its goal", FieldInfo("argument", "mm or mrad of a motion, images of the scoop", -1073741824, 1073741823)),
    64: EventInfo("rover_broken_off", "warning", "A motion or the scoop has ended before its goal", FieldInfo("argument", "how it ended", 0, 7, labels={0: "under_way", 1: "reached", 2: "stopped", 3: "stalled", 4: "encoders_silent", 5: "too_long", 6: "jammed", 7: "safe_mode"})),
    65: EventInfo("rover_wheel", "warning", "A wheel does not turn as it is driven", FieldInfo("argument", "index of the wheel, + 16 where its encoder is silent", -1073741824, 1073741823)),
    66: EventInfo("rover_free", "activity", "The rover stands on the Moon, on wheels that carry it", FieldInfo("argument", "mean current of the wheels", -1073741824, 1073741823, unit="mA")),
    67: EventInfo("rover_safe", "fault", "The rover has put itself into safe mode", FieldInfo("argument", "bit mask of its conditions", -1073741824, 1073741823)),
    68: EventInfo("rover_image_stored", "activity", "An image is stored", FieldInfo("argument", "its number", -1073741824, 1073741823)),
    69: EventInfo("rover_image_lost", "warning", "An image was not stored", FieldInfo("argument", "why", 0, 2, labels={0: "camera", 1: "no_room", 2: "too_long"})),
    70: EventInfo("valves_out", "warning", "Valves are out of service: they are commanded no longer, others share what they did", FieldInfo("argument", "bit mask of the valves: main engine, six assist thrusters, eight jets", -1073741824, 1073741823)),
    71: EventInfo("thrust_weak", "warning", "Engines do not give what was commanded", FieldInfo("argument", "bit mask: three pairs of assist thrusters, jets +x -x +y -y +z -z, main engine", -1073741824, 1073741823)),
    72: EventInfo("branches_isolated", "activity", "Isolation valves have closed or opened", FieldInfo("argument", "bit mask of those that are closed: main engine, three pairs of assist thrusters, jets about y, about z, two about x", -1073741824, 1073741823)),
    73: EventInfo("coils_dead", "warning", "Coils draw nothing when they are commanded: coil, wire or driver is broken", FieldInfo("argument", "bit mask of all such valves: main engine, six assist thrusters, eight jets", -1073741824, 1073741823)),
    74: EventInfo("coils_driven", "warning", "Coils draw current that nobody commanded: a driver has failed closed, or a coil is short", FieldInfo("argument", "bit mask of all such branches, as branches_isolated", -1073741824, 1073741823)),
    75: EventInfo("transducers_broken", "warning", "Pressure transducers read as an open or short circuit does, or are whole again", FieldInfo("argument", "bit mask of those that are broken: fuel, oxidiser, pressurant", -1073741824, 1073741823)),
    76: EventInfo("analog_lost", "warning", "Propulsion's analogue inputs, or the transducers' supply, do not read as they must: tanks and coils are not judged", FieldInfo("argument", "1 lost, 0 there again", -1073741824, 1073741823)),
    77: EventInfo("flow_excess", "warning", "The pressurant falls faster than the commanded flow explains: a valve leaks or stays open", FieldInfo("argument", "unexplained fall from window to window; 0: it is over", -1073741824, 1073741823, unit="kPa")),
    78: EventInfo("flow_missing", "warning", "The pressurant falls more slowly than the commanded flow explains: a valve does not open", FieldInfo("argument", "missing fall from window to window; 0: it is over", -1073741824, 1073741823, unit="kPa")),
    80: EventInfo("imu_switched", "activity", "Navigation flies by another inertial unit", FieldInfo("argument", "0 none, 1 the first, 2 the second, 3 the mean of both", -1073741824, 1073741823)),
    81: EventInfo("imu_put_out", "warning", "An inertial unit is not flown by until it has been good for a while", FieldInfo("argument", "index of the unit", -1073741824, 1073741823)),
    82: EventInfo("imu_readmitted", "activity", "An inertial unit is good again", FieldInfo("argument", "index of the unit", -1073741824, 1073741823)),
    83: EventInfo("imu_disputed", "warning", "Two inertial units differ, and nobody knows yet which one is wrong", FieldInfo("argument", "as imu_switched", -1073741824, 1073741823)),
    84: EventInfo("imu_overloaded", "warning", "An inertial unit reports increments out of its range", FieldInfo("argument", "index of the unit", -1073741824, 1073741823)),
    85: EventInfo("time_taken", "activity", "Navigation's time was taken over: the first, or after a jump", FieldInfo("argument", "what is added to the board's own", -1073741824, 1073741823, unit="ms")),
    86: EventInfo("resume_gap", "warning", "For how long nobody steered, said with `resumed`", FieldInfo("argument", "from the last sign of life to the resumption", -1073741824, 1073741823, unit="ms")),
    87: EventInfo("resume_refused", "fault", "A descent was under way before the reset, and does not go on", FieldInfo("argument", "why", 0, 3, labels={0: "nothing", 1: "spoiled", 2: "too_old", 3: "too_many_resets"})),
    88: EventInfo("mode_refused", "warning", "A mode that was asked for is not to be had now", FieldInfo("argument", "the mode asked for * 16 + the mode", -1073741824, 1073741823)),
    90: EventInfo("limit_yellow", "warning", "A value is outside of its yellow limits, or within the red ones again", FieldInfo("argument", "row of the board's table of limits", -1073741824, 1073741823)),
    91: EventInfo("limit_red", "fault", "A value is outside of its red limits", FieldInfo("argument", "row of the board's table of limits", -1073741824, 1073741823)),
    92: EventInfo("limit_cleared", "activity", "A value is within its limits again, or no longer looked at", FieldInfo("argument", "row of the board's table of limits", -1073741824, 1073741823)),
    93: EventInfo("limit_response", "warning", "The board acts because a value is red", FieldInfo("argument", "what it does", 0, 5, labels={0: "nothing", 1: "safe", 2: "shed", 3: "fuel_heater_off", 4: "oxidiser_heater_off", 5: "structure_heater_off"})),
    94: EventInfo("limit_response_over", "activity", "No value is red any more that asks for this", FieldInfo("argument", "what it did", 0, 5, labels={0: "nothing", 1: "safe", 2: "shed", 3: "fuel_heater_off", 4: "oxidiser_heater_off", 5: "structure_heater_off"})),
}


@dataclass(frozen=True)
class Demand(Packet):
    """Thrust and torque that navigation asks of propulsion; good for 100 ms. From navigation to propulsion."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    flags: int  # What is allowed
    throttle_q14: int  # Duty of the assist thrusters
    torque_x_q14: int  # Duty of the RCS about body x
    torque_y_q14: int  # Duty of the RCS about body y
    torque_z_q14: int  # Duty of the RCS about body z
    trim_y_q14: int  # Difference of the assist thrusters about body y
    trim_z_q14: int  # Difference of the assist thrusters about body z
    force_x_mm_s2: int  # Specific force along body x, as measured (mm/s2)
    rate_x_q: int  # Rate about body x, as measured (32 urad/s)
    rate_y_q: int  # Rate about body y, as measured (32 urad/s)
    rate_z_q: int  # Rate about body z, as measured (32 urad/s)
    mass_kg: int  # Mass, as guidance reckons it (kg)

    NAME: ClassVar[str] = "demand"
    FUNCTION: ClassVar[int] = 1
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">HBhhhhhhhhhhh")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("flags", "What is allowed", 0, 15, flags=("armed", "main_engine", "near_ground", "blurred",)),
        FieldInfo("throttle_q14", "Duty of the assist thrusters", 0, 16384, q=14),
        FieldInfo("torque_x_q14", "Duty of the RCS about body x", -16384, 16384, q=14),
        FieldInfo("torque_y_q14", "Duty of the RCS about body y", -16384, 16384, q=14),
        FieldInfo("torque_z_q14", "Duty of the RCS about body z", -16384, 16384, q=14),
        FieldInfo("trim_y_q14", "Difference of the assist thrusters about body y", -16384, 16384, q=14),
        FieldInfo("trim_z_q14", "Difference of the assist thrusters about body z", -16384, 16384, q=14),
        FieldInfo("force_x_mm_s2", "Specific force along body x, as measured", -32768, 32767, unit="mm/s2"),
        FieldInfo("rate_x_q", "Rate about body x, as measured", -32768, 32767, unit="32 urad/s"),
        FieldInfo("rate_y_q", "Rate about body y, as measured", -32768, 32767, unit="32 urad/s"),
        FieldInfo("rate_z_q", "Rate about body z, as measured", -32768, 32767, unit="32 urad/s"),
        FieldInfo("mass_kg", "Mass, as guidance reckons it", -32768, 32767, unit="kg"),
    )


@dataclass(frozen=True)
class PropulsionStatus(Packet):
    """What propulsion does, and how well it hears. From propulsion to navigation."""

    demands: int  # Demands accepted so far, low 16 bits
    rejected: int  # Frames rejected so far, low 16 bits
    valves: int  # Valves commanded open
    flags: int  # State
    overruns: int  # Late ticks so far, low 16 bits
    tick: int  # The sender's count of ticks of 10 ms, low 16 bits

    NAME: ClassVar[str] = "propulsion_status"
    FUNCTION: ClassVar[int] = 2
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">HHHBHH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("demands", "Demands accepted so far, low 16 bits", 0, 65535),
        FieldInfo("rejected", "Frames rejected so far, low 16 bits", 0, 65535),
        FieldInfo("valves", "Valves commanded open", 0, 32767, flags=("main", "assist_1", "assist_2", "assist_3", "assist_4", "assist_5", "assist_6", "rcs_1", "rcs_2", "rcs_3", "rcs_4", "rcs_5", "rcs_6", "rcs_7", "rcs_8",)),
        FieldInfo("flags", "State", 0, 3, flags=("armed", "demand_stale",)),
        FieldInfo("overruns", "Late ticks so far, low 16 bits", 0, 65535),
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
    )


@dataclass(frozen=True)
class InitialState(Packet):
    """Where the lander is before the burn, from orbit determination and the star tracker. From spacecraft to navigation."""

    altitude_mm: int  # Above the site's datum (mm)
    downrange_mm: int  # Along the track, from the site (mm)
    crossrange_mm: int  # Across the track, from the site (mm)
    velocity_up_q8: int  # Velocity upwards (mm/s)
    velocity_downrange_q8: int  # Velocity downrange (mm/s)
    velocity_crossrange_q8: int  # Velocity crossrange (mm/s)
    q0: int  # Attitude, body to local, scalar part
    q1: int  # Attitude, body to local, x
    q2: int  # Attitude, body to local, y
    q3: int  # Attitude, body to local, z
    mass_g: int  # Mass with propellant (g)

    NAME: ClassVar[str] = "initial_state"
    FUNCTION: ClassVar[int] = 3
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">iiiiiiiiiii")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("altitude_mm", "Above the site's datum", -10000000, 110000000, unit="mm"),
        FieldInfo("downrange_mm", "Along the track, from the site", -1000000000, 1000000000, unit="mm"),
        FieldInfo("crossrange_mm", "Across the track, from the site", -200000000, 200000000, unit="mm"),
        FieldInfo("velocity_up_q8", "Velocity upwards", -512000000, 512000000, unit="mm/s", q=8),
        FieldInfo("velocity_downrange_q8", "Velocity downrange", -512000000, 512000000, unit="mm/s", q=8),
        FieldInfo("velocity_crossrange_q8", "Velocity crossrange", -512000000, 512000000, unit="mm/s", q=8),
        FieldInfo("q0", "Attitude, body to local, scalar part", -536870911, 536870911, q=29),
        FieldInfo("q1", "Attitude, body to local, x", -536870911, 536870911, q=29),
        FieldInfo("q2", "Attitude, body to local, y", -536870911, 536870911, q=29),
        FieldInfo("q3", "Attitude, body to local, z", -536870911, 536870911, q=29),
        FieldInfo("mass_g", "Mass with propellant", 100000, 100000000, unit="g"),
    )


@dataclass(frozen=True)
class NavigationState(Packet):
    """What navigation believes, and of which altimeter. From navigation to spacecraft."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    phase: int  # Phase of the descent
    altitude_mm: int  # Inertial, above the site's datum (mm)
    agl_mm: int  # Terrain-relative, above the ground below (mm)
    downrange_mm: int  # Along the track, from the site (mm)
    crossrange_mm: int  # Across the track, from the site (mm)
    velocity_up_mm_s: int  # Velocity upwards (mm/s)
    velocity_downrange_mm_s: int  # Velocity downrange (mm/s)
    velocity_crossrange_mm_s: int  # Velocity crossrange (mm/s)
    agl_valid: int  # Whether an altimeter vouches for agl
    verdict_0: int  # The vote on the first altimeter
    verdict_1: int  # The vote on the second altimeter
    verdict_2: int  # The vote on the third altimeter
    verdict_3: int  # The vote on the fourth altimeter
    throttle_q14: int  # Thrust asked for, of full thrust
    protection_mm: int  # agl is wrong by less, or a flag is up (mm)
    agl_flags: int  # Why agl may not be trusted
    overruns: int  # Late ticks so far, low 16 bits
    imu_used: int  # By which inertial units it flies: two bits are their mean
    mode: int  # Mode of the vehicle

    NAME: ClassVar[str] = "navigation_state"
    FUNCTION: ClassVar[int] = 4
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">HBiiiiiiiBBBBBhiBHBB")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("phase", "Phase of the descent", 0, 8, labels={0: "waiting", 1: "coast", 2: "braking", 3: "approach", 4: "terminal", 5: "contact", 6: "landed", 7: "abort", 8: "orbit"}),
        FieldInfo("altitude_mm", "Inertial, above the site's datum", -1073741824, 1073741823, unit="mm"),
        FieldInfo("agl_mm", "Terrain-relative, above the ground below", -1073741824, 1073741823, unit="mm"),
        FieldInfo("downrange_mm", "Along the track, from the site", -1073741824, 1073741823, unit="mm"),
        FieldInfo("crossrange_mm", "Across the track, from the site", -1073741824, 1073741823, unit="mm"),
        FieldInfo("velocity_up_mm_s", "Velocity upwards", -1073741824, 1073741823, unit="mm/s"),
        FieldInfo("velocity_downrange_mm_s", "Velocity downrange", -1073741824, 1073741823, unit="mm/s"),
        FieldInfo("velocity_crossrange_mm_s", "Velocity crossrange", -1073741824, 1073741823, unit="mm/s"),
        FieldInfo("agl_valid", "Whether an altimeter vouches for agl", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("verdict_0", "The vote on the first altimeter", 0, 5, labels={0: "none", 1: "accepted", 2: "on_trial", 3: "terrain", 4: "put_out", 5: "overdue"}),
        FieldInfo("verdict_1", "The vote on the second altimeter", 0, 5, labels={0: "none", 1: "accepted", 2: "on_trial", 3: "terrain", 4: "put_out", 5: "overdue"}),
        FieldInfo("verdict_2", "The vote on the third altimeter", 0, 5, labels={0: "none", 1: "accepted", 2: "on_trial", 3: "terrain", 4: "put_out", 5: "overdue"}),
        FieldInfo("verdict_3", "The vote on the fourth altimeter", 0, 5, labels={0: "none", 1: "accepted", 2: "on_trial", 3: "terrain", 4: "put_out", 5: "overdue"}),
        FieldInfo("throttle_q14", "Thrust asked for, of full thrust", 0, 16384, q=14),
        FieldInfo("protection_mm", "agl is wrong by less, or a flag is up", -1073741824, 1073741823, unit="mm"),
        FieldInfo("agl_flags", "Why agl may not be trusted", 0, 31, flags=("no_range", "disputed", "alert", "range_overdue", "coasting",)),
        FieldInfo("overruns", "Late ticks so far, low 16 bits", 0, 65535),
        FieldInfo("imu_used", "By which inertial units it flies: two bits are their mean", 0, 7, flags=("first", "second", "disputed",)),
        FieldInfo("mode", "Mode of the vehicle", 0, 11, labels={0: "boot", 1: "safe", 2: "cruise", 3: "coast", 4: "braking", 5: "approach", 6: "terminal", 7: "contact", 8: "landed", 9: "surface", 10: "abort", 11: "orbit"}),
    )


@dataclass(frozen=True)
class Event(Packet):
    """Something has happened; said once. From any to spacecraft."""

    id: int  # Which event
    severity: int  # How bad it is
    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    argument: int  # What the event's own entry says; 0 where it says nothing
    value: int  # What was measured, where the event is about a limit; else 0
    time_ms: int  # Navigation's time, as far as the board knows it; begins again at 2^29 (ms)

    NAME: ClassVar[str] = "event"
    FUNCTION: ClassVar[int] = 5
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 0
    LAYOUT: ClassVar[Struct] = Struct(">HBHiii")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("id", "Which event", 1, 94, labels={1: "boot", 2: "initialised", 3: "ignition", 4: "phase_changed", 5: "altimeter_acquired", 6: "altimeter_rejected", 7: "altimeter_readmitted", 8: "terrain_step", 9: "touchdown", 10: "engine_cutoff", 11: "demand_stale", 12: "tick_overrun", 13: "imu_silent", 14: "initial_state_refused", 15: "tick_starved", 16: "range_overdue", 17: "agl_alert", 18: "agl_good", 19: "agl_impossible", 20: "agl_corrected", 21: "abort", 22: "command_unknown", 23: "command_elsewhere", 24: "command_malformed", 25: "commands_untold", 26: "restarted", 27: "task_missed", 28: "safe_mode", 29: "parameters_fell_back", 30: "parameters_lost", 31: "recorder_full", 32: "mode_changed", 33: "resumed", 34: "parameter_set", 35: "parameter_unknown", 36: "parameter_out_of_range", 37: "parameter_not_now", 38: "parameters_stored", 39: "parameters_not_stored", 40: "power_level", 41: "load_on", 42: "load_off", 43: "load_shed", 44: "power_field_refused", 45: "power_too_low", 46: "arm_on", 47: "arm_off", 48: "arm_stuck", 49: "monitor_lost", 50: "leg_contact", 51: "leg_contact_lost", 52: "leg_switch_stuck", 53: "heater_limited", 54: "thermistor_failed", 55: "thermistor_good", 56: "actuator_armed", 57: "actuator_disarmed", 58: "actuator_fired", 59: "structure_refused", 60: "rover_mode", 61: "rover_taken", 62: "rover_refused", 63: "rover_done", 64: "rover_broken_off", 65: "rover_wheel", 66: "rover_free", 67: "rover_safe", 68: "rover_image_stored", 69: "rover_image_lost", 70: "valves_out", 71: "thrust_weak", 72: "branches_isolated", 73: "coils_dead", 74: "coils_driven", 75: "transducers_broken", 76: "analog_lost", 77: "flow_excess", 78: "flow_missing", 80: "imu_switched", 81: "imu_put_out", 82: "imu_readmitted", 83: "imu_disputed", 84: "imu_overloaded", 85: "time_taken", 86: "resume_gap", 87: "resume_refused", 88: "mode_refused", 90: "limit_yellow", 91: "limit_red", 92: "limit_cleared", 93: "limit_response", 94: "limit_response_over"}),
        FieldInfo("severity", "How bad it is", 0, 3, labels={0: "diagnostic", 1: "activity", 2: "warning", 3: "fault"}),
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("argument", "What the event's own entry says; 0 where it says nothing", -1073741824, 1073741823),
        FieldInfo("value", "What was measured, where the event is about a limit; else 0", -1073741824, 1073741823),
        FieldInfo("time_ms", "Navigation's time, as far as the board knows it; begins again at 2^29", 0, 536870911, unit="ms"),
    )


@dataclass(frozen=True)
class SetParameter(Packet):
    """Sets one parameter; answered by an event. Refused from the initial state to touchdown. From spacecraft to navigation."""

    number: int  # Which one, as the table of parameters counts them
    keep: int  # Whether all parameters are stored as they are then
    value: int  # The integer; its range is in the table of parameters

    NAME: ClassVar[str] = "set_parameter"
    FUNCTION: ClassVar[int] = 6
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">BBi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("number", "Which one, as the table of parameters counts them", 0, 255),
        FieldInfo("keep", "Whether all parameters are stored as they are then", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("value", "The integer; its range is in the table of parameters", -1073741824, 1073741823),
    )


@dataclass(frozen=True)
class NavigationMode(Packet):
    """Asks for a mode of the vehicle: safe, cruise or surface. Answered by an event; the table of modes decides. From spacecraft to navigation."""

    mode: int  # The mode

    NAME: ClassVar[str] = "navigation_mode"
    FUNCTION: ClassVar[int] = 11
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("mode", "The mode", 0, 11, labels={0: "boot", 1: "safe", 2: "cruise", 3: "coast", 4: "braking", 5: "approach", 6: "terminal", 7: "contact", 8: "landed", 9: "surface", 10: "abort", 11: "orbit"}),
    )


@dataclass(frozen=True)
class Time(Packet):
    """Navigation's time, which the other boards take over. From navigation to spacecraft."""

    time_ms: int  # Since navigation's start; begins again at 2^29 (ms)

    NAME: ClassVar[str] = "time"
    FUNCTION: ClassVar[int] = 7
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">i")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("time_ms", "Since navigation's start; begins again at 2^29", 0, 536870911, unit="ms"),
    )


@dataclass(frozen=True)
class ValveStatus(Packet):
    """What propulsion thinks of its valves. From propulsion to spacecraft."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    out: int  # Valves out of service: commanded no longer
    isolated: int  # Isolation valves that are closed
    weak: int  # Engines that do not give what was commanded
    torque_x_q10: int  # Torque that nobody commanded about body x, of one roll jet's
    torque_y_q10: int  # The same about body y, of one assist thruster's
    torque_z_q10: int  # The same about body z, of one assist thruster's

    NAME: ClassVar[str] = "valve_status"
    FUNCTION: ClassVar[int] = 8
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">HHBHhhh")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("out", "Valves out of service: commanded no longer", 0, 32767, flags=("main", "assist_1", "assist_2", "assist_3", "assist_4", "assist_5", "assist_6", "rcs_1", "rcs_2", "rcs_3", "rcs_4", "rcs_5", "rcs_6", "rcs_7", "rcs_8",)),
        FieldInfo("isolated", "Isolation valves that are closed", 0, 255, flags=("main", "assist_1_4", "assist_2_5", "assist_3_6", "rcs_1_2", "rcs_3_4", "rcs_5_8", "rcs_6_7",)),
        FieldInfo("weak", "Engines that do not give what was commanded", 0, 1023, flags=("assist_1_4", "assist_2_5", "assist_3_6", "jets_x", "jets_minus_x", "jets_y", "jets_minus_y", "jets_z", "jets_minus_z", "main",)),
        FieldInfo("torque_x_q10", "Torque that nobody commanded about body x, of one roll jet's", -8192, 8192, q=10),
        FieldInfo("torque_y_q10", "The same about body y, of one assist thruster's", -8192, 8192, q=10),
        FieldInfo("torque_z_q10", "The same about body z, of one assist thruster's", -8192, 8192, q=10),
    )


@dataclass(frozen=True)
class FeedStatus(Packet):
    """Tanks, and the highest currents of the valves' coils since the last one. From propulsion to spacecraft."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    flags: int  # What is measured: each transducer, all analogue inputs, and whether the valves' drivers have their supply
    fuel_kpa: int  # Fuel tank, behind the regulator (kPa)
    oxidiser_kpa: int  # Oxidiser tank, behind the regulator (kPa)
    pressurant_kpa: int  # Bottle of the pressurant (kPa)
    arm_mv: int  # Supply of the valves' drivers (mV)
    coils_dead: int  # Valves whose coils draw nothing when they are commanded
    coils_driven: int  # Branches that draw more than is commanded
    flow: int  # The pressurant beside the commanded flow
    unexplained_kpa: int  # Of the pressurant, gone from one window of ten readings to the next without a command (kPa)
    expected_kpa: int  # And as commanded (kPa)
    branch_1_ma: int  # Coil of the main engine's valve (mA)
    branch_2_ma: int  # Coils of assist thrusters 1 and 4 (mA)
    branch_3_ma: int  # Coils of assist thrusters 2 and 5 (mA)
    branch_4_ma: int  # Coils of assist thrusters 3 and 6 (mA)
    branch_5_ma: int  # Coils of jets 1 and 2 (mA)
    branch_6_ma: int  # Coils of jets 3 and 4 (mA)
    branch_7_ma: int  # Coils of jets 5 and 8 (mA)
    branch_8_ma: int  # Coils of jets 6 and 7 (mA)

    NAME: ClassVar[str] = "feed_status"
    FUNCTION: ClassVar[int] = 9
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">HBhhiHHBBhhHHHHHHHH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("flags", "What is measured: each transducer, all analogue inputs, and whether the valves' drivers have their supply", 0, 31, flags=("fuel", "oxidiser", "pressurant", "analog", "arm",)),
        FieldInfo("fuel_kpa", "Fuel tank, behind the regulator", -32768, 32767, unit="kPa"),
        FieldInfo("oxidiser_kpa", "Oxidiser tank, behind the regulator", -32768, 32767, unit="kPa"),
        FieldInfo("pressurant_kpa", "Bottle of the pressurant", -1073741824, 1073741823, unit="kPa"),
        FieldInfo("arm_mv", "Supply of the valves' drivers", 0, 65535, unit="mV"),
        FieldInfo("coils_dead", "Valves whose coils draw nothing when they are commanded", 0, 32767, flags=("main", "assist_1", "assist_2", "assist_3", "assist_4", "assist_5", "assist_6", "rcs_1", "rcs_2", "rcs_3", "rcs_4", "rcs_5", "rcs_6", "rcs_7", "rcs_8",)),
        FieldInfo("coils_driven", "Branches that draw more than is commanded", 0, 255, flags=("main", "assist_1_4", "assist_2_5", "assist_3_6", "rcs_1_2", "rcs_3_4", "rcs_5_8", "rcs_6_7",)),
        FieldInfo("flow", "The pressurant beside the commanded flow", 0, 2, labels={0: "as_commanded", 1: "excess", 2: "missing"}),
        FieldInfo("unexplained_kpa", "Of the pressurant, gone from one window of ten readings to the next without a command", -32768, 32767, unit="kPa"),
        FieldInfo("expected_kpa", "And as commanded", -32768, 32767, unit="kPa"),
        FieldInfo("branch_1_ma", "Coil of the main engine's valve", 0, 65535, unit="mA"),
        FieldInfo("branch_2_ma", "Coils of assist thrusters 1 and 4", 0, 65535, unit="mA"),
        FieldInfo("branch_3_ma", "Coils of assist thrusters 2 and 5", 0, 65535, unit="mA"),
        FieldInfo("branch_4_ma", "Coils of assist thrusters 3 and 6", 0, 65535, unit="mA"),
        FieldInfo("branch_5_ma", "Coils of jets 1 and 2", 0, 65535, unit="mA"),
        FieldInfo("branch_6_ma", "Coils of jets 3 and 4", 0, 65535, unit="mA"),
        FieldInfo("branch_7_ma", "Coils of jets 5 and 8", 0, 65535, unit="mA"),
        FieldInfo("branch_8_ma", "Coils of jets 6 and 7", 0, 65535, unit="mA"),
    )


@dataclass(frozen=True)
class PropulsionParameter(Packet):
    """Sets one limit; answered by an event. Refused while the valves are armed. From spacecraft to propulsion."""

    number: int  # Which one, as the table of limits counts them
    keep: int  # Whether all limits are stored as they are then
    value: int  # The integer; its range is in the table of limits

    NAME: ClassVar[str] = "propulsion_parameter"
    FUNCTION: ClassVar[int] = 10
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">BBi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("number", "Which one, as the table of limits counts them", 0, 255),
        FieldInfo("keep", "Whether all limits are stored as they are then", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("value", "The integer; its range is in the table of limits", -1073741824, 1073741823),
    )


@dataclass(frozen=True)
class LoadSwitch(Packet):
    """A switched load on for a time, or off. From spacecraft to power."""

    load: int  # Which one
    on: int  # On or off
    seconds: int  # After which it goes off by itself; at most what its parameter allows (s)

    NAME: ClassVar[str] = "load_switch"
    FUNCTION: ClassVar[int] = 32
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 3
    LAYOUT: ClassVar[Struct] = Struct(">BBH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("load", "Which one", 0, 5, labels={0: "sensors", 1: "heaters", 2: "transmitter", 3: "rover", 4: "camera", 5: "payload"}),
        FieldInfo("on", "On or off", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("seconds", "After which it goes off by itself; at most what its parameter allows", 0, 65535, unit="s"),
    )


@dataclass(frozen=True)
class ArmSupply(Packet):
    """Supply of propulsion's valves: asked for, or no longer. It is on while propulsion's heart beats, too. From spacecraft to power."""

    on: int  # On or off
    seconds: int  # For how long it is asked for; at most what the parameter allows (s)

    NAME: ClassVar[str] = "arm_supply"
    FUNCTION: ClassVar[int] = 33
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 3
    LAYOUT: ClassVar[Struct] = Struct(">BH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("on", "On or off", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("seconds", "For how long it is asked for; at most what the parameter allows", 0, 3600, unit="s"),
    )


@dataclass(frozen=True)
class PowerParameter(Packet):
    """Sets one limit; answered by an event. From spacecraft to power."""

    number: int  # Which one, as the table of limits counts them
    keep: int  # Whether all limits are stored as they are then
    value: int  # The integer; its range is in the table of limits

    NAME: ClassVar[str] = "power_parameter"
    FUNCTION: ClassVar[int] = 35
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 3
    LAYOUT: ClassVar[Struct] = Struct(">BBi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("number", "Which one, as the table of limits counts them", 0, 255),
        FieldInfo("keep", "Whether all limits are stored as they are then", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("value", "The integer; its range is in the table of limits", -1073741824, 1073741823),
    )


@dataclass(frozen=True)
class PowerStatus(Packet):
    """Battery, solar array and rails, and what is switched on. From power to spacecraft."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    level: int  # Of the battery
    flags: int  # State
    arm_state: int  # The arm supply, or why it is off
    arm_drops: int  # Times that the arm supply went off, low 16 bits
    loads: int  # Loads that are on
    battery_mv: int  # Battery's voltage (mV)
    battery_ma: int  # Current into the battery (mA)
    solar_mv: int  # Solar array's voltage (mV)
    solar_ma: int  # Current out of the solar array (mA)
    bus_mv: int  # Voltage of the rail of the loads (mV)
    bus_ma: int  # Current into the loads (mA)
    arm_mv: int  # Voltage of the arm supply (mV)
    arm_ma: int  # Current of the arm supply (mA)
    charge_as: int  # Charge in the battery, counted (A s)
    rejected: int  # Frames rejected so far, low 16 bits
    overruns: int  # Late ticks so far, low 16 bits
    time_ms: int  # Navigation's time, as far as the board knows it; begins again at 2^29 (ms)

    NAME: ClassVar[str] = "power_status"
    FUNCTION: ClassVar[int] = 34
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 3
    LAYOUT: ClassVar[Struct] = Struct(">HBBBHBHiHiHiHiiHHi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("level", "Of the battery", 0, 2, labels={0: "normal", 1: "low", 2: "critical"}),
        FieldInfo("flags", "State", 0, 63, flags=("arm_on", "heartbeat", "battery_known", "solar_known", "bus_known", "arm_known",)),
        FieldInfo("arm_state", "The arm supply, or why it is off", 0, 5, labels={0: "not_asked", 1: "on", 2: "time_over", 3: "battery", 4: "heartbeat_slow", 5: "heartbeat_fast"}),
        FieldInfo("arm_drops", "Times that the arm supply went off, low 16 bits", 0, 65535),
        FieldInfo("loads", "Loads that are on", 0, 63, flags=("sensors", "heaters", "transmitter", "rover", "camera", "payload",)),
        FieldInfo("battery_mv", "Battery's voltage", 0, 65535, unit="mV"),
        FieldInfo("battery_ma", "Current into the battery", -819200, 819200, unit="mA"),
        FieldInfo("solar_mv", "Solar array's voltage", 0, 65535, unit="mV"),
        FieldInfo("solar_ma", "Current out of the solar array", -819200, 819200, unit="mA"),
        FieldInfo("bus_mv", "Voltage of the rail of the loads", 0, 65535, unit="mV"),
        FieldInfo("bus_ma", "Current into the loads", -819200, 819200, unit="mA"),
        FieldInfo("arm_mv", "Voltage of the arm supply", 0, 65535, unit="mV"),
        FieldInfo("arm_ma", "Current of the arm supply", -819200, 819200, unit="mA"),
        FieldInfo("charge_as", "Charge in the battery, counted", 0, 536870, unit="A s"),
        FieldInfo("rejected", "Frames rejected so far, low 16 bits", 0, 65535),
        FieldInfo("overruns", "Late ticks so far, low 16 bits", 0, 65535),
        FieldInfo("time_ms", "Navigation's time, as far as the board knows it; begins again at 2^29", 0, 536870911, unit="ms"),
    )


@dataclass(frozen=True)
class StructureStatus(Packet):
    """Temperatures, heaters, legs and actuators of the main body. From structure to spacecraft."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    mode: int  # Mode of the structure board
    fuel_mc: int  # Fuel tank, as last measured (mdegC)
    oxidiser_mc: int  # Oxidiser tank, as last measured (mdegC)
    structure_mc: int  # Structure, as last measured (mdegC)
    thermistors_failed: int  # Thermistors that are not believed; their heaters are off
    heaters_on: int  # Heaters on
    heaters_resting: int  # Heaters off because they have met a limit
    heaters_disabled: int  # Heaters that may not be on: disabled by command, or held off by a red limit
    legs_closed: int  # Contact switches closed, debounced
    legs_stuck: int  # Contact switches that do not vote
    contact: int  # The vote of the legs
    arming: int  # Whether an actuator is armed
    actuator: int  # The actuator armed last
    fired: int  # Actuators fired since the start
    accepted: int  # Packets taken from the bus so far, low 16 bits
    rejected: int  # Frames rejected so far, low 16 bits
    overruns: int  # Late ticks so far, low 16 bits
    time_ms: int  # Navigation's time, as far as the board knows it; begins again at 2^29 (ms)

    NAME: ClassVar[str] = "structure_status"
    FUNCTION: ClassVar[int] = 48
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">HBiiiBBBBBBBBBBHHHi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("mode", "Mode of the structure board", 0, 3, labels={0: "safe", 1: "cruise", 2: "descent", 3: "surface"}),
        FieldInfo("fuel_mc", "Fuel tank, as last measured", -150000, 500000, unit="mdegC"),
        FieldInfo("oxidiser_mc", "Oxidiser tank, as last measured", -150000, 500000, unit="mdegC"),
        FieldInfo("structure_mc", "Structure, as last measured", -150000, 500000, unit="mdegC"),
        FieldInfo("thermistors_failed", "Thermistors that are not believed; their heaters are off", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("heaters_on", "Heaters on", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("heaters_resting", "Heaters off because they have met a limit", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("heaters_disabled", "Heaters that may not be on: disabled by command, or held off by a red limit", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("legs_closed", "Contact switches closed, debounced", 0, 15, flags=("leg_1", "leg_2", "leg_3", "leg_4",)),
        FieldInfo("legs_stuck", "Contact switches that do not vote", 0, 15, flags=("leg_1", "leg_2", "leg_3", "leg_4",)),
        FieldInfo("contact", "The vote of the legs", 0, 2, labels={0: "no", 1: "yes", 2: "blind"}),
        FieldInfo("arming", "Whether an actuator is armed", 0, 2, labels={0: "safe", 1: "armed", 2: "firing"}),
        FieldInfo("actuator", "The actuator armed last", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"}),
        FieldInfo("fired", "Actuators fired since the start", 0, 15, flags=("legs", "pressurant", "ramp", "rover",)),
        FieldInfo("accepted", "Packets taken from the bus so far, low 16 bits", 0, 65535),
        FieldInfo("rejected", "Frames rejected so far, low 16 bits", 0, 65535),
        FieldInfo("overruns", "Late ticks so far, low 16 bits", 0, 65535),
        FieldInfo("time_ms", "Navigation's time, as far as the board knows it; begins again at 2^29", 0, 536870911, unit="ms"),
    )


@dataclass(frozen=True)
class StructureArmed(Packet):
    """An actuator is armed: FIRE must carry this nonce, in time. From structure to spacecraft."""

    actuator: int  # The actuator
    nonce: int  # For FIRE
    good_for_ms: int  # How long it is good for (ms)
    tick: int  # The sender's count of ticks of 10 ms, low 16 bits

    NAME: ClassVar[str] = "structure_armed"
    FUNCTION: ClassVar[int] = 49
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">BHHH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("actuator", "The actuator", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"}),
        FieldInfo("nonce", "For FIRE", 1, 65535),
        FieldInfo("good_for_ms", "How long it is good for", 5000, 5000, unit="ms"),
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
    )


@dataclass(frozen=True)
class StructureMode(Packet):
    """Another mode of the structure board; whatever is armed or fires is disarmed. From spacecraft to structure."""

    mode: int  # The new mode

    NAME: ClassVar[str] = "structure_mode"
    FUNCTION: ClassVar[int] = 56
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("mode", "The new mode", 0, 3, labels={0: "safe", 1: "cruise", 2: "descent", 3: "surface"}),
    )


@dataclass(frozen=True)
class StructureHeating(Packet):
    """A heater's thresholds; off_mc must be above on_mc. From spacecraft to structure."""

    heater: int  # The heater
    enabled: int  # Whether it may be on
    on_mc: int  # Below it goes on (mdegC)
    off_mc: int  # From here on it is off (mdegC)

    NAME: ClassVar[str] = "structure_heating"
    FUNCTION: ClassVar[int] = 57
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">BBii")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("heater", "The heater", 0, 2, labels={0: "fuel", 1: "oxidiser", 2: "structure"}),
        FieldInfo("enabled", "Whether it may be on", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("on_mc", "Below it goes on", -100000, 99999, unit="mdegC"),
        FieldInfo("off_mc", "From here on it is off", -99999, 100000, unit="mdegC"),
    )


@dataclass(frozen=True)
class StructureArm(Packet):
    """Arm an actuator for 5 s; structure_armed answers. From spacecraft to structure."""

    actuator: int  # The actuator

    NAME: ClassVar[str] = "structure_arm"
    FUNCTION: ClassVar[int] = 58
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("actuator", "The actuator", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"}),
    )


@dataclass(frozen=True)
class StructureFire(Packet):
    """Fire the armed actuator: one bounded pulse. From spacecraft to structure."""

    actuator: int  # The actuator
    nonce: int  # Of structure_armed

    NAME: ClassVar[str] = "structure_fire"
    FUNCTION: ClassVar[int] = 59
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">BH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("actuator", "The actuator", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"}),
        FieldInfo("nonce", "Of structure_armed", 1, 65535),
    )


@dataclass(frozen=True)
class StructureDisarm(Packet):
    """Disarm; ends a pulse that is under way. From spacecraft to structure."""

    spare: int  # Says nothing: a packet has at least one byte

    NAME: ClassVar[str] = "structure_disarm"
    FUNCTION: ClassVar[int] = 60
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("spare", "Says nothing: a packet has at least one byte", 0, 0),
    )


@dataclass(frozen=True)
class StructureParameter(Packet):
    """Sets one limit; answered by an event. From spacecraft to structure."""

    number: int  # Which one, as the table of limits counts them
    keep: int  # Whether all limits are stored as they are then
    value: int  # The integer; its range is in the table of limits

    NAME: ClassVar[str] = "structure_parameter"
    FUNCTION: ClassVar[int] = 61
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">BBi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("number", "Which one, as the table of limits counts them", 0, 255),
        FieldInfo("keep", "Whether all limits are stored as they are then", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("value", "The integer; its range is in the table of limits", -1073741824, 1073741823),
    )


@dataclass(frozen=True)
class RoverDeploy(Packet):
    """Leave the lander as soon as it lets go. From spacecraft to rover."""

    way_mm: int  # Way to drive until the rover must be clear (mm)

    NAME: ClassVar[str] = "rover_deploy"
    FUNCTION: ClassVar[int] = 64
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">H")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("way_mm", "Way to drive until the rover must be clear", 300, 3000, unit="mm"),
    )


@dataclass(frozen=True)
class RoverDrive(Packet):
    """Drive straight on, or back. From spacecraft to rover."""

    distance_mm: int  # By the wheels, forwards positive, not 0 (mm)
    speed_mm_s: int  # Of the wheels' rims (mm/s)

    NAME: ClassVar[str] = "rover_drive"
    FUNCTION: ClassVar[int] = 65
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">hB")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("distance_mm", "By the wheels, forwards positive, not 0", -20000, 20000, unit="mm"),
        FieldInfo("speed_mm_s", "Of the wheels' rims", 5, 60, unit="mm/s"),
    )


@dataclass(frozen=True)
class RoverTurn(Packet):
    """Turn on the spot. From spacecraft to rover."""

    angle_mrad: int  # By the gyro, to the left positive, not 0 (mrad)
    speed_mm_s: int  # Of the wheels' rims (mm/s)

    NAME: ClassVar[str] = "rover_turn"
    FUNCTION: ClassVar[int] = 66
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">hB")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("angle_mrad", "By the gyro, to the left positive, not 0", -3142, 3142, unit="mrad"),
        FieldInfo("speed_mm_s", "Of the wheels' rims", 5, 60, unit="mm/s"),
    )


@dataclass(frozen=True)
class RoverScoop(Packet):
    """Scoop, with an image at each of five stations. From spacecraft to rover."""

    deepest_mrad: int  # Angle of the arm at its deepest, 0 is up (mrad)

    NAME: ClassVar[str] = "rover_scoop"
    FUNCTION: ClassVar[int] = 67
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">H")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("deepest_mrad", "Angle of the arm at its deepest, 0 is up", 700, 1500, unit="mrad"),
    )


@dataclass(frozen=True)
class RoverStop(Packet):
    """End motion, scooping and transmission now. From spacecraft to rover."""

    spare: int  # Nothing; a packet cannot be empty

    NAME: ClassVar[str] = "rover_stop"
    FUNCTION: ClassVar[int] = 68
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("spare", "Nothing; a packet cannot be empty", 0, 0),
    )


@dataclass(frozen=True)
class RoverRecover(Packet):
    """Leave safe mode, when nothing speaks against it any more. From spacecraft to rover."""

    spare: int  # Nothing; a packet cannot be empty

    NAME: ClassVar[str] = "rover_recover"
    FUNCTION: ClassVar[int] = 69
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("spare", "Nothing; a packet cannot be empty", 0, 0),
    )


@dataclass(frozen=True)
class RoverList(Packet):
    """Tell what images there are. From spacecraft to rover."""

    spare: int  # Nothing; a packet cannot be empty

    NAME: ClassVar[str] = "rover_list"
    FUNCTION: ClassVar[int] = 70
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">B")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("spare", "Nothing; a packet cannot be empty", 0, 0),
    )


@dataclass(frozen=True)
class RoverSend(Packet):
    """Send an image or a part of it. From spacecraft to rover."""

    image: int  # Its number
    first: int  # First packet of 128 bytes
    count: int  # So many packets; 0: all from the first on

    NAME: ClassVar[str] = "rover_send"
    FUNCTION: ClassVar[int] = 71
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">HBB")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("image", "Its number", 0, 65535),
        FieldInfo("first", "First packet of 128 bytes", 0, 31),
        FieldInfo("count", "So many packets; 0: all from the first on", 0, 32),
    )


@dataclass(frozen=True)
class RoverParameter(Packet):
    """Sets one limit; answered by an event. From spacecraft to rover."""

    number: int  # Which one, as the table of limits counts them
    keep: int  # Whether all limits are stored as they are then
    value: int  # The integer; its range is in the table of limits

    NAME: ClassVar[str] = "rover_parameter"
    FUNCTION: ClassVar[int] = 75
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">BBi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("number", "Which one, as the table of limits counts them", 0, 255),
        FieldInfo("keep", "Whether all limits are stored as they are then", 0, 1, labels={0: "no", 1: "yes"}),
        FieldInfo("value", "The integer; its range is in the table of limits", -1073741824, 1073741823),
    )


@dataclass(frozen=True)
class RoverStatus(Packet):
    """What the rover does and how it is. From rover to spacecraft."""

    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    mode: int  # Mode
    conditions: int  # What the modes are decided by
    motion: int  # Motion under way
    motion_end: int  # How the last motion ended
    way: int  # Of this motion or the last: mm by the wheels, or mrad of a turn
    odometer_mm: int  # Way by the wheels since the start, whichever direction (mm)
    yaw_mrad: int  # Turned since the motion began, to the left positive (mrad)
    tilt_q14: int  # Sine of the tilt; above 1 it lies on its back
    battery_mv: int  # Voltage of the battery (mV)
    battery_ma: int  # Current out of the battery (mA)
    wheel_1_ma: int  # Current of the motor in front on the left (mA)
    wheel_2_ma: int  # Current of the motor in front on the right (mA)
    wheel_3_ma: int  # Current of the motor behind on the left (mA)
    wheel_4_ma: int  # Current of the motor behind on the right (mA)
    wheel_verdicts: int  # Two bits a wheel: 0 it turns, 1 its encoder is silent, 2 it is stalled
    scoop_phase: int  # What the scoop does
    scoop_station: int  # The station of the scoop that comes next
    scoop_mrad: int  # Angle of the arm, 0 is up (mrad)
    images: int  # Images stored
    camera_failures: int  # Answers of the camera that were wrong or did not come, low 16 bits
    accepted: int  # Packets accepted so far, low 16 bits
    rejected: int  # Frames rejected so far, low 16 bits
    overruns: int  # Late ticks so far, low 16 bits
    time_ms: int  # Navigation's time, as far as the board knows it; begins again at 2^29 (ms)

    NAME: ClassVar[str] = "rover_status"
    FUNCTION: ClassVar[int] = 72
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">HBHBBHihHHhHHHHBBBhBHHHHi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("mode", "Mode", 0, 6, labels={0: "stowed", 1: "settling", 2: "leaving", 3: "ready", 4: "driving", 5: "scooping", 6: "safe"}),
        FieldInfo("conditions", "What the modes are decided by", 0, 16383, flags=("released", "deploy", "quiet", "clear", "stranded", "drive", "scoop", "tilted", "battery_low", "deaf", "numb", "recover", "free", "limit",)),
        FieldInfo("motion", "Motion under way", 0, 2, labels={0: "none", 1: "straight", 2: "turn"}),
        FieldInfo("motion_end", "How the last motion ended", 0, 7, labels={0: "under_way", 1: "reached", 2: "stopped", 3: "stalled", 4: "encoders_silent", 5: "too_long", 6: "jammed", 7: "safe_mode"}),
        FieldInfo("way", "Of this motion or the last: mm by the wheels, or mrad of a turn", 0, 65535),
        FieldInfo("odometer_mm", "Way by the wheels since the start, whichever direction", -1073741824, 1073741823, unit="mm"),
        FieldInfo("yaw_mrad", "Turned since the motion began, to the left positive", -32768, 32767, unit="mrad"),
        FieldInfo("tilt_q14", "Sine of the tilt; above 1 it lies on its back", 0, 32768, q=14),
        FieldInfo("battery_mv", "Voltage of the battery", 0, 65535, unit="mV"),
        FieldInfo("battery_ma", "Current out of the battery", -32768, 32767, unit="mA"),
        FieldInfo("wheel_1_ma", "Current of the motor in front on the left", 0, 65535, unit="mA"),
        FieldInfo("wheel_2_ma", "Current of the motor in front on the right", 0, 65535, unit="mA"),
        FieldInfo("wheel_3_ma", "Current of the motor behind on the left", 0, 65535, unit="mA"),
        FieldInfo("wheel_4_ma", "Current of the motor behind on the right", 0, 65535, unit="mA"),
        FieldInfo("wheel_verdicts", "Two bits a wheel: 0 it turns, 1 its encoder is silent, 2 it is stalled", 0, 255),
        FieldInfo("scoop_phase", "What the scoop does", 0, 2, labels={0: "rest", 1: "scooping", 2: "drawing_back"}),
        FieldInfo("scoop_station", "The station of the scoop that comes next", 0, 5),
        FieldInfo("scoop_mrad", "Angle of the arm, 0 is up", -32768, 32767, unit="mrad"),
        FieldInfo("images", "Images stored", 0, 255),
        FieldInfo("camera_failures", "Answers of the camera that were wrong or did not come, low 16 bits", 0, 65535),
        FieldInfo("accepted", "Packets accepted so far, low 16 bits", 0, 65535),
        FieldInfo("rejected", "Frames rejected so far, low 16 bits", 0, 65535),
        FieldInfo("overruns", "Late ticks so far, low 16 bits", 0, 65535),
        FieldInfo("time_ms", "Navigation's time, as far as the board knows it; begins again at 2^29", 0, 536870911, unit="ms"),
    )


@dataclass(frozen=True)
class RoverImage(Packet):
    """What there is of an image; sent when it is stored or listed, and after its last packet. From rover to spacecraft."""

    image: int  # Its number
    tick: int  # The rover's count of ticks at the trigger, low 16 bits
    station: int  # Station of the scoop: up, half way down, deepest, half way up, carried
    scoop_mrad: int  # Angle of the arm at the trigger (mrad)
    size: int  # Bytes
    crc_high: int  # zlib's CRC-32 of them, high half
    crc_low: int  # zlib's CRC-32 of them, low half

    NAME: ClassVar[str] = "rover_image"
    FUNCTION: ClassVar[int] = 73
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">HHBhHHH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("image", "Its number", 0, 65535),
        FieldInfo("tick", "The rover's count of ticks at the trigger, low 16 bits", 0, 65535),
        FieldInfo("station", "Station of the scoop: up, half way down, deepest, half way up, carried", 0, 4),
        FieldInfo("scoop_mrad", "Angle of the arm at the trigger", -32768, 32767, unit="mrad"),
        FieldInfo("size", "Bytes", 0, 65535),
        FieldInfo("crc_high", "zlib's CRC-32 of them, high half", 0, 65535),
        FieldInfo("crc_low", "zlib's CRC-32 of them, low half", 0, 65535),
    )


@dataclass(frozen=True)
class RoverImageData(Packet):
    """128 bytes of an image, zeros behind its end. From rover to spacecraft."""

    image: int  # Its number
    packet: int  # Place in the image, in packets of 128 bytes
    word_00: int  # Bytes 0 and 1
    word_01: int  # Bytes 2 and 3
    word_02: int  # Bytes 4 and 5
    word_03: int  # Bytes 6 and 7
    word_04: int  # Bytes 8 and 9
    word_05: int  # Bytes 10 and 11
    word_06: int  # Bytes 12 and 13
    word_07: int  # Bytes 14 and 15
    word_08: int  # Bytes 16 and 17
    word_09: int  # Bytes 18 and 19
    word_10: int  # Bytes 20 and 21
    word_11: int  # Bytes 22 and 23
    word_12: int  # Bytes 24 and 25
    word_13: int  # Bytes 26 and 27
    word_14: int  # Bytes 28 and 29
    word_15: int  # Bytes 30 and 31
    word_16: int  # Bytes 32 and 33
    word_17: int  # Bytes 34 and 35
    word_18: int  # Bytes 36 and 37
    word_19: int  # Bytes 38 and 39
    word_20: int  # Bytes 40 and 41
    word_21: int  # Bytes 42 and 43
    word_22: int  # Bytes 44 and 45
    word_23: int  # Bytes 46 and 47
    word_24: int  # Bytes 48 and 49
    word_25: int  # Bytes 50 and 51
    word_26: int  # Bytes 52 and 53
    word_27: int  # Bytes 54 and 55
    word_28: int  # Bytes 56 and 57
    word_29: int  # Bytes 58 and 59
    word_30: int  # Bytes 60 and 61
    word_31: int  # Bytes 62 and 63
    word_32: int  # Bytes 64 and 65
    word_33: int  # Bytes 66 and 67
    word_34: int  # Bytes 68 and 69
    word_35: int  # Bytes 70 and 71
    word_36: int  # Bytes 72 and 73
    word_37: int  # Bytes 74 and 75
    word_38: int  # Bytes 76 and 77
    word_39: int  # Bytes 78 and 79
    word_40: int  # Bytes 80 and 81
    word_41: int  # Bytes 82 and 83
    word_42: int  # Bytes 84 and 85
    word_43: int  # Bytes 86 and 87
    word_44: int  # Bytes 88 and 89
    word_45: int  # Bytes 90 and 91
    word_46: int  # Bytes 92 and 93
    word_47: int  # Bytes 94 and 95
    word_48: int  # Bytes 96 and 97
    word_49: int  # Bytes 98 and 99
    word_50: int  # Bytes 100 and 101
    word_51: int  # Bytes 102 and 103
    word_52: int  # Bytes 104 and 105
    word_53: int  # Bytes 106 and 107
    word_54: int  # Bytes 108 and 109
    word_55: int  # Bytes 110 and 111
    word_56: int  # Bytes 112 and 113
    word_57: int  # Bytes 114 and 115
    word_58: int  # Bytes 116 and 117
    word_59: int  # Bytes 118 and 119
    word_60: int  # Bytes 120 and 121
    word_61: int  # Bytes 122 and 123
    word_62: int  # Bytes 124 and 125
    word_63: int  # Bytes 126 and 127

    NAME: ClassVar[str] = "rover_image_data"
    FUNCTION: ClassVar[int] = 74
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">HBHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("image", "Its number", 0, 65535),
        FieldInfo("packet", "Place in the image, in packets of 128 bytes", 0, 255),
        FieldInfo("word_00", "Bytes 0 and 1", 0, 65535),
        FieldInfo("word_01", "Bytes 2 and 3", 0, 65535),
        FieldInfo("word_02", "Bytes 4 and 5", 0, 65535),
        FieldInfo("word_03", "Bytes 6 and 7", 0, 65535),
        FieldInfo("word_04", "Bytes 8 and 9", 0, 65535),
        FieldInfo("word_05", "Bytes 10 and 11", 0, 65535),
        FieldInfo("word_06", "Bytes 12 and 13", 0, 65535),
        FieldInfo("word_07", "Bytes 14 and 15", 0, 65535),
        FieldInfo("word_08", "Bytes 16 and 17", 0, 65535),
        FieldInfo("word_09", "Bytes 18 and 19", 0, 65535),
        FieldInfo("word_10", "Bytes 20 and 21", 0, 65535),
        FieldInfo("word_11", "Bytes 22 and 23", 0, 65535),
        FieldInfo("word_12", "Bytes 24 and 25", 0, 65535),
        FieldInfo("word_13", "Bytes 26 and 27", 0, 65535),
        FieldInfo("word_14", "Bytes 28 and 29", 0, 65535),
        FieldInfo("word_15", "Bytes 30 and 31", 0, 65535),
        FieldInfo("word_16", "Bytes 32 and 33", 0, 65535),
        FieldInfo("word_17", "Bytes 34 and 35", 0, 65535),
        FieldInfo("word_18", "Bytes 36 and 37", 0, 65535),
        FieldInfo("word_19", "Bytes 38 and 39", 0, 65535),
        FieldInfo("word_20", "Bytes 40 and 41", 0, 65535),
        FieldInfo("word_21", "Bytes 42 and 43", 0, 65535),
        FieldInfo("word_22", "Bytes 44 and 45", 0, 65535),
        FieldInfo("word_23", "Bytes 46 and 47", 0, 65535),
        FieldInfo("word_24", "Bytes 48 and 49", 0, 65535),
        FieldInfo("word_25", "Bytes 50 and 51", 0, 65535),
        FieldInfo("word_26", "Bytes 52 and 53", 0, 65535),
        FieldInfo("word_27", "Bytes 54 and 55", 0, 65535),
        FieldInfo("word_28", "Bytes 56 and 57", 0, 65535),
        FieldInfo("word_29", "Bytes 58 and 59", 0, 65535),
        FieldInfo("word_30", "Bytes 60 and 61", 0, 65535),
        FieldInfo("word_31", "Bytes 62 and 63", 0, 65535),
        FieldInfo("word_32", "Bytes 64 and 65", 0, 65535),
        FieldInfo("word_33", "Bytes 66 and 67", 0, 65535),
        FieldInfo("word_34", "Bytes 68 and 69", 0, 65535),
        FieldInfo("word_35", "Bytes 70 and 71", 0, 65535),
        FieldInfo("word_36", "Bytes 72 and 73", 0, 65535),
        FieldInfo("word_37", "Bytes 74 and 75", 0, 65535),
        FieldInfo("word_38", "Bytes 76 and 77", 0, 65535),
        FieldInfo("word_39", "Bytes 78 and 79", 0, 65535),
        FieldInfo("word_40", "Bytes 80 and 81", 0, 65535),
        FieldInfo("word_41", "Bytes 82 and 83", 0, 65535),
        FieldInfo("word_42", "Bytes 84 and 85", 0, 65535),
        FieldInfo("word_43", "Bytes 86 and 87", 0, 65535),
        FieldInfo("word_44", "Bytes 88 and 89", 0, 65535),
        FieldInfo("word_45", "Bytes 90 and 91", 0, 65535),
        FieldInfo("word_46", "Bytes 92 and 93", 0, 65535),
        FieldInfo("word_47", "Bytes 94 and 95", 0, 65535),
        FieldInfo("word_48", "Bytes 96 and 97", 0, 65535),
        FieldInfo("word_49", "Bytes 98 and 99", 0, 65535),
        FieldInfo("word_50", "Bytes 100 and 101", 0, 65535),
        FieldInfo("word_51", "Bytes 102 and 103", 0, 65535),
        FieldInfo("word_52", "Bytes 104 and 105", 0, 65535),
        FieldInfo("word_53", "Bytes 106 and 107", 0, 65535),
        FieldInfo("word_54", "Bytes 108 and 109", 0, 65535),
        FieldInfo("word_55", "Bytes 110 and 111", 0, 65535),
        FieldInfo("word_56", "Bytes 112 and 113", 0, 65535),
        FieldInfo("word_57", "Bytes 114 and 115", 0, 65535),
        FieldInfo("word_58", "Bytes 116 and 117", 0, 65535),
        FieldInfo("word_59", "Bytes 118 and 119", 0, 65535),
        FieldInfo("word_60", "Bytes 120 and 121", 0, 65535),
        FieldInfo("word_61", "Bytes 122 and 123", 0, 65535),
        FieldInfo("word_62", "Bytes 124 and 125", 0, 65535),
        FieldInfo("word_63", "Bytes 126 and 127", 0, 65535),
    )


KINDS: dict[tuple[bool, int], type[Packet]] = {
    (True, 1): Demand,
    (False, 2): PropulsionStatus,
    (True, 3): InitialState,
    (False, 4): NavigationState,
    (False, 5): Event,
    (True, 6): SetParameter,
    (True, 11): NavigationMode,
    (False, 7): Time,
    (False, 8): ValveStatus,
    (False, 9): FeedStatus,
    (True, 10): PropulsionParameter,
    (True, 32): LoadSwitch,
    (True, 33): ArmSupply,
    (True, 35): PowerParameter,
    (False, 34): PowerStatus,
    (False, 48): StructureStatus,
    (False, 49): StructureArmed,
    (True, 56): StructureMode,
    (True, 57): StructureHeating,
    (True, 58): StructureArm,
    (True, 59): StructureFire,
    (True, 60): StructureDisarm,
    (True, 61): StructureParameter,
    (True, 64): RoverDeploy,
    (True, 65): RoverDrive,
    (True, 66): RoverTurn,
    (True, 67): RoverScoop,
    (True, 68): RoverStop,
    (True, 69): RoverRecover,
    (True, 70): RoverList,
    (True, 71): RoverSend,
    (True, 75): RoverParameter,
    (False, 72): RoverStatus,
    (False, 73): RoverImage,
    (False, 74): RoverImageData,
}


def decode(data: bytes) -> Received:
    """The packet in `data`, without its frame. Raises PacketError."""
    return codec.decode(data, KINDS, BOARDS)
