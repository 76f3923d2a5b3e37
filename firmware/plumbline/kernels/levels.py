"""The levels at which altimeters see the ground, compared: who agrees, who has moved, who is sharpest."""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp
from plumbline.kernels.ranging import stand

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
_SIGMA_MM = const(7)
_QUICK_MM = const(11)
_SLOW_MM = const(12)
_WARY = const(13)  # it has come back from an excursion
_EXCESS_MM = const(16)  # what it scatters more than it should

_ACCEPTED = const(1)
_ON_TRIAL = const(2)
_TERRAIN = const(3)
_PUT_OUT = const(4)

_LARGEST_MM = const(200000000)


@micropython.viper
def near(vote: ptr32, base: int, level: int, sigma: int) -> int:
    """1 when an altimeter's level differs from another's by no more than their noise and the ground allow."""
    apart = vote[base + _LEVEL_MM] - level
    if apart < 0:
        apart = 0 - apart
    passed = ((vote[_VOT_GROUND_SPEED_MM_S] * 41) >> 12) * 20  # as ground_passed, without its calls
    if apart <= 4 * (vote[base + _SIGMA_MM] + sigma) + passed + 2000:
        return 1
    return 0


@micropython.viper
def restart(vote: ptr32, level: int, sigma: int) -> int:
    """The ground begins anew at that level, with unknown slope; who stands there has not moved.

    Ranges: level -420_000_000..420_000_000, sigma 0..20_200_000.
    """
    vote[_VOT_GROUND_MM] = level
    vote[_VOT_AGE_TICKS] = 0
    vote[_VOT_GROUND_RATE_MM_S] = 0
    vote[_VOT_LAG] = 0
    vote[_VOT_BOUND_MM] = int(clamp(4 * sigma + 2000, 0, _LARGEST_MM))
    vote[_VOT_NOISE_MM] = sigma
    vote[_VOT_FOLLOWED] = 0
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
def moved(vote: ptr32, base: int) -> int:
    """How far an altimeter's level of the last second stands from that of the last minute."""
    apart = vote[base + _QUICK_MM] - vote[base + _SLOW_MM]
    if apart < 0:
        apart = 0 - apart
    return int(clamp(apart, 0, _LARGEST_MM))


@micropython.viper
def has_moved_alone(vote: ptr32, base: int, theirs: int) -> int:
    """1 when this altimeter's level has moved and the other one's has not: terrain moves both."""
    noise = (vote[base + _SIGMA_MM] + vote[theirs + _SIGMA_MM]) >> 1
    still = int(moved(vote, theirs))
    if int(moved(vote, base)) > still + (still >> 1) + noise + 3000:
        return 1
    return 0


@micropython.viper
def explains(vote: ptr32, base: int, theirs: int) -> int:
    """1 when an altimeter has moved alone, and by what they differ: who was never elsewhere has not
    moved there.

    Ranges: base each stride of vote, theirs each stride of vote.
    """
    apart = vote[base + _QUICK_MM] - vote[theirs + _QUICK_MM]
    if apart < 0:
        apart = 0 - apart
    mine = int(moved(vote, base))
    still = int(moved(vote, theirs))
    if mine <= apart >> 2 and mine <= 4 * (still + vote[base + _SIGMA_MM] + vote[theirs + _SIGMA_MM]):
        return 0
    return int(has_moved_alone(vote, base, theirs))


@micropython.viper
def stood_together(vote: ptr32, base: int, theirs: int) -> int:
    """1 when two altimeters stood nearer to each other before than half as far as they are apart now.

    Ranges: base each stride of vote, theirs each stride of vote.
    """
    apart = vote[base + _QUICK_MM] - vote[theirs + _QUICK_MM]
    if apart < 0:
        apart = 0 - apart
    before = vote[base + _SLOW_MM] - vote[theirs + _SLOW_MM]
    if before < 0:
        before = 0 - before
    if before <= apart >> 1:
        return 1
    return 0


@micropython.viper
def agrees(vote: ptr32, base: int, theirs: int) -> int:
    """1 when an altimeter's level lies where another one has seen the ground during the last second.

    Or where both stand now, and both means: these trail behind levels that all sink or rise, but alike.

    Ranges: base each stride of vote, theirs each stride of vote.
    """
    sigma = vote[base + _SIGMA_MM]
    # a hundredth of the speed, ten ticks of it: as ground_passed, without its calls
    passed = ((vote[_VOT_GROUND_SPEED_MM_S] * 41) >> 12) * 10
    noise = (vote[theirs + _SIGMA_MM] >> 1) + passed + 2000
    apart = vote[base + _LEVEL_MM] - vote[theirs + _QUICK_MM]
    if apart < 0:
        apart = 0 - apart
    if apart <= noise + 3 * sigma:
        return 1
    apart = vote[base + _LEVEL_MM] - vote[theirs + _LEVEL_MM]
    if apart < 0:
        apart = 0 - apart
    if apart > noise + 3 * sigma:
        return 0
    apart = vote[base + _QUICK_MM] - vote[theirs + _QUICK_MM]
    if apart < 0:
        apart = 0 - apart
    if apart <= noise + sigma:
        return 1
    return 0


@micropython.viper
def sharpest(vote: ptr32) -> int:
    """The believed altimeter with the least noise, 0 when there is none."""
    best = 0
    least = _LARGEST_MM
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED or vote[base + _VERDICT] == _TERRAIN:
            noise = vote[base + _SIGMA_MM] + vote[base + _EXCESS_MM]
            if noise < least:
                least = noise
                best = index
        index = index + 1
    return best


@micropython.viper
def central(vote: ptr32) -> int:
    """The accepted altimeter whose level is nearest to where all the others have seen the ground."""
    best = 0
    least = 800000000
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED:
            level = vote[base + _LEVEL_MM]
            away = 0
            other = 0
            theirs = _VOT_FIRST
            while other < vote[_VOT_FITTED]:
                if other != index and vote[theirs + _VERDICT] == _ACCEPTED:
                    apart = level - vote[theirs + _QUICK_MM]
                    if apart < 0:
                        apart = 0 - apart
                    if vote[theirs + _WARY] > 0:
                        apart = apart >> 2  # who has been elsewhere has less of a say
                    if apart > _LARGEST_MM:
                        apart = _LARGEST_MM
                    away = away + apart
                other = other + 1
                theirs = theirs + _VOT_STRIDE
            if away < least:
                least = away
                best = index
        index = index + 1
    return best
