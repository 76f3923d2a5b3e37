"""The RP2040 port on fakes of machine and rp2: a Board and its pin table, a PIO UART and its rings."""

import importlib
import sys
import types
from array import array

import pytest
from pio_machine import FakeRp2, take_source

import machine
from host_tools.checks.mpy_compile import ROOT
from plumbline.ports import ring
from plumbline.services.pins import PinConflict, PinTableError
from plumbline.subsystems.structure import OUTPUTS

CHAN_ABORT = 0x50000444


class Chip:
    """Writes down what was done to it, in order."""

    def __init__(self):
        self.deeds = []
        self.levels = {}
        self.memory = {}  # a view's address
        self.channels = []
        self.registers = array("i", [0] * (12 * CHANNEL_WORDS))


class Pin:
    IN, OUT, PULL_UP, PULL_DOWN = 0, 1, 1, 2
    chip: Chip

    def __init__(self, gpio, mode=None, pull=None, value=None):
        self.gpio = gpio
        self.chip.deeds.append(("pin", gpio, mode, pull, value))

    def value(self):
        return self.chip.levels.get(self.gpio, 0)


class StateMachine:
    def __init__(self, number, program, **options):
        self.number = number
        Pin.chip.deeds.append(
            ("machine", number, {name: getattr(pin, "gpio", pin) for name, pin in options.items()})
        )

    def active(self, on):
        Pin.chip.deeds.append(("active", self.number))


CHANNEL_WORDS = 16
READ_ADDR, WRITE_ADDR, CTRL, COUNT_TRIGGER = 0, 1, 3, 7  # RP2040 datasheet 2.5.7, in words
BUSY = 1 << 24


class Dma:
    """A channel with the registers of the chip; nothing moves by itself: `finish` ends a transfer."""

    def __init__(self):
        self.channel = len(Pin.chip.channels)
        self.registers = memoryview(Pin.chip.registers)[CHANNEL_WORDS * self.channel :][:CHANNEL_WORDS]
        self.ring = self.started = 0
        Pin.chip.channels.append(self)

    def pack_ctrl(self, **fields):
        return fields

    def config(self, read, write, count, ctrl, trigger=False):
        assert count == 0
        assert not trigger
        addressof = address_of(Pin.chip)
        self.registers[READ_ADDR] = addressof(read) if isinstance(read, memoryview) else 0
        self.registers[WRITE_ADDR] = addressof(write) if isinstance(write, memoryview) else 0
        self.fields = ctrl

    @property
    def count(self):
        """Of the transfer that was started last; the chip starts it when the register is written."""
        if self.registers[COUNT_TRIGGER]:
            assert not self.registers[CTRL] & BUSY
            self.started = self.registers[COUNT_TRIGGER] & 0xFFFFFFFF
            self.registers[COUNT_TRIGGER] = 0
            self.registers[CTRL] |= BUSY
        return self.started

    @property
    def running(self):
        return bool(self.count and self.registers[CTRL] & BUSY)

    @running.setter
    def running(self, on):
        assert self.count
        self.registers[CTRL] = BUSY if on else 0

    def finish(self):
        size = 1 << self.fields["ring_size"]
        read = self.registers[READ_ADDR]
        self.registers[READ_ADDR] = read & -size | read + self.count & size - 1
        self.running = False


def fake_uart(*arguments, **options):
    Pin.chip.deeds.append(("uart", *arguments, options["tx"].gpio, options["rx"].gpio, options["timeout"]))
    return "uart"


def address_of(chip):
    """uctypes.addressof: the rings get aligned addresses in SRAM, the room around them an odd one."""

    def addressof(view):
        if isinstance(view, bytearray):
            return 0x20000010
        return chip.memory.setdefault(id(view), 0x20010000 + len(chip.memory) * 0x1000)

    return addressof


@pytest.fixture
def chip(monkeypatch):
    chip = Chip()
    Pin.chip = chip
    uctypes = types.ModuleType("uctypes")
    uctypes.__dict__["addressof"] = address_of(chip)
    # the DMA's registers; TIMERAWL, TXF0 and TXF1 of PIO0, which only viper code reads and writes
    registers = {(0x50000000, 768): chip.registers, (0x40054028, 4): None}
    registers |= {(0x50200010, 4): None, (0x50200014, 4): None}
    uctypes.__dict__["bytearray_at"] = lambda address, size: registers[address, size]
    monkeypatch.setitem(sys.modules, "uctypes", uctypes)
    monkeypatch.setitem(sys.modules, "rp2", FakeRp2(StateMachine, Dma))
    take_source(monkeypatch)
    monkeypatch.setattr(machine, "Pin", Pin)
    monkeypatch.setattr(machine, "UART", fake_uart)
    monkeypatch.setattr(machine, "mem32", Memory(chip), raising=False)
    monkeypatch.setattr(machine, "WDT", lambda timeout: ("watchdog", timeout), raising=False)
    for name in ("disable_irq", "enable_irq"):
        monkeypatch.setattr(machine, name, None, raising=False)
    yield chip
    for name in ("rp2", "rp2_kept", "rp2_uart", "rp2_valves"):
        sys.modules.pop("plumbline.ports." + name, None)


class Memory:
    def __init__(self, chip):
        self.chip = chip

    def __setitem__(self, address, value):
        self.chip.deeds.append(("register", address, value))

    def __getitem__(self, address):
        assert address == CHAN_ABORT
        return 0


def board(chip, name, monkeypatch, change=lambda text: text):
    module = importlib.import_module("plumbline.ports.rp2")
    # CPython's time has no ticks; the board hands the module on and the valves read it
    for port in (module, importlib.import_module("plumbline.ports.rp2_valves")):
        monkeypatch.setattr(port, "time", types.SimpleNamespace(ticks_us=lambda: 0))
    text = change((ROOT / "boards" / name / "pins.csv").read_text())
    return module.Board(name, text.splitlines())


def test_importing_the_port_touches_nothing(chip):
    importlib.import_module("plumbline.ports.rp2")
    assert chip.deeds == []
    assert chip.channels == []


def test_the_first_thing_a_board_does_is_to_drive_every_valve_low(chip, monkeypatch):
    board(chip, "propulsion_pico", monkeypatch)
    # fifteen valves on GPIO 6 to 20
    assert chip.deeds[:15] == [("pin", gpio, Pin.OUT, None, 0) for gpio in range(6, 21)]
    assert chip.deeds[15] == ("register", CHAN_ABORT, 0xFFF)


def test_the_navigation_board_has_its_five_lines(chip, monkeypatch):
    nav = board(chip, "navigation_pico", monkeypatch)
    baudrates = {"imu": 921_600, "link": 460_800, "laser": 115_200, "radar": 115_200, "bus": 460_800}
    for line, baudrate in baudrates.items():
        nav.uart(line, baudrate)
    assert [deed for deed in chip.deeds if deed[0] == "uart"] == [
        ("uart", 0, 921_600, 0, 1, 0),
        ("uart", 1, 460_800, 4, 5, 0),
    ]
    # eight cycles a bit; a receiver and a sender for each of the three others
    assert [deed[1:] for deed in chip.deeds if deed[0] == "machine"] == [
        (0, {"freq": 921_600, "in_base": 7, "jmp_pin": 7}),
        (1, {"freq": 921_600, "out_base": 6, "set_base": 6}),
        (2, {"freq": 921_600, "in_base": 9, "jmp_pin": 9}),
        (3, {"freq": 921_600, "out_base": 8, "set_base": 8}),
        (4, {"freq": 3_686_400, "in_base": 11, "jmp_pin": 11}),
        (5, {"freq": 3_686_400, "out_base": 10, "set_base": 10}),
    ]
    # datasheet 2.5.3.1: PIO0_RX0 4, PIO0_TX1 1, PIO0_RX2 6, PIO0_TX3 3, PIO1_RX0 12, PIO1_TX1 9
    assert [channel.fields["treq_sel"] for channel in chip.channels] == [4, 1, 6, 3, 12, 9]


def test_the_propulsion_board_has_two_banks(chip, monkeypatch):
    board(chip, "propulsion_pico", monkeypatch).valves()
    assert [deed[1:] for deed in chip.deeds if deed[0] == "machine"] == [
        (0, {"freq": 16_000_000, "out_base": 6}),
        (1, {"freq": 16_000_000, "out_base": 13}),
    ]
    # STATUS_N of state machines 0 and 1 of PIO0, through the alias that sets bits, before they run
    registers = [deed[1:] for deed in chip.deeds if deed[0] == "register"][1:]
    assert registers == [(0x502020CC, 1), (0x502020E4, 1)]
    assert chip.deeds.index(("register", 0x502020E4, 1)) < chip.deeds.index(("active", 1))


def test_the_structure_board_drives_its_outputs_low_first_and_has_one_bank(chip, monkeypatch):
    body = board(chip, "structure_pico", monkeypatch)
    assert chip.deeds[:7] == [("pin", gpio, Pin.OUT, None, 0) for gpio in range(6, 13)]
    outputs = body.one_shots(OUTPUTS)
    assert [deed[1:] for deed in chip.deeds if deed[0] == "machine"] == [
        (0, {"freq": 16_000_000, "out_base": 6})
    ]
    for output in (-1, 7):
        with pytest.raises(ValueError, match="no such output"):
            outputs.pulse(output, 10)
    assert 0 <= body.seed() <= 0xFFFF


def test_a_bank_with_a_gap_is_refused(chip, monkeypatch):
    swapped = board(
        chip,
        "propulsion_pico",
        monkeypatch,
        lambda text: text.replace("rcs.8,20", "rcs.8,23"),
    )
    with pytest.raises(PinTableError, match=r"valve\.rcs\.8 must be on GPIO 20"):
        swapped.valves()


def test_a_pin_in_use_is_refused_and_both_users_are_named(chip, monkeypatch):
    nav = board(chip, "navigation_pico", monkeypatch)
    nav.uart("laser", 115_200)
    with pytest.raises(
        PinConflict, match=r"GPIO 7 \(laser\.rx\) is in use by uart laser, and input laser\.rx"
    ):
        nav.input("laser.rx")


def test_a_line_between_two_peripherals_is_refused(chip, monkeypatch):
    nav = board(
        chip, "navigation_pico", monkeypatch, lambda text: text.replace("link.tx,4,uart1", "link.tx,4,pio")
    )
    with pytest.raises(PinTableError, match="link needs one UART or pio"):
        nav.uart("link", 460_800)


@pytest.mark.parametrize("level", [0, 1])
def test_the_strap_says_whether_this_is_flight(chip, monkeypatch, level):
    nav = board(chip, "navigation_pico", monkeypatch)
    chip.levels[22] = level
    assert nav.strap() is bool(level)
    watchdog = nav.watchdog(100)
    if level:
        assert watchdog == ("watchdog", 100)
    else:
        assert watchdog.feed() is None


class WaitingUart:
    """As rp2's: a read of more than has come would wait for 2 ms of rest on the line."""

    def __init__(self):
        self.waiting = b""

    def any(self):
        return len(self.waiting)

    def readinto(self, buffer, count):
        assert 0 < count <= len(self.waiting), "this read would wait"
        buffer[:count] = self.waiting[:count]
        self.waiting = self.waiting[count:]
        return count


def test_a_hardware_uart_is_never_asked_for_more_than_has_come(chip):
    inner = WaitingUart()
    uart = importlib.import_module("plumbline.ports.rp2").HardwareUart(inner)
    buffer = bytearray(4)
    assert (uart.any(), uart.readinto(buffer)) == (0, None)
    inner.waiting = b"abcdef"
    assert (uart.any(), uart.readinto(buffer), bytes(buffer)) == (6, 4, b"abcd")
    assert (uart.readinto(buffer), bytes(buffer[:2])) == (2, b"ef")


@pytest.fixture
def uart(chip):
    return importlib.import_module("plumbline.ports.rp2_uart").PioUart(0, 460_800, 7, 6)


def arrive(uart, data):
    """What the receiving channel does with bytes from the line."""
    registers, base = uart._receive_dma.registers, uart._line[ring.LINE_RECEIVE_ADDRESS]
    assert uart._receive_dma.running
    for byte in data:
        uart._received[registers[WRITE_ADDR] - base] = byte
        registers[WRITE_ADDR] = base + (registers[WRITE_ADDR] - base + 1) % 2048


def test_bytes_are_read_in_order_across_the_end_of_the_ring(uart):
    buffer = bytearray(700)
    for i in range(10):
        data = bytes((i * 37 + j) & 255 for j in range(600))
        arrive(uart, data)
        assert uart.any() == 600
        assert uart.readinto(memoryview(buffer)[:250]) == 250
        assert buffer[:250] == data[:250]
        assert uart.readinto(buffer) == 350
        assert buffer[:350] == data[250:]
        assert uart.readinto(buffer) is None


def test_what_is_written_while_sending_follows(chip, uart):
    dma, base = uart._send_dma, uart._line[ring.LINE_SEND_ADDRESS]
    sent = b""
    for i in range(50):
        assert uart.write(bytes([i] * 30)) == 30
        assert dma.running
        assert uart.write(bytes([100 + i] * 20)) == 20  # the channel is busy with the first thirty
        for count in (30, 20):
            assert (dma.running, dma.count) == (True, count)
            sent += bytes(uart._sending[(dma.registers[READ_ADDR] - base + j) % 1024] for j in range(count))
            dma.finish()
            uart.any()
        assert not dma.running
    assert sent == b"".join(bytes([i] * 30 + [100 + i] * 20) for i in range(50))


def test_a_slow_line_has_a_quarter_of_the_room_for_as_long_a_pause(chip, uart):
    slow = importlib.import_module("plumbline.ports.rp2_uart").PioUart(2, 115_200, 9, 8)
    for line, received, sending in ((uart, 2048, 1024), (slow, 512, 256)):
        assert (len(line._received), len(line._sending)) == (received, sending)
        assert line._line[ring.LINE_RECEIVE_MASK] == received - 1
        assert line._line[ring.LINE_SEND_MASK] == sending - 1
        assert 1 << line._receive_dma.fields["ring_size"] == received
        assert 1 << line._send_dma.fields["ring_size"] == sending


@pytest.mark.parametrize(("bits", "smaller_bits"), [(11, 10), (9, 8), (11, 4)])
def test_both_rings_of_a_line_lie_in_one_room_at_multiples_of_their_sizes(
    chip, monkeypatch, bits, smaller_bits
):
    lines = importlib.import_module("plumbline.ports.rp2_uart")
    for address in range(0x20000000, 0x20000000 + (1 << bits), 16):  # what the collector gives
        monkeypatch.setattr(lines.uctypes, "addressof", lambda room, address=address: address)
        rings = lines._rings(bits, smaller_bits)
        room = rings[0].obj
        assert len(room) == 2 << bits
        for number, ring_ in enumerate(rings, 1):
            ring_[:] = bytes([number]) * len(ring_)
        for number, ring_ in enumerate(rings, 1):
            begin = room.find(number)
            assert room[begin : begin + len(ring_)] == bytes([number]) * len(ring_)  # none upon the other
            assert (address + begin) % len(ring_) == 0
        assert [len(ring_) for ring_ in rings] == [1 << bits, 1 << smaller_bits]


def test_a_frame_that_does_not_fit_is_refused_whole(uart):
    assert uart.write(bytes(1000)) == 1000
    assert uart._send_dma.count == 1000
    assert uart.write(bytes(24)) is None  # 1,023 bytes are the most that a ring of 1,024 holds
    assert uart.write(bytes(23)) == 23
    assert uart.write(b"x") is None
    uart._send_dma.finish()
    assert uart.write(b"x") == 1


def test_the_receiving_channel_is_started_again_when_its_count_is_used_up(uart):
    assert (uart._receive_dma.running, uart._receive_dma.count) == (True, 0xFFFFFFFF)
    uart._receive_dma.running = False
    uart.any()
    assert uart._receive_dma.running
