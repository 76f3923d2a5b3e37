"""The raw REPL of the real firmware, driven in this process on emulated time."""

import hashlib

import pytest

from host_tools.emulator.chip import Chip
from host_tools.emulator.filesystem import image, read
from host_tools.emulator.raw_repl import RawRepl, ReplError


@pytest.fixture
def repl(firmware):
    with Chip(firmware.uf2) as chip:
        client = RawRepl(chip)
        client.enter()
        yield client


def test_a_program_gives_what_it_prints_and_its_traceback(repl):
    assert repl.exec("print(6 * 7)").stdout == b"42\r\n"
    failed = repl.exec("print('so far')\n1 / 0")
    assert failed.stdout == b"so far\r\n"
    assert failed.stderr.endswith(b"ZeroDivisionError: divide by zero\r\n")


def test_sleeping_takes_emulated_time_and_next_to_no_cycles(repl):
    said = repl.exec("import time; time.sleep(5)", timeout_s=10)
    assert 5.0e9 < said.took_ns < 5.1e9
    assert said.cycles < 0.01 * 5.0 * 125e6


def test_what_runs_too_long_in_emulated_time_is_an_error_and_can_be_interrupted(repl):
    with pytest.raises(ReplError, match=r"did not say b'\\x04' in 0\.2 s, its last was b'begun"):
        repl.exec("print('begun')\nwhile True: pass", timeout_s=0.2)
    repl.interrupt()
    said = repl.finish()
    assert said.stdout == b"begun\r\n"
    assert b"KeyboardInterrupt" in said.stderr
    assert repl.exec("print(1)").stdout == b"1\r\n"


def test_a_soft_reset_empties_the_heap(repl):
    repl.exec("x = 1")
    repl.soft_reset()
    assert b"NameError" in repl.exec("print(x)").stderr


def test_a_reset_in_the_middle_of_a_program_is_an_error_that_names_its_cause(repl):
    with pytest.raises(ReplError, match=r"^the board was reset \(\w+\) when it was to say"):
        repl.exec("import machine; machine.reset()")
    repl.enter()
    assert repl.exec("print(1)").stdout == b"1\r\n"


def test_the_raw_prompt_can_be_left(repl):
    repl.leave()
    repl.enter()
    assert repl.exec("print(1)").stdout == b"1\r\n"


def test_a_program_with_control_characters_is_refused(repl):
    with pytest.raises(ReplError, match="Ctrl-C or Ctrl-D"):
        repl.exec(b"print('\x04')")


def test_a_program_of_many_kilobytes_arrives_whole(repl):
    text = "x" * 20_000
    said = repl.exec(f"import hashlib\nprint(hashlib.sha256(b'{text}').digest().hex())")
    assert said.stdout.strip().decode() == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_program_takes_the_same_cycles_on_every_chip(firmware):
    def measured() -> list[tuple[int, int]]:
        with Chip(firmware.uf2) as chip:
            client = RawRepl(chip)
            client.enter()
            programs = ("sum(range(1000))", "import gc; gc.collect()", "[str(x) for x in range(500)]")
            return [(said.took_ns, said.cycles) for said in map(client.exec, programs)]

    assert measured() == measured()


def test_the_firmware_mounts_an_image_and_what_it_writes_can_be_read_back(firmware, tmp_path):
    flash = tmp_path / "board.flash"
    files = {
        "main.py": b"print('main ran')\n",
        "lib/deep/module.py": b"V = 5\n",
        "data": bytes(range(256)) * 100,
    }
    flash.write_bytes(image(firmware.uf2, files))
    with Chip(None, flash) as chip:
        assert b"main ran\r\n" in chip.run(1_000_000_000).usb
        client = RawRepl(chip)
        client.enter()
        look = "import hashlib, os; from lib.deep.module import V\nf = open('data', 'rb')\n"
        look += "print(V, os.statvfs('/')[1:3], hashlib.sha256(f.read()).digest().hex())\nf.close()"
        said = client.exec(look).stdout.decode().strip()
        assert said == f"5 (4096, 352) {hashlib.sha256(files['data']).hexdigest()}"
        client.exec(
            "os.remove('data'); os.rename('main.py', 'moved.py')\nwith open('new', 'w') as f: f.write('n')"
        )
        chip.save_flash(flash)
    expected = {"moved.py": files["main.py"], "lib/deep/module.py": b"V = 5\n", "new": b"n"}
    assert read(flash.read_bytes(), firmware.uf2) == expected
    with Chip(firmware.uf2, flash) as chip:  # a new firmware leaves the files alone
        client = RawRepl(chip)
        client.enter()
        assert (
            client.exec("import os; print(sorted(os.listdir()))").stdout == b"['lib', 'moved.py', 'new']\r\n"
        )
