"""The ground's level follows the accepted altimeters: whom, how fast, and how wrong it may be."""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp
from plumbline.kernels.levels import agrees, central, has_moved_alone, restart, sharpest

_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_AGE_TICKS = const(28)

_VOT_FITTED = const(0)
_VOT_AGE_TICKS = const(1)  # since a reading was last accepted
_VOT_GROUND_SPEED_MM_S = const(5)
_VOT_GROUND_RATE_MM_S = const(6)  # how fast the ground falls away below: its slope times our speed
_VOT_LAG = const(7)  # readings in a row on the same side of agl, signed
_VOT_GROUND_MM = const(10)  # level of the ground below
_VOT_BOUND_MM = const(14)
_VOT_NOISE_MM = const(20)  # sigma of the one that agl follows
_VOT_FOLLOWED = const(23)  # readings followed since the ground began anew
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_LEVEL_MM = const(0)
_VERDICT = const(2)
_TRIAL = const(3)
_SIGMA_MM = const(7)
_FRESH = const(8)  # 1 new, 2 judged
_QUICK_MM = const(11)
_BLAMED = const(15)  # it alone moved, and has not come back
_EXCESS_MM = const(16)  # what it scatters more than it should

_ACCEPTED = const(1)
_CONVICTED = const(4)  # of blamed: it was put out by more than half of all

_FOUND_AGAIN = const(6)
_ENOUGH = const(64)  # readings: as many as the slowest shift averages
_LARGEST_MM = const(200000000)
_LARGEST_LEVEL_MM = const(420000000)
_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s, as in state.py


@micropython.viper
def blend(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """Pull the ground toward the voters' level when one of them is new: alpha-beta on level and rate.

    Ranges: voters 0..4.
    """
    spread = int(hear_accepted(vote))
    if spread < 0:
        return 0
    vote[_VOT_AGE_TICKS] = 0
    best = int(leader(vote, voters))
    base = _VOT_FIRST + best * _VOT_STRIDE
    sigma = vote[base + _SIGMA_MM]
    excess = vote[base + _EXCESS_MM]
    if excess > 4 * sigma + 2000 and vote[base + _TRIAL] >= _FOUND_AGAIN:
        # what was only scatter has become a level: it is the ground's
        vote[base + _EXCESS_MM] = 0
        doubt = vote[_VOT_BOUND_MM]
        restart(vote, vote[base + _LEVEL_MM], sigma)
        vote[_VOT_BOUND_MM] = doubt  # which dies away
        return 0
    noise = sigma + excess
    # the gate narrows in a few readings: who comes in from far keeps inside on the way
    held = vote[_VOT_NOISE_MM] - (vote[_VOT_NOISE_MM] >> 2)
    if held < noise:
        held = noise
    vote[_VOT_NOISE_MM] = held
    # positive: the ground is lower than thought
    apart = vote[_VOT_GROUND_MM] - vote[base + _LEVEL_MM]
    shift = int(blend_shift(vote, apart, noise))
    taken = shift
    followed = vote[_VOT_FOLLOWED] + 1
    if followed <= _ENOUGH:
        # the first ones after the ground began anew are averaged alike
        vote[_VOT_FOLLOWED] = followed
        while taken > 1 and followed >> taken == 0:
            taken = taken - 1
    ground = vote[_VOT_GROUND_MM] - (apart >> taken)
    vote[_VOT_GROUND_MM] = int(clamp(ground, 0 - _LARGEST_LEVEL_MM, _LARGEST_LEVEL_MM))
    follow_slope(vote, apart, shift, noise)
    bound(vote, apart, (noise >> (shift >> 1)) + (sigma >> 1), spread)
    if vote[_VOT_GROUND_SPEED_MM_S] < 20000 and estimate[_EST_VELOCITY_AGE_TICKS] > 100:
        # no radar velocity: over slow ground the range rate corrects the sink rate
        speed = estimate[_EST_VELOCITY_UP_Q8] + (int(clamp(apart, -5000, 5000)) << 5)
        estimate[_EST_VELOCITY_UP_Q8] = int(clamp(speed, 0 - _SPEED_LIMIT_Q8, _SPEED_LIMIT_Q8))
    return apart


@micropython.viper
def hear_accepted(vote: ptr32) -> int:
    """How far off the ground the accepted ones have seen it of late, -1 when none of them is new; they are
    no longer to blame, and who was put out by more than half of all once it is inside not only in passing."""
    fresh = 0
    spread = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED:
            fresh = fresh | vote[base + _FRESH]
            apart = vote[base + _QUICK_MM] - vote[_VOT_GROUND_MM]
            if apart < 0:
                apart = 0 - apart
            sigma = vote[base + _SIGMA_MM]
            vote[base + _BLAMED] = vote[base + _BLAMED] & _CONVICTED
            if apart <= 4 * sigma:
                vote[base + _BLAMED] = 0
            if apart > sigma >> 1:
                apart = apart + sigma
            if apart > spread:
                spread = apart
        index = index + 1
    if fresh < 2:
        return -1
    return spread


@micropython.viper
def leader(vote: ptr32, voters: int) -> int:
    """Which accepted altimeter to follow: the sharpest, unless another one contradicts it.

    Ranges: voters 0..4.
    """
    sharp = int(sharpest(vote))
    base = _VOT_FIRST + sharp * _VOT_STRIDE
    best = sharp
    contradicted = 0
    other = 0
    while other < vote[_VOT_FITTED] and contradicted == 0:
        theirs = _VOT_FIRST + other * _VOT_STRIDE
        if other != sharp and vote[theirs + _VERDICT] == _ACCEPTED and int(agrees(vote, base, theirs)) == 0:
            if voters > 2:
                contradicted = 1
            elif int(has_moved_alone(vote, base, theirs)) == 1:
                best = other
                contradicted = 1
        other = other + 1
    if voters > 2 and contradicted == 1:
        best = int(central(vote))
    return best


@micropython.viper
def bound(vote: ptr32, apart: int, noise: int, spread: int) -> int:
    """What the level may be wrong by right after a reading: four sigma of the mean that is followed and what
    it was off beyond that, or how far off another one stands that is believed as well; dying away."""
    if apart < 0:
        apart = 0 - apart
    apart = int(clamp(apart - noise, 0, 900000000))
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
    """Ground rate by beta = alpha^3 / 8 a reading of 0.1 s: slopes last longer than the level does.

    A difference counts up to twice the noise, and ground up to 14 degrees: more is a step, which must not
    swing on.
    """
    most = 2 * noise
    pull = (int(clamp(apart, 0 - most, most)) * 5) >> (3 * shift + 2 - (shift & 1))
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
    halved = 0
    # a hundredth of the speed, ten ticks of it: as ground_passed, without its calls
    ground = ((((vote[_VOT_GROUND_SPEED_MM_S] * 41) >> 12) * 10) >> 2) + 300
    while halved < 7 and noise > ground:
        noise = noise >> 1
        halved = halved + 1
    shift = 1 + ((22 * halved + 11) >> 5)  # two thirds
    if (lag == 3 or lag == -3) and shift > 1:
        shift = shift >> 1
    return shift
