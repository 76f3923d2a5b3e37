"""A simulated Garmin LIDAR-Lite v3, at register level.

`measure` returns the distance in cm, None without a signal.
"""

from collections.abc import Callable

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.i2c_memory import I2cMemory

ACQUISITION_US = 15_000
BUSY, INVALID, HEALTHY = 0x01, 0x08, 0x20


class SimulatedLidarLite(I2cMemory):
    """Registers 00, 01, 0F and 10; bit 7 of a pointer lets it go on by itself. No repeated start."""

    def __init__(self, clock: Clock, measure: Callable[[], int | None]) -> None:
        super().__init__()
        self.measure = measure
        self.health = HEALTHY
        self._clock = clock
        self._ready_us = 0
        self._range_cm: int | None = 0
        self._in_transfer = False

    def start(self, reading: bool) -> bool:
        """Refused within a transfer: the manual demands a stop before each start."""
        if self._in_transfer:
            return False
        self._in_transfer = super().start(reading)
        return self._in_transfer

    def stop(self) -> None:
        """The next start may come."""
        self._in_transfer = False

    def step(self, register: int) -> int:
        """It goes on only if bit 7 was set."""
        return register + 1 if register & 0x80 else register

    def get(self, register: int) -> int:
        """Status and distance."""
        busy = self._clock.now_us < self._ready_us
        range_cm = self._range_cm or 0
        invalid = 0 if self._range_cm is not None else INVALID
        values = {0x01: self.health | (BUSY if busy else invalid), 0x0F: range_cm >> 8, 0x10: range_cm & 0xFF}
        return values.get(register & 0x7F, 0)

    def put(self, register: int, byte: int) -> bool:
        """Commands 03 and 04 measure."""
        if register == 0x00 and byte in (0x03, 0x04):
            self._ready_us = self._clock.now_us + ACQUISITION_US
            self._range_cm = self.measure()
        return True
