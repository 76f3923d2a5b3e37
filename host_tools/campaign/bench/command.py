"""Time our loop against Basilisk, fly one burn through both, write bench.json and bench.png. Host tier.

Exit code 0; 2 when Basilisk is missing or --out cannot be written (one line on standard error, nothing
written); 3 when the trajectories differ by more than their bounds (the files then say by how much).
"""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from host_tools.campaign.bench import basilisk, reference, replay, speed
from host_tools.campaign.bench.burn import record
from host_tools.campaign.bench.difference import BOUNDS, Difference, between
from host_tools.campaign.bench.picture import draw
from host_tools.campaign.bench.tables import show
from host_tools.landing.atomic import publish, refusal
from host_tools.scenarios.library import load

BUILD = Path(__file__).resolve().parents[3] / "build"
BAD_INPUT, APART = 2, 3
SCENARIO = "resilience_nominal"
SEED = 5  # the first landing in whose first 300 s every valve opens
BURN_S = 300.0
OURS, JUDGE, TESTED = "our world, Basilisk", "reference, Basilisk", "our world, reference"


def compare(seed: int) -> dict[str, Difference]:
    """One burn through our world, Basilisk and the reference, each pair's difference. Raises NoBasilisk."""
    burn = record(load(SCENARIO), seed, BURN_S)
    theirs, checked = replay.fly(burn), reference.fly(burn)
    return {
        OURS: between(burn.path, theirs),
        JUDGE: between(checked, theirs),
        TESTED: between(burn.path, checked),
    }


def measured(seed: int, rounds: int, console: Console) -> list[speed.Loop]:
    """Every loop with its speeds, something to look at meanwhile."""
    all_loops = speed.loops(load(SCENARIO), seed)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("warming up", total=len(all_loops) * (rounds + 1))
        for done in speed.measure(all_loops, rounds):
            progress.update(task, advance=1, description=f"after {done}")
    return all_loops


def results(all_loops: list[speed.Loop], differences: dict[str, Difference]) -> dict[str, Any]:
    """The content of bench.json."""
    best = {loop.name: loop.best for loop in all_loops}
    every = round(1.0 / (differences[OURS].time_s[1]))
    return {
        "unit": "simulated seconds per CPU second, one core, best of the rounds",
        "tier": "host",
        **best,
        "ratio_basilisk": best["ours"] / best["basilisk"],
        "ratio_basilisk_python": best["ours"] / best["basilisk_python"],
        "rounds": {loop.name: loop.speeds for loop in all_loops},
        "contains": {loop.name: loop.contains for loop in all_loops},
        "scenario": SCENARIO,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("bsk", "numba", "numpy", "plumbline")},
            "machine": platform.machine(),
        },
        "trajectory": {
            "how": replay.HOW,
            "seconds": BURN_S,
            "bounds": BOUNDS,
            "within": not differences[OURS].beyond(),
            "worst": {pair: difference.worst for pair, difference in differences.items()},
            "curves": {name: curve[::every].tolist() for name, curve in vars(differences[OURS]).items()},
        },
    }


def one_core() -> None:
    """Stay on one of the cores that this process may use, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def bench(
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Timed runs of each loop, in turns.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of the landing that is flown and replayed.")] = SEED,
    out: Annotated[
        Path, typer.Option(help="Folder for bench.json and bench.png.", show_default="build")
    ] = BUILD,
) -> None:
    """Time our closed loop against Basilisk (PyPI bsk) on one core, and check our dynamics against it.

    The same vehicle at 100 Hz in the same process: our loop with the flight code in it, Basilisk's
    dynamics alone, and Basilisk with a small Python module in its loop.

    Then 300 s of one valve schedule through our world and through Basilisk. Exit code 0; 2 when
    Basilisk is missing or OUT cannot be written; 3 when the trajectories are further apart than bounds say.
    """
    raise typer.Exit(run(rounds, seed, out))


def run(rounds: int, seed: int, out: Path) -> int:
    """The whole bench; returns the exit code."""
    reason = refusal(out)
    if reason is not None:
        return _complain(f"--out {out}: {reason}")
    console = Console(stderr=True)
    try:
        basilisk.modules()
        one_core()
        with console.status("one burn through our world, Basilisk and the reference"):
            differences = compare(seed)
        all_loops = measured(seed, rounds, console)
    except basilisk.NoBasilisk as missing:
        return _complain(str(missing))
    found = results(all_loops, differences)
    drawn = {pair: differences[pair] for pair in (OURS, JUDGE)}
    title = f"{SCENARIO}, seed {seed}: {BURN_S:g} s of identical thrust commands"
    try:
        # The numbers come last: who finds them finds the picture too.
        publish(out, {"bench.png": draw(drawn, title), "bench.json": _text(found)})
    except OSError as error:
        return _complain(f"--out {out}: cannot be written: {error.strerror or error}")
    show(found)
    print(f"{out / 'bench.json'}, {out / 'bench.png'}")
    too_far = differences[OURS].beyond()
    for line in too_far:
        print(f"{OURS}: {line}", file=sys.stderr)
    return APART if too_far else 0


def _text(found: dict[str, Any]) -> bytes:
    return (json.dumps(found, indent=1) + "\n").encode()


def _complain(line: str) -> int:
    print(line, file=sys.stderr)
    return BAD_INPUT
