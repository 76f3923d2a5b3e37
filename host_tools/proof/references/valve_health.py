"""Valves' health as rules over columns: where a torque points, for how long, and what is left to do."""

import numpy as np
from numpy.typing import NDArray

from host_tools.proof.harness.check import Answer
from plumbline.kernels import slots as s

Column = NDArray[np.int64]
Memory = NDArray[np.int64]
# valves behind each branch: main engine, opposite assist thrusters, jets about y, about z, two about x
BRANCHES = ((0,), (1, 4), (2, 5), (3, 6), (7, 8), (9, 10), (11, 14), (12, 13))
MASKS = np.array([sum(2**valve for valve in valves) for valves in BRANCHES])
JETS_Y, JETS_Z, ROLL, MORE_ROLL = 4, 5, 6, 7


def step(health: Memory, motion: Memory, demand: Memory, turning: Memory) -> Answer:
    """Nothing is judged before all has settled, nor where the ground may turn the body."""
    ready = (motion[s.MOT_AGE_TICKS] >= 150) & (demand[s.DEM_FLAGS] // 4 % 2 == 0)
    health[s.HEA_PAIR_STEPS, ~ready] = health[s.HEA_WEAK_STEPS, ~ready] = 0
    own, moved, limits = health[:, ready], motion[:, ready], turning[:, ready]
    compare(own, moved)
    judge_pairs(own, moved, limits)
    tried = own[s.HEA_TRIAL] > 0
    on_trial, free = own[:, tried], own[:, ~tried]
    end_trial(on_trial, limits[:, tried])
    for axis in range(3):
        judge_stuck(free, moved[:, ~tried], limits[:, ~tried], np.full(free.shape[1], axis))
    own[:, tried], own[:, ~tried] = on_trial, free
    for group in range(6):
        judge_jets(own, moved, np.full(own.shape[1], group))
    judge_main(own, moved, limits)
    health[:, ready] = own
    return Answer(health[s.HEA_OUT].copy())


def compare(health: Memory, motion: Memory) -> Answer:
    """Torque over that of one thruster, in 1,024ths; 1/64 of it a step is taken for the vehicle's own."""
    one = motion[[s.MOT_ROLL_Q4, s.MOT_ASSIST_Q4, s.MOT_ASSIST_Q4]]
    torque = motion[s.MOT_TORQUE_Q10 : s.MOT_TORQUE_Q10 + 3]
    share = np.sign(torque) * (16 * np.abs(torque) // one)
    steady = health[s.HEA_STEADY_Q10 : s.HEA_STEADY_Q10 + 3]
    moved = np.clip(np.clip(share, 1 - 2**29, 2**29 - 1) - steady // 64, -8192, 8192)
    health[s.HEA_TORQUE_Q10 : s.HEA_TORQUE_Q10 + 3] = moved
    health[s.HEA_STEADY_Q10 : s.HEA_STEADY_Q10 + 3] = np.where(
        np.abs(moved) < 80, np.clip(steady + moved, -20_000, 20_000), steady
    )
    return Answer(None)


def size_of(value: Column) -> Answer:
    """Without its sign."""
    return Answer(np.abs(value))


def projections(health: Memory) -> Memory:
    """(3, n): the torque along those of the three pairs, which lie 60 degrees apart."""
    about_y, about_z = health[s.HEA_TORQUE_Q10 + 1] * 887 // 1024, health[s.HEA_TORQUE_Q10 + 2]
    return np.abs(np.array([about_z, about_y - about_z // 2, about_y + about_z // 2]))


def pair_torque(health: Memory, pair: Column) -> Answer:
    """One of them."""
    return Answer(projections(health)[pair, np.arange(pair.size)])


def judge_pairs(health: Memory, motion: Memory, turning: Memory) -> Answer:
    """The largest projection of a pair that still burns; three steps cut it, twenty quiet ones tell of it."""
    gone = health[s.HEA_ISOLATED] // np.array([[2], [4], [8]]) % 2 == 1
    along = np.where(gone, -1, projections(health))
    strongest, most = along.argmax(axis=0), along.max(axis=0)
    other = strongest != health[s.HEA_PAIR]
    health[s.HEA_PAIR] = strongest
    large, much = most > turning[s.TRN_CUT_Q10], most > turning[s.TRN_WEAK_Q10]
    before = np.where(other, 0, health[s.HEA_PAIR_STEPS])
    steps = np.where(large, np.minimum(before + 1, 100), 0)
    is_cut = steps >= 3
    health[s.HEA_PAIR_STEPS] = np.where(is_cut, 0, steps)
    take(health, is_cut, strongest + 1, True)
    told = np.where(other, 0, health[s.HEA_WEAK_STEPS])
    quiet = (motion[s.MOT_QUIET_TICKS + 1 : s.MOT_QUIET_TICKS + 3] >= 3).all(axis=0)
    counted = np.where(quiet, np.minimum(told + 1, 100), told)
    now = np.where(much & (health[s.HEA_TRIAL] == 0), counted, 0)
    health[s.HEA_WEAK_STEPS] = np.where(is_cut, told, now)
    health[s.HEA_WEAK] |= np.where(~is_cut & (now >= 20), 2**strongest, 0)
    return Answer(strongest)


def take(health: Memory, where: NDArray[np.bool_], branch: Column, out: bool) -> None:
    """A branch's valves out of service and its isolation valve shut, or the reverse, where it says."""
    for slot, bits in ((s.HEA_OUT, MASKS[branch]), (s.HEA_ISOLATED, 2**branch)):
        now = health[slot]
        health[slot] = np.where(where, now | bits if out else now & ~bits, now)


def cut(health: Memory, branch: Column, again: Column) -> Answer:
    """As `take`."""
    take(health, again == 0, branch, True)
    take(health, again == 1, branch, False)
    return Answer(MASKS[branch])


def judge_stuck(health: Memory, motion: Memory, turning: Memory, axis: Column) -> Answer:
    """Eight steps with a torque of a jet's size about this axis, and not about the other one."""
    at = np.arange(axis.size)
    sizes = np.abs(health[s.HEA_TORQUE_Q10 : s.HEA_TORQUE_Q10 + 3])
    roll = axis == 0
    torque, other = sizes[axis, at], np.where(roll, 0, sizes[(3 - axis) % 3, at])
    branch = np.where(roll, ROLL, JETS_Y + axis - 1)
    known = (health[s.HEA_ISOLATED] | health[s.HEA_ACQUITTED]) // 2**branch % 2 == 1
    least = np.where(roll, 512, turning[s.TRN_STUCK_Q10])
    most = np.where(roll, 8192, turning[s.TRN_CUT_Q10])
    fits = (torque >= least) & (torque <= most) & (4 * other <= torque)
    counts = roll | (motion[s.MOT_QUIET_TICKS + axis, at] >= 3)
    before = health[s.HEA_STUCK_STEPS + axis, at]
    steps = np.where(fits, np.where(counts, np.minimum(before + 1, 100), before), 0)
    tries = ~known & (steps >= 8)
    health[s.HEA_STUCK_STEPS + axis, at] = np.where(known, before, np.where(tries, 0, steps))
    take(health, tries, branch, True)
    health[s.HEA_TRIAL] = np.where(tries, branch, health[s.HEA_TRIAL])
    health[s.HEA_TRIAL_STEPS] = np.where(tries, 0, health[s.HEA_TRIAL_STEPS])
    return Answer(np.where(known, 0, steps))


def end_trial(health: Memory, turning: Memory) -> Answer:
    """After twelve steps: three quarters of what was suspected are still there, or the branch was the one."""
    steps = np.minimum(health[s.HEA_TRIAL_STEPS] + 1, 100)
    health[s.HEA_TRIAL_STEPS] = steps
    over = steps >= 12
    branch = np.clip(health[s.HEA_TRIAL], JETS_Y, MORE_ROLL)
    roll = branch >= ROLL
    axis = np.where(roll, 0, branch - JETS_Y + 1)
    limit = np.where(roll, 512, turning[s.TRN_STUCK_Q10])
    left = np.abs(health[s.HEA_TORQUE_Q10 + axis, np.arange(axis.size)])
    wrong = over & (left >= limit - limit // 4)
    take(health, wrong, branch, False)
    health[s.HEA_ACQUITTED] |= np.where(wrong, 2**branch, 0)
    next_one = wrong & (branch == ROLL)
    take(health, next_one, np.full(branch.size, MORE_ROLL), True)
    health[s.HEA_TRIAL] = np.where(next_one, MORE_ROLL, np.where(over, 0, health[s.HEA_TRIAL]))
    health[s.HEA_TRIAL_STEPS] = np.where(next_one, 0, steps)
    return Answer(steps)


def judge_jets(health: Memory, motion: Memory, group: Column) -> Answer:
    """Two fifths of enough that was asked are weak, seven tenths are none; not where it comes and goes."""
    at = np.arange(group.size)
    asked, lack = motion[s.MOT_ASKED_Q4 + group, at], motion[s.MOT_LACK_Q4 + group, at]
    enough = (asked >= 20_000) & (10 * lack >= 7 * motion[s.MOT_ROUGH_Q4 + group, at])
    health[s.HEA_WEAK] |= np.where(enough & (5 * lack > 2 * asked), 2 ** (group + 3), 0)
    dead = enough & (10 * lack > 7 * asked) & (group >= 2)
    health[s.HEA_OUT] |= np.where(dead, 2 ** (group + 5), 0)
    return Answer(np.where(enough, lack, 0))


def judge_main(health: Memory, motion: Memory, turning: Memory) -> Answer:
    """Twenty steps in a row tell of it."""
    missing = motion[s.MOT_LACK_Q10] > turning[s.TRN_LACK_Q10]
    steps = np.where(missing, np.minimum(health[s.HEA_MAIN_STEPS] + 1, 100), 0)
    health[s.HEA_MAIN_STEPS] = steps
    health[s.HEA_WEAK] |= 512 * (steps >= 20)
    return Answer(steps)
