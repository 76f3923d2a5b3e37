"""thrust.py: measured thrust by integers, mass and hover by real numbers."""

from host_tools.proof.harness.check import Check
from host_tools.proof.references import thrust
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import slots as s
from plumbline.kernels import thrust as kernels

ROOM = Room(kernels, thrust)
_MEASURED = {
    s.GUI_CONTACTS: (0, 1),
    s.GUI_PHASE_STEPS: (0, 250),
    s.GUI_FORCE_SUM: (-1000, 200_000),
    s.GUI_FORCE_MEAN_Q4: (-100, 300_000),
    s.GUI_EXPECTED_MEAN_Q4: (0, 300_000),
}

CHECKS: list[Check] = [
    ROOM.check("accumulate", "declared ranges"),
    ROOM.check("measure_thrust", "declared ranges"),
    ROOM.check("measure_thrust", "braking", 0.0, {"guidance": {s.GUI_PHASE: (1, 3), **_MEASURED}}),
    ROOM.check("measure_thrust", "below the gate", 0.0, {"guidance": {s.GUI_PHASE: (3, 5), **_MEASURED}}),
    ROOM.check("burn_mass", "declared ranges", 1.7, against=("guidance", s.GUI_MASS_G)),
    ROOM.check(
        "hover_seconds",
        "declared ranges, mass of 100 kg and more",
        2.9,
        {"guidance": {s.GUI_MASS_G: (100_000, 100_000_000)}},
        against=("guidance", s.GUI_MASS_G),
    ),
    ROOM.check(
        "hover_seconds",
        "a small lander",
        1.8,
        {
            "guidance": {s.GUI_MASS_G: (300_000, 900_000)},
            "params": {s.PAR_EMPTY_G: (300_000, 500_000), s.PAR_EXHAUST_M_S: (2000, 4500)},
        },
        against=("guidance", s.GUI_MASS_G),
    ),
]
