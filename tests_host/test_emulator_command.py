"""`plumbline emulate BOARD`: what it says, what it runs, with what code it ends; the chip is a fake."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from host_tools import cli
from host_tools.emulator import chip as chip_module
from host_tools.emulator import command as module
from host_tools.emulator.command import emulate

FAKE = [sys.executable, str(Path(__file__).with_name("fake_chip.py"))]
BOARD = "navigation_pico"
TALK = (
    "import os, serial; p = serial.Serial(os.environ['PORT'], timeout=2); p.write(b'{}'); print(p.read({}))"
)


@pytest.fixture
def uf2(monkeypatch, tmp_path):
    """A file that passes for firmware, on a chip that is a fake."""
    monkeypatch.setattr(chip_module, "_program", lambda: FAKE)
    path = tmp_path / "any.uf2"
    path.touch()
    return path


@pytest.fixture
def flash(tmp_path):
    return tmp_path / "kept" / "board.flash"


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def interrupt_soon(after_s: float = 0.3, number: int = signal.SIGINT) -> None:
    threading.Timer(after_s, os.kill, (os.getpid(), number)).start()


def test_a_command_finds_the_board_at_port_and_gives_its_exit_code(uf2, flash, capfd):
    talk = TALK.format("hello", 5) + "; raise SystemExit(7)"
    assert emulate(BOARD, uf2, flash, False, python(talk)) == 7
    assert capfd.readouterr().out == "b'HELLO'\n"
    assert flash.read_bytes().endswith(b"saved")


def test_port_is_put_into_the_commands_words_because_no_shell_does(uf2, flash, capfd):
    show = "import sys; print(sys.argv[1:])"
    assert emulate(BOARD, uf2, flash, False, [*python(show), "$PORT", "port:${PORT}"]) == 0
    first, second = eval(capfd.readouterr().out)
    assert first.startswith("/dev/pts/") and second == f"port:{first}"


def test_the_tools_of_this_python_are_on_the_commands_path(uf2, flash, capfd):
    assert emulate(BOARD, uf2, flash, False, ["mpremote", "--version"]) == 0
    assert "mpremote" in capfd.readouterr().out


def test_a_command_that_is_not_there_is_one_line(uf2, flash, capsys):
    assert emulate(BOARD, uf2, flash, False, ["no-such-tool"]) == 2
    assert capsys.readouterr().err == "plumbline: no-such-tool cannot be started: No such file or directory\n"


def test_a_command_killed_by_a_signal_gives_128_plus_its_number(uf2, flash):
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert emulate(BOARD, uf2, flash, False, python(kill)) == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_and_the_board_and_keeps_the_flash(uf2, flash, number):
    handler = signal.getsignal(number)
    wait = TALK.format("x", 1) + "; import time; time.sleep(60)"
    interrupt_soon(1.0, number)
    begun = time.monotonic()
    assert emulate(BOARD, uf2, flash, False, python(wait)) == 128 + number
    assert time.monotonic() - begun < 5.0
    assert flash.exists()
    assert signal.getsignal(number) is handler


def test_without_a_command_it_says_how_to_reach_the_board_until_ctrl_c(uf2, flash, capsys):
    interrupt_soon()
    assert emulate(BOARD, uf2, flash, False) == 0
    said = capsys.readouterr().out
    port = said.split(" at ")[1].split(",")[0]
    assert f"mpremote connect {port}\n" in said
    assert f"make flash BOARD={BOARD} PORT={port}\n" in said
    assert "\x1b" not in said  # a moving line is for terminals


def test_a_fault_of_the_board_ends_the_command_with_one_line(uf2, flash, capfd):
    wait = TALK.format("fault", 9) + "; import time; time.sleep(60)"
    assert emulate(BOARD, uf2, flash, False, python(wait)) == 1
    lines = capfd.readouterr().err.splitlines()
    assert any(line.startswith("plumbline: the board has stopped: read of 0x00000004") for line in lines)


def test_two_emulators_do_not_share_a_flash_file(uf2, flash, capsys):
    with module.owned(flash):
        assert emulate(BOARD, uf2, flash, False, python("pass")) == 2
    assert capsys.readouterr().err.endswith(
        "is in use by an emulated board: use that board, or name another file by --flash\n"
    )


@pytest.mark.parametrize(
    ("board", "complaint"), [("no_board", "there is no board 'no_board'"), ("../boards", "there is no board")]
)
def test_an_unknown_board_is_one_line(uf2, flash, capsys, board, complaint):
    assert emulate(board, uf2, flash, False) == 2
    said = capsys.readouterr().err
    assert complaint in said and said.count("\n") == 1
    assert not flash.exists()


def test_a_missing_uf2_is_one_line(uf2, flash, capsys):
    assert emulate(BOARD, uf2.with_name("none.uf2"), flash, False) == 1
    assert capsys.readouterr().err.endswith("none.uf2: there is no such UF2 file\n")


def test_the_command_line_hands_everything_on(monkeypatch):
    handed = []
    monkeypatch.setattr(module, "emulate", lambda *arguments: handed.append(arguments) or 5)
    words = [
        "emulate",
        BOARD,
        "--uf2",
        "a.uf2",
        "--flash",
        "b.flash",
        "--empty",
        "--",
        "tool",
        "--option",
        "$PORT",
    ]
    monkeypatch.setattr(sys, "argv", ["plumbline", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 5
    assert handed == [(BOARD, Path("a.uf2"), Path("b.flash"), True, ["tool", "--option", "$PORT"])]
