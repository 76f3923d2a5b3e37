"""The altimeters' stand-in frame as the parts speak it; its description is in the firmware's driver.

Written from that description alone, with struct and binascii: it shares no code with the
firmware, so that a mistake there shows.
"""

import binascii
import struct
from collections.abc import Callable, Sequence

from host_tools.host_board.wires import PartEnd

SYNC = b"\xa5\x5a"
REQUEST = struct.Struct("<BBhh")
REPLY = struct.Struct("<BBHIhh")
RANGE_LARGEST_MM = 0xFFFFFFFF
AGE_LARGEST_MS = 0xFFFF

Measure = Callable[[int, int, int], Sequence[int]]


def frame(kind: int, payload: bytes) -> bytes:
    """Sync, type, length, payload and the CRC-32 from type to payload."""
    body = bytes((kind, len(payload))) + payload
    return SYNC + body + struct.pack("<I", binascii.crc32(body))


class SimulatedAltimeter:
    """An altimeter's side of the protocol: answers each good request after its latency.

    `measure(now_us, cos_q14, sin_q14)` is called when a request is seen and returns
    (status, range_mm) and, for a radar, three velocities in mm/s. The reply's first bit
    leaves `latency_us` later and says so in its age.
    """

    request_type = 0
    reply_type = 0

    def __init__(self, end: PartEnd, measure: Measure, latency_us: int) -> None:
        self.end = end
        self.measure = measure
        self.latency_us = latency_us
        self.requests = 0
        self.refused = 0  # candidates for a frame that were none
        self._pending = b""

    def advance(self, now_us: int) -> None:
        """Take the requests that have arrived by `now_us` and send their replies."""
        if not self.end.any():
            return
        self._pending += self.end.read()
        size = len(SYNC) + 2 + REQUEST.size + 4
        while True:
            at = self._pending.find(SYNC)
            if at < 0:
                self._pending = self._pending[-1:]  # may be the first half of a sync
                return
            if len(self._pending) - at < size:
                self._pending = self._pending[at:]
                return
            candidate = self._pending[at : at + size]
            payload = candidate[4 : 4 + REQUEST.size]
            if candidate != frame(self.request_type, payload):
                self.refused += 1
                self._pending = self._pending[at + 1 :]
                continue
            self._pending = self._pending[at + size :]
            self.requests += 1
            self._answer(now_us, payload)

    def _answer(self, now_us: int, request: bytes) -> None:
        sequence, _reserved, cos_q14, sin_q14 = REQUEST.unpack(request)
        status, range_mm, *velocity_mm_s = self.measure(now_us, cos_q14, sin_q14)
        age_ms = min(self.latency_us // 1000, AGE_LARGEST_MS)
        range_mm = min(max(int(range_mm), 0), RANGE_LARGEST_MM)
        payload = REPLY.pack(sequence, int(status), age_ms, range_mm, cos_q14, sin_q14)
        payload += self.tail(velocity_mm_s)
        self.end.write(frame(self.reply_type, payload), now_us + self.latency_us)

    def tail(self, velocity_mm_s: Sequence[int]) -> bytes:
        """What the part's reply holds after the beam."""
        raise NotImplementedError
