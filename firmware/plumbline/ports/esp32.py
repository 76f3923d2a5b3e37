"""A board with an ESP32: lines, pins, buses and converters where its pin table says. Not run on the chip.

    board = Board.from_files("power_esp32")
    bus = board.uart("bus", 460800)

The first thing that a Board does is to drive every pin of an actuator low.
"""

import time

from machine import ADC, UART, WDT, Pin
from micropython import const
from plumbline.ports.announcement import announce
from plumbline.ports.esp32_edges import EdgeCounter
from plumbline.ports.esp32_flash import has_raw_flash, raw_flash
from plumbline.ports.esp32_kept import HeldOutput, KeptMemory, KeptWords, reset_cause
from plumbline.ports.guarded_i2c import GuardedI2c
from plumbline.services.health import NoWatchdog
from plumbline.services.pins import ESP32_LAST_GPIO, PinTable, PinTableError

_BUFFER = const(4096)  # 88 ms of a line at 460,800 baud
_LINE_REST_MS = const(
    1
)  # after which the last bytes of a chunk are handed over; 0 would interrupt at each byte
_UART_IDS = {"uart1": 1, "uart2": 2}  # uart0 is the console's
_EDGE_COUNTERS = const(4)  # that every chip of the family has
_ACTUATORS = ("arm", "load.")  # signals that begin so are low from the start


class Board:
    """name: the folder in boards/; pin_lines: the lines of its pins.csv.

    `clock` has ticks_us, ticks_diff, ticks_add and sleep_ms. Raises PinTableError for a bad table.
    """

    def __init__(self, name, pin_lines):
        self.name = name
        self.clock = time
        self._pins = PinTable(pin_lines, name + "/pins.csv", ESP32_LAST_GPIO)
        for signal in self._pins.signals:
            if signal.startswith(_ACTUATORS):
                Pin(self._pins.gpio(signal), Pin.OUT, value=0)
        self._uarts = []  # kept: their buffers are in use
        self._counters = 0
        self._strap = self.input("strap")
        self._kept = KeptMemory()
        self.roomy = has_raw_flash()  # without the partition nothing is kept, and that is answered

    @classmethod
    def from_files(cls, name):
        """The board with the pins.csv that stands beside main.py."""
        with open("pins.csv") as lines:
            return cls(name, lines)

    def pins(self):
        """The board's pin table: which part sits where."""
        return self._pins

    def uart(self, prefix, baudrate):
        """The line on `prefix`.rx and `prefix`.tx: any, readinto and write.

        Reading never waits; writing waits when more than the buffer is to be sent.
        """
        owner = "uart " + prefix
        rx = self._pins.claim(prefix + ".rx", owner)
        tx = self._pins.claim(prefix + ".tx", owner)
        peripheral = self._pins.peripheral(prefix + ".rx")
        if self._pins.peripheral(prefix + ".tx") != peripheral or peripheral not in _UART_IDS:
            raise PinTableError("{}: {} needs uart1 or uart2 for rx and tx".format(self.name, prefix))
        uart = UART(
            _UART_IDS[peripheral],
            baudrate,
            tx=Pin(tx),
            rx=Pin(rx),
            rxbuf=_BUFFER,
            txbuf=_BUFFER,
            timeout=0,
            timeout_char=_LINE_REST_MS,
        )
        self._uarts.append(uart)
        return uart

    def input(self, signal):
        """An input pin with a pull-down: value() is 0 or 1."""
        return Pin(self._pins.claim(signal, "input " + signal), Pin.IN, Pin.PULL_DOWN)

    def output(self, signal):
        """An output pin, low; calling it sets its level."""
        return Pin(self._pins.claim(signal, "output " + signal), Pin.OUT, value=0)

    def held_output(self, signal):
        """An output whose pad a reset of the chip leaves as it is, until it is called; power-on: an input."""
        return HeldOutput(self._pins.claim(signal, "output " + signal))

    def edges(self, signal):
        """A counter of the edges at an input: take() is how many there were since the last call."""
        gpio = self._pins.claim(signal, "edges " + signal)
        if self._counters >= _EDGE_COUNTERS:
            raise PinTableError("{}: more than four edge counters".format(self.name))
        self._counters += 1
        return EdgeCounter(self._counters - 1, gpio)

    def i2c(self, prefix):
        """The bus on `prefix`.sda and `prefix`.scl, 400 kHz."""
        sda, scl = self._claim(prefix, "sda", "i2c"), self._claim(prefix, "scl", "i2c")
        return GuardedI2c(int(self._pins.peripheral(prefix + ".sda")[-1]), sda, scl)

    def adc(self, signal):
        """The converter at `signal`: read_u16() is 0 to 65,535 for 0 to 3.1 V or so."""
        if self._pins.peripheral(signal) != "adc":
            raise PinTableError("{}: {} needs adc for peripheral".format(self.name, signal))
        return ADC(Pin(self._pins.claim(signal, "adc " + signal)), atten=ADC.ATTN_11DB)

    def ready(self, arrays):
        """Say on the console where the arrays lie, and last that the board is ready."""
        announce(self.name, arrays)

    def strap(self):
        """True while the flight strap connects its pin to 3.3 V; without it this is a development board."""
        return self._strap.value() == 1

    def kept_words(self):
        """Four words that outlive a reset."""
        return KeptWords(self._kept)

    def kept_block(self):
        """Bytes that outlive a reset as they were when keep_block was called."""
        return self._kept.block

    def keep_block(self):
        """Let the kept block outlive a reset as it is now."""
        self._kept.keep()

    def raw_flash(self):
        """The sectors that services/flash_layout.py shares out. Raises RawFlashError."""
        return raw_flash()

    def reset_cause(self):
        """POWER, WATCHDOG or ASKED of services/reset_log.py."""
        return reset_cause()

    def watchdog(self, timeout_ms):
        """A watchdog that resets the board unless it is fed; on the bench, without the strap, none."""
        return WDT(timeout=timeout_ms) if self.strap() else NoWatchdog()

    def _claim(self, prefix, line, kind):
        signal = prefix + "." + line
        if not self._pins.peripheral(signal).startswith(kind):
            raise PinTableError("{}: {} needs {} for peripheral".format(self.name, signal, kind))
        return self._pins.claim(signal, kind + " " + prefix)
