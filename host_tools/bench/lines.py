"""What a bench board says, as the last values of its parts; its lines are in subsystems/bench.py."""

from collections import deque
from dataclasses import dataclass, field

HISTORY = 40  # values kept for the plot: eight seconds


@dataclass
class Part:
    """A part as the board last reported it."""

    name: str
    line: str
    fields: tuple[tuple[str, str], ...]  # (name, unit)
    taken: int = 0
    rejected: int = 0
    rate_hz: float = 0.0
    values: tuple[int, ...] = ()
    history: deque[int] = field(default_factory=lambda: deque(maxlen=HISTORY))
    _seen_s: float | None = None

    def update(self, numbers: tuple[int, ...], now_s: float) -> None:
        """taken, rejected, values. ValueError when they are not as many as the fields."""
        taken, rejected, *values = numbers
        if len(values) != len(self.fields):
            raise ValueError(f"{self.name} has {len(self.fields)} fields, not {len(values)}")
        if self._seen_s is not None and now_s > self._seen_s:
            self.rate_hz = max(0, taken - self.taken) / (now_s - self._seen_s)
        self._seen_s = now_s
        self.taken, self.rejected, self.values = taken, rejected, tuple(values)
        self.history.append(values[0])


@dataclass
class Bench:
    """A board's parts in the order in which it names them; `ignored` counts lines of something else."""

    parts: dict[str, Part] = field(default_factory=dict)
    ticks: int = 0
    overruns: int = 0
    starved: int = 0
    ready: str = ""  # board and hash, when it has said so
    complaint: str = ""  # the last line of a program that has ended
    ignored: int = 0
    reports: int = 0  # whole ones: every part was named

    def take(self, line: str, now_s: float) -> Part | None:
        """One line of the console; returns the part that it has changed."""
        words = line.split()
        try:
            match words:
                case ["part", name, where, *fields]:
                    pairs = tuple(
                        (field, unit) for field, _, unit in (each.partition(":") for each in fields)
                    )
                    known = self.parts.get(name)
                    if known is None or known.fields != pairs:
                        self.parts[name] = Part(name, where, pairs)
                case ["bench", name, *numbers] if name in self.parts:
                    self.parts[name].update(tuple(map(int, numbers)), now_s)
                    return self.parts[name]
                case ["bench-tick", ticks, overruns, starved]:
                    self.ticks, self.overruns, self.starved = int(ticks), int(overruns), int(starved)
                    self.reports += 1
                case ["plumbline", board, hash8, "ready"]:
                    self.ready = f"{board} {hash8}"
                    self.complaint = ""  # of a program before this one
                case _:
                    self._other(line)
        except ValueError:  # a line that was cut, or mixed with another
            self.ignored += 1
        return None

    def _other(self, line: str) -> None:
        self.ignored += 1
        if ("Error" in line or "Interrupt" in line) and not line.startswith(" "):
            self.complaint = line.strip()
