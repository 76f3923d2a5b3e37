"""One serial bus that many share: what one end sends all others hear, frame after frame.

    bus = SharedBus(clock, 460_800, ("navigation", "power", "ground"))
    bus.ends["power"].write(frame)

A chunk that is written while another one is on the bus waits for its end: somebody arbitrates, as a hub does.
"""

from collections.abc import Callable, Collection, Iterable
from typing import cast

from host_tools.host_board.clock import Clock
from host_tools.host_board.wires import BIT_TIMES_PER_BYTE, RECEIVE_BUFFER_BYTES, SerialEnd, SerialLine

_DELIMITER = 0  # behind each frame (link/cobs.py)
_BYTE_TIME = BIT_TIMES_PER_BYTE * 1_000_000  # microseconds times the baud rate, as in wires.py


class BusEnd(SerialEnd):
    """What a node holds of the bus; it reads as the end of a line does."""

    def __init__(self, bus: "SharedBus", name: str) -> None:
        super().__init__(cast(SerialLine, bus), RECEIVE_BUFFER_BYTES)
        self.name = name
        self.sent_bytes = 0
        self._bus = bus

    def write(self, data: bytes | bytearray | memoryview, not_before_us: int = 0) -> int:
        """Send a copy of `data` to all others when the bus is free. Returns len(data)."""
        chunk = bytes(data)
        self.sent_bytes += len(chunk)
        self._bus.carry(self, chunk, not_before_us)
        return len(chunk)


class HubEnd(BusEnd):
    """What a hub holds for a board that keeps its own time, an emulated chip.

    A frame of the chip's goes onto the bus when it is whole, and then waits for the bus as any other does.
    """

    def __init__(self, bus: "SharedBus", name: str) -> None:
        super().__init__(bus, name)
        self._fills = bytearray()

    def take(self) -> list[tuple[int, bytes]]:
        """For the chip's next run: (first bit not before this time in ns of the world, bytes)."""
        baudrate = self._bus.baudrate
        chunks = [(start * 1000 // baudrate, chunk) for chunk, start, _ in self._coming]
        self._coming.clear()
        return chunks

    def give(self, sent: list[tuple[int, int]]) -> None:
        """From the chip's last run: (end of the stop bit in ns of the world, byte)."""
        for end_ns, byte in sent:
            self._fills.append(byte)
            if byte == _DELIMITER and len(self._fills) > 1:  # one stands in front of a frame, too
                self.write(self._fills, -(-end_ns // 1000))
                self._fills.clear()


class SharedBus:
    """`ends` by name; those of `hubs` are HubEnds. `corrupt`, if set, is called with each chunk and returns
    the bytes that arrive instead.

    `worst_wait_us`: longest that a chunk has waited for the bus; `busy_us`: how long it has been in use.
    """

    def __init__(self, clock: Clock, baudrate: int, names: Iterable[str], hubs: Collection[str] = ()) -> None:
        self.clock = clock
        self.baudrate = baudrate
        self.corrupt: Callable[[bytes], bytes] | None = None
        self.worst_wait_us = 0
        self.busy_us = 0.0
        self._free_at = 0  # in microseconds times the baud rate
        self.ends: dict[str, BusEnd] = {
            name: HubEnd(self, name) if name in hubs else BusEnd(self, name) for name in names
        }

    def carry(self, sender: BusEnd, chunk: bytes, not_before_us: int) -> None:
        """Put a chunk onto the bus."""
        wanted = max(self.clock.now_us, not_before_us) * self.baudrate
        start = max(wanted, self._free_at)
        self._free_at = start + len(chunk) * _BYTE_TIME
        self.worst_wait_us = max(self.worst_wait_us, (start - wanted) // self.baudrate)
        self.busy_us += len(chunk) * _BYTE_TIME / self.baudrate
        if self.corrupt is not None:
            chunk = self.corrupt(chunk)
        if chunk:
            for end in self.ends.values():
                if end is not sender:
                    end._coming.append([chunk, start, 0])
