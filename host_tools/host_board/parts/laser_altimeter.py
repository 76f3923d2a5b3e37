"""A simulated long-range laser range finder, at byte level."""

from collections.abc import Sequence

from host_tools.host_board.parts.sensor_frame import SimulatedAltimeter


class SimulatedLaserAltimeter(SimulatedAltimeter):
    """Answers requests 0x01 by replies 0x11; `measure` returns (status, range_mm)."""

    request_type = 0x01
    reply_type = 0x11

    def tail(self, velocity_mm_s: Sequence[int]) -> bytes:
        """Nothing: a laser has no velocity."""
        if velocity_mm_s:
            raise ValueError("measure returned a velocity for a laser range finder")
        return b""
