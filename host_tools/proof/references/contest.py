"""Which of two inertial units is wrong, contest.py: evidence in integers, lanes in real numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references import inertial as sphere
from host_tools.proof.references.alignment import innovations, matrix_of
from host_tools.proof.references.inertial import Real, real
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
FIRST, SECOND = s.INS_FIRST, s.INS_FIRST + s.INS_STRIDE
SAMPLES, INCREMENTS, OUT = 0, 1, 12
Q29 = 2.0**29
MOST_LEAN = 60_000_000


def follow(inertial: Memory, guidance: Memory) -> Answer:
    """Means over 32 ticks: of both units, and of the engines' push in 2 ms samples of 2^-22 m/s."""
    for axis in range(6):
        both = inertial[FIRST + INCREMENTS + axis] + inertial[s.INS_DIFFERENCE + axis] // 2
        mean = inertial[s.INS_MEAN_Q4 + axis]
        inertial[s.INS_MEAN_Q4 + axis] = mean + (16 * np.clip(both, -8_000_000, 8_000_000) - mean) // 32
    for axis in range(3):
        jump(inertial, np.full(inertial.shape[1], axis))
    push = guidance[s.GUI_EXPECTED_MM_S2] * inertial[FIRST + SAMPLES] * 537 // 4
    expected = inertial[s.INS_EXPECTED_Q4]
    inertial[s.INS_EXPECTED_Q4] = expected + (push - expected) // 32
    return Answer(inertial[s.INS_EXPECTED_Q4].copy())


def jump(inertial: Memory, axis: Column) -> Answer:
    """Change of the difference times change of the sum: e^2 where the second steps by e, else -e^2."""
    at = np.arange(axis.size)
    rate, apart = inertial[FIRST + INCREMENTS + axis, at], inertial[s.INS_DIFFERENCE + axis, at]
    change = apart - inertial[s.INS_PAST + 3 + axis, at]
    both = (2 * rate + apart) - (2 * inertial[s.INS_PAST + axis, at] + inertial[s.INS_PAST + 3 + axis, at])
    inertial[s.INS_PAST + axis, at], inertial[s.INS_PAST + 3 + axis, at] = rate, apart
    change = np.sign(change) * np.maximum(np.abs(change) - 2000, 0)
    product = np.clip(change, -20_000, 20_000) * np.clip(both, -20_000, 20_000) // 1024
    old = inertial[s.INS_JUMP + axis, at]
    new = old - old // 32 + product
    inertial[s.INS_JUMP + axis, at] = np.clip(new, -20_000_000, 20_000_000)
    return Answer(new)


def agree(inertial: Memory, guidance: Memory) -> Answer:
    """What a dispute has left dies away, by a 64th; the evidence by a 16th."""
    follow(inertial, guidance)
    left = slice(s.INS_LEAN, s.INS_OWED)
    inertial[left] = inertial[left] // 64 * 63
    old = inertial[s.INS_CONTEST].copy()
    inertial[s.INS_CONTEST] = old * 15 // 16
    return Answer(old)


def size_of(x: Column) -> Answer:
    """Absolute value."""
    return Answer(np.abs(x))


def further(first: Column, second: Column) -> Answer:
    """Three times as far off and 1,200 LSB more: a point for each 512 LSB between them, 100 at most."""
    most, least = np.maximum(first, second), np.minimum(first, second)
    clear = (most - 1200) // 3 > least
    points = np.where(clear, np.minimum((most - least) // 512, 100), 0)
    return Answer(np.where(second > first, points, -points))


def turned_away(inertial: Memory, contest: Column) -> Answer:
    """In the first 0.32 s: the clearest jump of an axis; an unclear one takes it to 200 at most."""
    jumps = inertial[s.INS_JUMP : s.INS_JUMP + 3]
    jumped = np.take_along_axis(jumps, np.argmax(np.abs(jumps), axis=0)[None], axis=0)[0]
    most = np.where(np.abs(jumped) < 8_000, np.clip(np.abs(contest), 200, 1000), 1000)
    new = np.clip(contest + np.clip(jumped // 256, -100, 100), -most, most)
    return Answer(np.where(inertial[s.INS_DISPUTED] > 32, contest, new))


def pushed_away(inertial: Memory) -> Answer:
    """How far each unit's mean force is from the engines' along x, within 3 %, and from nothing across."""
    expected = inertial[s.INS_EXPECTED_Q4] // 4
    off = []
    for sign in (-1, 1):
        total = np.zeros_like(expected)
        for axis in range(3):
            both = inertial[s.INS_MEAN_Q4 + 3 + axis] // 4 + sign * (inertial[s.INS_APART_Q4 + 3 + axis] // 8)
            wanted, slack = (expected, expected // 32) if axis == 0 else (0, 0)
            total += np.clip(np.abs(both - wanted) - slack, 0, 300_000_000)
        off.append(total)
    return further(*off)


def lean(inertial: Memory, estimate: Memory, used: Column) -> Answer:
    """Attitudes come apart by the difference; velocities by that of the force, and by the force, turned."""
    share = np.choose(used - 1, [0, 2, 1])
    for axis in range(3):
        apart = inertial[s.INS_DIFFERENCE + axis]
        for slot, more in ((s.INS_LEAN, apart), (s.INS_TAKEN, apart * share // 2)):
            inertial[slot + axis] = np.clip(inertial[slot + axis] + more, -MOST_LEAN, MOST_LEAN)
    turn = [real(inertial[s.INS_LEAN + axis]) * sphere.ANGLE_LSB_RAD for axis in range(3)]
    force = [real(inertial[FIRST + INCREMENTS + 3 + axis]) for axis in range(3)]
    body = [
        real(inertial[s.INS_DIFFERENCE + 3 + i])
        + turn[(i + 1) % 3] * force[(i + 2) % 3]
        - turn[(i + 2) % 3] * force[(i + 1) % 3]
        for i in range(3)
    ]
    near: dict[tuple[str, int], tuple[Any, Any]] = {}
    for axis in range(3):
        row = [real(estimate[s.EST_R00 + 3 * axis + i]) / Q29 for i in range(3)]
        gain = sum(row[i] * body[i] for i in range(3)) * sphere.VELOCITY_LSB_MM_S * 256
        speed = np.clip(inertial[s.INS_LEAN_SPEED_Q8 + axis] + gain, -1e8, 1e8)
        # turns and rotation in steps of 2^-14 rad and 2^-14; a dozen products, each cut down
        rough = sum(np.abs(push) for push in [*force, *body]) * 2.1 / 2**14
        near["inertial", s.INS_LEAN_SPEED_Q8 + axis] = (speed, 2 + (rough + 10) * 0.0611)
    return Answer(used, near)


def rule(inertial: Memory, contest: Column) -> Answer:
    """Out for 200 ticks. The first one right: what was taken is owed; the second: what was not."""
    at = np.arange(contest.size)
    base = np.where(contest > 0, SECOND, FIRST)
    inertial[base + OUT, at] = 200
    for axis in range(3):
        taken, leant = inertial[s.INS_TAKEN + axis], inertial[s.INS_LEAN + axis]
        owed = np.where(contest < 0, leant, 0) - taken
        inertial[s.INS_OWED + axis] = np.clip(owed, -MOST_LEAN, MOST_LEAN)
        for slot in (s.INS_LEAN, s.INS_TAKEN, s.INS_LEAN_SPEED_Q8):
            inertial[slot + axis] = 0
    inertial[s.INS_CONTEST] = 0
    return Answer(base)


def settle(inertial: Memory, estimate: Memory, guidance: Memory, apart: Column) -> Answer:
    """Evidence of rates, then of forces; 30 prefer one, 300 decide."""
    follow(inertial, guidance)
    estimate[s.EST_BLURRED_TICKS] = 30
    contest = inertial[s.INS_CONTEST]
    turned = turned_away(inertial, contest).result
    pushed = pushed_away(inertial).result
    assert turned is not None and pushed is not None
    contest = np.where(apart % 2 == 1, turned, contest) + np.where(apart >= 2, pushed, 0)
    contest = np.clip(contest, -1000, 1000)
    inertial[s.INS_CONTEST] = contest
    used = np.select([contest >= 30, contest <= -30], [1, 2], 3)
    near = lean(inertial, estimate, used).near
    decided = np.abs(contest) >= 300
    part = inertial[:, decided]
    rule(part, contest[decided])
    inertial[:, decided] = part
    kept = {
        place: (np.where(decided, 0.0, value), np.where(decided, 0.0, bound))
        for place, (value, bound) in near.items()
    }
    return Answer(used, kept)


def weigh(inertial: Memory, estimate: Memory, reading: Memory, delay_ms: Column) -> Answer:
    """The scalar product of lanes' difference and what is off from their middle, (32 mm/s)^2 a point."""
    heard = (inertial[s.INS_DISPUTED] > 0) & ((reading[s.ALT_STATUS] & 8) != 0)
    body = [np.clip(reading[s.ALT_VELOCITY_X_MM_S + i], -2_000_000, 2_000_000) * 256 for i in range(3)]
    seen = innovations(estimate, matrix_of(estimate), np.minimum(reading[s.ALT_AGE_MS] + delay_ms, 500), body)
    side = np.choose(inertial[s.INS_USED], [0, 1, -1, 0])
    product: Real = real(np.zeros_like(side))
    rough = np.ones(side.size)
    for axis in range(3):
        leant = inertial[s.INS_LEAN_SPEED_Q8 + axis]
        apart = np.clip(leant // 256, -10_000, 10_000)
        product = product + apart * (np.clip(seen[axis] / 256, -10_000, 10_000) - side * apart / 2)
        # seen to a half mm/s: off by a quarter, and by what an innovation is off, 3 / 256
        rough = rough + np.abs(apart) * (0.25 + 3 / 256) / 1024
        inertial[s.INS_LEAN_SPEED_Q8 + axis] = np.where(heard, leant // 8 * 7, leant)
    evidence = np.where(heard, np.clip(product / 1024, -100, 100), 0.0)
    allowed = np.where(heard, rough, 0.0)
    contest = inertial[s.INS_CONTEST]
    return Answer(
        None,
        {
            ("inertial", s.INS_CONTEST): (np.clip(contest - evidence, -1000, 1000), allowed),
            (RESULT, 0): (evidence, allowed),
        },
    )
