"""What hangs at a board's outputs: valves that are open from a pulse's start to its end.

The world asks for each valve's share of each of its substeps; both kinds of board answer in the same
form, the host board from the pulses that it commits, an emulated one from the edges of its pins.
"""

import numpy as np
from numpy.typing import NDArray

from host_tools.world.compiled import compiled
from host_tools.world.lanes import at, choose, everywhere, put

# pulses: int64 of shape (4, valves) or (4, valves, lanes), microseconds; the pulse, and the one before it
START, END, START_BEFORE, END_BEFORE = range(4)
ROWS = 4


@compiled
def open_valve(pulses, valve, now_us, width_us, lane):
    """From now on for `width_us`; a pulse that is under way goes on until then."""
    if at(pulses, (END, valve), lane) < now_us:
        put(pulses, (START_BEFORE, valve), lane, at(pulses, (START, valve), lane))
        put(pulses, (END_BEFORE, valve), lane, at(pulses, (END, valve), lane))
        put(pulses, (START, valve), lane, now_us)
    put(pulses, (END, valve), lane, now_us + width_us)


@compiled
def close_valves(pulses, now_us, lane):
    """Every valve closes now."""
    for valve in range(pulses.shape[1]):
        put(pulses, (END, valve), lane, min(at(pulses, (END, valve), lane), now_us))
        put(pulses, (END_BEFORE, valve), lane, min(at(pulses, (END_BEFORE, valve), lane), now_us))


@compiled
def _overlap_us(start_us, end_us, first_us, last_us):
    """How long a pulse is open between two times."""
    begins = choose(start_us > first_us, start_us, first_us)
    ends = choose(end_us < last_us, end_us, last_us)
    return choose(ends > begins, ends - begins, 0.0)


@compiled
def open_shares(pulses, now_us, substep_us, out, lane):
    """Into out[substep, valve] the share of each substep from now_us on that the valve is open."""
    for valve in range(out.shape[1]):
        end, before = at(pulses, (END, valve), lane), at(pulses, (END_BEFORE, valve), lane)
        over, over_before = everywhere(end <= now_us), everywhere(before <= now_us)
        start, start_before = at(pulses, (START, valve), lane), at(pulses, (START_BEFORE, valve), lane)
        for substep in range(out.shape[0]):
            if over and over_before:
                put(out, (substep, valve), lane, 0.0)
                continue
            first_us = now_us + substep * substep_us
            open_us = _overlap_us(start, end, first_us, first_us + substep_us)
            if not over_before:
                open_us = open_us + _overlap_us(start_before, before, first_us, first_us + substep_us)
            put(out, (substep, valve), lane, open_us / substep_us)


class Outlets:
    """The valves at a board's outputs, each with its pulse and the one before.

    The one before may still have been open in the time that the world integrates next, which is
    why it is kept. `ends_us` is when each valve's last pulse ends.
    """

    def __init__(self, count: int) -> None:
        self._pulses = np.zeros((ROWS, count), np.int64)
        self.ends_us = self._pulses[END]

    def open(self, valve: int, now_us: int, width_us: int) -> None:
        """From now on for `width_us`; a pulse that is under way goes on until then."""
        open_valve(self._pulses, valve, now_us, width_us, 0)

    def close_all(self, now_us: int) -> None:
        """Every valve closes now."""
        close_valves(self._pulses, now_us, 0)

    def shares(self, now_us: int, substep_us: int, out: NDArray[np.float64]) -> None:
        """Into out[substep, valve] the share of each substep from now_us on that the valve is open."""
        open_shares(self._pulses, now_us, substep_us, out, 0)
