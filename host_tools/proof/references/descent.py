"""Guidance below the gate in closed form: real numbers, and how far rounding may carry.

Accelerations in mm/s2, T in s. A value behind a threshold that rounding may cross is NaN.
"""

from typing import Any

import numpy as np

from host_tools.proof.harness.check import RESULT, Answer
from host_tools.proof.references.inertial import RADIUS_MM, gravity_mm_s2
from host_tools.proof.references.phases import TERMINAL, Column, Memory, Near, Real
from host_tools.proof.references.slope import leaving
from plumbline.kernels import slots as s

TOUCHDOWN_MM_S = 1000


def effective_gravity(estimate: Memory) -> Answer:
    """Gravity less v^2 / r."""
    value, allowed = weight(estimate)
    return Answer(None, {(RESULT, 0): (value, allowed)})


def weight(estimate: Memory) -> tuple[Real, Real]:
    """As `effective_gravity`; gravity falls linearly there, so 3 x^2 of it is allowed."""
    altitude = np.clip(estimate[s.EST_ALTITUDE_MM], -10_000_000, 110_000_000)
    speed = estimate[s.EST_VELOCITY_DOWNRANGE_Q8] / 256
    value = gravity_mm_s2(altitude) - speed * speed / (RADIUS_MM + altitude)
    x = altitude / RADIUS_MM
    return value, 3 + 1624 * 3.3 * x * x


def fall_speed(height: Any, slowing: Any, least: float = 0.0) -> tuple[Real, Real]:
    """sqrt(2 a h) and its error: 8 mm/s of result, 64 mm of height."""
    speed = np.sqrt(2.0 * slowing * np.clip(height, 0, 30_000_000))
    return speed, 9 + 128.0 * slowing / np.maximum(np.maximum(speed, least), np.sqrt(128.0 * slowing))


def speed_over_height(height: Column, slowing: Column) -> Answer:
    """As `fall_speed`."""
    return Answer(None, {(RESULT, 0): fall_speed(height, slowing)})


def guard(estimate: Memory, climb: Column) -> Answer:
    """As `guarded`."""
    return Answer(None, {(RESULT, 0): guarded(estimate, climb.astype(np.float64), 0.0)})


def guarded(estimate: Memory, climb: Real, error: Any) -> tuple[Real, Real]:
    """0.9 m/s2 and half of what it sinks too fast, when 0.9 m/s2 would not stop it 500 m up.

    The ground that is known: the height less its doubt; without a range that is overdue 10 m/s are allowed.
    """
    room = estimate[s.EST_HEIGHT_MM] - estimate[s.EST_HEIGHT_DOUBT_MM] - 500_000
    fastest, allowed = fall_speed(room, 900)
    valid = estimate[s.EST_AGL_VALID] == 1
    fastest = np.where(valid, fastest, np.maximum(fastest, 10_000))
    guarding = valid | (estimate[s.EST_RANGE_OVERDUE] == 1)
    excess = -estimate[s.EST_VELOCITY_UP_Q8] / 256 - fastest
    needed = 900 + np.clip(excess, 0, 1e6) / 2
    value = np.where(guarding & (excess > 0), np.maximum(climb, needed), climb)
    value = np.where(guarding & (np.abs(excess) <= allowed + 2) & (climb < 900 + allowed), np.nan, value)
    return value, np.where(guarding & (excess > 0), allowed / 2 + 2, 0) + error


def affordable(full: Any, most: Any) -> Column:
    """Five eighths of what full thrust has over 1.7 m/s2, 0.1 m/s2 at least."""
    return np.clip((full - 1700) * 5 // 8, 100, most)


def affordable_slowing(full: Column, height: Column) -> Answer:
    """As `affordable`: at most 0.9 m/s2 above 1,000 m, 0.55 below."""
    return Answer(affordable(full, np.where(height > 1_000_000, 900, 550)))


def sink_speed(height: Any, full: Any) -> tuple[Real, Real]:
    """At rest 0 m up by what the engines afford from 1,000 m down, by more above; never under 1 m/s."""
    slow, firm = affordable(full, 550), affordable(full, 900)
    low, allowed = fall_speed(np.clip(height, 0, 1_000_000), slow, TOUCHDOWN_MM_S)
    above = np.clip(height, 1_000_000, 30_000_000) - 1_000_000
    high = np.sqrt(2e6 * slow + 2.0 * firm * above)
    speed = np.where(height > 1_000_000, high, low)
    return np.maximum(speed, TOUCHDOWN_MM_S), allowed


def sink_profile(height: Column, full: Column) -> Answer:
    """As `sink_speed`."""
    return Answer(None, {(RESULT, 0): sink_speed(height, full)})


def blind_sink(guidance: Memory, estimate: Memory) -> Answer:
    """As `feeling`."""
    return Answer(None, {(RESULT, 0): feeling(guidance, estimate)})


def feeling(guidance: Memory, estimate: Memory) -> tuple[Real, Real]:
    """To 300 m below the site while the propellant lasts, at 1.5 to 2.6 m/s, and below the site at 2.6 m/s.

    300 m and more above it also what 0.55 m/s2 take away up there, at most 30 m/s of that, or down to
    the height that is certain, whichever is faster. Without a range less than 300 m, when 1.4 m/s would not
    last from there to the site. With a range whose doubt is more than the height who sinks less than 0.5 m/s
    faster than that stays slow, if the propellant lasts to the ground that is told at 2.6 m/s.
    """
    height = np.clip(estimate[s.EST_HEIGHT_MM], -300_000, 30_000_000)
    hover_s = np.clip(guidance[s.GUI_HOVER_S], 1, 3600)
    slow = np.where(height > 0, np.clip((height + 300_000) / hover_s, 1500, 2600), 2600)
    begin = np.where(estimate[s.EST_AGL_VALID] == 0, np.clip(hover_s * 1400, 50_000, 300_000), 300_000)
    search, search_error = fall_speed(height - begin, 550)
    sure, sure_error = fall_speed(height - estimate[s.EST_HEIGHT_DOUBT_MM], 550)
    fast = np.maximum(np.minimum(search, 30_000), sure)
    error = np.where(np.minimum(search, 30_000) >= sure, search_error, np.maximum(search_error, sure_error))
    sinking = -(np.asarray(estimate[s.EST_VELOCITY_UP_Q8]) >> 8)
    doubtful = (estimate[s.EST_AGL_VALID] != 0) & (height < estimate[s.EST_HEIGHT_DOUBT_MM])
    feels = doubtful & (height < hover_s * 2600) & (sinking < slow // 1 + 500)
    high = (height > begin) & ~feels
    return slow + np.where(high, fast, 0), 1 + np.where(high, error, 0)


def ground_speed(estimate: Memory) -> Answer:
    """Horizontal speed, each part and the whole in steps of 0.1 m/s."""
    return Answer(None, {(RESULT, 0): (sliding(estimate), 245.0)})


def sliding(estimate: Memory) -> Real:
    """Horizontal speed, mm/s."""
    return np.hypot(estimate[s.EST_VELOCITY_DOWNRANGE_Q8], estimate[s.EST_VELOCITY_CROSSRANGE_Q8] * 1.0) / 256


def height_to_lose(estimate: Memory) -> Answer:
    """As `room_below`."""
    return Answer(room_below(estimate))


def room_below(estimate: Memory) -> Column:
    """The height; a seen one less its doubt, and at most 400 m above the altitude; 800 m always count."""
    most = np.clip(estimate[s.EST_ALTITUDE_MM] + 400_000, 800_000, 100_000_000)
    height = estimate[s.EST_HEIGHT_MM]
    seen = np.minimum(height - estimate[s.EST_HEIGHT_DOUBT_MM], most)
    return np.clip(np.where(estimate[s.EST_AGL_VALID] == 1, seen, height), 0, 30_000_000)


def not_while_sliding(wanted: Column, height: Column, sliding: Column) -> Answer:
    """As `slowed`, with a sliding speed that is known."""
    return Answer(None, {(RESULT, 0): slowed(wanted, 0.0, height, sliding.astype(np.float64), 0.0)})


def slowed(wanted: Any, error: Any, height: Any, side: Real, side_error: float) -> tuple[Real, Real]:
    """No faster than the room above 20 m over half the time to stop at 0.8 m/s2."""
    room = np.clip(height - 20_000, 0, 30_000_000)
    most = 1600.0 * room / np.maximum(side, 16)
    value = np.where(side >= 3000, np.minimum(wanted, most), wanted)
    unsure = (np.abs(side - 3000) <= side_error) & (most < wanted) & (side_error > 0)
    limited = (side >= 3000) & (most < wanted * 1.2 + 1000)
    rough = 100 + np.minimum(most, wanted * 1.2 + 1000) * (17 + side_error) / np.maximum(
        side - side_error, 1000
    )
    return np.where(unsure, np.nan, value), np.where(limited, rough, 0) + error


def seconds_to_site(guidance: Memory, estimate: Memory) -> Answer:
    """As `flight_to_site`."""
    return Answer(None, {(RESULT, 0): flight_to_site(guidance, estimate)})


def flight_to_site(guidance: Memory, estimate: Memory) -> tuple[Real, Real]:
    """Seconds from the speed that there is, 1.4 m/s2 to fly and 0.6 to stop, an eighth of the way and 0.28 s
    for each m/s of change for the tilt, and 16 s to arrive; 0 within 2 km, and beyond what hovering lasts.
    Whole metres and metres a second go in.
    """
    downrange, velocity = estimate[s.EST_DOWNRANGE_MM], estimate[s.EST_VELOCITY_DOWNRANGE_Q8]
    way = np.abs(downrange) / 1000.0
    leaving = np.sign(downrange) * velocity / 256_000
    flight_s = 1.125 * np.sqrt(2 * (way + leaving**2 / 2.8) * (1 / 1.4 + 1 / 0.6)) + leaving + 16
    error = 5 + 0.005 * flight_s
    value = np.where(way < 2000, 0.0, flight_s)
    hover_s = guidance[s.GUI_HOVER_S]
    value = np.where(hover_s < flight_s, 0.0, value)
    unsure = (np.abs(way - 2000) <= 1) & (hover_s > flight_s - error)
    unsure |= (np.abs(hover_s - flight_s) <= error) & (way > 1999)
    return np.where(unsure, np.nan, value), error


def sideways_limit(height: Column, up: Column, sliding: Column) -> Answer:
    """As `sideways_percent`."""
    return Answer(up * sideways_percent(height, sliding) // 100)


def sideways_percent(height: Any, sliding: Any) -> Column:
    """45 above 100 m, 20 above 15 m, 7 below; sliding faster than 3 m/s the next larger one."""
    slides = sliding > 3000
    low = np.where(slides, 20, 7)
    return np.where(height > 100_000, 45, np.where(height > 15_000, np.where(slides, 45, 20), low))


def divert(offset: Column, speed: Column, time_q6: Column, limit: Column) -> Answer:
    """As `sideways`."""
    value = sideways(offset, speed, time_q6 / 64, limit)
    return Answer(None, {(RESULT, 0): (value, 8.0)})


def sideways(offset: Any, speed: Any, time_s: Any, limit: Any) -> Real:
    """A quarter a second of what is missing to the speed toward the site that may be had there:
    0.4 m/s2 over the way (0.6 beyond 2 km), way / 16 s, 0.6 m/s2 over the time but for the last 16 s."""
    distance = np.abs(offset)
    by_time = 600 * np.clip(time_s - 16, 0, 20_000 / 64)
    slowing = np.where(distance > 2_000_000, 600.0, 400.0)
    by_way = np.minimum(np.sqrt(2 * slowing * np.clip(distance, 0, 30_000_000)), distance / 16)
    toward = -np.sign(offset) * np.minimum(by_way, by_time)
    return np.clip(np.clip(toward - speed, -200_000, 200_000) / 4, -limit, limit)


def descend(guidance: Memory, estimate: Memory) -> Answer:
    """Sink as the profile says, by feed-forward and half of the error a second; sideways as `sideways`.

    Without a range as `feeling` says, and sideways as if the ground were 300 m higher; with one that is in
    doubt as whichever of both is faster; to feel for the ground at a constant rate takes no feed-forward.
    While it flies to a far site, with a sound range and above 150 m, it keeps 300 m and is there in time for
    them; above 1 km it may tilt by 45 degrees along the track. From steep ground it drifts on, at 40 m.
    """
    height, side = room_below(estimate), sliding(estimate)
    sink = -estimate[s.EST_VELOCITY_UP_Q8] / 256
    full = guidance[s.GUI_FULL_MM_S2]
    profile, error = sink_speed(height - 4000, full)
    groping, groping_error = feeling(guidance, estimate)
    seen = estimate[s.EST_AGL_VALID] == 1
    groping = np.where(seen, np.minimum(groping, 32_000), groping)
    doubtful = seen & (estimate[s.EST_HEIGHT_DOUBT_MM] > 0)
    gropes = ~seen | (doubtful & (groping > profile))
    hardly = doubtful & (np.abs(groping - profile) <= groping_error + error)
    asked = np.where(gropes, groping, profile)
    error = np.where(gropes, np.maximum(groping_error, error), error)
    flight_s, flight_error = flight_to_site(guidance, estimate)
    flight_s = np.where(seen & ~doubtful & (height > 150_000), flight_s, 0.0)
    arriving = np.clip(height - 300_000, 0, None) / np.maximum(flight_s, 1)
    limited = (flight_s > 0) & (arriving < asked)
    late = arriving * flight_error / np.maximum(flight_s - flight_error, 1) + 1
    error = np.where(flight_s > 0, np.where(limited, late, np.maximum(error, late)), error)
    asked = np.where(np.isnan(flight_s), np.nan, np.where(limited, arriving, asked))
    leaves, noted = leaving(guidance, estimate)
    looking = np.clip((height - 40_000) / 8, -3000, None)
    asked = np.where(leaves, np.minimum(asked, looking), asked)
    error = np.where(leaves, np.maximum(error, 1), error)
    height = np.where(seen, height, np.maximum(height - 300_000, 0))
    wanted, error = slowed(asked, error, height, side, 245.0)
    most = affordable(full, np.where(height > 1_000_000, 900, 550))
    slowing = np.where(~gropes & (wanted > TOUCHDOWN_MM_S), most, 0)
    unsure = (np.abs(wanted - TOUCHDOWN_MM_S) <= error) & (wanted != asked)
    unsure |= (asked <= TOUCHDOWN_MM_S + 90) & (asked > TOUCHDOWN_MM_S)
    slowing = np.where((~gropes & unsure) | hardly, np.nan, slowing)
    heavy, heavy_error = weight(estimate)
    up = np.clip(
        slowing + np.clip(sink - wanted, -40_000, 40_000) / 2 + heavy,
        full // 10,
        np.maximum(full, full // 10),
    )
    up_error = 3 + error / 2 + heavy_error
    time_s = np.clip(2 * height / np.clip(sink, 1000, 500_000), 1 / 64, 500_000 / 64)
    near: Near = {
        ("guidance", s.GUI_FORCE_UP): (up, up_error),
        ("guidance", s.GUI_TIME_TO_GO_Q6): (time_s * 64, 1.01 + time_s * 64 / np.maximum(sink, 1000)),
        (RESULT, 0): (wanted, error + 1),
        **noted,
    }
    hardly = (np.abs(side - 3000) <= 245) & (height <= 100_000)
    part = np.where(hardly, np.nan, sideways_percent(height, side))
    steep = np.where((flight_s > 0) & (height > 1_000_000), 100, part)
    ending = np.where(guidance[s.GUI_PHASE] == TERMINAL, 0.0, time_s)
    for slot, place, speed, most_part in (
        (s.GUI_FORCE_DOWNRANGE, s.EST_DOWNRANGE_MM, s.EST_VELOCITY_DOWNRANGE_Q8, steep),
        (s.GUI_FORCE_CROSSRANGE, s.EST_CROSSRANGE_MM, s.EST_VELOCITY_CROSSRANGE_Q8, part),
    ):
        limit = up * most_part / 100
        value = sideways(estimate[place], estimate[speed] / 256, ending, limit)
        if slot == s.GUI_FORCE_DOWNRANGE:
            missing = np.where(estimate[speed] < 0, -2500, 2500) - estimate[speed] / 256
            value = np.where(leaves, np.clip(missing / 2, -limit, limit), value)
        # the time's last bit is 9 mm/s of speed, and the limit follows the force
        rough = time_s * 64 / np.maximum(sink, 1000) * 2.4
        near["guidance", slot] = (value, 14 + up_error * most_part / 100 + rough)
    return Answer(None, near)
