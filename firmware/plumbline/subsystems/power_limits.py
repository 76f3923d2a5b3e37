"""What the power board must know of battery, loads and arm supply, as integers, read at start.

The values live in boards/power_esp32/parameters.json; unknown keys, missing ones and values out of
range are refused.
"""

import json
from array import array

from micropython import const
from plumbline.kernels import slots

_TICK_MS = const(10)
_LOADS = const(8)
_KEYS = (  # name, slot, least, most, what one unit of the slot is: within them every kernel stays in 31 bits
    ("low_mv", slots.LIM_LOW_MV, 23_000, 28_000, 1),
    ("critical_mv", slots.LIM_CRITICAL_MV, 18_000, 23_000, 1),
    ("hysteresis_mv", slots.LIM_HYSTERESIS_MV, 100, 2_000, 1),
    ("sink_ms", slots.LIM_SINK_TICKS, 50, 5_000, _TICK_MS),
    ("rise_ms", slots.LIM_RISE_TICKS, 500, 60_000, _TICK_MS),
    ("kept_low", slots.LIM_KEPT_LOW, 0, 7, 1),
    ("kept_critical", slots.LIM_KEPT_CRITICAL, 0, 7, 1),
    ("shed_ms", slots.LIM_SHED_TICKS, 0, 5_000, _TICK_MS),
    ("capacity_mas", slots.LIM_CAPACITY_MAS, 3_600_000, 500_000_000, 1),
    ("full_mv", slots.LIM_FULL_MV, 27_000, 32_000, 1),
    ("tail_ma", slots.LIM_TAIL_MA, 0, 20_000, 1),
    ("arm_most_s", slots.LIM_ARM_MOST_S, 10, 3_600, 1),
)


def _within(key, value, least, most):
    """The value, if it is one that the kernels can take."""
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(key + ": " + str(value) + " is not between " + str(least) + " and " + str(most))
    return value


def _only(where, table, known):
    """Refuse keys that are unknown or missing."""
    for key in table:
        if key not in known:
            raise ValueError("unknown parameter " + where + key)
    for key in known:
        if key not in table:
            raise ValueError("missing parameter " + where + key)


class PowerLimits:
    """`values`: LIM_ slots; `loads`: LOD_ slots of eight loads, all off; `names`: of those that there are.

    `start_mas`: the charge at start. Raises ValueError for a table that cannot be flown.
    """

    def __init__(self, table):
        _only("", table, [entry[0] for entry in _KEYS] + ["start_mas", "loads"])
        self.values = array("i", [0] * slots.LIM_SIZE)
        for key, slot, least, most, unit in _KEYS:
            self.values[slot] = _within(key, table[key], least, most) // unit
        self.start_mas = _within("start_mas", table["start_mas"], 0, 500_000_000)
        loads = table["loads"]
        if not 1 <= len(loads) <= _LOADS:
            raise ValueError("loads: one to eight, not " + str(len(loads)))
        self.names = tuple([load["name"] for load in loads])
        self.loads = array("i", [0] * (_LOADS * slots.LOD_STRIDE))
        for i in range(len(loads)):
            where = "loads: " + self.names[i] + ": "
            _only(where, loads[i], ("name", "priority", "most_s"))
            base = i * slots.LOD_STRIDE
            self.loads[base + slots.LOD_PRIORITY] = _within(where + "priority", loads[i]["priority"], 0, 7)
            self.loads[base + slots.LOD_MOST_S] = _within(where + "most_s", loads[i]["most_s"], 1, 86_400)

    @staticmethod
    def from_file(path):
        """The limits in a JSON file."""
        with open(path) as file:
            return PowerLimits(json.load(file))
