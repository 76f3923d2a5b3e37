"""What so many landings say about the next one: intervals, ellipses, ranks."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution
CHI2_95 = 5.991464547107979  # 95 % quantile of chi squared with two degrees of freedom, -2 ln 0.05


def wilson(successes: int, runs: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a share, by default 95 %; (0, 1) without any run.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if runs == 0:
        return 0.0, 1.0
    share, weight = successes / runs, z * z / runs
    middle = (share + weight / 2.0) / (1.0 + weight)
    half = z / (1.0 + weight) * math.sqrt(share * (1.0 - share) / runs + weight / (4.0 * runs))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == runs else min(1.0, middle + half)
    return low, high


def ellipse(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[float, float, float, float, float] | None:
    """(middle x, middle y, half axes long and short, angle of the long one in radians) of 95 % of a normal
    scatter with these points' covariance; None for fewer than three points."""
    if x.size < 3:
        return None
    values, vectors = np.linalg.eigh(np.cov(x, y))
    short, long = np.sqrt(np.maximum(values, 0.0) * CHI2_95)
    angle = math.atan2(vectors[1, 1], vectors[0, 1])
    return float(x.mean()), float(y.mean()), float(long), float(short), angle


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1 on, ties sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[inverse]


def rank_correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Spearman's, over the pairs in which both are finite; nan when one of them does not vary."""
    both = np.isfinite(x) & np.isfinite(y)
    if np.count_nonzero(both) < 3:
        return math.nan
    a, b = ranks(x[both]), ranks(y[both])
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0.0 else math.nan


def noise_level(runs: int) -> float:
    """A rank correlation that chance alone exceeds in one of a hundred cases, for many runs."""
    return 2.5758293035489004 / math.sqrt(runs - 1) if runs > 1 else math.inf


def percentile(values: Sequence[float] | NDArray[np.float64], share: float) -> float:
    """The value below which that share lies; nan without any."""
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    return float(np.quantile(array, share)) if array.size else math.nan
