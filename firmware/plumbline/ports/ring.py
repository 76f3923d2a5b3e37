"""Rings of 2^n bytes between a program and a DMA channel: one takes, the other puts.

`dma` is the RP2040's DMA registers as words, `line` the LINE_ slots of a line: what its program
knows, while the channels' registers say how far they have come. Nothing here allocates.
"""

import micropython
from micropython import const

# slots of a line
LINE_RECEIVE = const(0)  # index of the receiving channel's first register
LINE_SEND = const(1)
LINE_RECEIVE_ADDRESS = const(2)  # of the ring
LINE_SEND_ADDRESS = const(3)
LINE_TAKEN = const(4)  # index in the ring of the first byte not yet read
LINE_FILLED = const(5)  # index in the ring after the last byte to be sent
LINE_RECEIVE_MASK = const(6)  # the ring's size - 1
LINE_SEND_MASK = const(7)
LINE_SIZE = const(8)

# registers of a channel, RP2040 datasheet 2.5.7
_READ_ADDR = const(0)
_WRITE_ADDR = const(1)
_CTRL = const(3)
_TRANS_COUNT_TRIG = const(7)  # AL1: writing it starts the channel
_BUSY_SHIFT = const(24)
_ENDLESS = const(-1)  # 2^32 - 1 bytes: 26 hours of a full line at 460,800 baud


@micropython.viper
def arrived(dma: ptr32, line: ptr32) -> int:
    """How many bytes have come and not been taken; starts the channel again when its count is used up."""
    channel = line[LINE_RECEIVE]
    if ((dma[channel + _CTRL] >> _BUSY_SHIFT) & 1) == 0:
        dma[channel + _TRANS_COUNT_TRIG] = _ENDLESS
    filled = dma[channel + _WRITE_ADDR] - line[LINE_RECEIVE_ADDRESS]
    return (filled - line[LINE_TAKEN]) & line[LINE_RECEIVE_MASK]


@micropython.viper
def keep_sending(dma: ptr32, line: ptr32) -> int:
    """Start what was queued while the channel was busy; returns how many bytes are not yet sent."""
    channel = line[LINE_SEND]
    sent = dma[channel + _READ_ADDR] - line[LINE_SEND_ADDRESS]
    unsent = (line[LINE_FILLED] - sent) & line[LINE_SEND_MASK]
    if unsent > 0 and ((dma[channel + _CTRL] >> _BUSY_SHIFT) & 1) == 0:
        dma[channel + _TRANS_COUNT_TRIG] = unsent
    return unsent


@micropython.viper
def receive(dma: ptr32, line: ptr32, ring: ptr8, target: ptr8, room: int) -> int:
    """Move what has come, at most `room` bytes, into `target`; returns how many. Keeps sending, too."""
    keep_sending(dma, line)
    count = int(arrived(dma, line))
    if count > room:
        count = room
    line[LINE_TAKEN] = int(take(ring, line[LINE_RECEIVE_MASK], line[LINE_TAKEN], target, count))
    return count


@micropython.viper
def send(dma: ptr32, line: ptr32, ring: ptr8, source: ptr8, count: int) -> int:
    """Queue `count` bytes, all or nothing; returns count, or 0 when they do not fit."""
    unsent = int(keep_sending(dma, line))
    if count > line[LINE_SEND_MASK] - unsent:
        return 0
    line[LINE_FILLED] = int(put(ring, line[LINE_SEND_MASK], line[LINE_FILLED], source, count))
    keep_sending(dma, line)
    return count


@micropython.viper
def take(ring: ptr8, mask: int, at: int, target: ptr8, count: int) -> int:
    """Copy `count` bytes of the ring from index `at` into `target`; returns the index after them.

    mask: the ring's size - 1. Allocates nothing.
    """
    i = 0
    while i < count:
        target[i] = ring[at]
        at = (at + 1) & mask
        i = i + 1
    return at


@micropython.viper
def put(ring: ptr8, mask: int, at: int, source: ptr8, count: int) -> int:
    """Copy `count` bytes of `source` into the ring from index `at`; returns the index after them.

    mask: the ring's size - 1. Allocates nothing.
    """
    i = 0
    while i < count:
        ring[at] = source[i]
        at = (at + 1) & mask
        i = i + 1
    return at
