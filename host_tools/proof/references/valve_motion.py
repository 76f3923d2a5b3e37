"""Motion by the pulses as a matrix of torques and difference equations, over whole columns."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
ASSIST, RCS, VALVES, TICK_US = 1, 7, 15, 10_000
X, Y, Z = range(3)
# jets' signs about x, y, z
SIGNS = np.array([[0, 0, 0, 0, 1, 1, -1, -1], [1, -1, 0, 0, 0, 0, 0, 0], [0, 0, 1, -1, 0, 0, 0, 0]])


def take_mass(motion: Memory, demand: Memory, turning: Memory) -> Answer:
    """Torque over moment of inertia goes with one over the mass."""
    mass = np.clip(demand[s.DEM_MASS_KG], 10, 32_767)
    motion[s.MOT_ASSIST_Q4 : s.MOT_ROLL_Q4 + 1] = np.clip(turning[: s.TRN_ROLL + 1] // mass, 1, 65_535)
    weigh_thrust(motion, turning, mass)
    return Answer(mass)


def weigh_thrust(motion: Memory, turning: Memory, mass_kg: Column) -> Answer:
    """Impulse for a kilogram, owed and felt, over that of all seven engines in a tenth of a second."""
    main = np.minimum(turning[s.TRN_MAIN_MN] // mass_kg, 32_767)
    one = np.clip(turning[s.TRN_THRUSTER_MN] // mass_kg, 1, 32_767)
    tenth = 100_000
    burned = np.minimum(motion[s.MOT_MAIN_US], tenth), np.minimum(motion[s.MOT_THRUSTERS_US], 6 * tenth)
    owed = burned[0] // 16 * main // 625 + 4 * (burned[1] // 64 * one // 625) - motion[s.MOT_FORCE_SUM]
    lack = np.sign(owed) * (1024 * np.abs(owed) // (10 * main + 60 * one))
    lack = np.where(burned[0] == tenth, lack, 0)
    motion[s.MOT_MAIN_US : s.MOT_LACK_Q10] = 0
    motion[s.MOT_LACK_Q10] = np.clip(lack, -8_192, 8_192)
    return Answer(lack)


def add_thrust(motion: Memory, demand: Memory) -> Answer:
    """Three sums, each of which stops where ten ticks cannot bring it."""
    on = motion[s.MOT_ON_US : s.MOT_ON_US + RCS]
    felt = motion[s.MOT_FORCE_SUM] + demand[s.DEM_FORCE_X_MM_S2]
    motion[s.MOT_MAIN_US] = np.minimum(motion[s.MOT_MAIN_US] + on[0], 1_000_000)
    motion[s.MOT_THRUSTERS_US] = np.minimum(motion[s.MOT_THRUSTERS_US] + on[ASSIST:].sum(axis=0), 6_000_000)
    motion[s.MOT_FORCE_SUM] = np.clip(felt, -400_000, 400_000)
    return Answer(felt)


def step(motion: Memory, demand: Memory) -> Answer:
    """Time passes for all; the rest is for those that are armed, and whose rates are what the body does."""
    count_open(motion)
    armed = (demand[s.DEM_FLAGS] % 2 == 1) & (demand[s.DEM_FLAGS] // 8 % 2 == 0)
    idle, busy = motion[:, ~armed], motion[:, armed]
    rest(idle, demand[:, ~armed])
    busy[s.MOT_AGE_TICKS] = np.minimum(busy[s.MOT_AGE_TICKS] + 1, 1000)
    expect(busy)
    add_thrust(busy, demand[:, armed])
    for axis in (X, Y, Z):
        about, rate = np.full(busy.shape[1], axis), demand[s.DEM_RATE_X_Q + axis, armed]
        observe(busy, about, rate)
        weigh_jets(busy, about, rate)
    motion[:, ~armed], motion[:, armed] = idle, busy
    return Answer(armed.astype(np.int64))


def begin(motion: Memory, pulses_us: Memory) -> Answer:
    """A new pulse replaces the rest of the last one."""
    left = motion[s.MOT_LEFT_US : s.MOT_LEFT_US + VALVES]
    left[pulses_us > 0] = pulses_us[pulses_us > 0]
    return Answer(None)


def count_open(motion: Memory) -> Answer:
    """A tick's worth, or what is left."""
    left = motion[s.MOT_LEFT_US : s.MOT_LEFT_US + VALVES]
    motion[s.MOT_ON_US : s.MOT_ON_US + VALVES] = np.minimum(left, TICK_US)
    left -= np.minimum(left, TICK_US)
    return Answer(None)


def rest(motion: Memory, demand: Memory) -> Answer:
    """From the expectation to the episodes all is forgotten; what the jets owe is not."""
    rates = demand[s.DEM_RATE_X_Q : s.DEM_RATE_Z_Q + 1]
    motion[s.MOT_TURN_Q4 : s.MOT_LACK_Q4] = 0
    motion[s.MOT_MAIN_US : s.MOT_LACK_Q10 + 1] = 0
    motion[s.MOT_RATE_Q4 : s.MOT_RATE_Q4 + 3] = 16 * rates
    motion[s.MOT_SEEN_Q : s.MOT_SEEN_Q + 3] = rates
    motion[s.MOT_AGE_TICKS] = 0
    return Answer(None)


def expect(motion: Memory) -> Answer:
    """Torques r x F of six thrusters on a ring and of eight jets; an angle's cosine is 887/1024 or a half."""
    for first in (s.MOT_TURN_Q4, s.MOT_JETS_Q4):
        motion[first + 3 : first + 6] = motion[first : first + 3]
    on = motion[s.MOT_ON_US + ASSIST : s.MOT_ON_US + RCS]
    jets = (SIGNS[:, :, None] * motion[s.MOT_ON_US + RCS : s.MOT_ON_US + VALVES]).sum(axis=1)
    one = motion[[s.MOT_ROLL_Q4, s.MOT_JET_Q4, s.MOT_JET_Q4]]
    of_jets = jets // 16 * one // 625
    half = on[3] - on[0] + (on[2] + on[4] - on[1] - on[5]) // 2
    across = (on[1] + on[2] - on[4] - on[5]) * 887 // 2**14
    motion[s.MOT_JETS_Q4 : s.MOT_JETS_Q4 + 3] = of_jets
    motion[s.MOT_TURN_Q4 : s.MOT_TURN_Q4 + 3] = of_jets
    motion[s.MOT_TURN_Q4 + Y] += across * motion[s.MOT_ASSIST_Q4] // 625
    motion[s.MOT_TURN_Q4 + Z] += half // 16 * motion[s.MOT_ASSIST_Q4] // 625
    return Answer(None)


def late(motion: Memory, slot: Column) -> Column:
    """1.6 ticks late, between the last two."""
    at = np.arange(slot.size)
    return (3 * motion[slot, at] + 5 * motion[slot + 3, at]) // 8


def delayed(motion: Memory, slot: Column) -> Answer:
    """As `late`."""
    return Answer(late(motion, slot))


def observe(motion: Memory, axis: Column, rate_q: Column) -> Answer:
    """A second-order observer with gains 5/32 and 53/128 of 1/64."""
    at = np.arange(axis.size)
    torque, rate = motion[s.MOT_TORQUE_Q10 + axis, at], motion[s.MOT_RATE_Q4 + axis, at]
    predicted = rate + late(motion, s.MOT_TURN_Q4 + axis) + torque // 64
    error = np.clip(16 * rate_q - predicted, -400_000, 400_000)
    motion[s.MOT_RATE_Q4 + axis, at] = np.clip(predicted + 5 * error // 32, -600_000, 600_000)
    motion[s.MOT_TORQUE_Q10 + axis, at] = np.clip(torque + 53 * error // 128, -4_000_000, 4_000_000)
    return Answer(error)


def weigh_jets(motion: Memory, axis: Column, rate_q: Column) -> Answer:
    """Sums over an episode: it begins with the first jet and ends when jets have rested, or is long."""
    at = np.arange(axis.size)
    jets, turn = late(motion, s.MOT_JETS_Q4 + axis), late(motion, s.MOT_TURN_Q4 + axis)
    turned = 16 * (rate_q - motion[s.MOT_SEEN_Q + axis, at])
    motion[s.MOT_SEEN_Q + axis, at] = rate_q
    quiet = np.where(jets != 0, 0, np.minimum(motion[s.MOT_QUIET_TICKS + axis, at] + 1, 1000))
    motion[s.MOT_QUIET_TICKS + axis, at] = quiet
    fired, steady = motion[s.MOT_FIRED_Q4 + axis, at], motion[s.MOT_STEADY_Q10 + axis, at]
    under_way = (fired != 0) | (jets != 0)
    missed = motion[s.MOT_MISSED_Q4 + axis, at] + turned - turn - steady // 64
    most = 4_000_000
    motion[s.MOT_MISSED_Q4 + axis, at] = np.where(under_way, np.clip(missed, -most, most), 0)
    torque = motion[s.MOT_TORQUE_Q10 + axis, at]
    motion[s.MOT_STEADY_Q10 + axis, at] = np.where(under_way, steady, torque)
    fired = np.clip(fired + jets, -most, most)
    motion[s.MOT_FIRED_Q4 + axis, at] = fired
    over = under_way & ((quiet >= 5) | (np.abs(fired) > 15_000))
    part = motion[:, over]
    take_episode(part, axis[over])
    motion[:, over] = part
    return Answer(np.where(under_way, jets, 0))


def take_episode(motion: Memory, axis: Column) -> Answer:
    """Signed sums go to the group of their sign; what is old is halved when it has become much.

    Not counted: what is too small, and episodes in which the torque is two jets' or moves by more than 1.5.
    """
    at = np.arange(axis.size)
    asked, missed = motion[s.MOT_FIRED_Q4 + axis, at], motion[s.MOT_MISSED_Q4 + axis, at]
    before, after = motion[s.MOT_STEADY_Q10 + axis, at], motion[s.MOT_TORQUE_Q10 + axis, at]
    jets = np.maximum(np.abs(before), np.abs(after)) / (64.0 * motion[s.MOT_JET_Q4])
    moved = np.abs(after - before) / (64.0 * motion[s.MOT_JET_Q4])
    motion[s.MOT_FIRED_Q4 + axis, at] = motion[s.MOT_MISSED_Q4 + axis, at] = 0
    motion[s.MOT_STEADY_Q10 + axis, at] = motion[s.MOT_TORQUE_Q10 + axis, at]
    sign = np.where(asked < 0, -1, 1)
    group = 2 * axis + (sign < 0)
    counts = (np.abs(asked) >= 50) & (jets <= 2.0) & (moved <= 1.5)
    lack = motion[s.MOT_LACK_Q4 + group, at] - sign * missed
    total = motion[s.MOT_ASKED_Q4 + group, at] + np.abs(asked)
    shrink = np.where(total > 32_000, 2, 1)
    million = 1_000_000
    rough = np.clip((motion[s.MOT_ROUGH_Q4 + group, at] + np.abs(missed)) // shrink, 0, million)
    motion[s.MOT_ROUGH_Q4 + group, at] = np.where(counts, rough, motion[s.MOT_ROUGH_Q4 + group, at])
    lack, total = np.clip(lack // shrink, -million, million), np.clip(total // shrink, 0, million)
    motion[s.MOT_LACK_Q4 + group, at] = np.where(counts, lack, motion[s.MOT_LACK_Q4 + group, at])
    motion[s.MOT_ASKED_Q4 + group, at] = np.where(counts, total, motion[s.MOT_ASKED_Q4 + group, at])
    return Answer(None)
