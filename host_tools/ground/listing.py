"""The dictionary in a terminal: one row for each packet, and how much else there is."""

from rich.table import Table

from host_tools.ground.model import Dictionary


def listing(dictionary: Dictionary) -> Table:
    """The table of `plumbline dictionary`."""
    caption = (
        f"{len(dictionary.events)} events, {len(dictionary.parameters)} parameters; "
        "all of it with units and ranges: firmware/plumbline/link/dictionary.md"
    )
    made = Table(header_style="bold", caption=caption, caption_justify="left", box=None)
    made.add_column("packet", no_wrap=True)
    made.add_column("from, to")
    for heading in ("rate", "bytes"):
        made.add_column(heading, justify="right", no_wrap=True)
    made.add_column("what it is")
    for packet in dictionary.packets:
        owner = dictionary.board_name(packet.board)
        way = (packet.peer, owner) if packet.is_command else (owner, packet.peer)
        rate = f"{packet.rate_hz} Hz" if packet.rate_hz else "-"
        made.add_row(packet.name, ", ".join(way), rate, f"{packet.size}", packet.text)
    return made
