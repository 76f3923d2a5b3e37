"""The result of a flight: what stands in its files, and that they appear whole or not at all."""

import csv
import io
import json
import math
import os
import struct

import numpy as np
import pytest
import synthetic_flight

from host_tools.landing import report
from host_tools.landing.atomic import publish, refusal
from host_tools.landing.picture import draw
from host_tools.landing.record import Moment
from host_tools.landing.summary import rows

FILES = {"landing.json", "trace.csv", "landing.png"}


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_summary_has_every_field_that_is_promised_and_is_json():
    summary = json.loads(json.dumps(report.summary(synthetic_flight.landing()), allow_nan=False))
    assert summary["scenario"] == "made_up"
    assert summary["board"] == "host"
    assert (summary["seed"], summary["voter"], summary["landed"]) == (1, "flight", True)
    assert summary["outcome"] == "Landed: stands on the Moon with its engines off."
    assert summary["touchdown"] == {
        "time_s": 750.0,
        "vertical_speed_m_s": 1.1,
        "horizontal_speed_m_s": 0.2,
        "tilt_deg": 1.4,
        "miss_distance_m": 12.0,
    }
    assert summary["propellant_left_kg"] == 38.2
    assert (summary["max_agl_error_m"], summary["max_altitude_error_m"]) == (41.0, 212.0)
    assert summary["estimate_at_zero"] is None
    assert summary["moments"][0]["name"] == "ignition"
    assert summary["overruns"] == {"navigation": 0, "propulsion": 0}


def test_what_was_never_measured_is_null_not_nan():
    record = synthetic_flight.landing()
    record.touchdown = None
    record.max_agl_error_m = math.nan
    summary = report.summary(record)
    assert summary["touchdown"] is None
    assert summary["max_agl_error_m"] is None


def test_a_flight_of_mission_1_shows_the_estimate_at_zero_some_5_km_up():
    record = synthetic_flight.crash()
    summary = report.summary(record)
    assert summary["landed"] is False
    assert summary["outcome"].startswith("Crashed: ")
    # made up: 4,900 m of altitude over the site's level when the estimate arrives at the ground
    assert summary["estimate_at_zero"]["true_agl_m"] == pytest.approx(4_900.0, abs=60.0)
    assert summary["estimate_at_zero"]["time_s"] == pytest.approx(720.0, abs=2.0)


def test_a_flight_that_ran_out_of_time_did_not_land():
    record = synthetic_flight.crash()
    record.touchdown = None
    assert record.headline.startswith("Did not land: ")


def test_the_time_that_the_agl_took_to_be_right_after_a_rim_is_measured():
    record = synthetic_flight.landing()
    time_s, true_m = record.trace["time_s"], record.trace["true_agl_m"]
    # two samples a second: a rim counts from the last one before it
    record.trace["rims_passed"] = np.searchsorted([500.0, 600.0, 700.0], time_s)
    wrong = (time_s >= 500.5) & (time_s <= 502.0)  # then right from the next sample on, 502.5 s
    wrong |= time_s >= 710.0
    record.trace["estimated_agl_m"] = np.where(wrong, true_m + 150.0, true_m + 3.0)
    first, second, third = record.rims
    assert first.settled_after_s == pytest.approx(2.5)
    assert second.settled_after_s == 0.0
    assert math.isnan(third.settled_after_s)


def test_the_trace_has_a_row_for_every_sample_and_empty_cells_for_no_reading():
    record = synthetic_flight.landing()
    text = list(csv.reader(io.StringIO(report.trace_csv(record))))
    assert text[0] == report.trace_columns(record)
    assert text[0][-4:] == ["laser_range_m", "laser_verdict", "radar_range_m", "radar_verdict"]
    assert len(text) == 1 + record.trace["time_s"].size
    first, last = (dict(zip(text[0], row, strict=True)) for row in (text[1], text[-1]))
    assert first["laser_range_m"] == "" and first["laser_verdict"] == "none"
    assert first["true_altitude_m"] == "20000.000"
    assert last["time_s"] == "750.000" and last["navigation_overruns"] == "0"


@pytest.mark.parametrize("make", [synthetic_flight.landing, synthetic_flight.crash])
def test_the_picture_is_a_png_of_1920_by_1200(make):
    picture = draw(make())
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1920, 1200)


def test_the_picture_is_drawn_without_any_reading_moment_or_estimate():
    record = synthetic_flight.landing()
    for name in record.altimeters:
        record.trace[f"{name}_range_m"][:] = math.nan
    record.trace["estimated_agl_m"][:] = math.nan
    record.moments, record.touchdown, record.landed = [], None, False
    record.title = "a $title$ with _signs_ \\ and " + "x" * 90
    assert draw(record)[:4] == b"\x89PNG"


def test_the_picture_is_drawn_of_a_flight_of_one_second():
    record = synthetic_flight.landing()
    record.trace = {key: column[:10] for key, column in record.trace.items()}
    record.moments = [Moment("ignition", 0.0)]
    assert draw(record)[:4] == b"\x89PNG"


def test_the_table_says_what_is_met_and_what_is_not():
    met = {name: good for name, _, _, good in rows(synthetic_flight.landing())}
    assert met["vertical speed"] and met["horizontal speed"] and met["tilt"] and met["propellant left"]
    met = {name: good for name, _, _, good in rows(synthetic_flight.crash())}
    assert met["vertical speed"] is False
    assert met["estimate at ground"] is False


def test_a_result_has_three_files_and_leaves_nothing_else(tmp_path):
    folder = tmp_path / "deep" / "result"
    report.write(synthetic_flight.landing(), folder)
    assert names(folder) == FILES
    assert names(folder.parent) == {"result"}
    assert json.loads((folder / "landing.json").read_text())["landed"] is True


def test_a_new_result_replaces_the_old_one_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    report.write(synthetic_flight.landing(), tmp_path)
    report.write(synthetic_flight.crash(), tmp_path)
    assert names(tmp_path) == FILES | {"notes.txt"}
    assert json.loads((tmp_path / "landing.json").read_text())["landed"] is False
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("broken", range(1, 8))
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_whatever_move_fails_the_earlier_result_is_whole(tmp_path, monkeypatch, broken, error):
    old = {"a": b"old a", "b": b"old b", "c": b"old c"}
    publish(tmp_path, old)
    replace, calls = os.replace, []

    def failing(source, target):
        calls.append(source)
        if len(calls) == broken:
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    new = dict.fromkeys(old, b"new")
    if broken == 7:  # three files go, three come: the seventh move does not exist
        publish(tmp_path, new)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == new
        return
    with pytest.raises(error):
        publish(tmp_path, new)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old


@pytest.mark.parametrize("broken", range(1, 4))
def test_a_full_disk_leaves_no_trace_of_a_new_result(tmp_path, monkeypatch, broken):
    calls = []

    def full(_file):
        calls.append(_file)
        if len(calls) == broken:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        publish(tmp_path / "new" / "result", {"a": b"1", "b": b"2", "c": b"3"})
    assert names(tmp_path) == set()


def test_the_file_that_vouches_for_the_others_goes_first_and_comes_last(tmp_path, monkeypatch):
    publish(tmp_path, {"trace": b"1", "summary": b"1"})
    replace, moves = os.replace, []

    def watched(source, target):
        moves.append((os.path.basename(source), os.path.dirname(target) == str(tmp_path)))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    publish(tmp_path, {"trace": b"2", "summary": b"2"})
    assert moves == [("summary", False), ("trace", False), ("trace", True), ("summary", True)]


def test_a_place_where_no_folder_can_be_is_refused_before_the_flight(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert refusal(tmp_path / "file") == "is a file, not a folder"
    assert "is a file, not a folder" in str(refusal(tmp_path / "file" / "below"))
    assert "is a broken link" in str(refusal(tmp_path / "link"))
    assert refusal(tmp_path / "new" / "result") is None
    assert refusal(tmp_path) is None
    assert names(tmp_path) == {"file", "link"}
