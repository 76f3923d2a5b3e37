"""Step or fault: who may take agl away, as a specification in integers."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    ACCEPTED,
    BLAMED,
    CONVICTED,
    CREPT,
    EXCESS,
    FRESH,
    HEARD,
    HIGHEST_MM,
    JUDGED,
    LEVEL,
    MOVED,
    ON_TRIAL,
    OUTSIDE,
    QUICK,
    SIGMA,
    SILENT,
    SLOW,
    TERRAIN,
    TICKS,
    TRIAL,
    VERDICT,
    WARY,
    Block,
    Column,
    Mask,
    Memory,
    accepted,
    base_of,
    bases,
    believed,
    block,
    convicted,
    first_of,
    fitted,
    get,
    on,
    put,
    tried,
)
from host_tools.proof.references.levels import agreeing, keenest, led_astray, restart, stood_near
from plumbline.kernels import slots as s

ASK_ON, TAKE, NOBODY_LEFT = range(3)
FASTEST_Q8 = 512_000_000


def challenge(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """The next one judged outside: three readings there that fit each other, half as many as wary more."""
    steady = fitted(vote) & (block(vote, FRESH) == JUDGED) & (block(vote, VERDICT) != ACCEPTED)
    steady &= _in_a_row(block(vote, OUTSIDE), block(vote, TRIAL)) >= 3 + block(vote, WARY) // 2
    asked = vote[s.VOT_ASKED]
    who, found = first_of(steady & (np.arange(4)[:, None] >= asked))
    vote[s.VOT_ASKED] = np.where(found, who + 1, np.maximum(asked, vote[s.VOT_FITTED]))
    columns = np.array([base_of(who), voters, np.full_like(who, NOBODY_LEFT)])
    on(found & (vote[s.VOT_ACQUIRED] == 1), _ask, vote, estimate, columns)
    return Answer(columns[2])


def _ask(vote: Memory, estimate: Memory, columns: Memory) -> Answer:
    """Is it the ground? If not, and there is one voter: is it righter? Neither when it gives way to another
    one that does not vote either."""
    base = columns[0]
    company = columns[1] + 1 < vote[s.VOT_FITTED]
    heard = ~(_convicted(vote, base) & company & _gives(vote, base, base))
    columns[2] = ASK_ON
    on(heard, _ask_one, vote, estimate, columns)
    return Answer(None)


def _ask_one(vote: Memory, estimate: Memory, columns: Memory) -> Answer:
    base, voters, _ = columns
    ground = _ground(vote, base, voters)
    won = np.where(ground, TAKE, ASK_ON)
    duel = ~ground & (voters == 1)
    won[duel] = on(duel, lambda v, e, c: is_righter(v, e, c[0]), vote, estimate, columns).result
    columns[2] = won
    return Answer(None)


def take(vote: Memory, estimate: Memory, voters: Column) -> Answer:
    """agl goes to the level of the one asked last.

    For terrain when it moved there by more than half of what lies between; for a correction when it always
    stood there. Where it crept, the sink rate is wrong by what it went in a second, 200 m/s at most.
    """
    base = base_of(np.clip(vote[s.VOT_ASKED] - 1, 0, 3))
    level, crept = get(vote, base, LEVEL), _crept(vote, estimate, base, voters)
    apart = vote[s.VOT_GROUND_MM] - level
    went = np.abs(level - get(vote, base, SLOW))
    # for a negative number half of it, rounded down
    step = (went > apart // 2) & (went > -(apart // 2))
    vote[s.VOT_STEP_MM][step] = np.clip(apart, -420_000_000, 420_000_000)[step]
    for slot, rows in ((s.VOT_STEPS, step), (s.VOT_CORRECTIONS, ~step)):
        vote[slot] = np.minimum(vote[slot] + rows, 1_000_000)
    restart(vote, level, get(vote, base, SIGMA))
    verdict = np.where(step, TERRAIN, ACCEPTED)
    put(vote, base, VERDICT, verdict)
    rising = estimate[s.EST_VELOCITY_UP_Q8] + 256 * np.clip(apart, -200_000, 200_000)
    estimate[s.EST_VELOCITY_UP_Q8][crept] = np.clip(rising, -FASTEST_Q8, FASTEST_Q8)[crept]
    return Answer(verdict)


def has_crept(vote: Memory, estimate: Memory, base: Column, voters: Column) -> Answer:
    """As `_crept`."""
    return Answer(_crept(vote, estimate, base, voters).astype(np.int64))


def _crept(vote: Memory, estimate: Memory, base: Column, voters: Column) -> Mask:
    """Out of the gate without a jump, and again; 0.2 s alone below 20 m/s, 1 s without a radar."""
    again = (get(vote, base, BLAMED) // CREPT % 2 == 1) & (get(vote, base, WARY) > 0)
    slowly = (vote[s.VOT_AGE_TICKS] > 20) & (vote[s.VOT_GROUND_SPEED_MM_S] < 20_000)
    return (voters == 0) & again & slowly & (estimate[s.EST_VELOCITY_AGE_TICKS] > 100)


def out_for(vote: Memory, base: Column) -> Answer:
    """As `_in_a_row`."""
    return Answer(_in_a_row(get(vote, base, OUTSIDE), get(vote, base, TRIAL)))


def _in_a_row(outside: Block, trial: Block) -> Block:
    """Those outside, of which only those count that fit each other; of one put out all that do."""
    return np.where(outside < 0, trial, np.minimum(outside, trial))


def is_ground(vote: Memory, base: Column, voters: Column) -> Answer:
    """As `_ground`."""
    return Answer(_ground(vote, base, voters).astype(np.int64))


def _ground(vote: Memory, base: Column, voters: Column) -> Mask:
    """Two or more together outvote fewer; as many as they, narrow beams below.

    So does one of as many as they that was never elsewhere, where all who stay were. Any outdo voters that
    all scatter. Nobody voting: confirmed by a wide beam, or alone for 0.6 s and its patience.
    """
    together = 1 + _company(vote, base)
    several = together > 1
    tie = several & (together == voters)
    floor = np.zeros_like(tie)
    floor[tie] = on(tie, lambda v, c: is_floor(v, c[0]), vote, base[None]).result == 1
    floor |= tie & _constant(vote, base)
    trial = get(vote, base, TRIAL)
    patient = (get(vote, base, OUTSIDE) >= 4 + get(vote, base, WARY)) & (trial >= 4)
    alone = _confirmed(vote, base) | ((vote[s.VOT_AGE_TICKS] >= 60) & patient)
    return (several & (together > voters)) | floor | np.where(voters > 0, _loud(vote, base), alone)


def _company(vote: Memory, base: Column) -> Column:
    """Others outside, three in a row and as many as wary more, that have seen the ground where it does.

    Not those put out by more than half of all that give way. Who votes and stood nearer counts for two, who
    voted until less than a second ago against.
    """
    others = bases() != base
    steady = tried(vote) & others & (block(vote, TRIAL) >= 3 + block(vote, WARY)) & agreeing(vote, base)
    steady &= ~(convicted(vote) & np.array([_gives(vote, one + 0 * base, base) for one in bases()[:, 0]]))
    leaning = accepted(vote) & np.array([_nearer(vote, base, one + 0 * base) for one in bases()[:, 0]])
    quiet = (vote[s.VOT_TICK] - block(vote, HEARD)) % TICKS
    gone = fitted(vote) & (block(vote, VERDICT) == SILENT) & (block(vote, OUTSIDE) == 0) & (quiet < 100)
    return steady.sum(axis=0) + 2 * leaning.sum(axis=0) - gone.sum(axis=0)


def gives_way(vote: Memory, base: Column, beside: Column) -> Answer:
    """As `_gives`."""
    return Answer(_gives(vote, base, beside).astype(np.int64))


def _gives(vote: Memory, base: Column, beside: Column) -> Mask:
    """A third one outside, three in a row and as many as wary more, not put out by most, stands elsewhere."""
    third = tried(vote) & (bases() != base) & (bases() != beside) & ~convicted(vote)
    steady = block(vote, TRIAL) >= 3 + block(vote, WARY)
    return (third & steady & ~agreeing(vote, base)).any(axis=0)


def _convicted(vote: Memory, base: Column) -> Mask:
    return get(vote, base, BLAMED) >= CONVICTED


def is_nearer(vote: Memory, base: Column, other: Column) -> Answer:
    """As `_nearer`."""
    return Answer(_nearer(vote, base, other).astype(np.int64))


def _nearer(vote: Memory, base: Column, other: Column) -> Mask:
    """Ten in a row and as many as wary more; a sigma off agl's ground, less than half as far from this."""
    stood = get(vote, other, QUICK)
    off = np.abs(stood - vote[s.VOT_GROUND_MM])
    close = 2 * np.abs(stood - get(vote, base, LEVEL)) < off - off % 2
    steady = get(vote, other, TRIAL) >= 10 + get(vote, other, WARY)
    return close & (off > get(vote, other, SIGMA)) & steady


def standing_with(vote: Memory, base: Column) -> Answer:
    """As `_company`."""
    return Answer(_company(vote, base))


def is_floor(vote: Memory, base: Column) -> Answer:
    """Below agl's ground, not put out, and less than half as wide as the sharpest voter; else it is told.

    What is told is how far apart they are.
    """
    below = get(vote, base, LEVEL) - vote[s.VOT_GROUND_MM]
    sharp = get(vote, base_of(keenest(vote)), SIGMA)
    floor = (below < 0) & (2 * get(vote, base, SIGMA) < sharp) & (get(vote, base, OUTSIDE) >= 0)
    told = np.clip(np.abs(below), 1, HIGHEST_MM)
    vote[s.VOT_DISPUTED_MM][~floor] = told[~floor]
    return Answer(floor.astype(np.int64))


def is_constant(vote: Memory, base: Column) -> Answer:
    """As `_constant`."""
    return Answer(_constant(vote, base).astype(np.int64))


def _constant(vote: Memory, base: Column) -> Mask:
    """It is not wary, and every voter is that has not seen the ground nearer to its level."""
    leaning = np.array([_nearer(vote, base, one + 0 * base) for one in bases()[:, 0]])
    stays = believed(vote) & (block(vote, WARY) == 0) & ~leaning
    return (get(vote, base, WARY) == 0) & ~stays.any(axis=0)


def are_loud(vote: Memory, base: Column) -> Answer:
    """As `_loud`."""
    return Answer(_loud(vote, base).astype(np.int64))


def _loud(vote: Memory, base: Column) -> Mask:
    """Four in a row, and no voter's excess below four sigma, four times the excess of this one, and 5 m."""
    quiet = 4 * (get(vote, base, SIGMA) + get(vote, base, EXCESS)) + 5000
    fair = believed(vote) & (block(vote, EXCESS) < quiet)
    return (get(vote, base, TRIAL) >= 4) & ~fair.any(axis=0)


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
    """One against one, by who was led astray; in doubt by whose ground is likelier.

    A narrow beam below a wide one wins after ten readings, too, when agl falls away over 10.7 degrees.

    Blamed for having moved: not heard. Blamed, and it crept out: the dispute is told, no more. Nobody is
    blamed for a place that it always had.
    """
    rival = base_of(keenest(vote))
    level, theirs = get(vote, base, LEVEL), get(vote, rival, LEVEL)
    trial, blamed = get(vote, base, TRIAL), get(vote, base, BLAMED)
    behind_edge = (level < theirs) & (get(vote, base, SIGMA) < get(vote, rival, SIGMA))
    heard = (blamed & MOVED) == 0
    ten = _in_a_row(get(vote, base, OUTSIDE), trial) >= 10
    how = blamed % CONVICTED
    leaves = ((how != MOVED) & behind_edge & ten) & _falling(vote)
    heard = heard & ~leaves
    guilty = heard & (trial >= np.where(behind_edge, 50, 10)) & led_astray(vote, base, rival)
    guilty &= stood_near(vote, base, rival)
    told = (heard & ~guilty) | ((how == MOVED + CREPT) & ~leaves)
    vote[s.VOT_DISPUTED_MM][told] = np.clip(np.abs(level - theirs), 1, HIGHEST_MM)[told]
    long = heard & ~guilty & ten
    rival_guilty = long & led_astray(vote, rival, base)
    put(vote, base, BLAMED, blamed | MOVED, guilty)
    put(vote, rival, BLAMED, get(vote, rival, BLAMED) | MOVED, rival_guilty)
    won = leaves | rival_guilty | (long & (trial >= 20) & _likelier(vote, estimate, base, rival))
    return Answer(won.astype(np.int64))


def falls_away(vote: Memory) -> Answer:
    """As `_falling`."""
    return Answer(_falling(vote).astype(np.int64))


def _falling(vote: Memory) -> Mask:
    """It lags behind ground that sinks by an eighth and a 16th of what is passed, and 1 m/s."""
    speed = vote[s.VOT_GROUND_SPEED_MM_S]
    return (vote[s.VOT_LAG] == 3) & (vote[s.VOT_GROUND_RATE_MM_S] >= speed // 8 + speed // 16 + 1000)


def is_likelier(vote: Memory, estimate: Memory, base: Column, rival: Column) -> Answer:
    """As `_likelier`."""
    return Answer(_likelier(vote, estimate, base, rival).astype(np.int64))


def _likelier(vote: Memory, estimate: Memory, base: Column, rival: Column) -> Mask:
    """A quarter of how far the rival's lies from the datum is more than this one's distance and 1 km."""
    datum = vote[s.VOT_ODOMETER_MM] - estimate[s.EST_ALTITUDE_MM]
    theirs, ours = (np.abs(get(vote, each, LEVEL) - datum) for each in (rival, base))
    return theirs // 4 > ours + 1_000_000
