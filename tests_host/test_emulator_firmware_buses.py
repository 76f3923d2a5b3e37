"""The real firmware's UART, I2C, SoftI2C, SPI, ADC and PWM on the emulated chip, through its REPL.

MicroPython runs clk_peri at 48 MHz: 921,600 baud is 16 * 3.25 periods of it, a byte is 10.833 us.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

import pytest

from host_tools.emulator.chip import Chip, Slice
from host_tools.emulator.parts import I2cRegisters
from host_tools.emulator.raw_repl import RawRepl

BYTE_NS = 10 * 16 * 3.25 * 1e9 / 48e6


class Complement:
    """An SPI part that answers each byte by its complement."""

    def exchange(self, word: int) -> int:
        return ~word & 0xFF


class Bench:
    """A booted chip with parts, lines and levels; what goes in goes in at the next run."""

    def __init__(self, chip: Chip, ranger: I2cRegisters, other: I2cRegisters) -> None:
        self.chip = chip
        self.ranger = ranger
        self.other = other
        self.lines: dict[str, list[tuple[int, bytes]]] = {}
        self.pins: list[tuple[int, int, int]] = []
        self.heard: dict[str, list[tuple[int, int]]] = {}
        self.edges: list[tuple[int, int, int]] = []
        self.repl = RawRepl(chip, self.run)

    def run(self, until_ns: int, usb: bytes) -> Slice:
        lines, self.lines = self.lines, {}
        pins, self.pins = self.pins, []
        slice_ = self.chip.run(until_ns, usb, serial=lines, pins=pins, break_on_usb=True)
        for name, said in slice_.serial.items():
            self.heard.setdefault(name, []).extend(said)
        self.edges += slice_.edges
        return slice_

    def send(self, line: str, data: bytes, after_ns: int = 0) -> None:
        """A far end begins to send."""
        self.lines.setdefault(line, []).append((self.chip.now_ns + after_ns, data))

    def pull(self, gpio: int, level: int) -> None:
        """Hold a wire from outside; -1 lets it go."""
        self.pins.append((self.chip.now_ns, gpio, level))

    def exec(self, program: str):
        """What a program prints, as Python values; a program that raises fails the test."""
        said = self.repl.exec(program)
        assert not said.stderr, said.stderr.decode()
        return ast.literal_eval(f"[{said.stdout.decode().strip().replace(chr(13) + chr(10), ',')}]")


@pytest.fixture(scope="module")
def bench(firmware) -> Iterator[Bench]:
    with Chip(firmware.uf2) as chip:
        chip.attach_serial("fast", 0, 1, 921_600)
        chip.attach_serial("slow", 8, 9, 115_200)
        parts = {0x29: I2cRegisters(bytes(range(64))), 0x76: I2cRegisters(b"\x00" * 8, writable=range(2))}
        chip.attach_i2c(0, parts)
        chip.attach_spi(0, Complement())
        for channel, value in enumerate((1000, 2000, 3000)):
            chip.analog(channel, value)
        chip.watch([22])
        bench = Bench(chip, parts[0x29], parts[0x76])
        bench.repl.enter()
        bench.exec(
            "import time\nfrom machine import *\n"
            "fast = UART(0, 921600, tx=Pin(0), rx=Pin(1), rxbuf=4096, txbuf=4096)\n"
            "slow = UART(1, 115200, tx=Pin(8), rx=Pin(9), rxbuf=4096)\n"
            "hard = I2C(0, sda=Pin(4), scl=Pin(5), freq=400000, timeout=2000)\n"
            "def error(f, *a):\n try: return f(*a)\n except OSError as e: return e.errno\n"
            "def took(f, *a):\n t = time.ticks_us(); f(*a); return time.ticks_diff(time.ticks_us(), t)\n"
        )
        yield bench


def test_both_directions_at_921600_baud_lose_nothing_and_leave_no_gap(bench):
    count = 8192
    coming = bytes((7 * i + (i >> 8)) & 0xFF for i in range(count))
    bench.heard.clear()
    bench.repl.start(
        f"there = memoryview(bytes((5 * i + (i >> 8)) & 255 for i in range({count})))\n"
        f"here = memoryview(bytearray({count}))\n"
        "print(0)\n"
        "n = k = 0\n"
        "while n < len(here) or k < len(there):\n"
        "    m = fast.any()\n"
        "    if m: n += fast.readinto(here[n:n + m])\n"
        "    if k < len(there): k += fast.write(there[k:k + 256]) or 0\n"
        f"print(sum(here[i] != (7 * i + (i >> 8)) & 255 for i in range({count})))\n"
    )
    while not bench.heard:  # the board has begun to send
        bench.repl.advance(100_000)
    bench.send("fast", coming)
    assert bench.repl.finish().stdout.split() == [b"0", b"0"]
    out = bench.heard["fast"]
    assert bytes(byte for _, byte in out) == bytes((5 * i + (i >> 8)) & 0xFF for i in range(count))
    duration_ns = out[-1][0] - out[0][0]
    assert duration_ns == pytest.approx((count - 1) * BYTE_NS, abs=10)  # back to back throughout


@pytest.mark.parametrize(
    "program", ["time.sleep_ms(30)", "while time.ticks_diff(time.ticks_ms(), t) < 30: pass"]
)
def test_a_burst_loses_nothing_whether_the_board_sleeps_or_works(bench, program):
    sent = bytes(range(256)) * 2
    bench.repl.start(f"t = time.ticks_ms()\n{program}\nprint(fast.read())")
    bench.repl.advance(5_000_000)
    bench.send("fast", sent)  # the first bit at once
    assert ast.literal_eval(bench.repl.finish().stdout.decode()) == sent


def test_interrupts_off_cost_exactly_what_the_fifo_cannot_hold(bench):
    sent = bytes(range(100))  # 8.7 ms at 115,200 baud
    bench.send("slow", sent, after_ns=10_000_000)  # by then the program runs
    program = "irq = disable_irq(); time.sleep_us(25000); enable_irq(irq)\nprint(slow.read())"
    assert bench.exec(program) == [sent[:32]]
    bench.send("slow", b"and on")
    assert bench.exec("time.sleep_ms(5)\nprint(slow.read())") == [b"and on"]


def test_after_an_overrun_in_a_stream_only_polling_brings_the_receive_interrupt_back(bench):
    # The interrupt comes as the FIFO reaches its level, MicroPython's handler takes 23 of 32 bytes, and what
    # is left is above the level for as long as the stream lasts.
    bench.send("slow", bytes(2000), after_ns=10_000_000)  # 174 ms
    program = (
        "irq = disable_irq(); time.sleep_us(20000); enable_irq(irq)\n"
        "time.sleep_ms(50)\nprint(slow.any())\ntime.sleep_ms(50)\nprint(slow.any())\n"
        "time.sleep_ms(100)\nslow.read()"
    )
    stuck, freed = bench.exec(program)
    assert 23 + 32 <= stuck <= 23 + 32 + 2  # any() empties the FIFO while it fills
    assert 550 < freed - stuck < 600  # 50 ms are 576 bytes


def test_a_line_at_another_baud_rate_is_garbled_both_ways(bench):
    bench.heard.clear()
    bench.send("slow", b"attitude")
    bench.exec("slow.init(110000)\ntime.sleep_ms(2)\nslow.read()\nslow.write(b'altitude')\ntime.sleep_ms(2)")
    bench.send("slow", b"attitude")
    heard_by_chip = bench.exec("time.sleep_ms(2)\nprint(slow.read())\nslow.init(115200)")
    assert heard_by_chip != [b"attitude"]
    assert bytes(byte for _, byte in bench.heard.get("slow", ())) != b"altitude"


def test_a_scan_finds_the_parts_on_hardware_i2c_and_on_soft_i2c(bench):
    assert bench.exec("print(hard.scan())") == [[0x29, 0x76]]
    soft = "soft = SoftI2C(sda=Pin(4), scl=Pin(5), freq=100000)\nprint(soft.scan())\n"
    again = "hard = I2C(0, sda=Pin(4), scl=Pin(5), freq=400000, timeout=2000)"
    assert bench.exec(soft + "print(soft.readfrom_mem(0x29, 3, 2))\n" + again) == [[0x29, 0x76], b"\x03\x04"]


def test_registers_are_written_and_read_over_i2c(bench):
    assert bench.exec("hard.writeto_mem(0x29, 8, b'abc')\nprint(hard.readfrom_mem(0x29, 7, 5))") == [
        b"\x07abc\x0b"
    ]
    assert bench.ranger.registers[7:12] == b"\x07abc\x0b"


def test_an_absent_part_and_a_refused_byte_are_an_error_and_a_count(bench):
    eio = 5
    absent = bench.exec("print((error(hard.writeto, 0x30, b'x'), error(hard.readfrom, 0x30, 1)))")
    assert absent == [(eio, eio)]
    assert bench.exec("print(hard.writeto(0x76, bytes((1, 9, 9))))") == [2]


def test_a_transfer_takes_its_clocks(bench):
    # Start, address, pointer, restart, address, 32 bytes, stop: 1 + 9 + 9 + 1 + 9 + 288 + 1 = 318 clocks of
    # 332 cycles (126 + 187 from the registers, 11 + 7 + 1 from the controller): 844.6 us, and the program.
    (us,) = bench.exec("print(took(hard.readfrom_mem, 0x29, 0, 32))")
    assert 845 <= us <= 1000


def test_a_part_that_stretches_the_clock_is_waited_for(bench):
    bench.ranger.stretch_ns = 200_000
    (us,) = bench.exec("print(took(hard.readfrom_mem, 0x29, 0, 1))")
    bench.ranger.stretch_ns = 0
    # Two addresses and the pointer, 200 us each, and 38 clocks or 101 us; nobody waits for the stop.
    assert 700 <= us <= 850


@pytest.mark.parametrize("gpio", [4, 5])
def test_a_wire_that_is_stuck_low_ends_in_a_time_out_and_all_is_well_afterwards(bench, gpio):
    etimedout = 110
    bench.pull(gpio, 0)
    assert bench.exec("print(error(hard.readfrom_mem, 0x29, 0, 1))") == [etimedout]
    bench.pull(gpio, -1)
    bench.repl.advance(1_000_000)
    assert bench.exec("print(hard.readfrom_mem(0x29, 0, 1))") == [b"\x00"]


@pytest.mark.parametrize("count", [8, 100])  # MicroPython uses DMA from 32 bytes on
def test_spi_exchanges_bytes_by_program_and_by_dma(bench, count):
    program = (
        "spi = SPI(0, baudrate=1000000, sck=Pin(18), mosi=Pin(19), miso=Pin(16))\n"
        f"there = bytes(range({count})); here = bytearray({count})\n"
        "us = took(spi.write_readinto, there, here)\nprint(bytes(here))\nprint(us)"
    )
    here, us = bench.exec(program)
    assert here == bytes(255 - i for i in range(count))
    assert 9 * count <= us <= 9 * count + 250  # eight clocks of 1 us and one of rest each


def test_analogue_inputs_read_what_is_plugged_in_and_the_chip_is_at_27_degrees(bench):
    program = "print([ADC(pin).read_u16() >> 4 for pin in (26, 27, 28)])\nprint(ADC(4).read_u16() >> 4)"
    assert bench.exec(program) == [[1000, 2000, 3000], round(0.706 / 3.3 * 4096)]


def test_a_pwm_output_has_its_period_and_duty(bench):
    bench.edges.clear()
    bench.exec("pwm = PWM(Pin(22), freq=1000, duty_u16=16384)\ntime.sleep_ms(10)\npwm.deinit()")
    rising = [at for at, _, level in bench.edges if level]
    falling = [at for at, _, level in bench.edges if not level]
    periods = {later - earlier for earlier, later in pairwise(rising)}
    widths = {down - up for up, down in zip(rising, (at for at in falling if at > rising[0]), strict=False)}
    assert max(abs(period - 1_000_000) for period in periods) <= 8, periods
    assert max(abs(width - 250_000) for width in widths) <= 16, widths
