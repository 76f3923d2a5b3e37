"""Tells the spacecraft by which inertial unit navigation flies, and what is wrong with the other one."""

from array import array

from micropython import const
from plumbline.kernels import slots
from plumbline.link import dictionary

_DISPUTED = const(4)  # beside the units' bits
_QUIET_LOOKS = const(10)  # an overload that comes back within 1 s is the same one


class InertialWatch:
    """Compares what inertial.py chose with what was last said of it, at 10 Hz.

    pair: an InertialPair, or None where there is one unit, which then is always used.
    """

    def __init__(self, first, pair, events):
        self._inertial = None if pair is None else pair.memory
        self._readings = [first.readings]
        if pair is not None:
            self._readings.append(pair.second.readings)
        self._events = events
        self._out = array("b", [0, 0])
        self._faults = array("i", [0, 0])
        self._quiet = array("b", [_QUIET_LOOKS, _QUIET_LOOKS])
        self._disputed = 0
        self._switches = 0

    def used(self):
        """Bit 0 first unit, bit 1 second unit, bit 2 disputed: what telemetry says. Allocates nothing."""
        inertial = self._inertial
        if inertial is None:
            return 1
        return inertial[slots.INS_USED] + (_DISPUTED if inertial[slots.INS_DISPUTED] else 0)

    def look(self, tick):
        """Emit an event for each change. Allocates nothing."""
        for i in range(len(self._readings)):
            self._look_at_faults(tick, i)
        inertial = self._inertial
        if inertial is None:
            return
        for i in range(2):
            base = slots.INS_FIRST + i * slots.INS_STRIDE
            out = 1 if inertial[base + slots.INS_OUT_TICKS] > 0 else 0
            if out != self._out[i]:
                self._out[i] = out
                self._events.emit(dictionary.IMU_PUT_OUT if out else dictionary.IMU_READMITTED, tick, i)
        disputed = 1 if inertial[slots.INS_DISPUTED] else 0
        if disputed != self._disputed:
            self._disputed = disputed
            if disputed:
                self._events.emit(dictionary.IMU_DISPUTED, tick, inertial[slots.INS_USED])
        if inertial[slots.INS_SWITCHES] != self._switches:
            self._switches = inertial[slots.INS_SWITCHES]
            self._events.emit(dictionary.IMU_SWITCHED, tick, inertial[slots.INS_USED])

    def _look_at_faults(self, tick, i):
        """One event for an overload, however long it lasts."""
        faults = self._readings[i][slots.IMU_FAULTS]
        if faults == self._faults[i]:
            if self._quiet[i] < _QUIET_LOOKS:
                self._quiet[i] += 1
            return
        self._faults[i] = faults
        if self._quiet[i] == _QUIET_LOOKS:
            self._events.emit(dictionary.IMU_OVERLOADED, tick, i)
        self._quiet[i] = 0
