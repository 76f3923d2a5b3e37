"""What the ground has heard: events in their order, and the last telemetry with the time at which it came."""

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.landing.record import Event
from plumbline.link import dictionary as d
from plumbline.link.packet import PacketType

_EVENT_NAMES = {number: name for number, name, _ in d.EVENTS}
_BOARDS = dict(d.BOARDS)


class Heard:
    """`events`: as they came; `latest`: telemetry by packet and field."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.latest: dict[str, dict[str, int]] = {}
        self._at_s: dict[str, float] = {}

    def note_event(self, board: int, values: list[int], now_s: float) -> Event:
        """An event of this board has come."""
        number, severity, _, argument = values[:4]
        event = Event(now_s, _BOARDS[board], _EVENT_NAMES[number], d.SEVERITIES[severity][1], argument)
        self.events.append(event)
        return event

    def note_telemetry(self, packet: PacketType, values: list[int], now_s: float) -> None:
        """A packet has come."""
        self.latest[packet.name] = {name: v for (name, _), v in zip(packet.fields, values, strict=True)}
        self._at_s[packet.name] = now_s

    def value(self, reference: str, since_s: float | None = None) -> int | None:
        """Of "packet.field"; None if it never came, or not after `since_s`."""
        packet, _, field = reference.partition(".")
        if since_s is not None and self._at_s.get(packet, since_s) <= since_s:
            return None
        return self.latest.get(packet, {}).get(field)

    def said(self, reference: str, argument: int | None, since_s: float) -> bool:
        """Whether "board.event" came after `since_s`; argument: None for any."""
        for event in reversed(self.events):
            if event.time_s <= since_s:
                return False
            if f"{event.board}.{event.name}" == reference and argument in (None, event.argument):
                return True
        return False
