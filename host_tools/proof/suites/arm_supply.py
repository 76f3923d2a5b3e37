"""arm_supply.py: decisions over everything that may be declared, and close to their limits."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import arm_supply as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import arm_supply as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
_KNOWN = {"supply": {s.SUP_KNOWN_TICKS: (0, 1)}}
_ENDING = {"supply": {s.SUP_ARM_TICKS: (0, 2), s.SUP_ARM_LOST_TICKS: (197, 200)}}
_LIVE = {"supply": {s.SUP_STUCK_TICKS: (48, 52)}, "power": {s.PWR_BUS_MV: (1_998, 2_003)}}

CHECKS: list[Check] = [
    ROOM.check("ask", "declared ranges", 0.0, _KNOWN, on=WORD, seconds=WORD),
    ROOM.check("ask", "sensible commands", 0.0, _KNOWN, on=(-1, 2), seconds=(-1, 3_700)),
    ROOM.check("hold", "declared ranges"),
    ROOM.check("hold", "the last ticks", 0.0, _ENDING),
    ROOM.check("is_stuck", "declared ranges"),
    ROOM.check("is_stuck", "at the limits", 0.0, _LIVE),
]
