"""The way back to orbit: when it is taken, what it demands, when it is over."""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.descent import weight
from host_tools.proof.references.phases import Column, Memory, Real
from plumbline.kernels import slots as s

ORBIT_M_S = 1698


def burnt_share(speed_m_s: Column, params: Memory) -> Answer:
    """The rocket equation: 1 - exp(-x) of x exhaust speeds, at most 1.5; the fourth order is left out."""
    x = np.clip(speed_m_s / params[s.PAR_EXHAUST_M_S], 0, 1.5)
    return Answer(None, {(RESULT, 0): (-np.expm1(-x) * 2**14, 4 + x**4 / 24 * 2**14)})


def third_order(speed_m_s: Any, params: Memory) -> Real:
    """As `burnt_share`, as far as the flight code goes: what it decides by."""
    x = np.clip(speed_m_s / params[s.PAR_EXHAUST_M_S], 0, 1.5)
    return np.clip(x - x**2 / 2 + x**3 / 6, 0, 1)


def must_abort(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """As `back_to_orbit`."""
    return Answer(None, {(RESULT, 0): (back_to_orbit(guidance, estimate, params), 0)})


def back_to_orbit(guidance: Memory, estimate: Memory, params: Memory) -> Real:
    """1: overdue, under 90 s of hovering after the braking, and more than the way back takes. NaN: too near.

    Braking takes the speed and 1.25 m/s for each second to go; back takes 9/8 of what is missing to
    1,698 m/s, and 150 m/s. Speeds in whole m/s, times in whole seconds.
    """
    mass = np.clip(guidance[s.GUI_MASS_G], 1, 100_000_000)
    share = np.clip(mass - params[s.PAR_EMPTY_G], 0, 100_000_000) / mass
    speed = np.clip(estimate[s.EST_VELOCITY_DOWNRANGE_Q8] // 256_000, 0, 2000)
    seconds = np.clip(guidance[s.GUI_TIME_TO_GO_Q6] // 64, 0, 2000)
    rest = share - third_order(speed + seconds + seconds // 4, params)
    hover_s = params[s.PAR_EXHAUST_M_S] * np.clip(rest, 0, 1) / 1.624
    missing = ORBIT_M_S - speed
    back = np.clip(missing + missing // 8 + 150, 0, 4000)
    spare = share - third_order(back, params)
    blind = (estimate[s.EST_AGL_VALID] == 0) & (estimate[s.EST_RANGE_OVERDUE] == 1)
    wanted = blind & (hover_s < 90) & (spare > 0)
    lsb = 5 / 2**14  # of each share
    unsure = np.abs(hover_s - 90) <= 1.3 + params[s.PAR_EXHAUST_M_S] * lsb / 1.624
    unsure |= (np.abs(spare) <= lsb) & (hover_s < 90)
    return np.where(blind & unsure, np.nan, wanted)


def climb_out(guidance: Memory, estimate: Memory) -> Answer:
    """An eighth a second of what is missing to 40 m/s, or above 14 km to 3 m/s; the rest forward."""
    full = guidance[s.GUI_FULL_MM_S2]
    wanted = np.where(estimate[s.EST_ALTITUDE_MM] > 14_000_000, 3000, 40_000)
    heavy, heavy_error = weight(estimate)
    climb = np.clip((wanted - estimate[s.EST_VELOCITY_UP_Q8] / 256) / 8, -2000, 4000) + heavy
    up = np.clip(climb, 0, full * 17 // 20)
    error = heavy_error + 2
    ahead = np.sqrt(np.maximum(full * 1.0 * full - up * up, 0))
    # 85 % of the thrust upward leaves 53 %: the slope there is 1.6
    aside = np.clip(-estimate[s.EST_VELOCITY_CROSSRANGE_Q8] / 4096, -12_500, 12_500)
    return Answer(
        None,
        {
            (RESULT, 0): (up, error),
            ("guidance", s.GUI_FORCE_UP): (up, error),
            ("guidance", s.GUI_FORCE_DOWNRANGE): (ahead, 2 + 1.7 * error),
            ("guidance", s.GUI_FORCE_CROSSRANGE): (np.clip(aside, -(full // 6), full // 6), 2),
        },
    )


def in_orbit(estimate: Memory) -> Column:
    """13 km up and 1,698 m/s along."""
    fast = estimate[s.EST_VELOCITY_DOWNRANGE_Q8] >= ORBIT_M_S * 256_000
    return (fast & (estimate[s.EST_ALTITUDE_MM] >= 13_000_000)).astype(np.int64)


def is_in_orbit(estimate: Memory) -> Answer:
    """As `in_orbit`."""
    return Answer(in_orbit(estimate))
