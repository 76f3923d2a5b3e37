"""Step or fault: may an altimeter outside the gate take agl away?

Ground moves for all who see it; of two that differ, the one whose level has moved against the inertial
motion is wrong, be it inside the gate or outside.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp
from plumbline.kernels.levels import agrees, explains, restart, sharpest, stood_together

_EST_ALTITUDE_MM = const(0)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_AGE_TICKS = const(28)

_VOT_FITTED = const(0)
_VOT_AGE_TICKS = const(1)  # since a reading was last accepted
_VOT_ACQUIRED = const(2)
_VOT_STEP_MM = const(3)  # size of the last step taken for terrain
_VOT_STEPS = const(4)
_VOT_GROUND_SPEED_MM_S = const(5)
_VOT_GROUND_RATE_MM_S = const(6)  # how fast the ground falls away below: its slope times our speed
_VOT_LAG = const(7)  # readings in a row on the same side of agl, signed
_VOT_TICK = const(8)
_VOT_ODOMETER_MM = const(9)
_VOT_GROUND_MM = const(10)  # level of the ground below
_VOT_DISPUTED_MM = const(15)
_VOT_CORRECTIONS = const(19)
_VOT_NOISE_MM = const(20)  # sigma of the one that agl follows
_VOT_ASKED = const(22)  # altimeters up to here have been asked
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_LEVEL_MM = const(0)
_HEARD_TICK = const(1)
_VERDICT = const(2)
_TRIAL = const(3)
_SIGMA_MM = const(7)
_FRESH = const(8)  # 1 new, 2 judged
_OUTSIDE = const(9)  # readings in a row outside the gate; below 0: put out
_QUICK_MM = const(11)
_SLOW_MM = const(12)
_BLAMED = const(15)  # it alone moved, and has not come back
_EXCESS_MM = const(16)  # what it scatters more than it should
_WARY = const(13)  # more readings than usual before its level counts as terrain

_SILENT = const(0)
_ACCEPTED = const(1)
_ON_TRIAL = const(2)
_TERRAIN = const(3)
_PUT_OUT = const(4)

_MOVED = const(1)  # bits of blamed
_CREPT = const(2)  # it left the gate without a jump
_CONVICTED = const(4)  # it was put out by more than half of all
_CREPT_TICKS = const(20)
_SLOW_GROUND_MM_S = const(20000)
_NO_RADAR_TICKS = const(100)
_OFTEN_ENOUGH_TOGETHER = const(3)
_OFTEN_ENOUGH_ALONE = const(4)
_JUST_GONE_TICKS = const(100)
_ALONE_TICKS = const(60)  # others may only have missed a reading or two
_OFTEN_ENOUGH_TO_CORRECT = const(10)
_BEHIND_THE_EDGE = const(50)
_TIED_TRIAL = const(20)
_UNLIKELY_TERRAIN_MM = const(1000000)
_LARGEST_MM = const(200000000)
_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s, as in state.py
_TICK_MASK = const(536870911)


@micropython.viper
def challenge(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """Ask the next steady level outside the gate: is it the ground? 1: agl is to go there; 2: none is left.

    One of them in a tick; who has won stands in VOT_ASKED.
    Ranges: voters 0..4.
    """
    index = vote[_VOT_ASKED]
    base = _VOT_FIRST
    found = 0
    while index < vote[_VOT_FITTED] and found == 0:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 2 and vote[base + _VERDICT] != _ACCEPTED:
            if int(out_for(vote, base)) >= _OFTEN_ENOUGH_TOGETHER + (vote[base + _WARY] >> 1):
                found = 1
        index = index + 1
    vote[_VOT_ASKED] = int(clamp(index, 0, 4))
    if found == 0 or vote[_VOT_ACQUIRED] == 0:
        return 2
    if (vote[base + _BLAMED] & _CONVICTED) != 0 and voters + 1 < vote[_VOT_FITTED]:
        # another one may be out there as well
        if int(gives_way(vote, base, base)) == 1:
            return 0
    if int(is_ground(vote, base, voters)) == 1:
        return 1
    if voters == 1 and int(is_righter(vote, estimate, base)) == 1:
        return 1
    return 0


@micropython.viper
def take(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """agl goes to the level of the one asked last: a step of the ground, or a correction of agl.

    Ranges: voters 0..4.
    """
    index = int(clamp(vote[_VOT_ASKED] - 1, 0, 3))
    base = _VOT_FIRST + index * _VOT_STRIDE
    level = vote[base + _LEVEL_MM]
    apart = vote[_VOT_GROUND_MM] - level
    crept = int(has_crept(vote, estimate, base, voters))
    verdict = _ACCEPTED
    gone = level - vote[base + _SLOW_MM]
    if gone < 0:
        gone = 0 - gone
    if gone > apart >> 1 and gone > 0 - (apart >> 1):
        vote[_VOT_STEP_MM] = int(clamp(apart, -420000000, 420000000))
        vote[_VOT_STEPS] = int(clamp(vote[_VOT_STEPS] + 1, 0, 1000000))
        verdict = _TERRAIN
    else:
        # it stands where it always stood: agl was wrong
        vote[_VOT_CORRECTIONS] = int(clamp(vote[_VOT_CORRECTIONS] + 1, 0, 1000000))
    restart(vote, level, vote[base + _SIGMA_MM])
    vote[base + _VERDICT] = verdict
    if crept == 1:
        # it walked out of the gate again, over slow ground: the sink rate is wrong by about that a second
        speed = estimate[_EST_VELOCITY_UP_Q8] + (int(clamp(apart, -200000, 200000)) << 8)
        estimate[_EST_VELOCITY_UP_Q8] = int(clamp(speed, 0 - _SPEED_LIMIT_Q8, _SPEED_LIMIT_Q8))
    return verdict


@micropython.viper
def has_crept(vote: ptr32, estimate: ptr32, base: int, voters: int) -> int:
    """1 when the only altimeter has left the gate without a jump, not for the first time, over slow ground,
    and no radar says how fast we sink."""
    if voters > 0 or (vote[base + _BLAMED] & _CREPT) == 0 or vote[base + _WARY] == 0:
        return 0
    if vote[_VOT_AGE_TICKS] <= _CREPT_TICKS or vote[_VOT_GROUND_SPEED_MM_S] >= _SLOW_GROUND_MM_S:
        return 0
    if estimate[_EST_VELOCITY_AGE_TICKS] <= _NO_RADAR_TICKS:
        return 0
    return 1


@micropython.viper
def out_for(vote: ptr32, base: int) -> int:
    """Readings in a row that fit each other outside the gate."""
    trial = vote[base + _TRIAL]
    outside = vote[base + _OUTSIDE]
    if outside >= 0 and outside < trial:
        return outside
    return trial


@micropython.viper
def is_ground(vote: ptr32, base: int, voters: int) -> int:
    """1 when more altimeters stand at this level than at agl's, or when it stands alone for long enough.

    Two that agree with each other and not with the estimate make the estimate the suspect.
    """
    together = 1 + int(standing_with(vote, base))
    if together > 1 and together > voters:
        return 1
    if together > 1 and together == voters:
        if int(is_floor(vote, base)) == 1 or int(is_constant(vote, base)) == 1:
            return 1
    if voters > 0:
        # one that scatters is no rival to one that does not
        return int(are_loud(vote, base))
    if int(is_confirmed(vote, base)) == 1:
        return 1
    if vote[_VOT_AGE_TICKS] < _ALONE_TICKS or vote[base + _TRIAL] < _OFTEN_ENOUGH_ALONE:
        return 0
    if vote[base + _OUTSIDE] >= _OFTEN_ENOUGH_ALONE + vote[base + _WARY]:
        return 1
    return 0


@micropython.viper
def standing_with(vote: ptr32, base: int) -> int:
    """How many other steady altimeters outside the gate stand at this one's level.

    One inside it only because its noise is wide counts twice: it leaves agl's side. Those inside that
    have been silent for less than a second count against: they may only have missed some readings.
    """
    together = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        other = _VOT_FIRST + index * _VOT_STRIDE
        verdict = vote[other + _VERDICT]
        if verdict == _ACCEPTED:
            together = together + 2 * int(is_nearer(vote, base, other))
        elif other != base and (verdict == _ON_TRIAL or verdict == _PUT_OUT):
            if vote[other + _TRIAL] >= _OFTEN_ENOUGH_TOGETHER + vote[other + _WARY]:
                if int(agrees(vote, base, other)) == 1:
                    together = together + 1
                    if (vote[other + _BLAMED] & _CONVICTED) != 0:
                        together = together - int(gives_way(vote, other, base))
        elif verdict == _SILENT and vote[other + _OUTSIDE] == 0:
            if ((vote[_VOT_TICK] - vote[other + _HEARD_TICK]) & _TICK_MASK) < _JUST_GONE_TICKS:
                together = together - 1
        index = index + 1
    return together


@micropython.viper
def gives_way(vote: ptr32, base: int, beside: int) -> int:
    """1 when another one than `beside` stands elsewhere outside the gate that was not put out by more than
    half of all: who was is not heard before it. A rim moves those who were right and who were wrong alike.

    Ranges: base each stride of vote, beside each stride of vote.
    """
    gives = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        other = _VOT_FIRST + index * _VOT_STRIDE
        if other != base and other != beside and (vote[other + _BLAMED] & _CONVICTED) == 0:
            if vote[other + _VERDICT] == _ON_TRIAL or vote[other + _VERDICT] == _PUT_OUT:
                if vote[other + _TRIAL] >= _OFTEN_ENOUGH_TOGETHER + vote[other + _WARY]:
                    gives = gives | (1 - int(agrees(vote, base, other)))
        index = index + 1
    return gives


@micropython.viper
def is_nearer(vote: ptr32, base: int, other: int) -> int:
    """1 when an accepted altimeter has stood clearly nearer to the challenger than to agl's ground
    during the last second."""
    ours = vote[other + _QUICK_MM] - vote[_VOT_GROUND_MM]
    if ours < 0:
        ours = 0 - ours
    if ours <= vote[other + _SIGMA_MM]:
        return 0
    theirs = vote[other + _QUICK_MM] - vote[base + _LEVEL_MM]
    if theirs < 0:
        theirs = 0 - theirs
    if theirs >= ours >> 1:
        return 0
    if vote[other + _TRIAL] < _OFTEN_ENOUGH_TO_CORRECT + vote[other + _WARY]:
        return 0
    return 1


@micropython.viper
def is_floor(vote: ptr32, base: int) -> int:
    """As many against as many: 1 when narrow beams see the floor together and wide ones the edge still;
    else it is told how far apart they are.

    Ranges: base each stride of vote.
    """
    apart = vote[base + _LEVEL_MM] - vote[_VOT_GROUND_MM]
    if apart < 0 and vote[base + _OUTSIDE] >= 0:
        sharp = _VOT_FIRST + int(sharpest(vote)) * _VOT_STRIDE
        if 2 * vote[base + _SIGMA_MM] < vote[sharp + _SIGMA_MM]:
            return 1
    if apart < 0:
        apart = 0 - apart
    vote[_VOT_DISPUTED_MM] = int(clamp(apart, 1, _LARGEST_MM))
    return 0


@micropython.viper
def is_constant(vote: ptr32, base: int) -> int:
    """As many against as many: 1 when the challenger has never been elsewhere, and all who stay at agl's
    level have.

    Ranges: base each stride of vote.
    """
    constant = 0
    if vote[base + _WARY] == 0:
        constant = 1
    index = 0
    while index < vote[_VOT_FITTED] and constant == 1:
        other = _VOT_FIRST + index * _VOT_STRIDE
        voter = vote[other + _VERDICT]
        if vote[other + _WARY] == 0 and (voter == _ACCEPTED or voter == _TERRAIN):
            if int(is_nearer(vote, base, other)) == 0:
                constant = 0
        index = index + 1
    return constant


@micropython.viper
def are_loud(vote: ptr32, base: int) -> int:
    """1 when every voter scatters by more than four times what a steady challenger may."""
    quiet = 4 * vote[base + _SIGMA_MM] + 4 * vote[base + _EXCESS_MM] + 5000
    loud = 0
    if vote[base + _TRIAL] >= _OFTEN_ENOUGH_ALONE:
        loud = 1
    index = 0
    while index < vote[_VOT_FITTED] and loud == 1:
        other = _VOT_FIRST + index * _VOT_STRIDE
        verdict = vote[other + _VERDICT]
        if (verdict == _ACCEPTED or verdict == _TERRAIN) and vote[other + _EXCESS_MM] < quiet:
            loud = 0
        index = index + 1
    return loud


@micropython.viper
def is_confirmed(vote: ptr32, base: int) -> int:
    """1 when a sharper altimeter has stood lower for 1 s, and now a wide beam leaves the gate downward."""
    if vote[base + _TRIAL] < _OFTEN_ENOUGH_TO_CORRECT or vote[base + _LEVEL_MM] > vote[_VOT_GROUND_MM]:
        return 0
    confirmed = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        other = _VOT_FIRST + index * _VOT_STRIDE
        if vote[other + _VERDICT] == _ON_TRIAL and vote[other + _SIGMA_MM] > vote[base + _SIGMA_MM]:
            level = vote[other + _LEVEL_MM]
            if level < vote[_VOT_GROUND_MM] and level > vote[base + _LEVEL_MM]:
                confirmed = 1
        index = index + 1
    return confirmed


@micropython.viper
def is_righter(vote: ptr32, estimate: ptr32, base: int) -> int:
    """One against one: 1 when the accepted altimeter has moved and the challenger has not.

    Terrain would have moved both. A challenger that alone has moved is to blame until it stands inside
    again. When neither has moved, the one whose ground lies far from the site's level is the less
    likely; else who was first stays, and the dispute is told.
    """
    blamed = vote[base + _BLAMED] & (_MOVED | _CREPT)
    if blamed == _MOVED:
        return 0
    rival = _VOT_FIRST + int(sharpest(vote)) * _VOT_STRIDE
    # a wide beam keeps seeing the edge behind which a narrow one sees the floor already
    patience = _OFTEN_ENOUGH_TO_CORRECT
    apart = vote[base + _LEVEL_MM] - vote[rival + _LEVEL_MM]
    if apart < 0:
        apart = 0 - apart
        if vote[base + _SIGMA_MM] < vote[rival + _SIGMA_MM]:
            patience = _BEHIND_THE_EDGE
            if int(out_for(vote, base)) >= _OFTEN_ENOUGH_TO_CORRECT and int(falls_away(vote)) == 1:
                # and now it leaves the edge, downward
                return 1
    told = vote[_VOT_DISPUTED_MM]
    vote[_VOT_DISPUTED_MM] = int(clamp(apart, 1, _LARGEST_MM))
    if blamed > _CREPT:
        # it did not jump: ground may have hidden what the other one has done
        return 0
    if vote[base + _TRIAL] >= patience and int(stood_together(vote, base, rival)) == 1:
        if int(explains(vote, base, rival)) == 1:
            vote[base + _BLAMED] = vote[base + _BLAMED] | _MOVED
            vote[_VOT_DISPUTED_MM] = told
            return 0
    if int(out_for(vote, base)) < _OFTEN_ENOUGH_TO_CORRECT:
        return 0
    if int(explains(vote, rival, base)) == 1:
        vote[rival + _BLAMED] = vote[rival + _BLAMED] | _MOVED
        return 1
    if vote[base + _TRIAL] < _TIED_TRIAL:
        return 0
    return int(is_likelier(vote, estimate, base, rival))


@micropython.viper
def falls_away(vote: ptr32) -> int:
    """1 when what agl follows sinks away faster than ground that is no edge.

    Ranges: those of the arrays.
    """
    steep = (vote[_VOT_GROUND_SPEED_MM_S] >> 3) + (vote[_VOT_GROUND_SPEED_MM_S] >> 4) + 1000
    if vote[_VOT_LAG] == 3 and vote[_VOT_GROUND_RATE_MM_S] >= steep:
        return 1
    return 0


@micropython.viper
def is_likelier(vote: ptr32, estimate: ptr32, base: int, rival: int) -> int:
    """1 when its ground lies near the site's level and the rival's kilometres away."""
    datum = vote[_VOT_ODOMETER_MM] - estimate[_EST_ALTITUDE_MM]
    ours = vote[base + _LEVEL_MM] - datum
    if ours < 0:
        ours = 0 - ours
    theirs = vote[rival + _LEVEL_MM] - datum
    if theirs < 0:
        theirs = 0 - theirs
    if (theirs >> 2) > ours + _UNLIKELY_TERRAIN_MM:
        return 1
    return 0
