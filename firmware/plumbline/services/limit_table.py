"""A board's limit table, read at start from limits.json, which `make dictionary` makes of link/limits.toml.

    table = LimitTable.from_file("limits.json")
    table.rows          # LMR_ slots of each row
    table.fields()      # for services/stored_parameters.py

Unknown keys, missing ones, values out of range and limits in the wrong order are refused: one line that
names file, row and reason.
"""

import json
from array import array

from micropython import const
from plumbline.kernels import slots

MOST_ROWS = const(16)
_FARTHEST = const(0x3FFFFFFF)  # a limit that there is not: no value lies beyond it
_MOST_CHECKS = const(1000)
_SIDES = (  # a row's limits, in their order
    ("low_red", slots.LMR_LOW_RED, -_FARTHEST - 1),
    ("low_yellow", slots.LMR_LOW_YELLOW, -_FARTHEST - 1),
    ("high_yellow", slots.LMR_HIGH_YELLOW, _FARTHEST),
    ("high_red", slots.LMR_HIGH_RED, _FARTHEST),
)
_PLAIN = (  # name, slot, least, most
    ("index", slots.LMR_INDEX, 0, 63),
    ("checks", slots.LMR_CHECKS, 1, _MOST_CHECKS),
    ("modes", slots.LMR_MODES, 0, 65535),
    ("gate", slots.LMR_GATE, 0, 63),
    ("mask", slots.LMR_GATE_MASK, 0, 65535),
    ("wanted", slots.LMR_GATE_WANTED, 0, 65535),
    ("response", slots.LMR_RESPONSE, 0, 15),
)
_KEYS = tuple([entry[0] for entry in _SIDES + _PLAIN]) + ("name", "least", "most")


def _within(where, value, least, most):
    """The value, if it is an integer of the range."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError("{}: {} is not between {} and {}".format(where, value, least, most))
    return value


def rows_in(path):
    """What a JSON file holds, for LimitTable."""
    with open(path) as file:
        return json.loads(file.read())  # load() reads byte by byte


class LimitTable:
    """rows: dictionaries as limits.json has them; `names`: of the rows, in order; `file`: for complaints.

    Raises ValueError for a table that cannot be flown.
    """

    def __init__(self, rows, file="limits.json"):
        if not isinstance(rows, list) or len(rows) > MOST_ROWS:
            raise ValueError("{}: has to be a list of at most {} rows".format(file, MOST_ROWS))
        self.file = file
        self.names = []
        self.rows = array("i", [0] * (MOST_ROWS * slots.LMR_STRIDE))
        self._bounds = []
        for row in rows:
            self.add(row)

    @staticmethod
    def from_file(path):
        """The table in a JSON file."""
        return LimitTable(rows_in(path), path)

    def where(self, number):
        """How a complaint about a row begins."""
        return "{}: row {} ({})".format(self.file, number, self.names[number])

    def fields(self):
        """(name, array, index, least, most) of all that may be set: four limits and the checks of each row.

        A side without a limit keeps it that way.
        """
        fields = []
        for number in range(len(self.names)):
            base = number * slots.LMR_STRIDE
            for key, slot, absent in _SIDES:
                least, most = self._bounds[number]
                if self.rows[base + slot] == absent:
                    least = most = absent
                fields.append((self.names[number] + "." + key, self.rows, base + slot, least, most))
            name = self.names[number] + ".checks"
            fields.append((name, self.rows, base + slots.LMR_CHECKS, 1, _MOST_CHECKS))
        return fields

    def is_ordered(self):
        """Whether each row's limits lie in their order, red outside of yellow."""
        for number in range(len(self.names)):
            base = number * slots.LMR_STRIDE
            for slot in range(slots.LMR_LOW_RED, slots.LMR_HIGH_RED):
                if self.rows[base + slot] > self.rows[base + slot + 1]:
                    return False
        return True

    def add(self, row):
        """One more row. Raises ValueError for one that cannot be flown."""
        number = len(self.names)
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            raise ValueError("{}: row {}: needs a name".format(self.file, number))
        name = row["name"]
        if name in self.names:
            raise ValueError("{}: row {}: there is another {}".format(self.file, number, name))
        self.names.append(name)
        where = self.where(number)
        for key in row:
            if key not in _KEYS:
                raise ValueError("{}: unknown key {}".format(where, key))
        for key in _KEYS:
            if key not in row:
                raise ValueError("{}: missing key {}".format(where, key))
        base = number * slots.LMR_STRIDE
        for key, slot, least, most in _PLAIN:
            self.rows[base + slot] = _within(where + ": " + key, row[key], least, most)
        least = _within(where + ": least", row["least"], -_FARTHEST, _FARTHEST - 1)
        most = _within(where + ": most", row["most"], least, _FARTHEST - 1)
        self._bounds.append((least, most))
        for key, slot, absent in _SIDES:
            value = row[key]
            self.rows[base + slot] = (
                absent if value is None else _within(where + ": " + key, value, least, most)
            )
        if not self.is_ordered():
            raise ValueError("{}: its limits are not in order, red outside of yellow".format(where))
