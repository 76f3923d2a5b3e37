"""What the propulsion board must know of its vehicle, as integers, read at start.

The values live in boards/propulsion_pico/parameters.json, as host_tools/scenarios/parameters.py works them
out; unknown keys, missing ones and values out of range are refused.
"""

import json
from array import array

from plumbline.kernels import slots

TURNING = (  # name, slot, least, most: within them every kernel stays in 31 bits
    ("thruster_turn", slots.TRN_ASSIST, 1, 500_000_000),
    ("jet_turn", slots.TRN_JET, 1, 500_000_000),
    ("roll_jet_turn", slots.TRN_ROLL, 1, 500_000_000),
    ("cut_q10", slots.TRN_CUT_Q10, 1, 8_192),
    ("weak_q10", slots.TRN_WEAK_Q10, 1, 8_192),
    ("stuck_q10", slots.TRN_STUCK_Q10, 1, 8_192),
    ("main_mn", slots.TRN_MAIN_MN, 0, 100_000_000),
    ("thruster_mn", slots.TRN_THRUSTER_MN, 1, 100_000_000),
    ("lack_q10", slots.TRN_LACK_Q10, 1, 8_192),
)
FEED = (
    ("main_fall_q14", slots.FEE_MAIN, 0, 100_000),
    ("thruster_fall_q14", slots.FEE_ASSIST, 0, 100_000),
    ("jet_fall_q14", slots.FEE_JET, 0, 100_000),
    ("fall_floor", slots.FEE_FLOOR, 1, 100_000),
    ("fall_share_q10", slots.FEE_SHARE_Q10, 0, 1_024),
)
KEYS = TURNING + FEED
_FULL_Q14 = 16_384


class PropulsionParameters:
    """`turning`: TRN_ slots; `feed`: FEE_ slots. Raises ValueError for a table that cannot be flown."""

    def __init__(self, table):
        known = [entry[0] for entry in KEYS]
        for key in table:
            if key not in known:
                raise ValueError("unknown parameter " + key)
        self.turning = array("i", [0] * slots.TRN_SIZE)
        self.feed = array("i", [0] * slots.FEE_SIZE)
        self._take(table, TURNING, self.turning)
        self._take(table, FEED, self.feed)

    def _take(self, table, keys, values):
        for key, slot, least, most in keys:
            if key not in table:
                raise ValueError("missing parameter " + key)
            value = table[key]
            if type(value) is not int or not least <= value <= most:
                raise ValueError(
                    key + ": " + str(value) + " is not between " + str(least) + " and " + str(most)
                )
            values[slot] = value

    @property
    def jet_in_trim_q14(self):
        """Trim of the assist thrusters, three of which turn by one duty, that does what two jets do."""
        jets = 2 * self.turning[slots.TRN_JET] * _FULL_Q14
        return min(_FULL_Q14, jets // (3 * self.turning[slots.TRN_ASSIST]))

    @staticmethod
    def from_file(path):
        """The parameters in a JSON file."""
        with open(path) as file:
            return PropulsionParameters(json.loads(file.read()))  # load() reads byte by byte
