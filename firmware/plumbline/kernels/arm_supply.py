"""The propulsion arm supply: on while it is asked for, the heart of propulsion beats and the battery allows.

Silence means off. A heart that stops and beats again within 2 s, as that of a board which resumes
after a reset, finds the supply still asked for; after 2 s somebody has to ask anew.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_PWR_STATUS = const(1)
_PWR_BUS_MV = const(2)
_HBT_WHY = const(3)
_HBT_ALIVE = const(4)

_SUP_LEVEL = const(0)
_SUP_KNOWN_TICKS = const(2)
_SUP_ARM_TICKS = const(8)
_SUP_ARM_LOST_TICKS = const(9)
_SUP_ARM_STATE = const(10)
_SUP_ARM_DROPS = const(11)
_SUP_STUCK_TICKS = const(12)
_LIM_ARM_MOST_S = const(11)

_NOT_ASKED = const(0)  # states
_ON = const(1)
_TIME_OVER = const(2)
_BATTERY = const(3)
_HEART_SLOW = const(4)
_HEART_FAST = const(5)

_CRITICAL = const(2)
_TOO_FAST = const(2)  # of HBT_WHY
_TICKS_S = const(100)
_LOST_TICKS = const(200)
_COUNT_MASK = const(536870911)
_LIVE_MV = const(2000)  # what an arm supply that is off must not have
_STUCK_TICKS = const(50)  # its capacitors are empty by then

_DONE = const(0)  # answers to a command; else the number of the field that is out of range, from 1 on
_ON_WRONG = const(1)
_SECONDS_WRONG = const(2)
_TOO_LOW = const(3)


@micropython.viper
def ask(supply: ptr32, limits: ptr32, on: int, seconds: int) -> int:
    """A command: the arm supply for `seconds`, or no longer; returns 0 when that was done.

    Else 1 or 2: on or seconds are out of range; 3: the battery is critical or nobody knows its voltage.
    Ranges: on int31, seconds int31.
    """
    if on < 0 or on > 1:
        return _ON_WRONG
    if on == 0:
        supply[_SUP_ARM_TICKS] = 0
        supply[_SUP_ARM_STATE] = _NOT_ASKED
        return _DONE
    if seconds < 1 or seconds > limits[_LIM_ARM_MOST_S]:
        return _SECONDS_WRONG
    if supply[_SUP_LEVEL] == _CRITICAL or supply[_SUP_KNOWN_TICKS] == 0:
        return _TOO_LOW
    supply[_SUP_ARM_TICKS] = seconds * _TICKS_S
    supply[_SUP_ARM_LOST_TICKS] = 0
    if supply[_SUP_ARM_STATE] != _ON:
        supply[_SUP_ARM_STATE] = _NOT_ASKED  # whatever comes of it in this tick is news
    return _DONE


@micropython.viper
def hold(supply: ptr32, heartbeat: ptr32) -> int:
    """One tick: 1 while the arm supply is on. SUP_ARM_STATE says why it is not.

    A battery of which nobody knows the voltage is no reason to drop it: in descent that would be the end.
    """
    was = supply[_SUP_ARM_STATE]
    state = was
    left = supply[_SUP_ARM_TICKS]
    lost = 0
    if left > 0:
        left = left - 1
        state = _ON
        if heartbeat[_HBT_ALIVE] == 0:
            state = _HEART_SLOW
            if heartbeat[_HBT_WHY] == _TOO_FAST:
                state = _HEART_FAST
            lost = int(clamp(supply[_SUP_ARM_LOST_TICKS] + 1, 0, _LOST_TICKS))
            if lost == _LOST_TICKS:
                left = 0
        if left == 0 and lost < _LOST_TICKS:
            state = _TIME_OVER
        if supply[_SUP_LEVEL] == _CRITICAL:
            state = _BATTERY
            left = 0
    elif state == _ON:
        state = _NOT_ASKED
    if was == _ON and state != _ON:
        supply[_SUP_ARM_DROPS] = (supply[_SUP_ARM_DROPS] + 1) & _COUNT_MASK
    supply[_SUP_ARM_LOST_TICKS] = lost
    supply[_SUP_ARM_TICKS] = left
    supply[_SUP_ARM_STATE] = state
    if state == _ON:
        return 1
    return 0


@micropython.viper
def is_stuck(supply: ptr32, power: ptr32) -> int:
    """One tick: 1 when the supply has been off for half a second and its monitor sees voltage."""
    ticks = 0
    if supply[_SUP_ARM_STATE] != _ON and power[_PWR_STATUS] == 1 and power[_PWR_BUS_MV] > _LIVE_MV:
        ticks = int(clamp(supply[_SUP_STUCK_TICKS] + 1, 0, 100))
    supply[_SUP_STUCK_TICKS] = ticks
    if ticks > _STUCK_TICKS:
        return 1
    return 0
