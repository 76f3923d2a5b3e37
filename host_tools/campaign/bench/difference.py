"""How far two flights of one burn are apart, and how far they may be."""

from dataclasses import dataclass

import numpy as np

from host_tools.campaign.bench.burn import SAMPLE_S, Floats

# Position and velocity: issue 7, over 300 s of identical thrust commands. Attitude: an error that grows
# to this with the square of time turns 600 m/s of velocity change by a third of it, 0.01 m/s.
BOUNDS = {"position_m": 1.0, "velocity_m_s": 0.01, "attitude_rad": 5e-5}


@dataclass(frozen=True)
class Difference:
    """Distances between two paths at every SAMPLE_S: vectors' lengths, and the angle between attitudes."""

    time_s: Floats
    position_m: Floats
    velocity_m_s: Floats
    attitude_rad: Floats
    rates_rad_s: Floats
    mass_kg: Floats

    @property
    def worst(self) -> dict[str, float]:
        """The largest of each curve, nan if the curve has one."""
        return {name: float(np.max(curve)) for name, curve in vars(self).items() if name != "time_s"}

    def beyond(self, bounds: dict[str, float] = BOUNDS) -> list[str]:
        """One line for each bound that is not kept; nan keeps none."""
        return [
            f"{name} {self.worst[name]:.3g} is beyond {bound:g}"
            for name, bound in bounds.items()
            if not self.worst[name] <= bound
        ]


def between(one: Floats, other: Floats) -> Difference:
    """Of two paths of the same burn, (samples, STATE_SIZE). Raises ValueError when lengths differ."""
    if one.shape != other.shape:
        raise ValueError(f"paths of {len(one)} and {len(other)} samples cannot be compared")
    apart = one - other
    lengths = [np.sqrt(np.sum(apart[:, at : at + 3] ** 2, axis=1)) for at in (0, 3, 10)]
    return Difference(
        np.arange(len(one), dtype=np.float64) * SAMPLE_S,
        lengths[0],
        lengths[1],
        _angle_rad(one[:, 6:10], other[:, 6:10]),
        lengths[2],
        np.abs(apart[:, 13]),
    )


def _angle_rad(a: Floats, b: Floats) -> Floats:
    """Angle of the rotation between unit quaternions, scalar first, exact near nought too."""
    across = a[:, :1] * b[:, 1:] - b[:, :1] * a[:, 1:] - np.cross(a[:, 1:], b[:, 1:])
    along = np.abs(np.sum(a * b, axis=1))
    return 2.0 * np.arctan2(np.linalg.norm(across, axis=1), along)
