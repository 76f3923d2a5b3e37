"""The only module that knows how a campaign's landings are flown: rows out of runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from host_tools.campaign.draw import Run
from host_tools.landing.record import FlightRecord
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
    from host_tools.landing.loop import prepare as compile_all

    compile_all(runs[0].scenario)


def fly(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """One row per run, in their order: the columns of store.OUTCOME and those of truth.drawn."""
    return [_row(run) for run in runs]


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
