"""Campaigns by many hands: whoever flies, and whoever dies of it, the parts are the same bytes."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import campaign_flight
import dask.config
import distributed
import pytest

from host_tools.campaign import cluster
from host_tools.campaign.command import run
from host_tools.campaign.program import fingerprint
from host_tools.campaign.spec import load
from host_tools.campaign.tasks import OtherProgram, Task, do

TESTS = str(Path(__file__).parent)
RUNS = 128  # 64 parts of 2


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The parts as one process flies them."""
    out = tmp_path_factory.mktemp("alone") / "out"
    assert run("resilience_nominal", RUNS, out, workers=1, fly=campaign_flight.fly) == 0
    return parts(out)


@pytest.fixture
def hasty(monkeypatch):
    """A cluster that soon believes that a worker is dead."""
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "2s")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__RETRY__COUNT", "0")
    with dask.config.set({"distributed.comm.timeouts.connect": "2s", "distributed.comm.retry.count": 0}):
        yield


def parts(out):
    return {path.name: path.read_bytes() for path in (out / "parts").iterdir()}


def last_line(capsys):
    """The only line on standard error that is no progress."""
    lines = capsys.readouterr().err.splitlines()
    told = [line for line in lines if not re.match(r"(\w+: )?\d+ of \d+ runs", line)]
    assert len(told) == 1, lines
    return told[0]


def test_processes_give_the_same_parts_as_one(tmp_path, alone):
    assert run("resilience_nominal", RUNS, tmp_path / "out", workers=2, fly=campaign_flight.fly) == 0
    assert parts(tmp_path / "out") == alone


def test_a_killed_process_is_one_line_and_the_same_command_goes_on(tmp_path, alone, monkeypatch, capsys):
    monkeypatch.setenv(campaign_flight.DIES, str(tmp_path / "died"))
    fly = campaign_flight.fly_and_die
    assert run("resilience_nominal", RUNS, tmp_path / "out", workers=2, fly=fly) == 4
    line = last_line(capsys)
    assert "a worker process was killed" in line and "the same command goes on" in line
    assert (tmp_path / "died").exists()
    assert len(parts(tmp_path / "out")) < 64
    assert run("resilience_nominal", RUNS, tmp_path / "out", workers=2, fly=fly) == 0
    assert parts(tmp_path / "out") == alone


def test_a_cluster_that_loses_a_worker_gives_the_same_parts(tmp_path, alone, monkeypatch, hasty):
    monkeypatch.setenv(campaign_flight.DIES, str(tmp_path / "died"))
    with cast(Any, distributed).LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path),
        silence_logs=50,
    ) as local:
        code = run(
            "resilience_nominal",
            RUNS,
            tmp_path / "out",
            scheduler=local.scheduler_address,
            fly=campaign_flight.fly_and_die,
        )
    assert code == 0
    assert (tmp_path / "died").exists()
    assert parts(tmp_path / "out") == alone


@pytest.fixture
def scheduler(tmp_path, hasty):
    """A scheduler's process, and its address."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--no-dashboard", "--no-show"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.environ.get("PLUMBLINE_TEST_PATH", TESTS)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    address = next(line.split()[-1] for line in process.stderr if "Scheduler at:" in line)
    yield process, address
    process.kill()
    process.communicate()


def worker(address, tmp_path):
    """A worker's process, without a nurse that starts it again."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    return subprocess.Popen(
        [*command, "--no-dashboard", "--local-directory", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": TESTS},
        stderr=subprocess.DEVNULL,
    )


def test_a_lost_scheduler_is_one_line_and_this_machine_goes_on_alone(
    tmp_path, alone, scheduler, monkeypatch, capsys
):
    process, address = scheduler
    monkeypatch.setenv(campaign_flight.KILLS, str(process.pid))
    hand = worker(address, tmp_path)
    try:
        fly = campaign_flight.fly_and_die
        assert run("resilience_nominal", RUNS, tmp_path / "out", scheduler=address, fly=fly) == 4
    finally:
        hand.kill()
        hand.wait()
    line = last_line(capsys)
    assert f"the scheduler at {address} is lost" in line and "the same command goes on" in line
    assert run("resilience_nominal", RUNS, tmp_path / "out", workers=1, fly=campaign_flight.fly) == 0
    assert parts(tmp_path / "out") == alone


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A cluster that is started hereafter does not know the tests' modules."""
    monkeypatch.setenv("PLUMBLINE_TEST_PATH", str(tmp_path))


def test_a_cluster_without_this_program_is_said(tmp_path, elsewhere, scheduler, capsys):
    hand = worker(scheduler[1], tmp_path)
    try:
        code = run(
            "resilience_nominal", RUNS, tmp_path / "out", scheduler=scheduler[1], fly=campaign_flight.fly
        )
    finally:
        hand.kill()
        hand.wait()
    assert code == 4
    assert "does not know this program: install it there" in last_line(capsys)


def test_a_cluster_without_workers_is_said(tmp_path, scheduler, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "_FIRST_WORKER_S", 0.2)
    assert run("resilience_nominal", RUNS, tmp_path / "out", scheduler=scheduler[1]) == 4
    assert "has no workers" in last_line(capsys)


def test_nobody_at_the_address_is_one_line(tmp_path, capsys):
    assert run("resilience_nominal", RUNS, tmp_path / "out", scheduler="tcp://127.0.0.1:1") == 4
    assert "no scheduler answers at tcp://127.0.0.1:1: Connection refused" in last_line(capsys)


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://somewhere", "tcp://:1", "tcp://a:99999", ""])
def test_what_is_no_address_is_bad_input_and_nothing_is_written(tmp_path, capsys, address):
    assert run("resilience_nominal", RUNS, tmp_path / "out", scheduler=address) == 2
    assert "must be a scheduler's address" in last_line(capsys)
    assert not (tmp_path / "out").exists()


def test_a_worker_with_another_program_refuses_to_fly():
    campaign, scenario = load("resilience_nominal")
    with pytest.raises(OtherProgram, match="other sources or libraries"):
        do(Task(0, 1, campaign, scenario, "0123456789abcdef", campaign_flight.fly))
    assert do(Task(0, 1, campaign, scenario, fingerprint(), campaign_flight.fly)).count == 1
