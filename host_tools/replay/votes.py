"""Readings in, votes out: every tick of the recording, and the file of votes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from host_tools.landing.notebook import FLAGS, VERDICTS
from host_tools.replay.board import ReplayBoard, Vote
from host_tools.replay.readings import TICKS_A_SECOND, Reading
from host_tools.scenarios.vehicle import Vehicle


def votes(readings: Iterable[Reading], vehicle: Vehicle) -> Iterator[Vote]:
    """The vote after each tick from the first reading's to the last one's."""
    board: ReplayBoard | None = None
    now = 0
    waiting: list[Reading] = []
    for reading in readings:
        if board is None:
            now = reading.tick
            board = ReplayBoard(vehicle, now)
        while now < reading.tick:
            board.tick(waiting)
            waiting.clear()
            now += 1
            yield board.vote()
        waiting.append(reading)
    if board is not None:
        board.tick(waiting)
        yield board.vote()


@dataclass
class VoteFile:
    """The lines of VOTES.csv and what is worth saying of them."""

    names: list[str]
    lines: list[str] = field(default_factory=list)
    valid_ticks: int = 0
    steps: int = 0
    verdict_ticks: list[Counter[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        columns = ["time_s", "agl_m", "agl_valid", *(f"{name}_verdict" for name in self.names)]
        self.lines.append(",".join([*columns, "terrain_steps", "terrain_step_m", "protection_m", "flags"]))
        self.verdict_ticks = [Counter() for _ in self.names]

    def add(self, vote: Vote) -> None:
        """One tick's line."""
        verdicts = [VERDICTS[verdict] for verdict in vote.verdicts]
        for counter, verdict in zip(self.verdict_ticks, verdicts, strict=True):
            counter[verdict] += 1
        self.valid_ticks += vote.agl_valid
        self.steps = vote.steps
        cells = [
            f"{vote.tick / TICKS_A_SECOND:.2f}",
            f"{vote.agl_mm / 1e3:.3f}" if vote.acquired else "",
            str(int(vote.agl_valid)),
            *verdicts,
            str(vote.steps),
            f"{vote.step_mm / 1e3:.3f}" if vote.steps else "",
            f"{vote.protection_mm / 1e3:.3f}" if vote.acquired else "",
            "+".join(name for bit, name in enumerate(FLAGS) if vote.flags >> bit & 1),
        ]
        self.lines.append(",".join(cells))

    @property
    def ticks(self) -> int:
        return len(self.lines) - 1

    def content(self) -> bytes:
        """The file."""
        return "".join(line + "\n" for line in self.lines).encode()

    def summary(self) -> str:
        """A line for each of what came out."""
        shown = [
            f"{self.ticks / TICKS_A_SECOND:,.0f} s replayed: height above ground valid for "
            f"{self.valid_ticks / TICKS_A_SECOND:,.0f} s, terrain steps: {self.steps}"
        ]
        for name, counter in zip(self.names, self.verdict_ticks, strict=True):
            spans = ", ".join(
                f"{verdict} {ticks / TICKS_A_SECOND:,.1f} s" for verdict, ticks in counter.most_common()
            )
            shown.append(f"{name}: {spans}")
        return "\n".join(shown)
