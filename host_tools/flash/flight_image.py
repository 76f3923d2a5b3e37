"""Firmware with the flight code frozen into it: one UF2 for all RP2040 boards.

`python -m host_tools.flash.flight_image` builds it and says where it is (the first time: a minute, later
seconds). A board that runs it keeps only data and main.py on its file system; it is ready after a reset in
a fifth of the time that .mpy files take, and has the heap to itself. Viper code then runs from flash.
"""

import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

from host_tools.flash import lean_slots, rp2_build, uf2
from host_tools.flash.board_files import BoardError, board_names, compiled, description, flight_code
from host_tools.flash.compiler import CompilerError
from host_tools.flash.firmware import BUILD, FirmwareError, showing
from host_tools.flash.rp2_build import BOARD, RECIPE, Frozen
from host_tools.flash.sources import SourceError, checkout, locked
from host_tools.flash.toolchain import BuildError
from host_tools.flash.uf2 import Uf2Error

FOLDER = BUILD / "flight"
CHIP = "rp2040"
STORAGE_BYTES = 1024 * 1024  # 384 kB less than the stock board's, for the code
_MARKER = "plumbline_flight.py"
_NAMED = re.compile(rb"plumbline flight code ([0-9a-f]{64})")
# The last bytes of RAM that start-up code and heap leave alone: what lies there outlives a reset.
KEPT_BLOCK_BYTES = 4096
KEPT_BLOCK = 0x2004_0000 - KEPT_BLOCK_BYTES
_LINKER = "ports/rp2/memmap_mp_rp2040.ld"
_HEAP_END = "__GcHeapEnd = ORIGIN(RAM) + LENGTH(RAM);"
# mpy-tool.py of 1.25 aligns frozen code for armv6m to 2 bytes, its literals need 4: wrong values, or a fault.
_TOOL = "tools/mpy-tool.py"
_WORDS = "            MP_NATIVE_ARCH_ARMV6,\n"
_WORDS_TOO = "            MP_NATIVE_ARCH_ARMV6M,\n"


def flight_modules() -> dict[str, bytes]:
    """Path and content of every .mpy that goes into the image. Raises BoardError."""
    boards = [name for name in board_names() if description(name).chip.name == CHIP]
    arch = description(boards[0]).chip.arch
    texts = without_unused_slots(flight_code(boards))
    return {path.removesuffix(".py") + ".mpy": compiled(path, text, arch) for path, text in texts.items()}


def without_unused_slots(texts: dict[str, str]) -> dict[str, str]:
    """The same, slots.py without the names that only tests ask it for: at every start each costs 50 us."""
    used = lean_slots.names_used(text for path, text in texts.items() if path != lean_slots.PATH)
    return texts | {lean_slots.PATH: lean_slots.lean(texts[lean_slots.PATH], used)}


def hash_of(modules: dict[str, bytes]) -> str:
    """What stands for all of them."""
    total = hashlib.sha256()
    for path, content in sorted(modules.items()):
        total.update(f"{path} {len(content)}\n".encode() + content)
    return total.hexdigest()


def flight_code_in(image: Path) -> str | None:
    """The hash of the flight code in a UF2; None for an image without any. Raises FirmwareError."""
    try:
        parts = uf2.read(image).parts
    except Uf2Error as error:
        raise FirmwareError(str(error)) from error
    for _, data in parts:
        if found := _NAMED.search(data):
            return found[1].decode()
    return None


def of_present_code(image: Path) -> str | None:
    """As flight_code_in; FirmwareError when the code in the image is not that of the sources here."""
    named = flight_code_in(image)
    try:
        if named is None or named == hash_of(flight_modules()):
            return named
    except BoardError as error:
        raise FirmwareError(str(error)) from error
    raise FirmwareError(f"{image} has other flight code in it: build it anew (make flight)")


def flight_image() -> Path:
    """The UF2, built when it is not there or something in it has changed. Raises FirmwareError, one line."""
    try:
        modules = flight_modules()
        named = checkout()
        with locked(FOLDER):
            made = {"recipe": RECIPE, "tree": str(named), "code": hash_of(modules), "kept": KEPT_BLOCK}
            image = FOLDER / f"{BOARD}.uf2"
            if named is None and image.is_file() and _made() == made | {"sha256": _sha256(image)}:
                return image
            _build(named, modules)
            (FOLDER / "made.json").write_text(json.dumps(made | {"sha256": _sha256(image)}, indent=2))
            return image
    except (BoardError, BuildError, CompilerError, SourceError) as error:
        raise FirmwareError(str(error)) from error


def _build(named: Path | None, modules: dict[str, bytes]) -> None:
    rp2_build.toolchain().require()
    frozen = FOLDER / "frozen"
    shutil.rmtree(frozen, ignore_errors=True)
    marker = f'HASH = "{hash_of(modules)}"\nWHAT = "plumbline flight code {hash_of(modules)}"\n'
    marker += f"KEPT_BLOCK = {KEPT_BLOCK}\nKEPT_BLOCK_BYTES = {KEPT_BLOCK_BYTES}\n"
    for path, content in {**modules, "plumbline_flight.mpy": compiled(_MARKER, marker, "armv6m")}.items():
        (frozen / path).parent.mkdir(parents=True, exist_ok=True)
        (frozen / path).write_bytes(content)
    with showing() as progress:
        if named is None:
            tree = rp2_build.debian_tree(progress)
        else:
            tree = named
            rp2_build.check_libraries(tree)
        rp2_build.build(_adapted(tree), FOLDER, progress, Frozen(frozen, STORAGE_BYTES))


def _adapted(tree: Path) -> Path:
    """A copy of the sources, of links as far as can be, with the changes that the image needs."""
    copy = FOLDER / "sources"
    changed = _changes(tree)
    stands_for = str(tree) + hashlib.sha256("".join(changed.values()).encode()).hexdigest()
    if (copy / ".of").is_file() and (copy / ".of").read_text() == stands_for and not (tree / ".git").exists():
        return copy
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(tree, copy, symlinks=True, copy_function=_link, ignore=shutil.ignore_patterns(".git"))
    for library in rp2_build.LIBRARIES:
        link = copy / "lib" / library
        if link.is_symlink():
            link.unlink()
            link.symlink_to((tree / "lib" / library).resolve())
    for path, text in changed.items():
        (copy / path).unlink()
        (copy / path).write_text(text)
    (copy / ".of").write_text(stands_for)
    return copy


def _changes(tree: Path) -> dict[str, str]:
    """Files as they are to be: the heap ends before the kept block, frozen code is aligned to words."""
    tool, linker = (tree / _TOOL).read_text(), (tree / _LINKER).read_text()
    if linker.count(_HEAP_END) != 1:
        raise BuildError(f"{tree / _LINKER} is not as expected: nobody knows where the heap ends")
    changed = {_LINKER: linker.replace(_HEAP_END, f"__GcHeapEnd = {KEPT_BLOCK:#x};")}
    if _WORDS_TOO not in tool:
        if tool.count(_WORDS) != 1:
            raise BuildError(f"{tree / _TOOL} is not as expected: nobody knows how it aligns frozen code")
        changed[_TOOL] = tool.replace(_WORDS, _WORDS + _WORDS_TOO)
    return changed


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copy2(source, target)


def _made() -> dict | None:
    try:
        return json.loads((FOLDER / "made.json").read_text())
    except (OSError, ValueError):
        return None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Build the image, and say where it is and what is in it; exit code 1 with one line when it cannot be."""
    try:
        image = flight_image()
        flash_bytes = uf2.read(image).flash_bytes
    except (FirmwareError, Uf2Error) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: the next call goes on from here", file=sys.stderr)
        return 130
    modules = flight_modules()
    print(f"{BOARD} with the flight code in it: {len(modules)} modules, {hash_of(modules)[:8]}")
    print(f"  image       {image}")
    print(f"  flash       {flash_bytes:,} bytes, file system of {STORAGE_BYTES:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
