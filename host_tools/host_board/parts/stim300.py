"""A simulated Sensonor STIM300: datagrams 0x91 at byte level, from increments that it is given."""

import numba
import numpy as np
from numpy.typing import NDArray

from host_tools.host_board.wires import PartEnd

DATAGRAM_BYTES = 28
CHECKED_BYTES = 24  # a multiple of four: this datagram needs no padding for its CRC
COUNTER_STEP = 4  # internal samples (2,000 a second) in a datagram at 500 Hz
OVERLOAD = 0x10  # status bit of an axis out of range
INT24_LARGEST = (1 << 23) - 1


def _crc_table() -> NDArray[np.uint32]:
    """CRC-32 with polynomial 0x04C11DB7, most significant bit first."""
    table = []
    for byte in range(256):
        crc = byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1
            crc &= 0xFFFFFFFF
        table.append(crc)
    return np.array(table, dtype=np.uint32)


CRC_TABLE = _crc_table()


@numba.njit(cache=True)
def _encode(
    increments: NDArray[np.int64],
    counter: int,
    latency_us: int,
    gyro_status: int,
    accelerometer_status: int,
    table: NDArray[np.uint32],
    out: NDArray[np.uint8],
) -> int:
    """Write len(increments) datagrams into `out`; returns the counter of the next one."""
    for n in range(len(increments)):
        base = n * DATAGRAM_BYTES
        out[base] = 0x91
        out[base + 10] = gyro_status
        out[base + 20] = accelerometer_status
        for axis in range(6):
            value = increments[n, axis]
            status_at = base + 10 if axis < 3 else base + 20
            if value > INT24_LARGEST or value < -INT24_LARGEST - 1:
                out[status_at] |= OVERLOAD
                value = min(max(value, -INT24_LARGEST - 1), INT24_LARGEST)
            at = base + 1 + 3 * axis + axis // 3
            out[at] = (value >> 16) & 255
            out[at + 1] = (value >> 8) & 255
            out[at + 2] = value & 255
        out[base + 21] = counter
        out[base + 22] = (latency_us >> 8) & 255
        out[base + 23] = latency_us & 255
        crc = 0xFFFFFFFF
        for at in range(base, base + CHECKED_BYTES):
            crc = ((crc << 8) & 0xFFFFFFFF) ^ int(table[(crc >> 24) ^ out[at]])
        for k in range(4):
            out[base + CHECKED_BYTES + k] = (crc >> (24 - 8 * k)) & 255
        counter = (counter + COUNTER_STEP) & 255
    return counter


class SimulatedStim300:
    """The part at its end of a serial line; it sends and never listens.

    `gyro_status` and `accelerometer_status` are the status bytes that it sends, for faults.
    """

    def __init__(self, end: PartEnd, latency_us: int = 0) -> None:
        self.end = end
        self.latency_us = latency_us  # from the sample to the datagram's first bit
        self.gyro_status = 0
        self.accelerometer_status = 0
        self.counter = 0
        self._out = np.zeros(0, dtype=np.uint8)

    def emit(self, increments: NDArray[np.int64]) -> None:
        """Send one datagram for each row: angle x y z (2^-21 degree), velocity x y z (2^-22 m/s).

        `increments` has shape (n, 6); what int24 cannot hold is limited and sets the
        overload bit of its status. The bytes leave `latency_us` from now, back to back.
        """
        size = len(increments) * DATAGRAM_BYTES
        if len(self._out) != size:
            self._out = np.zeros(size, dtype=np.uint8)
        self.counter = _encode(
            increments,
            self.counter,
            self.latency_us,
            self.gyro_status,
            self.accelerometer_status,
            CRC_TABLE,
            self._out,
        )
        self.end.write(self._out.tobytes(), self.end.now_us + self.latency_us)
