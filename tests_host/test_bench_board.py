"""`plumbline bench`: the board's program on the host, what it says, and the command that shows it."""

import json
import os
import subprocess
import sys
import tty

import pytest

import machine
from host_tools.bench import command, sources
from host_tools.bench.lines import Bench as Said
from host_tools.bench.screen import plain, sparkline, table, values
from host_tools.flash.board_files import BOARDS
from host_tools.host_board.buses import BusHarness, SimulatedAdc, SimulatedI2c, SimulatedSpi
from host_tools.host_board.clock import Clock
from host_tools.host_board.lander import pin_table
from host_tools.host_board.parts import thermistor
from host_tools.host_board.parts.icm20948 import SimulatedIcm20948
from host_tools.host_board.parts.ina226 import SimulatedIna226
from host_tools.host_board.parts.lidar_lite import SimulatedLidarLite
from host_tools.host_board.parts.lw20 import SimulatedLw20
from host_tools.host_board.parts.tfmini import SimulatedTf03, SimulatedTfmini
from host_tools.host_board.parts.vl53l1x import SimulatedVl53l1x
from host_tools.host_board.wires import SerialLine, Wire
from plumbline.ports.simulated_buses import Board
from plumbline.services.pins import PinTable, PinTableError
from plumbline.subsystems.bench import Bench, parts_of

ALL = ["tfmini", "lidar_lite", "vl53l1x", "ina226", "lw20", "tf03", "icm20948", "thermistor"]


class HostBench:
    """The bench's board on the host with all of its parts, and its lines as they are said."""

    def __init__(self) -> None:
        self.clock = clock = Clock()
        lines = {name: SerialLine(clock, 115_200) for name in ("tfmini", "tf03", "lw20")}
        self.serial = [
            SimulatedTfmini(lines["tfmini"].b, lambda: (325, 90)),
            SimulatedTf03(lines["tf03"].b, lambda: (325, 90)),
            SimulatedLw20(lines["lw20"].b, lambda: (325, 90)),
        ]
        self.i2c = SimulatedI2c(
            {
                0x62: SimulatedLidarLite(clock, lambda: 325),
                0x29: SimulatedVl53l1x(clock, lambda: (9, 3_250)),
                0x40: SimulatedIna226(clock, lambda: (5_000.0, 240.0), 100_000),
            }
        )
        spi = SimulatedSpi(SimulatedIcm20948(clock, lambda: (0, 0, 1, 0, 0, 6)))
        buses = {
            "i2c": self.i2c,
            "imu": (spi, spi.select),
            "thermistor": SimulatedAdc(lambda: thermistor.counts(21.5)),
        }
        pins = pin_table("bench_pico")
        harness = BusHarness(
            clock=clock,
            serial={name: line.a for name, line in lines.items()},
            wires={pins.gpio("tick"): Wire()},
            buses=buses,
        )
        self.said: list[str] = []
        with machine.current_board(harness):
            self.bench = Bench(Board("bench_pico", pins, harness), self.said.append)

    def run(self, seconds: float) -> Said:
        """What a screen would know after that time."""
        shown, until_us = Said(), self.clock.now_us + round(seconds * 1e6)
        while self.clock.now_us < until_us:
            for part in self.serial:
                part.advance(self.clock.now_us)
            self.bench.step()
            self.clock.now_us += 100
            for line in self.said:
                shown.take(line, self.clock.now_us / 1e6)
            self.said.clear()
        return shown


@pytest.fixture(scope="module")
def shown() -> Said:
    return HostBench().run(4.0)


def test_the_board_reports_every_part_of_its_pin_table_at_its_rate(shown):
    assert list(shown.parts) == ALL
    rates = {name: round(part.rate_hz) for name, part in shown.parts.items()}
    wanted = {"tfmini": 100, "tf03": 100, "lw20": 100, "lidar_lite": 50, "vl53l1x": 25, "ina226": 28}
    wanted |= {"icm20948": 225, "thermistor": 12}
    assert all(abs(rates[name] - hertz) <= 5 for name, hertz in wanted.items()), rates
    assert all(part.rejected == 0 for part in shown.parts.values())
    assert (shown.overruns, shown.starved, shown.ignored) == (0, 0, 0)


def test_the_values_are_those_of_the_scene(shown):
    for name in ("tfmini", "tf03", "lw20", "lidar_lite", "vl53l1x"):
        assert shown.parts[name].values == (3_250, 1)
    assert shown.parts["ina226"].values == (5_000, 240, 1_200, 1)
    ax, ay, az, gx, gy, gz = shown.parts["icm20948"].values
    assert (ax, ay, gx, gy) == (0, 0, 0, 0)
    assert abs(az - 9_806) <= 5 and abs(gz - 6_000) <= 31
    assert abs(shown.parts["thermistor"].values[0] - 21_500) <= 30


def test_a_part_that_is_missing_is_reported_with_its_failures():
    host = HostBench()
    host.i2c.absent = {0x62}
    shown = host.run(1.0)
    assert shown.parts["lidar_lite"].taken == 0
    assert shown.parts["lidar_lite"].rejected >= 80
    assert shown.parts["vl53l1x"].taken > 5


def test_an_unknown_part_and_its_signal_are_named():
    header = "signal,gpio,peripheral,owner,note"
    with pytest.raises(PinTableError, match=r"i2c\.sda: bmp280 is no part that the bench knows"):
        parts_of(PinTable([header, "i2c.sda,4,i2c0,ina226 bmp280,"]))


def test_an_inertial_unit_may_sit_on_the_i2c_bus_too():
    pins = PinTable(["signal,gpio,peripheral,owner,note", "i2c.sda,4,i2c0,icm20948,", "tick,21,gpio,board,"])
    part = SimulatedIcm20948(Clock(), lambda: (0, 0, 1, 0, 0, 0))
    harness = BusHarness(clock=part._clock, wires={21: Wire()}, buses={"i2c": SimulatedI2c({0x68: part})})
    with machine.current_board(harness):
        bench = Bench(Board("bench_pico", pins, harness), print)
    for _ in range(200):
        part._clock.now_us += 10_000
        bench.rate_group.poll()
    assert bench.parts[0].taken > 300


# --- lines and screen --------------------------------------------------------------------


def test_lines_that_were_cut_or_are_somebody_elses_change_nothing():
    said = Said()
    said.take("part tfmini tfmini range:mm status:-", 0.0)
    said.take("bench tfmini 10 0 3250 1", 0.2)
    for line in (
        "bench tfmini 11 0 32",
        "bench tfmini 1x 0 3250 1",
        "bench tf03 1 0 2 3",
        "",
        "map tfmini 5 6",
    ):
        said.take(line, 0.4)
    assert (said.parts["tfmini"].taken, said.parts["tfmini"].values) == (10, (3_250, 1))
    assert said.ignored == 5


def test_the_last_words_of_a_program_that_has_died_are_kept():
    said = Said()
    for line in (
        "Traceback (most recent call last):",
        '  File "x", line 1',
        "PinConflict: GPIO 4",
        "OSError: 5",
    ):
        said.take(line, 0.0)
    assert said.complaint == "OSError: 5"
    said.take("plumbline bench_pico 1a2b3c4d ready", 0.1)  # it was started again
    assert said.complaint == ""


def test_a_rate_is_what_came_between_two_reports():
    said = Said()
    said.take("part lw20 lw20 range:mm status:-", 0.0)
    said.take("bench lw20 100 2 3250 1", 1.0)
    said.take("bench lw20 120 2 3260 1", 1.2)
    part = said.parts["lw20"]
    assert part.rate_hz == pytest.approx(100)
    assert list(part.history) == [3_250, 3_260]
    assert plain(part, 1.2) == "1.2 lw20 100.0Hz taken=120 rejected=2 range=3260mm status=1"
    assert values(part) == "range 3260 mm  status 1"


def test_a_plot_goes_from_the_least_to_the_greatest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5, 5, 5]) == "▁▁▁"
    assert sparkline([]) == ""
    assert len(sparkline(list(range(100)), 24)) == 24


def test_the_table_has_a_row_for_each_part(shown):
    made = table(shown, 4.0)
    assert made.row_count == len(ALL)
    assert list(made.columns[0].cells) and "late ticks 0" in str(made.caption)


def test_degrees_are_shown_as_people_say_them():
    said = Said()
    said.take("part thermistor thermistor temperature:mdegC status:-", 0.0)
    said.take("bench thermistor 1 0 -12350 1", 0.2)
    assert values(said.parts["thermistor"]) == "temperature -12.35 °C  status 1"


# --- the command -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nothing_pico", "--emulated"), "plumbline bench: there is no board 'nothing_pico': choose one of"),
        (("navigation_pico", "--emulated"), "plumbline bench: navigation_pico is no test bench"),
        (("bench_pico",), "plumbline bench: say either --emulated or --port"),
        (("bench_pico", "--emulated", "--port", "a0"), "plumbline bench: say either --emulated or --port"),
        (("bench_pico", "--port", "/dev/pts/none"), "plumbline bench: port /dev/pts/none is not there"),
        (("bench_pico", "--emulated", "--seconds", "-1"), "plumbline: "),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments, line):
    code, out, err = run("bench", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_the_emulated_board_is_polled_and_printed_for_scripts(run, firmware):
    code, out, err = run("bench", "bench_pico", "--emulated", "--seconds", "1.2", "--plain")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert {words[1] for words in lines} == set(ALL)
    last = {words[1]: words for words in lines}
    assert all("rejected=0" in words for words in last.values())
    assert any(words[1] == "tfmini" and words[-1] == "status=1" for words in lines)


def _said(*lines: str):
    """A source that says these lines, a tenth of a second apart, and then time passes."""
    now_s = 0.0
    for line in lines:
        now_s += 0.1
        yield now_s, line
    while True:
        now_s += 1.0
        yield now_s, None


def test_a_board_that_lacks_a_part_is_exit_code_1_and_names_it(run, monkeypatch):
    lines = ["part tfmini tfmini range:mm status:-", "bench tfmini 5 0 3250 1", "bench-tick 20 0 0"]
    monkeypatch.setattr(command, "_source", lambda *_: _said(*lines))
    code, out, err = run("bench", "bench_pico", "--emulated", "--seconds", "0.5")
    assert code == 1
    assert "tfmini" in out and "3250 mm" in out
    missing = [name for name in ALL if name != "tfmini"]
    assert err == f"plumbline bench: bench_pico: nothing from {', '.join(missing)}\n"


def test_a_board_that_says_nothing_or_dies_ends_with_its_last_words(run, monkeypatch):
    monkeypatch.setattr(command, "_source", lambda *_: _said("hello"))
    assert run("bench", "bench_pico", "--emulated")[2] == (
        "plumbline bench: the board has reported nothing in 10 s\n"
    )
    monkeypatch.setattr(command, "_source", lambda *_: _said(*["hello"] * 1000))
    assert run("bench", "bench_pico", "--emulated")[2] == (
        "plumbline bench: the board has reported nothing in 60 s\n"
    )
    monkeypatch.setattr(command, "_source", lambda *_: _said("OSError: [Errno 19] ENODEV"))
    code, _, err = run("bench", "bench_pico", "--emulated")
    assert (code, err) == (1, "plumbline bench: OSError: [Errno 19] ENODEV\n")


def test_a_port_is_read_line_by_line_until_it_is_gone():
    board, device = os.openpty()
    tty.setraw(device)
    name = os.ttyname(device)
    heard = sources.at_port(name)
    assert next(heard)[1] is None  # open: what was written before would be flushed
    os.write(board, b"bench-tick 1 0 0\r\nbench-ti")
    assert next(line for _, line in heard if line is not None) == "bench-tick 1 0 0"
    os.close(board)
    with pytest.raises(sources.SourceError, match=f"port {name} cannot be read"):
        for _ in heard:
            pass
    os.close(device)


def test_the_bench_is_the_only_board_with_its_subsystem():
    subsystems = [json.loads(path.read_text())["subsystem"] for path in BOARDS.glob("*/board.json")]
    assert subsystems.count("bench") == 1


def test_a_board_at_a_port_is_brought_up_to_date_and_shown(firmware, tmp_path):
    # The port is an emulated board's; its rates are by the wall clock here, so they are not looked at.
    command = [sys.executable, "-m", "host_tools.cli", "emulate", "bench_pico", "--empty"]
    command += ["--flash", str(tmp_path / "flash"), "--uf2", str(firmware.uf2), "--"]
    command += ["plumbline", "bench", "bench_pico", "--port", "$PORT", "--seconds", "1.5", "--plain"]
    done = subprocess.run(command, cwd=BOARDS.parent, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.split()[1] for line in done.stdout.splitlines()} == set(ALL)
