"""The emulated chip as Python sees it: a Node process that answers one request at a time.

A chip has no time of its own: it runs to the emulated time that `run` names and stops there. The same
requests give the same answers, bit for bit. Times are integer nanoseconds since power-on.

    with Chip(Path("firmware.uf2")) as chip:
        print(chip.run(until_ns=500_000_000).usb)
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from host_tools.emulator.node import CHIP, NodeError, node, packages
from host_tools.emulator.parts import I2cBus, I2cPart, SpiBus, SpiPart
from host_tools.emulator.process import ChipError, ChipProcess, Message

__all__ = ["Chip", "ChipError", "Fault", "Reset", "Slice"]


class Reset(NamedTuple):
    """A restart of the chip: when, and by what ("watchdog", "software", ...)."""

    at_ns: int
    cause: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What stopped the chip for good: an access or an instruction that no RP2040 can do."""

    kind: str
    address: int
    pc: int
    lr: int
    message: str  # one line, with the addresses in it


@dataclass(slots=True)
class Slice:
    """What came out of the chip during one `run`."""

    now_ns: int
    cycles: int  # executed; idle time costs none
    idle: bool  # the core waits for an event or an interrupt
    usb: bytes
    serial: dict[str, list[tuple[int, int]]]  # (end of the stop bit, byte) by line
    edges: list[tuple[int, int, int]]  # (time, gpio, level)
    resets: list[Reset]
    fault: Fault | None


class Chip:
    """An RP2040 with 2 MB of flash, powered on; a context manager.

    `flash` is a raw image of the whole flash, taken if the file exists; the blocks of `uf2` go on top.
    `program` is what to start in place of Node and the chip's program: it speaks the same protocol.
    """

    def __init__(
        self, uf2: Path | None, flash: Path | None = None, program: Sequence[str | Path] | None = None
    ) -> None:
        self.now_ns = 0
        self._i2c: dict[int, I2cBus] = {}
        self._spi: dict[int, SpiBus] = {}
        if uf2 is not None and not uf2.is_file():
            raise ChipError(f"{uf2}: there is no such UF2 file")
        self._process = ChipProcess(program or _program(), self._told)
        try:
            self._request(op="load", uf2=_path(uf2), flash=_path(flash))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Chip":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the chip's flash is lost unless it was saved."""
        self._process.close()

    def attach_serial(self, name: str, tx_gpio: int, rx_gpio: int, baudrate: int) -> None:
        """Plug a serial line in; `tx_gpio` is the chip's output."""
        self._request(op="serial", name=name, tx=tx_gpio, rx=rx_gpio, baudrate=baudrate)

    def attach_i2c(self, bus: int, parts: Mapping[int, I2cPart]) -> None:
        """Plug parts into an I2C bus, by address; no other address acknowledges."""
        self._i2c[bus] = I2cBus(parts)
        self._request(op="i2c", bus=bus, addresses=sorted(parts))

    def attach_spi(self, bus: int, part: SpiPart, select_gpio: int | None = None) -> None:
        """Plug a part into an SPI bus; with a select pin it hears only while that is low."""
        self._spi[bus] = SpiBus(part)
        select = {} if select_gpio is None else {"select": select_gpio}
        self._request(op="spi", bus=bus, **select)

    def analog(self, channel: int, value: int) -> None:
        """Set what the converter reads at a channel, 0 to 4095."""
        self._request(op="analog", channel=channel, value=value)

    def watch(self, gpios: Iterable[int]) -> None:
        """Report the edges of these outputs, too, from now on."""
        self._request(op="watch", gpios=sorted(gpios))

    def run(
        self,
        until_ns: int,
        usb: bytes = b"",
        serial: Mapping[str, Iterable[tuple[int, bytes]]] | None = None,
        pins: Iterable[tuple[int, int, int]] = (),
        break_on_usb: bool = False,
    ) -> Slice:
        """Run until `until_ns`, with what comes in meanwhile.

        `serial` has chunks (not before this time, bytes) by line, `pins` has (time, gpio, level). With
        `break_on_usb` the chip stops early, as soon as it has said something. A chip that has faulted
        stays where it is and says so each time. Raises ChipError.
        """
        request: dict[str, Any] = {"op": "run", "until": until_ns}
        if usb:
            request["usb"] = b64encode(usb).decode()
        if serial:
            request["serial"] = {
                name: [[start, b64encode(data).decode()] for start, data in chunks]
                for name, chunks in serial.items()
            }
        if pins:
            request["pins"] = list(pins)
        if break_on_usb:
            request["break_on_usb"] = True
        answer = self._request(**request)
        try:
            slice_ = _slice(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise ChipError(f"the emulated chip answers nonsense to run: {error!r}") from error
        self.now_ns = slice_.now_ns
        return slice_

    def peek(self, regions: Iterable[tuple[int, int]]) -> list[bytes]:
        """The chip's memory at each (address, length)."""
        return [b64decode(text) for text in self._request(op="peek", regions=list(regions))["bytes"]]

    def poke(self, address: int, data: bytes) -> None:
        """Overwrite the chip's memory."""
        self._request(op="poke", address=address, bytes=b64encode(data).decode())

    def save_flash(self, path: Path) -> None:
        """Write the whole flash to a file, which is replaced at once or not at all."""
        self._request(op="save", flash=_path(path))

    def reset(self) -> None:
        """Pull the RUN pin low and let it go."""
        self._request(op="reset")

    def power_cycle(self) -> None:
        """Take the supply away and give it back: only flash survives. Time goes on.

        A program or an erase of flash that is under way stays half done.
        """
        self._request(op="power")

    def _request(self, **request: Any) -> Message:
        return self._process.request(request)

    def _told(self, question: Message) -> Message:
        """The parts' answer to what the chip asks in the middle of a run."""
        buses = {"i2c": self._i2c, "spi": self._spi}.get(question["ask"], {})
        if (bus := buses.get(question.get("bus"))) is not None:
            return bus.answer(question)
        raise ChipError(f"the emulated chip asks what nobody knows: {question}")


def _program() -> list[str | Path]:
    try:
        packages()
        return [node(), CHIP / "main.mjs"]
    except NodeError as error:
        raise ChipError(str(error)) from error


def _slice(answer: Message) -> Slice:
    fault = answer.get("fault")
    return Slice(
        now_ns=answer["now"],
        cycles=answer["cycles"],
        idle=answer["idle"],
        usb=b64decode(answer["usb"]),
        serial={name: [(end, byte) for end, byte in pairs] for name, pairs in answer["serial"].items()},
        edges=[(at, gpio, level) for at, gpio, level in answer["edges"]],
        resets=[Reset(reset["at"], reset["cause"]) for reset in answer["resets"]],
        fault=Fault(*(fault[key] for key in ("kind", "address", "pc", "lr", "message"))) if fault else None,
    )


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())
