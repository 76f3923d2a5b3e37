"""Telemetry out of the kernels' arrays: what a packet of the dictionary takes from them, in one call."""

import micropython
from micropython import const

# slots, as kernels/slots.py has them
_EST_ALTITUDE_MM = const(0)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_AGL_VALID = const(29)
_VOT_PROTECTION_MM = const(16)
_VOT_FLAGS = const(17)
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_VOT_VERDICT = const(2)
_GUI_THROTTLE_Q14 = const(15)

# fields of NAVIGATION_STATE
_POSITION = const(2)  # altitude, agl, downrange, crossrange
_VELOCITY = const(6)
_AGL_VALID = const(9)
_FIRST_VERDICT = const(10)
_THROTTLE = const(14)
_PROTECTION = const(15)
_FLAGS = const(16)


@micropython.viper
def navigation_state(values: ptr32, estimate: ptr32, vote: ptr32, guidance: ptr32) -> int:
    """The fields of NAVIGATION_STATE that come out of the kernels' arrays. Allocates nothing."""
    i = 0
    while i < 4:
        values[_POSITION + i] = estimate[_EST_ALTITUDE_MM + i]
        values[_FIRST_VERDICT + i] = vote[_VOT_FIRST + i * _VOT_STRIDE + _VOT_VERDICT]
        i = i + 1
    i = 0
    while i < 3:
        values[_VELOCITY + i] = estimate[_EST_VELOCITY_UP_Q8 + i] >> 8
        i = i + 1
    values[_AGL_VALID] = estimate[_EST_AGL_VALID]
    values[_PROTECTION] = vote[_VOT_PROTECTION_MM]
    values[_FLAGS] = vote[_VOT_FLAGS]
    values[_THROTTLE] = guidance[_GUI_THROTTLE_Q14]
    return 0
