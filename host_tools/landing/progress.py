"""Something to look at during a flight or many: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from host_tools.scenarios.schema import Scenario

Report = Callable[[float, float], None]
Count = Callable[[int, str], None]

_VERTICAL_PART_S = 120.0  # approach and terminal descent, after the braking burn
_LINE_EVERY_S = 100.0
_LINES = 20  # where there is no terminal, a line after each twentieth of what is counted


@contextmanager
def watching(scenario: Scenario) -> Iterator[Report]:
    """Gives the function that the flight calls with (simulated seconds, agl in metres)."""
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console, scenario) as report:
            yield report
    else:
        yield _lines(scenario)


def _lines(scenario: Scenario) -> Report:
    print(f"{scenario.name}: flying", file=sys.stderr, flush=True)
    due_s = _LINE_EVERY_S

    def report(time_s: float, agl_m: float) -> None:
        nonlocal due_s
        if time_s >= due_s:
            due_s += _LINE_EVERY_S
            print(
                f"{time_s:6.0f} s  {max(agl_m, 0.0) / 1e3:6.2f} km above the ground",
                file=sys.stderr,
                flush=True,
            )

    return report


@contextmanager
def _bar(console: Console, scenario: Scenario) -> Iterator[Report]:
    # Braking at a constant rate takes twice the time that the distance takes at full speed.
    start = scenario.start
    expected_s = 2.0 * start.range_to_site_m / start.horizontal_speed_m_s + _VERTICAL_PART_S
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(scenario.name, total=expected_s, state="preparing (the first run compiles)")
        began_s: float | None = None
        first_s = 0.0

        def report(time_s: float, agl_m: float) -> None:
            nonlocal began_s, first_s
            now_s = time.monotonic()
            if began_s is None:
                began_s, first_s = now_s, time_s
            state = f"{time_s:5.0f} s  {max(agl_m, 0.0) / 1e3:6.2f} km up"
            if now_s - began_s > 0.5:
                state += f"  {(time_s - first_s) / (now_s - began_s):4.0f} x real time"
            progress.update(task, completed=time_s, total=max(expected_s, time_s), state=state)

        yield report


@contextmanager
def counting(total: int, what: str, preparing: str = "preparing") -> Iterator[Count]:
    """Gives the function that is called with (how many more are flown, what flies); `what` is their name."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _counted_lines(total, what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(preparing, total=total)
        yield lambda more, flying: progress.update(bar, advance=more, description=flying)


def _counted_lines(total: int, what: str) -> Count:
    done = told = 0

    def report(more: int, _flying: str) -> None:
        nonlocal done, told
        done += more
        if done == total or done - told >= max(1, total // _LINES):
            told = done
            print(f"{done} of {total} {what} flown", file=sys.stderr, flush=True)

    return report
