"""A board's flash image: what is written is what is read, and what the stock firmware mounts."""

import struct
from pathlib import Path

import pytest

from host_tools.emulator import filesystem
from host_tools.emulator.filesystem import FlashImageError, Storage, image, read, storage_of
from host_tools.flash import uf2

STORAGE = Storage(0xA0000, 1408 * 1024)  # RPI_PICO, MicroPython 1.25: mpconfigboard.h
FILES = {
    "main.py": b"print(1)\n",
    "empty": b"",
    "plumbline/kernels/altitude.mpy": bytes(range(256)) * 40,
    "plumbline/__init__.mpy": b"M\x06",
}


def firmware(storage: Storage = STORAGE) -> bytes:
    """A firmware of 4 kB that is nothing but a declaration of where its file system is."""
    flash = bytearray(4096)
    entry, table = 0x300, 0x200
    struct.pack_into(
        "<5I", flash, 0x1D4, 0x7188EBF2, 0x10000000 + table, 0x10000000 + table + 8, 0, 0xE71AA390
    )
    struct.pack_into(
        "<2I", flash, table, 0x10000000 + 0x280, 0x10000000 + entry
    )  # something else comes first
    struct.pack_into("<2H3I", flash, 0x280, 6, 0x5052, 0xA1F4B453, 0x10000290, 0)
    struct.pack_into("<2H3I", flash, entry, 7, 0x504D, 0, 0x10000000 + storage.start, storage.size)
    return bytes(flash)


@pytest.fixture
def made(tmp_path) -> Path:
    path = tmp_path / "firmware.uf2"
    uf2.write(path, firmware())
    return path


def test_files_come_back_as_they_went_in_with_their_folders(made):
    assert read(image(made, FILES), made) == FILES


def test_the_firmware_lies_before_its_files_and_the_rest_is_erased(made):
    flash = image(made, FILES)
    assert len(flash) == 2 * 1024 * 1024
    assert flash[:4096] == firmware()
    assert set(flash[4096 : STORAGE.start]) == {0xFF}


def test_the_same_files_give_the_same_bytes_in_whatever_order(made):
    assert image(made, FILES) == image(made, dict(reversed(FILES.items())))


def test_without_files_the_place_of_the_file_system_is_erased(made):
    assert set(image(made)[STORAGE.start :]) == {0xFF}
    with pytest.raises(FlashImageError, match="no file system that can be read"):
        read(image(made), made)


def test_the_superblock_says_what_micropython_formats(made):
    # littlefs SPEC.md, superblock: "littlefs", then version, block size, block count, name's maximum
    superblock = image(made, {})[STORAGE.start :][:4096]
    fields = superblock[superblock.index(b"littlefs") + 8 :]
    version, size, count, name_max = struct.unpack_from("<4I", fields, 4)
    assert (version, size, count, name_max) == (0x00020001, 4096, 352, 255)


def test_the_place_is_read_from_the_firmware(tmp_path):
    smaller = Storage(0x100000, 1024 * 1024)
    path = tmp_path / "other.uf2"
    uf2.write(path, firmware(smaller))
    assert storage_of(image(path), path) == smaller
    assert read(image(path, FILES), path) == FILES


def test_firmware_without_a_file_system_is_refused_by_name(tmp_path):
    path = tmp_path / "blink.uf2"
    uf2.write(path, bytes(4096))
    with pytest.raises(FlashImageError, match=r"blink\.uf2: is no MicroPython for the RP2040"):
        image(path, FILES)


def test_files_that_do_not_fit_are_one_line_with_the_sizes(made):
    with pytest.raises(FlashImageError, match=r"^big does not go onto .* of 1408 kB \(all files: 1464 kB\)"):
        image(made, {"big": bytes(1_500_000)})


def test_a_file_that_is_no_uf2_is_refused(tmp_path):
    path = tmp_path / "wrong.uf2"
    path.write_bytes(b"hello")
    with pytest.raises(FlashImageError, match=r"wrong\.uf2"):
        filesystem.firmware_bytes(path)
