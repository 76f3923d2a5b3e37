"""A chip's USB on a PTY: clients come and go, time keeps to the wall clock, flash is saved.

The chip is a fake that echoes in capitals.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import serial
from served_terminal import Served

from host_tools.emulator import terminal as module
from host_tools.emulator.chip import Chip

FAKE = [sys.executable, str(Path(__file__).with_name("fake_chip.py"))]


def served_fake(flash: Path | None = None, outside: Any = None) -> Served:
    return Served(Chip(None, program=FAKE), flash, outside)


@pytest.fixture
def served():
    running = served_fake()
    yield running
    running.stop()


def test_the_port_is_one_that_mpremote_takes_for_a_pty(served):
    assert served.terminal.port.startswith("/dev/pts/")


def test_every_byte_value_goes_both_ways_unchanged(served):
    with served.client() as client:
        client.write(bytes(range(256)))
        assert client.read(256) == bytes(range(256)).upper()


def test_bytes_wake_an_idle_chip_at_once(served):
    with served.client() as client:
        client.write(b"x")
        client.read(1)
        trips = []
        for _ in range(50):
            begun = time.monotonic()
            client.write(b"x")
            assert client.read(1) == b"X"
            trips.append(time.monotonic() - begun)
    assert sorted(trips)[25] < module._WAIT_S / 2  # half of them: the machine may be busy


def test_emulated_time_never_runs_ahead_of_the_wall_clock(served):
    begun_s, begun_ns = time.monotonic(), served.chip.now_ns
    with served.client() as client:
        for _ in range(20):
            client.write(b"x")
            client.read(1)
            assert served.chip.now_ns - begun_ns <= (time.monotonic() - begun_s) * 1e9 + 10_000_000


def test_an_idle_chip_keeps_up_with_the_wall_clock(served):
    begun_s, begun_ns = time.monotonic(), served.chip.now_ns
    time.sleep(0.5)
    emulated_s = (served.chip.now_ns - begun_ns) / 1e9
    assert emulated_s > 0.5 * (time.monotonic() - begun_s)  # all of it, on a machine with nothing else to do


def test_time_that_the_emulator_lost_is_not_caught_up():
    class Slow:
        """An outside that takes 0.3 s of wall clock once, when 50 ms have been emulated."""

        ends_ns: list[int] = []  # noqa: RUF012
        lost = False

        def inputs(self, until_ns):
            if not self.lost and until_ns > 50_000_000:
                self.lost = True
                time.sleep(0.3)
            return {}, []

        def outputs(self, slice_):
            self.ends_ns.append(slice_.now_ns)

    slow = Slow()
    begun = time.monotonic()
    running = served_fake(outside=slow)
    time.sleep(0.6)
    running.stop()
    assert slow.lost
    lost_ns = (time.monotonic() - begun) * 1e9 - slow.ends_ns[-1]
    assert lost_ns > 0.3e9 - module._LAG_NS - 1_000_000


def test_a_second_client_is_served_and_does_not_read_what_was_said_to_the_first(served):
    with served.client() as client:
        client.write(b"first")
        time.sleep(0.1)  # the answer is there and is never read
    time.sleep(0.1)
    with served.client() as client:
        client.write(b"second")
        assert client.read(6) == b"SECOND"


def test_a_client_that_does_not_read_stops_nothing(served):
    with served.client() as client:
        for _ in range(100):
            client.write(b"y" * 1000)
        before = served.chip.now_ns
        time.sleep(0.2)
        assert served.chip.now_ns > before
        read = 0
        while read < 100_000:
            chunk = client.read(4096)
            assert chunk, f"only {read} bytes came"
            read += len(chunk)


def test_flash_is_saved_at_the_end(tmp_path):
    flash = tmp_path / "board.flash"
    running = served_fake(flash)
    with running.client() as client:
        client.write(b"x")
        client.read(1)
    running.stop()
    assert flash.read_bytes().endswith(b"saved")


def test_flash_is_saved_while_the_board_runs_but_not_when_it_sleeps(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SAVE_EVERY_S", 0.05)
    flash = tmp_path / "board.flash"
    running = served_fake(flash)
    time.sleep(0.2)
    assert not flash.exists()
    with running.client() as client:
        client.write(b"x")
        client.read(1)
        time.sleep(0.3)
        assert flash.read_bytes().count(b"saved") == 1
    running.stop()


def test_a_client_that_is_there_at_a_reset_loses_its_connection_after_the_last_word(served):
    with served.client() as client:
        client.write(b"reset")
        assert client.read(5) == b"RESET"
        with pytest.raises(serial.SerialException):
            client.read(1)
    assert [reset.cause for reset in served.terminal.resets] == ["watchdog"]


def test_a_client_that_does_not_mind_may_stay_after_a_reset(served):
    with served.client() as client:
        client.write(b"reset")
        assert client.read(5) == b"RESET"
        time.sleep(0.4)  # reads nothing meanwhile
        assert client.read_until(b"booted").endswith(b".booted")
        client.write(bytes(range(256)))
        assert client.read(256) == bytes(range(256)).upper()


def test_the_next_client_gets_the_last_of_what_was_said_when_nobody_was_there(served):
    with served.client() as client:
        client.write(b"reset")
        client.read(5)
    time.sleep(0.4)
    with served.client() as client:
        assert client.read(256) == b"." * 250 + b"booted"
        client.write(b"x")
        assert client.read(1) == b"X"


def test_a_fault_ends_the_service_with_one_line_and_hangs_up():
    running = served_fake()
    with running.client() as client:
        client.write(b"fault")
        deadline = time.monotonic() + 2
        while running.error is None and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "the board has stopped: read of 0x00000004" in str(running.error)
    running.stop()


def test_closing_hangs_up_on_the_client(served):
    with served.client() as client:
        served.stop()
        with pytest.raises((OSError, serial.SerialException)):
            assert client.read(1)
            os.write(client.fd, b"x")
