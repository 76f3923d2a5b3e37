"""Guidance at 10 Hz: braking burn, approach, terminal descent, touchdown, or the way back to orbit.

Specific force demanded (mm/s2; up, downrange, crossrange) from the estimate, then direction
and throttle. What each phase demands has a room of its own; here are the phases.
"""

import micropython
from micropython import const
from plumbline.kernels.abort import climb_out, is_in_orbit, must_abort
from plumbline.kernels.braking import braking
from plumbline.kernels.descent import descend
from plumbline.kernels.fixed import clamp, divide, divide_signed, magnitude, mul_q14
from plumbline.kernels.thrust import burn_mass, hover_seconds, measure_thrust
from plumbline.kernels.touchdown import judge_contact, near_ground

_EST_VELOCITY_DOWNRANGE_Q8 = const(5)

_GUI_PHASE = const(0)
_GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
_GUI_EXPECTED_MM_S2 = const(8)
_GUI_FORCE_UP = const(9)
_GUI_FORCE_DOWNRANGE = const(10)
_GUI_FORCE_CROSSRANGE = const(11)
_GUI_DIRECTION_UP_Q14 = const(12)
_GUI_DIRECTION_DOWNRANGE_Q14 = const(13)
_GUI_DIRECTION_CROSSRANGE_Q14 = const(14)
_GUI_THROTTLE_Q14 = const(15)  # duty of the assist thrusters
_GUI_MAIN_ON = const(16)
_GUI_CONTACTS = const(18)
_GUI_PHASE_STEPS = const(19)

_PAR_THRUST_FULL_MN = const(0)
_PAR_THRUST_MAIN_MN = const(1)
_PAR_GATE_SPEED_MM_S = const(5)
_PAR_IGNITION_Q14 = const(8)

_WAITING = const(0)
_COAST = const(1)
_BRAKING = const(2)
_APPROACH = const(3)
_TERMINAL = const(4)
_CONTACT = const(5)
_LANDED = const(6)
_ABORT = const(7)
_ORBIT = const(8)


@micropython.viper
def step(guidance: ptr32, estimate: ptr32, params: ptr32, contacts: int) -> int:
    """One guidance step; contacts: legs that touch. Returns the phase.

    guidance: GUI_ slots; estimate: EST_ slots, read only; params: PAR_ slots.
    Ranges: contacts 0..4.
    """
    measure_thrust(guidance)
    burn_mass(guidance, params)
    hover_seconds(guidance, params)
    phase = guidance[_GUI_PHASE]
    guidance[_GUI_PHASE_STEPS] = int(clamp(guidance[_GUI_PHASE_STEPS] + 1, 0, 1000000))
    guidance[_GUI_CONTACTS] = contacts
    if phase == _COAST or phase == _BRAKING:
        braking(guidance, estimate, params)
    elif phase == _APPROACH or phase == _TERMINAL:
        descend(guidance, estimate)
    elif phase == _ABORT:
        climb_out(guidance, estimate)
    next_phase(guidance, estimate, params)
    point_and_throttle(guidance, params)
    return guidance[_GUI_PHASE]


@micropython.viper
def next_phase(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """The transitions. Touchdown needs legs, acceleration and agl to agree."""
    phase = guidance[_GUI_PHASE]
    new = phase
    if phase == _COAST:
        starting = int(mul_q14(guidance[_GUI_FULL_MM_S2], params[_PAR_IGNITION_Q14]))
        # slowing and holding up together: a steep or slow arrival must ignite for its height
        wanted = int(magnitude(guidance[_GUI_FORCE_UP], guidance[_GUI_FORCE_DOWNRANGE], 0))
        if wanted >= starting:
            new = _BRAKING
    elif phase == _BRAKING:
        if (estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8) < params[_PAR_GATE_SPEED_MM_S] + 2000:
            new = _APPROACH
        elif int(must_abort(guidance, estimate, params)) == 1:
            new = _ABORT
    elif phase == _APPROACH or phase == _TERMINAL:
        new = int(near_ground(guidance, estimate))
    elif phase == _CONTACT:
        new = int(judge_contact(guidance, estimate, params))
    elif phase == _ABORT:
        if int(is_in_orbit(estimate)) == 1:
            new = _ORBIT
    if new != phase:
        guidance[_GUI_PHASE] = new
        guidance[_GUI_PHASE_STEPS] = 0
    return new


@micropython.viper
def point_and_throttle(guidance: ptr32, params: ptr32) -> int:
    """Direction of the force, and the duty that gives its size beside the main engine's thrust.

    Stays a call.
    """
    phase = guidance[_GUI_PHASE]
    if phase == _CONTACT or phase == _LANDED or phase == _WAITING:
        guidance[_GUI_THROTTLE_Q14] = 0
        guidance[_GUI_EXPECTED_MM_S2] = 0
        guidance[_GUI_MAIN_ON] = 0
        if phase == _CONTACT:
            guidance[_GUI_MAIN_ON] = 1
        return 0
    up = guidance[_GUI_FORCE_UP]
    downrange = guidance[_GUI_FORCE_DOWNRANGE]
    crossrange = guidance[_GUI_FORCE_CROSSRANGE]
    total = int(clamp(int(magnitude(up, downrange, crossrange)), 1, 40000))
    guidance[_GUI_DIRECTION_UP_Q14] = int(cosine_q14(up, total))
    guidance[_GUI_DIRECTION_DOWNRANGE_Q14] = int(cosine_q14(downrange, total))
    guidance[_GUI_DIRECTION_CROSSRANGE_Q14] = int(cosine_q14(crossrange, total))
    guidance[_GUI_MAIN_ON] = 0
    guidance[_GUI_THROTTLE_Q14] = 0
    guidance[_GUI_EXPECTED_MM_S2] = 0
    if phase == _COAST or phase == _ORBIT:
        return 0
    share = int(divide(total, guidance[_GUI_FULL_MM_S2], 14))
    full = params[_PAR_THRUST_FULL_MN]
    main = params[_PAR_THRUST_MAIN_MN]
    assist = int(mul_q14(full, int(clamp(share, 0, 16384)))) - main
    duty = int(clamp(int(divide_signed(assist, full - main, 14)), 0, 16384))
    guidance[_GUI_MAIN_ON] = 1
    guidance[_GUI_THROTTLE_Q14] = duty
    # what main engine and duty give together
    given = main + int(mul_q14(full - main, duty))
    share = int(divide(given, full, 14))
    guidance[_GUI_EXPECTED_MM_S2] = int(mul_q14(guidance[_GUI_FULL_MM_S2], int(clamp(share, 0, 16384))))
    return duty


@micropython.viper
def cosine_q14(component: int, total: int) -> int:
    """One component of a force over its size: never beyond 1, but only the clamp shows it."""
    component = int(clamp(component, -18000, 18000))
    return int(clamp(int(divide_signed(component, total, 14)), -16384, 16384))
