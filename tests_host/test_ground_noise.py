"""A bad line: the flight code's receiver takes no wrong frame and hears again within one frame."""

import numpy as np
import pytest

from host_tools.ground import noise, packets
from host_tools.ground.disturbances import CASES, FLOOD, flipped
from host_tools.ground.frames import frame
from host_tools.ground.line import heard, wire
from host_tools.ground.traffic import on_the_line, sent, tally
from host_tools.host_board.clock import Clock
from host_tools.host_board.wires import SerialLine
from plumbline.link import dictionary, port
from plumbline.link.port import PacketPort

FRAMES = 4_000


@pytest.fixture(scope="module")
def frames():
    return sent(FRAMES, np.random.default_rng(1))


@pytest.mark.parametrize("name", CASES)
def test_no_wrong_frame_is_taken_and_the_receiver_hears_again_within_one_frame(name, frames):
    tally = CASES[name](frames, np.random.default_rng(2))
    assert tally.wrong == 0
    assert tally.lost_run <= 1
    assert tally.right + tally.lost_disturbed + tally.lost_intact == tally.sent == FRAMES
    if name.startswith(("bit errors 1e-0", "bursts", "line held")):
        assert tally.right >= (FRAMES - tally.disturbed) * 0.95
    if "between" in name or "floods" in name or "split" in name:
        assert (tally.right, tally.disturbed) == (FRAMES, 0)


def test_errors_come_at_the_rate_that_is_said(frames):
    line = on_the_line(frames.frames)
    for rate in (1e-4, 1e-2):
        flips = int((flipped(line, rate, np.random.default_rng(3)) != line.levels).sum())
        # Four standard deviations, and what is lost to bits that are hit twice.
        expected = rate * line.levels.size
        assert abs(flips - expected) < 4 * expected**0.5 + expected * rate


def test_the_count_of_wrong_frames_finds_a_receiver_that_does_not_check(frames, monkeypatch):
    def trusting(packet, size, _table):
        return packet[0] << 8 | packet[1] if size > 10 else -1

    monkeypatch.setattr(port, "check_packet", trusting)
    assert CASES["bit errors 1e-02"](frames, np.random.default_rng(2)).wrong > 100


def test_the_count_of_lost_frames_finds_a_receiver_that_swallows_the_next_ones(frames, monkeypatch):
    fresh = port.check_packet
    deaf = [0]

    def slow_to_recover(packet, size, table):
        identification = fresh(packet, size, table)
        if identification < 0:
            deaf[0] = 3
        elif deaf[0]:
            deaf[0] -= 1
            return -1
        return identification

    monkeypatch.setattr(port, "check_packet", slow_to_recover)
    tally = CASES["bit errors 1e-04"](frames, np.random.default_rng(2))
    assert tally.lost_run == 3
    assert not noise.is_good(tally)


def test_the_same_seed_makes_the_same_table():
    assert noise.run(300, 4) == noise.run(300, 4) != noise.run(300, 5)


def test_the_command_prints_a_row_for_each_case_and_puts_them_into_a_page(capsys, tmp_path):
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- noise: begin -->\nold\n<!-- noise: end -->\nafter\n")
    assert noise.main(["--frames", "300", "--readme", str(page)]) == 0
    printed, written = capsys.readouterr().out, page.read_text()
    assert all(name in printed and f"| {name} | 300 | " in written for name in CASES)
    assert "0 wrong frames taken" in printed
    assert "old" not in written
    assert written.startswith("before\n")
    assert written.endswith("after\n")


def test_nonsense_and_a_page_without_marks_are_refused_in_one_line(capsys, tmp_path):
    assert noise.main(["--frames", "0"]) == 2
    assert capsys.readouterr().err == "noise: --frames is 1 to 1000000, --seed is not negative\n"
    page = tmp_path / "README.md"
    page.write_text("no marks\n")
    assert noise.main(["--frames", "50", "--readme", str(page)]) == 2
    assert f"--readme {page}: has no marks for the table\n" in capsys.readouterr().err
    assert page.read_text() == "no marks\n"


def test_the_verdict_leaves_out_good_frames_for_others():
    tally = noise.run(50, 1)
    damaged = sum(tally[name].rejected for name in CASES if name != FLOOD)
    assert tally[FLOOD].rejected == 100
    assert f"; {damaged:,} damaged ones rejected." in noise.verdict(tally)


# --- the line -------------------------------------------------------------------------


def test_a_byte_is_a_start_bit_eight_bits_from_the_least_significant_one_and_a_stop_bit():
    assert list(wire(b"\x05")) == [0, 1, 0, 1, 0, 0, 0, 0, 0, 1]


def test_what_is_sent_is_heard_with_and_without_pauses():
    data = bytes(range(256)) * 3
    assert heard(wire(data)) == data
    idle = np.ones(7, np.uint8)
    assert heard(np.concatenate([idle, wire(b"\x00"), idle, wire(b"\xff\x55"), idle])) == b"\x00\xff\x55"


def test_a_lost_start_bit_shifts_what_follows():
    levels = wire(b"\x80\xff")
    levels[0] = 1  # the eight bits are 0000 0001: the first of them is taken for the start
    # start at bit 1, then 000000 1 (bit 7 of the byte), the stop bit 1, the next start bit 0 as stop bit.
    assert heard(levels)[0] == 0b11000000


def test_a_wrong_stop_bit_hands_the_byte_over_and_waits_for_an_idle_line():
    levels = np.concatenate([wire(b"\xff"), np.zeros(5, np.uint8), np.ones(3, np.uint8), wire(b"\x42")])
    levels[9] = 0
    assert heard(levels) == b"\xff\x42"


def test_frames_run_into_each_other_only_where_they_were_disturbed(frames):
    line = on_the_line(frames.frames)
    levels = line.levels.copy()
    levels[line.begins[10] + 33] ^= 1  # one bit within frame 10
    result = tally(frames, line, levels, np.random.default_rng(1))
    assert (result.disturbed, result.right, result.wrong, result.lost_intact) == (1, FRAMES - 1, 0, 0)


# --- critical traffic beside a babbling node ------------------------------------------


def test_demands_are_served_in_their_tick_while_a_node_babbles_in_all_the_time_that_is_left():
    clock = Clock()
    line = SerialLine(clock, 460_800)
    navigation = PacketPort(line.a, dictionary.NAVIGATION)
    propulsion = PacketPort(line.b, dictionary.PROPULSION)
    demand = navigation.outgoing(dictionary.DEMAND)
    frame_bytes = len(frame(packets.Demand(*[0] * len(demand.values)).encode()))
    babble_bytes = 460 - frame_bytes  # a tick of 10 ms is 460.8 bytes at 460,800 baud
    babble = np.random.default_rng(6)
    ages = []
    for tick in range(2_000):
        line.a.write(babble.bytes(babble_bytes))
        demand.values[0] = tick
        navigation.send(demand)
        clock.now_us += 10_000
        while propulsion.poll() >= 0:
            ages.append(tick - propulsion.values[0])
    assert ages == [0] * 2_000
    assert propulsion.rejected > 2_000
    assert line.b.dropped_bytes == 0
