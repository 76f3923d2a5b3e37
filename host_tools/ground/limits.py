"""Limit tables: link/limits.toml with the dictionary's names put into each board's limits.json, and a page.

What does not fit the dictionary is refused in one line: file, row, reason.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from host_tools.ground.entries import CellText, DictionaryError, Entry, read_as
from host_tools.ground.model import LINK, Dictionary, Packet
from host_tools.ground.model import Field as PacketField
from host_tools.host_board import ROOT

TABLES = LINK / "limits.toml"
MOST_ROWS, SETTABLE = 16, 5
SIDES = ("low_red", "low_yellow", "high_yellow", "high_red")
_MOST_MODES = 16
_GATE_BITS = 16
_RESPONSES = "limit_response"


class RowEntry(Entry):
    """One row of a board's table; limits are integers of the field."""

    text: CellText
    field: str = ""
    low_red: int | None = None
    low_yellow: int | None = None
    high_yellow: int | None = None
    high_red: int | None = None
    checks: Annotated[int, Field(ge=1, le=1000)]
    when: list[str] = Field(default_factory=list)
    modes: list[str] = Field(default_factory=list)
    response: str
    least: int
    most: int

    def sides(self) -> dict[str, int | None]:
        """The four limits by name, in their order."""
        return {side: getattr(self, side) for side in SIDES}


class BoardEntry(Entry):
    """A board's table."""

    packet: str
    mode: str = ""
    rows: dict[str, RowEntry]


class _Tables(Entry):
    """The whole file."""

    boards: dict[str, BoardEntry]


@dataclass(frozen=True)
class Limit:
    """One row, as the board has it: indices of fields, masks of bits and modes."""

    name: str
    entry: RowEntry
    field: PacketField
    index: int
    modes: int
    mode_names: tuple[str, ...]
    gate: int
    mask: int
    wanted: int
    response: int

    def row(self) -> dict[str, int | str | None]:
        """What limits.json says."""
        entry = self.entry
        return {
            "name": self.name,
            "index": self.index,
            **entry.sides(),
            "checks": entry.checks,
            "modes": self.modes,
            "gate": self.gate,
            "mask": self.mask,
            "wanted": self.wanted,
            "response": self.response,
            "least": entry.least,
            "most": entry.most,
        }


@dataclass(frozen=True)
class Table:
    """The limits of one board, `folder` in boards/."""

    subsystem: str
    folder: Path
    packet: Packet
    limits: tuple[Limit, ...]

    @property
    def file(self) -> Path:
        """The board's own copy."""
        return self.folder / "limits.json"

    def text(self) -> str:
        """Its content: a line for each row."""
        rows = ",\n".join("  " + json.dumps(limit.row()) for limit in self.limits)
        return f"[\n{rows}\n]\n"


def load_tables(dictionary: Dictionary, path: Path = TABLES) -> tuple[Table, ...]:
    """The tables of a file, by the dictionary's names. Raises DictionaryError."""
    return tuple(_Maker(dictionary, path.name).tables(read_as(_Tables, path, "boards").boards))


def folders() -> dict[str, Path]:
    """Each subsystem's folder in boards/."""
    files = sorted((ROOT / "boards").glob("*/board.json"))
    return {json.loads(file.read_text())["subsystem"]: file.parent for file in files}


class _Maker:
    """Puts numbers where the file has names, and refuses what does not fit."""

    def __init__(self, dictionary: Dictionary, file: str) -> None:
        self._packets = {packet.name: packet for packet in dictionary.packets}
        self._responses = dictionary.labels[_RESPONSES]
        self._file = file

    def _refuse(self, key: str, reason: str) -> DictionaryError:
        return DictionaryError(f"{self._file}: {key}: {reason}")

    def tables(self, entries: dict[str, BoardEntry]) -> list[Table]:
        """All of them."""
        known = folders()
        found = []
        for subsystem, entry in entries.items():
            if subsystem not in known:
                raise self._refuse(subsystem, f"no board is a {subsystem}")
            if entry.packet not in self._packets:
                raise self._refuse(f"{subsystem}.packet", f"there is no packet {entry.packet}")
            if len(entry.rows) > MOST_ROWS:
                raise self._refuse(f"{subsystem}.rows", f"{len(entry.rows)} of at most {MOST_ROWS}")
            packet = self._packets[entry.packet]
            limits = tuple(
                self._limit(f"{subsystem}.rows.{name}", name, packet, entry.mode, row)
                for name, row in entry.rows.items()
            )
            found.append(Table(subsystem, known[subsystem], packet, limits))
        return found

    def _limit(self, key: str, name: str, packet: Packet, mode: str, row: RowEntry) -> Limit:
        index = self._index(f"{key}.field", packet, row.field or name)
        field = packet.fields[index]
        self._check_order(key, row, field)
        if row.response not in self._responses:
            raise self._refuse(f"{key}.response", f"{row.response} is none of {', '.join(self._responses)}")
        gate, mask, wanted = self._gate(f"{key}.when", packet, row.when)
        return Limit(
            name, row, field, index, self._modes(f"{key}.modes", packet, mode, row.modes), tuple(row.modes),
            gate, mask, wanted, self._responses[row.response],
        )  # fmt: skip

    def _index(self, key: str, packet: Packet, name: str) -> int:
        names = [field.name for field in packet.fields]
        if name not in names:
            raise self._refuse(key, f"{packet.name} has no field {name}")
        return names.index(name)

    def _check_order(self, key: str, row: RowEntry, field: PacketField) -> None:
        if not field.least <= row.least <= row.most <= field.most:
            within = f"{field.least} to {field.most}, which {field.name} can be"
            raise self._refuse(key, f"least {row.least} and most {row.most} are not in order within {within}")
        before = ("least", row.least)
        for side, value in row.sides().items():
            if value is None:
                continue
            if value < before[1]:
                raise self._refuse(f"{key}.{side}", f"{value} is below {before[0]} {before[1]}")
            before = (side, value)
        if before[1] > row.most:
            raise self._refuse(f"{key}.{before[0]}", f"{before[1]} is above most {row.most}")
        if before[0] == "least":
            raise self._refuse(key, "has no limit at all")

    def _gate(self, key: str, packet: Packet, when: list[str]) -> tuple[int, int, int]:
        """Index of the field of flags, bits that are looked at, and how they have to be."""
        mask = wanted = 0
        gate = ""
        for condition in when:
            name, _, flag = condition.removeprefix("not ").partition(".")
            if gate not in ("", name):
                raise self._refuse(key, f"{gate} and {name}: flags of one field only")
            gate = name
            flags = packet.fields[self._index(key, packet, name)].flags
            if flag not in flags[:_GATE_BITS]:
                raise self._refuse(key, f"{name} has no flag {flag or 'named'}")
            bit = 1 << flags.index(flag)
            mask |= bit
            wanted |= 0 if condition.startswith("not ") else bit
        return (self._index(key, packet, gate) if gate else 0), mask, wanted

    def _modes(self, key: str, packet: Packet, mode: str, wanted: list[str]) -> int:
        if not mode:
            if wanted:
                raise self._refuse(key, "the board's table names no field for the mode")
            return 1
        labels = dict(packet.fields[self._index(key, packet, mode)].labels)
        if not labels or max(labels.values()) >= _MOST_MODES:
            raise self._refuse(key, f"{mode} has not 1 to {_MOST_MODES} labels")
        for name in wanted:
            if name not in labels:
                raise self._refuse(key, f"{name} is none of {', '.join(labels)}")
        return sum(1 << labels[name] for name in wanted or labels)
