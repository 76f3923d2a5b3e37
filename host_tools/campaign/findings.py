"""What a campaign's runs show: how landings ended, which were the worst, and what decided it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.statistics import noise_level, rank_correlation
from host_tools.scenarios.schema import Scenario

# column -> what it is called on the page
OUTCOMES = {
    "vertical_speed_m_s": "vertical speed, m/s",
    "horizontal_speed_m_s": "horizontal speed, m/s",
    "tilt_deg": "tilt, deg",
    "miss_m": "miss, m",
    "propellant_left_kg": "propellant left, kg",
    "max_agl_error_m": "worst error of the believed height, m",
    "touchdown_s": "touchdown, s",
}
DRAWN = "drawn_"
_EXTREME_SIGMAS = 2.0
_MOST_EXTREMES = 3


@dataclass(frozen=True)
class Influence:
    """One draw, and its rank correlation with each outcome (nan where there is none)."""

    name: str
    on: dict[str, float]

    @property
    def strongest(self) -> float:
        sizes = [abs(value) for value in self.on.values() if math.isfinite(value)]
        return max(sizes, default=0.0)


@dataclass(frozen=True)
class Findings:
    """All runs by index, as arrays by column; numbers are float64 with nan for what never happened."""

    columns: dict[str, NDArray[Any]]

    @property
    def runs(self) -> int:
        return len(self.columns["index"])

    @property
    def landed(self) -> NDArray[np.bool_]:
        return self.columns["landed"].astype(np.bool_)

    @property
    def drawn(self) -> dict[str, NDArray[np.float64]]:
        """What was drawn, as numbers; struck faults are 1, and texts are left out."""
        return {
            name: values.astype(np.float64)
            for name, values in self.columns.items()
            if name.startswith(DRAWN) and values.dtype.kind in "fib"
        }

    def endings(self) -> list[tuple[str, NDArray[np.int64]]]:
        """(ending, its rows), the most frequent first."""
        names, counts = np.unique(self.columns["ending"].astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return [(str(names[i]), np.flatnonzero(self.columns["ending"] == names[i])) for i in order]

    def failed(self) -> NDArray[np.int64]:
        """Rows that did not land, by index."""
        return np.flatnonzero(~self.landed)

    def worst(self, scenario: Scenario, count: int) -> NDArray[np.int64]:
        """Rows that landed with the least margin to what the legs survive, the worst first."""
        rows = np.flatnonzero(self.landed)
        used = self.used_share(scenario)[rows]
        return rows[np.argsort(-used, kind="stable")[:count]]

    def used_share(self, scenario: Scenario) -> NDArray[np.float64]:
        """Of what the legs survive, the share that was used: the largest of the three."""
        limits = scenario.landing_limits
        shares = np.array(
            [
                self.columns["vertical_speed_m_s"] / limits.vertical_speed_m_s,
                self.columns["horizontal_speed_m_s"] / limits.horizontal_speed_m_s,
                self.columns["tilt_deg"] / limits.tilt_deg,
            ]
        )
        used: NDArray[np.float64] = np.nan_to_num(shares, nan=0.0).max(axis=0)
        return used

    def unusual(self, row: int) -> list[str]:
        """What was far from its mean in this run, the farthest first, and the faults that struck."""
        struck, far = [], []
        for name, values in self.drawn.items():
            short = name.removeprefix(DRAWN)
            if self.columns[name].dtype.kind == "b":
                if values[row]:
                    struck.append(f"{short} struck")
                continue
            spread = float(np.nanstd(values)) if np.isfinite(values).any() else 0.0
            if spread > 0.0 and math.isfinite(values[row]):
                far.append(((values[row] - float(np.nanmean(values))) / spread, short))
        far.sort(key=lambda item: -abs(item[0]))
        told = [f"{name} {z:+.1f} sigma" for z, name in far[:_MOST_EXTREMES] if abs(z) > _EXTREME_SIGMAS]
        return struck + told

    def influences(self) -> list[Influence]:
        """Every draw that varies, the most influential first; `landed` counts as 0 and 1."""
        outcomes = {name: self.columns[name].astype(np.float64) for name in OUTCOMES}
        outcomes["landed"] = self.landed.astype(np.float64)
        found = [
            Influence(
                name.removeprefix(DRAWN),
                {outcome: rank_correlation(values, measured) for outcome, measured in outcomes.items()},
            )
            for name, values in self.drawn.items()
        ]
        return sorted(found, key=lambda influence: -influence.strongest)

    @property
    def noise(self) -> float:
        """Correlations below this may be chance."""
        return noise_level(self.runs)
