"""Valves of the host board: each microsecond that a pulse is open reaches the world once."""

import random

import numpy as np

from host_tools.host_board.outlets import Outlets

SUBSTEP_US = 2_000


def shares(outlets, now_us):
    out = np.zeros((5, 1))
    outlets.shares(now_us, SUBSTEP_US, out)
    return list(out[:, 0])


def test_a_pulse_is_open_for_its_share_of_each_substep():
    outlets = Outlets(1)
    outlets.open(0, 3_000, 4_000)
    # open from 3 to 7 ms: half of the second substep, all of the third, half of the fourth
    assert shares(outlets, 0) == [0.0, 0.5, 1.0, 0.5, 0.0]


def test_the_end_of_a_pulse_counts_also_when_the_next_one_has_begun_in_the_same_tick():
    outlets = Outlets(1)
    outlets.open(0, 4_000, 37_000)  # until 41 ms
    outlets.open(0, 44_000, 20_000)
    # the tick from 40 ms on: 1 ms of the first pulse, then the second from 44 ms on
    assert shares(outlets, 40_000) == [0.5, 0.0, 1.0, 1.0, 1.0]


def test_a_pulse_that_is_renewed_goes_on_without_a_gap():
    outlets = Outlets(1)
    outlets.open(0, 0, 8_000)
    outlets.open(0, 8_000, 2_000)
    assert shares(outlets, 0) == [1.0] * 5


def test_closing_ends_both_pulses_at_once():
    outlets = Outlets(1)
    outlets.open(0, 0, 5_000)
    outlets.open(0, 8_000, 90_000)
    outlets.close_all(9_000)
    assert shares(outlets, 0) == [1.0, 1.0, 0.5, 0.0, 0.5]
    assert shares(outlets, 10_000) == [0.0] * 5


def test_over_a_minute_of_random_pulses_no_microsecond_is_lost_or_counted_twice():
    noise = random.Random(7)
    outlets, open_us, wanted_us, last_end_us = Outlets(1), 0.0, 0, 0
    for tick in range(6_000):
        now_us = 10_000 * tick
        # as a board does: what this tick plays is committed 8 ms into it
        if tick < 5_980 and noise.random() < 0.3 and last_end_us <= now_us + 8_000:
            width_us = noise.randrange(12_000, 100_000)
            outlets.open(0, now_us + 8_000, width_us)
            last_end_us = now_us + 8_000 + width_us
            wanted_us += width_us
        open_us += SUBSTEP_US * sum(shares(outlets, now_us))
    assert round(open_us) == wanted_us
