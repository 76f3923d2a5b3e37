"""How long the services on raw flash keep an emulated board: `python -m host_tools.power_cuts.durations`.

Tier: emulated. Programs and erases take the typical times of the flash chip's data sheet.
"""

import sys
import tempfile
from pathlib import Path

from host_tools.checks.mpy_compile import ROOT
from host_tools.emulator.chip import Chip, ChipError
from host_tools.emulator.filesystem import FlashImageError, image
from host_tools.flash.board_files import BoardError
from host_tools.flash.firmware import FirmwareError, firmware
from host_tools.power_cuts.emulated import program_files

PROGRAM = ROOT / "tests_device" / "flash_durations.py"
_LONGEST_NS = 60_000_000_000
_STEP_NS = 50_000_000


def measure(uf2: Path) -> dict[str, int]:
    """Microseconds by name, the longest of each. Raises ChipError."""
    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash"
        flash.write_bytes(image(uf2, program_files(PROGRAM)))
        chip = Chip(None, flash)
    with chip:
        said = b""
        while b"end 0\r\n" not in said:
            slice_ = chip.run(chip.now_ns + _STEP_NS)
            said += slice_.usb
            if slice_.fault or b"Error" in said or chip.now_ns > _LONGEST_NS:
                raise ChipError(f"the program does not come to its end: {said[-300:]!r}")
    found: dict[str, int] = {}
    for line in said.decode().splitlines():
        name, _, duration = line.partition(" ")
        if duration.isdigit() and name != "end":
            found[name] = max(found.get(name, 0), int(duration))
    return found


def main() -> int:
    """Print the table; 1 with one line when there is no board to measure on."""
    try:
        found = measure(firmware().uf2)
    except (BoardError, ChipError, FirmwareError, FlashImageError) as error:
        print(f"durations: {error}", file=sys.stderr)
        return 1
    width = max(map(len, found))
    print(f"{'emulated RP2040':<{width}}        us")
    for name, duration in found.items():
        print(f"{name:<{width}}  {duration:8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
