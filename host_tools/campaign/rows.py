"""What is kept of a landing: one row of a table, a few hundred bytes."""

import math

import numpy as np
from numpy.typing import NDArray

from host_tools.campaign.abreast import flight
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world import ending as endings
from host_tools.world import sensors as sens
from host_tools.world.world import World

_TICK_S = dyn.TICK_US * 1e-6

# Speeds at touchdown are positive numbers; nan where no foot has touched.
OUTCOME = [
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
]
# What was drawn for this landing; errors at the start are true less believed.
DRAWN = [
    ("drawn_mass_kg", np.float64),
    ("drawn_main_thrust_n", np.float64),
    ("drawn_assist_thrust_n", np.float64),  # of all six
    ("drawn_main_isp_s", np.float64),
    ("drawn_cg_y_m", np.float64),
    ("drawn_cg_z_m", np.float64),
    ("drawn_altitude_m", np.float64),
    ("drawn_downrange_m", np.float64),
    ("drawn_crossrange_m", np.float64),
    ("drawn_speed_up_m_s", np.float64),
    ("drawn_speed_downrange_m_s", np.float64),
    ("drawn_speed_crossrange_m_s", np.float64),
    ("drawn_roll_rad", np.float64),
    ("drawn_yaw_rad", np.float64),
    ("drawn_pitch_rad", np.float64),
    ("drawn_gyro_bias_rad_s", np.float64),  # about body z, which pitches the lander
    ("drawn_accelerometer_bias_m_s2", np.float64),  # along body x
    ("drawn_accelerometer_scale", np.float64),  # along body x, error
    ("drawn_laser_reach_m", np.float64),
    ("drawn_radar_reach_m", np.float64),
    ("drawn_laser_scale", np.float64),
    ("drawn_radar_scale", np.float64),
    ("drawn_velocity_scale", np.float64),
    ("drawn_highest_ground_m", np.float64),
    ("drawn_steepest_slope", np.float64),
]
ROW = np.dtype(OUTCOME + DRAWN)
_SUBSTEP_S = dyn.SUBSTEP_US * 1e-6
_ASSIST = slice(1, 7)


def outcome(row: NDArray[np.void], scenario: Scenario) -> str:
    """What happened in this landing, in the words of `plumbline land`."""
    return endings.said(
        int(row["ending"]),
        float(row["vertical_speed_m_s"]),
        float(row["horizontal_speed_m_s"]),
        float(row["tilt_deg"]),
        scenario.landing_limits,
    )


def drawn(world: World) -> tuple[float, ...]:
    """The columns of DRAWN, of a world that has not flown."""
    table, errors, cg_m = world.vehicle.thrusters, world.imu_errors, world.vehicle.cg_m
    laser, radar = np.where(world.altimeters > 0.0, world.altimeters, math.nan)
    return (
        world.vehicle.mass_kg,
        table[0, dyn.T_FORCE_N],
        table[_ASSIST, dyn.T_FORCE_N].sum(),
        table[0, dyn.T_ISP_S],
        *cg_m[1:],
        *world.start_errors,
        errors[sens.BIAS, 2] / _SUBSTEP_S,
        errors[sens.BIAS, 3] / _SUBSTEP_S,
        errors[sens.SCALE, 3],
        laser[sens.A_REACH_M],
        radar[sens.A_REACH_M],
        laser[sens.A_SCALE],
        radar[sens.A_SCALE],
        world.velocimeter[sens.V_SCALE],
        *world.terrain.relief,
    )


def flown(
    world: World, seed: int, contact: NDArray[np.float64], figures: NDArray[np.float64]
) -> tuple[float, ...]:
    """The columns of OUTCOME. contact: as World has it; figures: of flight.py."""
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
    )
