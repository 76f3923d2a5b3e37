"""Guidance, the engines' side: measured thrust, mass, how long the propellant lasts to hover."""

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.phases import APPROACH, BRAKING, TERMINAL, Memory, Near
from plumbline.kernels import slots as s

HOVERING_MM_S2 = 1624


def accumulate(guidance: Memory, estimate: Memory) -> Answer:
    """One more tick in the sum, of at most 200 m/s2."""
    total = guidance[s.GUI_FORCE_SUM] + np.clip(estimate[s.EST_FORCE_X_MM_S2], -200_000, 200_000)
    guidance[s.GUI_FORCE_SUM] = np.clip(total, -10_000_000, 10_000_000)
    return Answer(None)


def measure_thrust(guidance: Memory) -> Answer:
    """Mean of ten ticks, smoothed, over the expected one; the scale moves by the same part of what it is off.

    Braking: a 32nd, from 2 s on, and judged from 12 s on; less than 7/8 may go on down to 0.3, else to 0.9.
    Below the gate: an eighth, and only of less than 7/8, or back to 7/8 by more than 1.15. On legs, nothing;
    nor of less than half a thrust.
    """
    mean = guidance[s.GUI_FORCE_SUM] // 10
    guidance[s.GUI_FORCE_NOW_MM_S2], guidance[s.GUI_FORCE_SUM] = mean, 0
    phase, steps = guidance[s.GUI_PHASE], guidance[s.GUI_PHASE_STEPS]
    braking, below = phase == BRAKING, (phase == APPROACH) | (phase == TERMINAL)
    smoothing = ((braking & (steps >= 20)) | below) & (guidance[s.GUI_CONTACTS] == 0)
    smoothing &= 2 * mean >= guidance[s.GUI_EXPECTED_MM_S2]
    part = np.where(braking, 32, 8)
    for slot, new in (
        (s.GUI_FORCE_MEAN_Q4, mean),
        (s.GUI_EXPECTED_MEAN_Q4, guidance[s.GUI_EXPECTED_MM_S2]),
    ):
        smoothed = guidance[slot] + (16 * new - guidance[slot]) // part
        guidance[slot] = np.where(smoothing, smoothed, guidance[slot])
    measured, expected = guidance[s.GUI_FORCE_MEAN_Q4], guidance[s.GUI_EXPECTED_MEAN_Q4]
    ratio = np.clip(measured * 2**14 // np.maximum(expected, 1), 0, 2**15)
    lost = ratio <= 2**14 * 7 // 8
    more = (ratio >= 18_842) & (guidance[s.GUI_SCALE_Q14] < 2**14 * 7 // 8)
    judged = (braking & (steps > 120)) | (below & (lost | more))
    known = smoothing & (measured > 0) & (expected > 0) & judged
    scale = guidance[s.GUI_SCALE_Q14]
    followed = scale + scale * (ratio - 2**14) // 2**14 // part
    # 0.3, 0.9 and 1.1 of 2^14
    followed = np.clip(followed, np.where(lost | below, 4915, 14_746), 18_022)
    guidance[s.GUI_SCALE_Q14] = np.where(known, followed, scale)
    return Answer(guidance[s.GUI_SCALE_Q14].copy())


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


def hover_seconds(guidance: Memory, params: Memory) -> Answer:
    """Exhaust speed times the share of the mass that is propellant, over gravity; a fiftieth of the empty
    mass does not count."""
    mass = np.clip(guidance[s.GUI_MASS_G], 1, 100_000_000)
    fuel = np.clip(mass - params[s.PAR_EMPTY_G] * 1.02, 0, 100_000_000)
    seconds = params[s.PAR_EXHAUST_M_S] * fuel / mass / HOVERING_MM_S2 * 1000
    # 14 bits of share, whole m/s, a factor of 10 bits
    allowed = 2.1 + params[s.PAR_EXHAUST_M_S] / 2**14 + seconds * 8e-4
    held = np.clip(seconds, 0, 3600)
    return Answer(None, {(RESULT, 0): (seconds, allowed), ("guidance", s.GUI_HOVER_S): (held, allowed)})
