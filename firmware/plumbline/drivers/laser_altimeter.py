"""A long-range laser range finder over UART, 115,200 baud, frames as in sensor_frame.py."""

from micropython import const
from plumbline.drivers.sensor_frame import Altimeter

_REQUEST = const(0x01)
_REPLY = const(0x11)
_REPLY_LENGTH = const(12)


class LaserAltimeter(Altimeter):
    """Slant range along a beam that is steered in the body's pitch plane; its velocity stays 0."""

    def __init__(self, uart):
        super().__init__(uart, _REQUEST, _REPLY, _REPLY_LENGTH)
