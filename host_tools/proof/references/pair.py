"""Two inertial units, inertial.py: whose increments to fly by, as a specification in integers."""

import numpy as np

from host_tools.proof.harness.check import Answer
from host_tools.proof.references import contest
from host_tools.proof.references.contest import FIRST, SECOND, Column, Memory
from plumbline.kernels import slots as s

SAMPLES, INCREMENTS, FAULTS, LOST, SEEN_FAULTS, SEEN_LOST, REPEATS, OUT, VERDICT = (
    0,
    1,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
)
GOOD, SILENT, OVERLOADED, STUCK, IMPLAUSIBLE = range(5)
MOST_TURN, MOST_KICK = 100 * 2**21 // 500, 658_000  # a sample of 2 ms: 100 degrees a second, 8 g


def examine(inertial: Memory, imu: Memory, unit: Column) -> Answer:
    """A fault comes before silence, that before what repeats, and that before what cannot be."""
    at = np.arange(unit.size)
    base = s.INS_FIRST + unit * s.INS_STRIDE
    samples = np.clip(imu[s.IMU_SAMPLES], 0, 50)
    new = np.clip(imu[s.IMU_ANGLE_X : s.IMU_ANGLE_X + 6], -8_000_000, 8_000_000)
    old = np.array([inertial[base + INCREMENTS + axis, at] for axis in range(6)])
    most = np.array([MOST_TURN] * 3 + [MOST_KICK] * 3)[:, None] * samples
    repeats = np.where(np.all(new == old, axis=0) & (samples > 0), inertial[base + REPEATS, at] + 1, 0)
    counts = {}
    for now, new_count, seen in ((s.IMU_FAULTS, FAULTS, SEEN_FAULTS), (s.IMU_LOST, LOST, SEEN_LOST)):
        counts[new_count] = np.clip(imu[now] - inertial[base + seen, at], 0, 50)
        inertial[base + seen, at] = imu[now]
    verdict = np.select(
        [counts[FAULTS] > 0, samples == 0, repeats >= 2, np.any(np.abs(new) > most, axis=0)],
        [OVERLOADED, SILENT, STUCK, IMPLAUSIBLE],
        GOOD,
    )
    for axis in range(6):
        inertial[base + INCREMENTS + axis, at] = new[axis]
    written = (SAMPLES, samples), (REPEATS, np.minimum(repeats, 1000)), (VERDICT, verdict), *counts.items()
    for slot, value in written:
        inertial[base + slot, at] = value
    out = inertial[base + OUT, at]
    inertial[base + OUT, at] = np.where(verdict > 0, np.maximum(out, 100), out)
    return Answer(verdict)


def differences(inertial: Memory) -> Column:
    """Second less first, in as many samples as the first's, truncated toward zero; (6, n)."""
    n, m = inertial[FIRST + SAMPLES], inertial[SECOND + SAMPLES]
    rows = []
    for axis in range(6):
        one, other = inertial[FIRST + INCREMENTS + axis], inertial[SECOND + INCREMENTS + axis]
        scaled = np.sign(other) * (np.abs(other) * n // np.maximum(m, 1))
        # a division by nothing saturates
        scaled = np.where(m > 0, scaled, np.where(other < 0, -1, 1) * (2**29 - 1))
        other = np.where(n == m, other, np.clip(scaled, -8_000_000, 8_000_000))
        rows.append(other - one)
    return np.array(rows)


def compare(inertial: Memory) -> Answer:
    """Ten times the noise at once, or a tenth of that over 0.3 s; a part in 128 or in 256 for the scales."""
    judged = (inertial[FIRST + VERDICT] == GOOD) & (inertial[SECOND + VERDICT] == GOOD)
    n = inertial[FIRST + SAMPLES]
    found = np.zeros_like(n)
    for axis, apart in enumerate(differences(inertial)):
        mean = inertial[s.INS_APART_Q4 + axis]
        mean = mean + (16 * apart - mean) // 32
        size = np.abs(inertial[FIRST + INCREMENTS + axis])
        differ = (np.abs(apart) > 1500 * n + size // 128) | (np.abs(mean) > 150 * 16 * n + size * 16 // 256)
        found |= np.where(differ, 1 if axis < 3 else 2, 0)
        inertial[s.INS_DIFFERENCE + axis][judged] = apart[judged]
        inertial[s.INS_APART_Q4 + axis][judged] = mean[judged]
    return Answer(np.where(judged, found, 4))


def requalify(inertial: Memory, apart: Column) -> Answer:
    """A tick less for whoever is good, unless the two differ."""
    for base in (FIRST, SECOND):
        counts = (inertial[base + VERDICT] == GOOD) & (apart % 4 == 0)
        inertial[base + OUT] = np.where(counts, np.maximum(inertial[base + OUT] - 1, 0), inertial[base + OUT])
    return Answer(inertial[FIRST + OUT] + inertial[SECOND + OUT])


def standing(inertial: Memory, base: Column) -> Answer:
    """Good: its ticks out. Else overloaded, implausible, stuck, without samples."""
    at = np.arange(base.size)
    verdict, samples = inertial[base + VERDICT, at], inertial[base + SAMPLES, at]
    faults = np.array([0, 2000, 2000, 4000, 3000])
    rank = np.where(verdict == GOOD, inertial[base + OUT, at], faults[verdict])
    return Answer(np.where((verdict != GOOD) & (samples == 0), 5000, rank))


def pick(inertial: Memory) -> Answer:
    """Both, if both are good and in; nobody, if both have no samples; else the better one, or the first."""
    ranks = []
    for base in (FIRST, SECOND):
        rank = standing(inertial, np.full(inertial.shape[1], base)).result
        assert rank is not None
        ranks.append(rank)
    one, other = ranks
    better = np.where(other < one, 2, 1)
    return Answer(np.select([(one == 0) & (other == 0), (one == 5000) & (other == 5000)], [3, 0], better))


def widen(inertial: Memory, estimate: Memory) -> Answer:
    """What differs, in 16.4ths of mm/s * 256 and, below a milliradian, kept for the next time."""
    turn = np.max(np.abs(inertial[s.INS_APART_Q4 : s.INS_APART_Q4 + 3]), axis=0)
    force = np.max(np.abs(inertial[s.INS_APART_Q4 + 3 : s.INS_APART_Q4 + 6]), axis=0)
    climb = estimate[s.EST_CLIMB_DOUBT_Q8] + force // 256
    estimate[s.EST_CLIMB_DOUBT_Q8] = np.minimum(climb, 200_000 * 256)
    rest = inertial[s.INS_TURN_REST] + turn
    inertial[s.INS_TURN_REST] = rest % 2**21
    estimate[s.EST_ATTITUDE_DOUBT_MRAD] = np.minimum(
        estimate[s.EST_ATTITUDE_DOUBT_MRAD] + rest // 2**21, 1000
    )
    return Answer(force)


def hand_over(inertial: Memory, imu: Memory, used: Column) -> Answer:
    """The unit's poll, or the mean with its halves carried; and at most 8,000 LSB of the turn owed."""
    at = np.arange(used.size)
    base = np.where(used == 2, SECOND, FIRST)
    samples = np.where(used == 0, 0, inertial[base + SAMPLES, at])
    imu[s.IMU_SAMPLES] = np.minimum(samples, 37)
    for axis in range(6):
        value = inertial[base + INCREMENTS + axis, at]
        total = inertial[s.INS_DIFFERENCE + axis] + inertial[s.INS_REST + axis]
        value = np.where(used == 3, value + total // 2, value)
        inertial[s.INS_REST + axis] = np.where(used == 3, total % 2, inertial[s.INS_REST + axis])
        if axis < 3:
            owed = inertial[s.INS_OWED + axis]
            paid = np.where(samples > 0, np.clip(owed, -8000, 8000), 0)
            inertial[s.INS_OWED + axis] = owed - paid
            value = value + paid
        imu[s.IMU_ANGLE_X + axis] = value
    for count, now, given in ((s.INS_FAULTS, FAULTS, s.IMU_FAULTS), (s.INS_LOST, LOST, s.IMU_LOST)):
        inertial[count] = np.where(
            used > 0, (inertial[count] + inertial[base + now, at]) % 2**29, inertial[count]
        )
        imu[given] = inertial[count]
    return Answer(samples)


def choose(inertial: Memory, estimate: Memory, guidance: Memory, imu: Memory) -> Answer:
    """The order of its parts, and what is counted."""
    apart = compare(inertial).result
    assert apart is not None
    requalify(inertial, apart)
    used = pick(inertial).result
    assert used is not None
    calm, disputed = apart == 0, (apart > 0) & (used == 3)
    near = {}
    for chosen in (calm, disputed):
        part, doubts, push = inertial[:, chosen], estimate[:, chosen], guidance[:, chosen]
        if chosen is calm:
            contest.agree(part, push)
        else:
            answer = contest.settle(part, doubts, push, apart[chosen] % 4)
            used[chosen] = answer.result
            for place, (value, bound) in answer.near.items():
                whole, allowed = np.full(used.size, np.nan), np.zeros(used.size)
                whole[chosen], allowed[chosen] = value, bound
                near[place] = (whole, allowed)
            widen(part, doubts)
        inertial[:, chosen], estimate[:, chosen] = part, doubts
    for (_, slot), (value, _) in near.items():
        value[~disputed] = inertial[slot][~disputed]
    inertial[s.INS_DISPUTED] = np.where(disputed, np.minimum(inertial[s.INS_DISPUTED] + 1, 1000), 0)
    switched = used != inertial[s.INS_USED]
    inertial[s.INS_SWITCHES] = np.minimum(inertial[s.INS_SWITCHES] + switched, 1_000_000)
    inertial[s.INS_USED] = used
    hand_over(inertial, imu, used)
    return Answer(used, near)
