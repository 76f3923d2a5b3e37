"""The radar's velocity: it corrects speeds, after a silence the place, and an attitude that is in doubt.

As often as the radar gives one, seen from the local frame and moved to now.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, divide_signed, mul_q14, mul_q29
from plumbline.kernels.state import normalise, rotate_row, rotation_matrix

_EST_ALTITUDE_MM = const(0)
_EST_DOWNRANGE_MM = const(2)
_EST_CROSSRANGE_MM = const(3)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_Q0 = const(7)
_EST_Q1 = const(8)
_EST_Q2 = const(9)
_EST_Q3 = const(10)
_EST_R00 = const(11)
_EST_CLIMB_MM = const(24)
_EST_STEP_UP_Q8 = const(25)
_EST_VELOCITY_AGE_TICKS = const(28)
_EST_AGL_VALID = const(29)
_EST_CLIMB_DOUBT_Q8 = const(34)
_EST_ATTITUDE_DOUBT_MRAD = const(35)
_EST_RANGE_AGE_TICKS = const(36)
_EST_DRIFT_TICKS = const(37)
_EST_TO_REGAIN = const(38)

_ALT_STATUS = const(1)
_ALT_AGE_MS = const(3)
_ALT_VELOCITY_X_MM_S = const(6)

_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s
_VELOCITY_VALID = const(8)
_DOUBTFUL_MRAD = const(5)
_MOST_DOUBTFUL_MRAD = const(15)  # and more: the whole gain
_ALIGNED_MOST_Q8 = const(2048000)  # 8 m/s of difference
_LASTING_MOST_Q8 = const(192000)  # 0.75 m/s: what a thrust that is off by 0.25 rad makes of it
_TURN_MOST_Q29 = const(8000000)  # half angle: 0.03 rad
_LONG_SILENCE_TICKS = const(500)
_TO_REGAIN = const(64)  # velocities after a long silence until the speeds are had again
_HALVES_DOWN_TO = const(62)  # of the first ones a half is taken
_QUARTERS_DOWN_TO = const(57)
_MOST_HIDDEN_Q8 = const(256000)  # 1 m/s of climb that increments may have hidden: that is no drift
_DRIFT_MOST_MM_S = const(20000)


@micropython.viper
def correct_velocity(estimate: ptr32, reading: ptr32, delay_ms: int) -> int:
    """Blend the radar's velocity over ground into the estimate; 1 when it was taken.

    reading: ALT_ slots of the radar, body axes; delay_ms: what the bus and the poll add to
    its age. The gate widens with the time since the last velocity taken, so that no
    disagreement lasts for ever: 1 m/s, and 2 m/s more for each second; and by twice the angle that the
    attitude is in doubt by, times the speed, which is what such an angle makes of it. After a long silence
    without agl the place is corrected as well, by what such a drift of the speeds has moved it.
    Ranges: delay_ms 0..500.
    """
    if (reading[_ALT_STATUS] & _VELOCITY_VALID) == 0:
        return 0
    age_ticks = estimate[_EST_VELOCITY_AGE_TICKS]
    gate = 1000 + 20 * int(clamp(age_ticks, 0, 20000))
    doubtful = int(clamp(estimate[_EST_ATTITUDE_DOUBT_MRAD], 0, 1000))
    if doubtful >= _DOUBTFUL_MRAD:
        gate = gate + 2 * doubtful * int(most_speed(estimate))
    x = int(clamp(reading[_ALT_VELOCITY_X_MM_S], -2000000, 2000000)) << 8
    y = int(clamp(reading[_ALT_VELOCITY_X_MM_S + 1], -2000000, 2000000)) << 8
    z = int(clamp(reading[_ALT_VELOCITY_X_MM_S + 2], -2000000, 2000000)) << 8
    delay = int(clamp(int(clamp(reading[_ALT_AGE_MS], 0, 500)) + delay_ms, 0, 500))
    # what inertial navigation may be wrong by: 2 m/s, and 1.25 mg for all the time without a velocity
    drift = 2000 + (int(clamp(age_ticks + estimate[_EST_DRIFT_TICKS], 0, 100000)) >> 3)
    drifted = 1
    within = 1
    shift = 0
    taking = 0
    while taking < 2:  # first all axes are looked at
        axis = 0
        while axis < 3:
            gain = int(velocity_innovation(estimate, axis, delay, x, y, z)) >> shift
            if taking == 0:
                gain = gain >> 8
                if gain > gate or gain < 0 - gate:
                    within = 0
                if gain > drift or gain < 0 - drift:
                    drifted = 0
            elif within == 1:
                speed = estimate[_EST_VELOCITY_UP_Q8 + axis] + gain
                estimate[_EST_VELOCITY_UP_Q8 + axis] = int(clamp(speed, 0 - _SPEED_LIMIT_Q8, _SPEED_LIMIT_Q8))
                make_up(estimate, axis, gain >> 8)
            axis = axis + 1
        if taking == 0 and within == 1:
            shift = int(regain(estimate, drifted))
            if doubtful >= _DOUBTFUL_MRAD:
                align(estimate, delay, x, y, z)
        taking = taking + 1
    if within == 0:
        return 0
    estimate[_EST_VELOCITY_AGE_TICKS] = 0
    # an eighth of the error is gone; an attitude that is far off would show within seconds
    doubt = estimate[_EST_CLIMB_DOUBT_Q8]
    estimate[_EST_CLIMB_DOUBT_Q8] = (doubt * 7) >> 3
    estimate[_EST_ATTITUDE_DOUBT_MRAD] = (estimate[_EST_ATTITUDE_DOUBT_MRAD] * 63) >> 6
    return 1


@micropython.viper
def align(estimate: ptr32, delay_ms: int, x: int, y: int, z: int) -> int:
    """Turn an attitude that is in doubt towards what the radar's velocity says of it.

    A wrong attitude turns what the radar sees, at once, by its angle times the speed: half of that is taken
    back. And it turns the thrust, so that the estimated speed runs away from the measured one across it:
    a small difference that lasts, of which no more is taken than a turned thrust makes. Stays a call.
    Ranges: delay_ms 0..500, x -512_000_000..512_000_000, y -512_000_000..512_000_000,
    z -512_000_000..512_000_000.
    """
    doubt = int(clamp(estimate[_EST_ATTITUDE_DOUBT_MRAD], 0, _MOST_DOUBTFUL_MRAD))
    # (2^29 / 2) / (256,000 * 15 mrad) is 69.905, over 50 + 4 v: a 32nd of it, * 2^29
    by_thrust = int(divide(doubt * 69905, 1600000 + 128000 * int(most_speed(estimate)), 29))
    squared = 400 + int(speed_squared(estimate))
    shows_up = int(shows(estimate, 0, doubt, squared))
    shows_down = int(shows(estimate, 1, doubt, squared))
    shows_cross = int(shows(estimate, 2, doubt, squared))
    up = int(differs(estimate, 0, delay_ms, x, y, z))
    down = int(differs(estimate, 1, delay_ms, x, y, z))
    cross = int(differs(estimate, 2, delay_ms, x, y, z))
    thrust_up = estimate[_EST_R00]
    thrust_down = estimate[_EST_R00 + 3]
    thrust_cross = estimate[_EST_R00 + 6]
    tu = int(turn(thrust_down, thrust_cross, shows_down, shows_cross, down, cross, by_thrust))
    td = int(turn(thrust_cross, thrust_up, shows_cross, shows_up, cross, up, by_thrust))
    tc = int(turn(thrust_up, thrust_down, shows_up, shows_down, up, down, by_thrust))
    q0 = estimate[_EST_Q0]
    q1 = estimate[_EST_Q1]
    q2 = estimate[_EST_Q2]
    q3 = estimate[_EST_Q3]
    # (1, t) * q
    n0 = q0 - int(mul_q29(q1, tu)) - int(mul_q29(q2, td)) - int(mul_q29(q3, tc))
    n1 = q1 + int(mul_q29(q0, tu)) + int(mul_q29(q3, td)) - int(mul_q29(q2, tc))
    n2 = q2 + int(mul_q29(q0, td)) + int(mul_q29(q1, tc)) - int(mul_q29(q3, tu))
    n3 = q3 + int(mul_q29(q0, tc)) + int(mul_q29(q2, tu)) - int(mul_q29(q1, td))
    normalise(estimate, n0, n1, n2, n3)
    return int(rotation_matrix(estimate))


@micropython.viper
def turn(
    thrust_1: int, thrust_2: int, shows_1: int, shows_2: int, off_1: int, off_2: int, by_thrust: int
) -> int:
    """One component of the frame's turn, half of it * 2^29: thrust less `shows`, x difference. Stays a call.

    Ranges: thrust_1 -536_870_910..536_870_910, thrust_2 -536_870_910..536_870_910,
    shows_1 -268_435_456..268_435_455, shows_2 -268_435_456..268_435_455, off_1 -2_048_000..2_048_000,
    off_2 -2_048_000..2_048_000, by_thrust 0..536_870_911.
    """
    seen = int(mul_q29(off_2 << 5, shows_1)) - int(mul_q29(off_1 << 5, shows_2))
    lasting_1 = int(clamp(off_1, 0 - _LASTING_MOST_Q8, _LASTING_MOST_Q8)) << 5
    lasting_2 = int(clamp(off_2, 0 - _LASTING_MOST_Q8, _LASTING_MOST_Q8)) << 5
    across = int(mul_q29(lasting_2, thrust_1)) - int(mul_q29(lasting_1, thrust_2))
    return int(clamp(int(mul_q29(across, by_thrust)) - seen, 0 - _TURN_MOST_Q29, _TURN_MOST_Q29))


@micropython.viper
def shows(estimate: ptr32, axis: int, doubt: int, squared: int) -> int:
    """One component of what a difference of speed shows: half of the speed over its square.

    squared: speed squared + (20 m/s)^2, m2/s2. Stays a call.
    Ranges: axis each of 0..2, doubt 0..15, squared 400..12_000_400.
    """
    speed = int(clamp(estimate[_EST_VELOCITY_UP_Q8 + axis] // 256000, -2000, 2000))
    # half of 69.905 * 1.024, and the half of its 2^29 / 2^14 / 1000
    shown = int(divide_signed(speed * doubt * 17896, squared, 15))
    return int(clamp(shown, -268435456, 268435455))


@micropython.viper
def speed_squared(estimate: ptr32) -> int:
    """Of all three axes, m2/s2."""
    total = 0
    axis = 0
    while axis < 3:
        speed = estimate[_EST_VELOCITY_UP_Q8 + axis] // 256000
        total = total + speed * speed
        axis = axis + 1
    return total


@micropython.viper
def differs(estimate: ptr32, axis: int, delay_ms: int, x: int, y: int, z: int) -> int:
    """The innovation on one axis, mm/s * 256, 8 m/s at most. Stays a call.

    Ranges: axis each of 0..2, delay_ms 0..500, x -512_000_000..512_000_000,
    y -512_000_000..512_000_000, z -512_000_000..512_000_000.
    """
    innovation = int(velocity_innovation(estimate, axis, delay_ms, x, y, z))
    return int(clamp(innovation, 0 - _ALIGNED_MOST_Q8, _ALIGNED_MOST_Q8))


@micropython.viper
def most_speed(estimate: ptr32) -> int:
    """The largest of the three speeds' sizes, m/s. Stays a call."""
    most = 0
    axis = 0
    while axis < 3:
        speed = estimate[_EST_VELOCITY_UP_Q8 + axis]
        if speed < 0:
            speed = 0 - speed
        if speed > most:
            most = speed
        axis = axis + 1
    return most // 256000


@micropython.viper
def regain(estimate: ptr32, drifted: int) -> int:
    """How much of a velocity to take, as a shift: an eighth, of the first ones after a long silence more.

    Not while there is agl: it tells the place already, and a path that is flown by it is not to jump.
    drifted: whether the difference is no more than inertial navigation may have drifted.
    Ranges: drifted 0..1.
    """
    age = estimate[_EST_VELOCITY_AGE_TICKS]
    left = estimate[_EST_TO_REGAIN]
    if age > _LONG_SILENCE_TICKS:
        estimate[_EST_DRIFT_TICKS] = age
        left = _TO_REGAIN
    elif left > 0:
        left = left - 1
    if drifted == 0 or estimate[_EST_CLIMB_DOUBT_Q8] > _MOST_HIDDEN_Q8 or estimate[_EST_AGL_VALID] == 1:
        left = 0
    estimate[_EST_TO_REGAIN] = left
    if left == 0:
        estimate[_EST_DRIFT_TICKS] = 0
    if left >= _HALVES_DOWN_TO:
        return 1
    if left >= _QUARTERS_DOWN_TO:
        return 2
    return 3


@micropython.viper
def make_up(estimate: ptr32, axis: int, gain: int) -> int:
    """Correct the place on one axis by what the speed's error, now known to be `gain` mm/s larger, has moved
    it during the silence.

    A gyro's bias turns the thrust by an angle that grows with time, the error of the speed grows
    with its square, and that of the place is a third of speed times time. The angle turns what the radar
    sees as well: its difference is what the error will be when braking, at 2.5 m/s2, has taken the speed over
    ground. The odometer has only gone wrong since the last range. Stays a call.
    Ranges: axis each of 0..2, gain int31.
    """
    ticks = estimate[_EST_DRIFT_TICKS]
    if ticks == 0:
        return 0
    gain = int(clamp(gain, 0 - _DRIFT_MOST_MM_S, _DRIFT_MOST_MM_S))
    speed = estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8
    if speed < 0:
        speed = 0 - speed
    earlier = int(clamp(int(divide(ticks, ticks + speed // 25, 14)), 0, 16384))
    # a tick's hundredth of a second and the third, of 32 ticks
    moved = int(mul_q14((ticks >> 5) * gain * 8 // 75, (earlier * earlier) >> 14))
    if axis == 1:
        place = estimate[_EST_DOWNRANGE_MM] + moved
        estimate[_EST_DOWNRANGE_MM] = int(clamp(place, -1000000000, 1000000000))
        return moved
    if axis == 2:
        place = estimate[_EST_CROSSRANGE_MM] + moved
        estimate[_EST_CROSSRANGE_MM] = int(clamp(place, -200000000, 200000000))
        return moved
    place = estimate[_EST_ALTITUDE_MM] + moved
    estimate[_EST_ALTITUDE_MM] = int(clamp(place, -10000000, 110000000))
    before = ticks - estimate[_EST_RANGE_AGE_TICKS]
    if before < 0:
        before = 0
    share = int(clamp(int(divide(before, ticks, 14)), 0, 16384))
    cube = (((share * share) >> 14) * share) >> 14
    since = int(mul_q14(moved, 16384 - cube))
    estimate[_EST_CLIMB_MM] = int(clamp(estimate[_EST_CLIMB_MM] + since, -7500000, 7500000))
    return moved


@micropython.viper
def velocity_innovation(estimate: ptr32, axis: int, delay_ms: int, x: int, y: int, z: int) -> int:
    """Measured minus estimated speed on one local axis, mm/s * 256; the measurement is moved to
    now by the change of speed in the last tick (10 ms)."""
    seen = int(clamp(int(rotate_row(estimate, axis * 3, x, y, z)), -530000000, 530000000))
    change = int(clamp(estimate[_EST_STEP_UP_Q8 + axis], -100000, 100000)) * delay_ms // 10
    return int(clamp(seen + change - estimate[_EST_VELOCITY_UP_Q8 + axis], -530000000, 530000000))
