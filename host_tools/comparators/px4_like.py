"""PX4-like: EKF2's range finder aid, one altimeter at a time: agl is altitude less a terrain state.

A range (noise 0.05 m and 1 %) within five sigma is fused into the terrain. After 5 s without, the terrain is
reset to the range, unless a filter of altitude and terrain finds that range and climb do not fit: then
never, until they have fitted for 1 s of sinking or climbing and not moving sideways.
Sources: PX4's guide, Using the EKF; EKF2_RNG_*, EKF2_TERR_*; PX4 19340, 22117, 23263, 23878, 24106.
Assumed: inertial altitude for a drone's height source; an unknown fit will do; a filter that fails restarts.
"""

import math

import numpy as np
from numpy.typing import NDArray

from host_tools.comparators import memory as m
from host_tools.world.compiled import compiled

NOISE_FLOOR_M = 0.05
NOISE_FRACTION = 0.01
GATE_SIGMAS = 5.0
TERRAIN_NOISE_M_S = 5.0
TERRAIN_GRADIENT = 0.5
TIMEOUT_TICKS = 500
SILENT_TICKS = 100  # then another altimeter is used

# the consistency filter
CHECK_GATE_SIGMAS = 1.0
CHECK_NOISE_M2 = 0.01  # a reading: of the altitude; half of it of the terrain, which counts as flat
ALTITUDE_SIGMA_M = 0.1  # assumed: of the inertial altitude from one reading to the next
LARGEST_RATIO = 2.0
LOW_PASS_S = 1.0
SETTLING_READINGS = 10
LONGEST_GAP_TICKS = 100
FITTING_TICKS = 100
SINKING_M_S = 0.5
SIDEWAYS_M_S = math.sqrt(0.1)
UNKNOWN, CONSISTENT, INCONSISTENT = 0.0, 1.0, 2.0

# what it remembers
_USED, _ACQUIRED, _TERRAIN_M, _VARIANCE_M2, _SINCE_FUSED_TICKS, VERDICT = range(m.OWN, m.OWN + 6)
_CHECK_STARTED, _READINGS, _GAP_TICKS, _CHECK_CLIMB_M, _RATIO, _FITTING_TICKS = range(m.OWN + 6, m.OWN + 12)
_CHECK_ALTITUDE_M, _CHECK_TERRAIN_M, _P_AA, _P_AT, _P_TT = range(m.OWN + 12, m.OWN + 17)


@compiled
def variance_m2(height_m):
    """Of a range: the square of 0.05 m, and that of 1 % of it."""
    return NOISE_FLOOR_M**2 + (NOISE_FRACTION * height_m) ** 2


@compiled
def start_check(memory, height_m):
    """The consistency filter starts at this reading: altitude 0, the ground below it."""
    memory[_CHECK_STARTED] = 1.0
    memory[_READINGS] = 0.0
    memory[_RATIO] = 0.0
    memory[_FITTING_TICKS] = 0.0
    memory[_CHECK_CLIMB_M] = 0.0
    memory[_CHECK_ALTITUDE_M] = 0.0
    memory[_CHECK_TERRAIN_M] = -height_m
    memory[_P_AA] = ALTITUDE_SIGMA_M**2
    memory[_P_AT] = 0.0
    memory[_P_TT] = variance_m2(height_m)


@compiled
def check(memory, height_m, sinking_m_s, sideways_m_s):
    """One reading of the consistency filter: the ratio of innovation to gate, smoothed, gives the verdict."""
    gap_ticks = memory[_GAP_TICKS]
    memory[_GAP_TICKS] = 0.0
    if memory[_CHECK_STARTED] == 0.0 or gap_ticks > LONGEST_GAP_TICKS:
        start_check(memory, height_m)
        memory[VERDICT] = UNKNOWN
        return
    ratio = _check_innovation(memory, height_m)
    gap_s = gap_ticks * m.TICK_S
    memory[_RATIO] += gap_s / (LOW_PASS_S + gap_s) * (ratio - memory[_RATIO])
    memory[_READINGS] += 1.0
    if memory[_READINGS] < SETTLING_READINGS:
        return
    if memory[_RATIO] >= 1.0:
        start_check(memory, height_m)
        memory[VERDICT] = INCONSISTENT
        return
    memory[_FITTING_TICKS] += gap_ticks
    if memory[_FITTING_TICKS] < FITTING_TICKS or ratio >= 1.0:
        return
    if abs(sinking_m_s) > SINKING_M_S and sideways_m_s < SIDEWAYS_M_S:
        memory[VERDICT] = CONSISTENT


@compiled
def _check_innovation(memory, height_m):
    """Predict both states, compare with the reading, and take it in unless it is beyond the gate."""
    memory[_CHECK_ALTITUDE_M] += memory[_CHECK_CLIMB_M]
    memory[_CHECK_CLIMB_M] = 0.0
    memory[_P_AA] += CHECK_NOISE_M2
    memory[_P_TT] += 0.5 * CHECK_NOISE_M2
    apart_m = height_m - (memory[_CHECK_ALTITUDE_M] - memory[_CHECK_TERRAIN_M])
    spread = memory[_P_AA] - 2.0 * memory[_P_AT] + memory[_P_TT] + variance_m2(height_m)
    ratio = min(apart_m * apart_m / (CHECK_GATE_SIGMAS**2 * spread), LARGEST_RATIO)
    if ratio < 1.0:
        gain_a = (memory[_P_AA] - memory[_P_AT]) / spread
        gain_t = (memory[_P_AT] - memory[_P_TT]) / spread
        memory[_CHECK_ALTITUDE_M] += gain_a * apart_m
        memory[_CHECK_TERRAIN_M] += gain_t * apart_m
        memory[_P_AA] -= gain_a * gain_a * spread
        memory[_P_AT] -= gain_a * gain_t * spread
        memory[_P_TT] -= gain_t * gain_t * spread
    return ratio


@compiled
def _choose(vote, memory):
    """Keep to the altimeter in use while it speaks, then take the first one that does; -1 for none."""
    used = int(memory[_USED])
    if used < 0 or memory[m.AGE_TICKS + used] > SILENT_TICKS:
        used = -1
        for index in range(m.MOST_ALTIMETERS - 1, -1, -1):
            if memory[m.AGE_TICKS + index] <= SILENT_TICKS:
                used = index
        memory[_USED] = used
        memory[_CHECK_STARTED] = 0.0
    for index in range(m.MOST_ALTIMETERS):
        if index != used:
            m.judge(vote, index, m.SILENT)
    return used


@compiled
def _reset(memory, altitude_m, height_m):
    """The terrain jumps to where the range says."""
    memory[_TERRAIN_M] = altitude_m - height_m
    memory[_VARIANCE_M2] = variance_m2(height_m)
    memory[_SINCE_FUSED_TICKS] = 0.0
    memory[_ACQUIRED] = 1.0


@compiled
def _fuse(vote, memory, used, altitude_m, height_m):
    """One range into the terrain: first one, within the gate, timed out, or rejected. 1 when it was taken."""
    if memory[_ACQUIRED] == 0.0:
        _reset(memory, altitude_m, height_m)
        m.judge(vote, used, m.ACCEPTED)
        return 1
    apart_m = height_m - (altitude_m - memory[_TERRAIN_M])
    spread = memory[_VARIANCE_M2] + variance_m2(height_m)
    if apart_m * apart_m <= GATE_SIGMAS**2 * spread:
        gain = memory[_VARIANCE_M2] / spread
        memory[_TERRAIN_M] -= gain * apart_m
        memory[_VARIANCE_M2] *= 1.0 - gain
        memory[_SINCE_FUSED_TICKS] = 0.0
        m.judge(vote, used, m.ACCEPTED)
        return 1
    if memory[VERDICT] == INCONSISTENT:
        m.judge(vote, used, m.PUT_OUT)
        return 0
    if memory[_SINCE_FUSED_TICKS] > TIMEOUT_TICKS:
        _reset(memory, altitude_m, height_m)
        m.judge(vote, used, m.TERRAIN)
        m.note_step(vote, apart_m)
        return 1
    m.judge(vote, used, m.ON_TRIAL)
    return 0


@compiled
def step(vote, estimate, memory):
    """The vote's step with the memory of one flight."""
    new = m.take_new(vote, estimate, memory)
    altitude_m = m.altitude_m(estimate)
    sideways_m_s = m.ground_speed_m_s(estimate)
    # noise of a rate, times a tick, once a tick
    memory[_VARIANCE_M2] += (TERRAIN_NOISE_M_S * m.TICK_S) ** 2
    memory[_VARIANCE_M2] += (TERRAIN_GRADIENT * sideways_m_s * m.TICK_S) ** 2
    memory[_SINCE_FUSED_TICKS] += 1.0
    memory[_GAP_TICKS] += 1.0
    memory[_CHECK_CLIMB_M] += m.climb_m(estimate)
    used = _choose(vote, memory)
    taken = 0
    if used >= 0 and new & (1 << used):
        height_m = memory[m.HEIGHT_M + used]
        check(memory, height_m, m.sinking_m_s(estimate), sideways_m_s)
        taken = _fuse(vote, memory, used, altitude_m, height_m)
    known = memory[_ACQUIRED] == 1.0
    valid = known and memory[_SINCE_FUSED_TICKS] <= TIMEOUT_TICKS
    m.publish_two(vote, estimate, altitude_m - memory[_TERRAIN_M], known, valid)
    return taken


def begin(_seed: int) -> NDArray[np.float64]:
    """The memory at the start of a flight. `memory[VERDICT]` is UNKNOWN, CONSISTENT or INCONSISTENT: what
    the consistency filter thinks of the altimeter in use."""
    memory = m.nothing_read()
    memory[_USED] = -1.0
    return memory
