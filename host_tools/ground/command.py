"""The commands `dictionary` and `listen`.

Exit codes: 0 done, 1 nothing was heard or the port failed, 2 bad input, 128 + signal when interrupted.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

DONE, BAD_INPUT = 0, 2


def register(app: typer.Typer) -> None:
    """Adds the two commands."""
    app.command()(dictionary)
    app.command()(listen)


def dictionary(
    xtce: Annotated[Path | None, typer.Option(help="Write it as XTCE 1.2, for Yamcs and the like.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write it as Markdown tables.")] = None,
) -> int:
    """What crosses a link: list the packets, or write the dictionary to files."""
    from rich.console import Console

    from host_tools.ground.dictionary import load
    from host_tools.ground.entries import DictionaryError
    from host_tools.ground.listing import listing
    from host_tools.ground.markdown import markdown as page
    from host_tools.ground.xtce import xtce as xml
    from host_tools.replay.files import BadInput, check_file, write_file

    wanted = [("--xtce", xtce), ("--markdown", markdown)]
    try:
        for option, path in wanted:
            if path is not None:
                check_file(path, option)
        loaded = load()
        contents = {"--xtce": lambda: xml(loaded), "--markdown": lambda: page(loaded).encode()}
        for option, path in wanted:
            if path is not None:
                write_file(path, contents[option](), option)
                print(path)
    except (BadInput, DictionaryError) as bad:
        print(bad, file=sys.stderr)
        return BAD_INPUT
    if xtce is None and markdown is None:
        Console().print(listing(loaded))
    return DONE


def listen(
    source: Annotated[
        str, typer.Argument(metavar="PORT|FILE", help="A serial port, or its bytes in a file.")
    ],
    baud: Annotated[int, typer.Option(min=1200, max=4_000_000, help="Of the port.")] = 460_800,
    seconds: Annotated[float | None, typer.Option(min=0.0, help="End after so long.")] = None,
    record: Annotated[Path | None, typer.Option(help="Also write the port's bytes to this file.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print a line for each frame.")] = False,
) -> int:
    """Decode what boards say on a line: a live table with rates, missing and rejected frames, events."""
    from host_tools.ground.listen import listen as run

    return run(source, baud, seconds, record, plain)
