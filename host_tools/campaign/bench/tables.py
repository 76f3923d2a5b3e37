"""The bench's results as two tables on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

_LOOPS = {
    "ours": ("ours, with the flight code", None),
    "basilisk": ("Basilisk, dynamics only", "ratio_basilisk"),
    "basilisk_python": ("Basilisk, one Python module", "ratio_basilisk_python"),
}

_HEADS = {
    "position_m": "position\nm",
    "velocity_m_s": "velocity\nm/s",
    "attitude_rad": "attitude\nrad",
    "rates_rad_s": "rates\nrad/s",
    "mass_kg": "mass\nkg",
}


def show(found: dict[str, Any]) -> None:
    """Print what bench.json holds."""
    console = Console()
    console.print(_speeds(found))
    console.print(_distances(found["trajectory"]))


def _speeds(found: dict[str, Any]) -> Table:
    table = Table(title="Simulated seconds per CPU second, host tier, one core")
    table.add_column("loop")
    for head in ("best", "worst round", "ours is faster by"):
        table.add_column(head, justify="right")
    for name, (label, ratio) in _LOOPS.items():
        times = "" if ratio is None else f"{found[ratio]:.2f}"
        table.add_row(label, f"{found[name]:,.0f}", f"{min(found['rounds'][name]):,.0f}", times)
    return table


def _distances(trajectory: dict[str, Any]) -> Table:
    table = Table(title=f"Largest difference over {trajectory['seconds']:g} s of identical thrust commands")
    table.add_column("")
    for head in _HEADS.values():
        table.add_column(head, justify="right")
    for pair, worst in trajectory["worst"].items():
        table.add_row(pair, *(f"{worst[name]:.1e}" for name in _HEADS))
    bounds = trajectory["bounds"]
    table.add_row("bound of the first", *(f"{bounds[name]:g}" if name in bounds else "" for name in _HEADS))
    return table
