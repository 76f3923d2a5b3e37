"""Guidance, the engines' side: what they give by measurement, the mass that is left, the hover it affords."""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, mul_q14

_EST_FORCE_X_MM_S2 = const(23)

_GUI_PHASE = const(0)
_GUI_MASS_G = const(1)
_GUI_MASS_REST_MG = const(2)
_GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
_GUI_SCALE_Q14 = const(4)  # measured over expected thrust
_GUI_FORCE_SUM = const(5)
_GUI_FORCE_MEAN_Q4 = const(6)
_GUI_EXPECTED_MEAN_Q4 = const(7)
_GUI_EXPECTED_MM_S2 = const(8)
_GUI_CONTACTS = const(18)
_GUI_PHASE_STEPS = const(19)
_GUI_FORCE_NOW_MM_S2 = const(20)
_GUI_HOVER_S = const(21)  # how long the propellant lasts to hover

_PAR_THRUST_FULL_MN = const(0)
_PAR_EXHAUST_M_S = const(2)
_PAR_EMPTY_G = const(9)

_BRAKING = const(2)
_TERMINAL = const(4)

_LOST_Q14 = const(14336)  # 7/8: less than that is an engine lost
_MORE_Q14 = const(18842)  # 1.15: the scale has followed a loss too far
_SCALE_NEAR_Q14 = const(14746)  # 0.9: what a sound engine may differ by
_SCALE_LEAST_Q14 = const(4915)


@micropython.viper
def accumulate(guidance: ptr32, estimate: ptr32) -> int:
    """Every 10 ms tick: add the measured force, so that the 10 Hz step sees one whole pulse period."""
    total = guidance[_GUI_FORCE_SUM] + int(clamp(estimate[_EST_FORCE_X_MM_S2], -200000, 200000))
    guidance[_GUI_FORCE_SUM] = int(clamp(total, -10000000, 10000000))
    return total


@micropython.viper
def measure_thrust(guidance: ptr32) -> int:
    """Compare measured with expected force over seconds: engines differ from their data sheet.

    While braking the scale follows by 1/32 a step. Later it follows only a loss of an eighth or
    more: a lost engine, not the short pulses of a low throttle, which give less than they promise. Means lag,
    so it may follow too far: it comes back, to 7/8, while engines give a seventh more than it says.
    Less than half of what is expected is an interruption, a board that was reset or had no supply: when it is
    over the engines give what they gave. An engine that takes more than half with it shows when others push.
    Stays a call.
    """
    mean = guidance[_GUI_FORCE_SUM] // 10
    guidance[_GUI_FORCE_NOW_MM_S2] = mean
    guidance[_GUI_FORCE_SUM] = 0
    phase = guidance[_GUI_PHASE]
    scale = guidance[_GUI_SCALE_Q14]
    shift = 5
    if phase != _BRAKING:
        shift = 3
    if phase < _BRAKING or phase > _TERMINAL or guidance[_GUI_CONTACTS] > 0:
        return scale
    if phase == _BRAKING and guidance[_GUI_PHASE_STEPS] < 20:
        return scale
    if mean << 1 < guidance[_GUI_EXPECTED_MM_S2]:
        return scale
    measured = guidance[_GUI_FORCE_MEAN_Q4]
    expected = guidance[_GUI_EXPECTED_MEAN_Q4]
    measured = measured + (((mean << 4) - measured) >> shift)
    expected = expected + (((guidance[_GUI_EXPECTED_MM_S2] << 4) - expected) >> shift)
    guidance[_GUI_FORCE_MEAN_Q4] = measured
    guidance[_GUI_EXPECTED_MEAN_Q4] = expected
    if measured <= 0 or expected <= 0:
        return scale
    ratio = int(clamp(int(divide(measured, expected, 14)), 0, 32768))
    least = _SCALE_LEAST_Q14
    if phase == _BRAKING:
        if guidance[_GUI_PHASE_STEPS] <= 120:
            return scale
        if ratio > _LOST_Q14:
            least = _SCALE_NEAR_Q14
    elif ratio > _LOST_Q14 and (ratio < _MORE_Q14 or scale >= _LOST_Q14):
        return scale
    scale = scale + (((scale * (ratio - 16384)) >> 14) >> shift)
    guidance[_GUI_SCALE_Q14] = int(clamp(scale, least, 18022))
    return guidance[_GUI_SCALE_Q14]


@micropython.viper
def burn_mass(guidance: ptr32, params: ptr32) -> int:
    """Mass left after the last 0.1 s at the commanded thrust, and what full thrust gives it. Stays a call."""
    mass = int(clamp(guidance[_GUI_MASS_G], 100000, 100000000))
    full = int(mul_q14(params[_PAR_THRUST_FULL_MN], guidance[_GUI_SCALE_Q14]))
    # 0.1 s of full thrust, in milligrams: mN * 0.1 s / (m/s) * 1000
    share = int(divide(guidance[_GUI_EXPECTED_MM_S2], int(clamp(guidance[_GUI_FULL_MM_S2], 1, 100000)), 14))
    if guidance[_GUI_EXPECTED_MM_S2] <= 0:
        share = 0
    flow = int(divide(int(clamp(full, 0, 10000000)) * 100, params[_PAR_EXHAUST_M_S], 0))
    flow = int(mul_q14(flow, int(clamp(share, 0, 16384)))) + guidance[_GUI_MASS_REST_MG]
    burnt = flow // 1000
    guidance[_GUI_MASS_REST_MG] = flow - burnt * 1000
    mass = mass - burnt
    guidance[_GUI_MASS_G] = mass
    # m/s2 * 2^14, then mm/s2
    ratio = int(divide(int(clamp(full, 0, 10000000)), mass, 14))
    guidance[_GUI_FULL_MM_S2] = int(clamp(ratio, 1, 500000)) * 1000 >> 14
    return mass


@micropython.viper
def hover_seconds(guidance: ptr32, params: ptr32) -> int:
    """How long the propellant would last to hover, less a fiftieth of the empty mass; at most an hour.

    Stays a call.
    """
    mass = int(clamp(guidance[_GUI_MASS_G], 1, 100000000))
    fuel = int(clamp(mass - params[_PAR_EMPTY_G] - params[_PAR_EMPTY_G] // 50, 0, 100000000))
    share = int(clamp(int(divide(fuel, mass, 14)), 0, 16384))
    # exhaust speed over 1.624 m/s2
    seconds = (int(mul_q14(params[_PAR_EXHAUST_M_S], share)) * 631) >> 10
    guidance[_GUI_HOVER_S] = int(clamp(seconds, 0, 3600))
    return seconds
