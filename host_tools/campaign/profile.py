"""How fast batch flight is, and where the time goes: one run, one core.

    python -m host_tools.campaign.profile --scenario resilience_nominal --landings 64

Host tier. CPU time of everything that a landing needs, the drawing of its world included; not of
compiling, which happens once. The parts come from the processor's cycle counter in the same run.
"""

import os
import time
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from host_tools.campaign import batch
from host_tools.campaign.abreast import flight
from host_tools.campaign.setting import Setting
from host_tools.scenarios.library import load
from host_tools.world.dynamics import TICK_US
from host_tools.world.lanes import LANES
from host_tools.world.world import World


def main(
    scenario: Annotated[str, typer.Option(help="The scenario that is flown.")] = "resilience_nominal",
    landings: Annotated[int, typer.Option(min=1, help="How many.")] = 64,
    first_seed: Annotated[int, typer.Option(help="The seed of the first one.")] = 1,
) -> None:
    """Fly landings on one core; print simulated seconds per CPU second, and the cost of a tick's parts."""
    what = load(scenario)
    setting = Setting.of(World(what, first_seed))
    batch.fly(what, [first_seed])  # compiled now, if not before
    cycles = np.zeros(len(flight.PARTS), np.int64)
    drawing_s = flying_s = flown_s = 0.0
    landed = 0
    for first in range(first_seed, first_seed + landings, LANES):
        seeds = range(first, min(first + LANES, first_seed + landings))
        began = time.process_time()
        worlds = [World(what, seed) for seed in seeds]
        drawn = time.process_time()
        rows = batch.fly_worlds(worlds, [setting] * len(worlds), seeds, cycles=cycles)
        flying_s += time.process_time() - drawn
        drawing_s += drawn - began
        flown_s += float(rows["flight_s"].sum())
        landed += int(rows["landed"].sum())
    ticks = flown_s * 1e6 / TICK_US
    share = cycles / cycles.sum()
    table = Table("part", "ns a tick", "share", title=f"{scenario}, host tier, one core")
    costs = [("drawing the world", drawing_s)]
    costs += [(name, flying_s * float(part)) for name, part in zip(flight.PARTS, share, strict=True)]
    for name, cost_s in costs:
        table.add_row(name, f"{cost_s / ticks * 1e9:.0f}", f"{100 * cost_s / (drawing_s + flying_s):.0f} %")
    console = Console()
    console.print(table)
    cpu_s = drawing_s + flying_s
    console.print(
        f"{landed} of {landings} landed; {flown_s:,.0f} simulated s in {cpu_s:.2f} CPU s on one core: "
        f"{flown_s / cpu_s:,.0f} times real time, {1e3 * cpu_s / landings:.1f} ms a landing, "
        f"{cpu_s / ticks * 1e9:.0f} ns a tick (load of the machine: {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    typer.run(main)
