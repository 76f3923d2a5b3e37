"""A simulated thermistor below a pull-up at a 12-bit converter: real numbers, from its maker's beta."""

import math

KELVIN = 273.15
FULL = 4095


def counts(celsius: float, ohm_at_25: float = 10e3, beta_k: float = 3950, pull_up_ohm: float = 10e3) -> int:
    """What the converter reads, 0 to 4,095."""
    ohm = ohm_at_25 * math.exp(beta_k * (1 / (celsius + KELVIN) - 1 / (25 + KELVIN)))
    return round(FULL * ohm / (ohm + pull_up_ohm))
