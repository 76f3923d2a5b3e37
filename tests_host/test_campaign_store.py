"""A campaign's folder: whatever happens to the process or the disk, no run is lost and none comes twice."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import campaign_flight
import pyarrow.parquet
import pytest

from host_tools.campaign import parquet, store
from host_tools.campaign.command import run
from host_tools.campaign.store import VERSION, Store
from host_tools.campaign.tasks import missing

DRIVER = Path(__file__).with_name("campaign_driver.py")
RUNS = 320  # 64 parts of 5


def driver(out, **told):
    """The driver's process."""
    arguments = {"spec": "resilience_nominal", "runs": RUNS, "out": str(out), "workers": 1} | told
    return subprocess.Popen(
        [sys.executable, str(DRIVER), json.dumps(arguments)], stderr=subprocess.PIPE, text=True
    )


def ended(process):
    """(exit code, the lines on standard error that are no progress)."""
    _, err = process.communicate(timeout=60)
    return process.returncode, [line for line in err.splitlines() if " runs" not in line or ";" in line]


def fly(out, runs=RUNS, **more):
    return run("resilience_nominal", runs, out, workers=1, fly=campaign_flight.fly, **more)


def parts(out):
    """Name and bytes of every part."""
    return {path.name: path.read_bytes() for path in (out / "parts").iterdir()}


def summary(out):
    """summary.json without the times."""
    whole = json.loads((out / "summary.json").read_text())
    assert whole["wall_s"] > 0.0 and whole["cpu_s"] > 0.0
    return {key: value for key, value in whole.items() if key not in ("wall_s", "cpu_s")}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The folder of a campaign that nothing happened to."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert fly(out) == 0
    return out


# manifest, then for each part its time and itself: the third replacement is that of the first part
POINTS = [
    ("replace", 1, "die before"),  # no manifest yet
    ("replace", 1, "die after"),  # the manifest, and nothing else
    ("fsync", 3, "die before"),  # a part's time is half written; two fsyncs for each file
    ("replace", 2, "die before"),  # a part is written beside its place
    ("replace", 2, "die after"),  # a part is there, its folder not yet on the disk
    ("replace", 9, "die after"),  # a time without its part
    ("replace", 300, "die before"),  # never reached: this one ends
]


def test_a_campaign_that_was_killed_at_many_points_ends_like_one_that_was_not(tmp_path, uninterrupted):
    codes = []
    for call, count, then in POINTS:
        codes.append(ended(driver(tmp_path / "out", call=call, count=count, then=then))[0])
    assert codes == [-signal.SIGKILL] * (len(POINTS) - 1) + [0]
    assert parts(tmp_path / "out") == parts(uninterrupted)
    assert summary(tmp_path / "out") == summary(uninterrupted)
    assert not list((tmp_path / "out").rglob("*.partial"))


def test_a_kill_out_of_the_blue_among_workers_loses_nothing_and_leaves_no_process(tmp_path, uninterrupted):
    process = driver(tmp_path / "out", workers=2)
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(3)]  # two twentieths of the runs are stored
    workers = [os.pidfd_open(pid) for pid in children(process.pid)]
    process.kill()
    process.wait()
    assert "flying" in lines[0] and "left" in lines[2]
    for worker in workers:  # readable when the process has ended
        assert ready(worker, 20_000)
        os.close(worker)
    stored = parts(tmp_path / "out")
    assert 0 < len(stored) < 64
    assert ended(driver(tmp_path / "out", workers=2)) == (0, [])
    assert parts(tmp_path / "out") == parts(uninterrupted)
    assert summary(tmp_path / "out") == summary(uninterrupted)


def children(pid):
    """The process's children; the kernel lists them by thread."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def ready(descriptor, within_ms):
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(within_ms))


def test_every_run_is_there_once_with_its_own_seed(uninterrupted):
    rows = parquet.table(Store(uninterrupted).open().parts, VERSION)
    assert rows["index"].to_pylist() == list(range(RUNS))
    assert len(set(rows["seed"].to_pylist())) == RUNS
    assert sum(rows["landed"].to_pylist()) == summary(uninterrupted)["landed"] < RUNS


def test_parts_are_zstd(uninterrupted):
    part = next((uninterrupted / "parts").iterdir())
    assert pyarrow.parquet.read_metadata(part).row_group(0).column(0).compression == "ZSTD"


def test_a_complete_campaign_flies_nothing_again(tmp_path, uninterrupted, capsys):
    def never(runs):
        raise AssertionError("flown again")

    before = (uninterrupted / "summary.json").stat().st_mtime_ns
    assert run("resilience_nominal", RUNS, uninterrupted, fly=never) == 0
    assert (uninterrupted / "summary.json").stat().st_mtime_ns == before


def test_a_campaign_can_be_made_longer_but_not_shorter(tmp_path, capsys):
    assert fly(tmp_path / "out", 100) == 0
    assert fly(tmp_path / "out", 250) == 0
    assert fly(tmp_path / "whole", 250) == 0
    longer, whole = (parquet.table(Store(tmp_path / name).open().parts, VERSION) for name in ("out", "whole"))
    assert longer.equals(whole)
    assert summary(tmp_path / "out") == summary(tmp_path / "whole")
    capsys.readouterr()
    assert fly(tmp_path / "out", 99) == 2
    assert "holds 250 runs, more than 99" in capsys.readouterr().err


def test_what_is_missing_is_cut_the_same_way_whatever_is_stored():
    # 320 runs in 64 parts: 5 each; a part of another length is gone around
    assert missing(320, [])[:2] == [(0, 5), (5, 5)]
    assert missing(320, [(0, 5), (7, 3)])[:3] == [(5, 2), (10, 5), (15, 5)]
    assert missing(7, [(0, 7)]) == []
    assert missing(100_000, [])[-1] == (99_750, 250)


# --- what goes wrong ------------------------------------------------------------------------------------


def test_a_full_disk_is_one_line_and_the_same_command_goes_on(tmp_path, uninterrupted):
    assert ended(driver(tmp_path / "out", call="replace", count=8, then="die before"))[0] == -signal.SIGKILL
    code, lines = ended(driver(tmp_path / "out", largest_file=1000))  # a part has some 8,000 bytes
    assert (code, len(lines)) == (4, 1)
    # the eighth replacement is that of the fourth part's time: three parts of five are there
    assert lines[0].endswith(
        "cannot be written: File too large; 15 of 320 runs are stored, the same command goes on"
    )
    code, lines = ended(driver(tmp_path / "out", call="fsync", count=3, then="fail"))
    assert (code, len(lines)) == (4, 1) and "No space left on device" in lines[0]
    assert not list((tmp_path / "out").rglob("*.partial"))
    assert ended(driver(tmp_path / "out")) == (0, [])
    assert parts(tmp_path / "out") == parts(uninterrupted)


def altered(out, change):
    """The manifest, changed."""
    path = out / "campaign.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


@pytest.fixture
def small(tmp_path):
    """A campaign of four runs."""
    assert fly(tmp_path / "out", 4) == 0
    return tmp_path / "out"


REFUSED = [
    (lambda manifest: manifest.update(store=VERSION + 1), f"a store of version {VERSION + 1}"),
    (lambda manifest: manifest["campaign"].update(seed=2), "holds another campaign (campaign.seed differs)"),
    (
        lambda manifest: manifest["scenario"]["start"].update(altitude_m=19_000.0),
        "holds another campaign (scenario.start.altitude_m differs)",
    ),
    (lambda manifest: manifest.update(program="0"), "a program with other sources or libraries"),
    (lambda manifest: manifest.pop("store"), "campaign.json: is damaged"),
]


@pytest.mark.parametrize(("change", "wanted"), REFUSED)
def test_a_store_that_is_not_this_campaigns_is_refused_in_one_line(small, capsys, change, wanted):
    altered(small, change)
    before = parts(small)
    capsys.readouterr()
    assert fly(small, 8) == 2
    err = capsys.readouterr().err
    assert wanted in err and err.count("\n") == 1
    assert parts(small) == before


def test_a_part_of_another_version_or_a_damaged_one_is_refused_before_anything_is_flown(small, capsys):
    path = sorted((small / "parts").iterdir())[0]
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    capsys.readouterr()
    assert fly(small, 8) == 2
    err = capsys.readouterr().err
    assert path.name in err and "cannot be read" in err and err.count("\n") == 1
    table = pyarrow.parquet.read_table(pyarrow.BufferReader(good))
    other = table.replace_schema_metadata({b"plumbline_store": b"99"})
    pyarrow.parquet.write_table(other, path)
    assert fly(small, 8) == 2
    assert "a part of a store of version 99" in capsys.readouterr().err
    path.unlink()
    assert fly(small, 8) == 0


def test_parts_without_a_manifest_are_not_taken_for_ours(small, capsys):
    (small / "campaign.json").unlink()
    assert fly(small, 8) == 2
    assert "without their campaign.json" in capsys.readouterr().err


def test_two_campaigns_do_not_write_to_one_folder(small, capsys):
    with (small / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        capsys.readouterr()
        assert fly(small, 8) == 2
    assert "another campaign is writing there" in capsys.readouterr().err


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, capsys):
    (tmp_path / "out").touch()
    assert fly(tmp_path / "out", 4) == 2
    assert "is a file, not a folder" in capsys.readouterr().err


def test_a_lost_time_loses_no_run(small):
    for path in (small / "times").iterdir():
        path.write_text("")
    (small / "summary.json").unlink()
    assert fly(small, 4) == 0
    assert json.loads((small / "summary.json").read_text())["runs"] == 4


def test_an_interrupt_keeps_what_is_stored(tmp_path, capsys):
    def interrupted(runs):
        if runs[0].index == 10:
            raise KeyboardInterrupt
        return campaign_flight.fly(runs)

    assert run("resilience_nominal", RUNS, tmp_path / "out", workers=1, fly=interrupted) == 130
    err = capsys.readouterr().err.splitlines()[-1]
    assert err == "plumbline: interrupted; 10 of 320 runs are stored, the same command goes on"


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store._write(tmp_path / "file", b"content")
    assert list(tmp_path.iterdir()) == []
