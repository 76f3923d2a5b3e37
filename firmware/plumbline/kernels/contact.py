"""Leg contact of four switches: each debounced, two that are not stuck decide.

A switch that is closed for 5 s while no second good one is has stuck, and does not vote until it has been
open for 5 s. A switch that is stuck open votes for nothing, so the other three decide. With fewer
than two good switches nobody can tell: the vote is blind and says so.
"""

import micropython
from micropython import const

_LEG_VOTE = const(0)
_LEG_CLOSED = const(1)
_LEG_STUCK = const(2)
_LEG_FIRST = const(3)
_LEG_STRIDE = const(2)
_DIFFERS = const(0)
_HELD_TICKS = const(1)

_NO = const(0)
_YES = const(1)
_BLIND = const(2)

_LEGS = const(4)
_NEEDED = const(2)
_DEBOUNCE_TICKS = const(3)
_STUCK_TICKS = const(500)


@micropython.viper
def step(legs: ptr32, pressed: int) -> int:
    """One tick of 10 ms: 0 no contact, 1 contact, 2 blind; the same in legs[LEG_VOTE].

    pressed: bit n is the level of switch n, 1 for closed.
    Ranges: pressed int31.
    """
    leg = 0
    while leg < _LEGS:
        debounce(legs, leg, (pressed >> leg) & 1)
        leg = leg + 1
    vote = int(decide(legs))
    legs[_LEG_VOTE] = vote
    leg = 0
    while leg < _LEGS:
        suspect(legs, leg, vote)
        leg = leg + 1
    return vote


@micropython.viper
def debounce(legs: ptr32, leg: int, level: int) -> int:
    """A switch changes when three samples in a row differ from what it was. Returns the closed ones.

    Ranges: leg each of 0..3, level 0..1.
    """
    at = _LEG_FIRST + leg * _LEG_STRIDE + _DIFFERS
    closed = legs[_LEG_CLOSED]
    differs = 0
    if (closed >> leg) & 1 != level:
        differs = legs[at] + 1
        if differs >= _DEBOUNCE_TICKS:
            closed = closed ^ (1 << leg)
            differs = 0
    legs[at] = differs
    legs[_LEG_CLOSED] = closed
    return closed


@micropython.viper
def decide(legs: ptr32) -> int:
    """Two of those that are not stuck make a contact; fewer than two of them are blind."""
    good = legs[_LEG_STUCK] ^ 15
    if int(how_many(good)) < _NEEDED:
        return _BLIND
    if int(how_many(legs[_LEG_CLOSED] & good)) >= _NEEDED:
        return _YES
    return _NO


@micropython.viper
def how_many(mask: int) -> int:
    """Bits that are set.

    Ranges: mask 0..15.
    """
    pairs = mask - ((mask >> 1) & 5)
    return (pairs & 3) + (pairs >> 2)


@micropython.viper
def suspect(legs: ptr32, leg: int, vote: int) -> int:
    """Closed alone for 5 s: stuck. Stuck and open for 5 s: good again. Returns the stuck ones.

    Ranges: leg each of 0..3, vote 0..2.
    """
    at = _LEG_FIRST + leg * _LEG_STRIDE + _HELD_TICKS
    closed = (legs[_LEG_CLOSED] >> leg) & 1
    stuck = legs[_LEG_STUCK]
    held = 0
    is_stuck = (stuck >> leg) & 1
    if (is_stuck == 0 and closed == 1 and vote != _YES) or (is_stuck == 1 and closed == 0):
        held = legs[at] + 1
        if held >= _STUCK_TICKS:
            stuck = stuck ^ (1 << leg)
            held = 0
    legs[at] = held
    legs[_LEG_STUCK] = stuck
    return stuck
