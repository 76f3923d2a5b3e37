"""What the navigation board must know of its vehicle, as integers, read at start.

The values live in boards/navigation_pico/parameters.json; unknown or missing keys are refused.
"""

import json
from array import array

from plumbline.kernels import slots

KEYS = (
    ("thrust_full_mn", slots.PAR_THRUST_FULL_MN),
    ("thrust_main_mn", slots.PAR_THRUST_MAIN_MN),
    ("exhaust_m_s", slots.PAR_EXHAUST_M_S),
    ("gate_altitude_mm", slots.PAR_GATE_ALTITUDE_MM),
    ("gate_sink_mm_s", slots.PAR_GATE_SINK_MM_S),
    ("gate_speed_mm_s", slots.PAR_GATE_SPEED_MM_S),
    ("gate_downrange_mm", slots.PAR_GATE_DOWNRANGE_MM),
    ("growth_speed_mm_s", slots.PAR_GROWTH_SPEED_MM_S),
    ("ignition_q14", slots.PAR_IGNITION_Q14),
)
_ALTIMETER_KEYS = ("floor_mm", "fraction_q14", "mount_mm", "delay_ms")


class Parameters:
    """`values`: PAR_ slots; `altimeters`: their names in order; `fit`: FIT_ slots of each."""

    def __init__(self, table):
        known = [key for key, _ in KEYS] + ["altimeters", "radar_delay_ms"]
        for key in table:
            if key not in known:
                raise ValueError("unknown parameter " + key)
        for key in known:
            if key not in table:
                raise ValueError("missing parameter " + key)
        self.values = array("i", [0] * slots.PAR_SIZE)
        for key, slot in KEYS:
            self.values[slot] = table[key]
        self.radar_delay_ms = table["radar_delay_ms"]
        altimeters = table["altimeters"]
        if not 1 <= len(altimeters) <= 4:
            raise ValueError("altimeters: one to four, not " + str(len(altimeters)))
        self.altimeters = [entry["name"] for entry in altimeters]
        self.fit = array("i", [0] * (4 * slots.FIT_STRIDE))
        for i in range(len(altimeters)):
            for slot in range(slots.FIT_STRIDE):
                self.fit[i * slots.FIT_STRIDE + slot] = altimeters[i][_ALTIMETER_KEYS[slot]]

    @staticmethod
    def from_file(path):
        """The parameters in a JSON file."""
        with open(path) as file:
            return Parameters(json.load(file))
