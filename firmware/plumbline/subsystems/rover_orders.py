"""Which commands the rover takes: the ranges of their fields, and what must be so. Data, and one function.

A row of ORDERS is APID, least and most of each field, modes in which it is taken, what else must be so.
"""

from micropython import const
from plumbline.kernels import rover_mode
from plumbline.link import dictionary

_ALWAYS = const(0)
_AT_REST = const(1)  # no motion, no scooping, and nothing that would end one at once

_ANY_MODE = const(0x7F)
_STOWED = 1 << rover_mode.STOWED
_READY = 1 << rover_mode.READY
_SAFE = 1 << rover_mode.SAFE
_BUSY = 1 << rover_mode.DRIVING | 1 << rover_mode.SCOOPING
_DANGER = rover_mode.TILTED | rover_mode.BATTERY_LOW | rover_mode.DEAF | rover_mode.NUMB | rover_mode.LIMIT

ORDERS = (
    (dictionary.ROVER_DEPLOY.apid, (300,), (3000,), _STOWED, _ALWAYS),
    (dictionary.ROVER_DRIVE.apid, (-20000, 5), (20000, 60), _READY, _AT_REST),
    (dictionary.ROVER_TURN.apid, (-3142, 5), (3142, 60), _READY, _AT_REST),
    (dictionary.ROVER_SCOOP.apid, (700,), (1500,), _READY, _AT_REST),
    (dictionary.ROVER_STOP.apid, (0,), (0,), _ANY_MODE, _ALWAYS),
    (dictionary.ROVER_RECOVER.apid, (0,), (0,), _SAFE, _ALWAYS),
    (dictionary.ROVER_LIST.apid, (0,), (0,), _ANY_MODE, _ALWAYS),
    (dictionary.ROVER_SEND.apid, (1, 0, 0), (65535, 31, 32), _ANY_MODE, _ALWAYS),
)


def order_of(apid):
    """The row of a command, None for what is no command to the rover. Allocates nothing."""
    for order in ORDERS:
        if order[0] == apid:
            return order
    return None


def objection(order, values, mode, conditions):
    """Why a command is not taken: index of the first field out of range, or ROVER_NOT_ ...; -1 when it is.

    A way or an angle of 0 is out of range. Allocates nothing.
    """
    least = order[1]
    for i in range(len(least)):
        if not least[i] <= values[i] <= order[2][i]:
            return i
    if order[4] == _AT_REST and values[0] == 0:
        return 0
    if order[4] == _AT_REST and _BUSY >> mode & 1:
        return dictionary.ROVER_NOT_WHILE_BUSY
    if not order[3] >> mode & 1:
        return dictionary.ROVER_NOT_IN_MODE
    if order[4] == _AT_REST:
        if conditions & (rover_mode.DRIVE | rover_mode.SCOOP):
            return dictionary.ROVER_NOT_WHILE_BUSY
        if conditions & _DANGER:
            return dictionary.ROVER_NOT_IN_DANGER
    return -1
