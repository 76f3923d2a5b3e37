"""Scenario files: finding, reading, judging; all that is wrong with one is a ScenarioError of one line."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from host_tools.scenarios.complaints import explain, urgency
from host_tools.scenarios.schema import Scenario
from host_tools.scenarios.sourced import is_numeric
from host_tools.scenarios.vehicle import Vehicle

FOLDER = Path(__file__).parent
VEHICLES = FOLDER / "vehicles"
_LARGEST_FILE_BYTES = 1_000_000
_DEEPEST_LIKE = 8


class ScenarioError(Exception):
    """Bad input: `file: key: reason` in one line."""

    def __init__(self, file: str | Path, key: str | None, reason: str) -> None:
        self.file = _one_line(str(file))
        self.key = None if key is None else _one_line(key)
        self.reason = _one_line(reason)
        super().__init__(": ".join(part for part in (self.file, self.key, self.reason) if part))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def names() -> list[str]:
    """The built-in scenarios."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def vehicle_names() -> list[str]:
    """The built-in vehicles."""
    return sorted(path.stem for path in VEHICLES.glob("*.toml"))


def load(name_or_path: str | Path) -> Scenario:
    """The built-in scenario of that name, or the one in that file. Raises ScenarioError."""
    text = str(name_or_path)
    if text in names():
        return _load_file(FOLDER / f"{text}.toml", f"{text}.toml")
    path = Path(text)
    if not path.suffix and not path.exists():
        known = ", ".join(names())
        raise ScenarioError(text, None, f"no such scenario: neither built in ({known}) nor a file")
    return _load_file(path, text)


def _load_file(path: Path, shown: str) -> Scenario:
    data = read(path, shown)
    if "vehicle" in data:
        data["vehicle"] = load_vehicle(data["vehicle"], path, shown)
    return validate(Scenario, data, shown)


def read(path: Path, shown: str) -> dict[str, Any]:
    """The tables of a TOML file, called `shown` in complaints. Raises ScenarioError."""
    try:
        if path.is_dir():
            raise ScenarioError(shown, None, "is a folder, not a scenario file")
        if not path.exists():
            raise ScenarioError(shown, None, "no such file")
        if not path.is_file():
            raise ScenarioError(shown, None, "is not a regular file")
        if path.stat().st_size > _LARGEST_FILE_BYTES:
            raise ScenarioError(shown, None, "is too large for a scenario file (1 MB)")
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ScenarioError(shown, None, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ScenarioError(shown, None, f"not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise ScenarioError(shown, None, "not valid TOML: nested too deeply") from None
    except ValueError as error:  # tomllib.TOMLDecodeError, which names line and column, is one
        raise ScenarioError(shown, None, f"not valid TOML: {error}") from None


def load_vehicle(given: Any, path: Path, shown: str) -> Any:
    """The vehicle that a scenario names, or describes in its own table, perhaps `like` another one."""
    if isinstance(given, str):
        file, vehicle_shown = _vehicle_file(given, path, shown, "vehicle")
        data = _resolved(read(file, vehicle_shown), file, vehicle_shown, "", 0)
        return validate(Vehicle, data, vehicle_shown)
    if isinstance(given, dict):
        return validate(Vehicle, _resolved(given, path, shown, "vehicle.", 0), shown, "vehicle.")
    raise ScenarioError(shown, "vehicle", f"must be a vehicle's name, a path or a table (got {given!r})")


def _vehicle_file(name: str, path: Path, shown: str, key: str) -> tuple[Path, str]:
    if name in vehicle_names():
        return VEHICLES / f"{name}.toml", f"vehicles/{name}.toml"
    if name.endswith(".toml"):
        file = path.parent / name
        if file.is_file():
            return file, str(file)
        raise ScenarioError(shown, key, f"no such vehicle file: {file}")
    known = ", ".join(vehicle_names())
    raise ScenarioError(shown, key, f"no vehicle '{name}': neither built in ({known}) nor a .toml file")


def _resolved(data: dict[str, Any], path: Path, shown: str, prefix: str, depth: int) -> dict[str, Any]:
    """`data` on top of the vehicle that its `like` names."""
    if "like" not in data:
        return data
    like = data["like"]
    key = f"{prefix}like"
    if not isinstance(like, str):
        raise ScenarioError(shown, key, f"must be a vehicle's name or a path (got {like!r})")
    if depth >= _DEEPEST_LIKE:
        raise ScenarioError(shown, key, "vehicles are like each other in a circle, or too many deep")
    file, base_shown = _vehicle_file(like, path, shown, key)
    base = _resolved(read(file, base_shown), file, base_shown, "", depth + 1)
    return _merged(base, {name: value for name, value in data.items() if name != "like"})


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged, all else replaced; a number that is replaced loses its base's source."""
    result = dict(base)
    base_sources = base.get("sources", {})
    sources = dict(base_sources) if isinstance(base_sources, dict) else {}
    if isinstance(base.get("source"), str):
        for key, value in base.items():
            if is_numeric(value):
                sources.setdefault(key, base["source"])
        del result["source"]
    for key, value in over.items():
        if key == "sources":
            continue
        sources.pop(key, None)
        both_tables = isinstance(value, dict) and isinstance(base.get(key), dict)
        result[key] = _merged(base[key], value) if both_tables else value
    over_sources = over.get("sources", {})
    result["sources"] = {**sources, **over_sources} if isinstance(over_sources, dict) else over_sources
    return result


def validate(model: type[BaseModel], data: dict[str, Any], shown: str, prefix: str = "") -> Any:
    """`data` as a `model`; what is wrong with it is a ScenarioError at `prefix` and its key."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        complaints = sorted(error.errors(), key=urgency)
        key, reason = explain(model, complaints[0])
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        raise ScenarioError(
            shown, prefix + key if key else prefix.rstrip(".") or None, reason + more
        ) from None
