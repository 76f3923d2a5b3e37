"""What the altitude vote takes of a tick on the emulated board, with four altimeters."""

import pytest

from host_tools.emulator.vote_budget import of_vote

CASES = {
    *(a + b for a in ("apart", "together") for b in ("", "_in_trouble", "_two_drift", "_lasers_drift")),
    "quiet",
}
MEAN_US, WORST_US = 40, 60


@pytest.fixture(scope="module")
def measured(firmware):
    return of_vote(firmware)


def test_the_vote_takes_40_us_of_a_tick_in_the_mean_and_60_at_most_however_readings_come(measured):
    assert set(measured) == CASES
    assert {name: row for name, row in measured.items() if row["mean_us"] > MEAN_US} == {}
    assert {name: row for name, row in measured.items() if row["worst_us"] > WORST_US} == {}


def test_what_was_measured_is_a_vote_that_hears_and_one_that_is_in_trouble(measured):
    # the first altimeter is 300 m off by then, and outvoted at the rim as well; of a laser and a radar that
    # drift the radar is still inside its gate, and leans to the other
    assert {name: (row["steps"], row["voters"]) for name, row in measured.items()} == {
        "apart": (0, 4),
        "together": (0, 4),
        "apart_in_trouble": (1, 3),
        "together_in_trouble": (1, 3),
        "apart_two_drift": (0, 3),
        "together_two_drift": (0, 3),
        "apart_lasers_drift": (1, 4),
        "together_lasers_drift": (1, 2),
        "quiet": (0, 0),
    }
    # readings cost something
    assert all(measured["quiet"]["mean_us"] < measured[name]["mean_us"] for name in CASES - {"quiet"})
