"""The pressure of a ratiometric transducer: 10 to 90 percent of its supply for 0 to full scale, in integers.

Transducer and its supply come through dividers of the same ratio and one converter, so that the divider and
the converter's reference cancel: only the quotient of two readings counts. At a supply of 5 V these are the
usual 0.5 to 4.5 V; below 0.4 V and above 4.6 V no transducer speaks that is whole.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide_signed, mul_q29

_FULL = const(65535)  # the converter's reading at its reference
_SUPPLY_LEAST = const(53600)  # 4.5 V of 5.5 V
_SUPPLY_MOST = const(64300)  # 5.4 V
_LOWEST_PERCENT = const(8)
_HIGHEST_PERCENT = const(92)
_LEAST_SHARE_Q20 = const(-131072)  # nothing at the input: an eighth of the span below zero
_MOST_SHARE_Q20 = const(1310720)

_NO_SUPPLY = const(0)
_VALID = const(1)
_BROKEN = const(2)


@micropython.viper
def condition(counts: int, supply: int) -> int:
    """1 for a reading that a whole transducer gives, 2 for an open or short circuit, 0 without its supply.

    counts, supply: readings of transducer and supply, 0 to 65,535.
    Ranges: counts int31, supply int31.
    """
    if supply < _SUPPLY_LEAST or supply > _SUPPLY_MOST:
        return _NO_SUPPLY
    counts = int(clamp(counts, 0, _FULL))
    if counts * 100 < supply * _LOWEST_PERCENT or counts * 100 > supply * _HIGHEST_PERCENT:
        return _BROKEN
    return _VALID


@micropython.viper
def pressure(counts: int, supply: int, full_scale: int) -> int:
    """In the unit of `full_scale`, from -1/8 of it to 5/4: beyond, it is held there.

    Ranges: counts int31, supply int31, full_scale 1..1_000_000.
    """
    counts = int(clamp(counts, 0, _FULL))
    supply = int(clamp(supply, 1, _FULL))
    share = int(divide_signed(10 * counts - supply, 8 * supply, 20))
    share = int(clamp(share, _LEAST_SHARE_Q20, _MOST_SHARE_Q20))
    return int(mul_q29(share * 256, full_scale * 2))
