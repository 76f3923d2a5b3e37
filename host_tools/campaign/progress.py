"""How far a campaign is: a bar with rate and time left on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Report = Callable[[int], None]

_LINES = 20  # where there is no terminal, a line after each twentieth of the runs


class Pace:
    """Runs done, and how fast: counted from the first part on, since the first one also compiles."""

    def __init__(self, total: int, done: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done = total, done
        self._clock = clock
        self._began_s, self._began_done = clock(), done
        self._parts = 0

    def add(self, runs: int) -> None:
        """So many more are stored."""
        self.done += runs
        self._parts += 1
        if self._parts == 1 and self.done < self.total:
            self._first = (self._clock() - self._began_s, runs)
            self._began_s, self._began_done = self._clock(), self.done

    @property
    def rate(self) -> float:
        """Runs a second; 0 while nothing is known."""
        since_s, runs = self._clock() - self._began_s, self.done - self._began_done
        if runs == 0 and self._parts == 1:
            since_s, runs = self._first if self.done < self.total else (since_s, 0)
        return runs / since_s if since_s > 0.0 and runs else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until all are done, or None while that is not known."""
        return (self.total - self.done) / self.rate if self.rate else None


@contextmanager
def watching(name: str, total: int, done: int) -> Iterator[Report]:
    """Gives the function that is called with the number of runs that were stored."""
    console = Console(stderr=True)
    pace = Pace(total, done)
    if console.is_terminal:
        with _bar(console, name, pace) as report:
            yield report
    else:
        yield _lines(name, pace)


def _lines(name: str, pace: Pace) -> Report:
    print(f"{name}: {pace.done} of {pace.total} runs are stored, flying", file=sys.stderr, flush=True)
    told = pace.done

    def report(runs: int) -> None:
        nonlocal told
        pace.add(runs)
        if pace.done == pace.total or pace.done - told >= max(1, pace.total // _LINES):
            told = pace.done
            left = "" if pace.left_s is None else f", {duration(pace.left_s)} left"
            rate = f", {_told(pace.rate)}" if pace.rate else ""
            print(f"{pace.done} of {pace.total} runs{rate}{left}", file=sys.stderr, flush=True)

    return report


@contextmanager
def _bar(console: Console, name: str, pace: Pace) -> Iterator[Report]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(name, total=pace.total, completed=pace.done, rate="preparing")

        def report(runs: int) -> None:
            pace.add(runs)
            progress.update(bar, completed=pace.done, rate=_told(pace.rate) if pace.rate else "")

        yield report


def _told(rate: float) -> str:
    return f"{rate:,.0f} a second" if rate >= 10.0 else f"{rate:.2g} a second"


def duration(seconds: float) -> str:
    """As a person says it: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
