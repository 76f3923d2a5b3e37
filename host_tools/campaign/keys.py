"""Dotted keys into a scenario's tables: `vehicle.main_engine.thrust_n`, `faults[0].size_m`.

An altimeter is named by its place or its name: `vehicle.altimeter[laser].noise_floor_m`.
"""

import difflib
import re
from typing import Any

from host_tools.scenarios.schema import Scenario

_STEP = re.compile(r"([A-Za-z_]\w*)((?:\[\w+\])*)")
_TEXTS = ("source", "sources", "name", "title", "description", "special", "target", "part", "distribution")
_NOT_DISPERSED = ("vehicle.believed", "altimeters")  # the flight code's belief is no part of the truth


class KeyMissing(Exception):
    """The scenario has no such number; the message says so and offers a similar one."""


def tables(scenario: Scenario, *, all_of_it: bool = False) -> dict[str, Any]:
    """The scenario as its file's tables; `all_of_it`: with what the schema supplies, else as given."""
    return scenario.model_dump(mode="json", by_alias=True, exclude_unset=not all_of_it)


def resolve(everything: dict[str, Any], key: str) -> tuple[str, Any]:
    """`key` with all its places as numbers, and its value; raises KeyMissing.

    everything: the tables of a scenario with what the schema supplies.
    """
    try:
        steps: list[str | int] = []
        here: Any = everything
        for step in _steps(key):
            place = _place(here, step)
            steps.append(place)
            here = here[place]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, StopIteration):
        raise KeyMissing(_missing(everything, key)) from None
    plain = _joined(steps)
    if plain not in _leaves(everything):
        raise KeyMissing(_missing(everything, key))
    return plain, here


def put(given: dict[str, Any], key: str, value: Any, source: str) -> None:
    """Sets a resolved `key` in a scenario's tables as given, with its source."""
    *path, last = _steps(key)
    table = _follow(given, path)
    name: str | int
    if isinstance(last, str) and isinstance(table, dict):
        table[last] = value
        name, owner = last, table
    else:  # a number within a list has the list's source
        *above, name = path
        owner = _follow(given, above)
        owner[name] = [value if place == last else item for place, item in enumerate(owner[name])]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        owner["sources"] = {**owner.get("sources", {}), name: source}


def _steps(key: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in key.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(key)
        steps.append(match[1])
        steps += [int(step) if step.isdigit() else step for step in re.findall(r"\[(\w+)\]", match[2])]
    return steps


def _place(table: Any, step: str | int) -> str | int:
    """The step itself, or in a list of tables the place of the one with that name."""
    if isinstance(table, list) and isinstance(step, str):
        return next(i for i, item in enumerate(table) if step in (item.get("name"), item.get("kind")))
    return step


def _joined(steps: list[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _follow(table: Any, steps: list[str | int]) -> Any:
    for step in steps:
        table = table[step]
    return table


def _leaves(table: Any, prefix: str = "") -> list[str]:
    """Every key whose value may be dispersed."""
    if isinstance(table, dict):
        below = [
            _leaves(value, f"{prefix}.{key}" if prefix else key)
            for key, value in table.items()
            if key not in _TEXTS
        ]
        return [leaf for leaves in below for leaf in leaves]
    if isinstance(table, (list, tuple)):
        return [leaf for i, item in enumerate(table) for leaf in _leaves(item, f"{prefix}[{i}]")]
    return [] if prefix.startswith(_NOT_DISPERSED) else [prefix]


def _missing(everything: dict[str, Any], key: str) -> str:
    close = difflib.get_close_matches(key, _leaves(everything), 1, 0.6)
    hint = f", did you mean '{close[0]}'?" if close else ""
    return f"the scenario has no number '{key}'{hint}"
