"""Arm, then fire: what it takes until a pyro, a release or a ramp gets its pulse.

safe --arm: known actuator, right mode, contact where it is asked for--> armed, with a new nonce
armed --fire: the same actuator, this nonce, all conditions once more--> firing --pulse over--> safe
armed --5 s, disarm, any change of mode, a wrong fire--> safe        firing --disarm, change of mode--> safe

Memory of zeros is safe, so a reset disarms. One actuator at a time, and each nonce fires once.
"""

import micropython
from micropython import const

_ARM_STATE = const(0)
_ARM_ACTUATOR = const(1)
_ARM_NONCE = const(2)
_ARM_LEFT_TICKS = const(3)
_ARM_EXPIRED_NONCE = const(4)
_ARM_PULSE_LEFT_US = const(5)
_ARM_ASKED_US = const(6)
_ARM_FIRED = const(7)

_REL_MODES = const(0)
_REL_NEEDS_CONTACT = const(1)
_REL_WIDTH_US = const(2)
_REL_STRIDE = const(3)

_SAFE = const(0)
_ARMED = const(1)
_FIRING = const(2)

_DONE = const(0)
_OUT_OF_RANGE = const(1)
_WRONG_MODE = const(2)
_NO_CONTACT = const(3)
_BUSY = const(4)
_NOT_ARMED = const(5)
_EXPIRED = const(6)
_OTHER_ACTUATOR = const(7)
_WRONG_NONCE = const(8)

_HAS_EXPIRED = const(-1)

_ACTUATORS = const(4)
_VOTE_NO = const(0)
_GOOD_FOR_TICKS = const(500)
_TICK_US = const(10000)
_LONGEST_US = const(100000)  # that the hardware plays without being asked again
_RENEW_US = const(50000)
_NONCE_MASK = const(65535)


@micropython.viper
def refusal(releases: ptr32, actuator: int, mode: int, vote: int) -> int:
    """Why an actuator must not be fired now, 0 if it may.

    releases: REL_ slots of each actuator; vote: of contact.py. Blind legs forbid nothing: then the mode
    alone says that the lander has landed.
    Ranges: actuator int31, mode 0..3, vote 0..2.
    """
    if actuator < 0 or actuator >= _ACTUATORS:
        return _OUT_OF_RANGE
    at = actuator * _REL_STRIDE
    if (releases[at + _REL_MODES] >> mode) & 1 == 0:
        return _WRONG_MODE
    if releases[at + _REL_NEEDS_CONTACT] == 1 and vote == _VOTE_NO:
        return _NO_CONTACT
    return _DONE


@micropython.viper
def next_nonce(nonce: int, stir: int) -> int:
    """A nonce of 1 to 65,535 that is not the last one, stirred with what nobody can foresee.

    xorshift of 16 bits (Marsaglia, Journal of Statistical Software 8, 14, 2003; the shifts 7, 9, 8).
    Ranges: nonce 0..65535, stir int31.
    """
    x = nonce ^ (stir & _NONCE_MASK)
    x = x ^ ((x << 7) & _NONCE_MASK)
    x = x ^ (x >> 9)
    x = x ^ ((x << 8) & _NONCE_MASK)
    if x == nonce:
        x = x ^ 1
    if x == 0:
        x = 2
        if nonce == 2:
            x = 3
    return x


@micropython.viper
def arm(arming: ptr32, releases: ptr32, actuator: int, mode: int, vote: int, stir: int) -> int:
    """0 if armed, with the nonce for FIRE in arming[ARM_NONCE]; else why not, and nothing has changed.

    The same actuator may be armed again, which replaces the nonce and begins the 5 s anew.
    Ranges: actuator int31, mode 0..3, vote 0..2, stir int31.
    """
    why = int(refusal(releases, actuator, mode, vote))
    if why != _DONE:
        return why
    state = arming[_ARM_STATE]
    if state == _FIRING or (state == _ARMED and arming[_ARM_ACTUATOR] != actuator):
        return _BUSY
    arming[_ARM_NONCE] = int(next_nonce(arming[_ARM_NONCE], stir))
    arming[_ARM_EXPIRED_NONCE] = 0
    arming[_ARM_ACTUATOR] = actuator & 3
    arming[_ARM_LEFT_TICKS] = _GOOD_FOR_TICKS
    arming[_ARM_STATE] = _ARMED
    return _DONE


@micropython.viper
def fire(arming: ptr32, releases: ptr32, actuator: int, nonce: int, mode: int, vote: int) -> int:
    """0 if the pulse begins in this tick; else why not, and then it is disarmed.

    Only a fire that comes while another pulse is under way leaves everything as it is.
    Ranges: actuator int31, nonce int31, mode 0..3, vote 0..2.
    """
    state = arming[_ARM_STATE]
    if state == _FIRING:
        return _BUSY
    if state == _SAFE:
        if nonce > 0 and nonce == arming[_ARM_EXPIRED_NONCE]:
            return _EXPIRED
        return _NOT_ARMED
    arming[_ARM_STATE] = _SAFE
    if actuator != arming[_ARM_ACTUATOR]:
        return _OTHER_ACTUATOR
    if nonce != arming[_ARM_NONCE]:
        return _WRONG_NONCE
    why = int(refusal(releases, actuator, mode, vote))
    if why != _DONE:
        return why
    arming[_ARM_PULSE_LEFT_US] = releases[arming[_ARM_ACTUATOR] * _REL_STRIDE + _REL_WIDTH_US]
    arming[_ARM_ASKED_US] = 0
    arming[_ARM_FIRED] = arming[_ARM_FIRED] | (1 << arming[_ARM_ACTUATOR])
    arming[_ARM_STATE] = _FIRING
    return _DONE


@micropython.viper
def disarm(arming: ptr32) -> int:
    """Safe from now on. Returns the state that was: 0 safe, 1 armed, 2 firing."""
    state = 0 + arming[_ARM_STATE]
    arming[_ARM_STATE] = _SAFE
    return state


@micropython.viper
def tick(arming: ptr32) -> int:
    """Once in 10 ms: the pulse to ask of the hardware now in us, 0 for none, -1 when armed has expired.

    A pulse of up to 100 ms is asked for once. A longer one is asked for anew before the hardware ends it,
    which is what happens when nobody asks any more.
    """
    state = arming[_ARM_STATE]
    if state == _ARMED:
        left = arming[_ARM_LEFT_TICKS] - 1
        if left > 0:
            arming[_ARM_LEFT_TICKS] = left
            return 0
        arming[_ARM_LEFT_TICKS] = 0
        arming[_ARM_EXPIRED_NONCE] = arming[_ARM_NONCE]
        arming[_ARM_STATE] = _SAFE
        return _HAS_EXPIRED
    if state == _SAFE:
        return 0
    left = arming[_ARM_PULSE_LEFT_US]
    if left == 0:
        arming[_ARM_STATE] = _SAFE
        return 0
    asked = arming[_ARM_ASKED_US]
    pulse = 0
    if asked < left and asked <= _RENEW_US:
        pulse = 0 + left
        if pulse > _LONGEST_US:
            pulse = _LONGEST_US
        asked = 0 + pulse
    left = left - _TICK_US
    if left < 0:
        left = 0
    asked = asked - _TICK_US
    if asked < 0:
        asked = 0
    arming[_ARM_PULSE_LEFT_US] = left
    arming[_ARM_ASKED_US] = asked
    return pulse
