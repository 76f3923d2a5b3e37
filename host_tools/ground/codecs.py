"""Writes packets.py: a class for every packet of the dictionary, and the events, as plain Python."""

from collections.abc import Mapping

from host_tools.ground.model import Dictionary, Event, Field, Packet

_HEAD = '''\
"""Every packet and event of the dictionary. Made by `make dictionary`; whoever edits this loses it."""

# fmt: off
# ruff: noqa: E501
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import ClassVar

from host_tools.ground import codec
from host_tools.ground.codec import EventInfo, FieldInfo, Packet, Received

'''
_TAIL = '''

def decode(data: bytes) -> Received:
    """The packet in `data`, without its frame. Raises PacketError."""
    return codec.decode(data, KINDS, BOARDS)
'''


def codecs(dictionary: Dictionary) -> str:
    """The module's text."""
    parts = [_HEAD, f"BOARDS = {dict(dictionary.boards)!r}\n"]
    parts.append(f"SEVERITIES = {dictionary.severities!r}\n")
    parts += [_enumeration(name, labels) for name, labels in dictionary.labels.items() if name != "yes"]
    parts.append(_enumeration("event_id", {event.name: event.number for event in dictionary.events}))
    parts.append("\n\nEVENTS = {\n" + "".join(map(_event, dictionary.events)) + "}\n")
    parts += [_packet(dictionary, packet) for packet in dictionary.packets]
    parts.append("\n\nKINDS: dict[tuple[bool, int], type[Packet]] = {\n")
    for packet in dictionary.packets:
        parts.append(f"    ({packet.is_command}, {packet.function}): {_class_name(packet.name)},\n")
    return "".join([*parts, "}\n", _TAIL])


def _class_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _enumeration(name: str, labels: Mapping[str, int]) -> str:
    lines = [f"\n\nclass {_class_name(name)}(IntEnum):\n"]
    lines.append(f'    """Values of {name.replace("_", " ")}."""\n\n')
    for label, value in labels.items():
        lines.append(f"    {label.upper()} = {value}\n")
    return "".join(lines)


def _info(field: Field) -> str:
    parts = [_quoted(field.name), _quoted(field.text), str(field.least), str(field.most)]
    if field.unit:
        parts.append(f"unit={_quoted(field.unit)}")
    if field.q:
        parts.append(f"q={field.q}")
    if field.labels:
        names = ", ".join(f"{value}: {_quoted(label)}" for label, value in field.labels)
        parts.append(f"labels={{{names}}}")
    if field.flags:
        parts.append(f"flags=({', '.join(map(_quoted, field.flags))},)")
    return f"FieldInfo({', '.join(parts)})"


def _event(event: Event) -> str:
    parts = [_quoted(event.name), _quoted(event.severity), _quoted(event.text)]
    if event.argument is not None:
        parts.append(_info(event.argument))
    return f"    {event.number}: EventInfo({', '.join(parts)}),\n"


def _packet(dictionary: Dictionary, packet: Packet) -> str:
    owner = dictionary.board_name(packet.board)
    way = f"{packet.peer} to {owner}" if packet.is_command else f"{owner} to {packet.peer}"
    lines = ["\n\n@dataclass(frozen=True)\n", f"class {_class_name(packet.name)}(Packet):\n"]
    lines.append(f'    """{packet.text} From {way}."""\n\n')
    for field in packet.fields:
        unit = f" ({field.unit})" if field.unit else ""
        lines.append(f"    {field.name}: int  # {field.text}{unit}\n")
    layout = ">" + "".join(field.type.struct for field in packet.fields)
    lines.append(f"\n    NAME: ClassVar[str] = {_quoted(packet.name)}\n")
    lines.append(f"    FUNCTION: ClassVar[int] = {packet.function}\n")
    lines.append(f"    IS_COMMAND: ClassVar[bool] = {packet.is_command}\n")
    lines.append(f"    BOARD: ClassVar[int] = {packet.board}\n")
    lines.append(f"    LAYOUT: ClassVar[Struct] = Struct({_quoted(layout)})\n")
    lines.append("    FIELDS: ClassVar[tuple[FieldInfo, ...]] = (\n")
    lines += [f"        {_info(field)},\n" for field in packet.fields]
    return "".join([*lines, "    )\n"])
