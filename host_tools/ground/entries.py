"""The form of firmware/plumbline/link/dictionary.toml: what an entry may say, and what is wrong with one."""

import tomllib
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from host_tools.scenarios.complaints import explain, urgency

CellText = Annotated[str, Field(min_length=1, pattern=r"^[^|\n]*[^|\n.]$")]  # fits a cell of a table
_Sentence = Annotated[str, Field(min_length=1, pattern=r"^[^|\n]*\.$")]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Model = TypeVar("_Model", bound=BaseModel)


class DictionaryError(Exception):
    """The dictionary and its descriptions do not fit together: one line, the file's name first."""


class Entry(BaseModel):
    """What stands in every entry."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FieldEntry(Entry):
    """One field of a packet. `least` and `most` are the integer's, `unit` is that of the value."""

    text: CellText
    unit: str = ""
    least: int | None = None
    most: int | None = None
    q: Annotated[int, Field(ge=0, le=30)] = 0
    labels: str = ""
    flags: list[_Name] = []


class PacketEntry(Entry):
    """One packet. `peer` is the other board: the sender of a command, the receiver of telemetry."""

    text: _Sentence
    peer: str
    rate_hz: Annotated[int, Field(ge=0, le=1000)]  # 0: when it happens
    fields: dict[str, FieldEntry]


class EventEntry(Entry):
    """One event, and what its argument means."""

    text: CellText
    argument: str = ""
    unit: str = ""
    labels: str = ""


class ParameterEntry(Entry):
    """One parameter of a board; `altimeter.x` stands for the x of every altimeter."""

    text: CellText
    least: int
    most: int
    unit: str = ""
    q: Annotated[int, Field(ge=0, le=30)] = 0


class Entries(Entry):
    """The whole file."""

    labels: dict[_Name, dict[_Name, int]]
    packets: dict[str, PacketEntry]
    events: dict[str, EventEntry]
    parameters: dict[str, dict[str, ParameterEntry]]


def read(path: Path) -> Entries:
    """The entries of a file. Raises DictionaryError."""
    return read_as(Entries, path)


def read_as(model: type[_Model], path: Path, under: str = "") -> _Model:
    """A TOML file as a model, or all of it as the model's field `under`. Raises DictionaryError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return model.model_validate({under: table} if under else table)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DictionaryError(f"{path.name}: cannot be read: {reason}") from None
    except ValidationError as error:
        key, reason = explain(model, min(error.errors(), key=urgency))
        raise DictionaryError(f"{path.name}: {key.removeprefix(f'{under}.')}: {reason}") from None
