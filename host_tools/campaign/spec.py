"""A campaign as data: which scenario, what differs from run to run, and which faults strike how often.

name = "resilience_nominal"
title = "RESILIENCE lands in Mare Frigoris"
scenario = "resilience_nominal"     # built in, or a .toml file beside this one
seed = 1

[[dispersions]]                     # beside the scenario's own
key = "vehicle.main_engine.thrust_n"
distribution = "normal"
sigma = 4
source = "assumed"
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from host_tools.campaign import keys
from host_tools.campaign.distributions import (
    KINDS,
    Choice,
    Dispersion,
    Fixed,
    Normal,
    Triangular,
    Uniform,
    Value,
)
from host_tools.scenarios import library
from host_tools.scenarios.complaints import explain, urgency
from host_tools.scenarios.library import ScenarioError
from host_tools.scenarios.quantity import check_number, number, quantity
from host_tools.scenarios.schema import Fault, Scenario
from host_tools.scenarios.sourced import Sourced

FOLDER = Path(__file__).parent / "campaigns"
LARGEST_SEED = 2**32 - 1


def _check_seed(value: Any) -> int:
    seed = check_number(value)
    if seed != int(seed) or not 0 <= seed <= LARGEST_SEED:
        raise PydanticCustomError(
            "seed",
            "must be a whole number from 0 to {most} (got {got})",
            {"most": LARGEST_SEED, "got": number(seed)},
        )
    return int(seed)


class SharedFault(Sourced):
    """A fault that strikes in a share of the runs."""

    share: Annotated[float, quantity("fraction", 0, 1)]
    fault: Fault


class Campaign(BaseModel):
    """What is flown; everything random in it comes from name, seed, index and key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    description: str = ""
    scenario: Annotated[str, Field(min_length=1)]
    seed: Annotated[int, BeforeValidator(_check_seed)] = 1
    dispersions: Annotated[list[Normal | Uniform | Triangular | Fixed | Choice], Field(max_length=200)] = []
    faults: Annotated[list[SharedFault], Field(max_length=32)] = []


def names() -> list[str]:
    """The built-in campaigns."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_path: str | Path) -> tuple[Campaign, Scenario]:
    """The built-in campaign of that name, or the one in that file, and its scenario with all its faults.

    Raises ScenarioError: file, key and reason in one line.
    """
    text = str(name_or_path)
    path, shown = Path(text), text
    if text in names():
        path, shown = FOLDER / f"{text}.toml", f"{text}.toml"
    elif not path.suffix and not path.exists():
        known = ", ".join(names())
        raise ScenarioError(text, None, f"no such campaign: neither built in ({known}) nor a file")
    data = library.read(path, shown)
    tables = data.get("dispersions")
    if isinstance(tables, list):
        data["dispersions"] = [_dispersion(table, shown, i) for i, table in enumerate(tables)]
    campaign: Campaign = library.validate(Campaign, data, shown)
    scenario = _with_faults(campaign, _scenario(campaign, path, shown), shown)
    resolved = _resolved(campaign, scenario, shown)
    return resolved, scenario


def _dispersion(table: Any, shown: str, index: int) -> Any:
    """A table of dispersions by its distribution; anything else is left for the schema to refuse."""
    if not isinstance(table, dict):
        return table
    prefix = f"dispersions[{index}]."
    kind = table.get("distribution")
    if kind not in KINDS:
        what = "is missing" if kind is None else f"must be another (got {kind!r})"
        raise ScenarioError(shown, f"{prefix}distribution", f"{what}: one of {', '.join(KINDS)}")
    return library.validate(KINDS[kind], table, shown, prefix)


def _scenario(campaign: Campaign, path: Path, shown: str) -> Scenario:
    if campaign.scenario in library.names():
        return library.load(campaign.scenario)
    if not campaign.scenario.endswith(".toml"):
        known = ", ".join(library.names())
        raise ScenarioError(
            shown,
            "scenario",
            f"no scenario '{campaign.scenario}': neither built in ({known}) nor a .toml file",
        )
    return library.load(path.parent / campaign.scenario)


def _with_faults(campaign: Campaign, scenario: Scenario, shown: str) -> Scenario:
    """The scenario with the campaign's faults behind its own."""
    if not campaign.faults:
        return scenario
    data = keys.tables(scenario)
    faults = [shared.fault.model_dump(mode="json", exclude_unset=True) for shared in campaign.faults]
    data["faults"] = data.get("faults", []) + faults
    own = len(scenario.faults)
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        key, reason = _first(error)
        for index in range(len(campaign.faults)):
            key = key.replace(f"faults[{own + index}]", f"faults[{index}].fault")
        raise ScenarioError(shown, key, reason) from None


def _resolved(campaign: Campaign, scenario: Scenario, shown: str) -> Campaign:
    """The campaign with its keys resolved, every extreme tried. Raises ScenarioError."""
    everything = keys.tables(scenario, all_of_it=True)
    done: list[Dispersion] = []
    for index, dispersion in enumerate(campaign.dispersions):
        place = f"dispersions[{index}]"
        try:
            key, nominal = keys.resolve(everything, dispersion.key)
        except keys.KeyMissing as missing:
            raise ScenarioError(shown, f"{place}.key", str(missing)) from None
        if key in [other.key for other in done]:
            raise ScenarioError(shown, f"{place}.key", f"'{key}' is dispersed twice")
        needed = dispersion.needs_nominal()
        if needed is not None and not _is_number(nominal):
            raise ScenarioError(
                shown, f"{place}.{needed}", f"is missing: the scenario gives no number '{key}'"
            )
        dispersion = dispersion.model_copy(update={"key": key})
        try:
            extremes = dispersion.extremes(nominal if _is_number(nominal) else None)
        except PydanticCustomError as error:
            context = error.context or {}
            raise ScenarioError(shown, f"{place}.{context['key']}", str(context["reason"])) from None
        for blamed, value in extremes:
            reason = _refusal(scenario, key, value)
            if reason is not None:
                said = f"{key} would be {_shown(value)}: {reason}"
                raise ScenarioError(shown, f"{place}.{blamed}", said)
        done.append(dispersion)
    return campaign.model_copy(update={"dispersions": done})


def _refusal(scenario: Scenario, key: str, value: Value) -> str | None:
    """Why the scenario cannot be flown with this value, or None."""
    data = keys.tables(scenario)
    keys.put(data, key, value, "tried by the campaign")
    try:
        Scenario.model_validate(data)
    except ValidationError as error:
        at, reason = _first(error)
        return reason if at == key else f"{at}: {reason}"
    return None


def _first(error: ValidationError) -> tuple[str, str]:
    return explain(Scenario, min(error.errors(), key=urgency))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: Value) -> str:
    return number(float(value)) if _is_number(value) else repr(value)
