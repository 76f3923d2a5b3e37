"""Colours and fonts of the picture of a landing."""

from typing import Any

TRUTH = "#1f4e79"
BELIEF = "#e4572e"
GROUND = "#b8b0a2"
GROUND_EDGE = "#7d7466"
INK = "#222222"
QUIET = "#6b6b6b"
GOOD = "#2a7f3f"
BAD = "#b3261e"
DASHED = (0, (4, 2))
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#aaaaaa",
    "axes.labelcolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e8e8e8",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 10,
}
