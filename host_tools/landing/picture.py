"""The descent in one picture: the path over the ground, its last kilometres, and what was believed.

Drawn from a FlightRecord alone, off screen, as PNG bytes.
"""

import io

import matplotlib

matplotlib.use("Agg")

from matplotlib.figure import Figure

from host_tools.landing import paths, traces
from host_tools.landing.record import FlightRecord
from host_tools.landing.style import BAD, GOOD, QUIET, STYLE

_SIZE_INCH = (16.0, 10.0)
_DOTS_PER_INCH = 120


def draw(record: FlightRecord) -> bytes:
    """The picture as PNG, 1920 x 1200 pixels."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=_SIZE_INCH, dpi=_DOTS_PER_INCH, facecolor="white")
        grid = figure.add_gridspec(
            2, 1, left=0.045, right=0.98, top=0.865, bottom=0.06, height_ratios=(1.15, 1.0), hspace=0.27
        )
        upper = grid[0].subgridspec(1, 2, width_ratios=(2.1, 1.0), wspace=0.11)
        lower = grid[1].subgridspec(2, 3, width_ratios=(1.35, 1.0, 1.0), wspace=0.17, hspace=0.5)
        _title(figure, record)
        paths.path(figure.add_subplot(upper[0]), record)
        paths.last_kilometres(figure.add_subplot(upper[1]), record)
        traces.height_above_ground(figure.add_subplot(lower[:, 0]), record)
        traces.speed(figure.add_subplot(lower[0, 1]), record, "vertical", "Vertical speed, m/s (positive up)")
        traces.speed(figure.add_subplot(lower[1, 1]), record, "horizontal", "Horizontal speed, m/s")
        traces.throttle(figure.add_subplot(lower[0, 2]), record)
        traces.errors(figure.add_subplot(lower[1, 2]), record)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()


def _title(figure: Figure, record: FlightRecord) -> None:
    colour = GOOD if record.landed else BAD
    quiet = {"fontsize": 11, "color": QUIET, "ha": "right", "va": "center", "parse_math": False}
    flown = f"{record.scenario} · seed {record.seed} · {record.voter} voter · {' + '.join(record.altimeters)}"
    facts = f"{record.propellant_left_kg:.1f} kg of propellant left · {record.board} tier"
    if record.touchdown is not None:
        at = record.touchdown
        facts = (
            f"{at.vertical_speed_m_s:.1f} m/s down, {at.horizontal_speed_m_s:.1f} m/s sideways, "
            f"{at.tilt_deg:.1f}° of tilt · {facts}"
        )
    figure.text(
        0.045,
        0.957,
        record.title,
        fontsize=_title_size(record.title),
        fontweight="bold",
        va="center",
        parse_math=False,
    )
    figure.text(0.045, 0.918, record.headline, fontsize=13, color=colour, va="center", parse_math=False)
    figure.text(0.98, 0.957, flown, **quiet)
    figure.text(0.98, 0.918, facts, **quiet)


def _title_size(title: str) -> float:
    return 20.0 * min(1.0, 55.0 / max(len(title), 1))
