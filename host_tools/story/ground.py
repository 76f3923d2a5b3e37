"""The ground's end of the bus: it hears all, keeps the last telemetry, sends commands, plays the script."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.landing.record import Event
from host_tools.story.downlink import Downlink
from host_tools.story.heard import Heard
from host_tools.story.orders import Orders
from host_tools.story.script import Condition, Script, Step
from host_tools.story.standing import AGAIN_AFTER_S, Standing
from plumbline.link import dictionary as d
from plumbline.link.packet import TELEMETRY, OutgoingPacket, PacketType
from plumbline.link.port import PacketPort

_BOARD_NAMES = dict(d.BOARDS)
_TELEMETRY_BOARD = {packet.name: packet.board for packet in d.PACKETS if packet.kind == TELEMETRY}
_REPLY = d.STRUCTURE_ARMED.name + "."
_BEAT_TICKS = 100
_MOST_REPEATS = 50


class Mark(NamedTuple):
    """A step of the script that was reached."""

    name: str
    title: str
    time_s: float


class Ground:
    """Plays a script. `marks`: steps reached; `heard`: events and telemetry; `orders`: commands under way.

    initial_state: gives what orbit determination says now, the fields of INITIAL_STATE. hears_images: whether
    the transmitter is on. Once a second the ground sends a sign of life: the rover moves only while it hears
    one. A step's conditions are looked at when all that was ordered has been answered.
    """

    def __init__(
        self,
        end: Any,
        script: Script,
        initial_state: Callable[[], Sequence[int]],
        now_us: Callable[[], int],
        hears_images: Callable[[], bool] = lambda: True,
    ) -> None:
        self.script = script
        self.marks: list[Mark] = []
        self.heard = Heard()
        self.port = PacketPort(end, d.SPACECRAFT)
        self.orders = Orders(self.heard, self._transmit)
        self.downlink = Downlink(self.send)
        self.failure = ""
        self.repeats = 0  # steps that had to be sent anew
        self._initial_state = initial_state
        self._now_us = now_us
        self._hears_images = hears_images
        self._packets = {packet.apid: packet for packet in d.PACKETS if packet.kind == TELEMETRY}
        self._commands = {packet.name: packet for packet in d.PACKETS if packet.kind != TELEMETRY}
        self._outgoing: dict[str, OutgoingPacket] = {}
        self._step = 0
        self._since_s = 0.0  # of the last mark
        self._waits_s: dict[int, float] = {}  # since when a step is waited for: going back renews nothing
        self._held_s: float | None = None  # since when the conditions hold
        self._standing = Standing()
        self._tell_again_s: dict[int, float] = {}  # by board that has restarted
        self._beat = self.port.outgoing(d.EVENT)
        self._ticks = 0

    @property
    def events(self) -> list[Event]:
        """As heard."""
        return self.heard.events

    @property
    def is_done(self) -> bool:
        """Every step is reached, or one came too late."""
        return bool(self.failure) or self._step == len(self.script.steps)

    def tick(self) -> None:
        """Hear, then act; each 10 ms."""
        self._ticks += 1
        if self._ticks % _BEAT_TICKS == 0:
            self.port.send(self._beat)
        self._hear()
        self._tell_again()
        now_s = self._now_us() * 1e-6
        self.orders.tick(now_s)
        if not self.is_done:
            self.downlink.tick(now_s)
            self._play()

    def send(self, packet_type: PacketType, *values: int) -> None:
        """One command, fields in the order of the packet's."""
        now_s = self._now_us() * 1e-6
        self.orders.send(packet_type, values, now_s)
        self._standing.note(packet_type, values, now_s)

    def _transmit(self, packet_type: PacketType, values: Sequence[int]) -> None:
        packet = self._outgoing.get(packet_type.name)
        if packet is None:
            packet = self._outgoing[packet_type.name] = self.port.outgoing(packet_type)
        for index, value in enumerate(values):
            packet.values[index] = value
        self.port.send(packet)

    def _hear(self) -> None:
        now_s = self._now_us() * 1e-6
        apid = self.port.poll()
        while apid >= 0:
            values = list(self.port.values)
            if apid & 0xFF == d.EVENT.function:
                event = self.heard.note_event(apid >> 8, values, now_s)
                if event.name == "restarted":
                    self._tell_again_s[apid >> 8] = now_s + AGAIN_AFTER_S
                    self._go_on_after_restart(event.board)
            elif apid == d.ROVER_IMAGE_DATA.apid:
                if self._hears_images():
                    self.downlink.take(values)
            elif apid in self._packets:
                packet = self._packets[apid]
                self.heard.note_telemetry(packet, values, now_s)
                if packet is d.ROVER_IMAGE:
                    self.downlink.about(self.heard.latest[packet.name])
            apid = self.port.poll()

    def _tell_again(self) -> None:
        """A board that begins anew has forgotten what it was told, as far as it does not keep it."""
        now_s = self._now_us() * 1e-6
        for board in [board for board, due_s in self._tell_again_s.items() if now_s >= due_s]:
            del self._tell_again_s[board]
            for packet_type, values in self._standing.of(board, now_s):
                self.send(packet_type, *values)

    def _go_on_after_restart(self, board: str) -> None:
        """What a step waits for does not come from a board that has forgotten it."""
        if not self.is_done:
            step = self.script.steps[self._step]
            if any(_sender(condition) == board for condition in step.when):
                self._go_back(step)

    def _go_back(self, step: Step) -> None:
        """Send anew what leads to this step, where that can be, and not for ever."""
        if step.again_from and self.repeats < _MOST_REPEATS:
            self.repeats += 1
            self._waits_s = {self._step: self._waits_s.get(self._step, self._since_s)}
            self._step = [earlier.name for earlier in self.script.steps].index(step.again_from)
            self._reach(self.script.steps[self._step], self._now_us() * 1e-6)

    def _play(self) -> None:
        step, now_s = self.script.steps[self._step], self._now_us() * 1e-6
        waits_s = self._waits_s.setdefault(self._step, self._since_s)
        if self.orders.are_open or not all(self._holds(condition) for condition in step.when):
            self._held_s = None
            if now_s - waits_s > step.within_s:
                self.failure = f"'{step.title}' did not come within {step.within_s:g} s of the step before"
            elif not self.orders.are_open and now_s - self._heard_since_s > step.again_s:
                self._go_back(step)
            return
        if self._held_s is None:
            self._held_s = now_s
        if now_s - self._held_s >= step.after_s:
            self._reach(step, now_s)

    @property
    def _heard_since_s(self) -> float:
        """What is older knows nothing of what the last step has ordered."""
        return max(self._since_s, self.orders.settled_s)

    def _reach(self, step: Step, now_s: float) -> None:
        self.marks.append(Mark(step.name, step.title, now_s))
        self._step += 1
        self._since_s, self._held_s = now_s, None
        if step.fetch:
            self.downlink.is_fetching = True
        for order in step.send:
            packet = self._commands[order.command]
            if order.command == d.INITIAL_STATE.name:
                self.orders.send(packet, self._initial_state, now_s)
            else:
                self.send(packet, *(self._value(order.fields[name]) for name, _ in packet.fields))

    def _value(self, value: int | str) -> int:
        if isinstance(value, int):
            return value
        return self.heard.value(value) or 0

    def _holds(self, condition: Condition) -> bool:
        if condition.event:
            return self.heard.said(condition.event, condition.argument, self._since_s)
        if condition.images is not None:
            return len(self.downlink.complete) >= condition.images
        is_reply = condition.telemetry.startswith(_REPLY)  # it came while its command was still open
        value = self.heard.value(condition.telemetry, self._since_s if is_reply else self._heard_since_s)
        if value is None:
            return False
        if condition.equals is not None:
            return value == condition.equals
        if condition.has_bits is not None:
            return value & condition.has_bits == condition.has_bits
        return condition.at_least is not None and value >= condition.at_least


def _sender(condition: Condition) -> str:
    """The board that has to remember what the condition waits for, "" if none: a measurement comes anyway."""
    if condition.event:
        return condition.event.partition(".")[0]
    if condition.at_least is not None:
        return ""
    board = _TELEMETRY_BOARD.get(condition.telemetry.partition(".")[0])
    return "" if board is None else _BOARD_NAMES.get(board, "")
