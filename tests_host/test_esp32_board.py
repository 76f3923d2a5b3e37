"""The ESP32 port on fakes of machine and esp32: a Board, its pin table, its pulse counters. No chip."""

import importlib
import sys
import types

import pytest

import machine
from host_tools.checks.mpy_compile import ROOT
from plumbline.kernels import slots
from plumbline.services.checkpoint import needed
from plumbline.services.pins import PinConflict, PinTableError

MOST = 30_000


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_UP, PULL_DOWN = 0, 1, 2, 1, 2
    deeds: list[tuple]
    levels: dict[int, int]

    def __init__(self, gpio, mode=None, pull=None, value=None, hold=None):
        self.gpio = gpio
        if hold is not None:
            self.deeds.append(("held", gpio, mode, value, hold))
        else:
            self.deeds.append(("pin", gpio, mode, pull, value))

    def value(self):
        return self.levels.get(self.gpio, 0)


class Counter:
    """As esp32.PCNT with a maximum: it counts edges and begins again at 0 there."""

    INCREMENT = 1
    made: list["Counter"]

    def __init__(self, unit, **options):
        self.unit, self.options, self.count, self.runs = unit, options, 0, False
        self.made.append(self)
        Pin.deeds.append(("counter", unit, options["pin"].gpio))

    def start(self):
        self.runs = True

    def edge(self, how_many=1):
        assert self.runs
        assert (self.options["rising"], self.options["falling"]) == (1, 1)
        self.count = (self.count + how_many) % self.options["max"]

    def value(self):
        return self.count


class Memory:
    """machine.RTC's memory, and why the chip was reset."""

    content: bytes
    cause: int

    def memory(self, content=None):
        if content is not None:
            Memory.content = bytes(content)
        return Memory.content


class Partition:
    """The data partition of a name, with the fields of info(); `there` by name."""

    TYPE_DATA = 1
    there: dict[str, tuple]

    @classmethod
    def find(cls, kind, label):
        assert kind == cls.TYPE_DATA
        return [cls(label)] if label in cls.there else []

    def __init__(self, label):
        self.label = label

    def info(self):
        return self.there[self.label]


@pytest.fixture
def port(monkeypatch):
    """The module, imported on fakes."""
    Pin.deeds, Pin.levels, Counter.made = [], {}, []
    esp32 = types.ModuleType("esp32")
    esp32.__dict__["PCNT"] = Counter
    esp32.__dict__["Partition"] = Partition
    Partition.there = {}
    uctypes = types.ModuleType("uctypes")
    uctypes.__dict__["addressof"] = lambda _array: 0x3FFB0000
    monkeypatch.setitem(sys.modules, "esp32", esp32)
    monkeypatch.setitem(sys.modules, "uctypes", uctypes)
    monkeypatch.setattr(machine, "Pin", Pin)
    for name in ("UART", "I2C"):

        def made(number, *arguments, _name=name, **options):
            options = {key: getattr(value, "gpio", value) for key, value in options.items()}
            Pin.deeds.append((_name, number, arguments, options))
            return _name

        monkeypatch.setattr(machine, name, made, raising=False)
    for name in ("ADC", "WDT"):
        monkeypatch.setattr(machine, name, lambda _name=name, **options: (_name, options), raising=False)
    for name, value in (("PWRON_RESET", 1), ("HARD_RESET", 2), ("WDT_RESET", 3), ("RTC", Memory)):
        monkeypatch.setattr(machine, name, value, raising=False)
    monkeypatch.setattr(machine, "reset_cause", lambda: Memory.cause, raising=False)
    Memory.content, Memory.cause = b"", 1
    yield importlib.import_module("plumbline.ports.esp32")
    for name in ("esp32", "esp32_edges", "esp32_flash", "esp32_kept", "guarded_i2c", "announcement"):
        sys.modules.pop("plumbline.ports." + name, None)


def board(port, change=lambda text: text):
    text = (ROOT / "boards" / "power_esp32" / "pins.csv").read_text()
    return port.Board("power_esp32", change(text).splitlines())


def deeds(kind):
    return [deed[1:] for deed in Pin.deeds if deed[0] == kind]


def test_importing_the_port_touches_nothing(port):
    assert Pin.deeds == []


def test_the_first_thing_a_board_does_is_to_drive_every_actuator_low(port):
    power = board(port)
    actuators = {
        power.pins().gpio(signal) for signal in power.pins().signals if signal.startswith(("arm", "load."))
    }
    assert len(actuators) == 7
    first = deeds("pin")[:7]
    assert {gpio for gpio, *_ in first} == actuators
    assert {tuple(rest) for _, *rest in first} == {(Pin.OUT, None, 0)}


def test_the_bus_is_a_uart_that_waits_for_nothing_when_it_reads(port):
    assert board(port).uart("bus", 460_800) == "UART"
    [(number, (baudrate,), options)] = deeds("UART")
    assert (number, baudrate) == (2, 460_800)
    assert (options["tx"], options["rx"]) == (17, 35)
    assert options["timeout"] == 0
    assert options["rxbuf"] >= 2048


@pytest.mark.parametrize(
    ("old", "new"),
    [("bus.rx,35,uart2", "bus.rx,35,uart1"), ("uart2", "uart0"), ("uart2", "gpio"), ("uart2", "pio")],
)
def test_a_line_that_no_uart_of_the_chip_can_be_is_refused(port, old, new):
    power = board(port, lambda text: text.replace(old, new))
    with pytest.raises(PinTableError, match="bus needs uart1 or uart2"):
        power.uart("bus", 460_800)


def test_the_monitors_bus_is_opened_with_a_time_limit_behind_a_look_at_its_lines(port):
    bus = board(port).i2c("i2c")
    [(number, _, options)] = deeds("I2C")
    assert (number, options["sda"], options["scl"]) == (0, 21, 22)
    assert (options["freq"], options["timeout"]) == (400_000, 2_000)
    with pytest.raises(OSError, match="110"):  # both lines are low here
        bus.writeto(0x40, b"\0")
    assert bus.held == 1


def test_edges_are_counted_across_the_counters_end_and_its_pin_is_pulled_down_after_it(port):
    power = board(port)
    edges = power.edges("heartbeat")
    [counter] = Counter.made
    assert deeds("counter") == [(0, 27)]
    assert counter.options["max"] == MOST
    after = Pin.deeds[Pin.deeds.index(("counter", 0, 27)) + 1 :]
    assert after == [("pin", 27, Pin.IN, Pin.PULL_DOWN, None)]
    taken = []
    for how_many in (0, 1, 2, 29_990, 5, 3, 29_999, 0):
        counter.edge(how_many)
        taken.append(edges.take())
    assert taken == [0, 1, 2, 29_990, 5, 3, 29_999, 0]


def test_a_pin_in_use_is_refused_and_both_users_are_named(port):
    power = board(port)
    power.edges("heartbeat")
    with pytest.raises(
        PinConflict, match=r"GPIO 27 \(heartbeat\) is in use by edges heartbeat, and input heartbeat"
    ):
        power.input("heartbeat")


def test_a_fifth_edge_counter_is_refused(port):
    power = board(port)
    for signal in ("heartbeat", "tick", "bus.rx", "bus.tx"):
        power.edges(signal)
    with pytest.raises(PinTableError, match="more than four edge counters"):
        power.edges("i2c.sda")


def test_a_converter_needs_a_pin_that_is_one(port):
    with pytest.raises(PinTableError, match="tick needs adc for peripheral"):
        board(port).adc("tick")


@pytest.mark.parametrize("level", [0, 1])
def test_the_strap_says_whether_this_is_flight(port, level):
    power = board(port)
    Pin.levels[13] = level
    assert power.strap() is bool(level)


def test_the_watchdog_is_armed_in_flight_alone(port):
    power = board(port)
    power.watchdog(100).feed()  # on the bench there is none
    Pin.levels[13] = 1
    assert power.watchdog(100) == ("WDT", {"timeout": 100})


def test_words_outlive_a_reset_and_its_cause_is_known(port):
    kept = board(port).kept_words()
    kept[0], kept[3] = 0x3FFFFFFF, 5
    again = board(port).kept_words()
    assert [again[i] for i in range(4)] == [0x3FFFFFFF, 0, 0, 5]
    causes = []
    for Memory.cause in (1, 3, 2, 5):  # power, watchdog, machine.reset(), soft reset
        causes.append(board(port).reset_cause())
    assert causes == [0, 1, 2, 2]


def test_a_block_outlives_a_reset_as_it_was_kept_and_words_and_block_leave_each_other_alone(port):
    first = board(port)
    block = first.kept_block()
    block[0], block[-1] = 7, 9
    first.keep_block()
    first.kept_words()[1] = 0x12345
    block[1] = 3  # not kept, but for the next word
    again = board(port)
    assert bytes(again.kept_block()) == bytes([7]) + bytes(len(block) - 2) + bytes([9])
    assert again.kept_words()[1] == 0x12345
    again.kept_block()[2] = 5
    again.kept_words()[0] = 1
    assert bytes(board(port).kept_block())[:3] == bytes([7, 0, 5])


def test_the_power_board_s_state_fits_into_the_block(port):
    loads = 8
    assert needed([slots.SUP_SIZE, slots.HBT_SIZE, loads]) <= len(board(port).kept_block())


def test_a_held_output_is_left_alone_until_it_is_given_a_level_and_is_held_there(port):
    power = board(port)
    hold = power.held_output("hold")
    assert deeds("held") == []
    assert 16 not in [gpio for gpio, *_ in deeds("pin")]
    for level in (1, 1, 0, 0, 1):
        hold(level)
    assert deeds("held") == [(16, Pin.OUT, level, True) for level in (1, 0, 1)]
    with pytest.raises(PinConflict, match="hold"):
        power.input("hold")


def test_a_board_keeps_parameters_where_there_is_a_partition_for_them(port):
    assert board(port).roomy is False
    Partition.there = {"plumbline": (1, 6, 0x300000, 256 * 1024, "plumbline", False)}
    roomy = board(port)
    assert roomy.roomy is True
    assert roomy.raw_flash().sectors == 64


def test_a_partition_that_is_too_small_is_one_line(port):
    Partition.there = {"plumbline": (1, 6, 0x300000, 128 * 1024, "plumbline", False)}
    with pytest.raises(OSError, match=r"^partition plumbline: 256 kB, not encrypted, are needed$"):
        board(port).raw_flash()


def test_a_ready_board_says_what_make_flash_waits_for(port, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    power = board(port)
    power.ready({"supply": [0] * 13})
    assert capsys.readouterr().out == f"map supply {0x3FFB0000} 13\nplumbline power_esp32 by-hand ready\n"
    (tmp_path / "plumbline.json").write_text('{"hash": "1a2b3c4d5e6f"}')
    power.ready({})
    assert capsys.readouterr().out == "plumbline power_esp32 1a2b3c4d ready\n"


def test_the_platform_chooses_the_port():
    from host_tools.flash.board_files import board_files

    for name, own in (("power_esp32", "esp32"), ("bench_pico", "rp2_buses")):
        ports = {path for path in board_files(name) if path.startswith("plumbline/ports/")}
        assert f"plumbline/ports/{own}.mpy" in ports
    from plumbline.ports import Board, bus_board, simulated, simulated_buses

    assert Board is simulated.Board  # CPython is the host
    assert bus_board.Board is simulated_buses.Board
