"""Sensor physics in numba: what an inertial unit, a laser and a Doppler radar would read of the truth.

Errors after facts/landings.md: scale, noise, acquisition that fails with range, speed and
incidence, first return biased toward high ground, dropout. Bytes are not made here.
"""

import math

from numba import njit

from host_tools.world.dynamics import (
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
)
from host_tools.world.moon import RADIUS_M
from host_tools.world.terrain import terrain_height_m, terrain_slope

ANGLE_LSB_RAD = math.radians(1.0) / 2**21  # STIM300, TS1524: incremental angle
VELOCITY_LSB_M_S = 2.0**-22  # and incremental velocity of the 10 g part

# errors of an inertial unit: rows of a (7, 6) array, columns angle x y z, velocity x y z
BIAS, SCALE, NOISE, CARRY, ACROSS_1, ACROSS_2 = range(6)
IMU_ROWS = 6


@njit(cache=True)
def inertial_counts(ideal, errors, normals, counts):
    """Ideal increments of one sample into whole LSB; what is below an LSB stays in the part.

    ideal: angle (rad) and velocity (m/s) increments; counts: six integers, written.
    """
    for block in range(2):
        for axis in range(3):
            i = 3 * block + axis
            j = 3 * block + (axis + 1) % 3
            k = 3 * block + (axis + 2) % 3
            value = ideal[i] * (1.0 + errors[SCALE, i]) + errors[BIAS, i] + errors[NOISE, i] * normals[i]
            value += errors[ACROSS_1, i] * ideal[j] + errors[ACROSS_2, i] * ideal[k]
            lsb = ANGLE_LSB_RAD if block == 0 else VELOCITY_LSB_M_S
            total = value / lsb + errors[CARRY, i]
            whole = math.floor(total + 0.5)
            errors[CARRY, i] = total - whole
            counts[i] = int(whole)


@njit(cache=True)
def slant_range_m(view, foot_down_m, along, up, grid, rims):
    """Distance along a beam (local unit components) to the ground; inf when it misses."""
    if up > -0.2:
        return math.inf
    height = view[ALTITUDE_M] + foot_down_m
    s = view[DOWNRANGE_M]
    length = max(0.0, (height - terrain_height_m(s, grid, rims)) / -up)
    for _ in range(12):
        way = length * along
        ground = terrain_height_m(s + way * RADIUS_M / (RADIUS_M + height), grid, rims)
        above = height + length * up + way * way / (2.0 * RADIUS_M) - ground
        length += 0.8 * above / -up
        if abs(above) < 0.01:
            break
    return max(0.0, length)


@njit(cache=True)
def beam_direction(view, cosine, sine):
    """Local (up, downrange) components of the steered beam (-cos, -sin, 0) in body axes."""
    n = math.sqrt(cosine * cosine + sine * sine)
    if n == 0.0:
        return 0.0, 0.0
    x, y = -cosine / n, -sine / n
    return view[UP_X] * x + view[UP_Y] * y, view[DOWN_X] * x + view[DOWN_Y] * y


@njit(cache=True)
def chance_of_return(range_m, reach_m, speed_m_s):
    """Falls from 1 at 80 % of the reach to 0 at the reach, and by a fifth at orbital speed (assumed)."""
    chance = 1.0 - 0.2 * min(1.0, speed_m_s / 1700.0)
    if range_m > 0.8 * reach_m:
        chance *= max(0.0, (reach_m - range_m) / (0.2 * reach_m))
    return chance


@njit(cache=True)
def ground_speed(view):
    return math.sqrt(view[SPEED_DOWNRANGE] ** 2 + view[SPEED_CROSSRANGE] ** 2)


@njit(cache=True)
def laser_range_m(view, foot_down_m, cosine, sine, grid, rims, reach_m, max_incidence_rad, draw):
    """A laser's true slant range, or -1 when there is no echo. draw: uniform 0..1."""
    up, along = beam_direction(view, cosine, sine)
    distance = slant_range_m(view, foot_down_m, along, up, grid, rims)
    if distance > reach_m:
        return -1.0
    slope = terrain_slope(view[DOWNRANGE_M] + distance * along, grid, rims)
    # ground's normal is (1, -slope) / length in (up, downrange)
    incidence = math.acos(min(1.0, max(-1.0, (-up + slope * along) / math.sqrt(1.0 + slope * slope))))
    if incidence > max_incidence_rad or draw > chance_of_return(distance, reach_m, ground_speed(view)):
        return -1.0
    return distance


@njit(cache=True)
def radar_range_m(view, foot_down_m, cosine, sine, grid, rims, reach_m, beam_rad, max_tilt_rad, draw):
    """A radar's first return out of its beam, or -1. draw: uniform 0..1."""
    up, along = beam_direction(view, cosine, sine)
    off_nadir = math.acos(min(1.0, max(-1.0, -up)))
    if off_nadir > max_tilt_rad:
        return -1.0
    # sideways the ground is level: the edge of the beam that is nearer to the vertical returns first
    sideways = math.asin(min(1.0, math.sqrt(max(0.0, 1.0 - up * up - along * along))))
    sideways = max(0.0, sideways - 0.5 * beam_rad)
    nearest = math.inf
    for i in range(5):
        angle = math.atan2(along, -up) + beam_rad * (i / 4.0 - 0.5)
        distance = slant_range_m(view, foot_down_m, math.sin(angle), -math.cos(angle), grid, rims)
        nearest = min(nearest, distance / math.cos(sideways))
    if nearest > reach_m or draw > chance_of_return(nearest, reach_m, ground_speed(view)):
        return -1.0
    return nearest


@njit(cache=True)
def body_velocity(view, out):
    """Velocity over the (not rotating) ground in body axes."""
    for axis in range(3):
        out[axis] = (
            view[UP_X + axis] * view[SPEED_UP]
            + view[DOWN_X + axis] * view[SPEED_DOWNRANGE]
            + view[CROSS_X + axis] * view[SPEED_CROSSRANGE]
        )
