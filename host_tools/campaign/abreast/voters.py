"""Which voter the loop steps: ours, of all landings at once, or a comparator, one landing after the other.

A number says which: a compiled loop cannot be handed a function without being compiled anew for it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.abreast import memory
from host_tools.comparators import ardupilot_like, as_flown, luminary_099, mid_value, px4_like
from host_tools.comparators.memory import nothing_read
from host_tools.comparators.registry import FLIGHT
from host_tools.world import tick as world_tick
from host_tools.world.compiled import without_references
from host_tools.world.lanes import LANES, own_list

OURS, AS_FLOWN, LUMINARY_099, PX4_LIKE, ARDUPILOT_LIKE, MID_VALUE = range(6)
NUMBERS = {
    FLIGHT: OURS,
    "as-flown": AS_FLOWN,
    "luminary-099": LUMINARY_099,
    "px4-like": PX4_LIKE,
    "ardupilot-like": ARDUPILOT_LIKE,
    "mid-value": MID_VALUE,
}
_BEGIN = {
    AS_FLOWN: as_flown.begin,
    LUMINARY_099: luminary_099.begin,
    PX4_LIKE: px4_like.begin,
    ARDUPILOT_LIKE: ardupilot_like.begin,
    MID_VALUE: mid_value.begin,
}


def minds(voter: int, seeds: Sequence[int]) -> NDArray[np.float64]:
    """(LANES, comparators.memory.ROOM): what this voter remembers at the start of each flight."""
    begun = [_BEGIN[voter](seed) for seed in seeds] if voter in _BEGIN else []
    return np.stack(begun + [nothing_read()] * (LANES - len(begun)))


@without_references()
def step(voter, ints, minds, wanted, landings):
    """A comparator's step of every landing that has not ended."""
    for lane in range(landings):
        if wanted[lane] == world_tick.OVER:
            continue
        vote, estimate, mind = memory.vote(ints, lane), memory.estimate(ints, lane), own_list(minds, lane)
        if voter == AS_FLOWN:
            as_flown.step(vote, estimate, mind)
        elif voter == LUMINARY_099:
            luminary_099.step(vote, estimate, mind)
        elif voter == PX4_LIKE:
            px4_like.step(vote, estimate, mind)
        elif voter == ARDUPILOT_LIKE:
            ardupilot_like.step(vote, estimate, mind)
        elif voter == MID_VALUE:
            mid_value.step(vote, estimate, mind)
