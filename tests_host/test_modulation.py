"""kernels/modulation.py: pulses within their bounds, duties kept in the mean, jets that never fight."""

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.kernels import modulation, slots

ARMED, MAIN_ENGINE = 1, 2
MAIN, ASSIST, RCS = 0, 1, 7
LONGEST_US, LEAST_ASSIST_US, LEAST_RCS_US, TICK_US = 100_000, 12_000, 20_000, 10_000
FULL = 16384
# axis: jets of a positive torque, jets of a negative one
JETS = {0: ((4, 5), (6, 7)), 1: ((0,), (1,)), 2: ((2,), (3,))}


class Modulator:
    def __init__(self) -> None:
        self.memory = array("i", [0] * slots.MOD_SIZE)
        self.pulses = array("i", [0] * 15)
        self.demand = array("i", [0] * slots.DEM_SIZE)

    def ask(self, flags=ARMED | MAIN_ENGINE, throttle=0, torque=(0, 0, 0), trim=(0, 0)) -> None:
        self.demand[slots.DEM_FLAGS] = flags
        self.demand[slots.DEM_THROTTLE_Q14] = throttle
        for axis in range(3):
            self.demand[slots.DEM_TORQUE_X_Q14 + axis] = torque[axis]
        self.demand[slots.DEM_TRIM_Y_Q14], self.demand[slots.DEM_TRIM_Z_Q14] = trim

    def tick(self) -> list[int]:
        mask = modulation.step(self.memory, self.pulses, self.demand)
        assert mask == sum(1 << valve for valve, pulse in enumerate(self.pulses) if pulse)
        return list(self.pulses)

    def run(self, ticks: int) -> np.ndarray:
        """One row of 15 pulses a tick."""
        return np.array([self.tick() for _ in range(ticks)])


def check_pulses(rows: np.ndarray) -> None:
    """Bounds, and no valve is asked again, nor its opposite, before its pulse has ended."""
    assert set(np.unique(rows[:, MAIN])) <= {0, LONGEST_US}
    for first, last, least in ((ASSIST, RCS, LEAST_ASSIST_US), (RCS, 15, LEAST_RCS_US)):
        widths = rows[:, first:last]
        assert ((widths == 0) | ((widths >= least) & (widths <= LONGEST_US))).all()
    ends = np.zeros(15)
    for tick, row in enumerate(rows):
        now = tick * TICK_US
        for positive, negative in JETS.values():
            jets = [*positive, *negative]
            started = [jet for jet in jets if row[RCS + jet]]
            if started:
                assert set(started) in (set(positive), set(negative))
                assert all(ends[RCS + jet] <= now for jet in jets)
        for valve in range(ASSIST, RCS):
            assert not row[valve] or ends[valve] <= now
        for valve in range(15):
            if row[valve]:
                ends[valve] = now + row[valve]


# --- any demand ----------------------------------------------------------------------------

signed = st.integers(-20_000, 20_000)
torques, trims = st.tuples(signed, signed, signed), st.tuples(signed, signed)
demands = st.tuples(st.integers(0, 3), st.integers(-100, 20_000), torques, trims, st.integers(1, 25))


@settings(max_examples=200, deadline=None)
@given(sequence=st.lists(demands, min_size=1, max_size=12))
def test_every_pulse_of_any_sequence_is_within_its_bounds(sequence):
    modulator, rows = Modulator(), []
    for flags, throttle, torque, trim, ticks in sequence:
        modulator.ask(flags, throttle, torque, trim)
        rows.append(modulator.run(ticks))
        if not flags & ARMED:
            assert not rows[-1].any()
            assert not any(modulator.memory[1:])
    check_pulses(np.concatenate(rows))


# --- main engine ---------------------------------------------------------------------------


def test_the_main_engine_is_renewed_before_its_pulse_ends():
    modulator = Modulator()
    modulator.ask()
    starts = np.flatnonzero(modulator.run(100)[:, MAIN])
    assert set(np.diff(starts)) == {5}  # 50 ms of 100


def test_the_main_engine_is_not_renewed_once_it_is_off():
    modulator = Modulator()
    modulator.ask()
    modulator.run(7)
    modulator.ask(flags=ARMED)
    assert not modulator.run(50)[:, MAIN].any()


# --- assist thrusters ------------------------------------------------------------------------


@pytest.mark.parametrize("duty", [0.01, 0.05, 0.12, 0.3, 0.5, 0.77, 0.88, 0.9, 0.97, 1.0])
def test_the_mean_duty_over_10_s_is_the_commanded_one_within_a_minimum_pulse(duty):
    modulator = Modulator()
    throttle = round(duty * FULL)
    modulator.ask(throttle=throttle)
    opened = modulator.run(1000)[:, ASSIST:RCS].sum(0)
    assert np.abs(opened - throttle / FULL * 10e6).max() <= LEAST_ASSIST_US


@settings(max_examples=100, deadline=None)
@given(throttles=st.lists(st.integers(1, FULL), min_size=100, max_size=100))
def test_the_mean_follows_a_duty_that_changes_every_period(throttles):
    modulator, opened, asked = Modulator(), np.zeros(6), np.zeros(6)
    for throttle in throttles:
        modulator.ask(throttle=throttle)
        opened += modulator.run(10)[:, ASSIST:RCS].sum(0)
        asked += throttle / FULL * 100_000
    # each period's width is rounded down to a microsecond
    assert np.abs(opened - asked).max() <= LEAST_ASSIST_US + len(throttles)


def test_opposite_thrusters_are_equal_without_trim_and_start_together():
    modulator, noise = Modulator(), np.random.default_rng(1)
    for throttle in noise.integers(0, FULL, 100).tolist():
        modulator.ask(throttle=throttle)
        rows = modulator.run(10)
        assert (rows[:, ASSIST : ASSIST + 3] == rows[:, ASSIST + 3 : ASSIST + 6]).all()
        starts = [np.flatnonzero(rows[:, ASSIST + pair]).tolist() for pair in range(3)]
        assert all(start in ([], [tick]) for start, tick in zip(starts, (0, 3, 7), strict=True))


@pytest.mark.parametrize("trim", [(1000, 0), (0, 1000), (-700, 400), (1638, -1638)])
def test_trim_gives_its_torque_and_no_net_thrust(trim):
    # Thruster i stands at (cos, sin)(60 degrees * i) of (y, z) and pushes along x: torque (0, z, -y).
    modulator = Modulator()
    modulator.ask(throttle=FULL // 2, trim=trim)
    duty = modulator.run(1000)[:, ASSIST:RCS].sum(0) / 10e6
    angle = np.radians(60) * np.arange(6)
    # the sum of sin^2 over six thrusters is 3
    assert (duty * np.sin(angle)).sum() == pytest.approx(3 * trim[0] / FULL, abs=0.006)
    assert (-duty * np.cos(angle)).sum() == pytest.approx(3 * trim[1] / FULL, abs=0.006)
    assert duty.sum() == pytest.approx(3.0, abs=0.006)


def test_without_throttle_trim_opens_nothing():
    modulator = Modulator()
    modulator.ask(throttle=0, trim=(1638, -1638))
    assert not modulator.run(200)[:, ASSIST:RCS].any()


# --- reaction control --------------------------------------------------------------------------


def impulse_us(rows: np.ndarray, axis: int) -> int:
    """Signed open time of one axis (of one jet of a pair)."""
    positive, negative = JETS[axis]
    return rows[:, RCS + positive[0]].sum() - rows[:, RCS + negative[0]].sum()


def torque_of(axis: int, duty: int) -> tuple[int, int, int]:
    return duty * (axis == 0), duty * (axis == 1), duty * (axis == 2)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("duty", [0.06, 0.1, 0.35, 0.8, 1.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_mean_of_a_jet_over_10_s_is_the_commanded_one_within_a_minimum_pulse(axis, duty, sign):
    modulator = Modulator()
    asked = round(sign * duty * FULL)
    modulator.ask(torque=torque_of(axis, asked))
    rows = modulator.run(1000)
    check_pulses(rows)
    assert abs(impulse_us(rows, axis) - asked / FULL * 10e6) <= LEAST_RCS_US + 1000  # and rounding a tick
    assert all(impulse_us(rows, other) == 0 for other in range(3) if other != axis)


@pytest.mark.parametrize("axis", range(3))
def test_jets_begin_at_5_percent_and_stop_below_2_5(axis):
    modulator = Modulator()
    modulator.ask(torque=torque_of(axis, 818))
    assert not modulator.run(1000)[:, RCS:].any()
    modulator.ask(torque=torque_of(axis, 819))
    assert modulator.run(1000)[:, RCS:].any()
    modulator.ask(torque=torque_of(axis, 409))  # between the thresholds: goes on
    assert modulator.run(1000)[:, RCS:].any()
    modulator.ask(torque=torque_of(axis, 408))
    assert not modulator.run(1000)[:, RCS:].any()
    modulator.ask(torque=torque_of(axis, 700))  # between the thresholds: stays off
    assert not modulator.run(1000)[:, RCS:].any()


def test_what_is_too_small_for_a_pulse_is_carried_to_the_next():
    # 6 % is 600 us a tick: 20 ms are together in tick 34.
    modulator = Modulator()
    modulator.ask(torque=(0, 983, 0))
    assert np.flatnonzero(modulator.run(40)[:, RCS]).tolist() == [33]


@settings(max_examples=100, deadline=None)
@given(duties=st.lists(st.integers(-FULL, FULL), min_size=20, max_size=60), ticks=st.integers(1, 12))
def test_the_impulse_follows_any_demand_but_for_what_is_carried(duties, ticks):
    # Demands above the threshold on both sides: everything asked is fired, at most 100 ms later.
    modulator, rows, asked = Modulator(), [], 0.0
    for duty in duties:
        duty = max(duty, 819) if duty >= 0 else min(duty, -819)
        modulator.ask(torque=(0, 0, duty))
        rows.append(modulator.run(ticks))
        asked += ticks * duty / FULL * TICK_US
    fired = impulse_us(np.concatenate(rows), 2)
    assert abs(fired - asked) <= LONGEST_US + len(duties) * ticks


# --- disarmed --------------------------------------------------------------------------------


def test_nothing_opens_when_disarmed_and_remainders_are_forgotten():
    modulator = Modulator()
    modulator.ask(throttle=1500, torque=(900, -900, 900), trim=(300, 300))
    modulator.run(17)
    assert any(modulator.memory[slots.MOD_CARRY_US :])
    modulator.ask(flags=MAIN_ENGINE, throttle=FULL, torque=(FULL, FULL, FULL))
    assert not modulator.run(20).any()
    assert not any(modulator.memory[slots.MOD_CARRY_US :])
    # and armed again it begins as a new one does
    fresh = Modulator()
    fresh.memory[slots.MOD_TICK] = modulator.memory[slots.MOD_TICK]
    for one in (modulator, fresh):
        one.ask(throttle=3000, torque=(0, 2000, 0))
    assert (modulator.run(100) == fresh.run(100)).all()
