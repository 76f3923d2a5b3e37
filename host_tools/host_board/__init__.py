"""The simulator is a board: MicroPython's modules for CPython, with simulated parts behind the buses.

Importing this package makes `import plumbline`, `micropython` and `machine` work on the host.
Kernels are compiled by numba unless PLUMBLINE_KERNELS=plain is set before the import.
"""

import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
MODULES = Path(__file__).resolve().parent / "modules"


def _numba_cache_folder() -> Path:
    """A cache folder named by the contents of everything that is compiled.

    numba's cache watches only the file of the function itself: a change in a kernel
    that another kernel calls would go unseen.
    """
    digest = hashlib.sha256(sys.version.encode())
    for folder in (FIRMWARE, ROOT / "host_tools" / "world", ROOT / "host_tools" / "host_board"):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return ROOT / "build" / "numba" / digest.hexdigest()[:16]


os.environ.setdefault("NUMBA_CACHE_DIR", str(_numba_cache_folder()))
for _folder in (str(FIRMWARE), str(MODULES)):
    if _folder not in sys.path:
        sys.path.insert(0, _folder)
