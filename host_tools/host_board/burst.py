"""An output that plays a burst of pulses by itself, as an ESP32's RMT does: over when it is over."""

from host_tools.host_board.clock import Clock


class BurstOutlet:
    """`width_us`, `period_us`: of the pulses being played; `ends_us`: when the last one's period is over."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.width_us = 0
        self.period_us = 1
        self.ends_us = 0
        self._began_us = 0
        self.bursts = 0

    @property
    def is_playing(self) -> bool:
        """Whether a burst is under way."""
        return self.clock.now_us < self.ends_us

    def duty(self, since_us: int) -> float:
        """Share of the time from `since_us` until now that the output was high."""
        span_us = self.clock.now_us - since_us
        played_us = min(self.ends_us, self.clock.now_us) - max(self._began_us, since_us)
        if span_us <= 0 or played_us <= 0:
            return 0.0
        return self.width_us / self.period_us * played_us / span_us

    def held_us(self, since_us: int) -> int | None:
        """Width of the pulses played since then: what a servo follows; None when there were none."""
        return self.width_us if self.duty(since_us) else None

    def play(self, width_us: int, period_us: int, periods: int) -> None:
        """Begin a burst."""
        self.width_us, self.period_us = width_us, period_us
        self._began_us = self.clock.now_us
        self.ends_us = self._began_us + period_us * periods
        self.bursts += 1
