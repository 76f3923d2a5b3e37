"""subsystems/altimeter_watch.py: what the spacecraft is told of the vote, once for each change."""

from array import array

import pytest

from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.subsystems.altimeter_watch import AltimeterWatch

ACCEPTED, ON_TRIAL, TERRAIN, PUT_OUT, OVERDUE = range(1, 6)
ABOVE_LIMIT = 4
NAMES = {event: name for event, name, _ in dictionary.EVENTS}


class Watched:
    """A watch over a vote that tests write into; `said` since the last look."""

    def __init__(self) -> None:
        self.vote = array("i", [0] * slots.VOT_SIZE)
        self.vote[slots.VOT_FITTED] = 2
        self.vote[slots.VOT_ACQUIRED] = 1
        self.said: list[tuple[str, int]] = []
        self.watch = AltimeterWatch(self.vote, self)

    def emit(self, event: int, _tick: int, argument: int) -> None:
        self.said.append((NAMES[event], argument))

    def look(self, **changes: int) -> list[tuple[str, int]]:
        """The events of one look, after these slots have changed."""
        for name, value in changes.items():
            self.vote[getattr(slots, f"VOT_{name}")] = value
        self.said = []
        self.watch.look(0)
        return self.said

    def verdicts(self, *verdicts: int) -> list[tuple[str, int]]:
        """The events when the altimeters have come to that."""
        for index, verdict in enumerate(verdicts):
            self.vote[slots.VOT_FIRST + index * slots.VOT_STRIDE + slots.VOT_VERDICT] = verdict
        return self.look()


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_each_altimeter_is_acquired_once_and_readmitted_after_that(watched):
    assert watched.verdicts(ACCEPTED, ON_TRIAL) == [("altimeter_acquired", 0)]
    assert watched.verdicts(ACCEPTED, ACCEPTED) == [("altimeter_acquired", 1)]
    assert watched.verdicts(ACCEPTED, PUT_OUT) == [("altimeter_rejected", 1)]
    assert watched.verdicts(ACCEPTED, PUT_OUT) == []
    assert watched.verdicts(ACCEPTED, ACCEPTED) == [("altimeter_readmitted", 1)]


def test_a_trial_alone_is_not_worth_a_packet(watched):
    watched.verdicts(ACCEPTED, ACCEPTED)
    assert watched.verdicts(ON_TRIAL, ACCEPTED) == []
    assert watched.verdicts(ACCEPTED, ACCEPTED) == []


def test_an_overdue_range_is_told_with_its_altimeter(watched):
    watched.verdicts(ACCEPTED, ACCEPTED)
    assert watched.verdicts(ACCEPTED, OVERDUE) == [("range_overdue", 1)]
    assert watched.verdicts(ACCEPTED, OVERDUE) == []
    assert watched.verdicts(ACCEPTED, ACCEPTED) == [("altimeter_readmitted", 1)]


def test_a_step_is_told_in_metres_of_ground_upward(watched):
    # agl has become 1.5 km more: the ground fell away
    assert watched.look(STEPS=1, STEP_MM=1_500_000) == [("terrain_step", -1500)]
    assert watched.look(STEPS=2, STEP_MM=-300_000) == [("terrain_step", 300)]
    assert watched.look() == []


def test_an_alert_is_up_for_three_looks_before_it_is_told_and_so_is_its_end(watched):
    assert watched.look(FLAGS=ABOVE_LIMIT, PROTECTION_MM=250_000) == []
    assert watched.look() == []
    assert watched.look() == [("agl_alert", 250)]
    assert watched.look() == []
    assert watched.look(FLAGS=0, PROTECTION_MM=3_000) == []
    assert watched.look(FLAGS=ABOVE_LIMIT) == []  # again: the count begins anew
    assert [watched.look(FLAGS=0) for _ in range(3)] == [[], [], [("agl_good", 3)]]


def test_before_the_first_range_there_is_no_alert(watched):
    assert [watched.look(ACQUIRED=0, FLAGS=ABOVE_LIMIT) for _ in range(5)] == [[]] * 5


def test_corrections_and_impossible_heights_are_told_with_their_count(watched):
    assert watched.look(CORRECTIONS=1) == [("agl_corrected", 1)]
    assert watched.look(CORRECTIONS=2) == [("agl_corrected", 2)]
    assert watched.look(IMPOSSIBLE=1) == [("agl_impossible", 1)]
    assert watched.look() == []
