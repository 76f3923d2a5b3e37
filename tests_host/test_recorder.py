"""The flight recorder: what is appended stands in flash, in order, whatever happens in between."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.recorder.decode import decode
from plumbline.link.packet import I16, I32, U8, U16
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.raw_flash import PAGE, PAGES, SECTOR, RawFlash
from plumbline.services.recorder import Recorder, RecordKind
from plumbline.services.recorder_ring import RecorderRing

RECORD = RecordKind(7, [U16, I32])  # 6 bytes of fields: 18 with head and CRC, 14 records to a page
PER_PAGE = 14
PER_SECTOR = PER_PAGE * (PAGES - 1)


def on(flash, sectors=4, pages=4):
    recorder = Recorder(RawFlash(flash, 0, sectors), pages)
    recorder.mount()
    return recorder


def append(recorder, count, first=0):
    """So many records, each with its number as tick; how many were taken."""
    return sum(recorder.append(RECORD, n, array("i", [n & 0xFFFF, -n])) for n in range(first, first + count))


def ticks(flash):
    return [record.tick for record in decode(bytes(flash.content)).records]


def test_an_empty_recorder_takes_nothing_to_flash_until_a_sector_was_erased():
    flash = SimulatedFlash(4)
    recorder = on(flash)
    append(recorder, 3)
    assert recorder.full and not recorder.sync()
    assert bytes(flash.content) == b"\xff" * 4 * SECTOR
    assert recorder.erase_ahead(1)
    assert recorder.sync()
    assert ticks(flash) == [0, 1, 2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 255),
            st.integers(0, 2**29 - 1),
            st.lists(
                st.sampled_from(
                    ((U8, 0, 255), (U16, 0, 65535), (I16, -(2**15), 2**15 - 1), (I32, -(2**30), 2**30 - 1))
                ).flatmap(lambda kind: st.tuples(st.just(kind[0]), st.integers(kind[1], kind[2]))),
                max_size=60,
            ),
        ),
        max_size=40,
    )
)
def test_whatever_is_appended_is_decoded(appended):
    flash = SimulatedFlash(6)
    recorder = on(flash, 6, pages=2)
    while recorder.erase_ahead(4):
        pass
    expected = []
    for kind, tick, fields in appended:
        values = array("i", [v for _, v in fields])
        assert recorder.append(RecordKind(kind, [f for f, _ in fields]), tick, values)
        content = b"".join(v.to_bytes(f & 15, "big", signed=bool(f & 16)) for f, v in fields)
        expected.append((kind, tick, content))
        recorder.write()
    assert recorder.sync()
    found = decode(bytes(flash.content))
    assert [(record.kind, record.tick, record.fields) for record in found.records] == expected
    assert [record.sequence for record in found.records] == list(range(len(expected)))
    assert found.damaged == 0


def test_write_programs_one_page_and_never_more():
    flash = SimulatedFlash(4)
    recorder = on(flash)
    recorder.erase_ahead(1)
    append(recorder, 3 * PER_PAGE + 1)
    for pages in (1, 2, 3):
        assert recorder.write()
        assert len(ticks(flash)) == pages * PER_PAGE
    assert not recorder.write()  # the fourth is being filled
    recorder.close_page()
    assert recorder.write()
    assert ticks(flash) == list(range(3 * PER_PAGE + 1))


def test_the_ring_forgets_the_oldest_sector_and_nothing_else():
    flash = SimulatedFlash(4)
    recorder = on(flash)
    for n in range(0, 10 * PER_SECTOR, PER_PAGE):
        recorder.erase_ahead(1)
        assert append(recorder, PER_PAGE, n) == PER_PAGE
        recorder.sync()
    kept = ticks(flash)
    # of four sectors one is in use, one is ready, so two or three hold records
    assert kept == list(range(10 * PER_SECTOR - len(kept), 10 * PER_SECTOR))
    assert 2 * PER_SECTOR <= len(kept) <= 3 * PER_SECTOR


def test_a_full_recorder_keeps_what_it_has_and_counts_what_it_drops():
    flash = SimulatedFlash(4)
    recorder = on(flash, pages=2)
    recorder.erase_ahead(1)
    for n in range(0, PER_SECTOR, PER_PAGE):
        append(recorder, PER_PAGE, n)
        recorder.sync()
    assert recorder.full
    before = bytes(flash.content)
    # two pages of RAM take 28 more
    assert append(recorder, 40, PER_SECTOR) == 2 * PER_PAGE
    assert not recorder.sync()
    assert (recorder.dropped, bytes(flash.content)) == (40 - 2 * PER_PAGE, before)
    recorder.erase_ahead(1)
    assert recorder.sync()
    assert ticks(flash) == list(range(PER_SECTOR + 2 * PER_PAGE))
    append(recorder, 1, 1000)
    recorder.sync()
    # what was dropped has left a gap in the sequence
    sequences = [record.sequence for record in decode(bytes(flash.content)).records]
    assert sequences[-1] - sequences[-2] == 1 + 40 - 2 * PER_PAGE


def test_a_reboot_goes_on_behind_the_last_record():
    flash = SimulatedFlash(4)
    first = 0
    for life in range(30):
        recorder = on(flash)
        while recorder.erase_ahead(1):
            pass
        count = 1 + 11 * life % 50
        append(recorder, count, first)
        assert recorder.sync()
        first += count
    found = decode(bytes(flash.content)).records
    assert [record.tick for record in found] == list(range(first - len(found), first))
    assert [record.sequence for record in found] == [record.tick for record in found]


def test_a_ready_sector_is_found_ready_again_after_a_reboot():
    flash = SimulatedFlash(5)
    recorder = on(flash, 5)
    while recorder.erase_ahead(3):
        pass
    append(recorder, 1)
    recorder.sync()
    left = recorder.ring.pages_left
    assert left == 3 * 15 + 14
    again = on(flash, 5)
    assert (again.ring.ready, again.ring.pages_left) == (3, left)


class WornFlash(SimulatedFlash):
    """One bit of one page can no longer be cleared."""

    def __init__(self, sectors, page):
        super().__init__(sectors)
        self._worn = page * PAGE + 9  # in the first record

    def program(self, at, page):
        super().program(at, page)
        if at <= self._worn < at + PAGE:
            self.content[self._worn] |= 0xFF


@pytest.mark.parametrize("page", [1, 2, 15, 16 + 1])
def test_a_page_that_does_not_keep_what_it_is_given_costs_a_page_and_no_record(page):
    flash = WornFlash(4, page)
    recorder = on(flash)
    while recorder.erase_ahead(2):
        pass
    for n in range(0, 2 * PER_SECTOR, PER_PAGE):
        append(recorder, PER_PAGE, n)
        recorder.sync()
    assert recorder.bad_pages == 1
    assert ticks(flash) == list(range(2 * PER_SECTOR))  # none lost, and none there twice
    append(on(flash), 1, 5000)
    assert ticks(flash) == list(range(2 * PER_SECTOR))


def test_a_sector_whose_head_is_not_kept_is_erased_again():
    flash = SimulatedFlash(3)
    recorder = on(flash, 3)
    keep, flash.program = flash.program, lambda at, page: None
    assert not recorder.erase_ahead(1)
    flash.program = keep
    assert recorder.erase_ahead(1)
    append(recorder, 1)
    assert recorder.sync()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3 * SECTOR - 1), st.integers(0, 7))
def test_a_flipped_bit_costs_at_most_its_record_or_its_sector_and_changes_none(at, bit):
    flash = SimulatedFlash(3)
    recorder = on(flash, 3)
    for n in range(0, 2 * PER_SECTOR, PER_PAGE):
        recorder.erase_ahead(1)
        append(recorder, PER_PAGE, n)
        recorder.sync()
    whole = decode(bytes(flash.content)).records
    flash.content[at] ^= 1 << bit
    left = decode(bytes(flash.content)).records
    assert set(left) <= set(whole)
    in_head = at % SECTOR < 12
    length_byte = at % SECTOR >= PAGE and at % PAGE % 18 == 0
    most = PER_SECTOR if in_head else PER_PAGE if length_byte else 1
    assert len(whole) - len(left) <= most
    append(on(flash, 3), 1)  # and a board still boots


def test_a_kind_of_record_that_is_too_large_for_a_page_is_refused():
    assert RecordKind(1, [I32] * 60).size == 252
    with pytest.raises(ValueError, match="kind 1: 256 bytes of at most 252"):
        RecordKind(1, [I32] * 61)


def test_a_ring_of_two_sectors_is_refused():
    with pytest.raises(ValueError, match="at least three sectors"):
        RecorderRing(RawFlash(SimulatedFlash(2), 0, 2))


class CountingFlash(SimulatedFlash):
    reads = 0

    def readblocks(self, block, buffer, offset=0):
        self.reads += 1
        super().readblocks(block, buffer, offset)


@pytest.mark.parametrize("records", [0, 1, 400, 2000])
def test_the_head_is_found_in_a_bounded_number_of_reads(records):
    sectors = 8
    flash = CountingFlash(sectors)
    recorder = on(flash, sectors)
    for n in range(0, records, PER_PAGE):
        recorder.erase_ahead(2)
        append(recorder, min(PER_PAGE, records - n), n)
        recorder.sync()
    flash.reads = 0
    on(flash, sectors)
    # each head, each other page once, and at most two sectors' pages for the last sequence
    assert flash.reads <= sectors * PAGES + 2 * PAGES
