"""The far end of an emulated chip's serial line, for a part that keeps the world's time.

What the part writes waits until the chip runs; what the chip has sent can be read once its stop
bit has ended. The methods are those of wires.SerialEnd.
"""

from collections import deque

from host_tools.host_board.clock import Clock


class FarEnd:
    """A part's end of the line; its clock is the world's, in microseconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._to_chip: list[tuple[int, bytes]] = []
        self._from_chip: deque[tuple[int, int]] = deque()  # end of the stop bit in ns of the world, byte
        self._received = bytearray()

    @property
    def now_us(self) -> int:
        """The world's clock."""
        return self._clock.now_us

    def any(self) -> int:
        """The number of bytes that can be read now."""
        self._receive()
        return len(self._received)

    def read(self) -> bytes:
        """Everything that has come."""
        self._receive()
        chunk = bytes(self._received)
        self._received.clear()
        return chunk

    def readinto(self, buffer: bytearray | memoryview) -> int | None:
        """Move as many bytes as have come and fit into `buffer`; None if there are none."""
        self._receive()
        count = min(len(self._received), len(buffer))
        if not count:
            return None
        buffer[:count] = self._received[:count]
        del self._received[:count]
        return count

    def write(self, data: bytes | bytearray | memoryview, not_before_us: int = 0) -> int:
        """Send `data` after what is being sent, and not before `not_before_us`."""
        self._to_chip.append((1000 * max(self._clock.now_us, not_before_us), bytes(data)))
        return len(data)

    def take(self) -> list[tuple[int, bytes]]:
        """For the chip's next run: (first bit not before this time in ns of the world, bytes)."""
        chunks, self._to_chip = self._to_chip, []
        return chunks

    def give(self, sent: list[tuple[int, int]]) -> None:
        """From the chip's last run: (end of the stop bit in ns of the world, byte)."""
        self._from_chip.extend(sent)

    def _receive(self) -> None:
        now_ns = 1000 * self._clock.now_us
        while self._from_chip and self._from_chip[0][0] <= now_ns:
            self._received.append(self._from_chip.popleft()[1])
