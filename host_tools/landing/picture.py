"""The descent in one picture: the path over the ground, the last kilometres, and what the flight code believed.

Drawn from a FlightRecord alone, off screen, as PNG bytes.
"""

import io

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from host_tools.landing.record import FlightRecord, Moment

_SIZE_INCH = (16.0, 10.0)
_DOTS_PER_INCH = 120

_TRUTH = "#1f4e79"
_BELIEF = "#e4572e"
_GROUND = "#b8b0a2"
_GROUND_EDGE = "#7d7466"
_INK = "#222222"
_QUIET = "#777777"
_GOOD = "#2a7f3f"
_BAD = "#b3261e"
_VERDICTS = {
    "accepted": "#2a9d4a",
    "step": "#2f6fde",
    "on_trial": "#e9a820",
    "rejected": "#c62828",
    "stale": "#8e6bbf",
}
_OTHER_VERDICT = "#8a8a8a"
_LABELS = {
    "ignition": "ignition",
    "first_range": "first range",
    "high_gate": "high gate",
    "rim": "rim",
    "terminal": "terminal descent",
    "touchdown": "touchdown",
    "impact": "impact",
}
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#aaaaaa",
    "axes.labelcolor": _QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e8e8e8",
    "xtick.color": _QUIET,
    "ytick.color": _QUIET,
    "text.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 10,
}


def draw(record: FlightRecord) -> bytes:
    """The picture as PNG, 1920 x 1200 pixels."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=_SIZE_INCH, dpi=_DOTS_PER_INCH, facecolor="white")
        grid = figure.add_gridspec(
            2, 1, left=0.05, right=0.975, top=0.865, bottom=0.06, height_ratios=(1.15, 1.0), hspace=0.27
        )
        upper = grid[0].subgridspec(1, 2, width_ratios=(2.1, 1.0), wspace=0.13)
        lower = grid[1].subgridspec(2, 3, width_ratios=(1.35, 1.0, 1.0), wspace=0.19, hspace=0.5)
        _title(figure, record)
        _path(figure.add_subplot(upper[0]), record)
        _last_kilometres(figure.add_subplot(upper[1]), record)
        _height_above_ground(figure.add_subplot(lower[:, 0]), record)
        _speed(figure.add_subplot(lower[0, 1]), record, "vertical", "Vertical speed, m/s (positive up)")
        _speed(figure.add_subplot(lower[1, 1]), record, "horizontal", "Horizontal speed, m/s")
        _throttle(figure.add_subplot(lower[0, 2]), record)
        _errors(figure.add_subplot(lower[1, 2]), record)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()


def _title(figure: Figure, record: FlightRecord) -> None:
    colour = _GOOD if record.landed else _BAD
    figure.text(0.05, 0.955, record.title, fontsize=20, fontweight="bold", va="center")
    figure.text(0.05, 0.918, record.outcome, fontsize=13, color=colour, va="center")
    flown = f"{record.scenario} · seed {record.seed} · {record.voter} voter · {' + '.join(record.altimeters)}"
    figure.text(0.975, 0.955, flown, fontsize=11, color=_QUIET, ha="right", va="center")
    facts = f"{record.propellant_left_kg:.1f} kg propellant left ({record.propellant_left_fraction:.1%})"
    if record.touchdown is not None:
        facts = f"{record.touchdown.miss_distance_m:,.0f} m from the site · {facts}"
    figure.text(0.975, 0.918, f"{facts} · board: {record.board}", fontsize=11, color=_QUIET, ha="right", va="center")


def _marks(record: FlightRecord) -> list[tuple[str, Moment]]:
    """The moments with their labels, in time."""
    moments = sorted(record.moments, key=lambda moment: moment.time_s)
    labels = []
    for moment in moments:
        label = _LABELS.get(moment.name, moment.name.replace("_", " "))
        labels.append(("impact" if moment.name == "touchdown" and not record.landed else label, moment))
    return labels


def _ground(axes: Axes, record: FlightRecord, bottom_m: float, unit_m: float, x_unit_m: float) -> None:
    x = record.terrain_downrange_m / x_unit_m
    height = record.terrain_height_m / unit_m
    axes.fill_between(x, height, bottom_m / unit_m, color=_GROUND, linewidth=0, zorder=1)
    axes.plot(x, height, color=_GROUND_EDGE, linewidth=0.8, zorder=2)


def _path(axes: Axes, record: FlightRecord) -> None:
    trace = record.trace
    x_km, altitude_km = trace["downrange_m"] / 1e3, trace["true_altitude_m"] / 1e3
    _ground(axes, record, -30_000.0, 1e3, 1e3)
    axes.plot(x_km, altitude_km, color=_TRUTH, linewidth=2.4, zorder=4, label="true path")
    axes.plot(x_km, trace["estimated_altitude_m"] / 1e3, color=_BELIEF, linewidth=1.4, linestyle=(0, (4, 2)),
              zorder=5, label="as the flight code believes")
    lowest = min(0.0, float(record.terrain_height_m.min()) / 1e3, float(altitude_km.min()))
    top = float(altitude_km.max()) * 1.22
    axes.set_ylim(lowest - 0.07 * top, top)
    span = float(np.ptp(x_km))
    axes.set_xlim(x_km.min() - 0.02 * span, x_km.max() + 0.05 * span)
    axes.set_title("The descent: altitude above the site, km")
    axes.set_xlabel("downrange of the landing site, km")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.09))
    _annotate_path(axes, record, span)
    _annotate_false_ground(axes, record)


def _annotate_path(axes: Axes, record: FlightRecord, span_km: float) -> None:
    """Marks the moments; crowded labels climb one above the other, from the last one backwards."""
    bottom, top = axes.get_ylim()
    taken: list[tuple[float, float]] = []
    for label, moment in reversed(_marks(record)):
        x = record.at("downrange_m", moment.time_s) / 1e3
        y = record.at("true_altitude_m", moment.time_s) / 1e3
        text_y = y + 0.06 * (top - bottom)
        for other_x, other_y in sorted(taken, key=lambda place: place[1]):
            if abs(other_x - x) < 0.17 * span_km and abs(other_y - text_y) < 0.055 * (top - bottom):
                text_y = other_y + 0.058 * (top - bottom)
        taken.append((x, text_y))
        axes.plot([x], [y], "o", color="white", markeredgecolor=_TRUTH, markeredgewidth=1.8, markersize=7, zorder=7)
        right = x < axes.get_xlim()[0] + 0.1 * span_km
        axes.annotate(
            label, (x, y), (x + (0.005 if right else -0.012) * span_km, text_y), ha="left" if right else "right",
            va="center", fontsize=10.5, zorder=8,
            arrowprops={"arrowstyle": "-", "color": "#999999", "linewidth": 0.8, "shrinkA": 1, "shrinkB": 4},
        )


def _annotate_false_ground(axes: Axes, record: FlightRecord) -> None:
    false_ground = record.false_ground
    if false_ground is None:
        return
    x = record.at("downrange_m", false_ground.time_s) / 1e3
    y = record.at("true_altitude_m", false_ground.time_s) / 1e3
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    axes.plot([x], [y], "X", color=_BAD, markersize=11, markeredgecolor="white", zorder=9)
    axes.annotate(
        f"estimate 0 m, true height {false_ground.true_agl_m:,.0f} m", (x, y),
        (x - 0.12 * (right - left), y - 0.13 * (top - bottom)), ha="right", va="center", color=_BAD,
        fontsize=12, fontweight="bold", zorder=9,
        arrowprops={"arrowstyle": "-", "color": _BAD, "linewidth": 1.2, "shrinkB": 6},
    )


def _last_kilometres(axes: Axes, record: FlightRecord) -> None:
    """The end of the path, wide enough to show the last rim when there is one."""
    trace = record.trace
    height_m = float(trace["true_altitude_m"][0])
    near_m = 3_000.0 if record.false_ground is None else max(6_500.0, 1.6 * record.false_ground.true_agl_m)
    above = np.flatnonzero(trace["true_agl_m"] > min(near_m, 0.9 * height_m))
    first = int(above[-1]) if above.size else 0
    x_km = trace["downrange_m"][first:] / 1e3
    axes.set_title("The last kilometres, km")
    _ground(axes, record, -30_000.0, 1e3, 1e3)
    axes.plot(x_km, trace["true_altitude_m"][first:] / 1e3, color=_TRUTH, linewidth=2.4, zorder=4)
    axes.plot(x_km, trace["estimated_altitude_m"][first:] / 1e3, color=_BELIEF, linewidth=1.4,
              linestyle=(0, (4, 2)), zorder=5)
    margin = max(0.08 * float(np.ptp(x_km)), 0.05)
    axes.set_xlim(min(x_km.min(), 0.0) - margin, max(x_km.max(), 0.0) + margin)
    top = float(trace["true_altitude_m"][first:].max()) / 1e3 * 1.1
    shown = (record.terrain_downrange_m / 1e3 > axes.get_xlim()[0]) & (
        record.terrain_downrange_m / 1e3 < axes.get_xlim()[1]
    )
    lowest = min(0.0, float(record.terrain_height_m[shown].min()) / 1e3 if shown.any() else 0.0)
    axes.set_ylim(lowest - 0.08 * top, top)
    axes.plot([0.0], [0.0], marker=(3, 0, 180), color=_GOOD, markersize=11, zorder=6)
    axes.annotate("site", (0.0, 0.0), (0, -15), textcoords="offset points", ha="center", color=_GOOD, fontsize=10)
    axes.set_xlabel("downrange of the landing site, km")
    for label, moment in _marks(record):
        if moment.time_s < trace["time_s"][first]:
            continue
        x = record.at("downrange_m", moment.time_s) / 1e3
        y = record.at("true_altitude_m", moment.time_s) / 1e3
        axes.plot([x], [y], "o", color="white", markeredgecolor=_TRUTH, markeredgewidth=1.8, markersize=7, zorder=7)
        axes.annotate(label, (x, y), (-9, 9), textcoords="offset points", ha="right", fontsize=10.5, zorder=8)
    end_km = trace["true_altitude_m"][-1] / 1e3
    if not record.landed and record.touchdown is not None:
        axes.plot([x_km[-1]], [end_km], "X", color=_BAD, markersize=12, markeredgecolor="white", zorder=9)


def _verticals(axes: Axes, record: FlightRecord) -> None:
    for _, moment in _marks(record):
        axes.axvline(moment.time_s, color="#d0d0d0", linewidth=0.9, zorder=0)


def _height_above_ground(axes: Axes, record: FlightRecord) -> None:
    """agl from shortly before the first range on, with every reading coloured by what the voter made of it."""
    trace = record.trace
    time_s = trace["time_s"]
    seen: dict[str, str] = {}
    first_s = float(time_s[-1])
    top_km = 0.0
    for name in record.altimeters:
        range_m, verdicts = trace[f"{name}_range_m"], trace[f"{name}_verdict"]
        read = np.isfinite(range_m)
        if read.any():
            first_s = min(first_s, float(time_s[read][0]))
            top_km = max(top_km, float(np.percentile(range_m[read], 99.5)) / 1e3)
        for verdict in np.unique(verdicts[read].astype(str)):
            colour = _VERDICTS.get(verdict, _OTHER_VERDICT)
            seen[verdict] = colour
            chosen = read & (verdicts == verdict)
            axes.plot(time_s[chosen], range_m[chosen] / 1e3, ".", color=colour, markersize=3.5, alpha=0.6, zorder=3)
    axes.plot(time_s, trace["true_agl_m"] / 1e3, color=_TRUTH, linewidth=2.0, zorder=4)
    axes.plot(time_s, trace["estimated_agl_m"] / 1e3, color=_BELIEF, linewidth=1.5, linestyle=(0, (4, 2)), zorder=5)
    _verticals(axes, record)
    start_s = max(float(time_s[0]), min(first_s, float(time_s[-1]) - 30.0) - 20.0)
    axes.set_xlim(start_s, float(time_s[-1]) + 0.02 * (float(time_s[-1]) - start_s))
    shown = time_s >= start_s
    top_km = max(top_km, float(trace["true_agl_m"][shown].max()) / 1e3)
    low_km = min(0.0, float(trace["estimated_agl_m"][shown].min()) / 1e3)
    axes.set_ylim(max(low_km, -0.5 * top_km) - 0.04 * top_km, 1.08 * top_km)
    axes.set_title("Height above the ground, km, since the first range")
    axes.set_xlabel("time since ignition, s")
    handles = [Line2D([], [], color=_TRUTH, linewidth=2.0, label="truth"),
               Line2D([], [], color=_BELIEF, linewidth=1.5, linestyle=(0, (4, 2)), label="estimate")]
    order = [*_VERDICTS, *sorted(set(seen) - set(_VERDICTS))]
    handles += [
        Line2D([], [], color=seen[verdict], marker="o", linestyle="", markersize=5,
               label=f"reading {verdict.replace('_', ' ')}")
        for verdict in order if verdict in seen
    ]
    axes.legend(handles=handles, loc="upper right")


def _speed(axes: Axes, record: FlightRecord, which: str, title: str) -> None:
    trace = record.trace
    axes.plot(trace["time_s"], trace[f"true_{which}_speed_m_s"], color=_TRUTH, linewidth=2.0)
    axes.plot(trace["time_s"], trace[f"estimated_{which}_speed_m_s"], color=_BELIEF, linewidth=1.3, linestyle=(0, (4, 2)))
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_title(title)
    if which == "horizontal":
        axes.set_xlabel("time since ignition, s")


def _throttle(axes: Axes, record: FlightRecord) -> None:
    trace = record.trace
    axes.fill_between(trace["time_s"], 100.0 * trace["throttle"], color=_TRUTH, alpha=0.25, linewidth=0)
    axes.plot(trace["time_s"], 100.0 * trace["throttle"], color=_TRUTH, linewidth=1.2)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_ylim(0.0, 105.0)
    axes.set_title("Thrust, % of full")


def _errors(axes: Axes, record: FlightRecord) -> None:
    """Both altitudes' errors on an axis that shows metres and kilometres at once."""
    trace = record.trace
    for column, colour, label in (("altitude", _QUIET, "altitude"), ("agl", _BELIEF, "above ground")):
        error_m = trace[f"estimated_{column}_m"] - trace[f"true_{column}_m"]
        axes.plot(trace["time_s"], error_m, color=colour, linewidth=1.4, label=label)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_yscale("symlog", linthresh=10.0, linscale=0.7)
    reach = max(abs(limit) for limit in axes.get_ylim())
    ticks = [tick for tick in (10.0, 100.0, 1_000.0, 10_000.0) if tick <= max(reach, 10.0)]
    axes.set_yticks([-tick for tick in reversed(ticks)] + [0.0, *ticks])
    axes.set_yticklabels([f"{tick:g}" for tick in axes.get_yticks()])
    axes.minorticks_off()
    axes.set_title("Error of the estimate, m")
    axes.set_xlabel("time since ignition, s")
    axes.legend(loc="best", ncols=2)
