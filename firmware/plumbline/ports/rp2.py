"""A board with an RP2040: UARTs, inputs and valves where its pin table says. Not yet run on hardware.

    board = Board.from_files("navigation_pico")
    imu = board.uart("imu", 921600)

The first thing that a Board does is to drive every pin low that opens, heats or fires something.
"""

import os
import time

from machine import UART, WDT, Pin
from micropython import const
from plumbline.ports.announcement import announce
from plumbline.ports.rp2_kept import kept_words, reset_cause
from plumbline.ports.rp2_uart import PioUart, abort_transfers
from plumbline.ports.rp2_valves import MAIN_AND_ASSIST, RCS, OneShots, Valves
from plumbline.services.health import NoWatchdog
from plumbline.services.pins import PinTable, PinTableError
from plumbline.services.start import is_frozen

_BUFFER = const(4096)  # of a hardware UART: 44 ms of the inertial unit's line at 921,600 baud
_UART_IDS = {"uart0": 0, "uart1": 1}
_LINES = ("pio", "uart0", "uart1")
_MACHINES = const(8)
_DRIVEN = ("valve", "heater", "actuator")  # the first words of signals that are low unless a pulse is played
_BANK_A = ("valve.main",) + tuple("valve.assist.{}".format(i) for i in range(1, MAIN_AND_ASSIST))
_BANK_B = tuple("valve.rcs.{}".format(i) for i in range(1, RCS + 1))


class HardwareUart:
    """A machine.UART that never waits.

    MicroPython raises timeout_char to 1 ms at least (ports/rp2/machine_uart.c), so a read of more than has
    come goes on until the line has rested for 2 ms: for ever, where a part sends 500 datagrams a second.
    """

    def __init__(self, uart):
        self._uart = uart

    def any(self):
        """The number of bytes that can be read now. Allocates nothing."""
        return self._uart.any()

    def readinto(self, buffer):
        """Move what has come and fits into `buffer`; returns the count, None for none. Allocates nothing."""
        count = self._uart.any()
        if count == 0:
            return None
        return self._uart.readinto(buffer, count if count < len(buffer) else len(buffer))

    def write(self, data):
        """Queue `data`; returns how much of it fitted. Allocates nothing."""
        return self._uart.write(data)


class Board:
    """name: the folder in boards/; pin_lines: the lines of its pins.csv.

    `clock` has ticks_us, ticks_diff and ticks_add. Raises PinTableError for a bad table.
    """

    def __init__(self, name, pin_lines):
        self.name = name
        self.clock = time
        self._pins = PinTable(pin_lines, name + "/pins.csv")
        for signal in self._pins.signals:
            if signal.split(".")[0] in _DRIVEN:
                Pin(self._pins.gpio(signal), Pin.OUT, value=0)
        abort_transfers()
        self._free_machine = 0
        self._uarts = []  # kept: DMA writes into them
        self._strap = self.input("strap")
        self._raw_flash = None
        self.roomy = is_frozen()  # most of the heap is free

    @classmethod
    def from_files(cls, name):
        """The board with the pins.csv that stands beside main.py."""
        with open("pins.csv") as table:
            return cls(name, table.read().split("\n"))  # a file read by lines is read byte by byte

    def uart(self, prefix, baudrate):
        """The line on `prefix`.rx and `prefix`.tx: any, readinto and write, none of which waits."""
        owner = "uart " + prefix
        rx = self._pins.claim(prefix + ".rx", owner)
        tx = self._pins.claim(prefix + ".tx", owner)
        peripheral = self._pins.peripheral(prefix + ".rx")
        if self._pins.peripheral(prefix + ".tx") != peripheral or peripheral not in _LINES:
            raise PinTableError("{}: {} needs one UART or pio for rx and tx".format(self.name, prefix))
        if peripheral == "pio":
            uart = PioUart(self._take_machines(), baudrate, rx, tx)
        else:
            uart = HardwareUart(
                UART(
                    _UART_IDS[peripheral],
                    baudrate,
                    tx=Pin(tx),
                    rx=Pin(rx),
                    rxbuf=_BUFFER,
                    txbuf=_BUFFER,
                    timeout=0,
                    timeout_char=0,
                )
            )
        self._uarts.append(uart)
        return uart

    def input(self, signal):
        """An input pin with a pull-down: value() is 0 or 1."""
        return Pin(self._pins.claim(signal, "input " + signal), Pin.IN, Pin.PULL_DOWN)

    def output(self, signal):
        """An output pin, low; calling it sets its level."""
        return Pin(self._pins.claim(signal, "output " + signal), Pin.OUT, value=0)

    def ready(self, arrays):
        """Say on the console where the arrays lie, unless the strap says flight; last that it is ready."""
        announce(self.name, {} if self.strap() else arrays)

    def strap(self):
        """True while the flight strap connects its pin to 3.3 V; without it this is a development board."""
        return self._strap.value() == 1

    def kept_words(self):
        """Four words that outlive a reset."""
        return kept_words()

    def kept_block(self):
        """Bytes that outlive a reset; None where the firmware sets none aside."""
        if not is_frozen():
            return None
        from plumbline.ports.rp2_kept_block import kept_block

        return kept_block()

    def uptime_ms(self):
        """Since the reset of the chip."""
        return time.ticks_ms()

    def raw_flash(self):
        """The sectors that no file system knows of. Raises rp2_flash.RawFlashError."""
        if self._raw_flash is None:
            from plumbline.ports.rp2_flash import raw_flash

            self._raw_flash = raw_flash()  # takes 5 ms
        return self._raw_flash

    def reset_cause(self):
        """POWER, WATCHDOG or ASKED of services/reset_log.py."""
        return reset_cause()

    def watchdog(self, timeout_ms):
        """A watchdog that resets the board unless it is fed; on the bench, without the strap, none.

        Nothing but a reset stops it: it is armed last, when the main loop begins.
        """
        return WDT(timeout=timeout_ms) if self.strap() else NoWatchdog()

    def valves(self):
        """The fifteen valves, all closed."""
        first = self._bank(_BANK_A, "valves")
        first_rcs = self._bank(_BANK_B, "valves")
        return Valves(first, first_rcs, self._take_machines())

    def one_shots(self, signals):
        """Up to eight outputs on GPIOs that follow one another, all off; numbered in this order."""
        first = self._bank(signals, "outputs")
        return OneShots(first, len(signals), self._take_machines())

    def seed(self):
        """16 bits that nobody can foresee."""
        two = os.urandom(2)
        return two[0] << 8 | two[1]

    def feed_lines(self):
        """Isolation valves, and what tells of tanks and valves: write(word), select(channel), read()."""
        from plumbline.ports.rp2_shift_register import ShiftRegisters

        signals = ("isolation.data", "isolation.clock", "isolation.latch", "analog")
        return ShiftRegisters(*[self._pins.claim(signal, "feed lines") for signal in signals])

    def _bank(self, signals, owner):
        """First GPIO of a bank; PIO drives it as one run of pins."""
        first = self._pins.gpio(signals[0])
        for i in range(len(signals)):
            if self._pins.claim(signals[i], owner) != first + i:
                raise PinTableError(
                    "{}: {} must be on GPIO {}, next to its bank".format(self.name, signals[i], first + i)
                )
        return first

    def _take_machines(self):
        """Two state machines, of which the first is even, so that both are in one PIO."""
        machine = self._free_machine
        if machine >= _MACHINES:
            raise PinTableError("{}: more than four lines on pio".format(self.name))
        self._free_machine = machine + 2
        return machine
