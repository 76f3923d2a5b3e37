"""The ground's end of the bus: it hears all, keeps the last telemetry, sends commands, plays the script."""

from collections.abc import Callable
from typing import Any, NamedTuple

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.landing.record import Event
from host_tools.story.downlink import Downlink
from host_tools.story.script import Condition, Script, Step
from host_tools.story.standing import AGAIN_AFTER_S, Standing
from plumbline.link import dictionary as d
from plumbline.link.packet import TELEMETRY, PacketType
from plumbline.link.port import PacketPort

_EVENT_NAMES = {number: name for number, name, _ in d.EVENTS}
_BOARDS = dict(d.BOARDS)
_BEAT_TICKS = 100
_MOST_REPEATS = 50


class Mark(NamedTuple):
    """A step of the script that was reached."""

    name: str
    title: str
    time_s: float


class Ground:
    """Plays a script. `marks`: steps reached; `events`: as heard; `latest`: telemetry by packet and field.

    initial_state: what orbit determination says, the fields of INITIAL_STATE. hears_images: whether the
    transmitter is on. Once a second the ground sends a sign of life: the rover moves only while it hears one.
    """

    def __init__(
        self,
        end: Any,
        script: Script,
        initial_state: list[int],
        now_us: Callable[[], int],
        hears_images: Callable[[], bool] = lambda: True,
    ) -> None:
        self.script = script
        self.marks: list[Mark] = []
        self.events: list[Event] = []
        self.latest: dict[str, dict[str, int]] = {}
        self.sent = 0
        self.port = PacketPort(end, d.SPACECRAFT)
        self.downlink = Downlink(self.send)
        self.failure = ""
        self.repeats = 0  # steps that had to be sent anew
        self._initial_state = initial_state
        self._now_us = now_us
        self._hears_images = hears_images
        self._packets = {packet.apid: packet for packet in d.PACKETS if packet.kind == TELEMETRY}
        self._commands = {packet.name: packet for packet in d.PACKETS if packet.kind != TELEMETRY}
        self._step = 0
        self._since_s = 0.0  # of the last mark
        self._first_event = 0  # of those that count for this step
        self._held_s: float | None = None  # since when the conditions hold
        self._standing = Standing()
        self._tell_again_s: dict[int, float] = {}  # by board that has restarted
        self._beat = self.port.outgoing(d.EVENT)
        self._ticks = 0

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
        self.downlink.tick(self._now_us() * 1e-6)
        if not self.is_done:
            self._play()

    def send(self, packet_type: PacketType, *values: int) -> None:
        """One command, fields in the order of the packet's."""
        packet = self.port.outgoing(packet_type)
        for index, value in enumerate(values):
            packet.values[index] = value
        self.port.send(packet)
        self.sent += 1
        self._standing.note(packet_type, values, self._now_us() * 1e-6)

    def _hear(self) -> None:
        apid = self.port.poll()
        while apid >= 0:
            values = list(self.port.values)
            if apid & 0xFF == d.EVENT.function:
                self._note(apid >> 8, values)
            elif apid == d.ROVER_IMAGE_DATA.apid:
                if self._hears_images():
                    self.downlink.take(values)
            elif apid in self._packets:
                packet = self._packets[apid]
                self.latest[packet.name] = {
                    name: value for (name, _), value in zip(packet.fields, values, strict=True)
                }
                if packet is d.ROVER_IMAGE:
                    self.downlink.about(self.latest[packet.name])
            apid = self.port.poll()

    def _note(self, board: int, values: list[int]) -> None:
        number, severity, _, argument = values[:4]
        event = Event(
            self._now_us() * 1e-6, _BOARDS[board], _EVENT_NAMES[number], d.SEVERITIES[severity][1], argument
        )
        self.events.append(event)
        if event.name == "restarted":
            self._tell_again_s[board] = event.time_s + AGAIN_AFTER_S
            self._go_on_after_restart(event.board)

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
            if any(condition.event.startswith(board + ".") for condition in step.when):
                self._go_back(step)

    def _go_back(self, step: Step) -> None:
        """Send anew what leads to this step, where that can be, and not for ever."""
        if step.again_from and self.repeats < _MOST_REPEATS:
            self.repeats += 1
            self._step = [earlier.name for earlier in self.script.steps].index(step.again_from)
            self._reach(self.script.steps[self._step], self._now_us() * 1e-6)

    def _play(self) -> None:
        step, now_s = self.script.steps[self._step], self._now_us() * 1e-6
        if not all(self._holds(condition) for condition in step.when):
            self._held_s = None
            if now_s - self._since_s > step.within_s:
                self.failure = f"'{step.title}' did not come within {step.within_s:g} s of the step before"
            elif now_s - self._since_s > step.again_s:
                self._go_back(step)
            return
        if self._held_s is None:
            self._held_s = now_s
        if now_s - self._held_s >= step.after_s:
            self._reach(step, now_s)

    def _reach(self, step: Step, now_s: float) -> None:
        self.marks.append(Mark(step.name, step.title, now_s))
        self._step += 1
        self._since_s, self._held_s = now_s, None
        self._first_event = len(self.events)
        if step.fetch:
            self.downlink.is_fetching = True
        for order in step.send:
            packet = self._commands[order.command]
            if order.command == d.INITIAL_STATE.name:
                self.send(packet, *self._initial_state)
            else:
                self.send(packet, *(self._value(order.fields[name]) for name, _ in packet.fields))

    def _value(self, value: int | str) -> int:
        if isinstance(value, int):
            return value
        return self._read(value) or 0

    def _read(self, reference: str) -> int | None:
        packet, _, field = reference.partition(".")
        return self.latest.get(packet, {}).get(field)

    def _holds(self, condition: Condition) -> bool:
        if condition.event:
            return any(
                f"{event.board}.{event.name}" == condition.event
                and condition.argument in (None, event.argument)
                for event in self.events[self._first_event :]
            )
        if condition.images is not None:
            return len(self.downlink.complete) >= condition.images
        value = self._read(condition.telemetry)
        if value is None:
            return False
        if condition.equals is not None:
            return value == condition.equals
        return condition.at_least is not None and value >= condition.at_least
