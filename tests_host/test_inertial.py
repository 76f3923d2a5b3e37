"""kernels/inertial.py and contest.py: two inertial units, and which one to fly by."""

from array import array
from collections.abc import Callable

import numpy as np
import pytest

import host_tools.host_board  # noqa: F401  (makes `plumbline` importable)
from plumbline.kernels import contest, inertial, slots

NOBODY, FIRST, SECOND, BOTH = range(4)
GOOD, SILENT, OVERLOADED, STUCK, IMPLAUSIBLE = range(5)
ONE_Q29 = 2**29 - 2
# STIM300's noise of a tick, 1 sigma: 0.15 deg/sqrt(h) and 0.07 m/s/sqrt(h) over 10 ms
ANGLE_NOISE, KICK_NOISE = 524.0, 489.0
DEG_H = 2**21 / 3600 * 0.01  # LSB a tick
MM_S2 = 2**22 / 1000 * 0.01
EXPECTED_MM_S2 = 3000
Spoil = Callable[[np.ndarray], np.ndarray | None]


class Pair:
    """Two units that measure the same motion; `spoil[i]` changes what one says, None for nothing."""

    def __init__(self, seed: int = 1) -> None:
        self.memory = array("i", [0] * slots.INS_SIZE)
        self.estimate = array("i", [0] * slots.EST_SIZE)
        for row in range(3):
            self.estimate[slots.EST_R00 + 4 * row] = ONE_Q29
        self.guidance = array("i", [0] * slots.GUI_SIZE)
        self.guidance[slots.GUI_EXPECTED_MM_S2] = EXPECTED_MM_S2
        self.polls = [array("i", [0] * slots.IMU_SIZE) for _ in range(2)]
        self.chosen = array("i", [0] * slots.IMU_SIZE)
        self.noise = np.random.default_rng(seed)
        self.spoil: list[Spoil | None] = [None, None]
        self.flagged = [False, False]
        self.sums = np.zeros(6)
        self.truth = np.zeros(6)
        for _ in range(200):
            self.tick()

    def tick(self) -> int:
        """One tick of slow turning at 3 m/s2; who is used."""
        motion = np.array([20.0, -300.0, 1500.0, EXPECTED_MM_S2 * MM_S2, 0.0, 0.0])
        for unit, poll in enumerate(self.polls):
            noise = self.noise.standard_normal(6) * ([ANGLE_NOISE] * 3 + [KICK_NOISE] * 3)
            said: np.ndarray | None = motion + noise
            spoil = self.spoil[unit]
            if spoil is not None and said is not None:
                said = spoil(said)
            if self.flagged[unit]:
                poll[slots.IMU_FAULTS] += 5
                said = None
            poll[slots.IMU_SAMPLES] = 0 if said is None else 5
            for axis in range(6):
                poll[slots.IMU_ANGLE_X + axis] = 0 if said is None else round(float(said[axis]))
            inertial.examine(self.memory, poll, unit)
        used = inertial.choose(self.memory, self.estimate, self.guidance, self.chosen)
        if self.chosen[slots.IMU_SAMPLES]:
            self.sums += self.chosen[slots.IMU_ANGLE_X : slots.IMU_ANGLE_X + 6]
            self.truth += motion
        return int(used)

    def run(self, seconds: float) -> list[int]:
        return [self.tick() for _ in range(round(100 * seconds))]

    def verdict(self, unit: int) -> int:
        return self.memory[slots.INS_FIRST + unit * slots.INS_STRIDE + slots.INS_VERDICT]


def constant() -> Spoil:
    held: list[np.ndarray] = []

    def spoil(said: np.ndarray) -> np.ndarray:
        held.append(said)
        return held[0]

    return spoil


def more(axis: int, lsb: float) -> Spoil:
    def spoil(said: np.ndarray) -> np.ndarray:
        said[axis] += lsb
        return said

    return spoil


def noisier(seed: int = 3) -> Spoil:
    rng = np.random.default_rng(seed)
    return lambda said: said + rng.standard_normal(6) * 50 * ANGLE_NOISE


SPOILT: dict[str, Callable[[], Spoil]] = {
    "silent": lambda: lambda _said: None,
    "stuck": constant,
    "turning at 150 degrees a second": lambda: more(2, 150 * 3600 * DEG_H),
    "turning at 30 degrees a second": lambda: more(1, -30 * 3600 * DEG_H),
    "a bias of 0.5 degrees a second": lambda: more(2, 1800 * DEG_H),
    "a bias of 100 mg across": lambda: more(4, 981 * MM_S2),
    "a bias of 20 mg across": lambda: more(5, -196 * MM_S2),
    "10 % more thrust than there is": lambda: more(3, 300 * MM_S2),
    "noise of 50 times what it should be": noisier,
}


def test_while_they_agree_the_mean_of_both_is_flown_and_no_half_is_lost():
    pair = Pair()
    pair.sums[:] = 0
    exact = np.zeros(6)
    for _ in range(1000):
        assert pair.tick() == BOTH
        exact += sum(np.array(poll[slots.IMU_ANGLE_X : slots.IMU_ANGLE_X + 6]) for poll in pair.polls) / 2
    assert abs(pair.sums - exact).max() <= 0.5
    assert pair.memory[slots.INS_SWITCHES] == 1
    assert pair.estimate[slots.EST_CLIMB_DOUBT_Q8] == pair.estimate[slots.EST_ATTITUDE_DOUBT_MRAD] == 0


@pytest.mark.parametrize("unit", [0, 1])
@pytest.mark.parametrize("what", SPOILT)
def test_one_that_fails_is_not_flown_by_after_half_a_second_and_the_other_one_never_left(what, unit):
    pair = Pair()
    pair.spoil[unit] = SPOILT[what]()
    right = SECOND if unit == 0 else FIRST
    wrong = FIRST if unit == 0 else SECOND
    used = pair.run(10.0)
    assert wrong not in used
    assert set(used[50:]) == {right}


@pytest.mark.parametrize("unit", [0, 1])
def test_an_overload_that_is_reported_is_never_flown_by(unit):
    pair = Pair()
    pair.flagged[unit] = True
    right = SECOND if unit == 0 else FIRST
    assert set(pair.run(1.0)) == {right}
    assert pair.verdict(unit) == OVERLOADED


@pytest.mark.parametrize("what", SPOILT)
def test_nobody_is_put_out_for_good_who_agrees_again_is_back_within_5_s(what):
    pair = Pair()
    pair.spoil[0] = SPOILT[what]()
    pair.run(3.0)
    pair.spoil[0] = None
    used = pair.run(6.0)
    assert set(used[500:]) == {BOTH}
    # and not before a second of good increments
    assert BOTH not in used[:99]


def test_one_that_comes_and_goes_is_not_flown_by():
    pair = Pair()
    on_and_off = []
    for second in range(6):
        pair.flagged[1] = second % 2 == 0
        on_and_off += pair.run(0.5)
    assert set(on_and_off) == {FIRST}


def test_with_both_of_them_silent_nobody_is_flown_by_and_the_first_to_speak_is():
    pair = Pair()
    pair.flagged = [True, True]
    assert set(pair.run(0.5)) == {NOBODY}
    assert pair.chosen[slots.IMU_SAMPLES] == 0
    pair.flagged[1] = False
    assert set(pair.run(0.5)) == {SECOND}


def test_one_that_was_found_wrong_is_better_than_none():
    pair = Pair()
    pair.spoil[0] = more(4, 300 * MM_S2)
    assert pair.run(2.0)[-1] == SECOND
    pair.flagged[1] = True
    assert set(pair.run(0.5)) == {FIRST}


def test_a_datagram_lost_by_one_is_no_disagreement():
    pair = Pair()
    poll, other = (array("i", p) for p in pair.polls)
    poll[slots.IMU_SAMPLES] = 4
    poll[slots.IMU_LOST] += 1
    for axis in range(6):
        # what four samples of five bring
        poll[slots.IMU_ANGLE_X + axis] = other[slots.IMU_ANGLE_X + axis] * 4 // 5
    before = pair.chosen[slots.IMU_LOST]
    inertial.examine(pair.memory, poll, 0)
    inertial.examine(pair.memory, other, 1)
    assert inertial.choose(pair.memory, pair.estimate, pair.guidance, pair.chosen) == BOTH
    assert pair.chosen[slots.IMU_SAMPLES] == 4
    assert pair.chosen[slots.IMU_LOST] == before + 1
    assert pair.memory[slots.INS_DIFFERENCE + 3] in (0, 1)


def test_a_slow_drift_of_nobody_knows_whom_is_told_and_widens_the_doubt():
    pair = Pair()
    # each drifts away from the truth by half of 2,000 degrees an hour within 10 s: neither jumps
    grown = [0.0, 0.0]

    def drift(unit: int, sign: float) -> Spoil:
        def spoil(said: np.ndarray) -> np.ndarray:
            grown[unit] += sign * 1.0 * DEG_H
            said[2] += grown[unit]
            return said

        return spoil

    pair.spoil = [drift(0, -1.0), drift(1, 1.0)]
    pair.run(10.0)
    assert pair.memory[slots.INS_DISPUTED] > 300
    assert pair.estimate[slots.EST_ATTITUDE_DOUBT_MRAD] > 10
    assert all(pair.memory[slots.INS_FIRST + u * slots.INS_STRIDE + slots.INS_OUT_TICKS] == 0 for u in (0, 1))


def in_dispute(lean_mm_s: int, used: int) -> Pair:
    """Two whose velocities have come apart along up by that much."""
    pair = Pair()
    pair.memory[slots.INS_DISPUTED] = 100
    pair.memory[slots.INS_USED] = used
    pair.memory[slots.INS_LEAN_SPEED_Q8] = 256 * lean_mm_s
    return pair


def radar(up_mm_s: int) -> array:
    reading = array("i", [0] * slots.ALT_SIZE)
    reading[slots.ALT_STATUS] = 8
    reading[slots.ALT_VELOCITY_X_MM_S] = up_mm_s
    return reading


@pytest.mark.parametrize(
    ("used", "seen_mm_s", "wrong"),
    [
        # the mean is flown: the second one believes 500 mm/s more than that, the first one less
        (BOTH, 500, "first"),
        (BOTH, -500, "second"),
        # the first one is flown: then the second one believes 1,000 more
        (FIRST, 0, "second"),
        (FIRST, 1000, "first"),
        (SECOND, 0, "first"),
        (SECOND, -1000, "second"),
    ],
)
def test_the_radars_velocity_tells_which_of_them_is_wrong(used, seen_mm_s, wrong):
    pair = in_dispute(1000, used)
    # 1,000 * 500 / 1,024 points, of which 100 count
    assert abs(contest.weigh(pair.memory, pair.estimate, radar(seen_mm_s), 0)) == 100
    assert pair.memory[slots.INS_CONTEST] == (100 if wrong == "second" else -100)
    assert pair.memory[slots.INS_LEAN_SPEED_Q8] == 256_000 * 7 // 8


def test_a_velocity_half_way_between_them_tells_nothing_and_without_a_dispute_none_does():
    assert contest.weigh((pair := in_dispute(1000, BOTH)).memory, pair.estimate, radar(0), 0) == 0
    pair = in_dispute(1000, BOTH)
    pair.memory[slots.INS_DISPUTED] = 0
    assert contest.weigh(pair.memory, pair.estimate, radar(500), 0) == 0


@pytest.mark.parametrize(("contest_is", "owed"), [(300, -40_000), (-300, 60_000)])
def test_what_the_attitude_has_of_the_wrong_one_is_given_back_in_small_turns(contest_is, owed):
    pair = Pair()
    # second less first is 100,000 LSB by now, of which the attitude has 40,000
    pair.memory[slots.INS_LEAN], pair.memory[slots.INS_TAKEN] = 100_000, 40_000
    contest.rule(pair.memory, contest_is)
    assert pair.memory[slots.INS_OWED] == owed
    given = 0
    for _ in range(20):
        used = pair.tick()
        base = slots.INS_FIRST + (slots.INS_STRIDE if used == SECOND else 0)
        given += pair.chosen[slots.IMU_ANGLE_X] - pair.memory[base + 1]
        assert used == (FIRST if contest_is > 0 else SECOND)
    assert given == owed
