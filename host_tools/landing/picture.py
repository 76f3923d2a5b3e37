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

from host_tools.landing.marks import annotate_marks
from host_tools.landing.record import FlightRecord

_SIZE_INCH = (16.0, 10.0)
_DOTS_PER_INCH = 120

_TRUTH = "#1f4e79"
_BELIEF = "#e4572e"
_GROUND = "#b8b0a2"
_GROUND_EDGE = "#7d7466"
_INK = "#222222"
_QUIET = "#6b6b6b"
_GOOD = "#2a7f3f"
_BAD = "#b3261e"
_DASHED = (0, (4, 2))
_VERDICTS = {
    "accepted": ("#2a9d4a", "accepted"),
    "terrain": ("#2f6fde", "taken for terrain"),
    "on_trial": ("#e9a820", "on trial"),
    "put_out": ("#c62828", "put out"),
}
_OTHER_VERDICT = "#8a8a8a"
_DISTANCES_KM = (1000.0, 800.0, 600.0, 400.0, 200.0, 100.0, 50.0, 20.0, 5.0, 0.0)
_DEEP_M = -50_000.0  # below everything that is shown
_ERROR_WINDOW_S = 2.0
_SMALLEST_ERROR_M = 0.1
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
    "axes.axisbelow": True,
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
            2, 1, left=0.045, right=0.98, top=0.865, bottom=0.06, height_ratios=(1.15, 1.0), hspace=0.27
        )
        upper = grid[0].subgridspec(1, 2, width_ratios=(2.1, 1.0), wspace=0.11)
        lower = grid[1].subgridspec(2, 3, width_ratios=(1.35, 1.0, 1.0), wspace=0.17, hspace=0.5)
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
    quiet = {"fontsize": 11, "color": _QUIET, "ha": "right", "va": "center", "parse_math": False}
    flown = f"{record.scenario} · seed {record.seed} · {record.voter} voter · {' + '.join(record.altimeters)}"
    facts = f"{record.propellant_left_kg:.1f} kg of propellant left · {record.board} tier"
    if record.touchdown is not None:
        at = record.touchdown
        facts = (
            f"{at.vertical_speed_m_s:.1f} m/s down, {at.horizontal_speed_m_s:.1f} m/s sideways, "
            f"{at.tilt_deg:.1f}° of tilt · {facts}"
        )
    figure.text(0.045, 0.957, record.title, fontsize=_title_size(record.title), fontweight="bold", va="center", parse_math=False)
    figure.text(0.045, 0.918, record.headline, fontsize=13, color=colour, va="center", parse_math=False)
    figure.text(0.98, 0.957, flown, **quiet)
    figure.text(0.98, 0.918, facts, **quiet)


def _title_size(title: str) -> float:
    return 20.0 * min(1.0, 55.0 / max(len(title), 1))


def _paths(axes: Axes, record: FlightRecord, first: int = 0) -> None:
    """Ground, true path and believed path over downrange, all in km."""
    trace = record.trace
    ground_km, height_km = record.terrain_downrange_m / 1e3, record.terrain_height_m / 1e3
    axes.fill_between(ground_km, height_km, _DEEP_M / 1e3, color=_GROUND, linewidth=0, zorder=2)
    axes.plot(ground_km, height_km, color=_GROUND_EDGE, linewidth=0.8, zorder=2)
    x_km = trace["downrange_m"][first:] / 1e3
    axes.plot(x_km, trace["true_altitude_m"][first:] / 1e3, color=_TRUTH, linewidth=2.4, zorder=4, label="truth")
    believed_km = trace["estimated_altitude_m"][first:] / 1e3
    axes.plot(x_km, believed_km, color=_BELIEF, linewidth=1.5, linestyle=_DASHED, zorder=5, label="estimate")


def _path(axes: Axes, record: FlightRecord) -> None:
    """The whole descent. At constant braking the distance to go is as the square of the time to go:
    on a square-root axis the flight goes by about evenly, and its end has room.
    """
    trace = record.trace
    _paths(axes, record)
    axes.set_xscale("function", functions=(_root, _square))
    start_km, end_km = trace["downrange_m"].min() / 1e3, max(trace["downrange_m"].max() / 1e3, 0.0)
    length = _root(end_km) - _root(start_km)
    axes.set_xlim(_square(_root(start_km) - 0.02 * length), _square(_root(end_km) + 0.16 * length))
    top_km = float(trace["true_altitude_m"].max()) / 1e3 * 1.18
    lowest_km = min(0.0, float(record.terrain_height_m.min()) / 1e3)
    axes.set_ylim(lowest_km - 0.07 * top_km, top_km)
    shown = [-km for km in _DISTANCES_KM if -km >= start_km]
    axes.set_xticks(shown, [f"{-km:g}" for km in shown], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_title("The descent: altitude above the site, km")
    axes.set_xlabel("distance to the site, km (square-root scale: time goes by about evenly)")
    _beyond(axes, record)
    annotate_marks(axes, record, "true_altitude_m")
    _false_ground(axes, record, (-62, -36), "right")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.09))


def _root(km: np.ndarray | float) -> np.ndarray | float:
    return np.sign(km) * np.sqrt(np.abs(km))


def _square(root: np.ndarray | float) -> np.ndarray | float:
    return np.sign(root) * np.square(root)


def _beyond(axes: Axes, record: FlightRecord) -> None:
    """Where the record's ground ends before the panel does, its last height goes on."""
    last_km, height_km = record.terrain_downrange_m[-1] / 1e3, record.terrain_height_m[-1] / 1e3
    edge_km = axes.get_xlim()[1]
    if last_km < edge_km:
        axes.fill_between([last_km, edge_km], height_km, _DEEP_M / 1e3, color=_GROUND, linewidth=0, zorder=2)
        axes.plot([last_km, edge_km], [height_km, height_km], color=_GROUND_EDGE, linewidth=0.8, zorder=2)


def _false_ground(axes: Axes, record: FlightRecord, offset: tuple[int, int], ha: str) -> None:
    """Where the estimate said ground, high above it."""
    false_ground = record.false_ground
    if false_ground is None:
        return
    x_km = record.at("downrange_m", false_ground.time_s) / 1e3
    y_km = record.at("true_altitude_m", false_ground.time_s) / 1e3
    axes.plot([x_km], [y_km], "X", color=_BAD, markersize=11, markeredgecolor="white", zorder=9)
    axes.annotate(
        f"estimate 0 m,\ntrue height {false_ground.true_agl_m:,.0f} m", (x_km, y_km), offset,
        textcoords="offset points", ha=ha, va="center", color=_BAD, fontsize=11.5, fontweight="bold", zorder=9,
        arrowprops={"arrowstyle": "-", "color": _BAD, "linewidth": 1.2, "shrinkB": 6},
    )  # fmt: skip


def _last_kilometres(axes: Axes, record: FlightRecord) -> None:
    """The end of the path; from above the false ground when there was one."""
    trace = record.trace
    false_ground = record.false_ground
    near_m = 3_000.0 if false_ground is None else 1.5 * false_ground.true_agl_m
    above = np.flatnonzero(trace["true_agl_m"] > min(near_m, 0.9 * float(trace["true_agl_m"].max())))
    first = int(above[-1]) if above.size else 0
    _paths(axes, record, first)
    x_km = trace["downrange_m"][first:] / 1e3
    left_km, right_km = min(float(x_km.min()), 0.0), max(float(x_km.max()), 0.0)
    width_km = max(right_km - left_km, 0.2)
    axes.set_xlim(left_km - 0.06 * width_km, right_km + 0.3 * width_km)
    top_km = float(trace["true_altitude_m"][first:].max()) / 1e3 * 1.1
    ground_m = np.interp([left_km * 1e3, right_km * 1e3], record.terrain_downrange_m, record.terrain_height_m)
    axes.set_ylim(min(0.0, float(ground_m.min()) / 1e3) - 0.09 * top_km, top_km)
    axes.set_title("The last kilometres: altitude, km")
    axes.set_xlabel("downrange of the site, km")
    _beyond(axes, record)
    axes.plot([0.0], [0.0], marker=(3, 0, 180), color=_GOOD, markersize=11, zorder=6)
    axes.annotate("site", (0.0, 0.0), (0, -16), textcoords="offset points", ha="center", color=_GOOD, zorder=6)
    annotate_marks(axes, record, "true_altitude_m", float(trace["time_s"][first]))
    _false_ground(axes, record, (22, -30), "left")
    if not record.landed and record.touchdown is not None:
        end_km = trace["true_altitude_m"][-1] / 1e3
        axes.plot([x_km[-1]], [end_km], "X", color=_BAD, markersize=12, markeredgecolor="white", zorder=9)


def _verticals(axes: Axes, record: FlightRecord) -> None:
    for moment in record.moments:
        axes.axvline(moment.time_s, color="#d0d0d0", linewidth=0.9, zorder=0)


def _height_above_ground(axes: Axes, record: FlightRecord) -> None:
    """agl from shortly before the first range on, with every reading coloured by what the voter made of it."""
    trace = record.trace
    time_s = trace["time_s"]
    end_s = float(time_s[-1])
    read = {name: np.isfinite(trace[f"{name}_range_m"]) for name in record.altimeters}
    first_s = min([float(time_s[has][0]) for has in read.values() if has.any()], default=end_s)
    start_s = max(float(time_s[0]), min(first_s, end_s - 30.0) - 20.0)
    shown = time_s >= start_s
    axes.plot(time_s, trace["true_agl_m"] / 1e3, color=_TRUTH, linewidth=2.0, zorder=3)
    axes.plot(time_s, trace["estimated_agl_m"] / 1e3, color=_BELIEF, linewidth=1.5, linestyle=_DASHED, zorder=5)
    handles = [
        Line2D([], [], color=_TRUTH, linewidth=2.0, label="truth"),
        Line2D([], [], color=_BELIEF, linewidth=1.5, linestyle=_DASHED, label="estimate"),
        *_readings(axes, record, read),
    ]
    _verticals(axes, record)
    axes.set_xlim(start_s, end_s + 0.02 * (end_s - start_s))
    highest_m = [trace["true_agl_m"][shown].max()]
    highest_m += [np.percentile(trace[f"{name}_range_m"][has], 99.5) for name, has in read.items() if has.any()]
    top_km = max(float(max(highest_m)) / 1e3, 0.1)
    estimate_m = trace["estimated_agl_m"][shown]
    low_km = float(np.nanmin(estimate_m, initial=0.0)) / 1e3
    axes.set_ylim(max(low_km, -0.1 * top_km) - 0.04 * top_km, 1.08 * top_km)
    axes.set_title("Height above the ground, km, from the first range on")
    axes.set_xlabel("time, s")
    axes.legend(handles=handles, loc="upper right")


def _readings(axes: Axes, record: FlightRecord, read: dict[str, np.ndarray]) -> list[Line2D]:
    """Draws the readings; returns their part of the legend. The rarer a verdict, the larger its dots."""
    verdicts = {name: record.trace[f"{name}_verdict"].astype(str) for name in read}
    found = {str(verdict) for name, has in read.items() for verdict in np.unique(verdicts[name][has])}
    handles = []
    for verdict in [*(known for known in _VERDICTS if known in found), *sorted(found - set(_VERDICTS))]:
        colour, label = _VERDICTS.get(verdict, (_OTHER_VERDICT, "not judged" if verdict == "none" else verdict))
        chosen = {name: has & (verdicts[name] == verdict) for name, has in read.items()}
        rare = sum(int(which.sum()) for which in chosen.values()) < 200
        for name, which in chosen.items():
            range_km = record.trace[f"{name}_range_m"][which] / 1e3
            axes.plot(
                record.trace["time_s"][which], range_km, ".", color=colour,
                markersize=7.0 if rare else 3.5, alpha=0.9 if rare else 0.5, zorder=4 if rare else 2,
            )  # fmt: skip
        marker = {"marker": "o", "markersize": 5, "linestyle": ""}
        handles.append(Line2D([], [], color=colour, label=f"reading {label}", **marker))
    return handles


def _speed(axes: Axes, record: FlightRecord, which: str, title: str) -> None:
    trace = record.trace
    axes.plot(trace["time_s"], trace[f"true_{which}_speed_m_s"], color=_TRUTH, linewidth=2.0)
    estimate = trace[f"estimated_{which}_speed_m_s"]
    axes.plot(trace["time_s"], estimate, color=_BELIEF, linewidth=1.4, linestyle=_DASHED)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_title(title)
    if which == "horizontal":
        axes.set_xlabel("time, s")


def _throttle(axes: Axes, record: FlightRecord) -> None:
    trace = record.trace
    axes.fill_between(trace["time_s"], 100.0 * trace["throttle"], color=_TRUTH, alpha=0.25, linewidth=0)
    axes.plot(trace["time_s"], 100.0 * trace["throttle"], color=_TRUTH, linewidth=1.2)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_ylim(0.0, 105.0)
    axes.set_title("Thrust, % of full")


def _errors(axes: Axes, record: FlightRecord) -> None:
    """Sizes of both altitudes' errors, metres and kilometres on one axis."""
    trace = record.trace
    highest_m = 10.0
    for column, colour, label in (("altitude", _QUIET, "altitude"), ("agl", _BELIEF, "above ground")):
        error_m = np.abs(trace[f"estimated_{column}_m"] - trace[f"true_{column}_m"])
        time_s, largest_m = _largest_in_windows(trace["time_s"], error_m)
        highest_m = max(highest_m, float(np.nanmax(largest_m, initial=0.0)))
        shown_m = np.maximum(largest_m, _SMALLEST_ERROR_M)
        axes.plot(time_s, shown_m, color=colour, linewidth=1.5, label=label)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_yscale("log")
    axes.set_ylim(_SMALLEST_ERROR_M, 2.0 * highest_m)
    ticks = [tick for tick in (0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0) if tick <= 2.0 * highest_m]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_title(f"Error of the estimate, m (largest in {_ERROR_WINDOW_S:g} s)")
    axes.set_xlabel("time, s")
    axes.legend(loc="lower left", ncols=2)


def _largest_in_windows(time_s: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest of each window of _ERROR_WINDOW_S, nan where there is none."""
    size = max(int(round(_ERROR_WINDOW_S * (time_s.size - 1) / max(time_s[-1] - time_s[0], 1e-9))), 1)
    padded = np.full(-(-values.size // size) * size, -np.inf)
    padded[: values.size] = np.where(np.isfinite(values), values, -np.inf)
    largest = padded.reshape(-1, size).max(axis=1)
    return time_s[::size], np.where(np.isfinite(largest), largest, np.nan)
