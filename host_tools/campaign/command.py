"""The commands `campaign`, `ask` and `report`.

Exit codes: 0 done, 2 bad input, 4 cut short (disk, worker, scheduler: what was stored stays, and the same
command goes on), 128 + signal when interrupted. All that is wrong is one line on standard error.
"""

import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from host_tools.campaign.tasks import Fly

DONE, BAD_INPUT, CUT_SHORT = 0, 2, 4
_NEEDS = {"campaign": ("pyarrow", "duckdb", "tomli_w"), "cluster": ("distributed",)}


def register(app: typer.Typer) -> None:
    """Adds the three commands."""
    app.command()(campaign)
    app.command()(ask)
    app.command()(report)


def _say(line: object) -> None:
    print(" ".join(str(line).split()), file=sys.stderr)


def _lacks(extra: str) -> str | None:
    """What to do about a library that is not installed, or None."""
    for name in _NEEDS[extra]:
        if importlib.util.find_spec(name) is None:
            return f"{name.replace('_', '-')} is not installed: pip install --editable '.[{extra}]'"
    return None


def campaign(
    spec: Annotated[str, typer.Argument(help="A built-in campaign's name, or the path of a TOML file.")],
    runs: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many landings.")],
    out: Annotated[Path, typer.Option(help="Folder for the store; one that was begun is gone on with.")],
    scheduler: Annotated[
        str | None, typer.Option(help="A dask.distributed cluster, as in tcp://10.0.0.1:8786.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Processes  [default: one for each processor]")
    ] = None,
) -> int:
    """Fly a landing many times over what is uncertain; goes on where it was stopped."""
    return run(spec, runs, out, scheduler, workers)


def run(
    spec: str,
    runs: int,
    out: Path,
    scheduler: str | None = None,
    workers: int | None = None,
    fly: "Fly | None" = None,
) -> int:
    """The command `campaign`; `fly` is another way to fly than flight.fly. Returns the exit code."""
    lacks = _lacks("campaign") or (_lacks("cluster") if scheduler is not None else None)
    if lacks is not None:
        _say(f"plumbline campaign: {lacks}")
        return BAD_INPUT
    from host_tools.campaign import flight
    from host_tools.campaign.cluster import NoCluster, check_address
    from host_tools.campaign.draw import DrawError
    from host_tools.campaign.fly import Hands, fly_all
    from host_tools.campaign.parquet import PartError
    from host_tools.campaign.pool import WorkerLost
    from host_tools.campaign.spec import load
    from host_tools.campaign.store import StoreError
    from host_tools.campaign.tasks import OtherProgram
    from host_tools.landing.atomic import refusal
    from host_tools.scenarios.library import ScenarioError

    try:
        chosen, scenario = load(spec)
        if scheduler is not None:
            check_address(scheduler)
        reason = refusal(out)
    except ScenarioError as error:
        _say(error)
        return BAD_INPUT
    except ValueError as error:
        _say(f"--scheduler {scheduler}: {error}")
        return BAD_INPUT
    if reason is not None:
        _say(f"--out {out}: {reason}")
        return BAD_INPUT
    hands = Hands(workers or os.cpu_count() or 1, scheduler)
    try:
        summary = fly_all(chosen, scenario, runs, out, hands, fly or flight.fly)
    except StoreError as error:
        _say(f"--out {error}")
        return BAD_INPUT
    except PartError as error:
        _say(f"--out {out}: {error}")
        return BAD_INPUT
    except DrawError as error:
        _say(f"{spec}: {error}; {_stored(out, runs)}")
        return BAD_INPUT
    except (WorkerLost, NoCluster, OtherProgram) as error:
        _say(f"{spec}: {error}; {_stored(out, runs)}")
        return CUT_SHORT
    except OSError as error:
        _say(f"--out {out}: cannot be written: {error.strerror or error}; {_stored(out, runs)}")
        return CUT_SHORT
    except KeyboardInterrupt as stop:
        _say(f"plumbline: interrupted; {_stored(out, runs)}")
        return 128 + getattr(stop, "number", signal.SIGINT)
    low, high = summary["interval"]
    print(
        f"{summary['landed']} of {summary['runs']} landed: {summary['landed'] / summary['runs']:.3%} "
        f"(95 % interval {low:.3%} to {high:.3%}), host tier, {summary['wall_s']:,.1f} s, "
        f"{summary['cpu_s']:,.1f} s of processor time; {out}"
    )
    return DONE


def _stored(out: Path, runs: int) -> str:
    """What is safe, and how to go on."""
    from host_tools.campaign.store import Store, StoreError

    try:
        have = sum(count for _, count in Store(out).stretches())
    except (OSError, StoreError):
        return "the same command goes on"
    return f"{have} of {runs} runs are stored, the same command goes on"


def ask(
    folder: Annotated[Path, typer.Argument(help="Where a campaign was flown to.")],
    sql: Annotated[str, typer.Argument(help="A question to the table `runs`.")],
) -> int:
    """Put a question in SQL to a campaign's runs."""
    lacks = _lacks("campaign")
    if lacks is not None:
        _say(f"plumbline ask: {lacks}")
        return BAD_INPUT
    from host_tools.campaign.ask import BadQuestion, answer, show
    from host_tools.campaign.parquet import PartError
    from host_tools.campaign.store import Store, StoreError

    try:
        show(answer(Store(folder).open(), sql))
    except (StoreError, PartError, BadQuestion) as error:
        _say(error)
        return BAD_INPUT
    return DONE


def report(
    folder: Annotated[Path, typer.Argument(help="Where a campaign was flown to.")],
    replay: Annotated[
        list[int] | None, typer.Option(min=0, help="Only prepare this run's replay, and print its command.")
    ] = None,
) -> int:
    """Write a campaign's page, report.html, and what replays its worst runs."""
    lacks = _lacks("campaign")
    if lacks is not None:
        _say(f"plumbline report: {lacks}")
        return BAD_INPUT
    from host_tools.campaign.draw import DrawError
    from host_tools.campaign.parquet import PartError
    from host_tools.campaign.replay import NoSuchRun, prepare
    from host_tools.campaign.report import write
    from host_tools.campaign.store import Store, StoreError

    try:
        store = Store(folder).open()
        if replay:
            for index in replay:
                print(prepare(store, index))
            return DONE
        print(f"{write(store)}: {folder}")
    except (StoreError, PartError, NoSuchRun, DrawError) as error:
        _say(error)
        return BAD_INPUT
    except OSError as error:
        _say(f"{folder}: cannot be written: {error.strerror or error}")
        return CUT_SHORT
    return DONE
