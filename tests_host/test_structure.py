"""The structure board as a whole, on the host: what it tells, what it refuses, and what ends with it."""

import json
import random

import pytest

from host_tools.ground.dictionary import load
from host_tools.host_board.body import WORKS_US, Body
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import BOARDS
from host_tools.host_board.release_sequence import ReleaseSequence
from host_tools.host_board.structure import MainBody, default_parameters
from host_tools.host_board.thermal import Node, Thermal
from host_tools.host_board.wires import SerialLine
from plumbline.kernels import slots as s
from plumbline.link import dictionary as d
from plumbline.link.packet import COMMAND, I32, U8, PacketType
from plumbline.link.port import PacketPort
from plumbline.subsystems.structure import OUTPUTS
from plumbline.subsystems.structure_parameters import ACTUATORS, HEATERS, StructureParameters

NAMES = {number: name for number, name, _ in d.EVENTS}
REFUSALS = load().labels["structure_refusal"]
BOARD = d.STRUCTURE << 8
EVENT = BOARD | d.EVENT.function
LEGS, PRESSURANT, RAMP, ROVER = range(4)
SAFE, ARMED, FIRING = range(3)
STAND, HANG = (True, True, True, False), (False,) * 4
# Small tanks that cool and warm in a minute: 2 W/K over 130 degrees are 260 W, the heater has 400.
QUICK = tuple(Node(name, 13.0, 2_000.0, 2.0, 0.0, 400.0) for name in HEATERS)


class Bench:
    """The board, its body, and the spacecraft at the other end of the bus."""

    def __init__(self, thermal=None, parameters=None):
        self.clock = Clock()
        self.line = SerialLine(self.clock, 460_800)
        self.main = MainBody(self.clock, self.line.a, parameters, Body(thermal))
        self.port = PacketPort(self.line.b, d.SPACECRAFT)
        self.events = []  # (name, argument)
        self.packets = []  # (apid, values) of all else
        self.each = lambda: None

    @property
    def body(self):
        return self.main.body

    @property
    def state(self):
        return self.main.structure.releases.memory[s.ARM_STATE]

    def run(self, seconds):
        for _ in range(round(100 * seconds)):
            self.clock.now_us += 10_000
            self.main.step()
            self.listen()
            self.each()

    def listen(self):
        apid = self.port.poll()
        while apid >= 0:
            values = list(self.port.values)
            if apid == EVENT:
                self.events.append((NAMES[values[0]], values[3]))
            else:
                self.packets.append((apid, values))
            apid = self.port.poll()

    def send(self, packet_type, *values):
        packet = self.port.outgoing(packet_type)
        for index, value in enumerate(values):
            packet.values[index] = value
        self.port.send(packet)

    def command(self, packet_type, *values):
        """Send, and the events and packets other than status that come within 30 ms."""
        self.events.clear()
        self.packets.clear()
        self.send(packet_type, *values)
        self.run(0.03)
        return self.events + [packet for packet in self.packets if packet[0] != d.STRUCTURE_STATUS.apid]

    def arm(self, actuator):
        """The nonce."""
        answer = self.command(d.STRUCTURE_ARM, actuator)
        assert ("actuator_armed", actuator) in answer
        (values,) = [values for apid, values in self.packets if apid == d.STRUCTURE_ARMED.apid]
        assert values[0] == actuator
        assert values[2] == 5_000
        return values[1]

    def status(self):
        self.packets.clear()
        self.run(0.6)
        values = next(values for apid, values in self.packets if apid == d.STRUCTURE_STATUS.apid)
        return dict(zip([name for name, _ in d.STRUCTURE_STATUS.fields], values, strict=True))

    def on(self):
        return [output for output in OUTPUTS if self.main.is_on(output)]


def refused(reason):
    return [("structure_refused", REFUSALS[reason])]


@pytest.fixture
def landed():
    bench = Bench()
    bench.body.touch(STAND)
    bench.send(d.STRUCTURE_MODE, d.MODE_SURFACE)
    bench.run(0.1)
    return bench


# --- telemetry --------------------------------------------------------------------------------


def test_it_says_twice_a_second_how_warm_and_how_it_stands():
    bench = Bench()
    bench.run(2.0)
    assert bench.events == [("boot", 0)]
    assert [apid for apid, _ in bench.packets] == [d.STRUCTURE_STATUS.apid] * 4
    status = bench.status()
    # 15 degrees and -5; a 12-bit converter's step is 0.05 degrees there
    assert status["fuel_mc"] == pytest.approx(15_000, abs=60)
    assert status["structure_mc"] == pytest.approx(-5_000, abs=60)
    told = {name: status[name] for name in ("mode", "contact", "arming", "fired", "heaters_on", "rejected")}
    assert set(told.values()) == {0}
    assert status["thermistors_failed"] == 0


def test_contact_is_told_once_when_two_legs_have_it_and_lost_after_half_a_second():
    bench = Bench()
    bench.run(0.5)
    bench.body.touch((True, False, False, False))
    bench.run(0.5)
    bench.body.touch((True, False, True, False))
    bench.run(0.04)  # three samples, and the frame is on the line
    assert bench.events[1:] == [("leg_contact", 5)]
    for _ in range(5):  # it bounces
        bench.body.touch(HANG)
        bench.run(0.1)
        bench.body.touch(STAND)
        bench.run(0.1)
    assert bench.status()["contact"] == 1
    bench.body.touch(HANG)
    bench.run(0.6)
    assert bench.events[1:] == [("leg_contact", 5), ("leg_contact_lost", 0)]


def test_a_stuck_switch_is_told_once_and_does_not_decide():
    bench = Bench()
    bench.body.touch((False, True, False, False))
    bench.run(7.0)
    bench.body.touch((False, True, True, False))
    bench.run(1.0)
    assert bench.events == [("boot", 0), ("leg_switch_stuck", 2)]
    assert bench.status()["legs_stuck"] == 2
    bench.body.touch((False, True, True, True))
    bench.run(0.1)
    assert bench.events[2:] == [("leg_contact", 14)]


# --- heat -------------------------------------------------------------------------------------


def quick_parameters(**changes):
    table = default_parameters()
    for heater in table["heaters"]:
        heater |= {"on_mc": 8_000, "off_mc": 12_000, "duty_q10": 1024, "rest_s": 1} | changes
    return table


def test_a_cold_tank_is_kept_between_its_thresholds():
    bench = Bench(Thermal(QUICK), quick_parameters())
    seen = []
    bench.each = lambda: seen.append(bench.body.celsius("fuel"))
    bench.run(150.0)
    # on top: 0.48 s until a mean of eight readings is all new, 0.2 s until the pulse; 0.13 degrees a second
    assert 7.85 < min(seen) < 8.0
    later = seen[seen.index(min(seen)) :]
    assert 12.0 < max(later) < 12.1
    assert bench.main.structure.heaters.memories[0][s.HTR_TOTAL_STEPS] > 0
    assert [event for event in bench.events if event[0] != "boot"] == []


def test_a_heater_that_may_not_be_on_enough_is_told_and_keeps_to_its_share():
    bench = Bench(
        Thermal(QUICK, surroundings=-250.0), quick_parameters(duty_q10=256, saved_s=5, most_on_s=3, rest_s=2)
    )
    on = []
    bench.each = lambda: on.append("heater.fuel" in bench.on())
    bench.run(90.0)
    assert bench.body.celsius("fuel") < 8.0
    # what it saved, and a quarter of 90 s
    assert sum(on) / 100 <= 5 + 90 / 4
    assert sum(on) / 100 > 10
    longest = max(map(len, "".join("x" if each else " " for each in on).split()))
    assert longest <= 300 + 1
    told = {argument for name, argument in bench.events if name == "heater_limited"}
    assert 0 in told  # of the share
    assert 16 in told  # of the longest time on


def test_a_failed_thermistor_puts_its_heater_off_within_200_ms_and_is_told_once_each_way():
    bench = Bench(Thermal(QUICK), quick_parameters(on_mc=14_500, off_mc=40_000))
    bench.run(10.0)
    assert "heater.fuel" in bench.on()
    bench.body.broken["fuel"] = 4_095  # its wire is open
    bench.run(0.24 + 0.24 + 0.1 + 0.1)  # eight readings, some of them good; the step; the pulse under way
    assert "heater.fuel" not in bench.on()
    assert "heater.oxidiser" in bench.on()
    assert bench.status()["thermistors_failed"] == 1
    bench.run(5.0)
    bench.body.broken.clear()
    bench.run(5.0)
    assert [event for event in bench.events if event[0].startswith("thermistor")] == [
        ("thermistor_failed", 0),
        ("thermistor_good", 0),
    ]
    assert "heater.fuel" in bench.on()


def test_a_board_that_resets_again_and_again_heats_less_and_not_more():
    bench = Bench(Thermal(QUICK), quick_parameters(on_mc=20_000, off_mc=40_000, rest_s=3))
    on = []
    bench.each = lambda: on.append(bool(bench.on()))
    for _ in range(10):
        bench.run(2.0)
        bench.main.reset()
    assert not any(on)


def test_a_heater_can_be_given_other_thresholds_and_be_disabled():
    bench = Bench(Thermal(QUICK), quick_parameters())
    bench.run(5.0)
    assert bench.on() == []
    assert bench.command(d.STRUCTURE_HEATING, 1, 1, 30_000, 31_000) == []
    bench.run(0.2)
    assert bench.on() == ["heater.oxidiser"]
    assert bench.command(d.STRUCTURE_HEATING, 1, 0, 30_000, 31_000) == []
    bench.run(0.2)
    assert bench.on() == []
    assert bench.status()["heaters_disabled"] == 2


# --- commands ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((3, 1, 0, 1), "heater_out_of_range"),
        ((255, 1, 0, 1), "heater_out_of_range"),
        ((0, 2, 0, 1), "enabled_out_of_range"),
        ((0, 1, -100_001, 0), "temperatures_out_of_range"),
        ((0, 1, 0, 100_001), "temperatures_out_of_range"),
        ((0, 1, 5_000, 5_000), "temperatures_out_of_range"),
        ((0, 1, 5_001, 5_000), "temperatures_out_of_range"),
    ],
)
def test_a_heating_command_that_is_out_of_range_is_refused_whole(values, reason):
    bench = Bench()
    bench.run(0.1)
    before = [list(limits) for limits in bench.main.structure.heaters.limits]
    assert bench.command(d.STRUCTURE_HEATING, *values) == refused(reason)
    assert [list(limits) for limits in bench.main.structure.heaters.limits] == before
    assert all(memory[s.HTR_ENABLED] for memory in bench.main.structure.heaters.memories)


def test_the_declared_range_of_each_field_of_its_commands_is_what_the_board_takes(landed):
    good = {"structure_mode": [3], "structure_heating": [0, 1, -100_000, 100_000], "structure_arm": [ROVER]}
    types = {packet.name: packet for packet in d.PACKETS}
    for packet in load().packets:
        for index, field in enumerate(packet.fields if packet.name in good else ()):
            for value in (field.least - 1, field.least, field.most, field.most + 1):
                if value < 0 and not field.type.signed:
                    continue
                values = list(good[packet.name])
                values[index] = value
                landed.main.structure.releases.disarm(d.DISARMED_BY_COMMAND, 0)
                landed.run(0.05)
                answer = landed.command(types[packet.name], *values)
                out_of_range = [
                    argument
                    for name, argument in (answer if answer and isinstance(answer[0][0], str) else [])
                    if name == "structure_refused"
                    and argument in [number for name, number in REFUSALS.items() if name.endswith("range")]
                ]
                assert len(out_of_range) == (not field.least <= value <= field.most), (field.name, value)
                landed.command(d.STRUCTURE_MODE, d.MODE_SURFACE)


def test_an_unknown_command_one_for_another_board_and_one_of_another_length_are_told():
    bench = Bench()
    bench.run(0.1)
    unknown = PacketType("unknown", 0x77, COMMAND, d.STRUCTURE, (("x", U8),))
    longer = PacketType("longer", d.STRUCTURE_FIRE.function, COMMAND, d.STRUCTURE, (("x", I32),))
    for packet in (unknown, d.DEMAND, longer):
        bench.send(packet)
    bench.run(0.5)
    assert [name for name, _ in bench.events[1:]] == [
        "command_unknown",
        "command_elsewhere",
        "command_malformed",
    ]
    assert bench.events[1][1] >> 14 == unknown.identification(d.STRUCTURE)


# --- arm, then fire ---------------------------------------------------------------------------


def test_the_rover_is_let_go_by_arm_and_then_fire(landed):
    nonce = landed.arm(ROVER)
    assert landed.command(d.STRUCTURE_FIRE, ROVER, nonce) == [("actuator_fired", ROVER)]
    assert landed.on() == ["actuator.rover"]
    landed.run(0.2)
    assert list(landed.body.done_us) == ["rover"]
    assert landed.on() == []
    status = landed.status()
    assert (status["fired"], status["arming"], status["actuator"]) == (1 << ROVER, SAFE, ROVER)


@pytest.mark.parametrize("name", ACTUATORS)
def test_an_operator_s_sequence_works_every_actuator(name):
    bench = Bench()
    bench.body.touch(STAND)
    bench.send(d.STRUCTURE_MODE, d.MODE_CRUISE if name in ("legs", "pressurant") else d.MODE_SURFACE)
    bench.run(0.1)
    sequence = ReleaseSequence(bench.port, name)
    bench.packets.clear()
    for _ in range(400):
        bench.run(0.01)
        for apid, values in bench.packets:
            sequence.take(apid, values)
        for event, argument in bench.events:
            number = next(number for number, known in NAMES.items() if known == event)
            sequence.take(EVENT, [number, 0, 0, argument])
        bench.packets.clear()
        bench.events.clear()
    assert sequence.state == "fired"
    assert list(bench.body.done_us) == [name]


def test_an_operator_s_sequence_ends_when_it_is_refused():
    bench = Bench()
    sequence = ReleaseSequence(bench.port, "rover")
    bench.run(0.05)
    for event, argument in bench.events:
        number = next(number for number, known in NAMES.items() if known == event)
        sequence.take(EVENT, [number, 0, 0, argument])
    assert (sequence.state, sequence.why) == ("refused", REFUSALS["wrong_mode"])


def test_a_wrong_nonce_fires_nothing_and_disarms(landed):
    nonce = landed.arm(ROVER)
    assert landed.command(d.STRUCTURE_FIRE, ROVER, nonce ^ 1) == refused("wrong_nonce")
    assert landed.command(d.STRUCTURE_FIRE, ROVER, nonce) == refused("not_armed")
    landed.run(0.5)
    assert landed.body.done_us == {}


def test_an_arm_that_nobody_uses_expires_after_5_s_and_its_fire_is_refused(landed):
    nonce = landed.arm(ROVER)
    landed.run(5.0)
    assert ("actuator_disarmed", d.DISARMED_EXPIRED) in landed.events
    assert landed.command(d.STRUCTURE_FIRE, ROVER, nonce) == refused("expired")
    landed.run(0.5)
    assert landed.body.done_us == {}


def test_a_fire_that_is_heard_twice_fires_once(landed):
    nonce = landed.arm(ROVER)
    landed.send(d.STRUCTURE_FIRE, ROVER, nonce)
    assert landed.command(d.STRUCTURE_FIRE, ROVER, nonce) == [
        ("actuator_fired", ROVER),
        ("structure_refused", REFUSALS["busy"]),
    ]
    landed.run(1.0)
    assert landed.command(d.STRUCTURE_FIRE, ROVER, nonce) == refused("not_armed")


def test_fire_for_another_actuator_than_armed_fires_neither(landed):
    nonce = landed.arm(ROVER)
    assert landed.command(d.STRUCTURE_FIRE, RAMP, nonce) == refused("other_actuator")
    landed.run(0.5)
    assert landed.body.done_us == {}
    assert landed.state == SAFE


@pytest.mark.parametrize("mode", [d.MODE_SAFE, d.MODE_CRUISE, d.MODE_DESCENT])
def test_the_rover_stays_where_it_is_in_every_other_mode(landed, mode):
    landed.command(d.STRUCTURE_MODE, mode)
    assert landed.command(d.STRUCTURE_ARM, ROVER) == refused("wrong_mode")


def test_without_contact_the_rover_stays_where_it_is():
    bench = Bench()
    bench.send(d.STRUCTURE_MODE, d.MODE_SURFACE)
    bench.run(0.1)
    assert bench.command(d.STRUCTURE_ARM, ROVER) == refused("no_contact")


def test_another_mode_and_disarm_end_what_is_armed_and_what_fires(landed):
    for end, why in (
        ((d.STRUCTURE_DISARM, 0), d.DISARMED_BY_COMMAND),
        ((d.STRUCTURE_MODE, d.MODE_SAFE), d.DISARMED_BY_MODE),
    ):
        landed.arm(RAMP)
        assert landed.command(*end) == [("actuator_disarmed", why)]
        landed.command(d.STRUCTURE_MODE, d.MODE_SURFACE)
        nonce = landed.arm(RAMP)
        landed.command(d.STRUCTURE_FIRE, RAMP, nonce)
        landed.run(0.5)
        assert landed.on() == ["actuator.ramp"]
        assert landed.command(*end) == [("actuator_disarmed", why)]
        assert landed.on() == []
        assert landed.state == SAFE
        landed.command(d.STRUCTURE_MODE, d.MODE_SURFACE)
    assert landed.body.done_us == {}


def test_the_same_mode_once_more_disarms_nothing(landed):
    landed.arm(ROVER)
    assert landed.command(d.STRUCTURE_MODE, d.MODE_SURFACE) == []
    assert landed.state == ARMED


def test_the_ramp_is_driven_for_its_3_s_and_no_longer(landed):
    on_us = []
    landed.each = lambda: on_us.append(10_000 * ("actuator.ramp" in landed.on()))
    landed.command(d.STRUCTURE_FIRE, RAMP, landed.arm(RAMP))
    landed.run(4.0)
    assert sum(on_us) == 3_000_000
    assert landed.body.done_us.keys() == {"ramp"}


def test_an_actuator_whose_pulse_is_too_short_has_not_worked():
    parameters = default_parameters()
    parameters["actuators"][ROVER]["width_ms"] = WORKS_US["rover"] // 1000 - 1
    bench = Bench(parameters=parameters)
    bench.body.touch(STAND)
    bench.send(d.STRUCTURE_MODE, d.MODE_SURFACE)
    bench.run(0.1)
    bench.command(d.STRUCTURE_FIRE, ROVER, bench.arm(ROVER))
    bench.run(0.5)
    assert bench.body.done_us == {}


def test_no_two_actuators_are_ever_on_together_whatever_is_commanded():
    noise = random.Random(5)
    bench = Bench()
    bench.body.touch(STAND)
    nonce, fired = [0], [0]

    def look():
        assert len([output for output in bench.on() if output.startswith("actuator")]) <= 1
        for apid, values in bench.packets:
            if apid == d.STRUCTURE_ARMED.apid:
                nonce[0] = values[1]
        fired[0] += sum(name == "actuator_fired" for name, _ in bench.events)
        bench.packets.clear()
        bench.events.clear()

    bench.each = look
    for _ in range(1_500):
        actuator = noise.choice((LEGS, RAMP, ROVER, ROVER, ROVER, 4))
        packet = noise.choice((d.STRUCTURE_ARM, d.STRUCTURE_ARM, d.STRUCTURE_FIRE, d.STRUCTURE_FIRE))
        if noise.random() < 0.1:
            packet = noise.choice((d.STRUCTURE_DISARM, d.STRUCTURE_MODE))
            actuator = noise.choice((1, 3, 3, 3, 9)) if packet is d.STRUCTURE_MODE else 0
        bench.send(packet, *((actuator, nonce[0]) if packet is d.STRUCTURE_FIRE else (actuator,)))
        bench.run(noise.choice((0.01, 0.02, 0.03)))
    assert fired[0] > 20


def test_a_line_that_flips_a_bit_in_every_frame_arms_nothing(landed):
    landed.line.corrupt = lambda chunk: chunk[:9] + bytes([chunk[9] ^ 4]) + chunk[10:]
    landed.send(d.STRUCTURE_ARM, ROVER)
    landed.run(0.1)
    assert landed.state == SAFE
    assert landed.main.structure.bus.rejected == 1


# --- death and reset --------------------------------------------------------------------------


@pytest.mark.parametrize("state", [SAFE, ARMED, FIRING])
def test_a_reset_in_any_state_leaves_every_output_off_and_nothing_armed(landed, state):
    nonce = landed.arm(RAMP) if state else 0
    if state == FIRING:
        landed.command(d.STRUCTURE_FIRE, RAMP, nonce)
        landed.run(0.2)
        assert landed.on() == ["actuator.ramp"]
    assert landed.state == state
    landed.main.reset()
    assert landed.on() == []
    assert landed.state == SAFE
    landed.run(0.1)
    assert landed.command(d.STRUCTURE_FIRE, RAMP, nonce) == refused("not_armed")
    assert landed.status()["mode"] == d.MODE_SAFE
    landed.command(d.STRUCTURE_MODE, d.MODE_SURFACE)
    landed.arm(RAMP)  # the nonce from before the reset
    if state:
        assert landed.command(d.STRUCTURE_FIRE, RAMP, nonce) == refused("wrong_nonce")
    landed.run(1.0)
    assert landed.on() == []


def test_when_the_processor_dies_every_output_is_off_within_100_ms():
    bench = Bench(Thermal(QUICK), quick_parameters(on_mc=14_900, off_mc=40_000))
    bench.body.touch(STAND)
    bench.send(d.STRUCTURE_MODE, d.MODE_SURFACE)
    bench.run(3.0)
    bench.command(d.STRUCTURE_FIRE, RAMP, bench.arm(RAMP))
    for _ in range(30):  # in any tick of a heater's and the ramp's round
        bench.run(0.01)
        assert bench.on() == ["heater.fuel", "heater.oxidiser", "heater.structure", "actuator.ramp"]
        assert max(bench.main.outlets.ends_us) <= bench.clock.now_us + 100_000
    bench.clock.now_us += 100_000
    assert bench.on() == []
    bench.clock.now_us += 10_000_000
    bench.main.advance()
    assert bench.body.done_us == {}


def test_whatever_ends_the_main_loop_switches_every_output_off(landed):
    landed.command(d.STRUCTURE_FIRE, RAMP, landed.arm(RAMP))
    landed.run(0.2)
    assert landed.on() == ["actuator.ramp"]

    class Cut(Exception):
        pass

    def fail():
        raise Cut

    landed.main.structure.rate_group.poll = fail
    with pytest.raises(Cut):
        landed.main.structure.run()
    assert landed.on() == []


# --- parameters -------------------------------------------------------------------------------


def _without(table, key):
    del table["heaters"][1][key]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda t: t.update(colour=1), "unknown parameter colour"),
        (lambda t: t.pop("actuators"), "missing parameter actuators"),
        (lambda t: t["heaters"].reverse(), "heaters: .* instead of"),
        (lambda t: t["actuators"].pop(), "actuators: .* instead of"),
        (lambda t: _without(t, "rest_s"), "heaters oxidiser: missing parameter rest_s"),
        (lambda t: t["heaters"][0].update(power_w=4), "heaters fuel: unknown parameter power_w"),
        (
            lambda t: t["actuators"][2].update(width_ms=10_001),
            r"actuators ramp\.width_ms: 10001 is not between",
        ),
        (lambda t: t["actuators"][2].update(width_ms=2.5), r"width_ms: 2\.5 is not between"),
        (lambda t: t["heaters"][0].update(off_mc=8_000), "heaters fuel: off_mc is not above on_mc"),
    ],
)
def test_parameters_that_are_wrong_are_refused_with_their_name(spoil, complaint):
    table = default_parameters()
    spoil(table)
    with pytest.raises(ValueError, match=complaint):
        StructureParameters(table)


def test_the_board_s_parameter_file_is_taken_and_names_what_the_dictionary_names():
    parameters = StructureParameters.from_file(BOARDS / "structure_pico" / "parameters.json")
    assert len(parameters.limits) == len(HEATERS)
    labels = load().labels
    assert (tuple(labels["heater"]), tuple(labels["actuator"])) == (HEATERS, ACTUATORS)
    flown = json.loads((BOARDS / "structure_pico" / "parameters.json").read_text())
    assert parameters.releases[3 * RAMP + s.REL_WIDTH_US] == 1000 * flown["actuators"][RAMP]["width_ms"]
