"""MicroPython for this machine, built for 32 bits, where viper computes as on a board.

On 64 bits a viper load from an int32 array extends with zeros, so that negatives become +4e9: such
a build is refused. `python -m host_tools.flash.unix_port` builds it (15 s) and prints where it is.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from host_tools.flash.sources import BUILD, SourceError, checkout, locked, micropython
from host_tools.flash.toolchain import BuildError, Toolchain, compiles, environment, run_logged
from host_tools.flash.versions import DEBIAN_VERSION, MICROPYTHON

# What Debian's tarball has no sources for, and no kernel asks for, stays out.
_OPTIONS = (
    "MICROPY_FORCE_32BIT=1",
    "MICROPY_PY_BTREE=0",
    "MICROPY_PY_SSL=0",
    "MICROPY_PY_FFI=0",
    "FROZEN_MANIFEST=",
    "CFLAGS_EXTRA=-Wno-error",  # later compilers find more to warn about
)
_X86 = 1  # sys.implementation._mpy >> 10: the processor that native code is made for
_PROBE = """
import sys
version = sys.implementation.version
print(sys.implementation.name, "%d.%d.%d" % tuple(version[:3]), sys.maxsize, sys.implementation._mpy >> 10)
"""


class PortError(Exception):
    """The port cannot be built or used; the message is one line that says what to do."""


@dataclass(frozen=True)
class UnixPort:
    """A program that has been asked what it is."""

    program: Path
    version: str
    build_s: float  # 0 when it was there already


def unix_port() -> UnixPort:
    """The 32-bit unix port of the user's checkout, else of the pinned version; built when needed.

    Raises PortError, whose message is one line.
    """
    if platform.machine() not in ("x86_64", "AMD64", "i686") or sys.platform != "linux":
        raise PortError(
            "MicroPython's viper is compared on the 32-bit unix port, which is built on Linux for x86 only;"
            f" this is {platform.system()} on {platform.machine()}: run this in a Debian container for amd64"
        )
    begun = time.monotonic()
    try:
        named = checkout()
        if named is None:
            program = _build_once(BUILD / f"unix-x86_{DEBIAN_VERSION}")
        else:
            label = hashlib.sha256(str(named).encode()).hexdigest()[:8]
            program = _build(named, BUILD / f"unix-x86_checkout-{label}")
    except (SourceError, BuildError) as error:
        raise PortError(str(error)) from error
    version = check(program)
    if named is None and version != (wanted := ".".join(map(str, MICROPYTHON))):
        raise PortError(
            f"{program} is MicroPython {version}, but {wanted} is pinned in host_tools/flash/versions.py"
        )
    spent = time.monotonic() - begun
    return UnixPort(program, version, spent if spent > 1.0 else 0.0)


def check(program: Path) -> str:
    """The version of a unix port; PortError unless it is a 32-bit one that makes x86 code."""
    try:
        said = subprocess.run([program, "-c", _PROBE], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PortError(f"{program} does not run: {error}") from error
    words = said.stdout.split()
    if said.returncode or len(words) != 4 or words[0] != "micropython":
        raise PortError(
            f"{program} does not answer like MicroPython: {(said.stdout + said.stderr).strip()[:200]}"
        )
    if int(words[2]) != 2**31 - 1:
        raise PortError(
            f"{program} is a 64-bit build, on which viper reads negative int32 as positive:"
            " build it with MICROPY_FORCE_32BIT=1"
        )
    if int(words[3]) != _X86:
        raise PortError(f"{program} makes no native code for x86: native and viper cannot be compared on it")
    return words[1]


def _build_once(folder: Path) -> Path:
    program = folder / "micropython"
    stamp = folder / "built-with"
    with locked(folder):
        if not program.exists() or not stamp.exists() or stamp.read_text() != " ".join(_OPTIONS):
            toolchain().require()
            _make(micropython(), folder)
            stamp.write_text(" ".join(_OPTIONS))
    return program


def _build(tree: Path, folder: Path) -> Path:
    """A checkout may change: make decides what is to be done."""
    with locked(folder):
        toolchain().require()
        _make(tree, folder)
    return folder / "micropython"


def _make(tree: Path, folder: Path) -> None:
    jobs = f"-j{os.cpu_count() or 1}"
    command = ["make", jobs, f"BUILD={folder}", f"PYTHON={sys.executable}", *_OPTIONS]
    log = folder / "make.log"
    log.unlink(missing_ok=True)
    run_logged(command, tree / "ports" / "unix", log, environment(tree), what="the unix port")


def toolchain() -> Toolchain:
    """What builds 32-bit programs for x86."""
    return Toolchain(
        missing="no compiler for 32-bit x86",
        packages=("gcc", "gcc-multilib", "libc6-dev", "make"),
        elsewhere="install make and gcc with 32-bit libraries (gcc -m32)",
        works=builds_32_bits,
    )


def builds_32_bits() -> bool:
    """Whether make is there and `gcc -m32` compiles and links a C program."""
    if shutil.which("make") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = ["gcc", "-m32", "-x", "c", "-", "-o", f"{folder}/program"]
        return compiles(command, '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n')


def main() -> int:
    """Build, and say where and in what time; exit code 1 with one line when it cannot be."""
    try:
        port = unix_port()
    except PortError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"MicroPython {port.version}, 32 bits: {port.program} ({port.build_s:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
