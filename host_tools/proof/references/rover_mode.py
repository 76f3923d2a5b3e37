"""The rover's modes as a table: from, what has to be so, what must not be, to: the first that fits."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer

Column = NDArray[np.int64]
STOWED, SETTLING, LEAVING, READY, DRIVING, SCOOPING, SAFE = range(7)
(RELEASED, DEPLOY, QUIET, CLEAR, STRANDED, DRIVE, SCOOP) = (1 << bit for bit in range(7))
(TILTED, BATTERY_LOW, DEAF, NUMB, RECOVER, FREE, LIMIT) = (1 << bit for bit in range(7, 14))
DANGER = TILTED | BATTERY_LOW | LIMIT
ALONE = DEAF | NUMB
ANY_DANGER = DANGER | ALONE
# (mode, all of these, any of these, none of these, next mode); any of 0: no matter
TABLE = (
    (STOWED, RELEASED | DEPLOY, 0, 0, SETTLING),
    (SAFE, RECOVER | FREE, 0, ANY_DANGER, READY),
    (SAFE, RECOVER, 0, ANY_DANGER, SETTLING),
    *((mode, 0, DANGER, 0, SAFE) for mode in (SETTLING, LEAVING, READY, DRIVING, SCOOPING)),
    (SETTLING, QUIET, 0, ANY_DANGER, LEAVING),
    *((mode, 0, ALONE, 0, SAFE) for mode in (LEAVING, DRIVING, SCOOPING)),
    (LEAVING, STRANDED, 0, 0, SAFE),
    (LEAVING, CLEAR, 0, 0, READY),
    (READY, DRIVE, 0, ALONE, DRIVING),
    (READY, SCOOP, 0, ALONE, SCOOPING),
    (DRIVING, 0, 0, DRIVE | SCOOP, READY),
    (SCOOPING, 0, 0, DRIVE | SCOOP, READY),
)


def next_mode(mode: Column, conditions: Column) -> Answer:
    """As `_next`."""
    return Answer(_next(mode, conditions))


def leave_safe(conditions: Column) -> Answer:
    """The rows of safe mode."""
    return Answer(_next(np.full(conditions.size, SAFE), conditions))


def begin_to_move(mode: Column, conditions: Column) -> Answer:
    """The rows of settling and ready, no danger; what is neither begins as ready does."""
    source = np.where(mode == SETTLING, SETTLING, READY)
    found = _next(source, conditions & ~DANGER)
    return Answer(np.where(found == source, mode, found))


def leave_lander(conditions: Column) -> Answer:
    """The rows of leaving, nothing wrong."""
    return Answer(_next(np.full(conditions.size, LEAVING), conditions & ~ANY_DANGER))


def _next(mode: Column, conditions: Column) -> Column:
    """What fits no row stays as it is."""
    found = mode.copy()
    open_rows = np.ones(mode.size, bool)
    for source, wanted, some, none, target in TABLE:
        fits = open_rows & (mode == source) & (conditions & wanted == wanted) & (conditions & none == 0)
        if some:
            fits &= conditions & some != 0
        found[fits] = target
        open_rows &= ~fits
    return found
