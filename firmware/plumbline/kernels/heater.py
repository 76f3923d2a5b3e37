"""A heater under its thermistor: hysteresis, a share of the time, a longest time on, rest after a limit.

Time on is credit: each step of 100 ms pays `duty` of 1,024 in, up to what may be saved, and a step on
costs 1,024. So in any n steps a heater is on for at most saved + n * duty / 1,024 of them, whatever the
thermistor says. A failed thermistor puts the heater off in the same step.
"""

import micropython
from micropython import const

_HTR_ON = const(0)
_HTR_ENABLED = const(1)
_HTR_WHY = const(2)
_HTR_CREDIT_Q10 = const(3)
_HTR_ON_STEPS = const(4)
_HTR_REST_STEPS = const(5)
_HTR_GOOD_STEPS = const(6)
_HTR_TOTAL_STEPS = const(7)

_HTL_ON_MC = const(0)
_HTL_OFF_MC = const(1)
_HTL_DUTY_Q10 = const(2)
_HTL_SAVED_STEPS = const(3)
_HTL_MOST_ON_STEPS = const(4)
_HTL_REST_STEPS = const(5)

_IN_CONTROL = const(0)
_DISABLED = const(1)
_THERMISTOR = const(2)
_DUTY = const(3)
_DURATION = const(4)

_STEP_Q10 = const(1024)
_VALID = const(1)
_BELIEVED_STEPS = const(10)  # a thermistor that has failed is believed again after a second without a gap
_COLDEST_MC = const(-130000)  # what is beyond is a thermistor's failure: the Moon is not that cold or hot
_HOTTEST_MC = const(130000)
_COUNT_MASK = const(0x1FFFFFFF)


@micropython.viper
def step(heater: ptr32, heater_limits: ptr32, status: int, mc: int) -> int:
    """1 if the heater is to be on for the coming 100 ms, else 0; heater[HTR_WHY] says why not.

    status and mc: the thermistor's, TMP_STATUS and TMP_MC. At or above the upper threshold it is off,
    even if the thresholds are the wrong way round. A heater that has met a limit is off for the rest
    that the limits ask for.
    Ranges: status 0..3, mc -150000..500000.
    """
    earn(heater, heater_limits)
    good = int(believe(heater, status, mc))
    rest = heater[_HTR_REST_STEPS]
    why = heater[_HTR_WHY]
    if rest > 0:
        rest = rest - 1
        heater[_HTR_REST_STEPS] = rest
    if rest == 0 or why < _DUTY:
        why = _IN_CONTROL
    on = 0
    if heater[_HTR_ENABLED] == 0:
        why = _DISABLED
    elif good == 0:
        why = _THERMISTOR
    elif rest == 0:
        on = int(wanted(heater, heater_limits, mc))
        if on == 1:
            why = int(limit_met(heater, heater_limits))
            if why != _IN_CONTROL:
                on = 0
                heater[_HTR_REST_STEPS] = heater_limits[_HTL_REST_STEPS]
    heater[_HTR_WHY] = why
    spend(heater, on)
    return on


@micropython.viper
def earn(heater: ptr32, heater_limits: ptr32) -> int:
    """A step's share of time on goes to the credit, which is bounded. Returns the credit."""
    most = heater_limits[_HTL_SAVED_STEPS] << 10
    credit = heater[_HTR_CREDIT_Q10] + heater_limits[_HTL_DUTY_Q10]
    if credit > most:
        credit = most
    heater[_HTR_CREDIT_Q10] = credit
    return credit


@micropython.viper
def believe(heater: ptr32, status: int, mc: int) -> int:
    """1 if the thermistor is believed: it gives a temperature that can be, and has done so for a second.

    Ranges: status 0..3, mc -150000..500000.
    """
    good = heater[_HTR_GOOD_STEPS]
    if status != _VALID or mc < _COLDEST_MC or mc > _HOTTEST_MC:
        good = 0
    elif good < _BELIEVED_STEPS:
        good = good + 1
    heater[_HTR_GOOD_STEPS] = good
    if good == _BELIEVED_STEPS:
        return 1
    return 0


@micropython.viper
def wanted(heater: ptr32, heater_limits: ptr32, mc: int) -> int:
    """1 below the lower threshold, 0 from the upper one on, between them as it is.

    Ranges: mc -150000..500000.
    """
    if mc >= heater_limits[_HTL_OFF_MC]:
        return 0
    if mc < heater_limits[_HTL_ON_MC]:
        return 1
    return heater[_HTR_ON]


@micropython.viper
def limit_met(heater: ptr32, heater_limits: ptr32) -> int:
    """Which limit forbids another step on: duty, duration, or 0 for none.

    Ranges: those of the arrays.
    """
    if heater[_HTR_CREDIT_Q10] < _STEP_Q10:
        return _DUTY
    if heater[_HTR_ON_STEPS] >= heater_limits[_HTL_MOST_ON_STEPS]:
        return _DURATION
    return _IN_CONTROL


@micropython.viper
def spend(heater: ptr32, on: int) -> int:
    """Book the coming step. Returns the credit that is left.

    Ranges: on 0..1.
    """
    credit = heater[_HTR_CREDIT_Q10]
    steps = 0
    if on == 1:
        credit = credit - _STEP_Q10
        if credit < 0:
            credit = 0
        steps = heater[_HTR_ON_STEPS]
        if steps < _COUNT_MASK:
            steps = steps + 1
        heater[_HTR_TOTAL_STEPS] = (heater[_HTR_TOTAL_STEPS] + 1) & _COUNT_MASK
    heater[_HTR_CREDIT_Q10] = credit
    heater[_HTR_ON_STEPS] = steps
    heater[_HTR_ON] = on
    return credit
