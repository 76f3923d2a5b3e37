"""slope.py: decisions over everything, and over the last 130 m with what was noted near by."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import slope
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import slope as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, slope)
STEEP = {
    "guidance": {
        s.GUI_HOVER_S: (60, 120),
        s.GUI_PASSED_MM: (-20_000, 20_000),
        s.GUI_PASSED_GROUND_MM: (-10_000, 10_000),
    },
    "estimate": {
        s.EST_ALTITUDE_MM: (0, 130_000),
        s.EST_AGL_MM: (0, 130_000),
        s.EST_DOWNRANGE_MM: (-20_000, 20_000),
        s.EST_AGL_VALID: (1, 1),
        s.EST_HEIGHT_DOUBT_MM: (0, 1),
    },
}

CHECKS: list[Check] = [
    ROOM.check("must_leave", "declared ranges"),
    ROOM.check("must_leave", "the last 130 m", 0.0, STEEP),
    ROOM.check("drift_on", "2 km/s", speed=(-2_000_000, 2_000_000), limit=(0, 30_517)),
]
