"""Which program flies: one fingerprint of all sources and libraries that decide a landing's bits.

Runs of two programs are never mixed in one store, and a worker elsewhere must have the same program.
"""

import hashlib
import importlib.metadata
import sys
from functools import lru_cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_DECIDE = (
    "firmware/plumbline",
    "host_tools/campaign",
    "host_tools/comparators",
    "host_tools/host_board",
    "host_tools/landing",
    "host_tools/scenarios",
    "host_tools/world",
)
_LIBRARIES = ("numba", "numpy")


@lru_cache
def fingerprint() -> str:
    """16 hexadecimal digits."""
    versions = [sys.version, *(f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES)]
    digest = hashlib.sha256("\n".join(versions).encode())
    for room in _DECIDE:
        for path in sorted((_ROOT / room).rglob("*.py")):
            digest.update(str(path.relative_to(_ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
