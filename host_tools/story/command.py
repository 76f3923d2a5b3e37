"""`plumbline story resilience_to_regolith --out DIR`: five boards land, the rover scoops, one report.

Exit codes: 0 complete, 1 not complete (the report says why), 2 bad input, 3 an emulated board failed or
differs from the host board (nothing is written), 128 + signal when interrupted.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from host_tools.tiers import Boards

if TYPE_CHECKING:  # what it needs takes a second to import
    from host_tools.story.play import Progress
    from host_tools.story.player import Told
    from host_tools.story.script import Script

COMPLETE, NOT_COMPLETE, BAD_INPUT, BOARD_FAILED = 0, 1, 2, 3
_LINE_EVERY_S = {Boards.HOST: 100.0, Boards.EMULATED: 10.0}


def story(
    name: Annotated[str, typer.Argument(help="A built-in story, or the path of a TOML file.")],
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Decides everything random.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report  [default: stories/NAME-SEED]")
    ] = None,
    late: Annotated[bool, typer.Option("--late", help="Begin the descent low: some minutes less.")] = False,
    board: Annotated[
        Boards,
        typer.Option(help="Python on this machine, or the real firmware on three emulated Picos (slow)."),
    ] = Boards.HOST,
    uf2: Annotated[
        Path | None, typer.Option(help="Firmware of the emulated boards  [default: that of `make flight`]")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the outcome only.")] = False,
) -> int:
    """Land, make safe, let the rover drive and scoop, get its images: five boards on one bus, one report."""
    from host_tools.landing.atomic import refusal
    from host_tools.scenarios.library import ScenarioError
    from host_tools.story.script import load_script

    try:
        script = load_script(name)
    except ScenarioError as error:
        return _complain(str(error))
    if uf2 is not None and board is Boards.HOST:
        return _complain("--uf2: the host board runs no firmware; say --board emulated")
    suffix = "" if board is Boards.HOST else f"-{board.value}"
    folder = out or Path("stories") / f"{script.name}-{seed}{suffix}"
    reason = refusal(folder)
    if reason is not None:
        return _complain(f"--out {folder}: {reason}")
    from host_tools.flash.firmware import FirmwareError
    from host_tools.landing.loop import BoardFailure
    from host_tools.story.report import write

    try:
        with _watching(script.name, board, quiet) as progress:
            told = _play(script, seed, late, board, uf2, progress)
        write(told, folder)
    except (BoardFailure, FirmwareError) as error:
        return _complain(str(error), BOARD_FAILED)
    except ScenarioError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"--out {folder}: cannot be written: {error.strerror or error}")
    _tell(told, folder, quiet)
    return COMPLETE if told.complete else NOT_COMPLETE


def _play(
    script: "Script", seed: int, late: bool, board: Boards, uf2: Path | None, progress: "Progress | None"
) -> "Told":
    """On emulated boards, with the host tier's story beside it."""
    from host_tools.story.play import play

    if board is Boards.HOST:
        return play(script, seed, late, progress)
    from host_tools.flash.firmware import firmware
    from host_tools.flash.flight_image import flight_image
    from host_tools.story.beside import beside

    image = flight_image() if uf2 is None else firmware(uf2).uf2
    host = play(script, seed, late)
    told = play(script, seed, late, progress, image)
    told.figures.update(beside(told, host))
    return told


def _complain(reason: str, code: int = BAD_INPUT) -> int:
    print(" ".join(reason.split()), file=sys.stderr)
    return code


def _tell(told: "Told", folder: Path, quiet: bool) -> None:
    if not quiet:
        for mark in told.marks:
            print(f"{mark.time_s:8.1f} s  {mark.title}")
    figures = told.figures
    print(f"{'Complete' if told.complete else 'Not complete'}: {told.outcome}")
    if quiet:
        return
    print(
        f"{figures['touchdown_sinking_m_s']:.2f} m/s at touchdown, rover {figures['rover_way_m']:.1f} m,"
        f" {figures['images_as_the_camera_had_them']} images as the camera had them;"
        f" {figures['simulated_s']:.0f} s in {figures['wall_s']:.0f} s; tier: {figures['tier']}"
    )
    print(f"report: {folder / 'story.html'}")


@contextmanager
def _watching(name: str, board: Boards, quiet: bool) -> "Iterator[Progress | None]":
    """A bar on a terminal, a line now and then elsewhere."""
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn

    console = Console(stderr=True)
    if quiet:
        yield None
        return
    if not console.is_terminal:
        yield _lines(name, _LINE_EVERY_S[board])
        return
    with Bar(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("preparing (the first run compiles)")

        def report(time_s: float, title: str) -> None:
            bar.update(task, description=f"{time_s:6.0f} s  {title}")

        yield report


def _lines(name: str, every_s: float) -> "Progress":
    print(f"{name}: begins", file=sys.stderr, flush=True)
    due_s = every_s

    def report(time_s: float, title: str) -> None:
        nonlocal due_s
        if time_s >= due_s:
            due_s += every_s
            print(f"{time_s:6.0f} s  {title}", file=sys.stderr, flush=True)

    return report
