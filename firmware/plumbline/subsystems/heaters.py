"""Thermistors, the heaters that hang on them, and what is said of both."""

from array import array

from micropython import const
from plumbline.drivers.thermistor import Thermistor
from plumbline.kernels import heater, slots
from plumbline.link import dictionary

PULSE_US = const(100000)  # of a heater that is on, until it is decided anew
_RENEWED_US = const(60000)
_LEAST_MC = const(-100000)
_MOST_MC = const(100000)
_DUTY = const(3)
_DURATION = const(4)
_BELIEVED_STEPS = const(10)
_LONGEST_ON = const(16)  # added to the index in HEATER_LIMITED
_SILENT_STEPS = const(20)  # after the start, until every thermistor has had its say


class Heaters:
    """The heaters that `names` says, each with the converter input "thermistor." + its name.

    `memories` and `limits`: HTR_ and HTL_ slots of each. After the start each rests as after a limit, so that
    no row of resets gets around its duty.
    """

    def __init__(self, board, names, limits, events):
        self.thermistors = [Thermistor(board.adc("thermistor." + name)) for name in names]
        self.memories = []
        self.limits = limits
        for limit in limits:
            memory = array("i", [0] * slots.HTR_SIZE)
            memory[slots.HTR_ENABLED] = 1
            memory[slots.HTR_REST_STEPS] = limit[slots.HTL_REST_STEPS]
            self.memories.append(memory)
        self._events = events
        self._steps = array("i", [0] * len(limits))
        self._failed = array("i", [0] * len(limits))  # thermistors of which that was said
        self._wanted = array("i", [1] * len(limits))  # what ground has enabled
        self._held_off = array("i", [0] * len(limits))

    def poll(self, tick):
        """One converter in each tick: each has a new temperature every 0.24 s. Allocates nothing."""
        self.thermistors[tick % len(self.thermistors)].poll()

    def step(self, index, tick):
        """Every 100 ms for each heater: the pulse to ask for, 0 for none. Allocates nothing."""
        memory = self.memories[index]
        readings = self.thermistors[index].readings
        before = memory[slots.HTR_WHY]
        on = heater.step(memory, self.limits[index], readings[slots.TMP_STATUS], readings[slots.TMP_MC])
        why = memory[slots.HTR_WHY]
        if why != before and why == _DUTY:
            self._events.emit(dictionary.HEATER_LIMITED, tick, index)
        elif why != before and why == _DURATION:
            self._events.emit(dictionary.HEATER_LIMITED, tick, index + _LONGEST_ON)
        if self._steps[index] < _SILENT_STEPS:
            self._steps[index] += 1
        else:
            self._tell_of_thermistor(index, memory[slots.HTR_GOOD_STEPS], tick)
        return PULSE_US if on else 0

    def renew(self, index):
        """50 ms after the step: the rest of its pulse and a tick more, so that the next one joins it."""
        return _RENEWED_US if self.memories[index][slots.HTR_ON] else 0

    def hold_off(self, index, is_held):
        """A heater off, whatever ground has enabled, until that is taken back."""
        self._held_off[index] = 1 if is_held else 0
        self._enable(index)

    def _enable(self, index):
        self.memories[index][slots.HTR_ENABLED] = self._wanted[index] & (1 - self._held_off[index])

    def configure(self, values, tick):
        """The fields of STRUCTURE_HEATING; refused whole when one of them is out of range."""
        index, enabled, on_mc, off_mc = values[0], values[1], values[2], values[3]
        why = 0
        if not 0 <= index < len(self.limits):
            why = dictionary.REFUSED_HEATER
        elif not 0 <= enabled <= 1:
            why = dictionary.REFUSED_ENABLED
        elif not _LEAST_MC <= on_mc < off_mc <= _MOST_MC:
            why = dictionary.REFUSED_TEMPERATURES
        if why:
            self._events.emit(dictionary.STRUCTURE_REFUSED, tick, why)
            return
        self._wanted[index] = enabled
        self._enable(index)
        self.limits[index][slots.HTL_ON_MC] = on_mc
        self.limits[index][slots.HTL_OFF_MC] = off_mc

    def report(self, values, first):
        """Temperatures and the four masks of STRUCTURE_STATUS, from field `first` on. Allocates nothing."""
        count = len(self.memories)
        masks = first + count
        values[masks] = values[masks + 1] = values[masks + 2] = values[masks + 3] = 0
        for index in range(count):
            memory = self.memories[index]
            values[first + index] = self.thermistors[index].readings[slots.TMP_MC]
            bit = 1 << index
            if memory[slots.HTR_GOOD_STEPS] < _BELIEVED_STEPS:
                values[masks] |= bit
            if memory[slots.HTR_ON]:
                values[masks + 1] |= bit
            if memory[slots.HTR_REST_STEPS]:
                values[masks + 2] |= bit
            if not memory[slots.HTR_ENABLED]:
                values[masks + 3] |= bit

    def _tell_of_thermistor(self, index, good_steps, tick):
        if self._failed[index]:
            if good_steps == _BELIEVED_STEPS:
                self._failed[index] = 0
                self._events.emit(dictionary.THERMISTOR_GOOD, tick, index)
        elif good_steps == 0:
            self._failed[index] = 1
            self._events.emit(dictionary.THERMISTOR_FAILED, tick, index)
