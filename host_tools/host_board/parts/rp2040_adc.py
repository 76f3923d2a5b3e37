"""The RP2040's converter with its errors: noise, and four codes that are far too wide.

Erratum RP2040-E11: at 512, 1536, 2560 and 3584 the differential non-linearity peaks. Here each of these codes
is nine steps wide (assumed) and all others a little narrower, which bends the characteristic by up to 4
steps; with noise of one step (assumed) some 9 of 12 bits are effective. The datasheet (4.9.3) says 8.7.
"""

REFERENCE_V = 3.3
FULL = 4095
WIDE_CODES = (512, 1536, 2560, 3584)
WIDTH = 9
NOISE_STEPS = 1.0


def code(volts: float, noise: float = 0.0) -> int:
    """What the converter gives, 0 to 4,095. noise: in standard deviations."""
    extra = WIDTH - 1
    steps = volts / REFERENCE_V * (FULL + 1 + extra * len(WIDE_CODES)) + NOISE_STEPS * noise
    for passed, wide in enumerate(WIDE_CODES):
        beyond = steps - (wide + extra * passed)
        if beyond < 0.0:
            return _held(steps - extra * passed)
        if beyond < WIDTH:
            return wide
    return _held(steps - extra * len(WIDE_CODES))


def _held(steps: float) -> int:
    return min(max(int(steps), 0), FULL)
