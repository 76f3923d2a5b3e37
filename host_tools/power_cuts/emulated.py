"""Power cuts on the emulated board: its own MicroPython, its own flash driver, times drawn from a seed.

One board, one flash, one cut after the other; a cut may come in the middle of a program or an erase, which
the emulated flash then leaves half done, or while the board is still booting after the cut before.
"""

import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import host_tools.host_board  # noqa: F401  makes the firmware importable
from host_tools.checks.mpy_compile import ROOT
from host_tools.emulator.chip import Chip, ChipError
from host_tools.emulator.filesystem import firmware_bytes, image, storage_of
from host_tools.flash.board_files import FIRMWARE, compiled
from host_tools.flash.firmware import firmware
from host_tools.flash.import_graph import modules_of
from host_tools.flash.uf2 import FLASH_START
from host_tools.recorder.decode import Record, decode
from plumbline.services.flash_layout import SECTORS

PROGRAM = ROOT / "tests_device" / "recording.py"
_SECTOR = 4096
_RING = 6  # sectors, as in the program
_RECORDS = 60
_FIELDS = 12
_BOOT_NS = 5_000_000_000
_STEP_NS = 2_000_000
_LONGEST_NS = 700_000_000  # from a word of the board to the cut
_SAID = re.compile(rb"(found|set|synced) (-?\d+)")


class Life:
    """What the board has said in all its lives."""

    def __init__(self) -> None:
        self.set = 0
        self.synced: list[int] = []

    def hear(self, said: bytes) -> str:
        """Take in what came over USB; what is wrong with it."""
        for word, number in _SAID.findall(said):
            count = int(number)
            if word == b"synced":
                self.synced.append(count)
            elif word == b"found" and count not in (self.set, self.set + 1):
                return f"parameter set {count} is found, {self.set} was the last that was said to be stored"
            else:
                self.set = count
        return "the program has ended" if b"Traceback" in said else ""


def program_files(program: Path) -> dict[str, bytes]:
    """A module of tests_device, what it imports, and a main.py that calls its `main`, for a board's flash."""
    modules = modules_of(program, FIRMWARE, "rp2")
    sources = {path.relative_to(FIRMWARE).as_posix(): path for path in modules.values()}
    files = {"main.py": f"import {program.stem}\n{program.stem}.main()\n".encode()}
    for name, path in {**sources, program.name: program}.items():
        files[f"{name.removesuffix('.py')}.mpy"] = compiled(name, path.read_text(), "armv6m")
    return files


def cuts(count: int, seed: int = 1) -> Iterator[tuple[int, int, str]]:
    """`count` cuts of one board; every third comes while it boots.

    Yields (number of the cut, how many came before it while booting, what is wrong or "").
    Raises ChipError and what the firmware's build raises.
    """
    draw = random.Random(seed)
    uf2 = firmware().uf2
    region = storage_of(firmware_bytes(uf2), uf2).start - SECTORS * _SECTOR
    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash"
        flash.write_bytes(image(uf2, program_files(PROGRAM)))
        chip = Chip(None, flash)
    with chip:
        life = Life()
        for number in range(1, count + 1):
            booting = number % 3 == 0
            complaint = _live(chip, life, draw, booting)
            chip.power_cycle()
            content = chip.peek([(FLASH_START + region + 2 * _SECTOR, _RING * _SECTOR)])[0]
            yield number, int(booting), complaint or _judge(content, life)


def _live(chip: Chip, life: Life, draw: random.Random, booting: bool) -> str:
    """From power-on to shortly before the cut."""
    begun_ns = chip.now_ns
    said = b""
    while not booting and b"found" not in said:
        if chip.now_ns > begun_ns + _BOOT_NS:
            raise ChipError(f"the board does not begin: it says {said!r}")
        said += _run(chip, chip.now_ns + _STEP_NS)
    said += _run(chip, chip.now_ns + draw.randrange(1_000_000, _LONGEST_NS))
    return life.hear(said)


def _run(chip: Chip, until_ns: int) -> bytes:
    slice_ = chip.run(until_ns)
    if slice_.fault is not None:
        raise ChipError(f"the board has stopped: {slice_.fault.message}")
    return slice_.usb


def _judge(content: bytes, life: Life) -> str:
    """What is wrong with the ring after a cut, by what the board has said."""
    ring = decode(content)
    wrong = [record for record in ring.records if record != _expected(record)]
    if wrong:
        return f"record {wrong[0]} is not what was appended"
    ticks = [record.tick for record in ring.records]
    if ticks != sorted(set(ticks)):
        return "records are out of order or there twice"
    newer = set(ticks[ring.begins[1] if len(ring.begins) > 1 else 0 :])
    durable = [100 * number + i for number in life.synced for i in range(_RECORDS)]
    first = next((i for i, tick in enumerate(durable) if tick in newer), len(durable))
    missing = [tick for tick in durable[first:] if tick not in newer]
    if missing or (durable and durable[-1] not in ticks):
        return f"{len(missing) or 'the last'} synchronised records are lost"
    return ""


def _expected(record: Record) -> Record:
    """The record that was appended with this record's tick."""
    fields = b"".join((record.tick * 16 + i).to_bytes(4, "big") for i in range(_FIELDS))
    return Record(record.sequence, record.tick, 1, fields)
