"""Two flights of one burn drawn as what lies between them: five curves over time, with their bounds."""

import io

import matplotlib
import numpy as np

matplotlib.use("Agg")

from matplotlib.figure import Figure

from host_tools.campaign.bench.difference import BOUNDS, Difference
from host_tools.landing.style import BAD, BELIEF, DASHED, STYLE, TRUTH

_CURVES = (
    ("position_m", "Position, m"),
    ("velocity_m_s", "Velocity, m/s"),
    ("attitude_rad", "Attitude, rad"),
    ("rates_rad_s", "Rates, rad/s"),
    ("mass_kg", "Mass, kg"),
)
_SIZE_INCH = (16.0, 9.0)


def draw(differences: dict[str, Difference], title: str) -> bytes:
    """PNG of every difference, named as in the legend; with the bounds of those curves that have one."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_SIZE_INCH, dpi=100, facecolor="white", layout="constrained")
        figure.suptitle(title, fontsize=14, fontweight="bold", x=0.01, ha="left")
        axes = figure.subplots(2, 3)
        for place, (name, label) in zip(axes.flat, _CURVES, strict=False):
            for (who, difference), colour in zip(differences.items(), (TRUTH, BELIEF), strict=True):
                curve = vars(difference)[name]
                # A logarithmic axis has no nought, and some curves begin with it.
                place.plot(difference.time_s, np.where(curve > 0.0, curve, np.nan), label=who, color=colour)
            place.set(title=label, xlabel="time since the start, s")
            if any(difference.worst[name] > 0.0 for difference in differences.values()):
                place.set_yscale("log")
            if name in BOUNDS:
                place.axhline(BOUNDS[name], color=BAD, ls=DASHED)
                place.annotate(f"bound {BOUNDS[name]:g}", (0, BOUNDS[name]), color=BAD, va="bottom")
        axes.flat[-1].axis("off")
        axes.flat[-1].legend(*axes.flat[0].get_legend_handles_labels(), loc="center left")
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()
