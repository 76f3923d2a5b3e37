"""No tick of the structure board allocates: in each mode, armed, firing, with commands that are refused.

Wired: a spacecraft on `bus` that arms actuators, real or simulated; without it commands are put in by hand.
"""

import unittest

import bench
from locked import Clock, complaints, finds_an_allocation, growth

from plumbline.link import dictionary
from plumbline.ports.bus_board import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.structure import Structure
from plumbline.subsystems.structure_parameters import StructureParameters

NEEDS = ("heater.fuel", "bus.rx")
LEGS = 0
STEPS = 10


class Flight:
    """The one structure of this file, on the board's own lines and outputs."""

    structure = None
    clock = Clock()

    @classmethod
    def begin(cls):
        if cls.structure is None:
            board = Board.from_files(bench.given["board"])
            board.clock = cls.clock
            cls.structure = Structure(
                board, StructureParameters.from_file("/parameters.json"), LimitTable.from_file("/limits.json")
            )
        return cls.structure


class Commanded:
    """A tick that also does what commands would."""

    def __init__(self, structure, mode):
        self.structure = structure
        self.mode = mode
        self.step = 0

    def tick(self):
        structure, step = self.structure, self.step % STEPS
        releases, count = structure.releases, self.step
        self.step += 1
        structure.set_mode(self.mode, count)
        if step == 0:
            releases.arm(LEGS, self.mode, 1, count, count)
        elif step == 2:
            releases.fire(LEGS, releases.memory[2], self.mode, 1, count)
        elif step == 5:
            releases.fire(LEGS, 1, self.mode, 1, count)
        elif step == 7:
            releases.disarm(dictionary.DISARMED_BY_COMMAND, count)
        elif step == 8:
            structure.set_mode(9, count)
        structure.tick()


class Allocation(unittest.TestCase):
    def setUp(self):
        self.structure = Flight.begin()
        self.group = self.structure.rate_group

    def tearDown(self):
        self.structure.outputs.close_all()

    def test_0_the_lock_finds_a_tick_that_allocates(self):
        self.assertTrue(finds_an_allocation(Flight.clock))

    def test_a_no_tick_allocates_with_commands_on_the_bus(self):
        bench.skip_unless_wired(self, "bus")
        structure = self.structure
        structure.mode = dictionary.MODE_CRUISE
        found = complaints(self.group, Flight.clock, 220)
        self.assertEqual(found, [])
        self.assertGreater(structure.bus.accepted, 30)
        warnings = structure.events.counts[dictionary.WARNING]
        self.assertGreater(warnings, 10)  # two of three commands are refused

    def test_b_no_tick_allocates_with_commands_put_in_by_hand(self):
        inner = self.group._tick
        for mode in range(dictionary.MODE_SURFACE + 1):
            self.group._tick = Commanded(self.structure, mode).tick
            try:
                self.assertEqual(complaints(self.group, Flight.clock, 3 * STEPS), [])
            finally:
                self.group._tick = inner
        self.assertTrue(self.structure.releases.memory[7] & 1, "the legs were fired")

    def test_c_a_thousand_ticks_leave_the_heap_as_it_was(self):
        self.assertEqual(growth(self.group, Flight.clock, 1000), 0)
