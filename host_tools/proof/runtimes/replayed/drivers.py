"""The drivers and the packet port, whole, behind lines that bring recorded bytes."""

from array import array

from plumbline.drivers.doppler_radar import DopplerRadar
from plumbline.drivers.laser_altimeter import LaserAltimeter
from plumbline.drivers.stim300 import Stim300
from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.link.port import PacketPort

LINES = ("imu", "laser", "radar", "link")  # in the order of a step's vector
LARGEST_READ = 1024
_SENT_SIZE = 64
_VALUES_SIZE = max([len(packet.fields) for packet in dictionary.PACKETS])
_POLLS = 3


class Line:
    """A UART that has what the vector says, and remembers what was sent."""

    def __init__(self) -> None:
        self.sent = bytearray(_SENT_SIZE)
        self._count = array("i", [0])
        self._bytes = bytearray(LARGEST_READ)

    def fill(self, source) -> None:
        """The next bytes that can be read."""
        source.readinto(self._count)
        if self._count[0]:
            source.readinto(memoryview(self._bytes)[: self._count[0]])

    def readinto(self, target) -> int:
        """As a UART's, with timeout=0."""
        count = min(self._count[0], len(target))
        for index in range(count):
            target[index] = self._bytes[index]
        self._count[0] = 0
        return count

    def write(self, frame) -> int:
        """As a UART's."""
        for index in range(len(frame)):
            self.sent[index] = frame[index]
        return len(frame)


class Drivers:
    """A step polls each driver once, and the port as often as navigation might."""

    def __init__(self) -> None:
        self.lines = [Line() for _ in LINES]
        self.imu = Stim300(self.lines[0])
        self.laser = LaserAltimeter(self.lines[1])
        self.radar = DopplerRadar(self.lines[2])
        self.port = PacketPort(self.lines[3], dictionary.NAVIGATION)
        self.demand = self.port.outgoing(dictionary.DEMAND)
        self.beam = array("i", [0, 0])
        self.result = array("i", [0])
        self.values = array("i", [0] * _VALUES_SIZE)
        self.layout = [
            ("stim300.poll", "result", 1, 4),
            ("stim300.poll", "imu", slots.IMU_SIZE, 4),
            ("stim300.poll", "buffer", len(self.imu._buffer), 1),
        ]
        for name, driver in (("laser_altimeter", self.laser), ("doppler_radar", self.radar)):
            self.layout.append((name + ".request", "sent", _SENT_SIZE, 1))
            self.layout.append((name + ".poll", "result", 1, 4))
            self.layout.append((name + ".poll", "reading", slots.ALT_SIZE, 4))
            self.layout.append((name + ".poll", "line state", len(driver.line.state), 4))
            self.layout.append((name + ".poll", "buffer", len(driver.line.buffer), 1))
        for _ in range(_POLLS):
            self.layout.append(("port.poll", "result", 1, 4))
            self.layout.append(("port.poll", "values", _VALUES_SIZE, 4))
        self.layout.append(("port.poll", "port state", len(self.port.state), 4))
        self.layout.append(("port.poll", "accepted", 1, 4))
        self.layout.append(("port.poll", "rejected", 1, 4))
        self.layout.append(("port.send", "sent", _SENT_SIZE, 1))

    def _write(self, target, result: int) -> None:
        self.result[0] = result
        target.write(self.result)

    def step(self, source, target) -> None:
        """Each line's bytes, then each driver's poll."""
        source.readinto(self.beam)
        for line in self.lines:
            line.fill(source)
        self._write(target, self.imu.poll())
        target.write(self.imu.readings)
        target.write(self.imu._buffer)
        for index, driver in ((1, self.laser), (2, self.radar)):
            driver.request(self.beam[0], self.beam[1])
            target.write(self.lines[index].sent)
            self._write(target, driver.poll())
            target.write(driver.readings)
            target.write(driver.line.state)
            target.write(driver.line.buffer)
        self._poll_port(target)
        for index in range(len(self.demand.values)):
            self.demand.values[index] = self.imu.readings[index % slots.IMU_SIZE]
        self.port.send(self.demand)
        target.write(self.lines[3].sent)

    def _poll_port(self, target) -> None:
        for _ in range(_POLLS):
            self._write(target, self.port.poll())
            for index in range(len(self.port.values)):
                self.values[index] = self.port.values[index]
            target.write(self.values)
        target.write(self.port.state)
        self._write(target, self.port.accepted)
        self._write(target, self.port.rejected)
