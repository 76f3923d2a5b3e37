"""power.py: decisions over everything that may be declared, and close to their limits."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import power as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import power as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
_CLOSE = {
    "supply": {s.SUP_SINKING_TICKS: (0, 4), s.SUP_RISING_TICKS: (0, 4)},
    "limits": {
        s.LIM_LOW_MV: (24_000, 24_003),
        s.LIM_CRITICAL_MV: (24_000, 24_003),
        s.LIM_HYSTERESIS_MV: (0, 2),
        s.LIM_SINK_TICKS: (1, 5),
        s.LIM_RISE_TICKS: (1, 5),
    },
}
_KNOWN = {"supply": {s.SUP_KNOWN_TICKS: (0, 1)}}
_ENDING = {"loads": {load * s.LOD_STRIDE + s.LOD_LEFT_TICKS: (0, 3) for load in range(8)}}
_DUE = {"supply": {s.SUP_SHED_TICKS: (0, 2)}}
_FULL = {
    "supply": {s.SUP_CHARGE_MAS: (0, 2_000)},
    "limits": {
        s.LIM_CAPACITY_MAS: (1_000, 2_000),
        s.LIM_FULL_MV: (29_000, 29_004),
        s.LIM_TAIL_MA: (500, 504),
    },
    "power": {s.PWR_BUS_MV: (29_000, 29_004), s.PWR_CURRENT_MA: (-3, 506)},
}

CHECKS: list[Check] = [
    ROOM.check("judge", "declared ranges", mv=WORD, valid=(0, 1)),
    ROOM.check("judge", "at the limits", 0.0, _CLOSE, mv=(23_998, 24_007), valid=(0, 1)),
    ROOM.check("count_charge", "declared ranges", elapsed_ms=WORD),
    ROOM.check("count_charge", "nearly full or empty", 0.0, _FULL, elapsed_ms=(0, 1_000)),
    ROOM.check("last_priority", "declared ranges", 0.0, _KNOWN),
    ROOM.check("switch", "declared ranges", 0.0, _KNOWN, load=WORD, on=WORD, seconds=WORD),
    ROOM.check("switch", "sensible commands", 0.0, _KNOWN, load=(-1, 8), on=(-1, 2), seconds=(-1, 90_000)),
    ROOM.check("expire", "declared ranges"),
    ROOM.check("expire", "the last ticks", 0.0, _ENDING),
    ROOM.check("shed", "declared ranges"),
    ROOM.check("shed", "when one is due", 0.0, _DUE),
]
