"""Simulated Benewake TFmini and TF03, at byte level: 100 frames a second, unasked.

`measure` returns (distance in cm or None without a target, strength).
"""

from collections.abc import Callable

from host_tools.host_board.wires import PartEnd

PERIOD_US = 10_000
FRAME_BYTES = 9
NO_TARGET = 0xFFFF  # TFmini: below the least strength
TFMINI_FARTHEST_CM = 1200
TF03_OVER_RANGE_CM = 18_000

Measure = Callable[[], tuple[int | None, int]]


def frame(range_cm: int, strength: int, mode: int = 2) -> bytes:
    """Header, distance, strength, mode, spare byte and the sum's low byte."""
    body = b"\x59\x59" + range_cm.to_bytes(2, "little") + strength.to_bytes(2, "little") + bytes((mode, 0))
    return body + bytes((sum(body) & 0xFF,))


class SimulatedTfmini:
    """The part at its end of a serial line; call `advance` as time goes on."""

    def __init__(self, end: PartEnd, measure: Measure) -> None:
        self.end = end
        self.measure = measure
        self._due_us = end.now_us

    def advance(self, now_us: int) -> None:
        """Send the frames that are due by then."""
        while self._due_us <= now_us:
            self.end.write(self.content(*self.measure()), self._due_us)
            self._due_us += PERIOD_US

    def content(self, range_cm: int | None, strength: int) -> bytes:
        """The frame of a measurement."""
        if range_cm is None or strength < 20:
            return frame(NO_TARGET, strength)
        return frame(min(range_cm, TFMINI_FARTHEST_CM), strength)


class SimulatedTf03(SimulatedTfmini):
    """The long-range part: strength reserved, 180 m where there is no target."""

    def content(self, range_cm: int | None, strength: int) -> bytes:
        """The frame of a measurement."""
        far = range_cm is None or range_cm > TF03_OVER_RANGE_CM
        return frame(TF03_OVER_RANGE_CM if far else int(range_cm or 0), 0, 0)
