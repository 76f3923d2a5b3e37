"""`python -m host_tools.landing.valve_faults`: a fault of each kind in each valve, and what comes of it.

    python -m host_tools.landing.valve_faults --seeds 8 --out build/valve_faults
    python -m host_tools.landing.valve_faults --only none --seeds 100 athena

Prints for each group of valves, kind of fault and moment how many were found, how soon, and how many landed;
`none` are landings in which nothing fails, for false alarms. Flown abreast: bit for bit those of `plumbline
land`. Tier: host.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any, NoReturn

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from host_tools.campaign.batch import flies_abreast, fly_worlds
from host_tools.campaign.rows import outcome
from host_tools.campaign.setting import Setting
from host_tools.landing import atomic
from host_tools.landing.page_table import put_between
from host_tools.landing.progress import counting
from host_tools.scenarios.faults import Fault
from host_tools.scenarios.library import ScenarioError, load
from host_tools.scenarios.schema import Scenario
from host_tools.world.lanes import LANES
from host_tools.world.world import World

KINDS = {"stuck_closed": None, "stuck_open": None, "weak": 0.5, "leak": 0.5}
HEALTHY = "none"
MARKS = ("<!-- valve faults: begin -->", "<!-- valve faults: end -->")
# RESILIENCE brakes in the first two; the last metre is not judged
MOMENTS: dict[str, dict[str, float]] = {
    "after 30 s": {"time_s": 30.0},
    "after 600 s": {"time_s": 600.0},
    "at 2 km": {"at_agl_m": 2000.0},
    "at 100 m": {"at_agl_m": 100.0},
}
FIRST_VALVE = {"main_engine": 0, "assist_thrusters": 1, "rcs_thrusters": 7}
# which valves a row of the table is about: jets 1 to 4 turn about y and z, 5 to 8 about x
GROUPS: dict[str, tuple[str, Sequence[int]]] = {
    "main engine": ("main_engine", (1,)),
    "assist thrusters": ("assist_thrusters", range(1, 7)),
    "jets about y, z": ("rcs_thrusters", range(1, 5)),
    "jets about x": ("rcs_thrusters", range(5, 9)),
}


@dataclass(frozen=True)
class Case:
    """What fails: group of valves, number in its target, kind of fault and moment."""

    group: str
    number: int
    kind: str
    moment: str

    @property
    def valve(self) -> int:
        """Its number among all fifteen."""
        return FIRST_VALVE[GROUPS[self.group][0]] + self.number - 1

    def fault(self) -> Fault:
        """As a scenario file would have it."""
        target, size = GROUPS[self.group][0], KINDS[self.kind]
        values: dict[str, Any] = {"target": target, "kind": self.kind, "numbers": [self.number]}
        if size is not None:
            values["fraction"] = size
        return Fault.model_validate(values | MOMENTS[self.moment] | {"source": "assumed: swept"})


NOTHING = Case("nothing", 0, HEALTHY, "never")


@dataclass(frozen=True)
class Flown:
    """One landing: how long after the fault propulsion said anything, and how it ended.

    found_s, cut_s: until anything was told of valves, and until some were put out of service; None for never.
    early: something was told before anything had failed. out, weak: HEA_OUT and HEA_WEAK at the end.
    """

    case: Case
    seed: int
    found_s: float | None
    cut_s: float | None
    early: bool
    out: int
    weak: int
    landed: bool
    outcome: str


def cases(only: str | None = None) -> Iterator[Case]:
    """Every valve, kind of fault and moment; only: of one group, or HEALTHY."""
    if only == HEALTHY:
        yield NOTHING
        return
    for group, (_, numbers) in GROUPS.items():
        if only not in (None, group):
            continue
        for kind in KINDS:
            for moment in MOMENTS:
                for number in numbers:
                    yield Case(group, number, kind, moment)


def fly_cases(scenario: Scenario, todo: Sequence[tuple[Case, int]]) -> list[Flown]:
    """Landings of (what fails, seed), up to LANES of them, which fly abreast."""
    worlds = [
        World(scenario.model_copy(update={"faults": [] if case is NOTHING else [case.fault()]}), seed)
        for case, seed in todo
    ]
    setting = Setting.of(World(scenario.model_copy(update={"faults": []}), todo[0][1]))
    rows = fly_worlds(worlds, [setting] * len(worlds), [seed for _, seed in todo])
    return [
        judged(case, seed, world, row) for (case, seed), world, row in zip(todo, worlds, rows, strict=True)
    ]


def judged(case: Case, seed: int, world: World, row: NDArray[np.void]) -> Flown:
    """What became of one landing."""
    began_us = -1 if world.faults is None else world.faults.all[0].began_us
    began_s = 1e-6 * began_us if began_us >= 0 else math.inf

    def since(at_s: float) -> float | None:
        return round(at_s - began_s, 2) if at_s >= began_s else None

    told_s, out_s = float(row["valves_told_s"]), float(row["valves_out_s"])
    said = outcome(row, world.scenario)
    told = since(told_s), since(out_s), told_s < began_s, int(row["valves_out"]), int(row["valves_weak"])
    return Flown(case, seed, *told, bool(row["landed"]), said)


def table_of(flights: Sequence[Flown]) -> Table:
    """A row for each group, kind and moment."""
    what, counted = ("valves", "fault", "when"), ("put out", "landed", "early")
    table = Table(*what, "flown", "found", "median s", "longest s", *counted)
    keys = dict.fromkeys((each.case.group, each.case.kind, each.case.moment) for each in flights)
    for key in keys:
        some = [each for each in flights if (each.case.group, each.case.kind, each.case.moment) == key]
        found = [each.found_s for each in some if each.found_s is not None]
        table.add_row(
            *key,
            str(len(some)),
            str(len(found)),
            f"{median(found):.1f}" if found else "-",
            f"{max(found):.1f}" if found else "-",
            str(sum(each.cut_s is not None for each in some)),
            str(sum(each.landed for each in some)),
            str(sum(each.early for each in some)),
        )
    return table


def page_of(flights: Sequence[Flown], scenario: str) -> str:
    """The same without the moments, as Markdown."""
    lines = [
        "| valves | fault | flown | found | half of them within, s | something put out | landed |",
        "|---|---|---|---|---|---|---|",
    ]
    for group, kind in dict.fromkeys((each.case.group, each.case.kind) for each in flights):
        some = [each for each in flights if (each.case.group, each.case.kind) == (group, kind)]
        found = [each.found_s for each in some if each.found_s is not None]
        half = f"{median(found):.1f}" if found else "-"
        out, landed = sum(each.cut_s is not None for each in some), sum(each.landed for each in some)
        lines.append(f"| {group} | {kind} | {len(some)} | {len(found)} | {half} | {out} | {landed} |")
    landed, found_all = sum(e.landed for e in flights), sum(e.found_s is not None for e in flights)
    seeds = len({each.seed for each in flights})
    return "\n".join(
        [*lines, "", f"Host tier, `{scenario}`, each valve, kind and moment with {seeds} seeds: {landed} of "
         f"{len(flights)} landed, {found_all} were found."]
    )  # fmt: skip


def refuse(reason: str) -> NoReturn:
    """One line, and exit code 2."""
    typer.echo(reason, err=True)
    raise typer.Exit(2)


def main(
    name: Annotated[str, typer.Argument(help="scenario")] = "resilience_nominal",
    seeds: Annotated[int, typer.Option(min=1, help="landings of each fault")] = 1,
    only: Annotated[str | None, typer.Option(help="one group, as in 'main engine'; none: no fault")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for valve_faults.json")] = None,
    readme: Annotated[Path | None, typer.Option(help="a page with marks for the table")] = None,
) -> None:
    """Fly them all and print the table."""
    if only is not None and only not in (*GROUPS, HEALTHY):
        refuse(f"--only {only}: one of {', '.join((*GROUPS, HEALTHY))}")
    reason = None if out is None else atomic.refusal(out)
    if reason:
        refuse(reason)
    try:
        scenario = load(name)
    except ScenarioError as error:
        refuse(str(error))
    if not flies_abreast(scenario.model_copy(update={"faults": []})):
        refuse(f"{name}: vehicle.imu_2: flights abreast have one inertial unit")
    todo = [(case, seed) for case in cases(only) for seed in range(1, seeds + 1)]
    flights: list[Flown] = []
    with counting(len(todo), "landings") as report:
        for first in range(0, len(todo), LANES):
            some = todo[first : first + LANES]
            flights += fly_cases(scenario, some)
            report(len(some), some[0][0].group)
    Console().print(table_of(flights))
    if readme is not None:
        put_between(readme, MARKS, page_of(flights, name))
    if out is not None:
        rows = json.dumps([asdict(each) for each in flights], indent=1)
        atomic.publish(out, {"valve_faults.json": rows.encode()})


if __name__ == "__main__":
    typer.run(main)
