"""Flight code on the vectors of the five-runtime run, held against what CPython writes, step by step.

The vectors, a checksum for each step and the hash of all come from the host. On the board beside this are
host_tools/proof/runtimes/replayed and the flight code, compiled for one runtime. The host names the slot of
a difference: it has CPython's bytes, and is told the board's.
"""

import binascii
import gc
import hashlib
import io
import struct
import sys
import time
import unittest

import bench

FOLDER = "/test/vectors"
_CHECK = "<I"
_PART = 1536  # bytes; a multiple of 3, so that base 64 goes on from one part to the next


class Difference(Exception):
    """A step did not write what CPython writes."""


class Witness:
    """What the steps write to `stream`; `holds` compares it with the step's checksum."""

    def __init__(self, layout):
        self._size = sum(slots * width for _, _, slots, width in layout)
        self.stream = io.BytesIO(self._size)  # that much room from the start: it would grow in small pieces
        self._part = bytearray(_PART)
        self._total = hashlib.sha256()

    def holds(self, check):
        """Whether one step's bytes, all of them, have this CRC-32; if so they count for the hash."""
        if self.stream.tell() != self._size:
            return False
        seen = 0
        for part in self._parts(self._size):
            seen = binascii.crc32(part, seen)
        if struct.unpack(_CHECK, check)[0] != seen:
            return False
        for part in self._parts(self._size):
            self._total.update(part)
        self.stream.seek(0)
        return True

    def _parts(self, size):
        """The step's first bytes, a part at a time: a second copy of them has no room beside the kernels."""
        self.stream.seek(0)
        while size:
            part = memoryview(self._part)[: min(size, _PART)]
            self.stream.readinto(part)
            size -= len(part)
            yield part

    def written(self):
        """The bytes of a step that does not hold, in base 64. They may be fewer than a step's."""
        end = min(self.stream.tell(), self._size)
        said = [binascii.b2a_base64(part, newline=False).decode() for part in self._parts(end)]
        return "".join(said)

    def hash(self):
        """Hexadecimal, of all steps that hold."""
        return binascii.hexlify(self._total.digest()).decode()


class Replays(unittest.TestCase):
    """All programs. CODE is the folder of the flight code, compiled for one runtime."""

    CODE = ""

    def test_kernels_of_navigation_agree_with_the_host_on_values_of_their_whole_ranges(self):
        self._replay("kernels_navigation_pico")

    def test_kernels_of_propulsion_agree_with_the_host_on_values_of_their_whole_ranges(self):
        self._replay("kernels_propulsion_pico")

    def test_kernels_of_the_structure_agree_with_the_host_on_values_of_their_whole_ranges(self):
        self._replay("kernels_structure_pico")

    def test_drivers_agree_with_the_host_on_broken_lines(self):
        self._replay("drivers")

    def test_link_functions_agree_with_the_host(self):
        self._replay("link")

    def test_pieces_of_descents_agree_with_the_host(self):
        self._replay("flight")

    def test_valve_batches_and_rings_agree_with_the_host(self):
        self._replay("ports")

    def _replay(self, name):
        try:
            self._compare(name)
        finally:
            self._forget()

    def _compare(self, name):
        steps, expected = bench.given["vectors"][name]
        gc.collect()
        program = self._program(name)
        witness = Witness(program.layout)
        begun = time.ticks_ms()
        step, error = self._run(program, witness, steps, FOLDER + "/" + name)
        took_ms = time.ticks_diff(time.ticks_ms(), begun)
        about = {"program": name, "steps": step, "hash": witness.hash(), "took_ms": took_ms}
        if step < steps:
            gc.collect()
            said = "" if error is None else type(error).__name__ + ": " + str(error)
            unittest.say("differs", step=step, written=witness.written(), said=said, **about)
            raise error or Difference("%s: step %d is not what CPython writes" % (name, step))
        unittest.say("replayed", **about)
        self.assertEqual(about["hash"], expected, "%s, %d steps" % (name, steps))

    def _program(self, name):
        """A new program. No module of it may be the flight program's, which is on this board as well."""
        if self.CODE not in sys.path:
            sys.path.insert(0, self.CODE)
        from replayed.main import program_of

        program = program_of(name, FOLDER)
        for module in sys.modules:
            if module.startswith("plumbline."):
                path = sys.modules[module].__file__
                self.assertTrue(path.startswith(self.CODE + "/"), module + " is " + path)
        return program

    def _forget(self):
        """Leave the next program the memory that this one's modules have."""
        for module in list(sys.modules):
            if module.split(".")[0] in ("plumbline", "replayed"):
                del sys.modules[module]

    def _run(self, program, witness, steps, path):
        """How many steps agree, and what was raised in the next one."""
        with open(path + ".vectors", "rb") as source, open(path + ".checks", "rb") as checks:
            for step in range(steps):
                try:
                    program.step(source, witness.stream)
                except Exception as error:  # noqa: BLE001  (whatever a kernel raises is what is to be reported)
                    return step, error
                if not witness.holds(checks.read(4)):
                    return step, None
        return steps, None
