"""guidance.py: closed forms over the states of a descent; decisions and transitions over everything."""

from typing import Any

import numpy as np

from host_tools.proof.harness import drivers
from host_tools.proof.harness.check import Answer, Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import braking, guidance, thrust
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import guidance as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, guidance, braking, thrust)
FORCES = dict.fromkeys(range(s.GUI_FORCE_UP, s.GUI_FORCE_CROSSRANGE + 1), (-10000, 10000))
# a burn: 0.6 to 1.8 km/s, 100 to 900 km before the gate, 1 to 15 m/s2 to give
_BURN = {
    "guidance": {s.GUI_FULL_MM_S2: (1000, 15_000), s.GUI_PHASE: (1, 2), **FORCES},
    "estimate": {
        s.EST_ALTITUDE_MM: (0, 30_000_000),
        s.EST_AGL_MM: (0, 30_000_000),
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
# a descent: below 30 km, slower than 400 m/s
_DESCENT = {
    "guidance": {s.GUI_FULL_MM_S2: (1000, 15_000), s.GUI_PHASE: (3, 4)},
    "estimate": {
        s.EST_ALTITUDE_MM: (-2_000_000, 30_000_000),
        s.EST_AGL_MM: (-10_000, 30_000_000),
        s.EST_DOWNRANGE_MM: (-20_000_000, 20_000_000),
        s.EST_CROSSRANGE_MM: (-20_000_000, 20_000_000),
        s.EST_VELOCITY_UP_Q8: (-51_200_000, 12_800_000),
        s.EST_VELOCITY_DOWNRANGE_Q8: (-102_400_000, 102_400_000),
        s.EST_VELOCITY_CROSSRANGE_Q8: (-102_400_000, 102_400_000),
    },
}
_MAIN_AND_MORE = {
    "guidance": {
        s.GUI_FULL_MM_S2: (500, 30_517),
        s.GUI_MASS_G: (100_000, 100_000_000),
        **FORCES,
        s.GUI_FORCE_UP: (300, 10_000),
    },
    "params": {s.PAR_THRUST_MAIN_MN: (0, 900_000), s.PAR_THRUST_FULL_MN: (1_000_000, 10_000_000)},
}
_SLOW = dict.fromkeys(range(s.EST_VELOCITY_UP_Q8, s.EST_VELOCITY_CROSSRANGE_Q8 + 1), (-460800000, 460800000))


def composed(guidance: Any, estimate: Any, params: Any, contacts: Any) -> Answer:
    """step as its own description: which parts, in which order, in which phase.

    The parts are the kernel's, each judged by its own check; here only their order is.
    """
    memories = {"guidance": guidance, "estimate": estimate, "params": params}

    def do(name: str, rows: np.ndarray) -> None:
        kernel = getattr(kernels, name)
        names = drivers.parameters_of(kernel)
        if rows.any():
            part = {key: memories[key][:, rows].astype(np.int32) for key in names}
            guidance[:, rows] = drivers.run(kernel, part)[1]["guidance"]

    every = np.ones(contacts.size, bool)
    do("measure_thrust", every)
    do("burn_mass", every)
    phase = guidance[s.GUI_PHASE].copy()
    guidance[s.GUI_PHASE_STEPS] = np.minimum(guidance[s.GUI_PHASE_STEPS] + 1, 1_000_000)
    guidance[s.GUI_CONTACTS] = contacts
    do("braking", (phase == thrust.COAST) | (phase == thrust.BRAKING))
    do("descend", (phase == thrust.APPROACH) | (phase == thrust.TERMINAL))
    do("next_phase", every)
    do("point_and_throttle", every)
    return Answer(guidance[s.GUI_PHASE].copy())


CHECKS: list[Check] = [
    ROOM.check("accumulate", "declared ranges"),
    ROOM.check("step", "declared ranges; the order of its parts", contacts=(0, 4), reference=composed),
    ROOM.check("measure_thrust", "declared ranges"),
    ROOM.check(
        "measure_thrust",
        "braking",
        0.0,
        {
            "guidance": {
                s.GUI_PHASE: (1, 3),
                s.GUI_PHASE_STEPS: (0, 250),
                s.GUI_FORCE_SUM: (-1000, 200_000),
                s.GUI_FORCE_MEAN_Q4: (-100, 300_000),
                s.GUI_EXPECTED_MEAN_Q4: (0, 300_000),
            }
        },
    ),
    ROOM.check("burn_mass", "declared ranges", 2.0, against=("guidance", s.GUI_MASS_G)),
    ROOM.check("effective_gravity", "declared ranges", 25.0, against=("estimate", s.EST_ALTITUDE_MM)),
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
    ROOM.check(
        "speed_over_height",
        "31 bits of height, up to 1,100 mm/s2",
        400.0,
        height=WORD,
        slowing=(1, 1100),
        against=("height", 0),
    ),
    ROOM.check(
        "guard", "declared ranges", 177.0, against=("estimate", s.EST_AGL_MM), climb=(-40_000, 40_000)
    ),
    ROOM.check("descend", "below 30 km, 400 m/s", 2000.0, _DESCENT, against=("estimate", s.EST_ALTITUDE_MM)),
    ROOM.check("height_to_lose", "declared ranges"),
    ROOM.check(
        "ground_speed",
        "up to 1.8 km/s",
        245.0,
        {"estimate": _SLOW},
        against=("estimate", s.EST_VELOCITY_DOWNRANGE_Q8),
    ),
    ROOM.check(
        "not_while_sliding",
        "up to 30 km, 250 m/s",
        1300.0,
        wanted=(1000, 250_000),
        height=(0, 30_000_000),
        sliding=(0, 2_600_000),
    ),
    ROOM.check(
        "sink_profile", "-4 m to 30 km", 80.0, height=(-4000, 30_000_000), whole=True, against=("height", 0)
    ),
    ROOM.check(
        "sideways_limit", "declared ranges", height=(0, 30_000_000), up=(0, 30_517), sliding=(0, 2_600_000)
    ),
    ROOM.check(
        "divert",
        "1,000 km, 2 km/s",
        8.0,
        offset=(-1_000_000_000, 1_000_000_000),
        speed=(-2_000_000, 2_000_000),
        time_q6=(0, 500_000),
        limit=(0, 14_000),
    ),
    ROOM.check("next_phase", "declared ranges"),
    ROOM.check("near_ground", "declared ranges"),
    ROOM.check(
        "near_ground",
        "the last 120 m",
        0.0,
        {
            "guidance": {s.GUI_PHASE: (2, 5)},
            "estimate": {s.EST_AGL_MM: (-1000, 120_000), s.EST_VELOCITY_UP_Q8: (-300_000, 300_000)},
        },
    ),
    ROOM.check(
        "near_ground",
        "the last 8 m",
        0.0,
        {
            "guidance": {s.GUI_PHASE: (4, 4)},
            "estimate": {s.EST_AGL_MM: (-1000, 8000), s.EST_VELOCITY_UP_Q8: (-300_000, 300_000)},
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
            "estimate": {s.EST_AGL_MM: (-1000, 10_000)},
        },
    ),
    ROOM.check(
        "point_and_throttle", "0.3 to 17 m/s2", 345.0, _MAIN_AND_MORE, against=("guidance", s.GUI_FULL_MM_S2)
    ),
    ROOM.check("cosine_q14", "forces of 31 bits, sizes up to 40,000", component=WORD, total=(1, 40_000)),
]
