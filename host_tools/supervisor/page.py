"""The page of the supervisor's table: a diagram, every transition, every permission."""

from collections.abc import Sequence

import host_tools.host_board
from plumbline.services import modes

PAGE = host_tools.host_board.ROOT / "firmware" / "plumbline" / "services" / "supervisor.md"

_HEAD = """\
# Supervisor

Made from `modes.py` by `python -m host_tools.supervisor`; the tests fail when it is out of date.

Conditions are collected in `conditions.py`, turned into a mask, and decided by the table, ten times a
second. Of a mode's rows the first that fits decides; when none does the mode stays. There is no way from a
powered descent to `safe`: closing the valves there would crash the lander. What ends it
is the ground, or the orbit after an abort.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_diagram(), "", *_table(), "", *_permissions(), ""])


def _names(mask: int) -> list[str]:
    return [name for bit, name in enumerate(modes.CONDITIONS) if mask >> bit & 1]


def _conditions(needs: int, forbids: int) -> str:
    return ", ".join([*_names(needs), *(f"not {name}" for name in _names(forbids))])


def _diagram() -> list[str]:
    """One arrow for each pair of modes."""
    arrows: dict[tuple[int, int], list[str]] = {}
    for mode, needs, forbids, to in modes.TRANSITIONS:
        arrows.setdefault((mode, to), []).append(_conditions(needs, forbids))
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> boot"]
    for (mode, to), why in arrows.items():
        lines.append(f"    {modes.MODES[mode]} --> {modes.MODES[to]}: {' / '.join(why)}")
    return [*lines, "```"]


def _table() -> list[str]:
    rows = [
        (modes.MODES[mode], ", ".join(_names(needs)), ", ".join(_names(forbids)), modes.MODES[to])
        for mode, needs, forbids, to in modes.TRANSITIONS
    ]
    return _rows(("mode", "when", "unless", "next mode"), rows)


def _permissions() -> list[str]:
    rows = [
        (name, *("yes" if modes.ALLOWED[mode] >> bit & 1 else "" for bit in range(len(modes.PERMISSIONS))))
        for mode, name in enumerate(modes.MODES)
    ]
    return _rows(("mode", *modes.PERMISSIONS), rows)


def _rows(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows)]
