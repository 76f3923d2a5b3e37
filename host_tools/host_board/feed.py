"""What hangs at propulsion's shift registers: isolation valves, and a multiplexer before its converter.

    lines = FeedLines(world.isolated, sensors.counts)
    lines.select(10); lines.read()      # as the board's program does

What the channels show is feed_sensors.py's.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from host_tools.host_board.isolation import IsolationValves


def _nothing(_channel: int) -> int:
    """A multiplexer that is not there, on an emulated chip: it reads 0."""
    return 0


class FeedLines:
    """isolated: a flag for each valve that follows the registers; counts: a channel's reading, 0 to 4,095."""

    def __init__(
        self, isolated: NDArray[np.bool_] | None = None, counts: Callable[[int], int] = _nothing
    ) -> None:
        self.isolation = IsolationValves(isolated)
        self.channel = 0
        self._counts = counts

    def write(self, word: int) -> None:
        """The second register's outputs: a bit for each isolation valve."""
        self.isolation.write(word)

    def select(self, channel: int) -> None:
        """The first register's: the multiplexer's channel."""
        self.channel = channel

    def counts(self) -> int:
        """The chosen channel's reading, 0 to 4,095."""
        return self._counts(self.channel)

    def read(self) -> int:
        """The same, spread over 16 bits as MicroPython's is."""
        counts = self.counts()
        return counts << 4 | counts >> 8


class RegisterPins:
    """The two registers behind an emulated chip's pins: edges of data, clock and latch become words.

    `has_shown`: whether there has been one.
    """

    def __init__(self, lines: FeedLines) -> None:
        self._lines = lines
        self._levels = {"data": 0, "clock": 0, "latch": 0}
        self._shifted = 0
        self.has_shown = False

    def edge(self, signal: str, level: int) -> None:
        """A pin's new level; signal: as in isolation.data."""
        name = signal.rpartition(".")[2]
        rises = level > self._levels[name]
        self._levels[name] = level
        if rises and name == "clock":
            self._shifted = (self._shifted << 1 | self._levels["data"]) & 0xFFFF
        elif rises and name == "latch":
            self.has_shown = True
            self._lines.write(self._shifted >> 8)
            self._lines.select(self._shifted & 0x0F)
