"""Fly the built-in scenarios over many seeds and write the README's table of results, and its picture.

    python -m host_tools.landing.figures --seeds 100 --readme README.md

Host tier. Each seed is a whole landing with drivers and packets, as `plumbline land` flies it.
"""

import multiprocessing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import track

from host_tools.landing.page_table import put_between
from host_tools.scenarios.library import load
from host_tools.scenarios.schema import Rim, Scenario

PICTURE = Path(__file__).parent / "mission_1.png"
MARKS = ("<!-- figures: made by `make figures` -->", "<!-- end of figures -->")
RIM_HEIGHTS_M = (-5000.0, -3000.0, -1000.0, 1000.0, 3000.0, 5000.0)
RIM_AT_ALTITUDE_M = (15000.0, 10000.0, 7000.0, 5000.0, 4000.0, 3000.0, 2000.0, 1000.0)
CLEARANCE_M = 500.0  # of the plateau before a rim: less is not clear of the ground


@dataclass(frozen=True)
class Group:
    """One row of the table."""

    title: str
    scenario: str
    altimeters: tuple[str, ...]
    voter: str = "flight"
    rims: bool = False


GROUPS = (
    Group("`resilience_nominal`", "resilience_nominal", ("laser", "radar")),
    Group("`hakuto_r_mission_1`", "hakuto_r_mission_1", ("laser", "radar")),
    Group("`hakuto_r_mission_1`, laser only", "hakuto_r_mission_1", ("laser",)),
    Group("`hakuto_r_mission_1`, radar only", "hakuto_r_mission_1", ("radar",)),
    Group("`hakuto_r_mission_1 --voter as-flown`", "hakuto_r_mission_1", ("laser", "radar"), "as-flown"),
    Group("rims of -5 to +5 km at 15 to 1 km", "hakuto_r_mission_1", ("laser", "radar"), rims=True),
)


@dataclass(frozen=True)
class Result:
    """What the table needs of one landing."""

    group: int
    seed: int
    landed: bool
    within: bool
    vertical_m_s: float
    horizontal_m_s: float
    tilt_deg: float
    propellant_percent: float
    settled_s: float  # until agl was right again after the rim, from where the rim begins; nan: never
    false_ground_m: float  # true height at which the estimate said ground, nan when it did not
    ratio: float  # simulated over wall seconds


def rim_cases() -> list[tuple[float, float]]:
    """(height, altitude) of the rims whose plateau the nominal path clears."""
    return [(h, at) for h in RIM_HEIGHTS_M for at in RIM_AT_ALTITUDE_M if at - max(h, 0.0) >= CLEARANCE_M]


def with_rim(scenario: Scenario, height_m: float, at_altitude_m: float) -> Scenario:
    """The scenario with one sharp rim instead of its own, passed at that altitude above the site."""
    own = scenario.terrain.rims[0]
    change = {"height_m": height_m, "wall_height_m": 0.0, "downrange_m": None, "at_altitude_m": at_altitude_m}
    rim: Rim = own.model_copy(update=change)
    return scenario.model_copy(update={"terrain": scenario.terrain.model_copy(update={"rims": [rim]})})


def fly_one(task: tuple[int, int]) -> Result:
    """One landing of a group."""
    from host_tools.landing.loop import fly

    number, seed = task
    group = GROUPS[number]
    scenario = load(group.scenario).with_altimeters(list(group.altimeters))
    if group.rims:
        cases = rim_cases()
        scenario = with_rim(scenario, *cases[seed % len(cases)])
    record = fly(scenario, seed, group.voter)
    touchdown, need = record.touchdown, record.requirement
    nan = float("nan")
    figures = (nan, nan, nan)
    if touchdown is not None:
        figures = (touchdown.vertical_speed_m_s, touchdown.horizontal_speed_m_s, touchdown.tilt_deg)
    limits = (need.vertical_speed_m_s, need.horizontal_speed_m_s, need.tilt_deg)
    within = record.landed and all(a <= b for a, b in zip(figures, limits, strict=True))
    within = within and record.propellant_left_fraction >= need.propellant_left_fraction
    ground = record.false_ground
    return Result(
        number, seed, record.landed, within, *figures, 100.0 * record.propellant_left_fraction,
        max((rim.settled_after_s for rim in record.rims), default=nan),
        nan if ground is None else ground.true_agl_m,
        record.flight_s / record.wall_s,
    )  # fmt: skip


def row(number: int, results: list[Result]) -> str:
    """One line of Markdown."""
    mine = [r for r in results if r.group == number]

    def worst(name: str, least: bool = False) -> float:
        values = np.array([getattr(r, name) for r in mine])
        values = values[~np.isnan(values)]
        if values.size == 0:
            return float("nan")
        return float(values.min() if least else values.max())

    cells = [
        GROUPS[number].title,
        f"{sum(r.landed for r in mine)} of {len(mine)}",
        f"{sum(r.within for r in mine)}",
        f"{worst('vertical_m_s'):.2f}",
        f"{worst('horizontal_m_s'):.2f}",
        f"{worst('tilt_deg'):.1f}",
        f"{worst('propellant_percent', least=True):.1f}",
        _or_dash(worst("settled_s"), ".1f"),
        _or_dash(worst("false_ground_m", least=True), ",.0f"),
    ]
    return "| " + " | ".join(cells) + " |"


def _or_dash(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)


def table(results: list[Result]) -> str:
    """The whole table, host tier."""
    ratio = np.median([r.ratio for r in results])
    head = [
        "| host tier | landed | within the requirement | vertical m/s | horizontal m/s | tilt deg "
        "| propellant left % | agl right after the rim, s | estimate 0 at a true height of, m |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    rows = [row(number, results) for number in sorted({r.group for r in results})]
    note = (
        "Worst of each row (least for propellant and height). "
        "The requirement: 1.5 m/s, 0.5 m/s, 5 degrees, 3 %. "
        f"Median speed of a landing: {ratio:.0f} times real time."
    )
    return "\n".join([*head, *rows, "", note])


def picture() -> bytes:
    """The README's picture: Mission 1, seed 1, as PNG."""
    from host_tools.landing.loop import fly
    from host_tools.landing.picture import draw

    return draw(fly(load("hakuto_r_mission_1"), seed=1))


def main(
    seeds: Annotated[int, typer.Option(min=1, help="Landings of each row.")] = 100,
    readme: Annotated[Path | None, typer.Option(help="Page that holds the markers.")] = None,
    first_seed: Annotated[int, typer.Option(help="First seed.")] = 0,
) -> None:
    """Fly every group and print the table."""
    tasks = [(number, first_seed + i) for number in range(len(GROUPS)) for i in range(seeds)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        results = list(track(pool.imap(fly_one, tasks), total=len(tasks), description="landing"))
    for result in results:
        if not result.landed and GROUPS[result.group].voter == "flight":
            print("not landed:", result)
    text = table(results)
    print(text)
    if readme is not None:
        put_between(readme, MARKS, text)
        PICTURE.write_bytes(picture())


if __name__ == "__main__":
    typer.run(main)
