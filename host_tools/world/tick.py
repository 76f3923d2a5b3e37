"""A tick of the world in numba: five substeps, the inertial unit's counts, the first touch of a foot.

Looking at the ground costs more than flying over it, so that high up it is looked at only when
somebody wants to see it; what the legs and the rims do stays exactly the same.
"""

import math

import numpy as np

from host_tools.world import dynamics as dyn
from host_tools.world import sensors as sens
from host_tools.world.compiled import compiled
from host_tools.world.lanes import at, count, own_list, own_table
from host_tools.world.terrain import (
    RIM_HEIGHT_M,
    RIM_WALL_HEIGHT_M,
    RIM_WALL_WIDTH_M,
    RIM_WIDTH_M,
    place_due_rims,
)

# what a caller wants to find in `view` after a tick; near the ground all of it is there anyway
NOTHING, DOWN, ALL = 0, 1, 2
OVER = 3  # a landing that has ended, and is carried along only because others go on

HIGHEST_M, STEEPEST = 0, 1  # of a relief

_TICK_S = dyn.TICK_US * 1e-6
_MORE = 1.1  # of the way that the present speed makes in a tick
_SLACK_M = 0.1  # what 300 m/s2 add to that way in a tick (15 mm), and rounding
_STEEPEST_OF_STEP = 1.5  # slope of a smooth step over its mean slope


@compiled
def rims_steepness(rims):
    """Most that all rims together add to the ground's slope."""
    slope = 0.0
    for i in range(rims.shape[0]):
        slope += abs(rims[i, RIM_HEIGHT_M]) / rims[i, RIM_WIDTH_M]
        slope += abs(rims[i, RIM_WALL_HEIGHT_M]) / rims[i, RIM_WALL_WIDTH_M]
    return _STEEPEST_OF_STEP * slope


@compiled
def is_clear(altitude_m, agl_m, way_m, rims, triggers):
    """Whether, after `way_m` more in any direction, no leg is near the ground and no rim becomes due."""
    if agl_m - way_m < dyn.LEGS_BELOW_M:
        return False
    for i in range(rims.shape[0]):
        due = agl_m - way_m < triggers[i, 0] or altitude_m - way_m < triggers[i, 1]
        if due and rims[i, 0] == np.inf:
            return False
    return True


@compiled
def is_low(view, way_m, steepest, rims, triggers):
    """The same question about the ground that lies below; `view` is of now."""
    closer_m = way_m * (1.0 + steepest + rims_steepness(rims))
    return not is_clear(view[dyn.ALTITUDE_M], view[dyn.AGL_M], closer_m, rims, triggers)


@compiled
def let_go(touching):
    """No leg touches."""
    for leg in range(dyn.LEGS):
        touching[leg] = False


@compiled
def legs_down(touching):
    """How many legs touch."""
    count = 0
    for leg in range(dyn.LEGS):
        count += touching[leg]
    return count


@compiled
def is_high(truth, frame, relief, rims, triggers, lane):
    """Whether a landing is clear of everything for a tick, whatever ground lies below."""
    way_m = way_of_a_tick(truth, lane)
    altitude_m = dyn.altitude_of(truth, frame, lane)
    return is_clear(altitude_m, altitude_m - at(relief, HIGHEST_M, lane), way_m, rims, triggers)


@compiled
def way_of_a_tick(truth, lane):
    """More than the present speed makes in a tick, m."""
    vx, vy, vz = dyn.vector(truth, dyn.VELOCITY, lane)
    return _MORE * math.sqrt(vx * vx + vy * vy + vz * vz) * _TICK_S + _SLACK_M


@compiled
def touch(truth, frame, grid, rims, triggers, view, touching, contact, at_us, lane):
    """After a substep near the ground: look, stand what rims are due, note the first touch of a foot."""
    dyn.look(truth, frame, grid, rims, view, lane)
    place_due_rims(view[dyn.DOWNRANGE_M], view[dyn.ALTITUDE_M], view[dyn.AGL_M], rims, triggers)
    if contact[0] == 0.0 and legs_down(touching) > 0:
        contact[0] = at_us
        for k in range(dyn.VIEW_SIZE):
            contact[1 + k] = view[k]


@compiled
def keep_watch(truth, frame, view, rims, triggers, relief, touching, wanted, low):
    """Before a tick: flag the landings that may come near something in it; returns whether there is one."""
    some = False
    for i in range(count(view)):
        stands, due = own_table(rims, i), own_table(triggers, i)
        # whoever is high need not have looked at the end of the last tick: his view may be old
        low[i] = wanted[i] != OVER and not is_high(truth, frame, relief, stands, due, i)
        if low[i]:
            way_m = way_of_a_tick(truth, i)
            low[i] = is_low(own_list(view, i), way_m, at(relief, STEEPEST, i), stands, due)
        some = some or low[i]
        if not low[i]:
            let_go(own_list(touching, i))
    return some


@compiled
def stand(truth, frame, view, grid, rims, work, touching, low):
    """The legs of all who are low."""
    for i in range(count(view)):
        if low[i]:
            seen, legs = own_list(view, i), own_list(touching, i)
            let_go(legs)
            if seen[dyn.AGL_M] < dyn.LEGS_BELOW_M:
                dyn.legs_of(truth, frame, seen, own_list(grid, i), own_table(rims, i), work, legs, i)


@compiled
def look_around(truth, frame, view, grid, rims, triggers, relief, wanted, low):
    """After a tick: those who are not low, and have not looked after every substep, see what they want."""
    for i in range(count(view)):
        if low[i] or wanted[i] == OVER:
            continue
        seen, ground, stands = own_list(view, i), own_list(grid, i), own_table(rims, i)
        if wanted[i] == ALL:
            dyn.look(truth, frame, ground, stands, seen, i)
        elif wanted[i] == DOWN or not is_high(truth, frame, relief, stands, own_table(triggers, i), i):
            dyn.look_down(truth, frame, ground, stands, seen, i)


@compiled
def advance(truth, frame, view, grid, rims, triggers, relief, table, open_shares, now_us,
            touching, errors, normals, counts, ideal, contact, work, low, wanted, lanes):  # fmt: skip
    """One tick; notes the first substep in which a foot touches.

    Arrays of one landing, or of LANES of them: truth, frame, relief, table, open_shares, errors,
    normals, counts, ideal and work with the lane as their last index, the others as their first.
    ideal: the increments without errors, for a second inertial unit; of length 0 where there is none.
    relief: (highest ground, steepest slope of the grid); wanted: for each landing what to find in `view`
    afterwards; low: room for a flag of each; lanes: ALL_LANES, or of one landing 0.
    """
    some_low = keep_watch(truth, frame, view, rims, triggers, relief, touching, wanted, low)
    for step in range(dyn.SUBSTEPS):
        mass = at(truth, dyn.MASS, lanes)
        dyn.thrust_of(truth, frame, table, open_shares, step, work, lanes)
        if some_low:
            stand(truth, frame, view, grid, rims, work, touching, low)
        dyn.turn_and_move(truth, frame, 0.5 * (mass + at(truth, dyn.MASS, lanes)), work, lanes)
        sens.inertial_counts(work, errors, normals, counts, step, lanes)
        if ideal.shape[0] > 0:
            sens.keep_ideal(work, ideal, step, lanes)
        if some_low:
            at_us = now_us + (step + 1) * dyn.SUBSTEP_US
            for i in range(count(view)):
                if low[i]:
                    touch(
                        truth, frame, own_list(grid, i), own_table(rims, i), own_table(triggers, i),
                        own_list(view, i), own_list(touching, i), own_list(contact, i), at_us, i,
                    )  # fmt: skip
    look_around(truth, frame, view, grid, rims, triggers, relief, wanted, low)
