"""The simulator is a board: MicroPython's modules for CPython, with simulated parts behind the buses.

Importing this package makes `import plumbline`, `micropython` and `machine` work on the host.
Kernels are compiled by numba unless PLUMBLINE_KERNELS=plain is set before the import.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FIRMWARE = ROOT / "firmware"
_MODULES = Path(__file__).resolve().parent / "modules"

for _place in (str(_FIRMWARE), str(_MODULES)):
    if _place not in sys.path:
        sys.path.insert(0, _place)
