"""What one flight's world drew from its seed, as numbers that outcomes can be held against."""

import math

import numpy as np
from numpy.typing import NDArray

from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.moon import STANDARD_GRAVITY_M_S2
from host_tools.world.world import World

_NEAR_M = 20_000.0  # the ground that the altimeters see
_NEAR_STEP_M = 50.0
_AXES = "xyz"
_SUBSTEP_S = dyn.SUBSTEP_US * 1e-6


def drawn(world: World) -> dict[str, float]:
    """The draws of a world that has not advanced yet, by column; `off` is the truth less what is believed.

    Raises KeyError for a vehicle whose altimeters have other kinds than the world knows.
    """
    return {
        f"drawn_{name}": float(value)
        for part in (_start(world), _vehicle(world), _inertial(world), _ranging(world), _ground(world))
        for name, value in part.items()
    }


def _start(world: World) -> dict[str, float]:
    view, start = world.view, world.scenario.start
    turned = _turned(world)
    return {
        "altitude_off_m": view[dyn.ALTITUDE_M] - world.believed_altitude_m,
        "downrange_off_m": view[dyn.DOWNRANGE_M] - world.believed_downrange_m,
        "crossrange_off_m": view[dyn.CROSSRANGE_M],
        "speed_up_off_m_s": view[dyn.SPEED_UP] - start.vertical_speed_m_s,
        "speed_downrange_off_m_s": view[dyn.SPEED_DOWNRANGE] - start.horizontal_speed_m_s,
        "speed_crossrange_off_m_s": view[dyn.SPEED_CROSSRANGE],
        **{f"attitude_{axis}_off_rad": turned[i] for i, axis in enumerate(_AXES)},
    }


def _turned(world: World) -> NDArray[np.float64]:
    """The attitude's error as small angles about the body axes."""
    true = np.array([world.view[first : first + 3] for first in (dyn.UP_X, dyn.DOWN_X, dyn.CROSS_X)])
    believed = np.array(
        [dyn.rotated(*world.believed_attitude, *axis) for axis in np.eye(3)],
    ).T
    turn = believed.T @ true
    return 0.5 * np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])


def _vehicle(world: World) -> dict[str, float]:
    flown, told = world.vehicle, world.scenario.vehicle.told
    main, assist, rcs = flown.thrusters[0], flown.thrusters[1:7], flown.thrusters[7:]
    return {
        "mass_off_kg": flown.mass_kg - told.ignition_mass_kg,
        "main_thrust_off_fraction": main[dyn.T_FORCE_N] / told.main_engine.thrust_n - 1.0,
        "assist_thrust_off_fraction": assist[:, dyn.T_FORCE_N].mean() / told.assist_thrusters.thrust_n - 1.0,
        "rcs_thrust_off_fraction": rcs[:, dyn.T_FORCE_N].mean() / told.rcs_thrusters.thrust_n - 1.0,
        "main_isp_off_fraction": main[dyn.T_ISP_S] / told.main_engine.isp_s - 1.0,
        "assist_isp_off_fraction": assist[:, dyn.T_ISP_S].mean() / told.assist_thrusters.isp_s - 1.0,
        "main_aim_y_rad": main[dyn.T_DIR_Y],
        "main_aim_z_rad": main[dyn.T_DIR_Z],
        "cg_y_m": flown.cg_m[1],
        "cg_z_m": flown.cg_m[2],
    }


def _inertial(world: World) -> dict[str, float]:
    bias = world.imu_errors[sens.BIAS] / _SUBSTEP_S
    scale = world.imu_errors[sens.SCALE]
    numbers: dict[str, float] = {}
    for i, axis in enumerate(_AXES):
        numbers[f"gyro_bias_{axis}_deg_h"] = math.degrees(bias[i]) * 3600.0
        numbers[f"accel_bias_{axis}_mg"] = bias[3 + i] / STANDARD_GRAVITY_M_S2 * 1e3
        numbers[f"gyro_scale_{axis}_ppm"] = scale[i] * 1e6
        numbers[f"accel_scale_{axis}_ppm"] = scale[3 + i] * 1e6
    return numbers


def _ranging(world: World) -> dict[str, float]:
    numbers: dict[str, float] = {}
    fitted = {part.kind for part in world.scenario.vehicle.altimeters}
    for kind, row in (("laser", sens.LASER), ("radar", sens.RADAR)):
        part = world.altimeters[row] if kind in fitted else np.full(world.altimeters.shape[1], math.nan)
        numbers[f"{kind}_reach_m"] = part[sens.A_REACH_M]
        numbers[f"{kind}_scale_off_fraction"] = part[sens.A_SCALE] - 1.0
    numbers["velocity_scale_off_fraction"] = world.velocimeter[sens.V_SCALE] - 1.0
    return numbers


def _ground(world: World) -> dict[str, float]:
    heights_m = world.terrain.heights_m(np.arange(-_NEAR_M, 0.0, _NEAR_STEP_M))
    return {"ground_highest_m": heights_m.max(), "ground_lowest_m": heights_m.min()}
