"""Two inertial units: which one to fly by, tick by tick.

`examine` takes in a poll of each unit, `choose` hands the increments on: the mean of both while they agree;
the other one when one is silent, overloaded, stuck or implausible, and for 1 s of good increments after
that. Where they differ and both look sound, contest.py finds out which one is wrong. Nobody is put out for
good: who agrees with the one that is flown by for 2 s is taken back.
"""

import micropython
from micropython import const
from plumbline.kernels.contest import agree, settle
from plumbline.kernels.fixed import clamp, divide_signed

_IMU_SAMPLES = const(0)
_IMU_ANGLE_X = const(1)  # three angles, three velocities
_IMU_FAULTS = const(7)
_IMU_LOST = const(9)

_EST_CLIMB_DOUBT_Q8 = const(34)
_EST_ATTITUDE_DOUBT_MRAD = const(35)

_INS_USED = const(0)
_INS_DISPUTED = const(1)
_INS_SWITCHES = const(2)
_INS_FAULTS = const(3)
_INS_LOST = const(4)
_INS_TURN_REST = const(6)
_INS_REST = const(7)
_INS_DIFFERENCE = const(13)
_INS_APART_Q4 = const(19)
_INS_OWED = const(44)
_INS_FIRST = const(53)
_INS_STRIDE = const(14)
_SAMPLES = const(0)
_INCREMENTS = const(1)
_FAULTS = const(7)
_LOST = const(8)
_SEEN_FAULTS = const(9)
_SEEN_LOST = const(10)
_REPEATS = const(11)
_OUT_TICKS = const(12)
_VERDICT = const(13)

_GOOD = const(0)
_SILENT = const(1)
_OVERLOADED = const(2)
_STUCK = const(3)
_IMPLAUSIBLE = const(4)

_NOBODY = const(0)
_BOTH = const(3)
_BACK_TICKS = const(100)
_STUCK_REPEATS = const(2)  # increments have noise of hundreds of LSB: they do not repeat
_MOST_TURN = const(419430)  # LSB a sample: 100 degrees a second, more than a lander ever turns
_MOST_KICK = const(658000)  # 8 g
# a sample of one unit may differ from the other's by ten times their noise, the mean of 0.3 s by 0.036
# degrees a second or 1.8 mg; and by their scales
_ROUGH = const(1500)
_FINE_Q4 = const(2400)
_RATES = const(1)
_FORCES = const(2)
_NOT_COMPARED = const(4)
_REPAID = const(8000)  # LSB a tick, 0.4 degrees a second
_MOST_SAMPLES = const(50)
_COUNT_MASK = const(536870911)


@micropython.viper
def examine(inertial: ptr32, imu: ptr32, unit: int) -> int:
    """Take in one unit's poll and say what is wrong with it; 0 for nothing.

    inertial: INS_ slots; imu: IMU_ slots of this unit.
    Ranges: unit each of 0..1.
    """
    base = _INS_FIRST + unit * _INS_STRIDE
    samples = int(clamp(imu[_IMU_SAMPLES], 0, _MOST_SAMPLES))
    same = 1
    wild = 0
    most = samples * _MOST_TURN
    axis = 0
    while axis < 6:
        value = int(clamp(imu[_IMU_ANGLE_X + axis], -8000000, 8000000))
        if value < inertial[base + _INCREMENTS + axis] or value > inertial[base + _INCREMENTS + axis]:
            same = 0
        if axis == 3:
            most = samples * _MOST_KICK
        if value > most or value < 0 - most:
            wild = 1
        inertial[base + _INCREMENTS + axis] = value
        axis = axis + 1
    inertial[base + _SAMPLES] = samples
    inertial[base + _FAULTS] = int(clamp(imu[_IMU_FAULTS] - inertial[base + _SEEN_FAULTS], 0, _MOST_SAMPLES))
    inertial[base + _LOST] = int(clamp(imu[_IMU_LOST] - inertial[base + _SEEN_LOST], 0, _MOST_SAMPLES))
    inertial[base + _SEEN_FAULTS] = imu[_IMU_FAULTS]
    inertial[base + _SEEN_LOST] = imu[_IMU_LOST]
    repeats = 0
    if same == 1 and samples > 0:
        repeats = int(clamp(inertial[base + _REPEATS] + 1, 0, 1000))
    inertial[base + _REPEATS] = repeats
    verdict = _GOOD
    if inertial[base + _FAULTS] > 0:
        verdict = _OVERLOADED
    elif samples == 0:
        verdict = _SILENT
    elif repeats >= _STUCK_REPEATS:
        verdict = _STUCK
    elif wild == 1:
        verdict = _IMPLAUSIBLE
    inertial[base + _VERDICT] = verdict
    if verdict > 0 and inertial[base + _OUT_TICKS] < _BACK_TICKS:
        inertial[base + _OUT_TICKS] = _BACK_TICKS
    return verdict


@micropython.viper
def choose(inertial: ptr32, estimate: ptr32, guidance: ptr32, imu: ptr32) -> int:
    """After both were examined: write the increments to fly by; 0 nobody's, 1, 2, or 3 for the mean.

    imu: IMU_ slots, written; estimate: EST_ slots, whose doubts grow while the units differ and nobody
    knows which one is right; guidance: GUI_ slots.
    """
    apart = int(compare(inertial))
    requalify(inertial, apart)
    used = int(pick(inertial))
    disputed = 0
    if apart == 0:
        agree(inertial, guidance)
    elif used == _BOTH:
        used = int(settle(inertial, estimate, guidance, apart & 3))
        disputed = int(clamp(inertial[_INS_DISPUTED] + 1, 1, 1000))
        widen(inertial, estimate)
    inertial[_INS_DISPUTED] = disputed
    if used > inertial[_INS_USED] or used < inertial[_INS_USED]:
        inertial[_INS_SWITCHES] = int(clamp(inertial[_INS_SWITCHES] + 1, 0, 1000000))
    inertial[_INS_USED] = used
    hand_over(inertial, imu, used)
    return used


@micropython.viper
def compare(inertial: ptr32) -> int:
    """Second unit less first, now and on average: 0 when they agree, bit 0 rates and bit 1 forces differ.

    4: one of them has nothing to compare.
    """
    n = inertial[_INS_FIRST + _SAMPLES]
    m = inertial[_INS_FIRST + _INS_STRIDE + _SAMPLES]
    if inertial[_INS_FIRST + _VERDICT] > 0 or inertial[_INS_FIRST + _INS_STRIDE + _VERDICT] > 0:
        return _NOT_COMPARED
    found = 0
    bit = _RATES
    axis = 0
    while axis < 6:
        if axis == 3:
            bit = _FORCES
        one = int(clamp(inertial[_INS_FIRST + _INCREMENTS + axis], -8000000, 8000000))
        other = inertial[_INS_FIRST + _INS_STRIDE + _INCREMENTS + axis]
        if m > n or m < n:
            # the same motion in as many samples
            other = int(clamp(int(divide_signed(other * n, m, 0)), -8000000, 8000000))
        apart = other - one
        mean = inertial[_INS_APART_Q4 + axis]
        mean = mean + (((apart << 4) - mean) >> 5)
        inertial[_INS_DIFFERENCE + axis] = apart
        inertial[_INS_APART_Q4 + axis] = mean
        if apart < 0:
            apart = 0 - apart
        if mean < 0:
            mean = 0 - mean
        if one < 0:
            one = 0 - one
        if apart > _ROUGH * n + (one >> 7) or mean > _FINE_Q4 * n + (one >> 4):
            found = found | bit
        axis = axis + 1
    return found


@micropython.viper
def requalify(inertial: ptr32, apart: int) -> int:
    """Who has been out comes back by good increments that agree with the other unit's, if it has any.

    Ranges: apart 0..7.
    """
    waiting = 0
    base = _INS_FIRST
    while base < _INS_FIRST + 2 * _INS_STRIDE:
        out = inertial[base + _OUT_TICKS]
        if out > 0 and inertial[base + _VERDICT] == _GOOD and (apart & 3) == 0:
            out = out - 1
            inertial[base + _OUT_TICKS] = out
        waiting = waiting + out
        base = base + _INS_STRIDE
    return waiting


@micropython.viper
def pick(inertial: ptr32) -> int:
    """Which units can be flown by: 3 both, else the better one; 0 when both are silent."""
    first = int(standing(inertial, _INS_FIRST))
    second = int(standing(inertial, _INS_FIRST + _INS_STRIDE))
    if first == 0 and second == 0:
        return _BOTH
    if first == 5000 and second == 5000:
        return _NOBODY
    if second < first:
        return 2
    return 1


@micropython.viper
def standing(inertial: ptr32, base: int) -> int:
    """How far a unit is from being trusted: 0 good, its ticks out, thousands for a fault, 5,000 no samples.

    Ranges: base 53..67.
    """
    verdict = inertial[base + _VERDICT]
    if verdict == _GOOD:
        return inertial[base + _OUT_TICKS]
    if inertial[base + _SAMPLES] == 0:
        return 5000
    if verdict == _STUCK:
        return 4000
    if verdict == _IMPLAUSIBLE:
        return 3000
    return 2000


@micropython.viper
def widen(inertial: ptr32, estimate: ptr32) -> int:
    """While nobody knows which unit is right: what the difference may do to climb and attitude.

    Ranges: those of the arrays.
    """
    force = 0
    turn = 0
    axis = 0
    while axis < 3:
        apart = inertial[_INS_APART_Q4 + axis]
        if apart < 0:
            apart = 0 - apart
        if apart > turn:
            turn = apart
        apart = inertial[_INS_APART_Q4 + 3 + axis]
        if apart < 0:
            apart = 0 - apart
        if apart > force:
            force = apart
        axis = axis + 1
    # 2^-22 m/s is mm/s * 256 / 16.4
    doubt = estimate[_EST_CLIMB_DOUBT_Q8] + (force >> 8)
    estimate[_EST_CLIMB_DOUBT_Q8] = int(clamp(doubt, 0, 51200000))
    # 2^-21 degree, * 16: 2^21 of them make 1.1 mrad
    rest = inertial[_INS_TURN_REST] + turn
    inertial[_INS_TURN_REST] = rest & 2097151
    doubt = estimate[_EST_ATTITUDE_DOUBT_MRAD] + (rest >> 21)
    estimate[_EST_ATTITUDE_DOUBT_MRAD] = int(clamp(doubt, 0, 1000))
    return force


@micropython.viper
def hand_over(inertial: ptr32, imu: ptr32, used: int) -> int:
    """The poll of the unit that is used, or the mean of both in the samples of the first, into `imu`.

    What an attitude owes to a unit that was found wrong is paid back in small turns.
    Ranges: used 0..3.
    """
    base = _INS_FIRST
    if used == 2:
        base = _INS_FIRST + _INS_STRIDE
    samples = inertial[base + _SAMPLES]
    if used == _NOBODY:
        samples = 0
    imu[_IMU_SAMPLES] = int(clamp(samples, 0, 37))
    axis = 0
    while axis < 6:
        value = inertial[base + _INCREMENTS + axis]
        if used == _BOTH:
            total = inertial[_INS_DIFFERENCE + axis] + inertial[_INS_REST + axis]
            value = value + (total >> 1)
            inertial[_INS_REST + axis] = total & 1
        if axis < 3 and samples > 0:
            owed = inertial[_INS_OWED + axis]
            paid = int(clamp(owed, 0 - _REPAID, _REPAID))
            inertial[_INS_OWED + axis] = int(clamp(owed - paid, -60000000, 60000000))
            value = value + paid
        imu[_IMU_ANGLE_X + axis] = value
        axis = axis + 1
    if used > 0:
        inertial[_INS_FAULTS] = (inertial[_INS_FAULTS] + inertial[base + _FAULTS]) & _COUNT_MASK
        inertial[_INS_LOST] = (inertial[_INS_LOST] + inertial[base + _LOST]) & _COUNT_MASK
    imu[_IMU_FAULTS] = inertial[_INS_FAULTS]
    imu[_IMU_LOST] = inertial[_INS_LOST]
    return samples
