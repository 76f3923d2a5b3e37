"""What each supported processor is called: by MicroPython, by its compiler and by its flash tool.

`arch_number` is what `sys.implementation._mpy >> 10` says (MicroPython, py/persistentcode.h).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chip:
    """One processor that a board.json may name as its `mcu`."""

    name: str
    platform: str  # sys.platform on the board, and `port` in board.json
    arch: str  # -march of mpy-cross
    arch_number: int
    image_offset: int | None = None  # where esptool puts MicroPython's image; None: not by esptool
    image_id: int | None = None  # chip number in the header of an ESP image, at byte 12


ARCH_NAMES = {
    1: "x86",
    2: "x64",
    3: "armv6",
    4: "armv6m",
    5: "armv7m",
    6: "armv7em",
    7: "armv7emsp",
    8: "armv7emdp",
    9: "xtensa",
    10: "xtensawin",
    11: "rv32imc",
}

CHIPS = {
    chip.name: chip
    for chip in (
        Chip("rp2040", "rp2", "armv6m", 4),
        Chip("esp32", "esp32", "xtensawin", 10, image_offset=0x1000, image_id=0),
        Chip("esp32s2", "esp32", "xtensawin", 10, image_offset=0x1000, image_id=2),
        Chip("esp32s3", "esp32", "xtensawin", 10, image_offset=0x0, image_id=9),
    )
}
