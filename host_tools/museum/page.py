"""The museum's page: one HTML file that needs nothing else, and museum.json beside it."""

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import asdict

from host_tools.landing.record import SETTLED_S
from host_tools.museum.fly import Row
from host_tools.museum.outcome import DEFINITION, ERRORS
from host_tools.scenarios.schema import Scenario
from host_tools.scenarios.sourced import Sourced, is_numeric

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 74em; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top }
th { background: #f4f2ee }
td.all { background: #dcefdf } td.some { background: #fbf0cf } td.none { background: #f7dad7 }
td small, .quiet { color: #666 }
img { width: 100%; height: auto }
section { margin-top: 3em }
"""


def museum_json(rows: Sequence[Row]) -> bytes:
    """The table as a list of objects; null where nothing was measured."""
    return (json.dumps([asdict(row) for row in rows], indent=2, allow_nan=False) + "\n").encode()


def museum_html(
    rows: Sequence[Row],
    scenarios: dict[str, Scenario],
    pictures: dict[str, bytes],
    endings: dict[str, dict[str, str]],
) -> bytes:
    """The page. By landing: pictures as PNG; of the same seed by voter, how each flight ended."""
    seeds = max((row.seeds for row in rows), default=0)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>Landings, and who survives them</title><style>{_STYLE}</style></head><body>",
        "<h1>Landings, and who survives them</h1>",
        f"<p>Host tier, {seeds} seed{'s' if seeds != 1 else ''} of every landing by every voter; the same "
        "vehicle, ground, faults and noise for all of them. What is public of a landing is flown by the "
        "project's vehicle profiles: these are replays of what went wrong, not of the vehicles.</p>",
        _table(rows, scenarios),
        f"<p>{html.escape(DEFINITION)}</p><p>{html.escape(ERRORS)}</p>",
        _impossible(rows, scenarios),
        *(
            _section(scenario, pictures[name], endings[name], [row for row in rows if row.landing == name])
            for name, scenario in scenarios.items()
        ),
        "</body></html>",
    ]
    return ("\n".join(part for part in parts if part) + "\n").encode()


def _table(rows: Sequence[Row], scenarios: dict[str, Scenario]) -> str:
    voters = list(dict.fromkeys(row.voter for row in rows))
    cells = {(row.landing, row.voter): row for row in rows}
    head = "".join(f"<th>{html.escape(voter)}</th>" for voter in voters)
    lines = [f"<table><thead><tr><th>landing</th>{head}</tr></thead><tbody>"]
    for landing in scenarios:
        mine = "".join(_cell(cells.get((landing, voter))) for voter in voters)
        lines.append(f'<tr><th><a href="#{landing}">{html.escape(landing)}</a></th>{mine}</tr>')
    lines.append(f"<tr><th>all</th>{''.join(_total(rows, voter) for voter in voters)}</tr></tbody></table>")
    return "\n".join(lines)


def _cell(row: Row | None) -> str:
    if row is None:
        return "<td></td>"
    colour = "all" if row.survived == row.seeds else "some" if row.survived else "none"
    error = "not measured" if row.worst_error_m is None else f"{row.worst_error_m:,.0f} m"
    notes = [f"worst error {error}, blind {row.blind_s:,.0f} s"]
    if row.aborted:
        notes.append(f"{row.aborted} by an abort")
    if row.cut_off_in_flight:
        notes.append(f"{row.cut_off_in_flight} cut off in flight")
    if row.false_landed:
        notes.append(f"{row.false_landed} said landed in flight")
    if row.rims_passed:
        notes.append(f"right within {SETTLED_S:g} s of the rim: {row.settled} of {row.rims_passed}")
    if row.overdue_least_m is not None:
        notes.append(f"range said overdue: {row.overdue}, lowest at {row.overdue_least_m:,.0f} m")
    if row.impossible:
        notes.append(f"{row.impossible} impossible")
    small = "<br>".join(notes)
    return f'<td class="{colour}"><b>{row.survived} of {row.seeds}</b><br><small>{small}</small></td>'


def _total(rows: Sequence[Row], voter: str) -> str:
    mine = [row for row in rows if row.voter == voter]
    whole = sum(row.survived == row.seeds for row in mine)
    flights, survived = sum(row.seeds for row in mine), sum(row.survived for row in mine)
    note = f"every seed of {whole} of {len(mine)} landings"
    return f"<td><b>{survived} of {flights}</b><br><small>{note}</small></td>"


def _impossible(rows: Sequence[Row], scenarios: dict[str, Scenario]) -> str:
    """The landings that no voter can save, with the reason that was computed."""
    items = [
        f"<li>{html.escape(scenarios[row.landing].title)}, {html.escape(row.voter)} voter: "
        f"{row.impossible} of {row.seeds} flights; {html.escape(row.reason)}</li>"
        for row in rows
        if row.reason is not None
    ]
    if not items:
        return (
            "<p>In no lost flight did a fault leave less thrust than was needed to stop: a better voter, "
            "estimator or guidance could have saved each.</p>"
        )
    return f"<p>Not to be saved by any voter, once the fault had struck:</p><ul>{''.join(items)}</ul>"


def _section(scenario: Scenario, picture: bytes, endings: dict[str, str], rows: Sequence[Row]) -> str:
    data = base64.b64encode(picture).decode()
    ended = "".join(f"<li>{html.escape(voter)}: {html.escape(how)}</li>" for voter, how in endings.items())
    parts = [
        f'<section id="{scenario.name}"><h2>{html.escape(scenario.title)}</h2>',
        f"<p>{html.escape(' '.join(scenario.description.split()))}</p>",
        f'<img alt="{html.escape(scenario.title)}" src="data:image/png;base64,{data}">',
        f"<details open><summary>How these flights ended</summary><ul>{ended}</ul></details>",
        *(_lost(row) for row in rows if row.lost),
        _numbers("Start", scenario.start),
    ]
    parts += [_numbers(f"Rim {i + 1}", rim) for i, rim in enumerate(scenario.terrain.rims)]
    parts += [_numbers(f"Fault: {fault.name.replace('_', ' ')}", fault) for fault in scenario.faults]
    return "\n".join([*parts, "</section>"])


def _lost(row: Row) -> str:
    """What became of a row's lost flights, with the seeds to fly them again."""
    items = "".join(f"<li>{html.escape(each)}</li>" for each in row.lost)
    title = f"Lost by {row.voter}: {row.seeds - row.survived} of {row.seeds}"
    if row.seeds - row.survived > len(row.lost):
        title += f", the first {len(row.lost)} of them"
    return f"<details><summary>{html.escape(title)}</summary><ul>{items}</ul></details>"


def _numbers(title: str, table: Sourced) -> str:
    """The numbers of one table of the file, each with its source."""
    lines = []
    for key in type(table).model_fields:
        value = getattr(table, key)
        source = table.source_of(key)
        if is_numeric(value) and source is not None:
            shown = ", ".join(f"{item:g}" for item in (value if isinstance(value, tuple) else (value,)))
            lines.append(f"<li>{key} = {shown} <span class=quiet>({html.escape(source)})</span></li>")
    return f"<details><summary>{html.escape(title)}</summary><ul>{''.join(lines)}</ul></details>"
