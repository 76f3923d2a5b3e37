"""modulation.py: every pulse exactly, and over 1,000 ticks the sum of what was demanded."""

from dataclasses import replace

import numba
import numpy as np

from host_tools.proof.harness.check import Check
from host_tools.proof.harness.drivers import Arguments
from host_tools.proof.harness.memories import memory
from host_tools.proof.harness.noise import Noise
from host_tools.proof.references import modulation
from host_tools.proof.suites.rooms import Room
from plumbline.kernels import modulation as kernels
from plumbline.kernels import slots as s

ROOM = Room(kernels, modulation)
DUTY = (-16_384, 16_384)


@numba.njit
def thousand_ticks(modulation, pulses_us, demand, totals):
    """1,000 ticks of one demand; totals: what opened and is still owed, of six thrusters and three axes."""
    for _tick in range(1000):
        kernels.step(modulation, pulses_us, demand)
        for thruster in range(6):
            totals[thruster] += pulses_us[1 + thruster]
        totals[6] += pulses_us[11] - pulses_us[13]
        totals[7] += pulses_us[7] - pulses_us[8]
        totals[8] += pulses_us[9] - pulses_us[10]
    for owed in range(9):
        totals[owed] += modulation[1 + owed]
    return 0


def _steady(noise: Noise, n: int) -> Arguments:
    """Armed from rest, duties that do not change."""
    duty = dict.fromkeys(range(s.DEM_TORQUE_X_Q14, s.DEM_TRIM_Z_Q14 + 1), DUTY)
    demand = memory("demand", noise, n, {**duty, s.DEM_THROTTLE_Q14: (1, 16_384)})
    demand[s.DEM_FLAGS] |= 1
    return {
        "modulation": np.zeros((s.MOD_SIZE, n), np.int32),
        "pulses_us": memory("pulses_us", noise, n),
        "demand": demand,
        "totals": np.zeros((9, n), np.int32),
    }


CHECKS: list[Check] = [
    ROOM.check("step", "declared ranges"),
    replace(
        ROOM.check(
            "step",
            "1,000 ticks: pulses + carry = demand",
            vectors=_steady,
            reference=modulation.impulse,
            share=0.02,
        ),
        function=thousand_ticks,
    ),
    ROOM.check("forget", "declared ranges"),
    ROOM.check("share_out", "declared ranges"),
    ROOM.check("keep_closed", "declared ranges"),
    ROOM.check("main_engine", "declared ranges", flags=(0, 255), tick=(0, 9)),
    ROOM.check("assist_thrusters", "declared ranges", tick=(0, 9)),
    ROOM.check(
        "assist_pulse", "declared ranges", thruster=(0, 5), throttle=(0, 16_384), share=(-32_768, 32_768)
    ),
    ROOM.check("reaction_control", "declared ranges", axis=(0, 2), duty_q14=(-32_768, 32_767)),
    ROOM.check("open_jets", "declared ranges", axis=(0, 2), sign=(-100_000, 100_000), width=(0, 100_000)),
    ROOM.check("mask_of", "declared ranges"),
]
