"""A thermistor behind a converter's input: the mean of eight readings, by kernels/thermistor.py.

The thermistor is between the input and ground, the pull-up between the input and the converter's
reference. Curves of usual parts are here, as tests_host/test_thermistor.py works them out.
"""

from array import array

from micropython import const
from plumbline.kernels.thermistor import temperature_mc

# ln of the pull-up, A, B, C as kernels/slots.py has them, each with a pull-up of 10 kilohm
NTC_10K_3950 = (154523870, 35125435, 278357374, 0)  # 10 kilohm at 25 degrees, beta 3,950 K
NTC_10K_STEINHART = (154523870, 38797230, 257423160, 98712261)  # 10 kilohm, A B C of its maker

_READINGS_BITS = const(3)  # a mean of eight
_SHORTEST = const(64)  # counts of 65,535; a thermistor of 1/1000 of the pull-up or of 1000 times it is
_LONGEST = const(65471)  # a broken wire
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits

# slots of the readings, as kernels/slots.py has them
_TMP_COUNT = const(0)
_TMP_STATUS = const(1)
_TMP_MC = const(2)
_TMP_COUNTS = const(3)
_TMP_REJECTED = const(4)
_TMP_SIZE = const(5)
_VALID = const(1)
_BROKEN = const(2)


class Thermistor:
    """adc: has read_u16(), as machine.ADC; curve: four integers, as NTC_10K_3950.

    `readings` has the temperature slots; a new reading comes with every eighth poll.
    """

    def __init__(self, adc, curve=NTC_10K_3950):
        self.readings = array("i", [0] * _TMP_SIZE)
        self._adc = adc
        self._curve = array("i", curve)
        self._sum = 0
        self._taken = 0

    def poll(self):
        """Read the converter once; returns 1 when `readings` are new, else 0. Allocates nothing."""
        self._sum += self._adc.read_u16()
        self._taken += 1
        if self._taken >> _READINGS_BITS == 0:
            return 0
        counts = self._sum >> _READINGS_BITS
        self._sum = self._taken = 0
        readings = self.readings
        readings[_TMP_COUNTS] = counts
        if counts < _SHORTEST or counts > _LONGEST:
            readings[_TMP_STATUS] = _BROKEN
            readings[_TMP_REJECTED] = (readings[_TMP_REJECTED] + 1) & _COUNT_MASK
            return 0
        readings[_TMP_COUNT] = (readings[_TMP_COUNT] + 1) & _COUNT_MASK
        readings[_TMP_STATUS] = _VALID
        readings[_TMP_MC] = temperature_mc(counts, self._curve)
        return 1
