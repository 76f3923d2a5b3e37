"""What the altimeters say along a path: echoes of the drawn ground, noise, faults and latency.

Beside each reading stands what physics says of it: does it tell where the ground below is? A wide beam that
still sees the edge of a rim does not, and neither does a part with a fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from host_tools.scenarios.faults import Fault
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.faults import RANGE_VALID, Faults
from host_tools.world.terrain import Terrain

READ_EVERY_TICKS = 10
FOOT_DOWN_M = 1.2
TELLS_SHARE = 0.5  # of the error that is none: what is left is for noise
HELD_TICKS = 30  # a reading tells for 0.3 s
ANY_HEIGHT_M = 0.0  # of the highest ground: with no limit of reach it decides nothing
_LARGEST_RANGE_MM = 2**29 - 1


@dataclass(frozen=True)
class Path:
    """n ticks of 10 ms of the true flight."""

    place_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    true_agl_m: NDArray[np.float64]
    allowed_m: NDArray[np.float64]
    over_m_s: float


@dataclass(frozen=True)
class Readings:
    """m readings in the order of their arrival, and what they tell; see streams.Stream."""

    arrivals: NDArray[np.int64]
    tells: NDArray[np.bool_]
    sound: NDArray[np.bool_]
    seen_level_m: NDArray[np.float64]


def said(
    path: Path,
    terrain: Terrain,
    parts: Sequence[Any],
    fault_specs: Sequence[tuple[int, Fault]],
    latency_s: tuple[float, float],
    rng: np.random.Generator,
    fault_seed: np.random.SeedSequence,
) -> Readings:
    """Every altimeter's readings along the path."""
    count = len(path.place_m)
    faults = Faults([fault.model_copy(update={"target": f"a{i}"}) for i, fault in fault_specs], fault_seed)
    reach_m = [
        part.max_range_m * (1.0 + rng.normal(0.0, part.acquisition_scatter_fraction)) for part in parts
    ]
    rows = []
    tells, sound = np.zeros((count, len(parts)), np.bool_), np.ones((count, len(parts)), np.bool_)
    seen_level_m = np.full((count, len(parts)), np.nan)
    for index, part in enumerate(parts):
        at = np.arange((3 * index) % READ_EVERY_TICKS, count, READ_EVERY_TICKS)
        echo_m = _echoes_m(path, terrain, part, at)
        status, range_mm = _measured(path, part, reach_m[index], echo_m, rng)
        delay = np.round(rng.uniform(*latency_s, len(at)) * 100).astype(np.int64)
        healthy = status != 0
        if faults.of(f"a{index}"):
            sound[:, index] = _spoil(faults, f"a{index}", at, status, range_mm, delay, count)
        arrives = np.maximum.accumulate(at + delay)  # a part does not answer out of turn
        truth_m, allowed_m = path.true_agl_m[at], path.allowed_m[at]
        truthful = (
            healthy & sound[at, index] & (np.abs(echo_m - FOOT_DOWN_M - truth_m) <= TELLS_SHARE * allowed_m)
        )
        level_m = path.altitude_m[at] - (range_mm * 1e-3 - FOOT_DOWN_M)
        _note(arrives, status, truthful, level_m, tells[:, index], seen_level_m[:, index])
        rows.append(
            np.column_stack((arrives, np.full(len(at), index), status, range_mm, 10 * (arrives - at)))[
                arrives < count
            ]
        )
    every = np.concatenate(rows)
    return Readings(every[np.argsort(every[:, 0], kind="stable")], tells, sound, seen_level_m)


@njit(cache=True)
def _note(arrives, status, truthful, level_m, tells, seen_level_m):
    """Spread one altimeter's readings over the ticks from their arrival on."""
    last, told_until = np.nan, -1
    k = 0
    for tick in range(tells.shape[0]):
        while k < arrives.shape[0] and arrives[k] <= tick:
            if truthful[k]:
                told_until = tick + HELD_TICKS
            if status[k] != 0:
                last = level_m[k]
            k += 1
        tells[tick] = tick < told_until
        seen_level_m[tick] = last


def _echoes_m(path: Path, terrain: Terrain, part: Any, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """The distance that a part without noise and limit of reach would measure; -1 where there is no echo."""
    laser = part.kind == "laser"
    limit_deg, beam_deg = (part.max_incidence_deg, 0.0) if laser else (part.max_tilt_deg, part.beam_deg)
    return _echoes(
        path.place_m[at],
        path.altitude_m[at],
        terrain.grid,
        terrain.rims,
        laser,
        np.radians(limit_deg),
        np.radians(beam_deg),
    )


@njit(cache=True)
def _echoes(place_m, altitude_m, grid, rims, laser, limit_rad, beam_rad):
    view = np.zeros(dyn.VIEW_SIZE)
    view[dyn.UP_X] = view[dyn.DOWN_Y] = view[dyn.CROSS_Z] = 1.0
    echo_m = np.empty(place_m.shape[0])
    for i in range(place_m.shape[0]):
        view[dyn.ALTITUDE_M], view[dyn.DOWNRANGE_M] = altitude_m[i], place_m[i]
        if laser:
            echo_m[i] = sens.laser_range_m(
                view, FOOT_DOWN_M, 1.0, 0.0, grid, rims, ANY_HEIGHT_M, np.inf, limit_rad, 0.0
            )
        else:
            echo_m[i] = sens.radar_range_m(
                view, FOOT_DOWN_M, 1.0, 0.0, grid, rims, ANY_HEIGHT_M, np.inf, beam_rad, limit_rad, 0.0
            )
    return echo_m


@njit(cache=True)
def _chances(echo_m, reach_m, speed_m_s):
    chances = np.zeros(echo_m.shape[0])
    for i in range(echo_m.shape[0]):
        if 0.0 <= echo_m[i] <= reach_m:
            chances[i] = sens.chance_of_return(echo_m[i], reach_m, speed_m_s)
    return chances


def _measured(
    path: Path, part: Any, reach_m: float, echo_m: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Status and range in mm of a part without a fault."""
    scale = 1.0 + rng.normal(0.0, part.scale_sigma_fraction)
    draws, drops, normals = rng.random(len(echo_m)), rng.random(len(echo_m)), rng.standard_normal(len(echo_m))
    noise_m = normals * np.hypot(part.noise_floor_m, part.noise_fraction * np.maximum(0.0, echo_m))
    valid = (draws <= _chances(echo_m, reach_m, path.over_m_s)) & (echo_m >= part.min_range_m)
    valid &= drops >= part.dropout_probability
    range_mm = np.where(valid, np.maximum(0.0, np.round(1e3 * (echo_m * scale + noise_m))), 0.0)
    return np.where(valid, RANGE_VALID, 0), range_mm.astype(np.int64)


def _spoil(
    faults: Faults,
    name: str,
    at: NDArray[np.int64],
    status: NDArray[np.int64],
    range_mm: NDArray[np.int64],
    delay: NDArray[np.int64],
    count: int,
) -> NDArray[np.bool_]:
    """One altimeter's readings with its faults, in place; (count,) where none is under way."""
    view = np.zeros(dyn.VIEW_SIZE)
    sound = np.ones(count, np.bool_)
    mine = faults.of(name)
    for k, tick in enumerate(at):
        now_us = int(tick + 1) * 10_000
        for fault in mine:
            fault.update(now_us, view)
        sound[tick : tick + READ_EVERY_TICKS] = not any(fault.active for fault in mine)
        delay[k] += faults.extra_latency_us(name, now_us) // 10_000
        status[k], got_mm = faults.altimeter(name, now_us, int(status[k]), int(range_mm[k]))
        range_mm[k] = min(got_mm, _LARGEST_RANGE_MM)
    return sound
