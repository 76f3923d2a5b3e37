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


class Verdict(IntEnum):
    """Values of verdict."""

    NONE = 0
    ACCEPTED = 1
    ON_TRIAL = 2
    TERRAIN = 3
    PUT_OUT = 4
    OVERDUE = 5


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
    TIME_TAKEN = 85
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
    85: EventInfo("time_taken", "activity", "Navigation's time was taken over: the first, or after a jump", FieldInfo("argument", "what is added to the board's own", -1073741824, 1073741823, unit="ms")),
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

    NAME: ClassVar[str] = "demand"
    FUNCTION: ClassVar[int] = 1
    IS_COMMAND: ClassVar[bool] = True
    BOARD: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">HBhhhhhh")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("flags", "What is allowed", 0, 3, flags=("armed", "main_engine",)),
        FieldInfo("throttle_q14", "Duty of the assist thrusters", 0, 16384, q=14),
        FieldInfo("torque_x_q14", "Duty of the RCS about body x", -16384, 16384, q=14),
        FieldInfo("torque_y_q14", "Duty of the RCS about body y", -16384, 16384, q=14),
        FieldInfo("torque_z_q14", "Duty of the RCS about body z", -16384, 16384, q=14),
        FieldInfo("trim_y_q14", "Difference of the assist thrusters about body y", -16384, 16384, q=14),
        FieldInfo("trim_z_q14", "Difference of the assist thrusters about body z", -16384, 16384, q=14),
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

    NAME: ClassVar[str] = "navigation_state"
    FUNCTION: ClassVar[int] = 4
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">HBiiiiiiiBBBBBhiBH")
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
    )


@dataclass(frozen=True)
class Event(Packet):
    """Something has happened; said once. From any to spacecraft."""

    id: int  # Which event
    severity: int  # How bad it is
    tick: int  # The sender's count of ticks of 10 ms, low 16 bits
    argument: int  # What the event's own entry says; 0 where it says nothing

    NAME: ClassVar[str] = "event"
    FUNCTION: ClassVar[int] = 5
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 0
    LAYOUT: ClassVar[Struct] = Struct(">HBHi")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("id", "Which event", 1, 85, labels={1: "boot", 2: "initialised", 3: "ignition", 4: "phase_changed", 5: "altimeter_acquired", 6: "altimeter_rejected", 7: "altimeter_readmitted", 8: "terrain_step", 9: "touchdown", 10: "engine_cutoff", 11: "demand_stale", 12: "tick_overrun", 13: "imu_silent", 14: "initial_state_refused", 15: "tick_starved", 16: "range_overdue", 17: "agl_alert", 18: "agl_good", 19: "agl_impossible", 20: "agl_corrected", 21: "abort", 22: "command_unknown", 23: "command_elsewhere", 24: "command_malformed", 25: "commands_untold", 26: "restarted", 27: "task_missed", 28: "safe_mode", 29: "parameters_fell_back", 30: "parameters_lost", 31: "recorder_full", 32: "mode_changed", 33: "resumed", 34: "parameter_set", 35: "parameter_unknown", 36: "parameter_out_of_range", 37: "parameter_not_now", 38: "parameters_stored", 39: "parameters_not_stored", 85: "time_taken", 40: "power_level", 41: "load_on", 42: "load_off", 43: "load_shed", 44: "power_field_refused", 45: "power_too_low", 46: "arm_on", 47: "arm_off", 48: "arm_stuck", 49: "monitor_lost"}),
        FieldInfo("severity", "How bad it is", 0, 3, labels={0: "diagnostic", 1: "activity", 2: "warning", 3: "fault"}),
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("argument", "What the event's own entry says; 0 where it says nothing", -1073741824, 1073741823),
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

    NAME: ClassVar[str] = "power_status"
    FUNCTION: ClassVar[int] = 34
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 3
    LAYOUT: ClassVar[Struct] = Struct(">HBBBHBHiHiHiHiiHH")
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
    )


KINDS: dict[tuple[bool, int], type[Packet]] = {
    (True, 1): Demand,
    (False, 2): PropulsionStatus,
    (True, 3): InitialState,
    (False, 4): NavigationState,
    (False, 5): Event,
    (True, 6): SetParameter,
    (False, 7): Time,
    (True, 32): LoadSwitch,
    (True, 33): ArmSupply,
    (False, 34): PowerStatus,
}


def decode(data: bytes) -> Received:
    """The packet in `data`, without its frame. Raises PacketError."""
    return codec.decode(data, KINDS, BOARDS)
