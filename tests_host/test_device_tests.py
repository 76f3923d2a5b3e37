"""The tests on the board, run on emulated boards; and their runner: nothing unseen has passed."""

import hashlib
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from base64 import b64encode

import pytest

import host_tools.device_tests.__main__ as device_tests
from host_tools.device_tests import replays, safe_outputs
from host_tools.device_tests.bench import Order, on_emulated, parts
from host_tools.device_tests.emulated import EmulatedBoard, judge_pulses
from host_tools.device_tests.files import TESTS, DeviceFile, device_files, files_for_tests
from host_tools.device_tests.results import (
    FAILED,
    PASSED,
    SKIPPED,
    FileResults,
    Result,
    succeeded,
    write_junit,
)
from host_tools.device_tests.run import MARK, FileRun
from host_tools.device_tests.vectors import STEPS, Program, Vectors, vectors
from host_tools.flash.board_files import board_files, description
from host_tools.flash.firmware import firmware
from host_tools.flash.remote import Remote, RemoteError
from host_tools.flash.unix_port import unix_port
from host_tools.proof.runtimes.variants import Plant

PROPULSION = "propulsion_pico"
STRUCTURE = "structure_pico"
NAVIGATION = "navigation_pico"


def test_every_device_test_passes_on_the_emulated_boards(tmp_path, capsys):
    junit = tmp_path / "junit.xml"
    assert device_tests.main(["--junit", str(junit)]) == 0, capsys.readouterr().out
    passed = {}
    for suite in ElementTree.parse(junit).getroot():
        cases = [case for case in suite.iter("testcase") if not list(case)]
        passed[suite.attrib["name"]] = len(cases)
    # at least as many as there were when this was written
    for name, count in {
        f"{NAVIGATION}.test_allocation_navigation": 5,
        f"{NAVIGATION}.test_clock": 3,
        f"{NAVIGATION}.test_drivers": 6,
        f"{NAVIGATION}.test_kernels": 5,
        f"{NAVIGATION}.test_kernels_bytecode": 5,
        f"{NAVIGATION}.test_kernels_native": 5,
        f"{NAVIGATION}.test_watchdog": 2,
        f"{PROPULSION}.test_allocation_propulsion": 4,
        f"{PROPULSION}.test_safe_outputs": 5,
        f"{PROPULSION}.test_valves": 6,
        f"{PROPULSION}.safe_outputs": len(safe_outputs.WAYS),
        f"{STRUCTURE}.test_allocation_structure": 4,
        f"{STRUCTURE}.safe_outputs": len(safe_outputs.WAYS),
    }.items():
        assert passed[name] >= count, name
    rows = json.loads(replays.OUT.read_text())
    assert {(row["runtime"], row["program"]): row["steps"] for row in rows} == {
        (runtime, program): steps
        for runtime in ("unfolded", "native", "bytecode")
        for program, steps in STEPS.items()
    }
    assert all(row["agree"] and row["tier"] == "emulated" for row in rows)
    hashes = {program: {row["hash"] for row in rows if row["program"] == program} for program in STEPS}
    assert all(len(each) == 1 for each in hashes.values())
    assert len(set.union(*hashes.values())) == len(STEPS)
    for board in (PROPULSION, STRUCTURE):
        dying = json.loads(safe_outputs.table_of(board).read_text())
        assert len(dying) == len(safe_outputs.WAYS)
        assert all(row["safe"] and row["time_to_off_ms"] < 100 and row["tier"] == "emulated" for row in dying)


def test_a_board_at_a_port_is_flashed_and_tested_and_its_skips_are_named(tmp_path, capsys):
    left = {"test/whole/plumbline/old.mpy": b"of another run", "test/bench.mpy": b"stale", "mine.txt": b"!"}
    with EmulatedBoard(PROPULSION, firmware().uf2, left) as board:
        options = ["--port", board.port, "--board", PROPULSION, "--junit", str(tmp_path / "junit.xml")]
        code = device_tests.main([*options, "--files", "test_clock,test_safe_outputs,test_drivers"])
        kept: list[str] = []
        look = "import os; print(os.listdir('/test') + os.listdir('/'))"
        Remote(board.port).run(["exec", look], on_line=kept.append)
    said = capsys.readouterr().out
    assert code == 0, said
    assert "propulsion_pico has no imu.rx" in said
    assert "the program that would measure ends with it" in said
    assert "8 passed, 0 failed, 4 skipped" in said
    assert "'mine.txt'" in kept[-1]
    assert "'test_clock.mpy'" in kept[-1]
    assert "'whole'" not in kept[-1]


def test_without_boot_py_a_soft_reset_leaves_valves_open_and_the_measurement_says_so():
    files = {**board_files(PROPULSION), **files_for_tests(description(PROPULSION), [], None)}
    del files["boot.py"]
    way = next(way for way in safe_outputs.WAYS if way.name == "machine.soft_reset(), unguarded")
    (row,) = safe_outputs.measure(PROPULSION, firmware().uf2, files, [way])
    assert (row.safe, row.time_to_off_ms, row.complaint) == (False, None, "outputs stay on")
    (result,) = safe_outputs.results(PROPULSION, [row]).results
    assert result.outcome == FAILED


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--files", "test_nothing"], "there is no test_nothing: choose of test_allocation_navigation,"),
        (["--board", "no_board", "--files", "test_clock"], "there is no board 'no_board'"),
        (["--port", "/dev/no-port", "--board", PROPULSION, "--files", "test_clock"], "/dev/no-port"),
        (["--port", "/dev/no-port", "--files", "test_clock"], "name the board at that port"),
    ],
)
def test_bad_input_is_one_line_and_no_report(arguments, complaint, tmp_path, capsys):
    junit = tmp_path / "junit.xml"
    junit.write_text("the last run's")
    assert device_tests.main([*arguments, "--junit", str(junit)]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
    assert not junit.exists()


# --- one file of tests, told by a board that is a list of lines ---


class Board:
    """What mpremote would print, a list of lines for each of its runs; an exception ends a run."""

    def __init__(self, *runs):
        self.runs = list(runs)
        self.programs = []

    def run(self, *commands, on_line):
        self.programs.append(commands[-1][-1])
        for line in self.runs.pop(0):
            if isinstance(line, Exception):
                raise line
            on_line(line)
        return []


def said(what, **about):
    return MARK + json.dumps({"what": what, **about})


def result(name, outcome=PASSED, why=""):
    return said(outcome, name=name, why=why, trace="", took_ms=5)


def end():
    return said("end", module="test_x")


def run(*runs):
    board = Board(*runs)
    results = FileResults("board", "test_x", "emulated")
    FileRun(board, results, {}, lambda *_: None).run()  # pyright: ignore[reportArgumentType]
    return {each.name: (each.outcome, each.why) for each in results.results}, board


def test_results_are_taken_as_the_board_reports_them():
    results, _ = run([said("run", name="a"), result("a"), "noise", result("b", SKIPPED, "no part"), end()])
    assert results == {"a": (PASSED, ""), "b": (SKIPPED, "no part")}


def test_a_file_without_a_test_is_a_failure():
    results, _ = run([end()])
    assert results == {"the_file_has_tests": (FAILED, "no test was run")}


def test_a_file_that_dies_between_tests_is_a_failure_with_its_last_line():
    results, _ = run([result("a"), "MemoryError: no"])
    assert results["the_file_runs_to_its_end"] == (FAILED, "it died: 'MemoryError: no'")


def test_a_board_that_stops_answering_fails_the_test_that_ran():
    silence = RemoteError("the board on /dev/x has stopped answering")
    results, _ = run([said("run", name="a"), result("a"), said("run", name="b"), "last words", silence])
    assert results["b"] == (FAILED, "the board on /dev/x has stopped answering, after 'last words'")
    assert results["a"][0] == PASSED


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("host_tools.device_tests.run.time.sleep", lambda _seconds: None)


def test_after_an_announced_reset_the_board_judges_and_the_other_tests_go_on(quick):
    first = [said("run", name="bites"), said("reset follows", within_ms=5, then="after_it")]
    gone = [RemoteError("the board went away")]
    results, board = run(first, gone, [result("after_it"), end()], [result("other"), end()])
    assert results == {"bites": (PASSED, ""), "other": (PASSED, "")}
    assert "'after_it'" in board.programs[2]
    assert "['bites']" in board.programs[3]


def test_a_board_that_does_not_judge_after_its_reset_has_failed(quick):
    first = [said("run", name="bites"), said("reset follows", within_ms=5, then="after_it")]
    results, _ = run(first, [end()], [end()])
    assert results == {"bites": (FAILED, "after the reset after_it did not run")}


def test_a_board_that_does_not_come_back_from_its_reset_has_failed(quick):
    first = [said("run", name="bites"), said("reset follows", within_ms=5, then="after_it")]
    results, _ = run(first, *[[RemoteError("the board went away")]] * 4)
    assert list(results.values()) == [(FAILED, "the board went away")]


def test_no_test_at_all_is_a_failure_in_the_exit_code_and_in_the_report(tmp_path):
    left_out = FileResults("board", "test_x", "board", [Result("the_whole_file", SKIPPED, "no valve.main")])
    assert not succeeded([])
    assert not succeeded([left_out])
    write_junit([], tmp_path / "junit.xml")
    assert [case.attrib["message"] for case in ElementTree.parse(tmp_path / "junit.xml").iter("failure")] == [
        "no test was run"
    ]


# --- pulses against edges ---


def judged(asked, edges):
    results = FileResults(PROPULSION, "test_valves", "emulated")
    results.said = [{"what": "pulse", "gpio": gpio, "width_us": width_us} for gpio, width_us in asked]
    judge_pulses(results, edges)
    return [(each.outcome, each.why) for each in results.results]


def pulse(gpio, begin_us, width_us):
    return [(begin_us * 1000, gpio, 1), (round((begin_us + width_us) * 1000), gpio, 0)]


def test_pulses_are_held_against_the_edges_of_their_pins():
    edges = [*pulse(6, 0, 100), *pulse(7, 50, 1_001.9), *pulse(6, 500, 200)]
    assert judged([(6, 100), (6, 200), (7, 1_000)], edges) == [(PASSED, "")]
    assert judged([(6, 100), (6, 200), (7, 999)], edges) == [(FAILED, "GPIO 7: 1001.900 us instead of 999")]
    assert judged([(6, 100), (7, 1_000)], edges) == [(FAILED, "GPIO 6: 2 pulses instead of 1")]
    assert judged([(6, 100), (6, 200), (8, 5)], edges) == [(FAILED, "GPIO 8: 0 pulses instead of 1")]


# --- the board's own unittest, on MicroPython ---

_TESTS = """
import unittest

class Tests(unittest.TestCase):
    def setUp(self):
        self.began = True

    def test_equal(self):
        self.assertEqual(1, 1)
        self.assertTrue(self.began)

    def test_not_equal(self):
        self.assertEqual(1, 2, "numbers")

    @unittest.skip("not today")
    def test_skipped(self):
        self.fail()

    @unittest.skipUnless(True, "never")
    def test_taken(self):
        with self.assertRaises(ValueError):
            int("x")

    def test_not_raised(self):
        with self.assertRaises(ValueError):
            pass

    def test_wrong_kind(self):
        self.assertRaises(ValueError, lambda: {}[1])
"""


def test_the_boards_unittest_reports_every_outcome(tmp_path):
    (tmp_path / "test_sample.py").write_text(_TESTS)
    program = f"import sys\nsys.path[:0] = [{str(TESTS)!r}, {str(tmp_path)!r}]\n"
    program += "import unittest\nunittest.run('test_sample', done=['test_equal'])\n"
    program += "unittest.run('test_sample', 'test_equal')\n"
    ended = subprocess.run([unix_port().program, "-c", program], capture_output=True, text=True, check=True)
    lines = [json.loads(line.removeprefix(MARK)) for line in ended.stdout.splitlines()]
    outcomes = {line["name"]: (line["what"], line["why"]) for line in lines if "why" in line}
    assert outcomes == {
        "test_equal": (PASSED, ""),
        "test_not_equal": (FAILED, "AssertionError: numbers: 1 is not 2"),
        "test_skipped": (SKIPPED, "not today"),
        "test_taken": (PASSED, ""),
        "test_not_raised": (FAILED, "AssertionError: ValueError was not raised"),
        "test_wrong_kind": (FAILED, "KeyError: 1"),
    }
    ends = [line for line in lines if line["what"] == "end"]
    assert [(each["passed"], each["failed"], each["skipped"]) for each in ends] == [(1, 3, 1), (1, 0, 0)]


# --- what goes onto the board ---


def test_every_device_test_file_compiles_and_says_what_it_needs():
    files = device_files()
    assert len(files) >= 8
    board = description(PROPULSION)
    content = files_for_tests(board, [file.module for file in files], None)
    assert {f"test/{file.module}.mpy" for file in files} <= set(content)
    assert "test/replayed/main.mpy" not in content


def test_the_vectors_of_the_device_are_those_of_the_five_runtimes(tmp_path):
    few = {"flight": 20, "kernels_structure_pico": 3}
    made = vectors(few)
    again = vectors(few)
    assert made == again
    assert {name for name in made.files if name.endswith(".vectors")} == {f"{name}.vectors" for name in few}
    assert [count for count, _ in made.expected.values()] == [20, 3]
    assert len(made.files["flight.checks"]) == 20 * 4
    content = files_for_tests(description(NAVIGATION), ["test_kernels"], made)
    assert content["test/vectors/flight.vectors"] == made.files["flight.vectors"]
    assert "test/replayed/main.mpy" in content
    kernel = "plumbline/kernels/modulation.mpy"
    assert f"test/unfolded/{kernel}" in content
    assert f"test/native/{kernel}" not in content


def test_a_program_of_kernels_has_those_that_fly_on_its_board_and_no_others():
    boards = ("navigation", "propulsion", "structure")
    made = vectors({f"kernels_{board}_pico": 2 for board in boards}).files
    calls = [made[f"kernels_{board}_pico.calls"].decode().splitlines() for board in boards]
    navigation, propulsion, structure = ({line.split()[0] for line in lines} for lines in calls)
    assert {"altitude", "ranging", "guidance"} <= navigation - propulsion - structure
    assert {"modulation", "valve_motion", "coil"} <= propulsion - navigation - structure
    assert {"heater", "thermistor"} <= structure - navigation - propulsion
    assert not (navigation | propulsion | structure) & {"power", "arm_supply"}  # of an ESP32


def test_each_runtime_gets_its_own_code():
    modules = list(replays.REPLAYING)
    content = files_for_tests(description(NAVIGATION), modules, Vectors({}, {}))
    kernel = "plumbline/kernels/fixed.mpy"
    native, bytecode, unfolded = (
        content[f"test/{name}/{kernel}"] for name in ("native", "bytecode", "unfolded")
    )
    # the third byte of an .mpy holds in its upper six bits the processor, 0 where no machine code is in it
    assert bytecode[2] >> 2 == 0
    assert native[2] >> 2 == unfolded[2] >> 2 > 0
    assert native != unfolded


def test_what_replays_has_a_board_of_its_own():
    files = [DeviceFile(name, ()) for name in ("test_clock", "test_kernels", "test_kernels_native", "test_x")]
    order = Order(description(NAVIGATION), files, None, lambda *_: None, dying=True)
    divided = [([file.module for file in part.files], part.dying) for part in parts(order)]
    assert divided == [
        (["test_clock", "test_x"], True),
        (["test_kernels"], False),
        (["test_kernels_native"], False),
    ]


# --- a difference in one runtime on the board ---


def test_a_planted_difference_on_the_chip_is_reported_with_runtime_step_and_slot(tmp_path, capsys):
    made = vectors(dict.fromkeys(STEPS, 2) | {"kernels_navigation_pico": 60, "kernels_propulsion_pico": 60})
    torque = "demand[_DEM_TORQUE_X_Q14 + 1 + axis]"
    plants = (
        # floor becomes truncation: for -1 the one gives -1, the other 0
        Plant("bytecode", "plumbline/kernels/attitude.py", torque + " // 9", f"int({torque} / 9)"),
        # a runtime that stops
        Plant(
            "native",
            "plumbline/kernels/modulation.py",
            "    tick = modulation[_MOD_TICK]\n",
            "    raise ValueError('planted')\n",
        ),
    )
    chosen = [DeviceFile("test_kernels_bytecode", ()), DeviceFile("test_kernels_native", ())]
    order = Order(description(NAVIGATION), chosen, made, lambda *_: None, plants=plants)
    files = [results for part in parts(order) for results in on_emulated(part, firmware().uf2)]
    assert not succeeded(files)
    replays.report(replays.rows(files), tmp_path / "rows.json")
    said = capsys.readouterr().out
    rows = {(row["runtime"], row["program"]): row for row in json.loads((tmp_path / "rows.json").read_text())}
    assert len(rows) == 2 * len(STEPS)
    truncated = rows["bytecode", "kernels_navigation_pico"]
    stopped = rows["native", "kernels_propulsion_pico"]
    assert (truncated["agree"], stopped["agree"], rows["native", "link"]["agree"]) == (False, False, True)
    slot = r"ATT_TRIM_[YZ] \(attitude\[[01]\]\) is (-?\d+), on plain CPython (-?\d+)"
    found = re.fullmatch(
        rf"bytecode differs at kernels_navigation_pico, step {truncated['steps']}, "
        rf"kernel attitude.step: {slot}",
        truncated["difference"],
    )
    assert found is not None, truncated["difference"]
    assert int(found[1]) == int(found[2]) + 1
    assert (
        stopped["difference"]
        == "native stopped at kernels_propulsion_pico, step 0, kernel modulation.step: ValueError: planted"
    )
    assert said.count(" NO\n") == sum(not row["agree"] for row in rows.values())
    assert truncated["difference"] in said
    # what agreed before that has the hash of as many steps on the host
    program = made.programs["kernels_navigation_pico"]
    agreed = Program(truncated["steps"], program.layout, program.trace)
    size = len(agreed.step(0))
    assert truncated["hash"] == hashlib.sha256(agreed.trace[: truncated["steps"] * size]).hexdigest()
    failures = [result.why for file in files for result in file.results if result.outcome == FAILED]
    assert truncated["difference"] in failures


def test_a_step_that_differs_nowhere_is_still_a_failure():
    # a step of the program writes one int32: 5 in step 0, 7 in step 1
    program = Program(2, [("a.f", "result", 1, 4)], bytes((5, 0, 0, 0, 7, 0, 0, 0)))
    results = FileResults(NAVIGATION, "test_kernels_native", "emulated")
    about = {"what": "differs", "program": "flight", "step": 1, "said": ""}
    results.said = [
        {**about, "written": b64encode(bytes((8, 0, 0, 0))).decode()},
        {**about, "written": b64encode(bytes((7, 0, 0, 0))).decode()},
    ]
    results.said += [
        {"what": "replayed", "program": "flight", "hash": program.hash},
        {"what": "replayed", "program": "flight", "hash": "another"},
    ]
    replays.judge(results, Vectors({}, {"flight": program}))
    assert [about.get("agree") for about in results.said] == [None, None, True, False]
    assert [(result.outcome, result.why) for result in results.results] == [
        (FAILED, "native differs at flight, step 1, kernel a.f: the result is 8, on plain CPython 7"),
        (FAILED, "native ends at flight, step 1, which agrees: without a word"),
    ]
