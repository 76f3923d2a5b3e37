"""A Doppler radar altimeter over UART, 115,200 baud, frames as in sensor_frame.py."""

import micropython
from micropython import const
from plumbline.drivers.sensor_frame import Altimeter, take_reading

_REQUEST = const(0x02)
_REPLY = const(0x12)
_REPLY_LENGTH = const(24)
_VELOCITY_OFFSET = const(12)  # of the payload
_ALT_STATUS = const(1)
_ALT_VELOCITY_X_MM_S = const(6)
_VELOCITY_VALID = const(8)


@micropython.viper
def take_velocity(buffer: ptr8, at: int, readings: ptr32) -> int:
    """The payload's velocity into `readings`; returns 1 if it is valid, else 0.

    If the part says valid and every axis is within -2^23 to 2^23 - 1 mm/s, the valid bit of
    the stored status is set, else all three are stored as 0. Call it after take_reading.
    Allocates nothing.
    """
    valid = buffer[at + 1] & _VELOCITY_VALID
    axis = 0
    while axis < 3:
        source = at + _VELOCITY_OFFSET + 4 * axis
        high = ((buffer[source + 3] ^ 128) - 128) * 256 + buffer[source + 2]
        velocity_mm_s = 0
        if high >= -128 and high < 128:
            velocity_mm_s = high * 65536 + buffer[source + 1] * 256 + buffer[source]
        else:
            valid = 0
        readings[_ALT_VELOCITY_X_MM_S + axis] = velocity_mm_s
        axis = axis + 1
    if valid:
        readings[_ALT_STATUS] = readings[_ALT_STATUS] | _VELOCITY_VALID
        return 1
    while axis > 0:
        axis = axis - 1
        readings[_ALT_VELOCITY_X_MM_S + axis] = 0
    return 0


class DopplerRadar(Altimeter):
    """Slant range along a steered beam, and the velocity over the ground in body axes."""

    def __init__(self, uart):
        super().__init__(uart, _REQUEST, _REPLY, _REPLY_LENGTH)

    def take(self, at):
        """Range and velocity of the payload into `readings`. Allocates nothing."""
        take_reading(self.line.buffer, at, self.readings)
        take_velocity(self.line.buffer, at, self.readings)
