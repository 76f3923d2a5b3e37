"""The last metres: what counts as contact, and what as landed. Legs, acceleration and height must agree."""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide

_EST_AGL_MM = const(1)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_AGL_VALID = const(29)
_EST_HEIGHT_DOUBT_MM = const(32)  # what of agl must not be counted on

_GUI_PHASE = const(0)
_GUI_MASS_G = const(1)
_GUI_CONTACTS = const(18)
_GUI_PHASE_STEPS = const(19)
_GUI_FORCE_NOW_MM_S2 = const(20)

_PAR_THRUST_MAIN_MN = const(1)

_APPROACH = const(3)
_TERMINAL = const(4)
_CONTACT = const(5)
_LANDED = const(6)

_TERMINAL_HEIGHT_MM = const(50000)
_CONTACT_HEIGHT_MM = const(4000)
_AT_REST_MM_S = const(600)
_SUPPORT_MM_S2 = const(350)


@micropython.viper
def near_ground(guidance: ptr32, estimate: ptr32) -> int:
    """Approach, terminal or contact, by a valid agl; without one, or with one that is in doubt, legs that
    touch and a standstill count."""
    phase = guidance[_GUI_PHASE]
    agl = estimate[_EST_AGL_MM]
    low = 0
    if int(may_be_low(estimate)) == 1 and guidance[_GUI_CONTACTS] >= 2:
        # the terminal descent sinks at 1 m/s: switches that close without stopping it are wrong
        climb_rate = estimate[_EST_VELOCITY_UP_Q8] >> 8
        if climb_rate > 0 - _AT_REST_MM_S and climb_rate < _AT_REST_MM_S:
            low = 1
    if estimate[_EST_AGL_VALID] == 0 or estimate[_EST_HEIGHT_DOUBT_MM] > 0:
        if low == 1:
            return _CONTACT
        if estimate[_EST_AGL_VALID] == 0:
            return phase
    if phase == _APPROACH and agl < _TERMINAL_HEIGHT_MM:
        return _TERMINAL
    if phase == _TERMINAL and agl > 2 * _TERMINAL_HEIGHT_MM:
        return _APPROACH
    if phase == _TERMINAL and low == 1:
        return _CONTACT
    return phase


@micropython.viper
def may_be_low(estimate: ptr32) -> int:
    """1 unless a valid agl, with all its doubt, lies above 4 m."""
    if estimate[_EST_AGL_VALID] == 1:
        if estimate[_EST_AGL_MM] - estimate[_EST_HEIGHT_DOUBT_MM] >= _CONTACT_HEIGHT_MM:
            return 0
    return 1


@micropython.viper
def judge_contact(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """With only the main engine burning, which is less than the weight: does something else hold us?

    In free flight the force is the engine's alone, on the ground the legs add to it.
    Supported for 0.3 s: landed. Not within 1 s: the switches were wrong, descend on.
    """
    alone = int(divide(params[_PAR_THRUST_MAIN_MN], int(clamp(guidance[_GUI_MASS_G], 1, 100000000)), 10))
    alone = int(clamp(alone, 0, 100000)) * 1000 >> 10
    steps = guidance[_GUI_PHASE_STEPS]
    low = int(may_be_low(estimate))
    if steps >= 3 and guidance[_GUI_CONTACTS] >= 2 and low == 1:
        if guidance[_GUI_FORCE_NOW_MM_S2] > alone + _SUPPORT_MM_S2:
            return _LANDED
    if steps > 10 or (low == 0 and estimate[_EST_AGL_MM] > 2 * _CONTACT_HEIGHT_MM):
        return _TERMINAL
    return _CONTACT
