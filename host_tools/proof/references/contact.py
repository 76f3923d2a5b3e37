"""Four leg switches as four rows of bits: debounced, counted, and put out while they are stuck."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
LEGS, NEEDED, SAMPLES, PATIENCE = 4, 2, 3, 500
NO, YES, BLIND = range(3)
PLACES = 2 ** np.arange(LEGS)[:, None]


def bits(mask: Column) -> NDArray[np.int64]:
    """(legs, n) of 0 and 1; also of a negative mask."""
    return mask // PLACES % 2


def step(legs: Memory, pressed: Column) -> Answer:
    """All switches, then the vote, then who is to be suspected."""
    levels = bits(pressed)
    for leg in range(LEGS):
        debounce(legs, np.full(pressed.size, leg), levels[leg])
    vote = count_votes(legs)
    legs[s.LEG_VOTE] = vote
    for leg in range(LEGS):
        suspect(legs, np.full(pressed.size, leg), vote)
    return Answer(vote)


def debounce(legs: Memory, leg: Column, level: Column) -> Answer:
    """The third sample in a row that differs is believed."""
    at = np.arange(leg.size)
    row = s.LEG_FIRST + leg * s.LEG_STRIDE
    was = bits(legs[s.LEG_CLOSED])[leg, at]
    in_row = np.where(level == was, 0, legs[row, at] + 1)
    turned = in_row >= SAMPLES
    legs[row, at] = np.where(turned, 0, in_row)
    legs[s.LEG_CLOSED] += np.where(turned, (level - was) * 2**leg, 0)
    return Answer(legs[s.LEG_CLOSED].copy())


def count_votes(legs: Memory) -> Column:
    """Of those that are not stuck, two closed ones are a contact; fewer than two cannot say."""
    good = 1 - bits(legs[s.LEG_STUCK])
    closed = (good * bits(legs[s.LEG_CLOSED])).sum(axis=0)
    return np.where(good.sum(axis=0) < NEEDED, BLIND, np.where(closed >= NEEDED, YES, NO))


def decide(legs: Memory) -> Answer:
    """As `count_votes`."""
    return Answer(count_votes(legs))


def how_many(mask: Column) -> Answer:
    """Digits that are 1."""
    return Answer(bits(mask).sum(axis=0))


def suspect(legs: Memory, leg: Column, vote: Column) -> Answer:
    """500 ticks closed without a contact make it stuck, 500 ticks open while stuck good again."""
    at = np.arange(leg.size)
    row = s.LEG_FIRST + leg * s.LEG_STRIDE + 1
    closed, stuck = bits(legs[s.LEG_CLOSED])[leg, at], bits(legs[s.LEG_STUCK])[leg, at]
    counts = np.where(stuck == 1, closed == 0, (closed == 1) & (vote != YES))
    held = np.where(counts, legs[row, at] + 1, 0)
    turned = held >= PATIENCE
    legs[row, at] = np.where(turned, 0, held)
    legs[s.LEG_STUCK] += np.where(turned, (1 - 2 * stuck) * 2**leg, 0)
    return Answer(legs[s.LEG_STUCK].copy())
