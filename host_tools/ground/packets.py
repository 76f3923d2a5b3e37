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
        FieldInfo("id", "Which event", 1, 59, labels={1: "boot", 2: "initialised", 3: "ignition", 4: "phase_changed", 5: "altimeter_acquired", 6: "altimeter_rejected", 7: "altimeter_readmitted", 8: "terrain_step", 9: "touchdown", 10: "engine_cutoff", 11: "demand_stale", 12: "tick_overrun", 13: "imu_silent", 14: "initial_state_refused", 15: "tick_starved", 16: "range_overdue", 17: "agl_alert", 18: "agl_good", 19: "agl_impossible", 20: "agl_corrected", 21: "abort", 22: "command_unknown", 23: "command_elsewhere", 24: "command_malformed", 25: "commands_untold", 26: "restarted", 27: "task_missed", 28: "safe_mode", 29: "parameters_fell_back", 30: "parameters_lost", 31: "recorder_full", 32: "mode_changed", 33: "resumed", 50: "leg_contact", 51: "leg_contact_lost", 52: "leg_switch_stuck", 53: "heater_limited", 54: "thermistor_failed", 55: "thermistor_good", 56: "actuator_armed", 57: "actuator_disarmed", 58: "actuator_fired", 59: "structure_refused"}),
        FieldInfo("severity", "How bad it is", 0, 3, labels={0: "diagnostic", 1: "activity", 2: "warning", 3: "fault"}),
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("argument", "What the event's own entry says; 0 where it says nothing", -1073741824, 1073741823),
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
    heaters_disabled: int  # Heaters disabled by command
    legs_closed: int  # Contact switches closed, debounced
    legs_stuck: int  # Contact switches that do not vote
    contact: int  # The vote of the legs
    arming: int  # Whether an actuator is armed
    actuator: int  # The actuator armed last
    fired: int  # Actuators fired since the start
    accepted: int  # Packets taken from the bus so far, low 16 bits
    rejected: int  # Frames rejected so far, low 16 bits
    overruns: int  # Late ticks so far, low 16 bits

    NAME: ClassVar[str] = "structure_status"
    FUNCTION: ClassVar[int] = 48
    IS_COMMAND: ClassVar[bool] = False
    BOARD: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">HBiiiBBBBBBBBBBHHH")
    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (
        FieldInfo("tick", "The sender's count of ticks of 10 ms, low 16 bits", 0, 65535),
        FieldInfo("mode", "Mode of the structure board", 0, 3, labels={0: "safe", 1: "cruise", 2: "descent", 3: "surface"}),
        FieldInfo("fuel_mc", "Fuel tank, as last measured", -150000, 500000, unit="mdegC"),
        FieldInfo("oxidiser_mc", "Oxidiser tank, as last measured", -150000, 500000, unit="mdegC"),
        FieldInfo("structure_mc", "Structure, as last measured", -150000, 500000, unit="mdegC"),
        FieldInfo("thermistors_failed", "Thermistors that are not believed; their heaters are off", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("heaters_on", "Heaters on", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("heaters_resting", "Heaters off because they have met a limit", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("heaters_disabled", "Heaters disabled by command", 0, 7, flags=("fuel", "oxidiser", "structure",)),
        FieldInfo("legs_closed", "Contact switches closed, debounced", 0, 15, flags=("leg_1", "leg_2", "leg_3", "leg_4",)),
        FieldInfo("legs_stuck", "Contact switches that do not vote", 0, 15, flags=("leg_1", "leg_2", "leg_3", "leg_4",)),
        FieldInfo("contact", "The vote of the legs", 0, 2, labels={0: "no", 1: "yes", 2: "blind"}),
        FieldInfo("arming", "Whether an actuator is armed", 0, 2, labels={0: "safe", 1: "armed", 2: "firing"}),
        FieldInfo("actuator", "The actuator armed last", 0, 3, labels={0: "legs", 1: "pressurant", 2: "ramp", 3: "rover"}),
        FieldInfo("fired", "Actuators fired since the start", 0, 15, flags=("legs", "pressurant", "ramp", "rover",)),
        FieldInfo("accepted", "Packets taken from the bus so far, low 16 bits", 0, 65535),
        FieldInfo("rejected", "Frames rejected so far, low 16 bits", 0, 65535),
        FieldInfo("overruns", "Late ticks so far, low 16 bits", 0, 65535),
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


KINDS: dict[tuple[bool, int], type[Packet]] = {
    (True, 1): Demand,
    (False, 2): PropulsionStatus,
    (True, 3): InitialState,
    (False, 4): NavigationState,
    (False, 5): Event,
    (False, 48): StructureStatus,
    (False, 49): StructureArmed,
    (True, 56): StructureMode,
    (True, 57): StructureHeating,
    (True, 58): StructureArm,
    (True, 59): StructureFire,
    (True, 60): StructureDisarm,
}


def decode(data: bytes) -> Received:
    """The packet in `data`, without its frame. Raises PacketError."""
    return codec.decode(data, KINDS, BOARDS)
