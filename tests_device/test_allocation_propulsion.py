"""No tick of the propulsion board allocates: armed, disarmed, with demands and when they go stale.

Wired: a navigation board on `link`, real or simulated; without it the demands are put in by hand.
"""

import unittest

import bench
from locked import Clock, complaints, finds_an_allocation, growth

from plumbline.kernels import slots
from plumbline.link import dictionary
from plumbline.ports import Board
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

NEEDS = ("valve.main", "link.rx")


class Flight:
    """The one propulsion of this file, on the board's own lines and valves."""

    propulsion = None
    clock = Clock()

    @classmethod
    def begin(cls):
        if cls.propulsion is None:
            board = Board.from_files(bench.given["board"])
            board.clock = cls.clock
            parameters = PropulsionParameters.from_file("/parameters.json")
            cls.propulsion = Propulsion(board, parameters, "/limits.json")
        return cls.propulsion


class Allocation(unittest.TestCase):
    def setUp(self):
        self.propulsion = Flight.begin()
        self.group = self.propulsion.rate_group

    def tearDown(self):
        self.propulsion.valves.close_all()

    def test_0_the_lock_finds_a_tick_that_allocates(self):
        self.assertTrue(finds_an_allocation(Flight.clock))

    def test_a_no_tick_allocates_with_demands_on_the_link(self):
        bench.skip_unless_wired(self, "link")
        propulsion = self.propulsion
        # the board may have begun to listen in the middle of a frame, whose end it rejects
        found = complaints(self.group, Flight.clock, 2)
        cut = propulsion.link.rejected
        self.assertLessEqual(cut, 1)
        found += complaints(self.group, Flight.clock, 220)
        self.assertEqual(found, [])
        self.assertGreater(propulsion.link.accepted, 200)
        self.assertEqual(propulsion.link.rejected, cut)

    def test_b_no_tick_allocates_with_demands_put_in_by_hand(self):
        demand = self.propulsion.demand
        for flags in (0, dictionary.DEMAND_ARMED, dictionary.DEMAND_ARMED | dictionary.DEMAND_MAIN_ENGINE, 0):
            for duty in (0, 16384, -16384, 3000):
                demand[slots.DEM_FLAGS] = flags
                for slot in range(slots.DEM_THROTTLE_Q14, slots.DEM_SIZE):
                    demand[slot] = duty
                demand[slots.DEM_THROTTLE_Q14] = abs(duty)
                self.propulsion._age_ticks = 0
                self.assertEqual(complaints(self.group, Flight.clock, 9), [])

    def test_c_a_thousand_ticks_leave_the_heap_as_it_was(self):
        self.assertEqual(growth(self.group, Flight.clock, 1000), 0)
