"""Driving on four wheels: so far or so much of a turn, at a rim speed, straight by the gyro, never for ever.

The way is the mean of the two middle wheels, so that one dead encoder or one wheel that digs itself in does
not count. A wheel that is driven and gives no pulse is stalled when its motor draws a stall's current;
when it does not, its encoder is silent: with one such the rover goes on, with two it stops.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide

_WHL_PULSES = const(0)
_WHL_CURRENT_MA = const(4)

_DRV_MOTION = const(0)
_DRV_SIGN = const(1)
_DRV_GOAL = const(2)
_DRV_SPEED_MM_S = const(3)
_DRV_WAY = const(4)
_DRV_YAW = const(5)
_DRV_TICKS_LEFT = const(6)
_DRV_DUTY_Q10 = const(7)
_DRV_LEFT_Q10 = const(8)
_DRV_RIGHT_Q10 = const(9)
_DRV_END = const(10)
_DRV_WINDOW_TICKS = const(11)
_DRV_WINDOW_PULSES = const(12)
_DRV_PULSES = const(13)
_DRV_STILL_TICKS = const(17)
_DRV_OVERLOAD_TICKS = const(21)
_DRV_VERDICT = const(25)
_DRV_LOAD_Q6 = const(29)
_DRV_SIZE = const(33)

_WHEELS = const(4)
_STRAIGHT = const(1)
_REACHED = const(1)
_STALLED = const(3)
_BLIND = const(4)
_TOO_LONG = const(5)

_SILENT_ENCODER = const(1)
_STALLED_WHEEL = const(2)
_UM_PER_PULSE = const(250)  # assumed: wheels of 160 mm, 2,011 pulses a turn behind the gear
_STILL_TICKS = const(50)  # at 5 mm/s a wheel gives ten pulses in this time
_STALL_MA = const(450)  # assumed: a wheel on a slope of 20 degrees draws 350, a stalled one at 20 mm/s 580
_OVERLOAD_MA = const(1500)  # assumed: three quarters of a motor's stall current at a full battery
_OVERLOAD_TICKS = const(20)
_MOST_PULSES = const(1000000)
_MOST_TICKS = const(120000)  # 20 minutes: whatever is asked for ends then
_SPARE_TICKS = const(1000)
_YAW_OF_A_MRAD = const(120158)  # 2^21 * 180 / (1000 pi)
_WINDOW_TICKS = const(10)
_FIRST_DUTY_Q10 = const(300)
_LEAST_DUTY_Q10 = const(150)
_FULL_DUTY_Q10 = const(1024)
_NEAR = const(60)  # mm or mrad before the goal
_NEAR_SPEED_MM_S = const(15)


@micropython.viper
def begin(drive: ptr32, motion: int, sign: int, goal: int, speed: int) -> int:
    """Begin a motion: 1 straight, goal in mm, or 2 turn, goal in mrad. Returns the ticks that it may take.

    Twice as long as it should take and ten seconds; a turn's wheels slip sideways and are given more.
    Ranges: motion 1..2, sign -1..1, goal 0..50_000, speed 5..60.
    """
    slot = 0
    while slot < _DRV_SIZE:
        drive[slot] = 0
        slot = slot + 1
    drive[_DRV_MOTION] = motion
    drive[_DRV_SIGN] = sign
    drive[_DRV_GOAL] = goal
    drive[_DRV_SPEED_MM_S] = speed
    drive[_DRV_DUTY_Q10] = _FIRST_DUTY_Q10
    mm = goal
    if motion != _STRAIGHT:
        mm = goal >> 1
    left = int(clamp(int(divide(mm * 200, speed, 0)) + _SPARE_TICKS, 0, _MOST_TICKS))
    drive[_DRV_TICKS_LEFT] = left
    return left


@micropython.viper
def step(drive: ptr32, wheels: ptr32, yaw: int) -> int:
    """One tick of 10 ms. Returns how the motion ended in this tick, 0 while it goes on or there is none.

    drive: DRV_ slots; wheels: WHL_ slots; yaw: of this tick, 2^-21 degree.
    Ranges: yaw -4_000_000..4_000_000.
    """
    if drive[_DRV_MOTION] == 0:
        return 0
    drive[_DRV_YAW] = int(clamp(drive[_DRV_YAW] + yaw, -750000000, 750000000))
    drive[_DRV_TICKS_LEFT] = int(clamp(drive[_DRV_TICKS_LEFT] - 1, 0, _MOST_TICKS))
    wheel = 0
    while wheel < _WHEELS:
        judge_wheel(drive, wheels, wheel)
        wheel = wheel + 1
    measure_way(drive)
    end = int(outcome(drive))
    if end != 0:
        stop(drive, end)
        return end
    regulate(drive)
    steer(drive)
    return 0


@micropython.viper
def stop(drive: ptr32, end: int) -> int:
    """No motion and no duty; `end` is kept, way and verdicts too.

    Ranges: end 0..9.
    """
    drive[_DRV_MOTION] = 0
    drive[_DRV_DUTY_Q10] = 0
    drive[_DRV_LEFT_Q10] = 0
    drive[_DRV_RIGHT_Q10] = 0
    drive[_DRV_END] = end
    return end


@micropython.viper
def judge_wheel(drive: ptr32, wheels: ptr32, wheel: int) -> int:
    """Does this wheel turn? Returns its verdict: 0 it does, 1 its encoder is silent, 2 it is stalled.

    Ranges: wheel each of 0..3.
    """
    pulses = int(clamp(wheels[_WHL_PULSES + wheel], 0, 1000))
    current = int(clamp(wheels[_WHL_CURRENT_MA + wheel], 0, 20000))
    drive[_DRV_PULSES + wheel] = int(clamp(drive[_DRV_PULSES + wheel] + pulses, 0, _MOST_PULSES))
    load = drive[_DRV_LOAD_Q6 + wheel]
    drive[_DRV_LOAD_Q6 + wheel] = int(clamp(load + (((current << 6) - load) >> 5), 0, 1280000))
    still = 0
    if pulses == 0:
        still = int(clamp(drive[_DRV_STILL_TICKS + wheel] + 1, 0, 1000))
    drive[_DRV_STILL_TICKS + wheel] = still
    over = 0
    if current >= _OVERLOAD_MA:
        over = int(clamp(drive[_DRV_OVERLOAD_TICKS + wheel] + 1, 0, 1000))
    drive[_DRV_OVERLOAD_TICKS + wheel] = over
    verdict = 0
    if still >= _STILL_TICKS:
        verdict = _SILENT_ENCODER
        if current >= _STALL_MA:
            verdict = _STALLED_WHEEL
    if over >= _OVERLOAD_TICKS:
        verdict = _STALLED_WHEEL
    drive[_DRV_VERDICT + wheel] = verdict
    return verdict


@micropython.viper
def middle_pulses(drive: ptr32) -> int:
    """Mean of the four wheels' pulses without the largest and the smallest."""
    first = int(clamp(drive[_DRV_PULSES], 0, _MOST_PULSES))
    total = first
    least = first
    most = first
    wheel = 1
    while wheel < _WHEELS:
        pulses = int(clamp(drive[_DRV_PULSES + wheel], 0, _MOST_PULSES))
        total = int(clamp(total + pulses, 0, 4000000))
        if pulses < least:
            least = pulses
        if pulses > most:
            most = pulses
        wheel = wheel + 1
    return int(clamp((total - least - most) >> 1, 0, _MOST_PULSES))


@micropython.viper
def measure_way(drive: ptr32) -> int:
    """How far the motion has come: mm by the wheels, or mrad of a turn by the gyro."""
    if drive[_DRV_MOTION] == _STRAIGHT:
        way = int(middle_pulses(drive)) * _UM_PER_PULSE // 1000
    else:
        turned = drive[_DRV_YAW]
        if drive[_DRV_SIGN] < 0:
            turned = 0 - turned
        way = int(clamp(turned, 0, 750000000)) // _YAW_OF_A_MRAD
    drive[_DRV_WAY] = way
    return way


@micropython.viper
def outcome(drive: ptr32) -> int:
    """How the motion ends now: 1 there, 3 a wheel stalls, 4 two encoders silent, 5 too long; 0 not yet."""
    silent = 0
    stalled = 0
    wheel = 0
    while wheel < _WHEELS:
        verdict = drive[_DRV_VERDICT + wheel]
        if verdict == _STALLED_WHEEL:
            stalled = 1
        elif verdict == _SILENT_ENCODER:
            silent = silent + 1
        wheel = wheel + 1
    if stalled == 1:
        return _STALLED
    if silent > 1:
        return _BLIND
    if drive[_DRV_WAY] >= drive[_DRV_GOAL]:
        return _REACHED
    if drive[_DRV_TICKS_LEFT] == 0:
        return _TOO_LONG
    return 0


@micropython.viper
def regulate(drive: ptr32) -> int:
    """Ten times a second: more duty where the rims are too slow, less where too fast. Returns the duty."""
    ticks = int(clamp(drive[_DRV_WINDOW_TICKS] + 1, 0, _WINDOW_TICKS))
    if ticks < _WINDOW_TICKS:
        drive[_DRV_WINDOW_TICKS] = ticks
        return drive[_DRV_DUTY_Q10]
    pulses = int(middle_pulses(drive))
    moved = int(clamp(pulses - drive[_DRV_WINDOW_PULSES], 0, 1000))
    drive[_DRV_WINDOW_PULSES] = pulses
    drive[_DRV_WINDOW_TICKS] = 0
    wanted = drive[_DRV_SPEED_MM_S]
    if drive[_DRV_GOAL] - drive[_DRV_WAY] < _NEAR and wanted > _NEAR_SPEED_MM_S:
        wanted = _NEAR_SPEED_MM_S
    # 250 um a pulse in 100 ms: 5/2 mm/s
    error = wanted - ((moved * 5) >> 1)
    duty = int(clamp(drive[_DRV_DUTY_Q10] + 2 * error, _LEAST_DUTY_Q10, _FULL_DUTY_Q10))
    drive[_DRV_DUTY_Q10] = duty
    return duty


@micropython.viper
def steer(drive: ptr32) -> int:
    """Duty of both sides: against each other in a turn; else what the gyro saw of a yaw is steered back.

    64 of 1,024 for a degree, at most half of the duty, so that no side changes its direction.
    """
    duty = int(clamp(drive[_DRV_DUTY_Q10], 0, _FULL_DUTY_Q10))
    along = duty
    if drive[_DRV_SIGN] < 0:
        along = 0 - duty
    if drive[_DRV_MOTION] == _STRAIGHT:
        most = duty >> 1
        back = int(clamp(drive[_DRV_YAW] >> 15, 0 - most, most))
        drive[_DRV_LEFT_Q10] = int(clamp(along + back, 0 - _FULL_DUTY_Q10, _FULL_DUTY_Q10))
        drive[_DRV_RIGHT_Q10] = int(clamp(along - back, 0 - _FULL_DUTY_Q10, _FULL_DUTY_Q10))
    else:
        drive[_DRV_LEFT_Q10] = 0 - along
        drive[_DRV_RIGHT_Q10] = along
    return along
