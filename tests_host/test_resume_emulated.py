"""Two emulated Picos in flight, navigation hangs: how soon it steers again, and the valves meanwhile."""

import pytest

from host_tools.emulator.budget import low_descent
from host_tools.emulator.reset_flight import fly_through_a_reset
from host_tools.flash.flight_image import flight_image

HANG_TICK = 400


@pytest.fixture(scope="module")
def flight():
    """Half a second of flight behind the reset. Emulated time: the same nanoseconds in every run."""
    return fly_through_a_reset(flight_image(), low_descent(), HANG_TICK, HANG_TICK + 60)


def arguments(flight, name):
    return [argument for _, board, said, argument in flight.events if (board, said) == ("navigation", name)]


def test_from_the_watchdogs_bite_to_the_first_demand_it_takes_less_than_300_ms(flight):
    assert len(flight.resets_ns) == 1
    assert 100.0 < flight.reset_to_demand_ms < 210.0


def test_nobody_steers_for_the_watchdogs_80_ms_and_the_start_and_no_longer(flight):
    # from the last demand of the first life to the first one of the second
    assert 200.0 < flight.last_demand_to_demand_ms < 300.0


def test_valves_are_closed_within_100_ms_of_the_last_demand_until_the_next_one(flight):
    assert 0.0 < flight.last_demand_to_valves_off_ms < 100.0
    assert flight.valves_open_meanwhile == set()


def test_the_descent_goes_on_and_the_valves_open_again(flight):
    assert arguments(flight, "restarted") == [1]
    assert arguments(flight, "resume_refused") == []
    age_ms, gap_ms = arguments(flight, "resumed")[0], arguments(flight, "resume_gap")[0]
    # the checkpoint was at most nine ticks old when the watchdog was fed last
    assert 0 <= age_ms - gap_ms < 100
    assert 250 < gap_ms < 300
    assert len(arguments(flight, "ignition")) == 1
    # the heap is locked in a tick: keeping the descent allocates nothing
    assert arguments(flight, "tick_starved") == arguments(flight, "tick_overrun") == []
    back_ns = next(at for at in flight.demands_ns if at > flight.resets_ns[0])
    assert [1 for at, _, level in flight.edges if level and at > back_ns]
