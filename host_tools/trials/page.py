"""The page of the trials: one HTML file that needs nothing else, and trials.json beside it."""

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import asdict

from host_tools.comparators.registry import FLIGHT
from host_tools.trials.picture import draw
from host_tools.trials.questions import questions
from host_tools.trials.run import Row
from host_tools.trials.table import accepted, verdict

MOST_PICTURES = 24
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 74em; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #ccc; padding: .2em .6em; text-align: right; vertical-align: top }
th { background: #f4f2ee } td:first-child, th:first-child { text-align: left }
td.yes { background: #dcefdf } td.no { background: #f7dad7 }
.bar { display: inline-block; height: .7em; background: #b3261e; vertical-align: middle }
small, .quiet { color: #666 }
img { width: 100%; height: auto }
"""


def trials_json(table: Sequence[Row]) -> bytes:
    """The table as a list of objects; accepted and kept are null where no share is demanded."""
    return (json.dumps([asdict(row) for row in table], indent=2, allow_nan=False) + "\n").encode()


def trials_html(table: Sequence[Row]) -> bytes:
    """The shares, and the first failing trial of each question that was not kept by the first voter."""
    seeds = max((row.seeds for row in table), default=0)
    judged = [row for row in table if row.accepted is not None]
    open_ones = [row for row in table if row.accepted is None]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>The altitude vote on trial</title><style>{_STYLE}</style></head><body>",
        "<h1>The altitude vote on trial</h1>",
        f"<p>Host tier, {seeds} seed{'s' if seeds != 1 else ''}: 25 s of flight with a known truth each. A "
        "seed that does not come to a question is not asked. Wrong is more than 100 m, 3 % of the height, or "
        "5 % of a height below 2 km; times count from when a reading could first tell.</p>",
        _table(judged),
    ]
    if open_ones:
        parts += [
            "<h2>What physics leaves open</h2>",
            "<p>Nobody can do these, for the reason beside them: the shares are told, none is demanded.</p>",
            _table(open_ones),
        ]
    failed = [row for row in judged if row.kept is False and row.voter == table[0].voter]
    if failed:
        parts += ["<h2>What went wrong</h2>", *(_section(row) for row in failed[:MOST_PICTURES])]
    if len(failed) > MOST_PICTURES:
        parts.append(f"<p>And {len(failed) - MOST_PICTURES} questions more: plumbline trials --show.</p>")
    return ("\n".join([*parts, "</body></html>"]) + "\n").encode()


def _table(table: Sequence[Row]) -> str:
    voters = list(dict.fromkeys(row.voter for row in table))
    cells = {(row.question, row.voter): row for row in table}
    head = "".join(f"<th>{html.escape(voter)}</th>" for voter in voters)
    lines = [f"<table><thead><tr><th>question</th><th>accepted</th>{head}</tr></thead><tbody>"]
    for question in dict.fromkeys(row.question for row in table):
        rows = [cells.get((question, voter)) for voter in voters]
        first = next(row for row in rows if row is not None)
        why = f"<br><small>{html.escape(first.why_not)}</small>" if first.why_not else ""
        shares = "".join(_cell(row) for row in rows)
        lines.append(f"<tr><td>{html.escape(question)}{why}</td><td>{accepted(first)}</td>{shares}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def _cell(row: Row | None) -> str:
    if row is None:
        return "<td></td>"
    bar = (
        f'<span class="bar" style="width:{max(1, round(80 * row.share))}px"></span> ' if row.failures else ""
    )
    counts = f"<br><small>{row.failures} of {row.asked}</small>"
    return f'<td class="{verdict(row)}">{bar}{row.share:.2%}{counts}</td>'


def _section(row: Row) -> str:
    """The first failing trial, drawn."""
    question = next(one for one in questions() if one.name == row.question)
    data = base64.b64encode(draw(question, row.failing[0], row.voter)).decode()
    seeds = ", ".join(str(seed) for seed in row.failing)
    voter = "" if row.voter == FLIGHT else f" --voter {row.voter}"
    return (
        f"<section><h3>{html.escape(row.question)}</h3>"
        f"<p class=quiet>{row.failures} of {row.asked}; seeds {seeds}; "
        f"plumbline trials --show '{html.escape(row.question)}' --seed {row.failing[0]}{voter}</p>"
        f'<img alt="{html.escape(row.question)}" src="data:image/png;base64,{data}"></section>'
    )
