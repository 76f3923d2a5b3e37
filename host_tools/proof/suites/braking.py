"""braking.py: closed forms over the states of a burn."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import braking
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import braking as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, braking)
# a burn: 0.6 to 1.8 km/s, 100 to 900 km before the gate, 1 to 15 m/s2 to give
_BURN = {
    "guidance": {s.GUI_FULL_MM_S2: (1000, 15_000), s.GUI_PHASE: (1, 2)},
    "estimate": {
        s.EST_ALTITUDE_MM: (0, 30_000_000),
        s.EST_HEIGHT_MM: (0, 30_000_000),
        s.EST_HEIGHT_DOUBT_MM: (0, 600_000),
        s.EST_DOWNRANGE_MM: (-900_000_000, -100_000_000),
        s.EST_CROSSRANGE_MM: (-20_000_000, 20_000_000),
        s.EST_VELOCITY_UP_Q8: (-38_400_000, 12_800_000),
        s.EST_VELOCITY_DOWNRANGE_Q8: (153_600_000, 460_800_000),
        s.EST_VELOCITY_CROSSRANGE_Q8: (-12_800_000, 12_800_000),
    },
    "params": {
        s.PAR_THRUST_FULL_MN: (400_000, 10_000_000),
        s.PAR_GATE_ALTITUDE_MM: (0, 10_000_000),
        s.PAR_GATE_SINK_MM_S: (0, 200_000),
        s.PAR_GATE_SPEED_MM_S: (0, 200_000),
        s.PAR_GATE_DOWNRANGE_MM: (-70_000_000, 0),
        s.PAR_GROWTH_SPEED_MM_S: (1_000_000, 100_000_000),
    },
}

CHECKS: list[Check] = [
    ROOM.check(
        "braking",
        "0.6 to 1.8 km/s, 30 to 900 km before the gate",
        4000.0,
        _BURN,
        against=("estimate", s.EST_VELOCITY_DOWNRANGE_Q8),
    ),
    ROOM.check(
        "time_to_gate",
        "0.6 to 1.8 km/s, 30 to 900 km before the gate",
        4000.0,
        _BURN,
        against=("estimate", s.EST_VELOCITY_DOWNRANGE_Q8),
    ),
    ROOM.check("mul_growth", "x <= 500,000", 33.0, x=(0, 500_000), growth_q14=(0, 131_072)),
]
