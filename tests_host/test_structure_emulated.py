"""The structure board as an emulated Pico: it does what the host board does, and its pins show the pulses."""

import statistics

import pytest

from host_tools.device_tests.emulated import widths_us
from host_tools.emulator.body import EmulatedBody
from host_tools.emulator.budget import of_memory
from host_tools.emulator.far_end import FarEnd
from host_tools.host_board.body import Body
from host_tools.host_board.clock import Clock
from host_tools.host_board.release_sequence import ReleaseSequence
from host_tools.host_board.structure import MainBody, default_parameters
from host_tools.host_board.thermal import Node, Thermal
from host_tools.host_board.wires import SerialLine
from plumbline.link import dictionary as d
from plumbline.link.port import PacketPort
from plumbline.subsystems.structure import OUTPUTS
from plumbline.subsystems.structure_parameters import HEATERS

EVENT = d.STRUCTURE << 8 | d.EVENT.function
STATUS = d.STRUCTURE_STATUS.apid
TICK_CYCLES, NS_PER_CYCLE = 1_250_000, 8
RAMP, ROVER = OUTPUTS.index("actuator.ramp"), OUTPUTS.index("actuator.rover")


def parameters():
    """Heaters that may come on after a second, for tanks that are below their threshold from the start."""
    table = default_parameters()
    for heater in table["heaters"]:
        heater |= {"on_mc": 14_000, "off_mc": 16_000, "duty_q10": 1024, "rest_s": 1}
    return table


def body():
    return Body(Thermal([Node(name, 13.9, 2_000.0, 2.0, 0.0, 400.0) for name in HEATERS]))


class Story:
    """Touchdown after 1 s, the rover let go after 2 s, the ramp after 3 s, a thermistor lost after 6 s."""

    def __init__(self, clock, end, board):
        self.clock, self.board = clock, board
        self.port = PacketPort(end, d.SPACECRAFT)
        self.events, self.statuses, self.sequences = [], [], []

    def run(self):
        for tick in range(800):
            self.clock.now_us += 10_000
            if tick == 100:
                self.board.body.touch((True, True, False, True))
            elif tick == 150:
                mode = self.port.outgoing(d.STRUCTURE_MODE)
                mode.values[0] = d.MODE_SURFACE
                self.port.send(mode)
            elif tick in (200, 300):
                name = "rover" if tick == 200 else "ramp"
                self.sequences.append(ReleaseSequence(self.port, name))
            elif tick == 600:
                self.board.body.broken["fuel"] = 0
            self.board.step()
            self._listen()
        return self

    def _listen(self):
        apid = self.port.poll()
        while apid >= 0:
            values = list(self.port.values)
            if apid == EVENT:
                self.events.append((values[0], values[3]))
            elif apid == STATUS:
                self.statuses.append(values)
            for sequence in self.sequences:
                sequence.take(apid, values)
            apid = self.port.poll()


@pytest.fixture(scope="module")
def host():
    clock = Clock()
    line = SerialLine(clock, 460_800)
    return Story(clock, line.b, MainBody(clock, line.a, parameters(), body())).run()


@pytest.fixture(scope="module")
def emulated(firmware):
    clock = Clock()
    end = FarEnd(clock)
    with EmulatedBody(clock, end, firmware.uf2, parameters(), body()) as board:
        return Story(clock, end, board).run()


def test_the_emulated_board_says_what_the_host_board_says(host, emulated):
    assert [sequence.state for sequence in emulated.sequences] == ["fired", "fired"]
    # its boot was before the story began
    assert [(d.BOOT, 0), *emulated.events] == host.events
    assert d.THERMISTOR_FAILED in [event for event, _ in emulated.events]
    assert 14 <= len(emulated.statuses) <= 16
    fields = dict(
        zip(
            [name for name, _ in d.STRUCTURE_STATUS.fields], zip(*emulated.statuses, strict=True), strict=True
        )
    )
    assert set(fields["overruns"]) == set(fields["rejected"]) == {0}
    assert 7 in fields["heaters_on"]
    assert fields["heaters_on"][-1] == 6
    assert fields["thermistors_failed"][-1] == 1
    # both see the same tanks: a 12-bit converter's step there is 0.025 degrees
    assert emulated.statuses[8][3] == pytest.approx(host.statuses[8][3], abs=200)


def test_the_actuators_have_worked_when_they_have_on_the_host(host, emulated):
    assert emulated.board.body.done_us.keys() == {"rover", "ramp"}
    for name, at_us in emulated.board.body.done_us.items():
        assert at_us == pytest.approx(host.board.body.done_us[name], abs=30_000)


def test_the_pins_show_one_pulse_of_the_right_width_for_each(emulated):
    edges = emulated.board.edges
    assert len(widths_us(edges, ROVER)) == len(widths_us(edges, RAMP)) == 1
    # one ask of the hardware; 59 asks, each on time to what a tick's beginning jitters
    assert widths_us(edges, ROVER)[0] == pytest.approx(100_000, abs=2)
    assert widths_us(edges, RAMP)[0] == pytest.approx(3_000_000, abs=1_000)
    assert widths_us(edges, OUTPUTS.index("actuator.legs")) == []


def test_a_heater_s_pulses_join_while_it_is_on(emulated):
    heater = OUTPUTS.index("heater.oxidiser")
    changes = [(at_ns, level) for at_ns, output, level in emulated.board.edges if output == heater]
    # from 13.9 degrees to 16 it takes longer than the story
    assert [level for _, level in changes] == [1]


def test_a_tick_takes_less_than_two_fifths_of_its_time_and_most_less_than_an_eighth(emulated):
    cycles = [ns // NS_PER_CYCLE for ns in emulated.board.tick_ns]
    assert len(cycles) >= 799
    assert statistics.median(cycles) < TICK_CYCLES / 8
    assert max(cycles) < TICK_CYCLES * 2 / 5  # the tick that sends the status


def test_its_program_leaves_100_kilobytes_and_allocates_nothing(firmware):
    memory = of_memory("structure_pico", firmware)
    assert memory["allocated_bytes"] == memory["starved_ticks"] == 0
    assert memory["heap_free_bytes"] > 100_000
    assert memory["largest_free_block_bytes"] > 90_000
