"""One trial's readings: a straight path over drawn ground, up to four altimeters, faults on some of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from host_tools.scenarios.faults import Fault
from host_tools.scenarios.library import load
from host_tools.scenarios.schema import TerrainSpec
from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.faults import RANGE_VALID, Faults
from host_tools.world.terrain import Terrain

TICKS_A_SECOND = 100
READ_EVERY_TICKS = 10
FOOT_DOWN_M = 1.2
REACH_M = 15_000.0
LASER, RADAR = "laser", "radar"
MIXES = {1: (LASER,), 2: (LASER, RADAR), 3: (LASER, RADAR, LASER), 4: (LASER, RADAR, LASER, RADAR)}
# sink and ground speed by height above the ground, as RESILIENCE's nominal descent has them
_AGL_M = (0.0, 50.0, 200.0, 500.0, 1_000.0, 2_000.0, 3_000.0, 5_000.0, 8_000.0, 11_000.0, 15_000.0, 20_000.0)
_SINK_M_S = (1.0, 7.0, 15.0, 24.0, 33.0, 55.0, 60.0, 61.0, 52.0, 43.0, 29.0, 3.0)
_OVER_GROUND_M_S = (0.1, 0.6, 2.0, 7.0, 17.0, 35.0, 48.0, 130.0, 270.0, 430.0, 720.0, 1_600.0)


@dataclass(frozen=True)
class Plan:
    """What is flown: everything else is drawn from the seed."""

    duration_s: float = 25.0
    kinds: tuple[str, ...] = MIXES[2]
    start_agl_m: float = 5_000.0
    sink_m_s: float | None = None  # by the nominal descent when it is not given
    over_ground_m_s: float | None = None
    latency_s: float = 0.03
    rim: tuple[float, float, float] | None = None  # at time s, height m (before less after), width m
    faults: Sequence[tuple[int, Fault]] = ()  # altimeter, and what it has, with begin times in this trial
    ground: str = "mare"
    inertial_sigma_m_s: float = 0.2  # error of the sink rate that navigation believes
    velocity_age_s: float = 0.1  # since a radar velocity; grows when it is more than 1 s


@dataclass
class Stream:
    """What arrives, tick by tick, and the truth beside it. Ticks of 10 ms; n of them, m readings."""

    kinds: tuple[str, ...]
    climb_mm: NDArray[np.int64]  # (n,) as the inertial unit has it
    velocity_q8: NDArray[np.int64]  # (2,) up and downrange, mm/s * 256
    velocity_age_ticks: int
    altitude_mm: int  # believed at the start
    arrivals: NDArray[np.int64]  # (m, 5): tick, altimeter, status, range in mm, age in ms
    true_agl_m: NDArray[np.float64]  # (n,)
    faulty: tuple[int, ...] = ()
    fault_ends_s: float = field(default=np.inf)


def nominal_speeds_m_s(agl_m: float) -> tuple[float, float]:
    """Sink rate and ground speed of the nominal descent at a height."""
    return float(np.interp(agl_m, _AGL_M, _SINK_M_S)), float(np.interp(agl_m, _AGL_M, _OVER_GROUND_M_S))


def stream(plan: Plan, seed: Sequence[int]) -> Stream:
    """Draw the ground, the sensors' errors and the readings of one trial."""
    root = np.random.SeedSequence(list(seed))
    ground_seed, sensor_seed, fault_seed = root.spawn(3)
    rng = np.random.default_rng(sensor_seed)
    nominal = nominal_speeds_m_s(plan.start_agl_m)
    sink_m_s = nominal[0] if plan.sink_m_s is None else plan.sink_m_s
    over_m_s = nominal[1] if plan.over_ground_m_s is None else plan.over_ground_m_s
    ticks = round(plan.duration_s * TICKS_A_SECOND)
    seconds = np.arange(1, ticks + 1) / TICKS_A_SECOND
    way_m = over_m_s * plan.duration_s + 2_000.0
    place_m = over_m_s * seconds - way_m
    terrain = _ground(plan, over_m_s, way_m, np.random.default_rng(ground_seed))
    ground_m = terrain.heights_m(place_m)
    altitude_m = ground_m[0] + plan.start_agl_m - sink_m_s * seconds
    believed_sink_m_s = sink_m_s + rng.normal(0.0, plan.inertial_sigma_m_s)
    down_mm = np.round(believed_sink_m_s * 1000.0 * seconds).astype(np.int64)
    return Stream(
        kinds=plan.kinds,
        climb_mm=-np.diff(down_mm, prepend=0),
        velocity_q8=np.array([round(-believed_sink_m_s * 256e3), round(over_m_s * 256e3)]),
        velocity_age_ticks=round(plan.velocity_age_s * TICKS_A_SECOND),
        altitude_mm=round(1000.0 * (altitude_m[0] + rng.normal(0.0, 100.0))),
        arrivals=_readings(plan, (place_m, altitude_m, over_m_s, sink_m_s), terrain, rng, fault_seed),
        true_agl_m=altitude_m - ground_m,
        faulty=tuple(sorted({index for index, _ in plan.faults})),
        fault_ends_s=max(
            ((fault.time_s or 0.0) + (fault.duration_s or np.inf) for _, fault in plan.faults), default=0.0
        ),
    )


def _ground(plan: Plan, over_m_s: float, way_m: float, rng: np.random.Generator) -> Terrain:
    spec = TerrainSpec(kind=plan.ground, smooth_radius_m=100.0, source="assumed")  # type: ignore[arg-type]
    terrain = Terrain.build(spec, rng, way_m)
    if plan.rim is not None:
        at_s, height_m, width_m = plan.rim
        terrain.rims = np.array([[over_m_s * at_s - way_m, height_m, width_m, 0.0, 1_000.0]])
    return terrain


def _readings(
    plan: Plan,
    path: tuple[NDArray[np.float64], NDArray[np.float64], float, float],
    terrain: Terrain,
    rng: np.random.Generator,
    fault_seed: np.random.SeedSequence,
) -> NDArray[np.int64]:
    place_m, altitude_m, over_m_s, sink_m_s = path
    faults = Faults([fault.model_copy(update={"target": f"a{index}"}) for index, fault in plan.faults], fault_seed)
    parts = {part.kind: part for part in load("resilience_nominal").vehicle.altimeters}
    view = np.zeros(dyn.VIEW_SIZE)
    view[dyn.UP_X] = view[dyn.DOWN_Y] = view[dyn.CROSS_Z] = 1.0
    view[dyn.SPEED_UP], view[dyn.SPEED_DOWNRANGE] = -sink_m_s, over_m_s
    reach_m = [REACH_M * (1.0 + rng.normal(0.0, 0.05)) for _ in plan.kinds]
    scale = [1.0 + rng.normal(0.0, parts[kind].scale_sigma_fraction) for kind in plan.kinds]
    offsets = [(3 * index) % READ_EVERY_TICKS for index in range(len(plan.kinds))]
    late = round(plan.latency_s * TICKS_A_SECOND)
    rows = []
    for tick in range(len(place_m) - late):
        for index, kind in enumerate(plan.kinds):
            if tick % READ_EVERY_TICKS != offsets[index]:
                continue
            view[dyn.ALTITUDE_M], view[dyn.DOWNRANGE_M] = altitude_m[tick], place_m[tick]
            now_us = (tick + 1) * 10_000
            for fault in faults.all:
                fault.update(now_us, view)
            distance_m = _distance_m(kind, parts[kind], view, terrain, reach_m[index], rng.random())
            part = parts[kind]
            noise_m = rng.normal() * np.hypot(part.noise_floor_m, part.noise_fraction * max(0.0, distance_m))
            status, range_mm = 0, 0
            if distance_m >= part.min_range_m and rng.random() >= part.dropout_probability:
                status, range_mm = RANGE_VALID, max(0, round(1e3 * (distance_m * scale[index] + noise_m)))
            status, range_mm = faults.altimeter(f"a{index}", now_us, status, range_mm)
            rows.append((tick + late, index, status, min(range_mm, 2**29 - 1), late * 10))
    rows.sort(key=lambda row: row[0])
    return np.array(rows, np.int64)


def _distance_m(kind: str, part, view, terrain: Terrain, reach_m: float, draw: float) -> float:
    if kind == LASER:
        limit = np.radians(part.max_incidence_deg)
        return sens.laser_range_m(
            view, FOOT_DOWN_M, 1.0, 0.0, terrain.grid, terrain.rims, reach_m, limit, draw
        )
    return sens.radar_range_m(
        view, FOOT_DOWN_M, 1.0, 0.0, terrain.grid, terrain.rims, reach_m, np.radians(part.beam_deg),
        np.radians(part.max_tilt_deg), draw,
    )  # fmt: skip
