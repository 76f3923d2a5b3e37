"""A simulated ST VL53L1X, at register level, as ST's ultra lite driver sees it.

It ranges when started after its settings were written, at the period that it is given; `measure`
returns (range status code, range in mm), as in (9, 1234).
"""

from collections.abc import Callable

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.i2c_memory import I2cMemory

SIZE = 0x0111
BOOT_US = 1_200
OSC_CALIBRATE = 0x0214  # 10 bits: clocks of the low-power oscillator in a millisecond, about
CLOCK_FACTOR = 1.075
SEQUENCE, PERIOD, CLEAR, MODE = 0x0081, 0x006C, 0x0086, 0x0087
READY_AT, RESULT, RANGE = 0x0031, 0x0089, 0x0096
RANGING = 0x40


class SimulatedVl53l1x(I2cMemory):
    """The part at address 29."""

    def __init__(self, clock: Clock, measure: Callable[[], tuple[int, int]]) -> None:
        super().__init__(pointer_bytes=2)
        self.measure = measure
        self._clock = clock
        self.power_on()

    def power_on(self) -> None:
        """Everything that was written is lost."""
        self.registers = bytearray(SIZE)
        self.registers[0x010F:0x0111] = b"\xea\xcc"
        self.registers[0x00DE:0x00E0] = OSC_CALIBRATE.to_bytes(2, "big")
        self._booted_us = self._clock.now_us + BOOT_US
        self._next_us: int | None = None

    @property
    def period_us(self) -> int:
        """Between two ranges."""
        clocks = int.from_bytes(self.registers[PERIOD : PERIOD + 4], "big")
        return round(1000 * clocks / (OSC_CALIBRATE * CLOCK_FACTOR))

    def get(self, register: int) -> int:
        """A register, with the ranges that have been made by now."""
        self._range()
        if register == 0x00E5:
            return 0x03 if self._clock.now_us >= self._booted_us else 0x00
        return self.registers[register % SIZE]

    def put(self, register: int, byte: int) -> bool:
        """A setting, or a command."""
        self.registers[register % SIZE] = byte
        if register == CLEAR and byte & 1:
            self.registers[READY_AT] &= ~1
        if register == MODE:
            is_set = self.registers[SEQUENCE] != 0 and self.period_us > 0
            self._next_us = self._clock.now_us + self.period_us if byte == RANGING and is_set else None
        return True

    def _range(self) -> None:
        if self._next_us is None or self._clock.now_us < self._next_us:
            return
        while self._next_us <= self._clock.now_us:
            self._next_us += self.period_us
        status, range_mm = self.measure()
        self.registers[RESULT] = status
        self.registers[RANGE : RANGE + 2] = range_mm.to_bytes(2, "big")
        self.registers[READY_AT] |= 1
