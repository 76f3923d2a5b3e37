"""Host tests run on the host board: its import makes `plumbline`, `micropython`, `machine` importable."""

import host_tools.host_board  # noqa: F401  (imported for what it does to the path)
