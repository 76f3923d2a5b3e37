"""Tables whose numbers must say where they come from: the rule that no scenario number is anonymous.

    [start]
    altitude_m = 20000
    [start.sources]
    altitude_m = "periapsis of the descent orbit, assumed"

`source = "..."` in a table speaks for every number that `sources` does not name.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

_SHORTEST_SOURCE = len("assumed")


def _check_source(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("source", "must be text that says where the number comes from", {})
    if len(value.strip()) < _SHORTEST_SOURCE:
        raise PydanticCustomError(
            "source",
            "must say where the number comes from, or 'assumed' (got {shown})",
            {"shown": repr(value)},
        )
    return value.strip()


Source = Annotated[str, BeforeValidator(_check_source)]


def is_numeric(value: Any) -> bool:
    """True for a number or a list of numbers, the things that need a source."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(is_numeric(item) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def complain(key: str, reason: str) -> PydanticCustomError:
    """An error that points at `key` below the table that is being checked."""
    return PydanticCustomError("at", "{reason}", {"key": key, "reason": reason})


class Sourced(BaseModel):
    """Base of all tables: unknown keys refused, frozen, every number in the file with a source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source | None = None
    sources: dict[str, Source] = {}

    @model_validator(mode="wrap")
    @classmethod
    def _every_number_has_a_source(cls, data: Any, handler: Any) -> Any:
        table = handler(data)  # the fields' own complaints come first
        if not isinstance(data, dict):
            return table
        numeric = {key for key, value in data.items() if is_numeric(value)}
        for key in table.sources:
            if key not in numeric:
                raise complain(f"sources.{key}", "names no number of this table")
        if table.source is None:
            for key in data:
                if key in numeric and key not in table.sources:
                    raise complain(
                        key, "has no source: say in 'sources' where the number comes from, or 'assumed'"
                    )
        return table

    def source_of(self, key: str) -> str | None:
        """Where the number `key` comes from; None when the file did not set it (schema default, assumed)."""
        return self.sources.get(key, self.source if key in self.model_fields_set else None)
