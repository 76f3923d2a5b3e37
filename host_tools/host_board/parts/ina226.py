"""A simulated TI INA226, at register level: 16-bit registers, high byte first.

`measure` returns (bus voltage in mV, current in mA), from which the part makes what its converter reads.
"""

from collections.abc import Callable

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.i2c_memory import I2cMemory

CONFIG, SHUNT, BUS, MASK_ENABLE = 0x00, 0x01, 0x02, 0x06
DEFAULT_CONFIG = 0x4127
AVERAGES = (1, 4, 16, 64, 128, 256, 512, 1024)
CONVERSION_US = (140, 204, 332, 588, 1100, 2116, 4156, 8244)
READY = 0x0008


class SimulatedIna226(I2cMemory):
    """The part with a shunt of `shunt_uohm`."""

    def __init__(self, clock: Clock, measure: Callable[[], tuple[float, float]], shunt_uohm: int) -> None:
        super().__init__()
        self.measure = measure
        self.shunt_uohm = shunt_uohm
        self._clock = clock
        self._byte = 0  # of the register pointed at: two, around and around
        self.power_on()

    def power_on(self) -> None:
        """The registers' power-on values."""
        self.words = {CONFIG: DEFAULT_CONFIG, SHUNT: 0, BUS: 0, MASK_ENABLE: 0, 0xFE: 0x5449, 0xFF: 0x2260}
        self._converted_us = self._clock.now_us

    @property
    def period_us(self) -> int:
        """Between two conversions, each of shunt and bus (data sheet 7.1.1)."""
        config = self.words[CONFIG]
        both = CONVERSION_US[config >> 6 & 7] + CONVERSION_US[config >> 3 & 7]
        return AVERAGES[config >> 9 & 7] * both

    def start(self, reading: bool) -> bool:
        """Each transfer begins with the high byte."""
        self._byte = 0
        return super().start(reading)

    def step(self, register: int) -> int:
        """The pointer stays; high and low byte take turns."""
        self._byte ^= 1
        return register

    def get(self, register: int) -> int:
        """A byte of a register; Mask/Enable forgets its flag when it is read."""
        self._convert()
        word = self.words.get(register, 0)
        if register == MASK_ENABLE and self._byte:
            self.words[MASK_ENABLE] &= ~READY
        return word & 0xFF if self._byte else word >> 8

    def put(self, register: int, byte: int) -> bool:
        """A byte of a register; a new configuration begins a conversion."""
        word = self.words.get(register, 0)
        self.words[register] = (word & 0xFF00 | byte) if self._byte else (word & 0x00FF | byte << 8)
        if register == CONFIG and self._byte:
            self._converted_us = self._clock.now_us
            if self.words[CONFIG] & 0x8000:
                self.power_on()
        return True

    def _convert(self) -> None:
        passed = (self._clock.now_us - self._converted_us) // self.period_us
        if passed <= 0:
            return
        self._converted_us += passed * self.period_us
        bus_mv, current_ma = self.measure()
        shunt_uv = current_ma * self.shunt_uohm / 1000
        self.words[SHUNT] = min(max(round(shunt_uv / 2.5), -32768), 32767) & 0xFFFF
        self.words[BUS] = min(max(round(bus_mv / 1.25), 0), 0x7FFF)
        self.words[MASK_ENABLE] |= READY
