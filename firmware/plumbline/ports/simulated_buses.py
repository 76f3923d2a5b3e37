"""The host board's port with buses and converters: whatever the harness has under their names. Host only."""

import machine
from plumbline.ports.simulated import Board as _Board


class SimulatedEdges:
    """How often a wire has changed its level; the wire counts (host_board/wires.py, CountedWire)."""

    def __init__(self, wire):
        self._wire = wire
        self._taken = wire.edges

    def take(self):
        """Edges of both directions since the last call."""
        edges = self._wire.edges - self._taken
        self._taken += edges
        return edges


class Board(_Board):
    """ports/simulated.py's Board; its harness is a buses.BusHarness."""

    def pins(self):
        """The board's pin table: which part sits where."""
        return self._pins

    def i2c(self, prefix):
        """The bus plugged in under that name."""
        self._pins.claim(prefix + ".sda", "i2c " + prefix)
        return self._harness.buses[prefix]

    def spi(self, prefix):
        """(bus, select pin) plugged in under that name."""
        self._pins.claim(prefix + ".sck", "spi " + prefix)
        return self._harness.buses[prefix]

    def adc(self, signal):
        """The converter plugged in under that name."""
        self._pins.claim(signal, "adc " + signal)
        return self._harness.buses[signal]

    def held_output(self, signal):
        """An output pin that a reset leaves as it is, until it is called."""
        self._pins.claim(signal, self.name)
        return machine.Pin(self._pins.gpio(signal), machine.Pin.OUT)

    def keep_block(self):
        """Nothing: what is in the kept block stays."""

    def edges(self, signal):
        """A counter of the edges at an input; its wire must be a CountedWire."""
        return SimulatedEdges(self._harness.wires[self._pins.claim(signal, "edges " + signal)])
