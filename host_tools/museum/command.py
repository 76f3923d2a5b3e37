"""`plumbline museum`: fly every landing by every voter, write museum.html and museum.json."""

from collections.abc import Sequence
from pathlib import Path

from host_tools.comparators.registry import VOTERS
from host_tools.landing.atomic import publish
from host_tools.landing.progress import counting
from host_tools.landing.record import Course, FlightRecord
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
    with counting(sum(task.count for task in todo), "landings") as count:
        flights = fly_all(todo, workers, lambda some: count(len(some), f"{some[0].landing} {some[0].voter}"))
    table = rows(flights)
    scenarios = {name: load(name) for name in landings}
    shown: dict[str, dict[str, Course]] = {name: {} for name in landings}
    records: dict[str, FlightRecord] = {}
    for flight in flights:
        if flight.course is not None:
            shown[flight.landing][flight.voter] = flight.course
        if isinstance(flight.course, FlightRecord):
            records.setdefault(flight.landing, flight.course)
    pictures = {name: draw(scenario, records[name], shown[name]) for name, scenario in scenarios.items()}
    endings = {name: {voter: c.headline for voter, c in courses.items()} for name, courses in shown.items()}
    page = museum_html(table, scenarios, pictures, endings)
    publish(out, {"museum.html": page, "museum.json": museum_json(table)})
    return table


def tell(table: Sequence[Row], out: Path) -> None:
    """How many each voter survived, how often it was down too early, and where the page is."""
    for voter in dict.fromkeys(row.voter for row in table):
        mine = [row for row in table if row.voter == voter]
        survived, flights = sum(row.survived for row in mine), sum(row.seeds for row in mine)
        whole = sum(row.survived == row.seeds for row in mine)
        cut, false = sum(row.cut_off_in_flight for row in mine), sum(row.false_landed for row in mine)
        print(
            f"{voter}: survived {survived} of {flights}; every seed of {whole} of {len(mine)} landings; "
            f"{cut} cut off in flight, {false} said landed in flight"
        )
    print(f"{out}: museum.html, museum.json")
