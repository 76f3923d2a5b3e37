"""Where a recorder's ring comes from: an image of a board's flash, or a board at a port, through mpremote."""

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.emulator.filesystem import FlashImageError, storage_of
from host_tools.flash import ports
from host_tools.flash.chips import CHIPS
from host_tools.flash.ports import PortError
from host_tools.flash.remote import Remote, RemoteError
from host_tools.flash.uf2 import FLASH_BYTES
from host_tools.replay.files import BadInput
from plumbline.services.flash_layout import RECORDER_FIRST, RECORDER_SECTORS, SECTORS

_SECTOR = 4096
_PAGE = 256
_RING_BYTES = RECORDER_SECTORS * _SECTOR
_MARK = "#ring"

# Runs on the board, which need not have the flight code: it prints the pages that are not blank.
_PRINT_RING = f"""
import sys
from binascii import b2a_base64
if sys.platform == "rp2":
    import rp2
    device, first = rp2.Flash(), {RECORDER_FIRST - SECTORS}
else:
    import esp32
    device, first = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="plumbline")[0], {RECORDER_FIRST}
page = bytearray({_PAGE})
blank = b"\\xff" * {_PAGE}
for sector in range({RECORDER_SECTORS}):
    for at in range(0, {_SECTOR}, {_PAGE}):
        device.readblocks(first + sector, page, at)
        if page != blank:
            print("{_MARK}", sector * {_SECTOR} + at, b2a_base64(page).decode().strip())
        elif at == 0:
            break
    print("{_MARK}", (sector + 1) * {_SECTOR})
"""

Progress = Callable[[float], None]  # the share that has been read


def ring_from(source: str, progress: Progress) -> bytes:
    """The ring's bytes of a file, or else of the board at a port. Raises BadInput, RemoteError."""
    path = Path(source)
    if path.is_file():
        return _of_image(path)
    try:
        return _of_board(ports.find(source, CHIPS["rp2040"]), progress)
    except PortError as error:
        raise BadInput(f"{source}: neither an image of a flash nor a port: {error}") from None


def _of_image(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(content) == _RING_BYTES:
        return content
    if len(content) != FLASH_BYTES:
        wanted = f"an image of a whole flash has {FLASH_BYTES}, a recorder's ring {_RING_BYTES}"
        raise BadInput(f"{path}: has {len(content)} bytes: {wanted}")
    try:
        storage = storage_of(content, path).start
    except FlashImageError as error:
        raise BadInput(str(error)) from None
    begin = storage - (SECTORS - RECORDER_FIRST) * _SECTOR
    return content[begin : begin + _RING_BYTES]


def _of_board(device: str, progress: Progress) -> bytes:
    """Interrupts the board's program; a reset starts it again."""
    ring = bytearray(b"\xff" * _RING_BYTES)

    def hear(line: str) -> None:
        words = line.split()
        if len(words) < 2 or words[0] != _MARK:
            return
        at = int(words[1])
        if len(words) == 3:
            ring[at : at + _PAGE] = b64decode(words[2])
        else:
            progress(at / _RING_BYTES)
            done.append(at)

    done: list[int] = []
    Remote(device).run(["exec", _PRINT_RING], ["reset"], on_line=hear)
    if not done or done[-1] != _RING_BYTES:
        raise RemoteError(f"the board on {device} stopped before it had read out its recorder")
    return bytes(ring)
