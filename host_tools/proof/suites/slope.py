"""slope.py: decisions over everything, over the last 130 m with what was noted near by, and on edges."""

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.memories import estimate, memory
from host_tools.proof.harness.noise import Noise
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


def _on_the_edges(noise: Noise, n: int) -> Arguments:
    """Each limit of height, way, rise and hovering time with its neighbours, in every combination."""
    noted = memory("guidance", noise, n, STEEP["guidance"])
    noted[[s.GUI_PASSED_MM, s.GUI_PASSED_GROUND_MM]] = 0
    noted[s.GUI_HOVER_S] = noise.choice((80, 81), n)
    felt = estimate(noise, n, STEEP["estimate"])
    beside = [noise.choice((-1, 0, 1), n) for _ in range(3)]
    felt[s.EST_AGL_MM] = noise.choice((12_000, 120_000), n) + beside[0]
    way = noise.choice((6_000, 6_005, 24_000), n) + beside[1]
    felt[s.EST_DOWNRANGE_MM] = noise.choice((-1, 1), n) * way
    felt[s.EST_ALTITUDE_MM] = felt[s.EST_AGL_MM] + noise.choice((-1, 1), n) * (way // 5 + beside[2])
    return {"guidance": noted, "estimate": felt}


CHECKS: list[Check] = [
    ROOM.check("must_leave", "declared ranges"),
    ROOM.check("must_leave", "the last 130 m", 0.0, STEEP),
    ROOM.check("must_leave", "on the edges", vectors=_on_the_edges),
    ROOM.check("drift_on", "2 km/s", speed=(-2_000_000, 2_000_000), limit=(0, 30_517)),
]
