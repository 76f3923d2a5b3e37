"""The moments of a flight as dots with labels that do not lie on each other."""

from matplotlib.axes import Axes

from host_tools.landing.record import FlightRecord
from host_tools.landing.style import TRUTH

_LABELS = {
    "first_range": "first range",
    "high_gate": "high gate",
    "terminal": "terminal descent",
    "cutoff": "cut-off",
}
_LEADER = {"arrowstyle": "-", "color": "#999999", "linewidth": 0.8, "shrinkB": 4}
_FONT_SIZE = 10.5
_CLOSE_PX = 16.0  # dots that are closer share one label, the earlier above
_LINE_PX = 22.0
_LETTER_PX = 10.2
_RIGHT_PX, _UP_PX = 16.0, 14.0  # where a label stands: a descent leaves the upper right free
_LEADER_FROM_PX = 10.0


def annotate_marks(axes: Axes, record: FlightRecord, column: str, from_s: float = 0.0) -> None:
    """Marks the moments from `from_s` on, at (downrange, `column`) in km; the axes' limits must be final."""
    groups: list[tuple[float, float, list[str]]] = []
    for moment in sorted(record.moments, key=lambda moment: moment.time_s):
        if moment.time_s < from_s:
            continue
        x_km = record.at("downrange_m", moment.time_s) / 1e3
        y_km = record.at(column, moment.time_s) / 1e3
        axes.plot(
            [x_km],
            [y_km],
            "o",
            color="white",
            markeredgecolor=TRUTH,
            markeredgewidth=1.8,
            markersize=7,
            zorder=7,
        )
        x, y = axes.transData.transform((x_km, y_km))
        label = _label(moment.name, record)
        if groups and abs(groups[-1][0] - x) < _CLOSE_PX and abs(groups[-1][1] - y) < _CLOSE_PX:
            groups[-1][2].append(label)
        else:
            groups.append((x, y, [label]))
    taken: list[tuple[float, float, float]] = []  # left, right, height of labels that stand
    for x, y, labels in reversed(groups):  # from the ground up
        left, right = x + _RIGHT_PX, x + _RIGHT_PX + _LETTER_PX * max(len(label) for label in labels)
        height = _free_height(taken, left, right, y + _UP_PX)
        taken += [(left, right, height + _LINE_PX * line) for line in range(len(labels))]
        moved = height - y - _UP_PX > _LEADER_FROM_PX
        axes.annotate(
            "\n".join(labels), (x, y), (left, height - _LINE_PX / 2.0),
            xycoords="figure pixels", textcoords="figure pixels",
            ha="left", va="bottom", fontsize=_FONT_SIZE, zorder=8, arrowprops=_LEADER if moved else None,
        )  # fmt: skip


def _label(name: str, record: FlightRecord) -> str:
    if name == "touchdown" and not record.landed:
        return "impact"
    return _LABELS.get(name, name.replace("_", " "))


def _free_height(taken: list[tuple[float, float, float]], left: float, right: float, height: float) -> float:
    """The lowest free height from `height` upwards for a label from `left` to `right`."""
    for other_left, other_right, other in sorted(taken, key=lambda place: place[2]):
        if left < other_right and other_left < right and abs(other - height) < _LINE_PX:
            height = other + _LINE_PX
    return height
