"""touchdown.py: decisions over everything, and over the last metres."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import touchdown
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import slots as s
from plumbline.kernels import touchdown as kernels

ROOM = Room(kernels, touchdown)
_DOUBT = {s.EST_HEIGHT_DOUBT_MM: (0, 20_000)}

CHECKS: list[Check] = [
    ROOM.check("may_be_low", "declared ranges"),
    ROOM.check("may_be_low", "the last 8 m", 0.0, {"estimate": {s.EST_AGL_MM: (-1000, 8000), **_DOUBT}}),
    ROOM.check("near_ground", "declared ranges"),
    ROOM.check(
        "near_ground",
        "the last 120 m",
        0.0,
        {
            "guidance": {s.GUI_PHASE: (2, 5)},
            "estimate": {
                s.EST_AGL_MM: (-1000, 120_000),
                s.EST_VELOCITY_UP_Q8: (-300_000, 300_000),
                **_DOUBT,
            },
        },
    ),
    ROOM.check(
        "near_ground",
        "the last 8 m",
        0.0,
        {
            "guidance": {s.GUI_PHASE: (3, 4)},
            "estimate": {
                s.EST_AGL_MM: (-1000, 8000),
                s.EST_VELOCITY_UP_Q8: (-300_000, 300_000),
                s.EST_HEIGHT_DOUBT_MM: (0, 1),
            },
        },
    ),
    ROOM.check(
        "judge_contact",
        "declared ranges, mass of 100 kg and more",
        0.0,
        {
            "guidance": {
                s.GUI_MASS_G: (100_000, 100_000_000),
                s.GUI_PHASE_STEPS: (0, 14),
                s.GUI_FORCE_NOW_MM_S2: (-1000, 20_000),
            },
            "estimate": {s.EST_AGL_MM: (-1000, 10_000), **_DOUBT},
        },
    ),
]
