"""How a landing ended, as one row of a table; what its world drew is told by truth.py."""

import math

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.abreast import flight
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world import ending as endings
from host_tools.world.world import World

_TICK_S = dyn.TICK_US * 1e-6

# Speeds at touchdown are positive numbers; nan where no foot has touched.
ROW = np.dtype(
    [
        ("seed", np.int64),
        ("landed", np.bool_),
        ("ending", np.uint8),  # of world/ending.py; `outcome` says it in words
        ("flight_s", np.float64),
        ("touchdown_s", np.float64),
        ("vertical_speed_m_s", np.float64),
        ("horizontal_speed_m_s", np.float64),
        ("tilt_deg", np.float64),
        ("miss_downrange_m", np.float64),
        ("miss_crossrange_m", np.float64),
        ("propellant_left_kg", np.float64),
        ("propellant_left_fraction", np.float64),
        ("worst_agl_error_m", np.float64),  # nan without any range
        ("worst_altitude_error_m", np.float64),
        ("blind_s", np.float64),  # between first range and contact, without any altimeter accepted
        ("valves_told_s", np.float64),  # when propulsion first said anything of its valves; nan for never
        ("valves_out_s", np.float64),  # when it put the first out of service
        ("valves_out", np.int32),  # HEA_OUT at the end
        ("valves_weak", np.int32),  # HEA_WEAK at the end
    ]
)


def outcome(row: NDArray[np.void], scenario: Scenario) -> str:
    """What happened in this landing, in the words of `plumbline land`."""
    return endings.said(
        int(row["ending"]),
        float(row["vertical_speed_m_s"]),
        float(row["horizontal_speed_m_s"]),
        float(row["tilt_deg"]),
        scenario.landing_limits,
    )


def flown(
    world: World, seed: int, contact: NDArray[np.float64], figures: NDArray[np.float64]
) -> tuple[float, ...]:
    """The columns of ROW. contact: as World has it; figures: of flight.py."""
    at, touched_us = contact[1:], contact[0]
    touchdown = (math.nan,) * 6
    if touched_us > 0.0:
        touchdown = (
            float(touched_us * 1e-6),
            float(-at[dyn.SPEED_UP]),
            math.hypot(at[dyn.SPEED_DOWNRANGE], at[dyn.SPEED_CROSSRANGE]),
            math.degrees(at[dyn.TILT_RAD]),
            float(at[dyn.DOWNRANGE_M]),
            float(at[dyn.CROSSRANGE_M]),
        )
    left_kg, ending = float(figures[flight.PROPELLANT_KG]), int(figures[flight.ENDING])
    return (
        seed,
        ending == endings.LANDED,
        ending,
        figures[flight.TICKS] * _TICK_S,
        *touchdown,
        left_kg,
        left_kg / world.scenario.vehicle.propellant_at_ignition_kg,
        figures[flight.WORST_AGL_ERROR_M],
        figures[flight.WORST_ALTITUDE_ERROR_M],
        figures[flight.BLIND_TICKS] * _TICK_S,
        figures[flight.VALVES_TOLD_S],
        figures[flight.VALVES_OUT_S],
        figures[flight.VALVES_OUT],
        figures[flight.VALVES_WEAK],
    )
