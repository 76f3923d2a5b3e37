"""The landing of one index: its seed, what is drawn for it, and its scenario.

Everything follows from the campaign's name and seed, the index and the key alone, by SHA-256: no order
of flying, no number of workers and no other dispersion changes a draw. Seeds are consecutive, none comes
twice.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from host_tools.campaign import keys
from host_tools.campaign.distributions import Value
from host_tools.campaign.spec import Campaign
from host_tools.scenarios.complaints import explain, urgency
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario

_SEEDS = 2**32  # as many as `plumbline land --seed` takes


class DrawError(Exception):
    """Draws that are good alone make no landing together; the message is one line."""


@dataclass(frozen=True)
class Run:
    """One landing of a campaign; `drawn` by column."""

    index: int
    seed: int
    scenario: Scenario
    drawn: dict[str, Value]


def seed_of(campaign: Campaign, index: int) -> int:
    """The seed of `plumbline land` for that index, 0 to 2^32 - 1."""
    return (_first_seed(campaign.name, campaign.seed) + index) % _SEEDS


@lru_cache
def _first_seed(name: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{name}:{seed}".encode()).digest()[:4], "big")


def _uniform(campaign: Campaign, index: int, key: str) -> float:
    """Evenly from 0 up to 1, 53 bits."""
    digest = hashlib.sha256(f"{campaign.name}:{campaign.seed}:{index}:{key}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def column(key: str) -> str:
    """The column that holds what was drawn for a key: SQL likes neither dots nor brackets."""
    return "drawn_" + "_".join(key.replace("[", ".").replace("]", "").split("."))


def columns(campaign: Campaign, scenario: Scenario) -> list[str]:
    """The columns of `Run.drawn`, in order."""
    own = len(scenario.faults) - len(campaign.faults)
    struck = [_fault_column(i, shared.fault.name) for i, shared in enumerate(campaign.faults, own)]
    return [column(dispersion.key) for dispersion in campaign.dispersions] + struck


def _fault_column(place: int, name: str) -> str:
    return f"drawn_faults_{place}_{name}"


def draw(campaign: Campaign, scenario: Scenario, index: int) -> Run:
    """The run of that index; `scenario` as spec.load gives it. Raises DrawError."""
    seed = seed_of(campaign, index)
    if not campaign.dispersions and not campaign.faults:
        return Run(index, seed, scenario, {})
    drawn: dict[str, Value] = {}
    data = keys.tables(scenario)
    everything = keys.tables(scenario, all_of_it=True)
    for dispersion in campaign.dispersions:
        _, nominal = keys.resolve(everything, dispersion.key)
        is_number = isinstance(nominal, (int, float)) and not isinstance(nominal, bool)
        value = dispersion.at(_uniform(campaign, index, dispersion.key), nominal if is_number else None)
        source = f"drawn for run {index} of campaign {campaign.name}: {dispersion.told()}"
        keys.put(data, dispersion.key, value, source)
        drawn[column(dispersion.key)] = value
    _strike(campaign, scenario, index, data, drawn)
    try:
        flown = Scenario.model_validate(data)
        if _told_otherwise(flown, scenario):
            data["vehicle"]["believed"] = keys.tables(scenario)["vehicle"]
            flown = Scenario.model_validate(data)
    except ValidationError as error:
        key, reason = explain(Scenario, min(error.errors(), key=urgency))
        raise DrawError(f"run {index}: {key}: {reason}") from None
    return Run(index, seed, flown, drawn)


def _strike(
    campaign: Campaign, scenario: Scenario, index: int, data: dict[str, Any], drawn: dict[str, Value]
) -> None:
    """Leaves out the campaign's faults that do not strike in this run."""
    if not campaign.faults:
        return
    own = len(scenario.faults) - len(campaign.faults)
    kept = list(data["faults"][:own])
    for place, shared in enumerate(campaign.faults, own):
        name = _fault_column(place, shared.fault.name)
        strikes = _uniform(campaign, index, name) < shared.share
        drawn[name] = strikes
        if strikes:
            kept.append(data["faults"][place])
    data["faults"] = kept


def _told_otherwise(flown: Scenario, nominal: Scenario) -> bool:
    """Whether the flight code would learn of the dispersion: it is told of the nominal vehicle."""
    ours, theirs = flown.vehicle, nominal.vehicle.told
    if ours.believed is not None:
        return False
    return (
        flight_parameters(ours) != flight_parameters(theirs)
        or ours.ignition_mass_kg != theirs.ignition_mass_kg
    )
