"""A ratiometric pressure transducer: the mean of eight readings, by kernels/pressure.py.

Who owns the converter hands the readings in: many parts share one input behind a multiplexer.
"""

from array import array

from micropython import const
from plumbline.kernels.pressure import condition, pressure

_READINGS_BITS = const(3)  # a mean of eight
_COUNT_MASK = const(0x1FFFFFFF)  # a running count starts again at 2^29, before it leaves 31 bits

# slots of the readings, as kernels/slots.py has them
_PRS_COUNT = const(0)
_PRS_STATUS = const(1)
_PRS_VALUE = const(2)
_PRS_COUNTS = const(3)
_PRS_REJECTED = const(4)
_PRS_SIZE = const(5)
_VALID = const(1)


class Transducer:
    """full_scale: the pressure at nine tenths of its supply, in any unit, up to 1,000,000.

    `readings` has the pressure slots, in that unit; the last pressure stays while a reading is not valid.
    """

    def __init__(self, full_scale):
        self.readings = array("i", [0] * _PRS_SIZE)
        self._full_scale = full_scale
        self._sum = 0
        self._taken = 0

    def take(self, counts, supply):
        """A reading, and one of the supply, 0 to 65,535: 1 with the eighth, if it is valid, else 0.

        Allocates nothing.
        """
        self._sum += counts
        self._taken += 1
        if self._taken >> _READINGS_BITS == 0:
            return 0
        counts = self._sum >> _READINGS_BITS
        self._sum = self._taken = 0
        readings = self.readings
        readings[_PRS_COUNTS] = counts
        status = condition(counts, supply)
        readings[_PRS_STATUS] = status
        if status != _VALID:
            readings[_PRS_REJECTED] = (readings[_PRS_REJECTED] + 1) & _COUNT_MASK
            return 0
        readings[_PRS_COUNT] = (readings[_PRS_COUNT] + 1) & _COUNT_MASK
        readings[_PRS_VALUE] = pressure(counts, supply, self._full_scale)
        return 1
