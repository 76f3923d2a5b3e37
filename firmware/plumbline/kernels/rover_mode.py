"""The rover's modes as a pure transition table: what is so (a bit mask) decides what comes next.

The conditions are collected in subsystems/rover.py, and what a mode lets happen is there too. The table is
in subsystems/rover.md.
"""

import micropython
from micropython import const

STOWED = const(0)
SETTLING = const(1)  # released: is it quiet, and within its tilt?
LEAVING = const(2)  # drives off the lander
READY = const(3)
DRIVING = const(4)
SCOOPING = const(5)
SAFE = const(6)

RELEASED = const(1)  # the lander holds it no longer
DEPLOY = const(2)  # ground has said so
QUIET = const(4)  # the tilt has stood still for two seconds, within the limit for deployment
CLEAR = const(8)  # the way off the lander is done, on wheels that carry their load, and level
STRANDED = const(16)  # it is done, or was broken off, and that is not so
DRIVE = const(32)  # a motion is under way
SCOOP = const(64)  # the scoop moves
TILTED = const(128)
BATTERY_LOW = const(256)
DEAF = const(512)  # nothing has been heard on the bus for five seconds
NUMB = const(1024)  # the inertial unit is silent
RECOVER = const(2048)  # ground has said so
FREE = const(4096)  # it has left the lander
LIMIT = const(8192)  # a value is red whose row of limits.json asks for safe mode

_LET_GO = const(3)  # RELEASED, DEPLOY
_MOVING = const(96)  # DRIVE, SCOOP
_DANGER = const(8576)  # TILTED, BATTERY_LOW, LIMIT
_ALONE = const(1536)  # DEAF, NUMB: no reason to stop a rover that stands, nor to let one begin


@micropython.viper
def next_mode(mode: int, conditions: int) -> int:
    """The mode after this tick.

    Ranges: mode each of 0..6, conditions 0..16_383.
    """
    if mode == STOWED:
        if (conditions & _LET_GO) == _LET_GO:
            return SETTLING
        return STOWED
    if mode == SAFE:
        return int(leave_safe(conditions))
    if (conditions & _DANGER) != 0:
        return SAFE
    if mode == SETTLING or mode == READY:
        return int(begin_to_move(mode, conditions))
    if (conditions & _ALONE) != 0:
        return SAFE
    if mode == LEAVING:
        return int(leave_lander(conditions))
    if (conditions & _MOVING) != 0:
        return mode
    return READY


@micropython.viper
def leave_safe(conditions: int) -> int:
    """Out of safe mode when told so and nothing is wrong.

    Ranges: conditions 0..16_383.
    """
    if (conditions & RECOVER) == 0 or (conditions & (_DANGER | _ALONE)) != 0:
        return SAFE
    if (conditions & FREE) != 0:
        return READY
    return SETTLING


@micropython.viper
def begin_to_move(mode: int, conditions: int) -> int:
    """From rest into a motion, unless the rover is deaf or numb.

    Ranges: mode each of 1..3, conditions 0..16_383.
    """
    if (conditions & _ALONE) != 0:
        return mode
    if mode == SETTLING:
        if (conditions & QUIET) != 0:
            return LEAVING
        return SETTLING
    if (conditions & DRIVE) != 0:
        return DRIVING
    if (conditions & SCOOP) != 0:
        return SCOOPING
    return mode


@micropython.viper
def leave_lander(conditions: int) -> int:
    """The way off the lander goes on, is done, or has failed.

    Ranges: conditions 0..16_383.
    """
    if (conditions & STRANDED) != 0:
        return SAFE
    if (conditions & CLEAR) != 0:
        return READY
    return LEAVING
