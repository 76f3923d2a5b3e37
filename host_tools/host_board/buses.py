"""I2C, SPI and converters of a host board, with MicroPython's methods and the parts of the emulated chip.

A part sees the events of its wires: start, bytes, repeated start, stop. What can go wrong with a bus is an
attribute: `sda_held` and `scl_held`, parts that are `absent`, and `garble`, through which every byte goes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from host_tools.host_board.wires import Harness

EIO, ETIMEDOUT = 5, 110


class I2cPart(Protocol):
    """A part at one address, as host_tools.emulator.parts has it."""

    def start(self, reading: bool) -> bool:
        """A start or repeated start with the part's address. Returns whether it acknowledges."""
        ...

    def write(self, byte: int) -> bool:
        """A byte from the board. Returns whether the part acknowledges."""
        ...

    def read(self) -> int:
        """The next byte for the board."""
        ...

    def stop(self) -> None:
        """The end of a transfer that the part has acknowledged."""
        ...


class SpiPart(Protocol):
    """A part on an SPI bus."""

    def select(self, selected: bool) -> None:
        """Its select pin has changed."""
        ...

    def exchange(self, word: int) -> int:
        """The byte that the part sent while the board sent `word`."""
        ...


class SimulatedI2c:
    """machine.I2C on the host; `transfers` counts all, `refused` those that ended in an OSError."""

    def __init__(self, parts: Mapping[int, I2cPart]) -> None:
        self.parts = dict(parts)
        self.absent: set[int] = set()
        self.sda_held = False
        self.scl_held = False
        self.garble: Callable[[int], int] | None = None
        self.refuse_after: int | None = None  # bytes until something is not acknowledged, once
        self.transfers = 0
        self.refused = 0

    def readfrom_mem_into(
        self, address: int, register: int, buffer: bytearray | memoryview, addrsize: int = 8
    ) -> None:
        """Pointer, repeated start, as many bytes as `buffer` has room for."""
        part = self._begin(address, False)
        self._send(part, register.to_bytes(addrsize // 8, "big"))
        self._start(part, True)
        self._receive(part, buffer)

    def readfrom_into(self, address: int, buffer: bytearray | memoryview) -> None:
        """As many bytes as `buffer` has room for."""
        self._receive(self._begin(address, True), buffer)

    def writeto(self, address: int, data: bytes | bytearray) -> int:
        """Data, then a stop."""
        part = self._begin(address, False)
        self._send(part, bytes(data))
        part.stop()
        return len(data)

    def _begin(self, address: int, reading: bool) -> I2cPart:
        self.transfers += 1
        if self.sda_held or self.scl_held:
            self._refuse(ETIMEDOUT)
        part = None if address in self.absent else self.parts.get(address)
        if part is None:
            self._refuse(EIO)
        self._start(part, reading)
        return part

    def _start(self, part: I2cPart, reading: bool) -> None:
        if not part.start(reading):
            self._refuse(EIO)

    def _send(self, part: I2cPart, data: bytes) -> None:
        for byte in data:
            if self.refuse_after is not None:
                self.refuse_after -= 1
                if self.refuse_after < 0:
                    self.refuse_after = None
                    part.stop()
                    self._refuse(EIO)
            if not part.write(byte if self.garble is None else self.garble(byte)):
                part.stop()
                self._refuse(EIO)

    def _receive(self, part: I2cPart, buffer: bytearray | memoryview) -> None:
        for index in range(len(buffer)):
            byte = part.read() & 0xFF
            buffer[index] = byte if self.garble is None else self.garble(byte)
        part.stop()

    def _refuse(self, number: int) -> NoReturn:
        self.refused += 1
        raise OSError(number)


class SimulatedSpi:
    """machine.SPI on the host with one part, and its select pin; without a part MISO is high."""

    def __init__(self, part: SpiPart | None) -> None:
        self.part = part
        self.garble: Callable[[int], int] | None = None

    def select(self, level: int) -> None:
        """The select pin, called as a machine.Pin is."""
        if self.part is not None:
            self.part.select(not level)

    def write(self, data: bytes | bytearray) -> None:
        """Send bytes."""
        for byte in data:
            self._exchange(byte)

    def readinto(self, buffer: bytearray | memoryview) -> None:
        """Fill `buffer` while zeros are sent."""
        for index in range(len(buffer)):
            buffer[index] = self._exchange(0)

    def _exchange(self, byte: int) -> int:
        answer = 0xFF if self.part is None else self.part.exchange(byte) & 0xFF
        return answer if self.garble is None else self.garble(answer)


class SimulatedAdc:
    """machine.ADC on the host: a 12-bit converter, spread over 16 bits as MicroPython's is."""

    def __init__(self, counts: Callable[[], int]) -> None:
        self._counts = counts

    def read_u16(self) -> int:
        """The reading, 0 to 65,535."""
        counts = self._counts()
        return counts << 4 | counts >> 8


@dataclass
class BusHarness(Harness):
    """A harness with buses by their prefix, (bus, select pin) for SPI, and converters by their signal."""

    buses: dict[str, Any] = field(default_factory=dict)
