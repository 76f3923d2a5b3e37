"""The firmware for the RP2040 boards, with the mpy-cross whose files it loads.

`python -m host_tools.flash.firmware` prints both; in Python: firmware() -> Firmware. The sources, in
this order: a UF2 named by --uf2 or PLUMBLINE_UF2, a MicroPython checkout with its submodules named by
PLUMBLINE_MICROPYTHON, or Debian's source packages (a minute, then kept in build/firmware).
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from host_tools.flash import rp2_build, uf2
from host_tools.flash.compiler import MPY_SINCE, MPY_VERSION, CompilerError, compiler_for, emitted
from host_tools.flash.rp2_build import BOARD, Built
from host_tools.flash.sources import ROOT, SourceError, checkout, locked
from host_tools.flash.toolchain import BuildError
from host_tools.flash.uf2 import Image, Uf2Error
from host_tools.flash.versions import DEBIAN_VERSION, MICROPYTHON

BUILD = ROOT / "build" / "firmware"
UF2_VARIABLE = "PLUMBLINE_UF2"
# MicroPython writes its version twice: with the tag of the git tree, and for the module `platform`.
_VERSION = re.compile(rb"MicroPython(?: v|-)(\d+)\.(\d+)\.(\d+)[-. ]")


class FirmwareError(Exception):
    """There is no firmware to be had; the message is one line that says what to do."""


@dataclass(frozen=True)
class Firmware:
    """An image, and the compiler for what it is to run."""

    uf2: Path
    version: tuple[int, int, int]  # as the image itself says
    mpy_cross: Path
    flash_bytes: int | None
    static_ram_bytes: int | None  # None for a UF2 of the user's: it does not say
    source: str  # for people

    @property
    def sha256(self) -> str:
        """Of the UF2 file."""
        return _sha256(self.uf2)


def firmware(uf2: Path | None = None) -> Firmware:
    """The firmware as configured, built when it has to be. Raises FirmwareError, one line."""
    named = uf2 or (Path(os.environ[UF2_VARIABLE]) if os.environ.get(UF2_VARIABLE) else None)
    try:
        if named is not None:
            return _given(named.expanduser().resolve())
        tree = checkout()
        return _of_debian() if tree is None else _of_checkout(tree)
    except (SourceError, BuildError, CompilerError, Uf2Error) as error:
        raise FirmwareError(str(error)) from error


def version_of(image: Image) -> tuple[int, int, int] | None:
    """The MicroPython version that an image names in its own strings; None if it is no MicroPython."""
    for _, data in image.parts:
        if found := _VERSION.search(data):
            return int(found[1]), int(found[2]), int(found[3])
    return None


def _given(path: Path) -> Firmware:
    version, flash_bytes = _look_into(path)
    if version < MPY_SINCE:
        raise FirmwareError(
            f"{path} is MicroPython {_dotted(version)}, which does not load .mpy {MPY_VERSION}:"
            f" take {_dotted(MPY_SINCE)} or later"
        )
    return Firmware(path, version, compiler_for(MPY_VERSION), flash_bytes, None, "the UF2 given")


def _of_checkout(tree: Path) -> Firmware:
    """A checkout may change: make and ninja decide what is to be done."""
    rp2_build.check_libraries(tree)
    label = hashlib.sha256(str(tree).encode()).hexdigest()[:8]
    folder = BUILD / f"checkout-{label}"
    with locked(folder):
        rp2_build.toolchain().require()
        with showing() as progress:
            built = rp2_build.build(tree, folder, progress)
    return _built(built, f"the checkout {tree} with {rp2_build.linked(tree)}")


def _of_debian() -> Firmware:
    folder = BUILD / _dotted(MICROPYTHON)
    with locked(BUILD):
        made = _kept(folder)
        if made is None:
            rp2_build.toolchain().require()
            made = _make(folder)
    result = _built(
        Built(folder / f"{BOARD}.uf2", folder / "mpy-cross", made["static_ram_bytes"]), made["source"]
    )
    if result.version != MICROPYTHON:
        raise FirmwareError(
            f"{result.uf2} is MicroPython {_dotted(result.version)}, but {_dotted(MICROPYTHON)} is pinned"
            " in host_tools/flash/versions.py"
        )
    return result


def _kept(folder: Path) -> dict | None:
    """What is known of a build that is there, whole, and of the present recipe."""
    try:
        made = json.loads((folder / "made.json").read_text())
        same = made["recipe"] == rp2_build.RECIPE and made["sha256"] == _sha256(folder / f"{BOARD}.uf2")
    except (OSError, ValueError, KeyError):
        return None
    return made if same and (folder / "mpy-cross").is_file() else None


def _make(folder: Path) -> dict:
    """Build beside `folder` and put it there when it is whole; an interrupted build is begun anew."""
    partial = folder.with_name(folder.name + ".building")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with showing() as progress:
        try:
            tree = rp2_build.debian_tree(progress)
        except SourceError as error:
            raise FirmwareError(f"{error}, or an image by {UF2_VARIABLE}") from error
        built = rp2_build.build(tree, partial, progress)
    made = {
        "recipe": rp2_build.RECIPE,
        "sha256": _sha256(built.uf2),
        "static_ram_bytes": built.static_ram_bytes,
        "source": f"Debian's micropython {DEBIAN_VERSION} with {rp2_build.linked(tree)}",
    }
    rp2_build.remove_objects(partial)
    (partial / "made.json").write_text(json.dumps(made, indent=2))
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return made


def _built(built: Built, source: str) -> Firmware:
    version, flash_bytes = _look_into(built.uf2)
    compiler = compiler_for(emitted(built.mpy_cross), built.mpy_cross)
    return Firmware(built.uf2, version, compiler, flash_bytes, built.static_ram_bytes, source)


def _look_into(path: Path) -> tuple[tuple[int, int, int], int]:
    image = uf2.read(path)
    version = version_of(image)
    if version is None:
        raise FirmwareError(f"{path} is no MicroPython: it names no version")
    return version, image.flash_bytes


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


@contextlib.contextmanager
def showing() -> Iterator[rp2_build.Progress]:
    """Something to look at: a bar on a terminal, a line for each step elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("firmware", total=None)
        last = ""

        def show(what: str, done: int, total: int) -> None:
            nonlocal last
            if what != last and not console.is_terminal:
                print(f"Firmware: {what}", file=sys.stderr, flush=True)
            last = what
            bar.update(task, description=what, completed=done, total=total or None)

        yield show


def main() -> int:
    """Get the firmware, and say what and where it is; exit code 1 with one line when it cannot be had."""
    parser = argparse.ArgumentParser(description="The firmware of the RP2040 boards, built when needed.")
    parser.add_argument("--uf2", type=Path, help=f"take this image (as {UF2_VARIABLE} does)")
    try:
        found = firmware(parser.parse_args().uf2)
    except FirmwareError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: the next call begins the build anew", file=sys.stderr)
        return 130
    ram = "unknown" if found.static_ram_bytes is None else f"{found.static_ram_bytes:,} bytes"
    print(f"MicroPython {_dotted(found.version)} for {BOARD}: {found.source}")
    print(f"  image       {found.uf2}")
    print(f"  sha256      {found.sha256}")
    print(f"  flash       {found.flash_bytes:,} bytes")
    print(f"  static RAM  {ram}")
    print(f"  mpy-cross   {found.mpy_cross} (writes .mpy {emitted(found.mpy_cross)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
