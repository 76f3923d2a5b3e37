"""Leg contact: bounce, the vote of two, and switches that have stuck either way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernels import contact
from plumbline.kernels import slots as s

NO, YES, BLIND = range(3)
LEGS, STUCK_TICKS = 4, 500


class Legs:
    def __init__(self):
        self.memory = np.zeros(s.LEG_SIZE, np.int32)

    def run(self, pressed, ticks=1):
        """The votes of so many ticks with these switches closed."""
        return [contact.step(self.memory, pressed) for _ in range(ticks)]

    @property
    def stuck(self):
        return int(self.memory[s.LEG_STUCK])


@pytest.mark.parametrize("pressed", range(16))
def test_two_closed_switches_are_a_contact_after_30_ms(pressed):
    closed = bin(pressed).count("1")
    assert Legs().run(pressed, 5) == [NO, NO] + [YES if closed >= 2 else NO] * 3


def test_closures_of_20_ms_are_no_contact_and_openings_of_20_ms_lose_none():
    legs = Legs()
    assert {vote for _ in range(50) for vote in legs.run(15, 2) + legs.run(0, 1)} == {NO}
    legs.run(15, 3)
    assert {vote for _ in range(50) for vote in legs.run(0, 2) + legs.run(15, 1)} == {YES}
    assert legs.run(0, 3) == [YES, YES, NO]


@pytest.mark.parametrize("leg", range(LEGS))
def test_a_switch_that_is_closed_alone_for_5_s_is_stuck_until_it_has_been_open_for_5_s(leg):
    legs = Legs()
    legs.run(1 << leg, 2 + STUCK_TICKS - 1)  # two more samples until it is closed
    assert legs.stuck == 0
    legs.run(1 << leg)
    assert legs.stuck == 1 << leg
    legs.run(0, 2 + STUCK_TICKS - 1)
    assert legs.stuck == 1 << leg
    legs.run(0)
    assert legs.stuck == 0


def test_no_switch_is_suspected_while_the_lander_stands():
    legs = Legs()
    for pressed in (3, 7, 15):
        assert legs.run(pressed, 3 * STUCK_TICKS)[-1] == YES
        assert legs.stuck == 0


def test_with_three_stuck_switches_nobody_can_tell_and_the_vote_says_so():
    legs = Legs()
    for leg in range(3):  # one after the other, as two at once would be a contact
        legs.memory[s.LEG_STUCK] = (1 << leg) - 1
        legs.run((1 << leg + 1) - 1, STUCK_TICKS + 3)
    assert legs.stuck == 7
    assert legs.run(7)[-1] == BLIND
    assert legs.run(15, 5)[-1] == BLIND


def debounced(levels):
    """The third sample in a row that differs is believed: written over the whole history."""
    state, found = 0, []
    for index in range(len(levels)):
        last = levels[max(0, index - 2) : index + 1]
        if len(last) == 3 and len(set(last)) == 1:
            state = last[0]
        found.append(state)
    return found


@st.composite
def _levels(draw):
    """Levels of three switches that hold for 1 to 20 ticks each, none of them alone for 5 s."""
    rows = []
    for _ in range(draw(st.integers(1, 25))):
        rows += [tuple(draw(st.lists(st.integers(0, 1), min_size=3, max_size=3)))] * draw(st.integers(1, 20))
    return rows


@given(rows=_levels(), bad=st.integers(0, 3), level=st.integers(0, 1))
@settings(max_examples=120, deadline=None)
def test_one_stuck_switch_does_not_decide_whatever_the_others_do(rows, bad, level):
    good = [leg for leg in range(LEGS) if leg != bad]
    legs = Legs()
    legs.run(level << bad, STUCK_TICKS + 3)
    assert legs.stuck == level << bad  # one that is stuck open votes for nothing as it is
    histories = [debounced([row[index] for row in rows]) for index in range(3)]
    wanted = [YES if sum(history[tick] for history in histories) >= 2 else NO for tick in range(len(rows))]
    found = []
    for row in rows:
        pressed = level << bad | sum(value << leg for value, leg in zip(row, good, strict=True))
        found += legs.run(pressed)
    assert found == wanted


@given(st.lists(st.tuples(st.integers(-(2**30), 2**30 - 1), st.integers(1, 300)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_less_than_two_closed_switches_are_never_a_contact(stream):
    legs = Legs()
    for pressed, ticks in stream:
        for _ in range(ticks):
            vote = legs.run(pressed)[0]
            closed = int(legs.memory[s.LEG_CLOSED])
            assert vote != YES or bin(closed).count("1") >= 2
