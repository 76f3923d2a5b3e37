"""Parameters in two slots: one of them is always whole, and what is stored is in range or not flown."""

import json
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.host_board.lander import BOARDS
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.raw_flash import SECTOR, RawFlash
from plumbline.services.stored_parameters import (
    DEFAULTS,
    FELL_BACK,
    LOST,
    NO_SUCH_PARAMETER,
    OK,
    OUT_OF_RANGE,
    STORED,
    StoredParameters,
)
from plumbline.subsystems.parameters import Parameters

TABLE = json.loads((BOARDS / "navigation_pico" / "parameters.json").read_text())


class Board:
    """The navigation board's parameters after a boot."""

    def __init__(self, flash, table=TABLE):
        self.parameters = Parameters(table)
        self.stored = StoredParameters(RawFlash(flash, 0, 2), self.parameters.fields())
        self.found = self.stored.load()

    def values(self):
        return [field[1][field[2]] for field in self.stored.fields]

    def store(self, name, value):
        assert self.stored.change(self.stored.names.index(name), value) == OK
        assert self.stored.save()


def spoil(flash, slot):
    flash.content[slot * SECTOR + 30] ^= 4


def test_a_new_board_flies_the_default_set():
    board = Board(SimulatedFlash(2))
    assert board.found == DEFAULTS
    assert board.values() == Board(SimulatedFlash(2)).values()


def test_what_is_stored_is_found_at_the_next_boot():
    flash = SimulatedFlash(2)
    board = Board(flash)
    board.store("exhaust_m_s", 3200)
    board.store("radar_delay_ms", 11)
    board.store("radar.floor_mm", 250)
    again = Board(flash)
    assert again.found == STORED
    assert again.values() == board.values()
    assert again.parameters.radar_delay_ms == 11


def test_a_corrupted_slot_falls_back_to_the_other():
    flash = SimulatedFlash(2)
    board = Board(flash)
    board.store("exhaust_m_s", 3200)  # slot 0
    board.store("exhaust_m_s", 3300)  # slot 1
    spoil(flash, 1)
    again = Board(flash)
    assert (again.found, again.parameters.values[2]) == (FELL_BACK, 3200)
    again.store("exhaust_m_s", 3400)  # over the corrupted one
    assert Board(flash).found == STORED
    assert Board(flash).parameters.values[2] == 3400


def test_two_corrupted_slots_leave_the_default_set_and_say_so():
    flash = SimulatedFlash(2)
    board = Board(flash)
    defaults = board.values()
    board.store("exhaust_m_s", 3200)
    board.store("exhaust_m_s", 3300)
    spoil(flash, 0)
    spoil(flash, 1)
    again = Board(flash)
    assert (again.found, again.values()) == (LOST, defaults)
    again.store("exhaust_m_s", 3400)
    assert (Board(flash).found, Board(flash).parameters.values[2]) == (FELL_BACK, 3400)


def test_a_set_with_a_value_that_is_no_longer_allowed_is_refused_whole():
    flash = SimulatedFlash(2)
    values = array("i", [3, 700])
    wide = [("a", values, 0, 0, 10), ("b", values, 1, 0, 1000)]
    StoredParameters(RawFlash(flash, 0, 2), wide).save()
    own = array("i", [1, 2])
    narrow = StoredParameters(RawFlash(flash, 0, 2), [("a", own, 0, 0, 10), ("b", own, 1, 0, 500)])
    assert narrow.load() == LOST
    assert list(own) == [1, 2]  # not even the first one, which would be allowed


def test_a_set_stored_under_other_names_is_refused():
    flash = SimulatedFlash(2)
    Board(flash).store("exhaust_m_s", 3200)
    other = {**TABLE, "altimeters": [{**entry, "name": entry["name"] + "2"} for entry in TABLE["altimeters"]]}
    assert Board(flash, other).found == LOST
    fewer = {**TABLE, "altimeters": TABLE["altimeters"][:1]}
    assert Board(flash, fewer).found == LOST


def test_what_is_out_of_range_or_unknown_is_answered_and_changes_nothing():
    board = Board(SimulatedFlash(2))
    before = board.values()
    exhaust = board.stored.names.index("exhaust_m_s")
    for value in (499, 6001, -(2**30)):
        assert board.stored.change(exhaust, value) == OUT_OF_RANGE
    for number in (-1, len(before), 10_000):
        assert board.stored.change(number, 1) == NO_SUCH_PARAMETER
    assert board.values() == before


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_set_within_its_ranges_comes_back(data):
    flash = SimulatedFlash(2)
    board = Board(flash)
    for number, (_, _, _, least, most) in enumerate(board.stored.fields):
        assert board.stored.change(number, data.draw(st.integers(least, most))) == OK
    assert board.stored.save()
    assert Board(flash).values() == board.values()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1), st.integers(0, 120), st.integers(1, 255))
def test_no_spoiled_byte_is_flown(slot, at, flip):
    flash = SimulatedFlash(2)
    board = Board(flash)
    sets = []
    for exhaust in (3200, 3300):
        board.store("exhaust_m_s", exhaust)
        sets.append(board.values())
    flash.content[slot * SECTOR + at] ^= flip
    again = Board(flash)
    # slot 0 has the older set; what lies behind the CRC means nothing
    within = at < 14 + 4 * len(sets[0]) + 4
    assert again.values() == (sets[0] if slot == 1 and within else sets[1])
    assert again.found == (FELL_BACK if within else STORED)


def test_a_slot_that_does_not_keep_what_it_is_given_leaves_the_old_one_in_force():
    flash = SimulatedFlash(2)
    board = Board(flash)
    board.store("exhaust_m_s", 3200)
    keep, flash.program = flash.program, lambda at, page: keep(at, bytes(page[:40]) + b"\xff" + page[41:])
    board.stored.change(board.stored.names.index("exhaust_m_s"), 3300)
    assert not board.stored.save()
    flash.program = keep
    assert Board(flash).parameters.values[2] == 3200
    assert board.stored.save()
    assert Board(flash).parameters.values[2] == 3300


def test_slots_that_cannot_hold_the_set_are_refused():
    values = array("i", [0] * 1020)
    fields = [(f"p{i}", values, i, 0, 1) for i in range(1020)]
    with pytest.raises(ValueError, match="at most 4078 bytes"):
        StoredParameters(RawFlash(SimulatedFlash(2), 0, 2), fields)
    with pytest.raises(ValueError, match="two sectors"):
        StoredParameters(RawFlash(SimulatedFlash(3), 0, 3), fields[:1])
