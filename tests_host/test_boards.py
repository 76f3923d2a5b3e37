"""The boards' data: pins that the chip can do, banks in one run, and READMEs that say the same."""

import ast
import json
import re

import pytest

from host_tools.checks.mpy_compile import ROOT
from plumbline.services.pins import PinTable
from plumbline.subsystems.bench import parts_of
from plumbline.subsystems.structure import OUTPUTS
from plumbline.subsystems.structure_parameters import HEATERS

BOARDS = sorted(path.name for path in (ROOT / "boards").iterdir() if path.is_dir())

# RP2040 datasheet, 1.4.3, functions F2: UART0 and UART1
UART_PINS = {
    ("uart0", "tx"): {0, 12, 16, 28},
    ("uart0", "rx"): {1, 13, 17, 29},
    ("uart1", "tx"): {4, 8, 20, 24},
    ("uart1", "rx"): {5, 9, 21, 25},
}
# Pico datasheet, 2.1: GPIO 23, 24 and 29 serve the board itself, 25 its LED
ON_THE_EDGE = {*range(23), 26, 27, 28}
# ESP32 datasheet, 2.2: 6 to 11 are the flash's, 1 and 3 the console's, 34 and up inputs without a pull;
# 2.4: 0, 2, 5, 12 and 15 are read while it starts. GPIO 14 has a level of its own then.
ESP32_FREE = {4, 13, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33}
ESP32_INPUTS = ESP32_FREE | {2, 5, 14, 15, 34, 35, 36, 39}
ROVER_INPUTS = {"strap", "dock", "camera.rx", "bus.rx", "scoop.angle", *(f"encoder.{i}" for i in range(1, 5))}
BANK_A = ["valve.main", *(f"valve.assist.{i}" for i in range(1, 7))]
ISOLATION = {f"isolation.{line}" for line in ("data", "clock", "latch")}
BANK_B = [f"valve.rcs.{i}" for i in range(1, 9)]
LINES = {
    "bench_pico": ("tfmini", "lw20", "tf03"),
    "navigation_pico": ("imu", "link", "laser", "radar", "bus", "imu_2"),
    "power_esp32": ("bus",),
    "propulsion_pico": ("link", "bus"),
    "rover_esp32": ("bus", "camera"),
    "structure_pico": ("bus",),
}
LOADS = {f"load.{name}" for name in ("sensors", "heaters", "transmitter", "rover", "camera", "payload")}
DRIVEN = {
    "power_esp32": ("arm", "hold", "load."),
    "rover_esp32": ("wheel.", "motors.", "left.", "right.", "scoop.servo"),
}
BUSES = {"i2c.sda", "i2c.scl", "imu.sck", "imu.mosi", "imu.miso", "imu.select", "thermistor"}  # of the bench
OWN = {
    "bench_pico": BUSES,
    "navigation_pico": {f"leg.{i}" for i in range(1, 5)},
    "power_esp32": {"i2c.sda", "i2c.scl", "arm", "hold", "heartbeat", *LOADS},
    "propulsion_pico": {"heartbeat", "analog", *ISOLATION, *BANK_A, *BANK_B},
    "rover_esp32": {
        *(f"{part}.{i}" for part in ("wheel", "encoder") for i in range(1, 5)),
        *(
            "left.back",
            "right.back",
            "motors.enable",
            "scoop.servo",
            "scoop.angle",
            "dock",
            "i2c.sda",
            "i2c.scl",
        ),
    },
    "structure_pico": {*OUTPUTS, *(f"leg.{i}" for i in range(1, 5)), *(f"thermistor.{n}" for n in HEATERS)},
}
# RP2040 datasheet, 1.4.3, functions F1 (SPI) and F3 (I2C); 4.9 for the converter
BUS_PINS = {
    ("i2c0", "sda"): set(range(0, 29, 4)),
    ("i2c0", "scl"): set(range(1, 30, 4)),
    ("i2c1", "sda"): set(range(2, 28, 4)),
    ("i2c1", "scl"): set(range(3, 28, 4)),
    ("spi0", "miso"): {0, 4, 16, 20},
    ("spi0", "sck"): {2, 6, 18, 22},
    ("spi0", "mosi"): {3, 7, 19, 23},
    ("spi1", "miso"): {8, 12, 24, 28},
    ("spi1", "sck"): {10, 14, 26},
    ("spi1", "mosi"): {11, 15, 27},
}
CONVERTER_PINS = {26, 27, 28, 29}


def chip_of(board):
    return json.loads((ROOT / "boards" / board / "board.json").read_text())["mcu"]


PICOS = [board for board in BOARDS if chip_of(board) == "rp2040"]
ESP32S = [board for board in BOARDS if chip_of(board) == "esp32"]


def pins_of(board):
    with (ROOT / "boards" / board / "pins.csv").open() as lines:
        return PinTable(lines, f"boards/{board}/pins.csv", 39 if board in ESP32S else 29)


def test_every_board_is_here():
    assert sorted(LINES) == BOARDS


@pytest.mark.parametrize("board", PICOS)
def test_every_line_is_on_pins_that_can_be_its_uart(board):
    pins = pins_of(board)
    uarts = []
    for line in LINES[board]:
        peripheral = pins.peripheral(line + ".rx")
        assert pins.peripheral(line + ".tx") == peripheral
        if peripheral != "pio":
            uarts.append(peripheral)
            assert pins.gpio(line + ".rx") in UART_PINS[peripheral, "rx"]
            assert pins.gpio(line + ".tx") in UART_PINS[peripheral, "tx"]
    assert len(uarts) == len(set(uarts))


@pytest.mark.parametrize("board", BOARDS)
def test_every_signal_has_a_use_and_a_pin_on_the_edge(board):
    pins = pins_of(board)
    known = {f"{line}.{way}" for line in LINES[board] for way in ("rx", "tx")} | {"tick", "strap"}
    known |= OWN[board]
    if board in PICOS:
        assert pins.gpio("led") == 25
        assert {pins.gpio(signal) for signal in known} <= ON_THE_EDGE
        known.add("led")
    else:
        inputs = ROVER_INPUTS if board == "rover_esp32" else {"bus.rx"}
        assert {pins.gpio(signal) for signal in known - inputs} <= ESP32_FREE
        assert {pins.gpio(signal) for signal in inputs} <= ESP32_INPUTS
    assert set(pins.signals) == known
    for signal in known:
        if signal.startswith(("leg.", "tick", "strap", "led", "load.", "arm", "heartbeat", "isolation.")):
            assert pins.peripheral(signal) == "gpio"


@pytest.mark.parametrize("board", ESP32S)
def test_every_line_of_an_esp32_has_a_uart_that_is_not_the_consoles(board):
    pins = pins_of(board)
    for line in LINES[board]:
        uart = pins.peripheral(line + ".rx")
        assert uart == pins.peripheral(line + ".tx")
        assert uart in ("uart1", "uart2")


@pytest.mark.parametrize("board", ESP32S)
def test_every_actuator_of_an_esp32_is_low_from_the_ports_first_line_on_and_in_boot_py(board):
    actuators = {signal for signal in pins_of(board).signals if signal.startswith(DRIVEN[board])}
    port = (ROOT / "firmware" / "plumbline" / "ports" / "esp32.py").read_text()
    assert '_ACTUATORS = ("arm", "load.")' in port
    bursts = {signal for signal in actuators if pins_of(board).peripheral(signal) == "rmt"}
    assert bursts == {
        signal for signal in pins_of(board).signals if pins_of(board).peripheral(signal) == "rmt"
    }
    assert driven_by_boot_py(board, "power-on") == {pins_of(board).gpio(signal) for signal in actuators}


def driven_by_boot_py(board, cause):
    """GPIOs that boot.py drives low, and lets go where they are held."""
    driven = set()

    def pin(gpio, mode, value, hold=False):
        assert (mode, value, hold) == ("out", 0, False)
        driven.add(gpio)

    names = {"Pin": pin, "WDT_RESET": "watchdog", "reset_cause": lambda: cause}
    source = (ROOT / "boards" / board / "boot.py").read_text()
    source = re.sub("^from machine import .*$", "", source, flags=re.MULTILINE)
    names["Pin"].OUT = "out"
    names["open"] = lambda name: (ROOT / "boards" / board / name).open()
    exec(compile(source, "boot.py", "exec"), names)
    return driven


def test_after_the_watchdog_s_reset_boot_py_leaves_the_power_board_s_held_pads_alone():
    assert driven_by_boot_py("power_esp32", "watchdog") == {pins_of("power_esp32").gpio("arm")}


@pytest.mark.parametrize("board", PICOS)
def test_every_bus_and_converter_is_on_a_pin_that_can_be_it(board):
    pins = pins_of(board)
    for signal in pins.signals:
        peripheral, wire = pins.peripheral(signal), signal.rpartition(".")[2]
        if peripheral.startswith(("i2c", "spi")):
            assert pins.gpio(signal) in BUS_PINS[peripheral, wire], signal
        elif peripheral == "adc":
            assert pins.gpio(signal) in CONVERTER_PINS, signal


def test_the_bench_knows_every_part_that_its_pin_table_names():
    named = dict(parts_of(pins_of("bench_pico")))
    assert named["i2c"] == ["lidar_lite", "vl53l1x", "ina226"]
    assert set(named) == {"tfmini", "i2c", "lw20", "tf03", "imu", "thermistor"}


@pytest.mark.parametrize(
    ("board", "bank"),
    [("propulsion_pico", BANK_A), ("propulsion_pico", BANK_B), ("structure_pico", list(OUTPUTS))],
    ids=["A", "B", "body"],
)
def test_the_outputs_of_a_bank_follow_one_another(board, bank):
    pins = pins_of(board)
    first = pins.gpio(bank[0])
    assert [pins.gpio(signal) for signal in bank] == list(range(first, first + len(bank)))
    assert {pins.peripheral(signal) for signal in bank} == {"pio"}


@pytest.mark.parametrize("board", PICOS)
def test_eight_state_machines_are_enough(board):
    pins = pins_of(board)
    by_pio = [line for line in LINES[board] if pins.peripheral(line + ".rx") == "pio"]
    banks = 2 if {"valve.main", "heater.fuel"} & set(pins.signals) else 0
    assert 2 * len(by_pio) + banks <= 8


@pytest.mark.parametrize("board", BOARDS)
def test_the_readme_has_the_wiring_of_the_pin_table(board):
    pins = pins_of(board)
    readme = (ROOT / "boards" / board / "README.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \| (\d+) \| (\w+) \|", readme, flags=re.MULTILINE)
    wanted = [(signal, str(pins.gpio(signal)), pins.peripheral(signal)) for signal in pins.signals]
    assert rows == wanted


def test_the_heartbeats_ends_are_where_both_boards_say():
    pins, ends = pins_of("propulsion_pico"), pins_of("power_esp32")
    from_here = (ROOT / "boards" / "propulsion_pico" / "pins.csv").read_text()
    from_there = (ROOT / "boards" / "power_esp32" / "pins.csv").read_text()
    assert f"to power_esp32 GPIO {ends.gpio('heartbeat')};" in from_here
    assert f"from propulsion_pico GPIO {pins.gpio('heartbeat')};" in from_there


@pytest.mark.parametrize("board", ["propulsion_pico", "structure_pico"])
def test_the_readme_of_a_board_with_gates_asks_for_a_pull_down_at_every_one(board):
    readme = (ROOT / "boards" / board / "README.md").read_text()
    assert "pull-down at every driver gate" in readme.lower()


@pytest.mark.parametrize("board", BOARDS)
def test_board_json_agrees_with_its_folder_and_main(board):
    folder = ROOT / "boards" / board
    data = json.loads((folder / "board.json").read_text())
    assert set(data) == {"name", "description", "mcu", "port", "firmware", "subsystem"}
    assert data["name"] == board
    chip = ("rp2040", "rp2", "RPI_PICO") if board.endswith("_pico") else ("esp32", "esp32", "ESP32_GENERIC")
    assert (data["mcu"], data["port"], data["firmware"]) == chip
    main = (folder / "main.py").read_text()
    assert f"from plumbline.subsystems.{data['subsystem']} import" in main
    assert f'Board.from_files("{board}")' in main
    # imports, the collector's threshold, tables from files and one line of wiring: no logic, no pin number
    statements = ast.parse(main).body
    kinds = [type(statement) for statement in statements]
    assert set(kinds) <= {ast.Import, ast.ImportFrom, ast.Assign, ast.Expr}
    assert kinds.count(ast.Expr) == 2
    tables = [ast.unparse(each.value) for each in statements if isinstance(each, ast.Assign)]
    assert all(re.fullmatch(r"[A-Z]\w+\.from_file\('\w+\.json'\)", table) for table in tables)
    assert not [
        node for node in ast.walk(ast.parse(main)) if isinstance(node, ast.Constant) and node.value == 0
    ]
    assert (ROOT / "firmware" / "plumbline" / "subsystems" / f"{data['subsystem']}.py").is_file()


@pytest.mark.parametrize("board", BOARDS)
def test_the_manifest_packs_plumbline_and_main(board):
    calls = []
    names = {
        name: lambda *args, _name=name, **kw: calls.append((_name, args[0], kw.get("base_path")))
        for name in ("include", "package", "module")
    }
    folder = ROOT / "boards" / board
    exec(compile((folder / "manifest.py").read_text(), "manifest.py", "exec"), names)
    assert calls == [
        ("include", "$(PORT_DIR)/boards/manifest.py", None),
        ("package", "plumbline", "../../firmware"),
        ("module", "main.py", "."),
    ]
    assert (folder / "../../firmware" / "plumbline").is_dir()
