"""An output that plays a burst of pulses by itself, as an ESP32's RMT does: over when it is over."""

from host_tools.host_board.clock import Clock


class BurstOutlet:
    """`width_us`, `period_us`: of the pulses being played; `ends_us`: when the last one's period is over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.width_us = 0
        self.period_us = 1
        self.ends_us = 0
        self.bursts = 0

    @property
    def is_playing(self) -> bool:
        """Whether a burst is under way."""
        return self.clock.now_us < self.ends_us

    @property
    def duty(self) -> float:
        """Share of the time that the output is high now: 0 when nothing is played."""
        return self.width_us / self.period_us if self.is_playing else 0.0

    @property
    def held_us(self) -> int | None:
        """Width of the pulses being played: what a servo follows; None when there are none."""
        return self.width_us if self.is_playing else None

    def play(self, width_us: int, period_us: int, periods: int) -> None:
        """Begin a burst."""
        self.width_us, self.period_us = width_us, period_us
        self.ends_us = self.clock.now_us + period_us * periods
        self.bursts += 1
