"""The temperature of a thermistor in a voltage divider: the Steinhart-Hart equation in integers.

The thermistor is between the converter's input and ground, a pull-up between the input and the
converter's reference, so R / pull-up = counts / (65,535 - counts). Then 1/T = A + B ln R + C (ln R)^3
with T in kelvin (Deep-Sea Research 15, 1968, p. 497). `curve` holds the three
coefficients and the pull-up; a thermistor known by its beta alone has C = 0.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, mul_q29

_CRV_LN_PULL_UP_Q24 = const(0)
_CRV_A_Q35 = const(1)
_CRV_B_Q40 = const(2)
_CRV_C_Q50 = const(3)

_FULL = const(65535)  # the converter's reading at its reference: MicroPython's read_u16
_LN_2_Q29 = const(372130559)
_ONE_Q28 = const(268435456)
_LARGEST = const(536870911)  # 2^29 - 1
_THOUSAND_Q19 = const(524288000)
_KELVIN_BITS = const(16)  # 19 + 16: the bits of 1/T
_ICE_MK = const(273150)


@micropython.viper
def log2_q24(x: int) -> int:
    """floor(log2(x) * 2^24) or one less, for 1 <= x <= 65,535; what is outside is held there.

    One bit for each squaring of the mantissa, which keeps 28 bits after the point: a squaring's
    error of up to 2^-28 counts half as much as the one's before.
    Ranges: x int31.
    """
    mantissa = int(clamp(x, 1, _FULL)) << 13
    whole = 0
    place = 15
    while place > 0:
        if mantissa < _ONE_Q28:
            mantissa = mantissa + mantissa
        else:
            whole = whole + 1
        place = place - 1
    log = whole << 24
    bit = 8388608  # a half
    while bit > 0:
        mantissa = int(mul_q29(mantissa, mantissa))
        if mantissa < _ONE_Q28:
            mantissa = mantissa + mantissa
        else:
            log = log + bit
        bit = bit >> 1
    return log


@micropython.viper
def temperature_mc(counts: int, curve: ptr32) -> int:
    """Millidegree Celsius at a converter's reading, from -150,000 to 500,000.

    Readings of 0 and of 65,535, where the equation has no answer, are taken for their neighbours.
    Ranges: counts int31.
    """
    counts = int(clamp(counts, 1, _FULL - 1))
    ratio = int(log2_q24(counts)) - int(log2_q24(_FULL - counts))
    ln = int(mul_q29(ratio, _LN_2_Q29)) + curve[_CRV_LN_PULL_UP_Q24]
    cube = int(mul_q29(int(mul_q29(ln, ln)), ln))  # (ln R)^2 * 2^19, (ln R)^3 * 2^14
    inverse = curve[_CRV_A_Q35] + int(mul_q29(ln, curve[_CRV_B_Q40])) + int(mul_q29(cube, curve[_CRV_C_Q50]))
    kelvin = int(divide(_THOUSAND_Q19, int(clamp(inverse, 1, _LARGEST)), _KELVIN_BITS))
    return int(clamp(kelvin - _ICE_MK, -150000, 500000))
