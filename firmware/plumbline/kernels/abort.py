"""The way back to orbit, for a lander that has no range and no propellant to feel for the ground."""

import micropython
from micropython import const
from plumbline.kernels.descent import effective_gravity
from plumbline.kernels.fixed import clamp, divide, isqrt, mul_q14

_EST_ALTITUDE_MM = const(0)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)
_EST_AGL_VALID = const(29)
_EST_RANGE_OVERDUE = const(33)  # every altimeter should have spoken and none has

_GUI_MASS_G = const(1)
_GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
_GUI_FORCE_UP = const(9)
_GUI_FORCE_DOWNRANGE = const(10)
_GUI_FORCE_CROSSRANGE = const(11)
_GUI_TIME_TO_GO_Q6 = const(17)

_PAR_EXHAUST_M_S = const(2)
_PAR_EMPTY_G = const(9)

_LEAST_HOVER_S = const(90)
_ORBIT_M_S = const(1698)
_CLIMB_OUT_M_S = const(150)
_CLIMB_MM_S = const(40000)
_LEVEL_MM_S = const(3000)
_LEVEL_OFF_MM = const(14000000)
_ORBIT_ALTITUDE_MM = const(13000000)


@micropython.viper
def must_abort(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """1 while braking without a range that is overdue, when the propellant would not last to feel for the
    ground after it, but would to go back into orbit. Stays a call."""
    if estimate[_EST_AGL_VALID] == 1 or estimate[_EST_RANGE_OVERDUE] == 0:
        return 0
    mass = int(clamp(guidance[_GUI_MASS_G], 1, 100000000))
    fuel = int(clamp(mass - params[_PAR_EMPTY_G], 0, 100000000))
    share = int(clamp(int(divide(fuel, mass, 14)), 0, 16384))
    speed = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] // 256000, 0, 2000))
    seconds = int(clamp(guidance[_GUI_TIME_TO_GO_Q6] >> 6, 0, 2000))
    # braking takes the speed, and 1.2 m/s2 against the weight
    rest = share - int(burnt_share(speed + seconds + (seconds >> 2), params))
    if rest > 0:
        hover = (int(mul_q14(params[_PAR_EXHAUST_M_S], int(clamp(rest, 0, 16384)))) * 631) >> 10
        if hover >= _LEAST_HOVER_S:
            return 0
    back = _ORBIT_M_S - speed
    back = int(clamp(back + (back >> 3) + _CLIMB_OUT_M_S, 0, 4000))
    if share > int(burnt_share(back, params)):
        return 1
    return 0


@micropython.viper
def burnt_share(speed_m_s: int, params: ptr32) -> int:
    """Share of the mass that a change of speed burns, * 2^14: 1 - exp(-x) to third order, x = dv / exhaust.

    Ranges: speed_m_s 0..4_600. Stays a call.
    """
    x = int(clamp(int(divide(speed_m_s, params[_PAR_EXHAUST_M_S], 14)), 0, 24576))
    square = (x * x) >> 14
    cube = (square * x) >> 14
    return int(clamp(x - (square >> 1) + cube // 6, 0, 16384))


@micropython.viper
def climb_out(guidance: ptr32, estimate: ptr32) -> int:
    """Back to orbit with full thrust: climb at 40 m/s to 15 km and level off, all the rest forward.

    Stays a call.
    """
    full = guidance[_GUI_FULL_MM_S2]
    climb = int(clamp(estimate[_EST_VELOCITY_UP_Q8] >> 8, -2000000, 2000000))
    wanted = _CLIMB_MM_S
    if estimate[_EST_ALTITUDE_MM] > _LEVEL_OFF_MM:
        wanted = _LEVEL_MM_S
    up = int(clamp((wanted - climb) >> 3, -2000, 4000)) + int(effective_gravity(estimate))
    up = int(clamp(up, 0, full * 17 // 20))
    drift = int(clamp(estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8, -200000, 200000))
    guidance[_GUI_FORCE_UP] = up
    guidance[_GUI_FORCE_DOWNRANGE] = int(isqrt(int(clamp((full - up) * (full + up), 0, 1000000000))))
    guidance[_GUI_FORCE_CROSSRANGE] = int(clamp(0 - (drift >> 4), 0 - full // 6, full // 6))
    return up


@micropython.viper
def is_in_orbit(estimate: ptr32) -> int:
    """1 when the path stays above 10 km: a little more than the circular speed, high enough and level."""
    if estimate[_EST_ALTITUDE_MM] < _ORBIT_ALTITUDE_MM:
        return 0
    if estimate[_EST_VELOCITY_DOWNRANGE_Q8] // 256000 < _ORBIT_M_S:
        return 0
    return 1
