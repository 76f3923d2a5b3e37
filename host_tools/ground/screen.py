"""A line in a terminal: what was heard of whom, the last events, and what was rejected."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from host_tools.ground.ledger import EVENT, Ledger, values


def table(ledger: Ledger, title: str) -> Group:
    """All packets, one row each, yellow where some are missing; below them what they said last."""
    made = Table(title=title, header_style="bold", caption=caption(ledger), caption_justify="left")
    for heading in ("board", "packet"):
        made.add_column(heading, no_wrap=True)
    for heading in ("packets", "rate", "missed", "restarts"):
        made.add_column(heading, justify="right", no_wrap=True)
    said = [Text("last values", style="bold")]
    for key in sorted(ledger.heard):
        heard = ledger.heard[key]
        rate = "-" if heard.rate_hz is None else f"{heard.rate_hz:.1f} Hz"
        counts = (f"{heard.count:,}", rate, f"{heard.missed:,}", f"{heard.restarts:,}")
        row = (heard.board, heard.name, *counts)
        made.add_row(*map(Text, row), style="yellow" if heard.missed else "")
        if heard.name != EVENT:
            said.append(Text(f"{heard.board} {heard.name}  {values(heard.last)}"))
    if ledger.events:
        said += [Text("last events", style="bold"), *map(Text, ledger.events)]
    return Group(made, *said)


def caption(ledger: Ledger) -> str:
    """Bytes and frames, and why frames were rejected."""
    reader = ledger.reader
    rejected = ", ".join(f"{count:,} {kind}" for kind, count in sorted(reader.rejected.items()))
    total = sum(reader.rejected.values())
    why = f" ({rejected})" if rejected else ""
    return f"{reader.bytes:,} bytes, {reader.accepted:,} packets, {total:,} frames rejected{why}"
