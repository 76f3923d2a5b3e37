"""One trial in one picture: readings and agl against the truth, the protection level, flags and verdicts."""

import io

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from host_tools.landing.style import BAD, BELIEF, GOOD, GROUND, QUIET, STYLE, TRUTH
from host_tools.trials import measures as m
from host_tools.trials.flight import Votes
from host_tools.trials.question import Question
from host_tools.trials.run import trial
from host_tools.trials.streams import Stream
from host_tools.trials.trace import flown

_SIZE_INCH = (11.0, 5.4)
_DOTS_PER_INCH = 80
_READINGS = ("#2a9d8f", "#8f5bb3", "#c9920e", "#1f4e79")
_VERDICTS = ("#dddddd", GOOD, "#e9c46a", TRUTH, BAD, "#6b6b6b")
_NAMES = ("silent", "accepted", "on trial", "terrain", "put out", "overdue")
_ROOM = 1.6  # of what the vote was wrong by or promised: readings further off are not shown


def draw(question: Question, seed: int, voter: str) -> bytes:
    """The picture as PNG."""
    plan, stream, votes = trial(question.flown, question, seed, voter)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_SIZE_INCH, dpi=_DOTS_PER_INCH, facecolor="white")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4.0, 1.2))
        figure.subplots_adjust(left=0.09, right=0.985, top=0.87, bottom=0.1, hspace=0.08)
        figure.suptitle(f"{question.name}; seed {seed}, {voter} voter", x=0.02, ha="left", fontsize=11)
        upper.set_title(flown(plan), fontsize=9, fontweight="normal", color=QUIET)
        _errors(upper, stream, votes)
        _verdicts(lower, stream, votes)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()


def _errors(axes: Axes, stream: Stream, votes: Votes) -> None:
    seconds, error_m = stream.seconds, m.error_m(stream, votes)
    protection_m = np.where(votes.acquired, votes.protection_m, np.nan)
    # what a reading says is off by as much as the level that it puts the ground at
    off_m = stream.ground_m[:, np.newaxis] - stream.seen_level_m
    for index, kind in enumerate(stream.kinds):
        new = votes.heard[:, index]
        axes.plot(
            seconds[new],
            off_m[new, index],
            ".",
            markersize=4,
            color=_READINGS[index],
            label=f"{index}: {kind}",
        )
    axes.fill_between(
        seconds, -protection_m, protection_m, color=GROUND, alpha=0.35, linewidth=0, label="protection level"
    )
    axes.plot(seconds, error_m, color=BELIEF, linewidth=1.6, label="agl less the truth")
    most_m = _ROOM * float(np.nanmax(np.abs(error_m), initial=float(stream.allowed_m.max())))
    axes.set_ylim(-most_m, most_m)
    axes.set_ylabel("m")
    axes.legend(loc="upper left", fontsize=8, ncols=3)


def _verdicts(axes: Axes, stream: Stream, votes: Votes) -> None:
    seconds = stream.seconds
    rows = votes.verdicts.T
    for place, row in enumerate(rows):
        for verdict in np.unique(row):
            axes.fill_between(
                seconds,
                place,
                place + 0.8,
                where=row == verdict,
                color=_VERDICTS[verdict],
                linewidth=0,
                step="mid",
            )
    axes.fill_between(
        seconds, len(rows), len(rows) + 0.8, where=votes.flags != 0, color=BAD, linewidth=0, step="mid"
    )
    axes.set_yticks(np.arange(len(rows) + 1) + 0.4, [*(str(i) for i in range(len(rows))), "flags"])
    axes.set_xlabel("s", fontsize=9, loc="left")
    axes.grid(visible=False)
    for name, colour in zip(_NAMES, _VERDICTS, strict=True):
        axes.plot([], [], "s", color=colour, label=name)
    axes.legend(loc="upper right", bbox_to_anchor=(1.0, -0.12), fontsize=8, ncols=6)
    axes.set_xlim(0.0, float(seconds[-1]))
