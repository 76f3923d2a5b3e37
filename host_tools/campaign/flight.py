"""The only module that knows how a campaign's landings are flown: rows out of runs."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.draw import Run
from host_tools.landing.record import FlightRecord
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world.world import World

# how a sentence of the landing begins -> the ending's name
ENDINGS = {
    "stands on": "landed",
    "hit the ground": "hit_the_ground",
    "slid in": "slid_in",
    "touched down tilted": "tilted",
    "touched down and tipped": "tipped_over",
    "touched down but": "not_recognised",
    "was still flying": "out_of_time",
}


def prepare(runs: Sequence[Run]) -> None:
    """Have everything compiled that these runs call."""
    from host_tools.campaign import batch
    from host_tools.landing.loop import prepare as compile_all

    alone = [run for run in runs if not batch.flies_abreast(run.scenario)]
    if len(alone) < len(runs):
        batch.prepare(runs[0].scenario)
    if alone:
        compile_all(alone[0].scenario)


def fly(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One row per run, in their order: the columns of store.OUTCOME and those of truth.drawn.

    Runs fly abreast, but for those in which a board fails: they fly one by one. The rows are the same.
    """
    from host_tools.campaign.batch import flies_abreast
    from host_tools.world.lanes import LANES

    together = [run for run in runs if flies_abreast(run.scenario)]
    rows: dict[int, dict[str, Any]] = {}
    for first in range(0, len(together), LANES):
        rows |= _abreast(together[first : first + LANES])
    for run in runs:
        if run.index not in rows:
            rows[run.index] = _row(run)
    return [rows[run.index] for run in runs]


def _abreast(runs: Sequence[Run]) -> dict[int, dict[str, Any]]:
    """Rows by index of up to LANES runs; those whose scenarios have other rules fly one after the other."""
    from host_tools.campaign.batch import fly_worlds
    from host_tools.campaign.setting import Setting
    from host_tools.campaign.truth import drawn

    groups: dict[Any, list[tuple[Run, World, Setting]]] = {}
    for run in runs:
        world = World(run.scenario, run.seed)
        setting = Setting.of(world)
        groups.setdefault(setting.shared, []).append((run, world, setting))
    rows: dict[int, dict[str, Any]] = {}
    for group in groups.values():
        some, worlds, settings = zip(*group, strict=True)
        draws = [drawn(world) for world in worlds]
        flown = fly_worlds(worlds, settings, [run.seed for run in some])
        for run, row, draw in zip(some, flown, draws, strict=True):
            rows[run.index] = _kept(row, run.scenario) | draw
    return rows


def _kept(row: NDArray[np.void], scenario: Scenario) -> dict[str, Any]:
    """As `outcome`, of a landing that flew abreast."""
    from host_tools.campaign.rows import outcome as said

    what = said(row, scenario)
    return {
        "landed": bool(row["landed"]),
        "ending": ending(what),
        "what": what,
        "touchdown_s": float(row["touchdown_s"]),
        "vertical_speed_m_s": float(row["vertical_speed_m_s"]),
        "horizontal_speed_m_s": float(row["horizontal_speed_m_s"]),
        "tilt_deg": float(row["tilt_deg"]),
        "miss_m": math.hypot(row["miss_downrange_m"], row["miss_crossrange_m"]),
        "downrange_m": float(row["miss_downrange_m"]),
        "crossrange_m": float(row["miss_crossrange_m"]),
        "propellant_left_kg": float(row["propellant_left_kg"]),
        "max_agl_error_m": float(row["worst_agl_error_m"]),
        "max_altitude_error_m": float(row["worst_altitude_error_m"]),
    }


def _row(run: Run) -> dict[str, Any]:
    from host_tools.campaign.truth import drawn
    from host_tools.landing.loop import fly as fly_one

    worlds: list[World] = []

    def look(lander: Any) -> None:
        if not worlds:
            worlds.append(lander.world)

    record = fly_one(run.scenario, run.seed, onlooker=look)
    return outcome(record, worlds[0]) | drawn(World(run.scenario, run.seed))


def outcome(record: FlightRecord, world: World) -> dict[str, Any]:
    """What a campaign keeps of a flight; nan where there was no touchdown."""
    at, contact = record.touchdown, world.contact[1:]
    place = (contact[dyn.DOWNRANGE_M], contact[dyn.CROSSRANGE_M]) if at is not None else (np.nan, np.nan)
    return {
        "landed": record.landed,
        "ending": ending(record.outcome),
        "what": record.outcome,
        "touchdown_s": np.nan if at is None else at.time_s,
        "vertical_speed_m_s": np.nan if at is None else at.vertical_speed_m_s,
        "horizontal_speed_m_s": np.nan if at is None else at.horizontal_speed_m_s,
        "tilt_deg": np.nan if at is None else at.tilt_deg,
        "miss_m": np.nan if at is None else at.miss_distance_m,
        "downrange_m": float(place[0]),
        "crossrange_m": float(place[1]),
        "propellant_left_kg": record.propellant_left_kg,
        "max_agl_error_m": record.max_agl_error_m,
        "max_altitude_error_m": record.max_altitude_error_m,
    }


def ending(sentence: str) -> str:
    """The name of what happened. Raises ValueError for a sentence that no landing ends with."""
    for begins, name in ENDINGS.items():
        if sentence.startswith(begins):
            return name
    raise ValueError(f"no ending begins like this: {sentence}")
