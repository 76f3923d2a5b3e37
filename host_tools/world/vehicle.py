"""A vehicle's profile, with this flight's dispersions, as the arrays that the dynamics work on.

Thruster numbers: 0 main, 1 to 6 assist (at 60 degrees * i from body y toward z), 7 to 14 RCS:
+y, -y, +z, -z torque by jets that push along body x, then two couples for +x and -x.
"""

import math
from dataclasses import dataclass

import numpy as np

from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn

_JETS = (  # position (y, z) in levers, direction
    ((0.0, 1.0), (1.0, 0.0, 0.0)),
    ((0.0, -1.0), (1.0, 0.0, 0.0)),
    ((-1.0, 0.0), (1.0, 0.0, 0.0)),
    ((1.0, 0.0), (1.0, 0.0, 0.0)),
    ((1.0, 0.0), (0.0, 0.0, 1.0)),
    ((-1.0, 0.0), (0.0, 0.0, -1.0)),
    ((1.0, 0.0), (0.0, 0.0, -1.0)),
    ((-1.0, 0.0), (0.0, 0.0, 1.0)),
)


@dataclass
class FlightVehicle:
    """What the compiled dynamics need: see dynamics.py for the columns."""

    frame: np.ndarray
    thrusters: np.ndarray  # (15, THRUSTER_SIZE)
    cg_m: np.ndarray  # (3,) offset of the centre of mass from the thrust axis
    mass_kg: float


def build(scenario: Scenario, rng: np.random.Generator) -> FlightVehicle:
    """One vehicle drawn from the profile's and the scenario's dispersions."""
    v, d = scenario.vehicle, scenario.dispersions
    frame = np.zeros(dyn.FRAME_SIZE)
    frame[dyn.F_EMPTY_KG] = v.empty_mass_kg
    frame[dyn.F_IGNITION_KG] = v.ignition_mass_kg
    frame[dyn.F_FILL_PER_KG] = 1.0 / (v.ignition_mass_kg - v.empty_mass_kg)
    frame[dyn.F_I_EMPTY : dyn.F_I_EMPTY + 3] = v.inertia_empty_kg_m2
    frame[dyn.F_I_FULL : dyn.F_I_FULL + 3] = v.inertia_at_ignition_kg_m2
    frame[dyn.F_FOOT_DOWN_M] = v.footpad_plane_below_cg_m
    frame[dyn.F_FOOT_RADIUS_M] = v.footpad_radius_m
    rows = [_row(v.main_engine, (-0.8, 0.0, 0.0), (1.0, 0.0, 0.0), d, rng)]
    for i in range(v.assist_thrusters.count):
        angle = math.radians(60.0 * i)
        r = v.assist_thrusters.radius_m
        place = (-0.8, r * math.cos(angle), r * math.sin(angle))
        rows.append(_row(v.assist_thrusters, place, (1.0, 0.0, 0.0), d, rng))
    for (y, z), direction in _JETS:
        lever = v.rcs_thrusters.lever_m
        rows.append(_row(v.rcs_thrusters, (0.0, lever * y, lever * z), direction, d, rng))
    cg = np.zeros(3)
    cg[1:] = rng.normal(0.0, v.cg_offset_sigma_m, 2)
    mass = v.ignition_mass_kg * (1.0 + rng.normal(0.0, d.mass_fraction))
    table = np.zeros((len(rows), dyn.THRUSTER_SIZE))
    table[:, : dyn.T_FALL_S + 1] = rows
    table[:, dyn.T_X : dyn.T_Z + 1] -= cg
    dyn.prepare(table)
    return FlightVehicle(frame, table, cg, mass)


def _row(thruster, place, direction, dispersions, rng) -> list[float]:
    """One thruster: position, direction with its misalignment, thrust, Isp, time constants."""
    tilt = rng.normal(0.0, thruster.misalignment_sigma_rad, 3)
    aim = np.array(direction) + tilt * (1.0 - np.abs(np.array(direction)))
    aim /= np.linalg.norm(aim)
    thrust = thruster.thrust_n * (1.0 + rng.normal(0.0, dispersions.thrust_fraction))
    isp = thruster.isp_s * (1.0 + rng.normal(0.0, dispersions.isp_fraction))
    rise_s, fall_s = thruster.rise_time_s, thruster.fall_time_s
    return [*place, *aim, thrust, isp, rise_s, fall_s]
