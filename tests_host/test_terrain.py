"""The ground: published statistics come out, the site is smooth, rims stand where they are put."""

import math
from typing import Any

import numpy as np
import pytest

from host_tools.scenarios.schema import Rim, TerrainSpec
from host_tools.world import craters, roughness
from host_tools.world.terrain import Terrain, place_due_rims, terrain_height_m, terrain_slope


def spec(*rims: Rim, kind: Any = "mare") -> TerrainSpec:
    return TerrainSpec(kind=kind, rims=list(rims))


def rim(**fields) -> Rim:
    return Rim(source="assumed", **fields)


def flat(terrain: Terrain) -> Terrain:
    """The same rims on level ground."""
    terrain.grid[2:] = 0.0
    return terrain


def build(*rims: Rim, kind="mare", seed=1, range_m=100_000.0) -> Terrain:
    return Terrain.build(spec(*rims, kind=kind), np.random.default_rng(seed), range_m)


@pytest.mark.parametrize(("kind", "slope_deg", "hurst"), [("mare", 2.0, 0.76), ("highlands", 7.5, 0.95)])
def test_roughness_has_the_published_slope_and_hurst_exponent(kind, slope_deg, hurst):
    heights_m = roughness.rough_profile(kind, 200_000, 1.0, np.random.default_rng(2))
    difference_m = heights_m[17:] - heights_m[:-17]
    slope = np.median(np.abs(difference_m)) / 17.0
    assert math.degrees(math.atan(slope)) == pytest.approx(slope_deg, rel=0.05)
    # v(L) = v0 (L/L0)^H: from 17 m to 68 m the deviation grows by 4^H
    growth = np.std(heights_m[68:] - heights_m[:-68]) / np.std(difference_m)
    assert math.log(growth, 4.0) == pytest.approx(hurst, abs=0.08)


def test_craters_come_in_the_published_number():
    # Integral of 3 d dN from 100 m to 3 km: 3e-6 * 156228 * 2.389/1.389 * (100^-1.389 - 3000^-1.389) per m,
    # as many in each of the two halves (left and right of the track share the reach of 3 d).
    wanted = 3e-6 * 156228 * 2.389 / 1.389 * (100**-1.389 - 3000**-1.389) * 1e6
    band = (0.0, 1e6, 100.0, 3000.0, (156228.0, 2.389))
    drawn = craters._draw_band(*band, np.random.default_rng(3))
    assert len(drawn) == pytest.approx(wanted, abs=4.0 * math.sqrt(wanted))
    # Half of what reaches the track is smaller than the median of d dN, a power law of exponent -1.389.
    median_m = (0.5 * (100**-1.389 + 3000**-1.389)) ** (-1.0 / 1.389)
    assert np.median(drawn[:, 2]) == pytest.approx(median_m, rel=0.06)


def test_the_published_counts_are_met_on_both_sides_of_80_m():
    assert craters.count_per_km2(100.0) == pytest.approx(156228 * 100**-2.389)
    between_40_and_80 = craters.count_per_km2(40.0) - craters.count_per_km2(80.0)
    assert between_40_and_80 == pytest.approx(29174 * (40**-1.92 - 80**-1.92))


def test_a_fresh_crater_is_as_deep_as_published_and_has_its_rim_at_one_radius():
    depth = craters.depth_m(np.array([40.0, 100.0, 1000.0]))
    assert depth[0] == pytest.approx(0.13 * 40.0)
    assert depth[1] == pytest.approx(0.15 * 100.0)
    assert depth[2] == pytest.approx(0.196 * 1000.0**1.01)
    heights_m = np.zeros(2001)
    craters.add_craters(-5000.0, 5.0, heights_m, np.array([[0.0, 0.0, 1000.0, depth[2]]]))
    assert heights_m.max() - heights_m.min() == pytest.approx(depth[2], rel=0.01)
    assert abs(np.argmax(heights_m) * 5.0 - 5000.0) == 500.0  # the rim stands one radius from the middle
    assert heights_m[0] == heights_m[-1] == 0.0  # and three radii out nothing is left


def test_a_crater_beside_the_track_is_cut_shallower():
    through, beside = np.zeros(401), np.zeros(401)
    craters.add_craters(-1000.0, 5.0, through, np.array([[0.0, 0.0, 300.0, 50.0]]))
    craters.add_craters(-1000.0, 5.0, beside, np.array([[0.0, 120.0, 300.0, 50.0]]))
    assert through.min() < beside.min() < 0.0


@pytest.mark.parametrize("kind", ["mare", "highlands"])
@pytest.mark.parametrize("seed", range(5))
def test_the_site_is_at_height_zero_and_smooth_around(kind, seed):
    terrain = build(kind=kind, seed=seed)
    assert terrain.height_m(0.0) == 0.0
    near_m = terrain.heights_m(np.arange(-1500.0, 1500.1, 5.0))
    steepest_deg = math.degrees(math.atan(np.max(np.abs(np.diff(near_m))) / 5.0))
    assert 0.0 < steepest_deg < 3.0


def test_the_same_seed_gives_the_same_ground_and_another_seed_another():
    assert np.array_equal(build(seed=4).grid, build(seed=4).grid)
    assert not np.array_equal(build(seed=4).grid, build(seed=5).grid)


def test_height_is_interpolated_and_goes_on_beyond_the_grid():
    terrain = build()
    start_m, step_m, *heights_m = terrain.grid
    assert terrain.height_m(start_m + 10.25 * step_m) == pytest.approx(
        0.75 * heights_m[10] + 0.25 * heights_m[11], abs=1e-6
    )
    assert terrain.height_m(start_m - 1e6) == heights_m[0]
    assert terrain.height_m(start_m + step_m * (len(heights_m) - 1)) == heights_m[-1]
    assert terrain.height_m(1e7) == heights_m[-1]


def test_slope_is_the_rise_over_ten_metres():
    terrain = build()
    rise_m = terrain.height_m(-4995.0) - terrain.height_m(-5005.0)
    assert terrain_slope(-5000.0, terrain.grid, terrain.rims) == pytest.approx(rise_m / 10.0)


def test_a_rim_is_a_plateau_then_a_step_then_a_wall_then_the_site():
    terrain = flat(
        build(rim(height_m=3000, width_m=1500, wall_height_m=1800, wall_width_m=12000, downrange_m=-35000))
    )
    assert terrain.height_m(-90_000.0) == 4800.0
    assert terrain.height_m(-35_000.0) == 4800.0
    assert terrain.height_m(-34_250.0) == pytest.approx(1800.0 + 1500.0)  # half of the step
    assert terrain.height_m(-33_500.0) == pytest.approx(1800.0)
    assert terrain.height_m(-27_500.0) == pytest.approx(900.0)  # half of the wall
    assert terrain.height_m(-21_500.0) == pytest.approx(0.0)
    assert terrain.height_m(0.0) == 0.0


def test_a_negative_rim_rises_under_the_lander():
    terrain = flat(build(rim(height_m=-2000, downrange_m=-30000)))
    assert terrain.height_m(-30_001.0) == -2000.0
    assert terrain.height_m(-28_999.0) == 0.0


@pytest.mark.parametrize(
    ("key", "altitude_m", "agl_m"), [("at_agl_m", 9000.0, 5999.0), ("at_altitude_m", 5999.0, 9000.0)]
)
def test_a_rim_that_waits_lies_ahead_until_the_lander_is_low_enough(key, altitude_m, agl_m):
    terrain = flat(build(rim(height_m=3000, **{key: 6000})))
    assert terrain.height_m(-1.0) == 3000.0
    high = (-50_000.0, 9000.0, 9000.0)
    assert place_due_rims(*high, terrain.rims, terrain.triggers) == 0
    assert place_due_rims(-40_000.0, altitude_m, agl_m, terrain.rims, terrain.triggers) == 1
    assert terrain.height_m(-40_000.0) == 3000.0
    assert terrain.height_m(-39_000.0) == 0.0
    assert place_due_rims(-30_000.0, 100.0, 100.0, terrain.rims, terrain.triggers) == 0  # it stands once
    assert terrain.rims[0, 0] == -40_000.0


@pytest.mark.parametrize("place_m", [-600.0, -10.0])
def test_a_rim_placed_close_to_the_site_is_narrowed_so_that_the_site_keeps_its_level(place_m):
    terrain = flat(build(rim(height_m=1000, wall_height_m=500, wall_width_m=5000, at_agl_m=500)))
    assert place_due_rims(place_m, 400.0, 400.0, terrain.rims, terrain.triggers) == 1
    assert terrain.height_m(place_m) == 1500.0
    # 20 m of step and 20 m of wall are the narrowest that there is
    assert terrain.height_m(max(0.0, place_m + 40.0)) == pytest.approx(0.0, abs=1e-6)


def test_two_rims_add_up():
    terrain = flat(build(rim(height_m=1000, downrange_m=-40000), rim(height_m=-300, downrange_m=-20000)))
    heights_m = [terrain_height_m(s, terrain.grid, terrain.rims) for s in (-50e3, -30e3, 0.0)]
    assert heights_m == [700.0, -300.0, 0.0]
