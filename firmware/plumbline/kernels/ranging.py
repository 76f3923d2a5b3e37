"""One altimeter's readings: from a slant range to the level of the ground, and how well it keeps.

Levels are counted on the odometer, the inertial climb since the start: `level` is where the ground
lies on it. A vehicle that climbs or sinks does not move them, so that a reading may be old: odometer
and attitude of the last 0.63 s are kept, and a range counts from where it was measured.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, mul_q14

_EST_VELOCITY_UP_Q8 = const(4)
_EST_R00 = const(11)
_EST_CLIMB_MM = const(24)

_ALT_COUNT = const(0)
_ALT_STATUS = const(1)
_ALT_RANGE_MM = const(2)
_ALT_AGE_MS = const(3)
_ALT_BEAM_COS_Q14 = const(4)
_ALT_BEAM_SIN_Q14 = const(5)

_VOT_FITTED = const(0)
_VOT_GROUND_SPEED_MM_S = const(5)
_VOT_TICK = const(8)
_VOT_ODOMETER_MM = const(9)
_VOT_NEWS = const(11)
_VOT_STAGE = const(21)  # above 0: readings are being judged
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_VOT_PAST_ODOMETER_MM = const(96)  # 64 ticks of it
_VOT_PAST_UP_X_Q14 = const(160)
_VOT_PAST_UP_Y_Q14 = const(224)
_LEVEL_MM = const(0)
_HEARD_TICK = const(1)
_TRIAL = const(3)  # readings in a row that fit each other and the inertial rate
_SEEN = const(4)
_REPEATS = const(5)  # identical raw ranges in a row
_LAST_RANGE_MM = const(6)
_SIGMA_MM = const(7)
_FRESH = const(8)
_OUTSIDE = const(9)
_HELD_FROM_MM = const(10)  # odometer when the repeats began
_QUICK_MM = const(11)  # mean level of the last second, or since it jumped
_SLOW_MM = const(12)  # mean level of the last minute
_EXCESS_MM = const(16)
_WAITED = const(17)  # ticks, and one more, for its turn
_JUST_NOW = const(2)
_LONGEST_WAIT = const(11)  # four of them and a judgement: 7

_FIT_FLOOR_MM = const(0)  # one standard deviation: floor + fraction of the height
_FIT_FRACTION_Q14 = const(1)
_FIT_MOUNT_MM = const(2)  # head above the footpad plane
_FIT_DELAY_MS = const(3)  # bus and poll, on top of the age that the part reports
_FIT_STRIDE = const(5)

_RANGE_VALID = const(1)
_SELF_TEST_FAILED = const(4)
_MOST_EXCESS_MM = const(1000000)
_STEADY = const(8)
_YOUNG = const(16)
_STUCK_REPEATS = const(5)
_STUCK_MM = const(300)  # what the vehicle must have climbed or sunk meanwhile
_NADIR_Q14 = const(11585)  # cos 45 degrees: a beam further off says little about the height
_FORGOTTEN_TICKS = const(500)
_LARGEST_MM = const(200000000)
_TICK_MASK = const(536870911)


@micropython.viper
def ingest(vote: ptr32, estimate: ptr32, reading: ptr32, index: int, fit: ptr32) -> int:
    """Take one altimeter's reading into the vote's memory; 1 when it is a usable new one.

    reading: ALT_ slots of altimeter `index`; fit: FIT_ slots of all altimeters.
    Called in every tick before the vote, when the estimate has moved on and the odometer has not.
    One reading a tick, and none while the last ones are judged: a reading may wait, and counts from
    where it was measured all the same.
    Ranges: index each of 0..3.
    """
    base = _VOT_FIRST + index * _VOT_STRIDE
    if reading[_ALT_COUNT] != vote[base + _SEEN]:
        vote[base + _SEEN] = reading[_ALT_COUNT]
        vote[base + _WAITED] = 1
    elif vote[base + _WAITED] > 0:
        vote[base + _WAITED] = int(clamp(vote[base + _WAITED] + 1, 1, _LONGEST_WAIT))
    waited = vote[base + _WAITED] - 1
    if waited < 0 or vote[base + _FRESH] > 0 or vote[_VOT_NEWS] > 1 or vote[_VOT_STAGE] > 0:
        return 0
    vote[base + _WAITED] = 0
    status = reading[_ALT_STATUS]
    if (status & _RANGE_VALID) == 0 or (status & _SELF_TEST_FAILED) != 0:
        return 0
    first = index * _FIT_STRIDE
    age = int(clamp(reading[_ALT_AGE_MS], 0, 500))
    delay = int(clamp(age + fit[first + _FIT_DELAY_MS], 0, 500))
    ticks = ((delay * 205) >> 11) + waited  # a tenth
    odometer = vote[_VOT_ODOMETER_MM] + estimate[_EST_CLIMB_MM]
    up_x = estimate[_EST_R00] >> 15
    up_y = estimate[_EST_R00 + 1] >> 15
    if ticks > 0:
        past = (vote[_VOT_TICK] + 1 - ticks) & 63
        odometer = vote[_VOT_PAST_ODOMETER_MM + past]
        up_x = vote[_VOT_PAST_UP_X_Q14 + past]
        up_y = vote[_VOT_PAST_UP_Y_Q14 + past]
    rest_ms = int(clamp(delay - (ticks - waited) * 10, 0, 9))
    odometer = odometer - (((estimate[_EST_VELOCITY_UP_Q8] >> 8) * rest_ms * 33) >> 15)  # a thousandth to 1 %
    cosine = int(clamp(reading[_ALT_BEAM_COS_Q14], -16384, 16384))
    sine = int(clamp(reading[_ALT_BEAM_SIN_Q14], -16384, 16384))
    vertical = (up_x * cosine + up_y * sine) >> 14
    if vertical < _NADIR_Q14:
        return 0
    slant = int(clamp(reading[_ALT_RANGE_MM], 0, _LARGEST_MM))
    vertical = int(clamp(vertical, 0, 16384))
    height = int(mul_q14(slant, vertical)) - fit[first + _FIT_MOUNT_MM]
    above = int(clamp(height, 0, _LARGEST_MM))
    spread = int(mul_q14(above, fit[first + _FIT_FRACTION_Q14]))
    sigma = int(clamp(fit[first + _FIT_FLOOR_MM] + spread, 1, 50000000))
    level = int(clamp(odometer - height, -420000000, 420000000))
    take_level(vote, base, level, sigma, waited)
    count_repeats(vote, base, slant)
    return 1


@micropython.viper
def remember(vote: ptr32, estimate: ptr32) -> int:
    """One tick of the history: odometer, and how the vertical stands in the body's pitch plane."""
    now = vote[_VOT_TICK] & 63
    vote[_VOT_PAST_ODOMETER_MM + now] = vote[_VOT_ODOMETER_MM]
    vote[_VOT_PAST_UP_X_Q14 + now] = estimate[_EST_R00] >> 15
    vote[_VOT_PAST_UP_Y_Q14 + now] = estimate[_EST_R00 + 1] >> 15
    return now


@micropython.viper
def take_level(vote: ptr32, base: int, level: int, sigma: int, waited: int) -> int:
    """Does the new level continue the last one? Count how often in a row, and keep the means.

    Ground that rises or falls twice as fast as we fly over it is the steepest there is.
    """
    now = (vote[_VOT_TICK] + 1 - waited) & _TICK_MASK
    ticks = (now - vote[base + _HEARD_TICK]) & _TICK_MASK
    apart = level - vote[base + _LEVEL_MM]
    if apart < 0:
        apart = 0 - apart
    passed = int(ground_passed(vote, ticks))
    # what its readings scatter more than they should: then it is that much worse than its data sheet
    excess = vote[base + _EXCESS_MM]
    more = int(clamp(apart - 3 * sigma - passed - 2000, 0, _MOST_EXCESS_MM))
    if more > 0 and vote[base + _TRIAL] > _STEADY:
        more = 0  # the first jump of a steady one may be terrain
    excess = excess + ((more - excess) >> 4)
    if vote[base + _TRIAL] >= _STEADY:
        excess = excess - (excess >> 2)  # it has found itself again
    vote[base + _EXCESS_MM] = int(clamp(excess, 0, _MOST_EXCESS_MM))
    if apart > 6 * sigma + 2 * passed + 2000:
        vote[base + _TRIAL] = 1
        vote[base + _QUICK_MM] = level
    else:
        vote[base + _TRIAL] = int(clamp(vote[base + _TRIAL] + 1, 1, 1000))
    if vote[base + _HEARD_TICK] == 0 or ticks > _FORGOTTEN_TICKS:
        vote[base + _TRIAL] = 1
        vote[base + _EXCESS_MM] = 0
        compare_from_now(vote)
        stand(vote, base, level)
    quick = vote[base + _QUICK_MM]
    slow = vote[base + _SLOW_MM]
    vote[base + _QUICK_MM] = quick + ((level - quick) >> 3)
    if quick == slow and vote[base + _TRIAL] <= _YOUNG:
        vote[base + _SLOW_MM] = vote[base + _QUICK_MM]  # one reading is no place to have stood
    elif vote[base + _OUTSIDE] == 0 and vote[base + _TRIAL] > 1:
        # where it stood while it was believed: excursions do not count
        vote[base + _SLOW_MM] = slow + ((level - slow) >> 9)
    vote[base + _LEVEL_MM] = level
    vote[base + _SIGMA_MM] = sigma
    vote[base + _HEARD_TICK] = now
    vote[base + _FRESH] = 1
    vote[_VOT_NEWS] = _JUST_NOW
    return apart


@micropython.viper
def compare_from_now(vote: ptr32) -> int:
    """Another one begins to speak: how far they move is asked of all from here on, as the ground moves on."""
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        vote[base + _SLOW_MM] = vote[base + _QUICK_MM]
        index = index + 1
    return index


@micropython.viper
def stand(vote: ptr32, base: int, level: int) -> int:
    """An altimeter's means begin anew at that level: it has not moved."""
    vote[base + _QUICK_MM] = level
    vote[base + _SLOW_MM] = level
    return level


@micropython.viper
def count_repeats(vote: ptr32, base: int, slant: int) -> int:
    """Raw ranges that repeat exactly while the vehicle climbs or sinks are stuck: never on trial."""
    if slant != vote[base + _LAST_RANGE_MM]:
        vote[base + _LAST_RANGE_MM] = slant
        vote[base + _REPEATS] = 0
        vote[base + _HELD_FROM_MM] = vote[_VOT_ODOMETER_MM]
        return 0
    repeats = int(clamp(vote[base + _REPEATS] + 1, 0, 1000))
    vote[base + _REPEATS] = repeats
    if int(is_stuck(vote, base)) == 1:
        vote[base + _TRIAL] = 0
    return repeats


@micropython.viper
def is_stuck(vote: ptr32, base: int) -> int:
    """1 when the same raw range has come six times and more, over 0.3 m of climb or descent."""
    moved = vote[_VOT_ODOMETER_MM] - vote[base + _HELD_FROM_MM]
    if moved < 0:
        moved = 0 - moved
    if vote[base + _REPEATS] >= _STUCK_REPEATS and moved > _STUCK_MM:
        return 1
    return 0


@micropython.viper
def ground_passed(vote: ptr32, ticks: int) -> int:
    """Millimetres of ground flown over in that many ticks of 10 ms, at most 20 km."""
    ticks = int(clamp(ticks, 0, 500))
    # a hundredth of the speed, to 0.1 %
    return int(clamp(((vote[_VOT_GROUND_SPEED_MM_S] * 41) >> 12) * ticks, 0, 20000000))
