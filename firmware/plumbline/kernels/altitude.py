"""The altitude vote: up to four altimeters, two altitudes kept apart, nobody out for good.

`altitude` (inertial, above the site's datum) belongs to state.py; this kernel keeps `agl`,
the height above the ground below. Readings that leave the gate are on trial: a new level
that moves as the vehicle moves, seen by all who see, is terrain; one that another healthy
altimeter contradicts is a fault, and stays on trial.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, isqrt, mul_q14

_EST_ALTITUDE_MM = const(0)
_EST_AGL_MM = const(1)
_EST_DOWNRANGE_MM = const(2)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)
_EST_R00 = const(11)
_EST_CLIMB_MM = const(24)
_EST_VELOCITY_AGE_TICKS = const(28)
_EST_AGL_VALID = const(29)
_EST_TERRAIN_MM = const(30)

_ALT_COUNT = const(0)
_ALT_STATUS = const(1)
_ALT_RANGE_MM = const(2)
_ALT_AGE_MS = const(3)
_ALT_BEAM_COS_Q14 = const(4)
_ALT_BEAM_SIN_Q14 = const(5)

_VOT_FITTED = const(0)
_VOT_AGE_TICKS = const(1)  # since a reading was last accepted
_VOT_ACQUIRED = const(2)
_VOT_STEP_MM = const(3)  # size of the last step taken for terrain
_VOT_STEPS = const(4)
_VOT_GROUND_SPEED_MM_S = const(5)
_VOT_GROUND_RATE_MM_S = const(6)  # how fast the ground falls away below: its slope times our speed
_VOT_LAG = const(7)  # readings in a row on the same side of agl, signed
_VOT_FIRST = const(8)  # first altimeter's slots
_VOT_STRIDE = const(12)
_HEIGHT_MM = const(0)  # last reading, vertical, moved along with the vehicle since
_AGE_TICKS = const(1)
_VERDICT = const(2)
_TRIAL = const(3)  # readings in a row that fit each other and the inertial rate
_SEEN = const(4)
_REPEATS = const(5)  # identical raw ranges in a row
_LAST_RANGE_MM = const(6)
_SIGMA_MM = const(7)
_FRESH = const(8)
_OUTSIDE = const(9)  # readings in a row outside the gate

_FIT_FLOOR_MM = const(0)  # one standard deviation: floor + fraction of the height
_FIT_FRACTION_Q14 = const(1)
_FIT_MOUNT_MM = const(2)  # head above the footpad plane
_FIT_DELAY_MS = const(3)  # bus and poll, on top of the age that the part reports
_FIT_STRIDE = const(4)

_SILENT = const(0)
_ACCEPTED = const(1)
_ON_TRIAL = const(2)
_TERRAIN = const(3)
_PUT_OUT = const(4)

_RANGE_VALID = const(1)
_SELF_TEST_FAILED = const(4)
_HELD_TICKS = const(30)  # a reading votes for 0.3 s
_OFTEN_ENOUGH_TOGETHER = const(3)
_OFTEN_ENOUGH_ALONE = const(4)
_OFTEN_ENOUGH_FIRST = const(3)
_CONTRADICTED_AFTER = const(3)
_PROBATION = const(-30)  # once contradicted: 3 s more alone before its level counts as terrain
_STUCK_REPEATS = const(5)
_NADIR_Q14 = const(11585)  # cos 45 degrees: a beam further off says little about the height
_LARGEST_AGE_TICKS = const(100000)
_LARGEST_MM = const(200000000)
_SPEED_LIMIT_Q8 = const(512000000)  # 2,000 m/s, as in state.py


@micropython.viper
def ingest(vote: ptr32, estimate: ptr32, reading: ptr32, index: int, fit: ptr32) -> int:
    """Take one altimeter's reading into the vote's memory; 1 when it is a usable new one.

    reading: ALT_ slots of altimeter `index`; fit: FIT_ slots of all altimeters.
    Ranges: index each of 0..3.
    """
    base = _VOT_FIRST + index * _VOT_STRIDE
    if reading[_ALT_COUNT] == vote[base + _SEEN]:
        return 0
    vote[base + _SEEN] = reading[_ALT_COUNT]
    status = reading[_ALT_STATUS]
    if (status & _RANGE_VALID) == 0 or (status & _SELF_TEST_FAILED) != 0:
        return 0
    cosine = int(clamp(reading[_ALT_BEAM_COS_Q14], -16384, 16384))
    sine = int(clamp(reading[_ALT_BEAM_SIN_Q14], -16384, 16384))
    vertical = ((estimate[_EST_R00] >> 15) * cosine + (estimate[_EST_R00 + 1] >> 15) * sine) >> 14
    if vertical < _NADIR_Q14:
        return 0
    slant = int(clamp(reading[_ALT_RANGE_MM], 0, _LARGEST_MM))
    if slant == vote[base + _LAST_RANGE_MM]:
        vote[base + _REPEATS] = int(clamp(vote[base + _REPEATS] + 1, 0, 1000))
    else:
        vote[base + _REPEATS] = 0
    vote[base + _LAST_RANGE_MM] = slant
    first = index * _FIT_STRIDE
    height = int(mul_q14(slant, int(clamp(vertical, 0, 16384)))) - fit[first + _FIT_MOUNT_MM]
    delay = int(clamp(int(clamp(reading[_ALT_AGE_MS], 0, 500)) + fit[first + _FIT_DELAY_MS], 0, 500))
    height = height + (estimate[_EST_VELOCITY_UP_Q8] >> 8) * delay // 1000
    take_height(vote, base, height, fit[first + _FIT_FLOOR_MM], fit[first + _FIT_FRACTION_Q14])
    return 1


@micropython.viper
def take_height(vote: ptr32, base: int, height: int, floor_mm: int, fraction_q14: int) -> int:
    """Does the new height continue the last one, as the vehicle moved? Count how often in a row."""
    sigma = floor_mm + int(mul_q14(int(clamp(height, 0, _LARGEST_MM)), fraction_q14))
    sigma = int(clamp(sigma, 1, 50000000))
    apart = height - vote[base + _HEIGHT_MM]
    if apart < 0:
        apart = 0 - apart
    # ground that rises or falls twice as fast as we fly over it is the steepest there is
    ground = int(ground_passed(vote, vote[base + _AGE_TICKS]))
    if apart <= 6 * sigma + 2 * ground + 2000:
        vote[base + _TRIAL] = int(clamp(vote[base + _TRIAL] + 1, 0, 1000))
    else:
        vote[base + _TRIAL] = 1
    vote[base + _HEIGHT_MM] = height
    vote[base + _SIGMA_MM] = sigma
    vote[base + _AGE_TICKS] = 0
    vote[base + _FRESH] = 1
    return sigma


@micropython.viper
def ground_passed(vote: ptr32, ticks: int) -> int:
    """Millimetres of ground flown over in that many ticks of 10 ms, at most 20 km."""
    ticks = int(clamp(ticks, 0, 500))
    return int(clamp(vote[_VOT_GROUND_SPEED_MM_S] // 100 * ticks, 0, 20000000))


@micropython.viper
def step(vote: ptr32, estimate: ptr32) -> int:
    """One tick of the vote: move with the vehicle, judge, admit steps, blend. Returns voters.

    vote: VOT_ slots; estimate: EST_ slots, of which agl, its validity and terrain are written.
    """
    move_along(vote, estimate)
    if vote[_VOT_ACQUIRED] == 0:
        acquire(vote, estimate)
    voters = int(judge_all(vote, estimate))
    if int(admit_step(vote, estimate, voters)) == 0 and voters > 0:
        blend(vote, estimate, voters)
    publish(vote, estimate)
    return voters


@micropython.viper
def move_along(vote: ptr32, estimate: ptr32) -> int:
    """Every height in memory sinks and climbs as the vehicle does; ages grow by a tick."""
    climb = estimate[_EST_CLIMB_MM]
    if vote[_VOT_AGE_TICKS] > _HELD_TICKS:
        vote[_VOT_GROUND_RATE_MM_S] = 0
    gain = climb + vote[_VOT_GROUND_RATE_MM_S] // 100
    estimate[_EST_AGL_MM] = int(clamp(estimate[_EST_AGL_MM] + gain, 0 - _LARGEST_MM, _LARGEST_MM))
    vote[_VOT_AGE_TICKS] = int(clamp(vote[_VOT_AGE_TICKS] + 1, 0, _LARGEST_AGE_TICKS))
    downrange = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, -2000000, 2000000)) >> 7
    crossrange = int(clamp(estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8, -2000000, 2000000)) >> 7
    vote[_VOT_GROUND_SPEED_MM_S] = int(isqrt(downrange * downrange + crossrange * crossrange)) << 7
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        height = vote[base + _HEIGHT_MM] + climb
        vote[base + _HEIGHT_MM] = int(clamp(height, 0 - _LARGEST_MM, _LARGEST_MM))
        vote[base + _AGE_TICKS] = int(clamp(vote[base + _AGE_TICKS] + 1, 0, _LARGEST_AGE_TICKS))
        index = index + 1
    return climb


@micropython.viper
def acquire(vote: ptr32, estimate: ptr32) -> int:
    """The first altimeter that fits itself three times in a row gives agl its first value."""
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 1 and vote[base + _TRIAL] >= _OFTEN_ENOUGH_FIRST:
            vote[_VOT_ACQUIRED] = 1
            restart(vote, estimate, vote[base + _HEIGHT_MM])
            return 1
        index = index + 1
    return 0


@micropython.viper
def restart(vote: ptr32, estimate: ptr32, height: int) -> int:
    """agl begins anew at that height, over ground of unknown slope."""
    estimate[_EST_AGL_MM] = height
    vote[_VOT_AGE_TICKS] = 0
    vote[_VOT_GROUND_RATE_MM_S] = 0
    vote[_VOT_LAG] = 0
    return height


@micropython.viper
def gate_mm(vote: ptr32, base: int) -> int:
    """How far a reading may lie from agl: its noise, and what may have changed since the last one
    accepted (ground of 27 degrees, 2 m/s of inertial drift)."""
    age = vote[_VOT_AGE_TICKS]
    ground = int(ground_passed(vote, age)) >> 1
    return 4 * vote[base + _SIGMA_MM] + ground + 20 * int(clamp(age, 0, 30000)) + 3000


@micropython.viper
def judge_all(vote: ptr32, estimate: ptr32) -> int:
    """Give every altimeter its verdict against agl; returns how many may vote now."""
    voters = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        verdict = _SILENT
        if vote[base + _AGE_TICKS] <= _HELD_TICKS:
            apart = vote[base + _HEIGHT_MM] - estimate[_EST_AGL_MM]
            if apart < 0:
                apart = 0 - apart
            verdict = _ON_TRIAL
            if int(is_stuck(vote, base, estimate[_EST_VELOCITY_UP_Q8])) == 1:
                verdict = _PUT_OUT
            elif vote[_VOT_ACQUIRED] == 1 and apart <= int(gate_mm(vote, base)):
                verdict = _ACCEPTED
                voters = voters + 1
            count_outside(vote, base, verdict)
        vote[base + _VERDICT] = verdict
        index = index + 1
    return voters


@micropython.viper
def count_outside(vote: ptr32, base: int, verdict: int) -> int:
    """Count a new reading outside the gate; one inside ends the count."""
    outside = vote[base + _OUTSIDE]
    if verdict == _ACCEPTED:
        outside = 0
    elif vote[base + _FRESH] == 1:
        outside = int(clamp(outside + 1, _PROBATION, 1000))
    vote[base + _OUTSIDE] = outside
    return outside


@micropython.viper
def is_stuck(vote: ptr32, base: int, speed_up_q8: int) -> int:
    """1 when the raw range repeats exactly while the vehicle moves at 1 m/s or more."""
    if speed_up_q8 > -256000 and speed_up_q8 < 256000:
        return 0
    if vote[base + _REPEATS] < _STUCK_REPEATS:
        return 0
    return 1


@micropython.viper
def admit_step(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """A level outside the gate that keeps fitting itself is the ground, if more altimeters see it
    than still see agl: then agl goes there. Returns 1 when it did.

    Together they need three readings in a row that fit each other, one alone four outside the
    gate, and more when a healthy altimeter has contradicted it of late.
    """
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _FRESH] == 1 and vote[base + _VERDICT] == _ON_TRIAL and vote[_VOT_ACQUIRED] == 1:
            if int(is_ground(vote, index, voters)) == 1:
                vote[_VOT_STEP_MM] = vote[base + _HEIGHT_MM] - estimate[_EST_AGL_MM]
                vote[_VOT_STEPS] = int(clamp(vote[_VOT_STEPS] + 1, 0, 1000000))
                vote[base + _VERDICT] = _TERRAIN
                restart(vote, estimate, vote[base + _HEIGHT_MM])
                return 1
        index = index + 1
    return 0


@micropython.viper
def is_ground(vote: ptr32, index: int, voters: int) -> int:
    """1 when the level of altimeter `index`, on trial, has earned to be taken for terrain."""
    base = _VOT_FIRST + index * _VOT_STRIDE
    others = int(supporters(vote, index))
    if others + 1 <= voters:
        return 0
    if others > 0 and vote[base + _TRIAL] >= _OFTEN_ENOUGH_TOGETHER:
        return 1
    if vote[base + _OUTSIDE] >= _OFTEN_ENOUGH_ALONE and vote[base + _TRIAL] >= _OFTEN_ENOUGH_ALONE:
        return 1
    return 0


@micropython.viper
def agree(vote: ptr32, index: int, other: int) -> int:
    """1 when the heights of two altimeters differ by no more than their noise and the ground allow."""
    ours = _VOT_FIRST + index * _VOT_STRIDE
    theirs = _VOT_FIRST + other * _VOT_STRIDE
    apart = vote[theirs + _HEIGHT_MM] - vote[ours + _HEIGHT_MM]
    if apart < 0:
        apart = 0 - apart
    noise = 4 * (vote[theirs + _SIGMA_MM] + vote[ours + _SIGMA_MM])
    if apart <= noise + 2 * int(ground_passed(vote, 10)) + 2000:
        return 1
    return 0


@micropython.viper
def supporters(vote: ptr32, index: int) -> int:
    """How many other altimeters on trial stand, and have stood, at the level of altimeter `index`."""
    count = 0
    other = 0
    while other < vote[_VOT_FITTED]:
        theirs = _VOT_FIRST + other * _VOT_STRIDE
        if other != index and vote[theirs + _VERDICT] == _ON_TRIAL:
            if vote[theirs + _TRIAL] >= _OFTEN_ENOUGH_TOGETHER:
                count = count + int(agree(vote, index, other))
        other = other + 1
    return count


@micropython.viper
def blend(vote: ptr32, estimate: ptr32, voters: int) -> int:
    """Pull agl toward the voters' value when one of them is new: alpha-beta on height and ground rate.

    Whoever is still outside is contradicted by a healthy altimeter: put out, on trial.
    """
    fresh = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED:
            fresh = fresh + vote[base + _FRESH]
        elif vote[base + _VERDICT] == _ON_TRIAL and vote[base + _TRIAL] >= _CONTRADICTED_AFTER:
            vote[base + _VERDICT] = _PUT_OUT
            vote[base + _OUTSIDE] = _PROBATION
        index = index + 1
    if fresh == 0:
        return 0
    vote[_VOT_AGE_TICKS] = 0
    agl = estimate[_EST_AGL_MM]
    apart = int(voted_height(vote, agl, voters)) - agl
    shift = int(blend_shift(vote, apart))
    estimate[_EST_AGL_MM] = agl + (apart >> shift)
    follow_slope(vote, apart, shift)
    if vote[_VOT_GROUND_SPEED_MM_S] < 20000 and estimate[_EST_VELOCITY_AGE_TICKS] > 100:
        # no radar velocity: over slow ground the range rate corrects the sink rate
        speed = estimate[_EST_VELOCITY_UP_Q8] + (int(clamp(apart, -5000, 5000)) << 5)
        estimate[_EST_VELOCITY_UP_Q8] = int(clamp(speed, 0 - _SPEED_LIMIT_Q8, _SPEED_LIMIT_Q8))
    return apart


@micropython.viper
def follow_slope(vote: ptr32, apart: int, shift: int) -> int:
    """Ground rate by beta = alpha^2 / 8 a reading of 0.1 s. A difference counts up to twice the noise,
    and ground up to 14 degrees: more is a step, which must not swing on."""
    most = 2 * vote[_VOT_FIRST + int(sharpest(vote)) * _VOT_STRIDE + _SIGMA_MM]
    pull = (int(clamp(apart, 0 - most, most)) * 5) >> (2 * shift + 2)
    steepest = vote[_VOT_GROUND_SPEED_MM_S] >> 2
    rate = int(clamp(vote[_VOT_GROUND_RATE_MM_S] + pull, 0 - steepest, steepest))
    vote[_VOT_GROUND_RATE_MM_S] = rate
    return rate


@micropython.viper
def blend_shift(vote: ptr32, apart: int) -> int:
    """How slowly to follow (agl takes 2^-shift of the difference): noise against what the ground
    may do between two readings. Three readings in a row far on one side: follow quickly."""
    noise = vote[_VOT_FIRST + int(sharpest(vote)) * _VOT_STRIDE + _SIGMA_MM]
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
    while shift < 3 and noise > ground:
        noise = noise >> 1
        shift = shift + 1
    if lag == 3 or lag == -3:
        shift = 1
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
def voted_height(vote: ptr32, agl: int, voters: int) -> int:
    """Mid-value select. Of two that agree, the sharper one: there is no middle between two;
    of two that do not, the mid-value of them and the present agl."""
    best = int(sharpest(vote))
    if voters == 1:
        return vote[_VOT_FIRST + best * _VOT_STRIDE + _HEIGHT_MM]
    if voters == 2:
        other = 0
        while other < vote[_VOT_FITTED]:
            base = _VOT_FIRST + other * _VOT_STRIDE
            if other != best and vote[base + _VERDICT] == _ACCEPTED and int(agree(vote, best, other)) == 1:
                return vote[_VOT_FIRST + best * _VOT_STRIDE + _HEIGHT_MM]
            other = other + 1
    return int(mid_value(vote, agl, voters))


@micropython.viper
def mid_value(vote: ptr32, agl: int, voters: int) -> int:
    """The middle one of the accepted heights; of an even number, with agl as one more."""
    wanted = (voters | 1) >> 1
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        if vote[base + _VERDICT] == _ACCEPTED:
            if int(rank(vote, agl, voters, vote[base + _HEIGHT_MM], index)) == wanted:
                return vote[base + _HEIGHT_MM]
        index = index + 1
    return agl


@micropython.viper
def rank(vote: ptr32, agl: int, voters: int, height: int, index: int) -> int:
    """How many values stand before this one in ascending order; ties go by index, agl last."""
    before = 0
    if (voters & 1) == 0 and agl < height:
        before = 1
    other = 0
    while other < vote[_VOT_FITTED]:
        theirs = _VOT_FIRST + other * _VOT_STRIDE
        if vote[theirs + _VERDICT] == _ACCEPTED and other != index:
            if vote[theirs + _HEIGHT_MM] < height:
                before = before + 1
            elif vote[theirs + _HEIGHT_MM] == height and other < index:
                before = before + 1
        other = other + 1
    return before


@micropython.viper
def publish(vote: ptr32, estimate: ptr32) -> int:
    """Validity, terrain, and near the site the slow pull of `altitude` toward agl.

    Only within 3 km of the site and below 60 m/s is the ground below known to be the datum.
    """
    valid = 0
    if vote[_VOT_ACQUIRED] == 1 and vote[_VOT_AGE_TICKS] < 500:
        valid = 1
    estimate[_EST_AGL_VALID] = valid
    downrange = estimate[_EST_DOWNRANGE_MM]
    near = 0
    if downrange > -3000000 and downrange < 3000000 and vote[_VOT_GROUND_SPEED_MM_S] < 60000:
        near = 1
    if near == 1 and valid == 1 and vote[_VOT_AGE_TICKS] == 0:
        apart = estimate[_EST_AGL_MM] - estimate[_EST_ALTITUDE_MM]
        # more than inertial navigation can be wrong by: then it is terrain, not the datum
        if apart > -1000000 and apart < 1000000:
            altitude = estimate[_EST_ALTITUDE_MM] + (apart >> 6)
            estimate[_EST_ALTITUDE_MM] = int(clamp(altitude, -10000000, 110000000))
    estimate[_EST_TERRAIN_MM] = estimate[_EST_ALTITUDE_MM] - estimate[_EST_AGL_MM]
    clear_fresh(vote)
    return valid


@micropython.viper
def clear_fresh(vote: ptr32) -> int:
    """The readings of this tick are old in the next."""
    index = 0
    while index < vote[_VOT_FITTED]:
        vote[_VOT_FIRST + index * _VOT_STRIDE + _FRESH] = 0
        index = index + 1
    return 0
