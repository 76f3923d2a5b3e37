"""The power board as a whole: its program on the host, four monitors on its bus, wires at its outputs."""

import copy
from itertools import pairwise

import pytest
from power_fixture import LOADS, TICK_US, Bench

from host_tools.host_board.power import HEART_US, MONOSTABLE_US, power_parameters
from host_tools.world.electrical import Battery, Electrical
from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.services.reset_log import ASKED, POWER, WATCHDOG
from plumbline.subsystems.power_limits import PowerLimits

NOT_ASKED, ON, TIME_OVER, BATTERY, HEART_SLOW, HEART_FAST = range(6)
NORMAL, LOW, CRITICAL = range(3)
FULL, LOWISH, EMPTY = 0.8, 0.16, 0.03  # shares of charge: 27.6 V, 23.9 V, 21 V without current


@pytest.fixture
def bench():
    bench = Bench()
    bench.run(0.5)
    return bench


@pytest.fixture
def armed(bench):
    assert bench.arm() == [("arm_on", 0)]
    assert bench.board.arm_is_on
    return bench


def drained(share, **world):
    """A bench whose battery has that much left, at night."""
    bench = Bench(Electrical(charge_share=share, sun_elevation_deg=-10, **world))
    bench.run(0.5)
    return bench


def supply_of(bench):
    return bench.board.power.supply


# --- monitors and telemetry --------------------------------------------------------------------


def test_the_status_says_what_the_world_is(bench):
    bench.switch("heaters")
    bench.arm()
    bench.run(1.0)
    status, world = bench.status, bench.world
    # a bus LSB is 1.25 mV, a current LSB 2.5 uV over the shunt: 1.25 mA at 2 milliohm, 0.5 at 5
    for name, volts, amperes in (
        ("battery", world.battery_v, world.battery_a),
        ("solar", world.solar_v, world.solar_a),
        ("bus", world.bus_v, world.bus_a),
        ("arm", world.arm_v, world.arm_a),
    ):
        assert abs(status[f"{name}_mv"] - 1000 * volts) < 2
        assert abs(status[f"{name}_ma"] - 1000 * amperes) < 2
    assert status["loads"] == 1 << LOADS.index("heaters")
    assert status["arm_state"] == ON
    assert status["level"] == NORMAL
    assert status["flags"] == 63
    assert (status["rejected"], status["overruns"]) == (0, 0)


def test_five_statuses_come_in_a_second(bench):
    seen = []
    bench.run(2.0, lambda: seen.append(bench.status["tick"]))
    assert sorted(set(seen))[-1] - sorted(set(seen))[0] in (180, 200)
    assert len(set(seen)) in (10, 11)


def test_the_charge_is_that_of_the_world_after_ten_minutes():
    bench = drained(FULL)
    bench.switch("heaters")
    start_as = bench.status["charge_as"]
    share = bench.world.charge_share
    bench.run(600)
    went_as = (share - bench.world.charge_share) * bench.world.battery.capacity_ah * 3600
    # 95 W out of 27 V: 3.5 A, 2,100 A s. The monitor's step is 1.25 mA of it, rounded down: 0.75 A s
    assert went_as == pytest.approx(2100, rel=0.05)
    assert start_as - bench.status["charge_as"] == pytest.approx(went_as, abs=4)


@pytest.mark.parametrize(("index", "name"), list(enumerate(("battery", "solar", "bus", "arm"))))
def test_a_monitor_that_falls_silent_is_told_once_and_known_again_when_it_is_back(bench, index, name):
    address = list(bench.board.i2c.parts)[index]
    bench.board.i2c.absent.add(address)
    bench.run(3.0)
    assert bench.events[-1:] == [("monitor_lost", index)]
    assert not bench.status["flags"] & dictionary.POWER_BATTERY_KNOWN << index
    bench.board.i2c.absent.clear()
    bench.run(1.0)
    assert bench.events[-1:] == [("monitor_lost", index)]
    assert bench.status["flags"] & dictionary.POWER_BATTERY_KNOWN << index


def test_the_bus_stands_in_for_a_battery_whose_monitor_is_silent():
    bench = drained(FULL)
    bench.board.i2c.absent.add(0x40)
    bench.run(1.0)
    bench.world.charge_share = LOWISH
    bench.run(2.0)
    assert ("power_level", LOW) in bench.events
    assert abs(supply_of(bench)[slots.SUP_BATTERY_MV] - 1000 * bench.world.bus_v) < 2


def test_with_a_dead_bus_the_arm_supply_and_the_loads_stay_and_nothing_new_of_less_importance_comes(armed):
    armed.switch("payload")
    armed.board.i2c.sda_held = True
    armed.run(5.0)
    assert armed.board.arm_is_on
    assert armed.loads_on == ["payload"]
    assert armed.switch("rover") == [("power_too_low", 3)]  # priority 3, kept are 0 to 2
    assert armed.switch("transmitter") == [("load_on", 2)]
    armed.arm(on=0)
    assert armed.arm() == [("power_too_low", -1)]
    assert armed.status["overruns"] == 0


# --- levels and loads --------------------------------------------------------------------------


def test_a_low_battery_drops_what_it_does_not_keep_the_least_important_first():
    bench = drained(FULL)
    for load in LOADS:
        assert bench.switch(load) == [("load_on", LOADS.index(load))]
    bench.events.clear()
    bench.world.charge_share = LOWISH
    times = []
    bench.run(5.0, lambda: times.append((bench.clock.now_us, len(bench.loads_on))))
    assert bench.events == [("power_level", LOW), ("load_shed", 5), ("load_shed", 4), ("load_shed", 3)]
    assert bench.loads_on == ["sensors", "heaters", "transmitter"]
    # one at a time, 200 ms apart
    steps = [now for (now, count), (_, before) in zip(times[1:], times, strict=False) if count != before]
    assert [later - now for now, later in pairwise(steps)] == [200_000, 200_000]


def test_a_critical_battery_keeps_the_sensors_alone_and_the_arm_supply_not():
    bench = drained(FULL)
    for load in LOADS:
        bench.switch(load)
    bench.arm()
    bench.events.clear()
    bench.world.charge_share = EMPTY
    bench.run(5.0)
    told = bench.events
    assert [argument for name, argument in told if name == "load_shed"] == [5, 4, 3, 2, 1]
    assert [argument for name, argument in told if name == "power_level"] == [LOW, CRITICAL]
    assert [event for event in told if event[0] == "arm_off"] == [("arm_off", BATTERY)]
    assert bench.loads_on == ["sensors"]
    assert not bench.board.arm_is_on


def test_what_was_dropped_stays_off_when_the_battery_recovers():
    bench = drained(LOWISH)
    bench.run(2.0)
    assert supply_of(bench)[slots.SUP_LEVEL] == LOW
    bench.world.charge_share = FULL
    bench.run(4.9)
    assert supply_of(bench)[slots.SUP_LEVEL] == LOW
    bench.run(0.3)
    assert supply_of(bench)[slots.SUP_LEVEL] == NORMAL
    bench.run(10)
    assert bench.loads_on == []


def test_a_load_that_makes_the_battery_sag_is_dropped_and_does_not_come_and_go():
    # 25 V open, 0.3 ohm when cold: 35 W of avionics leave 24.56 V, payload's 40 W more 24.0 V
    bench = drained(FULL)
    bench.world.battery = Battery(resistance_ohm=0.3)
    bench.world.charge_share = 0.305  # 24.99 V
    bench.run(1.0)
    assert supply_of(bench)[slots.SUP_LEVEL] == NORMAL
    bench.switch("payload", seconds=7200)
    bench.events.clear()
    bench.run(60)
    assert bench.events == [("power_level", LOW), ("load_shed", 5)]  # 24.56 V is within the hysteresis


@pytest.mark.parametrize("load", LOADS)
def test_every_load_goes_off_when_its_time_is_over(bench, load):
    assert bench.switch(load, seconds=1) == [("load_on", LOADS.index(load))]
    bench.run(0.9)
    assert bench.loads_on == [load]
    bench.run(0.1)
    assert bench.loads_on == []
    assert bench.events[-1] == ("load_off", LOADS.index(load))


def test_a_load_is_switched_off_and_a_new_time_replaces_the_old_one(bench):
    bench.switch("camera", seconds=1)
    bench.switch("camera", seconds=3)
    bench.run(2.0)
    assert bench.loads_on == ["camera"]
    assert bench.switch("camera", on=0) == [("load_off", 4)]
    assert bench.loads_on == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ((6, 1, 60), 0),
        ((255, 0, 60), 0),
        ((0, 2, 60), 1),
        ((0, 255, 60), 1),
        ((0, 1, 0), 2),
        ((0, 1, 3601), 2),
        ((3, 1, 65_535), 2),
    ],
)
def test_a_load_command_out_of_range_changes_nothing_and_names_its_field(bench, values, field):
    told = bench.command(dictionary.LOAD_SWITCH, *values)
    assert told == [("power_field_refused", dictionary.LOAD_SWITCH.function * 256 + field)]
    assert bench.loads_on == []


@pytest.mark.parametrize("level", [LOW, CRITICAL])
def test_a_command_for_a_load_that_the_level_does_not_keep_is_refused(level):
    bench = drained(LOWISH if level == LOW else EMPTY)
    bench.run(3.0)
    assert supply_of(bench)[slots.SUP_LEVEL] == level
    kept = 2 if level == LOW else 0
    for index, load in enumerate(LOADS):  # its priority is its place
        told = bench.switch(load)
        assert told == [("load_on", index) if index <= kept else ("power_too_low", index)]
    assert bench.loads_on == list(LOADS[: kept + 1])


def test_unknown_and_foreign_and_short_commands_are_told(bench):
    from plumbline.link.packet import COMMAND, U8, PacketType

    unknown = PacketType("unknown", 0x7F, COMMAND, dictionary.POWER, (("x", U8),))
    short = PacketType("short", dictionary.LOAD_SWITCH.function, COMMAND, dictionary.POWER, (("x", U8),))
    for packet_type, event in (
        (unknown, "command_unknown"),
        (dictionary.INITIAL_STATE, "command_elsewhere"),
        (short, "command_malformed"),
    ):
        told = bench.command(packet_type, 1, seconds=0.2)
        assert [name for name, _ in told] == [event]
    assert bench.loads_on == []


# --- the arm supply ----------------------------------------------------------------------------


def freeze(level):
    def beat(bench):
        bench.heartbeat.level = level

    return beat


def each_tick(edges):
    def beat(bench):
        for _ in range(edges):
            bench.heartbeat.level ^= 1

    return beat


def slow(bench):
    if bench.clock.now_us // TICK_US % 5 == 0:
        bench.heartbeat.level ^= 1


SHAPES = {
    "frozen_low": (freeze(0), HEART_SLOW),
    "frozen_high": (freeze(1), HEART_SLOW),
    "an_edge_each_50_ms": (slow, HEART_SLOW),
    "an_edge_each_10_ms": (each_tick(1), HEART_FAST),
    "ten_kilohertz": (each_tick(200), HEART_FAST),
}


@pytest.mark.parametrize("ticks_before", range(4))
@pytest.mark.parametrize("shape", SHAPES)
def test_a_wrong_heartbeat_takes_the_supply_from_the_drivers_within_100_ms(armed, shape, ticks_before):
    beat, why = SHAPES[shape]
    armed.run(ticks_before / 100)
    armed.beat = lambda: beat(armed)
    armed.run(0.1)
    assert not armed.board.arm_is_on
    assert not armed.world.arm_on
    armed.run(1.0)
    assert not armed.board.arm_is_on
    assert armed.events[-1] == ("arm_off", why)
    assert [name for name, _ in armed.events].count("arm_off") == 1


def test_the_last_edge_is_80_ms_old_at_most_when_the_drivers_lose_their_supply(armed):
    armed.beat = lambda: None
    while armed.board.arm_is_on:
        armed.run(0.01)
    assert armed.heartbeat.edge_us is not None
    assert armed.clock.now_us - armed.heartbeat.edge_us <= 80_000


def test_a_heart_that_resumes_within_300_ms_gets_its_supply_back_in_a_tenth_of_a_second(armed):
    armed.beat = lambda: None
    armed.run(0.3)
    assert not armed.board.arm_is_on
    armed.beat = armed.square_wave
    armed.run(0.1)
    assert armed.board.arm_is_on
    assert armed.events[-2:] == [("arm_off", HEART_SLOW), ("arm_on", 0)]


def test_after_two_seconds_without_a_heart_somebody_has_to_ask_anew(armed):
    armed.beat = lambda: None
    armed.run(2.2)
    armed.beat = armed.square_wave
    armed.run(5.0)
    assert not armed.board.arm_is_on
    assert armed.arm() == [("arm_on", 0)]


def test_the_supply_ends_with_its_time_and_with_a_command(bench):
    bench.arm(seconds=1)
    bench.run(0.9)
    assert bench.board.arm_is_on
    bench.run(0.2)
    assert not bench.board.arm_is_on
    assert bench.events[-1] == ("arm_off", TIME_OVER)
    bench.arm()
    assert bench.board.arm_is_on
    assert bench.arm(on=0) == [("arm_off", NOT_ASKED)]
    bench.run(0.03)
    assert not bench.board.arm_is_on


def test_every_accepted_command_has_a_reply(armed):
    assert armed.arm(seconds=20) == [("arm_on", 0)]  # a new time
    armed.arm(on=0)
    assert armed.arm(on=0) == [("arm_off", NOT_ASKED)]
    armed.beat = lambda: None
    armed.run(1.0)
    assert armed.arm() == [("arm_off", HEART_SLOW)]  # asked for, and no heart beats
    armed.run(3.0)
    assert armed.arm() == [("arm_off", HEART_SLOW)]


@pytest.mark.parametrize(("values", "field"), [((2, 60), 0), ((255, 60), 0), ((1, 0), 1), ((1, 1801), 1)])
def test_an_arm_command_out_of_range_changes_nothing_and_names_its_field(bench, values, field):
    told = bench.command(dictionary.ARM_SUPPLY, *values)
    assert told == [("power_field_refused", dictionary.ARM_SUPPLY.function * 256 + field)]
    bench.run(0.1)
    assert not bench.board.arm_is_on


def test_a_critical_battery_is_not_armed():
    bench = drained(EMPTY)
    bench.run(3.0)
    assert bench.arm() == [("power_too_low", -1)]
    bench.run(1.0)
    assert not bench.board.arm_is_on


def test_an_arm_switch_that_has_failed_closed_is_told_once(bench):
    bench.world.arm_is_stuck = True
    bench.run(5.0)
    stuck = [argument for name, argument in bench.events if name == "arm_stuck"]
    assert len(stuck) == 1
    assert abs(stuck[0] - 1000 * bench.world.arm_v) < 5


# --- reset, hang, end --------------------------------------------------------------------------


def busy(bench):
    """Everything on that this level allows."""
    for load in LOADS:
        bench.switch(load)
    bench.arm()


@pytest.mark.parametrize("share", [FULL, LOWISH, EMPTY], ids=["normal", "low", "critical"])
@pytest.mark.parametrize("beats", [True, False])
@pytest.mark.parametrize("cause", [POWER, ASKED])
def test_power_on_and_a_reset_that_was_asked_for_leave_every_output_off_in_any_state(share, beats, cause):
    bench = drained(share)
    bench.run(3.0)
    busy(bench)
    if not beats:
        bench.beat = lambda: None
        bench.run(0.3)
    assert bench.loads_on
    bench.board.reset(cause)
    bench.run(0.02)
    bench.beat = bench.square_wave
    for _ in range(30):
        bench.run(0.1)
        assert bench.loads_on == []
        assert not bench.board.arm_is_on


def off_at_any_tick(bench, seconds):
    """Whether the drivers were without supply in any tick."""
    gaps = []
    bench.run(seconds, lambda: gaps.append(bench.board.arm_is_on))
    return not all(gaps)


def test_after_the_watchdog_s_reset_loads_and_arm_supply_go_on_without_a_gap(armed):
    armed.switch("sensors")
    armed.switch("payload")
    armed.events.clear()
    armed.board.hang()
    # 80 ms until the watchdog, 400 ms until the program is built again
    assert not off_at_any_tick(armed, 1.5)
    assert armed.board.chip.resets == 1
    assert armed.loads_on == ["sensors", "payload"]
    # between two ticks the first task is the one that did not come
    restarted = [("boot", 0), ("restarted", WATCHDOG), ("task_missed", 0)]
    assert armed.events == [*restarted, ("load_on", 0), ("load_on", 5), ("arm_on", 0)]


def test_what_is_resumed_still_goes_off_when_its_time_is_over(armed):
    armed.switch("payload", seconds=2)
    armed.run(0.5)
    armed.board.hang()
    armed.run(1.0)
    assert armed.loads_on == ["payload"]
    armed.run(1.5)
    assert armed.loads_on == []


@pytest.mark.parametrize("ticks", range(10))
def test_what_was_switched_off_just_before_a_reset_stays_off(armed, ticks):
    armed.switch("payload")
    armed.run(0.5 + ticks / 100)
    armed.arm(0)
    armed.command(dictionary.LOAD_SWITCH, LOADS.index("payload"), 0, 0, seconds=0.02)
    assert armed.loads_on == []
    armed.board.reset()
    armed.run(1.0)
    assert armed.loads_on == []
    assert not armed.board.arm_is_on


def test_a_heart_that_stops_while_the_board_is_away_drops_the_supply_by_the_driver_alone(armed):
    armed.board.hang()
    armed.run(0.2)
    assert armed.board.arm_is_on
    armed.beat = lambda: None
    armed.run(HEART_US * 1e-6)
    assert not armed.board.arm_is_on
    armed.run(1.0)
    assert armed.board.chip.resets == 1
    assert not armed.board.arm_is_on
    assert armed.events[-1] == ("arm_off", 4)


def test_the_third_reset_within_a_minute_leaves_every_output_off(armed):
    armed.switch("sensors")
    for resets in (1, 2):
        armed.board.hang()
        armed.run(3.0)
        assert armed.loads_on == ["sensors"], resets
        assert armed.board.arm_is_on
    armed.board.hang()
    armed.run(1.0)
    assert armed.loads_on == []
    assert not armed.board.arm_is_on
    assert ("safe_mode", 3) in armed.events


def test_a_kept_block_that_is_spoiled_leaves_every_output_off(armed):
    armed.switch("sensors")
    armed.run(0.2)
    for index in range(0, len(armed.board.chip.memory.block), 7):
        armed.board.chip.memory.block[index] ^= 0x10
    armed.board.reset()
    armed.run(1.0)
    assert armed.loads_on == []
    assert not armed.board.arm_is_on


def test_a_chip_that_hangs_and_never_comes_back_loses_the_arm_supply_after_two_seconds(armed):
    for ticks in range(4):
        armed.run(0.5 + ticks / 100)
        assert armed.board.arm_is_on
        armed.board.is_running = False
        armed.run(MONOSTABLE_US * 1e-6 - 0.02)
        assert armed.board.arm_is_on
        armed.run(0.02)
        assert not armed.board.arm_is_on
        armed.board.is_running = True
        armed.run(0.2)


def test_whatever_ends_the_main_loop_switches_everything_off(armed):
    busy(armed)
    program = armed.board.power

    class Cut(Exception):
        pass

    def fail():
        raise Cut

    program.rate_group.poll = fail
    with pytest.raises(Cut):
        program.run()
    assert armed.loads_on == []
    assert armed.board.arm_wire.level == 0


def test_a_bus_of_garbage_neither_arms_nor_switches_nor_disarms(armed):
    armed.switch("camera")
    for byte in range(0, 256, 3):
        armed.line.b.write(bytes([byte, 0, 255 - byte] * 10))
        armed.run(0.01)
    armed.run(0.3)
    assert armed.board.arm_is_on
    assert armed.loads_on == ["camera"]
    assert armed.status["rejected"] > 20


# --- parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda table: table.pop("low_mv"), "missing parameter low_mv"),
        (lambda table: table.update(colour=1), "unknown parameter colour"),
        (lambda table: table.update(low_mv="24500"), "low_mv: 24500 is not between 23000 and 28000"),
        (lambda table: table.update(loads=[]), "loads: one to eight, not 0"),
        (lambda table: table["loads"][0].pop("priority"), "missing parameter loads: sensors: priority"),
        (lambda table: table["loads"][1].update(most_s=0), "loads: heaters: most_s: 0 is not between 1 and"),
        (lambda table: table["loads"][1].update(x=0), "unknown parameter loads: heaters: x"),
    ],
)
def test_parameters_that_cannot_be_flown_are_refused_by_name(change, complaint):
    table = copy.deepcopy(power_parameters())
    change(table)
    with pytest.raises(ValueError, match=complaint):
        PowerLimits(table)
