"""Tanks and coils: what the converter sees of them, what the kernels make of it, what the lander does."""

import importlib
import sys
import types
from array import array

import numpy as np
import pytest
from test_valve_health import FAIL_S, low

import micropython
from host_tools.host_board.feed import FeedLines, RegisterPins
from host_tools.host_board.feed_sensors import FUEL, GROUND, OXIDISER, PRESSURANT, SUPPLY, FeedSensors
from host_tools.host_board.isolation import BRANCHES
from host_tools.host_board.parts.rp2040_adc import FULL, REFERENCE_V, WIDE_CODES, code
from host_tools.landing.loop import fly
from host_tools.scenarios.faults import Fault
from host_tools.scenarios.parameters import propulsion_parameters
from host_tools.world import tanks
from host_tools.world.world import World
from plumbline.drivers.transducer import Transducer
from plumbline.kernels import coil, slots, valve_motion
from plumbline.link import dictionary
from plumbline.subsystems.feed_watch import FeedWatch
from plumbline.subsystems.propulsion_parameters import PropulsionParameters
from plumbline.subsystems.valve_watch import ValveWatch

DEAD, DRIVEN, EXCESS = dictionary.COILS_DEAD, dictionary.COILS_DRIVEN, dictionary.FLOW_EXCESS
BROKEN, LOST, MISSING = dictionary.TRANSDUCERS_BROKEN, dictionary.ANALOG_LOST, dictionary.FLOW_MISSING
ARMED, NEAR_GROUND = 1, 4
TOLD = PropulsionParameters(propulsion_parameters(low().vehicle))


def fault_of(target, number, kind, at_s):
    values = {"target": target, "kind": kind, "numbers": [number], "time_s": at_s, "source": "assumed"}
    return Fault.model_validate(values)


class Bench:
    """Tanks and valves before FeedWatch, without the rest of the board; `said` are its events."""

    def __init__(self, faults=(), seed=1):
        self.world = World(low(faults), seed)
        if self.world.faults is not None:  # a fault of a valve begins at 0 s
            self.world.faults.update(0, self.world.view, self.world.vehicle.thrusters, {})
        self.motion = array("i", [0] * slots.MOT_SIZE)
        self.demand = array("i", [0] * slots.DEM_SIZE)
        self.pulses = array("i", [0] * 15)
        self.said = []
        self.sensors = FeedSensors(self.world, lambda: [self.motion[valve] > 0 for valve in range(15)])
        self.lines = FeedLines(self.world.isolated, self.sensors.counts)
        self.watch = FeedWatch(self.lines, self, self.motion, TOLD.feed)
        self.ticks = 0

    def emit(self, event, _tick, argument=0):
        self.said.append((event, argument))

    def run(self, seconds, duty_us=0, valves=(), flow_kg_s=0.0):
        """`valves` are pulsed each 100 ms; flow_kg_s: what leaves the tanks, whatever was commanded."""
        for _ in range(round(100 * seconds)):
            valve_motion.count_open(self.motion)
            self.watch.poll()
            for valve in range(15):
                self.pulses[valve] = duty_us if valve in valves and self.ticks % 10 == 0 else 0
            valve_motion.begin(self.motion, self.pulses)
            self.watch.choose()
            if self.ticks % 10 == 3:
                self.watch.look(self.ticks)
            self.world.truth[13] -= 0.01 * flow_kg_s
            self.ticks += 1

    def status(self):
        values = array("i", [0] * len(dictionary.FEED_STATUS.fields))
        self.watch.fill(values, self.ticks)
        return dict(zip((name for name, _ in dictionary.FEED_STATUS.fields), values, strict=True))


class Keeps:
    """A board that keeps nothing through a reset."""

    def kept_block(self):
        return None


# --- the converter ------------------------------------------------------------------------------


def test_the_converter_gives_every_code_and_its_four_wide_ones_nine_times_as_often():
    volts = (np.arange(40_000) + 0.5) / 40_000 * REFERENCE_V
    codes, often = np.unique([code(float(each)) for each in volts], return_counts=True)
    assert codes.tolist() == list(range(FULL + 1))
    wide = dict(zip(codes.tolist(), often.tolist(), strict=True))
    assert all(wide[each] == pytest.approx(9 * 40_000 / 4128, abs=1.5) for each in WIDE_CODES)
    assert max(often[code] for code in range(FULL) if code not in WIDE_CODES) <= 10


def test_some_nine_bits_of_the_converter_are_effective():
    rng = np.random.default_rng(3)
    volts = rng.uniform(0.1, 3.2, 40_000)
    ideal = volts / REFERENCE_V * (FULL + 1)
    found = np.array(
        [code(float(v), float(n)) for v, n in zip(volts, rng.standard_normal(40_000), strict=True)]
    )
    # of an ideal converter of n bits the error is 4,096 / 2^n / sqrt(12)
    bits = 12 - np.log2(np.std(found - ideal) * np.sqrt(12))
    assert 8.7 < bits < 9.6


# --- transducers --------------------------------------------------------------------------------


def test_pressures_are_those_of_the_tanks_within_the_converter_s_errors():
    bench = Bench()
    bench.run(8)
    status, truth = bench.status(), bench.world.tanks.pressures_kpa(bench.world.mass_kg)
    # a mean of eight, bent by up to 4 steps of 0.84 and 11.8 kPa, and as many of the supply's
    assert [status["fuel_kpa"], status["oxidiser_kpa"]] == pytest.approx(truth[:2], abs=10)
    assert status["pressurant_kpa"] == pytest.approx(truth[2], abs=110)
    assert status["arm_mv"] == pytest.approx(28_000, abs=100)
    assert status["flags"] == 0b11111
    assert bench.said == []


@pytest.mark.parametrize("volts", [0.0, 0.23, 2.78, 3.0])
@pytest.mark.parametrize("channel", [FUEL, OXIDISER, PRESSURANT])
def test_an_open_or_short_transducer_is_told_and_its_last_pressure_stays(channel, volts):
    bench = Bench()
    bench.run(4)
    name = ("fuel_kpa", "oxidiser_kpa", "pressurant_kpa")[channel - FUEL]
    before = bench.status()[name]
    bench.sensors.broken[channel] = volts
    bench.run(5)
    assert bench.said == [(BROKEN, 1 << (channel - FUEL))]
    del bench.sensors.broken[channel]
    bench.run(5)
    assert bench.said[1:] == [(BROKEN, 0)]
    assert bench.status()[name] == pytest.approx(before, abs=80)


@pytest.mark.parametrize(("channel", "volts"), [(SUPPLY, 0.0), (SUPPLY, 3.3), (GROUND, 0.2)])
def test_without_supply_or_ground_nothing_is_judged_and_that_is_told(channel, volts):
    bench = Bench([fault_of("assist_thrusters", 1, "coil_open", 0.0)])
    bench.sensors.broken[channel] = volts
    bench.run(6, 100_000, (0, 1, 4))
    assert bench.said == [(LOST, 1)]
    assert bench.status()["flags"] == 0
    del bench.sensors.broken[channel]
    bench.run(5, 100_000, (0, 1, 4))
    assert bench.said[1:3] in ([(LOST, 0), (DEAD, 0b10010)], [(DEAD, 0b10010), (LOST, 0)])


def test_a_board_to_which_nothing_is_wired_says_so_once():
    bench = Bench()
    bench.watch = FeedWatch(FeedLines(), bench, bench.motion, TOLD.feed)
    bench.run(20, 50_000, range(15))
    assert bench.said == [(LOST, 1)]


def test_a_transducer_averages_eight_readings():
    driver = Transducer(1000)
    # half of the span is half of the supply
    levels = [29_000, 31_000] * 4
    assert [driver.take(level, 60_000) for level in levels] == [0] * 7 + [1]
    assert driver.readings[slots.PRS_VALUE] == 500


# --- coils --------------------------------------------------------------------------------------


def test_coils_that_do_as_they_are_told_are_believed_through_every_pattern():
    bench = Bench()
    for valves, duty_us in (((0, 1, 4, 2, 5, 3, 6), 93_000), ((7, 9, 11, 12), 20_000), ((1, 3, 13), 47_300)):
        bench.run(4, duty_us, valves)
    assert bench.said == []
    assert all(bench.watch.coils[slots.COI_DOUBT + n] == 0 for n in range(23))


@pytest.mark.parametrize("volts", [21.0, 28.0, 30.0])
def test_a_coil_is_judged_by_the_voltage_that_it_has(volts):
    bench = Bench([fault_of("rcs_thrusters", 3, "coil_open", 0.0)])
    bench.sensors.arm_v = volts
    bench.run(5, 60_000, (0, 1, 4, 7, 9))
    assert bench.said == [(DEAD, 1 << 9)]
    assert bench.status()["branch_1_ma"] == pytest.approx(1000 * volts / 56, abs=10)


def test_valves_without_their_supply_are_not_taken_for_broken():
    bench = Bench()
    bench.run(3, 95_000, (0, 1, 4))
    bench.sensors.arm_v = 0.0
    bench.run(3, 95_000, (0, 1, 4))
    bench.sensors.arm_v = 28.0
    bench.run(3, 95_000, (0, 1, 4))
    assert bench.said == []


@pytest.mark.parametrize("valve", range(15))
def test_each_broken_coil_is_found_within_half_a_second_and_each_closed_driver_in_two(valve):
    target, number = ("main_engine", 1) if valve == 0 else ("assist_thrusters", valve)
    if valve > 6:
        target, number = "rcs_thrusters", valve - 6
    others = {0, 1, 4, 2, 5, 3, 6} | {valve}
    bench = Bench()
    bench.run(3.5, 90_000, others)
    assert bench.said == []
    dead = Bench([fault_of(target, number, "coil_open", 0.0)])
    bench.sensors = dead.sensors
    dead.sensors._open_now = lambda: [bench.motion[each] > 0 for each in range(15)]
    bench.lines._counts = dead.sensors.counts
    bench.run(0.6, 90_000, others)
    pair = next((branch for branch in BRANCHES[1:4] if valve in branch), (valve,))
    assert bench.watch.coils[slots.COI_DEAD] == sum(1 << each for each in pair)

    driven = Bench([fault_of(target, number, "driver_closed", 0.0)])
    driven.run(5.5)
    branch = next(i for i, behind in enumerate(BRANCHES) if valve in behind)
    assert driven.said == [(DRIVEN, 1 << branch)]


def test_a_pair_is_cut_for_a_broken_coil_a_jet_put_out_and_the_main_engine_only_told():
    bench = Bench()
    valves = ValveWatch(Keeps(), bench.lines, bench, TOLD.turning)
    valves.heed((1 << 0) | (1 << 2) | (1 << 8), 0, bench.demand)
    assert valves.health[slots.HEA_OUT] == (1 << 2) | (1 << 5) | (1 << 8)
    assert valves.health[slots.HEA_ISOLATED] == 1 << 2
    valves.heed((1 << 0) | (1 << 2) | (1 << 8), 0b0100_0001, bench.demand)
    assert valves.health[slots.HEA_ISOLATED] == (1 << 2) | (1 << 6)


def test_in_the_last_metre_nothing_is_done_about_a_coil():
    bench = Bench()
    valves = ValveWatch(Keeps(), bench.lines, bench, TOLD.turning)
    bench.demand[slots.DEM_FLAGS] = ARMED | NEAR_GROUND
    valves.heed(1 << 2, 1 << 5, bench.demand)
    assert valves.health[slots.HEA_OUT] == 0
    bench.demand[slots.DEM_FLAGS] = ARMED
    valves.heed(1 << 2, 1 << 5, bench.demand)
    assert valves.health[slots.HEA_ISOLATED] == (1 << 2) | (1 << 5)


def test_every_branch_has_its_turn_even_while_engines_burn_without_a_gap():
    bench = Bench()
    for valve in (0, 1, 4):
        bench.motion[valve] = 100_000
    seen = [coil.pick(bench.watch.coils, bench.motion) for _ in range(64)]
    assert set(seen) == set(range(8))
    assert sum(branch < 2 for branch in seen) >= 48


# --- the pressurant -----------------------------------------------------------------------------


def test_helium_that_falls_as_commanded_is_no_news():
    bench = Bench()
    # main engine and all assist thrusters at 93 percent: 0.1275 + 6 * 0.0637 kg/s of it
    bench.run(150, 93_000, range(7), flow_kg_s=0.93 * 1600 / (320 * 9.80665))
    assert bench.said == []
    assert bench.status()["expected_kpa"] > 300


@pytest.mark.parametrize("share", [0.35, 1.0])
def test_a_leak_while_nothing_is_commanded_is_told_within_four_windows_and_what_flows_is_its_size(share):
    bench = Bench()
    bench.run(20)
    flow_kg_s = share * 200 / (320 * 9.80665)
    bench.run(68, flow_kg_s=flow_kg_s)
    assert [event for event, _ in bench.said] == [EXCESS]
    window_kpa = 16 * flow_kg_s * tanks.fall_kpa_kg(bench.world.scenario.vehicle)
    assert bench.status()["unexplained_kpa"] == pytest.approx(window_kpa, abs=0.1 * window_kpa + 10)
    bench.run(52)
    assert bench.said[1:] == [(EXCESS, 0)]


def test_a_main_engine_that_takes_nothing_is_missed_by_the_flow():
    bench = Bench()
    bench.run(90, 93_000, range(7), flow_kg_s=0.93 * 1200 / (320 * 9.80665))
    assert [event for event, _ in bench.said] == [MISSING]


def test_the_tanks_keep_their_pressure_while_the_bottle_has_more():
    vehicle = low().vehicle
    made = tanks.Tanks(vehicle, 460.0, np.random.default_rng(5))
    fuel, oxidiser, bottle = made.pressures_kpa(460.0)
    assert bottle == tanks.BOTTLE_FULL_KPA
    assert made.pressures_kpa(400.0)[:2] == (fuel, oxidiser)
    assert bottle - made.pressures_kpa(450.0)[2] == pytest.approx(10 * tanks.fall_kpa_kg(vehicle), rel=0.05)


# --- registers and multiplexer ------------------------------------------------------------------


@pytest.fixture
def shift_registers(monkeypatch):
    """The RP2040's module, with pins and converter that are nothing."""
    converter = types.SimpleNamespace(read_u16=lambda: 77)
    pin = type("Pin", (), {"OUT": 1, "__init__": lambda self, *_, **__: None})
    fake = types.SimpleNamespace(ADC=lambda _pin: converter, Pin=pin)
    memory = types.SimpleNamespace(bytearray_at=lambda _address, size: bytearray(size))
    monkeypatch.setitem(sys.modules, "machine", fake)
    monkeypatch.setitem(sys.modules, "uctypes", memory)
    name = "plumbline.ports.rp2_shift_register"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(micropython, "viper", lambda function: function)
    yield importlib.import_module(name)
    sys.modules.pop(name, None)


class Sio:
    """GPIO_OUT_SET and GPIO_OUT_CLR; edges go to the registers."""

    def __init__(self, pins, signals):
        self._pins = pins
        self._signals = signals
        self._level = 0

    def __setitem__(self, index, mask):
        before = self._level
        self._level = before | mask if index == 1 else before & ~mask
        for gpio, signal in self._signals.items():
            bit = 1 << gpio
            if (before ^ self._level) & bit:
                self._pins.edge(signal, int(self._level & bit != 0))


def test_what_the_board_shifts_out_is_what_the_registers_show(shift_registers):
    lines = FeedLines()
    signals = {27: "isolation.data", 28: "isolation.clock", 3: "isolation.latch"}
    board = shift_registers.ShiftRegisters(27, 28, 3, 26)
    board._sio = Sio(RegisterPins(lines), signals)
    for word, channel in ((0, 13), (0b1010_0110, 5), (255, 0), (1, 15)):
        board.write(word)
        board.select(channel)
        closed = {valve for branch in range(8) if word >> branch & 1 for valve in BRANCHES[branch]}
        assert set(np.flatnonzero(lines.isolation.isolated)) == closed
        assert lines.channel == channel
    assert board.read() == 77


def test_a_latch_that_nobody_asked_for_changes_nothing(shift_registers):
    lines = FeedLines()
    pins = RegisterPins(lines)
    board = shift_registers.ShiftRegisters(27, 28, 3, 26)
    board._sio = Sio(pins, {27: "isolation.data", 28: "isolation.clock", 3: "isolation.latch"})
    board.write(0b0001_0010)
    board.select(9)
    before = lines.isolation.isolated.copy(), lines.channel
    pins.edge("isolation.latch", 1)
    assert (lines.isolation.isolated == before[0]).all()
    assert lines.channel == before[1]


# --- in flight ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "number", "kind", "says"),
    [
        ("assist_thrusters", 2, "coil_open", "coils_dead"),
        ("assist_thrusters", 6, "driver_closed", "coils_driven"),
        ("rcs_thrusters", 5, "driver_closed", "coils_driven"),
    ],
)
def test_an_electrical_fault_in_flight_is_told_for_what_it_is_and_the_lander_lands(
    target, number, kind, says
):
    record = fly(low([fault_of(target, number, kind, FAIL_S)]), 3)
    said = [(event.time_s - FAIL_S, event.name) for event in record.events]
    told = [since_s for since_s, name in said if name == says]
    assert len(told) == 1 and 0.0 < told[0] < 2.0
    assert "valves_out" in {name for _, name in said}
    assert record.landed, record.outcome


def test_a_landing_without_faults_hears_nothing_of_tanks_and_coils():
    record = fly(low(), 3)
    names = {event.name for event in record.events}
    told = {"coils_dead", "coils_driven", "transducers_broken", "analog_lost", "flow_excess", "flow_missing"}
    assert record.landed
    assert not names & (told | {"limit_yellow", "limit_red"})
