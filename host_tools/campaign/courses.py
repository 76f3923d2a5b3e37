"""Courses of landings that fly abreast: what they are judged by, as a record of `plumbline land` has it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.abreast import flight
from host_tools.campaign.batch import fly_worlds
from host_tools.campaign.rows import outcome
from host_tools.campaign.setting import Setting
from host_tools.comparators.registry import FLIGHT
from host_tools.landing.notebook import EVERY_TICKS, MOMENT_OF_PHASE, PHASES
from host_tools.landing.record import Course, Moment, Touchdown
from host_tools.scenarios.schema import Scenario
from host_tools.world.dynamics import TICK_US
from host_tools.world.lanes import LANES
from host_tools.world.world import World

_COLUMNS = {
    "true_altitude_m": flight.TRUE_ALTITUDE_M,
    "true_agl_m": flight.TRUE_AGL_M,
    "estimated_altitude_m": flight.ALTITUDE_M,
    "estimated_agl_m": flight.AGL_M,
    "true_vertical_speed_m_s": flight.SPEED_UP,
    "propellant_kg": flight.LEFT_KG,
    "agl_flags": flight.FLAGS,
    "rims_passed": flight.RIMS_PASSED,
}


def fly_courses(scenario: Scenario, seeds: Sequence[int], voter: str = FLIGHT) -> list[Course]:
    """The course of each seed's landing, in their order; all that it holds equals the record's.

    Raises ValueError, in one line, for a scenario that cannot be flown in batches.
    """
    courses: list[Course] = []
    for first in range(0, len(seeds), LANES):
        some = seeds[first : first + LANES]
        worlds = [World(scenario, seed) for seed in some]
        setting = Setting.of(World(scenario, some[0]), voter)
        samples = np.zeros((len(some), setting.rules.last_tick // EVERY_TICKS, flight.SAMPLE_SIZE))
        rows = fly_worlds(worlds, [setting] * len(some), some, samples=samples)
        courses += [_course(*each) for each in zip(worlds, rows, samples, strict=True)]
    return courses


def _course(world: World, row: NDArray[np.void], samples: NDArray[np.float64]) -> Course:
    ticks = round(float(row["flight_s"]) * 1e6 / TICK_US)
    samples = samples[: ticks // EVERY_TICKS]
    time_s = np.arange(1, len(samples) + 1) * (EVERY_TICKS * TICK_US) * 1e-6
    phases = samples[:, flight.PHASE].astype(np.int64)
    along, across = samples[:, flight.SPEED_DOWNRANGE], samples[:, flight.SPEED_CROSSRANGE]
    trace = {"time_s": time_s, **{name: samples[:, column].copy() for name, column in _COLUMNS.items()}}
    # numpy's hypot is not the record's to the last bit
    trace["true_horizontal_speed_m_s"] = np.array([*map(math.hypot, along.tolist(), across.tolist())])
    trace["phase"] = np.array(PHASES)[phases]
    touchdown = _touchdown(row)
    moments = _changes_of_phase(time_s, phases)
    if world.faults is not None:
        moments += [Moment(n, at_us * 1e-6) for fault in world.faults.all for n, at_us in fault.moments]
    if touchdown is not None:
        moments.append(Moment("touchdown", touchdown.time_s))
    return Course(
        landed=bool(row["landed"]),
        outcome=outcome(row, world.scenario),
        touchdown=touchdown,
        propellant_left_kg=float(row["propellant_left_kg"]),
        trace=trace,
        moments=sorted(moments, key=lambda moment: moment.time_s),
    )


def _changes_of_phase(time_s: NDArray[Any], phases: NDArray[np.int64]) -> list[Moment]:
    """Guidance changes the phase in no other ticks than those that are written down."""
    changed = np.flatnonzero(np.diff(phases, prepend=0))
    named = [(MOMENT_OF_PHASE.get(PHASES[phases[at]]), float(time_s[at])) for at in changed]
    return [Moment(name, at_s) for name, at_s in named if name is not None]


def _touchdown(row: NDArray[np.void]) -> Touchdown | None:
    if math.isnan(row["touchdown_s"]):
        return None
    return Touchdown(
        time_s=float(row["touchdown_s"]),
        vertical_speed_m_s=float(row["vertical_speed_m_s"]),
        horizontal_speed_m_s=float(row["horizontal_speed_m_s"]),
        tilt_deg=float(row["tilt_deg"]),
        miss_distance_m=math.hypot(row["miss_downrange_m"], row["miss_crossrange_m"]),
    )
