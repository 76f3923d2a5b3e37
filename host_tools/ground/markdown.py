"""The dictionary as tables for people: firmware/plumbline/link/dictionary.md."""

from host_tools.ground.model import Dictionary, Event, Field, Packet, Parameter

_HEAD = """\
# What crosses a link

Made by `make dictionary` from `dictionary.py` and `dictionary.toml`; whoever edits this page loses it.

A frame is `00`, the packet in COBS, `00`. A packet is a CCSDS primary header (6 bytes, no secondary
header), its fields big-endian in the order below, and the CRC-32 of zlib over all before it. APID = board *
256 + function: the addressee of a command, the sender of telemetry. Time is the sender's `tick` in
the packets that have one. A field with q stands for itself divided by 2^q. I32 carries -2^30 to 2^30 - 1.
"""
_PARAMETERS = """\
## Parameters

Read by a board at its start, from its `parameters.json`; what was stored by `set_parameter` goes before it.
`number` is what that command calls it, of each altimeter its own.

"""


def markdown(dictionary: Dictionary) -> str:
    """The whole page."""
    parts = [_HEAD]
    rows = [(str(board), name) for board, name in dictionary.boards]
    parts.append("## Boards\n\n" + table(("id", "board"), rows))
    parts += [_packet(dictionary, packet) for packet in dictionary.packets]
    head = ("id", "event", "severity", "what has happened", "argument")
    parts.append("## Events\n\n" + table(head, [_event(event) for event in dictionary.events]))
    for name, labels in dictionary.labels.items():
        rows = [(str(value), label) for label, value in labels.items()]
        parts.append(f"## Values of `{name}`\n\n" + table(("integer", "name"), rows))
    head = ("owner", "parameter", "number", "unit", "q", "least", "most", "default", "what it is")
    rows = [_parameter(parameter) for parameter in dictionary.parameters]
    parts.append(_PARAMETERS + table(head, rows))
    return "\n".join(parts)


def _packet(dictionary: Dictionary, packet: Packet) -> str:
    owner = dictionary.board_name(packet.board)
    way = (packet.peer, owner) if packet.is_command else (owner, packet.peer)
    apids = ", ".join(f"0x{(board << 8) | packet.function:03X}" for board in dictionary.senders(packet))
    rate = f"{packet.rate_hz} Hz" if packet.rate_hz else "when it happens"
    kind = "Command" if packet.is_command else "Telemetry"
    facts = f"{packet.text}\n\n{kind}, {way[0]} to {way[1]}, {rate}; APID {apids}; {packet.size} bytes."
    head = ("byte", "field", "type", "unit", "q", "least", "most", "what it is")
    at, rows = 6, []
    for field in packet.fields:
        rows.append((str(at), f"`{field.name}`", field.type.name, *_cells(field), field.text + _names(field)))
        at += field.type.bits // 8
    return f"## `{packet.name}`\n\n{facts}\n\n" + table(head, rows)


def _cells(field: Field | Parameter) -> tuple[str, str, str, str]:
    return field.unit, str(field.q or ""), str(field.least), str(field.most)


def _names(field: Field) -> str:
    if field.flags:
        return ": " + ", ".join(f"bit {bit} {name}" for bit, name in enumerate(field.flags))
    if 0 < len(field.labels) <= 8:
        return ": " + ", ".join(f"{value} {label}" for label, value in field.labels)
    return ""


def _event(event: Event) -> tuple[str, ...]:
    argument = ""
    if event.argument is not None:
        unit = f" ({event.argument.unit})" if event.argument.unit else ""
        argument = event.argument.text + unit + _names(event.argument)
    return str(event.number), f"`{event.name}`", event.severity, event.text, argument


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    defaults = ", ".join(f"{of} {value}".strip() for of, value in parameter.defaults)
    numbers = ", ".join(map(str, parameter.numbers))
    return parameter.owner, f"`{parameter.name}`", numbers, *_cells(parameter), defaults, parameter.text


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
