"""Host tests run on the host board: its import makes `plumbline`, `micropython`, `machine` importable."""

import os
import signal

import host_tools  # chooses the folder of numba's cache

# Workers that compile the same function at the same time spoil each other's cache index.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER")
if _WORKER is not None and not os.environ["NUMBA_CACHE_DIR"].endswith(_WORKER):
    os.environ["NUMBA_CACHE_DIR"] = os.path.join(os.environ["NUMBA_CACHE_DIR"], _WORKER)

# A shell without job control starts what runs in its background deaf to Ctrl-C, and so would be each program
# that a test interrupts: a handler of ours is none of theirs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

from command_fixture import run  # noqa: E402, F401  (a fixture for every test)
from firmware_fixture import firmware  # noqa: E402, F401  (a fixture for every test)

import host_tools.host_board  # noqa: E402, F401  (imported for what it does to the path)
