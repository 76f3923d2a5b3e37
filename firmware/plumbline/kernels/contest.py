"""Two sound-looking inertial units that differ: which one is wrong?

Whose rate jumps while the other one's does not, or who gives a force that the engines do not, is wrong.
Where neither shows, the radar's velocity decides: an attitude that one of them has turned away carries off
the velocity. Until then the mean of both is flown; what it took from the wrong one is given back.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, mul_q14
from plumbline.kernels.radar import velocity_innovation

_EST_R00 = const(11)
_EST_BLURRED_TICKS = const(39)
_ALT_STATUS = const(1)
_ALT_AGE_MS = const(3)
_ALT_VELOCITY_X_MM_S = const(6)
_GUI_EXPECTED_MM_S2 = const(8)

_INS_USED = const(0)
_INS_DISPUTED = const(1)
_INS_CONTEST = const(5)  # above 0: the second one is wrong
_INS_DIFFERENCE = const(13)  # second less first in this tick, six axes
_INS_APART_Q4 = const(19)  # the same on average
_INS_MEAN_Q4 = const(25)  # of both, as slowly
_INS_EXPECTED_Q4 = const(31)  # along x, from the engines' command
_INS_JUMP = const(32)  # whose rates jump: change of the difference times change of the sum
_INS_LEAN = const(35)  # second's attitude less first's since they differ, body axes, 2^-21 degree
_INS_TAKEN = const(38)  # what of it the attitude flown by has
_INS_LEAN_SPEED_Q8 = const(41)  # second's velocity less first's, if each were corrected by itself
_INS_OWED = const(44)
_INS_PAST = const(47)  # rates of the first in the last tick, and the differences
_INS_FIRST = const(53)
_INS_STRIDE = const(14)
_SAMPLES = const(0)
_FORCES_FROM = const(4)
_OUT_TICKS = const(12)

_RATES = const(1)
_FORCES = const(2)
_FIRST_ONE = const(1)
_SECOND_ONE = const(2)
_BOTH = const(3)
_LEANING = const(30)  # evidence with which one is preferred: half a wrong turn is a wrong turn, too
_DECIDED = const(300)
_BLAMED_TICKS = const(200)
_NOISE = const(1200)
_JUMP_MOST = const(20000)  # LSB a tick
_JUMP_DEAD = const(2000)  # twice what noise changes the difference by in a tick
_JUMP_CLEAR = const(8000)  # several times what noise and jets make of it; a jump of 0.2 degrees a second
_YOUNG_TICKS = const(32)  # of a dispute: after that a jump is not the one that began it
_HINT = const(200)  # the most that an unclear jump counts: enough to prefer one, not to decide
_MOST_LEAN = const(60000000)  # 29 degrees
_BLURRED_TICKS = const(30)
_VELOCITY_VALID = const(8)


@micropython.viper
def agree(inertial: ptr32, guidance: ptr32) -> int:
    """A tick in which both agree: an old dispute dies away."""
    follow(inertial, guidance)
    axis = _INS_LEAN
    while axis < _INS_OWED:
        inertial[axis] = (inertial[axis] >> 6) * 63
        axis = axis + 1
    contest = inertial[_INS_CONTEST]
    inertial[_INS_CONTEST] = (contest * 15) >> 4
    return contest


@micropython.viper
def follow(inertial: ptr32, guidance: ptr32) -> int:
    """The mean of both units, what the engines should give, and whose rates jump, over the last 0.3 s."""
    axis = 0
    while axis < 6:
        both = inertial[_INS_FIRST + 1 + axis] + (inertial[_INS_DIFFERENCE + axis] >> 1)
        both = int(clamp(both, -8000000, 8000000)) << 4
        mean = inertial[_INS_MEAN_Q4 + axis]
        inertial[_INS_MEAN_Q4 + axis] = mean + ((both - mean) >> 5)
        if axis < 3:
            jump(inertial, axis)
        axis = axis + 1
    # mm/s2 in 2 ms are 8.39 of 2^-22 m/s
    push = (guidance[_GUI_EXPECTED_MM_S2] * inertial[_INS_FIRST + _SAMPLES] * 537) >> 2
    expected = inertial[_INS_EXPECTED_Q4]
    expected = expected + ((push - expected) >> 5)
    inertial[_INS_EXPECTED_Q4] = expected
    return expected


@micropython.viper
def settle(inertial: ptr32, estimate: ptr32, guidance: ptr32, apart: int) -> int:
    """A tick in which they differ: 3 while nothing says who is wrong, else which one to fly by.

    Ranges: apart 0..3.
    """
    follow(inertial, guidance)
    estimate[_EST_BLURRED_TICKS] = _BLURRED_TICKS
    contest = inertial[_INS_CONTEST]
    if (apart & _RATES) != 0:
        contest = int(turned_away(inertial, contest))
    if (apart & _FORCES) != 0:
        contest = contest + int(pushed_away(inertial))
    contest = int(clamp(contest, -1000, 1000))
    inertial[_INS_CONTEST] = contest
    used = _BOTH
    if contest >= _LEANING:
        used = _FIRST_ONE
    elif contest <= 0 - _LEANING:
        used = _SECOND_ONE
    lean(inertial, estimate, used)
    if contest >= _DECIDED or contest <= 0 - _DECIDED:
        rule(inertial, contest)
    return used


@micropython.viper
def jump(inertial: ptr32, axis: int) -> int:
    """One axis, one tick: above 0 the second unit's rate has jumped alone, below 0 the first one's.

    Jets turn both alike: then the difference stays, to its noise, and the product comes to nothing.
    What it comes to is the logarithm of the likelihoods' ratio, for jets that turn a little either way.
    Ranges: axis 0..2.
    """
    rate = inertial[_INS_FIRST + 1 + axis]
    difference = inertial[_INS_DIFFERENCE + axis]
    apart = difference - inertial[_INS_PAST + 3 + axis]
    together = 2 * (rate - inertial[_INS_PAST + axis]) + apart
    inertial[_INS_PAST + axis] = rate
    inertial[_INS_PAST + 3 + axis] = difference
    apart = apart - int(clamp(apart, 0 - _JUMP_DEAD, _JUMP_DEAD))
    apart = int(clamp(apart, 0 - _JUMP_MOST, _JUMP_MOST))
    together = int(clamp(together, 0 - _JUMP_MOST, _JUMP_MOST))
    jumped = inertial[_INS_JUMP + axis]
    jumped = jumped - (jumped >> 5) + ((apart * together) >> 10)
    inertial[_INS_JUMP + axis] = int(clamp(jumped, -20000000, 20000000))
    return jumped


@micropython.viper
def turned_away(inertial: ptr32, contest: int) -> int:
    """The contest after the evidence of rates: whose have jumped alone, when the dispute began?

    Ranges: contest -1_000..1_000.
    """
    if inertial[_INS_DISPUTED] > _YOUNG_TICKS:
        return contest
    jumped = 0
    axis = 0
    while axis < 3:
        one = inertial[_INS_JUMP + axis]
        if int(size_of(one)) > int(size_of(jumped)):
            jumped = one
        axis = axis + 1
    most = 1000
    if int(size_of(jumped)) < _JUMP_CLEAR:
        most = int(clamp(int(size_of(contest)), _HINT, 1000))
    return int(clamp(contest + int(clamp(jumped >> 8, -100, 100)), 0 - most, most))


@micropython.viper
def pushed_away(inertial: ptr32) -> int:
    """Evidence of forces: who is further from what the engines give? They push along x, known to 3 %."""
    expected = inertial[_INS_EXPECTED_Q4] >> 2
    slack = expected >> 5
    first = 0
    second = 0
    axis = 3
    while axis < 6:
        both = (inertial[_INS_MEAN_Q4 + axis] >> 2) - expected
        half = inertial[_INS_APART_Q4 + axis] >> 3
        first = first + int(clamp(int(size_of(both - half)) - slack, 0, 300000000))
        second = second + int(clamp(int(size_of(both + half)) - slack, 0, 300000000))
        expected = 0
        slack = 0
        axis = axis + 1
    return int(further(first, second))


@micropython.viper
def size_of(x: int) -> int:
    """Absolute value.

    Ranges: x -1_073_741_823..1_073_741_823.
    """
    if x < 0:
        return 0 - x
    return x


@micropython.viper
def further(first: int, second: int) -> int:
    """-100..100: how clearly one is three times as far off as the other; above 0 the second one.

    Ranges: first 0..900_000_000, second 0..900_000_000.
    """
    if second > first:
        if (second - (_NOISE)) // 3 > first:
            return int(clamp((second - first) >> 9, 0, 100))
        return 0
    if (first - (_NOISE)) // 3 > second:
        return 0 - int(clamp((first - second) >> 9, 0, 100))
    return 0


@micropython.viper
def lean(inertial: ptr32, estimate: ptr32, used: int) -> int:
    """How far attitude and velocity of the two units have come apart, and how much of it is flown by.

    Ranges: used 1..3.
    """
    axis = 0
    while axis < 3:
        apart = inertial[_INS_DIFFERENCE + axis]
        leant = int(clamp(inertial[_INS_LEAN + axis] + apart, 0 - _MOST_LEAN, _MOST_LEAN))
        inertial[_INS_LEAN + axis] = leant
        if used == _FIRST_ONE:
            apart = 0
        elif used == _BOTH:
            apart = apart >> 1
        taken = int(clamp(inertial[_INS_TAKEN + axis] + apart, 0 - _MOST_LEAN, _MOST_LEAN))
        inertial[_INS_TAKEN + axis] = taken
        axis = axis + 1
    # rad * 2^14: 1.3637e-4 a LSB
    turn_x = ((inertial[_INS_LEAN] >> 7) * 1144) >> 16
    turn_y = ((inertial[_INS_LEAN + 1] >> 7) * 1144) >> 16
    turn_z = ((inertial[_INS_LEAN + 2] >> 7) * 1144) >> 16
    force_x = inertial[_INS_FIRST + _FORCES_FROM]
    force_y = inertial[_INS_FIRST + _FORCES_FROM + 1]
    force_z = inertial[_INS_FIRST + _FORCES_FROM + 2]
    # an attitude that is further turned sees the same force turned
    x = inertial[_INS_DIFFERENCE + 3] + int(mul_q14(force_z, turn_y)) - int(mul_q14(force_y, turn_z))
    y = inertial[_INS_DIFFERENCE + 4] + int(mul_q14(force_x, turn_z)) - int(mul_q14(force_z, turn_x))
    z = inertial[_INS_DIFFERENCE + 5] + int(mul_q14(force_y, turn_x)) - int(mul_q14(force_x, turn_y))
    axis = 0
    while axis < 3:
        row = _EST_R00 + 3 * axis
        gain = int(mul_q14(x, estimate[row] >> 15)) + int(mul_q14(y, estimate[row + 1] >> 15))
        gain = gain + int(mul_q14(z, estimate[row + 2] >> 15))
        # 2^-22 m/s is mm/s * 256 / 16.384
        speed = inertial[_INS_LEAN_SPEED_Q8 + axis] + int(mul_q14(gain, 1000))
        inertial[_INS_LEAN_SPEED_Q8 + axis] = int(clamp(speed, -100000000, 100000000))
        axis = axis + 1
    return used


@micropython.viper
def rule(inertial: ptr32, contest: int) -> int:
    """The wrong one is out until it has agreed for 2 s; what the attitude has of it is owed.

    Ranges: contest -1_000..1_000.
    """
    base = _INS_FIRST
    if contest > 0:
        base = _INS_FIRST + _INS_STRIDE
    inertial[base + _OUT_TICKS] = _BLAMED_TICKS
    axis = 0
    while axis < 3:
        owed = 0 - inertial[_INS_TAKEN + axis]
        if contest < 0:
            owed = owed + inertial[_INS_LEAN + axis]
        inertial[_INS_OWED + axis] = int(clamp(owed, 0 - _MOST_LEAN, _MOST_LEAN))
        inertial[_INS_LEAN + axis] = 0
        inertial[_INS_TAKEN + axis] = 0
        inertial[_INS_LEAN_SPEED_Q8 + axis] = 0
        axis = axis + 1
    inertial[_INS_CONTEST] = 0
    return base


@micropython.viper
def weigh(inertial: ptr32, estimate: ptr32, reading: ptr32, delay_ms: int) -> int:
    """Evidence of a radar velocity during a dispute: whose velocity is nearer to it? Call it before
    radar.correct_velocity, with the same arguments.

    What counts is the logarithm of the likelihoods' ratio at a noise of 0.2 m/s: 7.6 decide.
    Ranges: delay_ms 0..500.
    """
    if inertial[_INS_DISPUTED] == 0 or (reading[_ALT_STATUS] & _VELOCITY_VALID) == 0:
        return 0
    x = int(clamp(reading[_ALT_VELOCITY_X_MM_S], -2000000, 2000000)) << 8
    y = int(clamp(reading[_ALT_VELOCITY_X_MM_S + 1], -2000000, 2000000)) << 8
    z = int(clamp(reading[_ALT_VELOCITY_X_MM_S + 2], -2000000, 2000000)) << 8
    delay = int(clamp(int(clamp(reading[_ALT_AGE_MS], 0, 500)) + delay_ms, 0, 500))
    product = 0
    axis = 0
    while axis < 3:
        leant = inertial[_INS_LEAN_SPEED_Q8 + axis]
        apart = int(clamp(leant >> 8, -10000, 10000))
        # what is flown by is one of the two, or half way between them; in halves of 1 mm/s
        middle = 0
        if inertial[_INS_USED] == _FIRST_ONE:
            middle = apart
        elif inertial[_INS_USED] == _SECOND_ONE:
            middle = 0 - apart
        seen = (int(velocity_innovation(estimate, axis, delay, x, y, z)) + 64) >> 7
        product = product + apart * (int(clamp(seen, -20000, 20000)) - middle)
        # each would take an eighth of its own error
        inertial[_INS_LEAN_SPEED_Q8 + axis] = (leant >> 3) * 7
        axis = axis + 1
    evidence = int(clamp(product >> 11, -100, 100))
    inertial[_INS_CONTEST] = int(clamp(inertial[_INS_CONTEST] - evidence, -1000, 1000))
    return evidence
