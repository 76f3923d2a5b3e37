"""`plumbline dictionary` and `plumbline listen`: what they print, write and refuse."""

import os
import random
import re
import tty

import pytest
import serial

from host_tools.ground import packets
from host_tools.ground.frames import frame
from host_tools.ground.ledger import Ledger

BOOT, TERRAIN_STEP = packets.EventId.BOOT, packets.EventId.TERRAIN_STEP


def state(tick: int, sequence: int) -> bytes:
    values = {info.name: 0 for info in packets.NavigationState.FIELDS}
    values |= {"tick": tick & 0xFFFF, "phase": 2, "agl_mm": 5_000_000}
    return frame(packets.NavigationState(**values).encode(sequence=sequence))


def event(board: int, sequence: int, number: int, argument: int = 0, severity: int = 1) -> bytes:
    return frame(packets.Event(number, severity, 300, argument, 0, 0).encode(sequence=sequence, board=board))


@pytest.fixture
def recording(tmp_path):
    """Ten seconds of a bus at 10 Hz: one packet missing, one damaged, some garbage, two events."""
    noise = random.Random(1)
    stream = noise.randbytes(20)
    for i in range(100):
        if i == 40:
            continue
        data = bytearray(state(65_000 + 10 * i, i))  # the low 16 bits of the tick wrap on the way
        if i == 70:
            data[9] ^= 1
        stream += bytes(data)
    stream += event(1, 0, BOOT) + event(2, 0, TERRAIN_STEP, argument=-3)
    path = tmp_path / "bus.bin"
    path.write_bytes(stream)
    return path


# --- dictionary -----------------------------------------------------------------------


def test_the_dictionary_is_listed(run):
    code, out, err = run("dictionary")
    assert (code, err) == (0, "")
    for name in ("demand", "propulsion_status", "initial_state", "navigation_state", "event"):
        assert re.search(rf"^ *{name} ", out, re.MULTILINE)
    assert f"{len(packets.EVENTS)} events" in out


def test_the_dictionary_is_written_as_xtce_and_as_markdown(run, tmp_path):
    xml, page = tmp_path / "new" / "plumbline.xml", tmp_path / "page.md"
    code, out, err = run("dictionary", "--xtce", str(xml), "--markdown", str(page))
    assert (code, out.split(), err) == (0, [str(xml), str(page)], "")
    assert xml.read_bytes().startswith(b"<?xml")
    assert page.read_text().startswith("# What crosses a link")


def test_a_dictionary_that_cannot_be_written_is_one_line_and_nothing_is_there(run, tmp_path):
    code, out, err = run("dictionary", "--markdown", str(tmp_path / "a.md"), "--xtce", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == f"--xtce {tmp_path}: is a folder, not a file\n"
    assert list(tmp_path.iterdir()) == []


# --- listen ---------------------------------------------------------------------------


def test_a_recording_is_told_packet_by_packet(run, recording):
    code, out, err = run("listen", str(recording))
    assert (code, err) == (0, "")
    words = " ".join(re.sub("[│┃┏━┓└─┘┡┩╇┴┳]", " ", out).split())
    # 98 of 100 came whole: number 40 was never sent, number 70 was damaged. The rate is over the last 64,
    # number 34 to 99, by the sender's ticks: 63 / 6.5 s.
    assert "navigation navigation_state 98 9.7 Hz 2 0 " in words
    assert "phase braking" in words
    assert "navigation tick 300 activity boot" in words
    assert "propulsion tick 300 activity terrain_step: positive where the ground rises -3 m" in words
    assert re.search(r"100 packets, \d frames rejected \(", words)


def test_lines_for_scripts_name_every_packet_and_every_rejection(run, recording):
    code, out, err = run("listen", str(recording), "--plain")
    lines = out.splitlines()
    assert code == 0
    assert sum(line.startswith("navigation navigation_state #") for line in lines) == 98
    assert sum(line.startswith("rejected ") for line in lines) >= 2
    assert "rejected crc: wrong CRC" in lines or any("rejected cobs" in line for line in lines)
    assert lines[-1].startswith("propulsion tick 300 activity terrain_step: ")
    assert re.fullmatch(r"[\d,]+ bytes, 100 packets, \d frames rejected \(.+\)\n", err)


@pytest.mark.parametrize("content", [b"", b"\0\1\2\0", bytes(5_000)])
def test_a_file_without_a_packet_is_said_to_have_none(run, tmp_path, content):
    path = tmp_path / "empty.bin"
    path.write_bytes(content)
    code, _, err = run("listen", str(path))
    assert code == 1
    assert err == f"plumbline listen: {path}: no packet among {len(content):,} bytes\n"


@pytest.mark.parametrize("name", ["nothing-here.bin", "/dev/no-such-port"])
def test_a_port_that_is_not_there_is_one_line(run, name):
    code, out, err = run("listen", name)
    assert (code, out) == (2, "")
    assert err.startswith(f"plumbline listen: port {name} is not there")
    assert err.count("\n") == 1


def test_a_file_is_not_recorded_again(run, recording, tmp_path):
    code, out, err = run("listen", str(recording), "--record", str(tmp_path / "copy.bin"))
    assert (code, out) == (2, "")
    assert err == "plumbline listen: --record: what comes out of a file is in a file already\n"


@pytest.fixture
def port():
    """(end of whoever talks, name of the port to listen at): a pseudo-terminal."""
    talker, listener = os.openpty()
    tty.setraw(listener)
    yield talker, os.ttyname(listener)
    os.close(talker)
    os.close(listener)


def test_what_comes_in_at_a_port_is_told_and_recorded(run, port, tmp_path, monkeypatch):
    talker, name = port
    stream = b"".join(state(10 * i, i) for i in range(30)) + event(2, 0, BOOT)
    copy = tmp_path / "copy.bin"
    opened = serial.serial_for_url

    def open_and_talk(*arguments, **named):  # opening a port forgets what came before
        line = opened(*arguments, **named)
        os.write(talker, stream)
        return line

    monkeypatch.setattr(serial, "serial_for_url", open_and_talk)
    code, out, _ = run("listen", name, "--seconds", "0.5", "--record", str(copy), "--plain")
    assert code == 0
    assert out.count("navigation navigation_state #") == 30
    assert "propulsion tick 300 activity boot" in out
    assert copy.read_bytes() == stream
    assert [path.name for path in tmp_path.iterdir()] == ["copy.bin"]


def test_what_was_heard_before_a_port_failed_is_kept(run, port, tmp_path, monkeypatch):
    class Unplugged:
        in_waiting = 0

        def __init__(self):
            self.pieces = [state(0, 0), state(10, 1)]

        def read(self, _size):
            if not self.pieces:
                raise serial.SerialException("device disconnected")
            return self.pieces.pop(0)

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            pass

    monkeypatch.setattr(serial, "serial_for_url", lambda *_arguments, **_named: Unplugged())
    copy = tmp_path / "new" / "copy.bin"
    code, out, err = run("listen", port[1], "--record", str(copy), "--plain")
    assert (code, err) == (1, f"plumbline listen: {port[1]}: device disconnected\n")
    assert out.count("navigation_state #") == 2
    assert copy.read_bytes() == state(0, 0) + state(10, 1)
    assert [path.name for path in copy.parent.iterdir()] == ["copy.bin"]


def test_a_record_that_cannot_be_written_is_refused_before_the_port_is_opened(run, port, tmp_path):
    code, out, err = run("listen", port[1], "--record", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == f"plumbline listen: --record {tmp_path}: is a folder, not a file\n"


# --- ledger ---------------------------------------------------------------------------


def test_a_gap_in_the_sequence_is_missed_and_a_count_that_begins_anew_is_a_restart():
    ledger = Ledger()
    for sequence in (16_382, 16_383, 0, 3, 4, 0, 1):
        ledger.feed(state(0, sequence), 0.0)
    heard = ledger.heard[1, "navigation_state"]
    # 0 follows 16,383 without a gap; 1 and 2 are missing; 0 after 4 is a board that was reset.
    assert (heard.count, heard.missed, heard.restarts) == (7, 2, 1)


def test_the_rate_is_by_arrival_where_that_is_known_and_else_by_the_senders_ticks():
    live, filed = Ledger(), Ledger()
    for i in range(11):
        live.feed(state(10 * i, i), 0.5 * i)
        filed.feed(state(65_500 + 10 * i, i), None)
    assert live.heard[1, "navigation_state"].rate_hz == pytest.approx(2.0)
    assert filed.heard[1, "navigation_state"].rate_hz == pytest.approx(10.0)
    first = Ledger()
    first.feed(state(0, 0), 0.0)
    assert first.heard[1, "navigation_state"].rate_hz is None


def test_an_event_that_the_dictionary_does_not_have_is_told_with_its_number():
    ledger = Ledger()
    ledger.feed(event(3, 0, 999, argument=7, severity=9), 0.0)
    assert list(ledger.events) == [
        "power tick 300 severity 9 event 999, which the dictionary does not have: argument 7"
    ]
