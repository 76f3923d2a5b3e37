"""A long-range laser range finder over UART, 115,200 baud, frames as in sensor_frame.py."""

from array import array

from micropython import const
from plumbline.drivers.sensor_frame import SensorLine, take_reading

_REQUEST = const(0x01)
_REPLY = const(0x11)
_REPLY_LENGTH = const(12)
_ALT_REJECTED = const(9)
_ALT_SIZE = const(10)


class LaserAltimeter:
    """Slant range along a beam that is steered in the body's pitch plane.

    `readings` has the altimeter slots of kernels/slots.py and keeps its last values until
    the next reply; its velocity stays 0.
    """

    def __init__(self, uart):
        self.readings = array("i", [0] * _ALT_SIZE)
        self.line = SensorLine(uart, _REQUEST, _REPLY, _REPLY_LENGTH)

    def request(self, cos_q14, sin_q14):
        """Ask for a range along (-cos, -sin, 0) in body axes. Allocates nothing."""
        self.line.request(cos_q14, sin_q14)

    def poll(self):
        """Take the replies that have come into `readings`; returns how many. Allocates nothing."""
        line = self.line
        if not line.read():
            return 0
        replies = 0
        at = line.next_payload()
        while at:
            take_reading(line.buffer, at, self.readings)
            replies += 1
            at = line.next_payload()
        self.readings[_ALT_REJECTED] = line.rejected
        return replies
