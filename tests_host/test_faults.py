"""Faults as data and in the world: what each does to a part, and that nothing else changes."""

import math

import numpy as np
import pytest

from host_tools.host_board.lander import Lander
from host_tools.scenarios import library
from host_tools.scenarios.faults import ALTIMETER, TAKES, Fault
from host_tools.scenarios.library import ScenarioError, load
from host_tools.scenarios.parameters import flight_parameters
from host_tools.scenarios.schema import Scenario
from host_tools.world import dynamics as dyn
from host_tools.world.faults import RANGE_VALID, VELOCITY_VALID, Faults
from host_tools.world.world import World
from plumbline.kernels import slots as s

LOW = {
    "altitude_m": 3000.0,
    "horizontal_speed_m_s": 50.0,
    "vertical_speed_m_s": -40.0,
    "range_to_site_m": 3000.0,
}
NOMINAL = (library.FOLDER / "resilience_nominal.toml").read_text()
EXAMPLES = {
    "size_m": 300.0,
    "size_m_s": 5.0,
    "rate_m_s": 10.0,
    "rate_m_s2": 1.0,
    "probability": 0.5,
    "factor": 1.5,
    "delay_s": 0.5,
    "reach_m": 900.0,
    "rate_deg_s": 100.0,
    "fraction": 0.5,
}
EVERY_KIND = [(target, kind) for target, kinds in TAKES.items() for kind in kinds]


def fault(target: str, kind: str, **keys) -> Fault:
    """A fault with the keys that it needs, from the start on unless something else is said."""
    part = target if target in TAKES else ALTIMETER
    needed = {key: EXAMPLES[key] for key in TAKES[part][kind][0]}
    if target in ("imu", "imu_2") and kind == "bias" and "size_mg" not in keys:
        needed["size_deg_h"] = 3600.0
    begin = {} if keys.keys() & {"time_s", "at_agl_m", "at_altitude_m"} else {"time_s": 0.0}
    table = {"target": target, "kind": kind, "source": "assumed"} | needed | begin | keys
    return Fault.model_validate(table)


def low(*faults: Fault) -> Scenario:
    """RESILIENCE 3 km up, where every sensor sees the ground, with these faults; with a second inertial
    unit where one of them is its."""
    scenario = load("resilience_nominal")
    start = scenario.start.model_copy(update=LOW)
    low_down = scenario.model_copy(update={"start": start, "faults": list(faults)})
    return with_two_units(low_down) if any(f.target == "imu_2" for f in faults) else low_down


def with_two_units(scenario: Scenario) -> Scenario:
    """The scenario with a second inertial unit like the first."""
    vehicle = scenario.vehicle
    return scenario.model_copy(update={"vehicle": vehicle.model_copy(update={"imu_2": vehicle.imu})})


def flown_blindly(world: World, ticks: int, every: int = 10, valves: int = 7) -> list[tuple[int, ...]]:
    """Half of the thrust for so many ticks; (laser, radar, first increments of each unit) at each tenth."""
    seen = []
    for tick in range(ticks):
        world.open_shares[:, :valves] = 0.5
        world.advance()
        if tick % every == every - 1:
            beam = float(world.view[dyn.UP_X]), float(world.view[dyn.UP_Y])
            counts = [*world.counts[0], *(world.second.counts[0] if world.second is not None else ())]
            seen.append((*world.laser(*beam), *world.radar(*beam), *(int(c) for c in counts)))
    return seen


# --- nothing changes where nothing fails ---------------------------------------------------------------

# Seed 7, ticks 10, 30, 50, 70, 90, a laser and a radar reading at each; recorded anew when the
# noise of the sensors and the ground were drawn otherwise.
RECORDED = [
    (1, 3001983, 9, 3034539, -48908, -40712, 176, -234, 276, 13, 7876, 234, -92),
    (1, 3000559, 9, 3009238, -48583, -41322, 264, -117, -229, -242, 8612, 104, 13),
    (1, 2992088, 9, 3016733, -49006, -41595, 353, -421, -129, 350, 8260, -59, -306),
    (1, 2983484, 8, 0, -48499, -41793, 357, 25, 53, -757, 8512, 327, -195),
    (1, 2980040, 9, 2987762, -48524, -42483, 373, 19, -88, -438, 8263, -71, -72),
]


def test_a_world_without_faults_reads_as_recorded():
    world = World(low(), 7)
    flown_blindly(world, 9, every=100)
    seen = []
    for _ in RECORDED:
        seen += flown_blindly(world, 1, every=1)
        flown_blindly(world, 19, every=100)
    # one more or one less random number would change metres; another processor's last bit, a millimetre
    np.testing.assert_allclose(seen, RECORDED, rtol=0, atol=2)
    assert world.faults is None


def test_a_fault_that_never_begins_changes_not_one_bit():
    never = [
        fault(target if target in TAKES else "laser", kind, time_s=3999.0)
        for target, kind in EVERY_KIND
        if target != ALTIMETER
    ]
    never += [fault(name, kind, at_agl_m=0.5) for name in ("laser", "radar") for kind in TAKES[ALTIMETER]]
    digests = []
    for scenario in (with_two_units(low()), low(*never)):
        world = World(scenario, 4)
        lander = Lander(world, flight_parameters(scenario.vehicle))
        states = []
        for _ in range(300):
            lander.step()
            navigation = lander.navigation
            states.append(world.truth.tobytes() + world.counts.tobytes() + bytes(navigation.estimate))
            states[-1] += b"".join(bytes(reading) for reading in navigation.readings)
        digests.append(states)
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 300


def test_a_fault_of_the_laser_leaves_radar_truth_and_inertial_unit_as_they_were():
    healthy, failing = (
        flown_blindly(World(low(*faults), 3), 200) for faults in ((), [fault("laser", "off")])
    )
    assert [row[2:] for row in healthy] == [row[2:] for row in failing]
    assert any(row[0] for row in healthy)
    assert not any(row[0] for row in failing)


def test_the_same_seed_gives_the_same_faults_and_another_one_does_not():
    noisy = fault("laser", "noisy")
    one, again, other = (flown_blindly(World(low(noisy), seed), 100) for seed in (5, 5, 6))
    assert one == again
    assert one != other


def test_a_second_fault_does_not_change_what_the_first_one_draws():
    noisy, garbage = fault("laser", "noisy"), fault("radar", "garbage")
    alone = flown_blindly(World(low(noisy), 5), 100)
    together = flown_blindly(World(low(noisy, garbage), 5), 100)
    assert [row[:2] for row in alone] == [row[:2] for row in together]
    assert [row[3] for row in alone] != [row[3] for row in together]


# --- every kind of fault -------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "kind"), EVERY_KIND)
def test_every_fault_of_the_table_shows_in_what_the_parts_or_the_lander_do(target, kind):
    name = "laser" if target == ALTIMETER else target
    failing = fault(name, kind)
    world = World(low(failing), 3)
    sound = World(with_two_units(low()) if target == "imu_2" else low(), 3)
    driven = 0 if kind == "leak" else 15  # a valve leaks while it is shut
    healthy, seen = (flown_blindly(each, 100, valves=driven) for each in (sound, world))
    assert world.faults is not None
    if target in ("imu", "imu_2") and kind == "off":
        assert world.faults.silent == {target} and healthy == seen
    elif target == "legs":
        assert world.touching.all() and healthy == seen
    elif target.endswith("_board"):  # what the board does then is in test_host_reset.py
        assert [flown.spec for flown in world.faults.begun_of_boards()] == [failing]
        assert world.faults.begun_of_boards() == [] and healthy == seen
    else:
        assert healthy != seen


def stream(spec: Fault, readings, step_s: float = 0.1, seed: int = 1) -> list[tuple[int, int]]:
    """Ranges in metres (None: no echo) through one altimeter's fault, ten a second."""
    faults = Faults([spec], np.random.SeedSequence(seed))
    view = np.zeros(dyn.VIEW_SIZE)
    view[dyn.SPEED_UP] = -40.0
    thrusters, errors = np.ones((15, 10)), np.zeros((6, 6))
    reported = []
    for i, range_m in enumerate(readings):
        now_us = round(i * step_s * 1e6)
        view[dyn.AGL_M] = view[dyn.ALTITUDE_M] = 3000.0 if range_m is None else range_m
        faults.update(now_us, view, thrusters, {"imu": errors})
        status, range_mm = (0, 0) if range_m is None else (RANGE_VALID, round(1000 * range_m))
        reported.append(faults.altimeter("laser", now_us, status, range_mm))
    return reported


FALLING = [3000.0 - 4.0 * i for i in range(100)]  # 40 m/s at 10 Hz


def metres(reported) -> list[float]:
    assert all(status & RANGE_VALID for status, _ in reported)
    return [range_mm / 1000.0 for _, range_mm in reported]


def test_a_stuck_altimeter_repeats_the_range_at_which_it_stuck():
    # 2,900 m is reached by reading 25; the fault begins below it, at 2,896 m
    got = metres(stream(fault("laser", "stuck", at_agl_m=2900.0), FALLING))
    assert got[:26] == FALLING[:26]
    assert set(got[26:]) == {2896.0}


def test_a_bias_a_wrong_scale_and_a_drift_are_what_they_say():
    assert metres(stream(fault("laser", "bias", size_m=-50.0), FALLING)) == [r - 50.0 for r in FALLING]
    assert metres(stream(fault("laser", "wrong", factor=1.25), FALLING)) == [1.25 * r for r in FALLING]
    # 10 m/s of drift: a metre more with each reading
    drifted = metres(stream(fault("laser", "drift", rate_m_s=10.0), FALLING))
    assert drifted == pytest.approx([r + i for i, r in enumerate(FALLING)], abs=0.001)


def test_spikes_come_as_often_as_they_should_and_have_their_size():
    got = metres(stream(fault("laser", "spike", size_m=200.0, probability=0.3), FALLING * 20))
    off = np.array(got) - np.array(FALLING * 20)
    assert set(np.round(off, 3)) == {0.0, 200.0}
    assert np.mean(off > 0) == pytest.approx(0.3, abs=0.04)  # 2,000 readings: one sigma is 0.01


def test_garbage_is_valid_even_where_there_is_no_echo_and_stays_below_its_size():
    got = np.array(metres(stream(fault("laser", "garbage", size_m=8000.0), [None] * 1000)))
    assert got.min() >= 0.0 and got.max() <= 8000.0
    assert got.mean() == pytest.approx(4000.0, abs=300.0)  # one sigma of the mean is 73


def test_noise_has_its_sigma():
    got = np.array(metres(stream(fault("laser", "noisy", size_m=30.0), [3000.0] * 2000)))
    assert got.std() == pytest.approx(30.0, abs=2.0)
    assert got.mean() == pytest.approx(3000.0, abs=3.0)


def test_an_intermittent_altimeter_is_silent_as_often_as_it_should():
    reported = stream(fault("laser", "intermittent", probability=0.6), [3000.0] * 2000)
    assert np.mean([status for status, _ in reported]) == pytest.approx(0.4, abs=0.05)
    assert {range_mm for status, range_mm in reported if not status} == {0}


def test_a_delayed_altimeter_tells_of_long_ago_and_its_delay_grows():
    # 1 s late from reading 20 (2 s) on: the range of ten readings before, 40 m more
    got = metres(stream(fault("laser", "delayed", delay_s=1.0, time_s=2.0), FALLING))
    assert got[:20] == FALLING[:20]
    assert got[20:] == FALLING[10:90]
    # over 5 s: half of it, five readings, after 2.5 s, which is reading 25
    growing = metres(stream(fault("laser", "delayed", delay_s=1.0, rise_s=5.0), FALLING))
    assert growing[25] == FALLING[20]
    assert growing[60] == FALLING[50]


def test_a_delay_that_is_reported_makes_the_part_answer_later_and_say_so():
    honest, late = (
        Lander(World(low(*faults), 2), flight_parameters(low().vehicle))
        for faults in ((), [fault("laser", "delayed", delay_s=0.05, reported=True)])
    )
    for lander in (honest, late):
        for _ in range(100):
            lander.step()
    ages_ms = [lander.navigation.laser.readings[s.ALT_AGE_MS] for lander in (honest, late)]
    assert ages_ms == [20, 70]
    assert late.navigation.laser.readings[s.ALT_COUNT] >= 8


def test_a_weak_laser_sees_less_far_the_faster_the_lander_is():
    weak = fault("laser", "weak", reach_m=1800.0, half_speed_m_s=66.0)
    faults = Faults([weak], np.random.SeedSequence(1))
    assert faults.reach_m("laser", 15000.0, 66.0) == 15000.0  # not yet
    faults.update(0, np.zeros(dyn.VIEW_SIZE), np.ones((15, 10)), {"imu": np.zeros((6, 6))})
    assert faults.reach_m("laser", 15000.0, 0.0) == 1800.0
    assert faults.reach_m("laser", 15000.0, 66.0) == 900.0  # RESILIENCE
    assert faults.reach_m("laser", 500.0, 66.0) == 500.0
    assert faults.reach_m("radar", 15000.0, 66.0) == 15000.0


# --- begin and end -------------------------------------------------------------------------------------


def test_a_fault_ends_after_its_duration_and_does_not_come_back():
    got = metres(stream(fault("laser", "bias", at_agl_m=2900.0, duration_s=1.0), FALLING + FALLING))
    off = np.array(got) - np.array(FALLING + FALLING)
    assert np.flatnonzero(off).tolist() == list(range(26, 36))


def test_a_fault_may_end_below_a_height():
    reported = stream(fault("laser", "off", until_agl_m=2900.0), FALLING)
    assert [status for status, _ in reported] == [0] * 26 + [1] * 74


def test_begin_duration_and_size_scatter_from_flight_to_flight_within_their_shares():
    spec = fault(
        "laser", "bias", time_s=3.0, duration_s=2.0, size_m=100.0,
        begin_scatter_fraction=0.2, scatter_fraction=0.5,
    )  # fmt: skip
    begins, lengths, sizes = set(), set(), set()
    for seed in range(40):
        off = np.array(metres(stream(spec, FALLING, seed=seed))) - np.array(FALLING)
        begins.add(int(np.flatnonzero(off)[0]))
        lengths.add(int(np.count_nonzero(off)))
        sizes.add(round(float(off.max()), 3))
    assert 24 <= min(begins) < 28 and 32 < max(begins) <= 36
    assert 10 <= min(lengths) < 14 and 26 < max(lengths) <= 31
    assert 50 <= min(sizes) < 70 and 130 < max(sizes) <= 150


# --- velocimeter, inertial unit, engines, legs ---------------------------------------------------------


def velocity_through(spec: Fault, now_us: int = 0, view=None) -> tuple[int, tuple[int, int, int]]:
    faults = Faults([spec], np.random.SeedSequence(1))
    faults.update(0, np.zeros(dyn.VIEW_SIZE), np.ones((15, 10)), {"imu": np.zeros((6, 6))})
    return faults.velocity(now_us, RANGE_VALID | VELOCITY_VALID, (-40_000, 3_000, 0))


def test_the_velocimeter_fails_on_its_own_and_leaves_the_range_alone():
    assert velocity_through(fault("velocimeter", "off")) == (RANGE_VALID, (0, 0, 0))
    both = RANGE_VALID | VELOCITY_VALID
    biased = fault("velocimeter", "bias", size_m_s=2.0, axis="y")
    assert velocity_through(biased) == (both, (-40_000, 5_000, 0))
    assert velocity_through(fault("velocimeter", "wrong", factor=2.0)) == (both, (-80_000, 6_000, 0))
    # 1 m/s2 along x, 3 s after it began
    assert velocity_through(fault("velocimeter", "drift"), 3_000_000) == (both, (-37_000, 3_000, 0))


def test_a_saturated_gyro_stands_at_its_rate_and_the_driver_hears_of_it():
    for flagged in (True, False):
        world = World(low(fault("imu", "saturation", axis="z", rate_deg_s=150.0, flagged=flagged)), 3)
        lander = Lander(world, flight_parameters(world.scenario.vehicle))
        for _ in range(50):
            lander.step()
        # 150 deg/s for 2 ms in units of 2^-21 degree
        assert set(world.counts[:, 2]) == {round(0.3 * 2**21)}
        faults = lander.navigation.imu.readings[s.IMU_FAULTS]
        assert (faults > 200) == flagged
        believed_rad_s = lander.navigation.estimate[s.EST_RATE_Z_URAD_S] * 1e-6
        assert (abs(believed_rad_s - math.radians(150.0)) < 0.01) != flagged


def test_a_second_inertial_unit_changes_nothing_that_the_first_one_reads():
    one, two = World(low(), 3), World(with_two_units(low()), 3)
    assert two.second is not None
    for world in (one, two):
        flown_blindly(world, 100)
    assert one.truth.tobytes() == two.truth.tobytes()
    assert (one.counts == two.counts).all()
    # the same motion, with errors and noise of its own
    apart = two.second.counts - two.counts
    assert (apart != 0).any() and abs(apart).max() < 3000


@pytest.mark.parametrize(("target", "other"), [("imu", "imu_2"), ("imu_2", "imu")])
def test_a_fault_of_one_inertial_unit_leaves_the_other_one_alone(target, other):
    scenario = with_two_units(low(fault(target, "bias", size_mg=500.0)))
    seen = {}
    for name, world in (("sound", World(with_two_units(low()), 3)), ("failing", World(scenario, 3))):
        world.advance()
        assert world.second is not None
        seen[name] = {"imu": world.counts.copy(), "imu_2": world.second.counts.copy()}
    assert (seen["sound"][other] == seen["failing"][other]).all()
    # 0.5 g for 2 ms: 9.8 mm/s, 41,130 LSB
    gained = (seen["failing"][target] - seen["sound"][target])[:, 3]
    assert set(gained) <= {41_131, 41_132, 41_133}


def test_a_silent_inertial_unit_sends_nothing_and_then_begins_anew():
    world = World(low(fault("imu", "off", time_s=0.1, duration_s=0.5)), 3)
    lander = Lander(world, flight_parameters(world.scenario.vehicle))
    samples = []
    for _ in range(100):
        lander.step()
        samples.append(lander.navigation.imu.readings[s.IMU_SAMPLES])
    assert samples[10:60] == [0] * 50
    assert set(samples[1:9]) == set(samples[62:]) == {5}


def test_a_bias_step_of_an_accelerometer_is_in_its_increments_until_it_ends():
    spec = fault("imu", "bias", size_mg=100.0, axis="y", time_s=0.5, duration_s=0.5)
    worlds = World(low(), 3), World(low(spec), 3)
    gained = []
    for _ in range(150):
        for world in worlds:
            world.advance()
        gained.append(float((worlds[1].counts[:, 4] - worlds[0].counts[:, 4]).sum()) * 2.0**-22)
    # 0.1 g for 10 ms is 9.807 mm/s a tick; the sums are of whole LSB, five a tick
    expected = np.repeat([0.0, 0.00980665, 0.0], 50)
    np.testing.assert_allclose(gained, expected, rtol=0, atol=5 * 2.0**-22)


def pushed_m_s2(world: World, ticks: int) -> float:
    """Mean specific force along body x over so many ticks with main and assist engines open."""
    total = 0.0
    for _ in range(ticks):
        world.open_shares[:, :7] = 1.0
        world.advance()
        total += float(world.counts[:, 3].sum()) * 2.0**-22
    return total / (ticks * 0.01)


@pytest.mark.parametrize(
    ("spec", "share"),
    [
        (fault("assist_thrusters", "off", numbers=[1, 3, 5], time_s=0.2), 1000.0 / 1600.0),
        (fault("main_engine", "thrust_loss", fraction=0.5, time_s=0.2), 1400.0 / 1600.0),
        (fault("engines", "thrust_excess", fraction=0.08, time_s=0.2), 1.08),
        (fault("engines", "off", time_s=0.2), 0.0),
        (fault("engines", "off", numbers=[1], time_s=0.2), 1200.0 / 1600.0),
    ],
)
def test_engines_give_less_or_more_than_they_are_asked_for(spec, share):
    healthy, failing = World(low(), 3), World(low(spec), 3)
    for world in (healthy, failing):
        pushed_m_s2(world, 30)  # past 0.2 s, and past the valves' fall time
    # every engine's own thrust scatters by 1 %
    assert pushed_m_s2(failing, 20) == pytest.approx(share * pushed_m_s2(healthy, 20), abs=0.02)


def test_engines_that_come_back_give_what_they_gave_before():
    world = World(low(fault("engines", "off", time_s=0.5, duration_s=0.5)), 3)
    before = pushed_m_s2(world, 45)
    assert pushed_m_s2(world, 10) < before
    assert pushed_m_s2(world, 40) < 0.05 * before
    pushed_m_s2(world, 10)
    assert pushed_m_s2(world, 30) == pytest.approx(before, rel=0.03)


def test_a_lost_nozzle_burns_on_and_a_closed_valve_does_not():
    burnt = []
    for flow_goes_on in (False, True):
        world = World(low(fault("engines", "thrust_loss", fraction=0.5, flow_goes_on=flow_goes_on)), 3)
        before_kg = world.mass_kg
        pushed_m_s2(world, 100)
        burnt.append(before_kg - world.mass_kg)
    assert burnt[1] == pytest.approx(2.0 * burnt[0], rel=0.02)


def test_contact_switches_close_in_flight_and_the_ground_is_still_where_it_was():
    world = World(low(fault("legs", "closed", numbers=[2, 4])), 3)
    lander = Lander(world, flight_parameters(world.scenario.vehicle))
    for _ in range(20):
        lander.step()
    assert world.touching.tolist() == [False, True, False, True]
    assert lander.navigation.guidance[s.GUI_CONTACTS] == 2
    assert world.contact[0] == 0.0


def test_what_is_believed_of_the_altitude_at_the_start_can_be_wrong():
    scenario = low()
    start = scenario.start.model_copy(update={"altitude_error_m": 884.0})
    right, wrong = World(scenario, 3), World(scenario.model_copy(update={"start": start}), 3)
    assert wrong.believed_altitude_m - right.believed_altitude_m == 884.0
    assert wrong.view[dyn.ALTITUDE_M] == right.view[dyn.ALTITUDE_M]


# --- mistakes ------------------------------------------------------------------------------------------

FAULT = '\n[[faults]]\nsource = "assumed"\n'
MISTAKES = [
    ('target = "laser"\nkind = "off"', "faults[0].time_s: exactly one of time_s, at_agl_m, at_altitude_m"),
    ('target = "laser"\nkind = "off"\ntime_s = 1\nat_agl_m = 9', "faults[0].at_agl_m: exactly one of"),
    (
        'target = "laser"\nkind = "of"\ntime_s = 1',
        "faults[0].kind: 'laser', an altimeter, has no fault 'of' (it",
    ),
    (
        'target = "imu"\nkind = "drift"\ntime_s = 1',
        "faults[0].kind: imu has no fault 'drift' (it has saturation",
    ),
    (
        'target = "sonar"\nkind = "off"\ntime_s = 1',
        "faults[0].target: must be an altimeter that is fitted (laser",
    ),
    ('kind = "off"\ntime_s = 1', "faults[0].target: is missing"),
    ('target = "laser"\nkind = "bias"\ntime_s = 1', "faults[0].size_m: is missing: 'bias' needs it"),
    (
        'target = "laser"\nkind = "stuck"\ntime_s = 1\nsize_m = 3',
        "faults[0].size_m: says nothing about 'stuck'",
    ),
    (
        'target = "laser"\nkind = "bias"\ntime_s = 1\nsize = 3',
        "faults[0].size: unknown key, did you mean 'size_m'?",
    ),
    (
        'target = "laser"\nkind = "spike"\ntime_s = 1\nsize_m = 3\nprobability = 30',
        "faults[0].probability: must be 0 to 1 (got 30; that would fit if it is in percent)",
    ),
    (
        'target = "laser"\nkind = "off"\nat_agl_m = 25000',
        "faults[0].at_agl_m: the lander starts below this: say time_s = 0 instead",
    ),
    (
        'target = "laser"\nkind = "off"\nat_altitude_m = 20000',
        "faults[0].at_altitude_m: the lander starts below this",
    ),
    (
        'target = "laser"\nkind = "off"\nat_agl_m = 900\nuntil_agl_m = 3000',
        "faults[0].until_agl_m: must be below at_agl_m, 900 m (got 3000)",
    ),
    (
        'target = "laser"\nkind = "off"\ntime_s = 1\nduration_s = 2\nuntil_agl_m = 3000',
        "faults[0].until_agl_m: a fault ends by duration_s or by until_agl_m, not by both",
    ),
    (
        'target = "imu"\nkind = "bias"\ntime_s = 1',
        "faults[0].size_deg_h: exactly one of size_deg_h (gyro) and",
    ),
    (
        'target = "legs"\nkind = "closed"\ntime_s = 1\nnumbers = [1, 5]',
        "faults[0].numbers: legs are numbered 1 to 4 (got 5)",
    ),
    (
        'target = "legs"\nkind = "closed"\ntime_s = 1\nnumbers = [2, 2]',
        "faults[0].numbers: names the same one twice",
    ),
    (
        'target = "legs"\nkind = "closed"\ntime_s = 1\nnumbers = 2',
        "faults[0].numbers: must be a list of numbers",
    ),
    (
        'target = "legs"\nkind = "closed"\ntime_s = 1\nnumbers = [1.5]',
        "faults[0].numbers: must hold whole numbers",
    ),
]


@pytest.mark.parametrize(("table", "wanted"), MISTAKES)
def test_a_mistake_in_a_fault_is_one_line_with_file_key_and_reason(tmp_path, table, wanted):
    path = tmp_path / "own.toml"
    path.write_text(f"{NOMINAL}{FAULT}{table}\n")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and "\n" not in text
    assert wanted in text


def test_a_number_of_a_fault_without_a_source_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(f'{NOMINAL}\n[[faults]]\ntarget = "laser"\nkind = "bias"\ntime_s = 1\nsize_m = 3\n')
    with pytest.raises(ScenarioError, match=r"faults\[0\]\.time_s: has no source"):
        load(path)


def test_only_some_altimeters_can_be_fitted_by_the_file_and_their_faults_go_with_them(tmp_path):
    path = tmp_path / "own.toml"
    own = f'altimeters = ["radar"]\n{NOMINAL}'
    path.write_text(own)
    assert [part.name for part in load(path).vehicle.altimeters] == ["radar"]
    path.write_text(f'{own}{FAULT}target = "laser"\nkind = "off"\ntime_s = 0\n')
    with pytest.raises(ScenarioError, match=r"fitted \(radar\)"):
        load(path)
    path.write_text(f'altimeters = ["sonar"]\n{NOMINAL}')
    with pytest.raises(ScenarioError, match="no altimeter 'sonar'"):
        load(path)
    both = f'{NOMINAL}{FAULT}target = "laser"\nkind = "off"\ntime_s = 0\n'
    path.write_text(both)
    assert load(path).with_altimeters(["radar"]).faults == []
    assert len(load(path).with_altimeters(["laser"]).faults) == 1
