"""The attitude in doubt, turned by the radar's velocity (radar.align): mathematics in real numbers.

An angle turns the speed that the radar sees, and the thrust. The frame is turned by thrust x difference, of
which 0.75 m/s at most, over 50 m/s + 4 v, less v x difference over twice v^2 + (20 m/s)^2; all of it for a
doubt of 15 mrad and more.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references import inertial as sphere
from host_tools.proof.references.inertial import Real, real
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Q29 = 2.0**29
MOST_Q8 = 8_000 * 256
MOST_TURN = 8_000_000
Near = dict[tuple[str, int], tuple[Any, Any]]
THRUST = (s.EST_R00, s.EST_R00 + 3, s.EST_R00 + 6)


def most_speed(estimate: Memory) -> Answer:
    """As `fastest`."""
    return Answer(fastest(estimate))


def fastest(estimate: Memory) -> Column:
    """Whole metres a second of the fastest axis."""
    speeds = estimate[s.EST_VELOCITY_UP_Q8 : s.EST_VELOCITY_CROSSRANGE_Q8 + 1]
    return np.asarray(np.max(np.abs(speeds), axis=0) // 256_000)


def innovations(estimate: Memory, matrix: list[Real], delay_ms: Column, body_q8: list[Column]) -> list[Real]:
    """Measured, moved on by the last tick's change, less estimated, on each axis; mm/s * 256."""
    found = []
    for axis in range(3):
        seen = sum(matrix[3 * axis + i] * body_q8[i] for i in range(3)) / Q29
        change = np.clip(estimate[s.EST_STEP_UP_Q8 + axis], -100_000, 100_000) * delay_ms / 10
        found.append(np.clip(seen + change - estimate[s.EST_VELOCITY_UP_Q8 + axis], -530e6, 530e6))
    return found


def matrix_of(estimate: Memory) -> list[Real]:
    """The nine entries, * 2^29, as real numbers."""
    return [real(entry) for entry in estimate[s.EST_R00 : s.EST_R00 + 9]]


def differs(estimate: Memory, axis: Column, delay_ms: Column, x: Column, y: Column, z: Column) -> Answer:
    """The innovation, at most 8 m/s."""
    value = np.choose(axis, innovations(estimate, matrix_of(estimate), delay_ms, [x, y, z]))
    return Answer(None, {(RESULT, 0): (np.clip(value, -MOST_Q8, MOST_Q8), 3.0)})


def speed_squared(estimate: Memory) -> Answer:
    """Of whole metres a second."""
    return Answer(np.asarray((speeds_m_s(estimate) ** 2).sum(0)))


def speeds_m_s(estimate: Memory) -> Column:
    """Whole metres a second on each axis, (3, n)."""
    return np.asarray(estimate[s.EST_VELOCITY_UP_Q8 : s.EST_VELOCITY_CROSSRANGE_Q8 + 1] // 256_000)


def in_units(per_m_s: Real, doubt_mrad: Any) -> Real:
    """rad for a metre a second as half angle * 2^29 for 1 mm/s * 256, a 32nd of it, * 2^29."""
    return real(np.clip(doubt_mrad, 0, 15)) / 15 * per_m_s / 2 * Q29 / 256_000 / 32 * Q29


def shows(estimate: Memory, axis: Column, doubt: Column, squared: Column) -> Answer:
    """Half of v over v^2 + (20 m/s)^2, in units."""
    speed = np.choose(axis, list(speeds_m_s(estimate)))
    shown = np.clip(in_units(speed / 2 / real(squared), doubt), -(2**28), 2**28 - 1)
    return Answer(None, {(RESULT, 0): (shown, 2 + np.abs(shown) * 4e-5)})


def turn(
    thrust_1: Column, thrust_2: Column, shows_1: Column, shows_2: Column, off_1: Column, off_2: Column,
    by_thrust: Column,
) -> Answer:  # fmt: skip
    """One component of both products."""
    value = component([thrust_1, thrust_2], [shows_1, shows_2], [off_1, off_2], by_thrust)
    return Answer(None, {(RESULT, 0): (value, 3.0)})


def component(thrust: list[Any], shown: list[Any], off: list[Any], by_thrust: Any) -> Real:
    """Of (thrust by_thrust) x what lasts of the difference - shown x difference."""
    lasting = [np.clip(each, -192_000, 192_000) for each in off]
    tilted = (real(thrust[0]) * lasting[1] - real(thrust[1]) * lasting[0]) / Q29 * by_thrust
    seen = real(shown[0]) * off[1] - real(shown[1]) * off[0]
    return np.clip((tilted - seen) * 32 / Q29, -MOST_TURN, MOST_TURN)


def turns(estimate: Memory, apart: list[Real]) -> tuple[list[Real], Real]:
    """(half angles of the frame's turn, rad * 2^29; error of each)."""
    held = [np.clip(each, -MOST_Q8, MOST_Q8) for each in apart]
    speeds, doubt = speeds_m_s(estimate), estimate[s.EST_ATTITUDE_DOUBT_MRAD]
    by_thrust = in_units(1 / real(50 + 4 * fastest(estimate)), doubt)
    shown = [in_units(each / 2 / real(400 + (speeds**2).sum(0)), doubt) for each in speeds]
    thrust = [estimate[slot] for slot in THRUST]
    found = [
        component([thrust[i], thrust[j]], [shown[i], shown[j]], [held[i], held[j]], by_thrust)
        for i, j in ((1, 2), (2, 0), (0, 1))
    ]
    longest = (np.sqrt(sum(part * part for part in shown)) + by_thrust) * 32 / Q29
    # of each innovation 3; of what speed shows 4e-5 of it, and 2 of its last bit
    return found, 5 * longest + MOST_Q8 * (longest * 6e-5 + 5 * 32 / Q29) + 3


def aligned(estimate: Memory, apart: list[Real]) -> Near:
    """Quaternion and matrix after the turn, with what they may be wrong by."""
    half, rough = turns(estimate, apart)
    old = [real(estimate[s.EST_Q0 + part]) / Q29 for part in range(4)]
    t = [each / Q29 for each in half]
    turned = sphere.product([np.ones_like(t[0]), *t], old)
    held = [np.clip(part, -1, 1) for part in turned]
    excess = sum(part * part for part in held) - 1
    q = sphere.unit(held)
    # three products of a part with an angle that is off; then as `normalise`
    rough = 3 * rough + 8 + Q29 * 0.5 * excess * excess
    near: Near = {("estimate", s.EST_Q0 + part): (q[part] * Q29, rough) for part in range(4)}
    for i, entry in enumerate(sphere.matrix(q)):
        near["estimate", s.EST_R00 + i] = (np.clip(entry * Q29, 2 - Q29, Q29 - 2), 8 * rough + 2)
    return near


def align(estimate: Memory, delay_ms: Column, x: Column, y: Column, z: Column) -> Answer:
    """As `aligned`."""
    return Answer(None, aligned(estimate, innovations(estimate, matrix_of(estimate), delay_ms, [x, y, z])))
