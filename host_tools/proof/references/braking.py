"""The braking burn in closed form: time to the gate, and the quadratic law up and across.

A deceleration that grows linearly by r while dv is lost covers v T - dv T (2 + r) / (3 (1 + r)).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.descent import guarded, weight
from host_tools.proof.references.inertial import RADIUS_MM
from host_tools.proof.references.phases import Column, Memory, Real
from plumbline.kernels import slots as s


@dataclass
class Burn:
    """Deceleration now (mm/s2), time to go (s), and the relative errors that are allowed."""

    slowing: Real
    slowing_error: Real
    time_s: Real
    time_error: Real


def burn_of(guidance: Memory, estimate: Memory, params: Memory) -> Burn:
    """The burn that ends at the gate; as hard as the engines can when it is too late for that."""
    full = guidance[s.GUI_FULL_MM_S2]
    speed = np.clip(estimate[s.EST_VELOCITY_DOWNRANGE_Q8] / 256, -2e6, 2e6)
    lost = np.clip(speed - params[s.PAR_GATE_SPEED_MM_S], 1000, 2e6)
    ratio = np.clip(2 + lost / params[s.PAR_GROWTH_SPEED_MM_S], 2, 4)  # 1 + r
    x = np.clip(estimate[s.EST_ALTITUDE_MM], 0, 110_000_000) / RADIUS_MM
    mean = speed / (1 + x) - lost * (1 + ratio) / (3 * ratio)
    to_go = params[s.PAR_GATE_DOWNRANGE_MM] - estimate[s.EST_DOWNRANGE_MM]
    # 14 bits of share and of lift, first order of lift, whole mm/s
    mean_error = lost * 1.6e-4 + np.abs(speed) * (x * x + 8e-5) + 4
    time_s = np.clip(np.clip(to_go, 1, 10**9) / np.maximum(mean, 1), 1, 500_000 / 64)
    relative = mean_error / np.maximum(mean, 1) + 1 / (64 * time_s) + 1.5e-4
    asked = 2 * lost / (time_s * ratio)
    on_time = (to_go > 0) & (mean > 0)
    slowing = np.clip(np.where(on_time, asked, full), 1, np.maximum(full, 1))
    slowing = np.where((to_go > 0) & (np.abs(mean) < 3 * mean_error), np.nan, slowing)
    error = np.where(on_time & (asked < full * (1 + 2 * relative) + 2), 1 + slowing * 1.2 * relative, 0)
    left_s = np.clip(2 * lost / (slowing * ratio), 8, 500_000 / 64)
    left_error = left_s * (error / slowing + 1.5e-4 + 2 / (slowing * ratio)) + 1 / 64
    return Burn(slowing, error, left_s, left_error)


def time_to_gate(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """Deceleration as the result, time to go as a slot."""
    burn = burn_of(guidance, estimate, params)
    time = (burn.time_s * 64, np.nan_to_num(burn.time_error) * 64 + 1)
    result = (burn.slowing, np.nan_to_num(burn.slowing_error))
    return Answer(None, {(RESULT, 0): result, ("guidance", s.GUI_TIME_TO_GO_Q6): time})


def mul_growth(x: Column, growth_q14: Column) -> Answer:
    """x times 2 to 4, at least 1; the factor's last bit is lost."""
    value = np.clip(x * np.clip(growth_q14, 2**15, 2**16) / 2**14, 1, 500_000_000)
    return Answer(None, {(RESULT, 0): (value, 2 + x / 2**14)})


def quadratic(way: Any, speed: Any, end_speed: Any, burn: Burn) -> tuple[Real, Real]:
    """6 way / T^2 - (4 v + 2 v_end) / T, the law of P63, and what an error of T does to it."""
    near, far = 6 * way / burn.time_s**2, (4 * speed + 2 * end_speed) / burn.time_s
    relative = burn.time_error / burn.time_s
    error = 3 + (2.2 * np.abs(near) + 1.1 * np.abs(far)) * relative + 10 / burn.time_s
    return near - far, error


def braking(guidance: Memory, estimate: Memory, params: Memory) -> Answer:
    """Up first, as far as the engines reach; what is left of them slows; across within a sixth."""
    burn = burn_of(guidance, estimate, params)
    full = guidance[s.GUI_FULL_MM_S2]
    below = np.clip(params[s.PAR_GATE_ALTITUDE_MM] - estimate[s.EST_ALTITUDE_MM], -100_000_000, 100_000_000)
    climb, climb_error = quadratic(
        below, estimate[s.EST_VELOCITY_UP_Q8] / 256, -params[s.PAR_GATE_SINK_MM_S], burn
    )
    climb, climb_error = guarded(estimate, climb, climb_error)
    heavy, heavy_error = weight(estimate)
    up_error = climb_error + heavy_error + 1
    up = np.clip(climb + heavy, -(full * 3 // 10), full * 17 // 20)
    left = np.sqrt(np.maximum(full * 1.0 * full - up * up, 0))
    # 85 % of the thrust upward leaves 53 %: the slope there is 1.6
    slowing = np.minimum(burn.slowing, left)
    slowing_error = np.maximum(burn.slowing_error, 2 + 1.7 * up_error)
    across, across_error = quadratic(
        -np.clip(estimate[s.EST_CROSSRANGE_MM], -100_000_000, 100_000_000),
        estimate[s.EST_VELOCITY_CROSSRANGE_Q8] / 256,
        0,
        burn,
    )
    values = (
        ((s.GUI_FORCE_UP), up, up_error),
        (s.GUI_FORCE_DOWNRANGE, -slowing, slowing_error),
        (s.GUI_FORCE_CROSSRANGE, np.clip(across, -(full // 6), full // 6), across_error),
        (s.GUI_TIME_TO_GO_Q6, burn.time_s * 64, burn.time_error * 64 + 1),
    )
    return Answer(None, {("guidance", slot): (value, np.nan_to_num(error)) for slot, value, error in values})
