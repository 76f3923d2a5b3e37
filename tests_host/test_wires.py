"""Serial lines that take the time they take, the clock that wraps, and the fake `machine`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import machine
from host_tools.host_board.clock import FIRST_TICKS_US, TICKS_PERIOD_US, Clock
from host_tools.host_board.wires import Harness, SerialLine, Wire


def test_a_byte_can_be_read_once_its_stop_bit_has_arrived():
    clock = Clock()
    line = SerialLine(clock, 100_000)  # 10 us a bit, 100 us a byte
    assert line.a.write(b"abc") == 3
    seen = []
    for now_us in (99, 100, 199, 200, 299, 300):
        clock.now_us = now_us
        seen.append(line.b.any())
    assert seen == [0, 1, 1, 2, 2, 3]
    assert line.b.read() == b"abc"
    assert line.a.any() == 0


def test_a_second_write_waits_for_the_line():
    clock = Clock()
    line = SerialLine(clock, 100_000)
    line.a.write(b"ab")
    clock.now_us = 150
    line.a.write(b"cd")
    # a and b leave until 200 us, so c arrives at 300 and not at 250.
    clock.now_us = 299
    assert line.b.read() == b"ab"
    clock.now_us = 300
    assert line.b.read() == b"c"


def test_a_write_for_later_leaves_later():
    clock = Clock()
    line = SerialLine(clock, 100_000)
    line.a.write(b"a", not_before_us=1_000)
    clock.now_us = 1_099
    assert line.b.any() == 0
    clock.now_us = 1_100
    assert line.b.read() == b"a"


def test_both_directions_are_used_at_once():
    clock = Clock()
    line = SerialLine(clock, 100_000)
    line.a.write(b"a")
    line.b.write(b"b")
    clock.now_us = 100
    assert (line.a.read(), line.b.read()) == (b"b", b"a")


def test_bytes_at_an_odd_baud_rate_do_not_drift():
    # 115,200 baud: 1,152 bytes take exactly 100,000 us, though one takes 86.8.
    clock = Clock()
    line = SerialLine(clock, 115_200, receive_buffer_bytes=4_000)
    for _ in range(1_152):
        line.a.write(b"x")
    clock.now_us = 99_999
    assert line.b.any() == 1_151
    clock.now_us = 100_000
    assert line.b.any() == 1_152


def test_reading_takes_what_fits_and_leaves_the_rest():
    clock = Clock()
    line = SerialLine(clock, 100_000)
    line.a.write(b"abcde")
    clock.now_us = 10_000
    buffer = bytearray(b"---")
    assert line.b.readinto(memoryview(buffer)[:2]) == 2
    assert buffer == b"ab-"
    assert line.b.readinto(buffer) == 3
    assert buffer == b"cde"
    assert line.b.readinto(buffer) is None
    assert buffer == b"cde"


def test_a_full_receive_buffer_drops_the_newest_bytes_and_counts_them():
    clock = Clock()
    line = SerialLine(clock, 100_000, receive_buffer_bytes=4)
    line.a.write(b"abc")
    line.a.write(b"defg")
    clock.now_us = 700
    assert line.b.any() == 4
    assert line.b.dropped_bytes == 3
    assert line.b.read() == b"abcd"
    line.a.write(b"h")
    clock.now_us = 800
    assert line.b.read() == b"h"
    assert line.b.dropped_bytes == 3


def test_what_is_written_is_a_copy():
    clock = Clock()
    line = SerialLine(clock, 100_000)
    buffer = bytearray(b"good")
    line.a.write(buffer)
    buffer[:] = b"evil"
    clock.now_us = 1_000
    assert line.b.read() == b"good"


@pytest.mark.parametrize(("corrupt", "arrives"), [(bytes.upper, b"AB"), (lambda chunk: chunk[1:], b"b")])
def test_a_fault_on_the_line_changes_what_arrives(corrupt, arrives):
    clock = Clock()
    line = SerialLine(clock, 100_000)
    line.corrupt = corrupt
    line.a.write(b"ab")
    clock.now_us = 1_000
    assert line.b.read() == arrives


def test_a_chunk_lost_whole_does_not_hold_the_next_one():
    clock = Clock()
    line = SerialLine(clock, 100_000)
    line.corrupt = lambda _chunk: b""
    line.a.write(b"ab")
    line.corrupt = None
    line.a.write(b"cd")
    clock.now_us = 400
    assert line.b.read() == b"cd"


@given(
    steps=st.lists(st.tuples(st.binary(max_size=9), st.integers(0, 900), st.integers(1, 12)), max_size=30),
    baudrate=st.sampled_from([9_600, 115_200, 460_800, 921_600]),
)
@settings(max_examples=60, deadline=None)
def test_the_bytes_arrive_in_order_and_no_sooner_than_the_baud_rate_allows(steps, baudrate):
    clock = Clock()
    line = SerialLine(clock, baudrate)
    sent, received = b"", b""
    for data, wait_us, size in steps:
        line.a.write(data)
        sent += data
        clock.now_us += wait_us
        buffer = bytearray(size)
        received += bytes(buffer[: line.b.readinto(buffer) or 0])
        assert len(received) * 10 * 1_000_000 <= clock.now_us * baudrate
        assert sent.startswith(received)
    clock.now_us += 1_000_000
    assert received + line.b.read() == sent


# --- clock ----------------------------------------------------------------------------


def test_ticks_wrap_five_seconds_after_the_start():
    clock = Clock()
    assert clock.ticks_us() == FIRST_TICKS_US == 2**30 - 5_000_000
    clock.now_us = 4_999_999
    assert clock.ticks_us() == 2**30 - 1
    clock.now_us = 5_000_000
    assert clock.ticks_us() == 0


def test_ticks_diff_is_right_across_the_wrap_in_both_directions():
    clock = Clock(now_us=4_990_000)
    before = clock.ticks_us()
    clock.now_us += 20_000
    after = clock.ticks_us()
    assert after < before
    assert Clock.ticks_diff(after, before) == 20_000
    assert Clock.ticks_diff(before, after) == -20_000
    assert Clock.ticks_add(before, 20_000) == after
    assert Clock.ticks_diff(TICKS_PERIOD_US // 2, 0) == -TICKS_PERIOD_US // 2


# --- machine --------------------------------------------------------------------------


def test_two_boards_in_one_process_have_their_own_uart_of_the_same_number():
    clock = Clock()
    line = SerialLine(clock, 460_800)
    with machine.current_board(Harness(serial={1: line.a})):
        one = machine.UART(1, 460_800, timeout=0, rxbuf=2048)
    with machine.current_board(Harness(serial={1: line.b})):
        other = machine.UART(1, baudrate=460_800)
    assert one.write(b"hello") == 5
    clock.now_us = 1_000
    buffer = bytearray(8)
    assert other.any() == 5
    assert other.readinto(buffer) == 5
    assert buffer[:5] == b"hello"
    assert one.readinto(buffer) is None


def test_boards_are_built_one_inside_the_other_without_mixing():
    outer, inner = Wire(), Wire(1)
    with machine.current_board(Harness(wires={5: outer})):
        with machine.current_board(Harness(wires={5: inner})):
            assert machine.Pin(5).value() == 1
        assert machine.Pin(5).value() == 0


def test_a_uart_at_another_baud_rate_than_its_line_is_refused():
    line = SerialLine(Clock(), 460_800)
    with (
        machine.current_board(Harness(serial={0: line.a})),
        pytest.raises(ValueError, match="UART 0 runs at 115200 baud and its line at 460800"),
    ):
        machine.UART(0, 115_200)


def test_hardware_that_is_not_plugged_in_or_has_no_board_is_refused():
    with machine.current_board(Harness()), pytest.raises(ValueError, match="nothing is plugged into Pin 7"):
        machine.Pin(7)
    with pytest.raises(RuntimeError, match="UART 0 made outside"):
        machine.UART(0, 115_200)


def test_an_output_drives_its_wire_and_an_input_only_reads_it():
    driven, read = Wire(), Wire()
    with machine.current_board(Harness(wires={2: driven, 3: read})):
        output = machine.Pin(2, machine.Pin.OUT, value=1)
        contact = machine.Pin(3, machine.Pin.IN, machine.Pin.PULL_DOWN)
    assert driven.level == 1
    output.off()
    assert driven.level == 0
    output(7)
    assert driven.level == output.value() == 1
    contact.on()
    assert contact.value() == 0
    read.level = 1
    assert contact() == 1
