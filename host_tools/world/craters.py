"""Craters under the track: their number, depth and form by the published statistics."""

import numpy as np
from numba import njit

# Cumulative count per km2 of diameters above d (m): STEEP above the knee, FLAT below it.
_KNEE_M = 80.0
_FLAT = (29174.0, 1.92)
_STEEP = (156228.0, 2.389)

_LARGEST_M = 3_000.0  # assumed: larger ones are on the map, and the approach is chosen to avoid them
_LARGEST_ON_APPROACH_M = 500.0  # assumed: the last _APPROACH_M are chosen over ground without larger ones
_APPROACH_M = 30_000.0
_SMALLEST_FAR_M = 100.0
_SMALLEST_NEAR_M = 40.0
_NEAR_M = 20_000.0
_LARGEST_AT_SITE_M = 100.0  # assumed: a landing site is chosen smooth
_FRESHEST = 1.0
_MOST_WORN = 0.3  # assumed: craters of all ages, down to a third of their fresh depth
_AT_SITE = 0.1  # assumed: within the site's smooth radius only worn ones

_REACH = 3.0  # radii at which the outer slope has ended
_RIM = -0.2288 + 0.2275 + 0.0831 - 0.0395  # the profile's rim height, in diameters
_RIM_TO_FLOOR = 0.181 + _RIM

# Fresh depth over diameter of small craters.
_FRESH_DIAMETER_M = np.array([10.0, 40.0, 100.0, 200.0, 400.0])
_FRESH_RATIO = np.array([0.11, 0.13, 0.15, 0.17, 0.21])


def count_per_km2(diameter_m: float) -> float:
    """Craters per km2 that are larger than `diameter_m`."""
    if diameter_m >= _KNEE_M:
        return _STEEP[0] * diameter_m ** -_STEEP[1]
    below = _FLAT[0] * (diameter_m ** -_FLAT[1] - _KNEE_M ** -_FLAT[1])
    return below + count_per_km2(_KNEE_M)


def depth_m(diameter_m: np.ndarray) -> np.ndarray:
    """Rim to floor of fresh craters: 0.196 D^1.01, less for small ones."""
    by_formula = 0.196 * diameter_m**1.01
    by_table = diameter_m * np.interp(np.log(diameter_m), np.log(_FRESH_DIAMETER_M), _FRESH_RATIO)
    small = diameter_m < _FRESH_DIAMETER_M[-1]
    return np.where(small, np.minimum(by_formula, by_table), by_formula)


def _draw_band(
    start_m: float,
    end_m: float,
    low_m: float,
    high_m: float,
    law: tuple[float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Craters (s, distance from the track, diameter) of one power law that reach the track.

    A crater of diameter d reaches the track from up to _REACH d / 2 on either side: the number per
    km of track is the integral of _REACH d dN, a power law of its own with exponent 1 - b.
    """
    scale, b = law
    low_end, high_end = low_m ** (1.0 - b), high_m ** (1.0 - b)
    per_m = _REACH * 1e-6 * scale * b / (b - 1.0) * (low_end - high_end)
    count = rng.poisson(per_m * (end_m - start_m))
    diameter_m = (low_end - rng.random(count) * (low_end - high_end)) ** (1.0 / (1.0 - b))
    s_m = rng.uniform(start_m, end_m, count)
    off_m = rng.uniform(0.0, 1.0, count) * _REACH * diameter_m / 2.0
    return np.column_stack((s_m, off_m, diameter_m))


def draw_craters(
    start_m: float, end_m: float, smooth_radius_m: float, rng: np.random.Generator
) -> np.ndarray:
    """Craters from `start_m` to `end_m`: rows of (s, distance from the track, diameter, depth), metres."""
    near_m = (max(start_m, -_NEAR_M), min(end_m, _NEAR_M))
    drawn = np.concatenate(
        (
            _draw_band(start_m, end_m, _SMALLEST_FAR_M, _LARGEST_M, _STEEP, rng),
            _draw_band(*near_m, _KNEE_M, _SMALLEST_FAR_M, _STEEP, rng),
            _draw_band(*near_m, _SMALLEST_NEAR_M, _KNEE_M, _FLAT, rng),
        )
    )
    on_approach = np.abs(drawn[:, 0]) < _APPROACH_M
    drawn = drawn[~on_approach | (drawn[:, 2] <= _LARGEST_ON_APPROACH_M)]
    s_m, diameter_m = drawn[:, 0], drawn[:, 2]
    worn = rng.uniform(_MOST_WORN, _FRESHEST, len(drawn))
    at_site = np.abs(s_m) - _REACH * diameter_m / 2.0 < smooth_radius_m
    worn[at_site] *= _AT_SITE
    keep = ~at_site | (diameter_m <= _LARGEST_AT_SITE_M)
    return np.column_stack((drawn, worn * depth_m(diameter_m)))[keep]


@njit(cache=True)
def crater_height(r):
    """Height over the surroundings at `r` radii, in diameters, of a crater _RIM_TO_FLOOR diameters deep."""
    if r >= _REACH:
        return 0.0
    if r > 1.0:
        end = _REACH**-3
        return _RIM * (r**-3 - end) / (1.0 - end)
    inside = -0.2288 + r * (0.2275 + r * (0.0831 - r * 0.0395))
    return max(inside, -0.181)


@njit(cache=True, nogil=True)
def add_craters(start_m, step_m, heights_m, craters):
    """Adds the craters' profiles to the grid, in place."""
    for i in range(craters.shape[0]):
        s_m, off_m, diameter_m, depth = craters[i, 0], craters[i, 1], craters[i, 2], craters[i, 3]
        scale_m = depth / _RIM_TO_FLOOR
        radius_m = diameter_m / 2.0
        first = max(int((s_m - _REACH * radius_m - start_m) / step_m), 0)
        last = min(int((s_m + _REACH * radius_m - start_m) / step_m) + 1, heights_m.shape[0] - 1)
        for k in range(first, last + 1):
            along_m = start_m + k * step_m - s_m
            r = np.sqrt(along_m * along_m + off_m * off_m) / radius_m
            heights_m[k] += scale_m * crater_height(r)
