"""`plumbline museum`: fly every landing by every voter, write museum.html and museum.json."""

from collections.abc import Sequence
from pathlib import Path

from host_tools.comparators.registry import VOTERS
from host_tools.landing.atomic import publish
from host_tools.landing.progress import counting
from host_tools.landing.record import FlightRecord
from host_tools.museum import LANDINGS
from host_tools.museum.fly import Row, fly_all, rows, tasks
from host_tools.scenarios.library import load


def museum(
    seeds: int,
    out: Path,
    landings: Sequence[str] = LANDINGS,
    voters: Sequence[str] = tuple(VOTERS),
    workers: int | None = None,
) -> list[Row]:
    """Fly, and write the page and the table into `out`, whole or not at all. Raises OSError."""
    from host_tools.museum.page import museum_html, museum_json
    from host_tools.museum.picture import draw

    todo = tasks(landings, voters, seeds)
    with counting(len(todo), "landings") as count:
        flights = fly_all(
            todo, workers, lambda flight: count(1, f"{flight.task.landing} {flight.task.voter}")
        )
    table = rows(flights)
    scenarios = {name: load(name) for name in landings}
    shown: dict[str, dict[str, FlightRecord]] = {name: {} for name in landings}
    for flight in flights:
        if flight.record is not None:
            shown[flight.task.landing][flight.task.voter] = flight.record
    pictures = {name: draw(scenario, shown[name]) for name, scenario in scenarios.items()}
    endings = {name: {voter: r.headline for voter, r in records.items()} for name, records in shown.items()}
    page = museum_html(table, scenarios, pictures, endings)
    publish(out, {"museum.html": page, "museum.json": museum_json(table)})
    return table


def tell(table: Sequence[Row], out: Path) -> None:
    """How many each voter survived, and where the page is."""
    for voter in dict.fromkeys(row.voter for row in table):
        mine = [row for row in table if row.voter == voter]
        survived, flights = sum(row.survived for row in mine), sum(row.seeds for row in mine)
        whole = sum(row.survived == row.seeds for row in mine)
        print(f"{voter}: survived {survived} of {flights}; every seed of {whole} of {len(mine)} landings")
    print(f"{out}: museum.html, museum.json")
