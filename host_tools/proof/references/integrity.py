"""How far agl can be trusted, as a specification in integers."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references.altimeters import (
    HEARD,
    HIGHEST_MM,
    OVERDUE,
    REACH,
    SILENT,
    VERDICT,
    Column,
    Memory,
    block,
    fitted,
    hundredth,
    passed,
    since,
)
from plumbline.kernels import slots as s

NO_RANGE, DISPUTED, ABOVE_LIMIT, RANGE_OVERDUE, COASTING = (2**bit for bit in range(5))


def speed(estimate: Memory) -> Column:
    """The longer of two speeds of at most 2 km/s each, and half of the shorter."""
    velocity = estimate[[s.EST_VELOCITY_DOWNRANGE_Q8, s.EST_VELOCITY_CROSSRANGE_Q8]]
    shorter, longer = np.sort(np.abs(np.clip(velocity // 256, -2_000_000, 2_000_000)), axis=0)
    return np.asarray(longer + shorter // 2)


def speed_over_ground(estimate: Memory) -> Answer:
    """As `speed`."""
    return Answer(speed(estimate))


def doubt(estimate: Memory, ticks: Column) -> Column:
    """2 m/s, 12.5 mm/s for each second without a radar velocity, and the climb's doubt; for 300 s at most."""
    rate = 2000 + np.minimum(estimate[s.EST_VELOCITY_AGE_TICKS], 100_000) // 8
    rate = rate + estimate[s.EST_CLIMB_DOUBT_Q8] // 256
    return hundredth(rate) * np.clip(ticks, 0, 30_000)


def doubt_mm(estimate: Memory, ticks: Column) -> Answer:
    """As `doubt`."""
    return Answer(doubt(estimate, ticks))


def limit(agl: Column) -> Column:
    """5 m, and an eighth of the height; 1 km at most."""
    return np.clip(5000 + agl // 8, 5000, 1_000_000)


def alert_limit_mm(agl: Column) -> Answer:
    """As `limit`."""
    return Answer(limit(agl))


def protect(vote: Memory, estimate: Memory, agl: Column, valid: Column) -> Answer:
    """The bound and what may have come since, also of ground passed in the 80 ms before a reading arrives.
    While altimeters are accepted the climb's doubt dies away by a 32nd."""
    age, disputed = vote[s.VOT_AGE_TICKS], vote[s.VOT_DISPUTED_MM]
    climb = estimate[s.EST_CLIMB_DOUBT_Q8]
    estimate[s.EST_CLIMB_DOUBT_Q8] = np.where(age <= 30, climb // 32 * 31, climb)
    alone = vote[s.VOT_BOUND_MM] + passed(vote, age + 8) // 2 + doubt(estimate, age)
    level = np.minimum(alone + np.where(alone < disputed, disputed, 0), HIGHEST_MM)
    vote[s.VOT_PROTECTION_MM] = level
    late = overdue(vote, estimate, agl, valid).result
    assert late is not None
    impossible = (vote[s.VOT_ACQUIRED] == 1) & (agl < -level - 20_000)
    vote[s.VOT_ACQUIRED][impossible] = 0
    vote[s.VOT_IMPOSSIBLE] = np.minimum(vote[s.VOT_IMPOSSIBLE] + impossible, 1_000_000)
    kept = np.where(impossible, 0, valid)
    vote[s.VOT_FLAGS] = (
        NO_RANGE * (kept == 0)
        + DISPUTED * (disputed > 0)
        + ABOVE_LIMIT * (level > limit(agl))
        + RANGE_OVERDUE * late
        + COASTING * (age > 30)
    )
    tell(vote, estimate, agl, level, vote[s.VOT_FLAGS])
    return Answer(kept)


def tell(vote: Memory, estimate: Memory, agl: Column, level: Column, flags: Column) -> Answer:
    """No range, and overdue. What the protection level has above its limit; 2.5 km at most."""
    wanted = NO_RANGE | RANGE_OVERDUE
    estimate[s.EST_RANGE_OVERDUE] = flags & wanted == wanted
    seen = vote[s.VOT_ACQUIRED]
    above = np.clip(level - limit(agl), 0, 2_500_000)
    estimate[s.EST_HEIGHT_DOUBT_MM] = np.where(seen == 1, above, 2_500_000)
    return Answer(seen.copy())


def overdue(vote: Memory, estimate: Memory, agl: Column, valid: Column) -> Answer:
    """Quiet for 5 s: overdue from 20 m up to 11/16 of its reach, else silent. All in steps of 16 mm."""
    height = np.where(valid == 1, agl, estimate[s.EST_ALTITUDE_MM])
    height = np.where(height < 20_000, HIGHEST_MM, height)
    quiet = fitted(vote) & (since(vote, block(vote, HEARD)) > 500)
    late = quiet & (height // 16 < block(vote, REACH) // 16 * 11 // 16)
    block(vote, VERDICT)[quiet] = np.where(late, OVERDUE, SILENT)[quiet]
    return Answer(np.any(late, axis=0, keepdims=True)[0].astype(np.int64))
