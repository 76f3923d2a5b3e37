"""What the navigation board must know of its vehicle, as integers, read at start.

The values live in boards/navigation_pico/parameters.json; unknown keys, missing ones and values out
of range are refused.
"""

import json
from array import array

from plumbline.kernels import slots

_LONGEST_DELAY_MS = 500

KEYS = (  # name, slot, least, most: within them every kernel stays in 31 bits
    ("thrust_full_mn", slots.PAR_THRUST_FULL_MN, 1_000, 10_000_000),
    ("thrust_main_mn", slots.PAR_THRUST_MAIN_MN, 0, 10_000_000),
    ("exhaust_m_s", slots.PAR_EXHAUST_M_S, 500, 6_000),
    ("gate_altitude_mm", slots.PAR_GATE_ALTITUDE_MM, 0, 20_000_000),
    ("gate_sink_mm_s", slots.PAR_GATE_SINK_MM_S, 0, 500_000),
    ("gate_speed_mm_s", slots.PAR_GATE_SPEED_MM_S, 0, 500_000),
    ("gate_downrange_mm", slots.PAR_GATE_DOWNRANGE_MM, -50_000_000, 0),
    ("growth_speed_mm_s", slots.PAR_GROWTH_SPEED_MM_S, 500_000, 100_000_000),
    ("empty_g", slots.PAR_EMPTY_G, 10_000, 100_000_000),
    ("ignition_q14", slots.PAR_IGNITION_Q14, 1_000, 16_384),
)
_ALTIMETER_KEYS = (
    ("floor_mm", 0, 1_000_000),
    ("fraction_q14", 0, 4_096),
    ("mount_mm", 0, 100_000),
    ("delay_ms", 0, _LONGEST_DELAY_MS),
    ("reach_mm", 0, 200_000_000),
)


def _within(key, value, least, most):
    """The value, if it is one that the kernels can take."""
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(key + ": " + str(value) + " is not between " + str(least) + " and " + str(most))
    return value


class Parameters:
    """`values`: PAR_ slots; `altimeters`: their names in order; `fit`: FIT_ slots of each;
    `inertial_units`: one or two."""

    def __init__(self, table):
        known = [entry[0] for entry in KEYS] + ["altimeters", "radar_delay_ms"]
        for key in table:
            if key not in known and key != "inertial_units":
                raise ValueError("unknown parameter " + key)
        for key in known:
            if key not in table:
                raise ValueError("missing parameter " + key)
        self.values = array("i", [0] * slots.PAR_SIZE)
        for key, slot, least, most in KEYS:
            self.values[slot] = _within(key, table[key], least, most)
        self._radar = array("i", [_within("radar_delay_ms", table["radar_delay_ms"], 0, _LONGEST_DELAY_MS)])
        # the second one may be left out, and what says that it is there
        self.inertial_units = _within("inertial_units", table.get("inertial_units", 1), 1, 2)
        altimeters = table["altimeters"]
        if not 1 <= len(altimeters) <= 4:
            raise ValueError("altimeters: one to four, not " + str(len(altimeters)))
        self.altimeters = [entry["name"] for entry in altimeters]
        self.fit = array("i", [0] * (4 * slots.FIT_STRIDE))
        for i in range(len(altimeters)):
            for slot in range(slots.FIT_STRIDE):
                key, least, most = _ALTIMETER_KEYS[slot]
                value = _within("altimeters: " + key, altimeters[i][key], least, most)
                self.fit[i * slots.FIT_STRIDE + slot] = value

    @property
    def radar_delay_ms(self):
        """Age of the radar's velocity when it arrives."""
        return self._radar[0]

    def fields(self):
        """(name, array, index, least, most) of every value, for services/stored_parameters.py."""
        fields = [(key, self.values, slot, least, most) for key, slot, least, most in KEYS]
        fields.append(("radar_delay_ms", self._radar, 0, 0, _LONGEST_DELAY_MS))
        for i in range(len(self.altimeters)):
            for slot in range(slots.FIT_STRIDE):
                key, least, most = _ALTIMETER_KEYS[slot]
                name = self.altimeters[i] + "." + key
                fields.append((name, self.fit, i * slots.FIT_STRIDE + slot, least, most))
        return fields

    @staticmethod
    def from_file(path):
        """The parameters in a JSON file."""
        with open(path) as file:
            return Parameters(json.loads(file.read()))  # load() reads byte by byte
