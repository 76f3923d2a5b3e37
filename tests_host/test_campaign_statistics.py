"""Intervals, ellipses and ranks against published values and numpy; the pace against a clock of our own."""

import math

import numpy as np
import pytest

from host_tools.campaign.progress import Pace, duration
from host_tools.campaign.statistics import ellipse, noise_level, rank_correlation, ranks, wilson

# as statistics packages print it (R: binom.confint(x, n, method = "wilson"))
WILSON = [
    (0, 10, 0.0, 0.2775),
    (10, 10, 0.7225, 1.0),
    (5, 10, 0.2366, 0.7634),
    (1, 10, 0.0179, 0.4042),
    (9990, 10_000, 0.99816, 0.99946),
]


@pytest.mark.parametrize(("landed", "runs", "low", "high"), WILSON)
def test_wilsons_interval_is_the_published_one(landed, runs, low, high):
    places = 5 if runs > 10 else 4
    assert tuple(round(end, places) for end in wilson(landed, runs)) == (low, high)


def test_the_interval_holds_the_share_that_makes_its_end_just_likely_enough():
    # by definition |p - share| = z sqrt(share (1 - share) / n) at both ends
    for end in wilson(37, 50):
        assert abs(37 / 50 - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / 50), rel=1e-6)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_ellipse_holds_95_percent_of_a_normal_scatter():
    rng = np.random.default_rng(3)
    turn = np.array([[math.cos(0.5), -math.sin(0.5)], [math.sin(0.5), math.cos(0.5)]])
    x, y = turn @ np.vstack([30.0 * rng.standard_normal(20_000), 5.0 * rng.standard_normal(20_000)])
    shape = ellipse(x + 100.0, y)
    assert shape is not None
    middle_x, middle_y, long, short, angle = shape
    assert (long, short) == (pytest.approx(2.4477 * 30.0, rel=0.02), pytest.approx(2.4477 * 5.0, rel=0.02))
    assert math.tan(angle) == pytest.approx(math.tan(0.5), abs=0.01)
    along = (x + 100.0 - middle_x) * math.cos(angle) + (y - middle_y) * math.sin(angle)
    across = -(x + 100.0 - middle_x) * math.sin(angle) + (y - middle_y) * math.cos(angle)
    # of 20,000 points the share scatters by sqrt(0.95 * 0.05 / 20,000) = 0.0015
    assert np.mean((along / long) ** 2 + (across / short) ** 2 < 1.0) == pytest.approx(0.95, abs=4 * 0.0015)


def test_two_points_have_no_ellipse():
    assert ellipse(np.zeros(2), np.zeros(2)) is None


def test_ties_share_their_mean_rank():
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_rank_correlation_sees_any_monotonic_dependence_and_no_other():
    x = np.arange(100.0)
    assert rank_correlation(x, np.exp(x / 10.0)) == pytest.approx(1.0)
    assert rank_correlation(x, -(x**3)) == pytest.approx(-1.0)
    assert rank_correlation(x, (x - 49.5) ** 2) == pytest.approx(0.0, abs=1e-12)
    # Spearman by hand: ranks 1 2 3 4 5 and 2 1 4 3 5, differences squared sum to 4: 1 - 6 * 4 / (5 * 24)
    assert rank_correlation(np.arange(5.0), np.array([2.0, 1.0, 4.0, 3.0, 5.0])) == pytest.approx(0.8)


def test_what_was_never_measured_or_never_varied_correlates_with_nothing():
    x = np.array([1.0, 2.0, math.nan, 4.0, 5.0])
    assert rank_correlation(x, np.array([1.0, 2.0, 99.0, 4.0, 5.0])) == pytest.approx(1.0)
    assert math.isnan(rank_correlation(x, np.ones(5)))
    assert math.isnan(rank_correlation(x[:2], x[:2]))


def test_chance_alone_seldom_exceeds_the_noise_level():
    rng = np.random.default_rng(5)
    found = [abs(rank_correlation(rng.random(200), rng.random(200))) for _ in range(2000)]
    # 1 % of 2,000 are 20, with a deviation of 4.5
    assert np.sum(np.array(found) > noise_level(200)) == pytest.approx(20, abs=4 * 4.5)


def test_the_rate_leaves_out_the_first_part_which_also_compiles():
    now_s = 100.0
    pace = Pace(total=1000, done=200, clock=lambda: now_s)
    assert (pace.rate, pace.left_s) == (0.0, None)
    now_s = 130.0  # half a minute of compiling
    pace.add(10)
    assert pace.rate == pytest.approx(10 / 30)  # all that is known so far
    now_s = 132.0
    pace.add(100)
    assert pace.rate == pytest.approx(50.0)
    assert pace.left_s == pytest.approx((1000 - 310) / 50.0)


def test_a_duration_is_said_as_a_person_says_it():
    assert [duration(s) for s in (7.6, 200.0, 7500.0)] == ["8 s", "3 min 20 s", "2 h 5 min"]
