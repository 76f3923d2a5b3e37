"""Every altimeter's verdict: inside the gate, on trial, put out, silent; nobody is out for good."""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp
from plumbline.kernels.integrity import doubt_mm
from plumbline.kernels.levels import restart
from plumbline.kernels.ranging import ground_passed, is_stuck

_VOT_FITTED = const(0)
_VOT_AGE_TICKS = const(1)  # since a reading was last accepted
_VOT_ACQUIRED = const(2)
_VOT_TICK = const(8)
_VOT_GROUND_MM = const(10)  # level of the ground below
_VOT_VOTERS = const(12)
_VOT_QUIET_TICKS = const(13)  # since any reading came
_VOT_DISPUTED_MM = const(15)
_VOT_NOISE_MM = const(20)  # sigma of the one that agl follows
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_LEVEL_MM = const(0)
_HEARD_TICK = const(1)
_VERDICT = const(2)
_TRIAL = const(3)
_SIGMA_MM = const(7)
_FRESH = const(8)  # 1 new, 2 judged
_OUTSIDE = const(9)  # readings in a row outside the gate; below 0: put out
_BLAMED = const(15)  # it alone moved, and has not come back
_EXCESS_MM = const(16)  # what it scatters more than it should
_WARY = const(13)  # more readings than usual before its level counts as terrain

_SILENT = const(0)
_ACCEPTED = const(1)
_ON_TRIAL = const(2)
_TERRAIN = const(3)
_PUT_OUT = const(4)
_OVERDUE = const(5)

_CREPT = const(2)
_CONVICTED = const(4)
_HELD_TICKS = const(30)  # a reading votes for 0.3 s
_OFTEN_ENOUGH_FIRST = const(3)
_CONTRADICTED_AFTER = const(10)
_PROBATION = const(-30)  # once contradicted: 3 s more alone before its level counts as terrain
_WARIER = const(4)
_MOST_WARY = const(8)
_TICK_MASK = const(536870911)


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
    doubted = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        verdict = vote[base + _VERDICT]
        if vote[base + _FRESH] == 1:
            verdict = int(judge(vote, base, allowed, before))
            vote[base + _VERDICT] = verdict
        elif verdict != _SILENT and verdict != _OVERDUE:
            if ((vote[_VOT_TICK] - vote[base + _HEARD_TICK]) & _TICK_MASK) > _HELD_TICKS:
                verdict = _SILENT
                vote[base + _VERDICT] = verdict
        if verdict == _ACCEPTED or verdict == _TERRAIN:
            voters = voters + 1
        elif verdict == _ON_TRIAL or verdict == _PUT_OUT:
            doubted = doubted | (5 - verdict)
        index = index + 1
    if doubted == 0:
        vote[_VOT_DISPUTED_MM] = 0
    elif doubted > 1 and vote[_VOT_DISPUTED_MM] == 0:
        vote[_VOT_DISPUTED_MM] = 1
    vote[_VOT_VOTERS] = voters
    return voters


@micropython.viper
def judge(vote: ptr32, base: int, allowed: int, before: int) -> int:
    """Verdict on a new reading; allowed: the gate without its own noise, mm; before: voters so far."""
    vote[base + _FRESH] = 2
    vote[_VOT_QUIET_TICKS] = 0
    apart = vote[base + _LEVEL_MM] - vote[_VOT_GROUND_MM]
    if apart < 0:
        apart = 0 - apart
    if before == 0 or (before == 1 and vote[base + _VERDICT] == _ACCEPTED):
        # nobody is better: one that scatters more than it should is averaged, not thrown away
        apart = int(clamp(apart - 4 * vote[base + _EXCESS_MM], 0, 900000000))
    stuck = int(is_stuck(vote, base))
    inside = 0
    if apart <= allowed + 4 * vote[base + _SIGMA_MM] and vote[_VOT_ACQUIRED] == 1:
        inside = 1 - stuck
    outside = vote[base + _OUTSIDE]
    if vote[_VOT_ACQUIRED] == 1:
        # before there is a gate nobody comes back into it
        outside = int(count_outside(vote, base, inside, before))
    if inside == 1:
        return _ACCEPTED
    vote[_VOT_DISPUTED_MM] = 0  # whoever is outside says anew how far
    if outside < 0 and 2 * before > vote[_VOT_FITTED]:
        # more than half of all stand at agl's level: what parts those later does not make it right
        vote[base + _BLAMED] = vote[base + _BLAMED] | _CONVICTED
    if outside < 0 or stuck == 1:
        return _PUT_OUT
    return _ON_TRIAL


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
        if outside == 0 and vote[base + _TRIAL] > 1:
            vote[base + _BLAMED] = vote[base + _BLAMED] | _CREPT
        if outside >= _CONTRADICTED_AFTER or outside < 0:
            if contradicted > 0:
                outside = _PROBATION
        if outside < 1000:
            outside = outside + 1
    vote[base + _OUTSIDE] = outside
    vote[base + _WARY] = wary
    return outside
