"""Kernel steps per second and core: a batch of vehicles, one row of an array each, one thread.

A vote's step is the tick with its share of readings: four altimeters at 10 Hz, as they fly.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from host_tools.host_board.rows import row
from host_tools.proof.harness.memories import estimate, memory
from host_tools.proof.harness.noise import Noise
from plumbline.kernels import altitude, attitude, guidance, modulation, ranging, slots

VEHICLES = 1000
TARGET_STEPS_S = 2e7


@dataclass(frozen=True)
class Throughput:
    """`lines` of kernel code that a step runs through."""

    kernel: str
    what: str
    steps_per_second: float


@numba.njit
def vote_ticks(vote, estimates, readings, fit, ticks):
    """ticks of every vehicle; each altimeter answers every tenth of them."""
    voters = 0
    for tick in range(ticks):
        for i in range(vote.shape[0]):
            for index in range(4):
                if tick % 10 == 2 * index:
                    readings[4 * i + index, 0] += 1
                ranging.ingest(row(vote, i), row(estimates, i), row(readings, 4 * i + index), index, fit)
            voters += altitude.step(row(vote, i), row(estimates, i))
    return voters


@numba.njit
def vote_steps(vote, estimates, readings, fit, ticks):
    """The vote's step alone."""
    voters = 0
    for _tick in range(ticks):
        for i in range(vote.shape[0]):
            voters += altitude.step(row(vote, i), row(estimates, i))
    return voters


@numba.njit
def guidance_steps(memories, estimates, params, ticks):
    """Guidance of every vehicle."""
    phases = 0
    for _tick in range(ticks):
        for i in range(memories.shape[0]):
            phases += guidance.step(row(memories, i), row(estimates, i), params, 0)
    return phases


@numba.njit
def attitude_steps(memories, demands, estimates, guidances, ticks):
    """Attitude control of every vehicle."""
    flags = 0
    for _tick in range(ticks):
        for i in range(memories.shape[0]):
            flags += attitude.step(row(memories, i), row(demands, i), row(estimates, i), row(guidances, i))
    return flags


@numba.njit
def modulation_steps(memories, pulses, demands, ticks):
    """Modulation of every vehicle."""
    mask = 0
    for _tick in range(ticks):
        for i in range(memories.shape[0]):
            mask += modulation.step(row(memories, i), row(pulses, i), row(demands, i))
    return mask


def _rows(columns: Any) -> Any:
    return np.ascontiguousarray(columns.T)


def _flying(noise: Noise, altimeters: int = 4) -> tuple[Any, Any, Any, Any]:
    """Vehicles 2 km up whose four altimeters agree."""
    vote = np.zeros((VEHICLES, slots.VOT_SIZE), np.int32)
    vote[:, slots.VOT_FITTED] = altimeters
    estimates = _rows(estimate(noise, VEHICLES, {slots.EST_ALTITUDE_MM: (2_000_000, 2_000_000)}))
    estimates[:, slots.EST_R00] = 536_870_910
    estimates[:, slots.EST_CLIMB_MM] = 0
    estimates[:, slots.EST_VELOCITY_UP_Q8 : slots.EST_VELOCITY_CROSSRANGE_Q8 + 1] = 0
    readings = np.zeros((4 * VEHICLES, slots.ALT_SIZE), np.int32)
    readings[:, slots.ALT_STATUS] = 1
    readings[:, slots.ALT_BEAM_COS_Q14] = 16_384
    readings[:, slots.ALT_RANGE_MM] = 2_000_000 + noise.random.integers(-300, 300, 4 * VEHICLES)
    fit = np.array([100, 33, 1200, 6, 15_000_000] * 4, np.int32)
    return vote, estimates, readings, fit


def _descending(noise: Noise) -> tuple[Any, Any, Any]:
    params = np.array(
        [1_600_000, 400_000, 3138, 3_000_000, 65_000, 48_000, -1_700_000, 4_500_000, 15_237, 370_000],
        np.int32,
    )
    memories = _rows(memory("guidance", noise, VEHICLES))
    memories[:, slots.GUI_PHASE] = 3
    memories[:, slots.GUI_MASS_G] = 500_000
    estimates = _rows(estimate(noise, VEHICLES, {slots.EST_HEIGHT_MM: (200_000, 2_000_000)}))
    return memories, estimates, params


def _steered(noise: Noise) -> tuple[Any, ...]:
    guided = _rows(memory("guidance", noise, VEHICLES))
    guided[:, slots.GUI_PHASE] = 3
    memories, demands = (_rows(memory(name, noise, VEHICLES)) for name in ("attitude", "demand"))
    return memories, demands, _rows(estimate(noise, VEHICLES)), guided


def _firing(noise: Noise) -> tuple[Any, ...]:
    demands = _rows(memory("demand", noise, VEHICLES))
    demands[:, slots.DEM_FLAGS] = 3
    memories, pulses = (_rows(memory(name, noise, VEHICLES)) for name in ("modulation", "pulses_us"))
    return memories, pulses, demands


def measure(ticks: int = 300) -> list[Throughput]:
    """Each loop compiled first, then timed."""
    noise = Noise(1)
    runs: list[tuple[str, str, Callable[..., int], tuple[Any, ...]]] = [
        ("altitude.step", "and ranging.ingest, 4 altimeters at 10 Hz", vote_ticks, _flying(noise)),
        ("altitude.step", "4 altimeters", vote_steps, _flying(noise)),
        ("altitude.step", "1 altimeter", vote_steps, _flying(noise, altimeters=1)),
        ("guidance.step", "approach", guidance_steps, _descending(noise)),
        ("attitude.step", "approach", attitude_steps, _steered(noise)),
        ("modulation.step", "armed", modulation_steps, _firing(noise)),
    ]
    found = []
    for kernel, what, loop, arguments in runs:
        loop(*arguments, 1)
        began = time.process_time()
        loop(*arguments, ticks)
        found.append(Throughput(kernel, what, VEHICLES * ticks / (time.process_time() - began)))
    return found
