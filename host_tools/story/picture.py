"""The story in one picture: descent, the lander's power, the rover's way, and the images that came down."""

import io

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from host_tools.landing import paths
from host_tools.landing.style import BAD, BELIEF, GOOD, GROUND_EDGE, INK, QUIET, STYLE, TRUTH
from host_tools.story.player import Told

_SIZE_INCH = (16.0, 11.0)
_DOTS_PER_INCH = 110
_STATIONS = ("up", "half way down", "deepest", "half way up", "carried")
_SHOWN_MARKS = (
    "touchdown",
    "safe",
    "power_positive",
    "release",
    "rover_free",
    "half_way",
    "ten_metres",
    "downlinked",
)


def draw(told: Told) -> bytes:
    """The picture as PNG."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_SIZE_INCH, dpi=_DOTS_PER_INCH, facecolor="white")
        grid = figure.add_gridspec(
            3, 1, left=0.05, right=0.98, top=0.89, bottom=0.03, height_ratios=(1.0, 1.0, 0.75), hspace=0.33
        )
        _title(figure, told)
        upper, lower = grid[0].subgridspec(1, 2, wspace=0.14), grid[1].subgridspec(1, 2, wspace=0.14)
        if told.descent is not None:
            paths.path(figure.add_subplot(upper[0]), told.descent)
        _power(figure.add_subplot(upper[1]), told)
        _way(figure.add_subplot(lower[0]), told)
        _track(figure.add_subplot(lower[1]), told)
        _images(figure, grid[2].subgridspec(1, 5, wspace=0.06), told)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()


def _title(figure: Figure, told: Told) -> None:
    figure.text(0.05, 0.955, told.script.title, fontsize=22, fontweight="bold", parse_math=False)
    colour = GOOD if told.complete else BAD
    said = f"complete: {told.outcome}" if told.complete else f"not complete: {told.outcome}"
    figure.text(0.05, 0.925, said, fontsize=12, color=colour, parse_math=False)
    figures = told.figures
    facts = f"seed {told.seed} · host tier · {figures['simulated_s']:.0f} s · five boards on one bus"
    figure.text(0.98, 0.955, facts, fontsize=11, color=QUIET, ha="right", parse_math=False)


def _surface(told: Told) -> tuple[np.ndarray, float]:
    """(rows of the trace from touchdown on, that time)."""
    begin_s = next((mark.time_s for mark in told.marks if mark.name == "touchdown"), 0.0)
    return np.flatnonzero(np.array(told.trace["time_s"]) >= begin_s - 20.0), begin_s


def _mark(axes: Axes, told: Told, begin_s: float) -> None:
    """Thin lines at the steps, their numbers as in the page's table."""
    top = axes.get_ylim()[1]
    shown = [(n, mark) for n, mark in enumerate(told.marks, start=1) if mark.name in _SHOWN_MARKS]
    for place, (number, mark) in enumerate(shown):
        axes.axvline(mark.time_s - begin_s, color=GROUND_EDGE, linewidth=0.7, zorder=1)
        axes.annotate(
            str(number), (mark.time_s - begin_s, top), (1, -9 - 9 * (place % 3)),
            textcoords="offset points", fontsize=8, color=QUIET,
        )  # fmt: skip


def _power(axes: Axes, told: Told) -> None:
    rows, begin_s = _surface(told)
    time_s = np.array(told.trace["time_s"])[rows] - begin_s
    for name, label, colour in (
        ("lander_solar_a", "solar array", GOOD),
        ("lander_load_a", "loads", BELIEF),
        ("lander_battery_a", "into the battery", TRUTH),
    ):
        axes.plot(time_s, np.array(told.trace[name])[rows], color=colour, linewidth=1.6, label=label)
    axes.axhline(0.0, color=INK, linewidth=0.6)
    axes.set_title("The lander's power: currents, A")
    axes.set_xlabel("seconds after touchdown")
    _mark(axes, told, begin_s)
    axes.legend(loc="center", bbox_to_anchor=(0.5, 0.35), ncols=3)


def _way(axes: Axes, told: Told) -> None:
    rows, begin_s = _surface(told)
    time_s = np.array(told.trace["time_s"])[rows] - begin_s
    way = np.array(told.trace["rover_way_m"])[rows]
    axes.plot(time_s, np.array(told.trace["rover_odometer_m"])[rows], color=BELIEF, label="by its wheels")
    axes.plot(time_s, way, color=TRUTH, linewidth=2.2, label="truth")
    arm = axes.twinx()
    arm.grid(False)
    arm.plot(time_s, np.array(told.trace["rover_arm_rad"])[rows], color=GOOD, linewidth=1.2, label="arm, rad")
    arm.set_ylabel("arm, rad", color=GOOD)
    arm.set_ylim(0, 4)
    axes.set_title("The rover's way, m, and its arm")
    axes.set_xlabel("seconds after touchdown")
    _mark(axes, told, begin_s)
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93))


def _track(axes: Axes, told: Told) -> None:
    along, left = np.array(told.trace["rover_along_m"]), np.array(told.trace["rover_left_m"])
    axes.plot(along, left, color=TRUTH, linewidth=2.4)
    axes.plot(along[-1:], left[-1:], "o", color=TRUTH)
    axes.axvspan(-0.3, 1.0, color="#dddddd", zorder=0)
    axes.annotate("ramp", (0.35, 0.0), (0, 16), textcoords="offset points", ha="center", color=QUIET)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title("The rover's track from above, m")


def _images(figure: Figure, grid: object, told: Told) -> None:
    for place, (number, image) in enumerate(list(told.images.items())[:5]):
        axes = figure.add_subplot(grid[place])  # type: ignore[index]
        axes.imshow(np.asarray(Image.open(io.BytesIO(image))), cmap="gray", vmin=0, vmax=255)
        about = told.stations[number]
        station = _STATIONS[about["station"]]
        axes.set_title(f"{number}: {station}, {about['scoop_mrad']} mrad", fontsize=10)
        axes.axis("off")
