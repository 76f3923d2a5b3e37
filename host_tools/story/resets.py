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
        if not self._wanted:
            return
        self._began_s.setdefault(PHASES[phase], now_s)
        for reset in list(self._wanted):
            since_s = self._since_s(reset, marks)
            if since_s is not None and now_s >= since_s + reset.after_s:
                chips[reset.board].hang()
                self.done.append(Done(reset.board, now_s))
                self._wanted.remove(reset)

    def _since_s(self, reset: Reset, marks: Sequence[Mark]) -> float | None:
        if reset.at_s is not None:
            return reset.at_s
        if reset.phase:
            return self._began_s.get(reset.phase)
        return next((mark.time_s for mark in marks if mark.name == reset.step), None)
