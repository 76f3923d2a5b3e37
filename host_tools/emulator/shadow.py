"""The host board beside an emulated one: the same bytes, tick by tick, and the same states, or an error.

A chip's program takes from each line what has come by then, and counts it. The shadow is the same
program on the host board; it is given exactly as many bytes before its own tick, and afterwards
every kernel's state must be equal, slot by slot.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from host_tools.host_board.clock import Clock

_COUNT_MASK = 0x1FFFFFFF  # of the firmware's running counts
_LINE = "_line"  # arrays of this name are lines' own bookkeeping; slot 0 is the count of bytes taken


class ShadowMismatch(Exception):
    """The emulated board and the host board differ; says where first."""


class MeteredEnd:
    """A line's end that hands out what it is allowed to."""

    def __init__(self, baudrate: int) -> None:
        self.line = SimpleNamespace(baudrate=baudrate)  # what machine.UART looks at
        self._fed = bytearray()
        self._taken = 0
        self._allowed = 0

    def feed(self, data: bytes) -> None:
        """Bytes that have been sent to the chip."""
        self._fed += data

    def allow(self, count: int) -> bool:
        """Let the program take what the chip has taken by now; False if that was never sent."""
        self._allowed = (count - self._taken) & _COUNT_MASK
        return self._allowed <= len(self._fed)

    def any(self) -> int:
        """The number of bytes that may be read."""
        return self._allowed

    def readinto(self, buffer: bytearray | memoryview) -> int | None:
        """Move as many bytes as are allowed and fit into `buffer`; None if there are none."""
        count = min(self._allowed, len(buffer))
        if not count:
            return None
        buffer[:count] = self._fed[:count]
        del self._fed[:count]
        self._taken = (self._taken + count) & _COUNT_MASK
        self._allowed -= count
        return count

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Nobody listens: the chip's own words are what counts."""
        return len(data)


class Shadow:
    """One board's program on the host.

    build(clock, serial) makes the subsystem on lines of the given baud rates. is_bus_shared: its port `bus`
    is told what the chip's is. unforeseen: slots by array that the chip draws by chance: they are taken over.
    """

    def __init__(
        self,
        name: str,
        lines: Mapping[str, int],
        build: Callable[[Clock, Any], Any],
        is_bus_shared: bool = False,
        unforeseen: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        self.name = name
        self._clock = Clock()
        self._ends = {line: MeteredEnd(baudrate) for line, baudrate in lines.items()}
        self._program = build(self._clock, self._ends)
        self._program.bus.is_shared = is_bus_shared
        self._unforeseen = unforeseen or {}
        self._ticks = 0

    def feed(self, line: str, chunks: Iterable[tuple[int, bytes]]) -> None:
        """What is sent to the chip on a line."""
        for _, data in chunks:
            self._ends[line].feed(data)

    def idle_ticks(self, count: int) -> None:
        """Ticks of the chip before anything was sent to it."""
        for _ in range(count):
            self._tick()

    def follow(self, emulated: Mapping[str, array]) -> None:
        """One tick with the bytes that the chip has taken by its own; then compare. Raises ShadowMismatch."""
        for line, end in self._ends.items():
            if not end.allow(emulated[line + _LINE][0]):
                where = f"{self.name}, tick {self._ticks}"
                raise ShadowMismatch(f"{where}: the emulated board took more from {line} than was sent")
        self._tick()
        arrays = self._program.arrays()
        for name, drawn in self._unforeseen.items():
            for slot in drawn:
                arrays[name][slot] = emulated[name][slot]
        for name, own in arrays.items():
            if not name.endswith(_LINE) and own != emulated[name]:
                raise ShadowMismatch(self._difference(name, own, emulated[name]))

    def _tick(self) -> None:
        self._clock.now_us += 10_000
        self._program.rate_group.poll()
        self._ticks += 1

    def _difference(self, name: str, own: array, emulated: array) -> str:
        slot = next(i for i in range(len(own)) if own[i] != emulated[i])
        return (
            f"{self.name}, tick {self._ticks - 1}: {name}[{slot}] is {emulated[slot]} on the emulated board"
            f" and {own[slot]} on the host board"
        )
