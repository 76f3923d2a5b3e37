"""An independent flight of a burn: the equations of a rigid body that burns mass, by Runge and Kutta.

Nothing is shared with world/dynamics.py but the layout of its arrays: attitude is a differential equation
and a rotation matrix here, mass flows within the step, and gravity is taken at every stage. Basilisk
judges this module in `make bench`; this module judges our world in the tests, where Basilisk is not.
"""

import numpy as np
from numba import njit

from host_tools.campaign.bench.burn import SAMPLE_S, STATE_SIZE, SUBSTEP_S, Burn, Floats, mean_thrusts_n
from host_tools.world import dynamics as dyn
from host_tools.world.moon import MU_M3_S2, STANDARD_GRAVITY_M_S2


@njit(cache=True)
def _derivative(y: Floats, force: Floats, torque: Floats, flow_kg_s: float, frame: Floats) -> Floats:
    """Of position, velocity, quaternion (scalar first, body to inertial), rates and mass."""
    out = np.empty(STATE_SIZE)
    mass = y[13]
    fill = (mass - frame[dyn.F_EMPTY_KG]) / (frame[dyn.F_IGNITION_KG] - frame[dyn.F_EMPTY_KG])
    empty, full = frame[dyn.F_I_EMPTY :][:3], frame[dyn.F_I_FULL :][:3]
    ix, iy, iz = (1.0 - fill) * empty + fill * full
    a, b, c, d = y[6], y[7], y[8], y[9]
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2.0 * (b * c - a * d), 2.0 * (b * d + a * c)],
            [2.0 * (b * c + a * d), a * a - b * b + c * c - d * d, 2.0 * (c * d - a * b)],
            [2.0 * (b * d - a * c), 2.0 * (c * d + a * b), a * a - b * b - c * c + d * d],
        ]
    )
    pull = MU_M3_S2 / (y[0] ** 2 + y[1] ** 2 + y[2] ** 2) ** 1.5
    out[0:3] = y[3:6]
    for row in range(3):
        push = 0.0
        for column in range(3):
            push += rotation[row, column] * force[column]
        out[3 + row] = push / mass - pull * y[row]
    p, q, r = y[10], y[11], y[12]
    out[6] = -0.5 * (b * p + c * q + d * r)
    out[7] = 0.5 * (a * p + c * r - d * q)
    out[8] = 0.5 * (a * q + d * p - b * r)
    out[9] = 0.5 * (a * r + b * q - c * p)
    out[10] = (torque[0] + (iy - iz) * q * r) / ix
    out[11] = (torque[1] + (iz - ix) * r * p) / iy
    out[12] = (torque[2] + (ix - iy) * p * q) / iz
    out[13] = -flow_kg_s
    return out


@njit(cache=True)
def _integrate(start: Floats, thrusts_n: Floats, thrusters: Floats, frame: Floats, every: int) -> Floats:
    """(samples, STATE_SIZE): one step of fourth order for each row of thrusts."""
    step = SUBSTEP_S
    path = np.empty((thrusts_n.shape[0] // every + 1, STATE_SIZE))
    path[0] = start
    y = start.copy()
    aims = np.ascontiguousarray(thrusters[:, dyn.T_DIR_X : dyn.T_DIR_X + 3])
    moments = np.cross(np.ascontiguousarray(thrusters[:, dyn.T_X : dyn.T_X + 3]), aims)
    flows = 1.0 / (thrusters[:, dyn.T_ISP_S] * STANDARD_GRAVITY_M_S2)
    for k in range(thrusts_n.shape[0]):
        force, torque, flow = np.zeros(3), np.zeros(3), 0.0
        for i in range(thrusts_n.shape[1]):
            if thrusts_n[k, i] != 0.0:
                force += thrusts_n[k, i] * aims[i]
                torque += thrusts_n[k, i] * moments[i]
                flow += thrusts_n[k, i] * flows[i]
        first = _derivative(y, force, torque, flow, frame)
        second = _derivative(y + 0.5 * step * first, force, torque, flow, frame)
        third = _derivative(y + 0.5 * step * second, force, torque, flow, frame)
        fourth = _derivative(y + step * third, force, torque, flow, frame)
        y = y + step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)
        if (k + 1) % every == 0:
            path[(k + 1) // every] = y
    return path


def fly(burn: Burn) -> Floats:
    """The burn's path, (samples, STATE_SIZE)."""
    vehicle = burn.vehicle
    thrusts_n = mean_thrusts_n(burn.shares, vehicle.thrusters)
    every = round(SAMPLE_S / SUBSTEP_S)
    return _integrate(burn.path[0], thrusts_n, vehicle.thrusters, vehicle.frame, every)
