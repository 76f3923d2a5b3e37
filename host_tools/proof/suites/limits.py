"""limits.py: every decision exactly, over everything and close to limits and to the end of a run."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import limits as references
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import limits as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, references)
_ROWS = range(16)
_ROW = {
    s.LMR_INDEX: (0, 7),
    s.LMR_LOW_RED: (-6, -2),
    s.LMR_LOW_YELLOW: (-4, 0),
    s.LMR_HIGH_YELLOW: (0, 4),
    s.LMR_HIGH_RED: (2, 6),
    s.LMR_CHECKS: (1, 4),
    s.LMR_GATE: (8, 9),
    s.LMR_GATE_MASK: (0, 3),
    s.LMR_GATE_WANTED: (0, 1),
}
_CLOSE = {
    "watched": dict.fromkeys(range(64), (-8, 8)),
    "limit_rows": {row * s.LMR_STRIDE + slot: span for row in _ROWS for slot, span in _ROW.items()},
    "limit_states": {row * s.LMS_STRIDE + s.LMS_CHECKS: (0, 4) for row in _ROWS},
}

CHECKS: list[Check] = [
    ROOM.check("step", "declared ranges", rows=(0, 16), mode=(0, 15)),
    ROOM.check("step", "close to every limit", 0.0, _CLOSE, rows=(0, 16), mode=(0, 15)),
    ROOM.check("look", "declared ranges", row=(0, 15), mode=(0, 15)),
    ROOM.check("look", "close to every limit", 0.0, _CLOSE, row=(0, 15), mode=(0, 15)),
    ROOM.check("grade", "declared ranges", row=(0, 15), value=WORD),
    ROOM.check("grade", "close to every limit", 0.0, _CLOSE, row=(0, 15), value=(-8, 8)),
    ROOM.check("settle", "declared ranges", row=(0, 15), found=(0, 2), needed=(1, 1_000)),
    ROOM.check("settle", "short runs", 0.0, _CLOSE, row=(0, 15), found=(0, 2), needed=(1, 5)),
]
