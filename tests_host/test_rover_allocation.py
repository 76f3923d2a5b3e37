"""No tick of the rover allocates: its program on MicroPython with the heap locked, in every mode. Tier: host.

In bytecode: a viper function that hands an address of x86 to another one would make a large integer of it,
which addresses of the boards' chips do not need.
"""

import subprocess

import pytest

from host_tools.checks.mpy_compile import ROOT
from host_tools.flash.unix_port import PortError, unix_port
from host_tools.proof.runtimes.variants import RUNTIMES, Copies


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[str, str]:
    try:
        program = unix_port().program
    except PortError as error:
        pytest.fail(str(error), pytrace=False)
    bytecode = next(runtime for runtime in RUNTIMES if runtime.name == "bytecode")
    firmware = Copies(tmp_path_factory.mktemp("copies")).of(bytecode)
    script = ROOT / "tests_host" / "rover_on_unix.py"
    limits = ROOT / "boards" / "rover_esp32" / "limits.json"
    command = [program, "-X", "heapsize=1m", script, firmware, limits]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_no_tick_of_any_mode_wants_memory(said):
    assert said["starved"] == "0"


def test_the_ticks_passed_every_mode_and_the_camera_every_station(said):
    assert sorted(map(int, said["modes"].strip("[]").split(","))) == [0, 1, 2, 3, 4, 5, 6]
    assert int(said["images"]) == 5
    assert int(said["sent"]) > 10_000


def test_limits_parameters_and_the_time_were_taken_on_the_way(said):
    red, faults = map(int, said["red"].split())
    assert red == 6  # safe mode, because of a current
    assert faults >= 3  # tilted; the red limit and safe mode because of it
    assert said["limits"] == "3000 3600"
    assert int(said["stored"]) == 4 * 5 * 7
    assert said["time"] == "1"
    recorded, dropped, _ = map(int, said["recorded"].split())
    assert recorded > 100 and dropped == 0
