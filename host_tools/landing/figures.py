"""Fly the built-in scenarios over many seeds and write the README's table of results, and its picture.

    python -m host_tools.landing.figures --seeds 1000 --readme README.md

Host tier. Landings fly abreast, bit for bit as each flies alone.
"""

import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import track

from host_tools.landing.page_table import put_between
from host_tools.landing.record import SETTLED_S, Course
from host_tools.scenarios.library import load
from host_tools.scenarios.schema import Rim, Scenario
from host_tools.world.lanes import LANES

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
    Group("`resilience`", "resilience", ("laser",)),
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
    settled_s: float  # until agl was right again after the rim; inf: never; nan: there is none
    false_ground_m: float  # true height at which the estimate said ground, nan when it did not
    overdue_m: float  # true height at which a range was first said to be overdue, nan when it was not


def rim_cases() -> list[tuple[float, float]]:
    """(height, altitude) of the rims whose plateau the nominal path clears."""
    return [(h, at) for h in RIM_HEIGHTS_M for at in RIM_AT_ALTITUDE_M if at - max(h, 0.0) >= CLEARANCE_M]


def with_rim(scenario: Scenario, height_m: float, at_altitude_m: float) -> Scenario:
    """The scenario with one sharp rim instead of its own, passed at that altitude above the site."""
    own = scenario.terrain.rims[0]
    change = {"height_m": height_m, "wall_height_m": 0.0, "downrange_m": None, "at_altitude_m": at_altitude_m}
    rim: Rim = own.model_copy(update=change)
    return scenario.model_copy(update={"terrain": scenario.terrain.model_copy(update={"rims": [rim]})})


@dataclass(frozen=True)
class Task:
    """Landings of a group that fly abreast; `case`: which of the rims."""

    group: int
    seeds: tuple[int, ...]
    case: int = 0


def tasks(seeds: Sequence[int]) -> list[Task]:
    """All landings, in eights of one scenario; rims take turns by the seed."""
    made = []
    for number, group in enumerate(GROUPS):
        cases = len(rim_cases()) if group.rims else 1
        for case in range(cases):
            mine = [seed for seed in seeds if seed % cases == case]
            made += [Task(number, tuple(mine[i : i + LANES]), case) for i in range(0, len(mine), LANES)]
    return made


def fly_task(task: Task) -> list[Result]:
    """The landings of a task."""
    from host_tools.campaign.courses import fly_courses

    group = GROUPS[task.group]
    scenario = load(group.scenario).with_altimeters(list(group.altimeters))
    if group.rims:
        scenario = with_rim(scenario, *rim_cases()[task.case])
    courses = fly_courses(scenario, task.seeds, group.voter)
    return [_result(task.group, seed, c, scenario) for seed, c in zip(task.seeds, courses, strict=True)]


def _result(number: int, seed: int, course: Course, scenario: Scenario) -> Result:
    touchdown, need = course.touchdown, scenario.requirement
    nan = float("nan")
    figures = (nan, nan, nan)
    if touchdown is not None:
        figures = (touchdown.vertical_speed_m_s, touchdown.horizontal_speed_m_s, touchdown.tilt_deg)
    limits = (need.vertical_speed_m_s, need.horizontal_speed_m_s, need.tilt_deg)
    left = course.propellant_left_kg / scenario.vehicle.propellant_at_ignition_kg
    within = course.landed and all(a <= b for a, b in zip(figures, limits, strict=True))
    ground = course.false_ground
    return Result(
        number, seed, course.landed, within and left >= need.propellant_left_fraction, *figures, 100.0 * left,
        nan if course.settled_s is None else course.settled_s,
        nan if ground is None else ground.true_agl_m,
        nan if course.overdue_agl_m is None else course.overdue_agl_m,
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
        _settled([r.settled_s for r in mine]),
        _or_dash(worst("false_ground_m", least=True), ",.0f"),
        _or_dash(worst("overdue_m", least=True), ",.0f"),
    ]
    return "| " + " | ".join(cells) + " |"


def _settled(after_s: list[float]) -> str:
    """The slowest, or how many of those that passed a rim were right within 5 s."""
    passed = [each for each in after_s if not np.isnan(each)]
    if not passed:
        return "-"
    if max(passed) <= SETTLED_S:
        return f"{max(passed):.1f}"
    return f"{sum(each <= SETTLED_S for each in passed)} of {len(passed)} within {SETTLED_S:g}"


def _or_dash(value: float, form: str) -> str:
    return "-" if np.isnan(value) else format(value, form)


def table(results: list[Result]) -> str:
    """The whole table, host tier."""
    head = [
        "| host tier | landed | within the requirement | vertical m/s | horizontal m/s | tilt deg "
        "| propellant left % | agl right after the rim, s | estimate 0 at a true height of, m "
        "| range said overdue at, m |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    rows = [row(number, results) for number in sorted({r.group for r in results})]
    note = (
        "Worst of each row (least for propellant and heights). "
        "The requirement: 1.5 m/s, 0.5 m/s, 5 degrees, 3 %."
    )
    return "\n".join([*head, *rows, "", note])


def picture() -> bytes:
    """The README's picture: Mission 1, seed 1, as PNG."""
    from host_tools.landing.loop import fly
    from host_tools.landing.picture import draw

    return draw(fly(load("hakuto_r_mission_1"), seed=1))


def flown(todo: Sequence[Task]) -> list[Result]:
    """All landings, in two processes. The first compiles for both."""
    results = fly_task(todo[0])
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for some in track(pool.imap(fly_task, todo[1:]), total=len(todo) - 1, description="landing"):
            results += some
    return results


def main(
    seeds: Annotated[int, typer.Option(min=1, help="Landings of each row.")] = 1000,
    readme: Annotated[Path | None, typer.Option(help="Page that holds the markers.")] = None,
    first_seed: Annotated[int, typer.Option(help="First seed.")] = 0,
) -> None:
    """Fly every group and print the table."""
    results = flown(tasks(range(first_seed, first_seed + seeds)))
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
