"""Truth and belief over time: heights with every reading, speeds, thrust, errors."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from host_tools.landing.record import FlightRecord
from host_tools.landing.style import BELIEF, DASHED, QUIET, TRUTH

_VERDICTS = {
    "accepted": ("#2a9d4a", "accepted"),
    "terrain": ("#2f6fde", "taken for terrain"),
    "on_trial": ("#e9a820", "on trial"),
    "put_out": ("#c62828", "put out"),
}
_OTHER_VERDICT = "#8a8a8a"
_ERROR_WINDOW_S = 2.0
_SMALLEST_ERROR_M = 0.1


def height_above_ground(axes: Axes, record: FlightRecord) -> None:
    """agl from the first range on, with every reading coloured by what the voter made of it."""
    trace = record.trace
    time_s = trace["time_s"]
    end_s = float(time_s[-1])
    read = {name: np.isfinite(trace[f"{name}_range_m"]) for name in record.altimeters}
    first_s = min([float(time_s[has][0]) for has in read.values() if has.any()], default=end_s)
    start_s = max(float(time_s[0]), min(first_s, end_s - 30.0) - 20.0)
    shown = time_s >= start_s
    axes.plot(time_s, trace["true_agl_m"] / 1e3, color=TRUTH, linewidth=2.0, zorder=3)
    axes.plot(time_s, trace["estimated_agl_m"] / 1e3, color=BELIEF, linewidth=1.5, linestyle=DASHED, zorder=5)
    handles = [
        Line2D([], [], color=TRUTH, linewidth=2.0, label="truth"),
        Line2D([], [], color=BELIEF, linewidth=1.5, linestyle=DASHED, label="estimate"),
        *_readings(axes, record, read),
    ]
    _verticals(axes, record)
    axes.set_xlim(start_s, end_s + 0.02 * (end_s - start_s))
    highest_m = [trace["true_agl_m"][shown].max()]
    highest_m += [
        np.percentile(trace[f"{name}_range_m"][has], 99.5) for name, has in read.items() if has.any()
    ]
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
        colour, label = _VERDICTS.get(
            verdict, (_OTHER_VERDICT, "not judged" if verdict == "none" else verdict)
        )
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


def speed(axes: Axes, record: FlightRecord, which: str, title: str) -> None:
    trace = record.trace
    axes.plot(trace["time_s"], trace[f"true_{which}_speed_m_s"], color=TRUTH, linewidth=2.0)
    estimate = trace[f"estimated_{which}_speed_m_s"]
    axes.plot(trace["time_s"], estimate, color=BELIEF, linewidth=1.4, linestyle=DASHED)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_title(title)
    if which == "horizontal":
        axes.set_xlabel("time, s")


def throttle(axes: Axes, record: FlightRecord) -> None:
    trace = record.trace
    axes.fill_between(trace["time_s"], 100.0 * trace["throttle"], color=TRUTH, alpha=0.25, linewidth=0)
    axes.plot(trace["time_s"], 100.0 * trace["throttle"], color=TRUTH, linewidth=1.2)
    _verticals(axes, record)
    axes.margins(x=0.01)
    axes.set_ylim(0.0, 105.0)
    axes.set_title("Thrust commanded, % of full")


def errors(axes: Axes, record: FlightRecord) -> None:
    """Sizes of both altitudes' errors, metres and kilometres on one axis."""
    trace = record.trace
    highest_m = 10.0
    for column, colour, label in (("altitude", QUIET, "altitude"), ("agl", BELIEF, "above ground")):
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
    size = max(round(_ERROR_WINDOW_S * (time_s.size - 1) / max(float(time_s[-1] - time_s[0]), 1e-9)), 1)
    padded = np.full(-(-values.size // size) * size, -np.inf)
    padded[: values.size] = np.where(np.isfinite(values), values, -np.inf)
    largest = padded.reshape(-1, size).max(axis=1)
    return time_s[::size], np.where(np.isfinite(largest), largest, np.nan)


def _verticals(axes: Axes, record: FlightRecord) -> None:
    for moment in record.moments:
        axes.axvline(moment.time_s, color="#d0d0d0", linewidth=0.9, zorder=0)
