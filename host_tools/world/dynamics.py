"""Six degrees of freedom in numba: pulsed thrusters, mass flow, central gravity, legs on the ground.

Position and velocity are Moon-centred Cartesian (x through the site, y downrange, z crossrange),
so that nothing is shared with the flight code's curvilinear equations. One call integrates a tick
in substeps and returns what an ideal inertial unit would have measured in each.
"""

import math

import numpy as np
from numba import njit

from host_tools.world.moon import MU_M3_S2, RADIUS_M, STANDARD_GRAVITY_M_S2
from host_tools.world.terrain import terrain_height_m, terrain_slope

SUBSTEP_US = 2_000
SUBSTEPS = 5
TICK_US = SUBSTEP_US * SUBSTEPS

# truth: what is
POSITION, VELOCITY, QUATERNION, RATES, MASS, THRUST = 0, 3, 6, 10, 13, 14
VALVES = 15
TRUTH_SIZE = THRUST + VALVES

# view: the truth as a person or a sensor sees it
(
    ALTITUDE_M, AGL_M, DOWNRANGE_M, CROSSRANGE_M, SPEED_UP, SPEED_DOWNRANGE, SPEED_CROSSRANGE,
    TILT_RAD, GROUND_M, GROUND_SLOPE, UP_X, UP_Y, UP_Z, DOWN_X, DOWN_Y, DOWN_Z, CROSS_X, CROSS_Y, CROSS_Z,
) = range(19)  # fmt: skip
VIEW_SIZE = 19

# body: columns of the thruster table
(T_X, T_Y, T_Z, T_DIR_X, T_DIR_Y, T_DIR_Z, T_FORCE_N, T_ISP_S, T_RISE_S, T_FALL_S) = range(10)

# frame: scalars of the vehicle
F_EMPTY_KG, F_IGNITION_KG, F_I_EMPTY, F_I_FULL, F_FOOT_DOWN_M, F_FOOT_RADIUS_M = 0, 1, 2, 5, 8, 9
FRAME_SIZE = 10

LEGS = 4
LEG_STIFFNESS_N_M = 15_000.0  # assumed: a 430 kg lander sinks in by 12 mm
LEG_DAMPING_N_S_M = 2_000.0  # assumed: 0.8 of critical
FRICTION = 0.6  # assumed, footpad on regolith


@njit(cache=True)
def rotate(q, x, y, z):
    """Body vector to inertial by a scalar-first quaternion."""
    tx = 2.0 * (q[2] * z - q[3] * y)
    ty = 2.0 * (q[3] * x - q[1] * z)
    tz = 2.0 * (q[1] * y - q[2] * x)
    return (
        x + q[0] * tx + q[2] * tz - q[3] * ty,
        y + q[0] * ty + q[3] * tx - q[1] * tz,
        z + q[0] * tz + q[1] * ty - q[2] * tx,
    )


@njit(cache=True)
def turn(q, wx, wy, wz):
    """q times the rotation (wx, wy, wz) in body axes, in place."""
    angle = math.sqrt(wx * wx + wy * wy + wz * wz)
    c = math.cos(0.5 * angle)
    s = 0.5 if angle < 1e-12 else math.sin(0.5 * angle) / angle
    a, b, d = s * wx, s * wy, s * wz
    q0, q1, q2, q3 = q[0], q[1], q[2], q[3]
    q[0] = q0 * c - q1 * a - q2 * b - q3 * d
    q[1] = q1 * c + q0 * a + q2 * d - q3 * b
    q[2] = q2 * c + q0 * b - q1 * d + q3 * a
    q[3] = q3 * c + q0 * d + q1 * b - q2 * a
    n = 1.0 / math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    for i in range(4):
        q[i] *= n


@njit(cache=True)
def look(truth, frame, grid, rims, view):
    """Fill `view` from `truth`."""
    x, y, z = truth[0], truth[1], truth[2]
    r = math.sqrt(x * x + y * y + z * z)
    flat = math.sqrt(x * x + y * y)
    ux, uy, uz = x / r, y / r, z / r
    dx, dy = -y / flat, x / flat
    cx, cy, cz = -uz * dy, uz * dx, ux * dy - uy * dx
    v = truth[VELOCITY : VELOCITY + 3]
    q = truth[QUATERNION : QUATERNION + 4]
    s = RADIUS_M * math.atan2(y, x)
    view[ALTITUDE_M] = r - RADIUS_M - frame[F_FOOT_DOWN_M]
    view[DOWNRANGE_M] = s
    view[CROSSRANGE_M] = RADIUS_M * math.asin(uz)
    view[GROUND_M] = terrain_height_m(s, grid, rims)
    view[GROUND_SLOPE] = terrain_slope(s, grid, rims)
    view[AGL_M] = view[ALTITUDE_M] - view[GROUND_M]
    view[SPEED_UP] = v[0] * ux + v[1] * uy + v[2] * uz
    view[SPEED_DOWNRANGE] = v[0] * dx + v[1] * dy
    view[SPEED_CROSSRANGE] = v[0] * cx + v[1] * cy + v[2] * cz
    for axis in range(3):
        bx, by, bz = rotate(q, 1.0 * (axis == 0), 1.0 * (axis == 1), 1.0 * (axis == 2))
        view[UP_X + axis] = bx * ux + by * uy + bz * uz
        view[DOWN_X + axis] = bx * dx + by * dy
        view[CROSS_X + axis] = bx * cx + by * cy + bz * cz
    view[TILT_RAD] = math.acos(min(1.0, max(-1.0, view[UP_X])))


@njit(cache=True)
def thrust_of(truth, frame, table, open_shares, cg, total):
    """Mean force and torque of the thrusters over a substep, body axes, into `total`; burns mass.

    open_shares: for each valve the share of the substep in which it is open.
    """
    dt = SUBSTEP_US * 1e-6
    total[:] = 0.0
    for i in range(table.shape[0]):
        t = table[i]
        target = t[T_FORCE_N] * open_shares[i]
        if truth[MASS] <= frame[F_EMPTY_KG]:
            target = 0.0
        old = truth[THRUST + i]
        if target == 0.0 and old < 1e-3:
            truth[THRUST + i] = 0.0
            continue
        tau = t[T_RISE_S] if target > old else t[T_FALL_S]
        new = target + (old - target) * math.exp(-dt / tau)
        mean = target + (old - new) * tau / dt
        truth[THRUST + i] = new
        fx, fy, fz = mean * t[T_DIR_X], mean * t[T_DIR_Y], mean * t[T_DIR_Z]
        px, py, pz = t[T_X] - cg[0], t[T_Y] - cg[1], t[T_Z] - cg[2]
        total[0] += fx
        total[1] += fy
        total[2] += fz
        total[3] += py * fz - pz * fy
        total[4] += pz * fx - px * fz
        total[5] += px * fy - py * fx
        truth[MASS] = max(frame[F_EMPTY_KG], truth[MASS] - mean * dt / (t[T_ISP_S] * STANDARD_GRAVITY_M_S2))


@njit(cache=True)
def legs_of(truth, frame, view, grid, rims, total, touching):
    """Spring, damper and friction of four footpads added to `total`; marks which ones touch."""
    down = frame[F_FOOT_DOWN_M]
    arm = frame[F_FOOT_RADIUS_M] * math.sqrt(0.5)
    height = view[ALTITUDE_M] + down
    w = truth[RATES : RATES + 3]
    count = 0
    for leg in range(LEGS):
        px = -down
        py = arm if leg < 2 else -arm
        pz = arm if leg % 2 == 0 else -arm
        foot_up = view[UP_X] * px + view[UP_Y] * py + view[UP_Z] * pz
        foot_along = view[DOWN_X] * px + view[DOWN_Y] * py + view[DOWN_Z] * pz
        ground = terrain_height_m(view[DOWNRANGE_M] + foot_along, grid, rims)
        depth = ground - (height + foot_up)
        touching[leg] = depth > 0.0
        if depth <= 0.0:
            continue
        count += 1
        # velocity of the foot: w x p in body axes, then local
        bx, by, bz = w[1] * pz - w[2] * py, w[2] * px - w[0] * pz, w[0] * py - w[1] * px
        vu = view[SPEED_UP] + view[UP_X] * bx + view[UP_Y] * by + view[UP_Z] * bz
        vd = view[SPEED_DOWNRANGE] + view[DOWN_X] * bx + view[DOWN_Y] * by + view[DOWN_Z] * bz
        vc = view[SPEED_CROSSRANGE] + view[CROSS_X] * bx + view[CROSS_Y] * by + view[CROSS_Z] * bz
        press = max(0.0, LEG_STIFFNESS_N_M * depth - LEG_DAMPING_N_S_M * vu)
        slip = math.sqrt(vd * vd + vc * vc) + 0.05
        fd, fc = -FRICTION * press * vd / slip, -FRICTION * press * vc / slip
        fx = view[UP_X] * press + view[DOWN_X] * fd + view[CROSS_X] * fc
        fy = view[UP_Y] * press + view[DOWN_Y] * fd + view[CROSS_Y] * fc
        fz = view[UP_Z] * press + view[DOWN_Z] * fd + view[CROSS_Z] * fc
        total[0] += fx
        total[1] += fy
        total[2] += fz
        total[3] += py * fz - pz * fy
        total[4] += pz * fx - px * fz
        total[5] += px * fy - py * fx
    return count


@njit(cache=True)
def accelerate_rates(w, total, inertia, dt):
    """Euler's equations over a substep, principal axes, in place."""
    gx = total[3] - (inertia[2] - inertia[1]) * w[1] * w[2]
    gy = total[4] - (inertia[0] - inertia[2]) * w[2] * w[0]
    gz = total[5] - (inertia[1] - inertia[0]) * w[0] * w[1]
    w[0] += gx / inertia[0] * dt
    w[1] += gy / inertia[1] * dt
    w[2] += gz / inertia[2] * dt


@njit(cache=True)
def substep(truth, frame, view, grid, rims, table, open_shares, cg, touching, ideal):
    """One substep of 2 ms: midpoint attitude, velocity Verlet; `ideal` gets angle and velocity increments."""
    dt = SUBSTEP_US * 1e-6
    total = np.zeros(6)
    mass = truth[MASS]
    thrust_of(truth, frame, table, open_shares, cg, total)
    for leg in range(LEGS):
        touching[leg] = False
    if view[AGL_M] < 3.0:
        legs_of(truth, frame, view, grid, rims, total, touching)
    fill = (mass - frame[F_EMPTY_KG]) / (frame[F_IGNITION_KG] - frame[F_EMPTY_KG])
    fill = min(1.0, max(0.0, fill))
    inertia = frame[F_I_EMPTY : F_I_EMPTY + 3] + fill * (
        frame[F_I_FULL : F_I_FULL + 3] - frame[F_I_EMPTY : F_I_EMPTY + 3]
    )
    w = truth[RATES : RATES + 3]
    w0, w1, w2 = w[0], w[1], w[2]
    accelerate_rates(w, total, inertia, dt)
    ax, ay, az = 0.5 * (w0 + w[0]) * dt, 0.5 * (w1 + w[1]) * dt, 0.5 * (w2 + w[2]) * dt
    q = truth[QUATERNION : QUATERNION + 4]
    turn(q, 0.5 * ax, 0.5 * ay, 0.5 * az)
    fx, fy, fz = rotate(q, total[0] / mass, total[1] / mass, total[2] / mass)
    turn(q, 0.5 * ax, 0.5 * ay, 0.5 * az)
    p = truth[POSITION : POSITION + 3]
    v = truth[VELOCITY : VELOCITY + 3]
    hx, hy, hz = p[0] + 0.5 * dt * v[0], p[1] + 0.5 * dt * v[1], p[2] + 0.5 * dt * v[2]
    r2 = hx * hx + hy * hy + hz * hz
    pull = -MU_M3_S2 / (r2 * math.sqrt(r2))
    fx, fy, fz = fx + pull * hx, fy + pull * hy, fz + pull * hz
    p[0] += dt * (v[0] + 0.5 * dt * fx)
    p[1] += dt * (v[1] + 0.5 * dt * fy)
    p[2] += dt * (v[2] + 0.5 * dt * fz)
    v[0] += dt * fx
    v[1] += dt * fy
    v[2] += dt * fz
    ideal[0], ideal[1], ideal[2] = ax, ay, az
    ideal[3], ideal[4], ideal[5] = total[0] / mass * dt, total[1] / mass * dt, total[2] / mass * dt
    look(truth, frame, grid, rims, view)
