"""Six degrees of freedom in numba: pulsed thrusters, mass flow, central gravity, legs on the ground.

Position and velocity are Moon-centred Cartesian (x through the site, y downrange, z crossrange),
so that nothing is shared with the flight code's curvilinear equations. One call integrates a
substep and says what an ideal inertial unit would have measured in it; tick.py makes ticks of them.
`lane`: of one landing among many, or all of them at once (lanes.py); for arrays of one landing, anything.
"""

import math

from host_tools.world.compiled import compiled
from host_tools.world.lanes import at, choose, cosine, everywhere, fused, put, sine
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

# body: columns of the thruster table; places are from the centre of mass, `prepare` fills in from T_RISE_REST
# on: what is left of a change of thrust after a substep, its mean over the substep (and over all the time
# that it takes to die away), torque per newton, and the mass that a newton costs in a substep
(
    T_X, T_Y, T_Z, T_DIR_X, T_DIR_Y, T_DIR_Z, T_FORCE_N, T_ISP_S, T_RISE_S, T_FALL_S,
    T_RISE_REST, T_FALL_REST, T_RISE_MEAN, T_FALL_MEAN, T_FALL_WHOLE, T_ARM_X, T_ARM_Y, T_ARM_Z, T_KG_PER_N,
) = range(19)  # fmt: skip
THRUSTER_SIZE = 19

# frame: scalars of the vehicle
F_EMPTY_KG, F_IGNITION_KG, F_I_EMPTY, F_I_FULL, F_FOOT_DOWN_M, F_FOOT_RADIUS_M, F_FILL_PER_KG = (
    0, 1, 2, 5, 8, 9, 10,
)  # fmt: skip
FRAME_SIZE = 11

LEGS = 4
LEG_STIFFNESS_N_M = 15_000.0  # assumed: a 430 kg lander sinks in by 12 mm
LEG_DAMPING_N_S_M = 2_000.0  # assumed: 0.8 of critical
FRICTION = 0.6  # assumed, footpad on regolith
LEGS_BELOW_M = 3.0  # agl of the footpad plane below which a leg is looked at

# work: what a substep writes for the next function to read
W_PUSH, W_IDEAL = 0, 6  # force and torque, body axes; angle and velocity increments
WORK_SIZE = 12

_PLENTY_KG = 10.0  # of propellant: more than 15 of the largest thrusters can burn in a substep (2.5 kg)
_CLOSED_N = 1e-3  # thrust below this, behind a closed valve, gives at once all that it has left to give
_DT = SUBSTEP_US * 1e-6
_SMALL_RAD = 2.0**-6  # below it, the series' next term is less than 2^-63


@compiled
def rotated(q0, q1, q2, q3, x, y, z):
    """Body vector to inertial by a scalar-first quaternion."""
    tx = 2.0 * (q2 * z - q3 * y)
    ty = 2.0 * (q3 * x - q1 * z)
    tz = 2.0 * (q1 * y - q2 * x)
    return (
        x + q0 * tx + q2 * tz - q3 * ty,
        y + q0 * ty + q3 * tx - q1 * tz,
        z + q0 * tz + q1 * ty - q2 * tx,
    )


@compiled
def half_turn(wx, wy, wz):
    """Quaternion of the rotation (wx, wy, wz)."""
    h2 = 0.25 * (wx * wx + wy * wy + wz * wz)
    c = 1.0 - h2 * (0.5 - h2 * (1.0 / 24.0 - h2 * (1.0 / 720.0)))
    s = 0.5 - 0.5 * h2 * (1.0 / 6.0 - h2 * (1.0 / 120.0 - h2 * (1.0 / 5040.0)))
    small = h2 < _SMALL_RAD * _SMALL_RAD
    if not everywhere(small):
        half = math.sqrt(h2)
        c = choose(small, c, cosine(half))
        s = choose(small, s, sine(half) / choose(small, 1.0, 2.0 * half))
    return c, s * wx, s * wy, s * wz


@compiled
def turned(q0, q1, q2, q3, c, a, b, d):
    """The quaternion q times (c, a, b, d)."""
    r0 = q0 * c - q1 * a - q2 * b - q3 * d
    r1 = q1 * c + q0 * a + q2 * d - q3 * b
    r2 = q2 * c + q0 * b - q1 * d + q3 * a
    r3 = q3 * c + q0 * d + q1 * b - q2 * a
    return r0, r1, r2, r3


@compiled
def of_length_one(q0, q1, q2, q3):
    """A quaternion whose length differs from 1 by rounding only, by a step of Newton's for 1 / length."""
    n = 1.5 - 0.5 * (q0 * q0 + q1 * q1 + q2 * q2 + q3 * q3)
    return q0 * n, q1 * n, q2 * n, q3 * n


@compiled
def turn(q, wx, wy, wz):
    """q times the rotation (wx, wy, wz) in body axes, in place."""
    c, a, b, d = half_turn(wx, wy, wz)
    r0, r1, r2, r3 = turned(q[0], q[1], q[2], q[3], c, a, b, d)
    q[0], q[1], q[2], q[3] = of_length_one(r0, r1, r2, r3)


@compiled
def prepare(table):
    """Fill in the columns that follow from others; again whenever those have changed."""
    for i in range(table.shape[0]):
        rise_s, fall_s = table[i, T_RISE_S], table[i, T_FALL_S]
        table[i, T_RISE_REST] = math.exp(-_DT / rise_s)
        table[i, T_FALL_REST] = math.exp(-_DT / fall_s)
        table[i, T_RISE_MEAN] = -math.expm1(-_DT / rise_s) * rise_s / _DT
        table[i, T_FALL_MEAN] = -math.expm1(-_DT / fall_s) * fall_s / _DT
        table[i, T_FALL_WHOLE] = fall_s / _DT
        for k in range(3):
            one, other = (k + 1) % 3, (k + 2) % 3
            table[i, T_ARM_X + k] = (
                table[i, T_X + one] * table[i, T_DIR_X + other]
                - table[i, T_X + other] * table[i, T_DIR_X + one]
            )
        table[i, T_KG_PER_N] = _DT / (table[i, T_ISP_S] * STANDARD_GRAVITY_M_S2)


@compiled
def vector(array, first, lane):
    """Three values from `first` on."""
    return at(array, first, lane), at(array, first + 1, lane), at(array, first + 2, lane)


@compiled
def put_vector(array, first, lane, x, y, z):
    """Sets three values from `first` on."""
    put(array, first, lane, x)
    put(array, first + 1, lane, y)
    put(array, first + 2, lane, z)


@compiled
def altitude_of(truth, frame, lane):
    """Height of the footpad plane above the site's datum."""
    x, y, z = vector(truth, POSITION, lane)
    return math.sqrt(x * x + y * y + z * z) - RADIUS_M - at(frame, F_FOOT_DOWN_M, lane)


@compiled
def look_down(truth, frame, grid, rims, view, lane):
    """Altitude, downrange, ground and agl of a landing's `view` from `truth`."""
    s = RADIUS_M * math.atan2(at(truth, 1, lane), at(truth, 0, lane))
    view[ALTITUDE_M] = altitude_of(truth, frame, lane)
    view[DOWNRANGE_M] = s
    view[GROUND_M] = terrain_height_m(s, grid, rims)
    view[AGL_M] = view[ALTITUDE_M] - view[GROUND_M]


@compiled
def look(truth, frame, grid, rims, view, lane):
    """Fill a landing's `view` from `truth`."""
    look_down(truth, frame, grid, rims, view, lane)
    x, y, z = vector(truth, POSITION, lane)
    r = math.sqrt(x * x + y * y + z * z)
    flat = math.sqrt(x * x + y * y)
    ux, uy, uz = x / r, y / r, z / r
    dx, dy = -y / flat, x / flat
    cx, cy, cz = -uz * dy, uz * dx, ux * dy - uy * dx
    vx, vy, vz = vector(truth, VELOCITY, lane)
    q0 = at(truth, QUATERNION, lane)
    q1, q2, q3 = vector(truth, QUATERNION + 1, lane)
    view[CROSSRANGE_M] = RADIUS_M * math.asin(uz)
    view[GROUND_SLOPE] = terrain_slope(view[DOWNRANGE_M], grid, rims)
    view[SPEED_UP] = vx * ux + vy * uy + vz * uz
    view[SPEED_DOWNRANGE] = vx * dx + vy * dy
    view[SPEED_CROSSRANGE] = vx * cx + vy * cy + vz * cz
    for axis in range(3):
        bx, by, bz = rotated(q0, q1, q2, q3, 1.0 * (axis == 0), 1.0 * (axis == 1), 1.0 * (axis == 2))
        view[UP_X + axis] = bx * ux + by * uy + bz * uz
        view[DOWN_X + axis] = bx * dx + by * dy
        view[CROSS_X + axis] = bx * cx + by * cy + bz * cz
    view[TILT_RAD] = math.acos(min(1.0, max(-1.0, view[UP_X])))


@compiled
def thrust_of(truth, frame, table, open_shares, index, work, lane):
    """Mean force and torque of the thrusters over a substep, body axes, into `work`; burns mass.

    open_shares[index]: for each valve the share of the substep in which it is open.
    """
    empty, mass = at(frame, F_EMPTY_KG, lane), at(truth, MASS, lane)
    plenty = everywhere(mass > empty + _PLENTY_KG)
    zero = 0.0 * mass
    sx, sy, sz, mx, my, mz = zero, zero, zero, zero, zero, zero
    for i in range(VALVES):
        target, old = at(open_shares, (index, i), lane), at(truth, THRUST + i, lane)
        if everywhere((target == 0.0) & (old == 0.0)):
            continue
        target = target * at(table, (i, T_FORCE_N), lane)
        if not plenty:
            target = choose(mass <= empty, 0.0, target)
        gap = old - target
        closed = (target == 0.0) & (old < _CLOSED_N)
        rest = choose(gap < 0.0, at(table, (i, T_RISE_REST), lane), at(table, (i, T_FALL_REST), lane))
        mean = choose(gap < 0.0, at(table, (i, T_RISE_MEAN), lane), at(table, (i, T_FALL_MEAN), lane))
        mean = choose(closed, at(table, (i, T_FALL_WHOLE), lane), mean)
        put(truth, THRUST + i, lane, fused(gap, choose(closed, 0.0, rest), target))
        mean = fused(gap, mean, target)
        sx = fused(mean, at(table, (i, T_DIR_X), lane), sx)
        sy = fused(mean, at(table, (i, T_DIR_Y), lane), sy)
        sz = fused(mean, at(table, (i, T_DIR_Z), lane), sz)
        mx = fused(mean, at(table, (i, T_ARM_X), lane), mx)
        my = fused(mean, at(table, (i, T_ARM_Y), lane), my)
        mz = fused(mean, at(table, (i, T_ARM_Z), lane), mz)
        mass = fused(-mean, at(table, (i, T_KG_PER_N), lane), mass)
        if not plenty:
            mass = choose(mass > empty, mass, empty)
    put(truth, MASS, lane, mass)
    put_vector(work, W_PUSH, lane, sx, sy, sz)
    put_vector(work, W_PUSH + 3, lane, mx, my, mz)


@compiled
def legs_of(truth, frame, view, grid, rims, work, touching, lane):
    """Spring, damper and friction of four footpads added to `work`; marks which ones touch."""
    down = at(frame, F_FOOT_DOWN_M, lane)
    arm = at(frame, F_FOOT_RADIUS_M, lane) * math.sqrt(0.5)
    height = view[ALTITUDE_M] + down
    w0, w1, w2 = vector(truth, RATES, lane)
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
        bx, by, bz = w1 * pz - w2 * py, w2 * px - w0 * pz, w0 * py - w1 * px
        vu = view[SPEED_UP] + view[UP_X] * bx + view[UP_Y] * by + view[UP_Z] * bz
        vd = view[SPEED_DOWNRANGE] + view[DOWN_X] * bx + view[DOWN_Y] * by + view[DOWN_Z] * bz
        vc = view[SPEED_CROSSRANGE] + view[CROSS_X] * bx + view[CROSS_Y] * by + view[CROSS_Z] * bz
        press = max(0.0, LEG_STIFFNESS_N_M * depth - LEG_DAMPING_N_S_M * vu)
        slip = math.sqrt(vd * vd + vc * vc) + 0.05
        fd, fc = -FRICTION * press * vd / slip, -FRICTION * press * vc / slip
        fx = view[UP_X] * press + view[DOWN_X] * fd + view[CROSS_X] * fc
        fy = view[UP_Y] * press + view[DOWN_Y] * fd + view[CROSS_Y] * fc
        fz = view[UP_Z] * press + view[DOWN_Z] * fd + view[CROSS_Z] * fc
        sx, sy, sz = vector(work, W_PUSH, lane)
        put_vector(work, W_PUSH, lane, sx + fx, sy + fy, sz + fz)
        mx, my, mz = vector(work, W_PUSH + 3, lane)
        mx, my, mz = mx + (py * fz - pz * fy), my + (pz * fx - px * fz), mz + (px * fy - py * fx)
        put_vector(work, W_PUSH + 3, lane, mx, my, mz)
    return count


@compiled
def inertia_of(frame, fill, axis, lane):
    """Moment of inertia about a principal axis, by the share of propellant that is left."""
    empty = at(frame, F_I_EMPTY + axis, lane)
    return empty + fill * (at(frame, F_I_FULL + axis, lane) - empty)


@compiled
def turn_and_move(truth, frame, mass, work, lane):
    """The rest of a substep, after forces and torques are known: midpoint attitude, velocity Verlet.

    mass: in the middle of the substep. `work` gets the ideal increments.
    """
    dt = _DT
    fill = (mass - at(frame, F_EMPTY_KG, lane)) * at(frame, F_FILL_PER_KG, lane)
    fill = choose(fill > 0.0, fill, 0.0)
    fill = choose(fill < 1.0, fill, 1.0)
    ix, iy, iz = (
        inertia_of(frame, fill, 0, lane),
        inertia_of(frame, fill, 1, lane),
        inertia_of(frame, fill, 2, lane),
    )
    # one division for all: of a substep's time they took a fifth
    inverse = dt / (ix * iy * iz * mass)
    # Euler's equations, principal axes
    w0, w1, w2 = vector(truth, RATES, lane)
    mx, my, mz = vector(work, W_PUSH + 3, lane)
    gx = (mx - (iz - iy) * w1 * w2) * (iy * iz)
    gy = (my - (ix - iz) * w2 * w0) * (iz * ix)
    gz = (mz - (iy - ix) * w0 * w1) * (ix * iy)
    per_mass = mass * inverse
    n0, n1, n2 = w0 + gx * per_mass, w1 + gy * per_mass, w2 + gz * per_mass
    put_vector(truth, RATES, lane, n0, n1, n2)
    ax, ay, az = 0.5 * dt * (w0 + n0), 0.5 * dt * (w1 + n1), 0.5 * dt * (w2 + n2)
    c, a, b, d = half_turn(0.5 * ax, 0.5 * ay, 0.5 * az)
    q0 = at(truth, QUATERNION, lane)
    q1, q2, q3 = vector(truth, QUATERNION + 1, lane)
    q0, q1, q2, q3 = turned(q0, q1, q2, q3, c, a, b, d)
    kick = inverse * (ix * iy * iz)
    sx, sy, sz = vector(work, W_PUSH, lane)
    sx, sy, sz = sx * kick, sy * kick, sz * kick
    fx, fy, fz = rotated(q0, q1, q2, q3, sx, sy, sz)
    q0, q1, q2, q3 = turned(q0, q1, q2, q3, c, a, b, d)
    q0, q1, q2, q3 = of_length_one(q0, q1, q2, q3)
    put(truth, QUATERNION, lane, q0)
    put_vector(truth, QUATERNION + 1, lane, q1, q2, q3)
    x, y, z = vector(truth, POSITION, lane)
    vx, vy, vz = vector(truth, VELOCITY, lane)
    half = 0.5 * dt
    hx, hy, hz = fused(half, vx, x), fused(half, vy, y), fused(half, vz, z)
    r2 = hx * hx + hy * hy + hz * hz
    pull = -MU_M3_S2 * dt / (r2 * math.sqrt(r2))
    fx, fy, fz = fused(pull, hx, fx), fused(pull, hy, fy), fused(pull, hz, fz)
    vx, vy, vz = vx + fx, vy + fy, vz + fz
    put_vector(truth, POSITION, lane, fused(half, vx, hx), fused(half, vy, hy), fused(half, vz, hz))
    put_vector(truth, VELOCITY, lane, vx, vy, vz)
    put_vector(work, W_IDEAL, lane, ax, ay, az)
    put_vector(work, W_IDEAL + 3, lane, sx, sy, sz)
