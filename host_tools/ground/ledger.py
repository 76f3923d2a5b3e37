"""What was heard on a line: of each board and packet how many, how often, how many are missing, the last."""

from collections import deque
from dataclasses import astuple, dataclass, field

from host_tools.ground import packets
from host_tools.ground.codec import PacketError, Received
from host_tools.ground.frames import FrameReader

TICK_S = 0.01  # of every board; packets carry its low 16 bits
_RATE_OVER = 64  # packets
_EVENTS_KEPT = 8
_SEQUENCE_COUNTS, _TICKS = 1 << 14, 1 << 16
EVENT = "event"


@dataclass
class Heard:
    """One packet of one board. `missed`: gaps in its sequence count; `restarts`: it began anew."""

    board: str
    last: Received
    count: int = 0
    missed: int = 0
    restarts: int = 0
    _times_s: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_OVER))
    _tick: int = 0  # the sender's, unwrapped

    @property
    def name(self) -> str:
        """The packet's."""
        return self.last.packet.NAME

    @property
    def rate_hz(self) -> float | None:
        """Over the last packets; None while there are too few, or no time is known."""
        times = self._times_s
        if len(times) < 2 or times[-1] <= times[0]:
            return None
        return (len(times) - 1) / (times[-1] - times[0])

    def take(self, received: Received, now_s: float | None) -> None:
        """One more. `now_s`: when it came; None takes the sender's ticks, if the packet has them."""
        if self.count:
            gap = (received.sequence - self.last.sequence - 1) % _SEQUENCE_COUNTS
            if gap >= _SEQUENCE_COUNTS // 2:
                self.restarts += 1
                self._times_s.clear()
            else:
                self.missed += gap
        tick = getattr(received.packet, "tick", None)
        if tick is not None:
            self._tick += (tick - self._tick) % _TICKS
        self.count += 1
        self.last = received
        if now_s is not None:
            self._times_s.append(now_s)
        elif tick is not None:
            self._times_s.append(self._tick * TICK_S)


class Ledger:
    """Everything heard on one line. `heard` by (board, packet), `events` the last ones as lines."""

    def __init__(self) -> None:
        self.reader = FrameReader()
        self.heard: dict[tuple[int, str], Heard] = {}
        self.events: deque[str] = deque(maxlen=_EVENTS_KEPT)

    def feed(self, data: bytes, now_s: float | None) -> list[Received | PacketError]:
        """Take bytes; what they have completed."""
        items = self.reader.feed(data)
        for item in items:
            if isinstance(item, Received):
                self._take(item, now_s)
        return items

    def _take(self, received: Received, now_s: float | None) -> None:
        key = (received.board, received.packet.NAME)
        if key not in self.heard:
            self.heard[key] = Heard(packets.BOARDS[received.board], received)
        self.heard[key].take(received, now_s)
        if received.packet.NAME == EVENT:
            self.events.append(line(received))


def line(received: Received) -> str:
    """A packet as a line: from or for whom, what, and its fields with names and units."""
    board = packets.BOARDS[received.board]
    if isinstance(received.packet, packets.Event):
        return f"{board} tick {received.packet.tick} {said(received.packet)}"
    return f"{board} {received.packet.NAME} #{received.sequence}  {values(received)}"


def values(received: Received) -> str:
    """The fields of a packet with their names, and with their units where the name does not say it."""
    shown = []
    for info, value in zip(received.packet.FIELDS, astuple(received.packet), strict=True):
        suffix = "_" + info.unit.replace("/", "_")
        shown.append(f"{info.name} {info.shown(value)}")
        if info.unit and info.name.endswith(suffix):
            shown[-1] = shown[-1].removesuffix(f" {info.unit}")
    return "  ".join(shown)


def said(event: packets.Event) -> str:
    """What an event says: severity, name, and its argument if it has one."""
    known = packets.EVENTS.get(event.id)
    levels = packets.SEVERITIES
    severity = levels[event.severity] if event.severity < len(levels) else f"severity {event.severity}"
    if known is None:
        return f"{severity} event {event.id}, which the dictionary does not have: argument {event.argument}"
    if known.argument is None:
        return f"{severity} {known.name}"
    return f"{severity} {known.name}: {known.argument.text} {known.argument.shown(event.argument)}"
