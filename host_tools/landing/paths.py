"""The path over the ground: the whole descent, and its last kilometres."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from host_tools.landing.marks import annotate_marks
from host_tools.landing.record import FlightRecord
from host_tools.landing.style import BAD, BELIEF, DASHED, GOOD, GROUND, GROUND_EDGE, TRUTH

_DISTANCES_KM = (1000.0, 800.0, 600.0, 400.0, 200.0, 100.0, 50.0, 20.0, 5.0, 0.0)
_DEEP_M = -50_000.0  # below everything that is shown


def path(axes: Axes, record: FlightRecord) -> None:
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
    _false_ground(axes, record, (-84, -34), "right")
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.09))


def last_kilometres(axes: Axes, record: FlightRecord) -> None:
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
    axes.plot([0.0], [0.0], marker=(3, 0, 180), color=GOOD, markersize=11, zorder=6)
    axes.annotate("site", (0.0, 0.0), (0, -16), textcoords="offset points", ha="center", color=GOOD, zorder=6)
    annotate_marks(axes, record, "true_altitude_m", float(trace["time_s"][first]))
    _false_ground(axes, record, (22, -30), "left")
    if not record.landed and record.touchdown is not None:
        end_km = trace["true_altitude_m"][-1] / 1e3
        axes.plot([x_km[-1]], [end_km], "X", color=BAD, markersize=12, markeredgecolor="white", zorder=9)


def _paths(axes: Axes, record: FlightRecord, first: int = 0) -> None:
    """Ground, true path and believed path over downrange, all in km."""
    trace = record.trace
    ground_km, height_km = record.terrain_downrange_m / 1e3, record.terrain_height_m / 1e3
    axes.fill_between(ground_km, height_km, _DEEP_M / 1e3, color=GROUND, linewidth=0, zorder=2)
    axes.plot(ground_km, height_km, color=GROUND_EDGE, linewidth=0.8, zorder=2)
    x_km = trace["downrange_m"][first:] / 1e3
    axes.plot(
        x_km, trace["true_altitude_m"][first:] / 1e3, color=TRUTH, linewidth=2.4, zorder=4, label="truth"
    )
    believed_km = trace["estimated_altitude_m"][first:] / 1e3
    axes.plot(x_km, believed_km, color=BELIEF, linewidth=1.5, linestyle=DASHED, zorder=5, label="estimate")


def _beyond(axes: Axes, record: FlightRecord) -> None:
    """Where the record's ground ends before the panel does, its last height goes on."""
    last_km, height_km = record.terrain_downrange_m[-1] / 1e3, record.terrain_height_m[-1] / 1e3
    edge_km = axes.get_xlim()[1]
    if last_km < edge_km:
        axes.fill_between([last_km, edge_km], height_km, _DEEP_M / 1e3, color=GROUND, linewidth=0, zorder=2)
        axes.plot([last_km, edge_km], [height_km, height_km], color=GROUND_EDGE, linewidth=0.8, zorder=2)


def _false_ground(axes: Axes, record: FlightRecord, offset: tuple[int, int], ha: str) -> None:
    """Where the estimate said ground, high above it."""
    false_ground = record.false_ground
    if false_ground is None:
        return
    x_km = record.at("downrange_m", false_ground.time_s) / 1e3
    y_km = record.at("true_altitude_m", false_ground.time_s) / 1e3
    axes.plot([x_km], [y_km], "X", color=BAD, markersize=11, markeredgecolor="white", zorder=9)
    axes.annotate(
        f"estimate 0 m,\ntrue height {false_ground.true_agl_m:,.0f} m", (x_km, y_km), offset,
        textcoords="offset points", ha=ha, va="center",
        color=BAD, fontsize=11.5, fontweight="bold", zorder=9,
        arrowprops={"arrowstyle": "-", "color": BAD, "linewidth": 1.2, "shrinkB": 6},
    )  # fmt: skip


def _root(km: Any) -> Any:
    return np.sign(km) * np.sqrt(np.abs(km))


def _square(root: Any) -> Any:
    return np.sign(root) * np.square(root)
