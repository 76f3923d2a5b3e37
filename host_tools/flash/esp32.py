"""MicroPython's image onto an ESP32 by esptool. Command lines only: not yet run against a chip.

No registry carries an emulated ESP32. What can be checked without one is: the image's header, that it is
for this chip, and that the flash tool takes these options.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

from host_tools.flash.board_files import BoardDescription

_BAUDRATE = "460800"
_MAGIC = 0xE9  # first byte of an image (ESP-IDF, esp_image_header_t)
_CHIP_ID_AT = 12
_REQUIREMENT = "esptool>=5,<6"


class Esp32Error(Exception):
    """The image cannot be written; the message is one line that says what to do."""


def commands(board: BoardDescription, device: str, image: Path) -> list[list[str]]:
    """The command lines that erase the flash and write `image`, in this order. Raises Esp32Error."""
    chip = board.chip
    if chip.image_offset is None:
        raise Esp32Error(
            f"{board.name} takes no image by --firmware: hold BOOTSEL while you plug it in"
            f" and copy {image} onto the drive that appears, then run this without --firmware"
        )
    _check(image, chip.name, chip.image_id)
    tool = [sys.executable, "-m", "esptool", "--chip", chip.name, "--port", device, "--baud", _BAUDRATE]
    return [[*tool, "erase-flash"], [*tool, "write-flash", hex(chip.image_offset), str(image)]]


def write(board: BoardDescription, device: str, image: Path) -> None:
    """Write MicroPython's image; the file system on the board is lost. Raises Esp32Error."""
    lines = commands(board, device, image)
    if importlib.util.find_spec("esptool") is None:
        raise Esp32Error(f"esptool is not installed: {sys.executable} -m pip install '{_REQUIREMENT}'")
    for line in lines:
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise Esp32Error(f"esptool failed on {device}: {_told(done.stdout + done.stderr)}")


def _told(output: str) -> str:
    """The line of the tool's output that says what went wrong; hints and a frame may follow it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it ended without a word"])[-1]


def _check(image: Path, chip: str, wanted: int | None) -> None:
    try:
        with image.open("rb") as file:
            header = file.read(_CHIP_ID_AT + 2)
    except OSError as error:
        raise Esp32Error(f"{image} cannot be read: {error.strerror}") from error
    if len(header) < _CHIP_ID_AT + 2 or header[0] != _MAGIC:
        raise Esp32Error(f"{image} is no ESP32 image: take the .bin that MicroPython offers for the board")
    if int.from_bytes(header[_CHIP_ID_AT:], "little") != wanted:
        raise Esp32Error(f"{image} is for another chip than {chip}")
