"""A bench in a terminal: a table with a small plot of each part's first value; or lines for scripts."""

from rich.table import Table
from rich.text import Text

from host_tools.bench.lines import Bench, Part

_OF_DEGREES = {"mdegC": "°C", "mdeg/s": "°/s"}
_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: list[int], width: int = 24) -> str:
    """The last `width` values as blocks between the least and the greatest of them; a flat one is low."""
    shown = values[-width:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    steps = len(_BLOCKS) - 1
    return "".join(_BLOCKS[(value - low) * steps // (high - low) if high > low else 0] for value in shown)


def table(bench: Bench, now_s: float) -> Table:
    """All parts, one row each; a part that has never delivered is red, one with failures yellow."""
    title = f"{bench.ready or 'waiting for the board'}   {now_s:.0f} s   tick {bench.ticks}"
    made = Table(title=title, caption=_caption(bench), header_style="bold")
    for heading in ("part", "line"):
        made.add_column(heading, no_wrap=True)
    for heading in ("rate", "rejected"):
        made.add_column(heading, justify="right")
    made.add_column("last values")
    made.add_column("plot", no_wrap=True)
    for part in bench.parts.values():
        style = "red" if part.taken == 0 else "yellow" if part.rejected else ""
        made.add_row(
            Text(part.name),
            Text(part.line),
            f"{part.rate_hz:.0f} Hz",
            f"{part.rejected:,}",
            Text(values(part)),
            sparkline(list(part.history)),
            style=style,
        )
    return made


def _caption(bench: Bench) -> str:
    late = f"late ticks {bench.overruns}, ticks without memory {bench.starved}"
    return f"{bench.complaint}\n{late}" if bench.complaint else late


def values(part: Part) -> str:
    """Each field with its value and unit."""
    pairs = zip(part.fields, part.values, strict=False)
    return "  ".join(f"{name} {_shown(value, unit)}" for (name, unit), value in pairs)


def _shown(value: int, unit: str) -> str:
    """A value in the unit that people use."""
    if unit.startswith("mdeg"):
        return f"{value / 1000:.2f} {_OF_DEGREES[unit]}"
    return str(value) if unit == "-" else f"{value} {unit}"


def plain(part: Part, now_s: float) -> str:
    """A line for scripts: seconds, part, rate, taken, rejected, then field=value pairs with their units."""
    pairs = zip(part.fields, part.values, strict=False)
    shown = " ".join(f"{name}={value}{'' if unit == '-' else unit}" for (name, unit), value in pairs)
    return f"{now_s:.1f} {part.name} {part.rate_hz:.1f}Hz taken={part.taken} rejected={part.rejected} {shown}"
