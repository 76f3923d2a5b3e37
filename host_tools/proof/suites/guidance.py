"""guidance.py: which part runs in which phase, the transitions, direction and duty."""

from typing import Any

import numpy as np

from host_tools.proof.harness import drivers
from host_tools.proof.harness.check import Answer, Check
from host_tools.proof.harness.noise import WORD
from host_tools.proof.references import guidance, phases
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import guidance as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, guidance)
FORCES = dict.fromkeys(range(s.GUI_FORCE_UP, s.GUI_FORCE_CROSSRANGE + 1), (-10000, 10000))
_MAIN_AND_MORE = {
    "guidance": {
        s.GUI_FULL_MM_S2: (500, 30_517),
        s.GUI_MASS_G: (100_000, 100_000_000),
        **FORCES,
        s.GUI_FORCE_UP: (300, 10_000),
    },
    "params": {s.PAR_THRUST_MAIN_MN: (0, 900_000), s.PAR_THRUST_FULL_MN: (1_000_000, 10_000_000)},
}


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
    do("hover_seconds", every)
    phase = guidance[s.GUI_PHASE].copy()
    guidance[s.GUI_PHASE_STEPS] = np.minimum(guidance[s.GUI_PHASE_STEPS] + 1, 1_000_000)
    guidance[s.GUI_CONTACTS] = contacts
    do("braking", (phase == phases.COAST) | (phase == phases.BRAKING))
    do("descend", (phase == phases.APPROACH) | (phase == phases.TERMINAL))
    do("climb_out", phase == phases.ABORT)
    do("next_phase", every)
    do("point_and_throttle", every)
    return Answer(guidance[s.GUI_PHASE].copy())


CHECKS: list[Check] = [
    ROOM.check("step", "declared ranges; the order of its parts", contacts=(0, 4), reference=composed),
    ROOM.check("next_phase", "declared ranges"),
    ROOM.check(
        "point_and_throttle", "0.3 to 17 m/s2", 345.0, _MAIN_AND_MORE, against=("guidance", s.GUI_FULL_MM_S2)
    ),
    ROOM.check("cosine_q14", "forces of 31 bits, sizes up to 40,000", component=WORD, total=(1, 40_000)),
]
