"""Refused commands on the board: the port classifies them, tells them as events, and allocates nothing.

Needs no wires: the bytes come from memory, and what is sent stays there.
"""

import unittest

import micropython
from plumbline.link import dictionary
from plumbline.link.cobs import cobs_encode
from plumbline.link.crc import BIG_ENDIAN, REFLECTED, crc_append
from plumbline.link.port import PacketPort
from plumbline.services.events import EventLog

NEEDS = ("bus.rx", "imu.rx")  # the navigation board, which has the command that is taken


class Memory:
    """A UART between two buffers: `given` is read once, `frames` counts what is written."""

    def __init__(self, given):
        self.given = given
        self.frames = 0

    def readinto(self, buffer):
        given = self.given
        if given is None:
            return None
        for i in range(len(given)):
            buffer[i] = given[i]
        self.given = None
        return len(given)

    def write(self, data):
        self.frames += 1
        return len(data)


def frame(identification, sequence, size):
    """A good frame of a packet with `size` bytes of zeros."""
    packet = bytearray(6 + size + 4)
    packet[0] = identification >> 8
    packet[1] = identification & 255
    packet[2] = 0xC0 | (sequence >> 8)
    packet[3] = sequence & 255
    packet[5] = size + 3
    end = crc_append(packet, 0, 6 + size, REFLECTED, BIG_ENDIAN)
    framed = bytearray(end + 3)
    cobs_encode(packet, 0, end, framed, 1)
    return framed


STREAM = (
    frame(0x1177, 5, 4)
    + frame(0x1201, 6, 15)
    + frame(0x1103, 7, 43)
    + frame(0x0177, 8, 4)
    + frame(0x1103, 9, 44)
)
EXPECTED = (
    (dictionary.COMMAND_UNKNOWN, 0x1177 * 16384 + 5),
    (dictionary.COMMAND_ELSEWHERE, 0x1201 * 16384 + 6),
    (dictionary.COMMAND_MALFORMED, 0x1103 * 16384 + 7),
)


class Refused(unittest.TestCase):
    def setUp(self):
        self.uart = Memory(STREAM)
        self.port = PacketPort(self.uart, dictionary.NAVIGATION)
        self.events = EventLog(self.port)

    def test_each_refused_command_is_told_once_and_the_good_one_is_taken(self):
        self.assertEqual(self.port.poll(), dictionary.INITIAL_STATE.apid)
        self.assertEqual(self.port.poll(), -1)
        self.assertEqual(self.port.refusals.count, 3)
        values = self.events._packet.values
        for number, argument in EXPECTED:
            self.port.refusals.tell(self.events, 1)
            self.assertEqual((values[0], values[3]), (number, argument))
        self.port.refusals.tell(self.events, 1)
        self.assertEqual(self.uart.frames, 3)

    def test_refusing_and_telling_allocate_nothing(self):
        refusals, uart, events, port = self.port.refusals, self.uart, self.events, self.port
        micropython.heap_lock()
        try:
            for _ in range(5):  # 15 refusals, more than there is room for
                uart.given = STREAM
                while port.poll() >= 0:
                    pass
            for _ in range(12):
                refusals.tell(events, 2)
        finally:
            micropython.heap_unlock()
        self.assertEqual((refusals.count, refusals.untold), (15, 7))
        self.assertEqual(uart.frames, 9)
