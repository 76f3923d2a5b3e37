"""What runs between boards and parts: serial lines with the timing of their baud rate, and pins' wires.

A SerialLine has two ends, `a` and `b`; each has the reading and writing methods of
MicroPython's UART. A byte can be read once its stop bit has arrived.
"""

from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from host_tools.host_board.clock import Clock
from host_tools.host_board.feed import FeedLines
from host_tools.host_board.outlets import Outlets

BIT_TIMES_PER_BYTE = 10  # start bit, eight data bits, stop bit
RECEIVE_BUFFER_BYTES = 2048 + 32  # MicroPython's rxbuf as the boards set it, and the chip's FIFO

# Times are kept in microseconds times the baud rate, so that a byte's duration is a whole
# number at any baud rate and a chunk's bytes do not drift.
_BYTE_TIME = BIT_TIMES_PER_BYTE * 1_000_000


class PartEnd(Protocol):
    """What a part needs of its end of a serial line, whatever kind of board is at the other one."""

    @property
    def now_us(self) -> int:
        """The line's clock."""
        ...

    def any(self) -> int:
        """The number of bytes that can be read now."""
        ...

    def read(self) -> bytes:
        """Everything that has come."""
        ...

    def readinto(self, buffer: bytearray | memoryview) -> int | None:
        """Move as many bytes as have come and fit into `buffer`; None if there are none."""
        ...

    def write(self, data: bytes | bytearray | memoryview, not_before_us: int = 0) -> int:
        """Send `data` after what is being sent, and not before `not_before_us`."""
        ...


class SerialEnd:
    """One end of a SerialLine: what `machine.UART` or a simulated part holds."""

    def __init__(self, line: "SerialLine", receive_buffer_bytes: int) -> None:
        self.line = line
        self.other: SerialEnd = self
        self.dropped_bytes = 0  # arrived when the receive buffer was full
        self._capacity = receive_buffer_bytes
        self._received = bytearray()
        self._coming: deque[list] = deque()  # [chunk, scaled start time, bytes already received]
        self._line_free_at = 0  # scaled time at which what this end has written is sent

    @property
    def now_us(self) -> int:
        """The line's clock."""
        return self.line.clock.now_us

    def any(self) -> int:
        """The number of bytes that can be read now."""
        if self._coming:
            self._receive()
        return len(self._received)

    def readinto(self, buffer: bytearray | memoryview) -> int | None:
        """Move as many bytes as have come and fit into `buffer`; None if there are none."""
        if self._coming:
            self._receive()
        received = self._received
        if not received:
            return None
        count = min(len(received), len(buffer))
        if count == len(received):
            buffer[:count] = received
            received.clear()
        else:
            buffer[:count] = received[:count]
            del received[:count]
        return count

    def read(self) -> bytes:
        """Everything that has come."""
        if self._coming:
            self._receive()
        chunk = bytes(self._received)
        self._received.clear()
        return chunk

    def write(self, data: bytes | bytearray | memoryview, not_before_us: int = 0) -> int:
        """Send a copy of `data` after what is being sent, and not before `not_before_us`.

        Returns len(data): the transmit buffer has no end here.
        """
        line = self.line
        chunk = bytes(data)
        start = max(line.clock.now_us, not_before_us) * line.baudrate
        if start < self._line_free_at:
            start = self._line_free_at
        self._line_free_at = start + len(chunk) * _BYTE_TIME
        if line.corrupt is not None:
            chunk = line.corrupt(chunk)
        if chunk:
            self.other._coming.append([chunk, start, 0])
        return len(data)

    def _receive(self) -> None:
        """Move the bytes that have arrived by now into the receive buffer; drop what it cannot hold."""
        now = self.line.clock.now_us * self.line.baudrate
        coming = self._coming
        while coming:
            entry = coming[0]
            chunk, start, done = entry
            arrived = (now - start) // _BYTE_TIME
            if arrived <= done:
                return
            arrived = min(arrived, len(chunk))
            room = self._capacity - len(self._received)
            taken = min(arrived - done, room)
            self._received += chunk[done : done + taken]
            self.dropped_bytes += arrived - done - taken
            if arrived < len(chunk):
                entry[2] = arrived
                return
            coming.popleft()


class SerialLine:
    """A full-duplex serial line between the ends `a` and `b`.

    `corrupt`, if set, is called with each chunk written at either end and returns the bytes
    that arrive instead.
    """

    def __init__(self, clock: Clock, baudrate: int, receive_buffer_bytes: int = RECEIVE_BUFFER_BYTES) -> None:
        self.clock = clock
        self.baudrate = baudrate
        self.corrupt: Callable[[bytes], bytes] | None = None
        self.a = SerialEnd(self, receive_buffer_bytes)
        self.b = SerialEnd(self, receive_buffer_bytes)
        self.a.other = self.b
        self.b.other = self.a


class Wire:
    """A wire at a pin; `level` is 0 or 1 and belongs to whoever drives the wire."""

    def __init__(self, level: int = 0) -> None:
        self.level = level


class CountedWire(Wire):
    """A wire that counts its edges, as a pulse counter at it would, and knows when the last one was."""

    def __init__(self, clock: Clock, level: int = 0) -> None:
        self.edges = 0
        self.edge_us: int | None = None
        self._clock = clock
        self._level = level

    @property
    def level(self) -> int:
        """0 or 1; another level than before is an edge."""
        return self._level

    @level.setter
    def level(self, level: int) -> None:
        if level != self._level:
            self._level = level
            self.edges += 1
            self.edge_us = self._clock.now_us


@dataclass
class Harness:
    """What is plugged into one board: serial ends by UART id, wires by GPIO number, clock and valves."""

    clock: Clock = field(default_factory=Clock)
    valves: Outlets = field(default_factory=lambda: Outlets(0))
    serial: Mapping[Any, Any] = field(default_factory=dict)  # has a UART's methods, and its line's baudrate
    wires: dict[Hashable, Wire] = field(default_factory=dict)
    feed: FeedLines = field(default_factory=FeedLines)
