"""Guidance below the gate, 10 Hz: the sink rate is a function of the height that is known, never faster
than what can be stopped within it; sideways toward the site, and at rest before the ground; on from
ground that is too steep to stand on.

Without a range the lander slows down while there is propellant for it, and comes down in the end.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, isqrt, magnitude
from plumbline.kernels.slope import drift_on, must_leave

_EST_ALTITUDE_MM = const(0)
_EST_DOWNRANGE_MM = const(2)
_EST_CROSSRANGE_MM = const(3)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)
_EST_AGL_VALID = const(29)
_EST_HEIGHT_MM = const(31)  # agl, before the first range the altitude
_EST_HEIGHT_DOUBT_MM = const(32)  # what of it must not be counted on
_EST_RANGE_OVERDUE = const(33)  # every altimeter should have spoken and none has

_GUI_PHASE = const(0)
_GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
_GUI_FORCE_UP = const(9)
_GUI_FORCE_DOWNRANGE = const(10)
_GUI_FORCE_CROSSRANGE = const(11)
_GUI_TIME_TO_GO_Q6 = const(17)
_GUI_HOVER_S = const(21)  # how long the propellant lasts to hover

_TERMINAL = const(4)

_GRAVITY_MM_S2 = const(1624)
_GUARD_HEIGHT_MM = const(500000)
_SINK_SLOWING = const(550)  # mm/s2 below 1,000 m: 33 m/s at 1 km, 4.2 m/s at 20 m
_SINK_SLOWING_HIGH = const(900)
_LEAST_SLOWING = const(100)
_TOUCHDOWN_SPEED_MM_S = const(1000)
_FLARE_HEIGHT_MM = const(4000)
_DIVERT_SLOWING = const(400)
_DIVERT_SLOWING_LATE = const(600)
_FAR_MM = const(2000000)
_FLYING_HEIGHT_MM = const(300000)  # how high to fly to a far site, and from where on not to set out
_FLYING_LEAST_MM = const(150000)
_LOOKING_HEIGHT_MM = const(40000)  # where to drift on for ground to stand on
_LOOKING_CLIMB_MM_S = const(3000)
_STEEP_ABOVE_MM = const(1000000)
_ARRIVING_S = const(16)
_SETTLE_Q6 = const(1024)  # 16 s without sideways demand before the ground: speed takes 4 s to follow
_ALTITUDE_DOUBT_MM = const(400000)
_LEAST_CEILING_MM = const(800000)
_SLIDING_MM_S = const(3000)
_ONE_STEP_MM = const(85000)  # from one sideways limit to the next
_BLIND_BRAKING_SINK_MM_S = const(10000)
_BLIND_SEARCH_MM_S = const(30000)
_FEELING_MOST_MM_S = const(32000)
_BLIND_FROM_MM = const(300000)
_BLIND_LEAST_MM = const(50000)
_BLIND_BELOW_MM = const(300000)
_BLIND_SLOWEST_MM_S = const(1500)
_BLIND_TOUCH_MM_S = const(2600)  # legs take 3 m/s
_BLIND_HALF_MM_S = const(1400)
_FEELS_ABOVE_MM_S = const(500)


@micropython.viper
def effective_gravity(estimate: ptr32) -> int:
    """Gravity less centrifugal acceleration at this height and speed, mm/s2."""
    altitude = int(clamp(estimate[_EST_ALTITUDE_MM], -10000000, 110000000))
    speed = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 14, -32000, 32000))
    centrifugal = int(divide(speed * speed, 424170 + (altitude >> 12), 0))
    return _GRAVITY_MM_S2 - altitude // 534847 - centrifugal


@micropython.viper
def speed_over_height(height: int, slowing: int) -> int:
    """sqrt(2 a h), mm/s, for heights up to 30 km and decelerations up to 1,100 mm/s2."""
    height = int(clamp(height, 0, 30000000)) >> 6
    return int(isqrt(2 * slowing * height)) << 3


@micropython.viper
def guard(estimate: ptr32, climb: int) -> int:
    """Never sink faster than can be stopped above the ground that is known: by the altimeters, or, when
    their ranges are overdue, by what inertial navigation can be relied on.

    Ranges: climb -2_000_000..2_000_000.
    """
    least = 0
    if estimate[_EST_AGL_VALID] == 0:
        if estimate[_EST_RANGE_OVERDUE] == 0:
            return climb
        least = _BLIND_BRAKING_SINK_MM_S
    room = estimate[_EST_HEIGHT_MM] - estimate[_EST_HEIGHT_DOUBT_MM] - _GUARD_HEIGHT_MM
    fastest = int(speed_over_height(room, _SINK_SLOWING_HIGH))
    if fastest < least:
        fastest = least
    excess = 0 - fastest - (estimate[_EST_VELOCITY_UP_Q8] >> 8)
    if excess <= 0:
        return climb
    needed = _SINK_SLOWING_HIGH + (int(clamp(excess, 0, 1000000)) >> 1)
    if needed > climb:
        return needed
    return climb


@micropython.viper
def descend(guidance: ptr32, estimate: ptr32) -> int:
    """Sink rate by the height above ground; sideways toward the site, at rest before the ground.

    Stays a call.
    """
    full = guidance[_GUI_FULL_MM_S2]
    height = int(height_to_lose(estimate))
    sliding = int(ground_speed(estimate))
    sink = 0 - (estimate[_EST_VELOCITY_UP_Q8] >> 8)
    slowing = 0
    flight_s = 0
    most = int(affordable_slowing(full, height))
    wanted = int(sink_profile(height - _FLARE_HEIGHT_MM, full))
    if estimate[_EST_AGL_VALID] == 0 or estimate[_EST_HEIGHT_DOUBT_MM] > 0:
        feeling = int(blind_sink(guidance, estimate))
        if estimate[_EST_AGL_VALID] == 0:
            # from here on the ground may come at any time
            height = int(clamp(height - _BLIND_FROM_MM, 0, 30000000))
            wanted = 0
        elif feeling > _FEELING_MOST_MM_S:
            feeling = _FEELING_MOST_MM_S
        # propellant must not be burnt hovering over a ground that is only uncertain
        if wanted < feeling:
            wanted = feeling
            most = 0
    elif height > _FLYING_LEAST_MM:
        flight_s = int(seconds_to_site(guidance, estimate))
    if flight_s > 0:
        most_sink = int(divide(int(clamp(height - _FLYING_HEIGHT_MM, 0, 30000000)), flight_s, 0))
        wanted = int(clamp(wanted, 0, most_sink))
    leaving = int(must_leave(guidance, estimate))
    if leaving == 1:
        wanted = int(clamp((height - _LOOKING_HEIGHT_MM) >> 3, 0 - _LOOKING_CLIMB_MM_S, wanted))
    wanted = int(not_while_sliding(wanted, height, sliding))
    if wanted > _TOUCHDOWN_SPEED_MM_S:
        slowing = most
    error = int(clamp(sink - wanted, -40000, 40000))
    up = slowing + (error >> 1) + int(effective_gravity(estimate))
    up = int(clamp(up, full // 10, full))
    guidance[_GUI_FORCE_UP] = up
    time_q6 = int(divide(height << 1, int(clamp(sink, 1000, 500000)), 6))
    guidance[_GUI_TIME_TO_GO_Q6] = int(clamp(time_q6, 1, 500000))
    limit = int(sideways_limit(height, up, sliding))
    if guidance[_GUI_PHASE] == _TERMINAL:
        time_q6 = 0
    guidance[_GUI_FORCE_CROSSRANGE] = int(
        divert(estimate[_EST_CROSSRANGE_MM], estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8, time_q6, limit)
    )
    if flight_s > 0 and height > _STEEP_ABOVE_MM:
        limit = up  # the altimeters' beams are steered in that plane
    guidance[_GUI_FORCE_DOWNRANGE] = int(
        divert(estimate[_EST_DOWNRANGE_MM], estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, time_q6, limit)
    )
    if leaving == 1:
        guidance[_GUI_FORCE_DOWNRANGE] = int(drift_on(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, limit))
    return wanted


@micropython.viper
def height_to_lose(estimate: ptr32) -> int:
    """Height less what must not be counted on, but no more than the altitude above the site and what
    inertial navigation may be wrong by.

    Over a low plain before a rise agl is no licence to dive below the site. 800 m always
    count, so that a site which lies deeper than the map says is reached while propellant lasts.
    """
    height = estimate[_EST_HEIGHT_MM]
    if estimate[_EST_AGL_VALID] == 1:
        height = height - estimate[_EST_HEIGHT_DOUBT_MM]
        most = int(clamp(estimate[_EST_ALTITUDE_MM] + _ALTITUDE_DOUBT_MM, _LEAST_CEILING_MM, 100000000))
        if height > most:
            height = most
    return int(clamp(height, 0, 30000000))


@micropython.viper
def ground_speed(estimate: ptr32) -> int:
    """Horizontal speed in mm/s to 0.1 m/s, for speeds up to 1,800 m/s."""
    downrange = estimate[_EST_VELOCITY_DOWNRANGE_Q8] // 25600
    crossrange = estimate[_EST_VELOCITY_CROSSRANGE_Q8] // 25600
    return int(magnitude(downrange, crossrange, 0)) * 100


@micropython.viper
def seconds_to_site(guidance: ptr32, estimate: ptr32) -> int:
    """How long it takes to fly to a site that lies far off along the track; 0 when it is near, and when the
    propellant does not last for it.

    Whom the engines left for a while comes down kilometres past the site, on ground that nobody has chosen.
    From the speed that there is, which counts for it or against it: 1.4 m/s2 to fly, 0.6 m/s2 to stop.
    Stays a call.
    """
    way = estimate[_EST_DOWNRANGE_MM] // 1000
    leaving = estimate[_EST_VELOCITY_DOWNRANGE_Q8] // 256000
    if way < 0:
        way = 0 - way
        leaving = 0 - leaving
    if way * 1000 < _FAR_MM:
        return 0
    way = way + (leaving * leaving * 23 >> 6)
    flight_s = int(isqrt(way * 76 >> 4))
    flight_s = flight_s + (flight_s >> 3) + leaving + _ARRIVING_S
    if guidance[_GUI_HOVER_S] < flight_s:
        return 0
    return flight_s


@micropython.viper
def not_while_sliding(wanted: int, height: int, sliding: int) -> int:
    """The sink rate that leaves time to stop sideways (at 0.8 m/s2) before 20 m above the ground."""
    if sliding < _SLIDING_MM_S:
        return wanted
    room = int(clamp(height - 20000, 0, 30000000))
    # 2 room / (sliding / 800)
    most = int(divide(room, int(clamp(sliding // 16, 1, 200000)), 0)) * 100
    if wanted > most:
        return most
    return wanted


@micropython.viper
def affordable_slowing(full: int, height: int) -> int:
    """Deceleration that the sink profile counts on: five eighths of what full thrust has over the weight.

    Ranges: full 0..30_517, height 0..30_000_000.
    """
    most = _SINK_SLOWING
    if height > 1000000:
        most = _SINK_SLOWING_HIGH
    return int(clamp((full - _GRAVITY_MM_S2 - 76) * 5 >> 3, _LEAST_SLOWING, most))


@micropython.viper
def sink_profile(height: int, full: int) -> int:
    """Sink rate wanted at that height, mm/s: constant deceleration, a firmer one above 1,000 m.

    Ranges: height -4_000..30_000_000, full 0..30_517. Stays a call.
    """
    if height <= 0:
        return _TOUCHDOWN_SPEED_MM_S
    slowing = int(affordable_slowing(full, 0))
    if height <= 1000000:
        speed = int(speed_over_height(height, slowing))
    else:
        above = int(clamp(height - 1000000, 0, 29000000)) >> 6
        # 2 a 10^6 / 64 at 1,000 m
        speed = int(isqrt(31250 * slowing + 2 * int(affordable_slowing(full, 2000000)) * above)) << 3
    if speed < _TOUCHDOWN_SPEED_MM_S:
        return _TOUCHDOWN_SPEED_MM_S
    return speed


@micropython.viper
def blind_sink(guidance: ptr32, estimate: ptr32) -> int:
    """Sink rate without a range, mm/s: slow enough for a weak laser, and to touch an unknown ground.

    High up no faster than can be stopped within the height that is certain, then 30 m/s. Where the ground may
    be, as slowly as the propellant affords: from 300 m above where it should be to as far below, or, when
    that is too far for legs that take 3 m/s, half of what can be had above and half below. Who feels for the
    ground already is not called away from it by noise, while the propellant lasts. Stays a call.
    """
    height = int(clamp(estimate[_EST_HEIGHT_MM], 0 - _BLIND_BELOW_MM, 30000000))
    seconds = int(clamp(guidance[_GUI_HOVER_S], 1, 3600))
    slow = _BLIND_TOUCH_MM_S
    if height > 0:
        slow = int(divide(height + _BLIND_BELOW_MM, seconds, 0))
        slow = int(clamp(slow, _BLIND_SLOWEST_MM_S, _BLIND_TOUCH_MM_S))
    begin = _BLIND_FROM_MM
    if estimate[_EST_AGL_VALID] == 0:
        begin = int(clamp(seconds * _BLIND_HALF_MM_S, _BLIND_LEAST_MM, _BLIND_FROM_MM))
    elif height < estimate[_EST_HEIGHT_DOUBT_MM] and height < seconds * _BLIND_TOUCH_MM_S:
        if 0 - (estimate[_EST_VELOCITY_UP_Q8] >> 8) < slow + _FEELS_ABOVE_MM_S:
            return slow
    if height <= begin:
        return slow
    fast = int(clamp(int(speed_over_height(height - begin, _SINK_SLOWING)), 0, _BLIND_SEARCH_MM_S))
    sure = int(speed_over_height(height - estimate[_EST_HEIGHT_DOUBT_MM], _SINK_SLOWING))
    if sure > fast:
        fast = sure
    return slow + fast


@micropython.viper
def sideways_limit(height: int, up: int, sliding: int) -> int:
    """Largest sideways force: 24 degrees of tilt high up, 11 below 100 m, 4 below 15 m; while sliding the
    next larger one."""
    if sliding > _SLIDING_MM_S:
        height = height + _ONE_STEP_MM
    if height > 100000:
        return up * 45 // 100
    if height > 15000:
        return up // 5
    return up * 7 // 100


@micropython.viper
def divert(offset: int, speed: int, time_q6: int, limit: int) -> int:
    """Sideways force on one axis: toward the site, no faster than can be stopped in the way and
    the time that are left. time_q6 = 0: only stop. Stays a call."""
    distance = offset
    if distance < 0:
        distance = 0 - distance
    slowing = _DIVERT_SLOWING
    if distance > _FAR_MM:
        slowing = _DIVERT_SLOWING_LATE
    fastest = int(speed_over_height(distance, slowing))
    # near the site in proportion to the distance, slowly enough for the attitude to follow
    if fastest > distance >> 4:
        fastest = distance >> 4
    in_time = (int(clamp(time_q6 - _SETTLE_Q6, 0, 20000)) * _DIVERT_SLOWING_LATE) >> 6
    if fastest > in_time:
        fastest = in_time
    if offset > 0:
        fastest = 0 - fastest
    error = int(clamp(fastest - speed, -200000, 200000))
    return int(clamp(error >> 2, 0 - limit, limit))
