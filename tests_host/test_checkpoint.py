"""Checkpoint and resume: the newer whole copy comes back, once; what was spoiled or is stale does not."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.checks.mpy_compile import ROOT
from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import image
from host_tools.flash.flight_image import KEPT_BLOCK, KEPT_BLOCK_BYTES, flight_image
from plumbline.kernels import slots
from plumbline.services import checkpoint as module
from plumbline.services.checkpoint import PIECES, Checkpoint

SIZES = (slots.EST_SIZE, slots.STA_SIZE, slots.VOT_SIZE, slots.GUI_SIZE, slots.ATT_SIZE)
WORDS = st.integers(-(2**30), 2**30 - 1)


def arrays(value=0, sizes=SIZES):
    return tuple(array("i", [value + i for i in range(size)]) for size in sizes)


def needed(arrays):
    """Bytes for all words of these arrays."""
    return module.needed([len(words) for words in arrays])


def restore(checkpoint):
    """What a board does at boot."""
    if not checkpoint.find():
        return False
    checkpoint.load()
    return True


def block():
    return bytearray(needed(arrays()))


def saved(memory, value, tick):
    """A life that has saved this value in each array."""
    checkpoint = Checkpoint(memory, arrays(value))
    restore(checkpoint)
    checkpoint._arrays = arrays(value)
    checkpoint.save(tick)
    checkpoint.mark(tick, 2)
    return checkpoint


def found(memory):
    """What the next life finds: (tick, arrays), or None."""
    own = arrays()
    checkpoint = Checkpoint(memory, own)
    return (checkpoint.tick, own) if restore(checkpoint) else None


def test_nothing_is_found_in_memory_that_was_never_written():
    for byte in (0, 255, 0x50):
        assert found(bytearray([byte]) * needed(arrays())) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=40), st.integers(0, 2**29 - 1))
def test_what_was_saved_comes_back_bit_for_bit(words, tick):
    own = array("i", words)
    memory = bytearray(needed((own,)))
    first = Checkpoint(memory, (own,))
    first.save(tick)
    first.mark(tick, 2)
    again = Checkpoint(memory, (array("i", [0] * len(words)),))
    assert restore(again)
    assert (again.tick, list(again._arrays[0])) == (tick, words)


def test_the_newer_of_two_copies_comes_back_and_only_once():
    memory = block()
    checkpoint = Checkpoint(memory, arrays(5))
    for tick in (100, 110, 120):
        checkpoint._arrays[0][0] = tick
        checkpoint.save(tick)
        checkpoint.mark(tick, 2)
    result = found(memory)
    assert result is not None
    assert (result[0], result[1][0][0]) == (120, 120)
    assert found(memory) is None  # a second reset before the first save resumes nothing


def test_a_reset_at_every_byte_of_a_save_leaves_the_old_state_or_the_new_one():
    memory = block()
    state = arrays(-1000)
    checkpoint = Checkpoint(memory, state)
    checkpoint.mark(0, 2)
    outcomes = set()
    for save in range(1, 5):  # into either copy, blank and with an older state
        before = bytearray(memory)
        for words in state:
            for i in range(len(words)):
                words[i] = -1000 + 7919 * save + i * i
        checkpoint.save(10 * save)
        half = checkpoint._size
        begin = save % 2 * half
        assert before[begin : begin + half] != memory[begin : begin + half]
        assert before[half - begin :][:half] == memory[half - begin :][:half]  # the other one is left alone
        for cut in range(begin, begin + half + 1):
            result = found(memory[:cut] + before[cut:])
            outcomes.add((save, None if result is None else result[0]))
            if result is not None:
                assert list(result[1][2]) == [
                    -1000 + 79190 * result[0] // 100 + i * i for i in range(SIZES[2])
                ]
    expected = {(1, None), (1, 10), (2, 10), (2, 20), (3, 20), (3, 30), (4, 30), (4, 40)}
    assert outcomes == expected


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_flipped_bit_costs_one_copy_and_is_never_flown(data):
    memory = block()
    checkpoint = Checkpoint(memory, arrays(1000))
    checkpoint.save(10)
    checkpoint.mark(12, 2)
    checkpoint.save(20)
    checkpoint.mark(22, 3)
    at = data.draw(st.integers(0, len(memory) - 1))
    memory[at] ^= 1 << data.draw(st.integers(0, 7))
    own = arrays()
    again = Checkpoint(memory, own)
    assert restore(again)
    size = checkpoint._size
    # the second save went into the first copy, the second mark into the first place behind the copies
    assert again.tick == (10 if at < size else 20)
    spoilt_mark = 2 * size <= at < 2 * size + 12
    assert (again.alive_tick, again.phase) == ((12, 2) if spoilt_mark else (22, 3))
    assert own == arrays(1000)


def test_without_a_mark_the_age_is_not_known_and_nothing_is_found():
    memory = block()
    Checkpoint(memory, arrays(7)).save(10)
    again = Checkpoint(memory, arrays())
    assert not again.find()
    assert again.is_spoiled


def test_a_save_in_pieces_is_whole_with_the_last_one():
    memory = block()
    saved(memory, 5, 10)
    checkpoint = Checkpoint(memory, arrays(900))
    restore(checkpoint)
    checkpoint._arrays = arrays(900)
    checkpoint.save(20)
    checkpoint.mark(20, 2)
    checkpoint._arrays[0][0] = 7777
    checkpoint.begin(30)
    for piece in range(PIECES):
        result = found(bytearray(memory))
        assert result is not None
        assert (result[0], result[1][0][0]) == (20, 900)
        assert checkpoint.go_on() == (piece == PIECES - 1)
    assert not checkpoint.go_on()
    result = found(memory)
    assert result is not None
    assert (result[0], result[1][0][0]) == (30, 7777)


def test_the_later_of_two_marks_counts_across_the_wrap_of_their_numbers():
    memory = block()
    checkpoint = saved(memory, 5, 10)
    for tick in range(0x1FFF0, 0x20010):
        checkpoint.mark(tick, tick & 7)
        again = Checkpoint(memory, arrays())
        assert again.find()
        assert (again.alive_tick, again.phase) == (tick, tick & 7)


def test_other_arrays_than_those_saved_are_not_restored():
    memory = bytearray(4000)
    saved(memory, 7, 10)
    assert not restore(Checkpoint(memory, arrays(0, SIZES[:-1])))


def test_memory_that_never_held_a_checkpoint_is_not_called_spoiled():
    checkpoint = Checkpoint(block(), arrays())
    assert not checkpoint.find()
    assert not checkpoint.is_spoiled


def test_clearing_forgets_both_copies():
    memory = block()
    checkpoint = Checkpoint(memory, arrays(7))
    checkpoint.save(10)
    checkpoint.save(20)
    checkpoint.mark(20, 2)
    checkpoint.clear()
    assert found(memory) is None


def test_a_block_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="bytes of"):
        Checkpoint(bytearray(needed(arrays()) - 1), arrays())


def test_on_the_emulated_board_ram_outlives_the_watchdog_and_not_the_power(tmp_path):
    flash = tmp_path / "flash"
    program = (ROOT / "tests_device" / "resuming.py").read_bytes()
    main = b"import sys\nsys.path.insert(0, '/')\nimport resuming\nresuming.main()\n"
    flash.write_bytes(image(flight_image(), {"main.py": main, "resuming.py": program}))
    with Chip(None, flash) as chip:
        said = chip.run(2_500_000_000).usb.decode()
        lives = [line.split() for line in said.splitlines() if line.startswith(("fresh", "resumed", "heap"))]
        heaps = {line[1] for line in lives if line[0] == "heap"}
        # the heap ends where the block begins
        assert heaps == {str(KEPT_BLOCK)}
        resumed = [line for line in lives if line[0] != "heap"]
        # a start, then lives that each find the last tick of the one before, and its words
        assert resumed[0][0] == "fresh"
        assert len(resumed) > 3
        ticks = [int(line[1]) for line in resumed[1:]]
        assert ticks == [10 * life for life in range(1, len(ticks) + 1)]
        assert {line[2] for line in resumed[1:]} == {"whole"}
        chip.power_cycle()
        assert "fresh" in chip.run(chip.now_ns + 500_000_000).usb.decode()


def test_the_block_is_large_enough_for_what_is_kept_with_two_inertial_units():
    counts = (slots.EST_SIZE, slots.STA_SIZE, 96, slots.GUI_SIZE, slots.ATT_SIZE, 4, 1, slots.INS_SIZE)
    assert module.needed(counts) <= KEPT_BLOCK_BYTES
