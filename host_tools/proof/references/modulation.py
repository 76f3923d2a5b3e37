"""Modulation as accounting in microseconds: what is demanded, what is opened, what is carried on."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
MAIN, ASSIST, RCS, VALVES = 0, 1, 7, 15
COSINES = [round(16_384 * np.cos(np.pi / 3 * i)) for i in range(3)]
SINES = [round(16_384 * np.sin(np.pi / 3 * i)) for i in range(3)]
PAIR_OF_TICK = {0: 0, 3: 1, 7: 2}


def step(modulation: Memory, pulses_us: Memory, demand: Memory) -> Answer:
    """Nothing opens and nothing is remembered unless armed."""
    pulses_us[:] = 0
    tick = modulation[s.MOD_TICK].copy()
    modulation[s.MOD_TICK] = (tick + 1) % 10
    armed = demand[s.DEM_FLAGS] % 2 == 1
    modulation[s.MOD_CARRY_US : s.MOD_OUT, ~armed] = 0
    memory, pulses, asked, now = modulation[:, armed], pulses_us[:, armed], demand[:, armed], tick[armed]
    main_engine(pulses, asked[s.DEM_FLAGS], now)
    share_out(memory, asked)
    assist_thrusters(memory, pulses, asked, now)
    for axis in range(3):
        reaction_control(memory, pulses, np.full(now.size, axis), asked[s.DEM_TORQUE_X_Q14 + axis])
    keep_closed(memory, pulses)
    modulation[:, armed], pulses_us[:, armed] = memory, pulses
    return Answer(bits(pulses_us))


def forget(modulation: Memory) -> Answer:
    """All but the tick and what is out of service."""
    modulation[s.MOD_CARRY_US : s.MOD_OUT] = 0
    return Answer(None)


def share_out(modulation: Memory, demand: Memory) -> Answer:
    """Where a jet is out, its duty as trim, as far as the vehicle says."""
    out = modulation[s.MOD_OUT] // 2 ** np.arange(VALVES)[:, None] % 2 == 1
    for axis in range(2):
        torque = np.clip(demand[s.DEM_TORQUE_Y_Q14 + axis], -16_384, 16_384)
        missing = np.where(torque < 0, out[RCS + 2 * axis + 1], out[RCS + 2 * axis])
        trim = np.clip(demand[s.DEM_TRIM_Y_Q14 + axis], -16_384, 16_384)
        helped = np.clip(trim + torque * modulation[s.MOD_JET_IN_TRIM_Q14] // 2**14, -16_384, 16_384)
        modulation[s.MOD_SHARED_TRIM_Y_Q14 + axis] = np.where(missing, helped, trim)
    return Answer(modulation[s.MOD_OUT].copy())


def keep_closed(modulation: Memory, pulses_us: Memory) -> Answer:
    """A pulse of nothing."""
    pulses_us[modulation[s.MOD_OUT] // 2 ** np.arange(VALVES)[:, None] % 2 == 1] = 0
    return Answer(None)


def main_engine(pulses_us: Memory, flags: Column, tick: Column) -> Answer:
    """100 ms every 50 ms."""
    pulses_us[MAIN][(flags // 2 % 2 == 1) & (tick % 5 == 0)] = 100_000
    return Answer(None)


def assist_thrusters(modulation: Memory, pulses_us: Memory, demand: Memory, tick: Column) -> Answer:
    """The pair of this tick; torque y from thrust at z and the reverse: trim_y sin - trim_z cos."""
    throttle = np.clip(demand[s.DEM_THROTTLE_Q14], 0, 16_384)
    trim_y, trim_z = modulation[s.MOD_SHARED_TRIM_Y_Q14], modulation[s.MOD_SHARED_TRIM_Z_Q14]
    for starts, pair in PAIR_OF_TICK.items():
        rows = tick == starts
        share = (trim_y * SINES[pair] - trim_z * COSINES[pair]) // 2**14
        for thruster, sign in ((pair, 1), (pair + 3, -1)):
            width, carry = assist(modulation[s.MOD_CARRY_US + thruster], throttle, sign * share)
            modulation[s.MOD_CARRY_US + thruster][rows] = carry[rows]
            pulses_us[ASSIST + thruster][rows] = width[rows]
    return Answer(None)


def assist(carry: Column, throttle: Column, share: Column) -> tuple[Column, Column]:
    """(pulse, carry): under 12 ms waits, over 88 ms opens for the whole 100 ms and owes the rest."""
    owed = np.clip(throttle + share, 0, 16_384) * 100_000 // 2**14 + carry
    owed = np.where(throttle > 0, owed, 0)
    width = np.where(owed < 12_000, 0, np.where(owed > 88_000, 100_000, owed))
    return width, np.clip(owed - width, -12_000, 12_000)


def assist_pulse(
    modulation: Memory, pulses_us: Memory, thruster: Column, throttle: Column, share: Column
) -> Answer:
    """As `assist`, for one thruster."""
    at = np.arange(thruster.size)
    width, carry = assist(modulation[s.MOD_CARRY_US + thruster, at], throttle, share)
    modulation[s.MOD_CARRY_US + thruster, at] = carry
    pulses_us[ASSIST + thruster, at] = width
    return Answer(width)


def reaction_control(modulation: Memory, pulses_us: Memory, axis: Column, duty_q14: Column) -> Answer:
    """On from 5 %, off below 2.5 %; what is owed opens when it is 20 ms and the jets are shut."""
    at = np.arange(axis.size)
    duty = np.clip(duty_q14, -16_384, 16_384)
    active = modulation[s.MOD_RCS_ACTIVE + axis, at] == 1
    active = (np.abs(duty) >= 819) | (active & (np.abs(duty) >= 409))
    busy = np.clip(modulation[s.MOD_RCS_BUSY_US + axis, at] - 10_000, 0, 100_000)
    carry = modulation[s.MOD_RCS_CARRY_US + axis, at]
    carry = np.where(active, np.clip(carry + duty * 10_000 // 2**14, -100_000, 100_000), carry)
    fires = active & (busy == 0) & (np.abs(carry) >= 20_000)
    for jet in range(8):
        # 0..3: +y, -y, +z, -z; 4 and 5: +x; 6 and 7: -x
        about = 0 if jet >= 4 else 1 + jet // 2
        sign = (-1 if jet >= 6 else 1) if about == 0 else 1 - 2 * (jet % 2)
        rows = fires & (axis == about) & (carry * sign > 0)
        pulses_us[RCS + jet][rows] = np.abs(carry)[rows]
    modulation[s.MOD_RCS_ACTIVE + axis, at] = active
    modulation[s.MOD_RCS_BUSY_US + axis, at] = np.where(fires, np.abs(carry), busy)
    modulation[s.MOD_RCS_CARRY_US + axis, at] = np.where(fires, 0, carry)
    return Answer(None)


def open_jets(pulses_us: Memory, axis: Column, sign: Column, width: Column) -> Answer:
    """One of a pair for pitch and yaw, both of a pair for roll; no sign counts as plus."""
    first = np.where(axis == 0, np.where(sign < 0, 6, 4), 2 * axis - 2 + (sign < 0))
    at = np.arange(axis.size)
    pulses_us[RCS + first, at] = width
    roll = axis == 0
    pulses_us[RCS + first[roll] + 1, at[roll]] = width[roll]
    return Answer(None)


def mask_of(pulses_us: Memory) -> Answer:
    """As `bits`."""
    return Answer(bits(pulses_us))


def bits(pulses_us: Memory) -> Column:
    """A binary number whose digits say which valves open."""
    return ((pulses_us > 0) * (2 ** np.arange(VALVES))[:, None]).sum(axis=0)


def impulse(modulation: Memory, pulses_us: Memory, demand: Memory, totals: Memory) -> Answer:
    """Of 1,000 ticks: pulses and what is still owed are the demanded duty, to the microsecond."""
    throttle = demand[s.DEM_THROTTLE_Q14]
    for thruster in range(6):
        pair, sign = thruster % 3, 1 - 2 * (thruster // 3)
        share = (demand[s.DEM_TRIM_Y_Q14] * SINES[pair] - demand[s.DEM_TRIM_Z_Q14] * COSINES[pair]) // 2**14
        totals[thruster] = 100 * (np.clip(throttle + sign * share, 0, 16_384) * 100_000 // 2**14)
    for axis in range(3):
        duty = demand[s.DEM_TORQUE_X_Q14 + axis]
        totals[6 + axis] = np.where(np.abs(duty) >= 819, 1000 * (duty * 10_000 // 2**14), 0)
    free = np.full(throttle.size, np.nan)
    near = {("modulation", slot): (free, 0) for slot in range(s.MOD_SIZE)}
    return Answer(None, {**near, **{("pulses_us", valve): (free, 0) for valve in range(VALVES)}})
