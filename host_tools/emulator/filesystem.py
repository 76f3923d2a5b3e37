"""A board's flash as one file: the firmware and, behind it, the littlefs that the firmware mounts.

    image(Path("firmware.uf2"), {"main.py": b"print(1)"})  ->  2 MB for Chip(flash=...)

The same files give the same bytes. Where the file system lies is read from the UF2 itself, which
declares it to picotool (pico-sdk, "binary information"), so that any build of the firmware fits.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import littlefs

from host_tools.flash import uf2 as uf2_file
from host_tools.flash.uf2 import FLASH_BYTES, FLASH_START

BLOCK_BYTES = 4096  # an erasable sector
_ERASED = b"\xff"

# What rp2's _boot.py and extmod/vfs_lfs.c of MicroPython 1.25 mount with. On flash are only the
# block's size, their count and the version; the others decide how the image is written.
_PROG_BYTES = 256
_READ_BYTES = 32
_LOOKAHEAD_BYTES = 32
_CACHE_BYTES = 4 * _PROG_BYTES
_BLOCK_CYCLES = 100
_DISK_VERSION = 0x0002_0001

# pico-sdk: src/common/pico_binary_info, defs.h and structure.h
_INFO_START, _INFO_END = 0x7188_EBF2, 0xE71A_A390
_INFO_WITHIN = range(0x100, 0x200, 4)  # the header lies in the 256 bytes behind the second stage
_INFO_BLOCK_DEVICE = 7
_INFO_OF_MICROPYTHON = int.from_bytes(b"MP", "little")


class FlashImageError(Exception):
    """An image cannot be made or read; the message is one line."""


@dataclass(frozen=True)
class Storage:
    """Where a firmware keeps its file system, in bytes from the start of flash."""

    start: int
    size: int


def image(uf2: Path, files: Mapping[str, bytes] | None = None) -> bytes:
    """The whole flash of a board with this firmware and these files, by path from the root.

    Raises FlashImageError.
    """
    flash = firmware_bytes(uf2)
    if files is None:
        return bytes(flash)
    storage = storage_of(flash, uf2)
    flash[storage.start : storage.start + storage.size] = _written(files, storage)
    return bytes(flash)


def read(flash: bytes, uf2: Path) -> dict[str, bytes]:
    """The files in the flash of a board with this firmware. Raises FlashImageError."""
    storage = storage_of(firmware_bytes(uf2), uf2)
    content = bytearray(flash[storage.start : storage.start + storage.size])
    system = _littlefs(content)
    try:
        system.mount()
        return {
            str(PurePosixPath(folder, name)).lstrip("/"): _content(system, folder, name)
            for folder, _, names in system.walk("/")
            for name in names
        }
    except littlefs.LittleFSError as error:
        raise FlashImageError(f"the flash holds no file system that can be read: {error}") from error


def firmware_bytes(uf2: Path) -> bytearray:
    """The whole flash with nothing but the blocks of a UF2 file. Raises FlashImageError."""
    try:
        parts = uf2_file.read(uf2).parts
    except uf2_file.Uf2Error as error:
        raise FlashImageError(str(error)) from error
    flash = bytearray(_ERASED * FLASH_BYTES)
    for address, data in parts:
        flash[address - FLASH_START : address - FLASH_START + len(data)] = data
    return flash


def storage_of(flash: bytes | bytearray, name: object) -> Storage:
    """Where the firmware at the start of `flash` says that its file system is. Raises FlashImageError."""
    for at in _INFO_WITHIN:
        start, first, end, _, stop = struct.unpack_from("<5I", flash, at)
        if start == _INFO_START and stop == _INFO_END:
            for entry in range(first - FLASH_START, end - FLASH_START, 4):
                found = _block_device(flash, struct.unpack_from("<I", flash, entry)[0] - FLASH_START)
                if found is not None:
                    return found
    raise FlashImageError(f"{name}: is no MicroPython for the RP2040: it declares no file system")


def _block_device(flash: bytes | bytearray, at: int) -> Storage | None:
    """The file system that a binary-information entry declares, if that is what it is about."""
    if not 0 <= at <= len(flash) - 20:
        return None
    kind, tag, _, address, size = struct.unpack_from("<2H3I", flash, at)
    start = address - FLASH_START
    if (kind, tag) != (_INFO_BLOCK_DEVICE, _INFO_OF_MICROPYTHON) or start % BLOCK_BYTES or size % BLOCK_BYTES:
        return None
    return Storage(start, size) if 0 < start <= FLASH_BYTES - size else None


def _written(files: Mapping[str, bytes], storage: Storage) -> bytearray:
    """A new file system with these files, written in the order of their names."""
    content = bytearray(_ERASED * storage.size)
    system = _littlefs(content)
    system.format()
    system.mount()
    for name in sorted(files):
        path = PurePosixPath("/", name)
        try:
            if path.parent != PurePosixPath("/"):
                system.makedirs(str(path.parent), exist_ok=True)
            with system.open(str(path), "wb") as file:
                file.write(files[name])
        except (littlefs.LittleFSError, OSError) as error:
            total_kb = sum(map(len, files.values())) // 1024
            raise FlashImageError(
                f"{name} does not go onto the board's file system of {storage.size // 1024} kB"
                f" (all files: {total_kb} kB): {error}"
            ) from error
    system.unmount()
    return content


def _content(system: littlefs.LittleFS, folder: str, name: str) -> bytes:
    with system.open(str(PurePosixPath(folder, name)), "rb") as file:
        return file.read()


def _littlefs(content: bytearray) -> littlefs.LittleFS:
    return littlefs.LittleFS(
        context=littlefs.UserContext(buffer=content),
        mount=False,
        block_size=BLOCK_BYTES,
        block_count=len(content) // BLOCK_BYTES,
        read_size=_READ_BYTES,
        prog_size=_PROG_BYTES,
        cache_size=_CACHE_BYTES,
        lookahead_size=_LOOKAHEAD_BYTES,
        block_cycles=_BLOCK_CYCLES,
        disk_version=_DISK_VERSION,
    )
