"""The dictionary: the tables of the flight code and their descriptions, put together.

Everything that is generated (XTCE, Markdown, codecs) is made from what `load` returns. A description that
is missing, or that describes nothing, is refused.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from host_tools.ground.entries import DictionaryError, Entries, EventEntry, FieldEntry, PacketEntry, read
from host_tools.ground.model import LINK, TYPES, Dictionary, Event, Field, Packet, Parameter, Type
from host_tools.host_board import ROOT
from plumbline.link import dictionary as flight
from plumbline.link.packet import COMMAND, I32, PacketType
from plumbline.subsystems.parameters import Parameters

DESCRIPTIONS = LINK / "dictionary.toml"
_BOARDS = ROOT / "boards"


def load(descriptions: Path = DESCRIPTIONS) -> Dictionary:
    """The dictionary of the flight code with its descriptions. Raises DictionaryError."""
    entries = read(descriptions)
    maker = _Maker(entries, descriptions.name)
    maker.same("packets", [packet.name for packet in flight.PACKETS], entries.packets)
    maker.same("events", [name for _, name, _ in flight.EVENTS], entries.events)
    return Dictionary(
        boards=flight.BOARDS,
        packets=tuple(maker.packet(packet, entries.packets[packet.name]) for packet in flight.PACKETS),
        severities=tuple(name for _, name in flight.SEVERITIES),
        events=tuple(maker.event(*event, entries.events[event[1]]) for event in flight.EVENTS),
        parameters=tuple(
            maker.parameter(owner, name) for owner, table in entries.parameters.items() for name in table
        ),
        labels=entries.labels,
    )


class _Maker:
    """Joins what the board has with the entries, and refuses what does not fit."""

    def __init__(self, entries: Entries, file: str) -> None:
        self._entries = entries
        self._file = file
        self._defaults = _all_defaults()
        self.same("parameters", self._defaults, entries.parameters)
        for owner, table in self._defaults.items():
            self.same(f"parameters.{owner}", table, entries.parameters[owner])

    def _refuse(self, key: str, reason: str) -> DictionaryError:
        return DictionaryError(f"{self._file}: {key}: {reason}")

    def same(self, key: str, wanted: Iterable[str], described: Iterable[str]) -> None:
        """Refuse a missing and a stale description. Raises DictionaryError."""
        for name in wanted:
            if name not in described:
                raise self._refuse(f"{key}.{name}", "is missing")
        for name in described:
            if name not in wanted:
                raise self._refuse(f"{key}.{name}", "describes nothing that a board has")

    def packet(self, packet: PacketType, entry: PacketEntry) -> Packet:
        """One packet with its fields."""
        key = f"packets.{packet.name}"
        if entry.peer not in [name for _, name in flight.BOARDS]:
            raise self._refuse(f"{key}.peer", f"{entry.peer} is no board")
        self.same(f"{key}.fields", [name for name, _ in packet.fields], entry.fields)
        fields = []
        for name, code in packet.fields:
            labels = _EVENT_LABELS.get(name, ()) if packet is flight.EVENT else ()
            fields.append(self._field(f"{key}.fields", name, TYPES[code], entry.fields[name], labels))
        return Packet(
            packet.name, packet.function, packet.kind == COMMAND, packet.board, entry.peer, entry.rate_hz,
            entry.text, packet.size, tuple(fields),
        )  # fmt: skip

    def _field(
        self, at: str, name: str, kind: Type, entry: FieldEntry, labels: tuple[tuple[str, int], ...] = ()
    ) -> Field:
        key = f"{at}.{name}"
        if entry.labels:
            if entry.labels not in self._entries.labels:
                raise self._refuse(f"{key}.labels", f"there is no table labels.{entry.labels}")
            labels = tuple(self._entries.labels[entry.labels].items())
        if len(entry.flags) > kind.bits:
            raise self._refuse(f"{key}.flags", f"{len(entry.flags)} of them in {kind.bits} bits")
        values = [value for _, value in labels]
        least = entry.least if entry.least is not None else min(values, default=kind.least)
        most = entry.most if entry.most is not None else max(values, default=kind.most)
        if entry.flags:
            most = 2 ** len(entry.flags) - 1
        if not kind.least <= least <= most <= kind.most:
            raise self._refuse(key, f"{least} to {most} is not within {kind.name}")
        return Field(name, kind, entry.text, entry.unit, least, most, entry.q, labels, tuple(entry.flags))

    def event(self, number: int, name: str, severity: int, entry: EventEntry) -> Event:
        """One event."""
        argument = None
        if entry.argument:
            described = FieldEntry(text=entry.argument, unit=entry.unit, labels=entry.labels)
            argument = self._field(f"events.{name}", "argument", TYPES[I32], described)
        elif entry.unit or entry.labels:
            raise self._refuse(f"events.{name}.argument", "is missing")
        return Event(number, name, flight.SEVERITIES[severity][1], entry.text, argument)

    def parameter(self, owner: str, name: str) -> Parameter:
        """One parameter with its defaults, which have to be in its range."""
        entry = self._entries.parameters[owner][name]
        defaults = self._defaults[owner][name]
        for _, value in defaults:
            if not entry.least <= value <= entry.most:
                raise self._refuse(f"parameters.{owner}.{name}", f"its default {value} is out of its range")
        known = _numbered(owner)
        names = [f"{of}.{name.removeprefix('altimeter.')}" if of else name for of, _ in defaults]
        numbers = [known[each] for each in names if each in known]
        return Parameter(
            owner, name, entry.text, entry.unit, entry.q, entry.least, entry.most, tuple(defaults),
            tuple(numbers),
        )  # fmt: skip


_EVENT_LABELS = {
    "id": tuple((name, number) for number, name, _ in flight.EVENTS),
    "severity": tuple((name, number) for number, name in flight.SEVERITIES),
}


@cache
def _numbered(owner: str) -> dict[str, int]:
    """What set_parameter calls each parameter of a board, with its default altimeters."""
    if owner != "navigation":
        return {}
    fields = Parameters.from_file(_BOARDS / "navigation_pico" / "parameters.json").fields()
    return {field[0]: number for number, field in enumerate(fields)}


def _all_defaults() -> dict[str, dict[str, list[tuple[str, int]]]]:
    """Of each subsystem that has parameters, name -> (of which altimeter or "", value)."""
    found: dict[str, dict[str, list[tuple[str, int]]]] = {}
    for file in sorted(_BOARDS.glob("*/parameters.json")):
        owner = json.loads((file.parent / "board.json").read_text())["subsystem"]
        table = found.setdefault(owner, {})
        for name, value in json.loads(file.read_text()).items():
            if isinstance(value, int):
                table.setdefault(name, []).append(("", value))
                continue
            for part in value:
                for key in part.keys() - {"name"}:
                    table.setdefault(f"{name.removesuffix('s')}.{key}", []).append((part["name"], part[key]))
    return found
