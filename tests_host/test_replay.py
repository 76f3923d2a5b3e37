"""Recorded readings through the flight code: a flight votes again as it did, wrong files say where."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools.landing.loop import fly
from host_tools.replay import command
from host_tools.replay.board import ReplayBoard, sensors
from host_tools.replay.columns import COLUMNS, HEADER
from host_tools.replay.readings import Reading, ReadingsError, read
from host_tools.replay.recorder import Recorder
from host_tools.replay.votes import votes
from host_tools.scenarios.library import load
from plumbline.kernels import slots as s

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = "hakuto_r_mission_1"
SEED = 4


@pytest.fixture
def run(run, monkeypatch, tmp_path):
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return run


class Witness:
    """What the flight's navigation board held after each tick."""

    def __init__(self) -> None:
        self.digests: list[bytes] = []
        self.inertial: list[tuple[float, ...]] = []
        self.agl_mm: list[int] = []
        self.acquired: list[bool] = []

    def look(self, navigation) -> None:
        estimate, vote = navigation.estimate, navigation.vote
        held = bytes(estimate) + bytes(vote) + bytes(navigation.state)
        self.digests.append(hashlib.sha256(held).digest()[:8])
        self.agl_mm.append(estimate[s.EST_AGL_MM])
        self.acquired.append(vote[s.VOT_ACQUIRED] == 1)
        self.inertial.append(
            (
                estimate[s.EST_ALTITUDE_MM] / 1e3,
                estimate[s.EST_DOWNRANGE_MM] / 1e3,
                *(estimate[s.EST_VELOCITY_UP_Q8 + i] / 256e3 for i in range(3)),
                *(estimate[s.EST_Q0 + i] / 2**29 for i in range(4)),
            )
        )


@pytest.fixture(scope="module")
def flight(tmp_path_factory):
    """Mission 1 with its rim, recorded: (file, what the flight held)."""
    recorder, witness = Recorder(), Witness()

    def look(lander) -> None:
        recorder.look(lander)
        witness.look(lander.navigation)

    record = fly(load(SCENARIO), SEED, onlooker=look)
    assert record.landed
    path = tmp_path_factory.mktemp("flight") / "readings.csv"
    path.write_bytes(recorder.content())
    return path, witness


def readings_of(path: Path, vehicle) -> list[Reading]:
    return list(read(path, sensors(vehicle)))


# --- the round trip ----------------------------------------------------------------------------


def test_a_recorded_flight_replays_bit_for_bit(flight):
    """Estimate, vote and inertial state after each tick of a landing past a rim: the same bits."""
    path, flown = flight
    vehicle = load(SCENARIO).vehicle
    replayed = Witness()
    by_tick: dict[int, list[Reading]] = {}
    for reading in readings_of(path, vehicle):
        by_tick.setdefault(reading.tick, []).append(reading)
    board = ReplayBoard(vehicle, 1)
    for tick in range(1, max(by_tick) + 1):
        board.tick(by_tick.get(tick, []))
        replayed.look(board.navigation)
    assert len(replayed.digests) == len(flown.digests) > 70_000
    wrong = [
        i for i, pair in enumerate(zip(replayed.digests, flown.digests, strict=True)) if pair[0] != pair[1]
    ]
    assert not wrong, f"{len(wrong)} ticks differ, the first one {wrong[0]}"
    assert flown.digests[30_000] != flown.digests[30_001]


def test_the_votes_of_a_replay_are_those_of_every_tick(flight):
    path, flown = flight
    vehicle = load(SCENARIO).vehicle
    given = list(votes(readings_of(path, vehicle), vehicle))
    assert [vote.tick for vote in given] == list(range(1, len(flown.agl_mm) + 1))
    assert [vote.agl_mm for vote in given] == flown.agl_mm
    assert [vote.acquired for vote in given] == flown.acquired
    assert any(vote.steps for vote in given)


def test_without_a_reading_the_replay_differs(flight):
    """The comparison above can fail: one range less, and the bits are others."""
    path, flown = flight
    vehicle = load(SCENARIO).vehicle
    readings = readings_of(path, vehicle)
    gone = next(i for i, reading in enumerate(readings) if i > 50_000 and "range_m" in reading.values)
    given = list(votes(readings[:gone] + readings[gone + 1 :], vehicle))
    assert [vote.agl_mm for vote in given] != flown.agl_mm


def test_ready_made_velocities_give_nearly_the_same_height_as_increments(flight, tmp_path):
    """The same ranges, and the flight's own state at 10 Hz instead of the inertial unit.

    Between two rows the speed is held: at 4 m/s2 it is wrong by 0.4 m/s at most, which is less in a tenth
    of a second than a laser's noise.
    """
    path, flown = flight
    names = ("altitude_m", "downrange_m", "up_m_s", "downrange_m_s", "crossrange_m_s", "q0", "q1", "q2", "q3")
    lines = [",".join(("time_s", "sensor", *names, "range_m", "age_ms", "beam_cos", "beam_sin"))]
    vehicle = load(SCENARIO).vehicle
    for reading in readings_of(path, vehicle):
        if reading.sensor == "imu" and reading.tick % 10 == 0:
            state = (f"{value:.6f}" for value in flown.inertial[reading.tick - 1])
            lines.append(f"{reading.time_s:.2f},inertial,{','.join(state)},,,,")
        elif "range_m" in reading.values:
            values = reading.values
            beam = f"{values['age_ms']:.0f},{values['beam_cos']:.6f},{values['beam_sin']:.6f}"
            lines.append(f"{reading.time_s:.2f},{reading.sensor},,,,,,,,,,{values['range_m']:.3f},{beam}")
    made = tmp_path / "ready_made.csv"
    made.write_text("\n".join(lines) + "\n")
    given = list(votes(readings_of(made, vehicle), vehicle))
    apart = [
        abs(vote.agl_mm - flown.agl_mm[vote.tick - 1]) / max(10_000, abs(flown.agl_mm[vote.tick - 1]))
        for vote in given
        if vote.acquired and flown.acquired[vote.tick - 1]
    ]
    assert len(apart) > 50_000
    assert sum(share < 0.002 for share in apart) > 0.98 * len(apart)
    assert max(apart) < 0.6  # a rim may be taken a reading earlier or later


# --- small made-up files -----------------------------------------------------------------------


def descent(seconds: float = 20.0, sink_m_s: float = 10.0, every_s: float = 0.1) -> list[str]:
    """A lander that sinks evenly over level ground, its laser 1.2 m above the footpads, 6 ms late."""
    lines = ["time_s,sensor,altitude_m,up_m_s,downrange_m_s,crossrange_m_s,range_m"]
    for i in range(round(seconds / every_s)):
        time_s = 100.0 + i * every_s
        height_m = 1000.0 - sink_m_s * i * every_s
        lines.append(f"{time_s:.3f},inertial,{height_m:.3f},{-sink_m_s},0,0,")
        lines.append(f"{time_s:.3f},laser,,,,,{height_m + 1.2 + 0.006 * sink_m_s:.3f}")
    return lines


def write(path: Path, lines: list[str], end: str = "\n") -> Path:
    path.write_text(end.join(lines) + end, encoding="utf-8")
    return path


def test_a_simple_file_gives_the_height_that_it_was_made_from(tmp_path):
    vehicle = load(SCENARIO).vehicle
    given = list(votes(readings_of(write(tmp_path / "r.csv", descent()), vehicle), vehicle))
    assert given[0].tick == 10_000 and given[-1].tick == 10_000 + 1990
    assert not given[0].acquired
    for vote in given[100:]:
        truth_m = 1000.0 - 10.0 * (vote.tick - 10_000) / 100
        assert vote.agl_valid
        assert vote.agl_mm / 1e3 == pytest.approx(truth_m, abs=0.3)  # cosines of 14 bits, 1.2e-4 of 1 km
        assert vote.verdicts[0] == 1


def test_the_file_of_votes_has_a_line_for_each_tick_and_words_for_verdicts(run, tmp_path):
    write(tmp_path / "r.csv", descent(2.0))
    code, out, err = run("replay", "r.csv", "--vehicle", "resilience", "--out", "votes.csv")
    assert code == 0, err
    lines = (tmp_path / "votes.csv").read_text().splitlines()
    assert lines[0] == (
        "time_s,agl_m,agl_valid,laser_verdict,radar_verdict,terrain_steps,terrain_step_m,protection_m,flags"
    )
    assert len(lines) == 1 + 191
    assert lines[1].startswith("100.00,,0,")
    *cells, protection_m, flags = lines[-1].split(",")
    time_s, agl_m, valid, laser, radar, steps, step_m = cells
    assert (time_s, valid, laser, radar, steps, step_m) == ("101.90", "1", "accepted", "none", "0", "")
    assert float(agl_m) == pytest.approx(981.0, abs=0.3)
    # half a metre, four sigma of the laser, some ground: nothing is wrong
    assert 0.5 < float(protection_m) < 50.0
    assert flags == ""
    # flags are looked at every 40 ms, and before the third reading there is no range
    assert any("no_range" in line for line in lines[1:20])
    assert "2 s replayed" in out and "laser: accepted" in out


def test_progress_goes_to_standard_error_as_plain_lines_when_it_is_no_terminal(run, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_LINE_EVERY_S", 0.0)
    write(tmp_path / "r.csv", descent(1.0))
    code, _, err = run("replay", "r.csv", "--vehicle", "resilience", "--out", "v.csv")
    lines = err.splitlines()
    assert code == 0
    assert len(lines) == 21  # one for each row
    assert lines[-1] == "r.csv: 100 %"


def test_quiet_says_nothing(run, tmp_path):
    write(tmp_path / "r.csv", descent(1.0))
    assert run("replay", "r.csv", "--vehicle", "resilience", "--out", "v.csv", "--quiet") == (0, "", "")
    assert (tmp_path / "v.csv").exists()


def test_a_file_as_a_spreadsheet_writes_it_is_read_too(tmp_path):
    """Byte order mark, CR LF, spaces and quotes around cells, empty rows, columns in another order."""
    vehicle = load(SCENARIO).vehicle
    plain = readings_of(write(tmp_path / "plain.csv", descent(1.0)), vehicle)
    order = [6, 1, 0, 3, 2, 5, 4]
    lines = []
    for line in descent(1.0):
        cells = line.split(",")
        lines.append(",".join(f'" {cells[i]}"' if cells[i] else "" for i in order))
    lines[3:3] = ["", ",,,,,,"]
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert [(r.tick, r.sensor, r.values) for r in readings_of(odd, vehicle)] == [
        (r.tick, r.sensor, r.values) for r in plain
    ]


@pytest.mark.parametrize(("time_s", "tick"), [(0.01, 1), (0.01005, 2), (0.011, 2), (0.02, 2), (7.33, 733)])
def test_a_reading_belongs_to_the_first_tick_that_begins_after_it(tmp_path, time_s, tick):
    lines = ["time_s,sensor,altitude_m,up_m_s,downrange_m_s,crossrange_m_s", f"{time_s},inertial,9,0,0,0"]
    path = write(tmp_path / "r.csv", [*lines, f"{time_s},laser,,,,"])
    assert readings_of(path, load(SCENARIO).vehicle)[0].tick == tick


def test_the_flags_and_columns_of_an_altimeter_reach_its_readings():
    vehicle = load(SCENARIO).vehicle
    board = ReplayBoard(vehicle, 1)
    values = {"range_m": 1234.567, "age_ms": 20.0, "beam_cos": 0.8, "beam_sin": -0.6}
    values |= {"velocity_x_m_s": 1.5, "velocity_y_m_s": -2.25, "velocity_z_m_s": 0.001}
    board.tick([Reading(2, 0.01, 1, "radar", values, flags=4)])
    # status: range valid 1, self-test failed 4, velocity valid 8; cosines * 2^14
    assert list(board.navigation.radar.readings)[:9] == [1, 13, 1_234_567, 20, 13107, -9830, 1500, -2250, 1]
    assert list(board.navigation.laser.readings)[:2] == [0, 0]


def test_the_readme_names_every_column():
    text = (ROOT / "host_tools" / "replay" / "README.md").read_text()
    for name in HEADER:
        stem = name.replace("_y_", "_x_").replace("_z_", "_x_")
        assert f"`{name}`" in text or f"`{stem}`" in text, name
    for name in COLUMNS:
        assert name in HEADER


def test_the_example_in_the_readme_replays(tmp_path):
    text = (ROOT / "host_tools" / "replay" / "README.md").read_text()
    blocks = [block.split("```")[0] for block in text.split("```csv\n")[1:]]
    assert len(blocks) == 2
    vehicle = load(SCENARIO).vehicle
    for block in blocks:
        path = tmp_path / "example.csv"
        path.write_text(block)
        assert list(votes(readings_of(path, vehicle), vehicle))


# --- wrong files -------------------------------------------------------------------------------

INERTIAL = "time_s,sensor,altitude_m,up_m_s,downrange_m_s,crossrange_m_s,range_m,q0,q1,q2,q3"
START = "1,inertial,1000,-1,0,0,,,,,"
RANGE = "1.1,laser,,,,,1000,,,,"
ANGLES = "delta_angle_x_deg,delta_angle_y_deg,delta_angle_z_deg"
KICKS = "delta_velocity_x_m_s,delta_velocity_y_m_s,delta_velocity_z_m_s"
IMU = f"time_s,sensor,altitude_m,up_m_s,downrange_m_s,crossrange_m_s,samples,{ANGLES},{KICKS},range_m,flags"
IMU_START = "1,initial,1000,-1,0,0,,,,,,,,,"
SAMPLE = "1,imu,,,,,5,0,0,0,0,0,0,,"
IMU_RANGE = "1.1,laser,,,,,,,,,,,,1000,"

WRONG = [
    ([], "row 1: the column time_s is missing"),
    (["time_s,range_m", "1,2"], "row 1: the column sensor is missing"),
    (["time_s,sensor,rnage_m"], "row 1: there is no column 'rnage_m'; did you mean range_m?"),
    (["time_s,sensor,range_m,range_m"], "row 1: the column range_m is there twice"),
    ([INERTIAL, START, "1.1,laser,,,,,1000"], "row 3: has 7 cells, the header has 11"),
    ([INERTIAL, START, "1.1,sonar,,,,,1000,,,,"], "row 3: there is no sensor 'sonar': one of initial, imu,"),
    ([INERTIAL, START, "1.1,,,,,,1000,,,,"], "row 3: sensor is empty"),
    ([INERTIAL, START, "soon,laser,,,,,1000,,,,"], "row 3: time_s: must be a number (got 'soon')"),
    ([INERTIAL, START, "nan,laser,,,,,1000,,,,"], "row 3: time_s: must be 0 to 1e+10 (got nan)"),
    ([INERTIAL, START, "1.1,laser,,,,,1_000,,,,"], "row 3: range_m: must be a number (got '1_000')"),
    ([INERTIAL, START, "1.1,laser,,,,,inf,,,,"], "row 3: range_m: must be 0 to 536000 (got inf)"),
    ([INERTIAL, START, "1.1,laser,,,,,-3,,,,"], "row 3: range_m: must be 0 to 536000 (got -3)"),
    ([INERTIAL, START, "1.1,laser,,5,,,1000,,,,"], "row 3: up_m_s does not belong into a row of laser"),
    ([INERTIAL, START, RANGE, "1.05,laser,,,,,1000,,,,"], "row 4: time_s: 0.05 s before the row above"),
    (
        [INERTIAL, START, "1100,laser,,,,,1000,,,,"],
        "row 3: time_s: 1099 s after the row above; is it in seconds?",
    ),
    ([INERTIAL, "1,inertial,1000,,0,0,,,,,"], "row 2: up_m_s is empty"),
    ([INERTIAL, "1,inertial,,-1,0,0,,,,,"], "row 2: altitude_m is empty in the first row of inertial"),
    ([INERTIAL, "1,inertial,1000,-1,0,0,,1,0,0,"], "row 2: q3 is empty, but not q0, q1, q2"),
    (
        [INERTIAL, "1,inertial,1000,-1,0,0,,1,1,0,0"],
        "row 2: q0, q1, q2, q3: must have the length 1 (got 1.414)",
    ),
    ([INERTIAL, RANGE], "row 2: an altimeter before the first row of initial or inertial"),
    ([INERTIAL, START], "has no row of an altimeter"),
    ([INERTIAL], "has no row of initial, and none of inertial either"),
    ([INERTIAL, "1,initial,1000,-1,0,0,,,,,", RANGE], "has no row of imu, and none of inertial either"),
    ([IMU, SAMPLE, IMU_RANGE], "has no row of initial, and none of inertial either"),
    ([IMU, IMU_START, IMU_START], "row 3: a second initial state; the first is in row 2"),
    ([IMU, IMU_START, "1,inertial,1000,-1,0,0,,,,,,,,,"], "row 3: inertial does not go with initial (row 2)"),
    (
        [INERTIAL + ",samples", START + ",", "1,imu,,,,,,,,,,0"],
        "row 3: imu does not go with inertial (row 2)",
    ),
    ([IMU, "1,imu,,,,,,0,0,0,0,0,0,,"], "row 2: samples is empty"),
    ([IMU, "1,imu,,,,,2.5,0,0,0,0,0,0,,"], "row 2: samples: must be a whole number (got 2.5)"),
    ([IMU, "1,imu,,,,,5,0,,0,0,0,0,,"], "row 2: delta_angle_y_deg is empty"),
    ([IMU, "1,imu,,,,,5,0,0,0,0,0,11,,"], "row 2: delta_velocity_z_m_s: must be within 2 a sample (got 11)"),
    ([IMU, *[SAMPLE] * 8], "row 9: samples: 40 in one tick of 10 ms, more than 37"),
    ([IMU, IMU_START, SAMPLE, IMU_RANGE[:-1] + ",tired"], "row 4: flags: 'tired' is none of an altimeter's"),
    ([IMU, "1,imu,,,,,5,0,0,0,0,0,0,,weak"], "row 2: flags: 'weak' is none of an altimeter's"),
    ([INERTIAL, START, '1.1,"laser,,,,,1000,,,,'], "row 3: "),
    (
        [INERTIAL + ",beam_cos,beam_sin", START + ",,", RANGE + ",0.5,0.4"],
        "row 3: beam_cos, beam_sin: must have a length from 0.7 to 1 (got 0.640)",
    ),
]


def test_a_beam_that_a_roll_has_shortened_is_taken(run, tmp_path):
    # steered to the vertical in the pitch plane, while the lander leans 15 degrees out of it: cos 15 is 0.966
    lines = [INERTIAL + ",beam_cos,beam_sin", START + ",,", RANGE + ",0.966,0"]
    write(tmp_path / "r.csv", lines)
    code, _, err = run("replay", "r.csv", "--vehicle", "resilience", "--out", "votes.csv")
    assert (code, err) == (0, "")
    assert (tmp_path / "votes.csv").is_file()


@pytest.mark.parametrize(("lines", "wanted"), WRONG)
def test_a_wrong_file_is_one_line_with_the_row_exit_code_2_and_nothing_written(run, tmp_path, lines, wanted):
    write(tmp_path / "r.csv", lines)
    code, out, err = run("replay", "r.csv", "--vehicle", "resilience", "--out", "votes.csv")
    assert (code, out) == (2, "")
    assert err.startswith(f"r.csv: {wanted}"), err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def test_a_mistake_at_the_end_leaves_earlier_votes_as_they_were(run, tmp_path):
    write(tmp_path / "r.csv", [*descent(1.0), "102,laser,,,,,far"])
    (tmp_path / "votes.csv").write_text("of yesterday")
    code, _, err = run("replay", "r.csv", "--vehicle", "resilience", "--out", "votes.csv")
    assert (code, err) == (2, "r.csv: row 22: range_m: must be a number (got 'far')\n")
    assert (tmp_path / "votes.csv").read_text() == "of yesterday"


def test_what_is_no_text_or_no_file_is_one_line_too(run, tmp_path):
    (tmp_path / "binary.csv").write_bytes(b"time_s,sensor\n\xff\xfe\x00")
    (tmp_path / "folder.csv").mkdir()
    for name, wanted in (
        ("binary.csv", "binary.csv: is not UTF-8 text\n"),
        ("missing.csv", "missing.csv: cannot be read: No such file or directory\n"),
        ("folder.csv", "folder.csv: cannot be read: Is a directory\n"),
    ):
        assert run("replay", name, "--vehicle", "resilience", "--out", "v.csv") == (2, "", wanted)


def test_options_that_cannot_be_are_refused_before_anything_is_read(run, tmp_path):
    write(tmp_path / "r.csv", descent(1.0))
    (tmp_path / "folder").mkdir()
    known = "no vehicle 'eagle': neither built in"
    for vehicle, out, wanted in (
        ("eagle", "v.csv", f"--vehicle: {known}"),
        ("resilience", "folder", "--out folder: is a folder, not a file"),
        ("resilience", "r.csv", "--out r.csv: is the file of readings itself"),
        ("resilience", "r.csv/v.csv", "--out r.csv/v.csv: r.csv is a file, not a folder"),
    ):
        code, _, err = run("replay", "r.csv", "--vehicle", vehicle, "--out", out)
        assert code == 2
        assert err.startswith(wanted) and err.count("\n") == 1, err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "r.csv"]


def test_a_vehicle_of_ones_own_names_its_altimeters_itself(run, tmp_path):
    own = (ROOT / "host_tools" / "scenarios" / "vehicles" / "resilience.toml").read_text()
    (tmp_path / "own.toml").write_text(own.replace('kind = "laser"', 'kind = "laser"\nname = "lidar"'))
    write(tmp_path / "r.csv", [line.replace("laser", "lidar") for line in descent(1.0)])
    code, _, err = run("replay", "r.csv", "--vehicle", "own.toml", "--out", "v.csv")
    assert code == 0, err
    assert "lidar_verdict,radar_verdict" in (tmp_path / "v.csv").read_text()


def test_reading_stops_at_the_first_mistake():
    with pytest.raises(ReadingsError, match="cannot be read"):
        next(read(Path("nowhere.csv"), ("laser",)))


# --- the command -------------------------------------------------------------------------------


def test_a_recorded_landing_can_be_replayed_from_the_shell(tmp_path):
    """30 s of flight end before the first range: a laser that answers without an echo is a reading, too."""
    text = (ROOT / "host_tools" / "scenarios" / "resilience_nominal.toml").read_text()
    (tmp_path / "short.toml").write_text(text.replace("time_limit_s = 1500", "time_limit_s = 60"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def plumbline(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "host_tools.cli", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True)

    flown = plumbline("land", "short.toml", "--record", "r.csv", "--out", "flight", "--quiet")
    assert flown.returncode == 1, flown.stderr  # it was still flying
    done = plumbline("replay", "r.csv", "--vehicle", "resilience", "--out", "votes.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("60 s replayed: height above ground valid for 0 s")
    assert len((tmp_path / "votes.csv").read_text().splitlines()) == 1 + 6000
    assert "\x1b" not in done.stdout + done.stderr


def test_readings_are_recorded_on_the_host_board_only(run):
    code, _, err = run("land", "resilience_nominal", "--board", "emulated", "--record", "r.csv")
    assert (code, err) == (2, "--record: readings are recorded on the host board only\n")


def test_an_impossible_place_for_the_record_is_refused_before_the_flight(run, tmp_path):
    code, _, err = run("land", "resilience_nominal", "--record", ".")
    assert (code, err) == (2, "--record .: is a folder, not a file\n")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replay_writes_nothing(run, tmp_path, monkeypatch):
    def tick(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(ReplayBoard, "tick", tick)
    write(tmp_path / "r.csv", descent(1.0))
    code, out, err = run("replay", "r.csv", "--vehicle", "resilience", "--out", "v.csv")
    assert (code, out, err) == (130, "", "plumbline: interrupted, nothing written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]
