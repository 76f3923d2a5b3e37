"""The 74HC595 at an emulated propulsion board's pins: edges in, isolation valves out.

Data is taken at the clock's rising edge, the outputs follow at the latch's (SN74HC595, function table).
"""

from host_tools.host_board.isolation import IsolationValves

_BITS = 0xFF


class IsolationPins:
    """`valves` are told what the register's outputs are; at power-on it holds nothing."""

    SIGNALS = ("isolation.data", "isolation.clock", "isolation.latch")

    def __init__(self, valves: IsolationValves) -> None:
        self.valves = valves
        self._levels: dict[str, int] = dict.fromkeys(self.SIGNALS, 0)
        self._shifted = 0

    def add(self, edges: list[tuple[int, str, int]]) -> None:
        """(ns of the world, signal, level), in order of time; other signals are passed over."""
        for _, signal, level in edges:
            before = self._levels.get(signal)
            if before is None or before == level:
                continue
            self._levels[signal] = level
            if signal == "isolation.clock" and level:
                self._shifted = (self._shifted << 1 | self._levels["isolation.data"]) & _BITS
            elif signal == "isolation.latch" and level:
                self.valves.write(self._shifted)
