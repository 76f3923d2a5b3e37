"""Each board reset in each phase of the story: board by phase, what becomes of it.

    .venv/bin/python -m host_tools.story.reset_table --readme host_tools/story/README.md      # host tier

A board hangs, its watchdog resets it after 80 ms, it is away for as long as its start takes
(host_board/reset.py). Exit code 1: a board did not reset, a descent failed, or a story ended otherwise than
the boards' own tables say.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from host_tools.landing.page_table import put_between
from host_tools.landing.progress import counting
from host_tools.story.play import Told, play
from host_tools.story.script import FLYING, Goal, Reset, Script, Start, load_script

NAME = "resilience_to_regolith"
STOWED = 0  # of kernels/rover_mode.py
COMPLETE, AT_REST = "complete", "lands; rover safe at rest, stowed"
_MARKS = ("<!-- resets: begin -->", "<!-- resets: end -->")
# the end of a descent, nearly empty: all phases but the long burn in a minute
_LOW = Start(
    altitude_m=300,
    horizontal_speed_m_s=12,
    vertical_speed_m_s=0,
    range_to_site_m=150,
    ignition_mass_kg=450,
)


@dataclass(frozen=True)
class Phase:
    """When the board hangs. `last`: the step with which the story ends; `is_whole`: it begins in orbit."""

    name: str
    step: str = ""
    phase: str = ""
    after_s: float = 0.0
    last: str = "release"
    is_whole: bool = False

    def script(self, base: Script, board: str) -> Script:
        """The story with this one reset."""
        end = [step.name for step in base.steps].index(self.last) + 1
        reset = Reset(board=board, step=self.step, phase=self.phase, after_s=self.after_s)
        goal = base.goal if self.last == base.steps[-1].name else _goal_of_a_part(base)
        changed = {"steps": base.steps[:end], "resets": [reset], "late": _LOW, "goal": goal}
        return base.model_copy(update=changed)


_END = "downlinked"
PHASES = (
    Phase("cruise, a pyro armed", step="legs", after_s=0.1),
    Phase("armed, before ignition", step="go", is_whole=True, after_s=5.0),
    Phase("braking", phase="braking", after_s=100.0, is_whole=True),
    Phase("approach", phase="approach", after_s=5.0),
    Phase("terminal", phase="terminal", after_s=3.0),
    Phase("touchdown", step="touchdown", after_s=0.0),
    Phase("safing", step="engine_off", after_s=0.5),
    Phase("ramp going down", step="ramp", after_s=1.0),
    Phase("rover leaving", step="release", after_s=20.0, last=_END),
    Phase("rover driving", step="rover_free", after_s=30.0, last=_END),
    Phase("rover scooping", step="ten_metres", after_s=10.0, last=_END),
    Phase("downlink", step="scooped", after_s=0.8, last=_END),
)
_ON_THE_SURFACE = {phase.name for phase in PHASES if phase.last == _END}


def expected(board: str, phase: Phase) -> str:
    """What the boards' own tables say: a rover that begins anew outside waits for ground, at rest."""
    return AT_REST if board == "rover" and phase.name in _ON_THE_SURFACE else COMPLETE


def _goal_of_a_part(base: Script) -> Goal:
    return base.goal.model_copy(update={"rover_way_m": 0.0, "images": 0})


def outcome(told: Told, board: str) -> str:
    """COMPLETE, AT_REST, or what went wrong; no reset is wrong too."""
    restarted = [e for e in told.events if (e.board, e.name) == (board, "restarted")]
    if told.figures["resets"][board] != 1 or len(restarted) != 1:
        return "was not reset, or did not say so once"
    if told.complete:
        return COMPLETE
    landed = told.descent is not None and told.descent.landed
    trace = told.trace
    still = trace["rover_way_m"][-1] == trace["rover_way_m"][-20]
    if landed and board == "rover" and trace["rover_mode"][-1] == STOWED and still:
        return AT_REST
    return told.outcome


def fly(
    boards: Iterable[str], phases: Iterable[Phase], seed: int, done: Callable[[int, str], object]
) -> dict[tuple[str, str], str]:
    """Outcome by (phase, board)."""
    base, outcomes = load_script(NAME), {}
    for phase in phases:
        for board in boards:
            told = play(phase.script(base, board), seed, late=not phase.is_whole)
            outcomes[phase.name, board] = outcome(told, board)
            done(1, f"{board}: {phase.name}")
    return outcomes


def page(outcomes: dict[tuple[str, str], str], seed: int) -> str:
    """The table for a README."""
    boards = [board for board in FLYING if any(board == b for _, b in outcomes)]
    phases = [phase for phase in PHASES if any(phase.name == p for p, _ in outcomes)]
    rows = [["reset while", *boards], ["---"] * (1 + len(boards))]
    rows += [
        [phase.name, *(outcomes.get((phase.name, board), "not flown") for board in boards)]
        for phase in phases
    ]
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    wrong = wrong_ones(outcomes)
    said = (
        f"{len(outcomes)} stories, host tier, seed {seed}; {len(outcomes) - len(wrong)} as the boards' tables"
    )
    return f"{lines}\n{said} say.\n"


def wrong_ones(outcomes: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """(phase, board) of outcomes that are not as expected."""
    by_name = {phase.name: phase for phase in PHASES}
    return [key for key, said in outcomes.items() if said != expected(key[1], by_name[key[0]])]


def main(arguments: list[str] | None = None) -> int:
    """The command; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="reset_table", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--board", choices=FLYING, action="append", help="only this one; may be repeated")
    parser.add_argument("--readme", type=Path, help="a page with marks between which the table goes")
    given = parser.parse_args(arguments)
    if given.seed < 0:
        print("reset_table: --seed is not negative", file=sys.stderr)
        return 2
    boards = given.board or FLYING
    with counting(len(PHASES) * len(boards), "stories") as done:
        outcomes = fly(boards, PHASES, given.seed, done)
    made = page(outcomes, given.seed)
    print(made)
    if given.readme is not None:
        try:
            put_between(given.readme, _MARKS, made)
        except ValueError as error:
            print(f"--readme {error}", file=sys.stderr)
            return 2
    return 1 if wrong_ones(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
