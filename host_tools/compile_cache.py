"""Where numba keeps what it has compiled: build/numba, one folder for each state of the sources.

numba's own cache watches only the file of the function itself: a change in a kernel that another
kernel calls would go unseen, and old machine code would fly.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_ROOMS = ("world", "host_board", "comparators", "proof", "campaign/abreast")
_COMPILED = ("firmware", *(f"host_tools/{room}" for room in _ROOMS))
_KEPT = 4


def use() -> None:
    """Point numba at this state's folder; must run before numba is imported. An own NUMBA_CACHE_DIR stays."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    folder = _ROOT / "build" / "numba" / _state()
    if not folder.exists() and folder.parent.is_dir():
        others = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in others[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def _state() -> str:
    """A name made of the contents of everything that is compiled."""
    digest = hashlib.sha256(sys.version.encode())
    for room in _COMPILED:
        for path in sorted((_ROOT / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
