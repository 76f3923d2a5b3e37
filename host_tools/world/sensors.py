"""Sensor physics in numba: what an inertial unit, a laser and a Doppler radar would read of the truth.

Errors after facts/landings.md: scale, noise, acquisition that fails with range, speed and
incidence, first return biased toward high ground, dropout. Bytes are not made here, and nothing is
drawn here: random numbers are handed in by whoever flies, in the order that each function names.
"""

import math

import numpy as np

from host_tools.world.compiled import compiled
from host_tools.world.dynamics import (
    AGL_M,
    ALTITUDE_M,
    CROSS_X,
    DOWN_X,
    DOWN_Y,
    DOWNRANGE_M,
    SPEED_CROSSRANGE,
    SPEED_DOWNRANGE,
    SPEED_UP,
    UP_X,
    UP_Y,
    W_IDEAL,
)
from host_tools.world.lanes import at, fused, put
from host_tools.world.moon import RADIUS_M
from host_tools.world.terrain import terrain_height_m, terrain_slope

ANGLE_LSB_RAD = math.radians(1.0) / 2**21  # STIM300, TS1524: incremental angle
VELOCITY_LSB_M_S = 2.0**-22  # and incremental velocity of the 10 g part

# errors of an inertial unit: rows of an array, columns angle x y z, velocity x y z; `prepare_inertial`
# fills in from GAIN_LSB on: the same in LSB, and the gain that turns an increment into them
BIAS, SCALE, NOISE, CARRY, ACROSS_1, ACROSS_2 = range(6)
_GAIN_LSB, _BIAS_LSB, _NOISE_LSB, _ACROSS_1_LSB, _ACROSS_2_LSB = range(6, 11)
IMU_ROWS = 11

# an altimeter of one flight: reach and scale as drawn, the rest from its data; the angle is the most
# between a laser's beam and the ground's normal, and between a radar's beam and the vertical
(A_REACH_M, A_SCALE, A_LEAST_M, A_FLOOR_M, A_FRACTION, A_DROPOUT, A_ANGLE_RAD, A_BEAM_RAD) = range(8)
ALTIMETER_SIZE = 8
LASER, RADAR = 0, 1  # rows of a flight's table of altimeters
ALTIMETERS = 2
ALTIMETER_DRAWS = 3  # uniform: an echo; normal: noise; uniform: dropout

# the velocity beams of one flight; V_LEVEL: the least steep beam, as its component up
V_REACH_M, V_SCALE, V_NOISE_M_S, V_FRACTION, V_DROPOUT, V_LEVEL = range(6)
VELOCIMETER_SIZE = 6

RANGE_VALID, WEAK, VELOCITY_VALID = 1, 2, 8  # bits of a reading's status
_SURELY = 1.0 + 1e-9  # more than rounding can do


@compiled
def prepare_inertial(errors):
    """Fill in the rows that follow from others; again whenever those have changed."""
    for i in range(6):
        lsb = ANGLE_LSB_RAD if i < 3 else VELOCITY_LSB_M_S
        errors[_GAIN_LSB, i] = (1.0 + errors[SCALE, i]) / lsb
        errors[_BIAS_LSB, i] = errors[BIAS, i] / lsb
        errors[_NOISE_LSB, i] = errors[NOISE, i] / lsb
        errors[_ACROSS_1_LSB, i] = errors[ACROSS_1, i] / lsb
        errors[_ACROSS_2_LSB, i] = errors[ACROSS_2, i] / lsb


@compiled
def inertial_counts(work, errors, normals, counts, index, lane):
    """Ideal increments of one sample into whole LSB; what is below an LSB stays in the part.

    work: angle (rad) and velocity (m/s) increments from W_IDEAL on; counts[index]: six integers, written.
    """
    for i in range(6):
        first = W_IDEAL + i // 3 * 3
        total = at(errors, (_BIAS_LSB, i), lane) + at(errors, (CARRY, i), lane)
        total = fused(at(errors, (_NOISE_LSB, i), lane), at(normals, (index, i), lane), total)
        total = fused(at(errors, (_ACROSS_1_LSB, i), lane), at(work, first + (i + 1) % 3, lane), total)
        total = fused(at(errors, (_ACROSS_2_LSB, i), lane), at(work, first + (i + 2) % 3, lane), total)
        total = fused(at(errors, (_GAIN_LSB, i), lane), at(work, W_IDEAL + i, lane), total)
        whole = np.floor(total + 0.5)
        put(errors, (CARRY, i), lane, total - whole)
        put(counts, (index, i), lane, whole)


@compiled
def keep_ideal(work, ideal, index, lane):
    """The ideal increments of one sample, for whoever else measures them. ideal[index]: six, written."""
    for i in range(6):
        put(ideal, (index, i), lane, at(work, W_IDEAL + i, lane))


@compiled
def counts_of(ideal, work, errors, normals, counts):
    """A tick of another inertial unit of one landing, out of what `keep_ideal` has kept."""
    for index in range(ideal.shape[0]):
        for i in range(6):
            work[W_IDEAL + i] = ideal[index, i]
        inertial_counts(work, errors, normals, counts, index, 0)


@compiled
def drop_m(view, foot_down_m, grid, rims):
    """Height of the part above the ground right below: where a beam first looks for the ground."""
    return view[ALTITUDE_M] + foot_down_m - terrain_height_m(view[DOWNRANGE_M], grid, rims)


@compiled
def slant_range_m(view, foot_down_m, along, up, grid, rims, guessed_drop_m):
    """Distance along a beam (local unit components) to the ground; inf when it misses.

    Secants from the guess on, none of them as if the ground rose or fell more steeply than the beam.
    """
    if up > -0.2:
        return math.inf
    height, s = view[ALTITUDE_M] + foot_down_m, view[DOWNRANGE_M]
    shorter = RADIUS_M / (RADIUS_M + height)
    length, rate = max(0.0, guessed_drop_m / -up), up
    last_m, last_above = length, 0.0
    for k in range(12):
        way = length * along
        ground = terrain_height_m(s + way * shorter, grid, rims)
        above = height + length * up + way * way / (2.0 * RADIUS_M) - ground
        if k > 0 and length != last_m:
            rate = min(max((above - last_above) / (length - last_m), 2.5 * up), 0.4 * up)
        last_m, last_above = length, above
        length = max(0.0, length - above / rate)
        if abs(above) < 0.01:
            break
    return length


@compiled
def beam_direction(view, cosine, sine):
    """Local (up, downrange) components of the steered beam (-cos, -sin, 0) in body axes."""
    n = math.sqrt(cosine * cosine + sine * sine)
    if n == 0.0:
        return 0.0, 0.0
    x, y = -cosine / n, -sine / n
    return view[UP_X] * x + view[UP_Y] * y, view[DOWN_X] * x + view[DOWN_Y] * y


@compiled
def chance_of_return(range_m, reach_m, speed_m_s):
    """Falls from 1 at 80 % of the reach to 0 at the reach, and by a fifth at orbital speed (assumed)."""
    chance = 1.0 - 0.2 * min(1.0, speed_m_s / 1700.0)
    if range_m > 0.8 * reach_m:
        chance *= max(0.0, (reach_m - range_m) / (0.2 * reach_m))
    return chance


@compiled
def ground_speed(view):
    return math.sqrt(view[SPEED_DOWNRANGE] ** 2 + view[SPEED_CROSSRANGE] ** 2)


@compiled
def out_of_reach(view, foot_down_m, highest_m, reach_m):
    """Whether all ground is further below than the reach: then no beam has an echo, whatever lies there."""
    return view[ALTITUDE_M] + foot_down_m - highest_m > _SURELY * reach_m + 1.0


@compiled
def laser_range_m(view, foot_down_m, cosine, sine, grid, rims, highest_m, reach_m, max_incidence_rad, draw):
    """A laser's true slant range, or -1 when there is no echo. draw: uniform 0..1."""
    if out_of_reach(view, foot_down_m, highest_m, reach_m):
        return -1.0
    up, along = beam_direction(view, cosine, sine)
    below_m = drop_m(view, foot_down_m, grid, rims)
    distance = slant_range_m(view, foot_down_m, along, up, grid, rims, below_m)
    if distance > reach_m:
        return -1.0
    slope = terrain_slope(view[DOWNRANGE_M] + distance * along, grid, rims)
    # ground's normal is (1, -slope) / length in (up, downrange)
    facing = (-up + slope * along) / math.sqrt(1.0 + slope * slope)
    if facing < math.cos(max_incidence_rad) or draw > chance_of_return(distance, reach_m, ground_speed(view)):
        return -1.0
    return distance


@compiled
def radar_range_m(
    view, foot_down_m, cosine, sine, grid, rims, highest_m, reach_m, beam_rad, max_tilt_rad, draw
):
    """A radar's first return out of its beam, or -1. draw: uniform 0..1."""
    if out_of_reach(view, foot_down_m, highest_m, reach_m):
        return -1.0
    up, along = beam_direction(view, cosine, sine)
    flat = math.sqrt(up * up + along * along)
    if -up < math.cos(max_tilt_rad) or flat == 0.0:
        return -1.0
    step_cos, step_sin = math.cos(0.25 * beam_rad), math.sin(0.25 * beam_rad)
    half_cos, half_sin = step_cos * step_cos - step_sin * step_sin, 2.0 * step_cos * step_sin
    # sideways the ground is level: the edge of the beam that is nearer to the vertical returns first
    sideways = math.sqrt(max(0.0, 1.0 - up * up - along * along))
    shortening = flat * half_cos + sideways * half_sin if sideways > half_sin else 1.0
    # five directions in the plane of flight, from the beam's hindmost edge on
    down, ahead = -up / flat, along / flat
    down, ahead = down * half_cos + ahead * half_sin, ahead * half_cos - down * half_sin
    nearest, below_m = math.inf, drop_m(view, foot_down_m, grid, rims)
    for _ in range(5):
        distance = slant_range_m(view, foot_down_m, ahead, -down, grid, rims, below_m)
        if distance < math.inf:
            below_m = distance * down
        nearest = min(nearest, distance / shortening)
        down, ahead = down * step_cos - ahead * step_sin, ahead * step_cos + down * step_sin
    if nearest > reach_m or draw > chance_of_return(nearest, reach_m, ground_speed(view)):
        return -1.0
    return nearest


@compiled
def report(parts, index, distance_m, noise, drop):
    """(status, range in mm) of a true distance by scale, noise (normal), dropout (uniform); -1: no echo."""
    if distance_m < parts[index, A_LEAST_M] or drop < parts[index, A_DROPOUT]:
        return 0, 0
    sigma = math.hypot(parts[index, A_FLOOR_M], parts[index, A_FRACTION] * max(0.0, distance_m))
    range_mm = int(np.rint(1000.0 * (distance_m * parts[index, A_SCALE] + noise * sigma)))
    return RANGE_VALID, max(0, range_mm)


@compiled
def laser_reading(view, foot_down_m, cosine, sine, grid, rims, highest_m, parts, index, reach_m, draws):
    """(status, range in mm) of a laser for that beam. parts[index]: the altimeter; draws: ALTIMETER_DRAWS."""
    distance = laser_range_m(
        view, foot_down_m, cosine, sine, grid, rims, highest_m, reach_m, parts[index, A_ANGLE_RAD], draws[0]
    )
    return report(parts, index, distance, draws[1], draws[2])


@compiled
def radar_reading(view, foot_down_m, cosine, sine, grid, rims, highest_m, parts, index, reach_m, draws):
    """(status, range in mm) of a radar for that beam. parts[index]: the altimeter; draws: ALTIMETER_DRAWS."""
    distance = radar_range_m(
        view, foot_down_m, cosine, sine, grid, rims, highest_m, reach_m,
        parts[index, A_BEAM_RAD], parts[index, A_ANGLE_RAD], draws[0],
    )  # fmt: skip
    return report(parts, index, distance, draws[1], draws[2])


@compiled
def velocity_in_reach(view, part):
    """Whether the velocity beams can see the ground; only then their dropout is drawn (uniform)."""
    return not view[AGL_M] > part[V_REACH_M]


@compiled
def velocity_beams_point_down(view, cosine, sine, part):
    """Whether the beams look steeply enough; only then their noise is drawn (three normals)."""
    up, _ = beam_direction(view, cosine, sine)
    return not up > part[V_LEVEL]


@compiled
def measured_mm_s(view, part, axis, noise):
    """One axis of the velocity over the (not rotating) ground, body axes, as the beams measure it."""
    true_m_s = (
        view[UP_X + axis] * view[SPEED_UP]
        + view[DOWN_X + axis] * view[SPEED_DOWNRANGE]
        + view[CROSS_X + axis] * view[SPEED_CROSSRANGE]
    )
    sigma = part[V_NOISE_M_S] + part[V_FRACTION] * abs(true_m_s)
    return int(np.rint((true_m_s * part[V_SCALE] + noise * sigma) * 1000.0))
