"""One trial: a straight path over drawn ground, what altimeters say of it, and the truth beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.scenarios.faults import Fault
from host_tools.scenarios.library import load
from host_tools.scenarios.schema import TerrainSpec
from host_tools.scenarios.vehicle import Vehicle
from host_tools.trials.readings import Path, said
from host_tools.world.terrain import Terrain

TICKS_A_SECOND = 100
LASER, RADAR = "laser", "radar"
MIXES = {1: (LASER,), 2: (LASER, RADAR), 3: (LASER, RADAR, LASER), 4: (LASER, RADAR, LASER, RADAR)}
_BEFORE_THE_SITE_M = 2_000.0  # the trial ends short of the site's smooth ground
_BELIEVED_ALTITUDE_SIGMA_M = 100.0
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
    hover_s: float = 0.0  # before it sinks
    over_ground_m_s: float | None = None
    latency_s: tuple[float, float] = (0.03, 0.03)  # of each reading, drawn between these; the part reports it
    rim: tuple[float, float, float] | None = None  # at time s, height m (before less after), width m
    faults: Sequence[tuple[int, Fault]] = ()  # altimeter, and what it has, with begin times in this trial
    ground: str = "mare"
    inertial_sigma_m_s: float = 0.2  # error of the sink rate that navigation believes
    surge: tuple[float, float, float] | None = None  # from s, to s: that error grows by m/s, and stays
    velocity_age_s: float = 0.1  # since a radar velocity; grows when it is more than 1 s
    allowance_m: float = 100.0  # an error of agl that is none


@dataclass
class Stream:
    """What arrives, tick by tick, and the truth beside it. Ticks of 10 ms; n of them, m readings."""

    kinds: tuple[str, ...]
    climb_mm: NDArray[np.int64]  # (n,) as the inertial unit has it
    velocity_q8: NDArray[np.int64]  # (n, 2) up and downrange, mm/s * 256
    velocity_age_ticks: int
    altitude_mm: int  # believed at the start
    arrivals: NDArray[np.int64]  # (m, 5): tick, altimeter, status, range in mm, age in ms
    true_agl_m: NDArray[np.float64]  # (n,)
    ground_m: NDArray[np.float64]  # (n,) the level of the ground below
    allowed_m: NDArray[np.float64]  # (n,) an error of agl that is none
    tells: NDArray[np.bool_]  # (n, altimeters): of late a reading has come that says where the ground is
    sound: NDArray[np.bool_]  # (n, altimeters): no fault is under way
    seen_level_m: NDArray[np.float64]  # (n, altimeters): where the last reading puts the ground; nan before
    fault_begins_s: float = np.inf
    fault_ends_s: float = 0.0  # the last one's end

    @property
    def seconds(self) -> NDArray[np.float64]:
        """(n,) the time of each tick."""
        return np.arange(1, len(self.true_agl_m) + 1) / TICKS_A_SECOND


@lru_cache(maxsize=1)
def vehicle() -> Vehicle:
    """Whose altimeters are flown."""
    return load("resilience_nominal").vehicle


def nominal_speeds_m_s(agl_m: float) -> tuple[float, float]:
    """Sink rate and ground speed of the nominal descent at a height."""
    return float(np.interp(agl_m, _AGL_M, _SINK_M_S)), float(np.interp(agl_m, _AGL_M, _OVER_GROUND_M_S))


def stream(plan: Plan, seed: Sequence[int]) -> Stream:
    """Draw the ground, the sensors' errors and the readings of one trial."""
    ground_seed, sensor_seed, fault_seed = np.random.SeedSequence(list(seed)).spawn(3)
    rng = np.random.default_rng(sensor_seed)
    nominal = nominal_speeds_m_s(plan.start_agl_m)
    sink_m_s = nominal[0] if plan.sink_m_s is None else plan.sink_m_s
    over_m_s = nominal[1] if plan.over_ground_m_s is None else plan.over_ground_m_s
    seconds = np.arange(1, round(plan.duration_s * TICKS_A_SECOND) + 1) / TICKS_A_SECOND
    sinking = np.where(seconds > plan.hover_s, sink_m_s, 0.0)
    way_m = over_m_s * plan.duration_s + _BEFORE_THE_SITE_M
    place_m = over_m_s * seconds - way_m
    terrain = _ground(plan, over_m_s, way_m, np.random.default_rng(ground_seed))
    ground_m = terrain.heights_m(place_m)
    altitude_m = ground_m[0] + plan.start_agl_m - np.cumsum(sinking) / TICKS_A_SECOND
    true_agl_m = altitude_m - ground_m
    allowed_m = np.maximum(plan.allowance_m, 0.03 * np.abs(true_agl_m))
    believed_m_s = sinking + rng.normal(0.0, plan.inertial_sigma_m_s) + _surge_m_s(plan, seconds)
    down_mm = np.round(np.cumsum(believed_m_s) * 1000.0 / TICKS_A_SECOND).astype(np.int64)
    believed_altitude_m = altitude_m[0] + rng.normal(0.0, _BELIEVED_ALTITUDE_SIGMA_M)
    path = Path(place_m, altitude_m, true_agl_m, allowed_m, over_m_s)
    parts = [part(kind) for kind in plan.kinds]
    readings = said(path, terrain, parts, plan.faults, plan.latency_s, rng, fault_seed)
    return Stream(
        kinds=plan.kinds,
        climb_mm=-np.diff(down_mm, prepend=0),
        velocity_q8=np.column_stack(
            (np.round(-256e3 * believed_m_s), np.full(len(seconds), round(over_m_s * 256e3)))
        ).astype(np.int64),
        velocity_age_ticks=round(plan.velocity_age_s * TICKS_A_SECOND),
        altitude_mm=round(1000.0 * believed_altitude_m),
        arrivals=readings.arrivals,
        true_agl_m=true_agl_m,
        ground_m=ground_m,
        allowed_m=allowed_m,
        tells=readings.tells,
        sound=readings.sound,
        seen_level_m=readings.seen_level_m,
        **_fault_times(plan),
    )


def part(kind: str) -> Any:
    """The vehicle's altimeter of that kind."""
    return next(one for one in vehicle().altimeters if one.kind == kind)


def _fault_times(plan: Plan) -> dict[str, float]:
    begins = [fault.time_s or 0.0 for _, fault in plan.faults]
    ends = [(fault.time_s or 0.0) + (fault.duration_s or np.inf) for _, fault in plan.faults]
    return {"fault_begins_s": min(begins, default=np.inf), "fault_ends_s": max(ends, default=0.0)}


def _surge_m_s(plan: Plan, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """What navigation's sink rate is wrong by in each tick, beside its constant error."""
    if plan.surge is None:
        return np.zeros(len(seconds))
    from_s, to_s, size_m_s = plan.surge
    return size_m_s * np.clip((seconds - from_s) / max(to_s - from_s, 0.01), 0.0, 1.0)


def _ground(plan: Plan, over_m_s: float, way_m: float, rng: np.random.Generator) -> Terrain:
    spec = TerrainSpec(kind=plan.ground, smooth_radius_m=100.0, source="assumed")  # type: ignore[arg-type]
    terrain = Terrain.build(spec, rng, way_m)
    if plan.rim is not None:
        at_s, height_m, width_m = plan.rim
        terrain.rims = np.array([[over_m_s * at_s - way_m, height_m, width_m, 0.0, 1_000.0]])
    return terrain
