"""The phases of guidance by name, and the shapes that its references share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
Real = NDArray[Any]
Near = dict[tuple[str, int], tuple[Any, Any]]

WAITING, COAST, BRAKING, APPROACH, TERMINAL, CONTACT, LANDED, ABORT, ORBIT = range(9)
