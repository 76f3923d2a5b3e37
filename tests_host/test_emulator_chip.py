"""The chip's process as Python drives it: a fake one for what must not happen, the real one for what must."""

import signal
import sys
import time
from pathlib import Path

import pytest

from host_tools.emulator.chip import Chip, ChipError, Reset

FAKE = [sys.executable, str(Path(__file__).with_name("fake_chip.py"))]


@pytest.fixture
def fake():
    with Chip(None, program=FAKE) as chip:
        yield chip


def ended(chip: Chip) -> bool:
    return chip._process.ended


def test_a_run_brings_in_bytes_levels_and_serial_chunks_and_brings_out_what_came_of_them(fake):
    slice_ = fake.run(5_000, usb=b"hello", serial={"laser": [(100, b"a"), (200, b"b")]}, pins=[(7, 16, 1)])
    assert (slice_.now_ns, fake.now_ns) == (5_000, 5_000)
    assert slice_.usb == b"HELLO"
    assert slice_.serial == {"laser": [(5_000, ord("a")), (5_000, ord("b"))]}
    assert slice_.edges == [(7, 16, 1)]
    assert slice_.fault is None


def test_break_on_usb_stops_a_run_early(fake):
    assert fake.run(5_000, usb=b"x", break_on_usb=True).now_ns == 1_000


def test_a_reset_says_when_and_why(fake):
    assert fake.run(10, usb=b"reset").resets == [Reset(10, "watchdog")]


def test_a_fault_says_what_and_where(fake):
    fault = fake.run(10, usb=b"fault").fault
    assert (fault.kind, fault.address, fault.pc, fault.lr) == ("bus", 4, 16, 32)
    assert fault.message == "read of 0x00000004"


def test_memory_is_peeked_region_by_region(fake):
    assert fake.peek([(0x20000001, 2), (0x20000002, 1)]) == [b"\x01\x01", b"\x02"]


def test_an_error_that_the_chip_answers_is_one_line_and_the_chip_goes_on(fake):
    with pytest.raises(ChipError, match=r"^the emulated chip: no memory at 0x00000000$"):
        fake.poke(0, b"x")
    assert fake.run(10, usb=b"on").usb == b"ON"


def test_a_chip_that_dies_gives_its_exit_code_and_its_last_complaint(fake):
    with pytest.raises(ChipError, match=r"has ended with exit code 3: TypeError: out of order$"):
        fake.run(10, usb=b"die")
    with pytest.raises(ChipError, match="has ended with exit code 3"):
        fake.run(20)


def test_garbage_is_an_error_and_not_an_answer(fake):
    with pytest.raises(ChipError, match="answers nonsense: b'Segmentation fault"):
        fake.run(10, usb=b"garbage")
    with pytest.raises(ChipError, match="answers nonsense"):  # the true answer that follows is not taken
        fake.run(20)


def test_a_question_that_nobody_can_answer_is_an_error(fake):
    with pytest.raises(ChipError, match=r"asks what nobody knows.*oracle"):
        fake.run(10, usb=b"riddle")


def test_closing_ends_the_process_and_closing_twice_is_no_error(fake):
    fake.close()
    assert ended(fake)
    fake.close()
    with pytest.raises(ChipError, match="is closed"):
        fake.run(10)


def test_a_chip_that_hangs_is_ended_when_ctrl_c_has_interrupted_its_run(fake):
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            fake.run(10, usb=b"hang")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with pytest.raises(ChipError, match=r"in the middle of a request \(KeyboardInterrupt\)"):
        fake.run(20)
    begun = time.monotonic()
    fake.close()
    assert ended(fake)
    assert time.monotonic() - begun < 1.0


def test_a_missing_uf2_is_one_line_and_leaves_no_process(tmp_path):
    with pytest.raises(ChipError, match=r"missing\.uf2: there is no such UF2 file$"):
        Chip(tmp_path / "missing.uf2", program=FAKE)


def test_a_program_that_cannot_be_started_is_one_line():
    with pytest.raises(ChipError, match=r"^/no/such/node cannot be started: No such file"):
        Chip(None, program=["/no/such/node"])
