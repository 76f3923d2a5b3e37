"""The PIO programs of the RP2040: a UART's two halves, and a bank of valves.

No board imports this: it would assemble them at every start, which takes 30 ms. What flies is
rp2_programs.py, made from this file by `python -m host_tools.flash.pio_programs`.
"""

import rp2
from rp2 import PIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rp2.asm_pio import (
        in_,
        jmp,
        label,
        mov,
        noblock,
        nop,
        not_x,
        null,
        out,
        pin,
        pins,
        pull,
        push,
        set,
        status,
        wait,
        wrap,
        wrap_target,
        x,
        x_dec,
        y,
        y_dec,
    )


@rp2.asm_pio(in_shiftdir=PIO.SHIFT_RIGHT, fifo_join=PIO.JOIN_RX)
def receiver():
    label("broken")
    wait(1, pin, 0)  # from power-on or a bad stop bit: the line must rest before the next byte
    wrap_target()
    wait(0, pin, 0)[4]
    set(y, 7)
    label("bit")
    nop()[5]
    in_(pins, 1)  # 12 cycles after the edge, in the middle of bit 0, and every eight from there
    jmp(y_dec, "bit")
    in_(null, 24)[3]  # the byte into bits 0 to 7, where the DMA channel reads it
    jmp(pin, "stop")  # 74 cycles after the edge; ready for the next one at 76, for a fast sender
    jmp("broken")
    label("stop")
    push(noblock)
    wrap()


@rp2.asm_pio(
    out_init=PIO.OUT_HIGH, set_init=PIO.OUT_HIGH, out_shiftdir=PIO.SHIFT_RIGHT, fifo_join=PIO.JOIN_TX
)
def sender():
    wrap_target()
    pull()  # the last cycle of the stop bit, or rest
    set(pins, 0)[6]
    set(x, 7)
    label("bit")
    out(pins, 1)[6]
    jmp(x_dec, "bit")
    set(pins, 1)[6]
    wrap()


def bank_program(width):
    """The bank's program for `width` pins; a word is eight pins, a holding flag, 16 bits of count.

    A fixed word lasts 3 us + count, from pins to pins: 48 cycles + 16 for each count. A holding word's
    count is in quarters of a microsecond; it ends, and so does the rest when there is no word, when
    another one comes. Both look for it every 4 cycles, so that a pulse over several batches is only
    a quarter of a microsecond off.
    """

    @rp2.asm_pio(out_init=(PIO.OUT_LOW,) * width, out_shiftdir=PIO.SHIFT_RIGHT, fifo_join=PIO.JOIN_TX)
    def bank():
        wrap_target()
        label("next")
        mov(x, status)
        jmp(not_x, "take")[25]
        nop()
        mov(pins, null)  # the queue is empty: all closed; y is what the last loop left, all ones
        label("hold")
        mov(x, status)
        jmp(not_x, "take")  # a word has come
        jmp(y_dec, "hold")[1]
        jmp("next")
        label("take")
        pull()
        out(pins, 8)
        out(x, 1)
        out(y, 16)
        jmp(x_dec, "hold")
        label("fixed")
        jmp(y_dec, "fixed")[15]
        wrap()

    return bank
