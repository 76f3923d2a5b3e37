"""Where a bench's lines come from: a real board's port, or an emulated Pico with simulated parts.

Both are generators of (seconds since the start, line); between lines they give (seconds, None), so that who
reads them can look at the clock.
"""

import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from host_tools.emulator.bench_parts import BenchParts, Scene
from host_tools.emulator.chip import Chip
from host_tools.emulator.dev_parts import NearScene
from host_tools.emulator.filesystem import image
from host_tools.flash.board_files import board_files
from host_tools.flash.flight_image import of_present_code

Said = tuple[float, str | None]
Source = Generator[Said, None, None]

_SLICE_NS = 2_000_000
_QUIET_S = 0.1
_SWAY_MM = 400  # so that there is something to see


class SourceError(Exception):
    """The board cannot be heard; one line."""


class Lines:
    """Bytes as they come into whole lines."""

    def __init__(self) -> None:
        self._begun = b""

    def of(self, data: bytes) -> list[str]:
        """The lines that `data` ends."""
        *whole, self._begun = (self._begun + data).split(b"\n")
        return [line.decode("utf-8", "replace").strip("\r") for line in whole]


def emulated(board: str, uf2: Path) -> Source:
    """A board on an emulated chip; its time is the chip's. Raises ChipError, BoardError, FlashImageError."""
    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash"
        flash.write_bytes(image(uf2, board_files(board, of_present_code(uf2))))
        chip = Chip(None, flash)
    lines = Lines()
    with chip:
        parts = BenchParts(board, chip, Scene(near=NearScene(sway_mm=_SWAY_MM)))
        while True:
            until_ns = chip.now_ns + _SLICE_NS
            serial, pins = parts.inputs(until_ns)
            slice_ = chip.run(until_ns, b"", serial, pins)
            parts.outputs(slice_)
            now_s = chip.now_ns / 1e9
            for line in lines.of(slice_.usb):
                yield now_s, line
            if slice_.fault is not None:
                raise SourceError(f"{board} has stopped: {slice_.fault.message}")
            yield now_s, None


def at_port(device: str) -> Source:
    """What the board at a port says; its time is the wall clock's. Raises SourceError."""
    import serial

    lines, begun_s = Lines(), time.monotonic()
    try:
        with serial.Serial(device, 115_200, timeout=_QUIET_S) as port:
            while True:
                data = port.read(max(1, port.in_waiting))
                now_s = time.monotonic() - begun_s
                for line in lines.of(data):
                    yield now_s, line
                yield now_s, None
    except (serial.SerialException, OSError) as error:
        raise SourceError(f"port {device} cannot be read: {error}") from error
