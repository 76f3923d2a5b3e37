"""A power board with its world, and the spacecraft at the other end of its bus."""

from collections.abc import Callable
from typing import Any

from host_tools.host_board.clock import Clock
from host_tools.host_board.power import PowerBoard
from host_tools.host_board.wires import CountedWire, SerialLine
from host_tools.world.electrical import Electrical
from plumbline.link import dictionary
from plumbline.link.port import PacketPort

NAMES = {number: name for number, name, _ in dictionary.EVENTS}
FIELDS = [name for name, _ in dictionary.POWER_STATUS.fields]
LOADS = ("sensors", "heaters", "transmitter", "rover", "camera", "payload")
TICK_US = 10_000


class Bench:
    """`run` moves simulated time; `beat` is what drives the heartbeat's wire, called in each tick."""

    def __init__(self, world: Electrical | None = None, parameters: dict[str, Any] | None = None) -> None:
        self.clock = Clock()
        self.line = SerialLine(self.clock, 460_800)
        self.heartbeat = CountedWire(self.clock)
        self.board = PowerBoard(self.clock, self.line.a, self.heartbeat, world, parameters)
        self.spacecraft = PacketPort(self.line.b, dictionary.SPACECRAFT)
        self.events: list[tuple[str, int]] = []
        self.status: dict[str, int] = {}
        self.beat: Callable[[], None] = self.square_wave

    @property
    def world(self) -> Electrical:
        return self.board.world

    @property
    def loads_on(self) -> list[str]:
        """By the wires at the switches' gates."""
        wires = self.board.load_wires
        return [name for name in LOADS if wires[f"load.{name}"].level]

    def square_wave(self) -> None:
        """An edge each 20 ms."""
        if self.clock.now_us // TICK_US % 2:
            self.heartbeat.level ^= 1

    def run(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        for _ in range(round(seconds * 100)):
            self.clock.now_us += TICK_US
            self.beat()
            self.board.step()
            self.listen()
            each()

    def listen(self) -> None:
        apid = self.spacecraft.poll()
        while apid >= 0:
            values = list(self.spacecraft.values)
            if apid & 0xFF == dictionary.EVENT.function:
                self.events.append((NAMES[values[0]], values[3]))
            elif apid == dictionary.POWER_STATUS.apid:
                self.status = dict(zip(FIELDS, values, strict=True))
            apid = self.spacecraft.poll()

    def command(self, packet_type, *values: int, seconds: float = 0.03) -> list[tuple[str, int]]:
        """Send a command and say which events came of it within `seconds`."""
        packet = self.spacecraft.outgoing(packet_type)
        for index, value in enumerate(values):
            packet.values[index] = value
        self.spacecraft.send(packet)
        before = len(self.events)
        self.run(seconds)
        return self.events[before:]

    def switch(self, load: str, on: int = 1, seconds: int = 600) -> list[tuple[str, int]]:
        return self.command(dictionary.LOAD_SWITCH, LOADS.index(load), on, seconds)

    def arm(self, on: int = 1, seconds: int = 600) -> list[tuple[str, int]]:
        return self.command(dictionary.ARM_SUPPLY, on, seconds)
