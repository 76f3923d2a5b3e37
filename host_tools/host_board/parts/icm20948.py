"""A simulated TDK ICM-20948, at register level, on I2C and on SPI: four banks, FIFO, sleep, reset.

`measure` returns (acceleration x y z in g, rate x y z in degrees a second).
"""

from collections.abc import Callable, Sequence

from host_tools.host_board.clock import Clock
from host_tools.host_board.parts.i2c_memory import I2cMemory

USER_CTRL, PWR_MGMT_1, FIFO_EN_2, FIFO_RST, FIFO_MODE = 0x03, 0x06, 0x67, 0x68, 0x69
FIFO_COUNT, FIFO, BANK = 0x70, 0x72, 0x7F
GYRO_CONFIG, GYRO_DIVIDER, ACCEL_CONFIG = 0x01, 0x00, 0x14  # bank 2
SAMPLE_BYTES, FIFO_BYTES = 12, 512
BASE_HZ = 1125
FIFO_ON, SLEEP, RESET = 0x40, 0x40, 0x80
ACCEL_AND_GYRO = 0x1E

Measure = Callable[[], Sequence[float]]


class SimulatedIcm20948(I2cMemory):
    """The part; on SPI the first bit of a transfer says whether it is read."""

    def __init__(self, clock: Clock, measure: Measure) -> None:
        super().__init__()
        self.measure = measure
        self._clock = clock
        self._spi_bytes = 0
        self._spi_reads = False
        self.power_on()

    def power_on(self) -> None:
        """The power-on values: asleep."""
        self.banks = [bytearray(128) for _ in range(4)]
        self.banks[0][0x00] = 0xEA
        self.banks[0][PWR_MGMT_1] = 0x41
        self.banks[2][GYRO_CONFIG] = self.banks[2][ACCEL_CONFIG] = 0x01
        self.bank = 0
        self.fifo = bytearray()
        self._sampled_us = self._clock.now_us
        self._looked_us = -1

    @property
    def period_us(self) -> float:
        """Between two samples."""
        return 1e6 * (1 + self.banks[2][GYRO_DIVIDER]) / BASE_HZ

    def step(self, register: int) -> int:
        """The FIFO's port keeps the pointer; others go on."""
        return register if self.bank == 0 and register == FIFO else (register + 1) & 0x7F

    def get(self, register: int) -> int:
        """A register of the present bank."""
        self._sample()
        if register == BANK:
            return self.bank << 4
        if self.bank == 0 and register == FIFO:
            return self.fifo.pop(0) if self.fifo else 0xFF
        if self.bank == 0 and register in (FIFO_COUNT, FIFO_COUNT + 1):
            return len(self.fifo).to_bytes(2, "big")[register - FIFO_COUNT]
        return self.banks[self.bank][register & 0x7F]

    def put(self, register: int, byte: int) -> bool:
        """A register of the present bank, or the bank."""
        self._sample()
        if register == BANK:
            self.bank = byte >> 4 & 3
            return True
        self.banks[self.bank][register & 0x7F] = byte
        if self.bank == 0 and register == PWR_MGMT_1 and byte & RESET:
            self.power_on()
        if self.bank == 0 and register == FIFO_RST and byte:
            self.fifo.clear()
        return True

    def select(self, selected: bool) -> None:
        """SPI: a transfer begins or ends."""
        self._spi_bytes = 0

    def exchange(self, word: int) -> int:
        """SPI: the register's address, then bytes."""
        self._spi_bytes += 1
        if self._spi_bytes == 1:
            self._spi_reads, self.pointer = bool(word & 0x80), word & 0x7F
            return 0xFF
        register = self.pointer
        answer = self.get(register) if self._spi_reads else 0xFF
        if not self._spi_reads:
            self.put(register, word)
        self.pointer = self.step(register)
        return answer

    def _sample(self) -> None:
        """Put the samples that have come by now into the FIFO."""
        if self._clock.now_us == self._looked_us:  # a transfer of many bytes in one moment of a host board
            return
        self._looked_us = self._clock.now_us
        zero = self.banks[0]
        running = (
            zero[USER_CTRL] & FIFO_ON and not zero[PWR_MGMT_1] & SLEEP and zero[FIFO_EN_2] == ACCEL_AND_GYRO
        )
        if not running:
            self._sampled_us = self._clock.now_us
            return
        count = int((self._clock.now_us - self._sampled_us) / self.period_us)
        self._sampled_us += count * self.period_us
        for _ in range(count):
            values = list(self.measure())
            content = b"".join(self._word(value, axis) for axis, value in enumerate(values))
            self.fifo += content[: FIFO_BYTES - len(self.fifo)]  # snapshot: what does not fit is lost

    def _word(self, value: float, axis: int) -> bytes:
        if axis < 3:
            lsb = 16384 >> (self.banks[2][ACCEL_CONFIG] >> 1 & 3)
        else:
            lsb = (131.072, 65.536, 32.8, 16.4)[self.banks[2][GYRO_CONFIG] >> 1 & 3]
        return min(max(round(value * lsb), -32768), 32767).to_bytes(2, "big", signed=True)
