"""The pictures of a campaign's page, as SVG with its points as one image each: where it landed, and how."""

import io
import math
import re

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Ellipse

from host_tools.campaign.findings import OUTCOMES, Findings
from host_tools.campaign.statistics import ellipse, percentile
from host_tools.landing.style import BAD, DASHED, GOOD, INK, QUIET, STYLE, TRUTH
from host_tools.scenarios.schema import Scenario

_DOTS_PER_INCH = 110
_BINS = 60
_ABREAST = 3
_LAYOUT = ConstrainedLayoutEngine(hspace=0.08, wspace=0.04)


def touchdowns(findings: Findings) -> str:
    """Where the runs touched down, seen from above, with the ellipse that holds 95 % of those that landed."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.0, 7.0), dpi=_DOTS_PER_INCH, layout="constrained")
        axes = figure.add_subplot()
        _places(axes, findings)
        return _svg(figure, "touchdowns")


def _places(axes: Axes, findings: Findings) -> None:
    across, along = findings.columns["crossrange_m"], findings.columns["downrange_m"]
    down = np.isfinite(across) & np.isfinite(along)
    landed, failed = findings.landed & down, ~findings.landed & down
    axes.scatter(
        across[landed], along[landed], s=6, alpha=0.5, color=TRUTH, lw=0, rasterized=True, label="landed"
    )
    shape = ellipse(across[landed], along[landed])
    if shape is not None:
        x, y, long_m, short_m, angle = shape
        label = f"95 % of those: {2 * long_m:,.0f} x {2 * short_m:,.0f} m"
        degrees = math.degrees(angle)
        axes.add_patch(Ellipse((x, y), 2 * long_m, 2 * short_m, angle=degrees, fill=False, color=INK))
        axes.plot([], [], color=INK, label=label)  # a legend draws an ellipse as a box
    axes.plot(0.0, 0.0, marker="+", markersize=14, color=GOOD, linestyle="none", label="target")
    axes.set_aspect("equal", adjustable="datalim")
    axes.autoscale_view()
    seen = failed & _within(across, axes.get_xlim()) & _within(along, axes.get_ylim())
    if failed.any():
        outside = int(np.count_nonzero(failed & ~seen))
        label = "failed" + (f", and {outside} outside" if outside else "")
        axes.scatter(across[seen], along[seen], s=26, marker="x", color=BAD, label=label)
    axes.set_xlabel("crossrange, m")
    axes.set_ylabel("downrange, m")
    axes.set_title("Touchdowns")
    axes.legend(loc="best")


def _within(values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    return (values >= ends[0]) & (values <= ends[1])


def histograms(findings: Findings, scenario: Scenario) -> str:
    """The outcomes, with what was required and what the legs survive."""
    required, limits = scenario.requirement, scenario.landing_limits
    least_kg = required.propellant_left_fraction * scenario.vehicle.propellant_at_ignition_kg
    marks = {
        "vertical_speed_m_s": (required.vertical_speed_m_s, limits.vertical_speed_m_s),
        "horizontal_speed_m_s": (required.horizontal_speed_m_s, limits.horizontal_speed_m_s),
        "tilt_deg": (required.tilt_deg, limits.tilt_deg),
        "propellant_left_kg": (least_kg, None),
    }
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(14.0, 11.0), dpi=_DOTS_PER_INCH, layout=_LAYOUT)
        for place, (name, title) in enumerate(OUTCOMES.items()):
            axes = figure.add_subplot(3, _ABREAST, place + 1)
            _histogram(axes, findings.columns[name], title, *marks.get(name, (None, None)))
            if place % _ABREAST == 0:
                axes.set_ylabel("runs")
        return _svg(figure, "histograms")


def _histogram(
    axes: Axes, values: np.ndarray, title: str, required: float | None, limit: float | None
) -> None:
    values = values[np.isfinite(values)]
    axes.set_title(title)
    if not values.size:
        axes.text(0.5, 0.5, "never measured", transform=axes.transAxes, ha="center", color=QUIET)
        return
    bins = min(_BINS, max(5, round(math.sqrt(values.size))))
    axes.hist(values, bins=bins, color=TRUTH, alpha=0.8, histtype="stepfilled")
    axes.set_yscale("symlog", linthresh=10)  # the few on the outside are what it is about
    axes.set_ylim(bottom=0)
    if required is not None:
        axes.axvline(required, color=GOOD, linestyle=DASHED, label=f"required {required:g}")
    if limit is not None:
        axes.axvline(limit, color=BAD, linestyle=DASHED, label=f"limit {limit:g}")
    wanted = (0.001, 0.01, 0.5) if limit is None and required is not None else (0.5, 0.99, 0.999)
    axes.set_xlabel(", ".join(f"{_share(share)} {_said(percentile(values, share))}" for share in wanted))
    if axes.get_legend_handles_labels()[0]:  # above the axes, beside the title: there it hides no run
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=2, borderaxespad=0.0, borderpad=0.2,
            fontsize="small", handlelength=1.3, handletextpad=0.4, columnspacing=0.8,
        )  # fmt: skip


def _share(share: float) -> str:
    return "median" if share == 0.5 else f"{100.0 * share:g} %:"


def _said(number: float) -> str:
    """Three digits, or all before the point."""
    return f"{number:,.0f}" if abs(number) >= 100.0 else f"{number:.3g}"


def _svg(figure: Figure, name: str) -> str:
    """The figure as an <svg> element for a page: no date, no address, the same bytes for the same runs."""
    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
