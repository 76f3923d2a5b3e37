"""Arm, then fire: the commands around kernels/arming.py, their answers, and the pulse."""

from array import array

from micropython import const
from plumbline.kernels import arming, slots
from plumbline.link import dictionary

_SAFE = const(0)
_FIRING = const(2)
_EXPIRED = const(-1)
_GOOD_FOR_MS = const(5000)


class Releases:
    """`outputs`: the board's one-shots, in which the actuators begin at `first`; `memory`: ARM_ slots.

    releases: REL_ slots of each actuator; seed: what nobody can foresee, for the first nonce.
    """

    def __init__(self, port, events, outputs, first, releases, seed):
        self.memory = array("i", [0] * slots.ARM_SIZE)
        self.memory[slots.ARM_NONCE] = seed & 0xFFFF
        self.releases = releases
        self._events = events
        self._outputs = outputs
        self._first = first
        self._port = port
        self._armed = port.outgoing(dictionary.STRUCTURE_ARMED)

    def arm(self, actuator, mode, vote, stir, tick):
        """STRUCTURE_ARM: answered by STRUCTURE_ARMED with the nonce, or refused. Allocates nothing."""
        why = arming.arm(self.memory, self.releases, actuator, mode, vote, stir)
        if why:
            self._events.emit(dictionary.STRUCTURE_REFUSED, tick, why)
            return
        values = self._armed.values
        values[0] = actuator
        values[1] = self.memory[slots.ARM_NONCE]
        values[2] = _GOOD_FOR_MS
        values[3] = tick & 0xFFFF
        self._port.send(self._armed)
        self._events.emit(dictionary.ACTUATOR_ARMED, tick, actuator)

    def fire(self, actuator, nonce, mode, vote, tick):
        """STRUCTURE_FIRE: the pulse begins in this tick, or it is refused. Allocates nothing."""
        why = arming.fire(self.memory, self.releases, actuator, nonce, mode, vote)
        if why:
            self._events.emit(dictionary.STRUCTURE_REFUSED, tick, why)
        else:
            self._events.emit(dictionary.ACTUATOR_FIRED, tick, actuator)

    def disarm(self, why, tick):
        """Safe now; a pulse under way ends. Said if there was something to disarm. Allocates nothing."""
        was = arming.disarm(self.memory)
        if was == _FIRING:
            self._outputs.pulse(self._first + self.memory[slots.ARM_ACTUATOR], 0)
        if was != _SAFE:
            self._events.emit(dictionary.ACTUATOR_DISARMED, tick, why)

    def tick(self, pulses_us, tick):
        """Once a tick: what the hardware is to play, into `pulses_us`. Allocates nothing."""
        pulse_us = arming.tick(self.memory)
        if pulse_us == _EXPIRED:
            self._events.emit(dictionary.ACTUATOR_DISARMED, tick, dictionary.DISARMED_EXPIRED)
        elif pulse_us:
            pulses_us[self._first + self.memory[slots.ARM_ACTUATOR]] = pulse_us
