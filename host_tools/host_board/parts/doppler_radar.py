"""A simulated Doppler radar altimeter, at byte level."""

import struct
from collections.abc import Sequence

from host_tools.host_board.parts.sensor_frame import SimulatedAltimeter


class SimulatedDopplerRadar(SimulatedAltimeter):
    """Answers requests 0x02 by replies 0x12; `measure` returns (status, range_mm, vx, vy, vz)."""

    request_type = 0x02
    reply_type = 0x12

    def tail(self, velocity_mm_s: Sequence[int]) -> bytes:
        """The velocity over the ground in body axes, mm/s."""
        x, y, z = velocity_mm_s
        return struct.pack("<iii", int(x), int(y), int(z))
