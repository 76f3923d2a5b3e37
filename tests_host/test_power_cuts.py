"""The power goes at every operation on flash; and the sweep that says so finds what is planted in it."""

import pytest

from host_tools.power_cuts import __main__ as command
from host_tools.power_cuts import parameter_cuts, recorder_cuts
from host_tools.power_cuts.cutting_flash import Cut, CuttingFlash, PowerCut
from host_tools.power_cuts.recorder_cuts import Flight
from plumbline.services import recorder_ring, two_slots
from plumbline.services.raw_flash import PAGE, PAGES

SHORT = Flight(rounds=9, records=24, ready=2)  # the ring of four sectors goes round once
NEXT = Flight(2, 24, 2)


def complaints(cuts):
    """How many cuts there were, and what was wrong."""
    found = list(cuts)
    return len(found), [each for each in found if each[2]]


def test_a_cut_at_every_operation_of_the_recorder_and_of_the_next_life_loses_only_the_unsynchronised():
    operations = recorder_cuts.operations_of(SHORT)
    count, wrong = complaints(recorder_cuts.cuts(SHORT, NEXT, 2))
    assert wrong == []
    assert count == operations * 3 * (1 + 2 * 3)
    assert operations > 60


def test_a_cut_at_every_operation_of_the_parameters_and_of_the_change_after_leaves_one_whole_set():
    operations = parameter_cuts.operations_of(3)
    count, wrong = complaints(parameter_cuts.cuts(3))
    assert wrong == []
    assert operations == 3 * (1 + 3)  # an erase and three pages each
    assert count == operations * 3 * (1 + 4 * 3)


def planted_erase_of_the_newest(monkeypatch):
    def erase_ahead(self, wanted):
        if self.newest > 1:
            self._flash.erase((self.newest - self.ready) % self._flash.sectors)
        return original(self, wanted)

    original = recorder_ring.RecorderRing.erase_ahead
    monkeypatch.setattr(recorder_ring.RecorderRing, "erase_ahead", erase_ahead)


def planted_place_one_page_early(monkeypatch):
    def mount(self):
        original(self)
        if 1 < self._page < PAGES:
            self._page -= 1

    original = recorder_ring.RecorderRing.mount
    monkeypatch.setattr(recorder_ring.RecorderRing, "mount", mount)


def planted_head_before_the_erase(monkeypatch):
    """A sector is called ready although it still has the records of the round before."""

    def is_unused(self, sequence):
        return True

    monkeypatch.setattr(recorder_ring.RecorderRing, "_is_unused", is_unused)


@pytest.mark.parametrize(
    "plant", [planted_erase_of_the_newest, planted_place_one_page_early, planted_head_before_the_erase]
)
def test_a_recorder_that_loses_records_is_found_out(plant, monkeypatch):
    plant(monkeypatch)
    try:
        _, wrong = complaints(recorder_cuts.cuts(Flight(6, 24, 2), NEXT, 1))
    except (AssertionError, ValueError, KeyError):  # it does not even survive until a cut
        return
    assert wrong


def test_a_store_without_a_check_is_found_out(monkeypatch):
    monkeypatch.setattr(two_slots, "crc_matches", lambda *_: 1)
    with pytest.raises(AssertionError, match="a mixture of two sets"):
        for _, _, complaint in parameter_cuts.cuts(2):
            assert not complaint, complaint


def test_a_store_into_the_slot_in_use_is_found_out(monkeypatch):
    def store(self, length):
        self._current = 1  # so that slot 0 is always the target
        return original(self, length)

    original = two_slots.TwoSlots.store
    monkeypatch.setattr(two_slots.TwoSlots, "store", store)
    assert complaints(parameter_cuts.cuts(2))[1] != []


def test_a_torn_program_only_clears_bits_and_a_torn_erase_leaves_others_alone():
    content = bytearray(b"\xa5" * 8192)
    content[PAGE : 2 * PAGE] = b"\xff" * PAGE
    flash = CuttingFlash(2, content, cut_at=1)
    with pytest.raises(PowerCut):
        flash.writeblocks(0, bytearray(PAGE), PAGE)
    page = flash.content[PAGE : 2 * PAGE]
    assert bytes(PAGE) != page != b"\xff" * PAGE
    assert flash.content[:PAGE] + flash.content[2 * PAGE :] == content[:PAGE] + content[2 * PAGE :]
    flash = CuttingFlash(2, content, cut_at=1)
    with pytest.raises(PowerCut):
        flash.ioctl(6, 0)
    assert all(left & old == old for left, old in zip(flash.content[:4096], content[:4096], strict=True))
    assert flash.content[4096:] == content[4096:]
    assert b"\xff" * 4096 != flash.content[:4096] != content[:4096]


def test_cuts_before_and_after_an_operation_leave_it_undone_and_done():
    for how, expected in ((Cut.BEFORE, 255), (Cut.AFTER, 0)):
        flash = CuttingFlash(1, None, 1, how)
        with pytest.raises(PowerCut):
            flash.writeblocks(0, bytearray(PAGE), 0)
        assert set(flash.content[:PAGE]) == {expected}


def test_the_command_prints_how_many_cuts_there_were(monkeypatch, capsys):
    monkeypatch.setattr(command, "Flight", lambda *_: Flight(1, 24, 1))
    assert command.main(["--seconds", "1"]) == 0
    operations = recorder_cuts.operations_of(Flight(1, 24, 1))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == ["recorder", "host", str(operations), str(3 * operations), str(9 * operations), "0"]
    assert lines[2] == ["parameters", "host", "16", "48", "576", "0"]


def test_the_command_fails_when_something_is_lost(monkeypatch, capsys):
    monkeypatch.setattr(command, "Flight", lambda *_: Flight(1, 24, 1))
    monkeypatch.setattr(command.parameter_cuts, "cuts", lambda _: iter([(1, 0, ""), (2, 5, "a mixture")]))
    assert command.main(["--seconds", "0"]) == 1
    assert "parameters, cut 2, then 5: a mixture" in capsys.readouterr().err


def test_a_negative_count_is_one_line(capsys):
    assert command.main(["--emulated", "-3"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
