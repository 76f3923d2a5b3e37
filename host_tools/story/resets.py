"""Boards that hang in a story and are reset by their watchdogs, when the script says so."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from host_tools.landing.notebook import PHASES
from host_tools.story.ground import Mark
from host_tools.story.script import Reset


class Done(NamedTuple):
    """A board that hung at this time."""

    board: str
    at_s: float


class Resets:
    """`done`: those that have happened; chips: what can be reset, by board."""

    def __init__(self, wanted: Sequence[Reset], chips: Mapping[str, Any]) -> None:
        for reset in wanted:
            if reset.board not in chips:
                raise ValueError(f"resets: {reset.board} is an emulated chip here, and not reset in a story")
        self.done: list[Done] = []
        self._wanted = list(wanted)
        self._began_s: dict[str, float] = {}  # phases of the descent

    def look(self, chips: Mapping[str, Any], now_s: float, marks: Sequence[Mark], phase: int) -> None:
        """Once a tick: whose time has come, hangs. phase: of guidance, the truth and not what was told."""
        for reset in self.due(now_s, marks, phase):
            self.strike(reset, chips, now_s)

    def due(self, now_s: float, marks: Sequence[Mark], phase: int) -> list[Reset]:
        """Those whose time has come since the last call; to be asked once a tick."""
        if not self._wanted:
            return []
        self._began_s.setdefault(PHASES[phase], now_s)
        due = [reset for reset in self._wanted if self._is_due(reset, now_s, marks)]
        for reset in due:
            self._wanted.remove(reset)
        return due

    def strike(self, reset: Reset, chips: Mapping[str, Any], now_s: float) -> None:
        """This board hangs, now."""
        chips[reset.board].hang()
        self.done.append(Done(reset.board, now_s))

    def _is_due(self, reset: Reset, now_s: float, marks: Sequence[Mark]) -> bool:
        since_s = self._since_s(reset, marks)
        return since_s is not None and now_s >= since_s + reset.after_s

    def _since_s(self, reset: Reset, marks: Sequence[Mark]) -> float | None:
        if reset.at_s is not None:
            return reset.at_s
        if reset.phase:
            return self._began_s.get(reset.phase)
        return next((mark.time_s for mark in marks if mark.name == reset.step), None)
