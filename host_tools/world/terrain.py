"""The ground under the track: a height profile with published roughness and craters, and rims on top.

Downrange is metres along the ground, 0 at the landing site, negative before it; height is above the
site's datum, so it is 0 at the site. `grid` is one float64 array [start_m, step_m, h0, h1, ...];
`rims` is (n, 5): where the step begins (inf while it is not placed), then the RIM_ columns.
Statistics: shared/facts/landings.md, "Terrain and sensor error models".
"""

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from host_tools.scenarios.schema import TerrainSpec
from host_tools.world.compiled import compiled
from host_tools.world.craters import add_craters, draw_craters
from host_tools.world.roughness import rough_profile

RIM_DOWNRANGE_M = 0
RIM_HEIGHT_M = 1
RIM_WIDTH_M = 2
RIM_WALL_HEIGHT_M = 3
RIM_WALL_WIDTH_M = 4

STEP_M = 5.0
BEYOND_SITE_M = 60_000.0
BEFORE_START_M = 30_000.0
STEEPEST_SITE_SLOPE = 0.045  # 2.6 degrees: a landing site is chosen smooth (assumed)
_NARROWEST_STEP_M = 20.0
_SLOPE_BASE_M = 5.0


@compiled
def _rise(fraction):
    """Smooth step from 0 to 1."""
    if fraction <= 0.0:
        return 0.0
    if fraction >= 1.0:
        return 1.0
    return fraction * fraction * (3.0 - 2.0 * fraction)


@compiled
def rims_height_m(s_m, rims):
    """What the rims add to the ground at `s_m`."""
    height_m = 0.0
    for i in range(rims.shape[0]):
        past_m = s_m - rims[i, 0]
        if past_m <= 0.0:
            height_m += rims[i, 1] + rims[i, 3]
        else:
            height_m += rims[i, 1] * (1.0 - _rise(past_m / rims[i, 2]))
            height_m += rims[i, 3] * (1.0 - _rise((past_m - rims[i, 2]) / rims[i, 4]))
    return height_m


@compiled
def terrain_height_m(s_m, grid, rims):
    """Ground above the site's datum at `s_m`; beyond the grid its last value holds."""
    place = (s_m - grid[0]) / grid[1]
    last = grid.shape[0] - 3
    if place <= 0.0:
        height_m = grid[2]
    elif place >= last:
        height_m = grid[2 + last]
    else:
        index = int(place)
        part = place - index
        height_m = grid[2 + index] * (1.0 - part) + grid[3 + index] * part
    return height_m + rims_height_m(s_m, rims)


@compiled
def terrain_slope(s_m, grid, rims):
    """Rise of the ground per metre of downrange (tangent of the slope), over 10 m around `s_m`."""
    ahead_m = terrain_height_m(s_m + _SLOPE_BASE_M, grid, rims)
    behind_m = terrain_height_m(s_m - _SLOPE_BASE_M, grid, rims)
    return (ahead_m - behind_m) / (2.0 * _SLOPE_BASE_M)


@compiled
def place_rim(s_m, index, rims):
    """Stands rim `index` at `s_m`, narrower if it would else reach beyond the site."""
    width_m = rims[index, 2]
    if rims[index, 3] != 0.0:
        width_m += rims[index, 4]
    if s_m + width_m > 0.0:
        factor = max(-s_m, 0.0) / width_m
        rims[index, 2] = max(rims[index, 2] * factor, _NARROWEST_STEP_M)
        rims[index, 4] = max(rims[index, 4] * factor, _NARROWEST_STEP_M)
    rims[index, 0] = s_m


@compiled
def place_due_rims(s_m, altitude_m, agl_m, rims, triggers):
    """Stands the rims whose agl or altitude the lander has fallen below; returns how many."""
    placed = 0
    for i in range(rims.shape[0]):
        if rims[i, 0] == np.inf and (agl_m < triggers[i, 0] or altitude_m < triggers[i, 1]):
            place_rim(s_m, i, rims)
            placed += 1
    return placed


@njit(cache=True, error_model="numpy")
def _relief(grid):
    """(greatest height, steepest slope) of the grid."""
    highest_m, step_m = grid[2], 0.0
    for i in range(3, grid.shape[0]):
        highest_m = max(highest_m, grid[i])
        step_m = max(step_m, abs(grid[i] - grid[i - 1]))
    return highest_m, step_m / grid[1]


@njit(cache=True, error_model="numpy")
def _heights_m(s_m, grid, rims):
    result = np.empty(s_m.shape[0])
    for i in range(s_m.shape[0]):
        result[i] = terrain_height_m(s_m[i], grid, rims)
    return result


@dataclass
class Terrain:
    """One profile drawn from a spec: hand `grid`, `rims` and `triggers` to the compiled functions."""

    grid: np.ndarray
    rims: np.ndarray  # (n, 5), metres, changed in place when a rim is placed
    triggers: np.ndarray  # (n, 2): at_agl_m, at_altitude_m; nan where the rim is not placed by it
    relief: np.ndarray = field(init=False)  # (2,): no ground is higher, in metres; no slope of `grid` steeper

    def __post_init__(self) -> None:
        highest_m, steepest = _relief(self.grid)
        rises_m = np.maximum(self.rims[:, [RIM_HEIGHT_M, RIM_WALL_HEIGHT_M]], 0.0)
        self.relief = np.array([highest_m + float(rises_m.sum()), steepest])

    @classmethod
    def build(cls, spec: TerrainSpec, rng: np.random.Generator, range_m: float = 670_000.0) -> "Terrain":
        """Draws the ground from `range_m` before the site (and some more) to 60 km beyond it."""
        before = round((range_m + BEFORE_START_M) / STEP_M)  # the site falls on a grid point
        count = before + round(BEYOND_SITE_M / STEP_M) + 1
        s_m = (np.arange(count) - before) * STEP_M
        heights_m = rough_profile(spec.kind, count, STEP_M, rng)
        add_craters(s_m[0], STEP_M, heights_m, draw_craters(s_m[0], s_m[-1], spec.smooth_radius_m, rng))
        _smooth_site(s_m, heights_m, before, spec.smooth_radius_m)
        rims, triggers = _rim_tables(spec)
        return cls(np.concatenate(([s_m[0], STEP_M], heights_m)), rims, triggers)

    def height_m(self, s_m: float) -> float:
        """Ground above the site's datum."""
        return terrain_height_m(s_m, self.grid, self.rims)

    def heights_m(self, s_m: np.ndarray) -> np.ndarray:
        """The same for an array of places."""
        return _heights_m(np.ascontiguousarray(s_m, dtype=np.float64), self.grid, self.rims)


@njit(cache=True, error_model="numpy", nogil=True)
def _smooth_site(s_m, heights_m, site, radius_m):
    """Heights relative to the site's, flat enough within `radius_m` that no slope is too steep; in place.

    site: index of the site in the grid.
    """
    site_m = heights_m[site]
    for i in range(s_m.shape[0]):
        heights_m[i] -= site_m
    steepest = 0.0
    for i in range(1, s_m.shape[0]):
        if abs(s_m[i - 1]) <= radius_m and abs(s_m[i]) <= radius_m:
            steepest = max(steepest, abs(heights_m[i] - heights_m[i - 1]) / STEP_M)
    flat = min(1.0, STEEPEST_SITE_SLOPE / max(steepest, 1e-9))
    for i in range(s_m.shape[0]):
        outside = min(max((abs(s_m[i]) - radius_m) / (2.0 * radius_m), 0.0), 1.0)
        heights_m[i] *= flat + (1.0 - flat) * outside * outside * (3.0 - 2.0 * outside)


def _rim_tables(spec: TerrainSpec) -> tuple[np.ndarray, np.ndarray]:
    rims = np.zeros((len(spec.rims), 5))
    triggers = np.full((len(spec.rims), 2), np.nan)
    for row, trigger, rim in zip(rims, triggers, spec.rims, strict=True):
        where_m = np.inf if rim.downrange_m is None else rim.downrange_m
        row[:] = (where_m, rim.height_m, rim.width_m, rim.wall_height_m, rim.wall_width_m)
        trigger[:] = (rim.at_agl_m or np.nan, rim.at_altitude_m or np.nan)
    return rims, triggers
