"""Which way is up for the rover, and how fast it yaws: gravity over a quarter second, a gyro without bias.

The inertial unit sits with x forwards and z up. On the Moon its accelerometer sees a sixth of a g, so a
window of 64 samples is summed. The gyro's bias is the mean of two seconds in which no motor turns.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, divide_signed, magnitude

_IMU_SAMPLES = const(0)
_IMU_ANGLE_Z = const(3)
_IMU_VELOCITY_X = const(4)

_TLT_VALID = const(0)
_TLT_SINE_Q14 = const(1)
_TLT_QUIET = const(2)
_TLT_SILENT_TICKS = const(3)
_TLT_SAMPLES = const(4)
_TLT_SUM_X = const(5)
_TLT_BIAS = const(8)
_TLT_REST_SAMPLES = const(9)
_TLT_REST_YAW = const(10)

_WINDOW = const(64)
_REST = const(450)  # two seconds
_LARGEST_TURN = const(2000000)  # in a poll: 95 degrees a second, more than a rover of 5 kg can do
_LARGEST_KICK = const(12000000)  # in a poll: 16 g in four samples
_LARGEST_BIAS = const(50000)  # 5.4 degrees a second; the ICM-20948's data sheet says 5
_LEAST = const(900)  # half of lunar gravity: 64 samples of 1.62 m/s2 / 225 Hz * 2^22 / 2^10 are 1,887
_UPRIGHT = const(16384)
_STEADY = const(300)  # about a degree


@micropython.viper
def step(tilt: ptr32, imu: ptr32, resting: int) -> int:
    """Take one poll of the inertial unit. Returns its yaw without bias, 2^-21 degree, left positive.

    tilt: TLT_ slots; imu: IMU_ slots; resting: 1 while no motor turns.
    Ranges: resting 0..1.
    """
    samples = int(clamp(imu[_IMU_SAMPLES], 0, 36))
    if samples == 0:
        tilt[_TLT_SILENT_TICKS] = int(clamp(tilt[_TLT_SILENT_TICKS] + 1, 0, 1000))
        return 0
    tilt[_TLT_SILENT_TICKS] = 0
    turned = int(clamp(imu[_IMU_ANGLE_Z], 0 - _LARGEST_TURN, _LARGEST_TURN))
    learn_bias(tilt, samples, turned, resting)
    axis = 0
    while axis < 3:
        kick = int(clamp(imu[_IMU_VELOCITY_X + axis], 0 - _LARGEST_KICK, _LARGEST_KICK))
        tilt[_TLT_SUM_X + axis] = int(clamp(tilt[_TLT_SUM_X + axis] + kick, -900000000, 900000000))
        axis = axis + 1
    tilt[_TLT_SAMPLES] = int(clamp(tilt[_TLT_SAMPLES] + samples, 0, 100))
    if tilt[_TLT_SAMPLES] >= _WINDOW:
        level(tilt)
    return turned - tilt[_TLT_BIAS] * samples


@micropython.viper
def learn_bias(tilt: ptr32, samples: int, turned: int, resting: int) -> int:
    """The mean of 450 samples at rest is the bias; what a motion interrupts is forgotten.

    Ranges: samples 1..36, turned -2_000_000..2_000_000, resting 0..1.
    """
    if resting == 0:
        tilt[_TLT_REST_SAMPLES] = 0
        tilt[_TLT_REST_YAW] = 0
        return 0
    count = tilt[_TLT_REST_SAMPLES] + samples
    total = int(clamp(tilt[_TLT_REST_YAW] + turned, -1000000000, 1000000000))
    if count >= _REST:
        bias = int(divide_signed(total, count, 0))
        tilt[_TLT_BIAS] = int(clamp(bias, 0 - _LARGEST_BIAS, _LARGEST_BIAS))
        count = 0
        total = 0
    tilt[_TLT_REST_SAMPLES] = count
    tilt[_TLT_REST_YAW] = total
    return 0


@micropython.viper
def level(tilt: ptr32) -> int:
    """The tilt of the window that is full, which then begins anew. Returns 1 when there was a gravity."""
    x = tilt[_TLT_SUM_X] >> 10
    y = tilt[_TLT_SUM_X + 1] >> 10
    z = tilt[_TLT_SUM_X + 2] >> 10
    tilt[_TLT_SUM_X] = 0
    tilt[_TLT_SUM_X + 1] = 0
    tilt[_TLT_SUM_X + 2] = 0
    tilt[_TLT_SAMPLES] = 0
    total = int(magnitude(x, y, z))
    if total < _LEAST:
        tilt[_TLT_VALID] = 0
        tilt[_TLT_QUIET] = 0
        return 0
    sine = int(clamp(int(divide(int(magnitude(x, y, 0)), total, 14)), 0, _UPRIGHT))
    if z < 0:
        sine = 2 * _UPRIGHT - sine
    change = sine - tilt[_TLT_SINE_Q14]
    if tilt[_TLT_VALID] == 1 and change <= _STEADY and change >= 0 - _STEADY:
        tilt[_TLT_QUIET] = int(clamp(tilt[_TLT_QUIET] + 1, 0, 100))
    else:
        tilt[_TLT_QUIET] = 0
    tilt[_TLT_SINE_Q14] = sine
    tilt[_TLT_VALID] = 1
    return 1
