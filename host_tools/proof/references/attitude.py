"""Attitude control: the demand in body axes, a proportional-derivative law, an integral trim."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.phases import Near
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]


def pointing_error(attitude: Memory, estimate: Memory, guidance: Memory) -> Answer:
    """d in body axes is R^T d; the error is x cross d. Behind: a quarter turn, also for the roll."""
    rows = estimate[s.EST_R00 : s.EST_R00 + 9].reshape(3, 3, -1) / 2.0**29
    wanted = guidance[s.GUI_DIRECTION_UP_Q14 : s.GUI_DIRECTION_UP_Q14 + 3]
    body = (rows * wanted[:, None]).sum(axis=0)
    # each cosine is cut to 14 bits: as far off as the demand is long
    allowed = 1 + np.abs(wanted).sum(axis=0) / 2.0**14
    behind = np.where(body[1] < 0, -16_384.0, 16_384.0)
    behind[np.abs(body[1]) <= allowed] = np.nan
    yaw = np.where(body[0] < 0, behind, body[1])
    yaw[np.abs(body[0]) <= allowed] = np.nan
    upside_down = np.where(rows[2, 1] > 0, -16_384.0, 16_384.0)
    roll = np.where(rows[2, 2] < 0, upside_down, -rows[2, 1] * 2**14)
    near: Near = {("attitude", s.ATT_DIRECTION_X_Q14 + axis): (body[axis], allowed) for axis in range(3)}
    for slot, value in ((s.ATT_ERROR_X_Q14, roll), (s.ATT_ERROR_Y_Q14, -body[2]), (s.ATT_ERROR_Z_Q14, yaw)):
        near["attitude", slot] = (value, np.maximum(allowed, 1))
    return Answer(None, near)


def torque(attitude: Memory, estimate: Memory, axis: Column) -> Answer:
    """4 a radian (of at most 0.27) less 13 a rad/s, held within 1."""
    at = np.arange(axis.size)
    error = np.clip(attitude[s.ATT_ERROR_X_Q14 + axis, at], -4424, 4424)
    rate = np.clip(estimate[s.EST_RATE_X_URAD_S + axis, at], -2_000_000, 2_000_000)
    damping = 13 * rate * 1e-6 * 2**14
    # the gain has 14 bits: 1e-4 of what it multiplies
    return Answer(None, {(RESULT, 0): (np.clip(4 * error - damping, -16_384, 16_384), 6.0)})


def trim(attitude: Memory, demand: Memory, throttle_q14: Column) -> Answer:
    """A ninth of the torque a tick, * 2^10, while the duty is above 10 %; at most 10 % of duty."""
    for axis in range(2):
        total = attitude[s.ATT_TRIM_Y + axis]
        grown = np.clip(total + demand[s.DEM_TORQUE_Y_Q14 + axis] // 9, -1_677_312, 1_677_312)
        attitude[s.ATT_TRIM_Y + axis] = np.where(throttle_q14 > 1638, grown, total)
        demand[s.DEM_TRIM_Y_Q14 + axis] = attitude[s.ATT_TRIM_Y + axis] // 2**10
    return Answer(None)


def tell_motion(demand: Memory, estimate: Memory, mass_g: Column) -> Answer:
    """In 16 bits: mm/s2, 32 urad/s, kilograms."""
    demand[s.DEM_FORCE_X_MM_S2] = np.clip(estimate[s.EST_FORCE_X_MM_S2], -32_768, 32_767)
    rates = estimate[s.EST_RATE_X_URAD_S : s.EST_RATE_Z_URAD_S + 1]
    demand[s.DEM_RATE_X_Q : s.DEM_RATE_Z_Q + 1] = np.clip(rates // 32, -32_768, 32_767)
    demand[s.DEM_MASS_KG] = np.minimum(mass_g // 1000, 32_767)
    return Answer(None)
