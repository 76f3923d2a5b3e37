"""Parameters that outlive a power cut: a board's integers, kept in two slots, changed one by one.

    stored = StoredParameters(flash.part(0, 2), parameters.fields())
    stored.load()

`fields` are (name, array, index, least, most): the arrays hold the default set and are what the flight
code reads. A set from flash is taken whole or not at all: each value must be in its range, the whole must
be what `accepts` says, and the names must be those that it was stored under. Nothing allocates after start.
"""

from array import array

from micropython import const
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append
from plumbline.link.packet import I32, pack_fields, unpack_fields
from plumbline.services.two_slots import BAD, BEGIN, TwoSlots

DEFAULTS = const(0)  # nothing was ever stored
STORED = const(1)
FELL_BACK = const(2)  # the newer slot is bad, the older one's values are flown
LOST = const(3)  # something was stored and nothing of it can be used: the default set is flown

OK = const(0)  # answers of `change`
NO_SUCH_PARAMETER = const(1)
OUT_OF_RANGE = const(2)

_BYTES = const(4)  # of a value


class StoredParameters:
    """flash: a RawFlash of two sectors. Values must fit 31 bits.

    accepts: called without arguments, whether the arrays as they are go together; None: they always do.
    """

    def __init__(self, flash, fields, accepts=None):
        self.fields = fields
        self.names = [field[0] for field in fields]
        self._values = array("i", [0] * len(fields))
        self._before = array("i", [0] * len(fields))
        self._accepts = accepts
        self._layout = bytearray([I32] * len(fields))
        self._slots = TwoSlots(flash, _BYTES * len(fields), _identity(self.names))

    def load(self):
        """At start: the stored values, if any, into the arrays. DEFAULTS, STORED, FELL_BACK or LOST."""
        slots = self._slots
        found = slots.load()
        while found and not self._take():
            found = slots.refuse()
        bad = slots.states[0] == BAD or slots.states[1] == BAD
        if found:
            return FELL_BACK if bad else STORED
        return LOST if bad else DEFAULTS

    def change(self, number, value):
        """Set one parameter, for now; `save` makes it last. OK, NO_SUCH_PARAMETER or OUT_OF_RANGE.

        A value that does not go with the others is out of range.
        """
        if not 0 <= number < len(self.fields):
            return NO_SUCH_PARAMETER
        field = self.fields[number]
        if not field[3] <= value <= field[4]:
            return OUT_OF_RANGE
        before = field[1][field[2]]
        field[1][field[2]] = value
        if self._accepts is not None and not self._accepts():
            field[1][field[2]] = before
            return OUT_OF_RANGE
        return OK

    def save(self):
        """Store the values as they are; True when they stand in flash. Erases: not in a descent."""
        for i in range(len(self.fields)):
            field = self.fields[i]
            self._values[i] = field[1][field[2]]
        count = len(self.fields)
        end = pack_fields(self._values, self._layout, count, self._slots.image, BEGIN)
        return self._slots.store(end - BEGIN)

    def _take(self):
        """The slot's values into the arrays, if each is in its range and they go together."""
        slots = self._slots
        count = len(self.fields)
        if slots.length != _BYTES * count:
            return False
        unpack_fields(self._values, self._layout, count, slots.image, BEGIN)
        for i in range(count):
            field = self.fields[i]
            if not field[3] <= self._values[i] <= field[4]:
                return False
        for i in range(count):
            field = self.fields[i]
            self._before[i] = field[1][field[2]]
            field[1][field[2]] = self._values[i]
        if self._accepts is None or self._accepts():
            return True
        for i in range(count):
            field = self.fields[i]
            field[1][field[2]] = self._before[i]
        return False


def _identity(names):
    """Four bytes that stand for the names and their order."""
    text = bytearray(" ".join(names).encode() + bytes(4))
    crc_append(text, 0, len(text) - 4, REFLECTED, BIG_ENDIAN)
    return bytes(text[-4:])
