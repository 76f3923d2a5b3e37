"""`plumbline replay`: a file of readings in, a file of votes out, and a word about what happened."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from host_tools.replay.board import sensors
from host_tools.replay.files import BadInput, check_file, write_file
from host_tools.replay.readings import ReadingsError, read
from host_tools.replay.votes import VoteFile, votes
from host_tools.scenarios.library import ScenarioError, load_vehicle
from host_tools.scenarios.vehicle import Vehicle

_LINE_EVERY_S = 5.0


def replay(readings: Path, vehicle_name: str, out: Path, quiet: bool) -> str:
    """Replay `readings` and write `out`; what is worth saying of it. Raises BadInput with nothing written."""
    try:
        vehicle = load_vehicle(vehicle_name, Path(vehicle_name), vehicle_name)
    except ScenarioError as error:
        raise BadInput(f"--vehicle: {error.reason}") from None
    check_file(out, "--out")
    if out.exists() and readings.exists() and out.samefile(readings):
        raise BadInput(f"--out {out}: is the file of readings itself")
    try:
        file = _replayed(readings, vehicle, quiet)
    except ReadingsError as error:
        raise BadInput(f"{readings}: {error}") from None
    write_file(out, file.content(), "--out")
    return file.summary()


def _replayed(readings: Path, vehicle: Vehicle, quiet: bool) -> VoteFile:
    file = VoteFile([part.name for part in vehicle.altimeters])
    with _watching(readings, quiet) as progress:
        for vote in votes(read(readings, sensors(vehicle), progress), vehicle):
            file.add(vote)
    return file


@contextmanager
def _watching(path: Path, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Gives the function that is called with the characters read so far: a bar, or a line now and then."""
    size = path.stat().st_size if path.is_file() else 0
    console = Console(stderr=True)
    if quiet or size == 0:
        yield None
    elif console.is_terminal:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(path.name, total=size)
            yield _now_and_then(0.1, lambda done: bar.update(task, completed=done))
    else:
        yield _now_and_then(
            _LINE_EVERY_S,
            lambda done: print(f"{path.name}: {100 * done // size} %", file=sys.stderr, flush=True),
        )


def _now_and_then(every_s: float, say: Callable[[int], object]) -> Callable[[int], None]:
    due_s = time.monotonic() + every_s

    def progress(done: int) -> None:
        nonlocal due_s
        now_s = time.monotonic()
        if now_s >= due_s:
            due_s = now_s + every_s
            say(done)

    return progress
