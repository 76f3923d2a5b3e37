"""Which valves are out of service, and which branches are isolated: ten times a second, from the motion.

A torque that nobody commanded points at a pair of assist thrusters, at the jets of an axis, or at nobody.
Jets are tried: their branch is isolated, and opened again if the torque stays. Jets that do not turn the
body are put out by what they owe. Thrust that is missing without a torque is the main engine's. What is out
of service is no longer commanded; modulation.py shares it out.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide_signed

_DEM_FLAGS = const(1)
_MOT_ASSIST_Q4 = const(30)
_MOT_ROLL_Q4 = const(32)
_MOT_TORQUE_Q10 = const(48)
_MOT_QUIET_TICKS = const(51)
_MOT_LACK_Q4 = const(66)
_MOT_ASKED_Q4 = const(72)
_MOT_AGE_TICKS = const(78)
_MOT_LACK_Q10 = const(82)
_MOT_ROUGH_Q4 = const(83)

_HEA_OUT = const(0)  # a bit for each valve
_HEA_ISOLATED = const(1)  # a bit for each branch: main, assist pairs, jets y, z, and two for roll
_HEA_WEAK = const(2)  # bits: assist pairs, then jets +x -x +y -y +z -z, then the main engine
_HEA_TORQUE_Q10 = const(3)  # uncommanded, of an assist thruster's; x: of a roll jet's
_HEA_STEADY_Q10 = const(6)  # what of it is always there
_HEA_PAIR = const(9)  # suspected, 3: none
_HEA_PAIR_STEPS = const(10)
_HEA_WEAK_STEPS = const(11)
_HEA_STUCK_STEPS = const(12)  # three axes
_HEA_TRIAL = const(15)  # a branch that is isolated to see whether it was the one, 0: none
_HEA_TRIAL_STEPS = const(16)
_HEA_ACQUITTED = const(17)  # a bit for each branch that was not
_HEA_MAIN_STEPS = const(18)

_TRN_CUT_Q10 = const(3)
_TRN_WEAK_Q10 = const(4)
_TRN_STUCK_Q10 = const(5)
_TRN_LACK_Q10 = const(8)

_NEAR_GROUND = const(4)
_COS_30_Q10 = const(887)
_SETTLED_TICKS = const(150)
_STEADY_MOST_Q10 = const(80)
_CUT_STEPS = const(3)
_WEAK_STEPS = const(20)
_STUCK_STEPS = const(8)
_TRIAL_STEPS = const(12)
_QUIET_TICKS = const(3)
_ENOUGH_Q4 = const(20000)
_MAIN_WEAK = const(512)
_JETS_Y = const(4)  # branches
_JETS_Z = const(5)
_JETS_ROLL = const(6)
_MORE_ROLL = const(7)


@micropython.viper
def step(health: ptr32, motion: ptr32, demand: ptr32, turning: ptr32) -> int:
    """Every 100 ms while it is armed; returns the valves that are out of service.

    health: HEA_ slots; motion: MOT_ slots; demand: DEM_ slots; turning: TRN_ slots.
    """
    if motion[_MOT_AGE_TICKS] < _SETTLED_TICKS or (demand[_DEM_FLAGS] & _NEAR_GROUND) != 0:
        health[_HEA_PAIR_STEPS] = 0
        health[_HEA_WEAK_STEPS] = 0
        return health[_HEA_OUT]
    compare(health, motion)
    judge_pairs(health, motion, turning)
    if health[_HEA_TRIAL] > 0:
        end_trial(health, turning)
    else:
        axis = 0
        while axis < 3:
            judge_stuck(health, motion, turning, axis)
            axis = axis + 1
    group = 0
    while group < 6:
        judge_jets(health, motion, group)
        group = group + 1
    judge_main(health, motion, turning)
    return health[_HEA_OUT]


@micropython.viper
def compare(health: ptr32, motion: ptr32) -> int:
    """The uncommanded torque in parts of a thruster's, less what has long been there."""
    axis = 0
    while axis < 3:
        one = motion[_MOT_ASSIST_Q4]
        if axis == 0:
            one = motion[_MOT_ROLL_Q4]
        torque = int(divide_signed(motion[_MOT_TORQUE_Q10 + axis], int(clamp(one, 1, 65535)), 4))
        steady = health[_HEA_STEADY_Q10 + axis]
        moved = int(clamp(torque - (steady >> 6), -8192, 8192))
        health[_HEA_TORQUE_Q10 + axis] = moved
        if moved < _STEADY_MOST_Q10 and moved > 0 - _STEADY_MOST_Q10:
            health[_HEA_STEADY_Q10 + axis] = int(clamp(steady + moved, -20000, 20000))
        axis = axis + 1
    return axis


@micropython.viper
def size_of(value: int) -> int:
    """Without its sign. Ranges: value -536_870_911..536_870_911."""
    if value < 0:
        return 0 - value
    return value


@micropython.viper
def pair_torque(health: ptr32, pair: int) -> int:
    """How much of the torque lies where a pair of assist thrusters would turn the body. Ranges: pair 0..2."""
    about_z = health[_HEA_TORQUE_Q10 + 2]
    if pair == 0:
        return int(size_of(about_z))
    about_y = (health[_HEA_TORQUE_Q10 + 1] * _COS_30_Q10) >> 10
    if pair == 1:
        return int(size_of(about_y - (about_z >> 1)))
    return int(size_of(about_y + (about_z >> 1)))


@micropython.viper
def judge_pairs(health: ptr32, motion: ptr32, turning: ptr32) -> int:
    """The pair that the torque points at: cut when it is too much to be held, told when it is much.

    While jets fire it may be theirs, which is too little for a cut.
    """
    strongest = 0
    most = -1
    pair = 0
    while pair < 3:
        torque = int(pair_torque(health, pair))
        if torque > most and ((health[_HEA_ISOLATED] >> (pair + 1)) & 1) == 0:
            most = torque
            strongest = pair
        pair = pair + 1
    if strongest != health[_HEA_PAIR]:
        health[_HEA_PAIR] = strongest
        health[_HEA_PAIR_STEPS] = 0
        health[_HEA_WEAK_STEPS] = 0
    steps = 0
    if most > turning[_TRN_CUT_Q10]:
        steps = int(clamp(health[_HEA_PAIR_STEPS] + 1, 0, 100))
    health[_HEA_PAIR_STEPS] = steps
    if steps >= _CUT_STEPS:
        cut(health, strongest + 1, 0)
        health[_HEA_PAIR_STEPS] = 0
        return strongest
    steps = 0
    if most > turning[_TRN_WEAK_Q10] and health[_HEA_TRIAL] == 0:
        steps = health[_HEA_WEAK_STEPS]
        if motion[_MOT_QUIET_TICKS + 1] >= _QUIET_TICKS and motion[_MOT_QUIET_TICKS + 2] >= _QUIET_TICKS:
            steps = int(clamp(steps + 1, 0, 100))
    health[_HEA_WEAK_STEPS] = steps
    if steps >= _WEAK_STEPS:
        health[_HEA_WEAK] = health[_HEA_WEAK] | (1 << strongest)
    return strongest


@micropython.viper
def cut(health: ptr32, branch: int, again: int) -> int:
    """Isolate a branch and put its valves out, or with `again` take them back.

    Ranges: branch 0..7, again 0..1.
    """
    valves = 1  # the main engine's
    if branch >= 1 and branch <= 3:
        valves = 0x12 << (branch - 1)  # opposite assist thrusters
    elif branch == _JETS_Y or branch == _JETS_Z:
        valves = 3 << (2 * branch - 1)
    elif branch == _JETS_ROLL:
        valves = 0x4800  # a pair of jets that turn against each other
    elif branch == _MORE_ROLL:
        valves = 0x3000
    if again == 1:
        health[_HEA_OUT] = health[_HEA_OUT] & (valves ^ 32767)
        health[_HEA_ISOLATED] = health[_HEA_ISOLATED] & ((1 << branch) ^ 255)
    else:
        health[_HEA_OUT] = health[_HEA_OUT] | valves
        health[_HEA_ISOLATED] = health[_HEA_ISOLATED] | (1 << branch)
    return valves


@micropython.viper
def judge_stuck(health: ptr32, motion: ptr32, turning: ptr32, axis: int) -> int:
    """A torque about one axis, of about a jet's size, while its jets rest: its branch is tried.

    Ranges: axis 0..2.
    """
    torque = int(size_of(health[_HEA_TORQUE_Q10 + axis]))
    least = turning[_TRN_STUCK_Q10]
    most = turning[_TRN_CUT_Q10]
    branch = _JETS_Y + axis - 1
    alone = 1
    if axis == 0:
        least = 512  # half of a roll jet
        most = 8192
        branch = _JETS_ROLL
    else:
        other = int(size_of(health[_HEA_TORQUE_Q10 + 3 - axis]))
        if other * 4 > torque:
            alone = 0
    if ((health[_HEA_ISOLATED] | health[_HEA_ACQUITTED]) >> branch) & 1 == 1:
        return 0
    steps = health[_HEA_STUCK_STEPS + axis]
    if torque < least or torque > most or alone == 0:
        steps = 0
    elif motion[_MOT_QUIET_TICKS + axis] >= _QUIET_TICKS or axis == 0:
        steps = int(clamp(steps + 1, 0, 100))
    health[_HEA_STUCK_STEPS + axis] = steps
    if steps >= _STUCK_STEPS:
        health[_HEA_STUCK_STEPS + axis] = 0
        cut(health, branch, 0)
        health[_HEA_TRIAL] = branch
        health[_HEA_TRIAL_STEPS] = 0
    return steps


@micropython.viper
def end_trial(health: ptr32, turning: ptr32) -> int:
    """A branch has been isolated for a while: if the torque is still there it was another one."""
    steps = int(clamp(health[_HEA_TRIAL_STEPS] + 1, 0, 100))
    health[_HEA_TRIAL_STEPS] = steps
    if steps < _TRIAL_STEPS:
        return steps
    branch = int(clamp(health[_HEA_TRIAL], _JETS_Y, _MORE_ROLL))
    health[_HEA_TRIAL] = 0
    axis = branch - _JETS_Y + 1
    most = turning[_TRN_STUCK_Q10]
    if branch >= _JETS_ROLL:
        axis = 0
        most = 512
    if int(size_of(health[_HEA_TORQUE_Q10 + axis])) < most - (most >> 2):
        return steps
    cut(health, branch, 1)
    health[_HEA_ACQUITTED] = health[_HEA_ACQUITTED] | (1 << branch)
    if branch == _JETS_ROLL:
        cut(health, _MORE_ROLL, 0)
        health[_HEA_TRIAL] = _MORE_ROLL
        health[_HEA_TRIAL_STEPS] = 0
    return steps


@micropython.viper
def judge_jets(health: ptr32, motion: ptr32, group: int) -> int:
    """A group of jets by what it owes: two fifths is weak, more than seven tenths is none.

    Nothing is judged of jets whose pulses miss now too little and now too much: then others shake the body.
    Ranges: group 0..5.
    """
    asked = motion[_MOT_ASKED_Q4 + group]
    lack = motion[_MOT_LACK_Q4 + group]
    if asked < _ENOUGH_Q4 or lack * 10 < motion[_MOT_ROUGH_Q4 + group] * 7:
        return 0
    if lack * 10 > asked * 4:
        health[_HEA_WEAK] = health[_HEA_WEAK] | (8 << group)
    if lack * 10 > asked * 7 and group >= 2:
        health[_HEA_OUT] = health[_HEA_OUT] | (1 << (group + 5))
    return lack


@micropython.viper
def judge_main(health: ptr32, motion: ptr32, turning: ptr32) -> int:
    """Thrust is missing for two seconds, and no pair of assist thrusters turns the body for it."""
    steps = 0
    if motion[_MOT_LACK_Q10] > turning[_TRN_LACK_Q10]:
        steps = int(clamp(health[_HEA_MAIN_STEPS] + 1, 0, 100))
    health[_HEA_MAIN_STEPS] = steps
    if steps >= _WEAK_STEPS:
        health[_HEA_WEAK] = health[_HEA_WEAK] | _MAIN_WEAK
    return steps
