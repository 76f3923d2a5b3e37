"""Plain CPython, numba, MicroPython's bytecode, native and viper: the same bits after every call."""

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from host_tools.flash.unix_port import PortError, UnixPort, check, unix_port
from host_tools.flash.versions import MICROPYTHON
from host_tools.proof.runtimes import __main__ as command
from host_tools.proof.runtimes.__main__ import PROGRAMS
from host_tools.proof.runtimes.compare import Difference, first_difference, slot_name
from host_tools.proof.runtimes.run import Outcome, Row, Run
from host_tools.proof.runtimes.variants import FIRMWARE, ROOT, RUNTIMES, Copies, Plant, planted
from host_tools.proof.viper_rules import viper_functions

STEPS = 2000
BY_NAME = {runtime.name: runtime for runtime in RUNTIMES}


@pytest.fixture(scope="session")
def port() -> UnixPort:
    """Built here when it is missing: without it the test fails, it does not skip."""
    try:
        return unix_port()
    except PortError as error:
        pytest.fail(str(error), pytrace=False)


def test_every_runtime_has_one_hash_for_every_program(port, tmp_path):
    outcome = Run(tmp_path, port.program).outcome(dict.fromkeys(PROGRAMS, STEPS))
    assert [str(difference) for difference in outcome.differences] == []
    for program in PROGRAMS:
        rows = [row for row in outcome.rows if row.program == program]
        assert [row.runtime for row in rows] == ["plain", "numba", "bytecode", "native", "viper", "unfolded"]
        assert {row.steps for row in rows} == {STEPS}
        assert len({row.hash for row in rows}) == 1
    assert len({row.hash for row in outcome.rows}) == len(PROGRAMS)
    flight = np.fromfile(tmp_path / "flight.viper", np.uint8).reshape(STEPS, -1)
    assert len(np.unique(flight, axis=0)) > 0.99 * STEPS  # it did fly


def test_a_planted_difference_is_reported_with_kernel_step_and_slot(port, tmp_path):
    attitude, modulation = "plumbline/kernels/attitude.py", "plumbline/kernels/modulation.py"
    torque = "demand[_DEM_TORQUE_X_Q14 + 1 + axis]"
    first, second = "_ATT_ERROR_Y_Q14 = const({})", "_ATT_ERROR_Z_Q14 = const({})"
    plants = (
        # floor becomes truncation: for -1 the one gives -1, the other 0
        Plant("bytecode", attitude, torque + " // 9", f"int({torque} / 9)"),
        # two slots swapped
        Plant("viper", attitude, first.format(3), first.format(4)),
        Plant("viper", attitude, second.format(4), second.format(3)),
        # a runtime that stops
        Plant("native", modulation, "    slot = _MOD_CARRY_US\n", "    raise ValueError('planted')\n"),
    )
    runtimes = tuple(runtime for runtime in RUNTIMES if runtime.name != "numba")
    outcome = Run(tmp_path, port.program, plants=plants, runtimes=runtimes).outcome({"kernels": 300})
    found = {difference.runtime: difference for difference in outcome.differences}
    assert set(found) == {"bytecode", "native", "viper"}
    assert [row.agree for row in outcome.rows] == [True, False, False, False, True]
    truncated = found["bytecode"]
    assert (truncated.kernel, truncated.got) == ("attitude.step", truncated.expected + 1)
    assert truncated.slot in ("ATT_TRIM_Y (attitude[0])", "ATT_TRIM_Z (attitude[1])")
    swapped = found["viper"]
    # the trim follows the torque, which follows the swapped error, and stands before it
    assert swapped.slot in (
        "ATT_TRIM_Y (attitude[0])",
        "ATT_TRIM_Z (attitude[1])",
        "ATT_ERROR_Y_Q14 (attitude[3])",
    )
    assert f"step {swapped.step}, kernel attitude.step: {swapped.slot}" in str(swapped)
    assert f"is {swapped.got}, on plain CPython {swapped.expected}" in str(swapped)
    stopped = found["native"]
    assert (stopped.kernel, stopped.got) == ("modulation.step", None)
    assert "ValueError: planted" in str(stopped)


def test_every_viper_function_of_the_flight_code_is_replayed(tmp_path):
    wanted = {
        f"{path.relative_to(FIRMWARE).as_posix()}:{function.name}"
        for path in FIRMWARE.rglob("*.py")
        for function in viper_functions(ast.parse(path.read_text()))
    }
    orders = [f"{name}={STEPS}" for name in PROGRAMS]
    environment = {"PATH": "", "PLUMBLINE_KERNELS": "plain"}
    vectors = [sys.executable, "-m", "host_tools.proof.runtimes.vectors", str(tmp_path), "3", *orders]
    subprocess.run(vectors, cwd=ROOT, env=environment, check=True)
    code = f"""
import json, sys
called = set()
def note(frame, event, argument):
    if event == "call":
        called.add((frame.f_code.co_filename, frame.f_code.co_name))
sys.setprofile(note)
from host_tools.proof.runtimes.replayed.main import main
main([{str(FIRMWARE)!r}, {str(tmp_path)!r}, "plain", *{orders!r}])
sys.setprofile(None)
print(json.dumps(sorted(called)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    called = {
        f"{Path(path).relative_to(FIRMWARE).as_posix()}:{name}"
        for path, name in json.loads(done.stdout.splitlines()[-1])
        if Path(path).is_relative_to(FIRMWARE)
    }
    # it waits for the RP2040's timer and writes to its registers: tests_device/test_valves.py has it
    wanted.remove("plumbline/ports/rp2_valves.py:play_at")
    # it writes to the RP2040's pins: tests_host/test_emulated_landing.py sees what the registers then show
    wanted.remove("plumbline/ports/rp2_shift_register.py:shift_out")
    # dev boards' sensors fly nothing: tests_device/test_dev_parts.py has them, on the chip
    bench = ("icm20948", "lw20", "tfmini")
    wanted -= {
        name for name in wanted if name.startswith(tuple(f"plumbline/drivers/{part}.py" for part in bench))
    }
    assert sorted(wanted - called) == []
    assert len(wanted) > 60


def test_the_copies_differ_from_the_source_in_the_decorator_alone(tmp_path):
    copies = Copies(tmp_path)
    assert copies.of(BY_NAME["plain"]) == copies.of(BY_NAME["numba"]) == FIRMWARE
    source = (FIRMWARE / "plumbline/kernels/fixed.py").read_text()
    for name in ("bytecode", "native", "viper"):
        copy = (copies.of(BY_NAME[name]) / "plumbline/kernels/fixed.py").read_text()
        assert copy.count(f"@micropython.{name}") == source.count("@micropython.viper") > 5
        assert copy.replace(f"@micropython.{name}", "@micropython.viper") == source


def test_a_change_that_is_not_there_to_plant_is_refused():
    plant = Plant("viper", "a.py", "x = 1", "x = 2")
    assert planted({"a.py": "y = 0\nx = 1\n"}, plant) == "y = 0\nx = 2\n"
    with pytest.raises(ValueError, match="0 times"):
        planted({"a.py": "y = 1\n"}, plant)
    with pytest.raises(ValueError, match="2 times"):
        planted({"a.py": "x = 1\nx = 1\n"}, plant)


def test_the_first_difference_is_found_in_the_order_of_writing():
    # A step writes one int32 and two bytes: 6 bytes. Step 1 begins at 6, its bytes at 10 and 11.
    layout = [("a.f", "result", 1, 4), ("b.g", "buf", 2, 1)]
    expected = np.arange(18, dtype=np.uint8)
    assert first_difference(expected, expected.copy(), layout) is None
    got = expected.copy()
    got[[11, 12]] = 99
    assert first_difference(expected, got, layout) == (1, "b.g", "buf[1]", 11, 99)
    got[7] = 0
    # bytes 6 7 8 9, little-endian: 6 + 7 * 2^8 + 8 * 2^16 + 9 * 2^24, and without the 7
    high = 6 + 8 * 2**16 + 9 * 2**24
    assert first_difference(expected, got, layout) == (1, "a.f", "the result", high + 7 * 256, high)
    assert first_difference(expected, expected[:10], layout) == (1, "b.g", "buf[0]", 10, None)


def test_slots_are_named_as_the_kernels_know_them():
    assert slot_name("estimate", 1) == "EST_AGL_MM (estimate[1])"
    assert slot_name("buf", 7) == "buf[7]"


def _fake_port(folder: Path, answer: str) -> Path:
    program = folder / "micropython"
    program.write_text(f"#!/bin/sh\necho {answer}\n")
    program.chmod(0o755)
    return program


def test_a_64_bit_build_is_refused_because_viper_reads_wrong_there(tmp_path):
    assert check(_fake_port(tmp_path, f"micropython 1.25.0 {2**31 - 1} 1")) == "1.25.0"
    with pytest.raises(PortError, match=r"64-bit build.*MICROPY_FORCE_32BIT=1"):
        check(_fake_port(tmp_path, f"micropython 1.25.0 {2**63 - 1} 2"))
    with pytest.raises(PortError, match="no native code for x86"):
        check(_fake_port(tmp_path, f"micropython 1.25.0 {2**31 - 1} 7"))
    with pytest.raises(PortError, match="does not answer like MicroPython"):
        check(_fake_port(tmp_path, "Python 3.11"))
    with pytest.raises(PortError, match="does not run"):
        check(tmp_path / "nothing")


def test_the_built_port_is_the_pinned_version_and_loads_negative_numbers(port):
    code = "import micropython, array\n@micropython.viper\ndef f(a: ptr32) -> int:\n    return a[0] >> 1\n"
    said = subprocess.run(
        [port.program, "-c", code + "print(f(array.array('i', [-7])))"], capture_output=True, text=True
    )
    assert said.stdout == "-4\n"  # floor(-7 / 2)
    assert port.version == ".".join(map(str, MICROPYTHON))


@pytest.fixture
def rounds(monkeypatch):
    """The command's rounds as a test wants them: by seed, what the runtimes made of it."""
    made: dict[int, Outcome] = {}
    monkeypatch.setattr(command, "unix_port", lambda: UnixPort(Path("micropython"), "1.25.0", 0.0))
    monkeypatch.setattr(command, "one_round", lambda program, seed, steps: made[seed])
    return made


def _agreeing(steps: int, digest: str) -> list[Row]:
    return [Row(runtime.name, "flight", steps, digest, 0.5, True) for runtime in RUNTIMES]


def test_the_command_prints_one_hash_and_writes_its_table(rounds, tmp_path, capsys):
    rounds[4], rounds[5] = Outcome(_agreeing(50, "aa")), Outcome(_agreeing(50, "bb"))
    arguments = ["--steps", "50", "--rounds", "2", "--seed", "4", "--out", str(tmp_path / "runtimes.json")]
    assert command.main(arguments) == 0
    written = json.loads((tmp_path / "runtimes.json").read_text())
    assert (written["agree"], written["micropython"], written["differences"]) == (True, "1.25.0", [])
    assert [row["steps"] for row in written["runtimes"]] == [2 * 50] * len(RUNTIMES)
    one_hash = hashlib.sha256(b"aabb").hexdigest()
    assert {row["hash"] for row in written["runtimes"]} == {one_hash}
    assert [row["seconds"] for row in written["runtimes"]] == [0.5 + 0.5] * len(RUNTIMES)
    table = capsys.readouterr().out
    assert table.count(one_hash[:14]) == table.count("yes") == len(RUNTIMES) == 6


def test_the_command_ends_with_1_at_the_first_round_that_differs(rounds, tmp_path, capsys):
    difference = Difference("viper", "flight", 17, "state.step", "EST_AGL_MM (estimate[1])", 5, 6)
    rows = [row for row in _agreeing(50, "aa") if row.runtime != "viper"]
    rows.append(Row("viper", "flight", 50, "ab", 0.5, False))
    rounds[1] = Outcome(rows, [difference])  # there is no second round
    assert command.main(["--rounds", "2", "--out", str(tmp_path / "runtimes.json")]) == 1
    said = capsys.readouterr().out
    assert (
        "seed 1: viper differs at flight, step 17, kernel state.step:"
        " EST_AGL_MM (estimate[1]) is 6, on plain CPython 5"
    ) in said
    assert (said.count("yes"), said.count("NO")) == (5, 1)
    written = json.loads((tmp_path / "runtimes.json").read_text())
    assert written["agree"] is False
    assert (written["differences"][0]["seed"], written["differences"][0]["step"]) == (1, 17)


def test_the_command_ends_with_2_and_one_line_when_the_port_cannot_be_built(monkeypatch, tmp_path, capsys):
    def refuse() -> UnixPort:
        raise PortError("no compiler")

    monkeypatch.setattr(command, "unix_port", refuse)
    assert command.main(["--out", str(tmp_path / "runtimes.json")]) == 2
    assert capsys.readouterr().err == "no compiler\n"
    assert not (tmp_path / "runtimes.json").exists()
