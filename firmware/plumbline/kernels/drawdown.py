"""Whether the pressurant falls as the commanded flow says: a second witness beside the acceleration.

Behind a regulator each gram of propellant that leaves costs the pressurant's bottle the same pressure. What
has been commanded so far, in that pressure, is added to each reading: the sum should stand still. Its mean
over ten readings is compared with the mean of the ten before. Three such windows in a row with more, or
less, than errors of the transducer and of the rates of flow explain are told.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide_signed

_MOT_ON_US = const(15)

_FEE_MAIN = const(0)
_FEE_ASSIST = const(1)
_FEE_JET = const(2)
_FEE_FLOOR = const(3)
_FEE_SHARE_Q10 = const(4)

_DRA_REST = const(0)
_DRA_EXPECTED = const(1)
_DRA_READINGS = const(2)
_DRA_SUM = const(3)
_DRA_EXPECTED_SUM = const(4)
_DRA_LAST_SUM = const(5)
_DRA_LAST_EXPECTED_SUM = const(6)
_DRA_WINDOWS = const(7)
_DRA_UNEXPLAINED = const(8)
_DRA_WINDOW_EXPECTED = const(9)
_DRA_EXCESS_WINDOWS = const(10)
_DRA_MISSING_WINDOWS = const(11)
_DRA_VERDICT = const(12)

_MOST_EXPECTED = const(8000000)
_LEAST_READING = const(-200000)
_MOST_READING = const(1300000)
_READINGS = const(10)
_TOLD_WINDOWS = const(3)
_EXCESS = const(1)
_MISSING = const(2)


@micropython.viper
def spend(drawdown: ptr32, feed: ptr32, motion: ptr32) -> int:
    """What the valves were open for in the last tick; returns what has been commanded so far.

    drawdown: DRA_ slots; feed: FEE_ slots; motion: MOT_ slots.
    """
    assist = 0
    valve = 1
    while valve < 7:
        assist = assist + (motion[_MOT_ON_US + valve] >> 4)
        valve = valve + 1
    jets = 0
    while valve < 15:
        jets = jets + (motion[_MOT_ON_US + valve] >> 4)
        valve = valve + 1
    spent = drawdown[_DRA_REST] + (motion[_MOT_ON_US] >> 4) * feed[_FEE_MAIN] // 625
    spent = spent + assist * feed[_FEE_ASSIST] // 625 + jets * feed[_FEE_JET] // 625
    drawdown[_DRA_REST] = spent & 16383
    expected = int(clamp(drawdown[_DRA_EXPECTED] + (spent >> 14), 0, _MOST_EXPECTED))
    drawdown[_DRA_EXPECTED] = expected
    return expected


@micropython.viper
def take(drawdown: ptr32, feed: ptr32, level: int) -> int:
    """A reading of the pressurant: 0 nothing to tell, 1 more has gone than was commanded, 2 less.

    level: in the unit of `feed`. Ranges: level int31.
    """
    level = int(clamp(level, _LEAST_READING, _MOST_READING))
    expected = drawdown[_DRA_EXPECTED]
    total = drawdown[_DRA_SUM] + level + expected
    drawdown[_DRA_SUM] = int(clamp(total, -10000000, 100000000))
    drawdown[_DRA_EXPECTED_SUM] = int(clamp(drawdown[_DRA_EXPECTED_SUM] + expected, 0, 80000000))
    readings = drawdown[_DRA_READINGS] + 1
    if readings >= _READINGS:
        readings = 0
        if drawdown[_DRA_WINDOWS] > 0:
            judge(drawdown, feed)
        drawdown[_DRA_WINDOWS] = 1
        drawdown[_DRA_LAST_SUM] = drawdown[_DRA_SUM]
        drawdown[_DRA_LAST_EXPECTED_SUM] = drawdown[_DRA_EXPECTED_SUM]
        drawdown[_DRA_SUM] = 0
        drawdown[_DRA_EXPECTED_SUM] = 0
    drawdown[_DRA_READINGS] = readings
    return drawdown[_DRA_VERDICT]


@micropython.viper
def forget(drawdown: ptr32) -> int:
    """A transducer that is not believed: the next window has nothing to be compared with."""
    drawdown[_DRA_READINGS] = 0
    drawdown[_DRA_SUM] = 0
    drawdown[_DRA_EXPECTED_SUM] = 0
    drawdown[_DRA_WINDOWS] = 0
    drawdown[_DRA_EXCESS_WINDOWS] = 0
    drawdown[_DRA_MISSING_WINDOWS] = 0
    drawdown[_DRA_VERDICT] = 0
    return 0


@micropython.viper
def judge(drawdown: ptr32, feed: ptr32) -> int:
    """This window beside the one before; returns the verdict.

    Flow that is missing is believed only where much was commanded: a bottle that warms up again after a
    burn gains pressure.
    """
    gone = drawdown[_DRA_LAST_SUM] - drawdown[_DRA_SUM]
    unexplained = int(clamp(int(divide_signed(gone, _READINGS, 0)), -500000, 500000))
    asked = drawdown[_DRA_EXPECTED_SUM] - drawdown[_DRA_LAST_EXPECTED_SUM]
    asked = int(clamp(int(divide_signed(asked, _READINGS, 0)), 0, 500000))
    drawdown[_DRA_UNEXPLAINED] = unexplained
    drawdown[_DRA_WINDOW_EXPECTED] = asked
    limit = feed[_FEE_FLOOR] + ((asked * feed[_FEE_SHARE_Q10]) >> 10)
    excess = 0
    missing = 0
    if unexplained > limit:
        excess = int(clamp(drawdown[_DRA_EXCESS_WINDOWS] + 1, 0, _TOLD_WINDOWS))
    elif unexplained < 0 - limit and asked > 4 * feed[_FEE_FLOOR]:
        missing = int(clamp(drawdown[_DRA_MISSING_WINDOWS] + 1, 0, _TOLD_WINDOWS))
    drawdown[_DRA_EXCESS_WINDOWS] = excess
    drawdown[_DRA_MISSING_WINDOWS] = missing
    verdict = 0
    if excess >= _TOLD_WINDOWS:
        verdict = _EXCESS
    elif missing >= _TOLD_WINDOWS:
        verdict = _MISSING
    drawdown[_DRA_VERDICT] = verdict
    return verdict
