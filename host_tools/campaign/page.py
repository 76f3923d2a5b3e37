"""A campaign's page: one HTML file that needs nothing else."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from host_tools.campaign.findings import OUTCOMES, Findings, Influence
from host_tools.campaign.spec import Campaign
from host_tools.campaign.statistics import wilson
from host_tools.scenarios.quantity import number
from host_tools.scenarios.schema import Scenario
from host_tools.scenarios.sourced import Sourced, is_numeric

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 74em; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums }
th, td { border: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top }
th { background: #f4f2ee }
td.n { text-align: right }
code { background: #f4f2ee; padding: .1em .3em; white-space: nowrap; user-select: all }
.quiet { color: #666 } .wide { overflow-x: auto }
svg { max-width: 100%; height: auto }
section { margin-top: 3em }
"""
_INFLUENCES = 20


@dataclass(frozen=True)
class Shown:
    """A run on the page, and the command that flies it again."""

    row: int
    command: str


@dataclass(frozen=True)
class Content:
    """What the page is made of."""

    campaign: Campaign
    scenario: Scenario
    findings: Findings
    summary: dict[str, Any] | None
    failures: Sequence[Shown]
    worst: Sequence[Shown]
    touchdowns: str
    histograms: str
    same_program: bool


def page(content: Content) -> bytes:
    """The page."""
    campaign = content.campaign
    title = html.escape(campaign.title)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        f"<p>{html.escape(' '.join(campaign.description.split()))}</p>" if campaign.description else "",
        _verdict(content),
        _requirements(content),
        f"<section><h2>Where</h2>{content.touchdowns}</section>",
        f"<section><h2>How</h2>{content.histograms}</section>",
        _failures(content),
        _worst(content),
        _sensitivity(content.findings),
        _sources(content),
        "</body></html>",
    ]
    return ("\n".join(part for part in parts if part) + "\n").encode()


def _share(count: int, runs: int) -> str:
    low, high = wilson(count, runs)
    return f"{count:,} of {runs:,} ({count / runs:.3%}; 95 % interval {low:.3%} to {high:.3%})"


def _verdict(content: Content) -> str:
    findings, summary = content.findings, content.summary
    landed = int(findings.landed.sum())
    lines = [f"<p><b>Landed: {_share(landed, findings.runs)}.</b> Host tier; scenario "]
    lines.append(f"{html.escape(content.scenario.name)}; Wilson's intervals.")
    if summary is None or summary["runs"] != findings.runs:
        lines.append(" <b>The campaign is not complete.</b>")
    else:
        lines.append(f" {summary['wall_s']:,.1f} s, {summary['cpu_s']:,.1f} s of processor time.")
    if not content.same_program:
        lines.append(" <b>Flown by other sources than today's: a replay may differ.</b>")
    return "".join(lines) + "</p>"


def _requirements(content: Content) -> str:
    """Each requirement with the share of all runs that met it."""
    findings, required, limits = (
        content.findings,
        content.scenario.requirement,
        content.scenario.landing_limits,
    )
    least_kg = required.propellant_left_fraction * content.scenario.vehicle.propellant_at_ignition_kg
    rows = []
    for name, most, survived in (
        ("vertical_speed_m_s", required.vertical_speed_m_s, limits.vertical_speed_m_s),
        ("horizontal_speed_m_s", required.horizontal_speed_m_s, limits.horizontal_speed_m_s),
        ("tilt_deg", required.tilt_deg, limits.tilt_deg),
    ):
        met = int((findings.columns[name] <= most).sum())
        rows.append((OUTCOMES[name], f"at most {most:g}", f"{survived:g}", _share(met, findings.runs)))
    met = int(((findings.columns["propellant_left_kg"] >= least_kg) & findings.landed).sum())
    rows.append(
        ("propellant left, kg, after a landing", f"at least {least_kg:.3g}", "", _share(met, findings.runs))
    )
    return _table(("at touchdown", "required", "the legs survive", "runs that met the requirement"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are text; what begins with < is taken as it is."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in heads)
    lines = ["<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows]
    body = "\n".join(lines)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _cell(cell: str) -> str:
    if cell.startswith("<"):
        return f"<td>{cell}</td>"
    is_number = cell[:1] in "+-0123456789" and cell.lstrip("+-").replace(".", "").replace(",", "").isdigit()
    return f'<td class="n">{cell}</td>' if is_number else f"<td>{html.escape(cell)}</td>"


def _failures(content: Content) -> str:
    findings = content.findings
    failed = findings.failed()
    endings = [
        (name.replace("_", " "), _share(rows.size, findings.runs)) for name, rows in findings.endings()
    ]
    parts = ["<section><h2>What failed, and why</h2>", _table(("ending", "runs"), endings)]
    if not failed.size:
        return "".join(parts) + "<p>Nothing failed.</p></section>"
    if len(content.failures) < failed.size:
        parts.append(f"<p>The first {len(content.failures)} of {failed.size} failed runs:</p>")
    rows = []
    for shown in content.failures:
        unusual = ", ".join(findings.unusual(shown.row)) or "no draw beyond 2 sigma"
        what = str(findings.columns["what"][shown.row])
        rows.append((*_which(findings, shown), what, unusual, _code(shown.command)))
    parts.append(_table(("run", "seed", "what happened", "what was unusual", "fly it again"), rows))
    return "".join(parts) + "</section>"


def _which(findings: Findings, shown: Shown) -> tuple[str, str]:
    return f"{findings.columns['index'][shown.row]:d}", f"{findings.columns['seed'][shown.row]:d}"


def _code(command: str) -> str:
    return f"<code>{html.escape(command)}</code>"


def _worst(content: Content) -> str:
    findings = content.findings
    used = findings.used_share(content.scenario)
    rows = []
    for shown in content.worst:
        numbers = [f"{findings.columns[name][shown.row]:.2f}" for name in list(OUTCOMES)[:4]]
        rows.append((*_which(findings, shown), f"{used[shown.row]:.0%}", *numbers, _code(shown.command)))
    if not rows:
        return ""
    heads = ("run", "seed", "of the limit", *list(OUTCOMES.values())[:4], "fly it again")
    return (
        "<section><h2>The worst that landed</h2><p>By the largest share of what the legs survive.</p>"
        f"{_table(heads, rows)}</section>"
    )


def _sensitivity(findings: Findings) -> str:
    influences = findings.influences()
    strong = [influence for influence in influences if influence.strongest >= findings.noise]
    cells = [_influence(influence, findings.noise) for influence in strong[:_INFLUENCES]]
    heads = ("what was drawn", *OUTCOMES.values(), "landed")
    shown = [place for place in range(len(heads)) if any(row[place] for row in cells)]  # empty columns go
    heads, rows = tuple(heads[i] for i in shown), [tuple(row[i] for i in shown) for row in cells]
    return (
        "<section><h2>What decides</h2><p>Rank correlation (Spearman) of what was drawn with how it ended, "
        f"the strongest first; {len(rows)} of {len(influences)} draws. Chance alone exceeds "
        f"{findings.noise:.3f} in one of a hundred pairs: what is weaker is left out.</p>"
        f"{_table(heads, rows) if rows else ''}</section>"
    )


def _influence(influence: Influence, noise: float) -> tuple[str, ...]:
    return influence.name, *(_correlation(value, noise) for value in influence.on.values())


def _correlation(value: float, noise: float) -> str:
    if not math.isfinite(value) or abs(value) < noise:
        return ""
    tint = "228,87,46" if value > 0 else "31,78,121"
    colour = f"rgba({tint},{0.6 * abs(value):.2f})"
    return f'<span style="background: {colour}; padding: .1em .4em">{value:+.2f}</span>'


def _sources(content: Content) -> str:
    """What was dispersed, and where each number comes from."""
    rows = [
        (dispersion.key, dispersion.told(), "; ".join(_sources_of(dispersion)))
        for dispersion in content.campaign.dispersions
    ]
    for shared in content.campaign.faults:
        said = "; ".join([*_sources_of(shared), *_sources_of(shared.fault)])
        rows.append((shared.fault.name, f"strikes in {shared.share:.1%} of the runs", said))
    own = content.scenario.dispersions
    for key in type(own).model_fields:
        source = own.source_of(key)
        if source is not None and is_numeric(getattr(own, key)):
            rows.append((f"dispersions.{key}", f"normal, sigma {number(getattr(own, key))}", source))
    return (
        "<section><h2>What was dispersed</h2><p>Beside the vehicle's own errors, whose sources stand in its "
        "file, and the ground, which is another one in each run.</p>"
        f"{_table(('what', 'how', 'source'), rows)}</section>"
    )


def _sources_of(table: Sourced) -> list[str]:
    """The sources of a table, each once."""
    said = [table.source_of(key) for key in type(table).model_fields if is_numeric(getattr(table, key))]
    return list(dict.fromkeys(source for source in [*said, table.source] if source))
