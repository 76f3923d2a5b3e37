"""The scoop's motion: down into the regolith and up again, with a halt and an image at each of five stations.

Stations: up, half way down, deepest, half way up, and where the load is carried. The arm waits at a station
until the camera has what it saw, for six seconds at most. An arm that does not follow is drawn back, once.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_SCP_PHASE = const(0)
_SCP_SETPOINT_MRAD = const(1)
_SCP_DEEPEST_MRAD = const(2)
_SCP_STATION = const(3)
_SCP_ASKED = const(4)
_SCP_WAIT_TICKS = const(5)
_SCP_ASTRAY_TICKS = const(6)
_SCP_TICKS_LEFT = const(7)
_SCP_END = const(8)
_SCP_LOST = const(9)

_SCOOPING = const(1)
_DRAWING_BACK = const(2)
_REACHED = const(1)
_TOO_LONG = const(5)
_JAMMED = const(6)
TRIGGER = const(1)  # what step returns: take an image now
IMAGE_LOST = const(2)  # an image did not come

_STATIONS = const(5)
_DEEPEST_MRAD = const(1500)
_CARRY_MRAD = const(300)
_MOST_TICKS = const(12000)  # two minutes: whatever happens it ends then
_MOST_WAIT_TICKS = const(600)
_ASTRAY_MRAD = const(150)
_MOST_ASTRAY_TICKS = const(50)
_THERE_MRAD = const(40)


@micropython.viper
def begin(scoop: ptr32, angle: int, deepest: int) -> int:
    """Begin to scoop, from where the arm is. Returns the ticks that it may take.

    Ranges: angle int31, deepest 0..1_500.
    """
    slot = 0
    while slot <= _SCP_LOST:
        scoop[slot] = 0
        slot = slot + 1
    scoop[_SCP_PHASE] = _SCOOPING
    scoop[_SCP_SETPOINT_MRAD] = int(clamp(angle, 0, _DEEPEST_MRAD))
    scoop[_SCP_DEEPEST_MRAD] = deepest
    scoop[_SCP_TICKS_LEFT] = _MOST_TICKS
    return _MOST_TICKS


@micropython.viper
def stop(scoop: ptr32, end: int) -> int:
    """At rest, with how it ended.

    Ranges: end 0..9.
    """
    scoop[_SCP_PHASE] = 0
    scoop[_SCP_ASTRAY_TICKS] = 0
    scoop[_SCP_END] = end
    return end


@micropython.viper
def step(scoop: ptr32, angle: int, camera_busy: int) -> int:
    """One tick of 10 ms: 1 mrad at most. Returns bits: 1 trigger the camera now, 2 an image did not come.

    angle: of the arm, mrad; camera_busy: 1 from the trigger until the image is stored.
    Ranges: angle int31, camera_busy 0..1.
    """
    if scoop[_SCP_PHASE] == 0:
        return 0
    left = int(clamp(scoop[_SCP_TICKS_LEFT] - 1, 0, _MOST_TICKS))
    scoop[_SCP_TICKS_LEFT] = left
    if left == 0:
        stop(scoop, _TOO_LONG)
        return 0
    apart = scoop[_SCP_SETPOINT_MRAD] - int(clamp(angle, -10000, 10000))
    if apart < 0:
        apart = 0 - apart
    if int(is_astray(scoop, apart)):
        jam(scoop, angle)
        return 0
    goal = int(station_mrad(scoop))
    setpoint = scoop[_SCP_SETPOINT_MRAD]
    if setpoint < goal:
        scoop[_SCP_SETPOINT_MRAD] = int(clamp(setpoint + 1, 0, _DEEPEST_MRAD))
    elif setpoint > goal:
        scoop[_SCP_SETPOINT_MRAD] = int(clamp(setpoint - 1, 0, _DEEPEST_MRAD))
    elif apart <= _THERE_MRAD:
        if scoop[_SCP_PHASE] == _DRAWING_BACK:
            stop(scoop, _JAMMED)
            return 0
        return int(photograph(scoop, camera_busy))
    return 0


@micropython.viper
def is_astray(scoop: ptr32, apart: int) -> int:
    """1 when the arm has been away from its setpoint for half a second.

    Ranges: apart 0..11_500.
    """
    ticks = 0
    if apart > _ASTRAY_MRAD:
        ticks = int(clamp(scoop[_SCP_ASTRAY_TICKS] + 1, 0, 1000))
    scoop[_SCP_ASTRAY_TICKS] = ticks
    if ticks >= _MOST_ASTRAY_TICKS:
        return 1
    return 0


@micropython.viper
def jam(scoop: ptr32, angle: int) -> int:
    """Draw back from what is in the way, from where the arm is; when that does not go either, stop.

    Returns the phase.
    Ranges: angle int31.
    """
    if scoop[_SCP_PHASE] == _SCOOPING:
        scoop[_SCP_SETPOINT_MRAD] = int(clamp(angle, 0, _DEEPEST_MRAD))
        scoop[_SCP_PHASE] = _DRAWING_BACK
        scoop[_SCP_ASTRAY_TICKS] = 0
    else:
        stop(scoop, _JAMMED)
    return scoop[_SCP_PHASE]


@micropython.viper
def station_mrad(scoop: ptr32) -> int:
    """Where the arm is to halt next."""
    if scoop[_SCP_PHASE] == _DRAWING_BACK:
        return _CARRY_MRAD
    station = scoop[_SCP_STATION]
    if station == 0:
        return 0
    if station == 2:
        return int(clamp(scoop[_SCP_DEEPEST_MRAD], 0, _DEEPEST_MRAD))
    if station >= 4:
        return _CARRY_MRAD
    return int(clamp(scoop[_SCP_DEEPEST_MRAD] >> 1, 0, _DEEPEST_MRAD))


@micropython.viper
def photograph(scoop: ptr32, camera_busy: int) -> int:
    """At a station: trigger when the camera is free, wait for the image, go on. Returns bits as step does.

    Ranges: camera_busy 0..1.
    """
    wait = int(clamp(scoop[_SCP_WAIT_TICKS] + 1, 0, 1000))
    scoop[_SCP_WAIT_TICKS] = wait
    if scoop[_SCP_ASKED] == 0 and camera_busy == 0:
        scoop[_SCP_ASKED] = 1
        return TRIGGER
    bits = 0
    if wait >= _MOST_WAIT_TICKS:
        scoop[_SCP_LOST] = int(clamp(scoop[_SCP_LOST] + 1, 0, _STATIONS))
        bits = IMAGE_LOST
    elif camera_busy == 1:
        return 0
    scoop[_SCP_ASKED] = 0
    scoop[_SCP_WAIT_TICKS] = 0
    station = int(clamp(scoop[_SCP_STATION] + 1, 0, _STATIONS))
    scoop[_SCP_STATION] = station
    if station == _STATIONS:
        stop(scoop, _REACHED)
    return bits
