"""The command `plumbline`: list the landings, fly one, leave its result as files; replay, emulate a board.

Exit codes: 0 landed, 1 crashed, 2 bad input, 3 an emulated board failed or differs from the host board
(2 and 3: one line on standard error, nothing written), 4 a campaign was cut short, 128 + signal when
interrupted.
"""

import contextlib
import importlib.metadata
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

from host_tools.campaign.command import register as add_campaigns
from host_tools.comparators.registry import FLIGHT, VOTERS
from host_tools.ground.command import register as add_ground
from host_tools.story.command import story as story_command
from host_tools.tiers import Boards
from host_tools.trials.command import trials as trials_command

if TYPE_CHECKING:  # what these need takes a second to import: `plumbline --help` does not wait for it
    from host_tools.landing.record import FlightRecord
    from host_tools.scenarios.schema import Scenario

LANDED, CRASHED, BAD_INPUT, BOARD_FAILED = 0, 1, 2, 3

app = typer.Typer(
    help="Land with the flight code before it flies.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
# click's UsageError, which newer typers carry inside themselves
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])


class Voter(StrEnum):
    """Who decides on the altitude: every voter of the registry."""

    _ignore_ = "_name"
    for _name in VOTERS:
        locals()[_name.upper().replace("-", "_")] = _name


_FLIGHT = Voter(FLIGHT)


class Kernels(StrEnum):
    """How the kernels run on the host."""

    NUMBA = "numba"
    PLAIN = "plain"


class _Interrupted(KeyboardInterrupt):
    """A signal that ends the run; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):  # a title in a terminal without its letters is no reason to fail
        if hasattr(stream, "reconfigure"):
            cast(Any, stream).reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = app(standalone_mode=False)
    except _UsageError as error:
        code = _complain(f"plumbline: {cast(Any, error).format_message()}")
    except KeyboardInterrupt as stop:
        code = _stopped(stop)
    sys.exit(code)


def _interrupt(number: int, _frame: object) -> NoReturn:
    raise _Interrupted(number)


def _stopped(stop: KeyboardInterrupt) -> int:
    print("plumbline: interrupted, nothing written", file=sys.stderr)
    return 128 + (stop.number if isinstance(stop, _Interrupted) else signal.SIGINT)


def _complain(reason: object) -> int:
    """One line on standard error: the file's name first, or the option's."""
    print(" ".join(str(reason).split()), file=sys.stderr)
    return BAD_INPUT


def _version(wanted: bool) -> None:
    if wanted:
        print(f"plumbline {importlib.metadata.version('plumbline')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _command(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def scenarios() -> None:
    """List the landings that come with plumbline."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from host_tools.scenarios.library import load, names

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("name", "title", "vehicle", "what is special"):
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    for name in names():
        scenario = load(name)
        cells = (name, scenario.title, scenario.vehicle.name, scenario.special)
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)


@app.command()
def land(
    scenario: Annotated[str, typer.Argument(help="A built-in name, or the path of a TOML file.")],
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Decides everything random.")] = 1,
    voter: Annotated[
        Voter, typer.Option(help="The flight code's, the gate-and-latch of 2023, or how others vote.")
    ] = _FLIGHT,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result  [default: landings/SCENARIO-SEED]")
    ] = None,
    altimeters: Annotated[
        str | None, typer.Option(help="Fit only these, as in: laser,radar  [default: all of the vehicle]")
    ] = None,
    board: Annotated[
        Boards, typer.Option(help="Python on this machine, or the real firmware on two emulated Picos.")
    ] = Boards.HOST,
    uf2: Annotated[
        Path | None, typer.Option(help="Firmware of the emulated boards  [default: built here]")
    ] = None,
    kernels: Annotated[Kernels | None, typer.Option(help="Compiled, or plain Python (slow).")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Also write the sensors' readings to this file, for replay.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the outcome only.")] = False,
) -> int:
    """Fly one landing with the flight code of both boards; the result is in the folder OUT."""
    from host_tools.scenarios.library import ScenarioError, load

    try:
        chosen = load(scenario)
    except ScenarioError as error:
        return _complain(error)
    if altimeters is not None:
        try:
            chosen = chosen.with_altimeters([name.strip() for name in altimeters.split(",")])
        except ValueError as error:
            return _complain(f"--altimeters: {error}")
    if uf2 is not None and board is Boards.HOST:
        return _complain("--uf2: the host board runs no firmware; say --board emulated")
    if voter is not _FLIGHT and board is not Boards.HOST:
        return _complain(f"--voter {voter.value}: it is no flight code and flies on the host board only")
    if record is not None and board is not Boards.HOST:
        return _complain("--record: readings are recorded on the host board only")
    if board is not Boards.HOST and any(fault.is_of_a_board for fault in chosen.faults):
        return _complain(f"--board {board.value}: faults of boards are played on the host board only")
    how = {"seed": seed, "voter": voter.value, "board": board.value, "uf2": uf2}
    try:
        return _land(chosen, how, out or _default_out(chosen, seed, voter, board), kernels, record, quiet)
    except KeyboardInterrupt as stop:
        return _stopped(stop)


def _default_out(scenario: "Scenario", seed: int, voter: Voter, board: Boards) -> Path:
    suffix = "" if voter is _FLIGHT else f"-{voter.value}"
    suffix += "" if board is Boards.HOST else f"-{board.value}"
    return Path("landings") / f"{scenario.name}-{seed}{suffix}"


def _land(
    scenario: "Scenario",
    how: dict[str, Any],
    out: Path,
    kernels: Kernels | None,
    readings: Path | None,
    quiet: bool,
) -> int:
    from host_tools.landing.atomic import refusal
    from host_tools.replay.files import BadInput, check_file, write_file

    reason = refusal(out)
    if reason is not None:
        return _complain(f"--out {out}: {reason}")
    if kernels is not None:
        os.environ["PLUMBLINE_KERNELS"] = kernels.value  # read when the flight code is imported
    recorder = None
    if readings is not None:
        try:
            check_file(readings, "--record")
        except BadInput as bad:
            return _complain(bad)
        from host_tools.replay.recorder import Recorder

        recorder = Recorder()
        how = how | {"onlooker": recorder.look}
    from host_tools.landing.loop import BoardFailure

    try:
        record = _flown(scenario, how, quiet)
    except BoardFailure as failure:
        _complain(f"--board {how['board']}: {failure}")
        return BOARD_FAILED
    from host_tools.landing import report

    try:
        if readings is not None and recorder is not None:
            write_file(readings, recorder.content(), "--record")
        report.write(record, out)
    except BadInput as bad:
        return _complain(bad)
    except OSError as error:
        return _complain(f"--out {out}: cannot be written: {error.strerror or error}")
    with contextlib.suppress(KeyboardInterrupt):  # the result is there: too late to interrupt
        _tell(record, out, quiet)
    return LANDED if record.landed else CRASHED


def _tell(record: "FlightRecord", out: Path, quiet: bool) -> None:
    if quiet:
        print(record.headline)
        return
    from host_tools.landing.summary import show

    show(record, out)


def _flown(scenario: "Scenario", how: dict[str, Any], quiet: bool) -> "FlightRecord":
    """The flight, with something to look at meanwhile unless `quiet`."""
    from host_tools.landing.loop import fly

    if quiet:
        return fly(scenario, **how)
    from host_tools.landing.progress import watching

    with watching(scenario) as progress:
        return fly(scenario, progress=progress, **how)


@app.command()
def replay(
    readings: Annotated[Path, typer.Argument(help="Recorded readings; host_tools/replay/README.md.")],
    vehicle: Annotated[str, typer.Option(help="A built-in name, or the path of a TOML file.")],
    out: Annotated[Path, typer.Option(help="File for the votes, as CSV.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")] = False,
) -> int:
    """Send recorded readings through the flight code's voter; what it believed is in the file OUT."""
    from host_tools.replay.command import replay as replayed
    from host_tools.replay.files import BadInput

    try:
        said = replayed(readings, vehicle, out, quiet)
    except BadInput as bad:
        return _complain(bad)
    except KeyboardInterrupt as stop:
        return _stopped(stop)
    if not quiet:
        print(said)
    return 0


@app.command()
def museum(
    seeds: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Flights of each landing by each voter.")
    ] = 5,
    out: Annotated[Path, typer.Option(help="Folder for museum.html and museum.json.")] = Path("museum"),
) -> int:
    """Fly what others have flown, by every voter: one page with a picture of each, and the table."""
    from host_tools.landing.atomic import refusal

    reason = refusal(out)
    if reason is not None:
        return _complain(f"--out {out}: {reason}")
    from host_tools.museum.command import museum as exhibit
    from host_tools.museum.command import tell

    try:
        tell(exhibit(seeds, out), out)
    except KeyboardInterrupt as stop:
        return _stopped(stop)
    except OSError as error:
        return _complain(f"--out {out}: cannot be written: {error.strerror or error}")
    return 0


@app.command()
def emulate(
    board: Annotated[str, typer.Argument(help="A folder of boards/.")],
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND", help="Run it with the board in $PORT.")
    ] = None,
    uf2: Annotated[Path | None, typer.Option(help="Another firmware than the pinned one.")] = None,
    flash: Annotated[
        Path | None, typer.Option(help="The board's flash  [default: build/emulator/BOARD.flash]")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Begin with an erased flash.")] = False,
) -> int:
    """Boot a board's real firmware on an emulated chip that mpremote can talk to."""
    from host_tools.emulator.command import emulate as serve

    return serve(board, uf2, flash, empty, command or [])


@app.command()
def recorder(
    board: Annotated[str, typer.Argument(help="A port, as in /dev/ttyACM0, or an image of a board's flash.")],
    out: Annotated[Path, typer.Option(help="File for the records: FILE.csv or FILE.parquet.")],
) -> int:
    """Read a board's flight recorder out, as a table."""
    from host_tools.flash.remote import RemoteError
    from host_tools.recorder.command import recorder as read
    from host_tools.replay.files import BadInput

    try:
        print(read(board, out))
    except BadInput as bad:
        return _complain(bad)
    except RemoteError as error:
        _complain(error)
        return BOARD_FAILED
    except KeyboardInterrupt as stop:
        return _stopped(stop)
    return 0


add_campaigns(app)
add_ground(app)


@app.command()
def bench(
    board: Annotated[str, typer.Argument(help="A test bench among the folders of boards/.")],
    port: Annotated[str | None, typer.Option(help="Of the real board, as in /dev/ttyACM0 or a0.")] = None,
    emulated: Annotated[bool, typer.Option("--emulated", help="An emulated Pico, simulated parts.")] = False,
    seconds: Annotated[float | None, typer.Option(min=0.0, help="End after so long.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print lines for scripts.")] = False,
) -> int:
    """Poll a board's parts and show them live: rates, failures, values, a small plot."""
    from host_tools.bench.command import bench as run

    return run(board, port, emulated, seconds, plain)


app.command()(trials_command)
app.command()(story_command)


if __name__ == "__main__":
    main()
