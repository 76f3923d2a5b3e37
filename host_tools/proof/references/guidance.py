"""Guidance as a whole: the transitions between its phases, direction and duty of the force."""

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.abort import back_to_orbit, in_orbit
from host_tools.proof.references.phases import (
    ABORT,
    APPROACH,
    BRAKING,
    COAST,
    CONTACT,
    LANDED,
    ORBIT,
    TERMINAL,
    WAITING,
    Column,
    Memory,
    Near,
)
from host_tools.proof.references.touchdown import judge_contact, near_ground
from plumbline.kernels import slots as s


def cosine_q14(component: Column, total: Column) -> Answer:
    """Component over size, at most 18 m/s2 of it, toward zero."""
    held = np.clip(component, -18_000, 18_000)
    return Answer(np.clip(np.sign(held) * (np.abs(held) * 2**14 // np.maximum(total, 1)), -(2**14), 2**14))


def point_and_throttle(guidance: Memory, params: Memory) -> Answer:
    """Unit vector of the force; main engine on, and the duty of the rest: (F - main) / (full - main)."""
    phase = guidance[s.GUI_PHASE]
    pointing = ~np.isin(phase, (WAITING, CONTACT, LANDED))
    burning = pointing & ~np.isin(phase, (COAST, ORBIT))
    force = guidance[s.GUI_FORCE_UP : s.GUI_FORCE_CROSSRANGE + 1].astype(np.float64)
    size = np.clip(np.sqrt((force * force).sum(axis=0)), 1, 40_000)  # whole mm/s2 in the kernel
    near: Near = {}
    for axis in range(3):
        slot = s.GUI_DIRECTION_UP_Q14 + axis
        value = np.where(pointing, force[axis] / size * 2**14, guidance[slot])
        near["guidance", slot] = (value, 1 + np.abs(value) / size)
    full_mn, main_mn = params[s.PAR_THRUST_FULL_MN], params[s.PAR_THRUST_MAIN_MN]
    full = np.maximum(guidance[s.GUI_FULL_MM_S2], 1)
    rest = np.maximum(full_mn - main_mn, 1)
    share = np.clip(size / full, 0, 1)
    duty = np.clip((full_mn * share - main_mn) / rest, 0, 1)
    # the size is whole mm/s2, the share has 14 bits
    unit = full_mn / rest * (2**14 / full + 1)
    near["guidance", s.GUI_THROTTLE_Q14] = (np.where(burning, duty * 2**14, 0), 2 + unit)
    given = full * (main_mn + rest * duty) / full_mn
    near["guidance", s.GUI_EXPECTED_MM_S2] = (np.where(burning, given, 0), 3 + full / 3000)
    guidance[s.GUI_MAIN_ON] = burning | (phase == CONTACT)
    return Answer(None, near)


def next_phase(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """The table of transitions; a new phase begins with step 0."""
    phase = guidance[s.GUI_PHASE]
    new = phase.astype(np.float64)
    enough = guidance[s.GUI_FULL_MM_S2] * params[s.PAR_IGNITION_Q14] // 2**14
    held = [np.clip(guidance[slot], -18_000, 18_000) for slot in (s.GUI_FORCE_UP, s.GUI_FORCE_DOWNRANGE)]
    wanted = np.floor(np.sqrt(held[0] ** 2 + held[1] ** 2))
    new[(phase == COAST) & (wanted >= enough)] = BRAKING
    slow = estimate[s.EST_VELOCITY_DOWNRANGE_Q8] // 256 < params[s.PAR_GATE_SPEED_MM_S] + 2000
    back = back_to_orbit(guidance, estimate, params)
    back = np.where(np.isnan(back), np.nan, np.where(back == 1, ABORT, BRAKING))
    new = np.where(phase == BRAKING, np.where(slow, APPROACH, back), new)
    ground = near_ground(guidance, estimate).result
    assert ground is not None
    new = np.where((phase == APPROACH) | (phase == TERMINAL), ground, new)
    new = np.where(phase == CONTACT, judge_contact(guidance, estimate, params).near[RESULT, 0][0], new)
    new[(phase == ABORT) & (in_orbit(estimate) == 1)] = ORBIT
    steps = np.where(new == phase, guidance[s.GUI_PHASE_STEPS], 0).astype(np.float64)
    steps[np.isnan(new)] = np.nan
    return Answer(
        None,
        {
            ("guidance", s.GUI_PHASE): (new, 0),
            (RESULT, 0): (new, 0),
            ("guidance", s.GUI_PHASE_STEPS): (steps, 0),
        },
    )
