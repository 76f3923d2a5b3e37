"""Heartbeat, level, charge, loads and arm supply as kernels: failure shapes, limits from both sides."""

import json
import random
from array import array
from fractions import Fraction

import numpy as np
import pytest
from checked_int import checked_copies, memory32
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.checks.mpy_compile import ROOT
from host_tools.proof import declared
from plumbline.kernels import arm_supply, fixed, heartbeat, power, slots
from plumbline.subsystems.power_limits import PowerLimits

_, HEART, POWER, ARM_SUPPLY = checked_copies(fixed, heartbeat, power, arm_supply)
TABLE = json.loads((ROOT / "boards" / "power_esp32" / "parameters.json").read_text())
TICK_MS = 10
GOOD, SLOW, FAST = 0, 1, 2
NORMAL, LOW, CRITICAL = 0, 1, 2


def zeros(size):
    return array("i", [0] * size)


def limits(**changes):
    return PowerLimits({**TABLE, **changes}).values


# --- heartbeat ---------------------------------------------------------------------------------


def hear(edges_ms, duration_ms, memory=None):
    """Whether the heart was alive in each tick, and why not, for edges at these times in milliseconds."""
    memory = memory or zeros(slots.HBT_SIZE)
    ticks = np.arange(TICK_MS, duration_ms + 1, TICK_MS)
    counts = np.histogram(edges_ms, [0, *ticks])[0]  # a last bin that is closed: nothing falls on its end
    heard = [(heartbeat.hear(memory, int(count)), memory[slots.HBT_WHY]) for count in counts]
    return [alive for alive, _ in heard], [why for _, why in heard]


def wave(spacing_ms, first_ms, end_ms):
    return np.arange(first_ms, end_ms, spacing_ms)


@given(spacing_ms=st.floats(15.05, 29.95), phase=st.floats(0.01, 0.99))
@settings(max_examples=200, deadline=None)
def test_a_square_wave_of_15_to_30_ms_is_alive_within_its_window_and_stays_so(spacing_ms, phase):
    alive, _ = hear(wave(spacing_ms, phase * spacing_ms, 3000), 3000)
    # two edges at the latest after 60 ms, then six good ticks; all 2,880 ms that follow
    assert all(alive[12:])


@given(spacing_ms=st.floats(35.0, 2000), phase=st.floats(0.01, 0.99))
@settings(max_examples=200, deadline=None)
def test_a_wave_that_is_too_slow_is_never_alive(spacing_ms, phase):
    alive, _ = hear(wave(spacing_ms, phase * spacing_ms, 3000), 3000)
    assert not any(alive)


@given(spacing_ms=st.floats(0.01, 12.5), phase=st.floats(0.01, 0.99))
@settings(max_examples=200, deadline=None)
def test_a_wave_that_is_too_fast_is_never_alive_and_told_to_be_fast(spacing_ms, phase):
    alive, why = hear(wave(spacing_ms, phase * spacing_ms, 1000), 1000)
    assert not any(alive)
    assert set(why[10:]) <= {FAST, GOOD}
    assert FAST in why[10:]


@pytest.mark.parametrize("spacing_ms", [13.0, 14.0, 31.0, 33.0])
def test_a_wave_between_the_limits_does_not_stay_alive(spacing_ms):
    assert not all(hear(wave(spacing_ms, 5, 10_000), 10_000)[0][12:])


@given(jitter=st.lists(st.floats(-4.5, 4.5), min_size=100, max_size=100), phase=st.floats(0, 9.9))
@settings(max_examples=200, deadline=None)
def test_ticks_that_come_early_or_late_by_4_ms_do_not_stop_the_heart(jitter, phase):
    edges_ms = 20 * np.arange(1, 101) + np.array(jitter) + phase - 5
    alive, _ = hear(np.maximum(edges_ms, 0), 2000)
    assert all(alive[14:])


def test_one_tick_of_propulsion_that_is_late_by_a_whole_period_does_not_stop_the_heart():
    edges_ms = np.concatenate([wave(20, 3, 1000), wave(20, 1013, 2000)])  # 993 -> no, 983 and 1013: 30 ms
    assert np.diff(edges_ms).max() == 30
    assert all(hear(edges_ms, 2000)[0][12:])


@given(stop_ms=st.floats(200, 400), phase=st.floats(0, 9.9))
@settings(max_examples=200, deadline=None)
def test_a_heart_that_freezes_is_dead_50_ms_after_its_last_edge(stop_ms, phase):
    edges_ms = wave(20, 4 + phase, stop_ms)
    alive, why = hear(edges_ms, 1000)
    ends_ms = TICK_MS * (1 + max(i for i, beats in enumerate(alive) if beats))
    assert ends_ms <= edges_ms[-1] + 50
    assert set(alive[round(ends_ms / TICK_MS) :]) == {0}
    assert why[-1] == SLOW


@given(start_ms=st.floats(200, 300), spacing_ms=st.floats(0.02, 5))
@settings(max_examples=100, deadline=None)
def test_a_heart_that_begins_to_babble_is_dead_within_30_ms(start_ms, spacing_ms):
    edges_ms = np.concatenate([wave(20, 4, start_ms), wave(spacing_ms, start_ms, 1000)])
    alive, why = hear(edges_ms, 1000)
    assert not any(alive[int(start_ms / TICK_MS) + 3 :])
    assert FAST in why


@given(seed=st.integers(0, 10_000), rate_hz=st.sampled_from([1, 5, 10, 500, 5000]))
@settings(max_examples=100, deadline=None)
def test_noise_that_is_too_rare_or_too_frequent_does_not_stay_alive_for_half_a_second(seed, rate_hz):
    noise = np.random.default_rng(seed)
    edges_ms = np.sort(noise.uniform(0, 5000, rate_hz * 5))
    alive = "".join(map(str, hear(edges_ms, 5000)[0]))
    assert "1" * 50 not in alive


def test_six_bursts_in_the_place_of_a_wave_are_no_heartbeat():
    edges_ms = [60 * burst + offset for burst in range(1, 30) for offset in (1, 2, 3)]  # 3 edges in 60 ms
    alive, _ = hear(np.array(edges_ms, float), 1800)
    assert not any(alive)  # there are five ticks without one


def test_a_heart_that_comes_back_is_believed_after_a_window():
    memory = zeros(slots.HBT_SIZE)
    hear(wave(20, 4, 500), 500, memory)
    hear(np.array([]), 300, memory)
    alive, _ = hear(wave(20, 4, 500), 500, memory)
    # edges at 4 and 24 ms: the window is good from the third tick on, alive with the sixth good one
    assert alive.index(1) == 2 + 5
    assert all(alive[7:])


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_is_in_memory_nothing_leaves_31_bits_or_its_slot(data):
    arrays = declared.arrays()
    names = ("supply", "limits", "loads", "heartbeat", "power")
    made = {
        name: memory32([data.draw(st.integers(s.range.low, s.range.high)) for s in arrays[name].slots])
        for name in names
    }
    word = st.integers(-(2**30), 2**30 - 1)
    supply, limit, loads, heart, rail = (made[name] for name in names)
    HEART.hear(heart, data.draw(word))
    POWER.judge(supply, limit, data.draw(word), data.draw(st.integers(0, 1)))
    POWER.count_charge(supply, limit, rail, data.draw(word))
    POWER.switch(supply, limit, loads, data.draw(word), data.draw(word), data.draw(word))
    POWER.expire(loads)
    POWER.shed(supply, limit, loads)
    ARM_SUPPLY.ask(supply, limit, data.draw(word), data.draw(word))
    ARM_SUPPLY.hold(supply, heart)
    ARM_SUPPLY.is_stuck(supply, rail)
    for name in names:
        outside = [
            s.name for s, value in zip(arrays[name].slots, made[name], strict=True) if value not in s.range
        ]
        assert outside == []


def test_memories_of_zeros_and_the_flown_limits_are_within_their_ranges():
    arrays = declared.arrays()
    flown = PowerLimits(TABLE)
    for name, values in (
        ("heartbeat", zeros(slots.HBT_SIZE)),
        ("supply", zeros(slots.SUP_SIZE)),
        ("limits", flown.values),
        ("loads", flown.loads),
    ):
        assert len(arrays[name].slots) == len(values)
        pairs = zip(arrays[name].slots, values, strict=True)
        assert [s.name for s, value in pairs if value not in s.range] == []


# --- level -------------------------------------------------------------------------------------

SINK, RISE = TABLE["sink_ms"] // TICK_MS, TABLE["rise_ms"] // TICK_MS
EDGES = (  # level, voltage that just leaves it as it is, step to one that changes it, the level then, after
    (NORMAL, TABLE["low_mv"], -1, LOW, SINK),
    (LOW, TABLE["critical_mv"], -1, CRITICAL, SINK),
    (CRITICAL, TABLE["critical_mv"] + TABLE["hysteresis_mv"] - 1, +1, LOW, RISE),
    (LOW, TABLE["low_mv"] + TABLE["hysteresis_mv"] - 1, +1, NORMAL, RISE),
)


def at_level(level):
    supply = zeros(slots.SUP_SIZE)
    supply[slots.SUP_LEVEL] = level
    return supply


def judged(supply, mv, ticks, valid=1):
    return [power.judge(supply, limits(), mv, valid) for _ in range(ticks)]


@pytest.mark.parametrize(("level", "stays_mv", "step_mv", "then", "ticks"), EDGES)
def test_a_level_changes_one_millivolt_beyond_its_limit_after_its_time_and_not_before(
    level, stays_mv, step_mv, then, ticks
):
    supply = at_level(level)
    assert set(judged(supply, stays_mv, 3 * RISE)) == {level}
    found = judged(supply, stays_mv + step_mv, ticks)
    assert found == [level] * (ticks - 1) + [then]


@pytest.mark.parametrize(("level", "stays_mv", "step_mv", "then", "ticks"), EDGES)
def test_a_voltage_that_comes_back_for_one_tick_begins_the_time_anew(level, stays_mv, step_mv, then, ticks):
    supply = at_level(level)
    for _ in range(4):
        assert set(judged(supply, stays_mv + step_mv, ticks - 1)) == {level}
        judged(supply, stays_mv, 1)
    assert judged(supply, stays_mv + step_mv, ticks)[-1] == then


def test_within_the_hysteresis_no_level_ever_changes():
    noise = random.Random(2)
    for level, low, high in (
        (NORMAL, TABLE["low_mv"], 40_000),
        (LOW, TABLE["critical_mv"], TABLE["low_mv"] + TABLE["hysteresis_mv"] - 1),
        (CRITICAL, 0, TABLE["critical_mv"] + TABLE["hysteresis_mv"] - 1),
    ):
        supply = at_level(level)
        for _ in range(3 * RISE):
            assert power.judge(supply, limits(), noise.randint(low, high), 1) == level


def test_a_dead_battery_is_critical_after_two_times_and_a_charged_one_normal_after_two():
    supply = at_level(NORMAL)
    found = judged(supply, 12_000, 2 * SINK)
    assert found == [NORMAL] * (SINK - 1) + [LOW] * SINK + [CRITICAL]
    found = judged(supply, 29_000, 2 * RISE)
    assert found == [CRITICAL] * (RISE - 1) + [LOW] * RISE + [NORMAL]


def test_a_monitor_that_is_silent_changes_no_level_and_is_unknown_after_a_second():
    supply = at_level(LOW)
    judged(supply, 24_000, 1)
    found = []
    for _ in range(200):
        assert judged(supply, 0, 1, valid=0) == [LOW]
        found.append(supply[slots.SUP_KNOWN_TICKS] > 0)
    assert found == [True] * 99 + [False] * 101
    assert supply[slots.SUP_BATTERY_MV] == 24_000


# --- charge ------------------------------------------------------------------------------------


@given(
    steps=st.lists(st.tuples(st.integers(-40_000, 40_000), st.integers(0, 1000)), min_size=1, max_size=200)
)
@settings(max_examples=100, deadline=None)
def test_the_charge_is_the_integral_of_the_current_to_a_milliampere_second(steps):
    supply, rail, start = zeros(slots.SUP_SIZE), zeros(slots.PWR_SIZE), 50_000_000
    supply[slots.SUP_CHARGE_MAS] = start
    rail[slots.PWR_BUS_MV] = 25_000
    exact = Fraction(start)
    for current_ma, elapsed_ms in steps:
        rail[slots.PWR_CURRENT_MA] = current_ma
        power.count_charge(supply, limits(), rail, elapsed_ms)
        exact += Fraction(current_ma * elapsed_ms, 1000)
    assert supply[slots.SUP_CHARGE_MAS] == exact.__floor__()  # 200 steps of 40 A s do not reach an end


def test_the_charge_ends_at_nothing_and_at_the_capacity():
    supply, rail, limit = zeros(slots.SUP_SIZE), zeros(slots.PWR_SIZE), limits()
    rail[slots.PWR_CURRENT_MA] = -30_000
    assert power.count_charge(supply, limit, rail, 1000) == 0
    supply[slots.SUP_CHARGE_MAS] = TABLE["capacity_mas"] - 5
    rail[slots.PWR_CURRENT_MA] = 30_000
    assert power.count_charge(supply, limit, rail, 1000) == TABLE["capacity_mas"]


@pytest.mark.parametrize(
    ("mv", "ma", "is_full"),
    [
        (TABLE["full_mv"], TABLE["tail_ma"], True),
        (TABLE["full_mv"], 0, True),
        (TABLE["full_mv"] - 1, 0, False),
        (TABLE["full_mv"], TABLE["tail_ma"] + 1, False),
        (TABLE["full_mv"], -1, False),
    ],
)
def test_a_battery_that_takes_little_at_its_full_voltage_is_full(mv, ma, is_full):
    supply, rail = zeros(slots.SUP_SIZE), zeros(slots.PWR_SIZE)
    supply[slots.SUP_CHARGE_MAS] = 1_000_000
    rail[slots.PWR_BUS_MV], rail[slots.PWR_CURRENT_MA] = mv, ma
    assert (power.count_charge(supply, limits(), rail, 35) == TABLE["capacity_mas"]) is is_full


# --- arm supply: every reason, against every other -----------------------------------------------

NOT_ASKED, ON, TIME_OVER, BATTERY, HEART_SLOW, HEART_FAST = range(6)


def asked_for(seconds=10, level=NORMAL):
    supply = at_level(level)
    supply[slots.SUP_KNOWN_TICKS] = 100
    assert arm_supply.ask(supply, limits(), 1, seconds) == 0
    return supply


def heart(alive, why=GOOD):
    memory = zeros(slots.HBT_SIZE)
    memory[slots.HBT_ALIVE], memory[slots.HBT_WHY] = alive, why
    return memory


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("level", [NORMAL, LOW, CRITICAL])
@pytest.mark.parametrize("alive", [0, 1])
@pytest.mark.parametrize("why", [GOOD, SLOW, FAST])
def test_the_supply_is_on_only_if_everything_allows_it(asked, level, alive, why):
    supply = asked_for() if asked else zeros(slots.SUP_SIZE)
    supply[slots.SUP_LEVEL] = level
    on = arm_supply.hold(supply, heart(alive, why))
    assert on == (asked and level != CRITICAL and alive)


def test_no_memory_of_zeros_is_an_armed_one():
    assert arm_supply.hold(zeros(slots.SUP_SIZE), heart(1)) == 0


def test_the_supply_goes_off_when_its_time_is_over_to_the_tick():
    supply = asked_for(seconds=1)
    assert [arm_supply.hold(supply, heart(1)) for _ in range(101)] == [1] * 99 + [0] * 2
    assert supply[slots.SUP_ARM_STATE] == TIME_OVER
    assert supply[slots.SUP_ARM_DROPS] == 1


def test_a_critical_battery_ends_what_was_asked_for():
    supply = asked_for()
    arm_supply.hold(supply, heart(1))
    supply[slots.SUP_LEVEL] = CRITICAL
    assert arm_supply.hold(supply, heart(1)) == 0
    supply[slots.SUP_LEVEL] = NORMAL
    assert arm_supply.hold(supply, heart(1)) == 0
    assert supply[slots.SUP_ARM_STATE] == BATTERY


@pytest.mark.parametrize(("ticks", "comes_back"), [(1, 1), (30, 1), (199, 1), (200, 0), (500, 0)])
def test_a_heart_that_was_away_for_less_than_2_s_finds_the_supply_still_asked_for(ticks, comes_back):
    supply = asked_for()
    arm_supply.hold(supply, heart(1))
    assert {arm_supply.hold(supply, heart(0, SLOW)) for _ in range(ticks)} == {0}
    assert arm_supply.hold(supply, heart(1)) == comes_back
    assert supply[slots.SUP_ARM_DROPS] == 1


@pytest.mark.parametrize(
    ("on", "seconds", "answer"),
    [(2, 10, 1), (-1, 10, 1), (1, 0, 2), (1, -5, 2), (1, 1801, 2), (1, 1800, 0), (1, 1, 0), (0, -9, 0)],
)
def test_what_is_asked_for_out_of_range_changes_nothing(on, seconds, answer):
    supply = at_level(NORMAL)
    supply[slots.SUP_KNOWN_TICKS] = 100
    before = list(supply)
    assert arm_supply.ask(supply, limits(), on, seconds) == answer
    assert (list(supply) == before) == (answer > 0 or on == 0)


@pytest.mark.parametrize(("level", "known", "answer"), [(CRITICAL, 100, 3), (NORMAL, 0, 3), (LOW, 1, 0)])
def test_a_battery_that_is_critical_or_unknown_arms_nothing(level, known, answer):
    supply = at_level(level)
    supply[slots.SUP_KNOWN_TICKS] = known
    assert arm_supply.ask(supply, limits(), 1, 10) == answer
    assert arm_supply.hold(supply, heart(1)) == (answer == 0)


def test_a_supply_that_is_off_and_has_voltage_is_stuck_after_half_a_second():
    supply, rail = at_level(NORMAL), zeros(slots.PWR_SIZE)
    rail[slots.PWR_STATUS], rail[slots.PWR_BUS_MV] = 1, 2001
    assert [arm_supply.is_stuck(supply, rail) for _ in range(52)] == [0] * 50 + [1, 1]
    rail[slots.PWR_BUS_MV] = 2000
    assert arm_supply.is_stuck(supply, rail) == 0
    supply[slots.SUP_ARM_STATE] = ON
    rail[slots.PWR_BUS_MV] = 27_000
    assert not any(arm_supply.is_stuck(supply, rail) for _ in range(200))
