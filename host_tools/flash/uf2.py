"""UF2 files for the RP2040: what its boot ROM takes over USB, blocks of 512 bytes with their addresses.

Format: github.com/microsoft/uf2. The boot ROM asks for payloads of 256 bytes and for its family
(RP2040 datasheet 2.8.4.2).  read(path) -> Image;  write(path, data) makes a file from a flash image.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FLASH_START = 0x1000_0000  # RP2040 datasheet 2.2.1: XIP
FLASH_BYTES = 2 * 1024 * 1024  # the Pico's
RP2040 = 0xE48B_FF56
_FAMILIES = {
    0xE48B_FF56: "RP2040",
    0xE48B_FF57: "RP2350, absolute addresses",
    0xE48B_FF59: "RP2350",
    0x1C5F_21B0: "ESP32",
    0xC47E_5767: "ESP32-S3",
}
_BLOCK = 512
_PAYLOAD = 256
_MAGIC = (0x0A32_4655, 0x9E5D_5157)
_MAGIC_END = 0x0AB1_6F30
_NOT_FLASH = 0x0000_0001
_HAS_FAMILY = 0x0000_2000
_HEADER = struct.Struct("<8I")  # magic, magic, flags, address, bytes, number, total, family


class Uf2Error(Exception):
    """A file that no RP2040 would take; the message is one line that says why."""


@dataclass(frozen=True)
class Image:
    """What a file puts into flash, as parts that do not touch: (address, bytes), in ascending order."""

    parts: tuple[tuple[int, bytes], ...]

    @property
    def flash_bytes(self) -> int:
        """How far the image reaches into flash."""
        address, data = self.parts[-1]
        return address + len(data) - FLASH_START


def read(path: Path) -> Image:
    """The flash image of a UF2 file; Uf2Error unless it is a whole one for an RP2040's flash."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Uf2Error(f"{path} cannot be read: {error.strerror}") from error
    return parse(content, str(path))


def parse(content: bytes, name: str = "the file") -> Image:
    """The same from the file's bytes; `name` is what an error calls it."""
    if len(content) < 8 or struct.unpack_from("<2I", content) != _MAGIC:
        raise Uf2Error(f"{name} is no UF2 file: it does not begin with UF2's magic number")
    if len(content) % _BLOCK:
        raise Uf2Error(
            f"{name} is truncated: {len(content)} bytes are no whole number of {_BLOCK}-byte blocks"
        )
    blocks: dict[int, bytes] = {}
    others: set[int] = set()
    totals: set[int] = set()
    for number, total, family, address, payload in _blocks(content, name):
        if family != RP2040:
            others.add(family)
            continue
        if blocks.get(address, payload) != payload:
            raise Uf2Error(f"{name} writes {address:#x} twice and differently (block {number})")
        blocks[address] = payload
        totals.add(total)
    if not blocks:
        made_for = ", ".join(sorted(_FAMILIES.get(other, f"family {other:#010x}") for other in others))
        raise Uf2Error(
            f"{name} is not for an RP2040, but for: {made_for or 'no board (it has no flash block)'}"
        )
    if totals != {len(blocks)}:
        raise Uf2Error(f"{name} is truncated: it has {len(blocks)} of {max(totals)} blocks")
    return Image(tuple(_joined(blocks)))


def _blocks(content: bytes, name: str) -> Iterator[tuple[int, int, int, int, bytes]]:
    """(number, total, family, address, payload) of every block that is meant for flash."""
    for offset in range(0, len(content), _BLOCK):
        first, second, flags, address, size, number, total, family = _HEADER.unpack_from(content, offset)
        (end,) = struct.unpack_from("<I", content, offset + _BLOCK - 4)
        if (first, second) != _MAGIC or end != _MAGIC_END:
            raise Uf2Error(f"{name} is damaged: no UF2 block at byte {offset}")
        if flags & _NOT_FLASH:
            continue
        if not flags & _HAS_FAMILY:
            family = 0
        if family == RP2040:
            _check_place(address, size, f"{name}, block {number}")
        payload = content[offset + _HEADER.size : offset + _HEADER.size + size]
        yield number, total, family, address, payload


def _check_place(address: int, size: int, where: str) -> None:
    if size != _PAYLOAD or address % _PAYLOAD:
        raise Uf2Error(f"{where}: {size} bytes at {address:#x}, but an RP2040 takes {_PAYLOAD}, aligned")
    if not FLASH_START <= address <= FLASH_START + FLASH_BYTES - size:
        last = FLASH_START + FLASH_BYTES - 1
        raise Uf2Error(f"{where}: {address:#x} is outside the flash ({FLASH_START:#x} to {last:#x})")


def _joined(blocks: dict[int, bytes]) -> Iterator[tuple[int, bytes]]:
    """Blocks that touch, as one part."""
    start = end = min(blocks)
    data = bytearray()
    for address in sorted(blocks):
        if address != end:
            yield start, bytes(data)
            start, data = address, bytearray()
        data += blocks[address]
        end = address + len(blocks[address])
    yield start, bytes(data)


def write(path: Path, data: bytes, start: int = FLASH_START) -> None:
    """Write a UF2 file that puts `data` at `start` of an RP2040's flash; zeros fill the last block."""
    total = -(-len(data) // _PAYLOAD)
    if not data or start % _PAYLOAD or start < FLASH_START or start - FLASH_START + len(data) > FLASH_BYTES:
        raise Uf2Error(f"{len(data)} bytes at {start:#x} are no image for a flash of {FLASH_BYTES} bytes")
    content = bytearray()
    for number in range(total):
        payload = data[_PAYLOAD * number : _PAYLOAD * (number + 1)].ljust(_PAYLOAD, b"\0")
        address = start + _PAYLOAD * number
        block = _HEADER.pack(*_MAGIC, _HAS_FAMILY, address, _PAYLOAD, number, total, RP2040) + payload
        content += block.ljust(_BLOCK - 4, b"\0") + struct.pack("<I", _MAGIC_END)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    os.replace(partial, path)
