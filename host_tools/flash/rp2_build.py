"""MicroPython for the RPI_PICO, from a source tree: the port with its three libraries, then a UF2.

Debian's tarball lacks the libraries; they come from packages of their own and are linked into the tree.
A checkout brings its own. picotool is not asked for: the UF2 is made here, with the same bytes.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host_tools.flash import uf2
from host_tools.flash.sources import debian_package, debian_series, debian_source
from host_tools.flash.toolchain import BuildError, Toolchain, compiles, environment, run_logged
from host_tools.flash.versions import DEBIAN_VERSION, MBEDTLS_SERIES, PICO_SDK, TINYUSB

BOARD = "RPI_PICO"
LIBRARIES = ("pico-sdk", "tinyusb", "mbedtls")
_COMPILER = "arm-none-eabi-gcc"
_RAM_START = 0x2000_0000
# The stock board's, less four small drivers (onewire, ds18x20, dht, neopixel) whose
# micropython-lib Debian's tarball lacks. A checkout with micropython-lib takes the stock one.
_MANIFEST = """\
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
"""
_STOCK_MANIFEST = 'include("$(PORT_DIR)/boards/manifest.py")\n'
_STORAGE = """\
#include "{stock}/mpconfigboard.h"
#undef MICROPY_HW_FLASH_STORAGE_BYTES
#define MICROPY_HW_FLASH_STORAGE_BYTES ({size})
"""
_OPTIONS = ("-DPICO_NO_PICOTOOL=1", f"-DMICROPY_BOARD={BOARD}")
# What decides on the bytes, the compiler apart: a build with another recipe is made anew.
RECIPE = {
    "micropython": DEBIAN_VERSION,
    "pico-sdk": PICO_SDK,
    "tinyusb": TINYUSB,
    "mbedtls": MBEDTLS_SERIES,
    "options": " ".join(_OPTIONS),
    "manifest": _MANIFEST,
}
_NINJA_COUNTS = re.compile(r"\[(\d+)/(\d+)\]")

Progress = Callable[[str, int, int], None]  # (what is being done, steps done, steps in all or 0)


@dataclass(frozen=True)
class Built:
    """What a build leaves in its folder."""

    uf2: Path
    mpy_cross: Path  # of the same sources
    static_ram_bytes: int


@dataclass(frozen=True)
class Frozen:
    """What goes into an image besides MicroPython."""

    folder: Path  # of .mpy files, as they are imported
    storage_bytes: int  # of the file system, at the end of flash


def debian_tree(progress: Progress) -> Path:
    """The pinned MicroPython from Debian's packages, with the libraries in place (10 MB the first time)."""
    progress("fetching MicroPython, pico-sdk, tinyusb and mbedtls from Debian", 0, 0)
    tree = debian_source("micropython", DEBIAN_VERSION)
    sources = {
        "pico-sdk": debian_package("pico-sdk-source", PICO_SDK) / "usr" / "src" / "pico-sdk",
        "tinyusb": debian_package("tinyusb-source", TINYUSB) / "usr" / "src" / "tinyusb",
        "mbedtls": debian_series("mbedtls", MBEDTLS_SERIES),
    }
    for name, source in sources.items():
        library = tree / "lib" / name
        if library.is_symlink():
            library.unlink()
        elif library.exists():
            library.rmdir()  # empty in the tarball
        library.symlink_to(os.path.relpath(source, library.parent))
    return tree


def check_libraries(tree: Path) -> None:
    """BuildError, with the command to give, unless a checkout has the submodules that the board needs."""
    for name in LIBRARIES:
        folder = tree / "lib" / name
        if not folder.is_dir() or not any(folder.iterdir()):
            raise BuildError(f"lib/{name} is empty: make -C {tree}/ports/rp2 BOARD={BOARD} submodules")


def build(tree: Path, folder: Path, progress: Progress, frozen: Frozen | None = None) -> Built:
    """Build into `folder`, going on from what is there. BuildError is one line; the rest is in build.log."""
    log = folder / "build.log"
    log.unlink(missing_ok=True)
    env = environment(tree)
    if not (tree / ".git").exists():  # the release's date, not today's: the same sources give the same bytes
        env["SOURCE_DATE_EPOCH"] = str(int((tree / "py" / "mpconfig.h").stat().st_mtime))

    def run(what: str, command: list[str], step: str) -> None:
        def heard(line: str) -> None:
            if counts := _NINJA_COUNTS.match(line):
                progress(step, int(counts[1]), int(counts[2]))

        progress(step, 0, 0)
        run_logged(command, tree, log, env, what=what, heard=heard)

    mpy_cross = folder / "mpy-cross-build" / "mpy-cross"
    jobs = f"-j{os.cpu_count() or 1}"
    options = [f"BUILD={mpy_cross.parent}", f"PYTHON={sys.executable}", "CFLAGS_EXTRA=-Wno-error"]
    run("mpy-cross", ["make", jobs, "-C", "mpy-cross", *options], "building mpy-cross")
    env["MICROPY_MPYCROSS"] = str(mpy_cross)
    rp2 = folder / "rp2"
    configure = [
        "cmake",
        "-G",
        "Ninja",
        "-S",
        "ports/rp2",
        "-B",
        str(rp2),
        *_OPTIONS,
        *_manifest(tree, folder, frozen),
        *_storage(folder, frozen),
    ]
    run("the firmware", [*configure, f"-DPython3_EXECUTABLE={sys.executable}"], "configuring the firmware")
    run("the firmware", ["ninja", "-C", str(rp2)], "building the firmware")
    uf2.write(folder / f"{BOARD}.uf2", (rp2 / "firmware.bin").read_bytes())
    shutil.copy2(mpy_cross, folder / "mpy-cross")
    shutil.copy2(rp2 / "firmware.elf", folder)
    shutil.copy2(rp2 / "firmware.elf.map", folder / "firmware.map")
    return Built(folder / f"{BOARD}.uf2", folder / "mpy-cross", _static_ram(rp2 / "firmware.elf"))


def remove_objects(folder: Path) -> None:
    """Leave of a build what is used later: the image, its symbols, mpy-cross and the log."""
    for name in ("rp2", "mpy-cross-build", "micropython-lib"):
        shutil.rmtree(folder / name, ignore_errors=True)


def linked(tree: Path) -> str:
    """The libraries in a tree with their versions, for people: "pico-sdk 2.1.1, tinyusb 0.18.0, ..."."""
    found = []
    for name, file, pattern in (
        ("pico-sdk", "pico_sdk_version.cmake", r"SDK_VERSION_(?:MAJOR|MINOR|REVISION) (\d+)"),
        ("tinyusb", "src/tusb_option.h", r"TUSB_VERSION_(?:MAJOR|MINOR|REVISION)\s+(\d+)"),
        ("mbedtls", "include/mbedtls/build_info.h", r"MBEDTLS_VERSION_(?:MAJOR|MINOR|PATCH)\s+(\d+)"),
    ):
        text = (tree / "lib" / name / file).read_text()
        found.append(f"{name} {'.'.join(re.findall(pattern, text)[:3])}")
    return ", ".join(found)


def _manifest(tree: Path, folder: Path, frozen: Frozen | None) -> list[str]:
    """cmake's options for what is frozen; the build asks for micropython-lib's README, and for no more."""
    manifest = folder / "manifest.py"
    more = "" if frozen is None else f"freeze_mpy({str(frozen.folder)!r})\n"
    if (tree / "lib" / "micropython-lib" / "micropython").is_dir():
        if frozen is None:
            return [
                "-UMICROPY_FROZEN_MANIFEST",
                "-UMICROPY_LIB_DIR",
            ]  # cmake remembers those of a build before
        manifest.write_text(_STOCK_MANIFEST + more)
        return [f"-DMICROPY_FROZEN_MANIFEST={manifest}", "-UMICROPY_LIB_DIR"]
    stand_in = folder / "micropython-lib"
    stand_in.mkdir(exist_ok=True)
    (stand_in / "README.md").touch()
    manifest.write_text(_MANIFEST + more)
    return [f"-DMICROPY_FROZEN_MANIFEST={manifest}", f"-DMICROPY_LIB_DIR={stand_in}"]


def _storage(folder: Path, frozen: Frozen | None) -> list[str]:
    """cmake's options for a board like the stock one, with another size of its file system."""
    if frozen is None:
        return []
    board = folder / "board"
    board.mkdir(exist_ok=True)
    stock = f"boards/{BOARD}"
    _write(board / "mpconfigboard.h", _STORAGE.format(stock=stock, size=frozen.storage_bytes))
    _write(board / "mpconfigboard.cmake", f"include(${{MICROPY_PORT_DIR}}/{stock}/mpconfigboard.cmake)\n")
    return [f"-DMICROPY_BOARD_DIR={board}"]


def _write(path: Path, text: str) -> None:
    """Only what differs, because ninja builds anew what depends on it."""
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)


def _static_ram(elf: Path) -> int:
    """Bytes of RAM below MicroPython's heap."""
    named = subprocess.run(["arm-none-eabi-nm", elf], capture_output=True, text=True, check=True).stdout
    ends = [line.split()[0] for line in named.splitlines() if line.endswith(" __bss_end__")]
    return int(ends[0], 16) - _RAM_START


def toolchain() -> Toolchain:
    """What builds mpy-cross for this machine and firmware for a Cortex-M0+."""
    return Toolchain(
        missing="no toolchain for the RP2040",
        packages=(
            "gcc-arm-none-eabi",
            "libnewlib-arm-none-eabi",
            "libstdc++-arm-none-eabi-newlib",
            "cmake",
            "ninja-build",
            "gcc",
            "libc6-dev",
            "make",
        ),
        elsewhere="install arm-none-eabi-gcc with newlib, cmake, ninja, make and a C compiler",
        works=builds_for_rp2040,
    )


def builds_for_rp2040() -> bool:
    """Whether the programs are there and the cross compiler links a C++ program with newlib."""
    if any(shutil.which(program) is None for program in ("cmake", "ninja", "make", "gcc", _COMPILER)):
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "--specs=nosys.specs"]
        program = "#include <string.h>\n#include <cstddef>\nint main() { return 0; }\n"
        return compiles([*command, "-x", "c++", "-", "-o", f"{folder}/program"], program)
