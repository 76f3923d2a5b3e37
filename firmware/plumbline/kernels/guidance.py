"""Guidance at 10 Hz: braking burn, approach, terminal descent, touchdown.

Specific force demanded (mm/s2; up, downrange, crossrange) from the estimate, then direction
and throttle. Braking: the deceleration that stops at the gate is taken as linear in time,
which gives time-to-go in closed form; up and crossrange follow the quadratic law of Apollo's
P63/P64. Below the gate the sink rate is a function of the height above ground alone.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp, divide, divide_signed, isqrt, magnitude, mul_q14

_EST_ALTITUDE_MM = const(0)
_EST_AGL_MM = const(1)
_EST_DOWNRANGE_MM = const(2)
_EST_CROSSRANGE_MM = const(3)
_EST_VELOCITY_UP_Q8 = const(4)
_EST_VELOCITY_DOWNRANGE_Q8 = const(5)
_EST_VELOCITY_CROSSRANGE_Q8 = const(6)
_EST_FORCE_X_MM_S2 = const(23)
_EST_AGL_VALID = const(29)

_GUI_PHASE = const(0)
_GUI_MASS_G = const(1)
_GUI_MASS_REST_MG = const(2)
_GUI_FULL_MM_S2 = const(3)  # what full thrust gives now
_GUI_SCALE_Q14 = const(4)  # measured over expected thrust
_GUI_FORCE_SUM = const(5)
_GUI_FORCE_MEAN_Q4 = const(6)
_GUI_EXPECTED_MEAN_Q4 = const(7)
_GUI_EXPECTED_MM_S2 = const(8)
_GUI_FORCE_UP = const(9)
_GUI_FORCE_DOWNRANGE = const(10)
_GUI_FORCE_CROSSRANGE = const(11)
_GUI_DIRECTION_UP_Q14 = const(12)
_GUI_DIRECTION_DOWNRANGE_Q14 = const(13)
_GUI_DIRECTION_CROSSRANGE_Q14 = const(14)
_GUI_THROTTLE_Q14 = const(15)  # duty of the assist thrusters
_GUI_MAIN_ON = const(16)
_GUI_TIME_TO_GO_Q6 = const(17)
_GUI_CONTACTS = const(18)
_GUI_PHASE_STEPS = const(19)
_GUI_FORCE_NOW_MM_S2 = const(20)

_PAR_THRUST_FULL_MN = const(0)
_PAR_THRUST_MAIN_MN = const(1)
_PAR_EXHAUST_M_S = const(2)
_PAR_GATE_ALTITUDE_MM = const(3)
_PAR_GATE_SINK_MM_S = const(4)
_PAR_GATE_SPEED_MM_S = const(5)
_PAR_GATE_DOWNRANGE_MM = const(6)
_PAR_GROWTH_SPEED_MM_S = const(7)
_PAR_IGNITION_Q14 = const(8)

_WAITING = const(0)
_COAST = const(1)
_BRAKING = const(2)
_APPROACH = const(3)
_TERMINAL = const(4)
_CONTACT = const(5)
_LANDED = const(6)

_GRAVITY_MM_S2 = const(1624)
_SHORTEST_Q6 = const(512)  # 8 s: nearer than that the quadratic law only amplifies noise
_GUARD_HEIGHT_MM = const(500000)
_SINK_SLOWING = const(550)  # mm/s2 below 1,000 m: 33 m/s at 1 km, 4.2 m/s at 20 m
_SINK_SLOWING_HIGH = const(900)
_TOUCHDOWN_SPEED_MM_S = const(1000)
_FLARE_HEIGHT_MM = const(4000)
_DIVERT_SLOWING = const(400)
_DIVERT_SLOWING_LATE = const(600)
_TERMINAL_HEIGHT_MM = const(50000)
_SETTLE_Q6 = const(640)  # 10 s without sideways demand before the ground
_CONTACT_HEIGHT_MM = const(4000)
_AT_REST_MM_S = const(600)
_SUPPORT_MM_S2 = const(350)
_ALTITUDE_DOUBT_MM = const(400000)
_LEAST_CEILING_MM = const(800000)
_SLIDING_MM_S = const(3000)


@micropython.viper
def accumulate(guidance: ptr32, estimate: ptr32) -> int:
    """Every 10 ms tick: add the measured force, so that the 10 Hz step sees one whole pulse period."""
    total = guidance[_GUI_FORCE_SUM] + int(clamp(estimate[_EST_FORCE_X_MM_S2], -200000, 200000))
    guidance[_GUI_FORCE_SUM] = int(clamp(total, -10000000, 10000000))
    return total


@micropython.viper
def step(guidance: ptr32, estimate: ptr32, params: ptr32, contacts: int) -> int:
    """One guidance step; contacts: legs that touch. Returns the phase.

    guidance: GUI_ slots; estimate: EST_ slots, read only; params: PAR_ slots.
    Ranges: contacts 0..4.
    """
    measure_thrust(guidance)
    burn_mass(guidance, params)
    phase = guidance[_GUI_PHASE]
    guidance[_GUI_PHASE_STEPS] = int(clamp(guidance[_GUI_PHASE_STEPS] + 1, 0, 1000000))
    guidance[_GUI_CONTACTS] = contacts
    if phase == _COAST or phase == _BRAKING:
        braking(guidance, estimate, params)
    elif phase == _APPROACH or phase == _TERMINAL:
        descend(guidance, estimate)
    next_phase(guidance, estimate, params)
    point_and_throttle(guidance, params)
    return guidance[_GUI_PHASE]


@micropython.viper
def measure_thrust(guidance: ptr32) -> int:
    """Compare measured with expected force over seconds: engines differ from their data sheet."""
    mean = guidance[_GUI_FORCE_SUM] // 10
    guidance[_GUI_FORCE_NOW_MM_S2] = mean
    guidance[_GUI_FORCE_SUM] = 0
    if guidance[_GUI_PHASE] != _BRAKING or guidance[_GUI_PHASE_STEPS] < 20:
        return guidance[_GUI_SCALE_Q14]
    measured = guidance[_GUI_FORCE_MEAN_Q4]
    expected = guidance[_GUI_EXPECTED_MEAN_Q4]
    measured = measured + (((mean << 4) - measured) >> 5)
    expected = expected + (((guidance[_GUI_EXPECTED_MM_S2] << 4) - expected) >> 5)
    guidance[_GUI_FORCE_MEAN_Q4] = measured
    guidance[_GUI_EXPECTED_MEAN_Q4] = expected
    if guidance[_GUI_PHASE_STEPS] > 120 and measured > 0 and expected > 0:
        scale = int(divide(measured, expected, 14))
        guidance[_GUI_SCALE_Q14] = int(clamp(scale, 14746, 18022))  # within 10 %
    return guidance[_GUI_SCALE_Q14]


@micropython.viper
def burn_mass(guidance: ptr32, params: ptr32) -> int:
    """Mass left after the last 0.1 s at the commanded thrust, and what full thrust gives it."""
    mass = int(clamp(guidance[_GUI_MASS_G], 100000, 100000000))
    full = int(mul_q14(params[_PAR_THRUST_FULL_MN], guidance[_GUI_SCALE_Q14]))
    # 0.1 s of full thrust, in milligrams: mN * 0.1 s / (m/s) * 1000
    share = int(divide(guidance[_GUI_EXPECTED_MM_S2], int(clamp(guidance[_GUI_FULL_MM_S2], 1, 100000)), 14))
    if guidance[_GUI_EXPECTED_MM_S2] <= 0:
        share = 0
    flow = int(divide(int(clamp(full, 0, 10000000)) * 100, params[_PAR_EXHAUST_M_S], 0))
    flow = int(mul_q14(flow, int(clamp(share, 0, 16384)))) + guidance[_GUI_MASS_REST_MG]
    burnt = flow // 1000
    guidance[_GUI_MASS_REST_MG] = flow - burnt * 1000
    mass = mass - burnt
    guidance[_GUI_MASS_G] = mass
    # m/s2 * 2^14, then mm/s2
    ratio = int(divide(int(clamp(full, 0, 10000000)), mass, 14))
    guidance[_GUI_FULL_MM_S2] = int(clamp(ratio, 1, 500000)) * 1000 >> 14
    return mass


@micropython.viper
def effective_gravity(estimate: ptr32) -> int:
    """Gravity less centrifugal acceleration at this height and speed, mm/s2."""
    altitude = int(clamp(estimate[_EST_ALTITUDE_MM], -10000000, 110000000))
    speed = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 14, -32000, 32000))
    centrifugal = int(divide(speed * speed, 424170 + (altitude >> 12), 0))
    return _GRAVITY_MM_S2 - altitude // 534847 - centrifugal


@micropython.viper
def braking(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """Force that reaches the gate's height, place and speeds together, within what the engines give."""
    full = guidance[_GUI_FULL_MM_S2]
    slowing = int(time_to_gate(guidance, estimate, params))
    time_q6 = guidance[_GUI_TIME_TO_GO_Q6]
    climb_rate = estimate[_EST_VELOCITY_UP_Q8] >> 8
    below = int(clamp(params[_PAR_GATE_ALTITUDE_MM] - estimate[_EST_ALTITUDE_MM], -100000000, 100000000))
    wanted = int(divide_signed(below * 6, time_q6, 6)) - 4 * climb_rate + 2 * params[_PAR_GATE_SINK_MM_S]
    climb = int(divide_signed(int(clamp(wanted, -8000000, 8000000)), time_q6, 6))
    climb = int(guard(estimate, climb))
    up = climb + int(effective_gravity(estimate))
    up = int(clamp(up, 0 - full * 3 // 10, full * 17 // 20))
    left = int(isqrt(int(clamp((full - up) * (full + up), 0, 1000000000))))
    if slowing > left:
        slowing = left
    aside = int(clamp(estimate[_EST_CROSSRANGE_MM], -100000000, 100000000))
    drift = estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8
    wanted = 0 - int(divide_signed(aside * 6, time_q6, 6)) - 4 * drift
    across = int(divide_signed(int(clamp(wanted, -8000000, 8000000)), time_q6, 6))
    guidance[_GUI_FORCE_UP] = up
    guidance[_GUI_FORCE_DOWNRANGE] = 0 - slowing
    guidance[_GUI_FORCE_CROSSRANGE] = int(clamp(across, 0 - full // 6, full // 6))
    return slowing


@micropython.viper
def time_to_gate(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """Deceleration to command now, mm/s2; stores the time to go (s * 64).

    A deceleration that grows linearly by the factor r until the gate covers the way
    v T - dv T (2 + r) / (3 (1 + r)), hence T; it starts at 2 dv / (T (1 + r)).
    r = 1 + dv / growth speed stands for the propellant burnt on the way.
    """
    full = guidance[_GUI_FULL_MM_S2]
    speed = int(clamp(estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, -2000000, 2000000))
    excess = int(clamp(speed - params[_PAR_GATE_SPEED_MM_S], 1000, 2000000))
    growth_q14 = 32768 + int(divide(excess, params[_PAR_GROWTH_SPEED_MM_S], 14))
    share_q14 = 5461 + int(divide(16384, 3 * int(clamp(growth_q14, 32768, 65536)), 14))
    lift_q14 = (int(clamp(estimate[_EST_ALTITUDE_MM], 0, 110000000)) * 9 // 932) >> 10
    ground = speed - int(mul_q14(speed, lift_q14))
    mean = ground - int(mul_q14(excess, share_q14))
    to_go = params[_PAR_GATE_DOWNRANGE_MM] - estimate[_EST_DOWNRANGE_MM]
    slowing = full
    if to_go > 0 and mean > 0:
        time_q6 = int(divide(int(clamp(to_go, 1, 1000000000)), mean, 6))
        time_q6 = int(clamp(time_q6, 64, 500000))
        slowing = int(divide(excess << 1, int(mul_growth(time_q6, growth_q14)), 6))
    if slowing > full:
        slowing = full
    if slowing < 1:
        slowing = 1
    time_q6 = int(divide(excess << 1, int(mul_growth(slowing, growth_q14)), 6))
    guidance[_GUI_TIME_TO_GO_Q6] = int(clamp(time_q6, _SHORTEST_Q6, 500000))
    return slowing


@micropython.viper
def mul_growth(x: int, growth_q14: int) -> int:
    """x * growth / 2^14 for growth between 2 and 4, at least 1."""
    growth_q14 = int(clamp(growth_q14, 32768, 65536))
    product = (x << 1) + int(mul_q14(x << 1, (growth_q14 - 32768) >> 1))
    return int(clamp(product, 1, 500000000))


@micropython.viper
def speed_over_height(height: int, slowing: int) -> int:
    """sqrt(2 a h), mm/s, for heights up to 30 km and decelerations up to 1,100 mm/s2."""
    height = int(clamp(height, 0, 30000000)) >> 6
    return int(isqrt(2 * slowing * height)) << 3


@micropython.viper
def guard(estimate: ptr32, climb: int) -> int:
    """Never sink faster than can be stopped above the ground that the altimeters see."""
    if estimate[_EST_AGL_VALID] == 0:
        return climb
    room = estimate[_EST_AGL_MM] - _GUARD_HEIGHT_MM
    fastest = int(speed_over_height(room, _SINK_SLOWING_HIGH))
    excess = 0 - fastest - (estimate[_EST_VELOCITY_UP_Q8] >> 8)
    if excess <= 0:
        return climb
    needed = _SINK_SLOWING_HIGH + (int(clamp(excess, 0, 1000000)) >> 1)
    if needed > climb:
        return needed
    return climb


@micropython.viper
def descend(guidance: ptr32, estimate: ptr32) -> int:
    """Sink rate by the height above ground; sideways toward the site, at rest before the ground."""
    height = int(height_to_lose(estimate))
    sliding = int(ground_speed(estimate))
    sink = 0 - (estimate[_EST_VELOCITY_UP_Q8] >> 8)
    wanted = int(not_while_sliding(int(sink_profile(height - _FLARE_HEIGHT_MM)), height, sliding))
    slowing = 0
    if wanted > _TOUCHDOWN_SPEED_MM_S:
        slowing = _SINK_SLOWING
        if height > 1000000:
            slowing = _SINK_SLOWING_HIGH
    error = int(clamp(sink - wanted, -40000, 40000))
    up = slowing + (error >> 1) + int(effective_gravity(estimate))
    full = guidance[_GUI_FULL_MM_S2]
    up = int(clamp(up, full // 10, full))
    guidance[_GUI_FORCE_UP] = up
    time_q6 = int(divide(height << 1, int(clamp(sink, 1000, 500000)), 6))
    guidance[_GUI_TIME_TO_GO_Q6] = int(clamp(time_q6, 1, 500000))
    limit = int(sideways_limit(height, up, sliding))
    if guidance[_GUI_PHASE] == _TERMINAL:
        time_q6 = 0
    guidance[_GUI_FORCE_DOWNRANGE] = int(
        divert(estimate[_EST_DOWNRANGE_MM], estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8, time_q6, limit)
    )
    guidance[_GUI_FORCE_CROSSRANGE] = int(
        divert(estimate[_EST_CROSSRANGE_MM], estimate[_EST_VELOCITY_CROSSRANGE_Q8] >> 8, time_q6, limit)
    )
    return wanted


@micropython.viper
def height_to_lose(estimate: ptr32) -> int:
    """agl, but no more than the altitude above the site and what inertial navigation may be wrong by.

    Over a low plain before a rise agl is no licence to dive below the site. 800 m always
    count, so that a site which lies deeper than the map says is reached while propellant lasts.
    """
    height = estimate[_EST_ALTITUDE_MM]
    if estimate[_EST_AGL_VALID] == 1:
        most = int(clamp(height + _ALTITUDE_DOUBT_MM, _LEAST_CEILING_MM, 100000000))
        height = estimate[_EST_AGL_MM]
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
def sink_profile(height: int) -> int:
    """Sink rate wanted at that height, mm/s: constant deceleration, a firmer one above 1,000 m."""
    if height <= 0:
        return _TOUCHDOWN_SPEED_MM_S
    if height <= 1000000:
        speed = int(speed_over_height(height, _SINK_SLOWING))
    else:
        above = int(clamp(height - 1000000, 0, 29000000)) >> 6
        # 2 * 550 * 10^6 / 64 at 1,000 m
        speed = int(isqrt(17187500 + 2 * _SINK_SLOWING_HIGH * above)) << 3
    if speed < _TOUCHDOWN_SPEED_MM_S:
        return _TOUCHDOWN_SPEED_MM_S
    return speed


@micropython.viper
def sideways_limit(height: int, up: int, sliding: int) -> int:
    """Largest sideways force: 24 degrees of tilt high up or while sliding, 11 below 100 m, 4 below 20 m."""
    if height > 100000:
        return up * 45 // 100
    if height > 15000:
        if sliding > _SLIDING_MM_S:
            return up * 45 // 100
        return up // 5
    return up * 7 // 100


@micropython.viper
def divert(offset: int, speed: int, time_q6: int, limit: int) -> int:
    """Sideways force on one axis: toward the site, no faster than can be stopped in the way and
    the time that are left. time_q6 = 0: only stop."""
    distance = offset
    if distance < 0:
        distance = 0 - distance
    fastest = int(speed_over_height(distance, _DIVERT_SLOWING))
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


@micropython.viper
def next_phase(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """The transitions. Touchdown needs legs, acceleration and agl to agree."""
    phase = guidance[_GUI_PHASE]
    new = phase
    if phase == _COAST:
        starting = int(mul_q14(guidance[_GUI_FULL_MM_S2], params[_PAR_IGNITION_Q14]))
        # slowing and holding up together: a steep or slow arrival must ignite for its height
        wanted = int(magnitude(guidance[_GUI_FORCE_UP], guidance[_GUI_FORCE_DOWNRANGE], 0))
        if wanted >= starting:
            new = _BRAKING
    elif phase == _BRAKING:
        if (estimate[_EST_VELOCITY_DOWNRANGE_Q8] >> 8) < params[_PAR_GATE_SPEED_MM_S] + 2000:
            new = _APPROACH
    elif phase == _APPROACH or phase == _TERMINAL:
        new = int(near_ground(guidance, estimate))
    elif phase == _CONTACT:
        new = int(judge_contact(guidance, estimate, params))
    if new != phase:
        guidance[_GUI_PHASE] = new
        guidance[_GUI_PHASE_STEPS] = 0
    return new


@micropython.viper
def near_ground(guidance: ptr32, estimate: ptr32) -> int:
    """Approach, terminal or contact, by an agl that is valid; without one, as it is."""
    phase = guidance[_GUI_PHASE]
    if estimate[_EST_AGL_VALID] == 0:
        return phase
    agl = estimate[_EST_AGL_MM]
    if phase == _APPROACH and agl < _TERMINAL_HEIGHT_MM:
        return _TERMINAL
    if phase == _TERMINAL and agl > 2 * _TERMINAL_HEIGHT_MM:
        return _APPROACH
    if phase == _TERMINAL and agl < _CONTACT_HEIGHT_MM and guidance[_GUI_CONTACTS] >= 2:
        # the terminal descent sinks at 1 m/s: switches that close without stopping it are wrong
        climb_rate = estimate[_EST_VELOCITY_UP_Q8] >> 8
        if climb_rate > 0 - _AT_REST_MM_S and climb_rate < _AT_REST_MM_S:
            return _CONTACT
    return phase


@micropython.viper
def judge_contact(guidance: ptr32, estimate: ptr32, params: ptr32) -> int:
    """With only the main engine burning, which is less than the weight: does something else hold us?

    In free flight the force is the engine's alone, on the ground the legs add to it.
    Supported for 0.3 s: landed. Not within 1 s: the switches were wrong, descend on.
    """
    alone = int(divide(params[_PAR_THRUST_MAIN_MN], int(clamp(guidance[_GUI_MASS_G], 1, 100000000)), 10))
    alone = int(clamp(alone, 0, 100000)) * 1000 >> 10
    steps = guidance[_GUI_PHASE_STEPS]
    low = 0
    if estimate[_EST_AGL_VALID] == 1 and estimate[_EST_AGL_MM] < _CONTACT_HEIGHT_MM:
        low = 1
    if steps >= 3 and guidance[_GUI_CONTACTS] >= 2 and low == 1:
        if guidance[_GUI_FORCE_NOW_MM_S2] > alone + _SUPPORT_MM_S2:
            return _LANDED
    if steps > 10 or estimate[_EST_AGL_MM] > 2 * _CONTACT_HEIGHT_MM:
        return _TERMINAL
    return _CONTACT


@micropython.viper
def point_and_throttle(guidance: ptr32, params: ptr32) -> int:
    """Direction of the force, and the duty that gives its size beside the main engine's thrust."""
    phase = guidance[_GUI_PHASE]
    if phase == _CONTACT or phase == _LANDED or phase == _WAITING:
        guidance[_GUI_THROTTLE_Q14] = 0
        guidance[_GUI_EXPECTED_MM_S2] = 0
        guidance[_GUI_MAIN_ON] = 0
        if phase == _CONTACT:
            guidance[_GUI_MAIN_ON] = 1
        return 0
    up = guidance[_GUI_FORCE_UP]
    downrange = guidance[_GUI_FORCE_DOWNRANGE]
    crossrange = guidance[_GUI_FORCE_CROSSRANGE]
    total = int(clamp(int(magnitude(up, downrange, crossrange)), 1, 40000))
    guidance[_GUI_DIRECTION_UP_Q14] = int(cosine_q14(up, total))
    guidance[_GUI_DIRECTION_DOWNRANGE_Q14] = int(cosine_q14(downrange, total))
    guidance[_GUI_DIRECTION_CROSSRANGE_Q14] = int(cosine_q14(crossrange, total))
    guidance[_GUI_MAIN_ON] = 0
    guidance[_GUI_THROTTLE_Q14] = 0
    guidance[_GUI_EXPECTED_MM_S2] = 0
    if phase == _COAST:
        return 0
    share = int(divide(total, guidance[_GUI_FULL_MM_S2], 14))
    full = params[_PAR_THRUST_FULL_MN]
    main = params[_PAR_THRUST_MAIN_MN]
    assist = int(mul_q14(full, int(clamp(share, 0, 16384)))) - main
    duty = int(clamp(int(divide_signed(assist, full - main, 14)), 0, 16384))
    guidance[_GUI_MAIN_ON] = 1
    guidance[_GUI_THROTTLE_Q14] = duty
    # what main engine and duty give together
    given = main + int(mul_q14(full - main, duty))
    share = int(divide(given, full, 14))
    guidance[_GUI_EXPECTED_MM_S2] = int(mul_q14(guidance[_GUI_FULL_MM_S2], int(clamp(share, 0, 16384))))
    return duty


@micropython.viper
def cosine_q14(component: int, total: int) -> int:
    """One component of a force over its size: never beyond 1, but only the clamp shows it."""
    component = int(clamp(component, -18000, 18000))
    return int(clamp(int(divide_signed(component, total, 14)), -16384, 16384))
