"""What hangs at a board's outputs: valves that are open from a pulse's start to its end.

The world asks for each valve's share of each of its substeps; both kinds of board answer in the same
form, the host board from the pulses that it commits, an emulated one from the edges of its pins.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def _shares(
    starts_us: NDArray[np.int64],
    ends_us: NDArray[np.int64],
    now_us: int,
    substep_us: int,
    out: NDArray[np.float64],
) -> None:
    for substep in range(out.shape[0]):
        first_us = now_us + substep * substep_us
        for valve in range(out.shape[1]):
            open_us = 0
            for k in range(starts_us.shape[0]):
                begins = max(starts_us[k, valve], first_us)
                open_us += max(0, min(ends_us[k, valve], first_us + substep_us) - begins)
            out[substep, valve] = open_us / substep_us


class Outlets:
    """The valves at a board's outputs, each with its pulse and the one before.

    The one before may still have been open in the time that the world integrates next, which is
    why it is kept. `ends_us` is when each valve's last pulse ends.
    """

    def __init__(self, count: int) -> None:
        self._starts_us = np.zeros((2, count), np.int64)
        self._ends_us = np.zeros((2, count), np.int64)
        self.ends_us = self._ends_us[0]

    def open(self, valve: int, now_us: int, width_us: int) -> None:
        """From now on for `width_us`; a pulse that is under way goes on until then."""
        if self._ends_us[0, valve] < now_us:
            self._starts_us[1, valve] = self._starts_us[0, valve]
            self._ends_us[1, valve] = self._ends_us[0, valve]
            self._starts_us[0, valve] = now_us
        self._ends_us[0, valve] = now_us + width_us

    def close_all(self, now_us: int) -> None:
        """Every valve closes now."""
        np.minimum(self._ends_us, now_us, out=self._ends_us)

    def shares(self, now_us: int, substep_us: int, out: NDArray[np.float64]) -> None:
        """Into out[substep, valve] the share of each substep from now_us on that the valve is open."""
        _shares(self._starts_us, self._ends_us, now_us, substep_us, out)
