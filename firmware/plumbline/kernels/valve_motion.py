"""What the commanded pulses should have done to the body's rates, against what navigation measures: 100 Hz.

A disturbance observer for each axis: the rate is predicted from the pulses, and what it keeps missing is a
torque that nobody commanded, of an engine that is weak, of a valve that does not open or does not close.
Beside it each group of attitude jets is measured by itself, from before its pulses to after them.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, divide_signed

_DEM_FLAGS = const(1)
_DEM_FORCE_X_MM_S2 = const(8)
_DEM_RATE_X_Q = const(9)
_DEM_MASS_KG = const(12)

_MOT_LEFT_US = const(0)  # of each valve's pulse
_MOT_ON_US = const(15)  # in the tick that has passed
_MOT_ASSIST_Q4 = const(30)  # what one gives in a tick now; 32 urad/s / 16
_MOT_JET_Q4 = const(31)
_MOT_ROLL_Q4 = const(32)
_MOT_TURN_Q4 = const(33)  # expected of a tick, three axes; of the last one, and of the one before
_MOT_JETS_Q4 = const(39)  # the jets' part of it
_MOT_RATE_Q4 = const(45)  # predicted
_MOT_TORQUE_Q10 = const(48)  # that nobody commanded: what it adds to the rate in a tick
_MOT_QUIET_TICKS = const(51)  # since jets last fired about this axis
_MOT_SEEN_Q = const(54)  # rates of the last tick
_MOT_MISSED_Q4 = const(57)  # of this episode of the jets: turned, less what was expected
_MOT_FIRED_Q4 = const(60)  # of this episode: expected of the jets
_MOT_STEADY_Q10 = const(63)  # uncommanded torque when it began
_MOT_LACK_Q4 = const(66)  # six groups: +x -x +y -y +z -z: what is missing of the next
_MOT_ASKED_Q4 = const(72)
_MOT_AGE_TICKS = const(78)  # since it was armed
_MOT_MAIN_US = const(79)  # open since thrust was weighed
_MOT_THRUSTERS_US = const(80)
_MOT_FORCE_SUM = const(81)
_MOT_LACK_Q10 = const(82)  # missing of all engines' thrust
_MOT_ROUGH_Q4 = const(83)  # six groups: missing or too much, each episode by its size

_TRN_ASSIST = const(0)
_TRN_MAIN_MN = const(6)
_TRN_THRUSTER_MN = const(7)

_ARMED = const(1)
_BLURRED = const(8)  # navigation's inertial units were overloaded, silent or differed
_VALVES = const(15)
_ASSIST = const(1)
_RCS = const(7)
_TICK_US = const(10000)
_LIGHTEST_KG = const(10)
_TENTH_US = const(100000)
_COS_30_Q10 = const(887)
_QUIET_TICKS = const(5)  # after which a pulse has done all it does
_LONG_Q4 = const(15000)  # an episode that has asked for so much ends
_LEAST_Q4 = const(50)
_MOST_ASKED_Q4 = const(32000)  # then both sums are halved


@micropython.viper
def take_mass(motion: ptr32, demand: ptr32, turning: ptr32) -> int:
    """Ten times a second: what an engine does to the body, which gets lighter."""
    mass = int(clamp(demand[_DEM_MASS_KG], _LIGHTEST_KG, 32767))
    engine = 0
    while engine < 3:
        one = int(divide(turning[_TRN_ASSIST + engine], mass, 0))
        motion[_MOT_ASSIST_Q4 + engine] = int(clamp(one, 1, 65535))
        engine = engine + 1
    weigh_thrust(motion, turning, mass)
    return mass


@micropython.viper
def weigh_thrust(motion: ptr32, turning: ptr32, mass_kg: int) -> int:
    """What ten ticks' pulses should have given along body x, less what was measured, of all engines' thrust.

    While the main engine burned throughout; else nothing is said. Ranges: mass_kg 10..32_767.
    """
    main = int(clamp(int(divide(turning[_TRN_MAIN_MN], mass_kg, 0)), 0, 32767))
    one = int(clamp(int(divide(turning[_TRN_THRUSTER_MN], mass_kg, 0)), 1, 32767))
    whole = int(clamp(motion[_MOT_MAIN_US], 0, _TENTH_US))
    given = (whole >> 4) * main // 625
    given = given + ((int(clamp(motion[_MOT_THRUSTERS_US], 0, 6 * _TENTH_US)) >> 6) * one // 625) * 4
    lack = int(divide_signed(given - motion[_MOT_FORCE_SUM], 10 * (main + 6 * one), 10))
    if whole < _TENTH_US:
        lack = 0
    motion[_MOT_LACK_Q10] = int(clamp(lack, -8192, 8192))
    motion[_MOT_MAIN_US] = 0
    motion[_MOT_THRUSTERS_US] = 0
    motion[_MOT_FORCE_SUM] = 0
    return lack


@micropython.viper
def step(motion: ptr32, demand: ptr32) -> int:
    """One tick, after the demand has come and before new pulses begin; 1 while armed and measured.

    motion: MOT_ slots; demand: DEM_ slots.
    """
    count_open(motion)
    if (demand[_DEM_FLAGS] & (_ARMED | _BLURRED)) != _ARMED:
        rest(motion, demand)
        return 0
    motion[_MOT_AGE_TICKS] = int(clamp(motion[_MOT_AGE_TICKS] + 1, 0, 1000))
    expect(motion)
    add_thrust(motion, demand)
    axis = 0
    while axis < 3:
        observe(motion, axis, demand[_DEM_RATE_X_Q + axis])
        weigh_jets(motion, axis, demand[_DEM_RATE_X_Q + axis])
        axis = axis + 1
    return 1


@micropython.viper
def begin(motion: ptr32, pulses_us: ptr32) -> int:
    """The pulses that begin in this tick."""
    valve = 0
    while valve < _VALVES:
        if pulses_us[valve] > 0:
            motion[_MOT_LEFT_US + valve] = pulses_us[valve]
        valve = valve + 1
    return valve


@micropython.viper
def count_open(motion: ptr32) -> int:
    """For how long each valve was open in the tick that has passed."""
    valve = 0
    while valve < _VALVES:
        on = int(clamp(motion[_MOT_LEFT_US + valve], 0, _TICK_US))
        motion[_MOT_ON_US + valve] = on
        motion[_MOT_LEFT_US + valve] = int(clamp(motion[_MOT_LEFT_US + valve] - on, 0, 100000))
        valve = valve + 1
    return valve


@micropython.viper
def rest(motion: ptr32, demand: ptr32) -> int:
    """Nothing is armed, or not measured: nothing is known but the rates."""
    slot = _MOT_TURN_Q4
    while slot < _MOT_LACK_Q4:
        motion[slot] = 0
        slot = slot + 1
    slot = _MOT_MAIN_US
    while slot <= _MOT_LACK_Q10:
        motion[slot] = 0
        slot = slot + 1
    axis = 0
    while axis < 3:
        motion[_MOT_RATE_Q4 + axis] = int(clamp(demand[_DEM_RATE_X_Q + axis], -32768, 32767)) * 16
        motion[_MOT_SEEN_Q + axis] = int(clamp(demand[_DEM_RATE_X_Q + axis], -32768, 32767))
        axis = axis + 1
    motion[_MOT_AGE_TICKS] = 0
    return axis


@micropython.viper
def add_thrust(motion: ptr32, demand: ptr32) -> int:
    """What burned in the tick that has passed, and the force that was felt."""
    motion[_MOT_MAIN_US] = int(clamp(motion[_MOT_MAIN_US] + motion[_MOT_ON_US], 0, 1000000))
    total = motion[_MOT_THRUSTERS_US]
    valve = _ASSIST
    while valve < _RCS:
        total = total + motion[_MOT_ON_US + valve]
        valve = valve + 1
    motion[_MOT_THRUSTERS_US] = int(clamp(total, 0, 6000000))
    felt = motion[_MOT_FORCE_SUM] + int(clamp(demand[_DEM_FORCE_X_MM_S2], -32768, 32767))
    motion[_MOT_FORCE_SUM] = int(clamp(felt, -400000, 400000))
    return felt


@micropython.viper
def expect(motion: ptr32) -> int:
    """What the valves that were open add to the rates: jets about x, assist thrusters and jets else."""
    axis = 0
    while axis < 3:
        motion[_MOT_TURN_Q4 + 3 + axis] = motion[_MOT_TURN_Q4 + axis]
        motion[_MOT_JETS_Q4 + 3 + axis] = motion[_MOT_JETS_Q4 + axis]
        axis = axis + 1
    # thruster i stands at 60 degrees * i from body y toward z: its torque is (sin, -cos) of that
    first = _MOT_ON_US + _ASSIST
    across = motion[first + 1] + motion[first + 2] - motion[first + 4] - motion[first + 5]
    up = motion[first + 2] + motion[first + 4] - motion[first + 1] - motion[first + 5]
    up = motion[first + 3] - motion[first] + (up >> 1)
    jets = _MOT_ON_US + _RCS
    about_x = motion[jets + 4] + motion[jets + 5] - motion[jets + 6] - motion[jets + 7]
    motion[_MOT_JETS_Q4] = (about_x >> 4) * motion[_MOT_ROLL_Q4] // 625
    motion[_MOT_JETS_Q4 + 1] = ((motion[jets] - motion[jets + 1]) >> 4) * motion[_MOT_JET_Q4] // 625
    motion[_MOT_JETS_Q4 + 2] = ((motion[jets + 2] - motion[jets + 3]) >> 4) * motion[_MOT_JET_Q4] // 625
    assist = motion[_MOT_ASSIST_Q4]
    motion[_MOT_TURN_Q4] = motion[_MOT_JETS_Q4]
    motion[_MOT_TURN_Q4 + 1] = motion[_MOT_JETS_Q4 + 1] + ((across * _COS_30_Q10) >> 14) * assist // 625
    motion[_MOT_TURN_Q4 + 2] = motion[_MOT_JETS_Q4 + 2] + (up >> 4) * assist // 625
    return about_x


@micropython.viper
def delayed(motion: ptr32, slot: int) -> int:
    """A tick's sum as the rates show it: the rates are 8 ms older than the pulses, valves take as long again.

    Ranges: slot 33..41.
    """
    return (motion[slot] * 3 + motion[slot + 3] * 5) >> 3


@micropython.viper
def observe(motion: ptr32, axis: int, rate_q: int) -> int:
    """Predict, compare, and let what is left move the uncommanded torque: settles within a third of a second.

    Ranges: axis 0..2, rate_q -32768..32767.
    """
    torque = motion[_MOT_TORQUE_Q10 + axis]
    rate = motion[_MOT_RATE_Q4 + axis] + int(delayed(motion, _MOT_TURN_Q4 + axis)) + (torque >> 6)
    missed = int(clamp(rate_q * 16 - rate, -400000, 400000))
    motion[_MOT_RATE_Q4 + axis] = int(clamp(rate + ((missed * 5) >> 5), -600000, 600000))
    motion[_MOT_TORQUE_Q10 + axis] = int(clamp(torque + ((missed * 53) >> 7), -4000000, 4000000))
    return missed


@micropython.viper
def weigh_jets(motion: ptr32, axis: int, rate_q: int) -> int:
    """One axis' jets: an episode goes from before a pulse to after it; its sums then go to their group.

    Ranges: axis 0..2, rate_q -32768..32767.
    """
    jets = int(delayed(motion, _MOT_JETS_Q4 + axis))
    turned = (rate_q - motion[_MOT_SEEN_Q + axis]) * 16
    motion[_MOT_SEEN_Q + axis] = rate_q
    quiet = int(clamp(motion[_MOT_QUIET_TICKS + axis] + 1, 0, 1000))
    if jets != 0:
        quiet = 0
    motion[_MOT_QUIET_TICKS + axis] = quiet
    fired = motion[_MOT_FIRED_Q4 + axis]
    if fired == 0 and jets == 0:
        motion[_MOT_MISSED_Q4 + axis] = 0
        motion[_MOT_STEADY_Q10 + axis] = motion[_MOT_TORQUE_Q10 + axis]
        return 0
    missed = motion[_MOT_MISSED_Q4 + axis] + turned - int(delayed(motion, _MOT_TURN_Q4 + axis))
    missed = missed - (motion[_MOT_STEADY_Q10 + axis] >> 6)
    motion[_MOT_MISSED_Q4 + axis] = int(clamp(missed, -4000000, 4000000))
    fired = int(clamp(fired + jets, -4000000, 4000000))
    motion[_MOT_FIRED_Q4 + axis] = fired
    if quiet >= _QUIET_TICKS or fired > _LONG_Q4 or fired < 0 - _LONG_Q4:
        take_episode(motion, axis)
    return jets


@micropython.viper
def take_episode(motion: ptr32, axis: int) -> int:
    """What was asked of a group of jets, and what of it was missing. Ranges: axis 0..2."""
    asked = motion[_MOT_FIRED_Q4 + axis]
    missed = motion[_MOT_MISSED_Q4 + axis]
    before = motion[_MOT_STEADY_Q10 + axis]
    after = motion[_MOT_TORQUE_Q10 + axis]
    two = motion[_MOT_JET_Q4] << 7
    moved = after - before
    motion[_MOT_FIRED_Q4 + axis] = 0
    motion[_MOT_MISSED_Q4 + axis] = 0
    motion[_MOT_STEADY_Q10 + axis] = motion[_MOT_TORQUE_Q10 + axis]
    group = 2 * axis
    if asked < 0:
        group = group + 1
        asked = 0 - asked
        missed = 0 - missed
    # too little to measure, or more goes on than jets can do
    if asked < _LEAST_Q4 or after > two or after < 0 - two or before > two or before < 0 - two:
        return 0
    if moved * 4 > two * 3 or moved * 4 < 0 - two * 3:
        return 0
    lack = motion[_MOT_LACK_Q4 + group] - missed
    asked = motion[_MOT_ASKED_Q4 + group] + asked
    if missed < 0:
        missed = 0 - missed
    rough = motion[_MOT_ROUGH_Q4 + group] + missed
    if asked > _MOST_ASKED_Q4:
        asked = asked >> 1
        lack = lack >> 1
        rough = rough >> 1
    motion[_MOT_ROUGH_Q4 + group] = int(clamp(rough, 0, 1000000))
    motion[_MOT_LACK_Q4 + group] = int(clamp(lack, -1000000, 1000000))
    motion[_MOT_ASKED_Q4 + group] = int(clamp(asked, 0, 1000000))
    return asked
