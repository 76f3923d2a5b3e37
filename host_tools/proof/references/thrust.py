"""Guidance, the vehicle's side: measured thrust, mass, direction and duty, phases, touchdown."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import RESULT, Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Near = dict[tuple[str, int], tuple[Any, Any]]

WAITING, COAST, BRAKING, APPROACH, TERMINAL, CONTACT, LANDED = range(7)


def accumulate(guidance: Memory, estimate: Memory) -> Answer:
    """One more tick in the sum, of at most 200 m/s2."""
    total = guidance[s.GUI_FORCE_SUM] + np.clip(estimate[s.EST_FORCE_X_MM_S2], -200_000, 200_000)
    guidance[s.GUI_FORCE_SUM] = np.clip(total, -10_000_000, 10_000_000)
    return Answer(None)


def measure_thrust(guidance: Memory) -> Answer:
    """Mean of ten ticks; after 2 s of braking smoothed by 1/32, after 12 s it scales the thrust."""
    mean = guidance[s.GUI_FORCE_SUM] // 10
    guidance[s.GUI_FORCE_NOW_MM_S2] = mean
    guidance[s.GUI_FORCE_SUM] = 0
    steps = guidance[s.GUI_PHASE_STEPS]
    smoothing = (guidance[s.GUI_PHASE] == BRAKING) & (steps >= 20)
    for slot, new in (
        (s.GUI_FORCE_MEAN_Q4, mean),
        (s.GUI_EXPECTED_MEAN_Q4, guidance[s.GUI_EXPECTED_MM_S2]),
    ):
        guidance[slot] = np.where(
            smoothing, guidance[slot] + (16 * new - guidance[slot]) // 32, guidance[slot]
        )
    measured, expected = guidance[s.GUI_FORCE_MEAN_Q4], guidance[s.GUI_EXPECTED_MEAN_Q4]
    known = smoothing & (steps > 120) & (measured > 0) & (expected > 0)
    # within 10 %: 0.9 and 1.1 of 2^14
    scale = np.clip(measured * 2**14 // np.maximum(expected, 1), 14_746, 18_022)
    guidance[s.GUI_SCALE_Q14] = np.where(known, scale, guidance[s.GUI_SCALE_Q14])
    return Answer(guidance[s.GUI_SCALE_Q14])


def burn_mass(guidance: Memory, params: Memory) -> Answer:
    """Mass flow is thrust / exhaust speed; full thrust then gives thrust / mass."""
    mass = np.clip(guidance[s.GUI_MASS_G], 100_000, 100_000_000)
    thrust_mn = np.clip(params[s.PAR_THRUST_FULL_MN] * guidance[s.GUI_SCALE_Q14] / 2**14, 0, 10_000_000)
    full = np.clip(guidance[s.GUI_FULL_MM_S2], 1, 100_000)
    share = np.clip(guidance[s.GUI_EXPECTED_MM_S2] / full, 0, 1)
    # mN s / (m/s) is g * 1e-3: 0.1 s of it, in g
    burnt = thrust_mn * 1e-3 * 0.1 / params[s.PAR_EXHAUST_M_S] * 1000 * share
    left = mass - burnt - guidance[s.GUI_MASS_REST_MG] / 1000
    gives = np.clip(thrust_mn / left, 2**-14, 500_000 / 2**14) * 1000
    near: Near = {
        ("guidance", s.GUI_MASS_G): (left, 1.2),
        (RESULT, 0): (left, 1.2),
        ("guidance", s.GUI_MASS_REST_MG): (np.full(left.size, np.nan), 0),
        ("guidance", s.GUI_FULL_MM_S2): (gives, 1.2 + gives * 1.5 / left),
    }
    return Answer(None, near)


def cosine_q14(component: Column, total: Column) -> Answer:
    """Component over size, at most 18 m/s2 of it, toward zero."""
    held = np.clip(component, -18_000, 18_000)
    return Answer(np.clip(np.sign(held) * (np.abs(held) * 2**14 // np.maximum(total, 1)), -(2**14), 2**14))


def point_and_throttle(guidance: Memory, params: Memory) -> Answer:
    """Unit vector of the force; main engine on, and the duty of the rest: (F - main) / (full - main)."""
    phase = guidance[s.GUI_PHASE]
    pointing = (phase == COAST) | (phase == BRAKING) | (phase == APPROACH) | (phase == TERMINAL)
    burning = pointing & (phase != COAST)
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


def near_ground(guidance: Memory, estimate: Memory) -> Answer:
    """Below 50 m terminal, above 100 m approach again; below 4 m, on two legs, at rest: contact."""
    phase, agl = guidance[s.GUI_PHASE], estimate[s.EST_AGL_MM]
    valid = estimate[s.EST_AGL_VALID] == 1
    new = phase.copy()
    new[valid & (phase == APPROACH) & (agl < 50_000)] = TERMINAL
    terminal = valid & (phase == TERMINAL)
    rest = np.abs(estimate[s.EST_VELOCITY_UP_Q8] // 256) < 600
    new[terminal & rest & (agl < 4_000) & (guidance[s.GUI_CONTACTS] >= 2)] = CONTACT
    new[terminal & (agl > 100_000)] = APPROACH
    return Answer(new)


def judge_contact(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """More force than the main engine gives, by 0.35 m/s2, low, for 0.3 s: landed. After 1 s: not."""
    alone = params[s.PAR_THRUST_MAIN_MN] / np.clip(guidance[s.GUI_MASS_G], 1, 100_000_000) * 1000
    margin = guidance[s.GUI_FORCE_NOW_MM_S2] - np.minimum(alone, 100_000 / 1.024) - 350
    steps = guidance[s.GUI_PHASE_STEPS]
    agl = estimate[s.EST_AGL_MM]
    low = (estimate[s.EST_AGL_VALID] == 1) & (agl < 4_000)
    ready = (steps >= 3) & (guidance[s.GUI_CONTACTS] >= 2) & low
    new = np.where((steps > 10) | (agl > 8_000), TERMINAL, CONTACT).astype(np.float64)
    new[ready & (margin > 0)] = LANDED
    new[ready & (np.abs(margin) <= 2)] = np.nan
    return Answer(None, {(RESULT, 0): (new, 0)})


def next_phase(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """The table of transitions; a new phase begins with step 0."""
    phase = guidance[s.GUI_PHASE]
    new = near_ground(guidance, estimate).result
    assert new is not None
    enough = guidance[s.GUI_FULL_MM_S2] * params[s.PAR_IGNITION_Q14] // 2**14
    held = [np.clip(guidance[slot], -18_000, 18_000) for slot in (s.GUI_FORCE_UP, s.GUI_FORCE_DOWNRANGE)]
    wanted = np.floor(np.sqrt(held[0] ** 2 + held[1] ** 2))
    new[(phase == COAST) & (wanted >= enough)] = BRAKING
    slow = estimate[s.EST_VELOCITY_DOWNRANGE_Q8] // 256 < params[s.PAR_GATE_SPEED_MM_S] + 2000
    new[(phase == BRAKING) & slow] = APPROACH
    contact = judge_contact(guidance, estimate, params).near[RESULT, 0][0]
    judged = np.where(phase == CONTACT, contact, new)
    steps = np.where(judged == phase, guidance[s.GUI_PHASE_STEPS], 0).astype(np.float64)
    steps[np.isnan(judged)] = np.nan
    return Answer(
        None,
        {
            ("guidance", s.GUI_PHASE): (judged, 0),
            (RESULT, 0): (judged, 0),
            ("guidance", s.GUI_PHASE_STEPS): (steps, 0),
        },
    )
