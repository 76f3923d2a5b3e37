"""Step or fault: who may take agl away, as a specification in integers."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    ACCEPTED,
    BLAMED,
    FRESH,
    HIGHEST_MM,
    JUDGED,
    LEVEL,
    ON_TRIAL,
    OUTSIDE,
    PUT_OUT,
    SIGMA,
    SLOW,
    TERRAIN,
    TRIAL,
    VERDICT,
    WARY,
    Column,
    Mask,
    Memory,
    base_of,
    bases,
    block,
    fitted,
    get,
    on,
    put,
)
from host_tools.proof.references.following import blend
from host_tools.proof.references.levels import agreeing, keenest, moved_alone, restart
from plumbline.kernels import slots as s


def decide(vote: Memory, estimate: Memory) -> Answer:
    """A step, else the accepted ones pull; then what was judged is done with."""
    voters = vote[s.VOT_VOTERS].copy()
    vote[s.VOT_JUDGED] = 0
    stepped = challenge(vote, estimate, voters).result
    on((stepped == 0) & (voters > 0), lambda v, e, n: blend(v, e, n[0]), vote, estimate, voters[None])
    fresh = block(vote, FRESH)
    fresh[fitted(vote) & (fresh == JUDGED)] = 0
    return Answer(voters)


def challenge(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """Those judged outside that have fitted themselves three times, in turn: may one have the ground?"""
    steady = fitted(vote) & (block(vote, FRESH) == JUDGED) & (block(vote, TRIAL) >= 3)
    steady &= (block(vote, VERDICT) != ACCEPTED) & (vote[s.VOT_ACQUIRED] == 1)

    def ask(votes: Memory, estimates: Memory, columns: Memory) -> Answer:
        ground = _ground(votes, columns[0], columns[1])
        duel = ~ground & (columns[1] == 1)
        righter = ground.copy()
        righter[duel] = (
            on(duel, lambda v, e, c: is_righter(v, e, c[0]), votes, estimates, columns).result == 1
        )
        columns[2] = righter
        return Answer(None)

    asked = np.array([np.zeros_like(voters), voters, np.zeros_like(voters)])
    for index in range(4):
        rows = steady[index] & (asked[2] == 0)
        asked[0][rows] = s.VOT_FIRST + index * s.VOT_STRIDE
        on(rows, ask, vote, estimate, asked)
    on(asked[2] == 1, lambda v, c: _take(v, c[0]), vote, asked)
    return Answer(asked[2])


def _take(vote: Memory, base: Column) -> Answer:
    """agl goes to its level: for terrain when it moved there, for a correction when it always stood there."""
    level = get(vote, base, LEVEL)
    apart = vote[s.VOT_GROUND_MM] - level
    went = np.abs(level - get(vote, base, SLOW))
    # by more than half of what lies between; for a negative number half of it, rounded down
    step = (went > apart // 2) & (went > -(apart // 2))
    vote[s.VOT_STEP_MM][step] = np.clip(apart, -420_000_000, 420_000_000)[step]
    for slot, rows in ((s.VOT_STEPS, step), (s.VOT_CORRECTIONS, ~step)):
        vote[slot] = np.minimum(vote[slot] + rows, 1_000_000)
    restart(vote, level, get(vote, base, SIGMA))
    put(vote, base, VERDICT, np.where(step, TERRAIN, ACCEPTED))
    return Answer(None)


def is_ground(vote: Memory, base: Column, voters: Column) -> Answer:
    """As `_ground`."""
    return Answer(_ground(vote, base, voters).astype(np.int64))


def _ground(vote: Memory, base: Column, voters: Column) -> Mask:
    """Two or more together outvote fewer. As many as they: narrow beams below; else it is disputed.

    Nobody accepted: confirmed by a wide beam, or alone for 0.6 s and its patience.
    """
    tried = np.isin(block(vote, VERDICT), (ON_TRIAL, PUT_OUT)) & (block(vote, TRIAL) >= 3)
    others = fitted(vote) & (bases() != base) & tried & agreeing(vote, base)
    together = 1 + others.sum(axis=0)
    several = together > 1
    below = get(vote, base, LEVEL) - vote[s.VOT_GROUND_MM]
    tie = several & (together == voters)
    narrow = tie & (below < 0) & (get(vote, base, SIGMA) < vote[s.VOT_NOISE_MM])
    told = tie & ~narrow
    vote[s.VOT_DISPUTED_MM][told] = np.clip(np.abs(below), 1, HIGHEST_MM)[told]
    trial = get(vote, base, TRIAL)
    patient = (get(vote, base, OUTSIDE) >= 4 + get(vote, base, WARY)) & (trial >= 4)
    alone = (vote[s.VOT_AGE_TICKS] >= 60) & patient
    nobody = (voters == 0) & (_confirmed(vote, base) | alone)
    return (several & (together > voters)) | narrow | nobody


def is_confirmed(vote: Memory, base: Column) -> Answer:
    """As `_confirmed`."""
    return Answer(_confirmed(vote, base).astype(np.int64))


def _confirmed(vote: Memory, base: Column) -> Mask:
    """Ten in a row not above agl's ground, and a wider beam on trial between the two."""
    level, ground = get(vote, base, LEVEL), vote[s.VOT_GROUND_MM]
    levels = block(vote, LEVEL)
    wider = fitted(vote) & (block(vote, VERDICT) == ON_TRIAL) & (block(vote, SIGMA) > get(vote, base, SIGMA))
    between = (levels < ground) & (levels > level)
    return (get(vote, base, TRIAL) >= 10) & (level <= ground) & (wider & between).any(axis=0)


def is_righter(vote: Memory, estimate: Memory, base: Column) -> Answer:
    """One against one, by who has moved alone; in doubt by whose ground is likely: 1 km, 4 times as far."""
    rival = base_of(keenest(vote))
    level, theirs = get(vote, base, LEVEL), get(vote, rival, LEVEL)
    trial = get(vote, base, TRIAL)
    behind_edge = (level < theirs) & (get(vote, base, SIGMA) < get(vote, rival, SIGMA))
    asked = get(vote, base, BLAMED) == 0
    guilty = asked & moved_alone(vote, base, rival) & (trial >= np.where(behind_edge, 50, 10))
    put(vote, base, BLAMED, np.ones_like(base), guilty)
    disputed = asked & ~guilty
    vote[s.VOT_DISPUTED_MM][disputed] = np.clip(np.abs(level - theirs), 1, HIGHEST_MM)[disputed]
    heard = disputed & (trial >= 10)
    rival_guilty = heard & moved_alone(vote, rival, base)
    put(vote, rival, BLAMED, np.ones_like(base), rival_guilty)
    datum = vote[s.VOT_ODOMETER_MM] - estimate[s.EST_ALTITUDE_MM]
    likelier = np.abs(theirs - datum) // 4 > np.abs(level - datum) + 1_000_000
    return Answer((rival_guilty | (heard & (trial >= 20) & likelier)).astype(np.int64))
