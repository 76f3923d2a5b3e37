"""One landing in one picture: what the flight voter saw and believed, and how wrong each voter was."""

import io

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from host_tools.landing import traces
from host_tools.landing.record import Course, FlightRecord
from host_tools.landing.style import BAD, BELIEF, QUIET, STYLE
from host_tools.museum.outcome import BLIND_M, FROM_AGL_M, believed_m
from host_tools.scenarios.schema import Scenario

_SIZE_INCH = (15.0, 5.2)
_DOTS_PER_INCH = 90
_SMALLEST_ERROR_M = 1.0
_SMOOTHED = 10  # samples of 0.1 s
_COLOURS = (BELIEF, "#1f4e79", "#2a9d8f", "#8f5bb3", "#c9920e", "#6b6b6b", "#b5179e", "#2f6fde")


def draw(scenario: Scenario, record: FlightRecord, courses: dict[str, Course]) -> bytes:
    """The picture as PNG; record: one flight; courses: one flight by each voter, all of the same seed."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_SIZE_INCH, dpi=_DOTS_PER_INCH, facecolor="white")
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1.0))
        figure.subplots_adjust(left=0.045, right=0.985, top=0.92, bottom=0.11, wspace=0.11)
        traces.height_above_ground(left, record)
        _show_from_below(left, record)
        _faults(left, scenario, record)
        left.set_title(f"Height above the ground, km: {record.voter} voter, seed {record.seed}")
        _errors(right, courses)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()


def _begin_s(record: Course) -> float:
    """When the lander first comes below FROM_AGL_M."""
    below = record.trace["true_agl_m"] < FROM_AGL_M
    return float(record.trace["time_s"][int(np.argmax(below))])


def _show_from_below(axes: Axes, record: FlightRecord) -> None:
    """The part of the flight that is judged, and the altitude that is believed before the first range."""
    trace = record.trace
    blind_m = np.where(np.isfinite(trace["estimated_agl_m"]), np.nan, trace["estimated_altitude_m"])
    begin_s, end_s = _begin_s(record), float(trace["time_s"][-1])
    axes.set_xlim(begin_s, end_s + 0.02 * (end_s - begin_s))
    shown = trace["time_s"] >= begin_s
    highest_m = np.nanmax(blind_m[shown], initial=float(trace["true_agl_m"][shown].max()))
    top_km = 1.1e-3 * float(highest_m)
    lowest_km = min(0.0, 1e-3 * float(np.nanmin(trace["estimated_agl_m"][shown], initial=0.0)))
    axes.set_ylim(max(lowest_km, -0.3 * top_km) - 0.04 * top_km, top_km)
    axes.plot(trace["time_s"], 1e-3 * blind_m, color=BELIEF, linewidth=1.5, linestyle=":", zorder=5)


def _faults(axes: Axes, scenario: Scenario, record: FlightRecord) -> None:
    """Where each fault begins; one that was there before stands at the left edge."""
    low_s, high_s = axes.get_xlim()
    moments = {moment.name: moment.time_s for moment in record.moments}
    begun = [fault.name for fault in scenario.faults if moments.get(fault.name, high_s) < high_s]
    for line, name in enumerate(begun):
        at_s = max(moments[name], low_s)
        axes.axvline(at_s, color=BAD, linewidth=1.2, linestyle=":", zorder=1)
        late = at_s > 0.6 * high_s + 0.4 * low_s
        axes.annotate(
            name.replace("_", " "), (at_s, (0.45 if late else 0.05) + 0.06 * line), (-5 if late else 5, 0),
            xycoords=("data", "axes fraction"), textcoords="offset points",
            color=BAD, fontsize=10, ha="right" if late else "left",
        )  # fmt: skip


def _errors(axes: Axes, courses: dict[str, Course]) -> None:
    """Size of the believed height's error over the way down, one line for each voter."""
    highest_m = 10.0
    for place, (voter, record) in enumerate(courses.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        trace = record.trace
        shown = trace["time_s"] >= _begin_s(record)
        error_m = np.abs(believed_m(record) - trace["true_agl_m"])[shown]
        size = error_m.size // _SMOOTHED * _SMOOTHED
        if size == 0:
            continue
        largest_m = np.maximum(error_m[:size].reshape(-1, _SMOOTHED).max(axis=1), _SMALLEST_ERROR_M)
        highest_m = max(highest_m, float(largest_m.max()))
        label = f"{voter}{'' if record.landed else ' (did not land)'}"
        time_s = trace["time_s"][shown][:size:_SMOOTHED]
        axes.plot(time_s, largest_m, color=colour, linewidth=1.4, label=label, zorder=4 - 0.1 * place)
    axes.axhline(BLIND_M, color=QUIET, linewidth=0.8, linestyle="--")
    axes.set_yscale("log")
    lines = (len(courses) + 1) // 2  # of the legend, which stands above the curves
    axes.set_ylim(_SMALLEST_ERROR_M, highest_m ** (1.05 + 0.08 * lines))
    ticks = [tick for tick in (1.0, 10.0, 100.0, 1_000.0, 10_000.0) if tick <= 2.0 * highest_m]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.margins(x=0.01)
    axes.set_title("Error of the believed height, m (dashed: blind above)")
    axes.set_xlabel("time, s")
    axes.legend(loc="upper right", ncols=2, fontsize=9)
