"""The unmodified mpremote on the real firmware: what people do with a Pico, done without one."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from served_terminal import Served

from host_tools.emulator import micropython_tests
from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import read

COUNT = 12


@pytest.fixture
def pico(firmware, tmp_path):
    board = Served(Chip(firmware.uf2), tmp_path / "board.flash")
    yield board
    board.stop()


@pytest.fixture
def files(tmp_path) -> list[str]:
    """Names of files in the folder `tmp_path`, none like the other."""
    names = [f"part{number:02}.bin" for number in range(COUNT)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(bytes((number + step) % 256 for step in range(700)))
    return names


def start(pico: Served, *words: str, folder: Path | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mpremote", "connect", pico.terminal.port, *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )


def mpremote(pico: Served, *words: str, folder: Path | None = None, code: int = 0) -> str:
    """What a run prints; it must end with this exit code."""
    process = start(pico, *words, folder=folder)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, out + err
    return out if code == 0 else out + err


def test_exec_prints_and_a_traceback_is_an_exit_code(pico):
    assert mpremote(pico, "exec", "print(6 * 7)") == "42\n"
    assert "ZeroDivisionError" in mpremote(pico, "exec", "1 / 0", code=1)


def test_a_batch_is_copied_once_listed_and_survives_a_power_cut(pico, files, tmp_path, firmware):
    copied = mpremote(pico, "cp", *files, ":", folder=tmp_path)
    assert copied.count("cp part") == COUNT and "Up to date" not in copied
    again = mpremote(pico, "cp", *files, ":", folder=tmp_path)
    assert again.count("Up to date") == COUNT
    listed = mpremote(pico, "ls")
    assert [line.split() for line in listed.splitlines()[1:]] == [["700", name] for name in files]
    pico.stop()
    kept = read((tmp_path / "board.flash").read_bytes(), firmware.uf2)
    assert kept == {name: (tmp_path / name).read_bytes() for name in files}


def test_a_copy_that_is_cut_off_leaves_a_board_on_which_the_next_one_succeeds(pico, files, tmp_path):
    process = start(pico, "cp", *files, ":", folder=tmp_path)
    assert process.stdout is not None
    process.stdout.readline()  # it has begun
    time.sleep(0.3)
    process.kill()
    process.communicate()
    mpremote(pico, "cp", *files, ":", folder=tmp_path)
    assert mpremote(pico, "cp", *files, ":", folder=tmp_path).count("Up to date") == COUNT


def test_a_mounted_folder_can_be_imported_from_and_a_script_run(pico, tmp_path):
    (tmp_path / "helper.py").write_text("def help(): print('helped')\n")
    (tmp_path / "script.py").write_text("import helper\nhelper.help()\n")
    assert "helped\n" in mpremote(pico, "mount", ".", "run", "script.py", folder=tmp_path)
    assert "helped\n" in mpremote(pico, "mount", ".", "exec", "import helper; helper.help()", folder=tmp_path)


def test_soft_reset_empties_the_heap_and_resume_keeps_it(pico):
    mpremote(pico, "exec", "x = 5")
    assert mpremote(pico, "resume", "exec", "print(x)") == "5\n"
    mpremote(pico, "soft-reset")
    assert "NameError" in mpremote(pico, "resume", "exec", "print(x)", code=1)


def test_reset_restarts_the_chip_and_the_board_answers_again(pico):
    mpremote(pico, "reset")  # ends before the board does it, in 100 ms
    deadline = time.monotonic() + 5.0
    while not pico.terminal.resets and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(pico.terminal.resets) == 1
    assert mpremote(pico, "exec", "print('back')") == "back\n"


def test_a_board_that_resets_under_a_program_is_a_lost_device_and_not_a_hang(pico):
    said = mpremote(pico, "exec", "print('last'); import machine; machine.reset()", code=1)
    assert "last" in said and "device disconnected" in said
    assert mpremote(pico, "exec", "print('back')") == "back\n"


def test_an_endless_program_is_interrupted_by_the_next_connection(pico):
    process = start(pico, "exec", "print('endless')\nwhile True: pass")
    assert process.stdout is not None
    assert process.stdout.readline() == "endless\n"
    process.kill()
    process.communicate()
    assert mpremote(pico, "exec", "print('mine')") == "mine\n"


def test_a_second_client_is_told_that_the_port_is_in_use(pico):
    process = start(pico, "exec", "print('busy')\nwhile True: pass")
    assert process.stdout is not None
    process.stdout.readline()
    assert "in use" in mpremote(pico, "exec", "print(1)", code=1)
    process.kill()
    process.communicate()


def test_micropythons_own_tests_run_by_their_own_runner(capfd):
    assert (
        micropython_tests.main(["basics/int_big1.py", "float/math_fun.py", "micropython/viper_binop_comp.py"])
        == 0
    )
    assert "3 tests passed" in capfd.readouterr().out


def test_no_tests_is_no_success(capsys):
    assert micropython_tests.main(["basic"]) == 2
    assert "there is no basic among MicroPython's tests" in capsys.readouterr().err
