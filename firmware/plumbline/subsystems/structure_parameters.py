"""What the structure board must know of its heaters and actuators, as integers, read at start.

The values live in boards/structure_pico/parameters.json; unknown keys, missing ones and values out
of range are refused.
"""

import json
from array import array

from micropython import const
from plumbline.kernels import slots

HEATERS = ("fuel", "oxidiser", "structure")  # in the order of the dictionary's bits and of the outputs
ACTUATORS = ("legs", "pressurant", "ramp", "rover")

_STEPS_S = const(10)
_HEATER_KEYS = (  # name, slot, least, most, slot's unit in the file's
    ("on_mc", slots.HTL_ON_MC, -100000, 99999, 1),
    ("off_mc", slots.HTL_OFF_MC, -99999, 100000, 1),
    ("duty_q10", slots.HTL_DUTY_Q10, 0, 1024, 1),
    ("saved_s", slots.HTL_SAVED_STEPS, 0, 3600, _STEPS_S),
    ("most_on_s", slots.HTL_MOST_ON_STEPS, 1, 3600, _STEPS_S),
    ("rest_s", slots.HTL_REST_STEPS, 1, 3600, _STEPS_S),
)
_ACTUATOR_KEYS = (
    ("modes", slots.REL_MODES, 0, 15, 1),
    ("needs_contact", slots.REL_NEEDS_CONTACT, 0, 1, 1),
    ("width_ms", slots.REL_WIDTH_US, 1, 10000, 1000),
)


def _filled(where, entry, keys, target, first):
    """The values of one heater or actuator into its slots. Raises ValueError."""
    known = [key for key, _, _, _, _ in keys] + ["name"]
    for key in entry:
        if key not in known:
            raise ValueError("{}: unknown parameter {}".format(where, key))
    for key, slot, least, most, scale in keys:
        if key not in entry:
            raise ValueError("{}: missing parameter {}".format(where, key))
        value = entry[key]
        if type(value) is not int or not least <= value <= most:
            raise ValueError("{}.{}: {} is not between {} and {}".format(where, key, value, least, most))
        target[first + slot] = value * scale


def _entries(table, key, names):
    """The entries of a list, which has to name all of them in order. Raises ValueError."""
    if key not in table:
        raise ValueError("missing parameter " + key)
    found = tuple([entry.get("name") for entry in table[key]])
    if found != names:
        raise ValueError("{}: {} instead of {}".format(key, found, names))
    return table[key]


class StructureParameters:
    """`limits`: HTL_ slots of each heater; `releases`: REL_ slots of all actuators."""

    def __init__(self, table):
        for key in table:
            if key not in ("heaters", "actuators"):
                raise ValueError("unknown parameter " + key)
        self.limits = []
        for entry in _entries(table, "heaters", HEATERS):
            limits = array("i", [0] * slots.HTL_SIZE)
            _filled("heaters " + entry["name"], entry, _HEATER_KEYS, limits, 0)
            if limits[slots.HTL_ON_MC] >= limits[slots.HTL_OFF_MC]:
                raise ValueError("heaters {}: off_mc is not above on_mc".format(entry["name"]))
            self.limits.append(limits)
        self.releases = array("i", [0] * (len(ACTUATORS) * slots.REL_STRIDE))
        first = 0
        for entry in _entries(table, "actuators", ACTUATORS):
            _filled("actuators " + entry["name"], entry, _ACTUATOR_KEYS, self.releases, first)
            first += slots.REL_STRIDE

    @staticmethod
    def from_file(path):
        """The parameters in a JSON file."""
        with open(path) as file:
            return StructureParameters(json.load(file))
