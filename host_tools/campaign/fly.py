"""A campaign from its specification to its summary: fly what is missing, store it, sum it up."""

import contextlib
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host_tools.campaign import cluster, flight, parquet
from host_tools.campaign.pool import in_processes
from host_tools.campaign.program import fingerprint
from host_tools.campaign.progress import watching
from host_tools.campaign.spec import Campaign
from host_tools.campaign.statistics import wilson
from host_tools.campaign.store import VERSION, Store, StoreError
from host_tools.campaign.tasks import Flown, Fly, Task, in_this_process, missing, prepare
from host_tools.scenarios.schema import Scenario


@dataclass(frozen=True)
class Hands:
    """Who flies: `workers` processes of this machine, or the cluster of `scheduler`."""

    workers: int = 1
    scheduler: str | None = None


def fly_all(
    campaign: Campaign, scenario: Scenario, runs: int, out: Path, hands: Hands, fly: Fly = flight.fly
) -> dict[str, Any]:
    """Fly what `out` lacks of `runs`; returns the summary, which is also out/summary.json.

    Whatever is raised, what was stored stays: StoreError for a folder that cannot be gone on with,
    PartError for a damaged part, OSError when it cannot be written, WorkerLost, NoCluster, OtherProgram,
    DrawError.
    """
    store = Store(out)
    with store.locked():
        program = fingerprint()
        store.begin_or_go_on(campaign, scenario, program)
        stored = store.stretches()
        have, _ = parquet.counts(store.parts, VERSION)  # a damaged part is told of before anything is flown
        if stored and sum(stored[-1]) > runs:
            raise StoreError(
                f"{out}: holds {sum(stored[-1])} runs, more than {runs}: ask for as many, or more"
            )
        todo = [Task(*stretch, campaign, scenario, program, fly) for stretch in missing(runs, stored)]
        if todo:
            _fly(store, todo, hands, campaign.name, runs, have)
        summary = sum_up(store, runs)
        if store.summary != summary:
            store.summarise(summary)
        return summary


def _fly(store: Store, todo: Sequence[Task], hands: Hands, name: str, runs: int, have: int) -> None:
    began_s, session = time.perf_counter(), uuid.uuid4().hex[:12]
    with watching(name, runs, have) as report, _flying(todo, hands) as parts:
        for flown in parts:
            store.add(flown, session, time.perf_counter() - began_s)
            report(flown.count)


@contextlib.contextmanager
def _flying(todo: Sequence[Task], hands: Hands) -> Iterator[Iterator[Flown]]:
    """The tasks as they are done; whoever flies them is sent home in the end."""
    if hands.scheduler is not None:
        with cluster.connected(hands.scheduler) as client:
            yield cluster.on_cluster(client, todo)
        return
    workers = min(hands.workers, len(todo))
    if workers <= 1:
        yield in_this_process(todo)
        return
    prepare(todo[0])
    with contextlib.closing(in_processes(todo, workers)) as parts:
        yield parts


def sum_up(store: Store, runs: int) -> dict[str, Any]:
    """What summary.json holds: shares of all runs; times as documented in host_tools/campaign/README.md."""
    count, good = parquet.counts(store.parts, VERSION)
    if count != runs:
        raise StoreError(f"{store.folder}: holds {count} rows for {runs} runs: a part is damaged")
    sessions: dict[str, float] = {}
    times = store.times()
    for took in times:
        sessions[took["session"]] = max(sessions.get(took["session"], 0.0), took["wall_s"])
    return {
        "campaign": store.campaign.name,
        "scenario": store.scenario.name,
        "tier": "host",
        "runs": count,
        "landed": good,
        "interval": list(wilson(good, count)),
        "wall_s": round(sum(sessions.values()), 3),
        "cpu_s": round(sum(took["cpu_s"] for took in times), 3),
        "program": store.program,
    }
