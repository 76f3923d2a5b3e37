"""The Steinhart-Hart equation in real numbers, and how far integers may end up from it."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
FULL = 65_535
COLDEST_MC, HOTTEST_MC, ICE_MC = -150_000, 500_000, 273_150
LOG_ALLOWED = 2.0  # rounded down, and 24 squarings that round to the nearest
TEMPERATURE_ALLOWED = 1.5  # rounded down; three products and two logarithms move 1/T by a few 2^-35


def log2_q24(x: Column) -> Answer:
    """log2 of what is held between 1 and 65,535."""
    exact = np.log2(np.clip(x, 1, FULL).astype(np.longdouble)) * 2**24
    return Answer(None, {(RESULT, 0): (exact, LOG_ALLOWED)})


def temperature_mc(counts: Column, curve: Memory) -> Answer:
    """The divider's resistance, then the equation; what is no temperature is the hottest."""
    held = np.clip(counts, 1, FULL - 1).astype(np.longdouble)
    real = curve.astype(np.longdouble)
    ln = np.log(held / (FULL - held)) + real[s.CRV_LN_PULL_UP_Q24] / 2**24
    inverse = real[s.CRV_A_Q35] / 2**35 + ln * real[s.CRV_B_Q40] / 2**40 + ln**3 * real[s.CRV_C_Q50] / 2**50
    hottest = 1000 / np.longdouble(HOTTEST_MC + ICE_MC)
    celsius = np.where(inverse > hottest, 1000 / np.maximum(inverse, hottest) - ICE_MC, HOTTEST_MC)
    return Answer(None, {(RESULT, 0): (np.clip(celsius, COLDEST_MC, HOTTEST_MC), TEMPERATURE_ALLOWED)})
