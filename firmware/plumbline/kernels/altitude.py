"""The altitude vote: up to four altimeters, two altitudes kept apart, nobody out for good.

`altitude` (inertial, above the site's datum) belongs to state.py; this kernel keeps `agl`, the height
above the ground below, as the odometer less the level of the ground. Who leaves the gate is on trial.
Step or fault: ground moves for all who see it; of two that differ, the one whose level has moved
against the inertial motion is wrong, be it inside the gate or outside.
"""

import micropython
from micropython import const
from plumbline.kernels.dispute import challenge, take
from plumbline.kernels.fixed import clamp
from plumbline.kernels.following import blend
from plumbline.kernels.integrity import protect, speed_over_ground
from plumbline.kernels.ranging import remember
from plumbline.kernels.verdicts import acquire, judge_all

_EST_ALTITUDE_MM = const(0)
_EST_AGL_MM = const(1)
_EST_DOWNRANGE_MM = const(2)
_EST_CLIMB_MM = const(24)
_EST_AGL_VALID = const(29)
_EST_TERRAIN_MM = const(30)
_EST_HEIGHT_MM = const(31)  # agl, before the first range the altitude
_EST_RANGE_AGE_TICKS = const(36)

_VOT_FITTED = const(0)
_VOT_AGE_TICKS = const(1)  # since a reading was last accepted
_VOT_ACQUIRED = const(2)
_VOT_GROUND_SPEED_MM_S = const(5)
_VOT_GROUND_RATE_MM_S = const(6)  # how fast the ground falls away below: its slope times our speed
_VOT_TICK = const(8)
_VOT_ODOMETER_MM = const(9)
_VOT_GROUND_MM = const(10)  # level of the ground below
_VOT_NEWS = const(11)
_VOT_VOTERS = const(12)
_VOT_QUIET_TICKS = const(13)  # since any reading came
_VOT_STAGE = const(21)
_VOT_ASKED = const(22)  # altimeters up to here have been asked
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_FRESH = const(8)  # 1 new, 2 judged

_TO_HEAR = const(0)  # what a tick has to do
_TO_DISPUTE = const(1)
_TO_TAKE = const(2)
_TO_FOLLOW = const(3)
_TO_GUARD = const(4)
_JUST_NOW = const(2)  # readings came in this tick

_HELD_TICKS = const(30)  # a reading votes for 0.3 s
_LARGEST_AGE_TICKS = const(100000)
_LARGEST_MM = const(200000000)
_LARGEST_LEVEL_MM = const(420000000)
_TICK_MASK = const(536870911)


@micropython.viper
def step(vote: ptr32, estimate: ptr32) -> int:
    """One tick of the vote: move with the vehicle, and do one thing of judging, disputing, following.

    vote: VOT_ slots; estimate: EST_ slots, of which agl, its validity and terrain are written,
    altitude near the site, and the sink rate when there is no radar velocity. Returns voters.
    Ticks share the work, because levels do not age. New readings wait until all of it is done
    (ranging.ingest), so that nothing is followed that was not judged.
    """
    advance(vote, estimate)
    stage = vote[_VOT_STAGE]
    guard = 0
    if stage == _TO_HEAR:
        if vote[_VOT_NEWS] == 1 or vote[_VOT_QUIET_TICKS] == _HELD_TICKS + 1:
            vote[_VOT_NEWS] = 0
            if vote[_VOT_ACQUIRED] == 0:
                acquire(vote)
            judge_all(vote, estimate)
            vote[_VOT_ASKED] = 0
            stage = _TO_DISPUTE
        elif vote[_VOT_NEWS] == _JUST_NOW:
            vote[_VOT_NEWS] = 1
        elif (vote[_VOT_TICK] & 3) == 0:
            guard = 1
    elif stage == _TO_DISPUTE:
        # 0: ask the next one, 1: take, 2: follow
        stage = stage + int(challenge(vote, estimate, vote[_VOT_VOTERS]))
    elif stage == _TO_GUARD:
        guard = 1
        put_away(vote)
        stage = _TO_HEAR
    else:
        if stage == _TO_TAKE:
            take(vote, estimate, vote[_VOT_VOTERS])
        elif vote[_VOT_VOTERS] > 0:
            blend(vote, estimate, vote[_VOT_VOTERS])
        stage = _TO_GUARD
    vote[_VOT_STAGE] = stage
    publish(vote, estimate, guard)
    return vote[_VOT_VOTERS]


@micropython.viper
def put_away(vote: ptr32) -> int:
    """What was judged is done with."""
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 2:
            vote[base + _FRESH] = 0
        index = index + 1
    return index


@micropython.viper
def advance(vote: ptr32, estimate: ptr32) -> int:
    """The odometer turns, the ground slopes on as before, ages grow by a tick."""
    vote[_VOT_TICK] = (vote[_VOT_TICK] + 1) & _TICK_MASK
    odometer = vote[_VOT_ODOMETER_MM] + estimate[_EST_CLIMB_MM]
    odometer = int(clamp(odometer, 0 - _LARGEST_MM, _LARGEST_MM))
    vote[_VOT_ODOMETER_MM] = odometer
    age = vote[_VOT_AGE_TICKS] + 1
    if age > _HELD_TICKS:
        vote[_VOT_GROUND_RATE_MM_S] = 0
    vote[_VOT_AGE_TICKS] = int(clamp(age, 0, _LARGEST_AGE_TICKS))
    vote[_VOT_QUIET_TICKS] = int(clamp(vote[_VOT_QUIET_TICKS] + 1, 0, 1000))
    ground = vote[_VOT_GROUND_MM] - ((vote[_VOT_GROUND_RATE_MM_S] * 41) >> 12)  # a hundredth
    vote[_VOT_GROUND_MM] = int(clamp(ground, 0 - _LARGEST_LEVEL_MM, _LARGEST_LEVEL_MM))
    if (vote[_VOT_TICK] & 7) == 0:
        vote[_VOT_GROUND_SPEED_MM_S] = int(speed_over_ground(estimate))
    remember(vote, estimate)
    return odometer


@micropython.viper
def publish(vote: ptr32, estimate: ptr32, guard: int) -> int:
    """agl, its validity and its protection, terrain, and near the site the slow pull of `altitude`.

    Only within 3 km of the site and below 60 m/s is the ground below known to be the datum.
    guard: whether the protection level is due.
    Ranges: guard 0..1.
    """
    agl = int(clamp(vote[_VOT_ODOMETER_MM] - vote[_VOT_GROUND_MM], 0 - _LARGEST_MM, _LARGEST_MM))
    estimate[_EST_AGL_MM] = agl
    valid = 0
    if vote[_VOT_ACQUIRED] == 1 and vote[_VOT_AGE_TICKS] < 500:
        valid = 1
    if guard == 1:
        valid = int(protect(vote, estimate, agl, valid))
    estimate[_EST_AGL_VALID] = valid
    estimate[_EST_RANGE_AGE_TICKS] = vote[_VOT_AGE_TICKS]
    estimate[_EST_HEIGHT_MM] = estimate[_EST_ALTITUDE_MM]
    if vote[_VOT_ACQUIRED] == 1:
        estimate[_EST_HEIGHT_MM] = agl
    if valid == 1 and vote[_VOT_AGE_TICKS] == 0 and vote[_VOT_GROUND_SPEED_MM_S] < 60000:
        downrange = estimate[_EST_DOWNRANGE_MM]
        apart = agl - estimate[_EST_ALTITUDE_MM]
        # more than inertial navigation can be wrong by: then it is terrain, not the datum
        if downrange > -3000000 and downrange < 3000000 and apart > -1000000 and apart < 1000000:
            altitude = estimate[_EST_ALTITUDE_MM] + (apart >> 6)
            estimate[_EST_ALTITUDE_MM] = int(clamp(altitude, -10000000, 110000000))
    estimate[_EST_TERRAIN_MM] = estimate[_EST_ALTITUDE_MM] - agl
    return valid
