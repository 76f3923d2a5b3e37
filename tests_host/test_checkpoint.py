"""Checkpoint and resume: the newer whole copy comes back, once; what was spoiled or is stale does not."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import image
from host_tools.power_cuts.durations import ROOT
from host_tools.power_cuts.emulated import program_files
from plumbline.kernels import slots
from plumbline.services.checkpoint import Checkpoint, is_fresh, needed

SIZES = (slots.EST_SIZE, slots.STA_SIZE, slots.VOT_SIZE, slots.GUI_SIZE, slots.ATT_SIZE)
WORDS = st.integers(-(2**30), 2**30 - 1)


def arrays(value=0, sizes=SIZES):
    return tuple(array("i", [value + i for i in range(size)]) for size in sizes)


def block():
    return bytearray(needed(arrays()))


def saved(memory, value, tick):
    """A life that has saved this value in each array."""
    checkpoint = Checkpoint(memory, arrays(value))
    checkpoint.restore()
    checkpoint._arrays = arrays(value)
    checkpoint.save(tick)
    return checkpoint


def found(memory):
    """What the next life finds: (tick, arrays), or None."""
    own = arrays()
    checkpoint = Checkpoint(memory, own)
    return (checkpoint.tick, own) if checkpoint.restore() else None


def test_nothing_is_found_in_memory_that_was_never_written():
    for byte in (0, 255, 0x50):
        assert found(bytearray([byte]) * needed(arrays())) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=40), st.integers(0, 2**29 - 1))
def test_what_was_saved_comes_back_bit_for_bit(words, tick):
    own = array("i", words)
    memory = bytearray(needed((own,)))
    Checkpoint(memory, (own,)).save(tick)
    again = Checkpoint(memory, (array("i", [0] * len(words)),))
    assert again.restore()
    assert (again.tick, list(again._arrays[0])) == (tick, words)


def test_the_newer_of_two_copies_comes_back_and_only_once():
    memory = block()
    checkpoint = Checkpoint(memory, arrays(5))
    for tick in (100, 110, 120):
        checkpoint._arrays[0][0] = tick
        checkpoint.save(tick)
    result = found(memory)
    assert result is not None
    assert (result[0], result[1][0][0]) == (120, 120)
    assert found(memory) is None  # a second reset before the first save resumes nothing


def test_a_reset_at_every_byte_of_a_save_leaves_the_old_state_or_the_new_one():
    memory = block()
    state = arrays(-1000)
    checkpoint = Checkpoint(memory, state)
    outcomes = set()
    for save in range(1, 5):  # into either copy, blank and with an older state
        before = bytearray(memory)
        for words in state:
            for i in range(len(words)):
                words[i] = -1000 + 7919 * save + i * i
        checkpoint.save(10 * save)
        half = len(memory) // 2
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
    checkpoint.save(20)
    at = data.draw(st.integers(0, len(memory) - 1))
    memory[at] ^= 1 << data.draw(st.integers(0, 7))
    result = found(memory)
    assert result is not None
    tick, own = result
    assert tick == (10 if at < len(memory) // 2 else 20)  # the second save went into the first copy
    assert own == arrays(1000)


def test_other_arrays_than_those_saved_are_not_restored():
    memory = bytearray(4000)
    Checkpoint(memory, arrays(7)).save(10)
    assert not Checkpoint(memory, arrays(0, SIZES[:-1])).restore()


def test_clearing_forgets_both_copies():
    memory = block()
    checkpoint = Checkpoint(memory, arrays(7))
    checkpoint.save(10)
    checkpoint.save(20)
    checkpoint.clear()
    assert found(memory) is None


def test_a_block_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="bytes of"):
        Checkpoint(bytearray(needed(arrays()) - 1), arrays())


def test_only_what_is_known_to_be_fresh_is_flown():
    # saved at most 100 ms before the feeding ended, 100 ms of watchdog, and the boot
    assert is_fresh(True, 100, 99, 300)
    assert is_fresh(True, 100, 100, 300)
    assert not is_fresh(True, 100, 101, 300)
    assert not is_fresh(False, 100, 0, 300)


def test_on_the_emulated_board_ram_outlives_the_watchdog_and_not_the_power(firmware, tmp_path):
    flash = tmp_path / "flash"
    flash.write_bytes(image(firmware.uf2, program_files(ROOT / "tests_device" / "resuming.py")))
    with Chip(None, flash) as chip:
        said = chip.run(2_500_000_000).usb.decode()
        resumed = [
            line.split() for line in said.splitlines() if line.startswith(("fresh", "resumed", "Error"))
        ]
        # a start, then lives that each find the last tick of the one before, and its words
        assert resumed[0][0] == "fresh"
        assert len(resumed) > 3
        ticks = [int(line[1]) for line in resumed[1:]]
        assert ticks == [10 * life for life in range(1, len(ticks) + 1)]
        assert {line[2] for line in resumed[1:]} == {"whole"}
        chip.power_cycle()
        assert "fresh" in chip.run(chip.now_ns + 500_000_000).usb.decode()
