"""A micro rover on its own, with a ground that hears everything and says one thing a second."""

import binascii
from collections import Counter

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.ina226 import SimulatedIna226
from host_tools.host_board.rover import MicroRover
from host_tools.host_board.wires import SerialLine
from host_tools.world.rover import Ground, RoverWorld
from plumbline.link import dictionary as d
from plumbline.link.port import PacketPort

TICK_US = 10_000
LEVEL = Ground(ramp_m=0.0, ramp_deg=0.0, hills=((1.0, 0.0), (50.0, 0.0)))
EVENT_NAMES = {number: name for number, name, _ in d.EVENTS}


class Ride:
    """`events`: (name, argument) as they came; `status`: the last one; `packets`: count by APID."""

    def __init__(self, world: RoverWorld | None = None) -> None:
        self.clock = Clock()
        self.line = SerialLine(self.clock, 460_800)
        self.body = MicroRover(self.clock, self.line.a, world or RoverWorld(ground=LEVEL))
        self.port = PacketPort(self.line.b, d.SPACECRAFT)
        self.beat = self.port.outgoing(d.EVENT)
        self.is_silent = False
        self.events: list[tuple[str, int]] = []
        self.status: dict[str, int] = {}
        self.abouts: list[dict[str, int]] = []
        self.parts: dict[int, dict[int, bytes]] = {}
        self.packets: Counter[int] = Counter()
        self.ticks = 0
        self.fastest_off_s = 0.0

    def monitor(self, address: int) -> SimulatedIna226:
        """The simulated monitor at an address of the rover's I2C."""
        part = self.body.i2c.parts[address]
        assert isinstance(part, SimulatedIna226)
        return part

    @property
    def rover(self):
        return self.body.rover

    @property
    def world(self) -> RoverWorld:
        return self.body.world

    def send(self, packet_type, *values: int) -> None:
        packet = self.port.outgoing(packet_type)
        for index, value in enumerate(values):
            packet.values[index] = value
        self.port.send(packet)

    def run(self, seconds: float) -> "Ride":
        for _ in range(round(seconds * 100)):
            self.clock.now_us += TICK_US
            self.ticks += 1
            if self.ticks % 100 == 0 and not self.is_silent:
                self.port.send(self.beat)
            self.body.step()
            self.listen()
        return self

    def until(self, name: str, most_s: float = 60.0) -> "Ride":
        """Run until this event has come once more than now."""
        before = self.count(name)
        for _ in range(round(most_s * 10)):
            self.run(0.1)
            if self.count(name) > before:
                return self
        raise AssertionError(f"no {name} within {most_s} s; {self.events[-5:]}")

    def listen(self) -> None:
        apid = self.port.poll()
        while apid >= 0:
            self.packets[apid] += 1
            values = list(self.port.values)
            if apid & 0xFF == d.EVENT.function:
                self.events.append((EVENT_NAMES[values[0]], values[3]))
            elif apid == d.ROVER_STATUS.apid:
                self.status = dict(zip((name for name, _ in d.ROVER_STATUS.fields), values, strict=True))
            elif apid == d.ROVER_IMAGE.apid:
                self.abouts.append(dict(zip((n for n, _ in d.ROVER_IMAGE.fields), values, strict=True)))
            elif apid == d.ROVER_IMAGE_DATA.apid:
                data = b"".join(word.to_bytes(2, "big") for word in values[2:])
                self.parts.setdefault(values[0], {})[values[1]] = data
            apid = self.port.poll()

    def count(self, name: str) -> int:
        return sum(event == name for event, _ in self.events)

    def last(self, name: str) -> int:
        return next(argument for event, argument in reversed(self.events) if event == name)

    def image(self, number: int) -> bytes:
        """What has arrived of an image, put together; its checksum must be the one that was told."""
        about = next(a for a in reversed(self.abouts) if a["image"] == number)
        parts = self.parts[number]
        data = b"".join(parts[i] for i in range(len(parts)))[: about["size"]]
        assert binascii.crc32(data) == about["crc_high"] << 16 | about["crc_low"]
        return data

    def free(self) -> "Ride":
        """As after a good deployment, without the way."""
        self.body.release()
        self.run(1.0)
        self.rover.mode = 3
        self.rover._is_free = True
        return self.run(2.5)  # the gyro's bias
