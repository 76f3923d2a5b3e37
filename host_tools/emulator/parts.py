"""Parts on the emulated chip's I2C and SPI buses, and the bridge from the chip's questions to them.

A part is any object with the few methods of I2cPart or SpiPart; it sees what its wires carry, byte by
byte, and does not know whether a controller or software moves them. I2cRegisters is the usual I2C part.

    chip.attach_i2c(0, {0x29: I2cRegisters(b"\\x00" * 16)})
"""

from collections.abc import Mapping
from typing import Any, Protocol


class I2cPart(Protocol):
    """A part at one address. Optional attribute: `stretch_ns`, how long it holds SCL after each byte."""

    def start(self, reading: bool) -> bool:
        """A start or repeated start with the part's address. Returns whether it acknowledges."""
        ...

    def write(self, byte: int) -> bool:
        """A byte from the chip. Returns whether the part acknowledges."""
        ...

    def read(self) -> int:
        """The next byte for the chip."""
        ...

    def stop(self) -> None:
        """The end of a transfer that the part has acknowledged."""
        ...


class SpiPart(Protocol):
    """A part on an SPI bus. Optional: `select(selected: bool)`, told when its select pin changes."""

    def exchange(self, word: int) -> int:
        """The word that the part sent while the chip sent `word`; all ones where it drives nothing."""
        ...


class I2cBus:
    """The parts of one I2C bus by address; any other address is not acknowledged."""

    def __init__(self, parts: Mapping[int, I2cPart]) -> None:
        for address in parts:
            if not 0 <= address <= 0x7F:
                raise ValueError(f"an I2C address is from 0 to 0x7f, not {address:#x}")
        self.parts = dict(parts)

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The addressed part's answer to a question of the chip: `event` is start, write, read or stop."""
        part = self.parts.get(question["address"])
        if part is None:
            return {"ack": False}
        answer: dict[str, Any] = {}
        match question["event"]:
            case "start":
                answer["ack"] = bool(part.start(question["read"]))
            case "write":
                answer["ack"] = bool(part.write(question["byte"]))
            case "read":
                answer["byte"] = part.read() & 0xFF
            case "stop":
                part.stop()
                return {}
            case event:
                raise ValueError(f"the emulated chip's I2C knows no event {event!r}")
        stretch_ns = getattr(part, "stretch_ns", 0)
        if stretch_ns:
            answer["stretch_ns"] = stretch_ns
        return answer


class SpiBus:
    """The part of one SPI bus."""

    def __init__(self, part: SpiPart) -> None:
        self.part = part

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The part's answer to a word, or to an edge of its select pin (`event`: select or deselect)."""
        if "event" in question:
            select = getattr(self.part, "select", None)
            if select is not None:
                select(question["event"] == "select")
            return {}
        return {"byte": self.part.exchange(question["byte"])}


class I2cRegisters:
    """An I2C part with up to 256 registers of one byte: the first byte written points at one, and the
    pointer moves on with each byte written or read, around at the end. `writable` are the registers that
    the chip may write; a byte for any other is not acknowledged.
    """

    def __init__(self, registers: bytes, writable: range = range(256)) -> None:
        if not 1 <= len(registers) <= 256:
            raise ValueError(f"a part has from 1 to 256 registers, not {len(registers)}")
        self.registers = bytearray(registers)
        self.writable = writable
        self.pointer = 0
        self._pointing = False  # the next byte written is the pointer

    def start(self, reading: bool) -> bool:
        """Always there; a write begins with the pointer."""
        self._pointing = not reading
        return True

    def write(self, byte: int) -> bool:
        """The pointer, then registers. A pointer beyond the registers is not acknowledged."""
        if self._pointing:
            if byte >= len(self.registers):
                return False
            self._pointing = False
            self.pointer = byte
            return True
        if self.pointer not in self.writable:
            return False
        self.registers[self.pointer] = byte
        self._advance()
        return True

    def read(self) -> int:
        """The register pointed at."""
        byte = self.registers[self.pointer]
        self._advance()
        return byte

    def stop(self) -> None:
        """Nothing: the pointer stays."""

    def _advance(self) -> None:
        self.pointer = (self.pointer + 1) % len(self.registers)
