"""Simulated time: microseconds that never wrap, and MicroPython's ticks that do."""

TICKS_PERIOD_US = 1 << 30  # of ticks_us on 32-bit boards
FIRST_TICKS_US = TICKS_PERIOD_US - 5_000_000  # so that every landing passes the wrap after 5 s


class Clock:
    """The one clock of a simulation; whoever runs the simulation advances `now_us`."""

    def __init__(self, now_us: int = 0) -> None:
        self.now_us = now_us

    def ticks_us(self) -> int:
        """MicroPython's `time.ticks_us`: 30 bits, 5 s before the wrap when `now_us` is 0."""
        return (FIRST_TICKS_US + self.now_us) & (TICKS_PERIOD_US - 1)

    def sleep_ms(self, milliseconds: int) -> None:
        """MicroPython's `time.sleep_ms`: simulated time goes on."""
        self.now_us += 1000 * milliseconds

    @staticmethod
    def ticks_diff(later: int, earlier: int) -> int:
        """MicroPython's `time.ticks_diff`: right as long as the two are within half a period."""
        half = TICKS_PERIOD_US // 2
        return ((later - earlier + half) & (TICKS_PERIOD_US - 1)) - half

    @staticmethod
    def ticks_add(ticks: int, delta_us: int) -> int:
        """MicroPython's `time.ticks_add`."""
        return (ticks + delta_us) & (TICKS_PERIOD_US - 1)
