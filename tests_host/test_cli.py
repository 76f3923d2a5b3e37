"""The command: what it prints, writes and answers to the shell; the flight itself is made up."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import synthetic_flight

from host_tools.landing import loop, picture
from host_tools.scenarios.library import names

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def flown(monkeypatch, tmp_path):
    """A made-up landing in place of the flight; gives the calls that were made."""
    calls = []

    def fly(scenario, seed=1, voter="flight", progress=None, board="host", uf2=None):
        if board == "emulated":
            raise loop.BoardFailure("navigation_pico has stopped: a bad address")
        calls.append((scenario, seed, voter, progress))
        if progress is not None:
            for time_s in range(751):
                progress(float(time_s), 20_000.0 - 26.0 * time_s)
        return synthetic_flight.landing() if voter == "flight" else synthetic_flight.crash()

    monkeypatch.setattr(loop, "fly", fly)
    monkeypatch.setattr(picture, "draw", lambda record: b"picture")
    monkeypatch.chdir(tmp_path)
    return calls


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1


def test_a_landing_is_0_and_a_crash_is_1(flown, run, tmp_path):
    assert run("land", "resilience_nominal", "--out", "good")[0] == 0
    assert run("land", "hakuto_r_mission_1", "--voter", "as-flown", "--out", "bad")[0] == 1
    assert json.loads((tmp_path / "good" / "landing.json").read_text())["landed"] is True
    assert json.loads((tmp_path / "bad" / "landing.json").read_text())["landed"] is False


def test_what_is_asked_for_reaches_the_flight(flown, run):
    run("land", "hakuto_r_mission_1", "--seed", "7", "--voter", "as-flown", "--altimeters", " radar")
    scenario, seed, voter, _ = flown[0]
    assert (scenario.name, seed, voter) == ("hakuto_r_mission_1", 7, "as-flown")
    assert [part.name for part in scenario.vehicle.altimeters] == ["radar"]


def test_the_result_goes_below_landings_when_no_folder_is_given(flown, run, tmp_path):
    run("land", "resilience_nominal")
    run("land", "resilience_nominal", "--seed", "7", "--voter", "as-flown")
    assert {path.name for path in (tmp_path / "landings").iterdir()} == {
        "resilience_nominal-1",
        "resilience_nominal-7-as-flown",
    }


def test_the_summary_shows_measured_beside_required_and_the_tier(flown, run):
    _, out, err = run("land", "resilience_nominal", "--out", "result")
    assert "Landed: stands on the Moon with its engines off." in out
    line = next(line for line in out.splitlines() if line.startswith("vertical speed"))
    assert " ".join(line.split()) == "vertical speed 1.10 m/s at most 1.5 m/s yes host"
    assert "x real time" in out
    assert "700 s" in err  # progress goes to standard error, as plain lines when it is no terminal
    assert "\x1b" not in out + err


def test_quiet_prints_the_outcome_only(flown, run):
    code, out, err = run("land", "resilience_nominal", "--out", "result", "--quiet")
    assert (code, out, err) == (0, "Landed: stands on the Moon with its engines off.\n", "")
    assert flown[0][3] is None


def test_the_kernels_are_chosen_before_the_flight_code_is_imported(flown, run, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_KERNELS", "numba")
    run("land", "resilience_nominal", "--kernels", "plain")
    assert os.environ["PLUMBLINE_KERNELS"] == "plain"


def test_every_built_in_scenario_is_listed_with_what_is_special(flown, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = run("scenarios")
    assert code == 0
    for name in names():
        assert name in out
    assert "the ground falls away by 3 km on approach" in out


BAD = [
    (["land", "moon"], "moon: no such scenario"),
    (["land", "missing.toml"], "missing.toml: no such file"),
    (
        ["land", "resilience_nominal", "--altimeters", "sonar"],
        "--altimeters: the vehicle has no altimeter 'sonar'",
    ),
    (["land", "resilience_nominal", "--altimeters", ""], "--altimeters: "),
    (["land", "resilience_nominal", "--voter", "majority"], "--voter"),
    (["land", "resilience_nominal", "--seed", "-1"], "--seed"),
    (["land", "resilience_nominal", "--seed", "one"], "--seed"),
    (["land", "resilience_nominal", "--sed", "1"], "--sed"),
    (["land"], "Missing argument"),
    (["land", "resilience_nominal", "extra"], "extra"),
    (["fly"], "fly"),
]


@pytest.mark.parametrize(("arguments", "wanted"), BAD)
def test_bad_input_is_one_line_exit_code_2_and_nothing_written(flown, run, tmp_path, arguments, wanted):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert one_line(err) and wanted in err
    assert not flown
    assert list(tmp_path.iterdir()) == []


def test_a_bad_scenario_file_is_named_with_key_and_reason(flown, run, tmp_path):
    text = (ROOT / "host_tools" / "scenarios" / "resilience_nominal.toml").read_text()
    (tmp_path / "landing file.toml").write_text(text.replace("altitude_m = 20000", "altitude_m = 20", 1))
    code, _, err = run("land", "landing file.toml", "--out", "result")
    assert code == 2
    reason = "must be 1000 to 100000 m (got 20; that would fit if it is in km)"
    assert err == f"landing file.toml: start.altitude_m: {reason}\n"
    assert not (tmp_path / "result").exists()


def test_a_folder_that_is_a_file_is_refused_before_the_flight(flown, run, tmp_path):
    (tmp_path / "result").write_text("")
    code, _, err = run("land", "resilience_nominal", "--out", "result")
    assert (code, err) == (2, "--out result: is a file, not a folder\n")
    assert not flown


def test_a_full_disk_is_one_line_too(flown, run, tmp_path, monkeypatch):
    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, out, err = run("land", "resilience_nominal", "--out", "result", "--quiet")
    assert (code, out, err) == (2, "", "--out result: cannot be written: No space left on device\n")
    assert list(tmp_path.iterdir()) == []


def test_an_emulated_board_that_fails_is_one_line_3_and_nothing_written(flown, run, tmp_path):
    code, out, err = run("land", "resilience_nominal", "--board", "emulated", "--quiet")
    assert (code, out) == (3, "")
    assert err == "--board emulated: navigation_pico has stopped: a bad address\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--uf2", "firmware.uf2"), "--uf2: the host board runs no firmware; say --board emulated"),
        (("--board", "emulated", "--voter", "as-flown"), "--voter as-flown: it is no flight code"),
        (("--board", "pico"), "pico"),
    ],
)
def test_options_that_do_not_go_together_are_one_line_2(flown, run, tmp_path, options, complaint):
    code, out, err = run("land", "resilience_nominal", *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert complaint in err
    assert flown == []


def test_an_interrupt_is_one_line_130_and_nothing_written(run, monkeypatch, tmp_path):
    def fly(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "fly", fly)
    monkeypatch.chdir(tmp_path)
    code, out, err = run("land", "resilience_nominal", "--quiet")
    assert (code, out, err) == (130, "", "plumbline: interrupted, nothing written\n")
    assert list(tmp_path.iterdir()) == []


WAITING = """
import time
from host_tools import cli
from host_tools.landing import loop

def fly(*arguments, **options):
    print("flying", flush=True)
    time.sleep(30)

loop.fly = fly
cli.main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_flight_leaves_nothing_behind(tmp_path, number, code):
    command = [sys.executable, "-c", WAITING, "land", "resilience_nominal", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "flying\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, "plumbline: interrupted, nothing written\n")
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy():
    script = (
        "import sys\nfrom host_tools import cli\nsys.argv = ['plumbline', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print([name for name in ('numba', 'numpy', 'matplotlib', 'pydantic') if name in sys.modules])\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "scenarios" in done.stdout and "land" in done.stdout
    assert time.monotonic() - began < 10.0


def test_the_version_is_the_packages(run):
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert run("--version")[:2] == (0, f"plumbline {version}\n")


def test_the_command_alone_shows_its_help(run):
    code, out, _ = run()
    assert code == 0
    assert "scenarios" in out
