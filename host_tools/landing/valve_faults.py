"""`python -m host_tools.landing.valve_faults`: a fault of each kind in each valve, and what comes of it.

    python -m host_tools.landing.valve_faults --seeds 3 --at-s 600 --at-s 800 --out build/valve_faults

Prints for each valve and kind of fault how many were found and how long that took, and how many landed;
`--healthy N` flies N landings in which nothing fails, for false alarms. Tier: host.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from host_tools.landing import atomic
from host_tools.landing.loop import fly
from host_tools.landing.progress import counting
from host_tools.scenarios.faults import HOW_MANY, Fault
from host_tools.scenarios.library import ScenarioError, load
from host_tools.scenarios.schema import Scenario

KINDS = {
    "stuck_closed": None,
    "stuck_open": None,
    "weak": 0.5,
    "leak": 0.5,
    "coil_open": None,
    "driver_closed": None,
}
TARGETS = ("main_engine", "assist_thrusters", "rcs_thrusters")
SAYS = ("valves_out", "thrust_weak", "branches_isolated", "coils_dead", "coils_driven")
HEALTHY = "none"
_ALL_BRANCHES = 255  # after landing


@dataclass(frozen=True)
class Flown:
    """One landing: what failed when, after how long propulsion said anything, and how it ended."""

    target: str
    number: int
    kind: str
    at_s: float
    seed: int
    found_s: float | None
    cut_s: float | None  # until valves were out of service
    false_alarms: int  # before anything failed
    landed: bool
    outcome: str


def fault_of(target: str, number: int, kind: str, at_s: float) -> Fault:
    """The fault as a scenario file would have it."""
    size = KINDS[kind]
    values: dict[str, object] = {"target": target, "kind": kind, "numbers": [number], "time_s": at_s}
    if size is not None:
        values["fraction"] = size
    return Fault.model_validate(values | {"source": "assumed: swept"})


def fly_one(scenario: Scenario, target: str, number: int, kind: str, at_s: float, seed: int) -> Flown:
    """One landing with this fault, or with none for a kind of HEALTHY."""
    faults = [] if kind == HEALTHY else [fault_of(target, number, kind, at_s)]
    record = fly(scenario.model_copy(update={"faults": faults}), seed)
    said = [
        (event.time_s - at_s, event.name)
        for event in record.events
        if event.name in SAYS and event.argument != _ALL_BRANCHES
    ]
    healthy = kind == HEALTHY
    after = [] if healthy else [(since_s, name) for since_s, name in said if since_s >= 0.0]
    found = min((since_s for since_s, _ in after), default=None)
    cut = min((since_s for since_s, name in after if name == "valves_out"), default=None)
    false_alarms = len(said) - len(after)
    return Flown(target, number, kind, at_s, seed, found, cut, false_alarms, record.landed, record.outcome)


def cases(at_s: list[float]) -> Iterator[tuple[str, int, str, float]]:
    """Every valve, kind of fault and time."""
    for target in TARGETS:
        for number in range(1, HOW_MANY[target] + 1):
            for kind in KINDS:
                for time_s in at_s:
                    yield target, number, kind, time_s


def table_of(flights: list[Flown]) -> Table:
    """A row for each target and kind."""
    table = Table(
        "target", "fault", "flown", "found", "median s", "longest s", "cut", "landed", "false alarms"
    )
    for target, kind in sorted({(each.target, each.kind) for each in flights}):
        some = [each for each in flights if (each.target, each.kind) == (target, kind)]
        found = [each.found_s for each in some if each.found_s is not None]
        table.add_row(
            target,
            kind,
            str(len(some)),
            str(len(found)),
            f"{median(found):.1f}" if found else "-",
            f"{max(found):.1f}" if found else "-",
            str(sum(each.cut_s is not None for each in some)),
            str(sum(each.landed for each in some)),
            str(sum(each.false_alarms for each in some)),
        )
    return table


def refuse(reason: str) -> NoReturn:
    """One line, and exit code 2."""
    typer.echo(reason, err=True)
    raise typer.Exit(2)


def main(
    name: Annotated[str, typer.Argument(help="scenario")] = "resilience_nominal",
    seeds: Annotated[int, typer.Option(min=0, help="landings of each fault")] = 1,
    at_s: Annotated[list[float] | None, typer.Option(help="when it fails; again for more times")] = None,
    healthy: Annotated[int, typer.Option(min=0, help="landings in which nothing fails")] = 0,
    only: Annotated[str | None, typer.Option(help="one target, as in rcs_thrusters")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for valve_faults.json")] = None,
) -> None:
    """Fly them all and print the table."""
    if only is not None and only not in TARGETS:
        refuse(f"--only {only}: one of {', '.join(TARGETS)}")
    reason = None if out is None else atomic.refusal(out)
    if reason:
        refuse(reason)
    try:
        scenario = load(name)
    except ScenarioError as error:
        refuse(str(error))
    todo = [
        (*case, seed)
        for case in cases(at_s or [600.0, 800.0])
        for seed in range(1, seeds + 1)
        if only in (None, case[0])
    ]
    todo += [("nothing", 0, HEALTHY, 0.0, seed) for seed in range(1, healthy + 1)]
    flights: list[Flown] = []
    with counting(len(todo), "landings") as report:
        for case in todo:
            flights.append(fly_one(scenario, *case))
            report(1, f"{case[0]} {case[1]} {case[2]}")
    Console().print(table_of(flights))
    if out is not None:
        rows = json.dumps([asdict(each) for each in flights], indent=1)
        atomic.publish(out, {"valve_faults.json": rows.encode()})


if __name__ == "__main__":
    typer.run(main)
