"""A UART out of two PIO state machines and two DMA channels of the RP2040. Not yet run on hardware.

Received bytes go into a ring of 2,048 without the processor: 44 ms of a line at 460,800 baud; of 512 on a
line at 115,200 baud. Longer pauses lose the oldest bytes unseen, which the frames' checksums then find.
Eight cycles make a bit (rp2_assembly.py). 8 data bits, no parity, one stop bit.
"""

from array import array

import rp2
import uctypes

from machine import Pin, mem32
from micropython import const
from plumbline.ports import ring
from plumbline.ports.rp2_programs import RECEIVER, SENDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CYCLES = const(8)
_RECEIVE_BITS = const(11)  # log2 of a ring's size
_SEND_BITS = const(10)
_SLOW_BAUD = const(115200)  # a quarter of the room lasts as long: a ring takes twice its size of the heap
_SLOWER_BITS = const(2)
_FASTEST_TOLD = const(460800)  # faster are only inertial units, which nobody tells anything
_UNTOLD_BITS = const(4)
_BYTE = const(0)  # DATA_SIZE of CTRL_TRIG, RP2040 datasheet 2.5.7

# DREQ numbers, datasheet 2.5.3.1: PIO0_TX0 is 0, PIO0_RX0 is 4, PIO1_TX0 is 8, PIO1_RX0 is 12
_DREQ_STRIDE = const(8)
_DREQ_RECEIVE = const(4)

# datasheet: DMA_BASE in 2.2, its registers in 2.5.7
_DMA_BASE = const(0x50000000)
_CHANNELS_SIZE = const(0x300)  # twelve channels of sixteen words
_CHANNEL_WORDS = const(16)
_CHAN_ABORT = const(0x50000444)
_ALL_CHANNELS = const(0xFFF)


def abort_transfers():
    """Stop every DMA channel. After a soft reset the endless ones of the last program are still there,
    with an address in memory that is now somebody else's.
    """
    mem32[_CHAN_ABORT] = _ALL_CHANNELS
    while mem32[_CHAN_ABORT] & _ALL_CHANNELS:
        pass


def _rings(bits, smaller_bits):
    """Two rings of 2^bits and 2^smaller_bits bytes, each at a multiple of its size, as DMA wants it.

    What lies before or behind the first one, to get it there, has room for one of half its size or less.
    """
    size = 1 << bits
    smaller = 1 << smaller_bits
    room = bytearray(2 * size)
    begin = -uctypes.addressof(room) & (size - 1)
    beside = begin - smaller if begin >= smaller else begin + size
    view = memoryview(room)
    return view[begin : begin + size], view[beside : beside + smaller]


class PioUart:
    """Full duplex on any two GPIOs, with the methods of machine.UART that the drivers use.

    machine: an even state machine number; the next one is used too. The DMA channels write
    into this object's rings for as long as the program runs: the board keeps it.
    """

    def __init__(self, machine, baudrate, rx_gpio, tx_gpio):
        slower = _SLOWER_BITS if baudrate <= _SLOW_BAUD else 0
        self._receive_bits = _RECEIVE_BITS - slower
        self._send_bits = _SEND_BITS - slower if baudrate <= _FASTEST_TOLD else _UNTOLD_BITS
        self._received, self._sending = _rings(self._receive_bits, self._send_bits)
        rx = Pin(rx_gpio, Pin.IN, Pin.PULL_UP)  # an open line rests
        tx = Pin(tx_gpio, Pin.OUT, value=1)
        frequency = _CYCLES * baudrate
        self._receiver = rp2.StateMachine(machine, RECEIVER, freq=frequency, in_base=rx, jmp_pin=rx)
        self._sender = rp2.StateMachine(machine + 1, SENDER, freq=frequency, out_base=tx, set_base=tx)
        self._receive_dma = self._receive_channel(machine)
        self._send_dma = self._send_channel(machine + 1)
        self._dma = uctypes.bytearray_at(_DMA_BASE, _CHANNELS_SIZE)
        self._line = array("i", [0] * ring.LINE_SIZE)
        self._line[ring.LINE_RECEIVE] = self._receive_dma.channel * _CHANNEL_WORDS
        self._line[ring.LINE_SEND] = self._send_dma.channel * _CHANNEL_WORDS
        self._line[ring.LINE_RECEIVE_ADDRESS] = uctypes.addressof(self._received)
        self._line[ring.LINE_SEND_ADDRESS] = uctypes.addressof(self._sending)
        self._line[ring.LINE_RECEIVE_MASK] = (1 << self._receive_bits) - 1
        self._line[ring.LINE_SEND_MASK] = (1 << self._send_bits) - 1
        self.any()  # starts the receiving channel
        self._receiver.active(1)
        self._sender.active(1)

    def any(self):
        """The number of bytes that can be read now. Allocates nothing."""
        ring.keep_sending(self._dma, self._line)
        return ring.arrived(self._dma, self._line)

    def readinto(self, buffer):
        """Move what has come and fits into `buffer`; returns the count, None for none. Allocates nothing."""
        return ring.receive(self._dma, self._line, self._received, buffer, len(buffer)) or None

    def write(self, data):
        """Queue `data`, all or nothing: returns its length, or None if it does not fit. Allocates nothing.

        While something is being sent, the new bytes follow at the next call of any method.
        """
        return ring.send(self._dma, self._line, self._sending, data, len(data)) or None

    # Any, because the stubs of DMA lack channel
    def _receive_channel(self, machine) -> "Any":
        dma = rp2.DMA()
        control = dma.pack_ctrl(
            size=_BYTE,
            inc_read=False,
            ring_size=self._receive_bits,
            ring_sel=True,
            treq_sel=(machine >> 2) * _DREQ_STRIDE + _DREQ_RECEIVE + (machine & 3),
        )
        # a state machine stands for its FIFO: the receiving one to read from, the sending one to write to
        dma.config(read=self._receiver, write=self._received, count=0, ctrl=control)
        return dma

    def _send_channel(self, machine) -> "Any":
        dma = rp2.DMA()
        control = dma.pack_ctrl(
            size=_BYTE,
            inc_write=False,
            ring_size=self._send_bits,
            ring_sel=False,
            treq_sel=(machine >> 2) * _DREQ_STRIDE + (machine & 3),
        )
        dma.config(read=self._sending, write=self._sender, count=0, ctrl=control)
        return dma
