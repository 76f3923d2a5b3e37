"""Valve pulses on the RP2040: one PIO state machine for each bank of pins. Not yet run on hardware.

The processor queues words (ports/valve_schedule.py); the state machine opens and closes the
pins, and when its queue is empty it closes them all. If the processor stops, the last valve
closes at most 12 ms after its last commit (22 ms if that commit came early by a whole tick).
This holds for a hang and an endless loop. A *soft reset* stops the state machines where
they are: whoever leaves the main loop calls close_all, and Board() drives the pins low.
"""

import time

import rp2
import uctypes

import micropython
from machine import Pin, disable_irq, enable_irq, mem32
from micropython import const
from plumbline.ports.rp2_programs import bank
from plumbline.ports.valve_schedule import ValveSchedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAIN_AND_ASSIST = const(7)
RCS = const(8)
_VALVES = const(15)

_FREQUENCY_HZ = const(16000000)  # sixteen cycles to a microsecond, as the delays in rp2_assembly.py have it

# RP2040 datasheet: PIO0_BASE and PIO1_BASE in 2.2, atomic set alias in 2.1.2, TXF0 and SM0_EXECCTRL in 3.7
_PIO_BASE = const(0x50200000)
_PIO_STRIDE = const(0x00100000)
_SET_ALIAS = const(0x2000)
_TXF = const(0x010)
_EXECCTRL = const(0x0CC)
_MACHINE_STRIDE = const(0x18)
_TIMERAWL = const(0x40054028)  # datasheet 4.6.5: microseconds, what ticks_us is made of
_TICKS_MASK = const(0x3FFFFFFF)
_TICKS_HALF = const(0x20000000)

# From the beginning of a commit to the start of its batches: long enough for computing both at their
# longest, seven and eight closings. Always the same, so that the length of the computation is no part of
# any pulse's width.
_LEAD_US = const(360)
_LEAD_STEP_US = const(80)  # the second bank's words go out after the first one's
_QUIET_US = const(40)  # before a start interrupts are held off: one of them takes up to 15 us

_STATUS_N_1 = const(1)  # with STATUS_SEL 0: `status` is all ones while the queue has less than 1 word

# instructions to be executed once, encoded as in 3.4
_PINS_LOW = const(0xA003)  # mov pins, null
_PULL_NOBLOCK = const(0x8080)


@micropython.viper
def play_at(ticks: int, timer: ptr32, fifo: ptr32, words: ptr32, count: int) -> int:
    """Write `count` words to the queue `fifo` at that time of ticks_us, to a tenth of a microsecond.

    When that has been, they go out when the next microsecond begins. Returns how many microseconds after
    `ticks` that is. With a count of 0 it only waits. timer: the register that ticks_us reads. Wait and
    queue are here, because bytecode between them takes a microsecond more or less by what MicroPython has
    in its caches. Allocates nothing.
    """
    now = timer[0]
    late = (now - ticks) & _TICKS_MASK
    if late < _TICKS_HALF:
        late = late + 1
        while timer[0] == now:
            pass
    else:
        while late >= _TICKS_HALF:
            late = (timer[0] - ticks) & _TICKS_MASK
    i = 0
    while i < count:
        fifo[0] = words[i]
        i = i + 1
    return late


class PulseBank:
    """`width` valves on consecutive GPIOs from `first_gpio` on, played by state machine `machine` (0..7)."""

    def __init__(self, machine, first_gpio, width):
        self.schedule = ValveSchedule(width)
        words = memoryview(self.schedule.words)
        self._views = [words[:count] for count in range(width + 1)]
        self._count = 0  # words of the batch that is prepared
        self._continues = False  # whether it carries pulses of the last one on
        self._committed = time.ticks_us()
        self._machine = rp2.StateMachine(machine, bank(width), freq=_FREQUENCY_HZ, out_base=Pin(first_gpio))
        block = _PIO_BASE + (machine >> 2) * _PIO_STRIDE
        self._timer = uctypes.bytearray_at(_TIMERAWL, 4)
        self._fifo = uctypes.bytearray_at(block + _TXF + 4 * (machine & 3), 4)
        mem32[block + _EXECCTRL + (machine & 3) * _MACHINE_STRIDE + _SET_ALIAS] = _STATUS_N_1
        self._machine.active(1)

    def prepare(self, start):
        """Compute the batch that begins at `start`, in ticks; one more than a tick early is left out.

        Allocates nothing.
        """
        self._continues = self.schedule.holds()
        self._count = self.schedule.commit(time.ticks_diff(start, self._committed))
        if self._count >= 0:
            self._committed = start

    def play(self):
        """Queue what was prepared, when its time has come. Allocates nothing.

        The queue holds eight words, as many as a batch has. Behind an early commit's leftovers it
        may be full: then this waits until they are played, which is less than the tick.
        """
        if self._count <= 0:
            return
        machine = self._machine
        if machine.tx_fifo():
            machine.put(self._views[self._count])
            return
        # without a jump from here on: at a jump MicroPython does what has piled up, USB for one
        start: Any = self._committed  # in ticks, which are integers on the board
        quiet: Any = time.ticks_add(start, 0 - _QUIET_US)
        play_at(quiet, self._timer, self._fifo, self.schedule.words, 0)
        interrupts = disable_irq()
        late_us = play_at(start, self._timer, self._fifo, self.schedule.words, self._count)
        enable_irq(interrupts)
        if late_us and not self._continues:
            self._committed = time.ticks_add(self._committed, late_us)  # all of its pulses begin later

    def close(self):
        """Close all valves now and drop what is queued. The state machine never stops. Allocates nothing."""
        machine = self._machine
        self.schedule.forget()
        self._committed = time.ticks_us()
        while machine.tx_fifo():
            machine.exec(_PULL_NOBLOCK)
        machine.exec(_PINS_LOW)
        machine.restart()  # out of the word under way; the queue is empty, so the pins stay low


class Valves:
    """The fifteen valves: 0 main engine, 1 to 6 assist, 7 to 14 RCS."""

    def __init__(self, first_gpio, first_rcs_gpio, machine=0):
        self._banks = (
            PulseBank(machine, first_gpio, MAIN_AND_ASSIST),
            PulseBank(machine + 1, first_rcs_gpio, RCS),
        )

    def pulse(self, valve, width_us):
        """From the next commit on, open a valve for `width_us`, at most 100 ms; 0 closes it.

        Raises ValueError for a negative width or an unknown valve. Allocates nothing.
        """
        if not 0 <= valve < _VALVES:
            raise ValueError("valves are numbered 0 to 14")
        if valve < MAIN_AND_ASSIST:
            self._banks[0].schedule.pulse(valve, width_us)
        else:
            self._banks[1].schedule.pulse(valve - MAIN_AND_ASSIST, width_us)

    def start(self, pulses_us):
        """From the next commit on, a pulse for each valve that has more than 0 in `pulses_us` (array 'i').

        Allocates nothing.
        """
        self._banks[0].schedule.start(pulses_us, 0)
        self._banks[1].schedule.start(pulses_us, MAIN_AND_ASSIST)

    def commit(self):
        """Once a tick: let the hardware play the coming tick. Allocates nothing."""
        first, second = self._banks
        start = time.ticks_add(time.ticks_us(), _LEAD_US)
        first.prepare(start)
        second.prepare(time.ticks_add(start, _LEAD_STEP_US))
        first.play()
        second.play()

    def close_all(self):
        """Close every valve now. Allocates nothing."""
        self._banks[0].close()
        self._banks[1].close()


class OneShots:
    """One bank of up to eight outputs, each of them pulses: what the structure board heats and fires with."""

    def __init__(self, first_gpio, count, machine):
        self._bank = PulseBank(machine, first_gpio, count)
        self._count = count

    def pulse(self, output, width_us):
        """From the next commit on, an output is on for `width_us`, at most 100 ms; 0 ends its pulse.

        Raises ValueError for a negative width or an unknown output. Allocates nothing.
        """
        if not 0 <= output < self._count:
            raise ValueError("there is no such output")
        self._bank.schedule.pulse(output, width_us)

    def start(self, pulses_us):
        """From the next commit on, a pulse for each output that has more than 0 in `pulses_us` (array 'i').

        Allocates nothing.
        """
        self._bank.schedule.start(pulses_us, 0)

    def commit(self):
        """Once a tick: let the hardware play the coming tick. Allocates nothing."""
        self._bank.prepare(time.ticks_add(time.ticks_us(), _LEAD_US))
        self._bank.play()

    def close_all(self):
        """Every output off now. Allocates nothing."""
        self._bank.close()
