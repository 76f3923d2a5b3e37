"""The command `plumbline`: list the landings, fly one, leave its result as files.

Exit codes: 0 landed, 1 crashed, 2 bad input (one line on standard error, nothing written), 128 + signal
when interrupted.
"""

import contextlib
import importlib.metadata
import os
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

if TYPE_CHECKING:  # what these need takes a second to import: `plumbline --help` does not wait for it
    from host_tools.landing.record import FlightRecord
    from host_tools.scenarios.schema import Scenario

LANDED, CRASHED, BAD_INPUT = 0, 1, 2

app = typer.Typer(
    help="Land with the flight code before it flies.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
# click's UsageError, which newer typers carry inside themselves
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])


class Voter(StrEnum):
    """Who decides on the altitude."""

    FLIGHT = "flight"
    AS_FLOWN = "as-flown"


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
        Voter, typer.Option(help="The flight code's, or the gate-and-latch of 2023.")
    ] = Voter.FLIGHT,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result  [default: landings/SCENARIO-SEED]")
    ] = None,
    altimeters: Annotated[
        str | None, typer.Option(help="Fit only these, as in: laser,radar  [default: all of the vehicle]")
    ] = None,
    kernels: Annotated[Kernels | None, typer.Option(help="Compiled, or plain Python (slow).")] = None,
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
    try:
        return _land(chosen, seed, voter.value, out or _default_out(chosen, seed, voter), kernels, quiet)
    except KeyboardInterrupt as stop:
        return _stopped(stop)


def _default_out(scenario: "Scenario", seed: int, voter: Voter) -> Path:
    suffix = "" if voter is Voter.FLIGHT else f"-{voter.value}"
    return Path("landings") / f"{scenario.name}-{seed}{suffix}"


def _land(
    scenario: "Scenario", seed: int, voter: str, out: Path, kernels: Kernels | None, quiet: bool
) -> int:
    from host_tools.landing.atomic import refusal

    reason = refusal(out)
    if reason is not None:
        return _complain(f"--out {out}: {reason}")
    if kernels is not None:
        os.environ["PLUMBLINE_KERNELS"] = kernels.value  # read when the flight code is imported
    record = _flown(scenario, seed, voter, quiet)
    from host_tools.landing import report

    try:
        report.write(record, out)
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


def _flown(scenario: "Scenario", seed: int, voter: str, quiet: bool) -> "FlightRecord":
    """The flight, with something to look at meanwhile unless `quiet`."""
    if quiet:
        return _fly(scenario, seed, voter, None)
    from host_tools.landing.progress import watching

    with watching(scenario) as progress:
        return _fly(scenario, seed, voter, progress)


def _fly(
    scenario: "Scenario", seed: int, voter: str, progress: Callable[[float, float], object] | None
) -> "FlightRecord":
    from host_tools.landing.loop import fly

    return fly(scenario, seed=seed, voter=voter, progress=progress)


if __name__ == "__main__":
    main()
