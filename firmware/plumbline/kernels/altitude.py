"""The altitude vote: up to four altimeters, two altitudes kept apart, nobody out for good.

`altitude` (inertial, above the site's datum) belongs to state.py; this kernel keeps `agl`, the height
above the ground below, as the odometer less the level of the ground. Who leaves the gate is on trial.
Step or fault: ground moves for all who see it; of two that differ, the one whose level has moved
against the inertial motion is wrong, be it inside the gate or outside.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp
from plumbline.kernels.integrity import doubt_mm, protect, speed_over_ground
from plumbline.kernels.ranging import ground_passed, is_stuck, remember, stand

_EST_ALTITUDE_MM = const(0)
_EST_AGL_MM = const(1)
_EST_DOWNRANGE_MM = const(2)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_CLIMB_MM = const(24)
_EST_VELOCITY_AGE_TICKS = const(28)
_EST_AGL_VALID = const(29)
_EST_TERRAIN_MM = const(30)
_EST_HEIGHT_MM = const(31)  # agl, before the first range the altitude

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
_VOT_NEWS = const(11)
_VOT_VOTERS = const(12)
_VOT_QUIET_TICKS = const(13)  # since any reading came
_VOT_BOUND_MM = const(14)
_VOT_DISPUTED_MM = const(15)
_VOT_CORRECTIONS = const(19)
_VOT_JUDGED = const(21)  # verdicts are there to be decided on
_VOT_UNCHECKED_TICKS = const(22)  # since the protection level was renewed
_VOT_NOISE_MM = const(20)  # sigma of the one that agl follows
_VOT_FIRST = const(24)
_VOT_STRIDE = const(17)
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
_OVERDUE = const(5)

_HELD_TICKS = const(30)  # a reading votes for 0.3 s
_OFTEN_ENOUGH_TOGETHER = const(3)
_OFTEN_ENOUGH_ALONE = const(4)
_OFTEN_ENOUGH_FIRST = const(3)
_ALONE_TICKS = const(60)  # others may only have missed a reading or two
_OFTEN_ENOUGH_TO_CORRECT = const(10)
_CONTRADICTED_AFTER = const(10)
_PROBATION = const(-30)  # once contradicted: 3 s more alone before its level counts as terrain
_WARIER = const(4)
_MOST_WARY = const(12)
_BEHIND_THE_EDGE = const(50)
_CHECKED_AFTER = const(4)  # ticks, when the tick has nothing else to do
_CHECKED_AT_LAST = const(20)
_TIED_TRIAL = const(20)
_UNLIKELY_TERRAIN_MM = const(1000000)
_LARGEST_AGE_TICKS = const(100000)
_LARGEST_MM = const(200000000)
_LARGEST_LEVEL_MM = const(420000000)
_TICK_MASK = const(536870911)
_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s, as in state.py


@micropython.viper
def step(vote: ptr32, estimate: ptr32) -> int:
    """One tick of the vote: move with the vehicle; judge readings that came, decide in the next tick.

    vote: VOT_ slots; estimate: EST_ slots, of which agl, its validity and terrain are written,
    altitude near the site, and the sink rate when there is no radar velocity. Returns voters.
    Two ticks share the work, because levels do not age: a decision may come a tick later.
    """
    advance(vote, estimate)
    busy = 1
    if vote[_VOT_JUDGED] == 1:
        decide(vote, estimate)
    elif vote[_VOT_NEWS] == 1 or vote[_VOT_QUIET_TICKS] == _HELD_TICKS + 1:
        vote[_VOT_NEWS] = 0
        if vote[_VOT_ACQUIRED] == 0:
            acquire(vote)
        vote[_VOT_DISPUTED_MM] = 0
        judge_all(vote, estimate)
        vote[_VOT_JUDGED] = 1
    else:
        busy = 0
    publish(vote, estimate, busy)
    return vote[_VOT_VOTERS]


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
def decide(vote: ptr32, estimate: ptr32) -> int:
    """After the verdicts: is it a step, or do the accepted ones pull agl? Returns voters."""
    vote[_VOT_JUDGED] = 0
    voters = vote[_VOT_VOTERS]
    if int(challenge(vote, estimate, voters)) == 0 and voters > 0:
        blend(vote, estimate, voters)
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 2:
            vote[base + _FRESH] = 0
        index = index + 1
    return voters


@micropython.viper
def acquire(vote: ptr32) -> int:
    """The first altimeter that fits itself three times in a row gives the ground its first level."""
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 1 and vote[base + _TRIAL] >= _OFTEN_ENOUGH_FIRST:
            vote[_VOT_ACQUIRED] = 1
            restart(vote, vote[base + _LEVEL_MM], vote[base + _SIGMA_MM])
            return 1
        index = index + 1
    return 0


@micropython.viper
def restart(vote: ptr32, level: int, sigma: int) -> int:
    """The ground begins anew at that level, with unknown slope; who stands there has not moved."""
    vote[_VOT_GROUND_MM] = level
    vote[_VOT_AGE_TICKS] = 0
    vote[_VOT_GROUND_RATE_MM_S] = 0
    vote[_VOT_LAG] = 0
    vote[_VOT_BOUND_MM] = int(clamp(4 * sigma + 2000, 0, _LARGEST_MM))
    vote[_VOT_NOISE_MM] = sigma
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if int(near(vote, base, level, sigma)) == 1:
            stand(vote, base, vote[base + _LEVEL_MM])
            if vote[base + _VERDICT] == _ON_TRIAL or vote[base + _VERDICT] == _PUT_OUT:
                vote[base + _VERDICT] = _ACCEPTED
        elif vote[base + _VERDICT] == _ACCEPTED:
            vote[base + _VERDICT] = _ON_TRIAL
        index = index + 1
    return level


@micropython.viper
def judge_all(vote: ptr32, estimate: ptr32) -> int:
    """Give every altimeter with a new reading its verdict against the ground's level; returns the voters.

    The gate: four sigma of its own and two of the one that agl follows, ground of 27 degrees and the
    inertial doubt since the last reading accepted, 3 m.
    """
    age = vote[_VOT_AGE_TICKS]
    allowed = (int(ground_passed(vote, age)) >> 1) + int(doubt_mm(estimate, age)) + 3000
    allowed = allowed + 2 * vote[_VOT_NOISE_MM]
    voters = 0
    index = 0
    before = vote[_VOT_VOTERS]
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        verdict = vote[base + _VERDICT]
        if vote[base + _FRESH] == 1:
            vote[base + _FRESH] = 2
            vote[_VOT_QUIET_TICKS] = 0
            apart = vote[base + _LEVEL_MM] - vote[_VOT_GROUND_MM]
            if apart < 0:
                apart = 0 - apart
            if before == 0 or (before == 1 and verdict == _ACCEPTED):
                # nobody is better: one that scatters more than it should is averaged, not thrown away
                apart = int(clamp(apart - 4 * vote[base + _EXCESS_MM], 0, 900000000))
            inside = 0
            if apart <= allowed + 4 * vote[base + _SIGMA_MM] and vote[_VOT_ACQUIRED] == 1:
                inside = 1 - int(is_stuck(vote, base))
            outside = int(count_outside(vote, base, inside, before))
            verdict = _ACCEPTED
            if inside == 0:
                verdict = _ON_TRIAL
                if outside < 0 or int(is_stuck(vote, base)) == 1:
                    verdict = _PUT_OUT
            vote[base + _VERDICT] = verdict
        elif verdict != _SILENT and verdict != _OVERDUE:
            if ((vote[_VOT_TICK] - vote[base + _HEARD_TICK]) & _TICK_MASK) > _HELD_TICKS:
                verdict = _SILENT
                vote[base + _VERDICT] = verdict
        if verdict == _ACCEPTED or verdict == _TERRAIN:
            voters = voters + 1
        elif verdict == _ON_TRIAL:
            vote[_VOT_DISPUTED_MM] = 1
        index = index + 1
    vote[_VOT_VOTERS] = voters
    return voters


@micropython.viper
def count_outside(vote: ptr32, base: int, inside: int, contradicted: int) -> int:
    """Count a new reading outside the gate; one inside ends the count.

    Who comes back after an excursion is watched the longer at the next one. Who stays outside for
    ten readings while another one stands inside is contradicted: put out, and on probation for as
    long as that lasts.
    """
    outside = vote[base + _OUTSIDE]
    wary = vote[base + _WARY]
    if inside == 1:
        if outside > 0:
            wary = wary + _WARIER
            if wary > _MOST_WARY:
                wary = _MOST_WARY
        elif (vote[base + _TRIAL] & 15) == 15 and wary > 0:
            wary = wary - 1
        outside = 0
    else:
        if outside >= _CONTRADICTED_AFTER or outside < 0:
            if contradicted > 0:
                outside = _PROBATION
        if outside < 1000:
            outside = outside + 1
    vote[base + _OUTSIDE] = outside
    vote[base + _WARY] = wary
    return outside


@micropython.viper
def near(vote: ptr32, base: int, level: int, sigma: int) -> int:
    """1 when an altimeter's level differs from another's by no more than their noise and the ground allow."""
    apart = vote[base + _LEVEL_MM] - level
    if apart < 0:
        apart = 0 - apart
    if apart <= 4 * (vote[base + _SIGMA_MM] + sigma) + 2 * int(ground_passed(vote, 10)) + 2000:
        return 1
    return 0


@micropython.viper
def challenge(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """The steady levels outside the gate, one after the other: is it the ground? 1 when agl goes there."""
    won = 0
    base = _VOT_FIRST
    index = 0
    while index < vote[_VOT_FITTED] and won == 0 and vote[_VOT_ACQUIRED] == 1:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 2 and vote[base + _VERDICT] != _ACCEPTED:
            if vote[base + _TRIAL] >= _OFTEN_ENOUGH_TOGETHER:
                won = int(is_ground(vote, base, voters))
                if won == 0 and voters == 1:
                    won = int(is_righter(vote, estimate, base))
        index = index + 1
    if won == 0:
        return 0
    level = vote[base + _LEVEL_MM]
    apart = vote[_VOT_GROUND_MM] - level
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
    return 1


@micropython.viper
def moved(vote: ptr32, base: int) -> int:
    """How far an altimeter's level of the last second stands from that of the last minute."""
    apart = vote[base + _QUICK_MM] - vote[base + _SLOW_MM]
    if apart < 0:
        apart = 0 - apart
    return int(clamp(apart, 0, _LARGEST_MM))


@micropython.viper
def is_ground(vote: ptr32, base: int, voters: int) -> int:
    """1 when more altimeters stand at this level than at agl's, or when it stands alone for long enough.

    Two that agree with each other and not with the estimate make the estimate the suspect.
    """
    together = 1
    index = 0
    while index < vote[_VOT_FITTED]:
        other = _VOT_FIRST + index * _VOT_STRIDE
        if other != base and (vote[other + _VERDICT] == _ON_TRIAL or vote[other + _VERDICT] == _PUT_OUT):
            if vote[other + _TRIAL] >= _OFTEN_ENOUGH_TOGETHER:
                together = together + int(agrees(vote, base, other))
        index = index + 1
    if together > 1 and together > voters:
        return 1
    if together > 1 and together == voters:
        apart = vote[base + _LEVEL_MM] - vote[_VOT_GROUND_MM]
        if apart < 0 and vote[base + _SIGMA_MM] < vote[_VOT_NOISE_MM]:
            # narrow beams see the floor together, wide ones the edge still
            return 1
        if apart < 0:
            apart = 0 - apart
        vote[_VOT_DISPUTED_MM] = int(clamp(apart, 1, _LARGEST_MM))
    if voters > 0:
        return 0
    if int(is_confirmed(vote, base)) == 1:
        return 1
    if vote[_VOT_AGE_TICKS] < _ALONE_TICKS:
        return 0
    patience = _OFTEN_ENOUGH_ALONE + vote[base + _WARY]
    if vote[base + _OUTSIDE] >= patience and vote[base + _TRIAL] >= _OFTEN_ENOUGH_ALONE:
        return 1
    return 0


@micropython.viper
def is_confirmed(vote: ptr32, base: int) -> int:
    """1 when a sharper altimeter has stood lower for 1 s, and now a wide beam leaves the gate downward."""
    if vote[base + _TRIAL] < _OFTEN_ENOUGH_TO_CORRECT or vote[base + _LEVEL_MM] > vote[_VOT_GROUND_MM]:
        return 0
    index = 0
    while index < vote[_VOT_FITTED]:
        other = _VOT_FIRST + index * _VOT_STRIDE
        if vote[other + _VERDICT] == _ON_TRIAL and vote[other + _SIGMA_MM] > vote[base + _SIGMA_MM]:
            level = vote[other + _LEVEL_MM]
            if level < vote[_VOT_GROUND_MM] and level > vote[base + _LEVEL_MM]:
                return 1
        index = index + 1
    return 0


@micropython.viper
def is_righter(vote: ptr32, estimate: ptr32, base: int) -> int:
    """One against one: 1 when the accepted altimeter has moved and the challenger has not.

    Terrain would have moved both. A challenger that alone has moved is to blame until it stands inside
    again. When neither has moved, the one whose ground lies far from the site's level is the less
    likely; else who was first stays, and the dispute is told.
    """
    if vote[base + _BLAMED] == 1:
        return 0
    rival = _VOT_FIRST + int(sharpest(vote)) * _VOT_STRIDE
    apart = vote[base + _LEVEL_MM] - vote[rival + _LEVEL_MM]
    # a wide beam keeps seeing the edge behind which a narrow one sees the floor already
    patience = _OFTEN_ENOUGH_TO_CORRECT
    if apart < 0 and vote[base + _SIGMA_MM] < vote[rival + _SIGMA_MM]:
        patience = _BEHIND_THE_EDGE
    if apart < 0:
        apart = 0 - apart
    if int(has_moved_alone(vote, base, rival)) == 1 and vote[base + _TRIAL] >= patience:
        vote[base + _BLAMED] = 1
        return 0
    vote[_VOT_DISPUTED_MM] = int(clamp(apart, 1, _LARGEST_MM))
    if vote[base + _TRIAL] < _OFTEN_ENOUGH_TO_CORRECT:
        return 0
    if int(has_moved_alone(vote, rival, base)) == 1:
        vote[rival + _BLAMED] = 1
        return 1
    if vote[base + _TRIAL] >= _TIED_TRIAL:
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


@micropython.viper
def blend(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """Pull the ground toward the voters' level when one of them is new: alpha-beta on level and rate."""
    fresh = 0
    spread = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED:
            vote[base + _BLAMED] = 0
            fresh = fresh | vote[base + _FRESH]
            apart = vote[base + _QUICK_MM] - vote[_VOT_GROUND_MM]
            if apart < 0:
                apart = 0 - apart
            if apart > spread:
                spread = apart
        index = index + 1
    if fresh < 2:
        return 0
    vote[_VOT_AGE_TICKS] = 0
    best = int(leader(vote, voters))
    base = _VOT_FIRST + best * _VOT_STRIDE
    noise = vote[base + _SIGMA_MM] + vote[base + _EXCESS_MM]
    vote[_VOT_NOISE_MM] = noise
    # positive: the ground is lower than thought
    apart = vote[_VOT_GROUND_MM] - vote[base + _LEVEL_MM]
    shift = int(blend_shift(vote, apart, noise))
    ground = vote[_VOT_GROUND_MM] - (apart >> shift)
    vote[_VOT_GROUND_MM] = int(clamp(ground, 0 - _LARGEST_LEVEL_MM, _LARGEST_LEVEL_MM))
    follow_slope(vote, apart, shift, noise)
    bound(vote, apart, noise >> (shift >> 1), spread)
    if vote[_VOT_GROUND_SPEED_MM_S] < 20000 and estimate[_EST_VELOCITY_AGE_TICKS] > 100:
        # no radar velocity: over slow ground the range rate corrects the sink rate
        speed = estimate[_EST_VELOCITY_UP_Q8] + (int(clamp(apart, -5000, 5000)) << 5)
        estimate[_EST_VELOCITY_UP_Q8] = int(clamp(speed, 0 - _SPEED_LIMIT_Q8, _SPEED_LIMIT_Q8))
    return apart


@micropython.viper
def leader(vote: ptr32, voters: int) -> int:
    """Which accepted altimeter to follow: the sharpest, unless another one contradicts it.

    Ranges: voters 0..4.
    """
    sharp = int(sharpest(vote))
    base = _VOT_FIRST + sharp * _VOT_STRIDE
    other = 0
    while other < vote[_VOT_FITTED]:
        theirs = _VOT_FIRST + other * _VOT_STRIDE
        if other != sharp and vote[theirs + _VERDICT] == _ACCEPTED:
            if int(agrees(vote, base, theirs)) == 0:
                if voters > 2:
                    return int(central(vote))
                if int(has_moved_alone(vote, base, theirs)) == 1:
                    return other
        other = other + 1
    return sharp


@micropython.viper
def central(vote: ptr32) -> int:
    """The accepted altimeter whose level is nearest to where all the others have seen the ground."""
    best = 0
    least = 800000000
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED:
            away = 0
            other = 0
            while other < vote[_VOT_FITTED]:
                theirs = _VOT_FIRST + other * _VOT_STRIDE
                if other != index and vote[theirs + _VERDICT] == _ACCEPTED:
                    apart = vote[base + _LEVEL_MM] - vote[theirs + _QUICK_MM]
                    if apart < 0:
                        apart = 0 - apart
                    away = away + int(clamp(apart, 0, _LARGEST_MM))
                other = other + 1
            if away < least:
                least = away
                best = index
        index = index + 1
    return best


@micropython.viper
def agrees(vote: ptr32, base: int, theirs: int) -> int:
    """1 when an altimeter's level lies where another one has seen the ground during the last second."""
    apart = vote[base + _LEVEL_MM] - vote[theirs + _QUICK_MM]
    if apart < 0:
        apart = 0 - apart
    noise = 3 * vote[base + _SIGMA_MM] + (vote[theirs + _SIGMA_MM] >> 1)
    if apart <= noise + int(ground_passed(vote, 10)) + 2000:
        return 1
    return 0


@micropython.viper
def has_moved_alone(vote: ptr32, base: int, theirs: int) -> int:
    """1 when this altimeter's level has moved and the other one's has not: terrain moves both."""
    noise = (vote[base + _SIGMA_MM] + vote[theirs + _SIGMA_MM]) >> 1
    still = int(moved(vote, theirs))
    if int(moved(vote, base)) > still + (still >> 1) + noise + 3000:
        return 1
    return 0


@micropython.viper
def bound(vote: ptr32, apart: int, noise: int, spread: int) -> int:
    """What the level may be wrong by right after a reading: four sigma of the mean that is followed and what
    it was off beyond that, or how far off another one stands that is believed as well; dying away."""
    if apart < 0:
        apart = 0 - apart
    apart = int(clamp(apart - vote[_VOT_NOISE_MM], 0, 900000000))
    if apart < spread:
        apart = spread
    least = 4 * noise + apart + 500
    held = vote[_VOT_BOUND_MM] - (vote[_VOT_BOUND_MM] >> 4)
    if held < least:
        held = least
    vote[_VOT_BOUND_MM] = int(clamp(held, 0, _LARGEST_MM))
    return held


@micropython.viper
def follow_slope(vote: ptr32, apart: int, shift: int, noise: int) -> int:
    """Ground rate by beta = alpha^2 / 8 a reading of 0.1 s. A difference counts up to twice the noise,
    and ground up to 14 degrees: more is a step, which must not swing on."""
    most = 2 * noise
    pull = (int(clamp(apart, 0 - most, most)) * 5) >> (2 * shift + 2)
    steepest = vote[_VOT_GROUND_SPEED_MM_S] >> 2
    rate = int(clamp(vote[_VOT_GROUND_RATE_MM_S] + pull, 0 - steepest, steepest))
    vote[_VOT_GROUND_RATE_MM_S] = rate
    return rate


@micropython.viper
def blend_shift(vote: ptr32, apart: int, noise: int) -> int:
    """How slowly to follow (the level takes 2^-shift of the difference): noise against what the ground
    may do between two readings. Three readings in a row far on one side: follow quickly."""
    lag = vote[_VOT_LAG]
    if apart > noise + (noise >> 1):
        if lag < 0:
            lag = 0
        lag = lag + 1
    elif apart < 0 - noise - (noise >> 1):
        if lag > 0:
            lag = 0
        lag = lag - 1
    else:
        lag = 0
    lag = int(clamp(lag, -3, 3))
    vote[_VOT_LAG] = lag
    shift = 1
    ground = (int(ground_passed(vote, 10)) >> 2) + 300
    while shift < 8 and noise > ground:
        noise = noise >> 1
        shift = shift + 1
    if (lag == 3 or lag == -3) and shift > 1:
        shift = shift >> 1
    return shift


@micropython.viper
def sharpest(vote: ptr32) -> int:
    """The accepted altimeter with the least noise."""
    best = 0
    least = _LARGEST_MM
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED and vote[base + _SIGMA_MM] < least:
            least = vote[base + _SIGMA_MM]
            best = index
        index = index + 1
    return best


@micropython.viper
def publish(vote: ptr32, estimate: ptr32, busy: int) -> int:
    """agl, its validity and its protection, terrain, and near the site the slow pull of `altitude`.

    Only within 3 km of the site and below 60 m/s is the ground below known to be the datum.
    busy: whether this tick has judged or decided, which leaves the protection for another one.
    Ranges: busy 0..1.
    """
    agl = int(clamp(vote[_VOT_ODOMETER_MM] - vote[_VOT_GROUND_MM], 0 - _LARGEST_MM, _LARGEST_MM))
    estimate[_EST_AGL_MM] = agl
    valid = 0
    if vote[_VOT_ACQUIRED] == 1 and vote[_VOT_AGE_TICKS] < 500:
        valid = 1
    unchecked = vote[_VOT_UNCHECKED_TICKS] + 1
    if (unchecked >= _CHECKED_AFTER and busy == 0) or unchecked >= _CHECKED_AT_LAST:
        unchecked = 0
        valid = int(protect(vote, estimate, agl, valid))
    vote[_VOT_UNCHECKED_TICKS] = int(clamp(unchecked, 0, 20))
    estimate[_EST_AGL_VALID] = valid
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
