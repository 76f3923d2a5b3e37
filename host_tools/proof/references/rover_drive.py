"""Driving as its specification: what ends a motion and in which order, what each side's motors get."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
WHEELS = 4
STRAIGHT, TURN = 1, 2
REACHED, STALLED, BLIND, TOO_LONG = 1, 3, 4, 5
STILL, OVER = 50, 20  # ticks
STALL_MA, OVERLOAD_MA = 450, 1500
MOST = 1_000_000


def _four(first: int) -> slice:
    return slice(first, first + WHEELS)


def begin(drive: Memory, motion: Column, sign: Column, goal: Column, speed: Column) -> Answer:
    """Everything forgotten; twice the time that it should take (a tick is 10 ms) and ten seconds."""
    drive[:] = 0
    drive[s.DRV_MOTION], drive[s.DRV_SIGN], drive[s.DRV_GOAL] = motion, sign, goal
    drive[s.DRV_SPEED_MM_S] = speed
    drive[s.DRV_DUTY_Q10] = 300
    mm = np.where(motion == STRAIGHT, goal, goal // 2)
    left = np.minimum(2 * 100 * mm // speed + 1000, 20 * 60 * 100)
    drive[s.DRV_TICKS_LEFT] = left
    return Answer(left)


def step(drive: Memory, wheels: Memory, yaw: Column) -> Answer:
    """In the order of the documentation, where there is a motion."""
    end = np.zeros(yaw.size, np.int64)
    moving = drive[s.DRV_MOTION] != 0
    part, said = drive[:, moving], wheels[:, moving]
    part[s.DRV_YAW] = np.clip(part[s.DRV_YAW] + yaw[moving], -750_000_000, 750_000_000)
    part[s.DRV_TICKS_LEFT] = np.maximum(part[s.DRV_TICKS_LEFT] - 1, 0)
    for wheel in range(WHEELS):
        judge_wheel(part, said, np.full(part.shape[1], wheel))
    _measure(part)
    over = _outcome(part)
    ended, going = part[:, over != 0], part[:, over == 0]
    stop(ended, over[over != 0])
    _regulate(going)
    _steer(going)
    part[:, over != 0], part[:, over == 0] = ended, going
    drive[:, moving] = part
    end[moving] = over
    return Answer(end)


def stop(drive: Memory, end: Column) -> Answer:
    """No duty, no motion."""
    for slot in (s.DRV_MOTION, s.DRV_DUTY_Q10, s.DRV_LEFT_Q10, s.DRV_RIGHT_Q10):
        drive[slot] = 0
    drive[s.DRV_END] = end
    return Answer(None)


def judge_wheel(drive: Memory, wheels: Memory, wheel: Column) -> Answer:
    """Half a second without a pulse: stalled with a stall's current, else blind; overload: stalled."""
    at = np.arange(wheel.size)
    pulses, current = wheels[s.WHL_PULSES + wheel, at], wheels[s.WHL_CURRENT_MA + wheel, at]
    drive[s.DRV_PULSES + wheel, at] = np.minimum(drive[s.DRV_PULSES + wheel, at] + pulses, MOST)
    load = drive[s.DRV_LOAD_Q6 + wheel, at]
    drive[s.DRV_LOAD_Q6 + wheel, at] = load + np.floor_divide(64 * current - load, 32)
    still = np.where(pulses == 0, np.minimum(drive[s.DRV_STILL_TICKS + wheel, at] + 1, 1000), 0)
    over = np.where(current >= OVERLOAD_MA, np.minimum(drive[s.DRV_OVERLOAD_TICKS + wheel, at] + 1, 1000), 0)
    drive[s.DRV_STILL_TICKS + wheel, at], drive[s.DRV_OVERLOAD_TICKS + wheel, at] = still, over
    verdict = np.select(
        [over >= OVER, (still >= STILL) & (current >= STALL_MA), still >= STILL], [2, 2, 1], 0
    )
    drive[s.DRV_VERDICT + wheel, at] = verdict
    return Answer(verdict)


def middle_pulses(drive: Memory) -> Answer:
    """As `_middle`."""
    return Answer(_middle(drive))


def _middle(drive: Memory) -> Column:
    """The two in the middle of four in order."""
    return np.sort(drive[_four(s.DRV_PULSES)], axis=0)[1:3].sum(axis=0) // 2


def measure_way(drive: Memory) -> Answer:
    """As `_measure`."""
    _measure(drive)
    return Answer(drive[s.DRV_WAY].copy())


def _measure(drive: Memory) -> None:
    """A quarter of a millimetre a pulse; a milliradian of a turn is 2^21 * 180 / pi / 1000."""
    turned = np.where(drive[s.DRV_SIGN] < 0, -drive[s.DRV_YAW], drive[s.DRV_YAW])
    mrad = np.maximum(turned, 0) // round(2**21 * 180 / np.pi / 1000)
    drive[s.DRV_WAY] = np.where(drive[s.DRV_MOTION] == STRAIGHT, _middle(drive) // 4, mrad)


def outcome(drive: Memory) -> Answer:
    """As `_outcome`."""
    return Answer(_outcome(drive))


def _outcome(drive: Memory) -> Column:
    """A stall before all else, two silent encoders, the goal, the time."""
    verdicts = drive[_four(s.DRV_VERDICT)]
    return np.select(
        [
            (verdicts == 2).any(axis=0),
            (verdicts == 1).sum(axis=0) >= 2,
            drive[s.DRV_WAY] >= drive[s.DRV_GOAL],
            drive[s.DRV_TICKS_LEFT] == 0,
        ],
        [STALLED, BLIND, REACHED, TOO_LONG],
        0,
    )


def regulate(drive: Memory) -> Answer:
    """As `_regulate`."""
    _regulate(drive)
    return Answer(drive[s.DRV_DUTY_Q10].copy())


def _regulate(drive: Memory) -> None:
    """Every tenth tick two of 1,024 for each mm/s that is missing; 15 mm/s over the last 59 mm or mrad."""
    ticks = drive[s.DRV_WINDOW_TICKS] + 1
    due = ticks >= 10
    middle = _middle(drive)
    moved = np.clip(middle - drive[s.DRV_WINDOW_PULSES], 0, 1000)
    near = drive[s.DRV_GOAL] - drive[s.DRV_WAY] < 60
    wanted = np.where(near, np.minimum(drive[s.DRV_SPEED_MM_S], 15), drive[s.DRV_SPEED_MM_S])
    duty = np.clip(drive[s.DRV_DUTY_Q10] + 2 * (wanted - moved * 5 // 2), 150, 1024)
    drive[s.DRV_WINDOW_PULSES] = np.where(due, middle, drive[s.DRV_WINDOW_PULSES])
    drive[s.DRV_DUTY_Q10] = np.where(due, duty, drive[s.DRV_DUTY_Q10])
    drive[s.DRV_WINDOW_TICKS] = np.where(due, 0, ticks)


def steer(drive: Memory) -> Answer:
    """As `_steer`."""
    _steer(drive)
    return Answer(None)


def _steer(drive: Memory) -> None:
    """Straight: the side towards which it has yawed gets more, 64 a degree, half of the duty at most."""
    duty = drive[s.DRV_DUTY_Q10]
    along = np.where(drive[s.DRV_SIGN] < 0, -duty, duty)
    back = np.clip(drive[s.DRV_YAW] // 2**15, -(duty // 2), duty // 2)
    straight = drive[s.DRV_MOTION] == STRAIGHT
    drive[s.DRV_LEFT_Q10] = np.where(straight, np.clip(along + back, -1024, 1024), -along)
    drive[s.DRV_RIGHT_Q10] = np.where(straight, np.clip(along - back, -1024, 1024), along)
