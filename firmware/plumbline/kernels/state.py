"""Inertial navigation: position, velocity and attitude from the inertial unit.

Local-level frame (up, downrange, crossrange) that travels with the vehicle over a
spherical, non-rotating Moon. Velocities are mm/s * 256, the quaternion (body to local,
scalar first) is * 2^29. Remainders are carried, so that nothing is lost to rounding.
Mechanisation: Savage, Strapdown Analytics, in wander-free local-level form.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide_signed, mul_q14, mul_q29

_IMU_SAMPLES = const(0)
_IMU_ANGLE_X = const(1)
_IMU_VELOCITY_X = const(4)
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
_EST_VELOCITY_AGE_TICKS = const(28)
_EST_CLIMB_DOUBT_Q8 = const(34)
_EST_ATTITUDE_DOUBT_MRAD = const(35)
_EST_BLURRED_TICKS = const(39)

_STA_LOST = const(0)
_STA_REST_UP = const(1)  # velocity remainders, 2^-16 mm/s
_STA_REST_ALTITUDE = const(4)  # position remainders, 2^-8 mm/s * 2 ms
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


_ONE_Q29 = const(536870912)
_MOST_SAMPLES = const(50)  # 100 ms: a longer silence is an event, not one step
_GRAVITY_STEP_Q19 = const(1703117)  # mu / radius^2 = 1.6242189 m/s2, * 2 ms, in 2^-19 mm/s
_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s

_TICK_SAMPLES = const(5)
_COAST_AFTER = const(10)  # ticks: a shorter silence is filled when it ends
_CALM_MOST = const(10000000)  # 15 m/s2
_BLURRED_TICKS = const(30)
# what a tick without increments may hide: 4 m/s2 of thrust in the wrong direction, 0.1 rad/s of turn (1 mrad)
_HIDDEN_CLIMB_Q8 = const(10240)
_HIDDEN_AGE_TICKS = const(2)
_CLIMB_DOUBT_MOST_Q8 = const(51200000)  # 200 m/s
_TILTED_CLIMB_Q8 = const(10)  # 4 m/s2 for 10 ms, for each milliradian


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
