"""`python -m host_tools.flash.pio_programs`: assemble the PIO programs, with MicroPython's own assembler.

It runs on an emulated board and writes firmware/plumbline/ports/rp2_programs.py.
"""

import ast
import sys
import tempfile
from pathlib import Path

from host_tools.emulator.chip import Chip, ChipError
from host_tools.emulator.filesystem import image
from host_tools.flash.board_files import FIRMWARE, board_files
from host_tools.flash.firmware import FirmwareError, firmware
from host_tools.landing.atomic import publish

SOURCE = FIRMWARE / "plumbline" / "ports" / "rp2_assembly.py"
PROGRAMS = SOURCE.with_name("rp2_programs.py")
_WIDTH = 7
_MOST_NS = 3_000_000_000
_ASK = f"""
import rp2_assembly as source
for program in (source.receiver, source.sender, source.bank_program({_WIDTH})):
    print("program", [list(program[0])] + program[1:])
print("assembled")
"""
_TEXT = '''\
"""The PIO programs of rp2_assembly.py, assembled: for that a board takes 30 ms at every start.

Made by `python -m host_tools.flash.pio_programs`; a test assembles them anew. As rp2.asm_pio gives them: the
instructions, where they lie in each PIO, EXECCTRL, SHIFTCTRL, and how pins begin.
"""

from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Any, because the stubs know no assembled program
RECEIVER: "Any" = {receiver}
SENDER: "Any" = {sender}


def bank(width) -> "Any":
    """The program of a bank of so many valves, which all begin closed."""
    return {bank}
'''


def text(uf2: Path) -> str:
    """What the module should be. Raises ChipError."""
    programs = assembled(uf2)
    if len(programs) != 3:
        raise ChipError(f"{SOURCE.name} does not assemble on an emulated board")
    receiver, sender = (_literal(program) for program in programs[:2])
    bank = _literal(programs[2], " " * 8).replace(str((2,) * _WIDTH), "(2,) * width")  # 2: OUT_LOW
    return _TEXT.format(receiver=receiver, sender=sender, bank=bank)


def assembled(uf2: Path) -> list[list]:
    """The programs as an emulated board assembles them: lists, instructions first. Raises ChipError."""
    programs = {"rp2_assembly.py": SOURCE.read_bytes(), "main.py": _ASK.encode()}
    files = board_files("propulsion_pico") | programs
    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash"
        flash.write_bytes(image(uf2, files))
        said = b""
        with Chip(None, flash) as chip:
            while b"assembled\r\n" not in said and chip.now_ns < _MOST_NS:
                said += chip.run(chip.now_ns + 10_000_000).usb
    lines = [line for line in said.decode(errors="replace").splitlines() if line.startswith("program ")]
    return [ast.literal_eval(line.removeprefix("program ")) for line in lines]


def _literal(program: list, indent: str = "    ") -> str:
    """As the formatter has it: an entry a line."""
    entries = [f'array("H", {program[0]})', *map(repr, program[1:])]
    return "[\n" + "".join(f"{indent}{entry},\n" for entry in entries) + indent[4:] + "]"


def main() -> int:
    """Write the module; exit code 2 with one line when it cannot be made."""
    try:
        made = text(firmware().uf2)
    except (ChipError, FirmwareError) as error:
        print(error, file=sys.stderr)
        return 2
    publish(PROGRAMS.parent, {PROGRAMS.name: made.encode()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
