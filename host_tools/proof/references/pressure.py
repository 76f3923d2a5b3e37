"""A ratiometric transducer in real numbers: 0.5 to 4.5 V of 5 V are nothing to full scale."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer

Column = NDArray[np.int64]
FULL = 65_535
SUPPLY = (53_600, 64_300)
PRESSURE_ALLOWED = 2.0  # the quotient has 20 bits of up to 1,000,000 units, then one rounding


def condition(counts: Column, supply: Column) -> Answer:
    """By volts at a supply of 5: nothing below 0.4 and above 4.6 comes from a whole transducer."""
    powered = (supply >= SUPPLY[0]) & (supply <= SUPPLY[1])
    held = np.clip(counts, 0, FULL)
    whole = (25 * held >= 2 * supply) & (25 * held <= 23 * supply)
    return Answer(np.where(powered, np.where(whole, 1, 2), 0))


def pressure(counts: Column, supply: Column, full_scale: Column) -> Answer:
    """Volts over supply, less a tenth, of eight tenths."""
    share = np.clip(counts, 0, FULL).astype(np.longdouble) / np.clip(supply, 1, FULL)
    exact = np.clip((share - 0.1) / 0.8, -0.125, 1.25) * full_scale
    return Answer(None, {(RESULT, 0): (exact, PRESSURE_ALLOWED)})
