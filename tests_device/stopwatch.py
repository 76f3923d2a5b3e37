"""How long a pin was high, to 16 ns, by a PIO state machine that watches it; the pin's function stays."""

import rp2
from rp2 import PIO

from machine import Pin, freq

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rp2.asm_pio import invert, isr, jmp, label, mov, null, pin, push, wait, wrap, wrap_target, x, x_dec

FIRST = 4  # state machines of PIO1; the valves are played by PIO0
COUNT = 4
_CYCLES = 2  # of the counting loop


@rp2.asm_pio(fifo_join=PIO.JOIN_RX)
def _watch():
    wrap_target()
    mov(x, invert(null))
    wait(0, pin, 0)
    wait(1, pin, 0)
    label("high")
    jmp(x_dec, "count")
    label("count")
    jmp(pin, "high")
    mov(isr, invert(x))
    push()
    wrap()


class Stopwatch:
    """Watches one GPIO; `index` 0 to 3."""

    def __init__(self, index, gpio):
        pin = Pin(gpio)
        self._machine = rp2.StateMachine(FIRST + index, _watch, freq=freq(), in_base=pin, jmp_pin=pin)
        self._machine.active(1)

    def pulses(self):
        """How many have ended and not been read; at most eight are kept."""
        return self._machine.rx_fifo()

    def width_us(self):
        """The width of the first pulse that has not been read."""
        loops = self._machine.get()
        return loops * _CYCLES * 1e6 / freq()

    def stop(self):
        self._machine.active(0)
