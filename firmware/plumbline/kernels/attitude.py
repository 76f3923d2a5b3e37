"""Attitude control at 100 Hz: turn the thrust axis into the demanded direction.

Proportional-derivative on the angle between body x and the demand, roll held with body z
across the track; the steady part of the torque moves into differential duty of the assist
thrusters (trim), so that the RCS does not fight an offset centre of mass all the way down.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, mul_q14

_EST_AGL_MM = const(1)
_EST_R00 = const(11)
_EST_RATE_X_URAD_S = const(20)
_EST_FORCE_X_MM_S2 = const(23)
_EST_BLURRED_TICKS = const(39)

_GUI_PHASE = const(0)
_GUI_MASS_G = const(1)
_GUI_DIRECTION_UP_Q14 = const(12)
_GUI_THROTTLE_Q14 = const(15)
_GUI_MAIN_ON = const(16)

_ATT_TRIM_Y = const(0)  # duty * 2^10
_ATT_TRIM_Z = const(1)
_ATT_ERROR_X_Q14 = const(2)  # rad
_ATT_ERROR_Y_Q14 = const(3)
_ATT_ERROR_Z_Q14 = const(4)
_ATT_DIRECTION_X_Q14 = const(5)  # demand in body axes
_ATT_DIRECTION_Y_Q14 = const(6)
_ATT_DIRECTION_Z_Q14 = const(7)

_DEM_FLAGS = const(1)
_DEM_THROTTLE_Q14 = const(2)
_DEM_TORQUE_X_Q14 = const(3)
_DEM_TRIM_Y_Q14 = const(6)
_DEM_TRIM_Z_Q14 = const(7)
_DEM_FORCE_X_MM_S2 = const(8)
_DEM_RATE_X_Q = const(9)
_DEM_MASS_KG = const(12)

_WAITING = const(0)
_TERMINAL = const(4)
_CONTACT = const(5)
_LANDED = const(6)
_ARMED = const(1)
_MAIN_ENGINE = const(2)
_NEAR_GROUND = const(4)  # what turns the body may be the ground
_BLURRED = const(8)  # rates and force may not be what the body does
_NEAR_GROUND_MM = const(1000)
_LARGEST_ERROR_Q14 = const(4424)  # 0.27 rad, which limits the slew to about 4.7 degrees a second
_RATE_GAIN_Q14 = const(3490)  # 13 duty per rad/s, on urad/s to duty * 2^14
_TRIM_LIMIT = const(1677312)  # 10 % duty * 2^10
_TRIM_ABOVE_Q14 = const(1638)


@micropython.viper
def step(attitude: ptr32, demand: ptr32, estimate: ptr32, guidance: ptr32) -> int:
    """Torque and thrust demand for this tick. Returns the flags.

    attitude: ATT_ slots; demand: DEM_ slots, written; estimate, guidance: read only.
    """
    phase = guidance[_GUI_PHASE]
    flags = 0
    demand[_DEM_THROTTLE_Q14] = 0
    if phase == _WAITING or phase == _CONTACT or phase == _LANDED:
        axis = 0
        while axis < 3:
            demand[_DEM_TORQUE_X_Q14 + axis] = 0
            axis = axis + 1
    else:
        pointing_error(attitude, estimate, guidance)
        axis = 0
        while axis < 3:
            demand[_DEM_TORQUE_X_Q14 + axis] = int(torque(attitude, estimate, axis))
            axis = axis + 1
        demand[_DEM_THROTTLE_Q14] = guidance[_GUI_THROTTLE_Q14]
        trim(attitude, demand, guidance[_GUI_THROTTLE_Q14])
    if phase != _WAITING and phase != _LANDED:
        flags = _ARMED
    if guidance[_GUI_MAIN_ON] == 1:
        flags = flags | _MAIN_ENGINE
    if phase == _CONTACT or (phase == _TERMINAL and estimate[_EST_AGL_MM] < _NEAR_GROUND_MM):
        flags = flags | _NEAR_GROUND
    if estimate[_EST_BLURRED_TICKS] > 0:
        flags = flags | _BLURRED
    demand[_DEM_FLAGS] = flags
    tell_motion(demand, estimate, guidance[_GUI_MASS_G])
    return flags


@micropython.viper
def tell_motion(demand: ptr32, estimate: ptr32, mass_g: int) -> int:
    """What the valves have done so far: specific force, rates and mass, for propulsion to compare.

    Ranges: mass_g 0..100_000_000.
    """
    demand[_DEM_FORCE_X_MM_S2] = int(clamp(estimate[_EST_FORCE_X_MM_S2], -32768, 32767))
    axis = 0
    while axis < 3:
        demand[_DEM_RATE_X_Q + axis] = int(clamp(estimate[_EST_RATE_X_URAD_S + axis] >> 5, -32768, 32767))
        axis = axis + 1
    demand[_DEM_MASS_KG] = int(clamp(mass_g // 1000, 0, 32767))
    return mass_g


@micropython.viper
def pointing_error(attitude: ptr32, estimate: ptr32, guidance: ptr32) -> int:
    """Small rotation, body axes, that brings body x to the demand and body z across the track."""
    axis = 0
    while axis < 3:
        total = (estimate[_EST_R00 + axis] >> 15) * guidance[_GUI_DIRECTION_UP_Q14]
        total = total + (estimate[_EST_R00 + 3 + axis] >> 15) * guidance[_GUI_DIRECTION_UP_Q14 + 1]
        total = total + (estimate[_EST_R00 + 6 + axis] >> 15) * guidance[_GUI_DIRECTION_UP_Q14 + 2]
        attitude[_ATT_DIRECTION_X_Q14 + axis] = total >> 14
        axis = axis + 1
    # x cross d = (0, -dz, dy); more than 90 degrees off counts as the largest error
    pitch = 0 - attitude[_ATT_DIRECTION_Z_Q14]
    yaw = attitude[_ATT_DIRECTION_Y_Q14]
    if attitude[_ATT_DIRECTION_X_Q14] < 0:
        yaw = 16384
        if attitude[_ATT_DIRECTION_Y_Q14] < 0:
            yaw = -16384
    roll = 0 - (estimate[_EST_R00 + 7] >> 15)
    if estimate[_EST_R00 + 8] < 0:
        roll = 16384
        if estimate[_EST_R00 + 7] > 0:
            roll = -16384
    attitude[_ATT_ERROR_X_Q14] = roll
    attitude[_ATT_ERROR_Y_Q14] = pitch
    attitude[_ATT_ERROR_Z_Q14] = yaw
    return 0


@micropython.viper
def torque(attitude: ptr32, estimate: ptr32, axis: int) -> int:
    """Duty of the RCS about one axis: 4 a radian of error, less 13 a rad/s of rate."""
    error = int(clamp(attitude[_ATT_ERROR_X_Q14 + axis], 0 - _LARGEST_ERROR_Q14, _LARGEST_ERROR_Q14))
    rate = int(clamp(estimate[_EST_RATE_X_URAD_S + axis], -2000000, 2000000))
    duty = error * 4 - int(mul_q14(rate, _RATE_GAIN_Q14))
    return int(clamp(duty, -16384, 16384))


@micropython.viper
def trim(attitude: ptr32, demand: ptr32, throttle_q14: int) -> int:
    """Integrate the torque demand into differential duty while the assist thrusters burn."""
    axis = 0
    while axis < 2:
        total = attitude[_ATT_TRIM_Y + axis]
        if throttle_q14 > _TRIM_ABOVE_Q14:
            total = total + demand[_DEM_TORQUE_X_Q14 + 1 + axis] // 9
            total = int(clamp(total, 0 - _TRIM_LIMIT, _TRIM_LIMIT))
            attitude[_ATT_TRIM_Y + axis] = total
        demand[_DEM_TRIM_Y_Q14 + axis] = total >> 10
        axis = axis + 1
    return 0
