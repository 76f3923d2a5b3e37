"""Flight code on the vectors of the five-runtime run: what it writes has the hash that the host's has.

The vectors, how many steps they are and the hash of what CPython makes of them come from the host;
host_tools/proof/runtimes/replayed is on the board beside these tests.
"""

import gc
import hashlib
import sys
import time
import unittest

import bench

# all flight code, as it is deployed: this board's own program may lack a part of it
sys.path.insert(0, "/test/whole")

from replayed.main import program_of

NEEDS = ()
FOLDER = "/test/vectors"


class Sink:
    """A file that keeps the hash of what is written to it."""

    def __init__(self):
        self._total = hashlib.sha256()
        self.write = self._total.update

    def hash(self):
        """Hexadecimal."""
        return "".join("%02x" % byte for byte in self._total.digest())


class Kernels(unittest.TestCase):
    def test_all_kernels_agree_with_the_host_on_values_of_their_whole_ranges(self):
        self._replay("kernels")

    def test_drivers_agree_with_the_host_on_broken_lines(self):
        self._replay("drivers")

    def test_link_functions_agree_with_the_host(self):
        self._replay("link")

    def test_pieces_of_descents_agree_with_the_host(self):
        self._replay("flight")

    def test_valve_batches_and_rings_agree_with_the_host(self):
        self._replay("ports")

    def _replay(self, name):
        gc.collect()
        steps, expected = bench.given["vectors"][name]
        program = program_of(name, FOLDER)
        sink = Sink()
        begun = time.ticks_ms()
        with open(FOLDER + "/" + name + ".vectors", "rb") as source:
            for _ in range(steps):
                program.step(source, sink)
        took_ms = time.ticks_diff(time.ticks_ms(), begun)
        got = sink.hash()
        unittest.say("replayed", program=name, steps=steps, hash=got, took_ms=took_ms)
        self.assertEqual(got, expected, "%s, %d steps, seed 1" % (name, steps))
