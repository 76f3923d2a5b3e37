"""The limit tables for people: firmware/plumbline/link/limits.md."""

from collections.abc import Sequence

from host_tools.ground.limits import SETTABLE, SIDES, Limit, Table
from host_tools.ground.markdown import table

_HEAD = """\
# What boards watch

Made by `make dictionary` from `limits.toml`; whoever edits this page loses it.

Each time a board sends the packet, it looks at each row: outside of a red limit the value is red, outside
of a yellow one yellow, when it has been so in as many packets as `checks` says. Then `limit_yellow`,
`limit_red` or `limit_cleared` says so, with the row and the value; while a row is red the board does what
`response` says. Limits are the field's integers. A value does not count while its flags speak against it. In
a mode that is not named the row is not looked at, and is good.

`<board>_parameter` sets a limit, as long as all stay in order and within `may be set`; `number` is the first
one's: low red, then low yellow, high yellow, high red, checks. Each is refused, set or stored with an event.
"""


def limits_page(tables: Sequence[Table]) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *map(_section, tables)])


def _section(of: Table) -> str:
    head = (
        *("row", "field", "unit", "number", *(side.replace("_", " ") for side in SIDES)),
        *("checks", "when", "modes", "response", "may be set", "what it is"),
    )
    rows = [_row(number, limit) for number, limit in enumerate(of.limits)]
    title = f"## `{of.subsystem}`: `{of.packet.name}`, {of.packet.rate_hz} Hz"
    return f"{title}\n\n{table(head, rows)}"


def _row(number: int, limit: Limit) -> tuple[str, ...]:
    entry = limit.entry
    sides = ["-" if value is None else f"{value:,}" for value in entry.sides().values()]
    return (
        str(number),
        f"`{limit.field.name}`" if limit.name == limit.field.name else f"`{limit.field.name}` ({limit.name})",
        limit.field.unit,
        str(number * SETTABLE),
        *sides,
        str(entry.checks),
        ", ".join(entry.when) or "always",
        ", ".join(limit.mode_names) or "all",
        entry.response.replace("_", " "),
        f"{entry.least:,} to {entry.most:,}",
        entry.text,
    )
