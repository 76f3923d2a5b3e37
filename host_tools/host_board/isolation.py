"""The isolation valves at propulsion's shift register: each closes the way to a branch of valves."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# valves behind each isolation valve: main engine, opposite assist thrusters, jets about y, about z, about x
BRANCHES: Sequence[Sequence[int]] = ((0,), (1, 4), (2, 5), (3, 6), (7, 8), (9, 10), (11, 14), (12, 13))
_VALVES = 15


class IsolationValves:
    """`isolated`, a flag for each valve behind them, follows the register's outputs."""

    def __init__(self, isolated: NDArray[np.bool_] | None = None) -> None:
        self.isolated = np.zeros(_VALVES, np.bool_) if isolated is None else isolated

    def write(self, word: int) -> None:
        """The register's new outputs, a bit for each branch: 1 closes."""
        for branch, valves in enumerate(BRANCHES):
            for valve in valves:
                self.isolated[valve] = bool(word >> branch & 1)
