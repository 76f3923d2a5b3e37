"""heartbeat.py: any memory, and windows near the limits."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import heartbeat as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import heartbeat as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
_FEW = {"heartbeat": dict.fromkeys(range(s.HBT_COUNTS, s.HBT_SIZE), (0, 1))}

CHECKS: list[Check] = [
    ROOM.check("judge_window", "declared ranges", gap=(0, 1_000)),
    ROOM.check("judge_window", "up to six edges", 0.0, _FEW, gap=(0, 7)),
    ROOM.check("hear", "any edges", edges=WORD),
    ROOM.check("hear", "up to seven edges", 0.0, _FEW, edges=(0, 2)),
]
