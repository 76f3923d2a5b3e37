"""The end of a landing on the terminal: what was measured beside what is required, and on which tier."""

import math
import statistics
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from host_tools.landing.record import SETTLED_S, FlightRecord

_WORST_TICK_MS = {"navigation": 5.0, "propulsion": 1.5}  # of a tick of 10 ms


def rows(record: FlightRecord) -> list[tuple[str, str, str, bool | None]]:
    """(quantity, measured, required, met); None where nothing is required."""
    need = record.requirement
    result: list[tuple[str, str, str, bool | None]] = []

    def most(name: str, value: float, limit: float, unit: str) -> None:
        result.append((name, f"{value:.2f} {unit}", f"at most {limit:g} {unit}", value <= limit))

    if record.touchdown is not None:
        at = record.touchdown
        most("vertical speed", at.vertical_speed_m_s, need.vertical_speed_m_s, "m/s")
        most("horizontal speed", at.horizontal_speed_m_s, need.horizontal_speed_m_s, "m/s")
        most("tilt", at.tilt_deg, need.tilt_deg, "degrees")
    left = record.propellant_left_fraction
    result.append(
        (
            "propellant left",
            f"{record.propellant_left_kg:.1f} kg, {left:.1%}",
            f"at least {need.propellant_left_fraction:.0%}",
            left >= need.propellant_left_fraction,
        )
    )
    for rim in record.rims:
        settled = "never" if math.isnan(rim.settled_after_s) else f"{rim.settled_after_s:.1f} s"
        met = rim.settled_after_s <= SETTLED_S
        result.append(("agl right after the rim", settled, f"at most {SETTLED_S:g} s", met))
    false_ground = record.false_ground
    if false_ground is not None:
        shown = f"at a true {false_ground.true_agl_m:,.0f} m"
        result.append(("estimate at ground", shown, "at 0 m", False))
    if record.touchdown is not None:
        result.append(("distance from the site", f"{record.touchdown.miss_distance_m:,.0f} m", "", None))
    for name, value in (
        ("largest agl error", record.max_agl_error_m),
        ("largest altitude error", record.max_altitude_error_m),
    ):
        result.append((name, "not measured" if math.isnan(value) else f"{value:,.0f} m", "", None))
    overruns = int(record.trace["navigation_overruns"][-1] + record.trace["propulsion_overruns"][-1])
    result.append(("overruns", f"{overruns} in {record.ticks:,} ticks", "0", overruns == 0))
    for board, tick_ns in record.tick_ns.items():
        shown = f"{statistics.median(tick_ns) * 1e-6:.2f} ms, worst {max(tick_ns) * 1e-6:.2f} ms"
        limit_ms = _WORST_TICK_MS[board]
        met = max(tick_ns) * 1e-6 <= limit_ms
        result.append((f"{board} tick", shown, f"worst at most {limit_ms:g} ms", met))
    result.append(("flight", f"{record.flight_s:.0f} s", "", None))
    speed = record.flight_s / record.wall_s
    result.append(("wall time", f"{record.wall_s:.1f} s, {speed:.0f} x real time", "", None))
    return result


def show(record: FlightRecord, folder: Path, console: Console | None = None) -> None:
    """Prints headline, table and where the files are."""
    console = console or Console()
    console.print(Text(record.headline, style="bold green" if record.landed else "bold red"))
    flown = f"{record.scenario}, seed {record.seed}, {record.voter} voter, {' and '.join(record.altimeters)}"
    console.print(Text(flown))
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("", "measured", "required", "", "tier"):
        table.add_column(heading)
    for name, measured, required, met in rows(record):
        verdict = Text("") if met is None else Text("yes", "green") if met else Text("no", "red")
        table.add_row(Text(name), Text(measured), Text(required), verdict, Text(record.board))
    console.print(table)
    print(f"{folder}: landing.json, trace.csv, landing.png", file=console.file)
