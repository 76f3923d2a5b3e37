"""Thruster modulation at 100 Hz: duty into pulses, none of them longer than 100 ms.

Assist thrusters: pulse width in a period of 100 ms, opposite pairs together, the three pairs
a third of a period apart. RCS: on and off thresholds, a minimum impulse, and what is
too small for a pulse is carried to the next. Main engine: renewed before its pulse ends. Valves that
are out of service stay closed; those that are left turn the body in their place.
"""

import micropython
from micropython import const
from plumbline.kernels.fixed import clamp

_DEM_FLAGS = const(1)
_DEM_THROTTLE_Q14 = const(2)
_DEM_TORQUE_X_Q14 = const(3)
_DEM_TORQUE_Y_Q14 = const(4)
_DEM_TRIM_Y_Q14 = const(6)

_MOD_TICK = const(0)  # 0..9 within the period
_MOD_CARRY_US = const(1)  # assist: six remainders
_MOD_RCS_CARRY_US = const(7)  # three axes
_MOD_RCS_BUSY_US = const(10)
_MOD_RCS_ACTIVE = const(13)
_MOD_SHARED_TRIM_Y_Q14 = const(16)
_MOD_SHARED_TRIM_Z_Q14 = const(17)
_MOD_OUT = const(18)
_MOD_JET_IN_TRIM_Q14 = const(19)

_ARMED = const(1)
_MAIN_ENGINE = const(2)
_VALVE_MAIN = const(0)
_VALVE_ASSIST = const(1)
_VALVE_RCS = const(7)
_VALVES = const(15)

_TICK_US = const(10000)
_LONGEST_US = const(100000)
_ASSIST_LEAST_US = const(12000)
_RCS_LEAST_US = const(20000)  # Apollo's RCS dropped pulses below 20 ms
_RCS_ON_Q14 = const(819)  # 5 %
_RCS_OFF_Q14 = const(409)  # 2.5 %
_COS_60_Q14 = const(8192)
_SIN_60_Q14 = const(14189)


@micropython.viper
def step(modulation: ptr32, pulses_us: ptr32, demand: ptr32) -> int:
    """Pulses to start in this tick, in microseconds, 0 for none. Returns a bit mask of them.

    modulation: MOD_ slots; pulses_us: one per valve (main, six assist, eight RCS);
    demand: DEM_ slots. Without the armed flag nothing opens and all remainders are dropped.
    """
    valve = 0
    while valve < _VALVES:
        pulses_us[valve] = 0
        valve = valve + 1
    tick = modulation[_MOD_TICK]
    modulation[_MOD_TICK] = 0
    if tick < 9:
        modulation[_MOD_TICK] = tick + 1
    if (demand[_DEM_FLAGS] & _ARMED) == 0:
        forget(modulation)
        return 0
    main_engine(pulses_us, demand[_DEM_FLAGS], tick)
    share_out(modulation, demand)
    assist_thrusters(modulation, pulses_us, demand, tick)
    axis = 0
    while axis < 3:
        reaction_control(modulation, pulses_us, axis, demand[_DEM_TORQUE_X_Q14 + axis])
        axis = axis + 1
    if modulation[_MOD_OUT] != 0:
        keep_closed(modulation, pulses_us)
    return int(mask_of(pulses_us))


@micropython.viper
def forget(modulation: ptr32) -> int:
    """Drop every remainder: nothing may fire later because of what was asked before disarming."""
    slot = _MOD_CARRY_US
    while slot < _MOD_OUT:
        modulation[slot] = 0
        slot = slot + 1
    return 0


@micropython.viper
def share_out(modulation: ptr32, demand: ptr32) -> int:
    """Differential thrust turns the body where a jet that is out of service does not.

    Lost thrust is made good by guidance, which measures what it gets: here, it would measure wrongly.
    """
    out = modulation[_MOD_OUT]
    axis = 0
    while axis < 2:
        torque = int(clamp(demand[_DEM_TORQUE_Y_Q14 + axis], -16384, 16384))
        jet = _VALVE_RCS + 2 * axis
        if torque < 0:
            jet = jet + 1
        trim = int(clamp(demand[_DEM_TRIM_Y_Q14 + axis], -16384, 16384))
        if (out >> jet) & 1 == 1:
            trim = int(clamp(trim + ((torque * modulation[_MOD_JET_IN_TRIM_Q14]) >> 14), -16384, 16384))
        modulation[_MOD_SHARED_TRIM_Y_Q14 + axis] = trim
        axis = axis + 1
    return out


@micropython.viper
def keep_closed(modulation: ptr32, pulses_us: ptr32) -> int:
    """No pulse for a valve that is out of service."""
    valve = 0
    while valve < _VALVES:
        if (modulation[_MOD_OUT] >> valve) & 1 == 1:
            pulses_us[valve] = 0
        valve = valve + 1
    return valve


@micropython.viper
def main_engine(pulses_us: ptr32, flags: int, tick: int) -> int:
    """The main engine burns on pulses of 100 ms that are renewed every 50 ms."""
    if (flags & _MAIN_ENGINE) != 0 and (tick == 0 or tick == 5):
        pulses_us[_VALVE_MAIN] = _LONGEST_US
    return pulses_us[_VALVE_MAIN]


@micropython.viper
def assist_thrusters(modulation: ptr32, pulses_us: ptr32, demand: ptr32, tick: int) -> int:
    """The pair whose period starts now gets its pulse: pairs start at ticks 0, 3 and 7."""
    pair = 3
    if tick == 0:
        pair = 0
    elif tick == 3:
        pair = 1
    elif tick == 7:
        pair = 2
    if pair == 3:
        return 0
    # thruster i stands at 60 degrees * i from body y toward z
    across = _COS_60_Q14
    up = _SIN_60_Q14
    if pair == 0:
        across = 16384
        up = 0
    elif pair == 2:
        across = 0 - _COS_60_Q14
    share = (modulation[_MOD_SHARED_TRIM_Y_Q14] * up - modulation[_MOD_SHARED_TRIM_Z_Q14] * across) >> 14
    throttle = int(clamp(demand[_DEM_THROTTLE_Q14], 0, 16384))
    assist_pulse(modulation, pulses_us, pair, throttle, share)
    assist_pulse(modulation, pulses_us, pair + 3, throttle, 0 - share)
    return pair


@micropython.viper
def assist_pulse(modulation: ptr32, pulses_us: ptr32, thruster: int, throttle: int, share: int) -> int:
    """One thruster's pulse for its period; what is too short to open the valve is carried."""
    width = 0
    if throttle > 0:
        duty = int(clamp(throttle + share, 0, 16384))
        width = ((duty * 3125) >> 9) + modulation[_MOD_CARRY_US + thruster]
    carry = width
    if width < _ASSIST_LEAST_US:
        width = 0
    elif width > _LONGEST_US - _ASSIST_LEAST_US:
        width = _LONGEST_US
    carry = int(clamp(carry - width, 0 - _ASSIST_LEAST_US, _ASSIST_LEAST_US))
    modulation[_MOD_CARRY_US + thruster] = carry
    pulses_us[_VALVE_ASSIST + thruster] = width
    return width


@micropython.viper
def reaction_control(modulation: ptr32, pulses_us: ptr32, axis: int, duty_q14: int) -> int:
    """One axis: thresholds with hysteresis, minimum impulse, remainder carry."""
    duty = int(clamp(duty_q14, -16384, 16384))
    size = duty
    if size < 0:
        size = 0 - size
    active = modulation[_MOD_RCS_ACTIVE + axis]
    if size >= _RCS_ON_Q14:
        active = 1
    elif size < _RCS_OFF_Q14:
        active = 0
    modulation[_MOD_RCS_ACTIVE + axis] = active
    busy = int(clamp(modulation[_MOD_RCS_BUSY_US + axis] - _TICK_US, 0, _LONGEST_US))
    carry = modulation[_MOD_RCS_CARRY_US + axis]
    if active == 1:
        # 10,000 us a tick at full duty: * 625 / 1024
        carry = int(clamp(carry + ((duty * 625) >> 10), 0 - _LONGEST_US, _LONGEST_US))
    width = carry
    if width < 0:
        width = 0 - width
    if active == 1 and busy == 0 and width >= _RCS_LEAST_US:
        open_jets(pulses_us, axis, carry, width)
        busy = width
        carry = 0
    modulation[_MOD_RCS_BUSY_US + axis] = busy
    modulation[_MOD_RCS_CARRY_US + axis] = carry
    return width


@micropython.viper
def open_jets(pulses_us: ptr32, axis: int, sign: int, width: int) -> int:
    """Jets 0..3 push pitch and yaw (+y, -y, +z, -z), 4 and 5 roll +x, 6 and 7 roll -x."""
    if axis == 0:
        jet = _VALVE_RCS + 4
        if sign < 0:
            jet = _VALVE_RCS + 6
        pulses_us[jet + 1] = width
    else:
        jet = _VALVE_RCS + 2 * axis - 2
        if sign < 0:
            jet = jet + 1
    pulses_us[jet] = width
    return jet


@micropython.viper
def mask_of(pulses_us: ptr32) -> int:
    """Bit n is set when valve n gets a pulse now."""
    mask = 0
    valve = 0
    while valve < _VALVES:
        if pulses_us[valve] > 0:
            mask = mask | (1 << valve)
        valve = valve + 1
    return mask
