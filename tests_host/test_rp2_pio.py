"""The RP2040 port's PIO programs, run on a state machine written from the datasheet, not on a chip."""

import importlib
import random
import sys
import types
from typing import ClassVar

import pytest
from pio_machine import FakeRp2, PioMachine, take_source

import machine
from host_tools.flash import pio_programs

# TXF0 and TXF1 of PIO0 (datasheet 3.7) hold the number of their state machine here; TIMERAWL (4.6.5) nothing
REGISTERS = {0x50200010: [0], 0x50200014: [1], 0x40054028: []}
TICK_US = 10_000
CYCLES_PER_US = 16
EXECCTRL_SET = 0x50200000 + 0x0CC + 0x2000  # of PIO0's first state machine; the next one 0x18 further


class Clock:
    def __init__(self):
        self.now_us = 0

    def ticks_us(self):
        return self.now_us

    @staticmethod
    def ticks_diff(later, earlier):
        return later - earlier

    @staticmethod
    def ticks_add(ticks, delta):
        return ticks + delta


class StateMachine(PioMachine):
    """MicroPython's methods around the machine, which runs while `put` waits, as on the chip."""

    made: ClassVar[list["StateMachine"]] = []
    registers_written: ClassVar[dict[int, int]] = {}

    def __init__(self, number, program, **_options):
        super().__init__(program)
        self.number = number
        self.opened = []  # (cycle, pins) at each change
        self.cycles = 0
        self.made.append(self)

    def active(self, on):
        self.status_n = self.registers_written.get(EXECCTRL_SET + 0x18 * self.number, 0)

    def tx_fifo(self):
        return len(self.transmit)

    def put(self, words):
        for word in words:
            assert len(self.transmit) < 8
            self.transmit.append(word)

    def cycle(self):
        super().cycle()
        self._look()
        self.cycles += 1

    def exec(self, opcode):
        super().exec(opcode)
        self._look()

    def _look(self):
        if not self.opened or self.pins != self.opened[-1][1]:
            self.opened.append((self.cycles, self.pins))


@pytest.fixture
def rp2_port(monkeypatch):
    """Imports a module of the port on a fake `rp2`, and forgets it afterwards."""
    StateMachine.made.clear()
    StateMachine.registers_written.clear()
    monkeypatch.setitem(sys.modules, "rp2", FakeRp2(StateMachine))
    take_source(monkeypatch)
    uctypes = types.ModuleType("uctypes")
    uctypes.__dict__["bytearray_at"] = lambda address, size: REGISTERS[address] if size == 4 else None
    monkeypatch.setitem(sys.modules, "uctypes", uctypes)
    monkeypatch.setattr(machine, "mem32", StateMachine.registers_written, raising=False)
    monkeypatch.setattr(machine, "Pin", lambda gpio: gpio)
    monkeypatch.setattr(machine, "disable_irq", lambda: 0, raising=False)
    monkeypatch.setattr(machine, "enable_irq", lambda state: None, raising=False)

    names = []

    def load(name):
        names.append("plumbline.ports." + name)
        return importlib.import_module(names[-1])

    yield load
    for name in names:
        del sys.modules[name]


def play_now(_ticks, _timer, fifo, words, count):
    StateMachine.made[fifo[0]].put(words[:count])
    return 0


@pytest.fixture
def bench(rp2_port, monkeypatch):
    """Valves on two fake state machines, and a clock that both obey."""
    module = rp2_port("rp2_valves")
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    # the same lead before every batch moves all of them: here it takes no time
    monkeypatch.setattr(module, "play_at", play_now)
    bench = Bench(module.Valves(6, 13), clock)
    bench.run(10)  # the state machines are at rest before the first word comes
    return bench


class Bench:
    def __init__(self, valves, clock):
        self.valves = valves
        self.clock = clock
        self.banks = list(StateMachine.made)

    def run(self, time_us):
        for bank in self.banks:
            for _ in range(time_us * CYCLES_PER_US):
                bank.cycle()
        self.clock.now_us += time_us

    def widths_us(self, valve):
        """Lengths of the times for which a valve was open, to the sixteenth of a microsecond."""
        bank, bit = (self.banks[0], 1 << valve) if valve < 7 else (self.banks[1], 1 << valve - 7)
        widths, since = [], None
        for cycle, pins in [*bank.opened, (bank.cycles, 0)]:
            if since is None and pins & bit:
                since = cycle
            elif since is not None and not pins & bit:
                widths.append((cycle - since) / CYCLES_PER_US)
                since = None
        return widths


def test_a_pulse_shorter_than_a_tick_is_exact(bench):
    bench.valves.pulse(0, 1_234)
    bench.valves.pulse(14, 3)
    bench.valves.commit()
    bench.run(TICK_US)
    assert bench.widths_us(0) == [1_234]
    assert bench.widths_us(14) == [3]


def test_a_long_pulse_is_one_pulse_over_many_ticks(bench):
    bench.valves.pulse(3, 34_567)
    bench.valves.pulse(7, 20_000)
    for _ in range(5):
        bench.valves.commit()
        bench.run(TICK_US)
    # a word is looked for every 4 cycles, at rest and in a holding word alike: up to 3 cycles' difference
    assert bench.widths_us(3) == [pytest.approx(34_567, abs=0.25)]
    assert bench.widths_us(7) == [pytest.approx(20_000, abs=0.25)]


def test_all_eight_valves_of_a_bank_can_close_in_one_tick(bench):
    for i in range(8):
        bench.valves.pulse(7 + i, 9_000 - 1_000 * i)
    bench.valves.commit()
    bench.run(TICK_US)
    assert [bench.widths_us(7 + i) for i in range(8)] == [[9_000 - 1_000 * i] for i in range(8)]


def test_when_the_processor_stops_the_valves_close_within_12_ms_of_the_last_commit(bench):
    bench.valves.pulse(0, 100_000)
    for _ in range(3):
        bench.valves.commit()
        bench.run(TICK_US)
    bench.run(90_000)
    # two whole ticks, then the last batch: 10 ms + 2 ms
    assert bench.widths_us(0) == [pytest.approx(32_000, abs=4)]
    assert [bank.pins for bank in bench.banks] == [0, 0]


def test_a_late_commit_does_not_chop_a_pulse(bench):
    bench.valves.pulse(0, 50_000)
    for late_us in (0, 1_900, 0, 1_000, 0, 0):
        bench.valves.commit()
        bench.run(TICK_US + late_us)
    assert bench.widths_us(0) == [pytest.approx(50_000, abs=0.25)]


def test_an_early_commit_follows_what_is_still_queued(bench):
    bench.valves.pulse(0, 50_000)
    for i in range(6):
        bench.valves.pulse(1 + i, 9_400 + 100 * i)
    for early_us in (700, 0, 0, 0, 0, 0, 0):
        bench.valves.commit()
        bench.run(TICK_US - early_us)
    assert bench.widths_us(0) == [pytest.approx(50_000, abs=0.25)]
    assert [bench.widths_us(1 + i) for i in range(6)] == [[9_400 + 100 * i] for i in range(6)]


def test_a_pulse_of_0_closes_a_valve_in_the_next_tick(bench):
    bench.valves.pulse(2, 80_000)
    bench.valves.commit()
    bench.run(TICK_US)
    bench.valves.pulse(2, 0)
    bench.valves.commit()
    bench.run(TICK_US)
    assert bench.widths_us(2) == [pytest.approx(TICK_US, abs=0.25)]


def test_close_all_closes_at_once_and_for_good(bench):
    for valve in range(15):
        bench.valves.pulse(valve, 3_000 + 500 * valve)
    bench.valves.commit()
    bench.run(1_000)
    assert [bank.pins for bank in bench.banks] == [0x7F, 0xFF]
    bench.valves.close_all()
    assert [bank.pins for bank in bench.banks] == [0, 0]
    bench.run(100)
    bench.valves.commit()
    bench.run(TICK_US)
    assert [len(bench.widths_us(valve)) for valve in range(15)] == [1] * 15
    bench.valves.pulse(5, 2_000)
    bench.valves.commit()
    bench.run(TICK_US)
    assert bench.widths_us(5)[1:] == [2_000]


def test_random_pulses_are_as_wide_as_they_were_asked_for(bench):
    dice = random.Random(1)
    widths = [dice.randrange(50, 45_000) for _ in range(15)]
    for valve, width in enumerate(widths):
        bench.valves.pulse(valve, width)
    for _ in range(6):
        bench.valves.commit()
        bench.run(TICK_US)
    for valve, width in enumerate(widths):
        # 0.25 us as above, and up to 3 us when closings fall together
        assert bench.widths_us(valve) == [pytest.approx(width, abs=3.25)]


@pytest.mark.parametrize("valve", [-1, 15])
def test_an_unknown_valve_is_refused(bench, valve):
    with pytest.raises(ValueError, match="0 to 14"):
        bench.valves.pulse(valve, 1_000)


def line_levels(data, samples_per_bit=8.0):
    """A serial line's level at each cycle: rest, then start bit, data from bit 0 on, stop bit."""
    levels = [1] * 20
    end = float(len(levels))
    for byte in data:
        for level in (0, *(byte >> i & 1 for i in range(8)), 1):
            end += samples_per_bit
            levels += [level] * (round(end) - len(levels))
    return levels + [1] * 20


def receive(receiver, levels):
    received = []
    for level in levels:
        receiver.line = level
        receiver.cycle()
        if receiver.received:
            received.append(receiver.received.popleft())
    return received


# Two crystals differ by less than 0.01 %, a part with an RC oscillator by 2 %.
@pytest.mark.parametrize("samples_per_bit", [7.84, 8.0, 8.16])
def test_the_receiver_takes_every_byte(rp2_port, samples_per_bit):
    receiver = PioMachine(rp2_port("rp2_uart").RECEIVER)
    data = bytes([*range(256), 0, 0, 255, 255])
    assert bytes(receive(receiver, line_levels(data, samples_per_bit))) == data


def test_a_byte_without_a_stop_bit_is_dropped_and_the_next_one_taken(rp2_port):
    receiver = PioMachine(rp2_port("rp2_uart").RECEIVER)
    broken = [0] * 8 * 14  # a break of 14 bits
    assert receive(receiver, line_levels(b"a") + broken + line_levels(b"b")) == [ord("a"), ord("b")]


def test_the_receiver_waits_for_a_line_that_rests(rp2_port):
    receiver = PioMachine(rp2_port("rp2_uart").RECEIVER)
    assert receive(receiver, [0] * 1_000 + line_levels(b"x")) == [ord("x")]


def test_the_sender_keeps_eight_cycles_for_every_bit(rp2_port):
    sender = PioMachine(rp2_port("rp2_uart").SENDER)
    sender.transmit.extend(b"Ua\x00\xff")
    levels = []
    for _ in range(330):
        sender.cycle()
        levels.append(sender.pins)
    start = levels.index(0)
    # four bytes of ten bits, without a pause between them, then rest
    assert levels[start:] == line_levels(b"Ua\x00\xff")[20:-20] + [1] * (330 - start - 320)


def test_what_the_sender_sends_the_receiver_takes(rp2_port):
    module = rp2_port("rp2_uart")
    sender, receiver = PioMachine(module.SENDER), PioMachine(module.RECEIVER)
    data = bytes(range(0, 256, 5))
    queue, received = list(data), []
    for _ in range(len(data) * 80 + 200):
        if queue and len(sender.transmit) < 8:
            sender.transmit.append(queue.pop(0) * 0x01010101)  # a narrow write is on all lanes
        sender.cycle()
        receiver.line = sender.pins
        receiver.cycle()
        if receiver.received:
            received.append(receiver.received.popleft())
    assert bytes(received) == data


# --- the programs that fly are those of the source ---


def test_what_flies_is_what_an_emulated_board_assembles(firmware):
    assert pio_programs.PROGRAMS.read_text() == pio_programs.text(firmware.uf2)


def test_both_assemblers_agree_on_every_instruction(firmware, rp2_port, monkeypatch):
    source = take_source(monkeypatch)
    assembled = pio_programs.assembled(firmware.uf2)
    for program, there in zip((source.RECEIVER, source.SENDER, source.bank(7)), assembled, strict=True):
        assert program.opcodes == there[0]
        assert (there[3] >> 7 & 31, there[3] >> 12 & 31) == (program.wrap_target, program.wrap_top)


def test_an_assembly_that_fails_is_one_line(firmware, monkeypatch, tmp_path, capsys):
    broken = tmp_path / "rp2_assembly.py"
    broken.write_text("import nothing_of_that_name\n")
    monkeypatch.setattr(pio_programs, "SOURCE", broken)
    assert pio_programs.main() == 2
    assert capsys.readouterr().err == "rp2_assembly.py does not assemble on an emulated board\n"
