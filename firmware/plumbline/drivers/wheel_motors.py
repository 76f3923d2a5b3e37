"""Four wheel motors behind two double H bridges: a pulse width a side, a direction a side, one enable line.

    motors.drive(left_q10, right_q10)    each tick, -1,024 to 1,024
    motors.off()                         now: the bridges' enable goes low

The pulses are bursts that the hardware plays by itself and that end 50 ms after the last `drive`, whatever
has become of the program; the enable line turns all four off at once. A direction changes at rest only.
"""

from micropython import const

PERIOD_US = const(5000)
PERIODS = const(10)
_FULL_Q10 = const(1024)
_REST_TICKS = const(6)  # a burst is over by then
_SIDES = const(2)


class WheelMotors:
    """A board has bursts `wheel.1` to `wheel.4`, outputs `left.back`, `right.back` and `motors.enable`."""

    def __init__(self, board):
        self._enable = board.output("motors.enable")
        self._back = (board.output("left.back"), board.output("right.back"))
        names = ("wheel.1", "wheel.2", "wheel.3", "wheel.4")
        self._bursts = tuple([board.burst(name, PERIOD_US, PERIODS) for name in names])
        self._is_back = [False, False]
        self._rested = [_REST_TICKS, _REST_TICKS]

    def drive(self, left_q10, right_q10):
        """Duties of both sides, negative backwards. Allocates nothing."""
        if left_q10 == 0 and right_q10 == 0:
            self.off()
            return
        self._enable(1)
        self._side(0, left_q10)
        self._side(1, right_q10)

    def off(self):
        """All four off. Allocates nothing."""
        self._enable(0)
        for side in range(_SIDES):
            if self._rested[side] < _REST_TICKS:
                self._rested[side] += 1

    def _side(self, side, duty_q10):
        is_back = duty_q10 < 0
        if is_back != self._is_back[side]:
            if self._rested[side] < _REST_TICKS:
                self._rested[side] += 1
                return
            self._is_back[side] = is_back
            self._back[side](1 if is_back else 0)
        if duty_q10 == 0:
            return
        self._rested[side] = 0
        width_us = min(-duty_q10 if is_back else duty_q10, _FULL_Q10) * PERIOD_US // _FULL_Q10
        self._bursts[side].play(width_us)  # wheels 1 and 3 are on the left
        self._bursts[side + 2].play(width_us)
