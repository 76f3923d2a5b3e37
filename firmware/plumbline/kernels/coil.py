"""Valves by the current of their coils: what each branch draws, against what is commanded open.

A branch of one or two valves has one shunt. It is judged when each of its valves has been open for the whole
of the last tick and stays so, or shut for the whole of it. A coil's current goes with the supply's voltage,
which is read in between. Three readings in a row decide: no current is a broken coil, wire or driver, current
that nobody commanded a driver that has failed closed. What moves behind the coil, current does not tell.
"""

import micropython
from micropython import const

_MOT_LEFT_US = const(0)
_MOT_ON_US = const(15)

_COI_ARM = const(0)
_COI_SHARE_Q10 = const(1)
_COI_BRANCH = const(2)
_COI_TURN = const(3)
_COI_DEAD = const(4)
_COI_DRIVEN = const(5)
_COI_DOUBT = const(6)
_COI_EXCESS = const(21)
_COI_SEEN = const(29)
_COI_PATROL = const(37)

_VALVES = const(15)
_BRANCHES = const(8)
_TICK_US = const(10000)
_STAYS_US = const(1000)
_SUPPLY_LEAST = const(32500)  # 18 V of 36.3 V: below it the drivers have no supply to be judged by
_BELIEVED = const(3)


@micropython.viper
def valves_of(branch: int) -> int:
    """A bit for each valve: main engine, opposite assist thrusters, jets y, jets z, two pairs for roll.

    Ranges: branch 0..7.
    """
    if branch == 0:
        return 1
    if branch <= 3:
        return 0x12 << (branch - 1)
    if branch <= 5:
        return 3 << (2 * branch - 1)
    if branch == 6:
        return 0x4800
    return 0x3000


@micropython.viper
def held_open(motion: ptr32) -> int:
    """Valves that were open for the whole of the last tick and stay open, as commanded."""
    mask = 0
    valve = 0
    while valve < _VALVES:
        if motion[_MOT_ON_US + valve] >= _TICK_US and motion[_MOT_LEFT_US + valve] >= _STAYS_US:
            mask = mask | (1 << valve)
        valve = valve + 1
    return mask


@micropython.viper
def held_shut(motion: ptr32) -> int:
    """Valves that were shut for the whole of the last tick, as commanded."""
    mask = 0
    valve = 0
    while valve < _VALVES:
        if motion[_MOT_ON_US + valve] == 0:
            mask = mask | (1 << valve)
        valve = valve + 1
    return mask


@micropython.viper
def open_next(motion: ptr32) -> int:
    """Valves that will have been open for the whole of the coming tick when it is over, and stay open."""
    mask = 0
    valve = 0
    while valve < _VALVES:
        if motion[_MOT_LEFT_US + valve] >= _TICK_US + _STAYS_US:
            mask = mask | (1 << valve)
        valve = valve + 1
    return mask


@micropython.viper
def take_supply(coils: ptr32, level: int) -> int:
    """The supply of the drivers; without it nothing is judged. Returns 1 if there is one.

    Ranges: level 0..65_535.
    """
    coils[_COI_ARM] = level
    if level >= _SUPPLY_LEAST:
        return 1
    slot = _COI_DOUBT
    while slot < _COI_SEEN:
        coils[slot] = 0
        slot = slot + 1
    return 0


@micropython.viper
def take(coils: ptr32, motion: ptr32, branch: int, level: int) -> int:
    """What a branch draws: returns how many coils are commanded, -1 where nothing can be said.

    Before the commands of this tick go out. Ranges: branch 0..7, level 0..65_535.
    """
    if level > coils[_COI_SEEN + branch]:
        coils[_COI_SEEN + branch] = level
    valves = int(valves_of(branch))
    is_open = int(held_open(motion)) & valves
    if (is_open | int(held_shut(motion))) & valves != valves or coils[_COI_ARM] < _SUPPLY_LEAST:
        return -1
    count = 0
    left = is_open
    while left > 0:
        count = count + (left & 1)
        left = left >> 1
    half = (coils[_COI_ARM] * coils[_COI_SHARE_Q10]) >> 11  # of what a coil draws
    low = 0
    high = 0
    if level < (2 * count - 1) * half:
        low = 1
    elif level > (2 * count + 1) * half:
        high = 1
    doubt(coils, is_open, low)
    slot = _COI_EXCESS + branch
    excess = (coils[slot] + 1) * high
    if excess >= _BELIEVED:
        excess = _BELIEVED
        coils[_COI_DRIVEN] = coils[_COI_DRIVEN] | (1 << branch)
    coils[slot] = excess
    return count


@micropython.viper
def doubt(coils: ptr32, is_open: int, low: int) -> int:
    """Valves that are commanded open, and whether their branch draws too little for them.

    Ranges: is_open 0..32_767, low 0..1.
    """
    valve = 0
    while valve < _VALVES:
        if (is_open >> valve) & 1 == 1:
            doubts = (coils[_COI_DOUBT + valve] + 1) * low
            if doubts >= _BELIEVED:
                doubts = _BELIEVED
                coils[_COI_DEAD] = coils[_COI_DEAD] | (1 << valve)
            coils[_COI_DOUBT + valve] = doubts
        valve = valve + 1
    return coils[_COI_DEAD]


@micropython.viper
def is_doubted(coils: ptr32, branch: int, opening: int) -> int:
    """Whether a branch is to be looked at again at once: one more reading will tell.

    opening: what `open_next` says. Ranges: branch 0..7, opening 0..32_767.
    """
    known = (coils[_COI_DRIVEN] >> branch) & 1
    if coils[_COI_EXCESS + branch] > 0 and known == 0:
        return 1
    valves = int(valves_of(branch)) & opening & (coils[_COI_DEAD] ^ 32767)
    valve = 0
    while valve < _VALVES:
        if (valves >> valve) & 1 == 1 and coils[_COI_DOUBT + valve] > 0:
            return 1
        valve = valve + 1
    return 0


@micropython.viper
def pick(coils: ptr32, motion: ptr32) -> int:
    """The branch to be read next, after the commands of this tick: one in doubt, else one that will be open.

    Every fourth time it is the next one's turn whatever it does: a driver may have failed closed.
    """
    opening = int(open_next(motion))
    turn = (coils[_COI_TURN] + 1) & 3
    coils[_COI_TURN] = turn
    last = coils[_COI_BRANCH]
    step = 1
    while step <= _BRANCHES:
        branch = (last + step) & 7
        if int(is_doubted(coils, branch, opening)) == 1:
            coils[_COI_BRANCH] = branch
            return branch
        step = step + 1
    if turn > 0:
        step = 1
        while step <= _BRANCHES:
            branch = (last + step) & 7
            if int(valves_of(branch)) & opening != 0:
                coils[_COI_BRANCH] = branch
                return branch
            step = step + 1
    chosen = (coils[_COI_PATROL] + 1) & 7
    coils[_COI_PATROL] = chosen
    coils[_COI_BRANCH] = chosen
    return chosen
