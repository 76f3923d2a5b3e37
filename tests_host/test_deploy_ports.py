"""Which port is meant, what the board says after its reset, ESP32's image, and the command's own lines."""

import os
import signal
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial

from host_tools.flash import announcement, esp32, ports
from host_tools.flash.announcement import AnnouncementError, wait
from host_tools.flash.board_files import BoardDescription
from host_tools.flash.chips import CHIPS
from host_tools.flash.esp32 import Esp32Error
from host_tools.flash.ports import PortError, find

RP2040, ESP32 = CHIPS["rp2040"], CHIPS["esp32"]
READY = b"plumbline bench 0123abcd ready\r\n"


def usb(device: str, vid: int = 0x2E8A, pid: int = 5, serial_number: str = "E661") -> SimpleNamespace:
    return SimpleNamespace(
        device=device, vid=vid, pid=pid, serial_number=serial_number, product="Board in FS mode"
    )


@pytest.fixture
def plugged(monkeypatch):
    """Decides which serial ports there are."""

    def place(*found: SimpleNamespace) -> None:
        monkeypatch.setattr(ports.list_ports, "comports", lambda: list(found))

    place()
    return place


@pytest.fixture
def terminal():
    """A PTY: the board's end, and the name of ours."""
    board, ours = os.openpty()
    tty.setraw(ours)
    yield board, os.ttyname(ours)
    os.close(ours)
    os.close(board)


# --- ports ---


def test_without_a_name_the_only_board_is_taken(plugged):
    builtin = SimpleNamespace(device="/dev/ttyS0", vid=None, pid=None, product=None, description="n/a")
    plugged(builtin, usb("/dev/ttyACM3"))
    assert find(None, RP2040) == "/dev/ttyACM3"
    assert find("", RP2040) == "/dev/ttyACM3"  # make hands over an empty PORT


def test_an_rp2040_is_told_from_other_usb_ports_but_an_esp32_may_be_behind_any_bridge(plugged):
    plugged(usb("/dev/ttyACM3"), usb("/dev/ttyUSB0", vid=0x10C4))
    assert find(None, RP2040) == "/dev/ttyACM3"
    with pytest.raises(PortError, match=r"name one by PORT=; found on USB: /dev/ttyACM3 .*, /dev/ttyUSB0"):
        find(None, ESP32)


def test_with_no_board_or_with_several_it_is_said_what_to_do(plugged):
    with pytest.raises(PortError, match=r"no board with rp2040 found: plug it in .* PORT=/dev/ttyACM0"):
        find(None, RP2040)
    plugged(usb("/dev/ttyACM0"), usb("/dev/ttyACM1"))
    with pytest.raises(PortError, match=r"several boards.*/dev/ttyACM0 .*/dev/ttyACM1"):
        find(None, RP2040)


def test_a_pico_in_its_boot_rom_is_no_board(plugged):
    plugged(usb("/dev/ttyACM0", pid=3))
    with pytest.raises(PortError, match="a Pico without MicroPython has no port yet"):
        find(None, RP2040)


def test_a_port_that_is_not_there_is_one_line_with_those_that_are(plugged):
    plugged(usb("/dev/ttyACM1"))
    with pytest.raises(
        PortError, match=r"port /dev/pts/none is not there: plug the board in.*: /dev/ttyACM1"
    ):
        find("/dev/pts/none", RP2040)


def test_shorthands_of_mpremote_mean_the_same_device(plugged, monkeypatch):
    monkeypatch.setattr(ports, "_checked", lambda path: path)
    plugged(usb("/dev/ttyACM9", serial_number="E66F"))
    names = {"a0": "/dev/ttyACM0", "u12": "/dev/ttyUSB12", "c4": "COM4", "port:/dev/x": "/dev/x"}
    assert {name: find(name, RP2040) for name in names} == names
    assert find("id:E66F", RP2040) == "/dev/ttyACM9"
    assert find("rfc2217://lab:4000", RP2040) == "rfc2217://lab:4000"
    with pytest.raises(PortError, match="no board has the serial number E66A"):
        find("id:E66A", RP2040)


def test_a_link_to_an_emulated_board_is_followed_and_a_file_is_no_port(plugged, terminal, tmp_path):
    (tmp_path / "board").symlink_to(terminal[1])
    assert find(str(tmp_path / "board"), RP2040) == terminal[1]
    (tmp_path / "file").write_text("")
    with pytest.raises(PortError, match="is no serial port"):
        find(str(tmp_path / "file"), RP2040)


# --- the board's announcement ---


def says(board: int, *words: bytes, after_s: float = 0.1) -> None:
    """Print on the board a moment from now; opening a port throws away what came before."""

    def speak() -> None:
        time.sleep(after_s)
        for word in words:
            os.write(board, word)

    threading.Thread(target=speak, daemon=True).start()


def test_the_announcement_is_heard_among_other_lines_and_in_pieces(terminal):
    board, device = terminal
    says(board, b"map estimate 536903200 88\r\n", READY[:9], READY[9:])
    assert 0.05 < wait(device, "bench", "0123abcd", timeout_s=5) < 2


def test_a_board_that_runs_other_files_is_told(terminal):
    board, device = terminal
    says(board, b"plumbline bench by-hand ready\r\n")
    with pytest.raises(AnnouncementError, match=r"it announces bench by-hand, not bench 0123abcd"):
        wait(device, "bench", "0123abcd", timeout_s=5)


def test_a_program_that_raises_is_told_at_once_by_the_last_line_of_its_traceback(terminal):
    board, device = terminal
    says(
        board,
        b"Traceback (most recent call last):\r\n",
        b'  File "main.py", line 3, in <module>\r\n',
        b"PinTableError: bench: led is claimed twice\r\n",
        b"MicroPython v1.25.0 on 2025-04-15\r\n>>> ",
    )
    begun = time.monotonic()
    with pytest.raises(
        AnnouncementError, match=r"it stopped with PinTableError: bench: led is claimed twice$"
    ):
        wait(device, "bench", "0123abcd", timeout_s=5)
    assert time.monotonic() - begun < 2


def test_a_board_whose_words_were_lost_is_started_once_more(terminal):
    board, device = terminal
    answered = []

    def answer() -> None:
        answered.append(os.read(board, 64))
        os.write(
            board,
            b"Traceback (most recent call last):\r\nKeyboardInterrupt: \r\n>>> MPY: soft reboot\r\n" + READY,
        )

    threading.Thread(target=answer, daemon=True).start()
    wait(device, "bench", "0123abcd", timeout_s=5, silence_s=0.2)
    assert answered == [announcement._START_AGAIN]
    assert answered[0].endswith(b"\x03\x02\x04")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (b"", "it printed nothing"),
        (b"waiting for the strap\r\n", "the last thing it printed is 'waiting for the strap'"),
        (b"MPY: soft reboot\r\n>>> ", "it is at its prompt: main.py has ended, or was not run"),
    ],
)
def test_without_an_announcement_it_is_told_what_the_board_printed_instead(terminal, words, line):
    board, device = terminal
    says(board, words)
    with pytest.raises(AnnouncementError, match=f"has not announced itself: {line}"):
        wait(device, "bench", "0123abcd", timeout_s=0.5)


def test_a_port_that_is_gone_while_the_board_resets_is_waited_for(terminal, tmp_path):
    board, device = terminal
    link = tmp_path / "port"

    def plug_in() -> None:
        time.sleep(0.2)
        link.symlink_to(device)
        says(board, READY, after_s=0.3)

    threading.Thread(target=plug_in, daemon=True).start()
    assert wait(str(link), "bench", "0123abcd", timeout_s=5) > 0.4


# --- ESP32 ---


def esp32_board(chip: str = "esp32") -> BoardDescription:
    return BoardDescription("bench", Path("boards/bench"), CHIPS[chip], "ESP32_GENERIC")


@pytest.fixture
def image(tmp_path):
    """An image's header: magic number at 0, chip number at 12."""

    def make(chip_id: int, magic: int = 0xE9) -> Path:
        path = tmp_path / "micropython.bin"
        path.write_bytes(bytes([magic, 1, 2, 0x20]) + bytes(8) + chip_id.to_bytes(2, "little") + bytes(10))
        return path

    return make


@pytest.mark.parametrize(
    ("chip", "chip_id", "offset"), [("esp32", 0, "0x1000"), ("esp32s2", 2, "0x1000"), ("esp32s3", 9, "0x0")]
)
def test_an_esp32_is_erased_and_then_written_where_its_boot_rom_looks(image, chip, chip_id, offset):
    path = image(chip_id)
    tool = [sys.executable, "-m", "esptool", "--chip", chip, "--port", "/dev/x", "--baud", "460800"]
    assert esp32.commands(esp32_board(chip), "/dev/x", path) == [
        [*tool, "erase-flash"],
        [*tool, "write-flash", offset, str(path)],
    ]


def test_an_image_that_is_none_or_for_another_chip_is_refused(image, tmp_path):
    with pytest.raises(Esp32Error, match=r"is for another chip than esp32$"):
        esp32.commands(esp32_board(), "/dev/x", image(9))
    with pytest.raises(Esp32Error, match="is no ESP32 image"):
        esp32.commands(esp32_board(), "/dev/x", image(0, magic=0x55))
    with pytest.raises(Esp32Error, match="cannot be read: No such file"):
        esp32.commands(esp32_board(), "/dev/x", tmp_path / "none.bin")


def test_a_pico_takes_its_image_by_drag_and_drop(image):
    with pytest.raises(Esp32Error, match="hold BOOTSEL"):
        esp32.commands(esp32_board("rp2040"), "/dev/x", image(0))


def test_without_esptool_it_is_said_how_to_get_it(image, monkeypatch):
    monkeypatch.setattr(esp32.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Esp32Error, match=r"esptool is not installed: .* -m pip install 'esptool"):
        esp32.write(esp32_board(), "/dev/x", image(0))


def test_what_esptool_complains_about_is_one_line(image, tmp_path, monkeypatch):
    (tmp_path / "esptool.py").write_text(
        "import sys\nprint('esptool v5')\nif 'write-flash' in sys.argv:\n"
        "    print('A fatal error occurred: no serial data received')\n"
        "    print('Hint: a hint')\n    sys.exit(2)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(Esp32Error, match=r"esptool failed on /dev/x: A fatal error occurred: no serial data"):
        esp32.write(esp32_board(), "/dev/x", image(0))


# --- the command ---


def flash(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PORT"}
    return subprocess.run(
        [sys.executable, "-m", "host_tools.flash.deploy", *arguments],
        capture_output=True,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "flash: name the board, as in BOARD=navigation_pico: bench_pico, "),
        (("navigation_pica",), "flash: there is no board 'navigation_pica': choose one of bench_pico, "),
        (("navigation_pico", "--port", "/dev/pts/none"), "flash: port /dev/pts/none is not there: plug"),
        (("navigation_pico", "--prot", "a0"), "flash: No such option: --prot"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, line):
    done = flash(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_is_one_line_and_leaves_no_mpremote_behind(terminal, number):
    board, device = terminal  # nobody answers there
    command = [sys.executable, "-m", "host_tools.flash.deploy", "propulsion_pico", "--port", device]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert b"\x03" in os.read(board, 16)  # mpremote is at work
    process.send_signal(number)
    said, complaint = process.communicate(timeout=10)
    assert (process.returncode, said) == (130, "")
    assert complaint == "flash: interrupted; the same command again brings the board to the right state\n"
    wait_until_free(device)


def wait_until_free(device: str) -> None:
    """Fails if some program still holds the port for itself."""
    deadline = time.monotonic() + 2
    while True:
        try:
            return serial.Serial(device, exclusive=True).close()
        except serial.SerialException:
            assert time.monotonic() < deadline, "the port is still in use"
            time.sleep(0.05)


def test_help_says_what_is_done_and_names_every_option():
    said = flash("--help").stdout
    for word in ("--port", "--dry-run", "--force", "--firmware", "run it again", "/dev/ttyACM0"):
        assert word in said
