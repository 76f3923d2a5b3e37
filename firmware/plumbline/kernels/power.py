"""The battery's level with hysteresis, its charge, and which loads may be on.

A current into the battery is positive. A load has a priority, 0 for the most important one, and a
time after which it goes off by itself. `power` is the last conversion of the battery's monitor.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_PWR_BUS_MV = const(2)
_PWR_CURRENT_MA = const(3)

_SUP_LEVEL = const(0)
_SUP_BATTERY_MV = const(1)
_SUP_KNOWN_TICKS = const(2)
_SUP_SINKING_TICKS = const(3)
_SUP_RISING_TICKS = const(4)
_SUP_SHED_TICKS = const(5)
_SUP_CHARGE_MAS = const(6)
_SUP_CHARGE_REST = const(7)

_LIM_LOW_MV = const(0)  # then critical: the limit below level 0, and the one below level 1
_LIM_HYSTERESIS_MV = const(2)
_LIM_SINK_TICKS = const(3)
_LIM_RISE_TICKS = const(4)
_LIM_KEPT_LOW = const(5)  # then critical
_LIM_SHED_TICKS = const(7)
_LIM_CAPACITY_MAS = const(8)
_LIM_FULL_MV = const(9)
_LIM_TAIL_MA = const(10)

_LOD_ON = const(0)
_LOD_PRIORITY = const(1)
_LOD_LEFT_TICKS = const(2)
_LOD_MOST_S = const(3)
_LOD_STRIDE = const(4)

_LOADS = const(8)
_TICKS_S = const(100)
_KNOWN_TICKS = const(100)  # a voltage is good for a second
_HIGHEST_MV = const(40960)
_LONGEST_MS = const(1000)
_NORMAL = const(0)
_CRITICAL = const(2)
_LAST_PRIORITY = const(7)

_DONE = const(0)  # answers to a command; else the number of the field that is out of range, from 1 on
_LOAD_WRONG = const(1)
_ON_WRONG = const(2)
_SECONDS_WRONG = const(3)
_TOO_LOW = const(4)


@micropython.viper
def judge(supply: ptr32, limits: ptr32, mv: int, valid: int) -> int:
    """One tick with the battery's voltage, if it is valid; returns the level.

    One level at a time: worse when the voltage was below the level's limit for LIM_SINK_TICKS in a row,
    better when it was above the better one's by the hysteresis for LIM_RISE_TICKS.
    Ranges: mv int31, valid 0..1.
    """
    level = supply[_SUP_LEVEL]
    sinking = 0
    rising = 0
    if valid == 0:
        supply[_SUP_KNOWN_TICKS] = int(clamp(supply[_SUP_KNOWN_TICKS] - 1, 0, _KNOWN_TICKS))
    else:
        mv = int(clamp(mv, 0, _HIGHEST_MV))
        supply[_SUP_BATTERY_MV] = mv
        supply[_SUP_KNOWN_TICKS] = _KNOWN_TICKS
        if level < _CRITICAL:
            if mv < limits[_LIM_LOW_MV + level]:
                sinking = supply[_SUP_SINKING_TICKS] + 1
        if level > _NORMAL:
            if mv >= limits[_LIM_LOW_MV + level - 1] + limits[_LIM_HYSTERESIS_MV]:
                rising = supply[_SUP_RISING_TICKS] + 1
        if sinking >= limits[_LIM_SINK_TICKS]:
            level = int(clamp(level + 1, _NORMAL, _CRITICAL))
            sinking = 0
            rising = 0
        elif rising >= limits[_LIM_RISE_TICKS]:
            level = int(clamp(level - 1, _NORMAL, _CRITICAL))
            rising = 0
    supply[_SUP_SINKING_TICKS] = sinking
    supply[_SUP_RISING_TICKS] = rising
    supply[_SUP_LEVEL] = level
    return level


@micropython.viper
def count_charge(supply: ptr32, limits: ptr32, power: ptr32, elapsed_ms: int) -> int:
    """The charge in mA s after `elapsed_ms`, of which the first second counts, at the monitor's current.

    A battery that takes no more than the tail current at its full voltage is full.
    Ranges: elapsed_ms int31.
    """
    current = power[_PWR_CURRENT_MA]
    total = current * int(clamp(elapsed_ms, 0, _LONGEST_MS)) + supply[_SUP_CHARGE_REST]
    gained = total // 1000
    charge = int(clamp(supply[_SUP_CHARGE_MAS] + gained, 0, limits[_LIM_CAPACITY_MAS]))
    if current >= 0 and current <= limits[_LIM_TAIL_MA] and power[_PWR_BUS_MV] >= limits[_LIM_FULL_MV]:
        charge = limits[_LIM_CAPACITY_MAS]
    supply[_SUP_CHARGE_REST] = total - gained * 1000
    supply[_SUP_CHARGE_MAS] = charge
    return charge


@micropython.viper
def last_priority(supply: ptr32, limits: ptr32) -> int:
    """The least important priority that may be on; without a known voltage that of a low battery.

    Ranges: those of the arrays.
    """
    level = supply[_SUP_LEVEL]
    if level == _NORMAL:
        if supply[_SUP_KNOWN_TICKS] > 0:
            return _LAST_PRIORITY
        level = 1
    return limits[_LIM_KEPT_LOW + level - 1]


@micropython.viper
def switch(supply: ptr32, limits: ptr32, loads: ptr32, load: int, on: int, seconds: int) -> int:
    """A command: one load on for `seconds`, or off; off ignores the seconds. Returns 0 when that was done.

    Else 1, 2 or 3: load, on or seconds are out of range; 4: the battery is too low for it.
    Ranges: load int31, on int31, seconds int31.
    """
    if load < 0 or load >= _LOADS:
        return _LOAD_WRONG
    base = load * _LOD_STRIDE
    most = loads[base + _LOD_MOST_S]
    if most == 0:
        return _LOAD_WRONG
    if on < 0 or on > 1:
        return _ON_WRONG
    if on == 0:
        loads[base + _LOD_ON] = 0
        loads[base + _LOD_LEFT_TICKS] = 0
        return _DONE
    if seconds < 1 or seconds > most:
        return _SECONDS_WRONG
    if loads[base + _LOD_PRIORITY] > int(last_priority(supply, limits)):
        return _TOO_LOW
    loads[base + _LOD_ON] = 1
    loads[base + _LOD_LEFT_TICKS] = seconds * _TICKS_S
    return _DONE


@micropython.viper
def expire(loads: ptr32) -> int:
    """One tick: loads whose time is over go off; returns them as bits."""
    over = 0
    load = 0
    while load < _LOADS:
        base = load * _LOD_STRIDE
        if loads[base + _LOD_ON] == 1:
            left = int(clamp(loads[base + _LOD_LEFT_TICKS] - 1, 0, 8640000))
            loads[base + _LOD_LEFT_TICKS] = left
            if left == 0:
                loads[base + _LOD_ON] = 0
                over = over | (1 << load)
        load = load + 1
    return over


@micropython.viper
def shed(supply: ptr32, limits: ptr32, loads: ptr32) -> int:
    """One tick: below the normal level the least important load that is on and may not be goes off.

    Returns its number, or -1. One at a time, LIM_SHED_TICKS apart, so that a sag that one load
    makes does not cost all of them. What was dropped stays off until a command says otherwise.
    """
    level = supply[_SUP_LEVEL]
    left = int(clamp(supply[_SUP_SHED_TICKS] - 1, 0, 1000))
    supply[_SUP_SHED_TICKS] = left
    if level == _NORMAL or left > 0:
        return -1
    chosen = -1
    priority = limits[_LIM_KEPT_LOW + level - 1]
    load = 0
    while load < _LOADS:
        base = load * _LOD_STRIDE
        if loads[base + _LOD_ON] == 1 and loads[base + _LOD_PRIORITY] > priority:
            priority = loads[base + _LOD_PRIORITY]
            chosen = load
        load = load + 1
    if chosen >= 0:
        loads[chosen * _LOD_STRIDE + _LOD_ON] = 0
        loads[chosen * _LOD_STRIDE + _LOD_LEFT_TICKS] = 0
        supply[_SUP_SHED_TICKS] = limits[_LIM_SHED_TICKS]
    return chosen
