"""Valve pulses on the RP2040: one PIO state machine for each bank of pins. Not yet run on hardware.

The processor queues words (ports/valve_schedule.py); the state machine opens and closes the
pins, and when its queue is empty it closes them all. If the processor stops, the last valve
closes at most 12 ms after its last commit (22 ms if that commit came early by a whole tick).
This holds for a hang and an endless loop. A *soft reset* stops the state machines where
they are: whoever leaves the main loop calls close_all, and Board() drives the pins low.
"""

import time

import rp2
from rp2 import PIO

from machine import Pin, mem32
from micropython import const
from plumbline.ports.valve_schedule import ValveSchedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rp2.asm_pio import (
        jmp,
        label,
        mov,
        noblock,
        not_x,
        out,
        pins,
        pull,
        set,
        status,
        wrap,
        wrap_target,
        x,
        y,
        y_dec,
    )

MAIN_AND_ASSIST = const(7)
RCS = const(8)
_VALVES = const(15)

_FREQUENCY_HZ = const(4000000)  # four cycles to a microsecond: the program's loops take four

# RP2040 datasheet: PIO0_BASE and PIO1_BASE in 2.2, atomic set alias in 2.1.2, SM0_EXECCTRL in 3.7
_PIO_BASE = const(0x50200000)
_PIO_STRIDE = const(0x00100000)
_SET_ALIAS = const(0x2000)
_EXECCTRL = const(0x0CC)
_MACHINE_STRIDE = const(0x18)
_STATUS_N_1 = const(1)  # with STATUS_SEL 0: `status` is all ones while the queue has less than 1 word

# instructions to be executed once, encoded as in 3.4
_PINS_LOW = const(0xA003)  # mov pins, null
_PULL_NOBLOCK = const(0x8080)


def _program(width):
    """The bank's program for `width` pins; a word is eight pins, a holding flag, 16 bits of count.

    A fixed word lasts 3 us + count, from pins to pins: 12 cycles + 4 for each count. A holding
    word ends sooner if another one comes.
    """

    @rp2.asm_pio(out_init=(PIO.OUT_LOW,) * width, out_shiftdir=PIO.SHIFT_RIGHT, fifo_join=PIO.JOIN_TX)
    def bank():
        wrap_target()
        label("next")
        set(x, 0)  # what `pull` takes from an empty queue: all closed, for 3 us
        pull(noblock)[2]
        out(pins, 8)
        out(x, 1)
        out(y, 16)
        jmp(not_x, "fixed")
        label("hold")
        mov(x, status)
        jmp(not_x, "next")  # a word has come
        jmp(y_dec, "hold")[1]
        jmp("next")
        label("fixed")
        jmp(y_dec, "fixed")[3]
        wrap()

    return bank


class PulseBank:
    """`width` valves on consecutive GPIOs from `first_gpio` on, played by state machine `machine` (0..7)."""

    def __init__(self, machine, first_gpio, width):
        self.schedule = ValveSchedule(width)
        words = memoryview(self.schedule.words)
        self._views = [words[:count] for count in range(width + 1)]
        self._committed = time.ticks_us()
        self._machine = rp2.StateMachine(
            machine, _program(width), freq=_FREQUENCY_HZ, out_base=Pin(first_gpio)
        )
        block = _PIO_BASE + (machine >> 2) * _PIO_STRIDE
        mem32[block + _EXECCTRL + (machine & 3) * _MACHINE_STRIDE + _SET_ALIAS] = _STATUS_N_1
        self._machine.active(1)

    def commit(self):
        """Queue the coming tick's words; a commit more than a tick early is left out. Allocates nothing.

        The queue holds eight words, as many as a batch has. Behind an early commit's leftovers it
        may be full: then this waits until they are played, which is less than the tick.
        """
        now = time.ticks_us()
        count = self.schedule.commit(time.ticks_diff(now, self._committed))
        if count < 0:
            return
        self._committed = now
        if count:
            self._machine.put(self._views[count])

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

    def commit(self):
        """Once a tick: let the hardware play the coming tick. Allocates nothing."""
        self._banks[0].commit()
        self._banks[1].commit()

    def close_all(self):
        """Close every valve now. Allocates nothing."""
        self._banks[0].close()
        self._banks[1].close()
