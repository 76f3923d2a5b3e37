"""Boards that are reset in every phase of a descent: what becomes of the lander, and the table of it.

    python -m host_tools.landing.resets --seeds 5        writes the table into navigation's page

Each flight is a whole landing on the host board with one or two resets at moments drawn from its seed. It
lands; or it is safe, which only the supervisor's table may decide; or it is lost. Tier: host.
"""

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from host_tools.host_board.lander import Lander
from host_tools.landing.loop import after_contact, prepare
from host_tools.landing.page_table import put_between
from host_tools.landing.progress import counting
from host_tools.scenarios.library import load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world.world import World
from plumbline.kernels import slots as s
from plumbline.services import modes
from plumbline.services.reset_log import POWER
from plumbline.subsystems.resumption import mode_after

PAGE = Path(__file__).parents[2] / "firmware" / "plumbline" / "subsystems" / "navigation.md"
MARKS = ("<!-- resets: made by `python -m host_tools.landing.resets` -->", "<!-- end of resets -->")
SCENARIO = "resilience_nominal"
BOARDS = ("navigation", "propulsion")
KINDS = ("reset", "hang")
# Where it strikes: guidance's phase, the agl below which (m), and by how much later at most (s).
MOMENTS: dict[str, tuple[int, float, float]] = {
    "coast": (1, np.inf, 10.0),
    "braking": (2, np.inf, 680.0),
    "late braking": (2, np.inf, 45.0),
    "approach": (3, np.inf, 90.0),
    "terminal": (4, np.inf, 5.0),
    "last 30 m": (4, 30.0, 11.0),
    "contact": (5, np.inf, 0.5),
    "landed": (6, np.inf, 1.0),
}
ONCE = ("initialised", "ignition", "touchdown", "engine_cutoff", "altimeter_acquired")
LANDED, SAFE, LOST = "landed", "safe", "lost"
_LATE_START = {
    "altitude_m": 6447.0,
    "vertical_speed_m_s": -59.1,
    "horizontal_speed_m_s": 177.9,
    "range_to_site_m": 7426.0,
}
_LATE_MASS_KG = 474.4
_TICKS_S = 100
_AFTERWARDS_TICKS = 300  # on the ground, in which no valve may open
_AGAIN_S = 3.0  # a second reset comes at most so long after the first


@dataclass(frozen=True)
class Strike:
    """What happens to one flight. twice: and the same again within three seconds."""

    board: str
    kind: str
    moment: str
    seed: int
    twice: bool = False


@dataclass
class Told:
    """How a flight went on. `said_twice`: events that come once in a descent, and came again."""

    strike: Strike
    ending: str = LOST
    outcome: str = ""
    resets: int = 0
    phase: int = 0  # guidance's, when it struck first
    vertical_m_s: float = 0.0
    said_twice: list[str] = field(default_factory=list)
    fired_on_ground: bool = False

    @property
    def as_announced(self) -> bool:
        """It landed, or is safe where the table says so; nothing was said twice, nothing fired again."""
        if self.said_twice or self.fired_on_ground:
            return False
        if self.ending == LANDED:
            return True
        lost_power = self.strike.kind == "power_loss"
        allowed = lost_power or mode_after(self.phase, self.resets >= 3) == modes.SAFE
        return self.ending == SAFE and allowed


class _Flight:
    """One landing, with its blows."""

    def __init__(self, strike: Strike, scenario: Scenario) -> None:
        rng = np.random.default_rng((strike.seed, BOARDS.index(strike.board), len(strike.moment)))
        self.phase, self.agl_m, longest_s = MOMENTS[strike.moment]
        self.left = [round(_TICKS_S * longest_s * rng.random())]
        if strike.twice:
            self.left.append(round(_TICKS_S * (0.25 + (_AGAIN_S - 0.25) * rng.random())))
        self.told = Told(strike)
        self.events: list[str] = []
        self.world = World(scenario, strike.seed)
        self.lander = Lander(self.world, flight_parameters(scenario.vehicle), on_event=self._hear)
        self._due = False

    def _hear(self, _time_s: float, board: str, name: str, _severity: str, argument: int) -> None:
        self.events.append(f"{name} {argument}" if name == "altimeter_acquired" else name)

    def step(self) -> None:
        """One tick, before which it may be struck."""
        guidance = self.lander.navigation.guidance
        reached = guidance[s.GUI_PHASE] >= self.phase and self.world.view[dyn.AGL_M] < self.agl_m
        self._due |= reached
        if self._due and self.left:
            self.left[0] -= 1
            if self.left[0] <= 0 or guidance[s.GUI_PHASE] > self.phase:
                self._strike(guidance[s.GUI_PHASE])
        self.lander.step()

    def _strike(self, phase: int) -> None:
        board = self.lander.boards[self.told.strike.board]
        if board.is_away or board.hangs:
            return
        self.left.pop(0)
        self.told.phase = self.told.phase or phase
        kind = self.told.strike.kind
        if kind == "hang":
            board.hang()
        elif kind == "power_loss":
            board.reset(POWER)
        else:
            board.reset()


def scenario_for(moment: str) -> Scenario:
    """SCENARIO; late in the burn and after it, from where its seed 1 is 690 s after the start."""
    scenario = load(SCENARIO)
    if moment in ("coast", "braking"):
        return scenario
    start = scenario.start.model_copy(update=_LATE_START)
    vehicle = scenario.vehicle.model_copy(update={"ignition_mass_kg": _LATE_MASS_KG})
    return scenario.model_copy(update={"start": start, "vehicle": vehicle})


def fly_struck(strike: Strike) -> Told:
    """The whole flight. The same strike gives the same flight."""
    scenario = scenario_for(strike.moment)
    flight = _Flight(strike, scenario)
    told, world, lander = flight.told, flight.world, flight.lander
    outcome = None
    for _ in range(int(scenario.time_limit_s * _TICKS_S)):
        flight.step()
        if world.contact[0] > 0.0:
            outcome = after_contact(world, lander.navigation.guidance[s.GUI_PHASE])
        if outcome is not None and not (outcome[0] and flight.left):
            break
    if outcome is not None and outcome[0]:
        _stay(flight)
    told.resets = sum(board.resets for board in lander.boards.values())
    told.outcome = outcome[1] if outcome is not None else "out of time"
    told.vertical_m_s = float(-world.contact[1:][dyn.SPEED_UP])
    safe = lander.navigation.guidance[s.GUI_PHASE] == 0 and not world.open_shares.any()
    told.ending = LANDED if outcome is not None and outcome[0] else SAFE if safe else LOST
    counts = Counter(flight.events)
    told.said_twice = sorted(n for n, count in counts.items() if n.split()[0] in ONCE and count > 1)
    return told


def _stay(flight: _Flight) -> None:
    """On the ground with its engines off: they stay off, whatever strikes."""
    for tick in range(_AFTERWARDS_TICKS):
        flight.step()
        if tick > 0 and flight.world.open_shares.any():
            flight.told.fired_on_ground = True


def strikes(seeds: Iterable[int]) -> Iterator[Strike]:
    """Those of the table."""
    for seed in seeds:
        for board in BOARDS:
            for moment in MOMENTS:
                for kind in KINDS:
                    yield Strike(board, kind, moment, seed)
                yield Strike(board, "hang", moment, seed, twice=True)


def table(flights: list[Told]) -> str:
    """Rows of board and moment, in Markdown."""
    lines = [
        "| host tier: board, reset while in | the table says | reset by its program | hangs, watchdog "
        "| hangs twice within 3 s | worst touchdown, m/s | said twice |",
        "|---|---|---|---|---|---|---|",
    ]
    for board in BOARDS:
        for moment, (phase, _, _) in MOMENTS.items():
            row = [told for told in flights if (told.strike.board, told.strike.moment) == (board, moment)]
            cells = [
                _endings([t for t in row if (t.strike.kind, t.strike.twice) == what])
                for what in (("reset", False), ("hang", False), ("hang", True))
            ]
            mode = modes.MODES[mode_after(phase, False)] if board == "navigation" else "goes on"
            if mode == "cruise":
                mode = "cruise, then coast"
            worst = max(told.vertical_m_s for told in row)
            twice = sum(bool(told.said_twice or told.fired_on_ground) for told in row)
            lines.append(f"| {board}, {moment} | {mode} | {' | '.join(cells)} | {worst:.2f} | {twice} |")
    return "\n".join(lines)


def _endings(flights: list[Told]) -> str:
    counts = Counter(told.ending for told in flights)
    return ", ".join(f"{counts[end]} of {len(flights)} {end}" for end in (LANDED, SAFE, LOST) if counts[end])


def main(
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Flights of each kind.")] = 3,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 2,
    page: Annotated[Path, typer.Option(help="The page with the marks.")] = PAGE,
) -> None:
    """Fly them all, write the table; exit code 1 when one did not end as announced."""
    prepare(load(SCENARIO))
    todo = list(strikes(range(1, seeds + 1)))
    flights: list[Told] = []
    with (
        counting(len(todo), "descents") as report,
        multiprocessing.get_context("spawn").Pool(workers) as pool,
    ):
        for told in pool.imap_unordered(fly_struck, todo):
            flights.append(told)
            report(1, told.strike.moment)
    try:
        put_between(page, MARKS, table(flights))
    except ValueError as error:
        typer.echo(f"resets: {error}", err=True)
        raise typer.Exit(2) from error
    wrong = [told for told in flights if not told.as_announced]
    for told in wrong:
        typer.echo(f"{told.strike}: {told.ending}, {told.outcome}; said twice: {told.said_twice}", err=True)
    typer.echo(table(flights))
    raise typer.Exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
