"""Guidance of the braking burn, 10 Hz: the deceleration that stops at the gate is taken as linear in time,
which gives time-to-go in closed form; up and crossrange follow the quadratic law of Apollo's P63/P64.
"""

import micropython
from micropython import const
from plumbline.kernels.descent import effective_gravity, guard
from plumbline.kernels.fixed import clamp, divide, divide_signed, isqrt, mul_q14

_EST_ALTITUDE_MM = const(0)
_EST_DOWNRANGE_MM = const(2)
_EST_CROSSRANGE_MM = const(3)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)

_GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
_GUI_FORCE_UP = const(9)
_GUI_FORCE_DOWNRANGE = const(10)
_GUI_FORCE_CROSSRANGE = const(11)
_GUI_TIME_TO_GO_Q6 = const(17)

_PAR_GATE_ALTITUDE_MM = const(3)
_PAR_GATE_SINK_MM_S = const(4)
_PAR_GATE_SPEED_MM_S = const(5)
_PAR_GATE_DOWNRANGE_MM = const(6)
_PAR_GROWTH_SPEED_MM_S = const(7)

_SHORTEST_Q6 = const(512)  # 8 s: nearer than that the quadratic law only amplifies noise


@micropython.viper
def braking(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """Force that reaches the gate's height, place and speeds together, within what the engines give.

    Stays a call.
    """
    full = guidance[_GUI_FULL_MM_S2]
    slowing = int(time_to_gate(guidance, estimate, params))
    time_q6 = guidance[_GUI_TIME_TO_GO_Q6]
    climb_rate = estimate[_EST_VELOCITY_UP_Q8] >> 8
    below = int(clamp(params[_PAR_GATE_ALTITUDE_MM] - estimate[_EST_ALTITUDE_MM], -100000000, 100000000))
    wanted = int(divide_signed(below * 6, time_q6, 6)) - 4 * climb_rate + 2 * params[_PAR_GATE_SINK_MM_S]
    climb = int(divide_signed(int(clamp(wanted, -8000000, 8000000)), time_q6, 6))
    climb = int(guard(estimate, climb))
    up = climb + int(effective_gravity(estimate))
    up = int(clamp(up, 0 - full * 3 // 10, full * 17 // 20))
    left = int(isqrt(int(clamp((full - up) * (full + up), 0, 1000000000))))
    if slowing > left:
        slowing = left
    aside = int(clamp(estimate[_EST_CROSSRANGE_MM], -100000000, 100000000))
    drift = estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8
    wanted = 0 - int(divide_signed(aside * 6, time_q6, 6)) - 4 * drift
    across = int(divide_signed(int(clamp(wanted, -8000000, 8000000)), time_q6, 6))
    guidance[_GUI_FORCE_UP] = up
    guidance[_GUI_FORCE_DOWNRANGE] = 0 - slowing
    guidance[_GUI_FORCE_CROSSRANGE] = int(clamp(across, 0 - full // 6, full // 6))
    return slowing


@micropython.viper
def time_to_gate(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """Deceleration to command now, mm/s2; stores the time to go (s * 64).

    A deceleration that grows linearly by the factor r until the gate covers the way
    v T - dv T (2 + r) / (3 (1 + r)), hence T; it starts at 2 dv / (T (1 + r)).
    r = 1 + dv / growth speed stands for the propellant burnt on the way. Stays a call.
    """
    full = guidance[_GUI_FULL_MM_S2]
    speed = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, -2000000, 2000000))
    excess = int(clamp(speed - params[_PAR_GATE_SPEED_MM_S], 1000, 2000000))
    growth_q14 = 32768 + int(divide(excess, params[_PAR_GROWTH_SPEED_MM_S], 14))
    share_q14 = 5461 + int(divide(16384, 3 * int(clamp(growth_q14, 32768, 65536)), 14))
    lift_q14 = (int(clamp(estimate[_EST_ALTITUDE_MM], 0, 110000000)) * 9 // 932) >> 10
    ground = speed - int(mul_q14(speed, lift_q14))
    mean = ground - int(mul_q14(excess, share_q14))
    to_go = params[_PAR_GATE_DOWNRANGE_MM] - estimate[_EST_DOWNRANGE_MM]
    slowing = full
    if to_go > 0 and mean > 0:
        time_q6 = int(divide(int(clamp(to_go, 1, 1000000000)), mean, 6))
        time_q6 = int(clamp(time_q6, 64, 500000))
        slowing = int(divide(excess << 1, int(mul_growth(time_q6, growth_q14)), 6))
    if slowing > full:
        slowing = full
    if slowing < 1:
        slowing = 1
    time_q6 = int(divide(excess << 1, int(mul_growth(slowing, growth_q14)), 6))
    guidance[_GUI_TIME_TO_GO_Q6] = int(clamp(time_q6, _SHORTEST_Q6, 500000))
    return slowing


@micropython.viper
def mul_growth(x: int, growth_q14: int) -> int:
    """x * growth / 2^14 for growth between 2 and 4, at least 1. Stays a call."""
    growth_q14 = int(clamp(growth_q14, 32768, 65536))
    product = (x << 1) + int(mul_q14(x << 1, (growth_q14 - 32768) >> 1))
    return int(clamp(product, 1, 500000000))
