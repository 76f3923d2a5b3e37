"""The host board's port: the same lines, pins and valves as on a chip, plugged into simulated parts.

UARTs are named by their signal, because here none of them needs a state machine. Host only.
"""

import machine
from plumbline.ports.simulated_flash import SimulatedFlash
from plumbline.services.flash_layout import SECTORS
from plumbline.services.health import NoWatchdog
from plumbline.services.raw_flash import RawFlash
from plumbline.services.reset_log import POWER

KEPT_BLOCK_BYTES = 4000
_LONGEST_US = 100_000


class SimulatedValves:
    """Pulses as a chip's hardware plays them: bounded, and over without the processor."""

    def __init__(self, clock, outlets):
        self._clock = clock
        self._outlets = outlets
        self._pending = []

    def pulse(self, valve, width_us):
        """Open a valve at the next commit for `width_us`, at most 100 ms."""
        if width_us < 0:
            raise ValueError("a pulse cannot last less than nothing")
        self._pending.append((valve, min(width_us, _LONGEST_US)))

    def start(self, pulses_us):
        """Open each valve that has more than 0 in `pulses_us` at the next commit."""
        for valve in range(len(pulses_us)):
            if pulses_us[valve] > 0:
                self.pulse(valve, pulses_us[valve])

    def commit(self):
        """Start the pulses asked for since the last commit."""
        now_us = self._clock.now_us
        for valve, width_us in self._pending:
            self._outlets.open(valve, now_us, width_us)
        self._pending.clear()

    def close_all(self):
        """Close every valve now."""
        self._pending.clear()
        self._outlets.close_all(self._clock.now_us)


class Board:
    """One board of the host; made inside `with machine.current_board(harness)`."""

    def __init__(self, name, pins, harness):
        self.name = name
        self.clock = harness.clock
        self._pins = pins
        self._harness = harness
        # whoever plays a reset hands these on from one life to the next (host_board/reset.py)
        self.kept = [0] * 4
        self.block = bytearray(KEPT_BLOCK_BYTES)
        self.cause = POWER
        self.since_reset_us = 0
        self.flash = None
        self.roomy = True

    def uart(self, signal, baudrate):
        """The serial line plugged in under that name."""
        self._pins.claim(signal + ".rx", signal)
        return machine.UART(signal, baudrate)

    def input(self, signal):
        """An input pin, by the pin table."""
        self._pins.claim(signal, self.name)
        return machine.Pin(self._pins.gpio(signal), machine.Pin.IN, machine.Pin.PULL_DOWN)

    def output(self, signal):
        """An output pin, by the pin table, low."""
        self._pins.claim(signal, self.name)
        return machine.Pin(self._pins.gpio(signal), machine.Pin.OUT, value=0)

    def ready(self, arrays):
        """Nothing: who runs a host board sees it and its arrays."""

    def strap(self):
        """The flight strap; a host has no watchdog to arm."""
        return False

    def kept_words(self):
        """Four words that outlive a reset."""
        return self.kept

    def kept_block(self):
        """Bytes that outlive a reset."""
        return self.block

    def uptime_ms(self):
        """Since the reset; the time of a program that is built, as far as who plays a reset has said it."""
        return self.since_reset_us // 1000

    def raw_flash(self):
        """Blank, unless `flash` was given a SimulatedFlash before: who plays a reset hands it on."""
        if self.flash is None:
            self.flash = SimulatedFlash(SECTORS)
        return RawFlash(self.flash, 0, SECTORS)

    def reset_cause(self):
        """POWER, unless somebody plays a reset."""
        return self.cause

    def watchdog(self, _timeout_ms):
        """None: a host has no watchdog to arm."""
        return NoWatchdog()

    def valves(self):
        """The fifteen valves: main engine, six assist thrusters, eight RCS jets."""
        return SimulatedValves(self.clock, self._harness.valves)

    def one_shots(self, signals):
        """Outputs that play pulses, by the pin table; numbered in this order."""
        for signal in signals:
            self._pins.claim(signal, "outputs")
        return SimulatedValves(self.clock, self._harness.valves)

    def feed_lines(self):
        """Isolation valves, and what tells of tanks and valves: write(word), select(channel), read()."""
        for signal in ("isolation.data", "isolation.clock", "isolation.latch", "analog"):
            self._pins.claim(signal, "feed lines")
        return self._harness.feed

    def seed(self):
        """The clock, so that a simulation is the same again; a chip has something better."""
        return self.clock.ticks_us() & 0xFFFF
