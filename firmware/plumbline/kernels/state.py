"""Inertial navigation: position, velocity and attitude from the inertial unit.

Local-level frame (up, downrange, crossrange) that travels with the vehicle over a
spherical, non-rotating Moon. Velocities are mm/s * 256, the quaternion (body to local,
scalar first) is * 2^29. Remainders are carried, so that nothing is lost to rounding.
Mechanisation: Savage, Strapdown Analytics, in wander-free local-level form.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, divide_signed, mul_q14, mul_q29

_IMU_SAMPLES = const(0)
_IMU_ANGLE_X = const(1)
_IMU_ANGLE_Y = const(2)
_IMU_ANGLE_Z = const(3)
_IMU_VELOCITY_X = const(4)
_IMU_VELOCITY_Y = const(5)
_IMU_VELOCITY_Z = const(6)
_IMU_FAULTS = const(7)
_IMU_LOST = const(9)

_EST_ALTITUDE_MM = const(0)
_EST_DOWNRANGE_MM = const(2)
_EST_CROSSRANGE_MM = const(3)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)
_EST_Q0 = const(7)
_EST_Q1 = const(8)
_EST_Q2 = const(9)
_EST_Q3 = const(10)
_EST_R00 = const(11)
_EST_RATE_X_URAD_S = const(20)
_EST_FORCE_X_MM_S2 = const(23)
_EST_CLIMB_MM = const(24)
_EST_STEP_UP_Q8 = const(25)
_EST_STEP_DOWNRANGE_Q8 = const(26)
_EST_STEP_CROSSRANGE_Q8 = const(27)
_EST_VELOCITY_AGE_TICKS = const(28)
_EST_AGL_VALID = const(29)
_EST_CLIMB_DOUBT_Q8 = const(34)
_EST_ATTITUDE_DOUBT_MRAD = const(35)
_EST_RANGE_AGE_TICKS = const(36)
_EST_DRIFT_TICKS = const(37)
_EST_TO_REGAIN = const(38)
_EST_BLURRED_TICKS = const(39)

_STA_LOST = const(0)
_STA_REST_UP = const(1)  # velocity remainders, 2^-16 mm/s
_STA_REST_DOWNRANGE = const(2)
_STA_REST_CROSSRANGE = const(3)
_STA_REST_ALTITUDE = const(4)  # position remainders, 2^-8 mm/s * 2 ms
_STA_REST_DOWNRANGE_WAY = const(5)
_STA_REST_CROSSRANGE_WAY = const(6)
_STA_REST_TURN_DOWNRANGE = const(7)  # frame turn remainders, rad * 2^40
_STA_REST_TURN_CROSSRANGE = const(8)
_STA_TURN_DOWNRANGE = const(9)  # frame turn of this step about downrange, rad * 2^40
_STA_TURN_CROSSRANGE = const(10)
_STA_KICK_X = const(11)  # velocity increment of this step in body axes, 2^-16 mm/s
_STA_KICK_Y = const(12)
_STA_KICK_Z = const(13)
_STA_ANGLE_X = const(14)  # half rotation of this step in body axes, rad * 2^29
_STA_ANGLE_Y = const(15)
_STA_ANGLE_Z = const(16)
_STA_SAMPLES = const(17)
_STA_REST_SHORT = const(18)
_STA_REST_SHORT_ACROSS = const(19)
_STA_SHRINK_Q29 = const(20)
_STA_FAULTS = const(21)
_STA_SILENT_TICKS = const(22)
_STA_CALM_X = const(23)  # mean velocity increment of a tick, body axes, 2^-16 mm/s

_ALT_STATUS = const(1)
_ALT_AGE_MS = const(3)
_ALT_VELOCITY_X_MM_S = const(6)

_ONE_Q29 = const(536870912)
_MOST_SAMPLES = const(50)  # 100 ms: a longer silence is an event, not one step
_GRAVITY_STEP_Q19 = const(1703117)  # mu / radius^2 = 1.6242189 m/s2, * 2 ms, in 2^-19 mm/s
_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s
_VELOCITY_VALID = const(8)

_TICK_SAMPLES = const(5)
_COAST_AFTER = const(10)  # ticks: a shorter silence is filled when it ends
_CALM_MOST = const(10000000)  # 15 m/s2
_BLURRED_TICKS = const(30)
# what a tick without increments may hide: 4 m/s2 of thrust in the wrong direction, 0.1 rad/s of turn (1 mrad)
_HIDDEN_CLIMB_Q8 = const(10240)
_HIDDEN_AGE_TICKS = const(2)
_CLIMB_DOUBT_MOST_Q8 = const(51200000)  # 200 m/s
_TILTED_CLIMB_Q8 = const(10)  # 4 m/s2 for 10 ms, for each milliradian
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
def step(estimate: ptr32, state: ptr32, imu: ptr32) -> int:
    """Advance the estimate by one poll of the inertial unit. Returns the samples used.

    estimate: EST_ slots; state: STA_ slots, private; imu: IMU_ slots.
    """
    age = estimate[_EST_VELOCITY_AGE_TICKS] + 1
    estimate[_EST_VELOCITY_AGE_TICKS] = int(clamp(age, 0, 100000))
    # an attitude in doubt turns the thrust: it may carry off the climb
    doubt = estimate[_EST_CLIMB_DOUBT_Q8] + _TILTED_CLIMB_Q8 * estimate[_EST_ATTITUDE_DOUBT_MRAD]
    if doubt > _CLIMB_DOUBT_MOST_Q8:
        doubt = _CLIMB_DOUBT_MOST_Q8
    estimate[_EST_CLIMB_DOUBT_Q8] = doubt
    estimate[_EST_CLIMB_MM] = 0
    samples = int(take_increments(estimate, state, imu))
    if samples == 0:
        if int(without_samples(estimate, state)) == 0:
            return 0
        coast(state)
    turn_of_frame(estimate, state)
    turn_attitude(estimate, state)
    rotation_matrix(estimate)
    add_velocity(estimate, state)
    add_position(estimate, state)
    return samples


@micropython.viper
def without_samples(estimate: ptr32, state: ptr32) -> int:
    """A silent or overloaded inertial unit: 1 when it is time to coast, 0 while it may only be late.

    Rates die away, so that attitude control does not chase the last one.
    """
    axis = 0
    while axis < 3:
        estimate[_EST_RATE_X_URAD_S + axis] = estimate[_EST_RATE_X_URAD_S + axis] >> 1
        estimate[_EST_STEP_UP_Q8 + axis] = 0
        axis = axis + 1
    part = 0
    while part < 4:
        if estimate[_EST_Q0 + part] < 0 or estimate[_EST_Q0 + part] > 0:
            return int(count_silent(estimate, state))
        part = part + 1
    return 0  # nobody has said yet where we are


@micropython.viper
def count_silent(estimate: ptr32, state: ptr32) -> int:
    """One more silent tick, of which nothing was seen: 1 when it is time to coast."""
    hide(estimate, 1)
    silent = state[_STA_SILENT_TICKS]
    if silent < 1000:
        state[_STA_SILENT_TICKS] = silent + 1
    if silent < _COAST_AFTER:
        return 0
    return 1


@micropython.viper
def coast(state: ptr32) -> int:
    """A tick without increments goes on with the mean force of before, and without a turn."""
    axis = 0
    while axis < 3:
        state[_STA_ANGLE_X + axis] = 0
        state[_STA_KICK_X + axis] = state[_STA_CALM_X + axis]
        axis = axis + 1
    state[_STA_SAMPLES] = _TICK_SAMPLES
    return _TICK_SAMPLES


@micropython.viper
def hide(estimate: ptr32, ticks: int) -> int:
    """So many ticks of motion were not seen: the ages of velocity and attitude grow faster.

    A radar velocity that is taken, and the climb also altimeters that are accepted, bring them down again.
    Ranges: ticks 0..10.
    """
    doubt = estimate[_EST_VELOCITY_AGE_TICKS] + _HIDDEN_AGE_TICKS * ticks
    if doubt > 100000:
        doubt = 100000
    estimate[_EST_VELOCITY_AGE_TICKS] = doubt
    doubt = estimate[_EST_CLIMB_DOUBT_Q8] + _HIDDEN_CLIMB_Q8 * ticks
    if doubt > _CLIMB_DOUBT_MOST_Q8:
        doubt = _CLIMB_DOUBT_MOST_Q8
    estimate[_EST_CLIMB_DOUBT_Q8] = doubt
    doubt = estimate[_EST_ATTITUDE_DOUBT_MRAD] + ticks
    if doubt > 1000:
        doubt = 1000
    estimate[_EST_ATTITUDE_DOUBT_MRAD] = doubt
    return doubt


@micropython.viper
def unseen(state: ptr32, imu: ptr32) -> int:
    """Samples that are missing before this poll's end: lost on the wire, or with a fault and not used.

    After a longer silence the flight has coasted: then it is the 100 ms before that.
    """
    lost = int(clamp(imu[_IMU_LOST] - state[_STA_LOST], 0, _MOST_SAMPLES))
    lost = lost + int(clamp(imu[_IMU_FAULTS] - state[_STA_FAULTS], 0, _MOST_SAMPLES))
    if lost > _MOST_SAMPLES or state[_STA_SILENT_TICKS] > _COAST_AFTER:
        lost = _MOST_SAMPLES
    state[_STA_LOST] = imu[_IMU_LOST]
    state[_STA_FAULTS] = imu[_IMU_FAULTS]
    return lost


@micropython.viper
def take_increments(estimate: ptr32, state: ptr32, imu: ptr32) -> int:
    """Scale the poll's increments; those that are missing are filled with the mean of the rest."""
    samples = imu[_IMU_SAMPLES]
    blurred = int(clamp(estimate[_EST_BLURRED_TICKS] - 1, 0, _BLURRED_TICKS))
    if samples <= 0 or imu[_IMU_FAULTS] != state[_STA_FAULTS]:
        blurred = _BLURRED_TICKS
    estimate[_EST_BLURRED_TICKS] = blurred
    if samples <= 0:
        state[_STA_SAMPLES] = 0
        return 0
    if samples > _MOST_SAMPLES:
        samples = _MOST_SAMPLES
    lost = int(unseen(state, imu))
    if lost > 0 and state[_STA_SILENT_TICKS] == 0:
        hide(estimate, (lost + 4) * 13 >> 6)  # a fifth
    state[_STA_SILENT_TICKS] = 0
    axis = 0
    while axis < 3:
        angle = int(clamp(imu[_IMU_ANGLE_X + axis], -4000000, 4000000))
        kick = int(clamp(imu[_IMU_VELOCITY_X + axis], -8000000, 8000000))
        mean_angle_q4 = int(divide_signed(angle, samples, 4))
        # LSB per 2 ms, 2^-21 degree: 4.16124 urad/s, here on an average * 16
        rate = int(mul_q14(mean_angle_q4, 4261))
        state_rate = estimate[_EST_RATE_X_URAD_S + axis]
        estimate[_EST_RATE_X_URAD_S + axis] = state_rate + ((rate - state_rate) >> 1)
        if lost > 0:
            mean_angle = int(clamp(mean_angle_q4 >> 4, -400000, 400000))
            mean_kick = int(clamp(int(divide_signed(kick, samples, 0)), -800000, 800000))
            angle = int(clamp(angle + mean_angle * lost, -4000000, 4000000))
            kick = int(clamp(kick + mean_kick * lost, -8000000, 8000000))
        # half angle, rad * 2^29: 2 + 0.2340214426 a LSB, to the nearest: down would turn by 1.3e-4 rad
        state[_STA_ANGLE_X + axis] = (angle << 1) + int(mul_q29(angle, 125639305))
        # 2^-22 m/s is 15.625 units of 2^-16 mm/s
        state[_STA_KICK_X + axis] = (kick * 125) >> 3
        axis = axis + 1
    samples = samples + lost
    state[_STA_SAMPLES] = samples
    if samples <= _TICK_SAMPLES + 1:
        calm(state)
    return samples


@micropython.viper
def calm(state: ptr32) -> int:
    """The mean force of the last 0.3 s, three pulse periods of the engines, with which to coast."""
    axis = 0
    while axis < 3:
        kick = int(clamp(state[_STA_KICK_X + axis], 0 - _CALM_MOST, _CALM_MOST))
        mean = state[_STA_CALM_X + axis]
        state[_STA_CALM_X + axis] = mean + ((kick - mean) >> 5)
        axis = axis + 1
    return 0


@micropython.viper
def shrink(estimate: ptr32) -> int:
    """radius / (radius + altitude) * 2^29, at most 2^29 - 1: 1 - x + x^2 - x^3, to 2e-8 at 20 km."""
    altitude = int(clamp(estimate[_EST_ALTITUDE_MM], -10000000, 110000000))
    # altitude / radius * 2^29: 0.309008 a mm
    x = int(mul_q29(altitude, 165897534))
    inner = x - int(mul_q29(x, x))
    return int(clamp(536870912 - x + int(mul_q29(x, inner)), 0, 536870911))


@micropython.viper
def turn_of_frame(estimate: ptr32, state: ptr32) -> int:
    """How far the local frame turns in this step, because the vehicle flies around the Moon.

    Speed / radius * 2 ms * samples, rad * 2^40: 1.2656977412 per mm/s on the datum sphere
    (1,737.4 km), less above it. In 64ths of mm/s until the samples are counted.
    """
    samples = state[_STA_SAMPLES]
    smaller = int(shrink(estimate))
    state[_STA_SHRINK_Q29] = smaller
    speed = int(mul_q29(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 2, smaller))
    turn = speed + int(mul_q29(speed, 142645389))
    state[_STA_TURN_CROSSRANGE] = ((turn >> 5) * samples) >> 1
    speed = int(mul_q29(estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 2, smaller))
    turn = speed + int(mul_q29(speed, 142645389))
    turn = ((turn >> 5) * samples) >> 1
    state[_STA_TURN_DOWNRANGE] = 0 - turn
    return 0


@micropython.viper
def turn_attitude(estimate: ptr32, state: ptr32) -> int:
    """Quaternion: body rotation from the right, frame turn from the left, then length 1.

    Stays a call; small ones in it do not.

    First order in the half angles, which stay under 0.01 rad a step; the third-order
    error is 1e-7 rad at that rate and vanishes in the quiet of a descent.
    """
    q0 = estimate[_EST_Q0]
    q1 = estimate[_EST_Q1]
    q2 = estimate[_EST_Q2]
    q3 = estimate[_EST_Q3]
    bx = int(clamp(state[_STA_ANGLE_X], -16000000, 16000000))
    by = int(clamp(state[_STA_ANGLE_Y], -16000000, 16000000))
    bz = int(clamp(state[_STA_ANGLE_Z], -16000000, 16000000))
    # rad * 2^40 to half angle * 2^29: >> 12, remainder kept
    total = state[_STA_REST_TURN_DOWNRANGE] - state[_STA_TURN_DOWNRANGE]
    ld = total >> 12
    state[_STA_REST_TURN_DOWNRANGE] = total & 4095
    total = state[_STA_REST_TURN_CROSSRANGE] - state[_STA_TURN_CROSSRANGE]
    lc = total >> 12
    state[_STA_REST_TURN_CROSSRANGE] = total & 4095
    # q * (1, b) + (0, 0, ld, lc) * q
    n0 = q0 - int(mul_q29(q1, bx)) - int(mul_q29(q2, by + ld)) - int(mul_q29(q3, bz + lc))
    n1 = q1 + int(mul_q29(q0, bx)) + int(mul_q29(q2, bz - lc)) - int(mul_q29(q3, by - ld))
    n2 = q2 + int(mul_q29(q0, by + ld)) - int(mul_q29(q1, bz - lc)) + int(mul_q29(q3, bx))
    n3 = q3 + int(mul_q29(q0, bz + lc)) + int(mul_q29(q1, by - ld)) - int(mul_q29(q2, bx))
    return int(normalise(estimate, n0, n1, n2, n3))


@micropython.viper
def normalise(estimate: ptr32, n0: int, n1: int, n2: int, n3: int) -> int:
    """Store the quaternion with length 1, by one Newton step of the inverse square root.

    Stays a call; small ones in it do not.
    Ranges: n0 int31, n1 int31, n2 int31, n3 int31.
    """
    n0 = int(clamp(n0, -536870911, 536870911))
    n1 = int(clamp(n1, -536870911, 536870911))
    n2 = int(clamp(n2, -536870911, 536870911))
    n3 = int(clamp(n3, -536870911, 536870911))
    excess = (int(mul_q29(n0, n0)) - _ONE_Q29) + int(mul_q29(n1, n1))
    # from the spacecraft may come a length of 2, whose excess is 3 * 2^29
    excess = int(clamp(excess + int(mul_q29(n2, n2)), -536870912, 536870911)) + int(mul_q29(n3, n3))
    correction = excess >> 1
    estimate[_EST_Q0] = int(clamp(n0 - int(mul_q29(n0, correction)), -536870911, 536870911))
    estimate[_EST_Q1] = int(clamp(n1 - int(mul_q29(n1, correction)), -536870911, 536870911))
    estimate[_EST_Q2] = int(clamp(n2 - int(mul_q29(n2, correction)), -536870911, 536870911))
    estimate[_EST_Q3] = int(clamp(n3 - int(mul_q29(n3, correction)), -536870911, 536870911))
    return correction


@micropython.viper
def rotation_matrix(estimate: ptr32) -> int:
    """Rows up, downrange, crossrange of the body-to-local matrix, * 2^29.

    Stays a call; small ones in it do not.
    """
    q0 = estimate[_EST_Q0]
    q1 = estimate[_EST_Q1]
    q2 = estimate[_EST_Q2]
    q3 = estimate[_EST_Q3]
    xx = int(mul_q29(q1, q1))
    yy = int(mul_q29(q2, q2))
    zz = int(mul_q29(q3, q3))
    xy = int(mul_q29(q1, q2))
    xz = int(mul_q29(q1, q3))
    yz = int(mul_q29(q2, q3))
    wx = int(mul_q29(q0, q1))
    wy = int(mul_q29(q0, q2))
    wz = int(mul_q29(q0, q3))
    half = 268435456
    estimate[_EST_R00] = int(double_q29(half - yy - zz))
    estimate[_EST_R00 + 1] = int(double_q29(xy - wz))
    estimate[_EST_R00 + 2] = int(double_q29(xz + wy))
    estimate[_EST_R00 + 3] = int(double_q29(xy + wz))
    estimate[_EST_R00 + 4] = int(double_q29(half - xx - zz))
    estimate[_EST_R00 + 5] = int(double_q29(yz - wx))
    estimate[_EST_R00 + 6] = int(double_q29(xz - wy))
    estimate[_EST_R00 + 7] = int(double_q29(yz + wx))
    estimate[_EST_R00 + 8] = int(double_q29(half - xx - yy))
    return 0


@micropython.viper
def double_q29(x: int) -> int:
    """2 x held within +-(2^29 - 1): a cosine that rounding took past 1 stays a cosine."""
    return int(clamp(x, -268435455, 268435455)) << 1


@micropython.viper
def add_velocity(estimate: ptr32, state: ptr32) -> int:
    """Specific force into the local frame, gravity, and the terms of the turning frame.

    Stays a call; small ones in it do not.
    """
    samples = state[_STA_SAMPLES]
    force_x = state[_STA_KICK_X]
    force_y = state[_STA_KICK_Y]
    force_z = state[_STA_KICK_Z]
    # the matrix is that of the step's end, the kick came on the way: half the body's turn back
    turn_x = state[_STA_ANGLE_X]
    turn_y = state[_STA_ANGLE_Y]
    turn_z = state[_STA_ANGLE_Z]
    kick_x = force_x + int(mul_q29(force_y, turn_z)) - int(mul_q29(force_z, turn_y))
    kick_y = force_y + int(mul_q29(force_z, turn_x)) - int(mul_q29(force_x, turn_z))
    kick_z = force_z + int(mul_q29(force_x, turn_y)) - int(mul_q29(force_y, turn_x))
    speed_up = estimate[_EST_VELOCITY_UP_Q8]
    turn_d = int(clamp(state[_STA_TURN_DOWNRANGE], -500000000, 500000000))
    turn_c = int(clamp(state[_STA_TURN_CROSSRANGE], -500000000, 500000000))
    # (2^-8 mm/s * rad * 2^40) >> 29 >> 3 is 2^-16 mm/s
    centrifugal = int(mul_q29(estimate[_EST_VELOCITY_DOWNRANGE_Q8], turn_c)) >> 3
    centrifugal_across = 0 - (int(mul_q29(estimate[_EST_VELOCITY_CROSSRANGE_Q8], turn_d)) >> 3)
    # crossrange / radius, * 2^29: 0.309008 a mm
    offset_q29 = int(mul_q14(int(clamp(estimate[_EST_CROSSRANGE_MM], -200000000, 200000000)), 5063))
    up = int(rotate_row(estimate, 0, kick_x, kick_y, kick_z))
    up = up + centrifugal + centrifugal_across - ((int(gravity(state[_STA_SHRINK_Q29])) * samples + 4) >> 3)
    down = int(rotate_row(estimate, 3, kick_x, kick_y, kick_z)) - (int(mul_q29(speed_up, turn_c)) >> 3)
    cross = int(rotate_row(estimate, 6, kick_x, kick_y, kick_z)) + (int(mul_q29(speed_up, turn_d)) >> 3)
    cross = cross - int(mul_q29(centrifugal, offset_q29))
    add_kick(estimate, state, 0, up)
    add_kick(estimate, state, 1, down)
    add_kick(estimate, state, 2, cross)
    # body x force for the thrust model: 2^-16 mm/s in 2 ms samples, 500 / 65536 = 1/131
    force = int(divide_signed(force_x, samples * 131, 0))
    old = estimate[_EST_FORCE_X_MM_S2]
    estimate[_EST_FORCE_X_MM_S2] = force
    return old


@micropython.viper
def rotate_row(estimate: ptr32, row: int, x: int, y: int, z: int) -> int:
    """One local component of a body vector shorter than 500,000,000; what is longer is held in 31 bits."""
    base = _EST_R00 + row
    total = int(mul_q29(x, estimate[base])) + int(mul_q29(y, estimate[base + 1]))
    return int(clamp(total, -500000000, 500000000)) + int(mul_q29(z, estimate[base + 2]))


@micropython.viper
def gravity(smaller: int) -> int:
    """Central gravity in a 2 ms sample, 2^-19 mm/s: g0 times the square of radius / (radius + altitude)."""
    return int(mul_q29(int(mul_q29(_GRAVITY_STEP_Q19, smaller)), smaller))


@micropython.viper
def add_kick(estimate: ptr32, state: ptr32, axis: int, kick: int) -> int:
    """Add 2^-16 mm/s to one velocity and keep what is below its last bit."""
    total = state[_STA_REST_UP + axis] + int(clamp(kick, -500000000, 500000000))
    gain = total >> 8
    state[_STA_REST_UP + axis] = total & 255
    speed = estimate[_EST_VELOCITY_UP_Q8 + axis] + gain
    estimate[_EST_VELOCITY_UP_Q8 + axis] = int(clamp(speed, 0 - _SPEED_LIMIT_Q8, _SPEED_LIMIT_Q8))
    estimate[_EST_STEP_UP_Q8 + axis] = gain
    return gain


@micropython.viper
def add_position(estimate: ptr32, state: ptr32) -> int:
    """Altitude, and the way over ground on the datum sphere, by the speed at the middle of the step."""
    samples = state[_STA_SAMPLES]
    climb = int(travel(estimate, state, 0, samples))
    altitude = estimate[_EST_ALTITUDE_MM] + climb
    estimate[_EST_ALTITUDE_MM] = int(clamp(altitude, -10000000, 110000000))
    estimate[_EST_CLIMB_MM] = climb
    along = int(travel(estimate, state, 1, samples))
    across = int(travel(estimate, state, 2, samples))
    short_q29 = 536870912 - state[_STA_SHRINK_Q29]
    # the ground below moves less than the vehicle by radius / (radius + altitude)
    along_short = int(mul_q29(along << 8, short_q29)) + state[_STA_REST_SHORT]
    state[_STA_REST_SHORT] = along_short & 255
    along = along - (along_short >> 8)
    across_short = int(mul_q29(across << 8, short_q29)) + state[_STA_REST_SHORT_ACROSS]
    state[_STA_REST_SHORT_ACROSS] = across_short & 255
    across = across - (across_short >> 8)
    estimate[_EST_DOWNRANGE_MM] = int(clamp(estimate[_EST_DOWNRANGE_MM] + along, -1000000000, 1000000000))
    estimate[_EST_CROSSRANGE_MM] = int(clamp(estimate[_EST_CROSSRANGE_MM] + across, -200000000, 200000000))
    return 0


@micropython.viper
def travel(estimate: ptr32, state: ptr32, axis: int, samples: int) -> int:
    """Whole millimetres on one axis: speed (2^-8 mm/s) * samples * 2 ms, remainder kept."""
    speed = estimate[_EST_VELOCITY_UP_Q8 + axis] - (estimate[_EST_STEP_UP_Q8 + axis] >> 1)
    way = 0
    rest = state[_STA_REST_ALTITUDE + axis]
    # one sample at a time: speed reaches 2^29, so the product would not fit
    while samples > 0:
        rest = rest + speed
        whole = rest // 128000
        rest = rest - whole * 128000
        way = way + whole
        samples = samples - 1
    state[_STA_REST_ALTITUDE + axis] = rest
    return way


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
