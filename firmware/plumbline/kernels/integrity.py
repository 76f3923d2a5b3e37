"""How far agl can be trusted: a protection level, and flags that are up when it cannot.

The true height lies within the protection level of agl, or a flag is up within 0.3 s: that is what
the vote promises. Sensors that are late are counted by altitude, and a height that cannot be is a fault.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp
from plumbline.kernels.ranging import ground_passed

_EST_ALTITUDE_MM = const(0)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)
_EST_VELOCITY_AGE_TICKS = const(28)
_EST_HEIGHT_DOUBT_MM = const(32)
_EST_RANGE_OVERDUE = const(33)
_EST_CLIMB_DOUBT_Q8 = const(34)

_VOT_FITTED = const(0)
_VOT_AGE_TICKS = const(1)
_VOT_ACQUIRED = const(2)
_VOT_TICK = const(8)
_VOT_BOUND_MM = const(14)
_VOT_DISPUTED_MM = const(15)
_VOT_PROTECTION_MM = const(16)
_VOT_FLAGS = const(17)
_VOT_IMPOSSIBLE = const(18)  # heights dropped because they cannot be
_VOT_FIRST = const(24)
_VOT_STRIDE = const(18)
_HEARD_TICK = const(1)
_VERDICT = const(2)
_REACH_MM = const(14)

_NO_RANGE = const(1)
_DISPUTED = const(2)
_ABOVE_LIMIT = const(4)
_RANGE_OVERDUE = const(8)
_COASTING = const(16)  # nobody has been accepted for 0.3 s

_SILENT = const(0)
_OVERDUE = const(5)
_OVERDUE_TICKS = const(500)
_OVERDUE_Q4 = const(11)  # below 11/16 of its reach an altimeter should have spoken
_LEAST_OVERDUE_MM = const(20000)  # below that it may be too near
_HELD_TICKS = const(30)
_LATENCY_TICKS = const(8)  # of a reading, on its way
_BELOW_GROUND_MM = const(20000)
_UNSEEN_DOUBT_MM = const(2500000)  # terrain under an altitude, and what inertial navigation may be wrong by
_LARGEST_MM = const(200000000)
_TICK_MASK = const(536870911)


@micropython.viper
def speed_over_ground(estimate: ptr32) -> int:
    """Horizontal speed, mm/s: the longer component and half the shorter, 0 to 12 % too much."""
    longer = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, -2000000, 2000000))
    if longer < 0:
        longer = 0 - longer
    shorter = int(clamp(estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8, -2000000, 2000000))
    if shorter < 0:
        shorter = 0 - shorter
    if shorter > longer:
        return shorter + (longer >> 1)
    return longer + (shorter >> 1)


@micropython.viper
def doubt_mm(estimate: ptr32, ticks: int) -> int:
    """What the inertial climb may be wrong by over that many ticks: 2 m/s, and more by 1.25 mg times the
    time since the last radar velocity, and by what a silent or overloaded inertial unit has hidden.
    """
    rate = 2000 + (int(clamp(estimate[_EST_VELOCITY_AGE_TICKS], 0, 100000)) >> 3)
    rate = rate + (estimate[_EST_CLIMB_DOUBT_Q8] >> 8)
    return ((rate * 41) >> 12) * int(clamp(ticks, 0, 30000))


@micropython.viper
def protect(vote: ptr32, estimate: ptr32, agl: int, valid: int) -> int:
    """Protection level and flags, 5 to 25 times a second; 0 when agl is no height at all, which drops it.

    vote: VOT_ slots, of which protection and flags are written; agl in mm; valid: whether it is recent.
    Ranges: agl -200_000_000..200_000_000, valid 0..1.
    """
    age = vote[_VOT_AGE_TICKS]
    if age <= _HELD_TICKS:
        # altimeters are accepted again and again: a climb that is wrong shows in the bound
        estimate[_EST_CLIMB_DOUBT_Q8] = (estimate[_EST_CLIMB_DOUBT_Q8] >> 5) * 31
    grown = (int(ground_passed(vote, age + _LATENCY_TICKS)) >> 1) + int(doubt_mm(estimate, age))
    level = vote[_VOT_BOUND_MM] + grown
    if level < vote[_VOT_DISPUTED_MM]:
        level = level + vote[_VOT_DISPUTED_MM]
    level = int(clamp(level, 0, _LARGEST_MM))
    vote[_VOT_PROTECTION_MM] = level
    found = int(overdue(vote, estimate, agl, valid))
    flags = found << 3  # _RANGE_OVERDUE
    if vote[_VOT_DISPUTED_MM] > 0:
        flags = flags | _DISPUTED
    if vote[_VOT_ACQUIRED] == 1 and agl < 0 - level - _BELOW_GROUND_MM:
        vote[_VOT_ACQUIRED] = 0
        vote[_VOT_IMPOSSIBLE] = int(clamp(vote[_VOT_IMPOSSIBLE] + 1, 0, 1000000))
        valid = 0
    if valid == 0:
        flags = flags | _NO_RANGE
    if age > _HELD_TICKS:
        flags = flags | _COASTING
    if level > int(alert_limit_mm(agl)):
        flags = flags | _ABOVE_LIMIT
    vote[_VOT_FLAGS] = flags
    tell(vote, estimate, agl, level, flags)
    return valid


@micropython.viper
def tell(vote: ptr32, estimate: ptr32, agl: int, level: int, flags: int) -> int:
    """What guidance must know: how much of the height not to count on, and whether all ranges are overdue.

    Of a sound agl nothing is taken off; beyond the alert limit the protection level counts.
    """
    estimate[_EST_RANGE_OVERDUE] = 0
    if (flags & _NO_RANGE) != 0 and (flags & _RANGE_OVERDUE) != 0:
        estimate[_EST_RANGE_OVERDUE] = 1
    if vote[_VOT_ACQUIRED] == 0:
        estimate[_EST_HEIGHT_DOUBT_MM] = _UNSEEN_DOUBT_MM
        return 0
    estimate[_EST_HEIGHT_DOUBT_MM] = int(clamp(level - int(alert_limit_mm(agl)), 0, _UNSEEN_DOUBT_MM))
    return 1


@micropython.viper
def alert_limit_mm(agl: int) -> int:
    """How wrong agl may be at that height: 5 m on the ground, an eighth of the height above it, 1 km at most.

    Ranges: agl -200_000_000..200_000_000.
    """
    return int(clamp(5000 + (agl >> 3), 5000, 1000000))


@micropython.viper
def overdue(vote: ptr32, estimate: ptr32, agl: int, valid: int) -> int:
    """1 when an altimeter has not spoken for 5 s at a height where it should."""
    height = estimate[_EST_ALTITUDE_MM]
    if valid == 1:
        height = agl
    if height < _LEAST_OVERDUE_MM:
        height = _LARGEST_MM
    found = 0
    index = 0
    while index < vote[_VOT_FITTED]:
        base = _VOT_FIRST + index * _VOT_STRIDE
        quiet = (vote[_VOT_TICK] - vote[base + _HEARD_TICK]) & _TICK_MASK
        if quiet > _OVERDUE_TICKS:
            vote[base + _VERDICT] = _SILENT
            if (height >> 4) < (vote[base + _REACH_MM] >> 4) * _OVERDUE_Q4 >> 4:
                vote[base + _VERDICT] = _OVERDUE
                found = 1
        index = index + 1
    return found
