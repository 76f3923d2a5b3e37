"""The scoop's motion as specified: stations in order, a wait at each, and what an arm does that sticks."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
REST, SCOOPING, DRAWING_BACK = 0, 1, 2
REACHED, TOO_LONG, JAMMED = 1, 5, 6
TRIGGER, LOST = 1, 2
DEEPEST, CARRY, ASTRAY, THERE = 1500, 300, 150, 40  # mrad
MOST_TICKS, MOST_WAIT, MOST_ASTRAY = 12_000, 600, 50


def begin(scoop: Memory, angle: Column, deepest: Column) -> Answer:
    """Everything forgotten; from where the arm is."""
    scoop[:] = 0
    scoop[s.SCP_PHASE], scoop[s.SCP_TICKS_LEFT] = SCOOPING, MOST_TICKS
    scoop[s.SCP_SETPOINT_MRAD] = np.clip(angle, 0, DEEPEST)
    scoop[s.SCP_DEEPEST_MRAD] = deepest
    return Answer(None)


def stop(scoop: Memory, end: Column) -> Answer:
    """As `_stop`, of all."""
    _stop(scoop, np.ones(end.size, bool), end)
    return Answer(None)


def _stop(scoop: Memory, rows: NDArray[np.bool_], end: Column | int) -> None:
    scoop[s.SCP_PHASE][rows] = REST
    scoop[s.SCP_ASTRAY_TICKS][rows] = 0
    scoop[s.SCP_END] = np.where(rows, end, scoop[s.SCP_END])


def step(scoop: Memory, angle: Column, camera_busy: Column) -> Answer:
    """Time, then the arm, then the way to the station, then the station."""
    bits = np.zeros(angle.size, np.int64)
    going = scoop[s.SCP_PHASE] != REST
    scoop[s.SCP_TICKS_LEFT] -= going & (scoop[s.SCP_TICKS_LEFT] > 0)
    late = going & (scoop[s.SCP_TICKS_LEFT] == 0)
    _stop(scoop, late, TOO_LONG)
    going &= ~late
    apart = np.abs(scoop[s.SCP_SETPOINT_MRAD] - np.clip(angle, -10_000, 10_000))
    stuck = going & _astray(scoop, apart, going)
    _jam(scoop, stuck, angle)
    going &= ~stuck
    setpoint, goal = scoop[s.SCP_SETPOINT_MRAD].copy(), _goal(scoop)
    scoop[s.SCP_SETPOINT_MRAD] += np.where(going, np.sign(goal - setpoint), 0)
    there = going & (setpoint == goal) & (apart <= THERE)
    back = there & (scoop[s.SCP_PHASE] == DRAWING_BACK)
    _stop(scoop, back, JAMMED)
    there &= ~back
    part = scoop[:, there]
    bits[there] = _photograph(part, camera_busy[there])
    scoop[:, there] = part
    return Answer(bits)


def is_astray(scoop: Memory, apart: Column) -> Answer:
    """As `_astray`, of all."""
    return Answer(_astray(scoop, apart, np.ones(apart.size, bool)).astype(np.int64))


def _astray(scoop: Memory, apart: Column, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """50 ticks in a row more than 150 mrad away."""
    ticks = np.where(apart > ASTRAY, np.minimum(scoop[s.SCP_ASTRAY_TICKS] + 1, 1000), 0)
    scoop[s.SCP_ASTRAY_TICKS] = np.where(rows, ticks, scoop[s.SCP_ASTRAY_TICKS])
    return ticks >= MOST_ASTRAY


def jam(scoop: Memory, angle: Column) -> Answer:
    """As `_jam`, of all."""
    _jam(scoop, np.ones(scoop.shape[1], bool), angle)
    return Answer(scoop[s.SCP_PHASE].copy())


def _jam(scoop: Memory, rows: NDArray[np.bool_], angle: Column) -> None:
    """Back once, from where the arm is; then it is over."""
    first = rows & (scoop[s.SCP_PHASE] == SCOOPING)
    _stop(scoop, rows & ~first, JAMMED)
    scoop[s.SCP_PHASE][first] = DRAWING_BACK
    scoop[s.SCP_ASTRAY_TICKS][first] = 0
    scoop[s.SCP_SETPOINT_MRAD] = np.where(first, np.clip(angle, 0, DEEPEST), scoop[s.SCP_SETPOINT_MRAD])


def station_mrad(scoop: Memory) -> Answer:
    """As `_goal`."""
    return Answer(_goal(scoop))


def _goal(scoop: Memory) -> Column:
    """Up, half way, deepest, half way, carried."""
    deepest = scoop[s.SCP_DEEPEST_MRAD]
    half, up, carried = deepest // 2, np.zeros_like(deepest), np.full_like(deepest, CARRY)
    goals = np.choose(np.minimum(scoop[s.SCP_STATION], 4), [up, half, deepest, half, carried])
    return np.where(scoop[s.SCP_PHASE] == DRAWING_BACK, CARRY, goals)


def photograph(scoop: Memory, camera_busy: Column) -> Answer:
    """As `_photograph`."""
    return Answer(_photograph(scoop, camera_busy))


def _photograph(scoop: Memory, camera_busy: Column) -> Column:
    """Ask a free camera; when it is free again, or after six seconds, go on to the next station."""
    wait = np.minimum(scoop[s.SCP_WAIT_TICKS] + 1, 1000)
    asks = (scoop[s.SCP_ASKED] == 0) & (camera_busy == 0)
    lost = ~asks & (wait >= MOST_WAIT)
    on = lost | (~asks & (camera_busy == 0))
    scoop[s.SCP_ASKED] = np.where(asks, 1, np.where(on, 0, scoop[s.SCP_ASKED]))
    scoop[s.SCP_WAIT_TICKS] = np.where(on, 0, wait)
    scoop[s.SCP_LOST] = np.minimum(scoop[s.SCP_LOST] + lost, 5)
    scoop[s.SCP_STATION] = np.minimum(scoop[s.SCP_STATION] + on, 5)
    _stop(scoop, on & (scoop[s.SCP_STATION] == 5), REACHED)
    return np.where(asks, TRIGGER, np.where(lost, LOST, 0))
