"""Commands under way: each is sent again until its reply has come, and not for ever.

    orders = Orders(heard, transmit)
    orders.send(packet, values, now_s)      # or a function that gives the values of the moment
    orders.tick(now_s)                      # each 10 ms

A newer command to the same thing takes the older one's place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from host_tools.story.heard import Heard
from host_tools.story.replies import has_reply, is_answered
from plumbline.link import dictionary as d
from plumbline.link.packet import PacketType

FIRST_AGAIN_S = 0.6  # the slowest reply is in a status of 2 Hz
AGAIN_S = 0.2
MOST_TIMES = 300  # a minute
_ACTUATORS = (d.STRUCTURE_ARM.name, d.STRUCTURE_FIRE.name, d.STRUCTURE_DISARM.name)
_MOTIONS = (d.ROVER_DRIVE.name, d.ROVER_TURN.name, d.ROVER_SCOOP.name, d.ROVER_STOP.name)

Values = Callable[[], Sequence[int]]


@dataclass
class _Order:
    packet: PacketType
    values: Values
    fields: dict[str, int]
    first_s: float
    due_s: float
    times: int = 1


class Orders:
    """`sent`: commands, each once; `repeated`: how often one was sent again; `unanswered`: given up."""

    def __init__(self, heard: Heard, transmit: Callable[[PacketType, Sequence[int]], object]) -> None:
        self.sent = 0
        self.repeated = 0
        self.unanswered = 0
        self.settled_s = 0.0  # when the last reply came
        self._heard = heard
        self._transmit = transmit
        self._open: dict[tuple[str, ...], _Order] = {}

    @property
    def are_open(self) -> bool:
        """Whether there are commands whose reply has not come."""
        return bool(self._open)

    def send(self, packet: PacketType, values: Sequence[int] | Values, now_s: float) -> None:
        """One command, fields in the order of the packet's."""
        get = values if callable(values) else lambda: values
        now = list(get())
        fields = {name: value for (name, _), value in zip(packet.fields, now, strict=True)}
        self._open.pop(_key(packet, fields), None)
        self._transmit(packet, now)
        self.sent += 1
        if has_reply(packet):
            self._open[_key(packet, fields)] = _Order(packet, get, fields, now_s, now_s + FIRST_AGAIN_S)

    def tick(self, now_s: float) -> None:
        """After what has come was heard."""
        for key, order in list(self._open.items()):
            if is_answered(order.packet, order.fields, self._heard, order.first_s):
                self._close(key, now_s)
            elif now_s < order.due_s:
                continue
            elif order.times >= MOST_TIMES:
                self._close(key, now_s)
                self.unanswered += 1
            else:
                order.times += 1
                order.due_s = now_s + AGAIN_S
                self.repeated += 1
                self._transmit(order.packet, order.values())

    def _close(self, key: tuple[str, ...], now_s: float) -> None:
        del self._open[key]
        self.settled_s = now_s


def _key(packet: PacketType, fields: dict[str, int]) -> tuple[str, ...]:
    """What it is about: of two commands with the same one, the later holds."""
    if packet.name == d.LOAD_SWITCH.name:
        return packet.name, str(fields["load"])
    for group in (_ACTUATORS, _MOTIONS):
        if packet.name in group:
            return group
    return (packet.name,)
